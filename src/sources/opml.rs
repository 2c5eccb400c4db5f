//! Which links does an OPML file list? Outlines with an address, however deep.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

/// One outline with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outline {
    /// A page.
    Page {
        /// Its address.
        url: String,
        /// When it was added, as the file says it.
        created: Option<String>,
    },
    /// A feed, which is no page to have been read.
    Feed {
        /// Its address.
        url: String,
    },
}

/// Says where a file is no XML.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {fault}; export the file again")]
pub struct OpmlError {
    /// From 1.
    pub line: usize,
    /// What the parser says.
    pub fault: quick_xml::Error,
}

/// Reads the outlines of an OPML 1 or 2 file that have an address, in their order.
///
/// # Errors
/// The file is not XML.
pub fn outlines(text: &str) -> Result<Vec<Outline>, OpmlError> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut outlines = Vec::new();
    loop {
        let event =
            reader.read_event().map_err(|fault| OpmlError { line: line_of(text, reader.error_position()), fault })?;
        match event {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "outline" => {
                outlines.extend(outline(&tag));
            }
            Event::Eof => return Ok(outlines),
            _ => {}
        }
    }
}

fn outline(tag: &BytesStart<'_>) -> Option<Outline> {
    let attribute = |name: &str| {
        let found = tag
            .attributes()
            .flatten()
            .find(|attribute| attribute.key.local_name().as_ref().eq_ignore_ascii_case(name))?;
        let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    if let Some(url) = attribute("xmlUrl") {
        return Some(Outline::Feed { url });
    }
    let url = attribute("url").or_else(|| attribute("htmlUrl"))?;
    Some(Outline::Page { url, created: attribute("created") })
}

fn line_of(text: &str, offset: u64) -> usize {
    let offset = usize::try_from(offset).unwrap_or(text.len()).min(text.len());
    1 + text.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_feeds_are_told_apart() {
        let text = "<?xml version=\"1.0\"?>\n<opml version=\"2.0\"><body><outline text=\"Folder\">\n\
            <outline type=\"link\" text=\"A\" url=\"https://a.example/?x=1&amp;y=2\" created=\"2026-01-02\"/>\n\
            <outline text=\"B\" xmlUrl=\"https://b.example/feed\" htmlUrl=\"https://b.example\"/></outline></body></opml>";
        let expect = [
            Outline::Page { url: "https://a.example/?x=1&y=2".to_owned(), created: Some("2026-01-02".to_owned()) },
            Outline::Feed { url: "https://b.example/feed".to_owned() },
        ];
        assert_eq!(outlines(text).unwrap(), expect);
    }

    #[test]
    fn a_fault_names_its_line() {
        assert_eq!(outlines("<opml>\n<body>\n</opml>").unwrap_err().line, 3);
        assert_eq!(outlines("").unwrap(), []);
    }
}
