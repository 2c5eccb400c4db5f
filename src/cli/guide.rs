//! `guide`: a field guide to a source.

use std::collections::BTreeSet;

use super::args::GuideArgs;
use super::path::say_events;
use super::session::Session;
use super::topics::say_left_out;
use super::words::many;
use crate::output::view::Asked;
use crate::output::{self, Format};
use crate::recommender::PathOptions;

pub(super) fn run(session: &Session<'_>, args: &GuideArgs) -> anyhow::Result<()> {
    let opened = session.open_recommender()?;
    let (recommender, space) = (&opened.recommender, opened.space.key());
    let corpus = recommender.corpus();
    let defaults = PathOptions::default();
    let options = PathOptions { limit: args.limit.map_or(defaults.limit, usize::from), ..defaults };
    let found = recommender.guide(args.source.as_deref(), args.versus.as_deref(), &options)?;
    // As the posts write it, whatever was typed; all posts may well be of one source.
    let sources: BTreeSet<&str> =
        recommender.of_source(args.source.as_deref())?.iter().map(|&at| corpus.post(at).source.as_str()).collect();
    let named = sources.first().copied().filter(|_| args.source.is_some() || sources.len() == 1);
    let topics = output::topics(&found.topics, named, found.topics.topics.len(), corpus, &space);
    let asked = Asked::Tour { source: named.map(str::to_owned) };
    let tour = output::path(asked, &found.tour.path, options.limit, recommender, &space);
    let view = output::guide(&found, topics, tour, corpus);
    let text = match session.format() {
        Format::Json => output::json(&view)?,
        Format::JsonLines => output::json_line(&view)?,
        Format::Table if session.writes_html() => output::guide_html(&view),
        Format::Table => output::guide_text(&view, session.console.columns()),
        Format::Markdown => output::guide_markdown(&view),
    };
    session.console.data(&text)?;
    let undated = found.figures.posts - found.figures.dated;
    if undated > 0 {
        session.console.note(&format!("{} without a date: in no year", many(undated, "post")));
    }
    let unknown = found.figures.posts - found.figures.minutes.len();
    if unknown > 0 {
        session.console.note(&format!("{} without a text to measure: in no number of minutes", many(unknown, "post")));
    }
    if found.tour.looked_at < found.tour.posts {
        let (some, all) = (found.tour.looked_at, many(found.tour.posts, "post"));
        session.console.note(&format!("where to begin: central among {some} of {all}, evenly taken by their ids"));
    }
    say_events(session, &found.tour);
    say_left_out(session, &found.topics);
    Ok(())
}
