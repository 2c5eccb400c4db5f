//! What can be wrong with a snapshot, and what then helps?

use std::io;
use std::path::PathBuf;

/// Says why a snapshot could not be written or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// There is no file.
    #[error("{}: there is no index here; it is made from the store", path.display())]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// There is something else in its place, such as a folder.
    #[error("{}: not a file; move it away", path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// The system could not read or map the file.
    #[error("{}: could not be read ({source}); make the file accessible or check the disk", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system could not write the file.
    #[error(
        "{}: could not be written ({source}); free disk space or make the folder writable: the old file is kept",
        path.display()
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not begin as a snapshot does.
    #[error("{}: not an index of nextread; move the file away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// An older version wrote it.
    #[error(
        "{}: written in format {found} by an older nextread, this one reads {known}; delete it: it is derived from the \
         store",
        path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// The format version of the file.
        found: u32,
        /// The format version that this build reads.
        known: u32,
    },
    /// A newer version wrote it.
    #[error(
        "{}: written in format {found} by a newer nextread, this one reads {known}; update nextread, or delete it: it is \
         derived from the store",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format version of the file.
        found: u32,
        /// The format version that this build reads.
        known: u32,
    },
    /// The file is not what was written.
    #[error("{}: the index is damaged ({fault}); delete it: it is derived from the store", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        fault: SnapshotFault,
    },
    /// It is an index of another kind.
    #[error(
        "{}: an index of kind \"{found}\", not \"{expected}\"; delete it: it is derived from the store",
        path.display()
    )]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// The kind of the file.
        found: String,
        /// The kind that was asked for.
        expected: String,
    },
    /// Its vectors are another model's.
    #[error(
        "{}: holds vectors of \"{found}\", not of \"{expected}\"; delete it: it is derived from the store",
        path.display()
    )]
    OtherSpace {
        /// The file.
        path: PathBuf,
        /// The key of the file's space.
        found: String,
        /// The key that was asked for.
        expected: String,
    },
    /// Its vectors have another dimension.
    #[error(
        "{}: holds vectors of dimension {found}, not {expected}; delete it: it is derived from the store",
        path.display()
    )]
    OtherDimension {
        /// The file.
        path: PathBuf,
        /// The dimension of the file's vectors.
        found: usize,
        /// The dimension that was asked for.
        expected: usize,
    },
    /// It was made of other ids or vectors than there are now.
    #[error(
        "{}: made of {found_rows} rows with fingerprint {found_content:032x}, now there are {expected_rows} with \
         {expected_content:032x}; delete it: it is derived from the store",
        path.display()
    )]
    Stale {
        /// The file.
        path: PathBuf,
        /// Rows of the file.
        found_rows: usize,
        /// Fingerprint of the ids and vectors that it was made of.
        found_content: u128,
        /// Rows that there are now.
        expected_rows: usize,
        /// Fingerprint of the ids and vectors that there are now.
        expected_content: u128,
    },
    /// What was to be written breaks a rule of the format.
    #[error("{}: no index can be written of this: {fault}; report it, this is an error in nextread", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// The rule.
        fault: SnapshotFault,
    },
    /// The processor keeps the bytes of a number in the other order.
    #[error("{}: index files hold little-endian numbers, this processor is big-endian; do without the file", path.display())]
    BigEndian {
        /// The file.
        path: PathBuf,
    },
}

/// A rule of the format that a file breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotFault {
    /// The header ends early or claims an impossible length.
    #[error("its header is cut short or claims a wrong length")]
    Head,
    /// The header or the table of sections changed.
    #[error("its header does not pass its checksum")]
    HeadChecksum,
    /// The header would be longer than the format allows.
    #[error("its header has {bytes} bytes, {max} is the most; use shorter names or parameters")]
    HeadTooLong {
        /// Bytes that it has.
        bytes: u64,
        /// Bytes that it may have.
        max: u64,
    },
    /// The file is longer or shorter than it was.
    #[error("it has {found} bytes instead of {expected}")]
    Length {
        /// Bytes that there are.
        found: u64,
        /// Bytes that were written.
        expected: u64,
    },
    /// A number does not fit this machine.
    #[error("it is too large for this machine")]
    TooLarge,
    /// The space key or the parameters are not UTF-8.
    #[error("a text in its header is not UTF-8")]
    Utf8,
    /// A kind or the name of a section is not 1 to 24 printable ASCII characters.
    #[error("{name:?} is not 1 to 24 printable ASCII characters without spaces")]
    Name {
        /// What stands there.
        name: String,
    },
    /// Two sections have the same name.
    #[error("it has two sections \"{name}\"")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A section does not follow the one before it.
    #[error("its section \"{name}\" starts at byte {found} instead of {expected}")]
    Offset {
        /// The section.
        name: String,
        /// Where it claims to start.
        found: u64,
        /// Where it must start.
        expected: u64,
    },
    /// A byte between two sections is not zero.
    #[error("byte {at} is not zero, although nothing is stored there")]
    Padding {
        /// The byte, counted from the start of the file.
        at: usize,
    },
    /// A section changed.
    #[error("its section \"{name}\" does not pass its checksum")]
    Checksum {
        /// The section.
        name: String,
    },
    /// A section that was asked for is not there.
    #[error("it has no section \"{name}\"")]
    NoSection {
        /// The section.
        name: String,
    },
    /// A section does not consist of whole values.
    #[error("its section \"{name}\" has {bytes} bytes, which is no multiple of {unit}")]
    Unit {
        /// The section.
        name: String,
        /// Its length.
        bytes: usize,
        /// Bytes of a value.
        unit: usize,
    },
}
