//! `eval paths`: does our reading order come near a known one?

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use serde::Serialize;

use super::args::Paths;
use super::files::read_text;
use super::show::{Grid, show};
use crate::cli::index::read_source;
use crate::cli::read_report;
use crate::cli::session::Session;
use crate::cli::spec::Spec;
use crate::cli::words::many;
use crate::corpus::Corpus;
use crate::eval::paths::{Known, KnownOrder, order_tau, pairs_in_order, pairs_of, parse_known, similarity_chain};
use crate::post::Post;
use crate::rank::path::INTRODUCTION;
use crate::recommender::{Recommender, text_of};
use crate::sources::LinkWords;
use crate::text::word_count;

/// Ids that are shown as examples.
const EXAMPLES: usize = 3;

/// A known path by positions.
struct KnownPath {
    name: String,
    /// The posts, in the known order where there is one.
    posts: Vec<usize>,
    /// Which has to come before which.
    pairs: Vec<(usize, usize)>,
    is_order: bool,
}

/// One order of one path, measured.
#[derive(Debug, Clone, Serialize)]
struct Record {
    path: String,
    order: &'static str,
    posts: usize,
    /// Kendall's τ-b against the known order; null against prerequisites.
    tau: Option<f64>,
    /// The share of the pairs that stand right.
    pairs_right: Option<f64>,
    pairs: usize,
}

pub(super) fn run(session: &mut Session<'_>, args: &Paths) -> anyhow::Result<()> {
    let name = args.file.display().to_string();
    let known = parse_known(&read_text(&args.file)?, &name)?;
    let recommender = recommender(session, args.posts.as_deref())?;
    let corpus = recommender.corpus();
    let mut paths = located(session, corpus, known, &name)?;
    for path in paths.iter_mut().filter(|path| path.name.is_empty()) {
        path.name = args.file.file_name().map_or_else(|| name.clone(), |name| name.to_string_lossy().into_owned());
    }
    let given = match &args.order {
        Some(file) => Some(given_order(session, corpus, file)?),
        None => None,
    };
    let mut records = Vec::new();
    for path in &paths {
        let posts = path.posts.len();
        let ours: Vec<usize> = match &given {
            Some(order) => order.iter().copied().filter(|position| path.posts.contains(position)).collect(),
            None => {
                let ids: Vec<_> = path.posts.iter().map(|&position| corpus.post(position).id.clone()).collect();
                recommender.path_through(&ids)?.steps.iter().map(|step| step.position).collect()
            }
        };
        anyhow::ensure!(!ours.is_empty(), "the order has no post of {}; write the ids of its posts", path.name);
        let path = &shared(path, &ours);
        if ours.len() < posts {
            let missing = many(posts - ours.len(), "post");
            let left = "every row is over the others";
            session.console.warn(&format!("the order lacks {missing} of {}; {left}", path.name));
        }
        records.push(measured(path, if given.is_some() { "given" } else { "nextread" }, &ours));
        if path.posts.iter().all(|&position| corpus.post(position).date.is_some()) {
            records.push(measured(path, "by date", &sorted_by(path, |position| corpus.post(position).date)));
        }
        records.push(measured(path, "similarity chain", &similarity_chain(&path.posts, recommender.embeddings())));
        records.push(measured(path, "by title", &sorted_by(path, |position| folded_title(corpus.post(position)))));
        records.push(measured(path, "shorter first", &sorted_by(path, |position| length(corpus.post(position)))));
        let tau = path.is_order.then_some(0.0);
        records.push(Record { order: "chance", tau, pairs_right: Some(0.5), ..measured(path, "chance", &path.posts) });
    }
    if paths.len() > 1 {
        records.extend(means(&records));
    }
    let header = ["path", "order", "posts", "tau", "pairs right", "pairs"].map(str::to_owned).to_vec();
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
    let row = |record: &Record| {
        let posts =
            [record.posts.to_string(), number(record.tau), number(record.pairs_right), record.pairs.to_string()];
        [record.path.clone(), record.order.to_owned()].into_iter().chain(posts).collect()
    };
    let rows = records.iter().map(row).collect();
    show(session, "eval paths", &records, &[Grid { header, rows }])
}

/// Returns the part of a known path whose posts are in `order`.
fn shared(path: &KnownPath, order: &[usize]) -> KnownPath {
    let is_in = |post: &usize| order.contains(post);
    KnownPath {
        name: path.name.clone(),
        posts: path.posts.iter().copied().filter(is_in).collect(),
        pairs: path.pairs.iter().copied().filter(|(first, then)| is_in(first) && is_in(then)).collect(),
        is_order: path.is_order,
    }
}

/// Opens the store, or reads and embeds the posts that were named.
pub(super) fn recommender(session: &Session<'_>, posts: Option<&Path>) -> anyhow::Result<Recommender> {
    let Some(posts) = posts else { return Ok(session.open_recommender()?.recommender) };
    let read = read_source(&Spec::to_measure(posts), LinkWords::Keep)?;
    read_report::say(session.console, &read.report, read.posts.len(), posts);
    let corpus = Corpus::new(read.posts)?;
    anyhow::ensure!(
        !corpus.is_empty(),
        "{}: no post could be read; name JSON lines or a folder of Markdown",
        posts.display()
    );
    let texts: Vec<String> = corpus.posts().iter().map(text_of).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let embedder = session.embedder(session.long_texts())?;
    let embeddings = session.embed_texts(&*embedder, &texts, "posts")?.embeddings;
    let mut recommender = Recommender::new(corpus, embeddings)?;
    recommender.set_introduction(embedder.embed(&[INTRODUCTION])?.row(0).to_vec())?;
    Ok(recommender)
}

/// Finds the posts of known orders; ids that no post has are counted and left out.
fn located(session: &Session<'_>, corpus: &Corpus, known: Known, file: &str) -> anyhow::Result<Vec<KnownPath>> {
    let ids: Vec<String> = match &known {
        Known::Orders(orders) => orders.iter().flat_map(|order| order.ids.clone()).collect(),
        Known::Prerequisites(pairs) => pairs.iter().flat_map(|(first, then)| [first.clone(), then.clone()]).collect(),
    };
    let places = places(session, corpus, ids, file)?;
    let place = |id: &String| places.get(id).copied().flatten();
    let paths = match known {
        Known::Orders(orders) => orders.iter().map(|order| of_order(order, &place)).collect(),
        Known::Prerequisites(pairs) => vec![of_pairs(&pairs, &place)],
    };
    let (measurable, short): (Vec<KnownPath>, Vec<KnownPath>) =
        paths.into_iter().partition(|path: &KnownPath| !path.pairs.is_empty());
    if !short.is_empty() {
        session.console.warn(&format!("{} of fewer than two posts left out", many(short.len(), "path")));
    }
    anyhow::ensure!(!measurable.is_empty(), "{file}: no two posts to put in order; name the posts with --posts");
    Ok(measurable)
}

fn of_order(order: &KnownOrder, place: &dyn Fn(&String) -> Option<usize>) -> KnownPath {
    let mut posts: Vec<usize> = Vec::with_capacity(order.ids.len());
    for position in order.ids.iter().filter_map(place) {
        if !posts.contains(&position) {
            posts.push(position);
        }
    }
    KnownPath { name: order.name.clone(), pairs: pairs_of(&posts), posts, is_order: true }
}

fn of_pairs(pairs: &[(String, String)], place: &dyn Fn(&String) -> Option<usize>) -> KnownPath {
    let pairs: Vec<(usize, usize)> =
        pairs.iter().filter_map(|(first, then)| Some((place(first)?, place(then)?))).filter(|(a, b)| a != b).collect();
    let mut posts: Vec<usize> = pairs.iter().flat_map(|&(first, then)| [first, then]).collect();
    posts.sort_unstable();
    posts.dedup();
    KnownPath { name: String::new(), posts, pairs, is_order: false }
}

/// Finds each id once, by id, URL or path, with or without the path's ending.
fn places(
    session: &Session<'_>,
    corpus: &Corpus,
    ids: Vec<String>,
    file: &str,
) -> anyhow::Result<HashMap<String, Option<usize>>> {
    let mut places: HashMap<String, Option<usize>> = HashMap::new();
    let mut missing = Vec::new();
    let ids: BTreeSet<String> = ids.into_iter().collect();
    for id in ids {
        let stem = id.rsplit_once('.').map(|(stem, _)| stem);
        let place = corpus.find_exact(&id).or_else(|| corpus.find_exact(stem?));
        missing.extend(place.is_none().then(|| id.clone()));
        places.insert(id, place);
    }
    let examples = missing.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join(", ");
    if missing.len() == places.len() {
        let posts: Vec<String> = corpus.posts().iter().take(EXAMPLES).map(|post| post.id.to_string()).collect();
        let posts = posts.join(", ");
        anyhow::bail!(
            "{file}: it names no post that is here: it has {examples}, the posts are {posts}; name its posts with --posts"
        );
    }
    if !missing.is_empty() {
        session.console.warn(&format!("{file}: {} of no post left out, such as {examples}", many(missing.len(), "id")));
    }
    Ok(places)
}

fn given_order(session: &Session<'_>, corpus: &Corpus, file: &Path) -> anyhow::Result<Vec<usize>> {
    let name = file.display().to_string();
    let Known::Orders(orders) = parse_known(&read_text(file)?, &name)? else {
        anyhow::bail!("{name}: prerequisites are no order; write one id a line");
    };
    let ids: Vec<String> = orders.into_iter().flat_map(|order| order.ids).collect();
    let places = places(session, corpus, ids.clone(), &name)?;
    Ok(ids.iter().filter_map(|id| places.get(id).copied().flatten()).collect())
}

fn measured(path: &KnownPath, order: &'static str, posts: &[usize]) -> Record {
    let tau = if path.is_order { order_tau(posts, &path.posts) } else { None };
    let pairs_right = pairs_in_order(posts, &path.pairs).accuracy();
    Record { path: path.name.clone(), order, posts: path.posts.len(), tau, pairs_right, pairs: path.pairs.len() }
}

/// Sorts a path's posts; equal ones by id.
fn sorted_by<K: Ord>(path: &KnownPath, key: impl Fn(usize) -> K) -> Vec<usize> {
    let mut posts = path.posts.clone();
    posts.sort_unstable();
    posts.sort_by_key(|&position| key(position));
    posts
}

fn folded_title(post: &Post) -> String {
    post.title.to_lowercase()
}

fn length(post: &Post) -> usize {
    word_count(post.text.as_deref().unwrap_or(&post.summary.text))
}

/// Returns the means over all paths, each path counting the same.
fn means(records: &[Record]) -> Vec<Record> {
    let mut names: Vec<&'static str> = Vec::new();
    for record in records {
        if !names.contains(&record.order) {
            names.push(record.order);
        }
    }
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let of = |order: &'static str| {
        let of_order = || records.iter().filter(move |record| record.order == order);
        Record {
            path: "mean".to_owned(),
            order,
            posts: of_order().map(|record| record.posts).sum(),
            tau: mean(of_order().filter_map(|record| record.tau).collect()),
            pairs_right: mean(of_order().filter_map(|record| record.pairs_right).collect()),
            pairs: of_order().map(|record| record.pairs).sum(),
        }
    };
    names.into_iter().map(of).collect()
}
