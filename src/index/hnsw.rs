//! Can the answer come without a look at every row? A graph of near vectors that is walked greedily.
//!
//! Malkov and Yashunin, "Efficient and Robust Approximate Nearest Neighbor Search Using Hierarchical Navigable Small
//! World Graphs", IEEE Transactions on Pattern Analysis and Machine Intelligence 42 (2020); the graph is built and
//! walked by the crate `hnsw_rs`.

use hnsw_rs::hnsw;
use hnsw_rs::prelude::Distance;

use super::{Index, Neighbor, sort_neighbors};
use crate::embeddings::Embeddings;
use crate::similarity::dot;

/// How the graph is built and walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HnswOptions {
    /// M of the paper: links a node has on each layer, twice as many on the lowest; 2 to 255. Default 16. More find
    /// more and take more memory and time; 8 to 48 are usual.
    pub m: usize,
    /// Nodes that are kept in sight while a vector is linked in, at least 1. Default 200. More make a better graph and
    /// take longer to build.
    pub ef_construction: usize,
    /// Nodes that are kept in sight while a query walks the graph, at least 1; fewer than `k` count as `k`. Default
    /// 100. More find more and take longer.
    pub ef_search: usize,
}

impl Default for HnswOptions {
    fn default() -> HnswOptions {
        HnswOptions { m: 16, ef_construction: 200, ef_search: 100 }
    }
}

/// Says why no graph can be built with some options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HnswError {
    /// `m` is out of range.
    #[error("m is {0}; a node has 2 to 255 links")]
    Links(usize),
    /// A beam of 0 sees nothing.
    #[error("{0} is 0; give at least 1")]
    Beam(&'static str),
}

/// The layers that `hnsw_rs` knows; with M = 16 the chance of a higher one is 16⁻¹⁶.
const LAYERS_MAX: usize = 16;

/// The approximate index: walks a graph from near to nearer.
///
/// Vectors are linked in by position, in one thread, and the layer of each is drawn by a generator whose seed is fixed
/// in `hnsw_rs`: the same embeddings and options give the same graph and the same answers on every machine, as long as
/// `hnsw_rs` and `rand` stay what `Cargo.lock` says. (Its parallel insertion, which depends on who comes first, is not
/// used.) It may find fewer than `k` although there are more, where the graph leads nowhere.
///
/// The graph keeps a copy of every vector; [`hnsw_bytes`] says what that takes.
pub struct Hnsw<'a> {
    embeddings: &'a Embeddings,
    graph: hnsw::Hnsw<'static, f32, Apart>,
    ef_search: usize,
}

/// What the graph orders by: 1 − inner product. Rounding can bring that below 0, which `hnsw_rs` refuses.
struct Apart;

impl Distance<f32> for Apart {
    fn eval(&self, a: &[f32], b: &[f32]) -> f32 {
        (1.0 - dot(a, b)).max(0.0)
    }
}

impl<'a> Hnsw<'a> {
    /// Builds the graph of `embeddings`, whose rows are posts by position.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn build(embeddings: &'a Embeddings, options: &HnswOptions) -> Result<Hnsw<'a>, HnswError> {
        Hnsw::build_with(embeddings, options, &mut |_| ())
    }

    /// As [`Hnsw::build`]; calls `progress` with the number of vectors that are linked in, after each.
    ///
    /// # Errors
    /// As [`Hnsw::build`].
    pub fn build_with(
        embeddings: &'a Embeddings,
        options: &HnswOptions,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Hnsw<'a>, HnswError> {
        options.check()?;
        let graph = hnsw::Hnsw::new(options.m, embeddings.len(), LAYERS_MAX, options.ef_construction, Apart);
        for position in 0..embeddings.len() {
            graph.insert_slice((embeddings.row(position), position));
            progress(position + 1);
        }
        Ok(Hnsw { embeddings, graph, ef_search: options.ef_search })
    }

    /// As [`Index::nearest`] with another beam than that of the options, at least 1; fewer than `k` count as `k`.
    #[must_use]
    pub fn nearest_with(&self, query: &[f32], k: usize, ef_search: usize) -> Vec<Neighbor> {
        if k == 0 {
            return Vec::new();
        }
        let found = self.graph.search(query, k, ef_search.max(1));
        let neighbor = |position: usize| Neighbor { position, similarity: dot(query, self.embeddings.row(position)) };
        let mut neighbors: Vec<Neighbor> = found.into_iter().map(|found| neighbor(found.d_id)).collect();
        sort_neighbors(&mut neighbors);
        neighbors
    }
}

impl Index for Hnsw<'_> {
    fn nearest(&self, query: &[f32], k: usize) -> Vec<Neighbor> {
        self.nearest_with(query, k, self.ef_search)
    }
}

impl HnswOptions {
    /// Checks the ranges of the options.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn check(&self) -> Result<(), HnswError> {
        if !(2..=255).contains(&self.m) {
            return Err(HnswError::Links(self.m));
        }
        if self.ef_construction == 0 {
            return Err(HnswError::Beam("ef_construction"));
        }
        if self.ef_search == 0 {
            return Err(HnswError::Beam("ef_search"));
        }
        Ok(())
    }
}

/// Estimates the bytes that [`Hnsw`] takes beside the embeddings: a copy of each vector, the heads of its lists of
/// links, and its links with what the allocator adds to each.
///
/// Measured growth of the process was within a third of it; the links are most of it below 500 dimensions.
#[must_use]
pub fn hnsw_bytes(rows: usize, dimension: usize, options: &HnswOptions) -> usize {
    // Of `hnsw_rs` 0.3.5 on 64 bits: a node with its locks and counts, and 16 list heads of 24 bytes; a link is a
    // pointer in a list and a counted block of 32 bytes, which allocators round up to 48.
    let node = 128 + 24 * LAYERS_MAX;
    let link = 8 + 48;
    rows * (4 * dimension + node + 2 * options.m.min(rows) * link)
}

#[cfg(test)]
mod tests {
    use super::super::Flat;
    use super::*;

    fn embeddings(rows: usize) -> Embeddings {
        let mut random = fastrand::Rng::with_seed(7);
        Embeddings::from_rows(8, (0..rows * 8).map(|_| random.f32() - 0.5).collect()).unwrap()
    }

    fn check(rows: usize, k: usize, expect: usize) {
        let embeddings = embeddings(rows);
        let graph = Hnsw::build(&embeddings, &HnswOptions::default()).unwrap();
        let query = vec![0.125f32.sqrt(); 8];
        let found = graph.nearest(&query, k);
        assert_eq!(found.len(), expect, "{rows} rows, k = {k}");
        assert_eq!(found, Flat::new(&embeddings).nearest(&query, k));
    }

    #[test]
    fn few_rows_are_found_exactly() {
        for (rows, k, expect) in [(0, 3, 0), (1, 3, 1), (1, 0, 0), (40, 5, 5), (40, 60, 40)] {
            check(rows, k, expect);
        }
    }

    #[test]
    fn the_same_rows_give_the_same_answers() {
        let embeddings = embeddings(600);
        let build = || Hnsw::build(&embeddings, &HnswOptions { m: 4, ef_construction: 8, ef_search: 4 }).unwrap();
        let (one, other) = (build(), build());
        for row in 0..600 {
            assert_eq!(one.nearest(embeddings.row(row), 10), other.nearest(embeddings.row(row), 10));
        }
    }

    #[test]
    fn equal_rows_are_all_found() {
        let embeddings = Embeddings::from_rows(2, [1.0, 1.0].repeat(30)).unwrap();
        let graph = Hnsw::build(&embeddings, &HnswOptions::default()).unwrap();
        let positions: Vec<usize> = graph.nearest(embeddings.row(0), 30).iter().map(|found| found.position).collect();
        assert_eq!(positions, (0..30).collect::<Vec<_>>());
    }

    #[test]
    fn options_have_ranges() {
        let said = |options: HnswOptions| options.check().unwrap_err().to_string();
        let options = HnswOptions::default();
        assert_eq!(said(HnswOptions { m: 1, ..options }), "m is 1; a node has 2 to 255 links");
        assert_eq!(said(HnswOptions { m: 256, ..options }), "m is 256; a node has 2 to 255 links");
        assert_eq!(said(HnswOptions { ef_search: 0, ..options }), "ef_search is 0; give at least 1");
        assert_eq!(said(HnswOptions { ef_construction: 0, ..options }), "ef_construction is 0; give at least 1");
    }
}
