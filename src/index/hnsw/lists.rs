//! Who is near each node? Lists of candidates from parts in which everything is compared with everything.

use rayon::prelude::*;

use crate::similarity::{BlockRows, Codes, Kernels, Panels, Ranked, Top, for_each_block, ranked, similarity_of};

/// Parts that are compared before their findings are merged. Fixed, so that the lists do not depend on the threads.
const ROUND: usize = 16;

/// Returns the `k` nearest of each node among those that share a part with it, nearest first; lists by place in
/// `nodes`, which is ascending.
pub(super) fn nearest_lists(
    codes: &Codes,
    nodes: &[u32],
    parts: &[Vec<u32>],
    k: usize,
    progress: &mut dyn FnMut(usize),
) -> Vec<Vec<Ranked>> {
    let place = |node: u32| if nodes.len() == codes.len() { node as usize } else { place_of(nodes, node) };
    let mut lists: Vec<Vec<Ranked>> = vec![Vec::new(); nodes.len()];
    let mut merged = Vec::with_capacity(2 * k);
    for round in parts.chunks(ROUND) {
        let found: Vec<Vec<Vec<Ranked>>> = round
            .par_iter()
            .map(|part| {
                // Only what is nearer than the last of a full list can change it.
                let floor = |node: u32| match lists[place(node)].get(k - 1) {
                    Some(&last) => similarity_of(last),
                    None => f32::NEG_INFINITY,
                };
                compare(codes, part, k, &floor)
            })
            .collect();
        for (part, found) in round.iter().zip(found) {
            for (&node, found) in part.iter().zip(&found) {
                merge(&mut lists[place(node)], found, k, &mut merged);
            }
        }
        progress(round.iter().map(Vec::len).sum());
    }
    lists
}

/// Returns where a node is in `nodes`.
pub(super) fn place_of(nodes: &[u32], node: u32) -> usize {
    nodes.binary_search(&node).expect("a node of the layer")
}

/// Returns up to `k` nearest of each node of a part within it, nearest first, without those below its floor.
fn compare(codes: &Codes, part: &[u32], k: usize, floor: &dyn Fn(u32) -> f32) -> Vec<Vec<Ranked>> {
    let (mut rows, mut panels) = (BlockRows::default(), Panels::default());
    let places = || part.iter().map(|&node| node as usize);
    rows.clear(codes.dimension());
    rows.add_codes(codes, places());
    panels.fill(codes, places());
    let floors: Vec<f32> = part.iter().map(|&node| floor(node)).collect();
    let mut nearest = vec![Top::default(); part.len()];
    nearest.iter_mut().for_each(|top| top.reset(k));
    for_each_block(Kernels::best(), &rows, &panels, |sums| {
        let (row, top) = (sums.row, &mut nearest[sums.row]);
        sums.at_least(top.floor().max(floors[row]), |column, similarity| {
            if column != row {
                top.push(ranked(similarity, part[column]));
            }
        });
    });
    nearest.iter_mut().map(|top| top.sorted().to_vec()).collect()
}

/// Merges two lists, nearest first, into the first: each node once, `k` at most.
fn merge(list: &mut Vec<Ranked>, found: &[Ranked], k: usize, merged: &mut Vec<Ranked>) {
    if list.is_empty() {
        list.extend_from_slice(found);
        return;
    }
    merged.clear();
    let (mut left, mut right) = (list.iter().peekable(), found.iter().peekable());
    while merged.len() < k {
        // Two findings of one node are equal numbers: its similarity is computed from the same codes.
        let next = match (left.peek(), right.peek()) {
            (Some(&a), Some(&b)) if a >= b => left.next(),
            (Some(_), None) => left.next(),
            _ => right.next(),
        };
        let Some(&next) = next else { break };
        if merged.last() != Some(&next) {
            merged.push(next);
        }
    }
    list.clear();
    list.extend_from_slice(merged);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_keeps_the_nearest_once() {
        let list = |similarities: &[f32]| -> Vec<Ranked> {
            similarities.iter().map(|&similarity| ranked(similarity, (similarity * 100.0) as u32)).collect()
        };
        let mut merged = list(&[0.9, 0.5, 0.1]);
        merge(&mut merged, &list(&[0.95, 0.9, 0.3]), 4, &mut Vec::new());
        assert_eq!(merged, list(&[0.95, 0.9, 0.5, 0.3]));
        merge(&mut merged, &[], 4, &mut Vec::new());
        assert_eq!(merged.len(), 4);
    }
}
