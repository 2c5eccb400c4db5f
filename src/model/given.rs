//! Is the folder that was named a model, and which? A known one is checked in full; another is taken as it is.

use std::ffi::OsStr;
use std::path::Path;

use super::error::{ModelError, Remedy};
use super::manifest::{Manifest, WEIGHTS};
use super::places::Origin;
use super::verify::{FileReport, FileState, check_all, first_fault, sha256_of};
use super::{Event, ModelFolder, known_folder};

/// The files without which a folder is no model that can be used.
const NEEDED: [&str; 3] = [WEIGHTS, "config.json", "tokenizer.json"];

/// Checks a folder that was named: in full when it is a known model's, else that it can be a model at all.
pub(super) fn open(
    path: &Path,
    origin: Origin,
    known: &[Manifest],
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<ModelFolder, ModelError> {
    check(path, origin)?;
    if let Some(manifest) = by_name(path, known) {
        return match first_fault(path, manifest)? {
            None => known_folder(path.to_owned(), origin, manifest),
            Some(FileReport { name, state }) => {
                let remedy = Remedy::Rename { name: manifest.name.clone() };
                Err(ModelError::Damaged { path: path.join(name), state, remedy })
            }
        };
    }
    match by_contents(path, known)? {
        Contents::Known(manifest) => return known_folder(path.to_owned(), origin, manifest),
        Contents::Changed(text) => watch(Event::Notice(&text)),
        Contents::Other => {}
    }
    Ok(ModelFolder {
        name: folder_name(path),
        revision: String::new(),
        weights_sha256: sha256_of(&path.join(WEIGHTS))?,
        path: path.to_owned(),
        origin,
    })
}

/// Compares the files of a folder that was named with those of the known model that it is, if it is one.
pub(super) fn report(path: &Path, origin: Origin, known: &[Manifest]) -> Result<Vec<FileReport>, ModelError> {
    check(path, origin)?;
    if let Some(manifest) = by_name(path, known) {
        return check_all(path, manifest);
    }
    match by_contents(path, known)? {
        Contents::Known(manifest) => check_all(path, manifest),
        Contents::Changed(_) | Contents::Other => unpinned(path),
    }
}

/// Checks by names alone that a folder can be a model.
pub(super) fn check(path: &Path, origin: Origin) -> Result<(), ModelError> {
    if !path.is_dir() {
        return Err(ModelError::NotAFolder { path: path.to_owned(), origin });
    }
    match NEEDED.into_iter().find(|name| !path.join(name).is_file()) {
        Some(file) => Err(ModelError::Lacks { path: path.to_owned(), origin, file }),
        None => Ok(()),
    }
}

/// A folder that goes by a known model's name or revision must be that model.
fn by_name<'a>(path: &Path, known: &'a [Manifest]) -> Option<&'a Manifest> {
    let name = folder_name(path);
    known.iter().find(|manifest| manifest.name == name || manifest.revision == name)
}

/// What a folder of any name holds.
enum Contents<'a> {
    /// A known model in every file.
    Known(&'a Manifest),
    /// A known model's weights beside other files; a line that says so.
    Changed(String),
    /// Another model.
    Other,
}

fn by_contents<'a>(path: &Path, known: &'a [Manifest]) -> Result<Contents<'a>, ModelError> {
    let length = path.join(WEIGHTS).metadata().map_or(0, |found| found.len());
    for manifest in known.iter().filter(|manifest| manifest.weights().is_ok_and(|file| file.size_bytes == length)) {
        match first_fault(path, manifest)? {
            None => return Ok(Contents::Known(manifest)),
            Some(fault) if fault.name != WEIGHTS && sha256_of(&path.join(WEIGHTS))? == manifest.weights()?.sha256 => {
                return Ok(Contents::Changed(format!(
                    "{} has the weights of {} but its {} differs: treated as a model of its own",
                    path.display(),
                    manifest.name,
                    fault.name
                )));
            }
            Some(_) => {}
        }
    }
    Ok(Contents::Other)
}

fn unpinned(path: &Path) -> Result<Vec<FileReport>, ModelError> {
    let report = |name: &str| {
        let sha256 = sha256_of(&path.join(name))?;
        Ok(FileReport { name: name.to_owned(), state: FileState::Unpinned { sha256 } })
    };
    NEEDED.into_iter().map(report).collect()
}

/// The last part of a path; of `.` or a link's end, that of the folder it stands for.
fn folder_name(path: &Path) -> String {
    let whole = || std::fs::canonicalize(path).ok().and_then(|path| path.file_name().map(OsStr::to_owned));
    let name = path.file_name().map(OsStr::to_owned).or_else(whole);
    name.map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
