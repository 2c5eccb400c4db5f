//! Demo: index the corpus that comes with nextread and show what it can do.

use std::path::PathBuf;

use anyhow::Context;

use super::ask;
use super::index::{self, GoneRule};
use super::next;
use super::path;
use super::session::Session;
use crate::output::Format;
use crate::post::PostId;
use crate::recommender::{NextOptions, Reader, Recommender};

/// The corpus that comes with nextread.
const CORPUS: &str = include_str!("../../data/engineering-reads.jsonl");
const RELATED_TO: &str = "graph-abstraction-part-1";
const READ: [&str; 3] = ["key-value-abstraction", "write-ahead-log", "noisy-neighbor-ebpf"];
const TOPIC: &str = "analytics engineering";

pub(super) fn run(session: &mut Session<'_>) -> anyhow::Result<()> {
    let folder = folder(session)?;
    let mut store = session.create_store(&folder)?;
    let embedder = session.embedder(session.long_texts())?;
    let source = index::read_text(CORPUS, "engineering-reads.jsonl")?;
    index::store_all(session, &mut store, &[source], &*embedder, GoneRule::Prune)?;
    let mut opened = Recommender::open(store)?;
    let console = session.console;
    say(session, &format!("$ nextread related {RELATED_TO} -n 2"))?;
    session.settings.put_flag("limit", Some(2));
    ask::show_related(session, &opened, RELATED_TO, &ask::related_options(session))?;
    say(session, &format!("\n$ nextread next --read {} -n 2", READ.join(" ")))?;
    let history: Result<Vec<PostId>, _> = READ.iter().map(|id| PostId::new(id)).collect();
    next::show(session, &opened, &Reader::of(&history?), &NextOptions { limit: 2, ..NextOptions::default() })?;
    say(session, &format!("\n$ nextread path {TOPIC} -n 4"))?;
    session.settings.put_flag("limit", Some(4));
    path::show_along(session, &mut opened, TOPIC, None)?;
    console.note(&format!(
        "\nask this store more with --store {}\nor begin with your own posts: nextread index FOLDER|FEED|FILE.jsonl",
        folder.display()
    ));
    Ok(())
}

/// Headings go with tables; in data for programs they would be in the way.
fn say(session: &Session<'_>, heading: &str) -> anyhow::Result<()> {
    if session.format() == Format::Table {
        return session.console.data(&format!("{heading}\n"));
    }
    session.console.note(heading);
    Ok(())
}

/// The demo has a store of its own, so that its posts never get among the user's.
fn folder(session: &Session<'_>) -> anyhow::Result<PathBuf> {
    if session.settings.get("store").is_some() {
        return session.store_folder().context("the store's folder is not known");
    }
    let cache = dirs::cache_dir().context("this system has no cache folder; name a store with --store")?;
    Ok(cache.join("nextread").join("demo"))
}
