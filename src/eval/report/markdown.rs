//! As Markdown with tables, for an issue or a README.

use std::fmt::Write;

use super::numbers;
use crate::eval::comparison::{Comparison, Outcome};
use crate::eval::significance::CONFIDENCE;

/// Letters of a query's text that are shown.
const TEXT_LETTERS: usize = 200;

/// Writes the verdicts, means, tests and moved queries of each collection, and over all.
#[must_use]
pub fn markdown(comparison: &Comparison) -> String {
    let mut text = format!("# {}\n", escape(&comparison.systems.join(", ")));
    if let Some(overall) = &comparison.overall {
        heading(&mut text, &format!("All {} collections", overall.collections.len()));
        for note in &overall.notes {
            push(
                &mut text,
                &format!(
                    "
Note: {}",
                    escape(note)
                ),
            );
        }
        outcome(&mut text, comparison, &overall.outcome);
    }
    for collection in &comparison.collections {
        heading(&mut text, &format!("{} ({})", escape(&collection.name), numbers::queries(collection.queries)));
        for note in &collection.notes {
            push(&mut text, &format!("\nNote: {}", escape(note)));
        }
        outcome(&mut text, comparison, &collection.outcome);
        moved(&mut text, comparison, &collection.outcome);
    }
    let settings = &comparison.settings;
    let foot = format!(
        "\n\u{b1}: {:.0} % interval (Student's t over queries). p: two-sided, Holm-corrected; paired t test, and \
         randomisation test ({} sign changes where not all can be tried, seed {}).",
        CONFIDENCE * 100.0,
        settings.permutations,
        settings.seed
    );
    push(&mut text, &foot);
    text
}

fn outcome(text: &mut String, comparison: &Comparison, outcome: &Outcome) {
    text.push('\n');
    for verdict in &outcome.verdicts {
        push(text, &format!("- {}", escape(&verdict.text)));
    }
    text.push('\n');
    row(text, std::iter::once(String::new()).chain(comparison.measures.iter().map(|measure| escape(measure))));
    row(text, std::iter::once("---".to_owned()).chain(comparison.measures.iter().map(|_| "---:".to_owned())));
    for (system, means) in outcome.means.iter().enumerate() {
        let cells = means.intervals.iter().enumerate().map(|(measure, &interval)| {
            let cell = numbers::mean_with_interval(interval);
            if numbers::is_best(outcome, system, measure) { format!("**{cell}**") } else { cell }
        });
        row(text, std::iter::once(escape(&means.system)).chain(cells));
    }
    if outcome.family == 0 {
        return;
    }
    text.push('\n');
    row(text, ["pair", "measure", "difference", "p (t)", "p (rand.)", "win/tie/loss"].map(str::to_owned));
    row(text, ["---", "---", "---:", "---:", "---:", "---:"].map(str::to_owned));
    for pair in &outcome.pairs {
        for (contrast, measure) in pair.contrasts.iter().zip(&comparison.measures) {
            let cells = [
                escape(&numbers::pair(pair)),
                escape(measure),
                numbers::difference(contrast.difference),
                numbers::p(contrast.t_test_holm).replace('<', "&lt;"),
                numbers::p(contrast.randomisation_holm).replace('<', "&lt;"),
                numbers::wins(contrast),
            ];
            row(text, cells);
        }
    }
    push(text, &format!("\nHolm's family: {} tests, all pairs \u{d7} measures above.", outcome.family));
}

fn moved(text: &mut String, comparison: &Comparison, outcome: &Outcome) {
    for pair in outcome.pairs.iter().filter(|pair| !pair.moved.is_empty()) {
        let title = format!("Moved most by {}, {}", comparison.measures[0], numbers::pair(pair));
        push(text, &format!("\n{}:\n", escape(&title)));
        for moved in &pair.moved {
            let words = numbers::short(moved.text.as_deref().unwrap_or_default(), TEXT_LETTERS);
            let difference = crate::eval::comparison::signed(moved.difference);
            push(text, &format!("- {difference} `{}` {}", moved.query.replace('`', "'"), escape(&words)));
        }
    }
}

fn heading(text: &mut String, title: &str) {
    push(text, &format!("\n## {title}"));
}

fn push(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

fn row(text: &mut String, cells: impl IntoIterator<Item = String>) {
    text.push('|');
    for cell in cells {
        // Writing to a string cannot fail.
        let _ = write!(text, " {cell} |");
    }
    text.push('\n');
}

/// Makes a text harmless in a table cell or list.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '\n' | '\r' => escaped.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => escaped.extend(['\\', letter]),
            other => escaped.push(other),
        }
    }
    escaped
}
