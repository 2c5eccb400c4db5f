//! The questions: related, search, explain.

use std::path::Path;

use super::args::{Explain, LinkedWord, Related, Search, typed};
use super::draft::read_draft;
use super::errors::Usage;
use super::filling::{self, AskedFor};
use super::session::Session;
use super::settings::Settings;
use super::words::{are, many};
use crate::corpus::Corpus;
use crate::embeddings::Embeddings;
use crate::output::view::{self, Asked, List};
use crate::output::{self, Format, render};
use crate::recommender::{Answer, Least, Linked, Opened, Query, RelatedOptions, space_of, text_of};

pub(super) fn related(session: &mut Session<'_>, args: &Related) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    session.take_caps(&args.filters);
    filling::take(session, args.fallback);
    take_linked(session, args.linked);
    let opened = session.open_recommender()?;
    let options = RelatedOptions { filter: session.filter(&opened, &args.filters)?, ..related_options(session) };
    match (&args.draft, &args.post) {
        (Some(file), _) => related_to_draft(session, &opened, file, &options),
        (None, Some(word)) => show_related(session, &opened, word, &options),
        (None, None) => Err(Usage::new("name a post, or a file with --draft").into()),
    }
}

pub(super) fn show_related(
    session: &Session<'_>,
    opened: &Opened,
    word: &str,
    options: &RelatedOptions,
) -> anyhow::Result<()> {
    let corpus = opened.recommender.corpus();
    let position = session.find_post(opened, word)?;
    let post = corpus.post(position);
    let answer = opened.recommender.related(&post.id, options)?;
    if !opened.recommender.editorial().has_list(position) {
        session
            .console
            .note(&format!("{} wants no list: `list: false` in its front matter or in nextread.toml", post.id));
        let asked = view::asked_post(post);
        let list = view::recommendations("related", asked, &answer, &opened.recommender, &opened.space.key());
        return show(session, opened, &list);
    }
    // A filling minds the wishes of authors, too.
    let filter = opened.recommender.with_wishes(Some(position), &options.filter);
    let asked_for = AskedFor { known: &[position], filter: &filter };
    show_answer(session, opened, ("related", view::asked_post(post)), &answer, &asked_for)
}

fn related_to_draft(
    session: &Session<'_>,
    opened: &Opened,
    file: &Path,
    options: &RelatedOptions,
) -> anyhow::Result<()> {
    let draft = read_draft(file)?;
    let vectors = embed_texts(session, opened, &[&text_of(&draft)])?;
    let answer = opened.recommender.related_to_draft(&draft, vectors.row(0), options)?;
    let filter = opened.recommender.with_wishes(None, &options.filter);
    let asked_for = AskedFor { known: &[], filter: &filter };
    show_answer(session, opened, ("related", Asked::Draft { title: draft.title.clone() }), &answer, &asked_for)
}

pub(super) fn search(session: &mut Session<'_>, args: &Search) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    session.take_caps(&args.filters);
    filling::take(session, args.fallback);
    let opened = session.open_recommender()?;
    let text = args.words.join(" ");
    let vectors = embed_texts(session, &opened, &[&text])?;
    let query = Query { text: &text, vector: vectors.row(0) };
    let options = RelatedOptions { filter: session.filter(&opened, &args.filters)?, ..related_options(session) };
    let answer = opened.recommender.search(&query, &options)?;
    let asked_for = AskedFor { known: &[], filter: &options.filter };
    show_answer(session, &opened, ("search", Asked::Text { text: text.clone() }), &answer, &asked_for)
}

/// Shows recommendations, fills the list if that is asked for, and says why there are fewer than were asked for.
pub(super) fn show_answer(
    session: &Session<'_>,
    opened: &Opened,
    (verb, asked): (&'static str, Asked),
    answer: &Answer,
    asked_for: &AskedFor<'_>,
) -> anyhow::Result<()> {
    let corpus = opened.recommender.corpus();
    let mut list = view::recommendations(verb, asked, answer, &opened.recommender, &opened.space.key());
    let filled = filling::fill(session, opened, &mut list, asked_for, answer);
    show(session, opened, &list)?;
    say_shortfall(session, answer, corpus);
    filled.iter().for_each(|note| session.console.note(note));
    Ok(())
}

pub(super) fn take_linked(session: &mut Session<'_>, linked: Option<LinkedWord>) {
    session.settings.put_flag("linked", linked.map(typed));
}

pub(super) fn explain(session: &mut Session<'_>, args: &Explain) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    session.take_caps(&args.filters);
    take_linked(session, args.linked);
    let opened = session.open_recommender()?;
    let corpus = opened.recommender.corpus();
    let query = corpus.post(session.find_post(&opened, &args.query)?);
    let post = corpus.post(session.find_post(&opened, &args.post)?);
    let options = RelatedOptions { filter: session.filter(&opened, &args.filters)?, ..related_options(session) };
    let found = opened.recommender.explain(&query.id, &post.id, &options)?;
    let explained = output::explanation(query, post, &found, corpus, &opened.space.key());
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

/// The filter is left to the caller, who may have flags for it.
pub(super) fn related_options(session: &Session<'_>) -> RelatedOptions {
    let defaults = RelatedOptions::default();
    let settings = &session.settings;
    RelatedOptions {
        limit: settings.value("limit").unwrap_or(defaults.limit),
        least: least(settings),
        diversity: settings.value("diversity").unwrap_or(defaults.diversity),
        filter: defaults.filter,
        caps: session.caps(),
        linked: settings.get("linked").and_then(|setting| Linked::parse(&setting.text)).unwrap_or_default(),
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
    let kinds = [
        (rejected.disliked, "nearer to what you dislike than to what you like"),
        (rejected.blocked, "blocked"),
        (rejected.filtered, "kept out by filters"),
        (rejected.by_author, "blocked or hidden by authors"),
        (rejected.over_caps, "over the most of one source, author or series"),
    ];
    why.extend(kinds.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{} {kind}", are(*count))));
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
