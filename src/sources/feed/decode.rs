//! Which characters is a feed made of? Its encoding undone, and the slips mended that cost a reader the whole feed.

use std::io::Read;

use quick_xml::Reader;
use quick_xml::encoding::DecodingReader;
use quick_xml::events::Event;

/// No declaration is longer.
const DECLARATION_BYTES_MAX: usize = 1_024;

/// A feed's XML as text, and the first byte that was not of its encoding, if one was not.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) replaced: Replaced,
}

/// Whether every byte could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaced {
    Nothing,
    /// Some bytes were not of the feed's encoding and became U+FFFD.
    BadBytes,
}

/// Undoes the encoding that the XML declaration or the byte order mark names, and mends stray ampersands.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let mut text = String::new();
    let mut reader = DecodingReader::new(bytes);
    // Only the declaration: a byte after it may be no character before its encoding is known.
    let start = bytes.trim_ascii_start();
    let head = &start[..start.len().min(DECLARATION_BYTES_MAX)];
    let declaration = &head[..head.windows(2).position(|pair| pair == b"?>").map_or(head.len(), |end| end + 2)];
    let mut buffer = Vec::new();
    let declared = match Reader::from_reader(DecodingReader::new(declaration)).read_event_into(&mut buffer) {
        Ok(Event::Decl(declaration)) => declaration.encoder(),
        _ => None,
    };
    // UTF-16 shows in the bytes; a declaration of it on top of single bytes is a lie.
    if let Some(encoding) = declared.filter(|encoding| !encoding.name().starts_with("UTF-16")) {
        reader.set_encoding(encoding);
    }
    let replaced = match reader.read_to_string(&mut text) {
        Ok(_) => Replaced::Nothing,
        Err(_) => {
            text = String::from_utf8_lossy(bytes).into_owned();
            Replaced::BadBytes
        }
    };
    Decoded { text: mend(text.trim_start_matches('\u{feff}')), replaced }
}

/// Escapes ampersands that begin no reference and replaces references to characters that there are not, outside of
/// CDATA sections and comments. One such slip makes an XML parser refuse everything.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let verbatim = [("<![CDATA[", "]]>"), ("<!--", "-->")].into_iter().find(|(open, _)| rest.starts_with(open));
        let used = if let Some((open, close)) = verbatim {
            let length = rest[open.len()..].find(close).map_or(rest.len(), |end| open.len() + end + close.len());
            mended.push_str(&rest[..length]);
            length
        } else if rest.starts_with('<') {
            mended.push('<');
            1
        } else {
            reference(rest, &mut mended)
        };
        rest = &rest[used..];
    }
    mended.push_str(rest);
    mended
}

/// Writes the reference at the start of `text`, mended; returns how many bytes of `text` it took.
fn reference(text: &str, mended: &mut String) -> usize {
    let look = &text[1..text.floor_char_boundary(40)];
    let name = look.find(';').map(|end| &look[..end]);
    let number = name.and_then(|name| name.strip_prefix('#'));
    let code = number.map(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    });
    match (name, code) {
        (Some(name), Some(Ok(code))) => {
            let possible = char::from_u32(code).is_some_and(|c| c != '\0' && c != '\u{fffe}' && c != '\u{ffff}');
            let kept = if possible { &text[..name.len() + 2] } else { "\u{fffd}" };
            mended.push_str(kept);
            name.len() + 2
        }
        (Some(name), None) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            mended.push_str(&text[..name.len() + 2]);
            name.len() + 2
        }
        _ => {
            mended.push_str("&amp;");
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expect: &str) {
        assert_eq!(decode(bytes).text, expect);
    }

    #[test]
    fn undoes_encodings() {
        check("\n<?xml version='1.0'?><a>é</a>".as_bytes(), "\n<?xml version='1.0'?><a>é</a>");
        check(b"\xef\xbb\xbf<a/>", "<a/>");
        check(
            b"<?xml version='1.0' encoding='windows-1252'?>\x93",
            "<?xml version='1.0' encoding='windows-1252'?>\u{201c}",
        );
        let utf16: Vec<u8> = "\u{feff}<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&utf16, "<a>é</a>");
        assert_eq!(decode(b"<a>\xff</a>").replaced, Replaced::BadBytes);
        check(b"<?xml version='1.0' encoding='UTF-16'?><a/>", "<?xml version='1.0' encoding='UTF-16'?><a/>");
    }

    #[test]
    fn mends_references() {
        check(
            b"R&D &amp; &nbsp; &#65; &#x41; &#0; &#55357; &#x110000; &; &",
            "R&amp;D &amp; &nbsp; &#65; &#x41; \u{fffd} \u{fffd} \u{fffd} &amp;; &amp;",
        );
        check(b"<![CDATA[a & b]]>&<!-- & -->&<![CDATA[&", "<![CDATA[a & b]]>&amp;<!-- & -->&amp;<![CDATA[&");
    }
}
