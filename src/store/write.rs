//! How does something get into the store? Each call is one transaction: all of it or nothing.

use std::ops::Deref;

use rusqlite::{Transaction, TransactionBehavior};

use super::damage::Damaged;
use super::lock::Lock;
use super::rows::{self, StoredSentence};
use super::schema::{EMBEDDING, HISTORY, POST, SENTENCES, TABLES};
use super::{SourceKey, Store, StoreError};
use crate::corpus::{PostLink, Wishes};
use crate::post::{Post, PostId};

/// Posts whose terms are counted and stored together.
const POSTS_A_COMMIT: usize = 128;

/// One post to store, with its embedding if that is new.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// With its text, if it has one.
    pub post: &'a Post,
    /// [`content_hash`](super::content_hash) of `post`.
    pub content_hash: [u8; 32],
    /// Where it comes from.
    pub source: &'a SourceKey,
    /// Where it leads; `from` is this post in all of them.
    pub links: &'a [PostLink],
    /// What it wishes of lists of related posts.
    pub wishes: Option<&'a Wishes>,
    /// `None` keeps embeddings that are stored already: right as long as the embedded text is the same.
    pub embedding: Option<EmbeddingRow<'a>>,
}

/// The embedding of one post in one space.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddingRow<'a> {
    /// The key of a registered space.
    pub space_key: &'a str,
    /// [`text_hash`](super::text_hash) of the embedded text.
    pub text_hash: [u8; 32],
    /// As long as the space has dimensions.
    pub vector: &'a [f32],
    /// Windows that the text was cut into.
    pub windows: usize,
    /// Whether the end of the text was dropped.
    pub truncated: bool,
    /// The sentences of the summary, in order; may be empty.
    pub sentences: &'a [StoredSentence],
}

/// What [`Writer::put`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "posts whose id belongs to another source were not stored"]
pub struct Put {
    /// How many posts were written.
    pub written: usize,
    /// Posts that were not, because another source has a post with that id.
    pub taken: Vec<Taken>,
}

/// An id that belongs to another source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The id.
    pub id: PostId,
    /// Whose it is; `None` if the stored post is damaged.
    pub owner: Option<SourceKey>,
}

/// The right to write to a store. Reads as the [`Store`] does.
#[derive(Debug)]
pub struct Writer<'a> {
    store: &'a mut Store,
    _lock: Lock,
}

impl Deref for Writer<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(store: &'a mut Store, lock: Lock) -> Writer<'a> {
        Writer { store, _lock: lock }
    }

    /// Stores posts, over earlier ones with the same id from the same source. Putting the same again changes nothing.
    ///
    /// Embeddings of an earlier title or summary are dropped in every space, so that none outlives its text.
    ///
    /// A commit is on the disk when this returns, so hand in a few hundred posts at a time.
    ///
    /// # Errors
    /// A space is not registered, a vector does not fit it, or the database cannot be written; then nothing of the
    /// batch is stored (if the disk failed in the commit itself, all of it may be: put it again).
    pub fn put(&mut self, batch: &[Record<'_>]) -> Result<Put, StoreError> {
        let embeddings = batch
            .iter()
            .map(|record| record.embedding.map(|row| self.encode(&record.post.id, row)).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let taken = self.transact(|transaction| {
            let mut taken = Vec::new();
            for (record, embedding) in batch.iter().zip(&embeddings) {
                rows::drop_outdated(transaction, record)?;
                if rows::put_post(transaction, record)? == 0 {
                    taken.push(&record.post.id);
                } else if let Some(embedding) = embedding {
                    embedding.put(transaction, record.post.id.as_str())?;
                }
            }
            Ok(taken)
        })?;
        let written = batch.len() - taken.len();
        let with_owner = |id: &PostId| Ok(Taken { id: id.clone(), owner: self.owner(id)? });
        Ok(Put { written, taken: taken.into_iter().map(with_owner).collect::<Result<_, StoreError>>()? })
    }

    /// Stores embeddings of posts that are stored already: in another space, or where one was damaged.
    ///
    /// # Errors
    /// As [`Writer::put`], or there is no such post.
    pub fn put_embeddings(&mut self, batch: &[(&PostId, EmbeddingRow<'_>)]) -> Result<(), StoreError> {
        let rows = batch
            .iter()
            .map(|&(id, row)| Ok((id.as_str(), self.encode(id, row)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        self.transact(|transaction| rows.iter().try_for_each(|(post, row)| row.put(transaction, post)))
    }

    fn encode<'b>(&self, post: &PostId, row: EmbeddingRow<'b>) -> Result<EncodedEmbedding<'b>, StoreError> {
        let (space, dimension) = self.space_number(row.space_key)?;
        let encoded = rows::encode_vector(row.vector, dimension)
            .and_then(|vector| Ok((vector, rows::encode_sentences(row.sentences, dimension)?)));
        let (vector, codes) = encoded.map_err(|source| StoreError::BadVector { post: post.to_string(), source })?;
        Ok(EncodedEmbedding { row, space, vector, codes })
    }

    /// Counts the terms of stored posts that have no counts: those of an older format, or damaged ones that were removed.
    /// Returns how many there were.
    ///
    /// # Errors
    /// A text is damaged, or the database cannot be read or written; what was counted until then stays.
    pub fn complete_terms(&mut self) -> Result<usize, StoreError> {
        let mut posts = self.posts()?.items;
        let known = self.terms(posts.iter().map(|post| &post.id))?.items;
        let mut known = known.iter();
        posts.retain(|_| known.next().is_some_and(Option::is_none));
        for batch in posts.chunks_mut(POSTS_A_COMMIT) {
            for post in &mut *batch {
                post.text = self.text(&post.id)?;
            }
            self.transact(|transaction| batch.iter().try_for_each(|post| rows::put_terms(transaction, post)))?;
        }
        Ok(posts.len())
    }

    /// Removes posts with all that belongs to them; returns how many there were. The reading history stays.
    ///
    /// # Errors
    /// The database cannot be written; then none is removed.
    pub fn remove(&mut self, ids: &[PostId]) -> Result<usize, StoreError> {
        self.transact(|transaction| {
            let mut statement = transaction.prepare_cached("DELETE FROM post WHERE id = ?1")?;
            ids.iter().map(|id| statement.execute([id.as_str()])).sum()
        })
    }

    /// Removes every row that does not pass its check, with all that belongs to it, so that it can be written anew
    /// from its source; returns what was damaged. Writes nothing to a sound store.
    ///
    /// # Errors
    /// The damage is in the database's structure, where nothing but a new file helps, or it cannot be written.
    pub fn repair(&mut self) -> Result<Vec<Damaged>, StoreError> {
        let checked = self.consistently(|connection| {
            TABLES.iter().map(|table| table.check(connection)).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        if checked.iter().all(Vec::is_empty) {
            return Ok(Vec::new());
        }
        self.transact(|transaction| {
            // Indexes first: with a damaged key in one, its row can neither be found nor removed.
            transaction.execute_batch("REINDEX")?;
            let mut removed = Vec::new();
            for table in TABLES {
                removed.extend(table.remove_damaged(transaction)?);
            }
            for table in [&POST, &HISTORY] {
                removed.extend(table.check(transaction)?);
                let recount = format!(
                    "INSERT INTO tally VALUES ('{0}', (SELECT count(*) FROM {0})) ON CONFLICT (name) \
                     DO UPDATE SET total = excluded.total",
                    table.name
                );
                transaction.execute(&recount, [])?;
            }
            Ok(removed)
        })
    }

    /// Runs `change` as one transaction, which has reached the disk when this returns.
    pub(super) fn transact<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let Store { connection, path, .. } = &mut *self.store;
        // IMMEDIATE: two deferred ones that turn into writers got 12,988 times "busy" against 1,719 commits.
        let changed = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let value = change(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        changed.map_err(|error| StoreError::from_sqlite(path, error))
    }
}

struct EncodedEmbedding<'a> {
    row: EmbeddingRow<'a>,
    space: i64,
    vector: Vec<u8>,
    codes: Vec<u8>,
}

impl EncodedEmbedding<'_> {
    fn put(&self, transaction: &Transaction<'_>, post: &str) -> rusqlite::Result<()> {
        let EncodedEmbedding { row, space, vector, codes } = self;
        let windows = i64::try_from(row.windows).unwrap_or(i64::MAX);
        let hash = row.text_hash.as_slice();
        EMBEDDING.put(transaction, "", &[&post, space, &hash, &windows, &row.truncated, vector])?;
        SENTENCES.put(transaction, "", &[&post, space, codes])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embeddings::EmbeddingsError;
    use crate::store::testing::{self, embedding, listed, record, source, space, store_of};

    #[test]
    fn putting_again_changes_nothing_and_changes_are_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut post = testing::post("a");
        let mut store = store_of(folder.path(), &[post.clone()]);
        let source = source();
        let mut writer = store.write(&mut |_| ()).unwrap();
        for text in [post.text.clone(), Some("new".to_owned()), None, Some(String::new())] {
            post.text = text;
            for _ in 0..2 {
                let put = writer.put(&[record(&post, &source)]).unwrap();
                assert_eq!(put, Put { written: 1, taken: vec![] });
                assert_eq!(writer.posts().unwrap().items, [listed(&post)]);
                assert_eq!(writer.text(&post.id).unwrap(), post.text);
                assert_eq!(writer.check(), []);
            }
        }
    }

    #[test]
    fn an_id_of_another_source_is_reported_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_of(folder.path(), &[testing::post("a")]);
        let (mut theirs, ours, other) = (testing::post("a"), testing::post("b"), SourceKey::new("other"));
        theirs.title = "Theirs".to_owned();
        theirs.text = None;
        let mut writer = store.write(&mut |_| ()).unwrap();
        let put = writer.put(&[record(&theirs, &other), record(&ours, &other)]).unwrap();
        assert_eq!(put, Put { written: 1, taken: vec![Taken { id: theirs.id.clone(), owner: Some(source()) }] });
        assert_eq!(writer.posts().unwrap().items, [listed(&testing::post("a")), listed(&ours)]);
        assert_eq!(writer.text(&theirs.id).unwrap(), testing::post("a").text);
        assert_eq!(writer.owner(&ours.id).unwrap(), Some(other));
    }

    #[test]
    fn removing_a_post_removes_all_that_belongs_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let posts = ["a", "b"].map(testing::post);
        let mut store = store_of(folder.path(), &posts);
        let source = source();
        let mut writer = store.write(&mut |_| ()).unwrap();
        let key = writer.register_space(&space("first")).unwrap();
        let embedding = embedding(&key, &[1.0, 0.0, 0.0], &[]);
        assert_eq!(writer.put(&[Record { embedding, ..record(&posts[0], &source) }]).unwrap().written, 1);
        let gone = ["a", "z"].map(|id| PostId::new(id).unwrap());
        assert_eq!(writer.remove(&gone).unwrap(), 1);
        assert_eq!(writer.posts().unwrap().items, [listed(&posts[1])]);
        assert_eq!(writer.text(&gone[0]).unwrap(), None);
        assert_eq!(writer.embeddings(&key, &gone).unwrap().missing, [0, 1]);
        assert_eq!(writer.spaces().unwrap().items[0].embeddings, 0);
        assert_eq!(writer.check(), []);
    }

    #[test]
    fn a_bad_vector_keeps_its_whole_batch_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_of(folder.path(), &[]);
        let mut writer = store.write(&mut |_| ()).unwrap();
        let key = writer.register_space(&space("first")).unwrap();
        let (posts, source) = (["a", "b"].map(testing::post), source());
        let long = [StoredSentence { range: 0..4, codes: vec![0; 4], scale: 1.0 }];
        let infinite = [StoredSentence { range: 0..4, codes: vec![0; 3], scale: f32::INFINITY }];
        let cases: [(&[f32], &[StoredSentence], EmbeddingsError); 5] = [
            (&[1.0, 0.0], &[], EmbeddingsError::Shape { values: 2, dimension: 3 }),
            (&[1.0, f32::NAN, 0.0], &[], EmbeddingsError::NotFinite { row: 0 }),
            (&[0.0, 0.0, 0.0], &[], EmbeddingsError::Zero { row: 0 }),
            (&[1.0, 0.0, 0.0], &long, EmbeddingsError::Shape { values: 4, dimension: 3 }),
            (&[1.0, 0.0, 0.0], &infinite, EmbeddingsError::NotFinite { row: 0 }),
        ];
        for (vector, sentences, expect) in cases {
            let embedding = embedding(&key, vector, sentences);
            let batch = [record(&posts[0], &source), Record { embedding, ..record(&posts[1], &source) }];
            match writer.put(&batch) {
                Err(StoreError::BadVector { post, source }) => assert_eq!((post.as_str(), source), ("b", expect)),
                other => panic!("{other:?}"),
            }
        }
        let unknown = embedding("other", &[1.0, 0.0, 0.0], &[]);
        let error = writer.put(&[Record { embedding: unknown, ..record(&posts[1], &source) }]).unwrap_err();
        assert!(matches!(error, StoreError::UnknownSpace { .. }), "{error}");
        assert_eq!(writer.posts().unwrap().items, []);
    }
}
