//! Which pages does a site say it has? Sitemaps, indexes of them, and lists of one address a line.

use std::io::Read as _;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::options::Limits;
use super::unpack;

/// Elements inside each other; a sitemap with images and translations has 5.
const DEPTH_MAX: usize = 16;
/// Bytes of an address or a date.
const FIELD_BYTES_MAX: usize = 4 << 10;

/// What a sitemap lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SitemapKind {
    /// Pages.
    Pages,
    /// Other sitemaps.
    Sitemaps,
}

/// One address of a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// An http address, in full.
    pub url: String,
    /// When it changed, as the sitemap says it.
    pub lastmod: Option<String>,
}

/// A sitemap, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitemap {
    /// What it lists.
    pub kind: SitemapKind,
    /// In its order.
    pub listed: Vec<Listed>,
    /// Places without an http address; left out.
    pub unusable: usize,
    /// Addresses after the first [`Limits::sitemap_pages`]; left out.
    pub beyond: usize,
    /// Where it breaks off, and why; what stands before that is listed.
    pub broken: Option<(usize, String)>,
}

/// Why nothing of a sitemap is read.
#[derive(Debug, thiserror::Error)]
pub enum SitemapError {
    /// Larger than [`Limits::sitemap_bytes`], packed or not.
    #[error("the sitemap is larger than {limit} bytes; name one of its parts")]
    TooLarge {
        /// The limit that it breaks.
        limit: usize,
    },
    /// Gzip that cannot be unpacked.
    #[error("cannot be unpacked; check that the download is complete")]
    Packed(#[source] std::io::Error),
    /// A document type, the stuff of entity bombs.
    #[error("line {line}: declares a document type; no sitemap needs one")]
    DocumentType {
        /// From 1.
        line: usize,
    },
    /// Elements inside each other without end.
    #[error("line {line}: elements are nested deeper than {DEPTH_MAX}; this is no sitemap")]
    TooDeep {
        /// From 1.
        line: usize,
    },
    /// Broken before the first address.
    #[error("line {line}: not well-formed XML ({fault}); check that the download is complete")]
    Broken {
        /// From 1.
        line: usize,
        /// What the parser says.
        fault: String,
    },
    /// XML of another kind, or text that is no list of addresses.
    #[error("{found} is no sitemap; it begins with <urlset> or <sitemapindex>, or has one address a line")]
    NotASitemap {
        /// What it begins with.
        found: String,
    },
}

/// Reads a sitemap: XML or one address a line, packed with gzip or not.
///
/// # Errors
/// It is too large, too deep or none.
pub fn sitemap(bytes: &[u8], limits: &Limits) -> Result<Sitemap, SitemapError> {
    let limit = limits.sitemap_bytes;
    let unpacked;
    let bytes = if bytes.starts_with(unpack::MAGIC) {
        let mut inside = Vec::new();
        let read = unpack::unpacked(bytes, limit as u64).read_to_end(&mut inside);
        read.map_err(|error| match unpack::is_bomb(&error) {
            true => SitemapError::TooLarge { limit },
            false => SitemapError::Packed(error),
        })?;
        unpacked = inside;
        unpacked.as_slice()
    } else {
        bytes
    };
    if bytes.len() > limit {
        return Err(SitemapError::TooLarge { limit });
    }
    let text = decode(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('<') { read_xml(text, limits) } else { read_lines(text, limits) }
}

/// Sitemaps are UTF-8 by their protocol; some are UTF-16 all the same.
fn decode(bytes: &[u8]) -> String {
    let (encoding, mark) = encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned()
}

fn read_lines(text: &str, limits: &Limits) -> Result<Sitemap, SitemapError> {
    let mut sitemap = Sitemap::new(SitemapKind::Pages);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        sitemap.add(line, None, limits);
    }
    if sitemap.listed.is_empty() {
        let first = text.trim_start().lines().next().unwrap_or("nothing");
        return Err(SitemapError::NotASitemap { found: format!("{:?}", first.chars().take(40).collect::<String>()) });
    }
    Ok(sitemap)
}

impl Sitemap {
    fn new(kind: SitemapKind) -> Sitemap {
        Sitemap { kind, listed: Vec::new(), unusable: 0, beyond: 0, broken: None }
    }

    fn add(&mut self, url: &str, lastmod: Option<String>, limits: &Limits) {
        let url = url::Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match url {
            None => self.unusable += 1,
            Some(_) if self.listed.len() >= limits.sitemap_pages => self.beyond += 1,
            Some(url) => self.listed.push(Listed { url: url.into(), lastmod }),
        }
    }
}

/// The place that is being read.
#[derive(Default)]
struct Open {
    url: String,
    lastmod: String,
}

struct Walk<'t> {
    text: &'t str,
    limits: &'t Limits,
    /// Local names of the open elements.
    stack: Vec<String>,
    open: Open,
    sitemap: Option<Sitemap>,
}

fn read_xml(text: &str, limits: &Limits) -> Result<Sitemap, SitemapError> {
    let mut walk = Walk { text, limits, stack: Vec::new(), open: Open::default(), sitemap: None };
    let mut reader = Reader::from_str(text);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event() {
            Ok(Event::Start(tag)) => walk.start(tag.local_name().as_ref(), at)?,
            Ok(Event::Empty(tag)) if walk.stack.is_empty() => {
                walk.start(tag.local_name().as_ref(), at)?;
                walk.end();
            }
            Ok(Event::End(_)) => walk.end(),
            Ok(Event::Text(text)) => walk.said(&text.into_inner()),
            Ok(Event::CData(text)) => walk.said(&text.into_inner()),
            Ok(Event::GeneralRef(reference)) => walk.said(&resolved(&reference)),
            Ok(Event::DocType(_)) => return Err(SitemapError::DocumentType { line: line_of(text, at) }),
            Ok(Event::Eof) if walk.stack.is_empty() => break,
            Ok(Event::Eof) => return walk.broken(at, "it ends too early".to_owned()),
            Ok(_) => {}
            Err(fault) => return walk.broken(at, fault.to_string()),
        }
    }
    walk.sitemap.ok_or_else(|| SitemapError::NotASitemap { found: "nothing".to_owned() })
}

impl Walk<'_> {
    fn start(&mut self, name: &str, at: usize) -> Result<(), SitemapError> {
        if self.stack.len() == DEPTH_MAX {
            return Err(SitemapError::TooDeep { line: line_of(self.text, at) });
        }
        if self.stack.is_empty() && self.sitemap.is_none() {
            self.sitemap = Some(Sitemap::new(match name {
                "urlset" => SitemapKind::Pages,
                "sitemapindex" => SitemapKind::Sitemaps,
                _ => {
                    let found = format!("<{}>", name.chars().take(40).collect::<String>());
                    return Err(SitemapError::NotASitemap { found });
                }
            }));
        }
        if self.stack.len() == 1 {
            self.open = Open::default();
        }
        self.stack.push(name.to_owned());
        Ok(())
    }

    /// Only `loc` and `lastmod` right inside of a place count: images and translations have addresses of their own.
    fn said(&mut self, text: &str) {
        let [_, _, name] = self.stack.as_slice() else { return };
        let field = match name.as_str() {
            "loc" => &mut self.open.url,
            "lastmod" => &mut self.open.lastmod,
            _ => return,
        };
        if field.len() + text.len() <= FIELD_BYTES_MAX {
            field.push_str(text);
        }
    }

    fn end(&mut self) {
        self.stack.pop();
        if let ([_], Some(sitemap)) = (self.stack.as_slice(), &mut self.sitemap) {
            let Open { url, lastmod } = std::mem::take(&mut self.open);
            let lastmod = Some(lastmod.trim().to_owned()).filter(|lastmod| !lastmod.is_empty());
            sitemap.add(&url, lastmod, self.limits);
        }
    }

    fn broken(self, at: usize, fault: String) -> Result<Sitemap, SitemapError> {
        let line = line_of(self.text, at);
        match self.sitemap {
            Some(sitemap) if !sitemap.listed.is_empty() => Ok(Sitemap { broken: Some((line, fault)), ..sitemap }),
            _ => Err(SitemapError::Broken { line, fault }),
        }
    }
}

/// Returns the character that a reference stands for; there are no entities but XML's own.
fn resolved(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(letter)) => letter.to_string(),
        _ => quick_xml::escape::resolve_xml_entity(&reference.xml10_content()).unwrap_or_default().to_owned(),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at.min(text.len())].iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expect: &[(&str, Option<&str>)]) -> Sitemap {
        let limits = Limits { sitemap_pages: 3, ..Limits::default() };
        let sitemap = sitemap(bytes, &limits).unwrap();
        let listed: Vec<_> =
            sitemap.listed.iter().map(|listed| (listed.url.as_str(), listed.lastmod.as_deref())).collect();
        assert_eq!(listed, expect);
        sitemap
    }

    fn check_error(bytes: &[u8], expect: &str) {
        let limits = Limits { sitemap_bytes: 1 << 20, ..Limits::default() };
        let error = sitemap(bytes, &limits).unwrap_err().to_string();
        assert!(error.starts_with(expect), "{error}");
    }

    #[test]
    fn places_are_listed_in_their_order() {
        let xml = "\u{feff}<?xml version='1.0'?><!-- by hand -->\n<s:urlset xmlns:s='x' xmlns:image='y'><s:url>
            <s:loc>\n https://x.example/a?b=1&amp;c=&#50; </s:loc><s:lastmod>2024-01-31</s:lastmod>
            <image:image><image:loc>https://x.example/i.png</image:loc></image:image></s:url>
            <s:url><s:loc><![CDATA[https://x.example/b&c]]></s:loc></s:url><s:url><s:loc>/relative</s:loc></s:url></s:urlset>";
        let expect = [("https://x.example/a?b=1&c=2", Some("2024-01-31")), ("https://x.example/b&c", None)];
        let sitemap = check(xml.as_bytes(), &expect);
        assert_eq!((sitemap.kind, sitemap.unusable, sitemap.broken), (SitemapKind::Pages, 1, None));
        let packed = unpack::tests::pack(xml.as_bytes());
        check(&packed, &expect);
        let utf16: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&utf16, &expect);
    }

    #[test]
    fn indexes_and_plain_lists_are_sitemaps() {
        let index = check(
            b"<sitemapindex><sitemap><loc>https://x.example/1.xml.gz</loc></sitemap></sitemapindex>",
            &[("https://x.example/1.xml.gz", None)],
        );
        assert_eq!(index.kind, SitemapKind::Sitemaps);
        check(
            b"https://x.example/a\r\n\r\nhttps://x.example/b",
            &[("https://x.example/a", None), ("https://x.example/b", None)],
        );
        check(b"<urlset/>", &[]);
    }

    #[test]
    fn what_is_too_much_is_counted_or_refused() {
        let many = format!("<urlset>{}</urlset>", "<url><loc>https://x.example/</loc></url>".repeat(5));
        assert_eq!(check(many.as_bytes(), &[("https://x.example/", None); 3]).beyond, 2);
        check_error(&unpack::tests::pack(&vec![b' '; 2 << 20]), "the sitemap is larger than 1048576 bytes");
        check_error(&vec![b' '; 2 << 20], "the sitemap is larger than 1048576 bytes");
        check_error(b"<!DOCTYPE a [<!ENTITY b 'c'>]><urlset/>", "line 1: declares a document type");
        check_error(format!("<urlset>\n{}", "<a>".repeat(100_000)).as_bytes(), "line 2: elements are nested deeper");
        check_error(b"\x1f\x8b\x08torn", "cannot be unpacked");
    }

    #[test]
    fn what_breaks_off_keeps_what_it_had() {
        let torn = check(
            b"<urlset><url><loc>https://x.example/a</loc></url>\n<url><loc>https://x",
            &[("https://x.example/a", None)],
        );
        assert_eq!(torn.broken, Some((2, "it ends too early".to_owned())));
        check_error(b"<urlset>\n<url></urlset>", "line 2: not well-formed XML");
        check_error(b"<html><body>", "<html> is no sitemap");
        check_error(b"hello", "\"hello\" is no sitemap");
        check_error(b"", "\"nothing\" is no sitemap");
    }

    proptest::proptest! {
        #[test]
        fn any_text_goes_through(xml in "(<urlset>|</urlset>|<url>|</url>|<loc>|</loc>|https://x\\.example/|&amp;|&#0;|&x;|<!\\[CDATA\\[|\\]\\]>|\\PC|[<>&/ ]){0,40}") {
            let _ = sitemap(xml.as_bytes(), &Limits::default());
        }
    }
}
