//! What does a page's JSON-LD say? The first thing in it that is a post, in the words of schema.org.

use serde_json::{Map, Value};

use crate::sources::field_map::value;
use crate::sources::record::{names_of, text_of, words_of};

/// Objects that are looked at, and how deep; real pages stay far below.
const OBJECTS_MAX: usize = 256;
const DEPTH_MAX: usize = 4;

/// What a post's JSON-LD says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) site: Option<String>,
    pub(super) url: Option<String>,
}

/// Returns what the scripts of a page say of the post on it, where they say that there is one.
pub(super) fn described(scripts: &[String]) -> Option<Described> {
    let values: Vec<Value> = scripts.iter().filter_map(|script| serde_json::from_str(bare(script)).ok()).collect();
    let mut objects = Vec::new();
    for value in &values {
        gather(value, 0, &mut objects);
    }
    let post = objects.iter().find(|object| is_post(object))?;
    let text = |name: &str| value(post, name).and_then(text_of);
    let named = |name: &str| {
        let given = value(post, name)?;
        names_of(given).or_else(|| referred(given, &objects))
    };
    let site_of_page = || objects.iter().find(|object| has_type(object, &["WebSite"]));
    Some(Described {
        title: text("headline").or_else(|| text("name")),
        description: text("description"),
        author: named("author").or_else(|| named("creator")),
        published: text("datePublished").or_else(|| text("dateCreated")),
        modified: text("dateModified"),
        tags: value(post, "keywords").map(words_of).unwrap_or_default(),
        language: text("inLanguage"),
        site: named("publisher").or_else(|| value(site_of_page()?, "name").and_then(text_of)),
        url: text("url").or_else(|| address(value(post, "mainEntityOfPage")?)),
    })
}

/// Takes away what old pages put around scripts.
fn bare(script: &str) -> &str {
    let script = script.trim();
    let script = script.strip_prefix("<!--").map_or(script, |inside| inside.trim_end().trim_end_matches("-->"));
    let script = script.trim().trim_start_matches("//").trim_start();
    match script.strip_prefix("<![CDATA[") {
        Some(inside) => inside.rsplit_once("]]>").map_or(inside, |(inside, _)| inside).trim_end().trim_end_matches('/'),
        None => script,
    }
}

/// Gathers the objects that may describe the page: at the top, in lists and graphs, and what a page is about.
fn gather<'v>(given: &'v Value, depth: usize, objects: &mut Vec<&'v Map<String, Value>>) {
    if depth > DEPTH_MAX || objects.len() >= OBJECTS_MAX {
        return;
    }
    match given {
        Value::Array(list) => list.iter().for_each(|inner| gather(inner, depth + 1, objects)),
        Value::Object(object) => {
            objects.push(object);
            for inner in ["@graph", "mainEntity"].iter().filter_map(|name| object.get(*name)) {
                gather(inner, depth + 1, objects);
            }
        }
        _ => {}
    }
}

fn is_post(object: &Map<String, Value>) -> bool {
    types(object)
        .any(|kind| kind.ends_with("Article") || kind.ends_with("Posting") || matches!(kind, "Report" | "Review"))
}

fn has_type(object: &Map<String, Value>, kinds: &[&str]) -> bool {
    types(object).any(|kind| kinds.contains(&kind))
}

fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let given = object.get("@type");
    let list = given.and_then(Value::as_array).map_or(given.map_or(&[][..], std::slice::from_ref), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

/// Returns the name of what a value points to with `@id`.
fn referred(given: &Value, objects: &[&Map<String, Value>]) -> Option<String> {
    let given = given.as_array().map_or(Some(given), |list| list.first())?;
    let id = given.get("@id")?.as_str()?;
    let meant = objects.iter().filter(|object| object.get("@id").and_then(Value::as_str) == Some(id));
    meant.filter_map(|object| object.get("name")).find_map(text_of)
}

fn address(given: &Value) -> Option<String> {
    let url = given.as_str().or_else(|| given.get("@id").and_then(Value::as_str))?;
    url.starts_with("http").then(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expect: Option<&Described>) {
        assert_eq!(described(&[script.to_owned()]).as_ref(), expect, "{script}");
    }

    #[test]
    fn the_post_is_found_wherever_it_stands() {
        let titled = Described { title: Some("T".to_owned()), ..Described::default() };
        check(r#"{"@type": "BlogPosting", "headline": "T", "name": "N"}"#, Some(&titled));
        check(r#"[{"@type": "Person", "name": "P"}, {"@type": ["x", "TechArticle"], "name": "T"}]"#, Some(&titled));
        check(r#"{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "T"}}"#, Some(&titled));
        check("//<![CDATA[\n{\"@type\": \"Report\", \"name\": \"T\"}\n//]]>", Some(&titled));
        check("<!-- {\"@type\": \"Review\", \"name\": \"T\"} -->", Some(&titled));
        check(r#"{"@type": "Blog", "blogPost": [{"@type": "BlogPosting", "headline": "T"}]}"#, None);
        check(r#"{"@type": "BlogPosting", "headline": "#, None);
    }

    #[test]
    fn references_are_followed_and_lists_are_read() {
        let script = r##"{"@graph": [
            {"@type": "BlogPosting", "headline": "T", "author": {"@id": "#ada"}, "publisher": {"name": "S"}, "keywords": "a, b",
             "datePublished": "2024-01-31", "inLanguage": "en", "mainEntityOfPage": {"@id": "https://x.example/t"}},
            {"@type": "Person", "@id": "#ada", "name": "Ada"}]}"##;
        let text = |text: &str| Some(text.to_owned());
        let expect = Described {
            title: text("T"),
            author: text("Ada"),
            published: text("2024-01-31"),
            tags: vec!["a".to_owned(), "b".to_owned()],
            language: text("en"),
            site: text("S"),
            url: text("https://x.example/t"),
            ..Described::default()
        };
        check(&script.replace('\n', ""), Some(&expect));
    }
}
