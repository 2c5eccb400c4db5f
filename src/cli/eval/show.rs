//! How is what was measured shown? Rows for a reader, records for a program.

use std::path::Path;

use serde::Serialize;

use super::files::write_text;
use crate::cli::session::Session;
use crate::eval::Evaluation;
use crate::eval::measures::Measure;
use crate::output::{self, Format, view};

/// Columns with their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Prints records in the format of the settings: JSON and JSON lines from `records`, tables from `grid`.
pub(super) fn show<T: Serialize>(session: &Session<'_>, records: &[T], grid: Grid) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct All<'a, T> {
        schema_version: u32,
        results: &'a [T],
    }
    let text = match session.format() {
        Format::Json => output::json(&All { schema_version: view::SCHEMA_VERSION, results: records })?,
        Format::JsonLines => records.iter().map(output::json_line).collect::<Result<String, _>>()?,
        Format::Table => {
            let rows = std::iter::once(grid.header).chain(grid.rows);
            output::rows(rows, session.console.columns())
        }
        Format::Markdown => markdown(&grid),
    };
    session.console.data(&text)
}

fn markdown(grid: &Grid) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = grid.header.iter().map(|_| "---".to_owned()).collect();
    let rows: String = grid.rows.iter().map(|row| line(row)).collect();
    line(&grid.header) + &line(&rule) + &rows
}

/// Returns the means as they are shown, four decimals each.
pub(super) fn means(evaluation: &Evaluation) -> Vec<String> {
    (0..evaluation.measures.len()).map(|measure| format!("{:.4}", evaluation.mean(measure))).collect()
}

/// Returns the means by the names of their measures, in order.
pub(super) fn means_by_name(evaluation: &Evaluation) -> serde_json::Map<String, serde_json::Value> {
    let mean = |(at, measure): (usize, &Measure)| (measure.to_string(), evaluation.mean(at).into());
    evaluation.measures.iter().enumerate().map(mean).collect()
}

/// One evaluation of a system, for a file of every query's values.
pub(super) struct PerQuery<'a> {
    pub(super) collection: &'a str,
    pub(super) system: &'a str,
    pub(super) evaluation: &'a Evaluation,
}

/// Writes every query's values as CSV: collection, system, query, then a column a measure.
pub(super) fn write_per_query(path: &Path, parts: &[PerQuery<'_>]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if let Some(first) = parts.first() {
        let measures = first.evaluation.measures.iter().map(ToString::to_string);
        let fixed = ["collection", "system", "query"].map(str::to_owned);
        writer.write_record(fixed.into_iter().chain(measures))?;
    }
    for part in parts {
        for query in &part.evaluation.queries {
            let fixed = [part.collection.to_owned(), part.system.to_owned(), query.query.clone()];
            writer.write_record(fixed.into_iter().chain(query.values.iter().map(|value| format!("{value:.6}"))))?;
        }
    }
    write_text(path, &String::from_utf8(writer.into_inner()?)?)
}
