//! What did a read-later program write down? Exports of wallabag, Pocket, Omnivore, Karakeep and Instapaper, as posts.
//!
//! Each program has fields that no other has; by them its records are known, one by one, and then say the same under
//! the names of [`Field`](super::Field). Whether a page was read or put away does not matter for a post.

use serde_json::{Map, Value, json};

use super::collector::Collector;
use super::field_map::value;
use super::raw_post::TitleRule;
use super::reasons::{NoteKind, SkipReason};
use super::record::{names_of, read_record, text_of};
use super::report::Place;

/// A program whose exports are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Wallabag,
    Pocket,
    Omnivore,
    Karakeep,
    Instapaper,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Program::Wallabag => "wallabag",
            Program::Pocket => "Pocket",
            Program::Omnivore => "Omnivore",
            Program::Karakeep => "Karakeep",
            Program::Instapaper => "Instapaper",
        }
    }

    /// Tells whose record this is.
    fn of(record: &Map<String, Value>) -> Option<Program> {
        let has = |names: &[&str]| names.iter().all(|name| record.keys().any(|key| key.eq_ignore_ascii_case(name)));
        if has(&["url", "is_archived", "is_starred"]) {
            Some(Program::Wallabag)
        } else if has(&["url", "slug", "savedAt"]) || has(&["url", "readingProgress"]) {
            Some(Program::Omnivore)
        } else if has(&["content", "createdAt"])
            && record.get("content").is_some_and(|content| content.get("type").is_some())
        {
            Some(Program::Karakeep)
        } else if has(&["url", "time_added", "status"]) || has(&["given_url", "time_added"]) {
            Some(Program::Pocket)
        } else if has(&["url", "folder", "timestamp"]) {
            Some(Program::Instapaper)
        } else {
            None
        }
    }

    /// Returns what a record says, under our names; what it does not say is null.
    fn translated(self, record: &Map<String, Value>) -> Result<Value, SkipReason> {
        let first =
            |names: &[&str]| names.iter().filter_map(|name| value(record, name)).find(|value| text_of(value).is_some());
        Ok(match self {
            Program::Wallabag => json!({
                "url": first(&["url", "given_url"]), "title": first(&["title"]), "tags": words(value(record, "tags")),
                "date": first(&["published_at", "created_at"]), "content_html": first(&["content"]),
                "language": first(&["language"]), "author": value(record, "published_by").and_then(names_of),
                "source": first(&["domain_name"]),
            }),
            Program::Pocket => json!({
                "url": first(&["url", "resolved_url", "given_url"]), "title": first(&["title", "resolved_title", "given_title"]),
                "tags": words(value(record, "tags")), "date": first(&["time_added"]), "description": first(&["excerpt"]),
                "language": first(&["lang"]),
            }),
            Program::Omnivore => json!({
                "url": first(&["url", "originalArticleUrl"]), "title": first(&["title"]), "tags": words(value(record, "labels")),
                "date": first(&["publishedAt", "savedAt"]), "description": first(&["description"]),
                "author": first(&["author"]), "language": first(&["language"]), "source": first(&["siteName"]),
                "content_html": first(&["content"]),
            }),
            Program::Karakeep => {
                let content = record.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
                if content.get("type").and_then(Value::as_str) != Some("link") {
                    return Err(SkipReason::NoPage);
                }
                let inside = |names: &[&str]| {
                    names.iter().filter_map(|name| value(&content, name)).find(|value| text_of(value).is_some())
                };
                json!({
                    "url": inside(&["url"]), "title": first(&["title"]).or(inside(&["title"])), "tags": words(value(record, "tags")),
                    "date": inside(&["datePublished"]).or(first(&["createdAt"])), "summary": first(&["summary"]),
                    "description": inside(&["description"]), "content_html": inside(&["htmlContent"]),
                    "author": inside(&["author"]), "source": inside(&["publisher"]),
                })
            }
            Program::Instapaper => json!({
                "url": first(&["url"]), "title": first(&["title"]), "tags": words(value(record, "tags")),
                "date": first(&["timestamp"]), "description": first(&["selection"]),
            }),
        })
    }
}

/// Returns tags however a program writes them: words, objects with a name, an object whose keys they are.
fn words(given: Option<&Value>) -> Vec<String> {
    let word = |value: &Value| {
        let named = value.as_object().and_then(|tag| ["label", "name", "tag"].iter().find_map(|key| tag.get(*key)));
        text_of(named.unwrap_or(value))
    };
    match given {
        Some(Value::Array(tags)) => tags.iter().filter_map(word).collect(),
        Some(Value::Object(tags)) => tags.keys().cloned().collect(),
        Some(tags) => super::table::words_of_cell(&text_of(tags).unwrap_or_default()),
        None => Vec::new(),
    }
}

/// Returns the records of an object that holds a list of them, whichever program wrote it.
#[must_use]
pub fn listed_records(object: &Map<String, Value>) -> Option<Vec<&Value>> {
    let list = ["items", "posts", "bookmarks", "list"]
        .iter()
        .find_map(|name| value(object, name).filter(|list| list.is_array() || (*name == "list" && list.is_object())))?;
    Some(match list {
        Value::Object(by_id) => by_id.values().collect(),
        list => list.as_array().map(|list| list.iter().collect()).unwrap_or_default(),
    })
}

/// Adds the post of a record; one of a program that is known is read by that program's names, unless the caller names
/// fields himself.
pub(super) fn add_record(record: &Map<String, Value>, place: Place, titles: TitleRule, posts: &mut Collector<'_>) {
    posts.see_fields(record);
    let fields = &posts.options.fields;
    let program = if fields.theirs().next().is_none() { Program::of(record) } else { None };
    let Some(program) = program else {
        return posts.add(read_record(record, fields, titles), place);
    };
    posts.note_once(&place, NoteKind::ExportOf(program.name()));
    match program.translated(record) {
        Ok(Value::Object(said)) => {
            let url = said.get("url").and_then(text_of).unwrap_or_default();
            // What was saved without a title is called by its address, as the programs do.
            let titles = if url.is_empty() { titles } else { TitleRule::HeadingOr(url) };
            posts.add(read_record(&said, fields, titles), place);
        }
        Ok(_) => posts.skip(place, SkipReason::NotAnObject),
        Err(reason) => posts.skip(place, reason),
    }
}

#[cfg(test)]
mod tests {
    use crate::post::{Post, PostDate};
    use crate::sources::{ReadOptions, read_stream};

    fn check(export: &str, program: &str, expect_skips: usize) -> Vec<Post> {
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        let read = read_stream(export.as_bytes(), "-", &options).unwrap();
        let notes: Vec<String> = read.report.notes.first.iter().map(ToString::to_string).collect();
        assert!(notes[0].ends_with(&format!("read as an export of {program}")), "{notes:?}");
        assert_eq!(read.report.notes.counts["export"], 1);
        assert_eq!(read.report.skipped.total(), expect_skips, "{:?}", read.report.skipped);
        read.posts
    }

    fn is(post: &Post, url: &str, title: &str, date: &str, tags: &[&str]) {
        assert_eq!((post.id.as_str(), post.url.as_deref(), post.title.as_str()), (url, Some(url), title));
        assert_eq!(post.date, PostDate::parse(date));
        assert_eq!(post.tags, tags);
    }

    #[test]
    fn wallabag() {
        let posts = check(
            r#"[{"id": 7, "url": "https://a.example/", "title": "A", "is_archived": 1, "is_starred": 0, "tags": ["x", {"label": "y"}],
                "created_at": "2026-01-02T10:00:00+00:00", "published_at": null, "content": "<p>Some words.</p>", "language": "en_US",
                "published_by": ["Ada", null], "domain_name": "a.example"},
               {"url": "https://b.example/", "title": "", "is_archived": 0, "is_starred": 0, "published_at": "2024-01-31"}]"#,
            "wallabag",
            0,
        );
        is(&posts[0], "https://a.example/", "A", "2026-01-02", &["x", "y"]);
        assert_eq!((posts[0].text.as_deref(), posts[0].author.as_deref()), (Some("Some words."), Some("Ada")));
        assert_eq!((posts[0].source.as_str(), posts[0].language.as_deref()), ("a.example", Some("eng")));
        is(&posts[1], "https://b.example/", "https://b.example/", "2024-01-31", &[]);
    }

    #[test]
    fn pocket() {
        let csv = "title,url,time_added,tags,status\nA,https://a.example/,1706695200,x|y z,unread\n";
        is(&check(csv, "Pocket", 0)[0], "https://a.example/", "A", "2024-01-31", &["x", "y z"]);
        let json = r#"{"status": 1, "list": {"9": {"item_id": "9", "given_url": "https://g.example/", "resolved_url": "https://a.example/",
            "resolved_title": "A", "excerpt": "Said.", "time_added": "1706695200", "tags": {"x": {"item_id": "9"}}}}}"#;
        let posts = check(json, "Pocket", 0);
        is(&posts[0], "https://a.example/", "A", "2024-01-31", &["x"]);
        assert_eq!(posts[0].summary.text, "Said.");
    }

    #[test]
    fn omnivore() {
        let json = r#"[{"id": "u", "slug": "a-1", "title": "A", "description": "Said.", "author": "Ada", "url": "https://a.example/",
            "state": "Archived", "readingProgress": 3, "labels": ["x", {"name": "y"}], "savedAt": "2026-01-02T00:00:00Z", "publishedAt": null}]"#;
        is(&check(json, "Omnivore", 0)[0], "https://a.example/", "A", "2026-01-02", &["x", "y"]);
    }

    #[test]
    fn karakeep() {
        let json = r#"{"bookmarks": [
            {"createdAt": 1706695200, "title": "A", "tags": ["x"], "content": {"type": "link", "url": "https://a.example/"}, "note": null},
            {"createdAt": 1706695200, "title": null, "tags": [], "content": {"type": "text", "text": "a note"}}]}"#;
        is(&check(json, "Karakeep", 1)[0], "https://a.example/", "A", "2024-01-31", &["x"]);
    }

    #[test]
    fn instapaper() {
        let csv = "URL,Title,Selection,Folder,Timestamp,Tags\nhttps://a.example/,A,,Unread,1706695200,\"[\"\"x\"\",\"\"y\"\"]\"\n";
        is(&check(csv, "Instapaper", 0)[0], "https://a.example/", "A", "2024-01-31", &["x", "y"]);
    }
}
