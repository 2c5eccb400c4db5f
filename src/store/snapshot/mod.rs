//! Is there a vector index on disk, whole and of these very vectors?
//!
//! A snapshot is one file with a header and named sections. It is derived from the store: should it be missing, stale,
//! damaged or of another model, then it is not used, which is told, and made again when posts are indexed. Every byte of it is covered by a checksum or known
//! to be zero, and all of them are checked before a caller sees any (why: `docs/decisions/0007-index-snapshots.md`).
//!
//! ```
//! use nextread::store::{Access, Expected, Section, Snapshot, SnapshotHeader};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("flat.snapshot");
//! let header = SnapshotHeader {
//!     kind: "flat".into(), space_key: "MiniLM@1 dimension:2".into(), dimension: 2, rows: 1, content: 7,
//!     parameters: "{}".into(),
//! };
//! let vectors = [0.6_f32, 0.8];
//! Snapshot::write(&path, &header, &[Section { name: "vectors", bytes: bytemuck::cast_slice(&vectors) }])?;
//! let snapshot = Snapshot::open(&path, &Expected::of(&header), Access::Read)?;
//! assert_eq!(snapshot.values::<f32>("vectors")?, vectors);
//! # Ok(())
//! # }
//! ```

mod error;
mod header;
mod layout;
mod map;
mod open;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use bytemuck::AnyBitPattern;
use memmap2::Mmap;

pub use error::{SnapshotError, SnapshotFault};
pub use header::{Expected, SnapshotHeader};

use layout::Head;

/// A part of a snapshot to be written.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// 1 to 24 printable ASCII characters without spaces; no two sections of a file have the same.
    pub name: &'a str,
    /// What is stored; numbers are little-endian. May be empty.
    pub bytes: &'a [u8],
}

/// How a snapshot's bytes come into memory. Either way all of them are checked when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// A copy in memory: whatever becomes of the file, the copy stays as it was when it was checked.
    #[default]
    Read,
    /// The file itself, mapped: opens many times faster and shares its memory with other processes.
    ///
    /// Only for whoever owns the folder. We never change a snapshot in place, but if another program shortens the file
    /// while it is mapped, the process is killed, and if it overwrites bytes, answers may be wrong. On Windows a mapped
    /// file cannot be replaced.
    Map,
}

/// An open snapshot, all of its bytes checked.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    head: Head,
    bytes: Mmap,
}

impl Snapshot {
    /// Writes a snapshot: beside its place first, then renamed and synced, so that a crash or a full disk leaves the
    /// old file.
    ///
    /// The folder must exist. A process that is killed meanwhile leaves a file `NAME.*.new` there, which nothing reads.
    ///
    /// # Errors
    /// The header or a section breaks a rule of the format, or the file cannot be written; the old file stays as it
    /// was.
    pub fn write(path: &Path, header: &SnapshotHeader, sections: &[Section<'_>]) -> Result<(), SnapshotError> {
        write::write(path, header, sections)
    }

    /// Opens a snapshot and checks all of it.
    ///
    /// # Errors
    /// There is no file, it cannot be read, it is another program's or of another version, one byte of it is not what
    /// was written, or it is not what is expected.
    pub fn open(path: &Path, expected: &Expected<'_>, access: Access) -> Result<Snapshot, SnapshotError> {
        open::open(path, expected, access)
    }

    /// Returns what the snapshot says about itself.
    #[must_use]
    pub fn header(&self) -> &SnapshotHeader {
        &self.head.header
    }

    /// Returns the bytes of a section; they start at a multiple of 64 bytes in memory.
    ///
    /// # Errors
    /// There is no section of this name.
    pub fn section(&self, name: &str) -> Result<&[u8], SnapshotError> {
        let entry = self.head.entries.iter().find(|entry| entry.name == name);
        let entry = entry.ok_or_else(|| self.damaged(SnapshotFault::NoSection { name: name.to_owned() }))?;
        Ok(&self.bytes[entry.range()])
    }

    /// Returns a section as numbers, or as lines of them (any `T` whose alignment divides 64).
    ///
    /// # Errors
    /// There is no section of this name, or its length is no multiple of the size of `T`.
    pub fn values<T: AnyBitPattern>(&self, name: &str) -> Result<&[T], SnapshotError> {
        let bytes = self.section(name)?;
        bytemuck::try_cast_slice(bytes).map_err(|_| {
            let (bytes, unit) = (bytes.len(), size_of::<T>());
            self.damaged(SnapshotFault::Unit { name: name.to_owned(), bytes, unit })
        })
    }

    fn damaged(&self, fault: SnapshotFault) -> SnapshotError {
        SnapshotError::Damaged { path: self.path.clone(), fault }
    }
}
