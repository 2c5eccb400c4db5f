//! Which part of a store is damaged, and how does it come back?

use std::fmt;

/// A part of the store that did not pass its check and was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// What kind of thing it is.
    pub part: Part,
    /// Its id or key as far as it can be read (it may be what is damaged); of [`Part::File`], what was found.
    pub name: String,
}

/// The kinds of things that a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// A post without its text.
    Post,
    /// The text of a post.
    Text,
    /// The words of a post.
    Terms,
    /// Where a post leads.
    Links,
    /// What a post wishes of lists.
    Wishes,
    /// The embedding of a post.
    Embedding,
    /// The sentence codes of a post.
    Sentences,
    /// A source.
    Source,
    /// A space of embeddings.
    Space,
    /// A post in the reading history.
    History,
    /// The record of one indexing.
    Provenance,
    /// The database file as a whole: rows that are lost, pages that do not fit together.
    File,
}

impl Damaged {
    /// Says what brings the part back.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self.part {
            Part::Post
            | Part::Text
            | Part::Terms
            | Part::Links
            | Part::Wishes
            | Part::Embedding
            | Part::Sentences
            | Part::Source => "it comes back when its source is indexed again",
            Part::Space => "its embeddings come back when the sources are indexed again",
            Part::History => "add it to the history again",
            Part::Provenance => "nothing else depends on it",
            Part::File => "move the file away and index again: posts come back from their sources",
        }
    }
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Post => "post",
            Part::Text => "text of post",
            Part::Terms => "word counts of post",
            Part::Links => "links of post",
            Part::Wishes => "wishes of post",
            Part::Embedding => "embedding of post",
            Part::Sentences => "sentence codes of post",
            Part::Source => "source",
            Part::Space => "space of embeddings",
            Part::History => "history of post",
            Part::Provenance => "indexing record of source",
            Part::File => return write!(f, "the database is damaged: {}; {}", self.name, self.remedy()),
        };
        write!(f, "{part} \"{}\" is damaged and left out; {}", self.name.escape_debug(), self.remedy())
    }
}

/// What could be read, and what could not.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<T> {
    /// All that passed its check.
    pub items: Vec<T>,
    /// What was left out.
    pub damaged: Vec<Damaged>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostId;
    use crate::store::testing::{self, embedding, record, source, store_of, store_with_embeddings};
    use crate::store::{Record, Store};

    /// Changes stored values as a flipped bit does: their checksum stays what it was.
    fn check_damage(sql: &str, part: Part, look: impl Fn(&Store, &str, &[PostId])) {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, key, ids) = store_with_embeddings(folder.path());
        assert_eq!(store.check(), []);
        store.connection.execute_batch(sql).unwrap();
        let damaged = Damaged { part, name: "a".to_owned() };
        assert_eq!(store.check(), std::slice::from_ref(&damaged), "{sql}");
        look(&store, &key, &ids);

        let mut writer = store.write(&mut |_| ()).unwrap();
        // Of a text that is gone altogether there is nothing to remove.
        assert!(writer.repair().unwrap().contains(&damaged) || sql.starts_with("DELETE"), "{sql}");
        let (post, source) = (testing::post("a"), source());
        let embedding = embedding(&key, &[1.0, 0.0, 0.0], &[]);
        assert_eq!(writer.put(&[Record { embedding, ..record(&post, &source) }]).unwrap().written, 1, "{sql}");
        assert_eq!(writer.check(), [], "{sql}");
        assert_eq!(writer.posts().unwrap().items.len(), 3, "{sql}");
    }

    #[test]
    fn damaged_rows_are_left_out_named_and_repaired() {
        check_damage("UPDATE post SET title = 'Tjtle' WHERE id = 'a'", Part::Post, |store, key, ids| {
            let posts = store.posts().unwrap();
            assert_eq!((posts.items.len(), posts.damaged.len()), (2, 1));
            assert_eq!(store.owner(&ids[0]).unwrap(), None);
            assert!(!store.states(&source(), key).unwrap().contains_key(&ids[0]));
        });
        check_damage("UPDATE body SET text = 'other' WHERE post = 'a'", Part::Text, |store, key, ids| {
            let error = store.text(&ids[0]).unwrap_err().to_string();
            assert!(
                error.ends_with(
                    "text of post \"a\" is damaged and left out; it comes back when its source is indexed again"
                ),
                "{error}"
            );
            assert!(!store.states(&source(), key).unwrap().contains_key(&ids[0]));
        });
        check_damage("DELETE FROM body WHERE post = 'a'", Part::Text, |store, key, ids| {
            assert!(store.text(&ids[0]).is_err());
            assert!(!store.states(&source(), key).unwrap().contains_key(&ids[0]));
        });
        check_damage("UPDATE embedding SET windows = 3 WHERE post = 'a'", Part::Embedding, |store, key, ids| {
            let loaded = store.embeddings(key, ids).unwrap();
            assert_eq!((loaded.positions, loaded.missing, loaded.damaged.len()), (vec![2], vec![0, 1], 1));
            assert_eq!(store.states(&source(), key).unwrap()[&ids[0]].text_hash, None);
        });
        check_damage(
            "UPDATE sentences SET codes = zeroblob(15) WHERE post = 'a'",
            Part::Sentences,
            |store, key, ids| {
                let loaded = store.sentences(key, ids).unwrap();
                assert_eq!((loaded.items[0].len(), loaded.items[2].len(), loaded.damaged.len()), (0, 2, 1));
                assert_eq!(store.states(&source(), key).unwrap()[&ids[0]].text_hash, None);
            },
        );
    }

    #[test]
    fn rows_that_vanish_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_of(folder.path(), &["a", "b"].map(testing::post));
        store.connection.execute_batch("DROP TRIGGER post_removed; DELETE FROM post WHERE id = 'a'").unwrap();
        let posts = store.posts().unwrap();
        assert_eq!(posts.items.len(), 1);
        assert_eq!(posts.damaged[0].name, "1 rows of post were found where 2 were written");
        assert_eq!(store.check(), posts.damaged);
        let mut writer = store.write(&mut |_| ()).unwrap();
        assert_eq!(writer.repair().unwrap(), posts.damaged);
        assert_eq!(writer.check(), []);
    }
}
