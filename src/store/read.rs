//! What is in the store? Every row is checked as it is read.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::damage::{Damaged, Loaded, Part};
use super::rows::{self, StoredSentence, column};
use super::schema::{BODY, EMBEDDING, LINKS, POST, SENTENCES, SPACE, TABLES, TERMS, Table, WISHES};
use super::{SourceKey, Store, StoreError, spaces, text_hash};
use crate::corpus::{PostLink, Terms, Wishes};
use crate::embeddings::Embeddings;
use crate::post::{Post, PostId};

/// What is stored of a post, to tell whether it must be stored or embedded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// As [`content_hash`](super::content_hash) computed it.
    pub content_hash: [u8; 32],
    /// Hash of the text whose embedding is stored in the space asked for; `None` without a sound embedding there.
    pub text_hash: Option<[u8; 32]>,
    /// As [`links_hash`](super::links_hash) computed it; `None` of a post that was stored by a version that kept no links.
    pub links_hash: Option<[u8; 32]>,
    /// As [`wishes_hash`](super::wishes_hash) computed it; `None` of a post that was stored by a version that knew none.
    pub wishes_hash: Option<[u8; 32]>,
}

/// The embeddings of those posts that have one.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedEmbeddings {
    /// One row for each of `positions`.
    pub embeddings: Embeddings,
    /// Which of the ids asked for each row belongs to, ascending; all of them when `missing` is empty.
    pub positions: Vec<usize>,
    /// Which of the ids asked for have no sound embedding, ascending.
    pub missing: Vec<usize>,
    /// What was left out.
    pub damaged: Vec<Damaged>,
}

impl Store {
    /// Reads all posts, ascending by id, without their texts.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn posts(&self) -> Result<Loaded<Post>, StoreError> {
        self.consistently(|connection| {
            let mut posts = POST.load(connection, "", [], rows::post)?;
            posts.items.sort_by(|a, b| a.id.cmp(&b.id));
            // A broken page pointer can show one page twice in place of another.
            posts.items.dedup_by(|a, b| a.id == b.id);
            posts.damaged.extend(POST.lost(connection, posts.items.len() + posts.damaged.len())?);
            Ok(posts)
        })
    }

    /// Reads the text of one post; `None` if it has none or there is no such post.
    ///
    /// # Errors
    /// The text is damaged or the database cannot be read.
    pub fn text(&self, id: &PostId) -> Result<Option<String>, StoreError> {
        let (mut texts, sizes) = self.consistently(|connection| {
            let texts = BODY.load(connection, "WHERE post = ?1", [id.as_str()], |row| column::<String>(row, 1))?;
            let sizes = POST.load(connection, "WHERE id = ?1", [id.as_str()], |row| column::<Option<i64>>(row, 3))?;
            Ok((texts, sizes))
        })?;
        let text = texts.items.pop();
        let mut damaged = [texts.damaged, sizes.damaged].concat();
        if damaged.is_empty() && text.as_ref().map(|text| text.len() as i64) != sizes.items.first().copied().flatten() {
            damaged.push(Damaged { part: Part::Text, name: id.to_string() });
        }
        match damaged.pop() {
            Some(damaged) => Err(StoreError::DamagedRow { path: self.path.clone(), damaged }),
            None => Ok(text),
        }
    }

    /// Tells which source a post belongs to; `None` if there is no (sound) post with this id.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn owner(&self, id: &PostId) -> Result<Option<SourceKey>, StoreError> {
        self.consistently(|connection| {
            let owner = |row: &Row<'_>| Some(SourceKey::new(column::<String>(row, 1)?));
            Ok(POST.load(connection, "WHERE id = ?1", [id.as_str()], owner)?.items.pop())
        })
    }

    /// Reads which source each post belongs to; posts that are damaged are left out.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn owners(&self) -> Result<HashMap<PostId, SourceKey>, StoreError> {
        let owners = self.consistently(|connection| {
            let owner =
                |row: &Row<'_>| Some((PostId::new(&column::<String>(row, 0)?).ok()?, column::<String>(row, 1)?));
            POST.load(connection, "", [], owner)
        })?;
        Ok(owners.items.into_iter().map(|(id, key)| (id, SourceKey::new(key))).collect())
    }

    /// Reads what is stored of each post of `source`. A post of which the text is damaged counts as not stored, one of
    /// which embedding or sentences are damaged as not embedded, so that both are written anew.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn states(&self, source: &SourceKey, space_key: &str) -> Result<HashMap<PostId, State>, StoreError> {
        self.consistently(|connection| {
            let mut bodies: HashMap<String, i64> = HashMap::new();
            BODY.scan(connection, "", [], |row| {
                let ValueRef::Text(text) = row.get_ref(1).ok()? else { return None };
                bodies.insert(column(row, 0)?, text.len() as i64);
                Some(())
            })?;
            let hashes = match find_space(connection, space_key)? {
                Some((number, dimension)) => embedded_texts(connection, number, dimension)?,
                None => HashMap::new(),
            };
            let links = hashes_of(&LINKS, connection)?;
            let wishes = hashes_of(&WISHES, connection)?;
            let mut states = HashMap::new();
            POST.scan(connection, "WHERE source_key = ?1", [source.as_str()], |row| {
                let id: String = column(row, 0)?;
                let text_bytes: Option<i64> = column(row, 3)?;
                if bodies.get(&id).copied() == text_bytes {
                    let state = State {
                        content_hash: column(row, 2)?,
                        text_hash: hashes.get(&id).copied(),
                        links_hash: links.get(&id).copied(),
                        wishes_hash: wishes.get(&id).copied(),
                    };
                    states.insert(PostId::new(&id).ok()?, state);
                }
                Some(())
            })?;
            Ok(states)
        })
    }

    /// Reads, for every post with a sound embedding in a space, the hash of the text that was embedded.
    ///
    /// # Errors
    /// There is no such space, the database cannot be read or its structure is broken.
    pub fn text_hashes(&self, space_key: &str) -> Result<HashMap<PostId, [u8; 32]>, StoreError> {
        let (number, dimension) = self.space_number(space_key)?;
        let hashes = self.consistently(|connection| embedded_texts(connection, number, dimension))?;
        Ok(hashes.into_iter().filter_map(|(id, hash)| Some((PostId::new(&id).ok()?, hash))).collect())
    }

    /// Reads the embeddings of the posts with these ids (each named once), in their order.
    ///
    /// # Errors
    /// There is no such space, the database cannot be read or its structure is broken.
    pub fn embeddings<'a>(
        &self,
        space_key: &str,
        ids: impl IntoIterator<Item = &'a PostId>,
    ) -> Result<LoadedEmbeddings, StoreError> {
        let positions: HashMap<&str, usize> = ids.into_iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let (number, dimension) = self.space_number(space_key)?;
        let mut values = vec![0.0; positions.len() * dimension];
        let mut sound = vec![false; positions.len()];
        let damaged = self.consistently(|connection| {
            // The whole table in its own order: faster than by the index, and a broken index hides nothing.
            EMBEDDING.scan(connection, "NOT INDEXED WHERE space = ?1", [number], |row| {
                let ValueRef::Text(id) = row.get_ref(0).ok()? else { return None };
                if let Some(&at) = positions.get(std::str::from_utf8(id).ok()?)
                    && !sound[at]
                {
                    let ValueRef::Blob(bytes) = row.get_ref(5).ok()? else { return None };
                    rows::decode_vector(bytes, &mut values[at * dimension..(at + 1) * dimension])?;
                    sound[at] = true;
                }
                Some(())
            })
        })?;
        let (positions, missing): (Vec<usize>, Vec<usize>) = (0..sound.len()).partition(|&at| sound[at]);
        for (row, &at) in positions.iter().enumerate() {
            values.copy_within(at * dimension..(at + 1) * dimension, row * dimension);
        }
        values.truncate(positions.len() * dimension);
        let embeddings = Embeddings::from_rows(dimension, values)
            .map_err(|source| StoreError::BadVector { post: space_key.to_owned(), source })?;
        Ok(LoadedEmbeddings { embeddings, positions, missing, damaged })
    }

    /// Reads the terms of the posts with these ids (each named once), in their order; `None` for a post that has no
    /// (sound) row.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn terms<'a>(&self, ids: impl IntoIterator<Item = &'a PostId>) -> Result<Loaded<Option<Terms>>, StoreError> {
        let positions: HashMap<&str, usize> = ids.into_iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let mut items = vec![None; positions.len()];
        let damaged = self.consistently(|connection| {
            TERMS.scan(connection, "NOT INDEXED", [], |row| {
                let (ValueRef::Text(id), ValueRef::Blob(bytes)) = (row.get_ref(0).ok()?, row.get_ref(1).ok()?) else {
                    return None;
                };
                if let Some(&at) = positions.get(std::str::from_utf8(id).ok()?) {
                    items[at] = Some(Terms::decode(bytes)?);
                }
                Some(())
            })
        })?;
        Ok(Loaded { items, damaged })
    }

    /// Reads the links of all posts, in the order of the posts' ids and then of the text.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn links(&self) -> Result<Loaded<PostLink>, StoreError> {
        let mut links = self.consistently(|connection| {
            LINKS.load(connection, "NOT INDEXED", [], |row| {
                let id = PostId::new(&column::<String>(row, 0)?).ok()?;
                rows::decode_links(&id, &column::<String>(row, 1)?).map(|links| (id, links))
            })
        })?;
        links.items.sort_by(|a, b| a.0.cmp(&b.0));
        links.items.dedup_by(|a, b| a.0 == b.0);
        Ok(Loaded { items: links.items.into_iter().flat_map(|(_, links)| links).collect(), damaged: links.damaged })
    }

    /// Reads what posts wish of lists, of those that wish anything; ascending by id.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn wishes(&self) -> Result<Loaded<(PostId, Wishes)>, StoreError> {
        let mut wishes = self.consistently(|connection| {
            WISHES.load(connection, "NOT INDEXED", [], |row| {
                let id = PostId::new(&column::<String>(row, 0)?).ok()?;
                let wishes: Wishes = serde_json::from_str(&column::<String>(row, 1)?).ok()?;
                Some((id, wishes))
            })
        })?;
        wishes.items.retain(|(_, wishes)| !wishes.is_empty());
        wishes.items.sort_by(|a, b| a.0.cmp(&b.0));
        wishes.items.dedup_by(|a, b| a.0 == b.0);
        Ok(wishes)
    }

    /// Counts the posts whose links are not known: those that a version stored which kept none.
    ///
    /// # Errors
    /// The database cannot be read or its structure is broken.
    pub fn count_without_links(&self) -> Result<usize, StoreError> {
        let count: i64 = self.consistently(|connection| {
            let sql = "SELECT count(*) FROM post WHERE id NOT IN (SELECT post FROM links)";
            connection.query_row(sql, [], |row| row.get(0))
        })?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Reads the sentence codes of each of `ids`, in their order; none for a post that has no (sound) ones.
    ///
    /// # Errors
    /// There is no such space, the database cannot be read or its structure is broken.
    pub fn sentences(&self, space_key: &str, ids: &[PostId]) -> Result<Loaded<Vec<StoredSentence>>, StoreError> {
        let (number, dimension) = self.space_number(space_key)?;
        self.consistently(|connection| {
            let rest = "WHERE post = ?1 AND space = ?2";
            let mut loaded = Loaded { items: Vec::with_capacity(ids.len()), damaged: Vec::new() };
            for id in ids {
                let mut found = SENTENCES.load(connection, rest, params![id.as_str(), number], |row| {
                    let ValueRef::Blob(bytes) = row.get_ref(2).ok()? else { return None };
                    rows::decode_sentences(bytes, dimension)
                })?;
                if found.items.is_empty() && found.damaged.is_empty() {
                    // There is a row for every embedding, so without one it is lost.
                    let embedded = EMBEDDING.load(connection, rest, params![id.as_str(), number], |_| Some(()))?;
                    found.damaged = vec![Damaged { part: Part::Sentences, name: id.to_string() }];
                    found.damaged.truncate(embedded.items.len());
                }
                loaded.items.push(found.items.pop().unwrap_or_default());
                loaded.damaged.extend(found.damaged);
            }
            Ok(loaded)
        })
    }

    /// Checks every row and the database's structure, and names what is damaged; empty for a sound store.
    ///
    /// Reads the whole file: for a status report, not for every start.
    #[must_use]
    pub fn check(&self) -> Vec<Damaged> {
        let mut found = Vec::new();
        let mut note = |checked: rusqlite::Result<Vec<Damaged>>| match checked {
            Ok(damaged) => found.extend(damaged),
            Err(error) => found.push(Damaged { part: Part::File, name: error.to_string() }),
        };
        TABLES.iter().for_each(|table| note(table.check(&self.connection)));
        note(incomplete(&self.connection));
        note(structure(&self.connection));
        found.sort_by(|a, b| (a.part as u8, &a.name).cmp(&(b.part as u8, &b.name)));
        found.dedup();
        found
    }

    /// Returns the number under which a space's rows are stored, and its dimension.
    pub(super) fn space_number(&self, key: &str) -> Result<(i64, usize), StoreError> {
        if let Some(found) = find_space(&self.connection, key).map_err(|error| self.fault(error))? {
            return Ok(found);
        }
        let stored = self.spaces()?.items.into_iter().map(|space| space.key).collect();
        Err(StoreError::UnknownSpace { path: self.path.clone(), key: key.to_owned(), stored })
    }

    /// Lets `read` see one state of the database, whatever others write meanwhile.
    pub(super) fn consistently<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let transaction = self.connection.unchecked_transaction().map_err(|error| self.fault(error))?;
        read(&transaction).map_err(|error| self.fault(error))
    }
}

/// Returns the hash of the second column of a table by its first.
fn hashes_of(table: &Table, connection: &Connection) -> rusqlite::Result<HashMap<String, [u8; 32]>> {
    let mut hashes = HashMap::new();
    table.scan(connection, "", [], |row| {
        hashes.insert(column(row, 0)?, text_hash(&column::<String>(row, 1)?));
        Some(())
    })?;
    Ok(hashes)
}

fn find_space(connection: &Connection, key: &str) -> rusqlite::Result<Option<(i64, usize)>> {
    let found = |row: &Row<'_>| Some((column(row, 1)?, spaces::decode(row)?.space.dimension));
    Ok(SPACE.load(connection, "WHERE key = ?1", [key], found)?.items.pop())
}

/// Returns the text hashes of all posts whose embedding and sentences in a space are sound.
fn embedded_texts(
    connection: &Connection,
    space: i64,
    dimension: usize,
) -> rusqlite::Result<HashMap<String, [u8; 32]>> {
    let mut with_sentences = std::collections::HashSet::new();
    SENTENCES.scan(connection, "NOT INDEXED WHERE space = ?1", [space], |row| {
        with_sentences.insert(column::<String>(row, 0)?);
        Some(())
    })?;
    let mut hashes = HashMap::new();
    let mut vector = vec![0.0; dimension];
    EMBEDDING.scan(connection, "NOT INDEXED WHERE space = ?1", [space], |row| {
        let ValueRef::Blob(bytes) = row.get_ref(5).ok()? else { return None };
        rows::decode_vector(bytes, &mut vector)?;
        let post: String = column(row, 0)?;
        if with_sentences.contains(&post) {
            hashes.insert(post, column(row, 2)?);
        }
        Some(())
    })?;
    Ok(hashes)
}

/// Finds texts and sentence codes that vanished whole: their posts and embeddings tell that they should be there.
fn incomplete(connection: &Connection) -> rusqlite::Result<Vec<Damaged>> {
    let named = |part, sql| {
        let mut statement = connection.prepare(sql)?;
        let names = statement.query_map([], |row| Ok(Damaged { part, name: row.get(0)? }))?;
        names.collect::<rusqlite::Result<Vec<_>>>()
    };
    let texts = "SELECT id FROM post WHERE text_bytes IS NOT NULL AND id NOT IN (SELECT post FROM body)";
    let sentences = "SELECT post FROM embedding e WHERE NOT EXISTS \
                     (SELECT 1 FROM sentences s WHERE s.post = e.post AND s.space = e.space)";
    Ok([named(Part::Text, texts)?, named(Part::Sentences, sentences)?].concat())
}

/// Asks SQLite itself; it knows of pages that do not fit together, not of changed values.
fn structure(connection: &Connection) -> rusqlite::Result<Vec<Damaged>> {
    let mut statement = connection.prepare("PRAGMA integrity_check(10)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let named = lines.into_iter().filter(|line| line != "ok").map(|name| Damaged { part: Part::File, name });
    Ok(named.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::post::{PostDate, Series, Summary, SummaryOrigin};
    use crate::store::testing::{self, listed, sentence, source, store_of, store_with_embeddings};
    use crate::store::{content_hash, text_hash};

    fn any_post() -> impl Strategy<Value = Post> {
        let id = any::<String>().prop_filter_map("an id", |id| PostId::new(&id).ok());
        let origin = prop::sample::select(vec![
            SummaryOrigin::Given,
            SummaryOrigin::Description,
            SummaryOrigin::FirstParagraphs,
            SummaryOrigin::Missing,
        ]);
        let date = (1..=9_999i32, 1..=12u32, 1..=28u32)
            .prop_map(|(year, month, day)| PostDate::new(year, Some(month), Some(day).filter(|day| day % 2 == 0)));
        let text = any::<Option<String>>;
        let series = any::<Option<(String, u32)>>().prop_map(|series| series.map(|(name, part)| Series { name, part }));
        let words = (any::<String>(), any::<String>(), any::<String>(), any::<Vec<String>>());
        let options = (text(), text(), text(), text(), text(), any::<Option<u32>>(), series, date);
        (id, origin, words, options).prop_map(|(id, origin, (title, summary, source, tags), options)| {
            let (text, url, author, language, path, minutes, series, date) = options;
            let summary = Summary { text: summary, origin };
            Post { id, title, summary, text, url, date, tags, source, author, language, minutes, series, path }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn posts_come_back_as_they_were(posts in prop::collection::vec(any_post(), 1..8)) {
            let posts: std::collections::BTreeMap<_, _> = posts.into_iter().map(|post| (post.id.clone(), post)).collect();
            let posts: Vec<Post> = posts.into_values().rev().collect();
            let folder = tempfile::tempdir().unwrap();
            let store = store_of(folder.path(), &posts);
            let loaded = store.posts().unwrap();
            prop_assert_eq!(loaded.damaged, vec![]);
            prop_assert_eq!(loaded.items, posts.iter().rev().map(listed).collect::<Vec<_>>());
            for post in &posts {
                prop_assert_eq!(&store.text(&post.id).unwrap(), &post.text);
            }
        }
    }

    #[test]
    fn embeddings_come_in_the_order_asked_for_and_say_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let (store, key, ids) = store_with_embeddings(folder.path());
        let loaded = store.embeddings(&key, &ids).unwrap();
        assert_eq!((loaded.positions, loaded.missing, loaded.damaged), (vec![0, 2], vec![1], vec![]));
        assert_eq!(loaded.embeddings.as_slice(), [1.0, 0.0, 0.0, 0.0, 0.6, 0.8]);
        assert_eq!(store.embeddings(&key, &ids[2..]).unwrap().embeddings.as_slice(), [0.0, 0.6, 0.8]);
        assert!(store.embeddings(&key, []).unwrap().embeddings.is_empty());

        let sentences = store.sentences(&key, &ids).unwrap();
        assert_eq!(sentences.items, [vec![sentence(4), sentence(9)], vec![], vec![sentence(4), sentence(9)]]);
        let error = store.embeddings("other", &ids).unwrap_err().to_string();
        assert!(error.contains("no embeddings of \"other\" here, only of: first@1"), "{error}");
    }

    #[test]
    fn states_tell_what_is_stored_and_embedded() {
        let folder = tempfile::tempdir().unwrap();
        let (store, key, ids) = store_with_embeddings(folder.path());
        let states = store.states(&source(), &key).unwrap();
        assert_eq!(states.len(), 3);
        let text_hashes = ids.iter().map(|id| states[id].text_hash);
        assert!(text_hashes.eq([Some(text_hash("text")), None, Some(text_hash("text"))]));
        assert_eq!(states[&ids[1]].content_hash, content_hash(&testing::post("b")));
        assert_eq!(store.states(&source(), "other").unwrap()[&ids[0]].text_hash, None);
        assert!(store.states(&SourceKey::new("other"), &key).unwrap().is_empty());
    }
}
