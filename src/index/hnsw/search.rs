//! How is a graph walked? From near to nearer by four-bit codes, and the last candidates are put in order by floats.

use std::sync::Mutex;

use super::Graph;
use super::graph::Links;
use crate::embeddings::Embeddings;
use crate::index::{Flat, FlatScratch, Index, Neighbor, Subset, neighbors};
use crate::similarity::{Kernels, QueryCode, Top, high_sums_at, prefetch, ranked};

/// Candidates that are compared by floats for each neighbor asked for.
const RERANK_PER_NEIGHBOR: usize = 3;
/// Nodes whose codes a walk reads for each node in sight, about; measured with M = 16.
const READ_PER_NODE: usize = 15;
/// Links that fit in the two lines which are asked for ahead.
const LINKS_AHEAD: usize = 32;
/// Stands for no position.
const NOWHERE: u32 = u32::MAX;

/// Where a graph's nodes are in a corpus now, and which posts came after it was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Positions {
    /// The position of each row that the graph was built from; [`NOWHERE`] when its post is gone.
    of_row: Vec<u32>,
    /// Positions of posts that the graph does not know, ascending: they are compared one by one.
    tail: Vec<u32>,
    gone: usize,
}

impl Positions {
    /// Returns the positions of a corpus that has not changed since: row by row.
    #[must_use]
    pub fn unchanged(rows: usize) -> Positions {
        Positions { of_row: (0..rows as u32).collect(), tail: Vec::new(), gone: 0 }
    }

    /// Takes where each row of the graph is now, none where its post is gone, and the positions of all other posts.
    #[must_use]
    pub fn new(of_row: &[Option<usize>], mut tail: Vec<u32>) -> Positions {
        tail.sort_unstable();
        let of_row: Vec<u32> = of_row.iter().map(|position| position.map_or(NOWHERE, |at| at as u32)).collect();
        let gone = of_row.iter().filter(|&&position| position == NOWHERE).count();
        Positions { of_row, tail, gone }
    }

    /// Adds a post that the graph does not know.
    pub fn insert(&mut self, position: usize) {
        if let Err(place) = self.tail.binary_search(&(position as u32)) {
            self.tail.insert(place, position as u32);
        }
    }

    /// Takes a post out; tells whether it was there.
    pub fn delete(&mut self, position: usize) -> bool {
        if let Ok(place) = self.tail.binary_search(&(position as u32)) {
            self.tail.remove(place);
            return true;
        }
        let Some(row) = self.of_row.iter_mut().find(|row| **row == position as u32) else { return false };
        *row = NOWHERE;
        self.gone += 1;
        true
    }

    /// Returns how many posts the graph does not know, and how many of its nodes are gone: when both together are
    /// more than a tenth of the graph it is time to build it anew.
    #[must_use]
    pub fn changed(&self) -> (usize, usize) {
        (self.tail.len(), self.gone)
    }
}

/// What is asked of a search.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Neighbors wanted.
    pub k: usize,
    /// Nodes kept in sight; fewer than `k` count as `k`.
    pub ef_search: usize,
    /// Answer only with these posts.
    pub among: Option<&'a Subset>,
}

/// What a walk works in; one a thread, for any number of searches.
#[derive(Debug, Default)]
pub struct Scratch {
    query: Option<QueryCode>,
    /// The walk in which each node was seen last, modulo 255.
    seen: Vec<u8>,
    walk: u8,
    /// Nodes in sight, nearest first; see [`pack`].
    pool: Vec<u64>,
    fresh: Vec<u32>,
    sums: Vec<i32>,
    rows: Vec<u32>,
    similarities: Vec<f32>,
    top: Top,
    flat: FlatScratch,
    /// Codes that were compared with queries since the scratch was made.
    pub comparisons: u64,
}

/// The approximate index: a graph beside the embeddings of its posts.
///
/// It may find fewer than `k` although there are more. Posts that came after the graph was built are all compared;
/// those that are gone are never answered. The same graph, positions and options give the same answers on every
/// machine.
#[derive(Debug)]
pub struct Hnsw<'a> {
    graph: &'a Graph,
    embeddings: &'a Embeddings,
    positions: Positions,
    kernels: Kernels,
    scratches: Mutex<Vec<Scratch>>,
}

impl<'a> Hnsw<'a> {
    /// Searches `embeddings`, whose rows are posts by position, by a graph that was built from them.
    ///
    /// # Panics
    /// The graph has more nodes than there are rows, or another dimension.
    #[must_use]
    pub fn new(graph: &'a Graph, embeddings: &'a Embeddings) -> Hnsw<'a> {
        let mut positions = Positions::unchanged(graph.len());
        (graph.len()..embeddings.len()).for_each(|position| positions.insert(position));
        Hnsw::with_positions(graph, embeddings, positions)
    }

    /// Searches `embeddings` by a graph that was built when the corpus was another.
    ///
    /// # Panics
    /// A position is beyond the rows, or the graph has another dimension.
    #[must_use]
    pub fn with_positions(graph: &'a Graph, embeddings: &'a Embeddings, positions: Positions) -> Hnsw<'a> {
        assert!(graph.is_empty() || graph.dimension() == embeddings.dimension(), "a graph of the same dimension");
        assert_eq!(positions.of_row.len(), graph.len(), "a position for each row of the graph");
        let all = positions.of_row.iter().chain(&positions.tail).filter(|&&position| position != NOWHERE);
        assert!(all.max().is_none_or(|&last| (last as usize) < embeddings.len()), "positions of the corpus");
        Hnsw { graph, embeddings, positions, kernels: Kernels::best(), scratches: Mutex::default() }
    }

    /// Returns where the posts are.
    #[must_use]
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// Lends the positions, to insert and delete posts.
    pub fn positions_mut(&mut self) -> &mut Positions {
        &mut self.positions
    }

    /// Returns the nearest posts, as [`Index::nearest`], working in `scratch`.
    pub fn search(&self, query: &[f32], search: &Search<'_>, scratch: &mut Scratch) -> Vec<Neighbor> {
        let Search { k, ef_search, among } = *search;
        if k == 0 || self.embeddings.is_empty() {
            return Vec::new();
        }
        let ef_search = ef_search.max(k);
        let posts = self.embeddings.len();
        let matching = among.map_or(posts, Subset::len);
        // Where few posts match, a walk passes by many that do not: it has to keep more in sight to find as many.
        let ef_wide = (ef_search * posts).div_ceil(matching.max(1));
        if let Some(among) = among.filter(|among| among.len() <= ef_wide.saturating_mul(READ_PER_NODE)) {
            return self.compare_all(query, k, among, scratch);
        }
        scratch.rows.clear();
        if !self.graph.is_empty() {
            self.walk(query, ef_wide, scratch);
            self.take_candidates(RERANK_PER_NEIGHBOR * k, among, scratch);
        }
        let belongs = |position: &&u32| among.is_none_or(|among| among.contains(**position as usize));
        scratch.rows.extend(self.positions.tail.iter().filter(belongs));
        scratch.top.reset(k);
        scratch.similarities.clear();
        let Scratch { rows, similarities, top, .. } = scratch;
        self.kernels.rows_at(query, self.embeddings.as_slice(), rows, similarities);
        rows.iter().zip(similarities).for_each(|(&row, similarity)| top.push(ranked(*similarity, row)));
        neighbors(scratch.top.sorted())
    }

    fn compare_all(&self, query: &[f32], k: usize, among: &Subset, scratch: &mut Scratch) -> Vec<Neighbor> {
        if self.positions.gone == 0 {
            return Flat::new(self.embeddings).nearest_in(query, k, Some(among), &mut scratch.flat);
        }
        let there = self.positions.of_row.iter().chain(&self.positions.tail).filter(|&&at| at != NOWHERE);
        let mut is_there = vec![false; self.embeddings.len()];
        there.for_each(|&position| is_there[position as usize] = true);
        let among = Subset::from_fn(self.embeddings.len(), |position| is_there[position] && among.contains(position));
        Flat::new(self.embeddings).nearest_in(query, k, Some(&among), &mut scratch.flat)
    }

    /// Leaves in `scratch.pool` the nodes that are near by their codes.
    fn walk(&self, query: &[f32], ef_search: usize, scratch: &mut Scratch) {
        let code = scratch.query.take().filter(|code| code.dimension() == query.len());
        let mut code = code.unwrap_or_else(|| QueryCode::new(query));
        code.set(query);
        if scratch.seen.len() != self.graph.len() || scratch.walk == u8::MAX {
            scratch.seen.clear();
            scratch.seen.resize(self.graph.len(), 0);
            scratch.walk = 0;
        }
        scratch.walk += 1;
        let entry = self.descend(&code, scratch);
        self.beam(&code, entry, ef_search, scratch);
        scratch.query = Some(code);
    }

    /// Walks the layers above the lowest, always to the nearest node, and returns the last one's number below.
    fn descend(&self, code: &QueryCode, scratch: &mut Scratch) -> (u32, i32) {
        let Scratch { fresh, sums, comparisons, .. } = scratch;
        let (mut at, mut best) = (0, i32::MIN);
        for layer in self.graph.upper.iter().rev() {
            loop {
                fresh.clear();
                sums.clear();
                let links = layer.links.of(at);
                fresh.extend(links.iter().map(|&link| layer.nodes[link as usize]));
                if best == i32::MIN {
                    fresh.push(layer.nodes[at as usize]);
                }
                *comparisons += fresh.len() as u64;
                high_sums_at(self.kernels, code, &self.graph.codes, fresh, sums);
                if best == i32::MIN {
                    best = sums.pop().unwrap_or(i32::MIN);
                }
                let nearest = links.iter().zip(sums.iter()).max_by_key(|&(_, &sum)| sum);
                match nearest.filter(|&(_, &sum)| sum > best) {
                    Some((&link, &sum)) => (at, best) = (link, sum),
                    None => break,
                }
            }
            at = layer.below[at as usize];
        }
        if best == i32::MIN {
            sums.clear();
            high_sums_at(self.kernels, code, &self.graph.codes, &[at], sums);
            best = sums[0];
        }
        (at, best)
    }

    /// Algorithm 2 of the paper on the lowest layer, with the nodes found and those still to visit in one list.
    fn beam(&self, code: &QueryCode, (entry, sum): (u32, i32), ef_search: usize, scratch: &mut Scratch) {
        let Scratch { seen, walk, pool, fresh, sums, comparisons, .. } = scratch;
        pool.clear();
        pool.push(pack(sum, entry));
        seen[entry as usize] = *walk;
        let mut next = Some(0);
        while let Some(at) = next {
            pool[at] |= VISITED;
            fresh.clear();
            for &link in self.graph.base.of(node_of(pool[at])) {
                if std::mem::replace(&mut seen[link as usize], *walk) != *walk {
                    fresh.push(link);
                }
            }
            sums.clear();
            *comparisons += fresh.len() as u64;
            high_sums_at(self.kernels, code, &self.graph.codes, fresh, sums);
            let mut nearest = at + 1;
            for (&node, &sum) in fresh.iter().zip(sums.iter()) {
                nearest = nearest.min(insert(pool, pack(sum, node), ef_search));
            }
            let mut unvisited = (nearest..pool.len()).filter(|&at| pool[at] & VISITED == 0);
            next = unvisited.next();
            if let Some(after) = unvisited.next() {
                self.ask_for_links(node_of(pool[after]));
            }
        }
    }

    /// Asks for the links of a node that is likely to be visited after the next one.
    #[inline]
    fn ask_for_links(&self, node: u32) {
        let Links { offsets, links } = &self.graph.base;
        let first = offsets[node as usize] as usize;
        prefetch(&links[first..(first + LINKS_AHEAD).min(links.len())]);
    }

    /// Puts the positions of the nearest nodes in sight whose posts may be answered into `scratch.rows`.
    fn take_candidates(&self, count: usize, among: Option<&Subset>, scratch: &mut Scratch) {
        let position = |&packed: &u64| {
            let position = self.positions.of_row[self.graph.rows[node_of(packed) as usize] as usize];
            let may = position != NOWHERE && among.is_none_or(|among| among.contains(position as usize));
            may.then_some(position)
        };
        scratch.rows.extend(scratch.pool.iter().filter_map(position).take(count));
    }
}

/// Marks a node in sight whose links were followed.
const VISITED: u64 = 1;

/// Packs a sum and a node in one number: larger is nearer.
#[inline]
fn pack(sum: i32, node: u32) -> u64 {
    u64::from(sum.cast_unsigned() ^ 1 << 31) << 32 | u64::from(node << 1)
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

impl Index for Hnsw<'_> {
    /// With the options' `ef_search`, in a scratch that is kept for the next search.
    fn nearest(&self, query: &[f32], k: usize) -> Vec<Neighbor> {
        let pop = || self.scratches.lock().ok()?.pop();
        let mut scratch = pop().unwrap_or_default();
        let search = Search { k, ef_search: self.graph.options.ef_search, among: None };
        let found = self.search(query, &search, &mut scratch);
        if let Ok(mut scratches) = self.scratches.lock() {
            scratches.push(scratch);
        }
        found
    }
}
