//! Which posts are related to this one, or to these words?

use super::answer::{Choice, Gate};
use super::evidence::Asked;
use super::{Answer, Query, Recommendation, Recommender, RecommenderError, ScoreParts};
use crate::post::PostId;
use crate::rank::hybrid::WordVector;
use crate::rank::mmr::{Candidate, sort_candidates};
use crate::similarity::quantize;

/// How `related` and `search` choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelatedOptions {
    /// The most recommendations. Default 5.
    pub limit: usize,
    /// The least score (−0.5 to 1) that is still shown. Default 0.2.
    pub min_score: f32,
    /// 0 (pure relevance) to 1 (only different from each other). Default 0.1.
    pub diversity: f32,
}

impl Default for RelatedOptions {
    fn default() -> RelatedOptions {
        RelatedOptions { limit: 5, min_score: 0.2, diversity: 0.1 }
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
    /// The score is the similarity of the two posts: half the cosine of their vectors + half that of their words and
    /// tags ([`crate::rank::hybrid`]).
    ///
    /// # Errors
    /// The post is not in the corpus.
    pub fn related(&self, post: &PostId, options: &RelatedOptions) -> Result<Answer, RecommenderError> {
        let query = self.position(post)?;
        Ok(self.answer(&self.parts_of_post(query), &self.asked_post(query), options))
    }

    /// Recommends posts for free text. The score is made as that of [`Recommender::related`].
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn search(&self, query: &Query<'_>, options: &RelatedOptions) -> Result<Answer, RecommenderError> {
        let parts = self.parts_of_text(query)?;
        Ok(self.answer(&parts, &Asked::Text(quantize(query.vector)), options))
    }

    pub(super) fn parts_of_text(&self, query: &Query<'_>) -> Result<Vec<ScoreParts>, RecommenderError> {
        let posts = self.embeddings.dimension();
        if query.vector.len() != posts {
            return Err(RecommenderError::Dimension { query: query.vector.len(), posts });
        }
        Ok(self.parts(query.vector, &WordVector::of_text(query.text, self.vocabulary())))
    }

    fn answer(&self, parts: &[ScoreParts], asked: &Asked, options: &RelatedOptions) -> Answer {
        let query = match asked {
            Asked::Post { position, .. } => Some(*position),
            Asked::Text(_) => None,
        };
        let (choices, rejected) = self.choose(&ranked(parts, query), &options.gate(query.as_slice()));
        let recommendations = choices
            .into_iter()
            .map(|Choice { candidate, also }| Recommendation {
                position: candidate.position,
                score: candidate.score,
                parts: parts[candidate.position],
                reasons: self.reasons(asked, candidate.position),
                also,
            })
            .collect();
        Answer { recommendations, limit: options.limit, rejected }
    }
}

/// Returns every post but `except`, best first, equal scores by position.
pub(super) fn ranked(parts: &[ScoreParts], except: Option<usize>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = parts
        .iter()
        .enumerate()
        .filter(|(position, _)| Some(*position) != except)
        .map(|(position, parts)| Candidate { position, score: parts.sum() })
        .collect();
    sort_candidates(&mut candidates);
    candidates
}
