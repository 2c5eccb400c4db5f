//! As a LaTeX table in the style of `booktabs`.

use super::numbers;
use crate::eval::comparison::{Comparison, Outcome};

/// Writes one `table` of means: the best is bold, † and ‡ mark what is significantly better than others.
///
/// Needs `\usepackage{booktabs}`.
#[must_use]
pub fn latex(comparison: &Comparison) -> String {
    let measures = &comparison.measures;
    let mut lines = vec![
        "% needs \\usepackage{booktabs}".to_owned(),
        "\\begin{table}".to_owned(),
        "\\centering".to_owned(),
        format!("\\caption{{{}}}", caption(comparison)),
        format!("\\begin{{tabular}}{{l{}}}", "r".repeat(measures.len())),
        "\\toprule".to_owned(),
        format!(" & {} \\\\", measures.iter().map(|measure| escape(measure)).collect::<Vec<_>>().join(" & ")),
    ];
    let width = measures.len() + 1;
    let title = |words: String| format!("\\multicolumn{{{width}}}{{l}}{{\\emph{{{words}}}}} \\\\");
    for collection in &comparison.collections {
        lines.push("\\midrule".to_owned());
        lines.push(title(format!("{} ({})", escape(&collection.name), numbers::queries(collection.queries))));
        lines.extend(rows(comparison, &collection.outcome));
    }
    if let Some(overall) = &comparison.overall {
        lines.push("\\midrule".to_owned());
        lines.push(title(format!("mean of {} collections", overall.collections.len())));
        lines.extend(rows(comparison, &overall.outcome));
    }
    lines.extend(["\\bottomrule", "\\end{tabular}", "\\end{table}"].map(str::to_owned));
    lines.join("\n") + "\n"
}

fn caption(comparison: &Comparison) -> String {
    let first = escape(&comparison.systems[0]);
    let many = comparison.systems.len() > 2;
    let all = if many { " $\\ddagger$: significantly above every other system." } else { "" };
    let settings = &comparison.settings;
    format!(
        "Means over queries; the highest in bold. $\\dagger$: significantly above {first}.{all} Paired randomisation test \
         ({} sign changes, seed {}), two-sided, $p \\leq {}$ after Holm's correction over all pairs and measures of a block.",
        settings.permutations, settings.seed, settings.alpha
    )
}

fn rows(comparison: &Comparison, outcome: &Outcome) -> Vec<String> {
    (0..comparison.systems.len())
        .map(|system| {
            let cells: Vec<String> = (0..comparison.measures.len())
                .map(|measure| {
                    let mean = numbers::mean(outcome.means[system].intervals[measure]).replace(numbers::NONE, "--");
                    let is_best = numbers::is_best(outcome, system, measure);
                    let value = if is_best { format!("\\textbf{{{mean}}}") } else { mean };
                    value + marks(comparison, outcome, system, measure)
                })
                .collect();
            format!("{} & {} \\\\", escape(&comparison.systems[system]), cells.join(" & "))
        })
        .collect()
}

fn marks(comparison: &Comparison, outcome: &Outcome, system: usize, measure: usize) -> &'static str {
    let own = &comparison.systems[system];
    let above: Vec<&str> = outcome
        .pairs
        .iter()
        .filter_map(|pair| {
            let contrast = &pair.contrasts[measure];
            let difference = contrast.difference?.mean;
            let (better, worse) =
                if difference > 0.0 { (&pair.system, &pair.against) } else { (&pair.against, &pair.system) };
            let is_shown = contrast.randomisation_holm? <= comparison.settings.alpha;
            (is_shown && better == own).then_some(worse.as_str())
        })
        .collect();
    let above_first = above.contains(&comparison.systems[0].as_str());
    let above_all = comparison.systems.len() > 2 && above.len() + 1 == comparison.systems.len();
    match (above_first, above_all) {
        (true, true) => "$^{\\dagger\\ddagger}$",
        (true, false) => "$^{\\dagger}$",
        (false, true) => "$^{\\ddagger}$",
        (false, false) => "",
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', letter]),
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
