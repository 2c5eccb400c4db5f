//! As one page that needs no other file, no script and no network.

use maud::{Markup, html};

use super::figures::{CurvePoint, CurveSeries};
use super::page::{Cell, figure, page, table};
use super::{ReportError, figures, numbers, provenance};
use crate::eval::comparison::{CollectionOutcome, Comparison, CutoffPoint, Finding, Outcome, Verdict, signed};

/// Measures side by side in one table.
const MEASURES_A_TABLE: usize = 6;
/// Letters of a query's text that are shown.
const TEXT_LETTERS: usize = 300;

/// Writes the page: verdicts, means, tests, plots, the queries that moved, how to read it, and from what the runs come.
///
/// # Errors
/// A plot cannot be drawn.
pub fn html(comparison: &Comparison) -> Result<String, ReportError> {
    let title = format!("{} compared", comparison.systems.join(", "));
    let overall = comparison.overall.as_ref().map(|_| all_collections(comparison)).transpose()?;
    let collections = (comparison.collections.iter().enumerate())
        .map(|(number, collection)| one_collection(comparison, number, collection))
        .collect::<Result<Vec<Markup>, ReportError>>()?;
    let body = html! {
        header {
            h1 { (title) }
            p.soft { (summary(comparison)) }
            (contents(comparison))
        }
        main {
            (all_verdicts(comparison))
            @if let Some(overall) = overall { (overall) }
            @for collection in collections { (collection) }
            (how_to_read(comparison))
            section.page #runs {
                h2 { "From what the runs come" }
                @for collection in &comparison.collections {
                    h3 { (collection.name) }
                    (provenance::provenance(collection))
                }
            }
        }
    };
    Ok(page(&title, &body))
}

fn summary(comparison: &Comparison) -> String {
    let queries: usize = comparison.collections.iter().map(|collection| collection.queries).sum();
    let on = match &comparison.collections[..] {
        [one] => format!("on {}", one.name),
        many => format!("on {} collections", many.len()),
    };
    format!("{} judged {on}; by {}.", numbers::queries(queries), comparison.measures.join(", "))
}

fn contents(comparison: &Comparison) -> Markup {
    html! {
        nav aria-label="On this page" {
            ul {
                @if comparison.overall.is_some() { li { a href="#all" { "All collections" } } }
                @for (number, collection) in comparison.collections.iter().enumerate() {
                    li { a href={ "#c" (number) } { (collection.name) } }
                }
                li { a href="#how" { "How to read it" } }
                li { a href="#runs" { "From what the runs come" } }
            }
        }
    }
}

fn all_verdicts(comparison: &Comparison) -> Markup {
    html! {
        section #verdicts {
            h2 { "What it comes to" }
            @if let Some(overall) = &comparison.overall {
                h3 { "Over all collections" }
                (verdicts(&overall.outcome.verdicts))
            }
            @for collection in &comparison.collections {
                h3 { (collection.name) }
                (verdicts(&collection.outcome.verdicts))
            }
        }
    }
}

fn verdicts(verdicts: &[Verdict]) -> Markup {
    let class = |finding| match finding {
        Finding::Leader => "leader",
        Finding::Above => "above",
        Finding::Below => "below",
        Finding::NotShown | Finding::TooFew => "not_shown",
        Finding::Same => "same",
    };
    html! { ul.verdicts { @for verdict in verdicts { li class=(class(verdict.finding)) { (verdict.text) "." } } } }
}

fn all_collections(comparison: &Comparison) -> Result<Markup, ReportError> {
    let Some(overall) = &comparison.overall else { return Ok(html! {}) };
    let plot = mean_plot(comparison, "all-means", &overall.outcome)?;
    Ok(html! {
        section.page #all {
            h2 { "All " (overall.collections.len()) " collections" }
            p {
                "The mean of the collections\u{2019} means: " (overall.collections.join(", "))
                " count alike, however many queries they have."
            }
            @for note in &overall.notes { p { "Note: " (note) } }
            (means(comparison, &overall.outcome))
            (tests(comparison, &overall.outcome))
            div.plots { (plot) }
        }
    })
}

fn one_collection(
    comparison: &Comparison,
    number: usize,
    collection: &CollectionOutcome,
) -> Result<Markup, ReportError> {
    let plots = if collection.queries == 0 { Vec::new() } else { plots(comparison, number, collection)? };
    Ok(html! {
        section.page id={ "c" (number) } {
            h2 { (collection.name) }
            p { (numbers::queries(collection.queries)) " judged." }
            @for note in &collection.notes { p.soft { "Note: " (note) } }
            @if collection.queries > 0 {
                (means(comparison, &collection.outcome))
                (tests(comparison, &collection.outcome))
                div.plots { @for plot in plots { (plot) } }
                (moved(comparison, &collection.outcome))
            }
        }
    })
}

fn means(comparison: &Comparison, outcome: &Outcome) -> Markup {
    let numbered: Vec<(usize, &String)> = comparison.measures.iter().enumerate().collect();
    html! {
        h3 { "Means" }
        @for measures in numbered.chunks(MEASURES_A_TABLE) {
            @let head: Vec<String> = std::iter::once("system".to_owned())
                .chain(measures.iter().map(|(_, measure)| (*measure).clone()))
                .collect();
            @let rows: Vec<(String, Vec<Cell>)> = outcome.means.iter().enumerate()
                .map(|(system, means)| {
                    let cell = |&(measure, _): &(usize, &String)| {
                        let class = if numbers::is_best(outcome, system, measure) { "best" } else { "" };
                        Cell::new(numbers::mean_with_interval(means.intervals[measure]), class)
                    };
                    (means.system.clone(), measures.iter().map(cell).collect())
                })
                .collect();
            (table("Means with intervals of 95 %; the highest is bold", &head, &rows))
        }
    }
}

fn tests(comparison: &Comparison, outcome: &Outcome) -> Markup {
    if outcome.family == 0 {
        return html! {};
    }
    let names =
        ["pair", "measure", "difference", "p (t test)", "corrected", "p (randomisation)", "corrected", "win/tie/loss"];
    let head = names.map(str::to_owned);
    let mut rows = Vec::new();
    for pair in &outcome.pairs {
        for (contrast, measure) in pair.contrasts.iter().zip(&comparison.measures) {
            let shown = |p: Option<f64>| {
                let class = if p.is_some_and(|p| p <= comparison.settings.alpha) { "shown" } else { "" };
                Cell::new(numbers::p(p), class)
            };
            let cells = vec![
                Cell::new(measure.clone(), ""),
                Cell::new(numbers::difference(contrast.difference), ""),
                Cell::new(numbers::p(contrast.t_test.map(|test| test.p)), ""),
                shown(contrast.t_test_holm),
                Cell::new(numbers::p(contrast.randomisation.map(|test| test.p)), ""),
                shown(contrast.randomisation_holm),
                Cell::new(numbers::wins(contrast), ""),
            ];
            rows.push((numbers::pair(pair), cells));
        }
    }
    let caption = format!(
        "Two-sided p values; corrected by Holm over the {} tests of this table; bold at most {}",
        outcome.family, comparison.settings.alpha
    );
    html! { h3 { "Differences" } (table(&caption, &head, &rows)) }
}

fn mean_plot(comparison: &Comparison, id: &str, outcome: &Outcome) -> Result<Markup, ReportError> {
    let rows: Vec<_> = outcome.means.iter().map(|means| (means.system.as_str(), means.intervals[0])).collect();
    let measure = &comparison.measures[0];
    Ok(figure(&format!("Mean {measure} with intervals of 95 %"), figures::means(id, measure, &rows)?))
}

fn plots(comparison: &Comparison, number: usize, collection: &CollectionOutcome) -> Result<Vec<Markup>, ReportError> {
    let mut plots = vec![mean_plot(comparison, &format!("c{number}-means"), &collection.outcome)?];
    let measure = &comparison.measures[0];
    let place = |name: &str| comparison.systems.iter().position(|system| system == name).unwrap_or_default();
    for (at, pair) in collection.outcome.pairs.iter().enumerate() {
        let differences = collection.differences(place(&pair.system), place(&pair.against), 0);
        let name = numbers::pair(pair);
        let svg = figures::win_loss(&format!("c{number}-pair{at}"), &name, measure, &differences)?;
        plots.push(figure(&format!("{name}: {measure} by query"), svg));
    }
    for (at, measure) in curve_names(collection).into_iter().enumerate() {
        let curves: Vec<Option<&[CutoffPoint]>> = (collection.standings.iter())
            .map(|standing| standing.by_cutoff.iter().find(|curve| curve.measure == measure))
            .map(|curve| curve.map(|curve| curve.points.as_slice()))
            .collect();
        let svg = figures::cutoffs(&format!("c{number}-cutoff{at}"), measure, &comparison.systems, &curves)?;
        plots.push(figure(&format!("{measure} by cut-off"), svg));
    }
    plots.extend(quality_and_speed(comparison, number, collection)?);
    Ok(plots)
}

/// Draws the first measure against queries a second, where at least two systems were timed; settings of one retriever
/// (`hnsw:ef_search=10`, `hnsw:ef_search=80`) are joined to its curve.
fn quality_and_speed(
    comparison: &Comparison,
    number: usize,
    collection: &CollectionOutcome,
) -> Result<Option<Markup>, ReportError> {
    let mut series: Vec<CurveSeries> = Vec::new();
    for (standing, means) in collection.standings.iter().zip(&collection.outcome.means) {
        let (Some(speed), Some(mean)) = (&standing.speed, means.intervals[0]) else { continue };
        let (name, label) = standing.system.split_once(':').unwrap_or((&standing.system, ""));
        let point = CurvePoint { label: label.to_owned(), recall: mean.mean, qps: 1e3 / speed.query_ms_p50 };
        match series.iter_mut().find(|series| series.name == name) {
            Some(known) => known.points.push(point),
            None => series.push(CurveSeries { name: name.to_owned(), points: vec![point] }),
        }
    }
    if series.iter().map(|series| series.points.len()).sum::<usize>() < 2 {
        return Ok(None);
    }
    let measure = &comparison.measures[0];
    let svg = figures::recall_qps_svg(&format!("c{number}-speed"), measure, &series)?;
    Ok(Some(figure(&format!("{measure} against speed (median query, without embedding it)"), svg)))
}

/// The measures of which any system has a curve, in the order in which they are met.
fn curve_names(collection: &CollectionOutcome) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for curve in collection.standings.iter().flat_map(|standing| &standing.by_cutoff) {
        if !curve.points.is_empty() && !names.contains(&curve.measure.as_str()) {
            names.push(&curve.measure);
        }
    }
    names
}

fn moved(comparison: &Comparison, outcome: &Outcome) -> Markup {
    let measure = &comparison.measures[0];
    html! {
        @for pair in outcome.pairs.iter().filter(|pair| !pair.moved.is_empty()) {
            @let head = ["query".to_owned(), "difference".to_owned(), pair.system.clone(), pair.against.clone(), "text".to_owned()];
            @let rows: Vec<(String, Vec<Cell>)> = pair.moved.iter()
                .map(|moved| {
                    let text = moved.text.as_deref().map_or(numbers::NONE.to_owned(), |text| numbers::short(text, TEXT_LETTERS));
                    let cells = vec![
                        Cell::new(signed(moved.difference), ""),
                        Cell::new(format!("{:.3}", moved.value), ""),
                        Cell::new(format!("{:.3}", moved.against), ""),
                        Cell::new(text, "text"),
                    ];
                    (moved.query.clone(), cells)
                })
                .collect();
            h3 { "Queries that moved most: " (numbers::pair(pair)) }
            (table(&format!("By {measure}, largest difference first"), &head, &rows))
        }
    }
}

fn how_to_read(comparison: &Comparison) -> Markup {
    let settings = &comparison.settings;
    html! {
        section.page #how {
            h2 { "How to read it" }
            ul {
                li {
                    "The queries are a sample. An interval (\u{b1}, 95 %, Student\u{2019}s t) says where the mean of all queries of "
                    "this kind probably lies; it is missing where there are fewer than two queries. Intervals that overlap do not mean "
                    "that there is no difference: the tests look at both systems query by query."
                }
                li {
                    "p is how often a difference at least this large would come up if the two systems were the same: by a paired t test, "
                    "and by a randomisation test, which changes the signs of the differences \u{2014} in every way where that is at most "
                    (settings.permutations) ", otherwise " (settings.permutations) " times at random (seed " (settings.seed) "). "
                    "The verdicts go by the second."
                }
                li {
                    "Who makes many tests finds something by chance. Holm\u{2019}s correction raises p so that one of 20 such families has a "
                    "wrong finding; a family is all pairs and measures of one collection, or of the section on all collections."
                }
                li {
                    "\u{201c}No difference that so many queries can show\u{201d} is not \u{201c}equally good\u{201d}: more queries could show one. "
                    "And a difference that is shown may still be too small to matter: look at its size."
                }
                li { "Win/tie/loss counts queries; values that differ by at most " (format!("{:e}", settings.tie)) " are ties." }
                li {
                    "In the plots by query each bar is one query (or the mean of several, where there are many), sorted: "
                    "upwards the first system is better, downwards the second."
                }
                li { "The verdicts and the plots by query are about " (comparison.measures[0]) ", the first measure. Long texts of queries are cut (\u{2026})." }
                li { "Times depend on the machine and what else it does; compare them only within one run." }
            }
        }
    }
}
