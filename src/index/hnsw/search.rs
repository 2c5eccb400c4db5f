//! How is a graph walked? From near to nearer by four-bit codes, and the last candidates are put in order by floats.

use std::sync::Mutex;

use super::Graph;
use super::walk::{Seen, Walk};
use crate::embeddings::Embeddings;
use crate::index::{Flat, FlatScratch, Index, Neighbor, Subset, neighbors};
use crate::similarity::{Kernels, Top, prefetch, ranked};

/// Nodes whose codes a walk reads for each node in sight, about; measured with M = 16.
const READ_PER_NODE: usize = 15;
/// Searches that take turns; up to eight.
const TOGETHER: usize = 8;
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
        // Most rows are where they were when the graph was built.
        let unmoved = self.of_row.get(position).is_some_and(|&row| row == position as u32).then_some(position);
        let Some(row) = unmoved.or_else(|| self.of_row.iter().position(|&row| row == position as u32)) else {
            return false;
        };
        self.of_row[row] = NOWHERE;
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

/// What a search works in; one a thread, for any number of searches.
#[derive(Debug, Default)]
pub struct Scratch {
    walk: Walk,
    seen: Seen,
    rows: Vec<u32>,
    similarities: Vec<f32>,
    top: Top,
    flat: FlatScratch,
}

impl Scratch {
    /// Returns how many codes were compared with queries since the scratch was made.
    #[must_use]
    pub fn comparisons(&self) -> u64 {
        self.walk.comparisons()
    }
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
    ///
    /// # Panics
    /// The query is of another dimension.
    pub fn search(&self, query: &[f32], search: &Search<'_>, scratch: &mut Scratch) -> Vec<Neighbor> {
        assert!(
            self.embeddings.is_empty() || query.len() == self.embeddings.dimension(),
            "a query of the same dimension"
        );
        match self.plan(search) {
            Plan::Nothing => Vec::new(),
            Plan::Compare(among) => self.compare_all(query, search.k, among, scratch),
            Plan::Walk(ef_search) => {
                let Scratch { walk, seen, .. } = &mut *scratch;
                walk.start(self.graph, query, ef_search, seen, 0);
                while walk.ask(self.graph, seen) {
                    walk.answer(self.graph, self.kernels, seen);
                    walk.reach(self.graph);
                }
                self.take_candidates(search, scratch);
                self.order(query, search.k, scratch)
            }
        }
    }

    /// Answers each row of `queries` as [`Hnsw::search`] does, several at a time: while one waits for memory the
    /// others go on. `scratches` are made as needed.
    ///
    /// # Panics
    /// The queries are of another dimension.
    pub fn search_many(
        &self,
        queries: &Embeddings,
        search: &Search<'_>,
        scratches: &mut Vec<Scratch>,
    ) -> Vec<Vec<Neighbor>> {
        let same = queries.dimension() == self.embeddings.dimension();
        assert!(queries.is_empty() || self.embeddings.is_empty() || same, "queries of the same dimension");
        let one_by_one = scratches.is_empty().then(Scratch::default);
        scratches.extend(one_by_one);
        let Plan::Walk(ef_search) = self.plan(search) else {
            return (0..queries.len()).map(|row| self.search(queries.row(row), search, &mut scratches[0])).collect();
        };
        scratches.resize_with(TOGETHER.max(scratches.len()), Scratch::default);
        let mut answers = vec![Vec::new(); queries.len()];
        let mut waiting = 0..queries.len();
        // All mark what they saw in one place, which stays in the cache.
        let mut seen = std::mem::take(&mut scratches[0].seen);
        let mut turns: Vec<(Turn, usize, usize, &mut Scratch)> = scratches
            .iter_mut()
            .take(TOGETHER)
            .enumerate()
            .map(|(place, scratch)| (Turn::Start, place, 0, scratch))
            .collect();
        while !turns.is_empty() {
            turns.retain_mut(|(turn, place, row, scratch)| {
                *turn = match turn {
                    Turn::Start => match waiting.next() {
                        None => return false,
                        Some(next) => {
                            *row = next;
                            scratch.walk.start(self.graph, queries.row(next), ef_search, &mut seen, *place);
                            Turn::Ask
                        }
                    },
                    Turn::Ask if scratch.walk.ask(self.graph, &mut seen) => Turn::Answer,
                    Turn::Ask => {
                        self.take_candidates(search, scratch);
                        scratch.rows.iter().for_each(|&row| prefetch(self.embeddings.row(row as usize)));
                        Turn::Order
                    }
                    Turn::Answer => {
                        scratch.walk.answer(self.graph, self.kernels, &mut seen);
                        Turn::Reach
                    }
                    Turn::Reach => {
                        scratch.walk.reach(self.graph);
                        Turn::Ask
                    }
                    Turn::Order => {
                        answers[*row] = self.order(queries.row(*row), search.k, scratch);
                        Turn::Start
                    }
                };
                true
            });
        }
        scratches[0].seen = seen;
        answers
    }

    /// Decides how to search.
    fn plan<'s>(&self, search: &Search<'s>) -> Plan<'s> {
        let posts = self.embeddings.len();
        let matching = search.among.map_or(posts, Subset::len).min(posts);
        if search.k == 0 || matching == 0 {
            return Plan::Nothing;
        }
        // Where few posts match, a walk passes by many that do not: it has to keep more in sight to find as many.
        let ef_search = search.ef_search.max(search.k).min(posts).saturating_mul(posts).div_ceil(matching);
        let few = |among: &&Subset| among.len() <= ef_search.saturating_mul(READ_PER_NODE);
        search.among.filter(few).map_or(Plan::Walk(ef_search), Plan::Compare)
    }

    /// Returns the `k` nearest of the candidates.
    fn order(&self, query: &[f32], k: usize, scratch: &mut Scratch) -> Vec<Neighbor> {
        let Scratch { rows, similarities, top, .. } = scratch;
        top.reset(k);
        similarities.clear();
        self.kernels.rows_at(query, self.embeddings.as_slice(), rows, similarities);
        rows.iter().zip(similarities).for_each(|(&row, similarity)| top.push(ranked(*similarity, row)));
        neighbors(top.sorted())
    }

    fn compare_all(&self, query: &[f32], k: usize, among: &Subset, scratch: &mut Scratch) -> Vec<Neighbor> {
        let there = self.positions.of_row.len() - self.positions.gone + self.positions.tail.len();
        if there == self.embeddings.len() {
            return Flat::new(self.embeddings).nearest_in(query, k, Some(among), &mut scratch.flat);
        }
        let there = self.positions.of_row.iter().chain(&self.positions.tail).filter(|&&at| at != NOWHERE);
        let mut is_there = vec![false; self.embeddings.len()];
        there.for_each(|&position| is_there[position as usize] = true);
        let among = Subset::from_fn(self.embeddings.len(), |position| is_there[position] && among.contains(position));
        Flat::new(self.embeddings).nearest_in(query, k, Some(&among), &mut scratch.flat)
    }

    /// Puts the positions of the nearest nodes in sight whose posts may be answered into `scratch.rows`, and all that
    /// the graph does not know.
    fn take_candidates(&self, search: &Search<'_>, scratch: &mut Scratch) {
        let may = |position: u32| search.among.is_none_or(|among| among.contains(position as usize));
        let Scratch { walk, rows, .. } = scratch;
        rows.clear();
        let mut least = i32::MIN;
        for (node, sum) in walk.nearest() {
            if sum < least {
                break;
            }
            let position = self.positions.of_row[self.graph.rows[node as usize] as usize];
            if position != NOWHERE && may(position) {
                rows.push(position);
                if rows.len() == search.k {
                    least = sum.saturating_sub(walk.doubt());
                }
            }
        }
        scratch.rows.extend(self.positions.tail.iter().copied().filter(|&position| may(position)));
    }
}

/// How a search goes.
enum Plan<'a> {
    /// Nobody can be answered.
    Nothing,
    /// Few enough match to compare them all.
    Compare(&'a Subset),
    /// By a walk with so many nodes in sight.
    Walk(usize),
}

/// What one of several searches does next.
enum Turn {
    Start,
    Ask,
    Answer,
    Reach,
    Order,
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
