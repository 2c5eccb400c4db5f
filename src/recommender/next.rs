//! What should this reader read next?

use std::collections::BTreeSet;

use super::answer::{Choice, Gate};
use super::scores::{Depth, Question};
use super::{Answer, Least, Recommendation, Recommender, RecommenderError, ScoreParts};
use crate::post::PostId;
use crate::rank::explain::Reason;
use crate::rank::mmr::{Candidate, sort_candidates};
use crate::rank::novelty::{Recency, Standing, standing};

/// How `next` chooses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NextOptions {
    /// The most recommendations. Default 5.
    pub limit: usize,
    /// The least score that is still shown; of pairs drawn by chance, that of a post so similar to the last read and to
    /// no other.
    pub least: Least,
    /// 0 (pure score) to 1 (only different from each other). Default 0.3.
    pub diversity: f32,
    /// 0 (pure relevance) to 1 (serendipity: relevance × novelty). Default 0.3.
    pub surprise: f32,
    /// Which reads count for relevance.
    pub recency: Recency,
}

impl Default for NextOptions {
    fn default() -> NextOptions {
        NextOptions { limit: 5, least: Least::default(), diversity: 0.3, surprise: 0.3, recency: Recency::default() }
    }
}

impl NextOptions {
    fn score(&self, relevance: f32, novelty: f32) -> f32 {
        (1.0 - self.surprise) * relevance + self.surprise * relevance * novelty
    }
}

impl Recommender {
    /// Recommends what to read after a reading history (oldest first); never a post of it nor a duplicate of one.
    ///
    /// The score is `(1 − surprise) · relevance + surprise · relevance · novelty`: relevance to the recent reads, and
    /// serendipity as the product of relevance and novelty, novelty being 1 − the largest similarity to the whole history.
    ///
    /// # Errors
    /// A post of the history is not in the corpus, or the history is empty.
    pub fn next(&self, history: &[PostId], options: &NextOptions) -> Result<Answer, RecommenderError> {
        let history: Vec<usize> = history.iter().map(|id| self.position(id)).collect::<Result<_, _>>()?;
        if history.is_empty() {
            return Err(RecommenderError::EmptyHistory);
        }
        let (older, recent) = history.split_at(history.len().saturating_sub(options.recency.reads.max(1)));
        let questions: Vec<Question<'_>> = recent.iter().map(|&read| self.question(read)).collect();
        let positions = self.ranked_for(&questions, Depth::Answers { limit: options.limit, known: &history });
        let parts: Vec<Vec<ScoreParts>> = questions.iter().map(|&question| self.parts(question, &positions)).collect();
        let covered = self.covered(older, &parts, &positions);
        let standings: Vec<Option<Standing>> = (0..positions.len())
            .map(|at| {
                let similarities: Vec<f32> = parts.iter().map(|of_read| of_read[at].sum()).collect();
                let standing = || standing(&similarities, covered[at], options.recency.half_life);
                (!history.contains(&positions[at])).then(standing)
            })
            .collect();
        let mut candidates: Vec<Candidate> = positions
            .iter()
            .zip(&standings)
            .filter_map(|(&position, standing)| {
                let standing = standing.as_ref()?;
                Some(Candidate { position, score: options.score(standing.relevance, standing.novelty) })
            })
            .collect();
        sort_candidates(&mut candidates);
        let min_score = match options.least {
            Least::Score(score) => score,
            // What a post scores that is just so similar to the last read, and to nothing else.
            least => {
                let similarity = self.background().score(least);
                options.score(similarity, 1.0 - similarity)
            }
        };
        let gate = Gate { limit: options.limit, min_score, diversity: options.diversity, known: &history };
        let (choices, mut rejected) = self.choose(&candidates, &gate);
        rejected.already_read = history.iter().collect::<BTreeSet<_>>().len();
        let recommendations = choices
            .into_iter()
            .filter_map(|Choice { candidate, also }| {
                let at = positions.binary_search(&candidate.position).ok()?;
                let standing = standings[at].as_ref()?;
                let (read, position) = (recent[standing.nearest_recent], candidate.position);
                let parts = parts[standing.nearest_recent][at];
                let because =
                    Reason::BecauseRead { position: read, similarity: parts.sum(), novelty: standing.novelty };
                let reasons = std::iter::once(because).chain(self.reasons(&self.asked_post(read), position)).collect();
                let closer_than = self.background().share_below(parts.sum());
                Some(Recommendation { position, score: candidate.score, parts, closer_than, reasons, also })
            })
            .collect();
        Ok(Answer { recommendations, limit: options.limit, least: min_score, rejected })
    }

    /// Returns the largest similarity of each of `positions` to any read: the older ones by position, the recent ones
    /// by their parts.
    fn covered(&self, older: &[usize], recent: &[Vec<ScoreParts>], positions: &[usize]) -> Vec<f32> {
        let mut covered = vec![f32::NEG_INFINITY; positions.len()];
        let mut take = |parts: &[ScoreParts]| {
            for (most, parts) in covered.iter_mut().zip(parts) {
                *most = most.max(parts.sum());
            }
        };
        older.iter().for_each(|&read| take(&self.parts(self.question(read), positions)));
        recent.iter().for_each(|parts| take(parts));
        covered
    }
}
