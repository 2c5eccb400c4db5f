//! How fast are the indexes? Exact search by floats and by codes, all pairs, building a graph and walking it.
//!
//! `cargo bench --bench index`; vectors of 384 dimensions around random centers, one thread. For vectors of your own:
//! `nextread eval index FILE.npy`; beside other libraries: `just peers-index`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use nextread::embeddings::Embeddings;
use nextread::index::{Bulk, Flat, FlatScratch, Graph, Hnsw, HnswOptions, Layers, Scratch, Search, all_nearest};
use nextread::similarity::{Bits, Codes};

const DIMENSION: usize = 384;
const SIZES: [usize; 3] = [1_000, 10_000, 50_000];
const K: usize = 10;

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the first pool");
    divan::main();
}

/// Rows around one center for every 50, so that neighbors are nearer than chance.
fn embeddings(rows: usize, seed: u64) -> Embeddings {
    let mut random = fastrand::Rng::with_seed(1);
    let centers: Vec<f32> = (0..rows.div_ceil(50) * DIMENSION).map(|_| random.f32() - 0.5).collect();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut values = Vec::with_capacity(rows * DIMENSION);
    for _ in 0..rows {
        let center = random.usize(0..centers.len() / DIMENSION) * DIMENSION;
        values.extend(centers[center..center + DIMENSION].iter().map(|value| value + random.f32() - 0.5));
    }
    Embeddings::from_rows(DIMENSION, values).expect("rows with a direction")
}

#[divan::bench(args = SIZES)]
fn exact_by_floats(bencher: Bencher<'_, '_>, rows: usize) {
    let (embeddings, queries) = (embeddings(rows, 2), embeddings(100, 3));
    let (flat, mut scratch, mut next) = (Flat::new(&embeddings), FlatScratch::default(), (0..100).cycle());
    bencher.bench_local(|| flat.nearest_in(queries.row(next.next().unwrap_or(0)), K, None, &mut scratch));
}

#[divan::bench(args = SIZES)]
fn exact_by_codes(bencher: Bencher<'_, '_>, rows: usize) {
    let (embeddings, queries) = (embeddings(rows, 2), embeddings(100, 3));
    let codes = Codes::new(embeddings.as_slice(), DIMENSION, Bits::Eight);
    let flat = Flat::with_codes(&embeddings, &codes);
    let (mut scratch, mut next) = (FlatScratch::default(), (0..100).cycle());
    bencher.bench_local(|| flat.nearest_in(queries.row(next.next().unwrap_or(0)), K, None, &mut scratch));
}

#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn all_pairs(bencher: Bencher<'_, '_>, rows: usize) {
    let embeddings = embeddings(rows, 2);
    let codes = Codes::new(embeddings.as_slice(), DIMENSION, Bits::Eight);
    bencher.counter(ItemsCount::new(rows)).bench_local(|| all_nearest(&embeddings, &codes, K, &|_, _| ()));
}

fn graph(embeddings: &Embeddings) -> Graph {
    let options = HnswOptions::default();
    let layers = Layers::bulk(embeddings, &options, &Bulk::default(), &mut |_| ()).expect("good options");
    Graph::freeze(embeddings, &layers, &options).expect("good options")
}

#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn build_in_bulk(bencher: Bencher<'_, '_>, rows: usize) {
    let embeddings = embeddings(rows, 2);
    bencher.counter(ItemsCount::new(rows)).bench_local(|| graph(black_box(&embeddings)));
}

#[divan::bench(args = SIZES, sample_count = 50)]
fn walk(bencher: Bencher<'_, '_>, rows: usize) {
    let (embeddings, queries) = (embeddings(rows, 2), embeddings(100, 3));
    let graph = graph(&embeddings);
    let hnsw = Hnsw::new(&graph, &embeddings);
    let (mut scratch, mut next) = (Scratch::default(), (0..100).cycle());
    let search = Search { k: K, ef_search: 100, among: None };
    bencher.bench_local(|| hnsw.search(queries.row(next.next().unwrap_or(0)), &search, &mut scratch));
}
