//! How is a file read that may be larger than it should be, or no file at all?

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::reasons::SkipReason;

/// A first line that is longer is no fence.
const FENCE_BYTES_MAX: u64 = 64;

/// Returns the bytes of a regular file, one more than the limit where it is longer.
pub(super) fn bytes_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, SkipReason> {
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(SkipReason::NotRegular);
    }
    start(path, limit.saturating_add(1)).map_err(unreadable)
}

/// Tells whether a file begins as YAML or TOML front matter does; one that cannot be read does not.
pub(super) fn begins_with_front_matter(path: &Path) -> bool {
    let is_file = std::fs::metadata(path).is_ok_and(|kind| kind.is_file());
    let start = if is_file { start(path, FENCE_BYTES_MAX).unwrap_or_default() } else { Vec::new() };
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_end(), b"---" | b"+++")
}

fn start(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn unreadable(error: io::Error) -> SkipReason {
    SkipReason::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expect: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.html");
        io::Write::write_all(&mut File::create(&path).unwrap(), text).unwrap();
        assert_eq!(begins_with_front_matter(&path), expect, "{text:?}");
        assert_eq!(bytes_up_to(&path, 2).unwrap().len(), text.len().min(3));
        assert_eq!(bytes_up_to(folder.path(), 2), Err(SkipReason::NotRegular));
        assert!(!begins_with_front_matter(folder.path()));
    }

    #[test]
    fn front_matter_is_told_by_its_fence() {
        check(b"---\ntitle: A\n---\n", true);
        check(b"\xef\xbb\xbf+++  \r\ntitle = 'A'\n", true);
        check(b"<!doctype html>\n---\n", false);
        check(b"-----\n", false);
        check(b"", false);
    }
}
