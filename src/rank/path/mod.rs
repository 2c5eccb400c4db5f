//! In which order should it be read? Reading paths along a topic, to a goal, through a source and between two posts.
//!
//! [`choose`], [`before`], [`tour()`] choose what is read, [`Stages`] say how early each post is read, [`order`] puts them in
//! order, [`describe`] says why. [`between()`] goes from one post to another by nearness alone.

mod arrange;
mod between;
mod clues;
mod cues;
mod goal;
mod mentions;
mod reading;
mod spread;
mod stage;
mod topic;
mod tour;

pub use between::between;
pub use clues::{Clue, OrderedBy};
pub use cues::Place as TitlePlace;
pub use goal::before;
pub use reading::Entry;
pub use stage::{INTRODUCTION, Stages};
pub use topic::{Unit, choose};
pub use tour::{Stop, TOUR_POSTS_MAX, events_left_out, tour};

use super::series::Place;
use crate::corpus::Corpus;
use crate::embeddings::Embeddings;

/// Returns what each title says of its post's place in reading order, where it says anything.
#[must_use]
pub fn title_places<'a>(titles: impl Iterator<Item = &'a str>) -> Vec<Option<TitlePlace>> {
    let cues = cues::Cues::new();
    let place = |title| cues.place(title).map(|(place, _)| place);
    titles.map(place).collect()
}

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
    /// As [`super::story::Stories::originals`] has them.
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
    /// What it is to the path.
    pub why: Why,
    /// Why it comes here, and what it adds.
    pub clues: Vec<Clue>,
}

/// What a step is to its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The first one.
    Start,
    /// The post that the path was asked to begin with.
    From,
    /// The next part of the series that the step before belongs to.
    NextPart,
    /// What goes on from the step before.
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

    fn follows_in_series(&self, before: usize, after: usize) -> bool {
        matches!((&self.places[before], &self.places[after]), (Some(a), Some(b)) if a.series == b.series && a.part < b.part)
    }
}

/// Puts units in reading order: early ones first, each step near the last; parts of a series stay together and in order.
/// `last`, an index of `units`, stays last.
#[must_use]
pub fn order(units: &[Unit], map: &Map<'_>, stages: &Stages, last: Option<usize>) -> Vec<usize> {
    let stage = |unit: &Unit| {
        let parts = &unit.positions;
        parts.iter().map(|&position| stages.of(position)).sum::<f64>() / parts.len().max(1) as f64
    };
    let link = |a: usize, b: usize| match (units[a].positions.last(), units[b].positions.first()) {
        (Some(&end), Some(&begin)) => map.similarity(end, begin),
        _ => 0.0,
    };
    let places: Vec<f64> = units.iter().map(stage).collect();
    let order = arrange::arrange(&places, &link, last);
    order.into_iter().flat_map(|unit| units[unit].positions.iter().copied()).collect()
}

/// Describes an order of positions as steps; a path [`OrderedBy::Nearness`] goes from its first post to a goal.
#[must_use]
pub fn describe(
    order: &[usize],
    by: OrderedBy,
    (map, stages): (&Map<'_>, &Stages),
    relevance: &dyn Fn(usize) -> f32,
) -> Vec<Step> {
    let step = |at: usize| {
        let position = order[at];
        let before = at.checked_sub(1).map(|before| order[before]);
        let why = match (before, by) {
            (None, OrderedBy::Stages) => Why::Start,
            (None, OrderedBy::Nearness) => Why::From,
            (Some(_), OrderedBy::Nearness) if at + 1 == order.len() => Why::Goal,
            (Some(before), _) if map.follows_in_series(before, position) => Why::NextPart,
            (Some(_), _) => Why::Continues,
        };
        Step {
            position,
            relevance: relevance(position),
            from_previous: before.map(|before| map.similarity(before, position)),
            why,
            clues: clues::clues(order, at, by, (map, stages)),
        }
    };
    (0..order.len()).map(step).collect()
}

#[cfg(test)]
mod tests;
