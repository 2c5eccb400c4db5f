//! How to get from here to there without a jump?

use super::{Budget, Map};

/// How many posts near both ends take part; the others lie off the way.
const CANDIDATES: usize = 64;

/// Finds the smoothest way from one post to another within `budget`, both ends included: of all chains of at most `budget.steps` posts
/// that of the least sum of `(1 − similarity)⁴`, so that small steps beat one jump: over two links of similarity 0.6
/// rather than one of 0.5. A later part of a series never
/// comes before an earlier one.
///
/// `None` when the two ends alone exceed the minutes.
#[must_use]
pub fn between(from: usize, to: usize, map: &Map<'_>, budget: &Budget) -> Option<Vec<usize>> {
    let nodes = nodes(from, to, map);
    let chains = cheapest_by_steps(&nodes, budget.steps.max(2), map);
    chains.into_iter().rev().find_map(|chain| {
        let order: Vec<usize> = chain.into_iter().map(|node| nodes[node]).collect();
        let minutes: u64 = order.iter().map(|&position| u64::from(map.minutes(position, budget))).sum();
        let fits = budget.minutes.is_none_or(|most| minutes <= u64::from(most));
        fits.then_some(order)
    })
}

/// Returns the two ends and the posts nearest to both of them, the ends first.
fn nodes(from: usize, to: usize, map: &Map<'_>) -> Vec<usize> {
    let kinds = map.kinds;
    let mut others: Vec<(f32, usize)> = (0..map.corpus.len())
        .filter(|&position| position != from && position != to && kinds[position] == position)
        .filter(|&position| kinds[from] != position && kinds[to] != position)
        .map(|position| (map.similarity(from, position).min(map.similarity(position, to)), position))
        .collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    [from, to].into_iter().chain(others.into_iter().take(CANDIDATES).map(|(_, position)| position)).collect()
}

/// Returns the cheapest chains from node 0 to node 1 of at most 2, 3, … `steps` nodes (Bellman and Ford's recursion, a
/// hop a round); ends early when more nodes make nothing cheaper.
fn cheapest_by_steps(nodes: &[usize], steps: usize, map: &Map<'_>) -> Vec<Vec<usize>> {
    let costs: Vec<Vec<f32>> =
        (0..nodes.len()).map(|a| (0..nodes.len()).map(|b| cost(a, b, nodes, map)).collect()).collect();
    let mut best: Vec<(f32, Vec<usize>)> = (0..nodes.len()).map(|node| (costs[0][node], vec![0, node])).collect();
    best[0] = (0.0, vec![0]);
    // The ends were asked for in this order, even where a series has them the other way round.
    if !best[1].0.is_finite() {
        best[1].0 = f32::MAX;
    }
    let mut chains = vec![best[1].1.clone()];
    for _ in 2..steps {
        let before = best.clone();
        for (node, slot) in best.iter_mut().enumerate().skip(1) {
            for (via, (so_far, path)) in before.iter().enumerate().skip(2) {
                let total = so_far + costs[via][node];
                if total + 1e-6 < slot.0 && !path.contains(&node) && in_series_order(path, node, nodes, map) {
                    *slot = (total, path.iter().copied().chain([node]).collect());
                }
            }
        }
        if best == before {
            break;
        }
        chains.push(best[1].1.clone());
    }
    chains
}

fn cost(a: usize, b: usize, nodes: &[usize], map: &Map<'_>) -> f32 {
    let jump = 1.0 - map.similarity(nodes[a], nodes[b]);
    if map.follows_in_series(nodes[b], nodes[a]) { f32::INFINITY } else { jump.powi(4) }
}

fn in_series_order(path: &[usize], node: usize, nodes: &[usize], map: &Map<'_>) -> bool {
    path.iter().all(|&earlier| !map.follows_in_series(nodes[node], nodes[earlier]))
}
