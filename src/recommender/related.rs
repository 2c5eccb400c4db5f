//! Which posts are related to this one, or to these words?

use super::answer::{Choice, Gate};
use super::evidence::Asked;
use super::{Answer, Recommendation, Recommender, RecommenderError};
use crate::index::{Flat, Index};
use crate::post::PostId;
use crate::rank::mmr::Candidate;
use crate::similarity::quantize;

/// How `related` and `search` choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelatedOptions {
    /// The most recommendations. Default 5.
    pub limit: usize,
    /// The least score (cosine similarity, −1 to 1) that is still shown. Default 0.3.
    pub min_score: f32,
    /// 0 (pure relevance) to 1 (only different from each other). Default 0.1.
    pub diversity: f32,
}

impl Default for RelatedOptions {
    fn default() -> RelatedOptions {
        RelatedOptions { limit: 5, min_score: 0.3, diversity: 0.1 }
    }
}

impl RelatedOptions {
    pub(super) fn gate<'a>(&self, known: &'a [usize]) -> Gate<'a> {
        Gate { limit: self.limit, min_score: self.min_score, diversity: self.diversity, known }
    }
}

impl Recommender {
    /// Recommends posts related to one post: never itself, never a duplicate of it, no duplicate twice.
    ///
    /// The score is the cosine similarity of the two posts.
    ///
    /// # Errors
    /// The post is not in the corpus.
    pub fn related(&self, post: &PostId, options: &RelatedOptions) -> Result<Answer, RecommenderError> {
        let query = self.position(post)?;
        let candidates = self.nearest(self.embeddings.row(query), Some(query));
        Ok(self.answer(&candidates, &Asked::Post(query), options))
    }

    /// Recommends posts for free text, given as its unit vector in the space of the posts.
    ///
    /// The score is the cosine similarity of text and post.
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn search(&self, query: &[f32], options: &RelatedOptions) -> Result<Answer, RecommenderError> {
        self.check_dimension(query)?;
        let candidates = self.nearest(query, None);
        Ok(self.answer(&candidates, &Asked::Text(quantize(query)), options))
    }

    pub(super) fn check_dimension(&self, query: &[f32]) -> Result<(), RecommenderError> {
        let posts = self.embeddings.dimension();
        if query.len() != posts {
            return Err(RecommenderError::Dimension { query: query.len(), posts });
        }
        Ok(())
    }

    /// Returns every post but `except`, nearest first.
    pub(super) fn nearest(&self, query: &[f32], except: Option<usize>) -> Vec<Candidate> {
        Flat::new(&self.embeddings)
            .nearest(query, self.corpus.len())
            .into_iter()
            .filter(|neighbor| Some(neighbor.position) != except)
            .map(|neighbor| Candidate { position: neighbor.position, score: neighbor.similarity })
            .collect()
    }

    fn answer(&self, candidates: &[Candidate], asked: &Asked, options: &RelatedOptions) -> Answer {
        let known = match asked {
            Asked::Post(query) => std::slice::from_ref(query),
            Asked::Text(_) => &[],
        };
        let gate = options.gate(known);
        let (choices, rejected) = self.choose(candidates, &gate);
        let recommendations = choices
            .into_iter()
            .map(|Choice { candidate, also }| Recommendation {
                position: candidate.position,
                score: candidate.score,
                reasons: self.reasons(asked, candidate.position),
                also,
            })
            .collect();
        Answer { recommendations, limit: options.limit, rejected }
    }
}
