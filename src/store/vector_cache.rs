//! Has this text been embedded before? Vectors by text, for measurements that embed the same texts again and again.
//!
//! One file a space. Everything in it can be computed again: a row that does not pass its checksum counts as missing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::checksum::{self, text_hash};
use super::rows::{decode_vector, encode_vector};
use crate::embeddings::{EmbeddingsError, Space};

/// "nxvc": tells these files from all other databases.
const APPLICATION_ID: i32 = 0x6e78_7663;
/// The format that this build reads and writes.
const VERSION: i32 = 1;
const SCHEMA: &str = "
CREATE TABLE space (key TEXT NOT NULL PRIMARY KEY) STRICT;
CREATE TABLE vector (
  text_hash BLOB NOT NULL PRIMARY KEY, windows INTEGER NOT NULL, truncated INTEGER NOT NULL, vector BLOB NOT NULL,
  checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The vector of a text and what was done to the text to get it.
#[derive(Debug, Clone, PartialEq)]
pub struct CachedVector {
    /// A unit vector of the space.
    pub vector: Vec<f32>,
    /// Windows the text was cut into; 1 when it fitted.
    pub windows: usize,
    /// Whether the text lost its end to truncation.
    pub truncated: bool,
}

/// Vectors of one space by text, in one file.
#[derive(Debug)]
pub struct VectorCache {
    connection: Connection,
    path: PathBuf,
    dimension: usize,
}

/// Says why a cache of vectors cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorCacheError {
    /// Its folder cannot be made.
    #[error("{}: {source}; make the folder accessible", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is another program's, of another version, or of another space.
    #[error("{}: not vectors of this version and model; delete the file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// SQLite failed.
    #[error("{}: {source}; if the file is damaged delete it: all in it can be computed again", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A vector is none of the space.
    #[error(transparent)]
    Vector(#[from] EmbeddingsError),
}

impl VectorCache {
    /// Opens the cache of a space in `folder`, making both if need be.
    ///
    /// # Errors
    /// The folder or file cannot be made, opened or read, or the file is something else.
    pub fn open(folder: &Path, space: &Space) -> Result<VectorCache, VectorCacheError> {
        let key = space.key();
        let hash: String = text_hash(&key).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let path = folder.join(format!("{hash}.db"));
        std::fs::create_dir_all(folder).map_err(|source| VectorCacheError::Io { path: path.clone(), source })?;
        let fault = |source| VectorCacheError::Sqlite { path: path.clone(), source };
        let mut connection = Connection::open(&path).map_err(fault)?;
        let sound = prepare(&mut connection, &key).map_err(fault)?;
        if !sound {
            return Err(VectorCacheError::Foreign { path });
        }
        Ok(VectorCache { connection, path, dimension: space.dimension })
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the vectors of `texts`, in their order; `None` where a text was not embedded before or its row is
    /// damaged.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn get(&self, texts: &[&str]) -> Result<Vec<Option<CachedVector>>, VectorCacheError> {
        let fault = |source| VectorCacheError::Sqlite { path: self.path.clone(), source };
        let sql = "SELECT text_hash, windows, truncated, vector, checksum FROM vector WHERE text_hash = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let mut get = |text: &&str| -> rusqlite::Result<Option<CachedVector>> {
            let row = |row: &rusqlite::Row<'_>| self.read(row);
            Ok(statement.query_row([text_hash(text)], row).optional()?.flatten())
        };
        texts.iter().map(&mut get).collect::<rusqlite::Result<_>>().map_err(fault)
    }

    fn read(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<CachedVector>> {
        let values: Vec<ValueRef<'_>> = (0..4).map(|column| row.get_ref(column)).collect::<rusqlite::Result<_>>()?;
        let expect = checksum::of_row("vector", values.into_iter());
        let mut vector = vec![0.0; self.dimension];
        let bytes = row.get_ref(3)?.as_blob().unwrap_or_default();
        if row.get_ref(4)?.as_blob() != Ok(&expect) || decode_vector(bytes, &mut vector).is_none() {
            return Ok(None);
        }
        let windows = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(1);
        Ok(Some(CachedVector { vector, windows, truncated: row.get::<_, i64>(2)? != 0 }))
    }

    /// Stores vectors, all or none.
    ///
    /// # Errors
    /// SQLite failed, or a vector has another dimension or no direction.
    pub fn put(&mut self, batch: &[(&str, &CachedVector)]) -> Result<(), VectorCacheError> {
        let path = self.path.clone();
        let fault = |source| VectorCacheError::Sqlite { path: path.clone(), source };
        let transaction = self.connection.transaction().map_err(fault)?;
        for (text, cached) in batch {
            let (hash, vector) = (text_hash(text), encode_vector(&cached.vector, self.dimension)?);
            let (windows, truncated) = (cached.windows as i64, i64::from(cached.truncated));
            let values = [ValueRef::Blob(&hash), ValueRef::Integer(windows), ValueRef::Integer(truncated)];
            let checksum = checksum::of_row("vector", values.into_iter().chain([ValueRef::Blob(&vector)]));
            let sql = "INSERT OR REPLACE INTO vector VALUES (?1, ?2, ?3, ?4, ?5)";
            let mut statement = transaction.prepare_cached(sql).map_err(fault)?;
            statement.execute((hash, windows, truncated, vector, checksum)).map_err(fault)?;
        }
        transaction.commit().map_err(fault)
    }
}

/// Sets the connection up and makes the tables of an empty file; answers whether the file is ours and of this space.
fn prepare(connection: &mut Connection, key: &str) -> rusqlite::Result<bool> {
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0;")?;
    let number =
        |connection: &Connection, name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 && number(&transaction, "application_id")? == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.execute("INSERT INTO space VALUES (?1)", [key])?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    } else if number(&transaction, "application_id")? != APPLICATION_ID
        || number(&transaction, "user_version")? != VERSION
    {
        return Ok(false);
    }
    let stored: String = transaction.query_row("SELECT key FROM space", [], |row| row.get(0))?;
    transaction.commit()?;
    // Losing the last batch to a power cut costs a few seconds of embedding; the file stays sound.
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
    Ok(stored == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embeddings::{LongTexts, Precision};

    fn space(revision: &str) -> Space {
        Space {
            model: "m".to_owned(),
            revision: revision.to_owned(),
            sha256: String::new(),
            dimension: 2,
            pooling: "mean".to_owned(),
            long_texts: LongTexts::Windows,
            precision: Precision::Exact,
        }
    }

    #[test]
    fn vectors_come_back_bit_for_bit_by_text_and_space() {
        let folder = tempfile::tempdir().unwrap();
        let cached = CachedVector { vector: vec![0.6, 0.8], windows: 2, truncated: true };
        let mut cache = VectorCache::open(folder.path(), &space("1")).unwrap();
        cache.put(&[("a", &cached), ("a", &cached)]).unwrap();
        drop(cache);
        let cache = VectorCache::open(folder.path(), &space("1")).unwrap();
        assert_eq!(cache.get(&["b", "a"]).unwrap(), [None, Some(cached)]);
        assert_eq!(VectorCache::open(folder.path(), &space("2")).unwrap().get(&["a"]).unwrap(), [None]);
    }

    #[test]
    fn a_damaged_row_is_missing_and_a_foreign_file_refused() {
        let folder = tempfile::tempdir().unwrap();
        let cached = CachedVector { vector: vec![1.0, 0.0], windows: 1, truncated: false };
        let mut cache = VectorCache::open(folder.path(), &space("1")).unwrap();
        cache.put(&[("a", &cached)]).unwrap();
        cache.connection.execute("UPDATE vector SET windows = 3", []).unwrap();
        assert_eq!(cache.get(&["a"]).unwrap(), [None]);
        cache.put(&[("a", &cached)]).unwrap();
        assert_eq!(cache.get(&["a"]).unwrap(), [Some(cached)]);
        cache.connection.execute("UPDATE space SET key = 'other'", []).unwrap();
        drop(cache);
        assert!(matches!(VectorCache::open(folder.path(), &space("1")), Err(VectorCacheError::Foreign { .. })));
    }
}
