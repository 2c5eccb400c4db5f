//! `eval links`: are the related posts those that the site's own authors joined?

use std::time::Instant;

use serde::Serialize;

use super::args::{LinkKind, Links};
use super::beir::measuring;
use super::files::write_text;
use super::saved;
use super::search::{Answered, Question, Setting, milliseconds, retrievers};
use super::show::{Grid, means, means_by_name, show};
use super::site::{Site, add_related, read_site, say_links};
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::corpus::{Corpus, TermCounter, Terms};
use crate::embed::Embedder;
use crate::embeddings::Embeddings;
use crate::eval::formats::write_qrels;
use crate::eval::links::{TAG_POSTS_MAX, TAG_SHARE_MAX, qrels_of_pairs, qrels_of_series, qrels_of_tags};
use crate::eval::measures::{Measure, coverage, gini, ild, novelty, serendipity, times_shown};
use crate::eval::{CollectionProvenance, Evaluation, Qrels, Query, Retriever, Searched, evaluate, fingerprint};
use crate::post::{Post, PostId};
use crate::rank::story::Stories;
use crate::recommender::text_of;

/// With fewer queries than this, what looks like a difference between two settings is chance.
const QUERIES_MIN: usize = 20;
/// Answers a query: the measures look no further, unless one of them does.
const DEPTH: usize = 100;

/// What is measured of whole lists, one a value of [`list_values`].
const LIST_MEASURES: [&str; 5] = ["ILD", "novelty", "serendipity", "coverage", "Gini"];

/// Measures the list of the post at a position.
type ListMeasure<'m> = &'m dyn Fn(usize, &[usize], &Embeddings) -> Option<f64>;

/// Judgments of one kind.
struct Judged {
    kind: LinkKind,
    qrels: Qrels,
}

impl LinkKind {
    const ALL: [LinkKind; 4] = [LinkKind::Links, LinkKind::Series, LinkKind::Tags, LinkKind::Related];

    fn name(self) -> &'static str {
        match self {
            LinkKind::Links => "links",
            LinkKind::Series => "series",
            LinkKind::Tags => "tags",
            LinkKind::Related => "related",
        }
    }

    /// Says what a post has by which it is judged.
    fn words(self) -> &'static str {
        match self {
            LinkKind::Links => "a link to another",
            LinkKind::Series => "a series with another",
            LinkKind::Tags => "a tag that few others have",
            LinkKind::Related => "a related list",
        }
    }

    /// Returns the posts without what the judgments were made of. Words of links are hidden already; a series' name and
    /// number stay where they are words of a title.
    fn hide(self, corpus: &Corpus) -> anyhow::Result<Corpus> {
        let hide = |post: &Post| match self {
            LinkKind::Tags => Post { tags: Vec::new(), ..post.clone() },
            LinkKind::Series => Post { series: None, ..post.clone() },
            LinkKind::Links | LinkKind::Related => post.clone(),
        };
        Ok(Corpus::new(corpus.posts().iter().map(hide).collect())?)
    }
}

/// One row of the answer.
#[derive(Serialize)]
struct Record {
    against: &'static str,
    retriever: String,
    queries: usize,
    judgments: usize,
    measures: serde_json::Map<String, serde_json::Value>,
}

/// What is searched and how.
struct Bench<'a> {
    session: &'a Session<'a>,
    site: &'a Site,
    texts: &'a [String],
    embedder: Option<&'a dyn Embedder>,
    embeddings: Option<&'a Embeddings>,
    /// Texts that were embedded now, and the milliseconds that it took.
    embedded: (usize, f64),
}

pub(super) fn run(session: &mut Session<'_>, args: &Links) -> anyhow::Result<()> {
    let (measures, ties) = measuring(&args.measuring)?;
    let retrievers = retrievers(&args.retriever)?;
    let mut site = read_site(session, &args.paths)?;
    say_links(session, &site.links);
    if let Some(file) = &args.related {
        add_related(session, file, &mut site)?;
    }
    let judged = judge(session, &site, &args.by)?;
    let texts: Vec<String> = site.corpus.posts().iter().map(text_of).collect();
    let embedder = if retrievers.iter().any(|(_, retriever)| retriever.needs_vectors()) {
        Some(session.embedder(session.long_texts())?)
    } else {
        session.console.note("no retriever needs vectors: diversity, novelty and serendipity are left out");
        None
    };
    let start = Instant::now();
    let lent: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = embedder.as_ref().map(|embedder| session.embed_texts(&**embedder, &lent, "posts")).transpose()?;
    let bench = Bench {
        session,
        site: &site,
        texts: &texts,
        embedder: embedder.as_ref().map(|embedder| &**embedder as &dyn Embedder),
        embeddings: vectors.as_ref().map(|vectors| &vectors.embeddings),
        embedded: (vectors.as_ref().map_or(0, |vectors| vectors.embedded), milliseconds(start)),
    };
    let mut records = Vec::new();
    let mut rows = Vec::new();
    for judged in &judged {
        if let Some(folder) = &args.save {
            write_text(&folder.join(format!("{}.qrels", judged.kind.name())), &write_qrels(&judged.qrels)?)?;
        }
        for (word, retriever) in &retrievers {
            let answered = bench.answer(retriever, judged, &measures)?;
            if let Some(folder) = &args.save {
                saved::save(folder, word, &answered)?;
            }
            let evaluation = evaluate(&answered.run, &judged.qrels, &measures, ties);
            rows.push(row(word, judged, &evaluation));
            records.push(Record {
                against: judged.kind.name(),
                retriever: word.clone(),
                queries: judged.qrels.len(),
                judgments: judged.qrels.judgments(),
                measures: means_by_name(&evaluation),
            });
        }
    }
    let header = ["against", "retriever", "queries", "judgments"].map(str::to_owned).into_iter();
    let header = header.chain(measures.iter().map(ToString::to_string)).collect();
    lists(&bench, &retrievers, usize::from(args.limit), Grid { header, rows }, records)
}

fn row(retriever: &str, judged: &Judged, evaluation: &Evaluation) -> Vec<String> {
    let counts = [judged.qrels.len().to_string(), judged.qrels.judgments().to_string()];
    let names = [judged.kind.name().to_owned(), retriever.to_owned()];
    names.into_iter().chain(counts).chain(means(evaluation)).collect()
}

/// Makes the judgments of every kind that was asked for, or that the site has.
fn judge(session: &Session<'_>, site: &Site, by: &[LinkKind]) -> anyhow::Result<Vec<Judged>> {
    let kinds = if by.is_empty() { &LinkKind::ALL[..] } else { by };
    let mut all = Vec::new();
    for kind in LinkKind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
        let qrels = match kind {
            LinkKind::Links => qrels_of_pairs(&site.corpus, &site.links.body),
            LinkKind::Related => qrels_of_pairs(&site.corpus, &site.links.related),
            LinkKind::Series => qrels_of_series(&site.corpus),
            LinkKind::Tags => qrels_by_tags(session, site),
        };
        let name = kind.name();
        if qrels.is_empty() {
            session.console.note(&format!("{name}: none on this site that join two posts; left out"));
        } else if qrels.len() < QUERIES_MIN {
            let queries = many(qrels.len(), "query");
            session.console.note(&format!("{name}: {queries}: too few to tell settings apart"));
        }
        say_same_posts(session, site, name, &qrels);
        all.push(Judged { kind, qrels });
    }
    all.retain(|judged| !judged.qrels.is_empty());
    anyhow::ensure!(
        !all.is_empty(),
        "there is nothing to measure against: none of {} has {}; name related posts with --related",
        many(site.corpus.len(), "post"),
        kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(", ")
    );
    Ok(all)
}

/// Says how many judgments `nextread` cannot meet, as it takes the two posts for one.
fn say_same_posts(session: &Session<'_>, site: &Site, name: &str, qrels: &Qrels) {
    let counter = TermCounter::default();
    let terms: Vec<Terms> = site.corpus.posts().iter().map(|post| counter.of_post(post)).collect();
    // Without vectors, which tell of no words that are not known already.
    let stories = Stories::find(site.corpus.posts(), &terms, &|_, _| 0.0);
    let kinds = stories.originals();
    let kind = |id: &str| PostId::new(id).ok().and_then(|id| site.corpus.position(&id)).map(|position| kinds[position]);
    let same = |query: &str| {
        let own = kind(query);
        qrels.of(query).iter().filter(|judgment| kind(&judgment.post) == own).count()
    };
    let count: usize = qrels.queries().map(|(query, _)| same(query)).sum();
    if count > 0 {
        session.console.note(&format!(
            "{name}: {} that nextread takes for the same story as the query post and never shows beside it",
            many(count, "judged post")
        ));
    }
}

fn qrels_by_tags(session: &Session<'_>, site: &Site) -> Qrels {
    let judged = qrels_of_tags(&site.corpus);
    if !judged.common.is_empty() {
        let share = TAG_SHARE_MAX * 100.0;
        let named = judged.common.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = if judged.common.len() > 3 { ", \u{2026}" } else { "" };
        let tags = many(judged.common.len(), "tag");
        session.console.note(&format!("tags: {tags} on more than {share} % of the posts, or on more than {TAG_POSTS_MAX}, not counted ({named}{more})"));
    }
    judged.qrels
}

impl Bench<'_> {
    /// Asks a retriever for the posts at some positions of `corpus`.
    fn ask(
        &self,
        retriever: &Retriever,
        corpus: &Corpus,
        collection: CollectionProvenance,
        queries: &[usize],
        depth: usize,
    ) -> anyhow::Result<Answered> {
        let question = |&position: &usize| {
            let vector = self.embeddings.map(|embeddings| embeddings.row(position));
            let query = Query { text: &self.texts[position], vector, itself: Some(position) };
            Question { id: self.site.corpus.post(position).id.as_str(), query }
        };
        let setting = Setting {
            session: self.session,
            embedder: self.embedder,
            collection,
            searched: Searched { corpus, texts: self.texts, embeddings: self.embeddings },
            questions: queries.iter().map(question).collect(),
            embedded: self.embedded,
            depth,
        };
        setting.ask(retriever)
    }

    fn answer(&self, retriever: &Retriever, judged: &Judged, measures: &[Measure]) -> anyhow::Result<Answered> {
        let depth = measures.iter().filter_map(|measure| measure.cutoff()).fold(DEPTH, usize::max);
        let corpus = judged.kind.hide(&self.site.corpus)?;
        let is_judged = |post: &Post| judged.qrels.contains(post.id.as_str());
        let queries: Vec<usize> = (0..corpus.len()).filter(|&at| is_judged(corpus.post(at))).collect();
        let collection = CollectionProvenance {
            name: judged.kind.name().to_owned(),
            split: "silver".to_owned(),
            posts: corpus.len(),
            queries: queries.len(),
            sha256: self.fingerprint(&judged.qrels)?,
        };
        self.ask(retriever, &corpus, collection, &queries, depth)
    }

    /// Returns SHA-256 over the ids and texts of the posts and the judgments.
    fn fingerprint(&self, qrels: &Qrels) -> anyhow::Result<String> {
        let ids = self.site.corpus.posts().iter().map(|post| post.id.as_str());
        let judged = write_qrels(qrels)?;
        Ok(fingerprint(ids.chain(self.texts.iter().map(String::as_str)).chain([judged.as_str()])))
    }
}

/// Adds the measures of whole lists, a row a retriever, and shows everything.
fn lists(
    bench: &Bench<'_>,
    retrievers: &[(String, Retriever)],
    n: usize,
    judged: Grid,
    mut records: Vec<Record>,
) -> anyhow::Result<()> {
    let names = LIST_MEASURES.map(|name| format!("{name}@{n}"));
    let header = [format!("lists of {n}"), "posts".to_owned()].into_iter();
    let header = header.chain(LIST_MEASURES.map(str::to_owned)).collect();
    let mut grid = Grid { header, rows: Vec::new() };
    for (word, retriever) in retrievers {
        let values = list_values(bench, retriever, n)?;
        let shown = values.map(|value| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}")));
        let posts = bench.site.corpus.len();
        let head = [word.clone(), posts.to_string()];
        grid.rows.push(head.into_iter().chain(shown).collect());
        let measures = names.iter().cloned().zip(values.into_iter().map(serde_json::Value::from)).collect();
        records.push(Record { against: "lists", retriever: word.clone(), queries: posts, judgments: 0, measures });
    }
    show(bench.session, "eval links", &records, &[judged, grid])
}

/// Returns ILD, novelty, serendipity (means over the lists that have them; the relevance is the similarity to the query
/// post), coverage and Gini of the first `n` answers for every post.
fn list_values(bench: &Bench<'_>, retriever: &Retriever, n: usize) -> anyhow::Result<[Option<f64>; 5]> {
    let corpus = &bench.site.corpus;
    let queries: Vec<usize> = (0..corpus.len()).collect();
    let all = CollectionProvenance {
        name: "all posts".to_owned(),
        split: String::new(),
        posts: corpus.len(),
        queries: corpus.len(),
        sha256: String::new(),
    };
    let run = bench.ask(retriever, corpus, all, &queries, n)?.run;
    let positions = |post: &Post| -> Vec<usize> {
        let ids = run.of(post.id.as_str()).iter().map(|answer| &*answer.post);
        ids.filter_map(|id| corpus.position(&PostId::new(id).ok()?)).collect()
    };
    let found: Vec<Vec<usize>> = corpus.posts().iter().map(positions).collect();
    let shown = times_shown(found.iter().map(Vec::as_slice), corpus.len());
    let mean = |value: ListMeasure<'_>| {
        let embeddings = bench.embeddings?;
        let values: Vec<f64> =
            found.iter().enumerate().filter_map(|(query, list)| value(query, list, embeddings)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let relevance = |query: usize, list: &[usize], embeddings: &Embeddings| -> Vec<f64> {
        let similar = |&post: &usize| crate::similarity::dot(embeddings.row(query), embeddings.row(post));
        list.iter().map(|post| f64::from(similar(post).max(0.0))).collect()
    };
    Ok([
        mean(&|_, list, embeddings| ild(list, embeddings)),
        mean(&|query, list, embeddings| novelty(list, &[query], embeddings)),
        mean(&|query, list, embeddings| serendipity(list, &relevance(query, list, embeddings), &[query], embeddings)),
        coverage(&shown),
        gini(&shown),
    ])
}
