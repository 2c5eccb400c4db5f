//! Where did the posts come from? Sources, and what was indexed when.

use std::collections::HashMap;

use rusqlite::ToSql;

use super::damage::Loaded;
use super::rows::column;
use super::schema::{PROVENANCE, SOURCE};
use super::write::Writer;
use super::{SourceKey, Store, StoreError};

/// A source that was indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSource {
    /// Its name.
    pub key: SourceKey,
    /// How to read it again, as whoever registered it wrote it down.
    pub spec: String,
    /// How many posts are stored from it.
    pub posts: usize,
}

/// What one indexing of one source did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The source.
    pub source: SourceKey,
    /// When, as the caller wrote it; the store reads no clock.
    pub at: String,
    /// The version of nextread that did it.
    pub version: String,
    /// The key of the space that it embedded in.
    pub space_key: String,
    /// Posts that were new.
    pub added: u32,
    /// Posts that differed from the stored ones.
    pub changed: u32,
    /// Posts that were gone from the source.
    pub removed: u32,
    /// Posts that were the same.
    pub unchanged: u32,
}

impl Store {
    /// Reads the names of the sources: of files and folders, their paths.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn source_names(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.sources()?.items.into_iter().map(|source| source.key.0).collect())
    }

    /// Reads the sources, ascending by name.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn sources(&self) -> Result<Loaded<StoredSource>, StoreError> {
        self.consistently(|connection| {
            let mut statement = connection.prepare("SELECT source_key, count(*) FROM post GROUP BY source_key")?;
            let counts: HashMap<String, i64> =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
            let mut loaded = SOURCE.load(connection, "ORDER BY rowid", [], |row| {
                let key: String = column(row, 0)?;
                let posts = counts.get(&key).copied().unwrap_or(0);
                Some(StoredSource { key: SourceKey(key), spec: column(row, 1)?, posts: usize::try_from(posts).ok()? })
            })?;
            loaded.items.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(loaded)
        })
    }

    /// Reads what was indexed, oldest first.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn provenance(&self) -> Result<Loaded<Provenance>, StoreError> {
        self.consistently(|connection| {
            PROVENANCE.load(connection, "ORDER BY rowid", [], |row| {
                Some(Provenance {
                    source: SourceKey(column(row, 0)?),
                    at: column(row, 2)?,
                    version: column(row, 3)?,
                    space_key: column(row, 4)?,
                    added: column(row, 5)?,
                    changed: column(row, 6)?,
                    removed: column(row, 7)?,
                    unchanged: column(row, 8)?,
                })
            })
        })
    }
}

impl Writer<'_> {
    /// Notes a source and how to read it again; replaces what was noted under the same name.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn register_source(&mut self, key: &SourceKey, spec: &str) -> Result<(), StoreError> {
        self.transact(|transaction| SOURCE.put(transaction, "", &[&key.as_str(), &spec]).map(drop))
    }

    /// Removes a source and all of its posts; returns how many there were.
    ///
    /// # Errors
    /// The database cannot be written; then nothing is removed.
    pub fn drop_source(&mut self, key: &SourceKey) -> Result<usize, StoreError> {
        self.transact(|transaction| {
            transaction.execute("DELETE FROM source WHERE key = ?1", [key.as_str()])?;
            transaction.execute("DELETE FROM post WHERE source_key = ?1", [key.as_str()])
        })
    }

    /// Notes what an indexing did.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn add_provenance(&mut self, done: &Provenance) -> Result<(), StoreError> {
        let Provenance { source, at, version, space_key, added, changed, removed, unchanged } = done;
        self.transact(|transaction| {
            let number = PROVENANCE.next_number(transaction)?;
            let values: [&dyn ToSql; 9] =
                [&source.as_str(), &number, at, version, space_key, added, changed, removed, unchanged];
            PROVENANCE.put(transaction, "", &values).map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{self, source, space, store_of};

    #[test]
    fn sources_and_what_was_indexed_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_of(folder.path(), &["a", "b"].map(testing::post));
        let mut writer = store.write(&mut |_| ()).unwrap();
        let other = SourceKey::new("other");
        writer.register_source(&other, "first spec").unwrap();
        writer.register_source(&other, "spec").unwrap();
        let done = Provenance {
            source: source(),
            at: "2026-05-20T10:00:00Z".to_owned(),
            version: "0.1.0".to_owned(),
            space_key: space("first").key(),
            added: 2,
            changed: 0,
            removed: 1,
            unchanged: u32::MAX,
        };
        for _ in 0..2 {
            writer.add_provenance(&done).unwrap();
        }
        let sources = [
            StoredSource { key: source(), spec: "feed.xml".to_owned(), posts: 2 },
            StoredSource { key: other, spec: "spec".to_owned(), posts: 0 },
        ];
        assert_eq!(writer.sources().unwrap().items, sources);
        assert_eq!(writer.provenance().unwrap().items, [done.clone(), done]);
        assert_eq!(writer.drop_source(&source()).unwrap(), 2);
        assert_eq!(writer.sources().unwrap().items, sources[1..]);
        assert_eq!((writer.posts().unwrap().items, writer.check()), (vec![], vec![]));
    }
}
