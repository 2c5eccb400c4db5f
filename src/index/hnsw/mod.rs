//! Can the answer come without a look at every row? A graph of near vectors that is walked greedily.
//!
//! Malkov and Yashunin, "Efficient and Robust Approximate Nearest Neighbor Search Using Hierarchical Navigable Small
//! World Graphs", IEEE Transactions on Pattern Analysis and Machine Intelligence 42 (2020), "the paper" below.
//!
//! A graph is built as [`Layers`], then frozen into a [`Graph`] of flat arrays, and searched as an [`Hnsw`] beside
//! the embeddings that it was built from.

mod beam;
mod builder;
mod bulk;
mod calibrate;
mod graph;
mod insert;
mod layers;
mod lists;
mod partition;
mod parts;
mod reach;
mod reference;
mod search;
mod select;
#[cfg(test)]
mod tests;
mod walk;

pub use builder::Builder;
pub use bulk::Bulk;
pub use calibrate::Calibration;
pub use graph::{Graph, GraphStats};
pub use insert::Insertion;
pub use layers::Layers;
pub use parts::{GraphHead, GraphPart, GraphPartsError, UpperParts};
pub use search::{Hnsw, Positions, Scratch, Search};

/// How a graph is built and walked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HnswOptions {
    /// M of the paper: links a node has on each layer, twice as many on the lowest; 2 to 255. Default 16. More find
    /// more and take more memory and time; 8 to 48 are usual.
    pub m: usize,
    /// Candidates among which a node's links are chosen, at least 1. Default 200 when nodes are inserted one by one.
    /// More make a better graph and take longer to build.
    pub ef_construction: usize,
    /// Nodes that are kept in sight while a query walks the graph, at least 1; fewer than `k` count as `k`. Default
    /// 100. More find more and take longer.
    pub ef_search: usize,
    /// How much nearer to a chosen link than to the node itself a candidate must be to be left out; 1 to 2. 1 is the
    /// paper's heuristic (algorithm 4); more keep more links. Default 1.1, see `docs/parameters.md`.
    pub alpha: f32,
    /// What chance begins with: the layers of the nodes, and the cuts of a bulk build.
    pub seed: u64,
}

impl Default for HnswOptions {
    fn default() -> HnswOptions {
        HnswOptions { m: 16, ef_construction: 200, ef_search: 100, alpha: 1.1, seed: 0 }
    }
}

/// Says why no graph can be built with some options.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HnswError {
    /// `m` is out of range.
    #[error("m is {0}; a node has 2 to 255 links")]
    Links(usize),
    /// A beam of 0 sees nothing.
    #[error("{0} is 0; give at least 1")]
    Beam(&'static str),
    /// `alpha` is out of range.
    #[error("alpha is {0}; give 1 to 2")]
    Alpha(f32),
    /// More rows than a link can name.
    #[error("{0} vectors are more than a graph of 2^31 nodes holds")]
    Rows(usize),
    /// More links than can be counted.
    #[error("{0} links are more than a layer of 2^32 holds; give a smaller m")]
    AllLinks(usize),
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
        if !(1.0..=2.0).contains(&self.alpha) {
            return Err(HnswError::Alpha(self.alpha));
        }
        Ok(())
    }

    /// Checks the options and that so many rows can be linked.
    fn check_for(&self, rows: usize) -> Result<(), HnswError> {
        self.check()?;
        if rows > 1 << 31 { Err(HnswError::Rows(rows)) } else { Ok(()) }
    }
}
