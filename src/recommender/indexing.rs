//! How do posts get their vectors? Store what is new or changed, embed only that, drop what is gone.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::corpus::{PostLink, Wishes};
use crate::embed::{EmbedError, Embedded, Embedder, Progress};
use crate::post::{Post, PostId};
use crate::similarity::quantize;
use crate::store::{
    EmbeddingRow, Record, SourceKey, State, StoreError, StoredSentence, StoredSpace, Taken, Writer, content_hash,
    links_hash, text_hash, wishes_hash,
};
use crate::text::sentences;

/// The text that stands for a post when it is embedded; part of what makes two vectors comparable.
pub const TEMPLATE: &str = "{title} {summary}";

/// Posts that are embedded and stored together: enough to fill batches, few enough to lose little when interrupted.
const POSTS_A_COMMIT: usize = 128;

/// What becomes of stored posts that were not found in the source again.
#[derive(Clone, Copy)]
pub enum Gone<'a> {
    /// They are removed.
    Remove,
    /// They are kept: the source could not be read in full.
    Keep,
    /// Those for which this is true are removed: the source could not be read in full, but they are known to be gone.
    RemoveIf(&'a dyn Fn(&PostId) -> bool),
}

impl Gone<'_> {
    fn removes(self, id: &PostId) -> bool {
        match self {
            Gone::Remove => true,
            Gone::Keep => false,
            Gone::RemoveIf(is_gone) => is_gone(id),
        }
    }
}

/// What an indexing did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Indexed {
    /// Posts that were new.
    pub added: usize,
    /// Posts that differed from the stored ones.
    pub changed: usize,
    /// Posts that the source no longer has, and were removed.
    pub removed: usize,
    /// Posts that the source no longer has, and were kept.
    pub kept: usize,
    /// Posts that were the same.
    pub unchanged: usize,
    /// Posts that were embedded, out of the above or because their vector was missing.
    pub embedded: usize,
    /// Posts with more word pieces than the model takes at once, embedded as several windows.
    pub windowed: usize,
    /// Posts that lost the end of their text.
    pub truncated: usize,
    /// Posts that were not stored: another source has a post with their id.
    pub taken: Vec<Taken>,
}

impl Indexed {
    /// Returns what this and another one did together.
    #[must_use]
    pub fn and(mut self, other: Indexed) -> Indexed {
        self.added += other.added;
        self.changed += other.changed;
        self.removed += other.removed;
        self.kept += other.kept;
        self.unchanged += other.unchanged;
        self.embedded += other.embedded;
        self.windowed += other.windowed;
        self.truncated += other.truncated;
        self.taken.extend(other.taken);
        self
    }
}

/// Says why an indexing ended early. What was stored until then stays; the next one goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexingError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
}

/// Returns the text of a post that is embedded.
#[must_use]
pub fn text_of(post: &Post) -> String {
    if post.summary.text.is_empty() { post.title.clone() } else { format!("{} {}", post.title, post.summary.text) }
}

/// Returns the space of an embedder's vectors of posts.
#[must_use]
pub fn space_of(embedder: &dyn Embedder) -> StoredSpace {
    StoredSpace { space: embedder.space().clone(), template: TEMPLATE.to_owned() }
}

/// What a source holds.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// All of its posts.
    pub posts: &'a [Post],
    /// The links of these posts, those of one post one after the other.
    pub links: &'a [PostLink],
    /// What these posts wish of lists, of those that wish anything.
    pub wishes: &'a BTreeMap<PostId, Wishes>,
}

/// The links of a source by their posts.
struct Links<'a>(HashMap<&'a PostId, &'a [PostLink]>);

impl<'a> Links<'a> {
    fn new(links: &'a [PostLink]) -> Links<'a> {
        Links(links.chunk_by(|a, b| a.from == b.from).map(|links| (&links[0].from, links)).collect())
    }

    fn of(&self, post: &PostId) -> &'a [PostLink] {
        self.0.get(post).copied().unwrap_or_default()
    }
}

/// Where posts come from that are stored for the first time or again.
#[derive(Clone, Copy)]
struct Origin<'a> {
    key: &'a SourceKey,
    links: &'a Links<'a>,
    wishes: &'a BTreeMap<PostId, Wishes>,
}

/// Brings the store up to date with all that `source` holds: embeds those that are new, whose text changed, or
/// whose vector is missing.
///
/// `progress` is told how many of the posts to embed are done, and how many there are.
///
/// # Errors
/// The store or the model failed.
pub fn index_source(
    writer: &mut Writer<'_>,
    source: &SourceKey,
    held: Held<'_>,
    gone: Gone<'_>,
    embedder: &dyn Embedder,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Indexed, IndexingError> {
    let posts = held.posts;
    let links = Links::new(held.links);
    let origin = Origin { key: source, links: &links, wishes: held.wishes };
    let space_key = writer.register_space(&space_of(embedder))?;
    let states = writer.states(source, &space_key)?;
    let mut done = Indexed { taken: taken(writer, source, posts, &states)?, ..Indexed::default() };
    let taken: HashSet<PostId> = done.taken.iter().map(|taken| taken.id.clone()).collect();
    let mut stale: Vec<&Post> = Vec::new();
    let mut fields_only: Vec<&Post> = Vec::new();
    for post in posts.iter().filter(|post| !taken.contains(&post.id)) {
        let state = states.get(&post.id);
        let same_fields = state.is_some_and(|state| state.content_hash == content_hash(post));
        let known_links = state.and_then(|state| state.links_hash);
        let same_links = known_links == Some(links_hash(links.of(&post.id)));
        let wishes = held.wishes.get(&post.id);
        let known_wishes = state.and_then(|state| state.wishes_hash);
        let same_wishes = known_wishes == Some(wishes_hash(wishes));
        // What was never stored is no change of the post.
        let same_content = same_fields
            && (same_links || known_links.is_none())
            && (same_wishes || (known_wishes.is_none() && wishes.is_none()));
        let same_text = state.is_some_and(|state| state.text_hash == Some(text_hash(&text_of(post))));
        match (state, same_content) {
            (None, _) => done.added += 1,
            (Some(_), false) => done.changed += 1,
            (Some(_), true) => done.unchanged += 1,
        }
        match (same_fields && same_links && same_wishes, same_text) {
            (_, false) => stale.push(post),
            (false, true) => fields_only.push(post),
            (true, true) => {}
        }
    }
    for batch in fields_only.chunks(POSTS_A_COMMIT) {
        put(writer, batch, origin, None, &mut done)?;
    }
    embed(writer, &stale, Some(origin), embedder, progress, &mut done)?;
    let found: HashSet<&PostId> = posts.iter().map(|post| &post.id).collect();
    let lost = states.into_keys().filter(|id| !found.contains(id));
    let (mut removed, kept): (Vec<PostId>, Vec<PostId>) = lost.partition(|id| gone.removes(id));
    removed.sort_unstable();
    done.kept = kept.len();
    for batch in removed.chunks(POSTS_A_COMMIT) {
        done.removed += writer.remove(batch)?;
    }
    // One that the store refused all the same, because the post that has its id is damaged, was counted as new above.
    done.added -= done.taken.len() - taken.len();
    Ok(done)
}

/// Finds the posts whose id another source holds; to embed them would be for nothing.
fn taken(
    writer: &Writer<'_>,
    source: &SourceKey,
    posts: &[Post],
    states: &HashMap<PostId, State>,
) -> Result<Vec<Taken>, StoreError> {
    let mut taken = Vec::new();
    for post in posts.iter().filter(|post| !states.contains_key(&post.id)) {
        let owner = writer.owner(&post.id)?.filter(|owner| owner != source);
        taken.extend(owner.map(|owner| Taken { id: post.id.clone(), owner: Some(owner) }));
    }
    Ok(taken)
}

/// Embeds every stored post that has no vector in the embedder's space: after a change of model, or when a vector was
/// damaged. Counts the words of posts that were stored before words were counted, and makes that space the one in which
/// posts are compared.
///
/// # Errors
/// The store or the model failed.
pub fn complete_space(
    writer: &mut Writer<'_>,
    embedder: &dyn Embedder,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Indexed, IndexingError> {
    let space_key = writer.register_space(&space_of(embedder))?;
    let hashes = writer.text_hashes(&space_key)?;
    let posts = writer.posts()?.items;
    let is_current = |post: &Post| hashes.get(&post.id) == Some(&text_hash(&text_of(post)));
    let stale: Vec<&Post> = posts.iter().filter(|post| !is_current(post)).collect();
    let mut done = Indexed::default();
    embed(writer, &stale, None, embedder, progress, &mut done)?;
    writer.complete_terms()?;
    writer.set_active_space(&space_key)?;
    Ok(done)
}

/// Embeds posts and stores them batch by batch; `origin` is `None` for posts that are stored already.
fn embed(
    writer: &mut Writer<'_>,
    posts: &[&Post],
    origin: Option<Origin<'_>>,
    embedder: &dyn Embedder,
    progress: &mut dyn FnMut(usize, usize),
    done: &mut Indexed,
) -> Result<(), IndexingError> {
    let space_key = space_of(embedder).key();
    for (batch_number, batch) in posts.chunks(POSTS_A_COMMIT).enumerate() {
        let before = batch_number * POSTS_A_COMMIT;
        let vectors = Vectors::of(batch, embedder, &mut |share| {
            progress(before + (share * batch.len() as f64) as usize, posts.len());
        })?;
        match origin {
            Some(origin) => put(writer, batch, origin, Some((&space_key, &vectors)), done)?,
            None => put_again(writer, batch, &space_key, &vectors)?,
        }
        done.embedded += batch.len();
        done.windowed += (0..batch.len()).filter(|&at| vectors.embedded.windows[at] > 1).count();
        done.truncated += (0..batch.len()).filter(|&at| vectors.embedded.truncated[at]).count();
    }
    Ok(())
}

/// The vectors of some posts: row `i` is that of post `i`; those of the sentences come after.
struct Vectors {
    embedded: Embedded,
    texts: Vec<String>,
    sentences: Vec<Vec<StoredSentence>>,
}

impl Vectors {
    fn of(posts: &[&Post], embedder: &dyn Embedder, progress: &mut dyn FnMut(f64)) -> Result<Vectors, EmbedError> {
        let texts: Vec<String> = posts.iter().map(|post| text_of(post)).collect();
        let ranges: Vec<_> = posts.iter().map(|post| sentences(&post.summary.text)).collect();
        let mut all: Vec<&str> = texts.iter().map(String::as_str).collect();
        for (post, ranges) in posts.iter().zip(&ranges) {
            all.extend(ranges.iter().map(|range| &post.summary.text[range.clone()]));
        }
        let embedded = embedder.embed_with(&all, &mut |at: Progress| progress(at.texts as f64 / all.len() as f64))?;
        let mut row = posts.len();
        let mut coded = Vec::with_capacity(posts.len());
        for ranges in ranges {
            let of_post = ranges.into_iter().map(|range| {
                let code = quantize(embedded.embeddings.row(row));
                row += 1;
                StoredSentence { range, codes: code.codes, scale: code.scale }
            });
            coded.push(of_post.collect());
        }
        Ok(Vectors { embedded, texts, sentences: coded })
    }

    fn row<'a>(&'a self, at: usize, space_key: &'a str) -> EmbeddingRow<'a> {
        EmbeddingRow {
            space_key,
            text_hash: text_hash(&self.texts[at]),
            vector: self.embedded.embeddings.row(at),
            windows: self.embedded.windows[at],
            truncated: self.embedded.truncated[at],
            sentences: &self.sentences[at],
        }
    }
}

fn put(
    writer: &mut Writer<'_>,
    batch: &[&Post],
    origin: Origin<'_>,
    vectors: Option<(&str, &Vectors)>,
    done: &mut Indexed,
) -> Result<(), StoreError> {
    let records: Vec<Record<'_>> = batch
        .iter()
        .enumerate()
        .map(|(at, &post)| Record {
            post,
            content_hash: content_hash(post),
            source: origin.key,
            links: origin.links.of(&post.id),
            wishes: origin.wishes.get(&post.id),
            embedding: vectors.map(|(space_key, vectors)| vectors.row(at, space_key)),
        })
        .collect();
    done.taken.extend(writer.put(&records)?.taken);
    Ok(())
}

fn put_again(writer: &mut Writer<'_>, batch: &[&Post], space_key: &str, vectors: &Vectors) -> Result<(), StoreError> {
    let rows: Vec<(&PostId, EmbeddingRow<'_>)> =
        batch.iter().enumerate().map(|(at, post)| (&post.id, vectors.row(at, space_key))).collect();
    writer.put_embeddings(&rows)
}
