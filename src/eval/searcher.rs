//! What does a retriever find? One collection, ready to be asked.

use super::fusion::{reciprocal_ranks, weighted_scores};
use super::retriever::Retriever;
use crate::corpus::Corpus;
use crate::embeddings::Embeddings;
use crate::index::{Flat, Graph, Hnsw, HnswError, Index};
use crate::recommender::{self, Least, Recommender, RecommenderError, RelatedOptions};
use crate::store::{Bm25, Bm25Error};
use crate::text::Language;

/// What is searched, all by position.
#[derive(Debug, Clone, Copy)]
pub struct Searched<'a> {
    /// The posts; only `nextread` looks at them.
    pub corpus: &'a Corpus,
    /// One text a post, in the corpus's order; only retrievers with words look at them.
    pub texts: &'a [String],
    /// One vector a post; `None` where no retriever needs them ([`Retriever::needs_vectors`]).
    pub embeddings: Option<&'a Embeddings>,
}

/// One question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Query<'a> {
    /// Its words.
    pub text: &'a str,
    /// Its unit vector, where the retriever needs one.
    pub vector: Option<&'a [f32]>,
    /// The post that is the query, which then is no answer; `None` where none is, or where it may answer itself.
    pub itself: Option<usize>,
}

/// Says why a retriever has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearcherError {
    /// The retriever needs vectors and has none.
    #[error("{0} needs vectors; embed the texts first")]
    NoVectors(&'static str),
    /// The vector of a query has another length than those of the posts.
    #[error("the query's vector has {query} components and the posts' have {posts}")]
    Dimension {
        /// Components of the query's vector.
        query: usize,
        /// Components of the posts' vectors.
        posts: usize,
    },
    /// No graph can be built with the options.
    #[error(transparent)]
    Hnsw(#[from] HnswError),
    /// The full-text index failed.
    #[error(transparent)]
    Bm25(#[from] Bm25Error),
    /// Our own ranker failed.
    #[error(transparent)]
    Recommender(#[from] RecommenderError),
}

/// A retriever with the indexes that it needs of one collection; building it is the index time, asking it the query
/// time.
pub struct Searcher<'a> {
    retriever: Retriever,
    indexes: Indexes<'a>,
}

enum Indexes<'a> {
    Dense(Dense<'a>),
    Hnsw { dimension: usize, hnsw: Box<Hnsw<'a>> },
    Bm25(Bm25),
    Both { dense: Dense<'a>, words: Bm25, depth: usize, fuse: Fuse },
    Nextread { recommender: Box<Recommender>, diversity: f32, limit: Option<usize>, min_score: f32 },
}

#[derive(Clone, Copy)]
enum Fuse {
    Ranks { k: u32 },
    Scores { bm25: f64 },
}

#[derive(Clone, Copy)]
struct Dense<'a>(&'a Embeddings);

impl<'a> Searcher<'a> {
    /// Builds what `retriever` needs. `nextread` copies posts and vectors; the others borrow them. A graph, should it
    /// need one, is put into `graph`.
    ///
    /// # Errors
    /// Vectors are needed and missing, an option is out of range, or memory is short.
    pub fn build(
        retriever: &Retriever,
        searched: &Searched<'a>,
        graph: &'a mut Option<Graph>,
    ) -> Result<Searcher<'a>, SearcherError> {
        let embeddings = || searched.embeddings.ok_or(SearcherError::NoVectors(retriever.name()));
        let words = |language: Language| Bm25::new(searched.texts, language);
        let indexes = match *retriever {
            Retriever::Dense => Indexes::Dense(Dense(embeddings()?)),
            Retriever::Hnsw { options, builder } => {
                let embeddings = embeddings()?;
                let graph = graph.insert(Graph::build(embeddings, &options, builder, &mut |_| ())?);
                Indexes::Hnsw { dimension: embeddings.dimension(), hnsw: Box::new(Hnsw::new(graph, embeddings)) }
            }
            Retriever::Bm25 { language } => Indexes::Bm25(words(language)?),
            Retriever::Hybrid { depth, k, language } => {
                let dense = Dense(embeddings()?);
                Indexes::Both { dense, words: words(language)?, depth, fuse: Fuse::Ranks { k } }
            }
            Retriever::Weighted { bm25, depth, language } => {
                let dense = Dense(embeddings()?);
                Indexes::Both { dense, words: words(language)?, depth, fuse: Fuse::Scores { bm25 } }
            }
            Retriever::Nextread { diversity, limit, min_score } => {
                let recommender = Box::new(Recommender::new(searched.corpus.clone(), embeddings()?.clone())?);
                Indexes::Nextread { recommender, diversity, limit, min_score }
            }
        };
        Ok(Searcher { retriever: *retriever, indexes })
    }

    /// Returns what this searches with.
    #[must_use]
    pub fn retriever(&self) -> &Retriever {
        &self.retriever
    }

    /// Answers a query with up to `depth` posts, as position and score, best first, equal scores by position; never
    /// [`Query::itself`].
    ///
    /// # Errors
    /// The query has no vector, or one of another length, where one is needed; memory is short.
    pub fn search(&self, query: &Query<'_>, depth: usize) -> Result<Vec<(usize, f64)>, SearcherError> {
        // One more, as the post itself may be among them.
        let asked = depth.saturating_add(usize::from(query.itself.is_some()));
        let found = match &self.indexes {
            Indexes::Dense(dense) => dense.search(self.vector(query, dense.0.dimension())?, asked),
            Indexes::Hnsw { dimension, hnsw } => pairs(hnsw.nearest(self.vector(query, *dimension)?, asked)),
            Indexes::Bm25(words) => words.search(query.text, asked)?,
            Indexes::Both { dense, words, depth, fuse } => {
                let asked = asked.max(*depth);
                let near = dense.search(self.vector(query, dense.0.dimension())?, asked);
                // Before the fusion, so that it takes no rank and is no list's best score.
                fuse.fuse(&without(words.search(query.text, asked)?, query), &without(near, query))
            }
            Indexes::Nextread { recommender, diversity, limit, min_score } => {
                let limit = limit.map_or(depth, |limit| limit.min(depth));
                let options = RelatedOptions {
                    limit,
                    least: Least::Score(*min_score),
                    diversity: *diversity,
                    ..RelatedOptions::default()
                };
                self.recommend(recommender, query, &options)?
            }
        };
        let mut found = without(found, query);
        found.truncate(depth);
        Ok(found)
    }

    fn recommend(
        &self,
        recommender: &Recommender,
        query: &Query<'_>,
        options: &RelatedOptions,
    ) -> Result<Vec<(usize, f64)>, SearcherError> {
        let answer = match query.itself {
            Some(position) => recommender.related(&recommender.corpus().post(position).id, options)?,
            None => {
                let vector = self.vector(query, recommender.embeddings().dimension())?;
                recommender.search(&recommender::Query { text: query.text, vector }, options)?
            }
        };
        Ok(answer.recommendations.iter().map(|found| (found.position, f64::from(found.score))).collect())
    }

    fn vector<'q>(&self, query: &Query<'q>, posts: usize) -> Result<&'q [f32], SearcherError> {
        let vector = query.vector.ok_or(SearcherError::NoVectors(self.retriever.name()))?;
        if vector.len() == posts { Ok(vector) } else { Err(SearcherError::Dimension { query: vector.len(), posts }) }
    }
}

impl Dense<'_> {
    fn search(self, vector: &[f32], k: usize) -> Vec<(usize, f64)> {
        pairs(Flat::new(self.0).nearest(vector, k))
    }
}

impl Fuse {
    fn fuse(self, words: &[(usize, f64)], near: &[(usize, f64)]) -> Vec<(usize, f64)> {
        match self {
            Fuse::Ranks { k } => reciprocal_ranks(&[words, near], k),
            Fuse::Scores { bm25 } => weighted_scores(&[(bm25, words), (1.0 - bm25, near)]),
        }
    }
}

fn pairs(neighbors: Vec<crate::index::Neighbor>) -> Vec<(usize, f64)> {
    neighbors.into_iter().map(|neighbor| (neighbor.position, f64::from(neighbor.similarity))).collect()
}

fn without(mut found: Vec<(usize, f64)>, query: &Query<'_>) -> Vec<(usize, f64)> {
    found.retain(|(position, _)| Some(*position) != query.itself);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    const TEXTS: [&str; 7] =
        ["Rye bread", "Wheat bread rises", "Tile kernels", "Kernels and bread", "Sand", "Moss", "Fern"];

    fn searched() -> (Corpus, Vec<String>, Embeddings) {
        let posts = TEXTS.iter().enumerate().map(|(number, text)| post(&format!("p{number}"), text, "")).collect();
        let vectors = vec![1.0, 0.0, 0.9, 0.1, 0.0, 1.0, 0.5, 0.5, -1.0, -0.1, -1.0, -0.2, -1.0, -0.3];
        let texts = TEXTS.iter().map(|text| (*text).to_owned()).collect();
        (Corpus::new(posts).unwrap(), texts, Embeddings::from_rows(2, vectors).unwrap())
    }

    fn check(retriever: &str, query: &Query<'_>, depth: usize, expect: &[usize]) {
        let (corpus, texts, embeddings) = searched();
        let searched = Searched { corpus: &corpus, texts: &texts, embeddings: Some(&embeddings) };
        let mut graph = None;
        let searcher = Searcher::build(&retriever.parse().unwrap(), &searched, &mut graph).unwrap();
        let found = searcher.search(query, depth).unwrap();
        let positions: Vec<usize> = found.iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, expect, "{retriever}: {found:?}");
    }

    #[test]
    fn every_retriever_answers_text_and_a_post() {
        let text = Query { text: "bread kernels", vector: Some(&[0.0, 1.0]), itself: None };
        let itself = Query { text: TEXTS[3], vector: Some(&[0.0, 1.0]), itself: Some(3) };
        check("dense", &text, 3, &[2, 3, 1]);
        check("dense", &itself, 3, &[2, 1, 0]);
        check("hnsw", &text, 3, &[2, 3, 1]);
        check("hnsw", &itself, 2, &[2, 1]);
        check("bm25", &text, 9, &[3, 2, 0, 1]);
        check("bm25", &itself, 1, &[2]);
        check("hybrid", &text, 2, &[2, 3]);
        check("hybrid", &itself, 3, &[2, 0, 1]);
        check("weighted:bm25=1", &text, 4, &[3, 2, 0, 1]);
        check("weighted:bm25=0", &itself, 3, &[2, 1, 0]);
        check("nextread", &text, 2, &[2, 3]);
        check("nextread", &itself, 3, &[2, 1, 0]);
        check("dense", &text, 0, &[]);
    }

    #[test]
    fn each_needs_only_what_it_needs() {
        let (corpus, texts, embeddings) = searched();
        let without = Searched { corpus: &corpus, texts: &texts, embeddings: None };
        let query = Query { text: "rye", vector: None, itself: None };
        let mut graph = None;
        let words = Searcher::build(&"bm25".parse().unwrap(), &without, &mut graph).unwrap();
        assert_eq!(words.search(&query, 5).unwrap()[0].0, 0);
        for name in ["dense", "hnsw", "hybrid", "weighted", "nextread"] {
            let retriever: Retriever = name.parse().unwrap();
            assert!(retriever.needs_vectors());
            let mut graph = None;
            let error = Searcher::build(&retriever, &without, &mut graph).err().unwrap().to_string();
            assert_eq!(error, format!("{name} needs vectors; embed the texts first"));
            let with = Searched { embeddings: Some(&embeddings), ..without };
            let mut graph = None;
            let searcher = Searcher::build(&retriever, &with, &mut graph).unwrap();
            assert!(searcher.search(&query, 5).is_err());
            let long = Query { vector: Some(&[1.0, 0.0, 0.0]), ..query };
            assert!(searcher.search(&long, 5).unwrap_err().to_string().contains("3 components"));
        }
    }
}
