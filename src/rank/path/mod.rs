//! In which order should it be read? Reading paths along a topic and between two posts.

mod between;
mod order;
mod topic;

pub use between::between;
pub use topic::along;

use super::series::Place;
use crate::corpus::Corpus;
use crate::embeddings::Embeddings;

/// What a reading path may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// The most steps.
    pub steps: usize,
    /// The most minutes in all, if they count.
    pub minutes: Option<u32>,
    /// What a post of unknown length counts against the minutes.
    pub assumed_minutes: u32,
}

/// What every path builder reads: posts, their vectors (row = position) and their places in series.
#[derive(Debug, Clone, Copy)]
pub struct Map<'a> {
    /// The posts.
    pub corpus: &'a Corpus,
    /// One row a post.
    pub embeddings: &'a Embeddings,
    /// As [`super::series::places`] found them.
    pub places: &'a [Option<Place>],
    /// As [`super::duplicates::first_of_kind`] found them.
    pub kinds: &'a [usize],
}

/// One step of a reading path.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The post's position in the corpus.
    pub position: usize,
    /// Similarity to the topic, or to the goal of a path between two posts.
    pub relevance: f32,
    /// Similarity to the step before; `None` for the first.
    pub from_previous: Option<f32>,
    /// Why it comes here.
    pub why: Why,
}

/// Why a step comes where it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The best place to begin: near the topic and near the rest of the path.
    Start,
    /// The post that the path was asked to begin with.
    From,
    /// The next part of the series that the step before belongs to.
    NextPart,
    /// The nearest continuation of the step before that keeps the whole path smooth.
    Continues,
    /// The post that the path was asked to end with.
    Goal,
}

impl Map<'_> {
    fn similarity(&self, a: usize, b: usize) -> f32 {
        crate::similarity::dot(self.embeddings.row(a), self.embeddings.row(b))
    }

    fn minutes(&self, position: usize, budget: &Budget) -> u32 {
        self.corpus.post(position).minutes.unwrap_or(budget.assumed_minutes)
    }

    /// Describes an order as steps; the first one is there for the reason `first`.
    fn steps(&self, order: &[usize], first: Why, relevance: &dyn Fn(usize) -> f32) -> Vec<Step> {
        (0..order.len())
            .map(|at| {
                let position = order[at];
                let before = at.checked_sub(1).map(|before| order[before]);
                let why = match before {
                    None => first,
                    Some(before) if self.follows_in_series(before, position) => Why::NextPart,
                    Some(_) => Why::Continues,
                };
                let from_previous = before.map(|before| self.similarity(before, position));
                Step { position, relevance: relevance(position), from_previous, why }
            })
            .collect()
    }

    fn follows_in_series(&self, before: usize, after: usize) -> bool {
        matches!((&self.places[before], &self.places[after]), (Some(a), Some(b)) if a.series == b.series && a.part < b.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Flat, Index};
    use crate::post::fixture::post;
    use crate::rank::duplicates::first_of_kind;
    use crate::rank::mmr::Candidate;
    use crate::rank::series::places;

    /// Posts on a quarter circle, one every `degrees`, titled as given.
    fn world(titles: &[(&str, f32, Option<u32>)]) -> (Corpus, Embeddings, Vec<Option<Place>>) {
        let posts = titles
            .iter()
            .enumerate()
            .map(|(n, (title, _, minutes))| {
                let mut post = post(&format!("p{n}"), title, title);
                post.minutes = *minutes;
                post
            })
            .collect();
        let angles = titles.iter().flat_map(|(_, degrees, _)| {
            let radians = degrees.to_radians();
            [radians.cos(), radians.sin()]
        });
        let embeddings = Embeddings::from_rows(2, angles.collect()).unwrap();
        let corpus = Corpus::new(posts).unwrap();
        let places = places(corpus.posts());
        (corpus, embeddings, places)
    }

    const BUDGET: Budget = Budget { steps: 7, minutes: None, assumed_minutes: 5 };

    fn topic(titles: &[(&str, f32, Option<u32>)], budget: &Budget) -> Vec<usize> {
        let (corpus, embeddings, places) = world(titles);
        let kinds = first_of_kind(corpus.posts(), None);
        let map = Map { corpus: &corpus, embeddings: &embeddings, places: &places, kinds: &kinds };
        let candidates: Vec<Candidate> = Flat::new(&embeddings)
            .nearest(&[1.0, 0.0], 10)
            .into_iter()
            .map(|neighbor| Candidate { position: neighbor.position, score: neighbor.similarity })
            .collect();
        along(&candidates, candidates.len(), &map, budget, 0.0).into_iter().map(|step| step.position).collect()
    }

    #[test]
    fn parts_come_in_order_and_together() {
        let titles = [("Part 3: S", 0.0, None), ("X", 5.0, None), ("Part 1: S", 12.0, None), ("Part 2: S", 1.0, None)];
        let path = topic(&titles, &BUDGET);
        let parts: Vec<usize> = path.iter().copied().filter(|&position| position != 1).collect();
        assert_eq!(parts, [2, 3, 0]);
        assert_eq!(path.len(), 4);
    }

    #[test]
    fn a_series_that_does_not_fit_keeps_its_beginning() {
        let titles = [("Part 3: S", 0.0, None), ("Part 1: S", 12.0, None), ("Part 2: S", 1.0, None)];
        assert_eq!(topic(&titles, &Budget { steps: 2, ..BUDGET }), [1, 2]);
    }

    #[test]
    fn minutes_are_kept() {
        let titles = [("A", 0.0, Some(30)), ("B", 10.0, Some(8)), ("C", 20.0, None), ("D", 30.0, Some(8))];
        let path = topic(&titles, &Budget { minutes: Some(14), ..BUDGET });
        assert_eq!(path, [1, 2]);
        let parts = [("Part 1: S", 9.0, Some(3)), ("Part 2: S", 0.0, Some(20)), ("Part 3: S", 1.0, Some(20))];
        assert_eq!(topic(&parts, &Budget { minutes: Some(14), ..BUDGET }), [0]);
    }

    #[test]
    fn a_path_between_two_posts_goes_in_small_steps() {
        let titles = [("A", 0.0, None), ("B", 80.0, None), ("C", 22.0, None), ("D", 58.0, None), ("E", 40.0, None)];
        let (corpus, embeddings, places) = world(&titles);
        let kinds = first_of_kind(corpus.posts(), None);
        let map = Map { corpus: &corpus, embeddings: &embeddings, places: &places, kinds: &kinds };
        let positions = |budget: &Budget| {
            between(0, 1, &map, budget).map(|path| path.into_iter().map(|step| step.position).collect::<Vec<_>>())
        };
        assert_eq!(positions(&BUDGET), Some(vec![0, 2, 4, 3, 1]));
        assert_eq!(positions(&Budget { steps: 3, ..BUDGET }), Some(vec![0, 4, 1]));
        assert_eq!(positions(&Budget { minutes: Some(15), ..BUDGET }), Some(vec![0, 4, 1]));
        assert_eq!(positions(&Budget { minutes: Some(9), ..BUDGET }), None);
    }
}
