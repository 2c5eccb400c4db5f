//! Which posts of a topic are read, and which of them together?

use std::collections::HashSet;

use super::{Budget, Map};
use crate::rank::mmr::{Candidate, mmr};

/// What is read in one go: a post, or the parts of a series in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Positions in the corpus, never none.
    pub positions: Vec<usize>,
}

/// Chooses posts of a topic within `budget`, as units of posts that are read together.
///
/// `candidates` are all posts, nearest to the topic first; the first `eligible` of them may be chosen for themselves, by
/// MMR with `diversity` (0–1). A chosen part of a series brings the whole series along, however far from the topic its
/// other parts are: as many as fit, from the first one on.
#[must_use]
pub fn choose(candidates: &[Candidate], eligible: usize, map: &Map<'_>, budget: &Budget, diversity: f32) -> Vec<Unit> {
    let chosen = mmr(&candidates[..eligible.min(candidates.len())], map.embeddings, diversity, eligible);
    within(&chosen, candidates, map, budget)
}

/// Takes chosen posts, best first, as long as they fit, each with the parts of its series that are among `candidates`.
pub(super) fn within(chosen: &[Candidate], candidates: &[Candidate], map: &Map<'_>, budget: &Budget) -> Vec<Unit> {
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
            units.push(Unit { positions });
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
