//! What is near this? The posts whose vectors have the largest inner product with a query.

mod ann_recall;
mod flat;
mod hnsw;
mod pairs;
mod subset;

pub use ann_recall::ann_recall;
pub use flat::{Flat, FlatScratch};
pub use hnsw::{
    Builder, Bulk, Calibration, Graph, GraphHead, GraphPart, GraphPartsError, GraphStats, Hnsw, HnswError, HnswOptions,
    Insertion, Layers, Positions, Scratch, Search, UpperParts,
};
pub use pairs::all_nearest;
pub use subset::Subset;

use crate::similarity::{Ranked, row_of, similarity_of};

/// A post and its similarity to a query, as an index returned it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// The post's position in the corpus.
    pub position: usize,
    /// Cosine similarity, −1 to 1; larger is nearer.
    pub similarity: f32,
}

/// Finds the nearest posts to a vector.
pub trait Index {
    /// Returns the `k` nearest posts, nearest first, equal similarities by position (and so by post id); fewer when
    /// the index holds fewer, or, of an index that is not exact, when it finds no more.
    ///
    /// `query` is a unit vector of the index's dimension.
    fn nearest(&self, query: &[f32], k: usize) -> Vec<Neighbor>;
}

fn neighbors(sorted: &[Ranked]) -> Vec<Neighbor> {
    let neighbor = |&ranked: &Ranked| Neighbor { position: row_of(ranked) as usize, similarity: similarity_of(ranked) };
    sorted.iter().map(neighbor).collect()
}
