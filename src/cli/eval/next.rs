//! `eval next`: do readers find what they went on to read?

use serde::Serialize;

use super::args::NextArgs;
use super::beir::measuring;
use super::files::read_text;
use super::paths::recommender;
use super::show::{Grid, means_by_name, show};
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::eval::histories::{interests_met, parse_histories};
use crate::eval::measures::Measure;
use crate::eval::{Evaluation, Judgment, Qrels, Ranked, Run, evaluate};
use crate::recommender::{Least, NextOptions, Reader, Recommender, RelatedOptions};

/// Answers that are looked through for interests.
const INTERESTS_DEPTH: usize = 10;

/// A history by positions.
struct Known {
    read: Vec<usize>,
    interests: Vec<Vec<usize>>,
}

/// One way to answer, measured.
#[derive(Debug, Serialize)]
struct Record {
    system: &'static str,
    histories: usize,
    /// The mean share of the interests of which a post is among the first ten.
    interests: f64,
    measures: serde_json::Map<String, serde_json::Value>,
}

/// Answers a history with positions, best first.
type System<'a> = (&'static str, Box<dyn Fn(&[usize]) -> anyhow::Result<Vec<usize>> + 'a>);

pub(super) fn run(session: &mut Session<'_>, args: &NextArgs) -> anyhow::Result<()> {
    let (measures, ties) = measuring(&args.measuring)?;
    let name = args.file.display().to_string();
    let histories = parse_histories(&read_text(&args.file)?, &name)?;
    let recommender = recommender(session, args.posts.as_deref())?;
    let corpus = recommender.corpus();
    let mut unknown = 0;
    let mut known = Vec::new();
    for history in &histories {
        let mut find = |ids: &[String]| -> Vec<usize> {
            let found: Vec<usize> = ids.iter().filter_map(|id| corpus.find_exact(id)).collect();
            unknown += ids.len() - found.len();
            found
        };
        let read = find(&history.read);
        let interests: Vec<Vec<usize>> = history.interests.iter().map(|ids| find(ids)).collect();
        if !read.is_empty() && interests.iter().any(|interest| !interest.is_empty()) {
            known.push(Known { read, interests });
        }
    }
    if unknown > 0 {
        session.console.warn(&format!("{name}: {} of no post left out", many(unknown, "id")));
    }
    if known.len() < histories.len() {
        let left = histories.len() - known.len();
        session
            .console
            .warn(&format!("{name}: {left} of {} histories left out: nothing read, or nothing next", histories.len()));
    }
    anyhow::ensure!(!known.is_empty(), "{name}: no history can be measured; name the posts with --posts");
    let mut records = Vec::new();
    let mut rows = Vec::new();
    for (system, answer) in systems(&recommender) {
        let answers: Vec<Vec<usize>> = known.iter().map(|history| answer(&history.read)).collect::<Result<_, _>>()?;
        let evaluation = measured(&recommender, &known, &answers, &measures, ties);
        let met = known.iter().zip(&answers);
        let met = met.filter_map(|(history, answers)| interests_met(answers, &history.interests, INTERESTS_DEPTH));
        let interests = met.sum::<f64>() / known.len() as f64;
        let means = (0..measures.len()).map(|measure| format!("{:.4}", evaluation.mean(measure)));
        let first = [system.to_owned(), known.len().to_string(), format!("{interests:.4}")];
        rows.push(first.into_iter().chain(means).collect());
        let measures = means_by_name(&evaluation);
        records.push(Record { system, histories: known.len(), interests, measures });
    }
    let header = ["system", "histories", "interests@10"].map(str::to_owned).into_iter();
    let header = header.chain(measures.iter().map(ToString::to_string)).collect();
    show(session, "eval next", &records, &[Grid { header, rows }])
}

/// Returns `next` as it is and with its parts taken away, and what is simpler.
fn systems(recommender: &Recommender) -> Vec<System<'_>> {
    let corpus = recommender.corpus();
    let ask = |options: NextOptions| {
        move |read: &[usize]| -> anyhow::Result<Vec<usize>> {
            let ids: Vec<_> = read.iter().map(|&position| corpus.post(position).id.clone()).collect();
            let answer = recommender.next(&Reader::of(&ids), &options)?;
            Ok(answer.recommendations.iter().map(|shown| shown.position).collect())
        }
    };
    let all = NextOptions { limit: INTERESTS_DEPTH, least: Least::Score(-1.0), ..NextOptions::default() };
    let one_interest = NextOptions { diversity: 0.0, ..all.clone() };
    let relevance = NextOptions { surprise: 0.0, ..one_interest.clone() };
    let last = |read: &[usize]| -> anyhow::Result<Vec<usize>> {
        let options = RelatedOptions {
            limit: INTERESTS_DEPTH + read.len(),
            least: Least::Score(-1.0),
            diversity: 0.0,
            ..RelatedOptions::default()
        };
        let Some(&last) = read.last() else { return Ok(Vec::new()) };
        let answer = recommender.related(&corpus.post(last).id, &options)?;
        let shown = answer.recommendations.iter().map(|shown| shown.position);
        Ok(shown.filter(|position| !read.contains(position)).take(INTERESTS_DEPTH).collect())
    };
    let newest = |read: &[usize]| -> anyhow::Result<Vec<usize>> {
        let mut others: Vec<usize> = (0..corpus.len()).filter(|position| !read.contains(position)).collect();
        others.sort_by_key(|&position| std::cmp::Reverse(corpus.post(position).date));
        others.truncate(INTERESTS_DEPTH);
        Ok(others)
    };
    vec![
        ("nextread", Box::new(ask(all))),
        ("diversity 0", Box::new(ask(one_interest))),
        ("diversity 0, surprise 0", Box::new(ask(relevance))),
        ("related to the last read", Box::new(last)),
        ("newest", Box::new(newest)),
    ]
}

fn measured(
    recommender: &Recommender,
    known: &[Known],
    answers: &[Vec<usize>],
    measures: &[Measure],
    ties: crate::eval::Ties,
) -> Evaluation {
    let id = |position: usize| recommender.corpus().post(position).id.to_string();
    let (mut qrels, mut run) = (Qrels::default(), Run::new("next"));
    for (number, (history, answers)) in known.iter().zip(answers).enumerate() {
        let query = format!("{number:06}");
        let next: std::collections::BTreeSet<usize> = history.interests.iter().flatten().copied().collect();
        let wanted = next.into_iter().filter(|position| !history.read.contains(position));
        qrels.insert(query.clone(), wanted.map(|position| Judgment { post: id(position).into(), grade: 1 }).collect());
        let ranked = answers.iter().enumerate();
        let ranked = ranked.map(|(place, &position)| Ranked { post: id(position).into(), score: -(place as f64) });
        run.insert(query, ranked.collect());
    }
    evaluate(&run, &qrels, measures, ties)
}
