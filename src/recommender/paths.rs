//! In which order should a topic be read, and how does one get from one post to another?

use super::related::Part;
use super::scores::Depth;
use super::{Least, Query, Recommender, RecommenderError};
use crate::post::PostId;
use crate::rank::mmr::{Candidate, sort_candidates};
use crate::rank::path::{Budget, Map, OrderedBy, Step, Unit, between, choose, describe, order};
use crate::similarity::dot;

/// How a reading path is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathOptions {
    /// The most steps. Default 7.
    pub limit: usize,
    /// The most minutes of reading in all. Default: no bound.
    pub minutes: Option<u32>,
    /// The least score of a post for the topic.
    pub least: Least,
    /// 0 (pure relevance) to 1 (only different from each other). Default 0.2.
    pub diversity: f32,
}

impl Default for PathOptions {
    fn default() -> PathOptions {
        PathOptions { limit: 7, minutes: None, least: Least::default(), diversity: 0.2 }
    }
}

/// An ordered list that builds up.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// In reading order.
    pub steps: Vec<Step>,
    /// The sum of the minutes of the steps, posts of unknown length counted at `assumed_minutes` each.
    pub minutes: u32,
    /// How many steps are of unknown length.
    pub unknown_lengths: usize,
    /// The median length of the corpus's posts, or 7 where none is known.
    pub assumed_minutes: u32,
    /// Posts near enough to the topic, before steps and minutes bounded them.
    pub candidates: usize,
}

/// Minutes of a post of unknown length in a corpus where no length is known: the length that readers of long-form blogs
/// stay with best, by Medium's own data ("The Optimal Post is 7 Minutes", 2013).
const MINUTES_WHERE_NONE_IS_KNOWN: u32 = 7;

impl Recommender {
    /// Orders posts near a topic into a reading path; nearness is the score of [`Recommender::search`], and a title that has
    /// every content word of the topic is near enough.
    ///
    /// The order is told from the bodies of the nearest posts ([`crate::rank::path::Stages`]).
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn path_along(&self, topic: &Query<'_>, options: &PathOptions) -> Result<Path, RecommenderError> {
        let depth = Depth::Answers { limit: options.limit, known: &[] };
        let mut candidates = self.scored_for_text(topic, depth)?.ranked(None);
        candidates.retain(|candidate| self.kinds()[candidate.position] == candidate.position);
        let min_score = self.background_of_texts().score(options.least);
        let has_all = self.has_words(topic.text, Part::Title);
        let is_meant = |position: usize| matches!(options.least, Least::CloserThan(_)) && has_all(position);
        let is_near = |candidate: &Candidate| candidate.score >= min_score || is_meant(candidate.position);
        // Titles that say the topic are near however little else there is; the others follow in their order.
        let (mut near_ones, others): (Vec<Candidate>, Vec<Candidate>) = candidates.into_iter().partition(is_near);
        let near = near_ones.len();
        near_ones.extend(others);
        let candidates = near_ones;
        let budget = self.budget(options);
        let eligible = near.min(options.limit.saturating_mul(super::CANDIDATES_PER_ANSWER));
        let units = choose(&candidates, eligible, &self.map(), &budget, options.diversity);
        Ok(self.path(self.in_order(&units, &candidates), &budget, near))
    }

    /// Finds the smoothest way from one post to another; no steps when the two alone exceed the minutes.
    ///
    /// # Errors
    /// A post is not in the corpus, or both are one.
    pub fn path_between(&self, from: &PostId, to: &PostId, options: &PathOptions) -> Result<Path, RecommenderError> {
        let (from_at, to_at) = (self.position(from)?, self.position(to)?);
        if from_at == to_at {
            return Err(RecommenderError::SamePost(from.clone()));
        }
        let budget = self.budget(options);
        let (map, order) = (self.map(), between(from_at, to_at, &self.map(), &budget).unwrap_or_default());
        let stages = self.stages(order.clone());
        let to_goal = |position: usize| self.similarity(position, to_at);
        let steps = describe(&order, OrderedBy::Nearness, (&map, &stages), &to_goal);
        Ok(self.path(steps, &budget, self.corpus.len()))
    }

    /// Puts given posts, all of them, in a reading order: as [`Recommender::path_along`] orders what it chose, the mean of
    /// their vectors being the topic, beside the posts that are nearest to it. A post that is named twice is there once.
    ///
    /// # Errors
    /// A post is not in the corpus.
    pub fn path_through(&self, posts: &[PostId]) -> Result<Path, RecommenderError> {
        let mut positions = posts.iter().map(|id| self.position(id)).collect::<Result<Vec<usize>, _>>()?;
        positions.sort_unstable();
        positions.dedup();
        let mut mean = vec![0.0; self.embeddings.dimension()];
        for &position in &positions {
            mean.iter_mut().zip(self.embeddings.row(position)).for_each(|(sum, value)| *sum += value);
        }
        let norm = dot(&mean, &mean).sqrt().max(f32::MIN_POSITIVE);
        mean.iter_mut().for_each(|value| *value /= norm);
        let score = |position: usize| dot(self.embeddings.row(position), &mean);
        let mut candidates: Vec<Candidate> =
            positions.into_iter().map(|position| Candidate { position, score: score(position) }).collect();
        sort_candidates(&mut candidates);
        let budget = self.budget(&PathOptions { limit: candidates.len(), ..PathOptions::default() });
        let units = choose(&candidates, candidates.len(), &self.map(), &budget, 0.0);
        let all = (0..self.corpus.len()).map(|position| Candidate { position, score: score(position) });
        let mut among: Vec<Candidate> = all.collect();
        sort_candidates(&mut among);
        Ok(self.path(self.in_order(&units, &among), &budget, candidates.len()))
    }

    /// Puts units that were chosen among candidates in reading order.
    fn in_order(&self, units: &[Unit], candidates: &[Candidate]) -> Vec<Step> {
        let chosen = units.iter().flat_map(|unit| unit.positions.iter().copied()).collect();
        let (map, stages) = (self.map(), self.stages_among(candidates, chosen));
        let score = |position: usize| {
            candidates.iter().find(|candidate| candidate.position == position).map_or(0.0, |candidate| candidate.score)
        };
        describe(&order(units, &map, &stages, None), OrderedBy::Stages, (&map, &stages), &score)
    }

    pub(super) fn similarity(&self, a: usize, b: usize) -> f32 {
        dot(self.embeddings.row(a), self.embeddings.row(b))
    }

    pub(super) fn map(&self) -> Map<'_> {
        Map { corpus: &self.corpus, embeddings: &self.embeddings, places: &self.places, kinds: self.kinds() }
    }

    pub(super) fn budget(&self, options: &PathOptions) -> Budget {
        let mut known: Vec<u32> = self.corpus.posts().iter().filter_map(|post| post.minutes).collect();
        known.sort_unstable();
        let assumed_minutes = known.get(known.len() / 2).copied().unwrap_or(MINUTES_WHERE_NONE_IS_KNOWN);
        Budget { steps: options.limit, minutes: options.minutes, assumed_minutes }
    }

    pub(super) fn path(&self, steps: Vec<Step>, budget: &Budget, candidates: usize) -> Path {
        let lengths: Vec<Option<u32>> = steps.iter().map(|step| self.corpus.post(step.position).minutes).collect();
        Path {
            minutes: lengths.iter().map(|minutes| minutes.unwrap_or(budget.assumed_minutes)).sum(),
            unknown_lengths: lengths.iter().filter(|minutes| minutes.is_none()).count(),
            assumed_minutes: budget.assumed_minutes,
            candidates,
            steps,
        }
    }
}
