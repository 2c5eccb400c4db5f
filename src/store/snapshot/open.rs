//! Are these bytes what was written, and what is needed?

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use memmap2::{Mmap, MmapMut};

use super::layout::{HEAD_BYTES_MAX, Head};
use super::{Access, Expected, Snapshot, SnapshotError, map};

/// Opens, checks and compares the snapshot at `path`.
pub(super) fn open(path: &Path, expected: &Expected<'_>, access: Access) -> Result<Snapshot, SnapshotError> {
    // A stale file is refused before its half gigabyte is read.
    let (mut file, head) = read_head(path)?;
    expected.check(path, &head.header)?;
    let bytes = match access {
        Access::Read => read(&mut file),
        Access::Map => map::map(&file),
    };
    let bytes = bytes.map_err(|source| SnapshotError::Unreadable { path: path.to_owned(), source })?;
    // Only these bytes count from here on, whatever the file held a moment ago.
    let head = Head::decode(&bytes, bytes.len() as u64).map_err(|refusal| refusal.at(path))?;
    expected.check(path, &head.header)?;
    head.verify(&bytes).map_err(|fault| SnapshotError::Damaged { path: path.to_owned(), fault })?;
    Ok(Snapshot { path: path.to_owned(), head, bytes })
}

/// Opens the file at `path` and reads its head.
pub(super) fn read_head(path: &Path) -> Result<(File, Head), SnapshotError> {
    if cfg!(target_endian = "big") {
        return Err(SnapshotError::BigEndian { path: path.to_owned() });
    }
    let fault = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => SnapshotError::Missing { path: path.to_owned() },
        _ => SnapshotError::Unreadable { path: path.to_owned(), source },
    };
    // Asked before opening, which would wait for ever for the other end of a pipe.
    if !path.metadata().map_err(fault)?.is_file() {
        return Err(SnapshotError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(fault)?;
    let file_bytes = file.metadata().map_err(fault)?.len();
    let mut start = Vec::new();
    (&file).take(HEAD_BYTES_MAX).read_to_end(&mut start).map_err(fault)?;
    let head = Head::decode(&start, file_bytes).map_err(|refusal| refusal.at(path))?;
    Ok((file, head))
}

/// Copies the whole of a file into memory of its own: pages from the system, since they are aligned and since a size
/// that cannot be had is an error instead of an abort.
fn read(file: &mut File) -> io::Result<Mmap> {
    let length = usize::try_from(file.metadata()?.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = MmapMut::map_anon(length)?;
    file.rewind()?;
    file.read_exact(&mut bytes)?;
    bytes.make_read_only()
}
