//! `eval index`: what does the graph cost, and what does it find, beside the exact scan?

use std::cell::RefCell;
use std::time::Instant;

use serde::Serialize;

use super::args::IndexArgs;
use super::files::write_text;
use super::search::{cpu, milliseconds, quantile};
use super::show::{Grid, show};
use super::vectors::{Vectors, vectors};
use crate::cli::console::Unit;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::embeddings::Embeddings;
use crate::eval::ann_recall;
use crate::eval::report::{IndexPoint, IndexReport, index_page};
use crate::index::{Builder, Flat, Graph, Hnsw, HnswOptions, Index, Neighbor, Scratch, Search};

/// The recall at which a graph counts as nearly exact.
const RECALL_WANTED: f64 = 0.99;
/// Queries that are asked before the time is taken, so that caches are filled.
const WARM_UP: usize = 20;

/// What was measured.
#[derive(Debug, Serialize)]
struct Measured {
    source: String,
    vectors: usize,
    dimension: usize,
    queries: usize,
    k: usize,
    m: usize,
    ef_construction: usize,
    seed: u64,
    /// Of building and searching alike.
    threads: usize,
    build_seconds: f64,
    /// Of the graph: codes and links.
    memory_bytes: usize,
    cpu: String,
    points: Vec<Point>,
}

/// How one way of searching does; the exact one comes first.
#[derive(Debug, Clone, Serialize)]
struct Point {
    index: &'static str,
    ef_search: Option<usize>,
    /// Mean over the queries, 0 to 1.
    ann_recall: f64,
    ann_recall_min: f64,
    qps: f64,
    p50_ms: f64,
    p95_ms: f64,
}

pub(super) fn run(session: &mut Session<'_>, args: &IndexArgs) -> anyhow::Result<()> {
    let beams = beams(session, args)?;
    let Vectors { source, embeddings } = vectors(session, args)?;
    let (indexed, queries) = split(session, &embeddings, args)?;
    drop(embeddings);
    let (vectors, dimension, k) = (indexed.len(), indexed.dimension(), usize::from(args.k));
    let kept_out = format!("{} kept out as queries", many(queries.len(), "vector"));
    session
        .console
        .note(&format!("{source}: {vectors} vectors of {dimension} numbers in the index, {kept_out}; one thread"));
    let m = usize::from(args.m);
    let ef_construction = usize::from(args.ef_construction);
    let options = HnswOptions { m, ef_construction, seed: args.seed, ..HnswOptions::default() };
    let start = Instant::now();
    let graph = session.console.with_bar("building the graph", Unit::Vectors, |progress| {
        let mut done = |share: f64| progress((share * vectors as f64) as usize, vectors);
        Graph::build(&indexed, &options, Builder::Bulk, &mut done)
    })?;
    let build_seconds = start.elapsed().as_secs_f64();
    let hnsw = Hnsw::new(&graph, &indexed);
    let points = points(session, &Searching { indexed: &indexed, hnsw: &hnsw, queries: &queries, k }, &beams);
    let measured = Measured {
        source,
        vectors,
        dimension,
        queries: queries.len(),
        k,
        m,
        ef_construction: options.ef_construction,
        seed: args.seed,
        threads: 1,
        build_seconds,
        memory_bytes: graph.stats().bytes,
        cpu: cpu(),
        points,
    };
    say(session, &measured);
    if let Some(path) = &args.html {
        write_text(path, &index_page(&report(&measured))?)?;
        session.console.note(&format!("{}: written", path.display()));
    }
    let grid = grid(&measured);
    show(session, "eval index", &[measured], &[grid])
}

/// Returns the beams to try, ascending, each once.
fn beams(session: &Session<'_>, args: &IndexArgs) -> anyhow::Result<Vec<usize>> {
    let mut beams: Vec<usize> = args.ef_search.iter().map(|&beam| usize::from(beam)).collect();
    beams.sort_unstable();
    beams.dedup();
    if beams.first() == Some(&0) {
        return Err(Usage::new("--ef-search 0 sees nothing; give at least 1").into());
    }
    if beams.iter().any(|&beam| beam < usize::from(args.k)) {
        session.console.note(&format!("an --ef-search below -k counts as {}", args.k));
    }
    Ok(beams)
}

/// Takes queries out of the vectors by a seeded shuffle; at most half of them, which is told.
fn split(session: &Session<'_>, all: &Embeddings, args: &IndexArgs) -> anyhow::Result<(Embeddings, Embeddings)> {
    let most = all.len() / 2;
    if most == 0 {
        return Err(Usage::new(format!("{} is too few to measure; give at least 2", many(all.len(), "vector"))).into());
    }
    let wanted = args.queries as usize;
    if wanted > most {
        session.console.note(&format!("--queries {wanted} is more than half of {}; {most} are used", all.len()));
    }
    let mut positions: Vec<usize> = (0..all.len()).collect();
    fastrand::Rng::with_seed(args.seed).shuffle(&mut positions);
    let (queries, indexed) = positions.split_at_mut(wanted.min(most));
    indexed.sort_unstable();
    let copy = |positions: &[usize]| {
        let values = positions.iter().flat_map(|&position| all.row(position)).copied().collect();
        Embeddings::from_rows(all.dimension(), values)
    };
    Ok((copy(indexed)?, copy(queries)?))
}

struct Searching<'a> {
    indexed: &'a Embeddings,
    hnsw: &'a Hnsw<'a>,
    queries: &'a Embeddings,
    k: usize,
}

fn points(session: &Session<'_>, searching: &Searching<'_>, beams: &[usize]) -> Vec<Point> {
    let (flat, k, queries) = (Flat::new(searching.indexed), searching.k, searching.queries);
    let all = queries.len() * (beams.len() + 1);
    session.console.with_bar("searching", Unit::Queries, |progress| {
        let mut done = 0;
        let mut timed = |search: &dyn Fn(&[f32]) -> Vec<Neighbor>| {
            (0..queries.len().min(WARM_UP)).for_each(|row| drop(search(queries.row(row))));
            let one = |row: usize| {
                let start = Instant::now();
                let found = search(queries.row(row));
                let milliseconds = milliseconds(start);
                done += 1;
                progress(done, all);
                (found, milliseconds)
            };
            let answers: (Vec<Vec<Neighbor>>, Vec<f64>) = (0..queries.len()).map(one).unzip();
            answers
        };
        let (exact, milliseconds) = timed(&|query| flat.nearest(query, k));
        let mut points = vec![point(None, &vec![1.0; exact.len()], milliseconds)];
        for &beam in beams {
            let search = Search { k, ef_search: beam, among: None };
            let scratch = RefCell::new(Scratch::default());
            let (found, milliseconds) =
                timed(&|query| searching.hnsw.search(query, &search, &mut scratch.borrow_mut()));
            let recalls: Vec<f64> =
                found.iter().zip(&exact).map(|(found, exact)| ann_recall(found, exact, k)).collect();
            points.push(point(Some(beam), &recalls, milliseconds));
        }
        points
    })
}

fn point(ef_search: Option<usize>, recalls: &[f64], mut milliseconds: Vec<f64>) -> Point {
    milliseconds.sort_unstable_by(f64::total_cmp);
    let count = milliseconds.len();
    Point {
        index: if ef_search.is_some() { "hnsw" } else { "exact" },
        ef_search,
        ann_recall: recalls.iter().sum::<f64>() / count as f64,
        ann_recall_min: recalls.iter().copied().fold(1.0, f64::min),
        qps: 1e3 * count as f64 / milliseconds.iter().sum::<f64>().max(1e-6),
        p50_ms: quantile(&milliseconds, 0.5),
        p95_ms: quantile(&milliseconds, 0.95),
    }
}

fn say(session: &Session<'_>, measured: &Measured) {
    let megabytes = measured.memory_bytes as f64 / 1e6;
    let (seconds, k) = (measured.build_seconds, measured.k);
    session
        .console
        .note(&format!("the graph was built in {seconds:.1} s and takes {megabytes:.1} MB beside the vectors"));
    let (exact, graph) = measured.points.split_at(1);
    let exact = exact[0].qps;
    let Some(good) = graph.iter().find(|point| point.ann_recall >= RECALL_WANTED) else {
        let remedy = "try a larger --ef-search, --m or --ef-construction";
        session.console.note(&format!("ann_recall@{k} stays below {RECALL_WANTED} with these beams; {remedy}"));
        return;
    };
    let beam = good.ef_search.unwrap_or_default();
    let speed = if good.qps > exact {
        format!("{:.1} times as fast as exact search", good.qps / exact)
    } else {
        format!("slower than exact search, which is {:.1} times as fast here", exact / good.qps)
    };
    session.console.note(&format!("ann_recall@{k} reaches {RECALL_WANTED} at ef_search {beam}: {speed}"));
}

fn grid(measured: &Measured) -> Grid {
    let recall = format!("ann_recall@{}", measured.k);
    let width = recall.len();
    let row = |point: &Point| {
        let beam = point.ef_search.map_or_else(String::new, |beam| beam.to_string());
        vec![
            point.index.to_owned(),
            format!("{beam:>9}"),
            format!("{:>width$.4}", point.ann_recall),
            format!("{:>7.4}", point.ann_recall_min),
            format!("{:>9.0}", point.qps),
            format!("{:>8.3}", point.p50_ms),
            format!("{:>8.3}", point.p95_ms),
        ]
    };
    let header = ["index", "ef_search", &recall, "    min", "      QPS", "  p50 ms", "  p95 ms"];
    Grid { header: header.map(str::to_owned).to_vec(), rows: measured.points.iter().map(row).collect() }
}

fn report(measured: &Measured) -> IndexReport {
    let point = |point: &Point| {
        let Point { ann_recall: recall, qps, p50_ms, p95_ms, .. } = *point;
        point.ef_search.map(|ef_search| IndexPoint { ef_search, recall, qps, p50_ms, p95_ms })
    };
    IndexReport {
        index: format!("hnsw:ef_construction={},m={}", measured.ef_construction, measured.m),
        source: measured.source.clone(),
        vectors: measured.vectors,
        dimension: measured.dimension,
        k: measured.k,
        queries: measured.queries,
        build_seconds: measured.build_seconds,
        memory_bytes: measured.memory_bytes as u64,
        exact_qps: measured.points.first().map_or(0.0, |exact| exact.qps),
        points: measured.points.iter().filter_map(point).collect(),
        cpu: measured.cpu.clone(),
    }
}
