//! Which posts are related to this one, or to these words?

use super::answer::{Choice, Gate};
use super::evidence::Asked;
use super::scores::{Depth, Question, Scored};
use super::{Answer, Query, Recommendation, Recommender, RecommenderError};
use crate::post::PostId;
use crate::rank::hybrid::WordVector;
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
        let depth = Depth::Answers { limit: options.limit, known: &[query] };
        let scored = self.scored(self.question(query), depth);
        Ok(self.answer(&scored, &self.asked_post(query), options))
    }

    /// Recommends posts for free text. The score is made as that of [`Recommender::related`].
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn search(&self, query: &Query<'_>, options: &RelatedOptions) -> Result<Answer, RecommenderError> {
        let scored = self.scored_for_text(query, Depth::Answers { limit: options.limit, known: &[] })?;
        Ok(self.answer(&scored, &Asked::Text(quantize(query.vector)), options))
    }

    pub(super) fn scored_for_text(&self, query: &Query<'_>, depth: Depth<'_>) -> Result<Scored, RecommenderError> {
        let posts = self.embeddings.dimension();
        if query.vector.len() != posts {
            return Err(RecommenderError::Dimension { query: query.vector.len(), posts });
        }
        let words = WordVector::of_text(query.text, self.vocabulary());
        Ok(self.scored(Question { vector: query.vector, words: &words }, depth))
    }

    fn answer(&self, scored: &Scored, asked: &Asked, options: &RelatedOptions) -> Answer {
        let query = match asked {
            Asked::Post { position, .. } => Some(*position),
            Asked::Text(_) => None,
        };
        let (choices, rejected) = self.choose(&scored.ranked(query), &options.gate(query.as_slice()));
        let recommendations = choices
            .into_iter()
            .map(|Choice { candidate, also }| Recommendation {
                position: candidate.position,
                score: candidate.score,
                parts: scored.of(candidate.position).unwrap_or_default(),
                reasons: self.reasons(asked, candidate.position),
                also,
            })
            .collect();
        Answer { recommendations, limit: options.limit, rejected }
    }
}
