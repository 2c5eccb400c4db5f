//! How is a snapshot written so that a crash or a full disk leaves the old one?

use std::io::{self, Write};
use std::path::Path;

use super::layout::{self, Head};
use super::{Section, SnapshotError, SnapshotHeader};
use crate::store::replace_file;

/// Writes the file beside its place, syncs and renames it.
pub(super) fn write(path: &Path, header: &SnapshotHeader, sections: &[Section<'_>]) -> Result<(), SnapshotError> {
    if cfg!(target_endian = "big") {
        return Err(SnapshotError::BigEndian { path: path.to_owned() });
    }
    let (start, head) =
        layout::encode(header, sections).map_err(|fault| SnapshotError::Unfit { path: path.to_owned(), fault })?;
    replace_file(path, |file| write_sections(file, &start, &head, sections))
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
