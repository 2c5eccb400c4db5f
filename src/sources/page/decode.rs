//! Which characters is a page made of? As browsers tell: byte order mark, HTTP header, `<meta charset>`.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Browsers look for a declaration in the first KiB; some pages have theirs after a comment.
const LOOK_BYTES: usize = 4 << 10;

/// Whether every byte could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaced {
    Nothing,
    BadBytes,
}

/// Undoes the encoding of a page. One that says nothing is UTF-8 where it can be, else Windows-1252.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> (String, Replaced) {
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some(marked) => marked,
        None => (declared(bytes, content_type).unwrap_or_else(|| guessed(bytes)), 0),
    };
    let (text, bad) = encoding.decode_without_bom_handling(&bytes[mark..]);
    (text.into_owned(), if bad { Replaced::BadBytes } else { Replaced::Nothing })
}

fn declared(bytes: &[u8], content_type: Option<&str>) -> Option<&'static Encoding> {
    let by_server = content_type.and_then(|kind| label(&kind.to_ascii_lowercase(), "charset="));
    let by_page = || {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOK_BYTES)]).to_ascii_lowercase();
        let by_xml = label(head.split("?>").next().unwrap_or_default(), "encoding=");
        let encoding =
            by_xml.filter(|_| head.trim_start().starts_with("<?xml")).or_else(|| label(&head, "charset="))?;
        // What can be read as ASCII up to here is no UTF-16, whatever it says.
        Some(if encoding.name().starts_with("UTF-16") { UTF_8 } else { encoding })
    };
    by_server.or_else(by_page)
}

/// Returns the encoding whose label follows the first `key` that has one.
fn label(text: &str, key: &str) -> Option<&'static Encoding> {
    text.split(key).skip(1).find_map(|after| {
        let after = after.trim_start_matches(['"', '\'', ' ']);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(after.len());
        Encoding::for_label_no_replacement(&after.as_bytes()[..end])
    })
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], content_type: Option<&str>, expect: &str) {
        assert_eq!(decode(bytes, content_type), (expect.to_owned(), Replaced::Nothing));
    }

    #[test]
    fn the_encoding_is_found_as_browsers_find_it() {
        check("é".as_bytes(), None, "é");
        check(b"\xe9", None, "é");
        check(b"\xe9", Some("text/html; Charset=\"ISO-8859-1\""), "é");
        check(b"<meta charset=koi8-r>\xe9", None, "<meta charset=koi8-r>И");
        check(b"<meta charset=koi8-r>\xe9", Some("text/html;charset=latin1"), "<meta charset=koi8-r>é");
        check(b"<?xml version='1.0' encoding='koi8-r'?>\xe9", None, "<?xml version='1.0' encoding='koi8-r'?>И");
        check("\u{feff}é<meta charset=koi8-r>".as_bytes(), Some("text/html; charset=latin1"), "é<meta charset=koi8-r>");
        check(b"\xff\xfeA\0", None, "A");
        check(b"<meta charset=utf-16>A", None, "<meta charset=utf-16>A");
        assert_eq!(decode(b"<meta charset=utf-8>\xe9", None).1, Replaced::BadBytes);
    }
}
