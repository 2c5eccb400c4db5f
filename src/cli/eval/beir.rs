//! `eval beir`: search public test collections and measure the rankings.

use serde::Serialize;

use super::args::{Beir, Measuring, TiesWord};
use super::asker::Asker;
use super::collection;
use super::saved;
use super::search::retrievers;
use super::show::{Grid, PerQuery, means, means_by_name, show, write_per_query};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::eval::measures::{Measure, parse_list};
use crate::eval::{Collection, Evaluation, Provenance, Speed, Ties, evaluate};

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
    let retrievers = retrievers(&args.retriever)?;
    collection::check_names(&args.folders)?;
    let asker = Asker::new(session, &args.searching);
    let mut records: Vec<Record> = Vec::new();
    for folder in &args.folders {
        let mut collection = collection::load(*session.console, folder, &args.searching.split)?;
        limit_queries(session, &mut collection, args.searching.limit_queries);
        let answered = asker.ask(&collection, &retrievers, &args.searching)?;
        for (word, answered) in args.retriever.iter().zip(answered) {
            let evaluation = evaluate(&answered.run, &collection.qrels, &measures, ties);
            if let Some(folder) = &args.save {
                let path = saved::save(folder, word, &answered)?;
                session.console.detail(&format!("run: {}", path.display()));
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
        write_per_query(path, &parts)?;
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
        let built = [format!("{:.0}", speed.embed_ms), format!("{:.0}", speed.index_ms)];
        [record.collection.clone(), record.retriever.clone()].into_iter().chain(times).chain(built).collect()
    };
    Grid { header: header.map(str::to_owned).to_vec(), rows: records.iter().map(row).collect() }
}

fn say_counts(session: &Session<'_>, records: &[Record]) {
    for record in records {
        let who = format!("{}, {}", record.collection, record.retriever);
        if record.queries_without_answers > 0 {
            let count = queries(record.queries_without_answers);
            session.console.note(&format!("{who}: {count} without answers; each counts 0"));
        }
        if record.queries_without_relevant > 0 {
            let count = queries(record.queries_without_relevant);
            session.console.note(&format!("{who}: {count} without a relevant post; each counts 0"));
        }
    }
    let embedded: usize = records.iter().map(|record| record.speed.embedded).max().unwrap_or_default();
    if embedded > 0 {
        session.console.note(&format!("{} embedded; they are kept for the next time", many(embedded, "text")));
    }
    if let Some(first) = records.first() {
        session.console.note(&format!("times: one thread, without embedding the query; {}", first.provenance.cpu));
    }
}

fn queries(count: usize) -> String {
    if count == 1 { "1 query".to_owned() } else { format!("{count} queries") }
}
