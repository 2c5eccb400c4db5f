//! Which sources are indexed, and how do they do?

use std::collections::HashMap;
use std::path::Path;
use std::time::SystemTime;

use clap::Args;

use super::args::FormatWord;
use super::errors::Usage;
use super::session::Session;
use super::spec::Spec;
use super::web;
use super::words::many;
use crate::fetch::{Limits, Note, left_alone_until, time_in_words};
use crate::output::{self, Format};
use crate::site::{Subscription, subscriptions};
use crate::store::{SourceKey, Store, StoredSource};
use crate::text::meant;

/// A source, and what is noted of it where it comes from the network.
struct Row {
    source: StoredSource,
    kind: String,
    /// What its posts call it.
    title: Option<String>,
    note: Option<Note>,
    /// In seconds since 1970.
    next_try: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct SourcesArgs {
    /// Forget a source and all of its posts; nothing of the source itself is touched
    #[arg(long, value_name = "SOURCE")]
    forget: Vec<String>,
}

pub(super) fn run(session: &Session<'_>, args: &SourcesArgs, format: Option<FormatWord>) -> anyhow::Result<()> {
    if !args.forget.is_empty() {
        return forget(session, &args.forget);
    }
    let store = session.open_store()?;
    let rows = rows(session, &store)?;
    let text = match (format, session.format()) {
        (Some(FormatWord::Opml), _) => opml(&rows),
        (_, Format::Json) => {
            let object = serde_json::json!({
                "schema_version": output::view::SCHEMA_VERSION,
                "sources": rows.iter().map(json).collect::<Vec<_>>(),
            });
            output::json(&object)?
        }
        (_, Format::JsonLines) => rows.iter().map(|row| output::json_line(&json(row))).collect::<Result<_, _>>()?,
        (_, Format::Table | Format::Markdown) => {
            output::rows(rows.iter().map(|row| [row.source.key.to_string(), words(row)]), session.console.columns())
        }
    };
    session.console.data(&text)
}

/// Forgets sources, all or none of those that were named.
fn forget(session: &Session<'_>, names: &[String]) -> anyhow::Result<()> {
    // Where there is none it says so.
    session.open_store()?;
    let mut store = session.open_or_create_store()?;
    let sources = store.sources()?.items;
    let mut keys = Vec::new();
    for name in names {
        let whole = Path::new(name).canonicalize().ok();
        let whole = if web::is_url(Path::new(name)) { web::same_url(Path::new(name)).ok() } else { whole };
        let whole = whole.map(|path| path.display().to_string());
        let is_meant = |key: &&SourceKey| key.as_str() == name || Some(key.as_str()) == whole.as_deref();
        let key = sources.iter().map(|source| &source.key).find(is_meant);
        keys.push(key.cloned().ok_or_else(|| {
            let meant = meant(name, sources.iter().map(|source| source.key.as_str()));
            let advice = meant
                .map_or_else(|| "`nextread sources` lists them".to_owned(), |meant| format!("did you mean {meant}?"));
            Usage::new(format!("{name} is no source; {advice}"))
        })?);
    }
    let mut writer = store.write(&mut |waiting| session.say_waiting(&waiting))?;
    for key in &keys {
        let removed = writer.drop_source(key)?;
        web::forget(session, key);
        session.console.note(&format!("{key}: forgotten, with {}", many(removed, "post")));
    }
    Ok(())
}

fn rows(session: &Session<'_>, store: &Store) -> anyhow::Result<Vec<Row>> {
    let sources = store.sources()?;
    sources.damaged.iter().for_each(|damaged| session.console.warn(&damaged.to_string()));
    let titles = titles(store)?;
    let folder = web::folder(session);
    let limits = Limits::default();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut rows = Vec::new();
    for source in sources.items {
        let spec: Option<Spec> = serde_json::from_str(&source.spec).ok();
        let path = spec.map(|spec| spec.path).unwrap_or_default();
        let note = match url::Url::parse(source.key.as_str()).ok().filter(|_| web::is_url(&path)) {
            Some(url) => folder.note(&url).unwrap_or_else(|fault| {
                session.console.warn(&format!("{url}: {fault}; the next `nextread index` fetches it anew"));
                None
            }),
            None => None,
        };
        let next_try = note.as_ref().and_then(|note| left_alone_until(note, limits.failures, now));
        let kind = kind(&path, note.as_ref());
        rows.push(Row { title: titles.get(&source.key).cloned(), kind, note, next_try, source });
    }
    Ok(rows)
}

fn kind(path: &Path, note: Option<&Note>) -> String {
    let kind = match note.and_then(|note| note.kind.as_deref()) {
        Some(kind) => kind,
        None if web::is_url(path) => "url",
        None if path == Path::new("-") => "stdin",
        None if path.is_dir() => "folder",
        None if path.is_file() => "file",
        None => "missing",
    };
    kind.to_owned()
}

/// Returns what the first post of each source calls it.
fn titles(store: &Store) -> anyhow::Result<HashMap<SourceKey, String>> {
    let owners = store.owners()?;
    let mut titles = HashMap::new();
    for post in store.posts()?.items {
        if let Some(owner) = owners.get(&post.id) {
            titles.entry(owner.clone()).or_insert(post.source);
        }
    }
    Ok(titles)
}

fn json(row: &Row) -> serde_json::Value {
    let note = row.note.clone().unwrap_or_default();
    serde_json::json!({
        "source": row.source.key.as_str(),
        "kind": row.kind,
        "title": row.title,
        "posts": row.source.posts,
        "last_fetched": note.body.map(|body| time_in_words(body.fetched_at)),
        "failures": note.failures,
        "last_failure": note.last_failure,
        "next_try": row.next_try.map(time_in_words),
    })
}

fn words(row: &Row) -> String {
    let mut words = vec![row.kind.clone(), super::words::many(row.source.posts, "post")];
    if let Some(note) = &row.note {
        words.extend(note.body.as_ref().map(|body| format!("fetched {}", time_in_words(body.fetched_at))));
        if note.failures > 0 {
            let last = note.last_failure.as_deref().unwrap_or("for a reason that was not noted");
            words.push(format!("failed {} in a row ({last})", super::words::many(note.failures as usize, "time")));
        }
    }
    words.extend(row.next_try.map(|until| format!("left alone until {}", time_in_words(until))));
    words.join(", ")
}

/// What is fetched and holds a feed, or was never read.
fn opml(rows: &[Row]) -> String {
    let is_feed = |row: &&Row| matches!(row.kind.as_str(), "feed" | "url");
    let feed = |row: &Row| Subscription {
        title: row.title.clone().unwrap_or_else(|| row.source.key.to_string()),
        url: row.source.key.to_string(),
    };
    subscriptions(&rows.iter().filter(is_feed).map(feed).collect::<Vec<_>>())
}
