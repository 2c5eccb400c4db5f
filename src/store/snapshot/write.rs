//! How is a snapshot written so that a crash or a full disk leaves the old one?

use std::io::{self, Write};
use std::path::Path;

use super::layout::{self, Head};
use super::{Section, SnapshotError, SnapshotHeader};

/// Writes the file beside its place, syncs and renames it.
pub(super) fn write(path: &Path, header: &SnapshotHeader, sections: &[Section<'_>]) -> Result<(), SnapshotError> {
    if cfg!(target_endian = "big") {
        return Err(SnapshotError::BigEndian { path: path.to_owned() });
    }
    let (start, head) =
        layout::encode(header, sections).map_err(|fault| SnapshotError::Unfit { path: path.to_owned(), fault })?;
    replace(path, |file| write_sections(file, &start, &head, sections))
        .map_err(|source| SnapshotError::Unwritable { path: path.to_owned(), source })
}

fn write_sections(file: &mut dyn Write, start: &[u8], head: &Head, sections: &[Section<'_>]) -> io::Result<()> {
    file.write_all(start)?;
    let mut end = start.len();
    for (section, entry) in sections.iter().zip(&head.entries) {
        let range = entry.range();
        file.write_all(&vec![0; range.start - end])?;
        file.write_all(section.bytes)?;
        end = range.end;
    }
    Ok(())
}

/// Puts a new file in the place of `path`, or leaves everything as it was.
fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut prefix = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".new");
    // As the store's database: readable as the user's other files are, the folder around it is private.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened to be synced; the file system's journal orders the rename.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
