//! `eval index`: what does the graph cost, and what does it find, beside the exact scan?

use std::time::Instant;

use serde::Serialize;

use super::args::IndexArgs;
use super::files::write_text;
use super::index_points::{EXACT, HNSW, Point, Searching, points};
use super::index_variants::{among_points, changed_points, rows_at};
use super::search::cpu;
use super::show::{Grid, show};
use super::vectors::{Vectors, npy, vectors};
use crate::cli::console::Unit;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::embeddings::Embeddings;
use crate::eval::report::{IndexPoint, IndexReport, index_page};
use crate::index::{Graph, Hnsw, HnswOptions, all_nearest};
use crate::similarity::{Bits, Codes, Kernels};

/// The recall at which a graph counts as nearly exact.
const RECALL_WANTED: f64 = 0.99;

/// What was measured.
#[derive(Debug, Serialize)]
struct Measured {
    source: String,
    vectors: usize,
    dimension: usize,
    queries: usize,
    k: usize,
    builder: &'static str,
    m: usize,
    ef_construction: usize,
    alpha: f32,
    seed: u64,
    /// Of building, of all pairs and of batches; every other search is by one.
    threads: usize,
    build_seconds: f64,
    /// Of the graph beside the vectors: codes and links.
    memory_bytes: usize,
    bytes_per_vector: f64,
    /// Seconds to find the exact `k` neighbors of every vector, where that was asked for.
    all_pairs_seconds: Option<f64>,
    cpu: String,
    /// The instruction set of the kernels.
    isa: &'static str,
    points: Vec<Point>,
}

pub(super) fn run(session: &mut Session<'_>, args: &IndexArgs) -> anyhow::Result<()> {
    let beams = beams(session, args)?;
    let Vectors { source, embeddings } = vectors(session, args)?;
    let (indexed, queries) = queries(session, embeddings, args)?;
    let options = options(args);
    options.check().map_err(|fault| Usage::new(fault.to_string()))?;
    let (vectors, dimension, k) = (indexed.len(), indexed.dimension(), usize::from(args.k));
    say_what(session, &source, &indexed, &queries, args);
    let codes = Codes::new(indexed.as_slice(), dimension, Bits::Eight);
    let all_pairs_seconds = args.all_pairs.then(|| all_pairs(session, &indexed, &codes, k));
    let start = Instant::now();
    let graph = session.console.with_bar("building the graph", Unit::Vectors, |progress| {
        let mut done = |share: f64| progress((share * vectors as f64) as usize, vectors);
        Graph::build(&indexed, &options, args.builder, &mut done)
    })?;
    let build_seconds = start.elapsed().as_secs_f64();
    let hnsw = Hnsw::new(&graph, &indexed);
    let searching = Searching { indexed: &indexed, codes: &codes, hnsw: &hnsw, queries: &queries, k };
    let memory_bytes = graph.stats().bytes;
    let mut points = points(session, &searching, &beams);
    points.extend(among_points(session, &searching, &args.among, &beams, args.seed));
    if let Some(share) = args.changed {
        let build = |embeddings: &Embeddings| Graph::build(embeddings, &options, args.builder, &mut |_| ());
        points.extend(changed_points(session, &searching, share, &beams, args.seed, &build)?);
    }
    let measured = Measured {
        source,
        vectors,
        dimension,
        queries: queries.len(),
        k,
        builder: args.builder.as_str(),
        m: options.m,
        ef_construction: options.ef_construction,
        alpha: options.alpha,
        seed: args.seed,
        threads: rayon::current_num_threads(),
        build_seconds,
        memory_bytes,
        bytes_per_vector: memory_bytes as f64 / vectors as f64,
        all_pairs_seconds,
        cpu: cpu(),
        isa: Kernels::best().isa().as_str(),
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

fn options(args: &IndexArgs) -> HnswOptions {
    HnswOptions {
        m: usize::from(args.m),
        ef_construction: usize::from(args.ef_construction),
        alpha: args.alpha,
        seed: args.seed,
        ..HnswOptions::default()
    }
}

fn say_what(session: &Session<'_>, source: &str, indexed: &Embeddings, queries: &Embeddings, args: &IndexArgs) {
    let (vectors, dimension, count) = (indexed.len(), indexed.dimension(), queries.len());
    let asked = match &args.query_vectors {
        Some(path) => format!("{} of {}", many(count, "query"), path.display()),
        None => format!("{} kept out as queries", many(count, "vector")),
    };
    let numbers = format!("{vectors} vectors of {dimension} numbers in the index");
    session.console.note(&format!("{source}: {numbers}, {asked}; one thread searches but for batches"));
}

/// Finds the exact neighbors of every vector and returns the seconds that it took.
fn all_pairs(session: &Session<'_>, indexed: &Embeddings, codes: &Codes, k: usize) -> f64 {
    let bar = session.console.bar(0, Unit::Blocks);
    bar.set_message("comparing all pairs");
    let start = Instant::now();
    let progress = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    drop(all_nearest(indexed, codes, k, &progress));
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();
    seconds
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

/// Returns what is indexed and what is asked: all and the given queries, or the vectors but for some of their own.
fn queries(session: &Session<'_>, all: Embeddings, args: &IndexArgs) -> anyhow::Result<(Embeddings, Embeddings)> {
    let Some(path) = &args.query_vectors else { return split(session, &all, args) };
    let (queries, name) = (npy(path)?, path.display());
    let (asked, indexed) = (queries.dimension(), all.dimension());
    if asked != indexed {
        return Err(Usage::new(format!("{name}: vectors of {asked} numbers, and the index has {indexed}")).into());
    }
    if queries.is_empty() || all.is_empty() {
        return Err(Usage::new("there is nothing to measure; give at least one vector and one query").into());
    }
    Ok((all, queries))
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
    Ok((rows_at(all, indexed.iter().copied())?, rows_at(all, queries.iter().copied())?))
}

fn say(session: &Session<'_>, measured: &Measured) {
    let (megabytes, threads) = (measured.memory_bytes as f64 / 1e6, many(measured.threads, "thread"));
    let (seconds, k) = (measured.build_seconds, measured.k);
    session.console.note(&format!(
        "the graph was built in {seconds:.1} s ({threads}) and takes {megabytes:.1} MB beside the vectors"
    ));
    if let Some(seconds) = measured.all_pairs_seconds {
        let vectors = many(measured.vectors, "vector");
        session.console.note(&format!("the exact neighbors of {vectors} were found in {seconds:.1} s ({threads})"));
    }
    let exact = exact_qps(measured);
    let mut graph = whole(measured);
    let Some(good) = graph.find(|point| point.ann_recall >= RECALL_WANTED) else {
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

/// Returns how the graph does where all vectors may be answered.
fn whole(measured: &Measured) -> impl Iterator<Item = &Point> {
    measured.points.iter().filter(|point| point.index == HNSW && point.among.is_none())
}

fn exact_qps(measured: &Measured) -> f64 {
    measured.points.iter().find(|point| point.index == EXACT).map_or(0.0, |exact| exact.qps)
}

fn grid(measured: &Measured) -> Grid {
    let recall = format!("ann_recall@{}", measured.k);
    let width = recall.len();
    let row = |point: &Point| {
        let beam = point.ef_search.map_or_else(String::new, |beam| beam.to_string());
        let batch = point.batch_qps.map_or_else(|| "-".to_owned(), |qps| format!("{qps:.0}"));
        vec![
            match point.among {
                Some(share) => format!("{} {}%", point.index, 100.0 * share),
                None => point.index.trim_start_matches("hnsw_").to_owned(),
            },
            format!("{beam:>9}"),
            format!("{:>width$.4}", point.ann_recall),
            format!("{:.4}", point.ann_recall_min),
            format!("{:>7.0}", point.qps),
            format!("{batch:>7}"),
            format!("{:>6.3}", point.p50_ms),
            format!("{:>6.3}", point.p95_ms),
        ]
    };
    let header = ["index", "ef_search", &recall, "   min", "    QPS", "  batch", "p50 ms", "p95 ms"];
    Grid { header: header.map(str::to_owned).to_vec(), rows: measured.points.iter().map(row).collect() }
}

fn report(measured: &Measured) -> IndexReport {
    let point = |point: &Point| {
        let Point { ann_recall: recall, qps, p50_ms, p95_ms, .. } = *point;
        point.ef_search.map(|ef_search| IndexPoint { ef_search, recall, qps, p50_ms, p95_ms })
    };
    IndexReport {
        index: format!("hnsw:alpha={},builder={},m={}", measured.alpha, measured.builder, measured.m),
        source: measured.source.clone(),
        vectors: measured.vectors,
        dimension: measured.dimension,
        k: measured.k,
        queries: measured.queries,
        build_seconds: measured.build_seconds,
        memory_bytes: measured.memory_bytes as u64,
        exact_qps: exact_qps(measured),
        points: whole(measured).filter_map(point).collect(),
        cpu: measured.cpu.clone(),
    }
}
