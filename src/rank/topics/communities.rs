//! Which nodes of a graph belong together? Those with more weight between them than chance would join.
//!
//! Modularity (Newman, Physical Review E 69, 2004) is made large by moving nodes and then whole groups (Blondel et al.,
//! "Fast Unfolding of Communities in Large Networks", Journal of Statistical Mechanics, 2008). One such run depends on the
//! order of its moves; so many are made, and what they agree on is divided again (Lancichinetti and Fortunato, "Consensus
//! Clustering in Complex Networks", Scientific Reports 2, 2012).

use rayon::prelude::*;

use super::graph::Graph;

/// Runs that are compared, and how often what they agree on is divided again.
const RUNS: u64 = 24;
const ROUNDS: usize = 3;
/// Two neighbors that fewer of the runs put together are joined no more.
const AGREE: f64 = 0.5;
/// Moves that gain less are rounding.
const GAIN_MIN: f64 = 1e-9;
const SEED: u64 = 0x746f_7069;

/// Returns the group of each node, numbered from 0 by their first nodes.
pub(super) fn consensus(graph: &Graph) -> Vec<usize> {
    let mut graph = graph.clone();
    for _ in 0..ROUNDS {
        let runs: Vec<Vec<usize>> = (0..RUNS).into_par_iter().map(|run| one_run(&graph, SEED + run)).collect();
        let together = |a: usize, b: usize| runs.iter().filter(|run| run[a] == run[b]).count() as f64 / RUNS as f64;
        let mut agreed = true;
        for (node, edges) in graph.edges.iter_mut().enumerate() {
            edges.retain_mut(|(other, weight)| {
                let share = together(node, *other);
                agreed &= share == 1.0;
                *weight *= share;
                share >= AGREE
            });
        }
        if agreed {
            break;
        }
    }
    one_run(&graph, SEED)
}

/// Divides a graph once; `seed` decides the order of the moves.
fn one_run(graph: &Graph, seed: u64) -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut groups: Vec<usize> = (0..graph.len()).collect();
    let mut level = Level { edges: graph.edges.clone(), own: vec![0.0; graph.len()] };
    loop {
        let (moved, count) = level.moved(&mut random);
        groups.iter_mut().for_each(|group| *group = moved[*group]);
        if count == level.edges.len() {
            return numbered(&groups);
        }
        level = level.folded(&moved, count);
    }
}

/// Numbers groups from 0 in the order of their first nodes.
fn numbered(groups: &[usize]) -> Vec<usize> {
    let mut numbers = vec![usize::MAX; groups.len()];
    let mut next = 0;
    let mut number = |group: usize| {
        if numbers[group] == usize::MAX {
            (numbers[group], next) = (next, next + 1);
        }
        numbers[group]
    };
    groups.iter().map(|&group| number(group)).collect()
}

/// Groups of the level below as nodes.
struct Level {
    edges: Vec<Vec<(usize, f64)>>,
    /// Twice the weight within each node.
    own: Vec<f64>,
}

impl Level {
    /// Moves nodes to the neighbor's group that gains most, until none gains; returns groups from 0, and how many.
    fn moved(&self, random: &mut fastrand::Rng) -> (Vec<usize>, usize) {
        let nodes = self.edges.len();
        let degree = |node: usize| self.own[node] + self.edges[node].iter().map(|(_, weight)| weight).sum::<f64>();
        let degrees: Vec<f64> = (0..nodes).map(degree).collect();
        let all = degrees.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let (mut groups, mut sums) = ((0..nodes).collect::<Vec<_>>(), degrees.clone());
        let mut order: Vec<usize> = (0..nodes).collect();
        random.shuffle(&mut order);
        let mut shared = vec![0.0f64; nodes];
        loop {
            let mut moves = 0;
            for &node in &order {
                let from = groups[node];
                sums[from] -= degrees[node];
                let mut near = vec![from];
                for &(other, weight) in &self.edges[node] {
                    near.extend((shared[groups[other]] == 0.0 && groups[other] != from).then_some(groups[other]));
                    shared[groups[other]] += weight;
                }
                let gain = |group: usize| shared[group] - degrees[node] * sums[group] / all;
                // To stay wins a tie, then the earlier neighbor.
                let best = near.iter().fold(
                    from,
                    |best, &group| {
                        if gain(group) > gain(best) + GAIN_MIN { group } else { best }
                    },
                );
                near.iter().for_each(|&group| shared[group] = 0.0);
                sums[best] += degrees[node];
                groups[node] = best;
                moves += usize::from(best != from);
            }
            if moves == 0 {
                break;
            }
        }
        let groups = numbered(&groups);
        let count = groups.iter().max().map_or(0, |most| most + 1);
        (groups, count)
    }

    fn folded(&self, groups: &[usize], count: usize) -> Level {
        let mut folded = Level { edges: vec![Vec::new(); count], own: vec![0.0; count] };
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); count];
        groups.iter().enumerate().for_each(|(node, &group)| members[group].push(node));
        let mut sums = vec![0.0f64; count];
        for (group, members) in members.iter().enumerate() {
            let mut near: Vec<usize> = Vec::new();
            for &node in members {
                folded.own[group] += self.own[node];
                for &(other, weight) in &self.edges[node] {
                    near.extend((sums[groups[other]] == 0.0).then_some(groups[other]));
                    sums[groups[other]] += weight;
                }
            }
            near.sort_unstable();
            for other in near {
                let weight = std::mem::take(&mut sums[other]);
                if other == group { folded.own[group] += weight } else { folded.edges[group].push((other, weight)) }
            }
        }
        folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rings of nodes that all know each other, each ring joined with the next by one edge.
    fn rings(count: usize, size: usize) -> Graph {
        let mut nearest: Vec<Vec<(usize, f32)>> = Vec::new();
        for ring in 0..count {
            for node in 0..size {
                let at = |other: usize| ring * size + other;
                let mut list: Vec<(usize, f32)> =
                    (0..size).filter(|&other| other != node).map(|o| (at(o), 1.0)).collect();
                list.extend((node == 0).then(|| ((ring + 1) % count * size, 1.0)));
                nearest.push(list);
            }
        }
        Graph::of_nearest(&nearest)
    }

    #[test]
    fn rings_are_told_apart() {
        let groups = consensus(&rings(5, 6));
        assert_eq!(groups, (0..30).map(|node| node / 6).collect::<Vec<_>>());
    }

    #[test]
    fn no_edges_join_nothing() {
        assert_eq!(consensus(&Graph::of_nearest(&vec![Vec::new(); 3])), [0, 1, 2]);
        assert_eq!(consensus(&Graph::default()), [0usize; 0]);
    }
}
