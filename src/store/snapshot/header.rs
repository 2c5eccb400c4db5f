//! What does a snapshot say about itself, and is it the one that is needed?

use std::path::Path;

use super::open;
use super::{SnapshotError, SnapshotFault};

/// What a snapshot says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// Which index it is, such as `flat` or `hnsw`: 1 to 24 printable ASCII characters without spaces.
    pub kind: String,
    /// The space of the vectors, as [`Space::key`](crate::embeddings::Space::key) (with the template, as
    /// [`StoredSpace::key`](crate::store::StoredSpace::key)) returns it: model, revision, hash, dimension and so on.
    pub space_key: String,
    /// The length of a vector.
    pub dimension: usize,
    /// How many vectors the index was made of.
    pub rows: usize,
    /// XXH3-128 over the ids and vectors that the index was made of, as its caller takes it; tells a stale snapshot.
    pub content: u128,
    /// How the index was made, as a short JSON text for people and for `status`. Kept as it is; it is not among what is
    /// expected, so an index that depends on it compares it itself.
    pub parameters: String,
}

impl SnapshotHeader {
    /// Reads the header of a snapshot and checks it; the sections, of which it says nothing, stay unread.
    ///
    /// # Errors
    /// There is no file, it cannot be read, it is another program's or of another version, or its header is damaged.
    pub fn read(path: &Path) -> Result<SnapshotHeader, SnapshotError> {
        Ok(open::read_head(path)?.1.header)
    }
}

/// What a snapshot must be to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected<'a> {
    /// As [`SnapshotHeader::kind`].
    pub kind: &'a str,
    /// As [`SnapshotHeader::space_key`].
    pub space_key: &'a str,
    /// As [`SnapshotHeader::dimension`].
    pub dimension: usize,
    /// As [`SnapshotHeader::rows`].
    pub rows: usize,
    /// As [`SnapshotHeader::content`].
    pub content: u128,
}

impl<'a> Expected<'a> {
    /// Expects what `header` says, with whatever parameters.
    #[must_use]
    pub fn of(header: &'a SnapshotHeader) -> Expected<'a> {
        let SnapshotHeader { kind, space_key, dimension, rows, content, parameters: _ } = header;
        Expected { kind, space_key, dimension: *dimension, rows: *rows, content: *content }
    }

    /// Refuses a snapshot that is another one.
    pub(super) fn check(&self, path: &Path, found: &SnapshotHeader) -> Result<(), SnapshotError> {
        let path = path.to_owned();
        if found.kind != self.kind {
            return Err(SnapshotError::OtherKind { path, found: found.kind.clone(), expected: self.kind.to_owned() });
        }
        if found.space_key != self.space_key {
            let (found, expected) = (found.space_key.clone(), self.space_key.to_owned());
            return Err(SnapshotError::OtherSpace { path, found, expected });
        }
        if found.dimension != self.dimension {
            return Err(SnapshotError::OtherDimension { path, found: found.dimension, expected: self.dimension });
        }
        if (found.rows, found.content) != (self.rows, self.content) {
            return Err(SnapshotError::Stale {
                path,
                found_rows: found.rows,
                found_content: found.content,
                expected_rows: self.rows,
                expected_content: self.content,
            });
        }
        Ok(())
    }
}

/// Says why bytes are not the head of a snapshot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Foreign,
    Version { found: u32, known: u32 },
    Fault(SnapshotFault),
}

impl From<SnapshotFault> for Refusal {
    fn from(fault: SnapshotFault) -> Refusal {
        Refusal::Fault(fault)
    }
}

impl Refusal {
    pub(super) fn at(self, path: &Path) -> SnapshotError {
        let path = path.to_owned();
        match self {
            Refusal::Foreign => SnapshotError::Foreign { path },
            Refusal::Version { found, known } if found < known => SnapshotError::Older { path, found, known },
            Refusal::Version { found, known } => SnapshotError::Newer { path, found, known },
            Refusal::Fault(fault) => SnapshotError::Damaged { path, fault },
        }
    }
}
