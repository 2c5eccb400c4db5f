//! What survives a restart? Posts, their embeddings, the reading history and where all of it came from.
//!
//! One folder, `.nextread/`, holds a SQLite database (`store.db`, with its write-ahead log while it is open) and
//! `store.lock`, which at most one writing process holds. Everything acknowledged survives a power cut. Every row
//! carries a checksum; what does not pass it is left out of every answer and named in it ([`Damaged`]).
//!
//! ```
//! use nextread::post::{Post, PostId, Summary, SummaryOrigin};
//! use nextread::store::{Record, SourceKey, Store, content_hash};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let summary = Summary { text: String::new(), origin: SummaryOrigin::Missing };
//! # let post = Post {
//! #     id: PostId::new("vacuum")?, title: "Vacuum".into(), summary, text: None, url: None, date: None, tags: vec![],
//! #     source: "blog".into(), author: None, language: None, minutes: None, series: None, path: None,
//! # };
//! let mut store = Store::create_or_open(&folder.path().join(".nextread"), &mut |_| ())?;
//! let source = SourceKey::new("feed.xml");
//! let mut writer = store.write(&mut |waiting| eprintln!("process {:?} writes, waiting for it", waiting.pid))?;
//! writer.register_source(&source, "feed.xml")?;
//! let content_hash = content_hash(&post);
//! writer.put(&[Record { post: &post, content_hash, source: &source, links: &[], wishes: None, embedding: None }])?;
//! drop(writer);
//! assert_eq!(store.posts()?.items, [post]);
//! # Ok(())
//! # }
//! ```

mod bm25;
mod checksum;
mod damage;
mod error;
mod history;
mod lock;
mod migrations;
mod open;
mod provenance;
mod read;
mod replace;
mod rows;
mod schema;
mod snapshot;
mod spaces;
#[cfg(test)]
mod testing;
mod vector_cache;
mod write;

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use bm25::{Bm25, Bm25Error};
pub use checksum::{content_hash, links_hash, text_hash, wishes_hash};
pub use damage::{Damaged, Loaded, Part};
pub use error::StoreError;
pub use history::HistoryRecord;
pub use lock::Waiting;
pub use provenance::{Provenance, StoredSource};
pub use read::{LoadedEmbeddings, State};
pub(crate) use replace::replace_file;
pub use rows::StoredSentence;
pub use snapshot::{Access, Expected, Section, Snapshot, SnapshotError, SnapshotFault, SnapshotHeader};
pub use spaces::{SpaceStatus, StoredSpace};
pub use vector_cache::{CachedVector, VectorCache, VectorCacheError};
pub use write::{EmbeddingRow, Put, Record, Taken, Writer};

use lock::Lock;

/// The name of a store's folder.
const FOLDER: &str = ".nextread";

/// Names a source in the store: the path or URL that it was indexed under, `-` for standard input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceKey(String);

impl SourceKey {
    /// Wraps a source's name.
    pub fn new(key: impl Into<String>) -> SourceKey {
        SourceKey(key.into())
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An open store. Reading needs no lock and sees what was committed when the call began.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    lock_path: PathBuf,
}

impl Store {
    /// Finds the nearest `.nextread` folder in `start` or the folders above it.
    #[must_use]
    pub fn find(start: &Path) -> Option<PathBuf> {
        let start = start.canonicalize().ok()?;
        start.ancestors().map(|folder| folder.join(FOLDER)).find(|folder| folder.is_dir())
    }

    /// Tells whether there is a store in the folder `dir`.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        open::database(dir).exists()
    }

    /// Opens the store in the folder `dir` for reading; creates and changes nothing.
    ///
    /// Works in a folder that may not be written, too, unless an interrupted writer left a log there.
    ///
    /// # Errors
    /// There is no store, it is of another program or version, or it cannot be read.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        open::require_sound_sqlite()?;
        open::open(dir).map(|connection| Store::new(connection, dir))
    }

    /// Opens the store in the folder `dir`; makes folder and store if there is none, brings an older one up to date.
    ///
    /// That needs the lock: should another process hold it, `on_wait` is told once before waiting.
    ///
    /// # Errors
    /// The file is of another program or a newer version, or folder or database cannot be made or written.
    pub fn create_or_open(dir: &Path, on_wait: &mut dyn FnMut(Waiting)) -> Result<Store, StoreError> {
        open::require_sound_sqlite()?;
        open::create_or_open(dir, on_wait).map(|connection| Store::new(connection, dir))
    }

    fn new(connection: Connection, dir: &Path) -> Store {
        Store { connection, path: open::database(dir), lock_path: open::lock_file(dir) }
    }

    /// Becomes the one process that writes, until the writer is dropped.
    ///
    /// Should another process write, `on_wait` is told once before waiting for it, however long it takes.
    ///
    /// # Errors
    /// The store or its lock file may not be written, or a newer version has changed the store in the meantime.
    pub fn write(&mut self, on_wait: &mut dyn FnMut(Waiting)) -> Result<Writer<'_>, StoreError> {
        if self.connection.is_readonly("main").map_err(|error| self.fault(error))? {
            return Err(StoreError::ReadOnly { path: self.path.clone() });
        }
        let lock = Lock::take(&self.lock_path, on_wait)?;
        let identity = migrations::identify(&self.connection).map_err(|error| self.fault(error))?;
        open::refuse_others(&self.path, identity)?;
        Ok(Writer::new(self, lock))
    }

    /// Returns the path of the database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn fault(&self, error: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, error)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn check_refused(bytes: &[u8], expect: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        crate::store::testing::write_file(&path, bytes);
        for opened in [Store::open(folder.path()), Store::create_or_open(folder.path(), &mut |_| ())] {
            let error = opened.unwrap_err().to_string();
            assert_eq!(error, format!("{}: {expect}", path.display()));
        }
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn foreign_and_newer_files_are_refused_and_left_alone() {
        let foreign = "not a store of nextread; move the file away, or name another folder with --store";
        check_refused(b"just some text, long enough for a header", foreign);
        check_refused(&[0xff; 8_192], foreign);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
        check_refused(&fs::read(&path).unwrap(), foreign);
        Connection::open(&path)
            .unwrap()
            .execute_batch("PRAGMA application_id = 0x6e787264; PRAGMA user_version = 7")
            .unwrap();
        check_refused(
            &fs::read(&path).unwrap(),
            "written in format 7 by a newer nextread, this one knows up to 4; update nextread, or name another folder with --store",
        );
    }

    #[test]
    fn a_store_that_became_newer_meanwhile_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::create_or_open(folder.path(), &mut |_| ()).unwrap();
        let other = Connection::open(store.path()).unwrap();
        other.pragma_update(None, "user_version", 5).unwrap();
        assert!(matches!(store.write(&mut |_| ()), Err(StoreError::Newer { found: 5, known: 4, .. })));
    }

    #[test]
    fn reading_creates_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for dir in [folder.path().to_owned(), folder.path().join("missing")] {
            let error = Store::open(&dir).unwrap_err();
            assert!(
                error.to_string().ends_with("store.db: there is no store here; make one with `nextread index SOURCE`")
            );
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        crate::store::testing::write_file(&folder.path().join("store.db"), b"");
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Missing { .. })));
        Store::create_or_open(folder.path(), &mut |_| ()).unwrap();
        Store::open(folder.path()).unwrap();
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FOLDER);
        crate::store::testing::write_file(&path, b"");
        assert!(matches!(Store::create_or_open(&path, &mut |_| ()), Err(StoreError::Io { .. })));
        assert!(matches!(Store::open(&path), Err(StoreError::Missing { .. })));
    }

    #[test]
    fn the_folder_is_found_by_walking_up_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, deep) = (folder.path().join(FOLDER), folder.path().join("a/b"));
        fs::create_dir_all(&deep).unwrap();
        Store::create_or_open(&dir, &mut |_| ()).unwrap();
        let found = Store::find(&deep).unwrap();
        assert_eq!(found, dir.canonicalize().unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&found).unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(Store::find(&deep.join("missing")), None);
    }
}
