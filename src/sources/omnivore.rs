//! How is an unpacked export of Omnivore read? Its lists of pages, and each page's text from a file beside them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Read;
use super::collector::Collector;
use super::exports::add_record;
use super::files::bytes_up_to;
use super::options::ReadOptions;
use super::raw_post::TitleRule;
use super::reasons::SkipReason;
use super::report::Place;

/// Returns the lists of an export, `metadata_0_to_20.json` and so on, in their order; none where the folder is no export.
pub(super) fn lists(root: &Path) -> Vec<PathBuf> {
    let mut lists: Vec<(usize, PathBuf)> = Vec::new();
    for found in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let name = found.file_name().to_string_lossy().into_owned();
        let range = name.strip_prefix("metadata_").and_then(|name| name.strip_suffix(".json"));
        let from = range.and_then(|range| range.split_once("_to_")?.0.parse().ok());
        lists.extend(from.map(|from| (from, found.path())));
    }
    lists.sort();
    lists.into_iter().map(|(_, path)| path).collect()
}

/// Reads the pages of an export.
pub(super) fn read(root: &Path, lists: &[PathBuf], options: &ReadOptions) -> Read {
    let mut posts = Collector::new(options, "Omnivore");
    for list in lists {
        let name = list.display().to_string();
        match records(list, options.limits.record_bytes) {
            Ok(records) => {
                posts.report.files += 1;
                for (position, record) in records.into_iter().enumerate() {
                    add(root, record, Place::file(&format!("{name} (item {})", position + 1)), &mut posts);
                }
            }
            Err(reason) => posts.skip(Place::file(&name), reason),
        }
    }
    posts.finish(&root.display().to_string())
}

fn add(root: &Path, record: Value, place: Place, posts: &mut Collector<'_>) {
    let Value::Object(mut record) = record else {
        return posts.skip(place, SkipReason::NotAnObject);
    };
    let slug = record.get("slug").and_then(Value::as_str).unwrap_or_default();
    // A name that leads out of the folder is none.
    let is_name = !slug.is_empty() && !slug.contains(['/', '\\', '\0']) && !slug.starts_with('.');
    let path = root.join("content").join(format!("{slug}.html"));
    if is_name && !record.contains_key("content") && path.is_file() {
        match bytes(&path, posts.options.limits.page_bytes) {
            Ok(text) => {
                posts.report.files += 1;
                record.insert("content".to_owned(), String::from_utf8_lossy(&text).into());
            }
            Err(reason) => posts.skip(Place::file(&path.display().to_string()), reason),
        }
    }
    add_record(&record, place, TitleRule::Skip(SkipReason::NoTitle), posts);
}

fn records(path: &Path, limit: usize) -> Result<Vec<Value>, SkipReason> {
    let bytes = bytes(path, limit)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Array(records)) => Ok(records),
        Ok(_) => Err(SkipReason::NotAnObject),
        Err(error) => Err(SkipReason::Json(error.to_string())),
    }
}

fn bytes(path: &Path, limit: usize) -> Result<Vec<u8>, SkipReason> {
    let bytes = bytes_up_to(path, limit as u64)?;
    if bytes.len() > limit { Err(SkipReason::FileTooLarge { limit: limit as u64 }) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a test's own folder: nothing to keep safe")]
    fn pages_have_their_texts() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let page = |n: usize, slug: &str| {
            format!(
                r#"[{{"slug": "{slug}", "title": "T{n}", "url": "https://x.example/{n}", "savedAt": "2026-01-02"}}]"#
            )
        };
        write("metadata_20_to_40.json", &page(2, "../secret"));
        write("metadata_0_to_20.json", &page(1, "a"));
        write("metadata_40_to_60.json", "[");
        write("content/a.html", "<p>Some words.</p>");
        write("secret.html", "<p>Secret.</p>");
        write("highlights/a.md", "no post");
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        let read = crate::sources::read_path(folder.path(), &options).unwrap();
        let posts: Vec<_> = read.posts.iter().map(|post| (post.title.as_str(), post.text.as_deref())).collect();
        assert_eq!(posts, [("T1", Some("Some words.")), ("T2", None)]);
        assert_eq!(read.report.skipped.counts["not valid JSON"], 1);
    }
}
