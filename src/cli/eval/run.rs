//! `eval run`: how good is a ranking that somebody made?

use anyhow::Context;

use super::args::{Measuring, RunArgs, TiesWord};
use super::files;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::eval::formats::{FormatNotes, Overlap, check_ids, parse_qrels, parse_run};
use crate::eval::measures::{Measure, parse_list};
use crate::eval::{Evaluation, Qrels, Ties, evaluate};
use crate::output::{self, Format};

/// A run with its values.
struct Measured {
    /// The file, as it was typed.
    file: String,
    /// The name that the run gives itself.
    name: String,
    evaluation: Evaluation,
}

pub(super) fn run(session: &mut Session<'_>, args: &RunArgs) -> anyhow::Result<()> {
    let measures = parse_list(&args.measuring.measures).map_err(|fault| Usage::new(fault.to_string()))?;
    let stdin = args.runs.iter().chain([&args.qrels]).filter(|path| path.as_os_str() == "-").count();
    if stdin > 1 {
        return Err(Usage::new("- is there more than once; stdin can be read for one file only").into());
    }
    let qrels_file = args.qrels.display().to_string();
    let (qrels, notes) = parse_qrels(&files::read_text(&args.qrels)?, &qrels_file)?;
    session.console.note(&qrels_words(&qrels_file, &qrels));
    say_notes(session, &qrels_file, notes);
    let mut measured = Vec::with_capacity(args.runs.len());
    for path in &args.runs {
        let file = path.display().to_string();
        let (run, notes) = parse_run(&files::read_text(path)?, &file)?;
        say_notes(session, &file, notes);
        let overlap = check_ids(&run, &qrels).with_context(|| format!("{file} and {qrels_file} do not fit"))?;
        let evaluation = evaluate(&run, &qrels, &measures, ties(&args.measuring));
        say_counts(session, &file, &evaluation, overlap);
        measured.push(Measured { file, name: run.name, evaluation });
    }
    if let Some(path) = &args.per_query {
        files::write_text(path, &per_query(&measured, &measures)?)?;
    }
    session.console.data(&render(session, &measured, &measures)?)
}

fn ties(measuring: &Measuring) -> Ties {
    match measuring.ties {
        TiesWord::Id => Ties::ByPostId,
        TiesWord::TrecEval => Ties::TrecEval,
    }
}

fn qrels_words(file: &str, qrels: &Qrels) -> String {
    format!("{file}: {} for {} judged queries", many(qrels.judgments(), "judgment"), qrels.len())
}

/// Says what was read but does not count.
fn say_notes(session: &Session<'_>, file: &str, notes: FormatNotes) {
    if notes.repeats > 0 {
        session.console.note(&format!("{file}: {} said again what was said before", many(notes.repeats, "line")));
    }
    if notes.contradictions > 0 {
        session.console.warn(&format!(
            "{file}:{}: {} with another grade than an earlier line for the same query and post; the earlier one counts",
            notes.first_contradiction,
            many(notes.contradictions, "judgment")
        ));
    }
}

/// Says which queries and posts do not take part, and which score 0 for want of answers or relevant posts.
fn say_counts(session: &Session<'_>, file: &str, evaluation: &Evaluation, overlap: Overlap) {
    let counts = evaluation.counts;
    let parts = [
        (counts.without_answers, counts.judged, "judged queries have no answer and score 0"),
        (counts.without_relevant, counts.judged, "judged queries have no relevant post and score 0"),
        (counts.not_judged, overlap.run_queries, "answered queries were not judged and are left out"),
    ];
    for (count, all, words) in parts.into_iter().filter(|(count, ..)| *count > 0) {
        session.console.note(&format!("{file}: {count} of {all} {words}"));
    }
    session.console.detail(&format!(
        "{file}: {} of {} different posts were judged for some query",
        overlap.shared_posts, overlap.run_posts
    ));
}

fn render(session: &Session<'_>, measured: &[Measured], measures: &[Measure]) -> anyhow::Result<String> {
    let objects = || measured.iter().map(|one| object(one, measures));
    Ok(match session.format() {
        Format::Json => output::json(&serde_json::json!({
            "schema_version": output::view::SCHEMA_VERSION,
            "verb": "eval run",
            "runs": objects().collect::<Vec<_>>(),
        }))?,
        Format::JsonLines => objects().map(|object| object.to_string() + "\n").collect(),
        Format::Table => output::rows(cells(measured, measures), session.console.columns()),
        Format::Markdown => markdown(&cells(measured, measures)),
    })
}

fn object(one: &Measured, measures: &[Measure]) -> serde_json::Value {
    let counts = one.evaluation.counts;
    let values: serde_json::Map<String, serde_json::Value> =
        measures.iter().enumerate().map(|(at, name)| (name.to_string(), one.evaluation.mean(at).into())).collect();
    serde_json::json!({
        "run": one.file,
        "name": one.name,
        "judged": counts.judged,
        "without_answers": counts.without_answers,
        "without_relevant": counts.without_relevant,
        "not_judged": counts.not_judged,
        "measures": values,
    })
}

/// A header and one row a run: means with four decimals.
fn cells(measured: &[Measured], measures: &[Measure]) -> Vec<Vec<String>> {
    let header = ["run".to_owned()].into_iter().chain(measures.iter().map(ToString::to_string));
    let row = |one: &Measured| {
        let means = (0..measures.len()).map(|at| format!("{:.4}", one.evaluation.mean(at)));
        [one.file.clone()].into_iter().chain(means).collect()
    };
    [header.collect()].into_iter().chain(measured.iter().map(row)).collect()
}

/// Writes a header and rows as a Markdown table, numbers to the right.
pub(super) fn markdown(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | ").replace('_', "\\_"));
    let rule = |cells: &[String]| format!("|---|{}\n", "---:|".repeat(cells.len().saturating_sub(1)));
    let head = rows.first().map(|header| line(header) + &rule(header)).unwrap_or_default();
    head + &rows.iter().skip(1).map(|row| line(row)).collect::<String>()
}

/// Every query's values as CSV: run, query, one column a measure.
fn per_query(measured: &[Measured], measures: &[Measure]) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["run", "query"].map(str::to_owned).into_iter().chain(measures.iter().map(ToString::to_string));
    writer.write_record(header)?;
    for one in measured {
        for query in &one.evaluation.queries {
            let values = query.values.iter().map(ToString::to_string);
            writer.write_record([one.file.clone(), query.query.clone()].into_iter().chain(values))?;
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
