//! What was read? The reading history, in the order in which it was added.

use rusqlite::params;

use super::damage::Loaded;
use super::rows::column;
use super::schema::HISTORY;
use super::write::Writer;
use super::{Store, StoreError};

/// A post that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRecord {
    /// Its id or URL, as the reader gave it; the post need not be in the store.
    pub post: String,
    /// When it was read, as the reader gave it.
    pub read_at: Option<String>,
    /// How it was liked, on the reader's own scale; finite.
    pub rating: Option<f32>,
}

impl Store {
    /// Reads the reading history, in the order in which it was added.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn history(&self) -> Result<Loaded<HistoryRecord>, StoreError> {
        self.consistently(|connection| {
            let mut numbered = HISTORY.load(connection, "ORDER BY rowid", [], |row| {
                let rating: Option<f64> = column(row, 3)?;
                let rating = rating.map(|rating| rating as f32);
                Some((
                    column::<i64>(row, 1)?,
                    HistoryRecord { post: column(row, 0)?, read_at: column(row, 2)?, rating },
                ))
            })?;
            numbered.items.dedup_by_key(|(number, _)| *number);
            numbered.damaged.extend(HISTORY.lost(connection, numbered.items.len() + numbered.damaged.len())?);
            let items = numbered.items.into_iter().map(|(_, record)| record).collect();
            Ok(Loaded { items, damaged: numbered.damaged })
        })
    }
}

impl Writer<'_> {
    /// Adds to the end of the reading history and returns how many records were new. One with the post and time of an
    /// earlier record only renews that one's rating, so that the same file can be imported twice.
    ///
    /// # Errors
    /// A rating is not finite, or the database cannot be written; then nothing is added.
    pub fn add_history(&mut self, records: &[HistoryRecord]) -> Result<usize, StoreError> {
        if let Some(bad) = records.iter().find(|record| record.rating.is_some_and(|rating| !rating.is_finite())) {
            return Err(StoreError::BadRating { post: bad.post.clone() });
        }
        self.transact(|transaction| {
            let mut added = 0;
            for HistoryRecord { post, read_at, rating } in records {
                let same = "WHERE post = ?1 AND read_at IS ?2";
                let known = HISTORY.load(transaction, same, params![post, read_at], |row| column(row, 1))?.items.pop();
                added += usize::from(known.is_none());
                let number = known.map_or_else(|| HISTORY.next_number(transaction), Ok)?;
                HISTORY.put(transaction, "", &[post, &number, read_at, &rating.map(f64::from)])?;
            }
            Ok(added)
        })
    }

    /// Removes every record of a post from the reading history; returns how many there were.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove_history(&mut self, post: &str) -> Result<usize, StoreError> {
        self.transact(|transaction| transaction.execute("DELETE FROM history WHERE post = ?1", [post]))
    }

    /// Empties the reading history; returns how many records there were.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn clear_history(&mut self) -> Result<usize, StoreError> {
        self.transact(|transaction| transaction.execute("DELETE FROM history", []))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::store_of;
    use crate::store::{Damaged, Part};

    #[test]
    fn history_keeps_its_order_and_is_imported_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_of(folder.path(), &[]);
        let read = |post: &str, read_at: Option<&str>, rating| HistoryRecord {
            post: post.to_owned(),
            read_at: read_at.map(str::to_owned),
            rating,
        };
        let records = [
            read("z", None, None),
            read("https://a.example/", Some("2026-05-01"), Some(0.1)),
            read("z", Some("2026"), None),
        ];
        let mut writer = store.write(&mut |_| ()).unwrap();
        assert_eq!(writer.add_history(&records).unwrap(), 3);
        assert_eq!(writer.add_history(&records[..2]).unwrap(), 0);
        assert_eq!(writer.history().unwrap().items, records);
        assert_eq!(writer.add_history(&[read("z", None, Some(5.0))]).unwrap(), 0);
        assert_eq!(writer.history().unwrap().items[0], read("z", None, Some(5.0)));
        assert!(matches!(writer.add_history(&[read("z", None, Some(f32::NAN))]), Err(StoreError::BadRating { .. })));

        writer.connection.execute_batch("UPDATE history SET post = 'y' WHERE n = 3").unwrap();
        let loaded = writer.history().unwrap();
        assert_eq!(
            (loaded.items.len(), loaded.damaged),
            (2, vec![Damaged { part: Part::History, name: "y".to_owned() }])
        );
        assert_eq!(writer.remove_history("z").unwrap(), 1);
        assert_eq!(writer.clear_history().unwrap(), 2);
        assert_eq!(writer.history().unwrap().items, []);
    }
}
