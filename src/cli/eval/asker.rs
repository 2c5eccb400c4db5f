//! How is a test collection asked? Its texts embedded as far as anybody needs it, its queries put to each retriever.

use std::cell::OnceCell;
use std::time::Instant;

use super::args::{ExcludeSelf, Searching};
use super::search::{Answered, Question, Setting, milliseconds};
use crate::cli::session::Session;
use crate::embed::Embedder;
use crate::embeddings::{Embeddings, LongTexts};
use crate::eval::{Collection, QueriesAndPosts, Query, Retriever, Searched};
use crate::recommender::text_of;

/// Asks collections; the model is opened when it is first needed, and once.
pub(super) struct Asker<'s> {
    session: &'s Session<'s>,
    long_texts: LongTexts,
    embedder: OnceCell<Box<dyn Embedder + Send + Sync>>,
    depth: usize,
}

/// How the queries of a collection are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// By their words; every post may be an answer.
    Words,
    /// By their words; the post of the same id is no answer.
    WordsWithoutSelf,
    /// Each query is a post: it is asked by that post's own text and is no answer to itself.
    Example,
}

/// The vectors of posts and queries; those of queries that are asked by example are those of their posts.
struct Vectors {
    posts: Option<Embeddings>,
    queries: Option<Embeddings>,
    embedded: usize,
    ms: f64,
}

impl<'s> Asker<'s> {
    /// `depth` is how many answers a query gets, at most.
    pub(super) fn new(session: &'s Session<'s>, searching: &Searching, depth: usize) -> Asker<'s> {
        let long_texts = if searching.truncate { LongTexts::Truncate } else { session.long_texts() };
        Asker { session, long_texts, embedder: OnceCell::new(), depth }
    }

    fn embedder(&self) -> anyhow::Result<&dyn Embedder> {
        if let Some(embedder) = self.embedder.get() {
            return Ok(&**embedder);
        }
        let opened = self.session.embedder(self.long_texts)?;
        Ok(&**self.embedder.get_or_init(|| opened))
    }

    /// Asks every query of `collection` with each of `retrievers`.
    pub(super) fn ask(
        &self,
        collection: &Collection,
        retrievers: &[Retriever],
        searching: &Searching,
    ) -> anyhow::Result<Vec<Answered>> {
        let asking = self.asking(collection, searching.exclude_self);
        let texts: Vec<String> = collection.corpus.posts().iter().map(text_of).collect();
        let vectors = if retrievers.iter().any(Retriever::needs_vectors) {
            self.embed(collection, &texts, asking)?
        } else {
            Vectors { posts: None, queries: None, embedded: 0, ms: 0.0 }
        };
        let setting = Setting {
            session: self.session,
            embedder: self.embedder.get().map(|embedder| &**embedder as &dyn Embedder),
            collection: collection.provenance(),
            searched: Searched { corpus: &collection.corpus, texts: &texts, embeddings: vectors.posts.as_ref() },
            questions: questions(collection, &texts, &vectors, asking),
            embedded: (vectors.embedded, vectors.ms),
            depth: self.depth,
        };
        retrievers.iter().map(|retriever| setting.ask(retriever)).collect()
    }

    /// Decides whether a post may answer itself, and says so.
    fn asking(&self, collection: &Collection, wanted: ExcludeSelf) -> Asking {
        let queries = collection.queries_and_posts();
        let (asking, said) = match (wanted, queries) {
            (ExcludeSelf::No, _) | (ExcludeSelf::Auto, QueriesAndPosts::Apart) => return Asking::Words,
            (ExcludeSelf::Auto, QueriesAndPosts::SameIdsOnly) => (
                Asking::Words,
                "queries and posts share ids by chance (other texts): no post is taken out (--exclude-self yes does)",
            ),
            (ExcludeSelf::Auto | ExcludeSelf::Yes, QueriesAndPosts::ByExample) => (
                Asking::Example,
                "the queries are posts: each is asked by the post's own text and taken out of its answers (--exclude-self \
                 no asks by the query's text and keeps it)",
            ),
            (ExcludeSelf::Auto, QueriesAndPosts::ByTitle) => (
                Asking::WordsWithoutSelf,
                "the queries are titles of posts, which are taken out of their own answers (--exclude-self no keeps them)",
            ),
            (ExcludeSelf::Yes, _) => {
                (Asking::WordsWithoutSelf, "posts with the id of the query are taken out of its answers")
            }
        };
        self.session.console.note(&format!("{}: {said}", collection.name));
        asking
    }

    fn embed(&self, collection: &Collection, texts: &[String], asking: Asking) -> anyhow::Result<Vectors> {
        let embedder = self.embedder()?;
        let start = Instant::now();
        let posts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let name = &collection.name;
        let posts = self.session.embed_texts(embedder, &posts, &format!("{name} posts"))?;
        let mut vectors = Vectors { posts: Some(posts.embeddings), queries: None, embedded: posts.embedded, ms: 0.0 };
        if asking != Asking::Example {
            let queries: Vec<&str> = collection.queries.values().map(String::as_str).collect();
            let queries = self.session.embed_texts(embedder, &queries, &format!("{name} queries"))?;
            vectors.embedded += queries.embedded;
            vectors.queries = Some(queries.embeddings);
        }
        vectors.ms = milliseconds(start);
        Ok(vectors)
    }
}

fn questions<'a>(
    collection: &'a Collection,
    texts: &'a [String],
    vectors: &'a Vectors,
    asking: Asking,
) -> Vec<Question<'a>> {
    let question = |(row, (id, text)): (usize, (&'a String, &'a String))| {
        let itself = if asking == Asking::Words { None } else { collection.position(id) };
        let query = match itself.filter(|_| asking == Asking::Example) {
            Some(post) => {
                Query { text: &texts[post], vector: vectors.posts.as_ref().map(|posts| posts.row(post)), itself }
            }
            None => Query { text, vector: vectors.queries.as_ref().map(|queries| queries.row(row)), itself },
        };
        Question { id, query }
    };
    collection.queries.iter().enumerate().map(question).collect()
}
