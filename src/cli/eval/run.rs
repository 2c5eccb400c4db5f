//! `eval run`: how good is a ranking that somebody made?

use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;

use super::args::RunArgs;
use super::beir::measuring;
use super::files::{notes_words, read_text};
use super::show::{Grid, PerQuery, means, means_by_name, show, write_per_query};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::eval::formats::{FormatNotes, Overlap, check_ids, parse_qrels, parse_run};
use crate::eval::{Evaluation, evaluate};

/// What is printed of one run.
#[derive(Serialize)]
struct Record {
    /// The file, as it was typed.
    run: String,
    /// The name that the run gives itself.
    name: String,
    judged_queries: usize,
    queries_without_answers: usize,
    queries_without_relevant: usize,
    queries_not_judged: usize,
    measures: serde_json::Map<String, serde_json::Value>,
    #[serde(skip)]
    evaluation: Evaluation,
}

pub(super) fn run(session: &mut Session<'_>, args: &RunArgs) -> anyhow::Result<()> {
    let (measures, ties) = measuring(&args.measuring)?;
    stdin_once(args.runs.iter().chain([&args.qrels]))?;
    let qrels_file = args.qrels.display().to_string();
    let (qrels, notes) = parse_qrels(&read_text(&args.qrels)?, &qrels_file)?;
    let judgments = many(qrels.judgments(), "judgment");
    session.console.note(&format!("{qrels_file}: {judgments} for {} judged queries", qrels.len()));
    say_notes(session, &qrels_file, notes);
    let mut records = Vec::with_capacity(args.runs.len());
    for path in &args.runs {
        let file = path.display().to_string();
        let (run, notes) = parse_run(&read_text(path)?, &file)?;
        say_notes(session, &file, notes);
        let overlap = check_ids(&run, &qrels).with_context(|| format!("{file} and {qrels_file} do not fit"))?;
        let evaluation = evaluate(&run, &qrels, &measures, ties);
        say_counts(session, &file, &evaluation, overlap);
        records.push(record(file, run.name, evaluation));
    }
    if let Some(path) = &args.per_query {
        let parts = records.iter().map(|record| {
            let Record { run: system, evaluation, .. } = record;
            PerQuery { collection: &qrels_file, system, evaluation }
        });
        write_per_query(path, &parts.collect::<Vec<_>>())?;
    }
    let header = ["run".to_owned()].into_iter().chain(measures.iter().map(ToString::to_string)).collect();
    let row = |record: &Record| [record.run.clone()].into_iter().chain(means(&record.evaluation)).collect();
    let rows = records.iter().map(row).collect();
    show(session, &records, Grid { header, rows })
}

/// Refuses `-` where it is there twice: stdin can be read once.
pub(super) fn stdin_once<'a>(files: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<()> {
    if files.filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Usage::new("- is there more than once; stdin can be read for one file only").into());
    }
    Ok(())
}

fn record(run: String, name: String, evaluation: Evaluation) -> Record {
    let counts = evaluation.counts;
    Record {
        run,
        name,
        judged_queries: counts.judged,
        queries_without_answers: counts.without_answers,
        queries_without_relevant: counts.without_relevant,
        queries_not_judged: counts.not_judged,
        measures: means_by_name(&evaluation),
        evaluation,
    }
}

/// Says what was read but does not count.
fn say_notes(session: &Session<'_>, file: &str, notes: FormatNotes) {
    if let Some(said) = notes_words(notes) {
        session.console.note(&format!("{file}: {said}"));
    }
}

/// Says which queries do not take part, and which score 0 for want of answers or relevant posts.
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
