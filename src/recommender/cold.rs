//! What should somebody read of whom nothing is known? Central and recent posts, one for each corner of the corpus.

use std::cmp::Reverse;

use super::next::NextOptions;
use super::paths::PathOptions;
use super::{Answer, CANDIDATES_PER_ANSWER, Reader, Recommendation, Recommender, RecommenderError, Rejected};
use crate::rank::explain::Reason;
use crate::rank::filter::{Caps, Excluded, Kind, has_room};
use crate::rank::path::tour;

/// The older half of the posts is left out where the newer one has so many posts for each answer.
const POSTS_PER_ANSWER: usize = 10;

impl Recommender {
    /// Recommends where to begin, to a reader of whom no liking is known: of the newer half of the posts (of all, where there are few)
    /// those that are near to most others, each time the one that brings most of them nearer. The score is the mean
    /// similarity to the posts that it stands for. What was read and disliked is not shown.
    ///
    /// # Errors
    /// A post that was read is not in the corpus.
    pub fn cold_start(&self, reader: &Reader, options: &NextOptions) -> Result<Answer, RecommenderError> {
        let mut rejected = Rejected::default();
        let read: Result<Vec<usize>, _> = reader.reads.iter().map(|read| self.position(&read.post)).collect();
        let known: Vec<usize> = read?.into_iter().map(|position| self.kinds()[position]).collect();
        let mut among: Vec<usize> = Vec::new();
        for position in 0..self.corpus.len() {
            rejected.considered += 1;
            match options.filter.excludes(position, self.corpus.post(position)) {
                _ if known.contains(&self.kinds()[position]) => rejected.already_read += 1,
                _ if self.kinds()[position] != position => rejected.duplicates += 1,
                Some(Excluded::Blocked) => rejected.blocked += 1,
                Some(_) => rejected.filtered += 1,
                None => among.push(position),
            }
        }
        if among.len() >= 2 * POSTS_PER_ANSWER * options.limit {
            among.sort_by_key(|&position| Reverse(self.corpus.post(position).date));
            among.truncate(among.len() / 2);
            among.sort_unstable();
        }
        // Behind caps, some stops are passed over.
        let spare = if options.caps == Caps::NONE { 1 } else { CANDIDATES_PER_ANSWER };
        let stops = options.limit.saturating_mul(spare);
        let budget = self.budget(&PathOptions { limit: stops, ..PathOptions::default() });
        let looked_at = among.len();
        let mut taken: Vec<Kind> = Vec::new();
        let mut recommendations = Vec::new();
        for stop in tour(&among, &self.map(), &budget) {
            let position = stop.unit.positions[0];
            let kinds = self.capped_kinds(options.caps, position);
            if recommendations.len() == options.limit {
                break;
            }
            if !has_room(&kinds, taken.iter()) {
                rejected.over_caps += 1;
                continue;
            }
            taken.extend(kinds);
            recommendations.push(Recommendation {
                position,
                score: stop.similarity,
                parts: None,
                factors: None,
                closer_than: None,
                reasons: vec![Reason::Central { stands_for: stop.stands_for, of: looked_at }],
                also: Vec::new(),
                is_pinned: false,
            });
        }
        Ok(Answer { recommendations, limit: options.limit, least: f32::NEG_INFINITY, rejected, interests: Some(0) })
    }
}
