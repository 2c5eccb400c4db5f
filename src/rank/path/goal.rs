//! What should be read before this post? Posts that are near to it and come before it.

use super::topic::within;
use super::{Budget, Map, Stages, Unit};
use crate::rank::mmr::{Candidate, mmr, sort_candidates};

/// What it adds to the relevance of a post if the goal speaks of it as much as can be.
const NAMED_BY_GOAL: f32 = 0.25;

/// Chooses what to read before `goal` within `budget`; the last unit is the goal, after the earlier parts of its series.
///
/// `candidates` are all posts but the goal, nearest to it first; the first `eligible` of them may be chosen, by MMR with
/// `diversity` (0–1), if the goal speaks of them more than they of the goal or, where neither speaks of the other, if
/// their place is earlier. `None` when the goal alone exceeds the budget.
#[must_use]
pub fn before(
    goal: usize,
    candidates: &[Candidate],
    eligible: usize,
    (map, stages): (&Map<'_>, &Stages),
    budget: &Budget,
    diversity: f32,
) -> Option<Vec<Unit>> {
    let minutes = budget.minutes.unwrap_or(u32::MAX).checked_sub(map.minutes(goal, budget))?;
    let mut left = Budget { steps: budget.steps.checked_sub(1)?, minutes: Some(minutes), ..*budget };
    let mut last = Unit { positions: Vec::new() };
    for part in earlier_parts(goal, map) {
        let Some(minutes) = left.minutes.and_then(|minutes| minutes.checked_sub(map.minutes(part, budget))) else {
            break;
        };
        let Some(steps) = left.steps.checked_sub(1) else { break };
        left = Budget { steps, minutes: Some(minutes), ..left };
        last.positions.push(part);
    }
    last.positions.push(goal);
    let comes_before = |candidate: &Candidate| {
        let net = stages.net(candidate.position, goal);
        let is_earlier = net > 0.0 || (net == 0.0 && stages.of(candidate.position) < stages.of(goal));
        is_earlier && !is_same_series(goal, candidate.position, map) && map.kinds[goal] != map.kinds[candidate.position]
    };
    let with_names = |candidate: &Candidate| Candidate {
        score: candidate.score + NAMED_BY_GOAL * stages.net(candidate.position, goal) as f32,
        ..*candidate
    };
    let mut open: Vec<Candidate> =
        candidates.iter().take(eligible).filter(|candidate| comes_before(candidate)).map(with_names).collect();
    sort_candidates(&mut open);
    let chosen = mmr(&open, map.embeddings, diversity, open.len());
    let mut units = within(&chosen, candidates, map, &left);
    units.push(last);
    Some(units)
}

fn is_same_series(a: usize, b: usize, map: &Map<'_>) -> bool {
    matches!((&map.places[a], &map.places[b]), (Some(a), Some(b)) if a.series == b.series)
}

/// Returns the parts of a series that come before one of it, in order.
fn earlier_parts(goal: usize, map: &Map<'_>) -> Vec<usize> {
    let mut parts: Vec<usize> =
        (0..map.corpus.len()).filter(|&position| map.follows_in_series(position, goal)).collect();
    parts.sort_by_key(|&position| map.places[position].as_ref().map(|place| place.part));
    parts
}
