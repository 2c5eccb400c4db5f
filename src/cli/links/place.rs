//! Where may links be written? Below a folder that was named, never in one where everything else of a user lies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;

use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::site::folder::Folder;

/// A file, and the folder that nothing leads out of.
pub(super) struct Place {
    pub(super) folder: Rc<Folder>,
    pub(super) name: PathBuf,
}

impl Place {
    /// Takes a file that was named itself.
    pub(super) fn of_file(session: &Session<'_>, path: &Path) -> anyhow::Result<Place> {
        let nameless = || Usage::new(format!("{}: is no name of a file; name one with --out", path.display()));
        let name = path.file_name().ok_or_else(nameless)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let parent = session.folder().join(parent);
        refuse_store(session, &whole(&parent), path)?;
        Ok(Place { folder: Rc::new(Folder::new(&parent)?), name: PathBuf::from(name) })
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }
}

/// Folders below which files are written, each opened once.
#[derive(Default)]
pub(super) struct Folders(BTreeMap<PathBuf, Rc<Folder>>);

impl Folders {
    pub(super) fn open(&mut self, session: &Session<'_>, path: &Path) -> anyhow::Result<Rc<Folder>> {
        if let Some(folder) = self.0.get(path) {
            return Ok(Rc::clone(folder));
        }
        let folder = open(session, path)?;
        self.0.insert(path.to_owned(), Rc::clone(&folder));
        Ok(folder)
    }
}

/// Takes a folder below which files are written.
pub(super) fn open(session: &Session<'_>, path: &Path) -> anyhow::Result<Rc<Folder>> {
    let absolute = session.folder().join(path);
    let found = whole(&absolute);
    let shown = path.display();
    if found.parent().is_none() {
        return Err(Usage::new(format!("{shown}: is the root of all files; name the site's folder")).into());
    }
    if dirs::home_dir().is_some_and(|home| whole(&home) == found) {
        return Err(Usage::new(format!("{shown}: is your home folder; name the site's folder below it")).into());
    }
    refuse_store(session, &found, path)?;
    Ok(Rc::new(Folder::new(&absolute).context("links cannot be written there")?))
}

fn refuse_store(session: &Session<'_>, found: &Path, path: &Path) -> anyhow::Result<()> {
    if session.store_folder().is_some_and(|store| found.starts_with(whole(&store))) {
        let shown = path.display();
        return Err(Usage::new(format!("{shown}: is in the store's folder; name the site's folder")).into());
    }
    Ok(())
}

/// Returns a path without links, as far as it is there.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => whole(parent).join(name),
        _ => path.to_owned(),
    })
}
