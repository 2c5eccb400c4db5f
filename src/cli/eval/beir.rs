//! `eval beir`: search public test collections and measure the rankings.

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::{Beir, Measuring, Searching, TiesWord};
use super::asker::Asker;
use super::collection;
use super::saved;
use super::search::retrievers;
use super::show::{Grid, PerQuery, means, means_by_name, show, write_per_query};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::eval::measures::{Measure, parse_list};
use crate::eval::{Collection, Evaluation, Provenance, Qrels, Retriever, Run, Speed, Ties, evaluate};

/// Answers a query, unless a measure looks deeper or `--depth` says otherwise.
const DEPTH: usize = 100;
/// Means that differ by less look the same with four decimals.
const SHOWN_DIFFERENCE: f64 = 5e-5;

/// What is printed of one retriever on one collection.
#[derive(Serialize)]
struct Record {
    collection: String,
    retriever: String,
    queries: usize,
    queries_without_answers: usize,
    queries_without_relevant: usize,
    measures: serde_json::Map<String, serde_json::Value>,
    speed: Speed,
    provenance: Provenance,
    #[serde(skip)]
    evaluation: Evaluation,
}

pub(super) fn run(session: &mut Session<'_>, args: &Beir) -> anyhow::Result<()> {
    let session: &Session<'_> = session;
    let (measures, ties) = measuring(&args.measuring)?;
    let named = retrievers(&args.retriever)?;
    let retrievers: Vec<Retriever> = named.iter().map(|(_, retriever)| *retriever).collect();
    collection::check_names(&args.folders)?;
    let asker = Asker::new(session, &args.searching, depth(session, &args.searching, &measures));
    let mut records: Vec<Record> = Vec::new();
    for folder in &args.folders {
        let mut collection = collection::load(*session.console, folder, &args.searching.split)?;
        limit_queries(session, &mut collection, args.searching.limit_queries);
        let answered = asker.ask(&collection, &retrievers, &args.searching)?;
        for ((word, _), answered) in named.iter().zip(answered) {
            let evaluation = evaluate(&answered.run, &collection.qrels, &measures, ties);
            let who = format!("{}, {word}", collection.name);
            say_ties(session, &who, &answered.run, &collection.qrels, &evaluation, ties);
            if let Some(folder) = &args.save {
                let path = saved::save(folder, word, &answered)?;
                session.console.note(&format!("{}: written", path.display()));
            }
            records.push(Record {
                collection: collection.name.clone(),
                retriever: word.clone(),
                queries: evaluation.counts.judged,
                queries_without_answers: evaluation.counts.without_answers,
                queries_without_relevant: evaluation.counts.without_relevant,
                measures: means_by_name(&evaluation),
                speed: answered.speed,
                provenance: answered.provenance,
                evaluation,
            });
        }
    }
    if let Some(path) = &args.per_query {
        let parts: Vec<PerQuery<'_>> = records
            .iter()
            .map(|Record { collection, retriever: system, evaluation, .. }| PerQuery { collection, system, evaluation })
            .collect();
        write_per_query(session.console, path, &parts)?;
    }
    show(session, "eval beir", &records, &[quality(&records, &measures), speed(&records)])?;
    say_counts(session, &records);
    Ok(())
}

/// Reads what to measure and by which rule of ties.
pub(super) fn measuring(args: &Measuring) -> anyhow::Result<(Vec<Measure>, Ties)> {
    let measures = parse_list(&args.measures).map_err(|fault| Usage::new(format!("--measures: {fault}")))?;
    let ties = match args.ties {
        TiesWord::Id => Ties::ByPostId,
        TiesWord::TrecEval => Ties::TrecEval,
    };
    Ok((measures, ties))
}

/// Decides how many answers each query gets: as many as asked for, or as the deepest measure looks at, at least
/// [`DEPTH`]; says what a measure then does not see.
pub(super) fn depth(session: &Session<'_>, searching: &Searching, measures: &[Measure]) -> usize {
    let deepest = measures.iter().filter_map(|measure| measure.cutoff()).max().unwrap_or_default();
    let depth = searching.depth.map_or(deepest.max(DEPTH), usize::from);
    let (short, open): (Vec<&Measure>, Vec<&Measure>) = measures
        .iter()
        .filter(|measure| measure.cutoff().is_none_or(|cutoff| cutoff > depth))
        .partition(|measure| measure.cutoff().is_some());
    for measure in short {
        session.console.warn(&format!("{measure} sees only the first {depth} answers (--depth)"));
    }
    for measure in open {
        session.console.note(&format!("{measure} has no cut-off and sees the first {depth} answers (--depth)"));
    }
    depth
}

/// Says where the other rule of ties would give another mean.
pub(super) fn say_ties(
    session: &Session<'_>,
    who: &str,
    run: &Run,
    qrels: &Qrels,
    evaluation: &Evaluation,
    ties: Ties,
) {
    let (other, name) = match ties {
        Ties::ByPostId => (Ties::TrecEval, "trec-eval"),
        Ties::TrecEval => (Ties::ByPostId, "id"),
    };
    let others = evaluate(run, qrels, &evaluation.measures, other);
    let moved =
        (0..evaluation.measures.len()).find(|&at| (evaluation.mean(at) - others.mean(at)).abs() > SHOWN_DIFFERENCE);
    if let Some(at) = moved {
        session.console.note(&format!(
            "{who}: equal scores matter: {} is {:.4} here and {:.4} with --ties {name}",
            evaluation.measures[at],
            evaluation.mean(at),
            others.mean(at)
        ));
    }
}

pub(super) fn limit_queries(session: &Session<'_>, collection: &mut Collection, limit: Option<u32>) {
    let Some(limit) = limit else { return };
    let dropped = collection.limit_queries(limit as usize);
    if dropped > 0 {
        let name = &collection.name;
        session.console.note(&format!("{name}: {dropped} judged queries not asked (--limit-queries {limit})"));
    }
}

fn quality(records: &[Record], measures: &[Measure]) -> Grid {
    let fixed = ["collection", "retriever", "queries"].map(str::to_owned);
    let row = |record: &Record| {
        let fixed = [record.collection.clone(), record.retriever.clone(), record.queries.to_string()];
        fixed.into_iter().chain(means(&record.evaluation)).collect()
    };
    Grid {
        header: fixed.into_iter().chain(measures.iter().map(ToString::to_string)).collect(),
        rows: records.iter().map(row).collect(),
    }
}

fn speed(records: &[Record]) -> Grid {
    let header = ["collection", "retriever", "ms a query, p50", "p95", "embedding, ms", "index, ms"];
    let row = |record: &Record| {
        let speed = &record.speed;
        let times = [format!("{:.2}", speed.query_ms_p50), format!("{:.2}", speed.query_ms_p95)];
        let embedding = if speed.embedded == 0 { "-".to_owned() } else { format!("{:.0}", speed.embed_ms) };
        let built = [embedding, format!("{:.0}", speed.index_ms)];
        [record.collection.clone(), record.retriever.clone()].into_iter().chain(times).chain(built).collect()
    };
    Grid { header: header.map(str::to_owned).to_vec(), rows: records.iter().map(row).collect() }
}

fn say_counts(session: &Session<'_>, records: &[Record]) {
    for record in records {
        let who = format!("{}, {}", record.collection, record.retriever);
        if record.queries_without_answers > 0 {
            let count = many(record.queries_without_answers, "query");
            session.console.note(&format!("{who}: {count} without answers; each counts 0"));
        }
        if record.queries_without_relevant > 0 {
            let count = many(record.queries_without_relevant, "query");
            session.console.note(&format!("{who}: {count} without a relevant post; each counts 0"));
        }
    }
    // The retrievers of one collection share its vectors.
    let mut embedded_of: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        let most = embedded_of.entry(&record.collection).or_default();
        *most = record.speed.embedded.max(*most);
    }
    let embedded: usize = embedded_of.values().sum();
    if embedded > 0 {
        session.console.note(&format!("texts embedded now and kept for the next time: {embedded}"));
    }
    if let Some(first) = records.first() {
        session.console.note(&format!("times: one thread, without embedding the query; {}", first.provenance.cpu));
    }
}
