//! Can a question be answered without a look at every post? A graph that was built of the posts, then or now.

use std::collections::HashMap;

use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

use super::scores::NEAR_MIN;
use crate::corpus::Corpus;
use crate::embeddings::Embeddings;
use crate::index::{Builder, Calibration, Flat, Graph, Hnsw, HnswError, HnswOptions, Positions, Scratch, Search};
use crate::post::Post;
use crate::similarity::{Bits, Codes};

/// A graph is built anew when more than one in so many of its rows came or went.
const CHANGED_PART_MAX: usize = 10;

/// A graph over posts, where the posts are today, and how widely it is searched.
#[derive(Debug)]
pub struct GraphIndex {
    pub(super) graph: Graph,
    /// XXH3-128 of each row's id and vector, as the graph was built of them.
    pub(super) rows: Vec<u128>,
    pub(super) calibration: Calibration,
    positions: Positions,
    ef_search: usize,
}

impl GraphIndex {
    /// Builds a graph of all posts, by all threads of the current rayon pool, and measures its recall. `progress` gets
    /// 0 to 1.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn build(
        corpus: &Corpus,
        embeddings: &Embeddings,
        options: &HnswOptions,
        progress: &mut dyn FnMut(f64),
    ) -> Result<GraphIndex, HnswError> {
        let graph = Graph::build(embeddings, options, Builder::default(), progress)?;
        let codes = Codes::new(embeddings.as_slice(), embeddings.dimension(), Bits::Eight);
        let flat = Flat::with_codes(embeddings, &codes);
        let calibration = Calibration::measure(&Hnsw::new(&graph, embeddings), &flat, embeddings, options.seed);
        let rows = row_hashes(corpus, embeddings);
        Ok(GraphIndex::new(graph, rows, calibration, Positions::unchanged(embeddings.len())))
    }

    /// Takes a graph that was built of rows with these hashes to the posts of today.
    pub(super) fn of_today(
        graph: Graph,
        rows: Vec<u128>,
        calibration: Calibration,
        corpus: &Corpus,
        embeddings: &Embeddings,
    ) -> GraphIndex {
        let today = row_hashes(corpus, embeddings);
        let places: HashMap<u128, usize> = today.iter().copied().zip(0..).collect();
        let mut known = vec![false; today.len()];
        // A row that is there twice would be one post twice; only its first counts.
        let place = |row: &u128| places.get(row).copied().filter(|&at| !std::mem::replace(&mut known[at], true));
        let of_row: Vec<Option<usize>> = rows.iter().map(place).collect();
        let tail = (0..).zip(&known).filter(|(_, known)| !**known).map(|(position, _)| position).collect();
        GraphIndex::new(graph, rows, calibration, Positions::new(&of_row, tail))
    }

    fn new(graph: Graph, rows: Vec<u128>, calibration: Calibration, positions: Positions) -> GraphIndex {
        let ef_search = graph.options().ef_search;
        GraphIndex { graph, rows, calibration, positions, ef_search }
    }

    /// Searches so widely that a share (0 to 1) of the true neighbors is found, as far as that was measured when the
    /// graph was built; where no measured width does, the widest is used and the answer is false.
    pub fn aim_at(&mut self, recall: f64) -> bool {
        let ef_search = self.calibration.ef_for(recall);
        let widest = self.calibration.points.last().map_or(self.ef_search, |&(widest, _)| widest);
        // Every question asks for so many posts, and no walk is narrower than what it is asked for.
        self.ef_search = ef_search.unwrap_or(widest).max(NEAR_MIN);
        // One post or none: there was nothing to measure, and nothing to miss.
        ef_search.is_some() || self.calibration.queries == 0
    }

    /// Returns the positions of the `k` nearest posts to each of some vectors, vector by vector, nearest first.
    pub(super) fn nearest<'a>(
        &self,
        embeddings: &Embeddings,
        vectors: impl Iterator<Item = &'a [f32]>,
        k: usize,
    ) -> Vec<usize> {
        let hnsw = Hnsw::with_positions(&self.graph, embeddings, self.positions.clone());
        let (search, mut scratch) = (Search { k, ef_search: self.ef_search, among: None }, Scratch::default());
        let near = vectors.flat_map(|vector| hnsw.search(vector, &search, &mut scratch));
        near.map(|neighbor| neighbor.position).collect()
    }

    /// Returns the graph.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Returns the nodes that are kept in sight, at least as many as neighbors are asked for.
    #[must_use]
    pub fn ef_search(&self) -> usize {
        self.ef_search
    }

    /// Returns the recall that was measured when the graph was built.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Returns how many posts are new or changed since the graph was built, and how many of its rows are gone.
    #[must_use]
    pub fn changed(&self) -> (usize, usize) {
        self.positions.changed()
    }

    /// Tells whether so much has changed that the graph should be built anew.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        let (new, gone) = self.changed();
        (new + gone) * CHANGED_PART_MAX > self.graph.len()
    }

    /// Returns a fingerprint of the ids and vectors that the graph was built of.
    #[must_use]
    pub fn content(&self) -> u128 {
        content_of(&self.rows)
    }
}

/// Returns the fingerprint of rows by their hashes.
pub(super) fn content_of(rows: &[u128]) -> u128 {
    let bytes: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
    xxh3_128(&bytes)
}

fn row_hashes(corpus: &Corpus, embeddings: &Embeddings) -> Vec<u128> {
    let hash = |(row, post): (usize, &Post)| {
        let mut hash = Xxh3Default::new();
        hash.update(&(post.id.as_str().len() as u64).to_le_bytes());
        hash.update(post.id.as_str().as_bytes());
        hash.update(bytemuck::cast_slice(embeddings.row(row)));
        hash.digest128()
    };
    corpus.posts().iter().enumerate().map(hash).collect()
}
