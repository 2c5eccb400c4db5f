//! The reading history: add, list, import, remove.

use super::args::History;
use super::errors::Usage;
use super::history_file;
use super::session::Session;
use crate::corpus::Corpus;
use crate::output::{self, Format};
use crate::store::HistoryRecord;

pub(super) fn run(session: &Session<'_>, command: &History) -> anyhow::Result<()> {
    match command {
        History::Add { posts, rating } => add(session, posts, *rating),
        History::List => list(session),
        History::Import { file } => import(session, file),
        History::Remove { posts } => remove(session, posts),
    }
}

fn add(session: &Session<'_>, words: &[String], rating: Option<f32>) -> anyhow::Result<()> {
    let store = session.open_store()?;
    let (corpus, sources) = (Corpus::new(store.posts()?.items)?, store.source_names()?);
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let records: anyhow::Result<Vec<HistoryRecord>> = words
        .iter()
        .map(|word| {
            let id = corpus.post(session.find_in(&corpus, &sources, word)?).id.to_string();
            Ok(HistoryRecord { post: id, read_at: Some(now.clone()), rating })
        })
        .collect();
    let records = records?;
    drop(store);
    write(session, &records)
}

fn import(session: &Session<'_>, file: &std::path::Path) -> anyhow::Result<()> {
    let records = history_file::read(*session.console, file)?;
    if records.is_empty() {
        session.console.note(&format!("{} names no post", file.display()));
        return Ok(());
    }
    let store = session.open_store()?;
    let corpus = Corpus::new(store.posts()?.items)?;
    drop(store);
    let unknown: Vec<&str> =
        records.iter().map(|record| record.post.as_str()).filter(|post| corpus.find_exact(post).is_none()).collect();
    write(session, &records)?;
    if let Some(first) = unknown.first() {
        session.console.note(&format!(
            "{} of them are not in the store yet, such as \"{first}\"; they count as soon as they are indexed",
            unknown.len()
        ));
    }
    Ok(())
}

fn write(session: &Session<'_>, records: &[HistoryRecord]) -> anyhow::Result<()> {
    let mut store = session.open_or_create_store()?;
    let added = store.write(&mut |waiting| session.say_waiting(&waiting))?.add_history(records)?;
    let known = records.len() - added;
    let again = if known > 0 { format!(", {known} were there already") } else { String::new() };
    session.console.note(&format!("{added} added to the reading history{again}"));
    Ok(())
}

fn list(session: &Session<'_>) -> anyhow::Result<()> {
    let loaded = session.open_store()?.history()?;
    loaded.damaged.iter().for_each(|damaged| session.console.warn(&damaged.to_string()));
    let object = |record: &HistoryRecord| serde_json::json!({"post": record.post, "read_at": record.read_at, "rating": record.rating});
    let text = match session.format() {
        Format::Json => output::json(&loaded.items.iter().map(object).collect::<Vec<_>>())?,
        Format::JsonLines => loaded.items.iter().map(|record| object(record).to_string() + "\n").collect(),
        Format::Markdown => loaded.items.iter().map(|record| format!("- {}\n", record.post)).collect(),
        Format::Table => {
            let rating = |record: &HistoryRecord| record.rating.map(|rating| rating.to_string()).unwrap_or_default();
            let row = |record: &HistoryRecord| {
                [record.read_at.clone().unwrap_or_default(), record.post.clone(), rating(record)]
            };
            output::rows(loaded.items.iter().map(row), session.console.columns())
        }
    };
    session.console.data(&text)?;
    if loaded.items.is_empty() {
        session.console.note("the reading history is empty; add posts with `nextread history add`");
    }
    Ok(())
}

fn remove(session: &Session<'_>, words: &[String]) -> anyhow::Result<()> {
    let store = session.open_store()?;
    let (history, corpus) = (store.history()?.items, Corpus::new(store.posts()?.items)?);
    let sources = store.source_names()?;
    drop(store);
    let mut names: Vec<&str> = Vec::new();
    for word in words {
        let post = session.find_in(&corpus, &sources, word).ok();
        let meant = |record: &&HistoryRecord| {
            record.post == *word || (post.is_some() && corpus.find_exact(&record.post) == post)
        };
        let found: Vec<&str> = history.iter().filter(meant).map(|record| record.post.as_str()).collect();
        if found.is_empty() {
            return Err(
                Usage::new(format!("\"{word}\" is not in the reading history; see `nextread history list`")).into()
            );
        }
        names.extend(found);
    }
    names.sort_unstable();
    names.dedup();
    let mut store = session.open_or_create_store()?;
    let mut writer = store.write(&mut |waiting| session.say_waiting(&waiting))?;
    let mut removed = 0;
    for name in names {
        removed += writer.remove_history(name)?;
    }
    session.console.note(&format!("{removed} removed from the reading history"));
    Ok(())
}
