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
    /// This walk's bit in [`Seen`].
    mark: u8,
    /// The nodes that it marked: to clear the marks takes as long as the walk did, not as the graph is large.
    met: Vec<u32>,
    stage: Stage,
    ef_search: usize,
    /// Nodes in sight, nearest first; see [`pack`].
    pool: Vec<u64>,
    /// The nodes whose links are likely to be followed next.
    ahead: [Option<u32>; 2],
    fresh: Vec<u32>,
    sums: Vec<i32>,
    comparisons: u64,
}

/// Which nodes walks saw: a byte a node, a bit for each of up to eight walks that take turns. Nothing between walks.
#[derive(Debug, Default)]
pub(super) struct Seen {
    marks: Vec<u8>,
}

impl Seen {
    /// Marks a node; tells whether the walk had not.
    #[inline]
    fn is_new(&mut self, node: u32, mark: u8) -> bool {
        let marks = &mut self.marks[node as usize];
        let is_new = *marks & mark == 0;
        *marks |= mark;
        is_new
    }
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
    /// Begins at the entry, to keep `ef_search` nodes in sight; `turn`, 0 to 7, is another for each walk that shares `seen`.
    pub(super) fn start(&mut self, graph: &Graph, query: &[f32], ef_search: usize, seen: &mut Seen, turn: usize) {
        match &mut self.query {
            Some(code) if code.dimension() == query.len() => code.set(query),
            code => *code = Some(QueryCode::new(query)),
        }
        if !self.met.is_empty() {
            // A walk that ended in a panic.
            seen.marks.fill(0);
            self.met.clear();
        }
        seen.marks.resize(seen.marks.len().max(graph.len()), 0);
        self.mark = 1 << turn;
        self.ef_search = ef_search;
        self.pool.clear();
        self.ahead = [None; 2];
        // The lowest layer is entered like one above it: by looking at where it begins.
        self.stage = match graph.is_empty() {
            true => Stage::Done,
            false => Stage::Above { layer: graph.upper.len(), at: 0, best: i32::MIN },
        };
    }

    /// Collects the nodes to look at next and asks for their codes; tells whether there is a next step.
    pub(super) fn ask(&mut self, graph: &Graph, seen: &mut Seen) -> bool {
        self.fresh.clear();
        match self.stage {
            Stage::Done => {
                self.met.drain(..).for_each(|node| seen.marks[node as usize] &= !self.mark);
                return false;
            }
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
                let links = graph.base.of(node_of(self.pool[place]));
                // Half of the links were seen, at random: each is written, and the next over it where it was.
                self.fresh.resize(links.len(), 0);
                let mut count = 0;
                for &link in links {
                    self.fresh[count] = link;
                    count += usize::from(seen.is_new(link, self.mark));
                }
                self.fresh.truncate(count);
                self.met.extend_from_slice(&self.fresh);
            }
        }
        ask_for(&graph.codes, plane_lines(graph.dimension), &self.fresh);
        true
    }

    /// Compares the nodes that were asked for with the query, and goes on to the nearest.
    pub(super) fn answer(&mut self, graph: &Graph, kernels: Kernels, seen: &mut Seen) {
        let Some(code) = &self.query else { return };
        self.sums.clear();
        self.comparisons += self.fresh.len() as u64;
        high_sums_at(kernels, code, &graph.codes, &self.fresh, &mut self.sums);
        match self.stage {
            Stage::Above { layer, at, best } => self.go_on_above(graph, layer, at, best, seen),
            Stage::Lowest(place) => self.go_on_below(graph, place),
            Stage::Done => {}
        }
    }

    /// Algorithm 2 of the paper with one node in sight: to the nearest, or a layer down where none is nearer.
    fn go_on_above(&mut self, graph: &Graph, layer: usize, at: u32, best: i32, seen: &mut Seen) {
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
            seen.is_new(node, self.mark);
            self.met.push(node);
            self.ahead = [Some(node), None];
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
        let next = unvisited.next();
        // The node after the next is likely to be visited too.
        self.ahead = [next, unvisited.next()].map(|place| place.map(|place| node_of(self.pool[place])));
        self.stage = next.map_or(Stage::Done, Stage::Lowest);
        for node in self.ahead.into_iter().flatten() {
            prefetch(&graph.base.offsets[node as usize..node as usize + 1]);
        }
    }

    /// Asks for the links of the nodes that are likely to be visited next.
    pub(super) fn reach(&self, graph: &Graph) {
        self.ahead.into_iter().flatten().for_each(|node| ask_for_links(&graph.base, node));
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
pub(super) fn insert(pool: &mut Vec<u64>, packed: u64, most: usize) -> usize {
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
