//! What if a post changes? The command again, with what it has loaded, until somebody ends it.

mod events;
mod files;
mod signals;

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Instant;

use anyhow::Context;

use super::args::{FormatWord, Index};
use super::console::{Console, Loudness};
use super::errors::{self, Usage};
use super::index::{self, OpenModel};
use super::links::args::LinksArgs;
use super::links::{self, Moved};
use super::session::Session;
use super::spec::Spec;
use super::web;
use super::words::many;
use crate::recommender::Indexed;
use events::{Burst, Patience, each_burst};
use files::Watch;

/// Indexes, and again whenever a file changes.
pub(super) fn index(session: &Session<'_>, args: &Index) -> anyhow::Result<()> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Usage::new("--watch cannot watch stdin; name a file or folder").into());
    }
    let specs = watched(session, index::specs(session, args)?)?;
    let mut model: OpenModel = None;
    stay(session, &specs, &mut |session, specs| {
        let done = index::bring_up_to_date(session, args, specs, &mut model)?;
        index::refuse_unread(done.unread)?;
        Ok(said_of_posts(&done.indexed))
    })
}

/// Indexes every source of the store and writes the links of all posts, and again whenever a file changes.
pub(super) fn links(session: &mut Session<'_>, args: &LinksArgs, format: Option<FormatWord>) -> anyhow::Result<()> {
    links::refuse_to_watch(session, args, format)?;
    let every_source = Index::default();
    let specs = watched(session, index::specs(session, &every_source)?)?;
    let mut model: OpenModel = None;
    stay(session, &specs, &mut |session, specs| {
        let done = index::bring_up_to_date(session, &every_source, specs, &mut model)?;
        // The links of what could be read are worth writing all the same.
        index::refuse_unread(done.unread).unwrap_or_else(|fault| session.console.warn(&errors::say(&fault)));
        let moved = links::run(session, args, format)?;
        Ok(format!("{}; {}", said_of_posts(&done.indexed), said_of_links(moved)))
    })
}

fn said_of_posts(done: &Indexed) -> String {
    let Indexed { added, changed, removed, embedded, .. } = done;
    format!("{added} added, {changed} changed, {removed} removed; {embedded} embedded")
}

fn said_of_links(Moved { gained, lost }: Moved) -> String {
    format!("{gained} new and {lost} lost links")
}

/// Leaves out what nobody can watch.
fn watched(session: &Session<'_>, specs: Vec<Spec>) -> anyhow::Result<Vec<Spec>> {
    let (urls, specs): (Vec<Spec>, Vec<Spec>) = specs.into_iter().partition(|spec| web::is_url(spec.path()));
    for spec in &urls {
        let url = spec.path().display();
        session.console.warn(&format!("{url}: a URL is not watched; run `nextread index` to read it again"));
    }
    if specs.is_empty() {
        return Err(Usage::new(
            "there is nothing to watch; name a folder or file, as in `nextread index content/ --watch`",
        )
        .into());
    }
    Ok(specs)
}

/// One round of a command; returns what is said of it.
type Round<'r> = dyn FnMut(&mut Session<'_>, &[Spec]) -> anyhow::Result<String> + 'r;

/// Runs a round, and another one after each change. What fails is told, and waits for the next change.
fn stay(session: &Session<'_>, specs: &[Spec], round: &mut Round<'_>) -> anyhow::Result<()> {
    let (send, events) = channel();
    let sources: Vec<PathBuf> = specs.iter().map(|spec| spec.path().to_owned()).collect();
    // From before the first round on: what changes while it runs is not missed.
    let mut watch = Watch::new(sources, send.clone())?;
    let mut first = session.speaking_through(session.console);
    round(&mut first, specs)?;
    watch.take_own(&first.take_written());
    signals::forward(send).context("this system gives no signals")?;
    session.console.note(&format!("watching {}; Ctrl-C ends", watch.counted()));
    let quiet = Console::new(if session.console.is_verbose() { Loudness::Verbose } else { Loudness::Quiet });
    let mut again = session.speaking_through(&quiet);
    each_burst(&events, Patience::default(), |burst| {
        if let Err(fault) = after(session, &burst, &mut watch, &mut again, &mut |session| round(session, specs)) {
            session.console.warn(&format!("{}; waiting for the next change", errors::say(&fault)));
        }
    });
    Ok(())
}

/// Runs a round if what was heard has changed a file that is read.
fn after(
    session: &Session<'_>,
    burst: &Burst,
    watch: &mut Watch,
    again: &mut Session<'_>,
    round: &mut dyn FnMut(&mut Session<'_>) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let what = match &watch.take_changed(&burst.paths)?[..] {
        [] => return Ok(()),
        [one] => one.strip_prefix(session.folder()).unwrap_or(one).display().to_string(),
        several => many(several.len(), "file"),
    };
    let begun = Instant::now();
    let done = round(again);
    let written = again.take_written();
    watch.take_own(&written);
    let done = done.with_context(|| what.clone())?;
    let files = if written.is_empty() { String::new() } else { format!(", {} written", many(written.len(), "file")) };
    session.console.note(&format!("{what}: {done}{files}; {:.2} s", begun.elapsed().as_secs_f64()));
    Ok(())
}
