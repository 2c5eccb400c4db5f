//! What kind of source is this? Told by its first bytes.

/// Bytes that are looked at.
pub(super) const HEAD_BYTES: usize = 8 << 10;

/// What the first bytes of a source say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing but white space.
    Empty,
    Json,
    Xml,
    Utf16Text,
    OtherText,
    Binary(BinaryKind),
}

/// What a binary file is, as far as its first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryKind {
    /// Compressed or packed: gzip, zstd, zip, xz, bzip2.
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

const PACKED: [&[u8]; 5] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\xfd7zXZ", b"BZh"];

/// Tells what `head`, the first bytes of a source, begins.
pub(super) fn detect(head: &[u8]) -> Kind {
    if PACKED.iter().any(|magic| head.starts_with(magic)) {
        return Kind::Binary(BinaryKind::Packed);
    }
    if head.starts_with(b"SQLite format 3\0") {
        return Kind::Binary(BinaryKind::Database);
    }
    // Every second byte of ASCII in UTF-16 is NUL; XML of it can be read.
    let utf16 = [b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"].iter().any(|mark| head.starts_with(*mark));
    if utf16 {
        let xml = head.iter().find(|byte| byte.is_ascii_graphic()) == Some(&b'<');
        return if xml { Kind::Xml } else { Kind::Utf16Text };
    }
    let odd = head.iter().filter(|&&byte| byte < 0x20 && !byte.is_ascii_whitespace() && byte != 0x1b).count();
    if odd * 10 > head.len() || head.iter().filter(|&&byte| byte == 0).count() > 8 {
        return Kind::Binary(BinaryKind::Unknown);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    match text.trim_ascii_start().first() {
        None => Kind::Empty,
        Some(b'{' | b'[') => Kind::Json,
        Some(b'<') => Kind::Xml,
        Some(_) => Kind::OtherText,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_decide() {
        for (head, expect) in [
            (b"".as_slice(), Kind::Empty),
            (b"\xef\xbb\xbf \n", Kind::Empty),
            (b"\xef\xbb\xbf {", Kind::Json),
            (b"[1", Kind::Json),
            (b"\n<?xml", Kind::Xml),
            (b"\xff\xfe<\0r\0", Kind::Xml),
            (b"\xff\xfe{\0\"\0", Kind::Utf16Text),
            (b"title: x", Kind::OtherText),
            (b"\x1f\x8b\x08", Kind::Binary(BinaryKind::Packed)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0", Kind::Binary(BinaryKind::Unknown)),
            (b"SQLite format 3\0\x10", Kind::Binary(BinaryKind::Database)),
        ] {
            assert_eq!(detect(head), expect, "{head:?}");
        }
    }
}
