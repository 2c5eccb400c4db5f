//! What can go wrong in a store, and what then helps?

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::damage::Damaged;
use crate::embeddings::EmbeddingsError;

/// Says why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store yet (or only an empty file).
    #[error("{}: there is no store here; make one with `nextread index SOURCE`", path.display())]
    Missing {
        /// The database file that was looked for.
        path: PathBuf,
    },
    /// The file is no SQLite database, or one of another program.
    #[error("{}: not a store of nextread; move the file away, or name another folder with --store", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// A newer version wrote the store; it is neither read nor written.
    #[error(
        "{}: written in format {found} by a newer nextread, this one knows up to {known}; update nextread, or name \
         another folder with --store",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The format version of the file.
        found: i64,
        /// The newest format version that this build knows.
        known: i64,
    },
    /// An older version wrote the store, and it was opened for reading only.
    #[error(
        "{}: written in format {found} by an older nextread, this one reads {known}; `nextread index` brings it up to \
         date",
        path.display()
    )]
    Older {
        /// The database file.
        path: PathBuf,
        /// The format version of the file.
        found: i64,
        /// The format version that this build reads.
        known: i64,
    },
    /// The database's structure is broken.
    #[error(
        "{}: the database is damaged ({source}); move the file away and index again: posts come back from their \
         sources",
        path.display()
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// One row that was asked for by name is damaged.
    #[error("{}: {damaged}", path.display())]
    DamagedRow {
        /// The database file.
        path: PathBuf,
        /// The row and its remedy.
        damaged: Damaged,
    },
    /// The disk is full, a size limit was hit or the disk failed.
    #[error(
        "{}: could not be read or written ({source}); free disk space or check the disk, then run again: whatever was \
         stored before is kept",
        path.display()
    )]
    Disk {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file or folder may not be written.
    #[error("{}: the store is read-only; make the folder and its files writable, or name another with --store", path.display())]
    ReadOnly {
        /// The database file.
        path: PathBuf,
    },
    /// Another program held the database for longer than five seconds.
    #[error("{}: another program holds the database; wait until it is done, or end it", path.display())]
    Locked {
        /// The database file.
        path: PathBuf,
    },
    /// The folder or the lock file could not be made or opened.
    #[error("{}: {source}; make the folder accessible, or name another with --store", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The linked SQLite has a bug that corrupts databases with two writers.
    #[error("the linked SQLite is {found}, at least 3.51.3 is needed; build nextread with its bundled one")]
    OldSqlite {
        /// The version of the linked SQLite.
        found: &'static str,
    },
    /// No vectors are stored in this space.
    #[error("{}: no embeddings of \"{key}\" here, only of: {}; index again with this model", path.display(), names(stored))]
    UnknownSpace {
        /// The database file.
        path: PathBuf,
        /// The key that was asked for.
        key: String,
        /// The keys that there are.
        stored: Vec<String>,
    },
    /// A vector to be stored is not one of its space.
    #[error(
        "the embedding of \"{post}\" cannot be stored: {source}; this is an error of the model, check it with `nextread model verify`"
    )]
    BadVector {
        /// The post's id.
        post: String,
        /// What is wrong with it.
        source: EmbeddingsError,
    },
    /// A rating is not a finite number.
    #[error("the rating of \"{post}\" is not a finite number; leave it out or correct it")]
    BadRating {
        /// What was read.
        post: String,
    },
    /// Anything else that SQLite reports.
    #[error("{}: {source}; run again, and if it stays, move the file away and index again", path.display())]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

fn names(keys: &[String]) -> String {
    if keys.is_empty() { "nothing".to_owned() } else { keys.join(", ") }
}

impl StoreError {
    /// Sorts an error of SQLite by what helps against it.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> StoreError {
        let path = path.to_owned();
        let code = match &source {
            rusqlite::Error::SqliteFailure(error, _) | rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
            _ => None,
        };
        match code {
            Some(ErrorCode::NotADatabase) => StoreError::Foreign { path },
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => StoreError::Disk { path, source },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { path },
            // Our statements and values are fixed and fit our schema. If SQLite finds a table, a column or a kind of
            // value missing or a constraint hurt, then it is the schema or a row that changed.
            Some(
                ErrorCode::DatabaseCorrupt
                | ErrorCode::Unknown
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::SchemaChanged,
            )
            | None => StoreError::Damaged { path, source },
            Some(_) => StoreError::Sqlite { path, source },
        }
    }
}
