//! How does a walk go from near to nearer? In steps that each ask for memory and then use it.

use super::Graph;
use super::graph::Links;
use crate::similarity::{Kernels, QueryCode, ask_for, high_sums_at, plane_lines, prefetch};

/// Links that fit in the two lines which are asked for ahead.
const LINKS_AHEAD: usize = 32;
/// Marks a node in sight whose links were followed.
const VISITED: u64 = 1;

/// Standard deviations of the difference of two sums beyond which their order is taken for the true one.
const DEVIATIONS: f32 = 3.0;

/// One walk over a graph, and what it works in.
#[derive(Debug, Default)]
pub(super) struct Walk {
    query: Option<QueryCode>,
    /// The walk in which each node was seen last, modulo 255.
    seen: Vec<u8>,
    number: u8,
    stage: Stage,
    ef_search: usize,
    /// Nodes in sight, nearest first; see [`pack`].
    pool: Vec<u64>,
    fresh: Vec<u32>,
    sums: Vec<i32>,
    comparisons: u64,
}

/// Where a walk is.
#[derive(Debug, Clone, Copy, Default)]
enum Stage {
    /// On a layer above the lowest, at a node of a similarity.
    Above { layer: usize, at: u32, best: i32 },
    /// On the lowest, about to follow the links of a place in the pool.
    Lowest(usize),
    #[default]
    Done,
}

impl Walk {
    /// Begins at the entry, to keep `ef_search` nodes in sight.
    pub(super) fn start(&mut self, graph: &Graph, query: &[f32], ef_search: usize) {
        match &mut self.query {
            Some(code) if code.dimension() == query.len() => code.set(query),
            code => *code = Some(QueryCode::new(query)),
        }
        if self.seen.len() != graph.len() || self.number == u8::MAX {
            self.seen.clear();
            self.seen.resize(graph.len(), 0);
            self.number = 0;
        }
        self.number += 1;
        self.ef_search = ef_search;
        self.pool.clear();
        // The lowest layer is entered like one above it: by looking at where it begins.
        self.stage = match graph.is_empty() {
            true => Stage::Done,
            false => Stage::Above { layer: graph.upper.len(), at: 0, best: i32::MIN },
        };
    }

    /// Collects the nodes to look at next and asks for their codes; tells whether there is a next step.
    pub(super) fn ask(&mut self, graph: &Graph) -> bool {
        self.fresh.clear();
        match self.stage {
            Stage::Done => return false,
            // The very first node: nothing is known of it yet.
            Stage::Above { layer, at, best: i32::MIN } => self.fresh.push(match layer {
                0 => at,
                _ => graph.upper[layer - 1].nodes[at as usize],
            }),
            Stage::Above { layer, at, .. } => {
                let layer = &graph.upper[layer - 1];
                self.fresh.extend(layer.links.of(at).iter().map(|&link| layer.nodes[link as usize]));
            }
            Stage::Lowest(place) => {
                self.pool[place] |= VISITED;
                for &link in graph.base.of(node_of(self.pool[place])) {
                    let seen = &mut self.seen[link as usize];
                    if *seen != self.number {
                        *seen = self.number;
                        self.fresh.push(link);
                    }
                }
            }
        }
        ask_for(&graph.codes, plane_lines(graph.dimension), &self.fresh);
        true
    }

    /// Compares the nodes that were asked for with the query, and goes on to the nearest.
    pub(super) fn answer(&mut self, graph: &Graph, kernels: Kernels) {
        let Some(code) = &self.query else { return };
        self.sums.clear();
        self.comparisons += self.fresh.len() as u64;
        high_sums_at(kernels, code, &graph.codes, &self.fresh, &mut self.sums);
        match self.stage {
            Stage::Above { layer, at, best } => self.go_on_above(graph, layer, at, best),
            Stage::Lowest(place) => self.go_on_below(graph, place),
            Stage::Done => {}
        }
    }

    /// Algorithm 2 of the paper with one node in sight: to the nearest, or a layer down where none is nearer.
    fn go_on_above(&mut self, graph: &Graph, layer: usize, at: u32, best: i32) {
        let nearest = (0..).zip(&self.sums).max_by_key(|&(_, &sum)| sum).filter(|&(_, &sum)| sum > best);
        if let Some((place, &sum)) = nearest.filter(|_| layer > 0) {
            let links = graph.upper[layer - 1].links.of(at);
            let at = if best == i32::MIN { at } else { links[place] };
            self.stage = Stage::Above { layer, at, best: sum };
        } else if layer > 1 {
            self.stage = Stage::Above { layer: layer - 1, at: graph.upper[layer - 1].below[at as usize], best };
        } else {
            let node = if layer == 1 { graph.upper[0].below[at as usize] } else { at };
            let sum = nearest.map_or(best, |(_, &sum)| sum);
            self.pool.push(pack(sum, node));
            self.seen[node as usize] = self.number;
            ask_for_links(&graph.base, node);
            self.stage = Stage::Lowest(0);
        }
    }

    /// Algorithm 2 of the paper, with the nodes found and those still to visit in one list.
    fn go_on_below(&mut self, graph: &Graph, place: usize) {
        let mut nearest = place + 1;
        for (&node, &sum) in self.fresh.iter().zip(&self.sums) {
            nearest = nearest.min(insert(&mut self.pool, pack(sum, node), self.ef_search));
        }
        let mut unvisited = (nearest..self.pool.len()).filter(|&at| self.pool[at] & VISITED == 0);
        self.stage = unvisited.next().map_or(Stage::Done, Stage::Lowest);
        // The node after the next is likely to be visited too.
        for place in unvisited.next().into_iter().chain(match self.stage {
            Stage::Lowest(place) => Some(place),
            _ => None,
        }) {
            ask_for_links(&graph.base, node_of(self.pool[place]));
        }
    }

    /// Returns the nodes in sight and their sums, nearest first by these.
    pub(super) fn nearest(&self) -> impl Iterator<Item = (u32, i32)> {
        self.pool.iter().map(|&packed| (node_of(packed), sum_of(packed)))
    }

    /// Returns by how much less a sum can be than another and its node be nearer all the same, almost always.
    pub(super) fn doubt(&self) -> i32 {
        let deviation = self.query.as_ref().map_or(0.0, QueryCode::high_deviation);
        (DEVIATIONS * std::f32::consts::SQRT_2 * deviation) as i32
    }

    /// Returns how many codes were compared since the first walk.
    pub(super) fn comparisons(&self) -> u64 {
        self.comparisons
    }
}

#[inline]
fn ask_for_links(base: &Links, node: u32) {
    let first = base.offsets[node as usize] as usize;
    prefetch(&base.links[first..(first + LINKS_AHEAD).min(base.links.len())]);
}

/// Packs a sum and a node in one number: larger is nearer.
#[inline]
fn pack(sum: i32, node: u32) -> u64 {
    u64::from(sum.cast_unsigned() ^ 1 << 31) << 32 | u64::from(node << 1)
}

#[inline]
fn sum_of(packed: u64) -> i32 {
    ((packed >> 32) as u32 ^ 1 << 31).cast_signed()
}

#[inline]
fn node_of(packed: u64) -> u32 {
    packed as u32 >> 1
}

/// Puts a node in its place among the nearest, of which at most `most` stay; returns the place, or that of the end.
#[inline]
fn insert(pool: &mut Vec<u64>, packed: u64, most: usize) -> usize {
    if pool.len() >= most {
        if pool.last().is_some_and(|&last| packed < last) {
            return pool.len();
        }
        pool.pop();
    }
    let place = pool.partition_point(|&other| other > packed);
    pool.insert(place, packed);
    place
}
