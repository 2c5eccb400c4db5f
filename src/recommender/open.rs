//! How does a store become a recommender? Posts, the vectors of the space in use, and the sentences on demand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::evidence::Sentence;
use super::{LinkLookup, Recommender, RecommenderError, SentenceLookup, TextLookup};
use crate::corpus::{Corpus, DuplicateId, TermCounter, Wishes};
use crate::post::{Post, PostId};
use crate::similarity::Code;
use crate::store::{Damaged, Store, StoreError, StoredSpace};

/// A recommender over a store, and what had to be left out of it.
pub struct Opened {
    /// Answers the questions.
    pub recommender: Recommender,
    /// The space of its vectors.
    pub space: StoredSpace,
    /// Rows of the store that did not pass their check.
    pub damaged: Vec<Damaged>,
    /// Names of the sources, which are paths for files and folders.
    pub sources: Vec<String>,
    /// Posts that have no vector in the space and are left out until they are indexed again.
    pub without_vector: Vec<PostId>,
    /// What posts wish of lists, as their sources have it; nothing is done about it yet ([`Recommender::set_editorial`]).
    pub wishes: Vec<(PostId, Wishes)>,
    /// Posts whose sentences, text or links could not be read for an answer, which then goes without that evidence; counted as
    /// answers are made.
    pub unreadable: Unreadable,
    store: SharedStore,
}

/// Counts posts of which something could not be read.
#[derive(Debug, Clone, Default)]
pub struct Unreadable(Arc<AtomicUsize>);

impl Unreadable {
    fn add(&self, posts: usize) {
        self.0.fetch_add(posts, Ordering::Relaxed);
    }

    /// Returns how many there were since the last call.
    #[must_use]
    pub fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// One connection for all threads, which wait for one another.
#[derive(Clone)]
struct SharedStore(Arc<Mutex<Store>>);

impl SharedStore {
    fn get(&self) -> MutexGuard<'_, Store> {
        // It is only read: whoever panicked with it left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    /// Tells whether all posts of the store are there: none is damaged, none waits for its vector.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty() && self.without_vector.is_empty()
    }

    /// Returns the store, for what the recommender does not tell. Whoever holds it keeps the recommender from reading.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.get()
    }
}

/// Says why a store cannot answer questions.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing was indexed yet.
    #[error("{}: nothing is indexed yet; run `nextread index PATH`", path.display())]
    Empty {
        /// The database.
        path: std::path::PathBuf,
    },
    /// Two stored posts share an id: the database is damaged.
    #[error(transparent)]
    Duplicate(#[from] DuplicateId),
    /// Posts and vectors do not fit.
    #[error(transparent)]
    Recommender(#[from] RecommenderError),
}

impl Recommender {
    /// Reads posts and vectors of the space in use; no model is needed.
    ///
    /// # Errors
    /// The store is empty or cannot be read.
    pub fn open(store: Store) -> Result<Opened, OpenError> {
        let Some(space) = store.active_space()? else {
            return Err(OpenError::Empty { path: store.path().to_owned() });
        };
        let key = space.key();
        let posts = store.posts()?;
        let ids: Vec<PostId> = posts.items.iter().map(|post| post.id.clone()).collect();
        let vectors = store.embeddings(&key, &ids)?;
        let sources = store.source_names()?;
        let mut damaged = posts.damaged;
        damaged.extend(vectors.damaged);
        let without_vector = vectors.missing.iter().map(|&position| ids[position].clone()).collect();
        let mut has_vector = vec![false; ids.len()];
        vectors.positions.iter().for_each(|&position| has_vector[position] = true);
        let kept: Vec<Post> =
            posts.items.into_iter().zip(has_vector).filter(|(_, has)| *has).map(|(post, _)| post).collect();
        let corpus = Corpus::new(kept)?;
        let terms = store.terms(corpus.posts().iter().map(|post| &post.id))?;
        damaged.extend(terms.damaged);
        let wishes = store.wishes()?;
        damaged.extend(wishes.damaged);
        let counter = TermCounter::default();
        // Words that were lost come back with the next indexing; until then those of title and summary stand for them.
        let counted = terms.items.into_iter().zip(corpus.posts());
        let counted = counted.map(|(terms, post)| terms.unwrap_or_else(|| counter.of_post(post))).collect();
        let recommender = Recommender::new(corpus, vectors.embeddings)?.with_terms(counted)?;
        let unreadable = Unreadable::default();
        let store = SharedStore(Arc::new(Mutex::new(store)));
        let texts = text_lookup(store.clone(), unreadable.clone());
        let links = link_lookup(store.clone(), unreadable.clone());
        let sentences = sentence_lookup(store.clone(), key, unreadable.clone());
        Ok(Opened {
            recommender: recommender.with_sentences(sentences).with_texts(texts).with_links(links),
            space,
            sources,
            damaged,
            without_vector,
            wishes: wishes.items,
            unreadable,
            store,
        })
    }
}

fn text_lookup(store: SharedStore, unreadable: Unreadable) -> Box<TextLookup> {
    Box::new(move |post| {
        store.get().text(&post.id).unwrap_or_else(|_| {
            unreadable.add(1);
            None
        })
    })
}

fn sentence_lookup(store: SharedStore, space_key: String, unreadable: Unreadable) -> Box<SentenceLookup> {
    Box::new(move |post| {
        sentences_of(&store.get(), &space_key, post).unwrap_or_else(|| {
            unreadable.add(1);
            Vec::new()
        })
    })
}

fn link_lookup(store: SharedStore, unreadable: Unreadable) -> Box<LinkLookup> {
    Box::new(move || {
        let Ok(links) = store.get().links() else {
            unreadable.add(1);
            return Vec::new();
        };
        unreadable.add(links.damaged.len());
        links.items
    })
}

/// Returns `None` where the sentences are damaged or cannot be read.
fn sentences_of(store: &Store, space_key: &str, post: &Post) -> Option<Vec<Sentence>> {
    let mut loaded = store.sentences(space_key, std::slice::from_ref(&post.id)).ok()?;
    if !loaded.damaged.is_empty() {
        return None;
    }
    let sentences = loaded.items.pop().unwrap_or_default().into_iter().filter_map(|sentence| {
        let text = post.summary.text.get(sentence.range)?.to_owned();
        Some(Sentence { text, code: Code { codes: sentence.codes, scale: sentence.scale } })
    });
    Some(sentences.collect())
}
