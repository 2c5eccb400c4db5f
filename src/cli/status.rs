//! What the store holds, and whether it is sound.

use super::graph_status::IndexStatus;
use super::session::Session;
use super::words::many;
use crate::output::{self, Format};
use crate::store::{Damaged, SpaceStatus, Store, StoredSource};

pub(super) fn run(session: &Session<'_>) -> anyhow::Result<()> {
    let store = session.open_store()?;
    let damaged = store.check();
    let index = IndexStatus::of(session, &store)?;
    let text = match session.format() {
        Format::Json => output::json(&as_json(&store, &damaged, &index)?)?,
        Format::JsonLines => output::json_line(&as_json(&store, &damaged, &index)?)?,
        Format::Table | Format::Markdown => as_table(session, &store, &index)?,
    };
    session.console.data(&text)?;
    for part in &damaged {
        session.console.warn(&part.to_string());
    }
    anyhow::ensure!(damaged.is_empty(), "{}: damaged in {}", store.path().display(), many(damaged.len(), "part"));
    Ok(())
}

fn as_json(store: &Store, damaged: &[Damaged], index: &IndexStatus) -> anyhow::Result<serde_json::Value> {
    let sources = store.sources()?.items;
    let spaces = store.spaces()?.items;
    let source = |source: &StoredSource| serde_json::json!({"source": source.key.as_str(), "posts": source.posts});
    let space = |space: &SpaceStatus| {
        serde_json::json!({
            "space": space.key, "active": space.active, "embeddings": space.embeddings,
            "windowed": space.windowed, "truncated": space.truncated,
        })
    };
    let last = store.provenance()?.items.pop();
    Ok(serde_json::json!({
        "schema_version": output::view::SCHEMA_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "store": store.path(),
        "posts": store.posts()?.items.len(),
        "sources": sources.iter().map(source).collect::<Vec<_>>(),
        "spaces": spaces.iter().map(space).collect::<Vec<_>>(),
        "index": index.json(),
        "history": store.history()?.items.len(),
        "last_indexed": last.map(|done| serde_json::json!({"source": done.source.as_str(), "at": done.at})),
        "damaged": damaged.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))
}

fn as_table(session: &Session<'_>, store: &Store, index: &IndexStatus) -> anyhow::Result<String> {
    let row = |name: &str, value: String| [name.to_owned(), value];
    let mut rows =
        vec![row("store", store.path().display().to_string()), row("posts", store.posts()?.items.len().to_string())];
    for source in store.sources()?.items {
        rows.push(row("source", format!("{}: {}", source.key, many(source.posts, "post"))));
    }
    for space in store.spaces()?.items {
        rows.push(row(if space.active { "vectors in use" } else { "other vectors" }, space_words(&space)));
    }
    rows.extend(index.rows());
    rows.push(row("history", format!("{} posts read", store.history()?.items.len())));
    if let Some(done) = store.provenance()?.items.pop() {
        rows.push(row("last indexed", format!("{} at {} by nextread {}", done.source, done.at, done.version)));
    }
    Ok(output::rows(rows, session.console.columns()))
}

fn space_words(status: &SpaceStatus) -> String {
    let space = &status.space.space;
    let revision: String = space.revision.chars().take(7).collect();
    let mut words = format!(
        "{} of {} ({revision}, sha256 {}), {} dimensions, {} pooling, long texts as {}, {}",
        status.embeddings,
        space.model,
        space.sha256.chars().take(12).collect::<String>(),
        space.dimension,
        space.pooling,
        space.long_texts.as_str(),
        space.precision.as_str()
    );
    if status.windowed > 0 {
        words += &format!("; {} of several windows", status.windowed);
    }
    if status.truncated > 0 {
        words += &format!("; {} without their end", status.truncated);
    }
    words
}
