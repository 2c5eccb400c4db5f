//! Which vectors may be compared? Spaces of embeddings, kept apart.

use std::collections::HashMap;

use rusqlite::{Connection, Row, ToSql};

use super::damage::Loaded;
use super::rows::column;
use super::schema::SPACE;
use super::write::Writer;
use super::{Store, StoreError};
use crate::embeddings::{LongTexts, Precision, Space};

/// A space and the template by which posts become texts to embed. Vectors of two templates are kept apart, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSpace {
    /// What makes the vectors.
    pub space: Space,
    /// What makes a text of a post, such as `title + summary`.
    pub template: String,
}

impl StoredSpace {
    /// Returns a text that differs between any two spaces that the store keeps apart.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} template:{}", self.space.key(), self.template)
    }
}

/// A space and how many embeddings are stored in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceStatus {
    /// As [`StoredSpace::key`] returns it.
    pub key: String,
    /// The space.
    pub space: StoredSpace,
    /// Whether posts are compared in this space.
    pub active: bool,
    /// How many posts have an embedding in it.
    pub embeddings: usize,
    /// How many of them were made of several windows.
    pub windowed: usize,
    /// How many of them lost the end of their text.
    pub truncated: usize,
}

impl Store {
    /// Reads all spaces, in the order in which they were registered, and counts their embeddings.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn spaces(&self) -> Result<Loaded<SpaceStatus>, StoreError> {
        self.consistently(|connection| {
            let mut statement = connection
                .prepare("SELECT space, count(*), sum(windows > 1), sum(truncated) FROM embedding GROUP BY space")?;
            let counted = statement.query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?])))?;
            let counts: HashMap<i64, [i64; 3]> = counted.collect::<rusqlite::Result<_>>()?;
            SPACE.load(connection, "ORDER BY rowid", [], |row| {
                let count = |which: usize| {
                    let counts = counts.get(&column(row, 1)?).copied().unwrap_or_default();
                    usize::try_from(counts[which]).ok()
                };
                Some(SpaceStatus {
                    key: column(row, 0)?,
                    space: decode(row)?,
                    active: column(row, 9)?,
                    embeddings: count(0)?,
                    windowed: count(1)?,
                    truncated: count(2)?,
                })
            })
        })
    }

    /// Reads the space in which posts are compared; `None` before the first one is chosen (or if it is damaged).
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn active_space(&self) -> Result<Option<StoredSpace>, StoreError> {
        self.consistently(|connection| Ok(SPACE.load(connection, "WHERE active", [], decode)?.items.pop()))
    }
}

impl Writer<'_> {
    /// Makes room for embeddings of a space, if there is none yet; returns the space's key.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn register_space(&mut self, space: &StoredSpace) -> Result<String, StoreError> {
        let key = space.key();
        self.transact(|transaction| {
            let known: i64 =
                transaction.query_row("SELECT count(*) FROM space WHERE key = ?1", [&key], |row| row.get(0))?;
            if known == 0 { put_space(transaction, SPACE.next_number(transaction)?, space, false) } else { Ok(()) }
        })?;
        Ok(key)
    }

    /// Chooses the space in which posts are compared.
    ///
    /// # Errors
    /// The space is not registered, or the database cannot be written.
    pub fn set_active_space(&mut self, key: &str) -> Result<(), StoreError> {
        self.space_number(key)?;
        self.transact(|transaction| {
            let spaces = SPACE.load(transaction, "", [], |row| Some((column(row, 1)?, decode(row)?)))?.items;
            spaces.iter().try_for_each(|(number, space)| put_space(transaction, *number, space, space.key() == key))
        })
    }

    /// Removes a space and all embeddings in it; returns how many there were.
    ///
    /// # Errors
    /// The space is not registered, or the database cannot be written; then nothing is removed.
    pub fn drop_space(&mut self, key: &str) -> Result<usize, StoreError> {
        let (number, _) = self.space_number(key)?;
        self.transact(|transaction| {
            let embeddings = transaction.execute("DELETE FROM embedding WHERE space = ?1", [number])?;
            transaction.execute("DELETE FROM space WHERE n = ?1", [number])?;
            Ok(embeddings)
        })
    }
}

/// Reads a row of [`SPACE`].
pub(super) fn decode(row: &Row<'_>) -> Option<StoredSpace> {
    let (key, long_texts): (String, String) = (column(row, 0)?, column(row, 7)?);
    let space = Space {
        model: column(row, 2)?,
        revision: column(row, 3)?,
        sha256: column(row, 4)?,
        dimension: usize::try_from(column::<i64>(row, 5)?).ok()?,
        pooling: column(row, 6)?,
        long_texts: [LongTexts::Windows, LongTexts::Truncate].into_iter().find(|word| word.as_str() == long_texts)?,
        precision: Precision::Exact,
    };
    let stored = StoredSpace { space, template: column(row, 8)? };
    // There is no column for it: the key tells.
    let with = |precision| StoredSpace { space: Space { precision, ..stored.space.clone() }, ..stored.clone() };
    Precision::ALL.into_iter().map(with).find(|stored| stored.key() == key)
}

fn put_space(connection: &Connection, number: i64, stored: &StoredSpace, active: bool) -> rusqlite::Result<()> {
    let StoredSpace { space, template } = stored;
    let dimension = i64::try_from(space.dimension).unwrap_or(i64::MAX);
    let values: [&dyn ToSql; 10] = [
        &stored.key(),
        &number,
        &space.model,
        &space.revision,
        &space.sha256,
        &dimension,
        &space.pooling,
        &space.long_texts.as_str(),
        template,
        &active,
    ];
    SPACE.put(connection, "", &values).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Record;
    use crate::store::testing::{self, embedding, record, source, space, store_of};

    #[test]
    fn several_spaces_are_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let posts = ["a", "b"].map(testing::post);
        let mut store = store_of(folder.path(), &posts);
        let source = source();
        let mut writer = store.write(&mut |_| ()).unwrap();
        let keys = ["first", "second"].map(|model| writer.register_space(&space(model)).unwrap());
        assert_eq!(writer.register_space(&space("first")).unwrap(), keys[0]);
        assert_eq!(writer.active_space().unwrap(), None);
        for (key, vector) in keys.iter().zip([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]) {
            let embedding = embedding(key, &vector, &[]);
            assert_eq!(writer.put(&[Record { embedding, ..record(&posts[0], &source) }]).unwrap().written, 1);
            writer.set_active_space(key).unwrap();
        }
        assert_eq!(writer.active_space().unwrap(), Some(space("second")));
        let ids = posts.each_ref().map(|post| post.id.clone());
        assert_eq!(writer.embeddings(&keys[0], &ids).unwrap().embeddings.as_slice(), [1.0, 0.0, 0.0]);
        assert_eq!(writer.embeddings(&keys[1], &ids).unwrap().embeddings.as_slice(), [0.0, 1.0, 0.0]);

        assert_eq!(writer.drop_space(&keys[0]).unwrap(), 1);
        assert!(writer.embeddings(&keys[0], &ids).is_err());
        let key = keys[1].clone();
        let left = SpaceStatus { key, space: space("second"), active: true, embeddings: 1, windowed: 1, truncated: 0 };
        assert_eq!(writer.spaces().unwrap().items, [left]);
        assert_eq!(writer.check(), []);
    }

    #[test]
    fn another_template_is_another_space() {
        let stored = space("first");
        let other = StoredSpace { template: "title".to_owned(), ..stored.clone() };
        assert_ne!(stored.key(), other.key());
    }

    #[test]
    fn the_precision_is_read_back_from_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_of(folder.path(), &[]);
        let mut writer = store.write(&mut |_| ()).unwrap();
        for precision in Precision::ALL {
            let first = space("first");
            let stored = StoredSpace { space: Space { precision, ..first.space }, ..first };
            let key = writer.register_space(&stored).unwrap();
            assert_eq!(key.contains("precision:"), precision != Precision::Exact, "{key}");
            writer.set_active_space(&key).unwrap();
            assert_eq!(writer.active_space().unwrap(), Some(stored));
        }
        assert_eq!(writer.spaces().unwrap().items.len(), 3);
        assert_eq!(writer.check(), []);
    }
}
