//! How well and how fast does each way of searching do?

use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::index_variants::rows_at;
use super::search::{milliseconds, quantile};
use crate::cli::console::Unit;
use crate::cli::session::Session;
use crate::embeddings::Embeddings;
use crate::index::{Flat, FlatScratch, Hnsw, Neighbor, Scratch, Search, Subset, ann_recall};
use crate::similarity::Codes;

/// Queries that are asked before the time is taken, so that caches are filled.
const WARM_UP: usize = 20;

/// The index that compares floats.
pub(super) const EXACT_F32: &str = "exact_f32";
/// The index that compares codes first; its answers are the same.
pub(super) const EXACT: &str = "exact";
/// The graph.
pub(super) const HNSW: &str = "hnsw";

/// How one way of searching does; the exact ones come first.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Point {
    pub(super) index: &'static str,
    /// The share of the vectors that may be answered, where that is not all.
    pub(super) among: Option<f64>,
    pub(super) ef_search: Option<usize>,
    /// Mean over the queries, 0 to 1.
    pub(super) ann_recall: f64,
    pub(super) ann_recall_min: f64,
    /// Of one thread, one query after the other.
    pub(super) qps: f64,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    /// Vectors or codes that a query is compared with, in the mean; of the graph those that it walks by.
    pub(super) comparisons: f64,
    /// Of all threads, which have all queries at once; for the graph only.
    pub(super) batch_qps: Option<f64>,
}

/// What is searched, and for what.
pub(super) struct Searching<'a> {
    pub(super) indexed: &'a Embeddings,
    pub(super) codes: &'a Codes,
    pub(super) hnsw: &'a Hnsw<'a>,
    pub(super) queries: &'a Embeddings,
    pub(super) k: usize,
}

/// The answers to all queries, and the time of each.
struct Answers {
    found: Vec<Vec<Neighbor>>,
    milliseconds: Vec<f64>,
}

/// Searches exactly, by floats and by codes, and with each beam.
pub(super) fn points(session: &Session<'_>, searching: &Searching<'_>, beams: &[usize]) -> Vec<Point> {
    let rows = searching.indexed.len() as f64;
    let all = searching.queries.len() * (beams.len() + 2);
    with_steps(session, "searching", all, |step| {
        let floats = searching.exact(&Flat::new(searching.indexed), None, step);
        let codes = searching.exact(&searching.flat(), None, step);
        let exact = &floats.found;
        let recalls = searching.recalls(&codes.found, exact);
        let mut points = vec![
            Point { comparisons: rows, ..point(EXACT_F32, &vec![1.0; exact.len()], floats.milliseconds) },
            Point { comparisons: rows, ..point(EXACT, &recalls, codes.milliseconds) },
        ];
        points.extend(beams.iter().map(|&beam| searching.walk(beam, None, exact, step)));
        points
    })
}

/// Shows how many of `all` queries are done while `work` calls its argument after each.
pub(super) fn with_steps<T>(
    session: &Session<'_>,
    title: &str,
    all: usize,
    work: impl FnOnce(&mut dyn FnMut()) -> T,
) -> T {
    session.console.with_bar(title, Unit::Queries, |progress| {
        let mut done = 0;
        work(&mut || {
            done += 1;
            progress(done, all);
        })
    })
}

impl Searching<'_> {
    /// Searches with each beam, measured against what is nearest among `truth`; only `among` may be answered.
    pub(super) fn walks(
        &self,
        beams: &[usize],
        among: Option<&Subset>,
        truth: &Subset,
        step: &mut dyn FnMut(),
    ) -> Vec<Point> {
        let exact = self.exact(&self.flat(), Some(truth), step).found;
        beams.iter().map(|&beam| self.walk(beam, among, &exact, step)).collect()
    }

    fn flat(&self) -> Flat<'_> {
        Flat::with_codes(self.indexed, self.codes)
    }

    fn exact(&self, flat: &Flat<'_>, among: Option<&Subset>, step: &mut dyn FnMut()) -> Answers {
        let mut scratch = FlatScratch::default();
        let mut search = |query: &[f32]| flat.nearest_in(query, self.k, among, &mut scratch);
        self.warm_up(&mut search);
        self.timed(&mut search, step)
    }

    fn walk(&self, beam: usize, among: Option<&Subset>, exact: &[Vec<Neighbor>], step: &mut dyn FnMut()) -> Point {
        let search = Search { k: self.k, ef_search: beam, among };
        let mut scratch = Scratch::default();
        self.warm_up(&mut |query| self.hnsw.search(query, &search, &mut scratch));
        let before = scratch.comparisons();
        let answers = self.timed(&mut |query| self.hnsw.search(query, &search, &mut scratch), step);
        let comparisons = (scratch.comparisons() - before) as f64 / self.queries.len() as f64;
        let batch_qps = self.batch(&search, &answers.found);
        let recalls = self.recalls(&answers.found, exact);
        let point = point(HNSW, &recalls, answers.milliseconds);
        Point { ef_search: Some(beam), comparisons, batch_qps: Some(batch_qps), ..point }
    }

    /// Asks all queries at once, a part of them on each thread, and returns how many are answered a second.
    fn batch(&self, search: &Search<'_>, expected: &[Vec<Neighbor>]) -> f64 {
        let rows: Vec<usize> = (0..self.queries.len()).collect();
        let parts: Vec<Embeddings> = rows
            .chunks(rows.len().div_ceil(rayon::current_num_threads()).max(1))
            .filter_map(|rows| rows_at(self.queries, rows.iter().copied()).ok())
            .collect();
        let mut scratches: Vec<Vec<Scratch>> = parts.iter().map(|_| Vec::new()).collect();
        let mut ask = || -> Vec<Vec<Vec<Neighbor>>> {
            let each = parts.par_iter().zip(&mut scratches);
            each.map(|(part, scratches)| self.hnsw.search_many(part, search, scratches)).collect()
        };
        ask();
        let start = Instant::now();
        let found = ask();
        let qps = 1e3 * self.queries.len() as f64 / milliseconds(start).max(1e-6);
        assert!(found.iter().flatten().eq(expected), "a batch is answered as its queries are");
        qps
    }

    fn warm_up(&self, search: &mut dyn FnMut(&[f32]) -> Vec<Neighbor>) {
        (0..self.queries.len().min(WARM_UP)).for_each(|row| drop(search(self.queries.row(row))));
    }

    fn timed(&self, search: &mut dyn FnMut(&[f32]) -> Vec<Neighbor>, step: &mut dyn FnMut()) -> Answers {
        let one = |row: usize| {
            let start = Instant::now();
            let found = search(self.queries.row(row));
            let milliseconds = milliseconds(start);
            step();
            (found, milliseconds)
        };
        let (found, milliseconds) = (0..self.queries.len()).map(one).unzip();
        Answers { found, milliseconds }
    }

    fn recalls(&self, found: &[Vec<Neighbor>], exact: &[Vec<Neighbor>]) -> Vec<f64> {
        found.iter().zip(exact).map(|(found, exact)| ann_recall(found, exact, self.k)).collect()
    }
}

fn point(index: &'static str, recalls: &[f64], mut milliseconds: Vec<f64>) -> Point {
    milliseconds.sort_unstable_by(f64::total_cmp);
    let count = milliseconds.len();
    Point {
        index,
        among: None,
        ef_search: None,
        ann_recall: recalls.iter().sum::<f64>() / count as f64,
        ann_recall_min: recalls.iter().copied().fold(1.0, f64::min),
        qps: 1e3 * count as f64 / milliseconds.iter().sum::<f64>().max(1e-6),
        p50_ms: quantile(&milliseconds, 0.5),
        p95_ms: quantile(&milliseconds, 0.95),
        comparisons: 0.0,
        batch_qps: None,
    }
}
