//! Does the graph find what the scan finds? Floors on vectors with fixed seeds.

use nextread::embeddings::Embeddings;
use nextread::eval::clustered_vectors;
use nextread::index::{Builder, Flat, Graph, Hnsw, HnswOptions, Index, Scratch, Search, ann_recall};

const K: usize = 10;
const QUERIES: usize = 50;

/// Searches the last rows of some clustered vectors in the others; the floors are those of mean ann_recall@10 by beam.
///
/// A beam of 10 has ten candidates by four bits of 24 components each, and no other to put in their place.
fn check(seed: u64, floors: &[(usize, f64)]) {
    let vectors = clustered_vectors(800 + QUERIES, 24, seed);
    let rows = vectors.as_slice()[..800 * 24].to_vec();
    let embeddings = Embeddings::from_rows(24, rows).unwrap();
    let options = HnswOptions { m: 8, ef_construction: 40, ..HnswOptions::default() };
    let graph = Graph::build(&embeddings, &options, Builder::Bulk, &mut |_| ()).unwrap();
    let (flat, hnsw) = (Flat::new(&embeddings), Hnsw::new(&graph, &embeddings));
    let mut scratch = Scratch::default();
    for &(ef_search, floor) in floors {
        let search = Search { k: K, ef_search, among: None };
        let mut recall = |row: usize| {
            let query = vectors.row(row);
            ann_recall(&hnsw.search(query, &search, &mut scratch), &flat.nearest(query, K), K)
        };
        let mean = (800..800 + QUERIES).map(&mut recall).sum::<f64>() / QUERIES as f64;
        assert!(mean >= floor, "seed {seed}: ann_recall@10 is {mean} at ef_search {ef_search}, below {floor}");
    }
}

#[test]
fn hnsw_finds_the_exact_neighbors() {
    for seed in 1..=3 {
        check(seed, &[(10, 0.84), (40, 0.98), (160, 0.995)]);
    }
}
