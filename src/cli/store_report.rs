//! What is said about an indexing: what changed in the store, what was kept, what was embedded.

use super::console::Console;
use super::index::Missing;
use super::words::many;
use crate::embed::Embedder;
use crate::recommender::{Indexed, space_of};
use crate::store::{SourceKey, Taken, Writer};

/// Posts whose id another source has are named one by one up to here; `-v` names all.
const NAMED_MAX: usize = 5;

pub(super) fn say_change_of_space(
    console: &Console,
    writer: &Writer<'_>,
    embedder: &dyn Embedder,
) -> anyhow::Result<()> {
    let (before, now) = (writer.active_space()?, space_of(embedder));
    if let Some(before) = before.filter(|before| *before != now) {
        let posts = writer.posts()?.items.len();
        let spaces = writer.spaces()?.items;
        let there = spaces.iter().find(|space| space.key == now.key()).map_or(0, |space| space.embeddings);
        console.note(&format!(
            "the vectors change from {} to {}: {there} of {} have such a vector already, the others will be embedded; \
             the old vectors stay beside the new ones",
            before.key(),
            now.key(),
            many(posts, "post")
        ));
    }
    Ok(())
}

pub(super) fn say_done(console: &Console, key: &SourceKey, done: &Indexed, missing: Missing) {
    let name = if key.as_str() == "-" { "stdin" } else { key.as_str() };
    console.note(&format!(
        "{name}: {} added, {} changed, {} removed, {} unchanged; {} embedded",
        done.added, done.changed, done.removed, done.unchanged, done.embedded
    ));
    if done.kept > 0 && missing == Missing::OutOfWindow {
        console.note(&format!("{} that the feed no longer lists: kept", many(done.kept, "older post")));
    } else if done.kept > 0 {
        console.warn(&format!(
            "{} not found again, but kept, since the source was not read in full or is empty; --prune removes them",
            many(done.kept, "post")
        ));
    }
    if done.windowed > 0 {
        let windowed = many(done.windowed, "post");
        console.note(&format!("{windowed} longer than the model takes at once: embedded in windows"));
    }
    if done.truncated > 0 {
        console.note(&format!("{} longer than the model takes: cut at the end", many(done.truncated, "post")));
    }
    say_taken(console, &done.taken);
}

fn say_taken(console: &Console, taken: &[Taken]) {
    let most = if console.is_verbose() { taken.len() } else { NAMED_MAX };
    for taken in taken.iter().take(most) {
        let owner = taken.owner.as_ref().map_or("another source", SourceKey::as_str);
        console.warn(&format!("post {} was not stored: {owner} has that id; set --id-prefix", taken.id));
    }
    if taken.len() > most {
        let more = taken.len() - most;
        console.warn(&format!("\u{2026} and {more} more whose id another source has; -v names them"));
    }
}
