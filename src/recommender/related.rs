//! Which posts are related to this one, or to these words?

use super::answer::{Choice, Gate};
use super::evidence::Asked;
use super::scores::{Depth, Question, Scored};
use super::{Answer, Background, Least, Query, Recommendation, Recommender, RecommenderError};
use crate::post::PostId;
use crate::similarity::quantize;

/// How `related` and `search` choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelatedOptions {
    /// The most recommendations. Default 5.
    pub limit: usize,
    /// The least score that is still shown.
    pub least: Least,
    /// 0 (pure relevance) to 1 (only different from each other). Default 0.1.
    pub diversity: f32,
}

impl Default for RelatedOptions {
    fn default() -> RelatedOptions {
        RelatedOptions { limit: 5, least: Least::default(), diversity: 0.1 }
    }
}

impl RelatedOptions {
    pub(super) fn gate<'a>(&self, background: &Background, known: &'a [usize]) -> Gate<'a> {
        Gate { limit: self.limit, min_score: background.score(self.least), diversity: self.diversity, known }
    }
}

impl Recommender {
    /// Recommends posts related to one post: never itself, never a duplicate of it, no duplicate twice.
    ///
    /// The score is the similarity of the two posts: of their vectors, words, titles and dates ([`crate::rank::hybrid`]).
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
        let words = self.words().text(query.text);
        Ok(self.scored(Question { vector: query.vector, words: &words }, depth))
    }

    fn answer(&self, scored: &Scored, asked: &Asked, options: &RelatedOptions) -> Answer {
        let (query, background) = match asked {
            Asked::Post { position, .. } => (Some(*position), self.background()),
            Asked::Text(_) => (None, self.background_of_texts()),
        };
        let gate = options.gate(background, query.as_slice());
        let (choices, rejected) = self.choose(&scored.ranked(query), &gate);
        let recommendations = choices
            .into_iter()
            .map(|Choice { candidate, also }| Recommendation {
                position: candidate.position,
                score: candidate.score,
                parts: scored.of(candidate.position).unwrap_or_default(),
                closer_than: background.share_below(candidate.score),
                reasons: self.reasons(asked, candidate.position),
                also,
            })
            .collect();
        Answer { recommendations, limit: options.limit, least: gate.min_score, rejected }
    }
}
