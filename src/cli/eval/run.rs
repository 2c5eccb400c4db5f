//! `eval run`: how good is a ranking that somebody made?

use anyhow::Context;

use super::args::RunArgs;
use super::beir::{measuring, say_ties};
use super::files;
use super::show::{Grid, PerQuery, means, means_by_name, show, write_per_query};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::eval::formats::{FormatNotes, Overlap, check_ids, parse_qrels, parse_run};
use crate::eval::measures::Measure;
use crate::eval::{Evaluation, Qrels, evaluate};

/// A run with its values.
struct Measured {
    /// The file, as it was typed.
    file: String,
    /// The name that the run gives itself.
    name: String,
    evaluation: Evaluation,
}

pub(super) fn run(session: &mut Session<'_>, args: &RunArgs) -> anyhow::Result<()> {
    let (measures, ties) = measuring(&args.measuring)?;
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
        let evaluation = evaluate(&run, &qrels, &measures, ties);
        say_counts(session, &file, &evaluation, overlap);
        say_ties(session, &file, &run, &qrels, &evaluation, ties);
        measured.push(Measured { file, name: run.name, evaluation });
    }
    if let Some(path) = &args.per_query {
        let parts: Vec<PerQuery<'_>> = measured
            .iter()
            .map(|one| PerQuery { collection: &qrels_file, system: &one.file, evaluation: &one.evaluation })
            .collect();
        write_per_query(session.console, path, &parts)?;
    }
    let records: Vec<serde_json::Value> = measured.iter().map(object).collect();
    show(session, "eval run", &records, &[grid(&measured, &measures)])
}

fn qrels_words(file: &str, qrels: &Qrels) -> String {
    format!("{file}: {} for {}", many(qrels.judgments(), "judgment"), many(qrels.len(), "judged query"))
}

fn say_notes(session: &Session<'_>, file: &str, notes: FormatNotes) {
    if let Some(said) = files::notes_words(notes) {
        session.console.note(&format!("{file}: {said}"));
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
    let (judged, answers) = (overlap.judged_answers, overlap.answers);
    session.console.detail(&format!("{file}: {judged} of {answers} answers to judged queries were judged"));
}

fn object(one: &Measured) -> serde_json::Value {
    let counts = one.evaluation.counts;
    serde_json::json!({
        "run": one.file,
        "name": one.name,
        "queries": counts.judged,
        "queries_without_answers": counts.without_answers,
        "queries_without_relevant": counts.without_relevant,
        "queries_not_judged": counts.not_judged,
        "measures": means_by_name(&one.evaluation),
    })
}

/// A row a run: means with four decimals.
fn grid(measured: &[Measured], measures: &[Measure]) -> Grid {
    let header = ["run".to_owned()].into_iter().chain(measures.iter().map(ToString::to_string));
    let row = |one: &Measured| [one.file.clone()].into_iter().chain(means(&one.evaluation)).collect();
    Grid { header: header.collect(), rows: measured.iter().map(row).collect() }
}
