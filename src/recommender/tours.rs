//! What should be read before a post, and where does one begin with a source?

use std::collections::BTreeSet;

use super::paths::PathOptions;
use super::scores::Depth;
use super::{CANDIDATES_PER_ANSWER, Least, Path, Recommender, RecommenderError};
use crate::post::PostId;
use crate::rank::path::{
    Clue, OrderedBy, Step, Stop, TOUR_POSTS_MAX, Unit, Why, before, describe, events_left_out, order, tour,
};
use crate::text::meant;

/// What comes before a goal is closer to it than this share of pairs drawn by chance, unless a score is given.
const GOAL_CLOSER_THAN: f32 = 0.95;

/// A source's guided tour.
#[derive(Debug, Clone, PartialEq)]
pub struct Tour {
    /// Its stops.
    pub path: Path,
    /// Posts of the source.
    pub posts: usize,
    /// Posts that were looked at: of large sources some, evenly taken.
    pub looked_at: usize,
    /// Posts that announce an event, which are no stops where others are enough.
    pub events: usize,
}

impl Recommender {
    /// Finds what to read before a post, which is the last step: near posts of which it speaks, or whose place is
    /// earlier. No steps when the post alone exceeds the minutes.
    ///
    /// # Errors
    /// The post is not in the corpus.
    pub fn path_to(&self, goal: &PostId, options: &PathOptions) -> Result<Path, RecommenderError> {
        let at = self.position(goal)?;
        let depth = Depth::Answers { limit: options.limit, known: &[at] };
        let mut candidates = self.scored(self.question(at), depth).ranked(Some(at));
        candidates.retain(|candidate| self.kinds()[candidate.position] == candidate.position);
        // What has to be read before a post is nearer to it than what may be read beside it.
        let least = self.background().score(match options.least {
            Least::CloserThan(share) => Least::CloserThan(share.max(GOAL_CLOSER_THAN)),
            score @ Least::Score(_) => score,
        });
        let near = candidates.iter().take_while(|candidate| candidate.score >= least).count();
        let budget = self.budget(options);
        let eligible = near.min(options.limit.saturating_mul(CANDIDATES_PER_ANSWER));
        let (map, stages) = (self.map(), self.stages_among(&candidates, vec![at]));
        let units = before(at, &candidates, eligible, (&map, &stages), &budget, options.diversity).unwrap_or_default();
        let order = order(&units, &map, &stages, units.len().checked_sub(1));
        let score = |position: usize| {
            let found = candidates.iter().find(|candidate| candidate.position == position);
            found.map_or_else(|| self.similarity(at, position), |candidate| candidate.score)
        };
        let steps = describe(&order, OrderedBy::Stages, (&map, &stages), &score);
        Ok(self.path(as_goal(steps), &budget, near))
    }

    /// Chooses posts that are near to all of a source's, one for each of its corners, in reading order; of the whole
    /// corpus where `source` is `None`. Letter case does not count.
    ///
    /// # Errors
    /// No post is of that source.
    pub fn tour(&self, source: Option<&str>, options: &PathOptions) -> Result<Tour, RecommenderError> {
        let first_of_kind = |position: &usize| self.kinds()[*position] == *position;
        let among: Vec<usize> = self.of_source(source)?.into_iter().filter(first_of_kind).collect();
        let budget = self.budget(options);
        let map = self.map();
        let stops = tour(&among, &map, &budget);
        let chosen = stops.iter().flat_map(|stop| stop.unit.positions.clone()).collect();
        let stages = self.stages_evenly(&among, chosen);
        let units: Vec<Unit> = stops.iter().map(|stop| stop.unit.clone()).collect();
        let order = order(&units, &map, &stages, None);
        let stop_of = |position: usize| stops.iter().find(|stop| stop.unit.positions.contains(&position));
        let similarity = |position: usize| stop_of(position).map_or(0.0, |stop| stop.similarity);
        let mut steps = describe(&order, OrderedBy::Stages, (&map, &stages), &similarity);
        let looked_at = among.len().min(TOUR_POSTS_MAX);
        for step in &mut steps {
            let stands_for = |stop: &Stop| Clue::StandsFor { posts: stop.stands_for, of: looked_at };
            step.clues.splice(0..0, stop_of(step.position).map(stands_for));
        }
        let path = self.path(steps, &budget, among.len());
        Ok(Tour { path, posts: among.len(), looked_at, events: events_left_out(&among, &map, &budget) })
    }

    pub(super) fn unknown_source(&self, asked: &str) -> RecommenderError {
        let known: BTreeSet<&str> = self.corpus.posts().iter().map(|post| post.source.as_str()).collect();
        let advice = match meant(asked, known) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => "answers name each post's source beside its id".to_owned(),
        };
        RecommenderError::UnknownSource { asked: asked.to_owned(), advice }
    }
}

fn as_goal(mut steps: Vec<Step>) -> Vec<Step> {
    if let Some(last) = steps.last_mut() {
        last.why = Why::Goal;
    }
    steps
}
