//! Who could be near whom? Overlapping parts of a corpus, each small enough to compare everything with everything.
//!
//! Leaders are drawn by chance and every node joins the parts of its nearest few; a part that is too large is cut again
//! in the same way. Near nodes share a part with high probability, and one that is far from all leaders joins parts as
//! large as any. The same cut is what the partition of PiPNN does ("PiPNN: Ultra-scalable graph-based nearest neighbor
//! indexing", 2026) and, with two leaders, HCNNG (Munoz et al., Pattern Recognition 96, 2019).

use rayon::prelude::*;

use crate::similarity::{BlockRows, Codes, Kernels, Panels, Ranked, Top, for_each_block, ranked, row_of};

/// Leaders of one cut, at most.
const LEADERS_MAX: usize = 2_000;
/// Parts that a node of a part which is cut again joins.
const FANOUT_BELOW: usize = 2;
/// Cuts one below the other; nodes that lie too close together to be told apart are then cut by position.
const DEPTH_MAX: usize = 6;
/// Nodes that a thread assigns at once.
const GROUP: usize = 960;

/// How a corpus is cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// Nodes of a part, at most.
    pub(super) part: usize,
    /// Parts that a node joins.
    pub(super) fanout: usize,
}

/// Returns parts of `nodes` that together hold each at least once.
pub(super) fn partition(codes: &Codes, nodes: &[u32], cut: Cut, random: &mut fastrand::Rng) -> Vec<Vec<u32>> {
    let mut parts = Vec::new();
    divide(codes, nodes.to_vec(), cut, random, 0, &mut parts);
    parts
}

fn divide(
    codes: &Codes,
    nodes: Vec<u32>,
    cut: Cut,
    random: &mut fastrand::Rng,
    depth: usize,
    parts: &mut Vec<Vec<u32>>,
) {
    if nodes.len() <= cut.part {
        parts.push(nodes);
    } else if depth == DEPTH_MAX {
        parts.extend(nodes.chunks(cut.part).map(<[u32]>::to_vec));
    } else {
        let below = Cut { fanout: FANOUT_BELOW, ..cut };
        for part in assign(codes, &nodes, cut, random) {
            // A part that is not smaller would be cut in the same way for ever.
            let depth = if part.len() == nodes.len() { DEPTH_MAX } else { depth + 1 };
            if !part.is_empty() {
                divide(codes, part, below, random, depth, parts);
            }
        }
    }
}

/// Draws leaders and returns who joined each.
fn assign(codes: &Codes, nodes: &[u32], cut: Cut, random: &mut fastrand::Rng) -> Vec<Vec<u32>> {
    let wanted = (2 * cut.fanout * nodes.len()).div_ceil(cut.part).clamp(2, LEADERS_MAX).min(nodes.len());
    let mut leaders = random.choose_multiple(nodes.iter().copied(), wanted);
    leaders.sort_unstable();
    let mut panels = Panels::default();
    panels.fill(codes, leaders.iter().map(|&leader| leader as usize));
    let nearest: Vec<Vec<Ranked>> =
        nodes.par_chunks(GROUP).flat_map_iter(|nodes| nearest_leaders(codes, nodes, &panels, cut.fanout)).collect();
    let mut parts = vec![Vec::new(); leaders.len()];
    for (&node, nearest) in nodes.iter().zip(nearest) {
        nearest.iter().for_each(|&leader| parts[row_of(leader) as usize].push(node));
    }
    parts
}

fn nearest_leaders(codes: &Codes, nodes: &[u32], leaders: &Panels, fanout: usize) -> Vec<Vec<Ranked>> {
    let mut rows = BlockRows::default();
    rows.clear(codes.dimension());
    rows.add_codes(codes, nodes.iter().map(|&node| node as usize));
    let mut nearest = vec![Top::default(); nodes.len()];
    nearest.iter_mut().for_each(|top| top.reset(fanout));
    for_each_block(Kernels::best(), &rows, leaders, |sums| {
        let top = &mut nearest[sums.row];
        sums.at_least(top.floor(), |leader, similarity| top.push(ranked(similarity, leader as u32)));
    });
    nearest.iter_mut().map(|top| top.sorted().to_vec()).collect()
}
