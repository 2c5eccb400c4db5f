//! What may be changed? Regular files below one folder, and nothing that a link leads to outside of it, even one that is put there
//! while we write.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};
use cap_tempfile::TempFile;

/// Folders inside each other that are looked into; what is written here never lies deeper.
const DEPTH_MAX: usize = 32;

/// A folder. All that is done in it goes through its handle: no path that leads out of it is followed.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    open: OnceCell<Dir>,
}

/// Says why a file could not be read or written; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses.
    #[error("{}: {problem}; it is as it was", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        problem: io::Error,
    },
    /// A link, or `..`, leads outside.
    #[error("{}: a link leads outside of {}; take the link away, or name the folder that it leads to", path.display(), folder.display())]
    Outside {
        /// The file.
        path: PathBuf,
        /// The folder that it should be in.
        folder: PathBuf,
    },
    /// It is a link itself, which would be replaced instead of what it leads to.
    #[error("{}: is a symbolic link; name the file that it leads to", .0.display())]
    Link(PathBuf),
    /// A folder, a pipe, a device.
    #[error("{}: is no regular file; move it away", .0.display())]
    NotRegular(PathBuf),
    /// Somebody else wrote it after it was looked at.
    #[error("{}: was changed while nextread ran, and is left alone; run it again", .0.display())]
    Changed(PathBuf),
}

impl FileError {
    /// Says why, without the file's name.
    #[must_use]
    pub fn reason(&self) -> String {
        let said = self.to_string();
        let (FileError::System { path, .. }
        | FileError::Outside { path, .. }
        | FileError::Link(path)
        | FileError::NotRegular(path)
        | FileError::Changed(path)) = self;
        said.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&said).to_owned()
    }
}

impl Folder {
    /// Takes a folder by its path; one that is not there is made when something is written into it.
    ///
    /// # Errors
    /// It cannot be opened, or is none.
    pub fn new(path: &Path) -> Result<Folder, FileError> {
        let system = |problem| FileError::System { path: path.to_owned(), problem };
        match path.canonicalize() {
            Ok(path) => {
                let dir = Dir::open_ambient_dir(&path, ambient_authority()).map_err(system)?;
                Ok(Folder { path, open: OnceCell::from(dir) })
            }
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
                Ok(Folder { path: path.to_owned(), open: OnceCell::new() })
            }
            Err(problem) => Err(system(problem)),
        }
    }

    /// Returns where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether it is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.open.get().is_some()
    }

    /// Reads a file as text; `None` where there is none.
    ///
    /// # Errors
    /// It is no regular file, not UTF-8, outside, or cannot be read.
    pub fn read(&self, name: &Path) -> Result<Option<String>, FileError> {
        let Some(dir) = self.open.get() else { return Ok(None) };
        self.read_in(dir, name, name)
    }

    /// Puts a new file in the place of `name`, with the permissions of the old one, else as any new file of this user; missing
    /// folders are made. `before` is what it held when it was looked at.
    ///
    /// # Errors
    /// As [`Folder::read`], it holds something else by now, or it cannot be written.
    pub fn replace(&self, name: &Path, before: Option<&str>, after: &str) -> Result<(), FileError> {
        let (place, file) = self.place(name)?;
        self.unless_changed(&place, file, name, before)?;
        let written = (|| {
            let mut new = TempFile::new(&place)?;
            new.write_all(after.as_bytes())?;
            if before.is_some() {
                new.as_file().set_permissions(place.symlink_metadata(file)?.permissions())?;
            }
            new.as_file().sync_all()?;
            new.replace(file)?;
            sync(&place)
        })();
        written.map_err(|problem| self.fault(name, problem))
    }

    /// Removes a file that held `before` when it was looked at.
    ///
    /// # Errors
    /// As [`Folder::replace`].
    pub fn remove(&self, name: &Path, before: &str) -> Result<(), FileError> {
        let (place, file) = self.place(name)?;
        self.unless_changed(&place, file, name, Some(before))?;
        place.remove_file(file).and_then(|()| sync(&place)).map_err(|problem| self.fault(name, problem))
    }

    /// Lists the regular files below whose names end so, ascending; links are not followed.
    ///
    /// # Errors
    /// A folder cannot be listed.
    pub fn files(&self, ending: &str) -> Result<Vec<PathBuf>, FileError> {
        let mut files = Vec::new();
        if let Some(dir) = self.open.get() {
            list(dir, Path::new(""), ending, DEPTH_MAX, &mut files)
                .map_err(|problem| self.fault(Path::new(""), problem))?;
        }
        files.sort();
        Ok(files)
    }

    /// Opens the folder that a file lies in, which is made if need be, and returns the file's own name. What happens to the
    /// path afterwards changes nothing: the folder is held.
    fn place<'n>(&self, name: &'n Path) -> Result<(Dir, &'n OsStr), FileError> {
        let opened = (|| {
            let file = name.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
            let dir = self.made()?;
            let parent = name.parent().filter(|parent| !parent.as_os_str().is_empty());
            let Some(parent) = parent else { return Ok((dir.try_clone()?, file)) };
            dir.create_dir_all(parent)?;
            Ok((dir.open_dir(parent)?, file))
        })();
        opened.map_err(|problem| self.fault(name, problem))
    }

    fn made(&self) -> io::Result<&Dir> {
        if self.open.get().is_none() {
            Dir::create_ambient_dir_all(&self.path, ambient_authority())?;
            let _ = self.open.set(Dir::open_ambient_dir(&self.path, ambient_authority())?);
        }
        self.open.get().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn read_in(&self, dir: &Dir, name: &Path, whole: &Path) -> Result<Option<String>, FileError> {
        match dir.symlink_metadata(name) {
            Ok(found) => self.require_regular(&found, whole)?,
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(problem) => return Err(self.fault(whole, problem)),
        }
        dir.read_to_string(name).map(Some).map_err(|problem| self.fault(whole, problem))
    }

    fn require_regular(&self, found: &Metadata, whole: &Path) -> Result<(), FileError> {
        let path = self.path.join(whole);
        match () {
            () if found.is_symlink() => Err(FileError::Link(path)),
            () if !found.is_file() => Err(FileError::NotRegular(path)),
            () => Ok(()),
        }
    }

    fn unless_changed(&self, place: &Dir, file: &OsStr, name: &Path, before: Option<&str>) -> Result<(), FileError> {
        let now = self.read_in(place, Path::new(file), name)?;
        if now.as_deref() == before { Ok(()) } else { Err(FileError::Changed(self.path.join(name))) }
    }

    fn fault(&self, name: &Path, problem: io::Error) -> FileError {
        let path = self.path.join(name);
        // What leads outside is refused by the library, not by the system.
        if problem.kind() == io::ErrorKind::PermissionDenied && problem.raw_os_error().is_none() {
            return FileError::Outside { path, folder: self.path.clone() };
        }
        FileError::System { path, problem }
    }
}

fn list(dir: &Dir, at: &Path, ending: &str, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in dir.entries()? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if kind.is_dir() && depth > 0 {
            list(&entry.open_dir()?, &at.join(&name), ending, depth - 1, files)?;
        } else if kind.is_file() && name.to_str().is_some_and(|name| name.ends_with(ending)) {
            files.push(at.join(name));
        }
    }
    Ok(())
}

/// The handle of a folder may be one that only names it, and that cannot be synced: it is opened once more, by itself.
#[cfg(unix)]
fn sync(folder: &Dir) -> io::Result<()> {
    folder.open(".")?.sync_all()
}

/// Elsewhere a folder cannot be opened to be synced; the file system's journal orders the rename.
#[cfg(not(unix))]
fn sync(_: &Dir) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
