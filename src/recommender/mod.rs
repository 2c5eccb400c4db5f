//! What do the verbs answer? Posts, vectors and ranking put together; what the command line and the library call.

mod answer;
mod background;
mod cached;
mod cold;
mod digest;
mod editorial;
mod evidence;
mod explain;
mod fallback;
mod graph_file;
mod graph_index;
mod guide;
mod indexing;
mod links;
mod next;
mod open;
mod orphans;
mod paths;
mod reader;
mod related;
mod scores;
mod stages;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod topics;
mod tours;
mod unlinked;

use std::sync::OnceLock;

pub use answer::{Answer, BelowScore, Factors, Recommendation, Rejected};
pub use background::{Background, Least};
pub use cached::{CachedError, CachedVectors, embed_cached};
pub use digest::{Digest, DigestPost, DigestSection};
pub use evidence::{Sentence, SentenceLookup};
pub use explain::{Explanation, Verdict};
pub use fallback::{Fallback, Filler, Filling, Section};
pub use graph_file::GraphFileError;
pub use graph_index::GraphIndex;
pub use guide::{Figures, Guide, SharedTopic, Versus};
pub use indexing::{Gone, Held, Indexed, IndexingError, TEMPLATE, complete_space, index_source, space_of, text_of};
pub use links::{Link, LinksOptions, Loss, Lost, PostLinks, Site};
pub use next::NextOptions;
pub use open::{OpenError, Opened, Unreadable};
pub use paths::{Path, PathOptions};
pub use reader::{Liking, Read, Reader, Wish};
pub use related::{Linked, RelatedOptions};
pub use stages::TextLookup;
pub use topics::{Topic, Topics};
pub use tours::Tour;
pub use unlinked::Unlinked;

use crate::corpus::{Corpus, Editorial, LinkGraph, PostLink, TermCounter, Terms};
use crate::embeddings::Embeddings;
use crate::post::{Post, PostId};
pub use crate::rank::hybrid::ScoreParts;
use crate::rank::hybrid::WordIndex;
use crate::rank::phrases::Vocabulary;
use crate::rank::relation::Titles;
use crate::rank::series::{Place, places};
use crate::rank::story::Stories;
use crate::similarity::dot;

/// Candidates that take part in the choice of diverse answers, as a multiple of the answers asked for.
const CANDIDATES_PER_ANSWER: usize = 5;

/// Provides the links of all posts, as their authors wrote them.
pub type LinkLookup = dyn Fn() -> Vec<PostLink> + Send + Sync;

/// Free text and its vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Query<'a> {
    /// The words, in which shared words are looked for.
    pub text: &'a str,
    /// Its unit vector in the space of the posts.
    pub vector: &'a [f32],
}

/// Answers what to read next over one corpus and its embeddings; many threads may ask at once.
pub struct Recommender {
    corpus: Corpus,
    embeddings: Embeddings,
    places: Vec<Option<Place>>,
    stories: OnceLock<Stories>,
    titles: OnceLock<Titles>,
    /// One a post; none until they are counted.
    terms: OnceLock<Vec<Terms>>,
    words: OnceLock<WordIndex>,
    vocabulary: OnceLock<Vocabulary>,
    background: OnceLock<Background>,
    background_of_texts: OnceLock<Background>,
    sentences: Box<SentenceLookup>,
    texts: Box<TextLookup>,
    link_lookup: Box<LinkLookup>,
    links: OnceLock<LinkGraph>,
    editorial: Editorial,
    introduction: Option<Vec<f32>>,
    graph: Option<GraphIndex>,
}

/// Says why a question has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecommenderError {
    /// The number of vectors is not the number of posts.
    #[error("{posts} posts but {rows} vectors; each post needs one")]
    Shape {
        /// How many posts there are.
        posts: usize,
        /// How many vectors there are.
        rows: usize,
    },
    /// A post is not in the corpus.
    #[error("no post has the id \"{0}\"")]
    UnknownPost(PostId),
    /// A source has no posts.
    #[error("no post is of the source \"{asked}\"; {advice}")]
    UnknownSource {
        /// The source's name.
        asked: String,
        /// Which one may have been meant, or where names are.
        advice: String,
    },
    /// A reading history without posts has no next.
    #[error("the reading history names no post of this corpus; add one with `nextread history add ID`")]
    EmptyHistory,
    /// The vector of a query has another length than those of the posts.
    #[error("the query's vector has {query} components and the posts' have {posts}")]
    Dimension {
        /// Components of the query's vector.
        query: usize,
        /// Components of the posts' vectors.
        posts: usize,
    },
    /// Two posts that a path should join, or that should be compared, are one.
    #[error("two different posts are needed, not \"{0}\" twice; name another")]
    SamePost(PostId),
    /// Two sources that should be compared are one.
    #[error("two different sources are needed, not \"{0}\" twice; name another")]
    SameSource(String),
}

impl Recommender {
    /// Puts posts and vectors together: row `i` of `embeddings` is the vector of the post at position `i` of `corpus`.
    ///
    /// # Errors
    /// The counts differ.
    pub fn new(corpus: Corpus, embeddings: Embeddings) -> Result<Recommender, RecommenderError> {
        if corpus.len() != embeddings.len() {
            return Err(RecommenderError::Shape { posts: corpus.len(), rows: embeddings.len() });
        }
        let places = places(corpus.posts());
        let sentences = Box::new(|_: &Post| Vec::new());
        Ok(Recommender {
            corpus,
            embeddings,
            places,
            stories: OnceLock::new(),
            titles: OnceLock::new(),
            terms: OnceLock::new(),
            words: OnceLock::new(),
            vocabulary: OnceLock::new(),
            background: OnceLock::new(),
            background_of_texts: OnceLock::new(),
            sentences,
            texts: Box::new(|post: &Post| post.text.clone()),
            link_lookup: Box::new(Vec::new),
            links: OnceLock::new(),
            editorial: Editorial::default(),
            introduction: None,
            graph: None,
        })
    }

    /// Takes the terms of the posts, in their order, from whoever counted them with the posts' texts; without this they
    /// are counted from the posts.
    ///
    /// # Errors
    /// There are not as many as posts.
    pub fn with_terms(mut self, terms: Vec<Terms>) -> Result<Recommender, RecommenderError> {
        let (posts, rows) = (self.corpus.len(), terms.len());
        if posts != rows {
            return Err(RecommenderError::Shape { posts, rows });
        }
        self.terms = OnceLock::from(terms);
        self.stories = OnceLock::new();
        Ok(self)
    }

    /// Lets answers name the best-matching sentences, which `lookup` provides for a post.
    #[must_use]
    pub fn with_sentences(mut self, lookup: Box<SentenceLookup>) -> Recommender {
        self.sentences = lookup;
        self
    }

    /// Lets reading paths read the bodies of posts, which `lookup` provides; without it, those that posts carry.
    #[must_use]
    pub fn with_texts(mut self, lookup: Box<TextLookup>) -> Recommender {
        self.texts = lookup;
        self
    }

    /// Lets answers know which posts lead to which, from the links that `lookup` provides when they are asked for.
    #[must_use]
    pub fn with_links(mut self, lookup: Box<LinkLookup>) -> Recommender {
        self.link_lookup = lookup;
        self.links = OnceLock::new();
        self
    }

    /// Lets questions be answered by a graph: the nearest posts and those with the most words in common are ranked
    /// instead of all.
    pub fn set_graph(&mut self, graph: GraphIndex) {
        self.graph = Some(graph);
    }

    /// Returns the graph, where there is one.
    #[must_use]
    pub fn graph(&self) -> Option<&GraphIndex> {
        self.graph.as_ref()
    }

    /// Returns the posts.
    #[must_use]
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// Returns the posts' vectors, `posts × dimension`.
    #[must_use]
    pub fn embeddings(&self) -> &Embeddings {
        &self.embeddings
    }

    /// Returns a post's place in a numbered series.
    #[must_use]
    pub fn place(&self, position: usize) -> Option<&Place> {
        self.places.get(position)?.as_ref()
    }

    fn position(&self, id: &PostId) -> Result<usize, RecommenderError> {
        self.corpus.position(id).ok_or_else(|| RecommenderError::UnknownPost(id.clone()))
    }

    fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary.get_or_init(|| Vocabulary::new(self.corpus.posts()))
    }

    fn words(&self) -> &WordIndex {
        self.words.get_or_init(|| WordIndex::new(self.corpus.posts(), self.terms()))
    }

    fn terms(&self) -> &[Terms] {
        self.terms.get_or_init(|| {
            let counter = TermCounter::default();
            self.corpus.posts().iter().map(|post| counter.of_post(post)).collect()
        })
    }

    /// Returns which posts lead to which; none where no links were given.
    #[must_use]
    pub fn links(&self) -> &LinkGraph {
        self.links.get_or_init(|| LinkGraph::new(&self.corpus, &(self.link_lookup)()))
    }

    /// Returns which posts tell one story.
    #[must_use]
    pub fn stories(&self) -> &Stories {
        self.stories.get_or_init(|| {
            let cosine = |a: usize, b: usize| dot(self.embeddings.row(a), self.embeddings.row(b));
            Stories::find(self.corpus.posts(), self.terms(), &cosine)
        })
    }

    /// Returns for every post the one that stands for its story.
    fn kinds(&self) -> &[usize] {
        self.stories().originals()
    }
}
