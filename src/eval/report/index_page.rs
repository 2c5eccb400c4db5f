//! The page of `eval index`: how good and how fast is an approximate index beside the exact one?

use maud::html;
use serde::Serialize;

use super::ReportError;
use super::figures::{CurvePoint, CurveSeries, recall_qps_svg};
use super::page::{Cell, figure, page, table};
use super::provenance::duration;

/// What was measured of an index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndexReport {
    /// The index and its fixed parameters, such as `hnsw m=16 ef_construction=200`.
    pub index: String,
    /// From where the vectors come.
    pub source: String,
    /// Vectors in the index.
    pub vectors: usize,
    /// Their length.
    pub dimension: usize,
    /// Neighbors that are looked for.
    pub k: usize,
    /// Queries asked.
    pub queries: usize,
    /// Seconds to build the index.
    pub build_seconds: f64,
    /// Bytes that the graph holds beside the vectors: codes and links.
    pub memory_bytes: u64,
    /// Queries a second of the exact index.
    pub exact_qps: f64,
    /// One a beam, ascending.
    pub points: Vec<IndexPoint>,
    /// The processor and the instruction sets in use.
    pub cpu: String,
}

/// How the index does with one beam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IndexPoint {
    /// The beam while searching.
    pub ef_search: usize,
    /// ann_recall@k, 0 to 1.
    pub recall: f64,
    /// Queries a second.
    pub qps: f64,
    /// Median milliseconds a query.
    pub p50_ms: f64,
    /// The milliseconds that 95 of 100 queries stay below.
    pub p95_ms: f64,
}

/// Writes the page: what was measured, the curve, and its points as a table.
///
/// # Errors
/// The plot cannot be drawn.
pub fn index_page(report: &IndexReport) -> Result<String, ReportError> {
    let recall = format!("ann_recall@{}", report.k);
    let curve = |point: &IndexPoint| CurvePoint {
        label: format!("ef {}", point.ef_search),
        recall: point.recall,
        qps: point.qps,
    };
    let exact = CurvePoint { label: String::new(), recall: 1.0, qps: report.exact_qps };
    let series = [
        CurveSeries { name: report.index.clone(), points: report.points.iter().map(curve).collect() },
        CurveSeries { name: "exact".to_owned(), points: vec![exact] },
    ];
    let svg = recall_qps_svg("curve", &recall, &series)?;
    let title = format!("{} against exact search", report.index);
    let body = html! {
        header { h1 { (title) } p.soft { (verdict(report)) } }
        main {
            section {
                h2 { "What was measured" }
                (table("Setting", &["".to_owned(), "value".to_owned()], &setting(report)))
            }
            section {
                h2 { "Recall and speed" }
                div.wide { (figure(&format!("{recall} against queries a second: the better, the further up and right"), svg)) }
                (table("By beam", &["ef_search".to_owned(), recall.clone(), "queries/s".to_owned(), "to exact".to_owned(),
                    "median".to_owned(), "95 of 100 below".to_owned()], &points(report)))
            }
            section {
                h2 { "How to read it" }
                ul {
                    li { (recall) " is the share of the " (report.k) " truly nearest vectors that the index finds, as the mean over " (report.queries) " queries that are not in the index." }
                    li { "A larger beam (ef_search) finds more and takes longer. The exact index finds all; it is the one to use while it is fast enough." }
                    li { "Rates are those of this machine and its load." }
                }
            }
        }
    };
    Ok(page(&title, &body))
}

/// The recall that most call good enough.
const GOOD_RECALL: f64 = 0.99;

fn verdict(report: &IndexReport) -> String {
    let good = report.points.iter().find(|point| point.recall >= GOOD_RECALL);
    match (good, report.points.iter().max_by(|a, b| a.recall.total_cmp(&b.recall))) {
        (Some(good), _) => format!(
            "With ef_search = {} it finds {:.1} % of the true neighbors at {:.1} times the speed of exact search.",
            good.ef_search,
            good.recall * 100.0,
            good.qps / report.exact_qps
        ),
        (None, Some(best)) => format!(
            "No beam finds {:.0} % of the true neighbors; the best, ef_search = {}, finds {:.1} %.",
            GOOD_RECALL * 100.0,
            best.ef_search,
            best.recall * 100.0
        ),
        (None, None) => "No beam was measured.".to_owned(),
    }
}

fn setting(report: &IndexReport) -> Vec<(String, Vec<Cell>)> {
    let row = |name: &str, value: String| (name.to_owned(), vec![Cell::new(value, "code")]);
    vec![
        row("index", report.index.clone()),
        row("vectors", format!("{} \u{d7} {}, {}", report.vectors, report.dimension, report.source)),
        row("queries", report.queries.to_string()),
        row("build time", duration(report.build_seconds * 1000.0)),
        row("memory", format!("{:.1} MiB", report.memory_bytes as f64 / f64::from(1 << 20))),
        row("exact search", format!("{:.0} queries a second", report.exact_qps)),
        row("processor", report.cpu.clone()),
        row("version", concat!("nextread ", env!("CARGO_PKG_VERSION")).to_owned()),
    ]
}

fn points(report: &IndexReport) -> Vec<(String, Vec<Cell>)> {
    let row = |point: &IndexPoint| {
        let cells = vec![
            Cell::new(format!("{:.4}", point.recall), ""),
            Cell::new(format!("{:.0}", point.qps), ""),
            Cell::new(format!("\u{d7} {:.1}", point.qps / report.exact_qps), ""),
            Cell::new(duration(point.p50_ms), ""),
            Cell::new(duration(point.p95_ms), ""),
        ];
        (point.ef_search.to_string(), cells)
    };
    report.points.iter().map(row).collect()
}
