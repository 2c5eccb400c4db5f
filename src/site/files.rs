//! What changes on disk? Nothing that stays the same is written; the rest is written beside and renamed.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use similar::TextDiff;

use super::folder::{FileError, Folder};

/// A file and what shall be in it.
#[derive(Debug, Clone)]
pub struct Change {
    folder: Rc<Folder>,
    name: PathBuf,
    /// What is in it now; `None` where there is none.
    pub before: Option<String>,
    /// What shall be in it; `None` where it shall go.
    pub after: Option<String>,
}

impl Change {
    /// Looks at what is there.
    ///
    /// # Errors
    /// There is something that is no regular file of text, lies outside, or cannot be read.
    pub fn of(folder: &Rc<Folder>, name: &Path, after: String) -> Result<Change, FileError> {
        let before = folder.read(name)?;
        Ok(Change::between(folder, name, before, Some(after)))
    }

    /// Makes a change of a file that was looked at.
    #[must_use]
    pub fn between(folder: &Rc<Folder>, name: &Path, before: Option<String>, after: Option<String>) -> Change {
        Change { folder: Rc::clone(folder), name: name.to_owned(), before, after }
    }

    /// Returns where the file is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// Tells whether anything changes.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.before == self.after
    }

    /// Shows the change as a unified diff, the path relative to `base` where it is below; empty where there is none.
    #[must_use]
    pub fn diff(&self, base: &Path) -> String {
        if self.is_none() {
            return String::new();
        }
        let path = self.path();
        let name = path.strip_prefix(base).unwrap_or(&path).display().to_string();
        let name = name.trim_start_matches('/');
        let side = |letter: &str, text: &Option<String>| match text {
            Some(_) => format!("{letter}/{name}"),
            None => "/dev/null".to_owned(),
        };
        let (old, new) = (side("a", &self.before), side("b", &self.after));
        let (before, after) = (self.before.as_deref().unwrap_or_default(), self.after.as_deref().unwrap_or_default());
        if before == after {
            // A file without a line has no diff.
            return format!("--- {old}\n+++ {new}\n");
        }
        TextDiff::from_lines(before, after).unified_diff().header(&old, &new).to_string()
    }

    /// Puts the new file in the place of the old one, if anything changes; with the permissions of the old one. Folders
    /// that are missing are made.
    ///
    /// # Errors
    /// The system refuses, or the file holds something else by now; it is as it was.
    pub fn write(&self) -> Result<(), FileError> {
        match (&self.before, &self.after) {
            (before, after) if before == after => Ok(()),
            (before, Some(after)) => self.folder.replace(&self.name, before.as_deref(), after),
            (Some(before), None) => self.folder.remove(&self.name, before),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_not_written() {
        let room = tempfile::tempdir().unwrap();
        let folder = Rc::new(Folder::new(room.path()).unwrap());
        let name = Path::new("data/related.json");
        let change = Change::of(&folder, name, "a\nb\n".to_owned()).unwrap();
        assert_eq!(change.diff(folder.path()), "--- /dev/null\n+++ b/data/related.json\n@@ -0,0 +1,2 @@\n+a\n+b\n");
        change.write().unwrap();
        let written = || std::fs::metadata(room.path().join(name)).unwrap();
        let before = written().modified().unwrap();
        let again = Change::of(&folder, name, "a\nb\n".to_owned()).unwrap();
        again.write().unwrap();
        assert_eq!((again.diff(folder.path()).as_str(), written().modified().unwrap()), ("", before));
        assert_eq!(std::fs::read_dir(room.path().join("data")).unwrap().count(), 1, "nothing is left beside it");
        let gone = Change::between(&folder, name, again.before, None);
        assert_eq!(gone.diff(folder.path()), "--- a/data/related.json\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n");
        gone.write().unwrap();
        assert!(!room.path().join(name).exists());
    }
}
