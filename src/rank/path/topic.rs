//! Where to begin with a topic, and how to go on?

use std::collections::HashSet;

use super::order::chain;
use super::{Budget, Map, Step, Why};
use crate::rank::mmr::{Candidate, mmr};

/// What is read in one go: a post, or the parts of a series in order.
struct Unit {
    positions: Vec<usize>,
    relevance: f32,
}

/// Chooses posts of a topic within `budget` and puts them in a coherent order.
///
/// `candidates` are all posts, nearest to the topic first; the first `eligible` of them may be chosen for themselves, by
/// MMR with `diversity` (0–1). A chosen part of a series brings the whole series along, however far from the topic its
/// other parts are: as many as fit, from the first one on. The path begins with what is nearest to the topic and to the
/// rest, and each step is near the last; parts follow each other in their order.
#[must_use]
pub fn along(candidates: &[Candidate], eligible: usize, map: &Map<'_>, budget: &Budget, diversity: f32) -> Vec<Step> {
    let units = choose(candidates, eligible, map, budget, diversity);
    let Some(start) = best_start(&units, map) else { return Vec::new() };
    let link = |a: usize, b: usize| {
        let (a, b) = (&units[a].positions, &units[b].positions);
        map.similarity(a[a.len() - 1], b[0])
    };
    let order: Vec<usize> =
        chain(units.len(), start, &link).into_iter().flat_map(|unit| units[unit].positions.iter().copied()).collect();
    let relevance = |position: usize| {
        candidates.iter().find(|candidate| candidate.position == position).map_or(0.0, |candidate| candidate.score)
    };
    map.steps(&order, Why::Start, &relevance)
}

fn choose(candidates: &[Candidate], eligible: usize, map: &Map<'_>, budget: &Budget, diversity: f32) -> Vec<Unit> {
    let chosen = mmr(&candidates[..eligible.min(candidates.len())], map.embeddings, diversity, eligible);
    let mut units: Vec<Unit> = Vec::new();
    let mut tried: HashSet<usize> = HashSet::new();
    let (mut steps_left, mut minutes_left) = (budget.steps, budget.minutes.unwrap_or(u32::MAX));
    for candidate in chosen {
        // A series is tried once, as a whole: what did not fit then does not fit later.
        if map.places[candidate.position].as_ref().is_some_and(|place| !tried.insert(place.series)) {
            continue;
        }
        let mut positions = Vec::new();
        for position in with_its_series(candidate.position, candidates, map) {
            let minutes = map.minutes(position, budget);
            // Later parts make no sense without the earlier one that does not fit.
            if steps_left == 0 || minutes > minutes_left {
                break;
            }
            (steps_left, minutes_left) = (steps_left - 1, minutes_left - minutes);
            positions.push(position);
        }
        if !positions.is_empty() {
            units.push(Unit { positions, relevance: candidate.score });
        }
    }
    units
}

fn with_its_series(position: usize, candidates: &[Candidate], map: &Map<'_>) -> Vec<usize> {
    let Some(place) = &map.places[position] else { return vec![position] };
    let mut parts: Vec<(u32, usize)> = candidates
        .iter()
        .filter_map(|candidate| {
            let other = map.places[candidate.position].as_ref()?;
            (other.series == place.series).then_some((other.part, candidate.position))
        })
        .collect();
    parts.sort_unstable();
    parts.into_iter().map(|(_, position)| position).collect()
}

fn best_start(units: &[Unit], map: &Map<'_>) -> Option<usize> {
    let value = |unit: &Unit| {
        let first = unit.positions[0];
        let near: f32 = units.iter().map(|other| map.similarity(first, other.positions[0])).sum();
        unit.relevance + near / units.len() as f32
    };
    let mut best = None;
    for (index, unit) in units.iter().enumerate() {
        let value = value(unit);
        if best.is_none_or(|(_, most)| value > most) {
            best = Some((index, value));
        }
    }
    best.map(|(index, _)| index)
}
