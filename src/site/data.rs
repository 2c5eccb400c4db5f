//! What do templates read? One JSON object: the links of each post by what it is called.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::mark::Whose;
use super::{Key, Linked, Scores, rounded};
use crate::post::Post;
use crate::recommender::Link;

/// Raised when a field of [`listing`] changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes what generators read: an object with a list for every post, both in the order of the names and of the links. A
/// post without links has an empty list.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn by_name(linked: &Linked<'_>) -> Result<String, serde_json::Error> {
    let lists: Map<String, Value> =
        linked.by_name().into_iter().map(|(name, post)| (name.to_owned(), links(linked, &post.links))).collect();
    Ok(serde_json::to_string_pretty(&lists)? + "\n")
}

/// Everything at once, for other programs.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    schema_version: u32,
    verb: &'static str,
    key: &'static str,
    space: &'a str,
    limit: usize,
    posts: Vec<Value>,
}

/// Writes one object with `schema_version`, the space of the vectors, and the posts by name. The same as [`line`] has, of each.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn listing(linked: &Linked<'_>, space: &str, limit: usize) -> Result<String, serde_json::Error> {
    let posts = linked.by_name().into_iter().map(|(name, post)| of_post(linked, name, post.position, &post.links));
    let key = linked.names.key().as_str();
    let listing = Listing { schema_version: SCHEMA_VERSION, verb: "links", key, space, limit, posts: posts.collect() };
    Ok(serde_json::to_string_pretty(&listing)? + "\n")
}

/// Writes a line of JSON for every post.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn lines(linked: &Linked<'_>) -> Result<String, serde_json::Error> {
    let posts = linked.by_name().into_iter();
    let line = |(name, post): (&str, &crate::recommender::PostLinks)| {
        Ok(serde_json::to_string(&of_post(linked, name, post.position, &post.links))? + "\n")
    };
    posts.map(line).collect()
}

fn of_post(linked: &Linked<'_>, name: &str, position: usize, list: &[Link]) -> Value {
    let mut fields = Map::new();
    fields.insert("key".to_owned(), name.into());
    fields.extend(about(linked, position));
    fields.insert("links".to_owned(), links(linked, list));
    Value::Object(fields)
}

fn links(linked: &Linked<'_>, list: &[Link]) -> Value {
    let link = |link: &Link| {
        let mut fields = about(linked, link.position);
        if link.is_pinned {
            fields.insert("pinned".to_owned(), true.into());
        }
        if linked.scores == Scores::Written {
            fields.insert("score".to_owned(), rounded(link.score).into());
        }
        Value::Object(fields)
    };
    list.iter().map(link).collect()
}

/// Says of a post what a template may want; what is not known is left out.
fn about(linked: &Linked<'_>, position: usize) -> Map<String, Value> {
    let post: &Post = linked.corpus.post(position);
    let slug = linked.names.name(position).filter(|_| linked.names.key() == Key::Slug);
    let fields = [
        ("id", Some(post.id.to_string())),
        ("path", linked.names.path(position).map(str::to_owned)),
        ("slug", slug.map(str::to_owned)),
        ("title", Some(post.title.clone())),
        ("url", post.url.clone()),
        ("date", post.date.map(|date| date.to_string())),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect()
}

/// Reads back the links of a file that [`by_name`] or [`listing`] wrote: by name of the post, the ids that it links to.
///
/// `None` where it is no such file.
#[must_use]
pub fn read(text: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let Value::Object(fields) = serde_json::from_str(text).ok()? else { return None };
    let ids = |links: &Value| -> Option<Vec<String>> {
        links.as_array()?.iter().map(|link| Some(link.get("id")?.as_str()?.to_owned())).collect()
    };
    match fields.get("posts").and_then(Value::as_array).filter(|_| fields.contains_key("schema_version")) {
        Some(posts) => {
            posts.iter().map(|post| Some((post.get("key")?.as_str()?.to_owned(), ids(post.get("links")?)?))).collect()
        }
        None => fields.iter().map(|(name, links)| Some((name.clone(), ids(links)?))).collect(),
    }
}

/// Fields that say something of a post.
const ABOUT: [&str; 8] = ["id", "path", "slug", "title", "url", "date", "score", "pinned"];
/// Fields of a listing, and of a post in it.
const OF_LISTING: [&str; 6] = ["schema_version", "verb", "key", "space", "limit", "posts"];
const OF_POST: [&str; 2] = ["key", "links"];

/// Tells who wrote a text last that should be of [`by_name`], [`listing`] or [`lines`]. Templates walk through these files, so there is
/// no place for a mark: one is ours that has all of our fields and no other. How it is laid out does not count.
#[must_use]
pub fn whose(text: &str) -> Whose {
    if text.trim().is_empty() {
        return Whose::Blank;
    }
    let posts: Option<Vec<Value>> = text.lines().map(|line| serde_json::from_str(line).ok()).collect();
    if let Some(posts) = posts {
        let was_ours = |post: &Value| post.get("key").is_some() && post.get("links").is_some();
        match () {
            () if posts.iter().all(is_post) => return Whose::Ours,
            () if posts.iter().all(was_ours) => return Whose::Edited,
            () => {}
        }
    }
    let Ok(Value::Object(fields)) = serde_json::from_str(text) else { return Whose::Foreign };
    let is_listing = fields.contains_key("schema_version");
    let is_ours = match fields.get("posts").and_then(Value::as_array).filter(|_| is_listing) {
        Some(posts) => has_only(&fields, &[&OF_LISTING]) && posts.iter().all(is_post),
        None => fields.values().all(is_list),
    };
    match (is_ours, read(text)) {
        (true, _) => Whose::Ours,
        (false, Some(_)) => Whose::Edited,
        (false, None) => Whose::Foreign,
    }
}

fn is_post(post: &Value) -> bool {
    let fields = post.as_object().filter(|fields| fields.contains_key("key"));
    fields.is_some_and(|fields| has_only(fields, &[&OF_POST, &ABOUT]) && fields.get("links").is_some_and(is_list))
}

fn is_list(list: &Value) -> bool {
    let is_link =
        |link: &Value| link.as_object().is_some_and(|fields| fields.contains_key("id") && has_only(fields, &[&ABOUT]));
    list.as_array().is_some_and(|links| links.iter().all(is_link))
}

fn has_only(fields: &Map<String, Value>, names: &[&[&str]]) -> bool {
    fields.keys().all(|name| names.iter().any(|names| names.contains(&name.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_only_our_fields_is_ours() {
        for (text, expect) in [
            ("", Whose::Blank),
            ("{}", Whose::Ours),
            ("{\"a\": [], \"b\": [{\"id\": \"a\", \"title\": \"A\", \"score\": 0.5}]}", Whose::Ours),
            ("{\"b\": [{\"id\": \"a\", \"note\": \"mine\"}]}", Whose::Edited),
            ("{\"b\": [{\"title\": \"A\"}]}", Whose::Foreign),
            ("{\"mine\": 1}", Whose::Foreign),
            ("[]", Whose::Foreign),
            ("related: []", Whose::Foreign),
            ("{\"key\": \"a\", \"id\": \"a\", \"links\": []}\n{\"key\": \"b\", \"links\": []}\n", Whose::Ours),
            ("{\"key\": \"a\", \"mine\": 1, \"links\": []}\n{\"key\": \"b\", \"links\": []}\n", Whose::Edited),
            ("{\"schema_version\": 1, \"verb\": \"links\", \"posts\": [{\"key\": \"a\", \"links\": []}]}", Whose::Ours),
            ("{\"schema_version\": 1, \"mine\": 1, \"posts\": [{\"key\": \"a\", \"links\": []}]}", Whose::Edited),
        ] {
            assert_eq!(whose(text), expect, "{text}");
        }
    }
}
