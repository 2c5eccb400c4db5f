//! Are these the files that the manifest names? Size first, then SHA-256.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::ModelError;
use super::manifest::{Manifest, ModelFile};

/// How a file compares with what its manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// Size and hash are those of the manifest.
    Good,
    /// There is no such file.
    Missing,
    /// It has another length: it was cut short, or it is another file.
    Size {
        /// What the manifest says, in bytes.
        expected: u64,
        /// What is there, in bytes.
        got: u64,
    },
    /// It has the right length and other contents.
    Sha256 {
        /// What the manifest says.
        expected: String,
        /// What is there.
        got: String,
    },
    /// The folder is that of no known model, so there is nothing to compare with.
    Unpinned {
        /// What is there.
        sha256: String,
    },
}

impl fmt::Display for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileState::Good => f.write_str("good"),
            FileState::Missing => f.write_str("missing"),
            FileState::Size { expected, got } => write!(f, "{got} bytes long, expected {expected}"),
            FileState::Sha256 { expected, got } => write!(f, "damaged: sha256 is {got}, expected {expected}"),
            FileState::Unpinned { sha256 } => write!(f, "of no known model: sha256 is {sha256}"),
        }
    }
}

/// One file and how it compares with its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// Relative to the model's folder, with forward slashes.
    pub name: String,
    /// What was found.
    pub state: FileState,
}

impl FileReport {
    /// Tells whether the file is as its manifest says, or has no manifest to say otherwise.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        matches!(self.state, FileState::Good | FileState::Unpinned { .. })
    }
}

/// Compares every file of the manifest with what lies in `folder`.
pub(super) fn check_all(folder: &Path, manifest: &Manifest) -> Result<Vec<FileReport>, ModelError> {
    manifest.files.iter().map(|file| check_file(folder, file)).collect()
}

/// Finds the first file in `folder` that is not what the manifest says; sizes are compared before anything is read.
pub(super) fn first_fault(folder: &Path, manifest: &Manifest) -> Result<Option<FileReport>, ModelError> {
    for compare in [check_size, check_file] {
        for file in &manifest.files {
            let report = compare(folder, file)?;
            if report.state != FileState::Good {
                return Ok(Some(report));
            }
        }
    }
    Ok(None)
}

pub(super) fn check_file(folder: &Path, file: &ModelFile) -> Result<FileReport, ModelError> {
    let sized = check_size(folder, file)?;
    if sized.state != FileState::Good {
        return Ok(sized);
    }
    let got = sha256_of(&folder.join(&file.name))?;
    if got == file.sha256 {
        return Ok(sized);
    }
    Ok(FileReport { state: FileState::Sha256 { expected: file.sha256.clone(), got }, ..sized })
}

fn check_size(folder: &Path, file: &ModelFile) -> Result<FileReport, ModelError> {
    let path = folder.join(&file.name);
    let state = match path.metadata() {
        Ok(found) if !found.is_file() => FileState::Missing,
        Ok(found) if found.len() == file.size_bytes => FileState::Good,
        Ok(found) => FileState::Size { expected: file.size_bytes, got: found.len() },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => FileState::Missing,
        Err(source) => return Err(ModelError::Io { path, source }),
    };
    Ok(FileReport { name: file.name.clone(), state })
}

/// Returns the SHA-256 of a file, lower-case hexadecimal.
pub(super) fn sha256_of(path: &Path) -> Result<String, ModelError> {
    hash(path).map_err(|source| ModelError::Io { path: path.to_owned(), source })
}

fn hash(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hasher.update(&buffer[..count]);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test's own scratch folder")]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn check(contents: &[u8], expect: &FileState) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("f"), contents).unwrap();
        let file = ModelFile { name: "f".to_owned(), size_bytes: 3, sha256: ABC.to_owned() };
        assert_eq!(&check_file(folder.path(), &file).unwrap().state, expect);
    }

    #[test]
    fn tells_good_short_and_changed_files_apart() {
        check(b"abc", &FileState::Good);
        check(b"ab", &FileState::Size { expected: 3, got: 2 });
        let got = "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9".to_owned();
        check(b"abd", &FileState::Sha256 { expected: ABC.to_owned(), got });
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("f")).unwrap();
        for name in ["f", "g"] {
            let file = ModelFile { name: name.to_owned(), size_bytes: 3, sha256: ABC.to_owned() };
            assert_eq!(check_file(folder.path(), &file).unwrap().state, FileState::Missing);
        }
    }
}
