//! How is what was measured shown? Rows for a reader, records for a program.

use std::path::Path;

use serde::Serialize;

use super::files::write_answer;
use crate::cli::console::Console;
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

impl Grid {
    /// Returns grids that are no wider than `columns`, each with the columns of names and some of those of numbers, so
    /// that no number is broken. Names alone may still be wider.
    fn fitting(&self, columns: usize) -> Vec<Grid> {
        let is_name = |at: &usize| self.rows.iter().any(|row| row[*at].parse::<f64>().is_err() && row[*at] != "-");
        let names: Vec<usize> = (0..self.header.len()).take_while(is_name).collect();
        let width = |at: usize| {
            let cells = std::iter::once(&self.header).chain(&self.rows);
            2 + cells.map(|row| row[at].chars().count()).max().unwrap_or_default()
        };
        // Names may wrap, as long as they leave room for two numbers.
        let room = columns.saturating_sub(names.iter().map(|&at| width(at)).sum()).max(columns / 3);
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        let mut used = 0;
        for at in names.len()..self.header.len() {
            if used > 0 && used + width(at) > room {
                parts.push(Vec::new());
                used = 0;
            }
            used += width(at);
            if let Some(part) = parts.last_mut() {
                part.push(at);
            }
        }
        let pick = |row: &Vec<String>, part: &[usize]| names.iter().chain(part).map(|&at| row[at].clone()).collect();
        let grid = |part: &Vec<usize>| Grid {
            header: pick(&self.header, part),
            rows: self.rows.iter().map(|row| pick(row, part)).collect(),
        };
        parts.iter().map(grid).collect()
    }
}

/// Prints what `verb` measured in the format of the settings: JSON and JSON lines from `records`, tables from `grids`.
pub(super) fn show<T: Serialize>(
    session: &Session<'_>,
    verb: &str,
    records: &[T],
    grids: &[Grid],
) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct All<'a, T> {
        schema_version: u32,
        verb: &'a str,
        results: &'a [T],
    }
    let text = match session.format() {
        Format::Json => output::json(&All { schema_version: view::SCHEMA_VERSION, verb, results: records })?,
        Format::JsonLines => records.iter().map(output::json_line).collect::<Result<String, _>>()?,
        Format::Table => {
            let columns = session.console.columns();
            let table = |grid: Grid| output::rows(std::iter::once(grid.header).chain(grid.rows), columns);
            let fitting = grids.iter().flat_map(|grid| grid.fitting(usize::from(columns)));
            fitting.map(table).collect::<Vec<_>>().join("\n")
        }
        Format::Markdown => grids.iter().map(markdown).collect::<Vec<_>>().join("\n"),
    };
    session.console.data(&text)
}

/// Writes a Markdown table, all columns but the first to the right.
fn markdown(grid: &Grid) -> String {
    let escaped = |cell: &String| cell.replace('|', "\\|").replace('_', "\\_").replace('\n', " ");
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(escaped).collect::<Vec<_>>().join(" | "));
    let rule = format!("|---|{}\n", "---:|".repeat(grid.header.len().saturating_sub(1)));
    let rows: String = grid.rows.iter().map(|row| line(row)).collect();
    line(&grid.header) + &rule + &rows
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
    /// The collection, or the file of judgments.
    pub(super) collection: &'a str,
    pub(super) system: &'a str,
    pub(super) evaluation: &'a Evaluation,
}

/// Writes every query's values as CSV: collection, system, query, then a column a measure.
pub(super) fn write_per_query(console: &Console, path: &Path, parts: &[PerQuery<'_>]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if let Some(first) = parts.first() {
        let measures = first.evaluation.measures.iter().map(ToString::to_string);
        let fixed = ["collection", "system", "query"].map(str::to_owned);
        writer.write_record(fixed.into_iter().chain(measures))?;
    }
    for part in parts {
        for query in &part.evaluation.queries {
            let fixed = [part.collection.to_owned(), part.system.to_owned(), query.query.clone()];
            writer.write_record(fixed.into_iter().chain(query.values.iter().map(ToString::to_string)))?;
        }
    }
    write_answer(console, path, &String::from_utf8(writer.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(names: usize, numbers: usize) -> Grid {
        let cells = |name: &str, number: &str| {
            let names = std::iter::repeat_n(name.to_owned(), names);
            names.chain(std::iter::repeat_n(number.to_owned(), numbers)).collect()
        };
        Grid { header: cells("name", "nDCG@10"), rows: vec![cells("collection", "0.1234")] }
    }

    #[test]
    fn numbers_that_do_not_fit_go_below_with_the_names_again() {
        let widths = |grid: &Grid, columns: usize| -> Vec<usize> {
            grid.fitting(columns).iter().map(|part| part.header.len()).collect()
        };
        assert_eq!(widths(&grid(1, 4), 80), [5]);
        assert_eq!(widths(&grid(2, 8), 80), [8, 4]);
        assert_eq!(widths(&grid(1, 0), 80), [1]);
        assert_eq!(widths(&grid(9, 3), 80), [11, 10]);
    }
}
