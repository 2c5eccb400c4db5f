//! What kind of source is this? Told by its first bytes.

/// Bytes that are looked at.
pub(super) const HEAD_BYTES: usize = 8 << 10;

/// What the first bytes of a source say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Nothing but white space.
    Empty,
    /// JSON: records, a JSON Feed, an export.
    Json,
    /// An RSS, RDF or Atom feed.
    Feed,
    /// A web page.
    Page,
    /// A sitemap, or an index of sitemaps.
    Sitemap,
    /// A list of feeds or pages.
    Opml,
    /// XML of another kind.
    OtherXml,
    /// Rows under a header that names fields of a post.
    Table,
    /// UTF-16 that is no XML.
    Utf16Text,
    /// Text of no known kind; a plain-text sitemap is one.
    OtherText,
    /// Something compressed with gzip.
    Gzip,
    /// An Apache Parquet file.
    Parquet,
    /// Neither text nor anything else that is read here.
    Binary(BinaryKind),
}

/// What a binary file is, as far as its first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryKind {
    /// Compressed or packed: zstd, zip, xz, bzip2.
    Packed,
    /// A SQLite database.
    Database,
    /// Anything else.
    Unknown,
}

/// Returns what a message says of a binary file in brackets.
pub(super) fn kind_in_words(kind: BinaryKind) -> &'static str {
    match kind {
        BinaryKind::Packed => " (packed; unpack it first)",
        BinaryKind::Database => " (an SQLite database)",
        BinaryKind::Unknown => "",
    }
}

const PACKED: [&[u8]; 4] = [b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\xfd7zXZ", b"BZh"];
/// Elements that a page may begin with where it does not say that it is one.
const PAGE_ROOTS: [&str; 14] =
    ["html", "head", "body", "title", "meta", "link", "base", "script", "style", "main", "div", "p", "article", "h1"];

/// Tells what `head`, the first bytes of a source (8 KiB suffice), begins.
#[must_use]
pub fn source_kind(head: &[u8]) -> SourceKind {
    if head.starts_with(b"\x1f\x8b") {
        return SourceKind::Gzip;
    }
    if head.starts_with(b"PAR1") {
        return SourceKind::Parquet;
    }
    if PACKED.iter().any(|magic| head.starts_with(magic)) {
        return SourceKind::Binary(BinaryKind::Packed);
    }
    if head.starts_with(b"SQLite format 3\0") {
        return SourceKind::Binary(BinaryKind::Database);
    }
    let head = &head[..head.len().min(HEAD_BYTES)];
    // Every second byte of ASCII in UTF-16 is NUL; XML of it can be read.
    let utf16 = [b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"].iter().any(|mark| head.starts_with(*mark));
    if utf16 {
        let ascii: Vec<u8> = head.iter().copied().filter(|byte| byte.is_ascii() && *byte != 0).collect();
        return if ascii.trim_ascii_start().first() == Some(&b'<') { markup(&ascii) } else { SourceKind::Utf16Text };
    }
    let odd = head.iter().filter(|&&byte| byte < 0x20 && !byte.is_ascii_whitespace() && byte != 0x1b).count();
    if odd * 10 > head.len() || head.iter().filter(|&&byte| byte == 0).count() > 8 {
        return SourceKind::Binary(BinaryKind::Unknown);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    match text.trim_ascii_start().first() {
        None => SourceKind::Empty,
        Some(b'{' | b'[') => SourceKind::Json,
        Some(b'<') => markup(text),
        Some(_) => SourceKind::OtherText,
    }
}

/// Tells what markup is by its first element.
fn markup(head: &[u8]) -> SourceKind {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let mut rest = text.trim_start();
    loop {
        let end = match rest.get(..4) {
            Some("<!--") => "-->",
            Some(start) if start.starts_with("<?") => "?>",
            Some("<!do") if rest.starts_with("<!doctype html") => return SourceKind::Page,
            Some("<!do") => ">",
            _ => break,
        };
        let Some((_, after)) = rest.split_once(end) else { return SourceKind::OtherXml };
        rest = after.trim_start();
    }
    let name = rest.trim_start_matches('<').split(|c: char| c.is_whitespace() || "/>".contains(c)).next();
    let name = name.unwrap_or_default();
    match name.rsplit(':').next().unwrap_or_default() {
        "rss" | "rdf" | "feed" | "entry" => SourceKind::Feed,
        "urlset" | "sitemapindex" => SourceKind::Sitemap,
        "opml" => SourceKind::Opml,
        _ if PAGE_ROOTS.contains(&name) => SourceKind::Page,
        _ => SourceKind::OtherXml,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_decide() {
        for (head, expect) in [
            (b"".as_slice(), SourceKind::Empty),
            (b"\xef\xbb\xbf \n", SourceKind::Empty),
            (b"\xef\xbb\xbf {", SourceKind::Json),
            (b"[1", SourceKind::Json),
            (b"\n<?xml version='1.0'?><!-- <html> --><!DOCTYPE rss><rss version", SourceKind::Feed),
            (b"<?xml", SourceKind::OtherXml),
            (b"<rdf:RDF xmlns", SourceKind::Feed),
            (b"<atom:feed\n", SourceKind::Feed),
            (b"<sm:urlset>", SourceKind::Sitemap),
            (b"<sitemapindex/>", SourceKind::Sitemap),
            (b"<opml version='2.0'>", SourceKind::Opml),
            (b"<svg>", SourceKind::OtherXml),
            (b"\xef\xbb\xbf<!DocType HTML PUBLIC", SourceKind::Page),
            (b"<html>", SourceKind::Page),
            (b"<P>", SourceKind::Page),
            (b"\xff\xfe<\0r\0s\0s\0>\0", SourceKind::Feed),
            (b"\xff\xfe{\0\"\0", SourceKind::Utf16Text),
            (b"title: x", SourceKind::OtherText),
            (b"\x1f\x8b\x08", SourceKind::Gzip),
            (b"PAR1\x15", SourceKind::Parquet),
            (b"PK\x03\x04", SourceKind::Binary(BinaryKind::Packed)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0", SourceKind::Binary(BinaryKind::Unknown)),
            (b"SQLite format 3\0\x10", SourceKind::Binary(BinaryKind::Database)),
        ] {
            assert_eq!(source_kind(head), expect, "{head:?}");
        }
    }
}
