//! What changes on disk? Nothing that stays the same is written; the rest is written beside and renamed.

use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::store::{Permissions, replace_file};

/// A file and what shall be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it now; `None` where there is none.
    pub before: Option<String>,
    /// What shall be in it.
    pub after: String,
}

/// Says why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct FileError {
    path: PathBuf,
    problem: io::Error,
}

impl Change {
    /// Looks at what is there.
    ///
    /// # Errors
    /// There is something that is not UTF-8 or cannot be read.
    pub fn of(path: &Path, after: String) -> Result<Change, FileError> {
        Ok(Change { path: path.to_owned(), before: read(path)?, after })
    }

    /// Tells whether anything changes.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.before.as_ref() == Some(&self.after)
    }

    /// Shows the change as a unified diff, `path` relative to `base` where it is below; empty where there is none.
    #[must_use]
    pub fn diff(&self, base: &Path) -> String {
        if self.is_none() {
            return String::new();
        }
        let name = self.path.strip_prefix(base).unwrap_or(&self.path).display().to_string();
        let name = name.trim_start_matches('/');
        let old = if self.before.is_some() { format!("a/{name}") } else { "/dev/null".to_owned() };
        let diff = TextDiff::from_lines(self.before.as_deref().unwrap_or_default(), &self.after);
        diff.unified_diff().header(&old, &format!("b/{name}")).to_string()
    }

    /// Puts the new file in the place of the old one, if anything changes; with the permissions of the old one. Folders
    /// that are missing are made.
    ///
    /// # Errors
    /// The system refuses; the old file is as it was.
    pub fn write(&self) -> Result<(), FileError> {
        if self.is_none() {
            return Ok(());
        }
        replace(&self.path, self.after.as_bytes()).map_err(|problem| FileError { path: self.path.clone(), problem })
    }
}

/// Reads a file as text; `None` where there is none.
///
/// # Errors
/// It is not UTF-8, or cannot be read.
pub fn read(path: &Path) -> Result<Option<String>, FileError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(FileError { path: path.to_owned(), problem }),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    replace_file(path, Permissions::OfOld, |file| file.write_all(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/related.json");
        let change = Change::of(&path, "a\nb\n".to_owned()).unwrap();
        assert_eq!(change.diff(folder.path()), "--- /dev/null\n+++ b/data/related.json\n@@ -0,0 +1,2 @@\n+a\n+b\n");
        change.write().unwrap();
        let written = || std::fs::metadata(&path).unwrap();
        let before = written().modified().unwrap();
        let again = Change::of(&path, "a\nb\n".to_owned()).unwrap();
        again.write().unwrap();
        assert_eq!((again.diff(folder.path()).as_str(), written().modified().unwrap()), ("", before));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        Change::of(&path, "a".to_owned()).unwrap().write().unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        Change::of(&path, "b".to_owned()).unwrap().write().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
