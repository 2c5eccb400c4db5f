//! Do the builders make graphs that find what a full scan finds?

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::*;
use crate::embeddings::Embeddings;
use crate::index::{Flat, Index, Subset};

const ROWS: usize = 3_000;
const DIMENSION: usize = 24;
const QUERIES: usize = 100;
const K: usize = 10;

/// The rows that most tests search, and what each builder made of them.
struct World {
    embeddings: Embeddings,
    queries: Embeddings,
    graphs: Vec<Graph>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let all = clustered(ROWS + QUERIES, 7);
        let (rows, queries) = all.as_slice().split_at(ROWS * DIMENSION);
        let embeddings = Embeddings::from_rows(DIMENSION, rows.to_vec()).unwrap();
        let queries = Embeddings::from_rows(DIMENSION, queries.to_vec()).unwrap();
        let graphs = Builder::ALL.map(|builder| graph(&embeddings, builder)).into();
        World { embeddings, queries, graphs }
    })
}

/// Rows around centers that are drawn by chance.
fn clustered(rows: usize, seed: u64) -> Embeddings {
    around_centers(rows, 0.8, seed)
}

fn around_centers(rows: usize, spread: f32, seed: u64) -> Embeddings {
    let mut random = fastrand::Rng::with_seed(seed);
    let centers: Vec<f32> = (0..40 * DIMENSION).map(|_| random.f32() - 0.5).collect();
    let row = |_| {
        let center = random.usize(0..40) * DIMENSION;
        let around = |&value: &f32| value + spread * (random.f32() - 0.5);
        centers[center..center + DIMENSION].iter().map(around).collect::<Vec<f32>>()
    };
    Embeddings::from_rows(DIMENSION, (0..rows).flat_map(row).collect()).unwrap()
}

fn first(all: &Embeddings, rows: usize) -> Embeddings {
    Embeddings::from_rows(all.dimension(), all.as_slice()[..rows * all.dimension()].to_vec()).unwrap()
}

fn equal(rows: usize) -> Embeddings {
    Embeddings::from_rows(3, [1.0, -2.0, 0.5].repeat(rows)).unwrap()
}

fn options() -> HnswOptions {
    HnswOptions { m: 8, ef_construction: 40, ..HnswOptions::default() }
}

fn graph(embeddings: &Embeddings, builder: Builder) -> Graph {
    Graph::build(embeddings, &options(), builder, &mut |_| ()).unwrap()
}

/// Returns ann_recall@k against a full scan among `among`, and codes compared a query; asserts that no other post is
/// answered, none twice, and in order.
fn search(hnsw: &Hnsw<'_>, rows: &Embeddings, queries: &Embeddings, search: &Search<'_>) -> (f64, f64) {
    let (mut scratch, mut flat) = (Scratch::default(), crate::index::FlatScratch::default());
    let (mut found, mut there) = (0, 0);
    for query in (0..queries.len()).map(|row| queries.row(row)) {
        let answer = hnsw.search(query, search, &mut scratch);
        let mut sorted = answer.clone();
        sorted.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.position.cmp(&b.position)));
        sorted.dedup();
        assert_eq!(answer, sorted, "in order, and each once");
        assert!(answer.iter().all(|neighbor| search.among.is_none_or(|among| among.contains(neighbor.position))));
        let truth = Flat::new(rows).nearest_in(query, search.k, search.among, &mut flat);
        there += truth.len();
        found += answer.iter().filter(|neighbor| truth.contains(neighbor)).count();
    }
    (found as f64 / there.max(1) as f64, scratch.comparisons() as f64 / queries.len() as f64)
}

/// Checks what every graph of `embeddings` has to be.
fn check(embeddings: &Embeddings, builder: Builder) {
    let (rows, name) = (embeddings.len(), builder.as_str());
    let build = || Layers::build(embeddings, &options(), builder, &mut |_| ()).unwrap();
    let layers = build();
    assert_eq!(layers, build(), "{name}: the same rows give the same layers");
    assert_eq!(layers.base.len(), rows);
    let over = layers.base.iter().map(|links| links.len().saturating_sub(2 * options().m)).sum::<usize>();
    assert!(over <= rows.div_ceil(100), "{name}: {over} links over the limit of {rows} rows");
    for layer in &layers.upper {
        assert!(layer.links.iter().all(|links| links.len() <= options().m), "{name}: links of an upper layer");
        let there = |link: &u32| layer.nodes.binary_search(link).is_ok();
        assert!(layer.links.iter().flatten().all(there), "{name}: links stay on their layer");
    }
    for (row, links) in (0..).zip(&layers.base) {
        assert!(links.iter().all(|&link| link != row && (link as usize) < rows), "{name}: {row} links to {links:?}");
        assert!((1..links.len()).all(|at| !links[..at].contains(&links[at])), "{name}: {row} links twice");
    }
    assert_eq!(reachable(&layers), rows, "{name}: every node can be reached");
}

fn reachable(layers: &Layers) -> usize {
    let mut open: Vec<u32> = layers.entry().into_iter().collect();
    let mut seen: BTreeSet<u32> = open.iter().copied().collect();
    while let Some(node) = open.pop() {
        open.extend(layers.base[node as usize].iter().filter(|&&link| seen.insert(link)));
    }
    seen.len()
}

#[test]
fn builders_have_names() {
    for builder in Builder::ALL {
        assert_eq!(Builder::named(builder.as_str()), Some(builder));
    }
    assert_eq!(Builder::named("Bulk"), None);
}

#[test]
fn graphs_are_whole_and_repeatable() {
    let rows = clustered(250, 1);
    Builder::ALL.into_iter().for_each(|builder| check(&rows, builder));
}

#[test]
fn threads_change_nothing() {
    let rows = clustered(300, 2);
    let bulk = Bulk { part: 60, ..Bulk::default() };
    let by = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Layers::bulk(&rows, &options(), &bulk, &mut |_| ()).unwrap())
    };
    assert_eq!(by(1), by(2));
}

#[test]
fn few_rows_are_found_exactly() {
    for (builder, rows) in Builder::ALL.into_iter().flat_map(|builder| [0, 1, 2, 3, 40].map(|rows| (builder, rows))) {
        let embeddings = clustered(rows, 3);
        check(&embeddings, builder);
        let graph = graph(&embeddings, builder);
        let hnsw = Hnsw::new(&graph, &embeddings);
        let queries = clustered(3, 4);
        for (k, ef_search) in [(0, 10), (1, 40), (5, 40), (rows + 5, 1), (rows + 5, 200)] {
            let few = Search { k, ef_search, among: None };
            let (recall, _) = search(&hnsw, &embeddings, &queries, &few);
            assert!(recall == 1.0 || rows * k == 0, "{}: {rows} rows, k = {k}: {recall}", builder.as_str());
            let found = hnsw.search(queries.row(0), &few, &mut Scratch::default()).len();
            assert_eq!(found, k.min(rows));
        }
        assert_eq!(hnsw.nearest(queries.row(0), 3), Flat::new(&embeddings).nearest(queries.row(0), 3));
    }
}

#[test]
fn equal_rows_are_all_found() {
    for (builder, rows) in Builder::ALL.into_iter().flat_map(|builder| [30, 150].map(|rows| (builder, rows))) {
        let embeddings = equal(rows);
        let graph = graph(&embeddings, builder);
        let found = Hnsw::new(&graph, &embeddings).nearest(embeddings.row(0), rows);
        let positions: Vec<usize> = found.iter().map(|found| found.position).collect();
        assert_eq!(positions, (0..rows).collect::<Vec<_>>(), "{}", builder.as_str());
    }
}

#[test]
fn options_have_ranges() {
    let rows = clustered(3, 5);
    let usual = options();
    let wrong = [
        (HnswOptions { m: 1, ..usual }, "m is 1; a node has 2 to 255 links"),
        (HnswOptions { m: 256, ..usual }, "m is 256; a node has 2 to 255 links"),
        (HnswOptions { ef_construction: 0, ..usual }, "ef_construction is 0; give at least 1"),
        (HnswOptions { ef_search: 0, ..usual }, "ef_search is 0; give at least 1"),
        (HnswOptions { alpha: 0.9, ..usual }, "alpha is 0.9; give 1 to 2"),
        (HnswOptions { alpha: f32::NAN, ..usual }, "alpha is NaN; give 1 to 2"),
    ];
    for (builder, (options, says)) in Builder::ALL.into_iter().flat_map(|builder| wrong.map(|wrong| (builder, wrong))) {
        assert_eq!(Graph::build(&rows, &options, builder, &mut |_| ()).unwrap_err().to_string(), says);
    }
    for m in [2, 255] {
        let options = HnswOptions { m, ..usual };
        Builder::ALL.into_iter().for_each(|builder| drop(Graph::build(&rows, &options, builder, &mut |_| ()).unwrap()));
    }
}

#[test]
fn progress_ends_at_one() {
    let rows = clustered(50, 6);
    for builder in Builder::ALL {
        let mut told = vec![0.0];
        Graph::build(&rows, &options(), builder, &mut |part| told.push(part)).unwrap();
        assert!(told.is_sorted() && told.last() == Some(&1.0), "{}: {told:?}", builder.as_str());
    }
}

#[test]
fn most_are_found_and_as_many_as_by_hnsw_rs() {
    let World { embeddings, queries, graphs } = world();
    let measured = [20, 60].map(|ef_search| {
        let asked = Search { k: K, ef_search, among: None };
        let measure = |graph: &Graph| search(&Hnsw::new(graph, embeddings), embeddings, queries, &asked);
        graphs.iter().map(measure).collect::<Vec<_>>()
    });
    for (measured, floor) in measured.iter().zip([0.90, 0.97]) {
        let (theirs, their_comparisons) = measured[2];
        for (&(recall, comparisons), builder) in measured.iter().zip(Builder::ALL) {
            let shown = format!("{}: recall {recall}, {comparisons} compared: {measured:?}", builder.as_str());
            assert!(recall >= floor && recall >= theirs - 0.01, "{shown}");
            assert!(comparisons <= 1.1 * their_comparisons, "{shown}");
        }
    }
}

#[test]
fn near_copies_are_told_apart() {
    // Some forty to a cluster, which four bits cannot put in order.
    let all = around_centers(1_600 + 40, 0.1, 12);
    let (rows, queries) = all.as_slice().split_at(1_600 * DIMENSION);
    let embeddings = Embeddings::from_rows(DIMENSION, rows.to_vec()).unwrap();
    let queries = Embeddings::from_rows(DIMENSION, queries.to_vec()).unwrap();
    for builder in Builder::ALL {
        let graph = graph(&embeddings, builder);
        let asked = Search { k: K, ef_search: 80, among: None };
        let (recall, _) = search(&Hnsw::new(&graph, &embeddings), &embeddings, &queries, &asked);
        assert!(recall >= 0.97, "{}: {recall}", builder.as_str());
    }
}

#[test]
fn insertion_can_stop_and_go_on() {
    let rows = clustered(300, 8);
    let mut insertion = Insertion::new(&rows, &options()).unwrap();
    assert!(insertion.is_empty() && insertion.layers() == Layers::default());
    (0..200).for_each(|_| assert!(insertion.insert_next()));
    let some = first(&rows, 200);
    let graph = Graph::freeze(&some, &insertion.layers(), &options()).unwrap();
    let asked = Search { k: K, ef_search: 40, among: None };
    let (recall, _) = search(&Hnsw::new(&graph, &some), &some, &clustered(20, 9), &asked);
    assert!(recall >= 0.95, "{recall}");
    while insertion.insert_next() {}
    assert_eq!(insertion.len(), 300);
    assert_eq!(insertion.layers(), Layers::inserted(&rows, &options(), &mut |_| ()).unwrap());
}

#[test]
fn a_changed_corpus_is_searched_almost_as_well_as_a_fresh_graph() {
    const ALL: usize = 1_000;
    let (embeddings, queries) = (&clustered(ALL, 11), &clustered(60, 11));
    // The graph knows all but the last hundredth; one of a hundred of those that it knows is gone.
    let known = ALL - ALL / 100;
    let is_gone = |position: usize| position % 100 == 37 && position < known;
    let old = first(embeddings, known);
    let there: Vec<usize> = (0..ALL).filter(|&position| !is_gone(position)).collect();
    let values = there.iter().flat_map(|&position| embeddings.row(position)).copied().collect();
    let now = Embeddings::from_rows(DIMENSION, values).unwrap();
    let asked = Search { k: K, ef_search: 40, among: None };
    let fresh_graph = graph(&now, Builder::Bulk);
    let (fresh, _) = search(&Hnsw::new(&fresh_graph, &now), &now, queries, &asked);

    let graph = graph(&old, Builder::Bulk);
    let of_row: Vec<Option<usize>> = (0..known).map(|row| there.binary_search(&row).ok()).collect();
    let tail: Vec<u32> = (now.len() - ALL / 100..now.len()).map(|position| position as u32).collect();
    let changed = Hnsw::with_positions(&graph, &now, Positions::new(&of_row, tail));
    let (recall, _) = search(&changed, &now, queries, &asked);
    assert!(recall >= fresh - 0.005, "{recall}, fresh {fresh}");

    let mut same = Hnsw::new(&graph, embeddings);
    for position in (0..ALL).filter(|&position| is_gone(position)) {
        assert!(same.positions_mut().delete(position) && !same.positions_mut().delete(position));
    }
    assert_eq!(same.positions().changed(), changed.positions().changed());
    let mut scratch = Scratch::default();
    for row in 0..queries.len() {
        let mut found = same.search(queries.row(row), &asked, &mut scratch);
        assert!(found.iter().all(|neighbor| !is_gone(neighbor.position)));
        found.iter_mut().for_each(|found| found.position = there.binary_search(&found.position).unwrap());
        assert_eq!(found, changed.search(queries.row(row), &asked, &mut scratch));
    }
}

#[test]
fn only_asked_for_posts_are_answered() {
    let World { embeddings, queries, graphs } = world();
    for (graph, part) in graphs.iter().flat_map(|graph| [2, 20, 200].map(|part| (graph, part))) {
        let among = Subset::from_fn(ROWS, |position| position.wrapping_mul(0x9e37_79b9) >> 7 & 0xffff < 0xffff / part);
        let asked = Search { k: K, ef_search: 60, among: Some(&among) };
        let (recall, _) = search(&Hnsw::new(graph, embeddings), embeddings, queries, &asked);
        assert!(recall >= 0.98, "one of {part}: {recall}");
    }
    let none = Search { k: K, ef_search: 60, among: Some(&Subset::from_fn(ROWS, |_| false)) };
    let found = Hnsw::new(&graphs[0], embeddings).search(queries.row(0), &none, &mut Scratch::default());
    assert_eq!(found, []);
}

#[test]
fn what_is_gone_is_not_answered_through_a_filter_either() {
    let all = clustered(201, 13);
    let known = first(&all, 200);
    let graph = graph(&known, Builder::Bulk);
    let mut hnsw = Hnsw::new(&graph, &all);
    let few = Subset::from_fn(201, |position| [5, 9, 200].contains(&position));
    let asked = Search { k: K, ef_search: 40, among: Some(&few) };
    let positions = |hnsw: &Hnsw<'_>| -> BTreeSet<usize> {
        let found = hnsw.search(all.row(200), &asked, &mut Scratch::default());
        found.iter().map(|neighbor| neighbor.position).collect()
    };
    assert_eq!(positions(&hnsw), BTreeSet::from([5, 9, 200]));
    assert!(hnsw.positions_mut().delete(200));
    assert_eq!(positions(&hnsw), BTreeSet::from([5, 9]));
    assert!(hnsw.positions_mut().delete(9));
    assert_eq!(positions(&hnsw), BTreeSet::from([5]));
}

#[test]
fn many_are_answered_as_one_is() {
    let World { embeddings, queries, graphs } = world();
    let empty = Embeddings::from_rows(DIMENSION, Vec::new()).unwrap();
    let empty_graph = graph(&empty, Builder::Bulk);
    let known = first(embeddings, 2_900);
    let old = graph(&known, Builder::Bulk);
    let half = Subset::from_fn(ROWS, |position| position % 2 == 0);
    let hnsws = [Hnsw::new(&graphs[0], embeddings), Hnsw::new(&old, embeddings), Hnsw::new(&empty_graph, &empty)];
    let mut scratches = Vec::new();
    for hnsw in &hnsws {
        for (ef_search, among) in [(20, None), (60, Some(&half)), (usize::MAX, None)] {
            let asked = Search { k: K, ef_search, among };
            let many = hnsw.search_many(queries, &asked, &mut scratches);
            let one = |row: usize| hnsw.search(queries.row(row), &asked, &mut Scratch::default());
            assert_eq!(many, (0..queries.len()).map(one).collect::<Vec<_>>());
        }
        assert_eq!(hnsw.search_many(&empty, &Search { k: K, ef_search: 9, among: None }, &mut scratches).len(), 0);
    }
}

#[test]
#[should_panic(expected = "a query of the same dimension")]
fn a_query_of_another_dimension_is_refused() {
    let World { embeddings, graphs, .. } = world();
    Hnsw::new(&graphs[0], embeddings).nearest(&[1.0; DIMENSION - 1], 1);
}

#[test]
fn a_scratch_serves_any_graph() {
    let World { embeddings, queries, graphs } = world();
    let small = clustered(90, 10);
    let small_graph = graph(&small, Builder::Insertion);
    let other = equal(20);
    let other_graph = graph(&other, Builder::Bulk);
    let searches: [(Hnsw<'_>, &Embeddings); 3] = [
        (Hnsw::new(&graphs[0], embeddings), queries),
        (Hnsw::new(&small_graph, &small), queries),
        (Hnsw::new(&other_graph, &other), &other),
    ];
    let asked = Search { k: K, ef_search: 20, among: None };
    let mut scratch = Scratch::default();
    for row in 0..20 {
        for (hnsw, queries) in &searches {
            let fresh = hnsw.search(queries.row(row), &asked, &mut Scratch::default());
            assert_eq!(hnsw.search(queries.row(row), &asked, &mut scratch), fresh);
        }
    }
}
