//! The questions: related, next, search, explain.

use super::args::{Explain, Next, Related, Search};
use super::errors::Usage;
use super::filling;
use super::history_file;
use super::session::Session;
use super::settings::Settings;
use super::words::{are, many};
use crate::corpus::Corpus;
use crate::embeddings::Embeddings;
use crate::output::view::{self, Asked, List};
use crate::output::{self, Format, render};
use crate::post::PostId;
use crate::recommender::{Answer, Least, NextOptions, Opened, Query, RelatedOptions, space_of};
use crate::store::Store;

pub(super) fn related(session: &mut Session<'_>, args: &Related) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    filling::take(session, args.fallback);
    let opened = session.open_recommender()?;
    show_related(session, &opened, &args.post)
}

pub(super) fn show_related(session: &Session<'_>, opened: &Opened, word: &str) -> anyhow::Result<()> {
    let corpus = opened.recommender.corpus();
    let position = session.find_post(opened, word)?;
    let post = corpus.post(position);
    let options = related_options(session);
    let answer = opened.recommender.related(&post.id, &options)?;
    let (asked, space) = (view::asked_post(post), opened.space.key());
    let mut list = view::recommendations("related", asked, &answer, &opened.recommender, &space);
    let filled = filling::fill(session, opened, &mut list, &[position], &answer);
    show(session, opened, &list)?;
    say_shortfall(session, &answer, corpus);
    filled.iter().for_each(|note| session.console.note(note));
    Ok(())
}

pub(super) fn search(session: &mut Session<'_>, args: &Search) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    filling::take(session, args.fallback);
    let opened = session.open_recommender()?;
    let text = args.words.join(" ");
    let vectors = embed_texts(session, &opened, &[&text])?;
    let query = Query { text: &text, vector: vectors.row(0) };
    let options = related_options(session);
    let answer = opened.recommender.search(&query, &options)?;
    let corpus = opened.recommender.corpus();
    let (asked, space) = (Asked::Text { text: text.clone() }, opened.space.key());
    let mut list = view::recommendations("search", asked, &answer, &opened.recommender, &space);
    let filled = filling::fill(session, &opened, &mut list, &[], &answer);
    show(session, &opened, &list)?;
    say_shortfall(session, &answer, corpus);
    filled.iter().for_each(|note| session.console.note(note));
    Ok(())
}

pub(super) fn next(session: &mut Session<'_>, args: &Next) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    session.settings.put_flag("surprise", args.surprise);
    filling::take(session, args.fallback);
    let opened = session.open_recommender()?;
    let history = reading_history(session, args, &opened)?;
    show_next(session, &opened, &history)
}

pub(super) fn show_next(session: &Session<'_>, opened: &Opened, history: &[PostId]) -> anyhow::Result<()> {
    let defaults = NextOptions::default();
    let settings = &session.settings;
    let options = NextOptions {
        limit: settings.value("limit").unwrap_or(defaults.limit),
        least: least(settings),
        diversity: settings.value("diversity").unwrap_or(defaults.diversity),
        surprise: settings.value("surprise").unwrap_or(defaults.surprise),
        ..defaults
    };
    let answer = opened.recommender.next(history, &options)?;
    let corpus = opened.recommender.corpus();
    let asked = Asked::History { read: history.iter().map(ToString::to_string).collect() };
    let mut list = view::recommendations("next", asked, &answer, &opened.recommender, &opened.space.key());
    let known: Vec<usize> = history.iter().filter_map(|id| corpus.position(id)).collect();
    let filled = filling::fill(session, opened, &mut list, &known, &answer);
    show(session, opened, &list)?;
    say_shortfall(session, &answer, corpus);
    filled.iter().for_each(|note| session.console.note(note));
    Ok(())
}

pub(super) fn explain(session: &mut Session<'_>, args: &Explain) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    let opened = session.open_recommender()?;
    let corpus = opened.recommender.corpus();
    let query = corpus.post(session.find_post(&opened, &args.query)?);
    let post = corpus.post(session.find_post(&opened, &args.post)?);
    let found = opened.recommender.explain(&query.id, &post.id, &related_options(session))?;
    let explained = view::explanation(query, post, &found, corpus, &opened.space.key());
    let text = match session.format() {
        Format::Json => output::json(&explained)?,
        Format::JsonLines => output::json_line(&explained)?,
        Format::Table => output::explanation_table(&explained, session.console.columns()),
        Format::Markdown => output::explanation_markdown(&explained),
    };
    session.console.data(&text)
}

/// Takes the least score as it is given, else as a share of pairs drawn by chance.
pub(super) fn least(settings: &Settings) -> Least {
    let share = || settings.value("closer_than").map_or_else(Least::default, Least::CloserThan);
    settings.value("min_score").map_or_else(share, Least::Score)
}

fn related_options(session: &Session<'_>) -> RelatedOptions {
    let defaults = RelatedOptions::default();
    let settings = &session.settings;
    RelatedOptions {
        limit: settings.value("limit").unwrap_or(defaults.limit),
        least: least(settings),
        diversity: settings.value("diversity").unwrap_or(defaults.diversity),
    }
}

pub(super) fn show(session: &Session<'_>, opened: &Opened, list: &List) -> anyhow::Result<()> {
    let unreadable = opened.unreadable.take();
    if unreadable > 0 {
        session.console.warn(&format!(
            "the sentences or the text of {} could not be read and are no evidence here; run `nextread status`",
            many(unreadable, "post")
        ));
    }
    session.console.data(&render(list, session.format(), session.console.columns())?)
}

/// Embeds free texts, which must be in the space of the stored vectors; the first one is what was asked.
pub(super) fn embed_texts(session: &Session<'_>, opened: &Opened, texts: &[&str]) -> anyhow::Result<Embeddings> {
    if texts.first().is_none_or(|text| text.trim().is_empty()) {
        return Err(Usage::new("there are no words to look for").into());
    }
    let made = &opened.space.space;
    let asked_for = session.settings.get("precision").filter(|setting| setting.text != made.precision.as_str());
    if let Some(setting) = asked_for {
        let (stored, wanted) = (made.precision.as_str(), &setting.text);
        session.console.note(&format!(
            "the stored vectors are {stored}, and so is the question's; `nextread index --precision {wanted}` embeds anew"
        ));
    }
    let embedder = session.embedder_of(made.long_texts, made.precision)?;
    let asked = space_of(&*embedder);
    if asked != opened.space {
        return Err(Usage::new(format!(
            "the store's vectors are of {}, not of {}; name that model with --model, or run `nextread index` to embed anew",
            opened.space.key(),
            asked.key()
        ))
        .into());
    }
    Ok(embedder.embed(texts)?)
}

fn reading_history(session: &Session<'_>, args: &Next, opened: &Opened) -> anyhow::Result<Vec<PostId>> {
    let corpus = opened.recommender.corpus();
    if !args.read.is_empty() {
        let found = args.read.iter().map(|word| session.find_post(opened, word));
        return found.map(|position| Ok(corpus.post(position?).id.clone())).collect();
    }
    let (mut records, from) = match &args.history {
        Some(file) => (history_file::read(file)?, file.display().to_string()),
        None => {
            let store: Store = session.open_store()?;
            let loaded = store.history()?;
            loaded.damaged.iter().for_each(|damaged| session.console.warn(&damaged.to_string()));
            (loaded.items, "the stored history".to_owned())
        }
    };
    if records.is_empty() {
        let hint = "name posts with --read, or add them with `nextread history add`";
        return Err(Usage::new(format!("{from} is empty; {hint}")).into());
    }
    let mut known = Vec::new();
    let mut unknown = 0;
    if let Some(undated) = history_file::sort_by_time(&mut records) {
        session
            .console
            .note(&format!("{undated} of {} reads have no readable time: taken in the order of {from}", records.len()));
    }
    for record in &records {
        match corpus.find_exact(&record.post) {
            Some(position) => {
                let id = &corpus.post(position).id;
                // Read again, perhaps under its other name: the last time counts.
                known.retain(|earlier| earlier != id);
                known.push(id.clone());
            }
            None => {
                unknown += 1;
                session.console.detail(&format!("{from}: \"{}\" is not in the store", record.post));
            }
        }
    }
    if unknown > 0 {
        session
            .console
            .note(&format!("{unknown} of {} posts of {from} are not in the store and do not count", records.len()));
    }
    if known.is_empty() {
        return Err(Usage::new(format!("no post of {from} is in the store; index what you read, or use --read")).into());
    }
    Ok(known)
}

fn say_shortfall(session: &Session<'_>, answer: &Answer, corpus: &Corpus) {
    let shown = answer.recommendations.len();
    if shown >= answer.limit {
        return;
    }
    let rejected = &answer.rejected;
    let mut why = Vec::new();
    if rejected.below_min_score > 0 {
        why.push(format!(
            "{} below the minimum score of {}",
            are(rejected.below_min_score),
            view::rounded(answer.least)
        ));
    }
    if rejected.duplicates > 0 {
        why.push(format!("{} the same as another or as what you read", are(rejected.duplicates)));
    }
    if rejected.already_read > 0 {
        why.push(format!("{} read already", are(rejected.already_read)));
    }
    if why.is_empty() {
        why.push(format!("the store has only {}", many(rejected.considered, "other")));
    }
    let nearest = rejected.nearest_below.map_or_else(String::new, |below| {
        let floor = (f64::from(below.score) * 1_000.0).floor() / 1_000.0;
        let title = &corpus.post(below.position).title;
        format!("; the nearest of those is \u{201c}{title}\u{201d}, shown with --min-score {floor}")
    });
    session.console.note(&format!("{shown} shown of at most {}: {}{nearest}", answer.limit, why.join(", ")));
}
