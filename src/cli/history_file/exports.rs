//! What did other programs write down? Exports of Pocket, wallabag, Omnivore, Karakeep, Instapaper and feed readers.

use serde_json::Value;

use super::{HistoryFile, Line};
use crate::cli::errors::Usage;
use crate::sources::{Outline, listed_records, outlines};
use crate::store::HistoryRecord;

/// Where an address stands; the first that is there counts.
const URL_FIELDS: [&str; 6] = ["url", "given_url", "resolved_url", "originalArticleUrl", "link", "href"];
const ID_FIELDS: [&str; 2] = ["id", "post"];
/// When it was read; without that, when it was put away or saved.
const TIME_FIELDS: [&str; 13] = [
    "read_at",
    "readAt",
    "archived_at",
    "archivedAt",
    "time_read",
    "date",
    "time",
    "time_added",
    "timestamp",
    "savedAt",
    "created_at",
    "createdAt",
    "created",
];
const RATING_FIELDS: [&str; 2] = ["rating", "stars"];
/// Omnivore tells how far a page was read, in percent; from here on it was read.
const PROGRESS_READ: f64 = 80.0;

/// By which of its names a post is meant where an entry has both; a number is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PostField {
    /// Other programs have ids of their own.
    UrlFirst,
    /// In files that were written for us.
    IdFirst,
}

/// Reads an export that is one JSON value: a list of objects, or an object that holds one.
pub(super) fn json(text: &str, name: &str) -> anyhow::Result<HistoryFile> {
    let value: Value = serde_json::from_str(text)
        .map_err(|fault| Usage::new(format!("{name}:{}: {fault}; export the file again", fault.line())))?;
    let objects: Vec<&Value> = match &value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(fields) => listed_records(fields).unwrap_or_else(|| vec![&value]),
        _ => Vec::new(),
    };
    let mut file = HistoryFile::default();
    for (number, object) in (1..).zip(objects) {
        let line = object_line(object, PostField::UrlFirst).ok_or_else(|| {
            Usage::new(format!("{name}: entry {number} has no url or id; give each entry one, or take it out"))
        })?;
        file.add(line);
    }
    Ok(file)
}

/// Reads one object of an export or of a file of JSON lines; `None` where it names no post.
pub(super) fn object_line(object: &Value, field: PostField) -> Option<Line> {
    // Karakeep keeps the address of a bookmark one level down, and notes have none.
    let content = object.get("content").filter(|content| content.is_object());
    if content.and_then(|content| content.get("type")).is_some_and(|kind| kind != "link") {
        return Some(Line::NoPost);
    }
    let text = |fields: &[&str], of: &Value| fields.iter().find_map(|field| string(of.get(*field)?));
    let (url, id) = (|| text(&URL_FIELDS, object), || text(&ID_FIELDS, object));
    let post = match field {
        PostField::UrlFirst => content.and_then(|content| text(&URL_FIELDS, content)).or_else(url).or_else(id),
        PostField::IdFirst => id().or_else(url),
    }?;
    if is_unread(object) {
        return Some(Line::Unread);
    }
    let read_at = TIME_FIELDS.iter().find_map(|field| moment(object.get(*field)?));
    let rating = RATING_FIELDS.iter().find_map(|field| object.get(*field)?.as_f64());
    Some(Line::Read(HistoryRecord { post, read_at, rating: rating.map(|rating| rating as f32) }))
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn moment(value: &Value) -> Option<String> {
    string(value).or_else(|| value.as_f64().map(|number| format!("{number:.0}")))
}

/// Tells whether a program says that something was saved and not read.
fn is_unread(object: &Value) -> bool {
    let archived = ["is_archived", "archived"].iter().find_map(|field| object.get(*field));
    let is_off = |value: &Value| matches!(value, Value::Bool(false)) || value.as_f64() == Some(0.0);
    if let Some(archived) = archived {
        return is_off(archived);
    }
    let progress = object.get("readingProgress").and_then(Value::as_f64);
    match object.get("state").or_else(|| object.get("status")).and_then(Value::as_str) {
        Some(state) if is_put_away(state) => false,
        Some(state) => is_waiting(state) && progress.is_none_or(|percent| percent < PROGRESS_READ),
        None => progress.is_some_and(|percent| percent < PROGRESS_READ),
    }
}

fn is_put_away(state: &str) -> bool {
    ["archive", "archived", "read", "completed"].contains(&state.to_lowercase().as_str())
}

/// Tells whether a word of an export says that a page waits to be read.
pub(super) fn is_waiting(state: &str) -> bool {
    ["unread", "active", "reading", "later", "new"].contains(&state.to_lowercase().as_str())
}

/// Reads the pages of an OPML file; feeds are told, since they are no posts.
pub(super) fn opml(text: &str, name: &str) -> anyhow::Result<HistoryFile> {
    let mut file = HistoryFile::default();
    for outline in outlines(text).map_err(|fault| Usage::new(format!("{name}: {fault}")))? {
        file.add(match outline {
            Outline::Page { url, created } => Line::Read(HistoryRecord { post: url, read_at: created, rating: None }),
            Outline::Feed { .. } => Line::NoPost,
        });
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &HistoryFile, expect: &[(&str, Option<&str>)], unread: usize, no_post: usize) {
        let found: Vec<_> =
            file.records.iter().map(|record| (record.post.as_str(), record.read_at.as_deref())).collect();
        assert_eq!((found.as_slice(), file.unread, file.no_post), (expect, unread, no_post));
    }

    #[test]
    fn wallabag_tells_what_was_archived() {
        let text = r#"[{"id": 7, "url": "https://a.example/", "is_archived": 1, "archived_at": "2026-01-02T10:00:00+00:00", "created_at": "2025-12-01T00:00:00+00:00"},
            {"id": 8, "url": "https://b.example/", "is_archived": 0}]"#;
        check(&json(text, "w").unwrap(), &[("https://a.example/", Some("2026-01-02T10:00:00+00:00"))], 1, 0);
    }

    #[test]
    fn omnivore_tells_how_far() {
        let text = r#"[{"id": "x", "url": "https://a.example/", "state": "Archived", "readingProgress": 3, "savedAt": "2026-01-02"},
            {"id": "y", "url": "https://b.example/", "state": "Active", "readingProgress": 100},
            {"id": "z", "url": "https://c.example/", "state": "Active", "readingProgress": 10}]"#;
        check(
            &json(text, "o").unwrap(),
            &[("https://a.example/", Some("2026-01-02")), ("https://b.example/", None)],
            1,
            0,
        );
    }

    #[test]
    fn karakeep_keeps_the_address_inside_and_notes_have_none() {
        let text = r#"{"bookmarks": [
            {"createdAt": 1767225600, "title": "A", "content": {"type": "link", "url": "https://a.example/"}, "archived": true},
            {"createdAt": 1767225601, "content": {"type": "text", "text": "a note"}}]}"#;
        check(&json(text, "k").unwrap(), &[("https://a.example/", Some("1767225600"))], 0, 1);
    }

    #[test]
    fn an_entry_without_an_address_is_an_error() {
        let fault = |text: &str| json(text, "h.json").unwrap_err().to_string();
        assert!(fault("[{\"url\": \"a\"}, {\"title\": \"b\"}]").starts_with("h.json: entry 2 has no url"));
        assert!(fault("[\n{]").starts_with("h.json:2: "));
    }
}
