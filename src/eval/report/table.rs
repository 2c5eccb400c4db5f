//! As rows for a terminal: one block a collection, each narrow enough for 80 columns.

use super::numbers;
use crate::eval::comparison::{Comparison, Outcome, Pair};

/// Measures side by side in one block.
const MEASURES_A_ROW: usize = 4;

/// What a terminal shows, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A line of text; may be longer than the terminal is wide.
    Line(String),
    /// Rows of columns.
    Rows(Vec<Vec<String>>),
}

/// Returns the blocks: each collection, then all together.
#[must_use]
pub fn table(comparison: &Comparison) -> Vec<Part> {
    let mut parts = Vec::new();
    for collection in &comparison.collections {
        parts.push(Part::Line(format!("{} \u{b7} {}", collection.name, numbers::queries(collection.queries))));
        parts.extend(collection.notes.iter().map(|note| Part::Line(format!("note: {note}"))));
        block(&mut parts, comparison, &collection.outcome);
        parts.extend(collection.outcome.pairs.iter().filter(|pair| !pair.moved.is_empty()).flat_map(moved));
    }
    if let Some(overall) = &comparison.overall {
        parts.push(Part::Line(format!("all {} collections, each counting alike", overall.collections.len())));
        parts.extend(overall.notes.iter().map(|note| Part::Line(format!("note: {note}"))));
        block(&mut parts, comparison, &overall.outcome);
    }
    parts
}

fn block(parts: &mut Vec<Part>, comparison: &Comparison, outcome: &Outcome) {
    let numbered: Vec<(usize, &String)> = comparison.measures.iter().enumerate().collect();
    for measures in numbered.chunks(MEASURES_A_ROW) {
        let head = std::iter::once(String::new()).chain(measures.iter().map(|(_, measure)| (*measure).clone()));
        let rows = outcome.means.iter().map(|means| {
            let cells = measures.iter().map(|&(at, _)| numbers::mean_with_interval(means.intervals[at]));
            std::iter::once(means.system.clone()).chain(cells).collect()
        });
        parts.push(Part::Rows(std::iter::once(head.collect()).chain(rows).collect()));
    }
    if outcome.family > 0 {
        let head = ["", "measure", "difference", "p (t)", "p (rand.)", "win/tie/loss"].map(str::to_owned).to_vec();
        let rows = outcome.pairs.iter().flat_map(|pair| pair_rows(comparison, pair));
        parts.push(Part::Rows(std::iter::once(head).chain(rows).collect()));
        let line =
            format!("p: Holm-corrected over {} tests, {}", outcome.family, "all pairs \u{d7} measures of the block");
        parts.push(Part::Line(line));
    }
    parts.extend(outcome.verdicts.iter().map(|verdict| Part::Line(format!("\u{2192} {}", verdict.text))));
}

fn pair_rows(comparison: &Comparison, pair: &Pair) -> Vec<Vec<String>> {
    let rows = pair.contrasts.iter().zip(&comparison.measures).enumerate();
    rows.map(|(at, (contrast, measure))| {
        vec![
            if at == 0 { numbers::pair(pair) } else { String::new() },
            measure.clone(),
            numbers::difference(contrast.difference),
            numbers::p(contrast.t_test_holm),
            numbers::p(contrast.randomisation_holm),
            numbers::wins(contrast),
        ]
    })
    .collect()
}

fn moved(pair: &Pair) -> [Part; 2] {
    let rows = pair.moved.iter().map(|moved| {
        let text = numbers::short(moved.text.as_deref().unwrap_or_default(), 60);
        vec![crate::eval::comparison::signed(moved.difference), moved.query.clone(), text]
    });
    [Part::Line(format!("moved most, {}:", numbers::pair(pair))), Part::Rows(rows.collect())]
}
