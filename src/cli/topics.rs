//! `topics`: what the posts are about.

use super::args::TopicsArgs;
use super::session::Session;
use super::words::many;
use crate::output::{self, Format};
use crate::recommender::Topics;

pub(super) fn run(session: &Session<'_>, args: &TopicsArgs) -> anyhow::Result<()> {
    let opened = session.open_recommender()?;
    let found = opened.recommender.topics(args.source.as_deref())?;
    let limit = args.limit.map_or(found.topics.len(), usize::from);
    let space = opened.space.key();
    let view = output::topics(&found, args.source.as_deref(), limit, opened.recommender.corpus(), &space);
    let text = match session.format() {
        Format::Json => output::json(&view)?,
        Format::JsonLines => view.topics.iter().map(output::json_line).collect::<Result<_, _>>()?,
        Format::Table => output::topics_table(&view, session.console.columns()),
        Format::Markdown => output::topics_markdown(&view),
    };
    session.console.data(&text)?;
    if limit < found.topics.len() {
        let rest = &found.topics[limit..];
        let posts: usize = rest.iter().map(|topic| topic.posts.len()).sum();
        session.console.note(&format!(
            "{} more, of {}; -n {} shows all",
            many(rest.len(), "topic"),
            many(posts, "post"),
            found.topics.len()
        ));
    }
    say_left_out(session, &found);
    Ok(())
}

/// Says what topics could not be made of.
pub(super) fn say_left_out(session: &Session<'_>, found: &Topics) {
    let console = session.console;
    if found.topics.is_empty() {
        console.note(&format!(
            "no topics among {}: no three of them are near enough to each other",
            many(found.posts, "post")
        ));
    }
    if found.duplicates > 0 {
        console.note(&format!("{} of others left out", many(found.duplicates, "duplicate")));
    }
    if found.compared + 1 < found.posts {
        console.note(&format!(
            "each of {} was compared with the {} nearest by their vectors",
            many(found.posts, "post"),
            found.compared
        ));
    }
}
