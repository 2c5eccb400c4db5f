//! The links of a site as parts of pages and as feeds: HTML for each post, Markdown, OPML, JSON Feed.

use maud::html;
use serde_json::{Map, Value, json};

use super::escape::xml;
use super::mark::{Comment, Whose, hash, sign};
use super::part_names::part_names;
use super::{Linked, rounded};
use crate::post::{Post, PostDate};
use crate::recommender::{Link, PostLinks};
use crate::text::{escape_markdown, markdown_target};

/// The HTML of one post's links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlPart<'a> {
    /// What the post is called.
    pub name: &'a str,
    /// Where it stands, relative to one folder.
    pub file: String,
    /// A list of links to put into a page; for a post without, nothing but the mark of who wrote it.
    pub html: String,
}

/// Returns the HTML of each post. Links to posts of which no address is known are left out ([`without_url`]).
#[must_use]
pub fn html_parts<'a>(linked: &Linked<'a>) -> Vec<HtmlPart<'a>> {
    let part = |post: &PostLinks| {
        let posts = post.links.iter().map(|link| linked.corpus.post(link.position));
        let with_url: Vec<(&Post, &str)> = posts.filter_map(|post| Some((post, address(post)?))).collect();
        let list = if with_url.is_empty() { String::new() } else { list(&with_url) };
        sign(&list, Comment::Markup)
    };
    let posts = linked.by_name();
    let files = part_names(posts.iter().map(|(name, _)| *name));
    posts.into_iter().zip(files).map(|((name, post), file)| HtmlPart { name, file, html: part(post) }).collect()
}

/// Counts the links to posts of which no address is known.
#[must_use]
pub fn without_url(linked: &Linked<'_>) -> usize {
    let links = linked.posts.iter().flat_map(|post| &post.links);
    links.filter(|link| address(linked.corpus.post(link.position)).is_none()).count()
}

fn list(posts: &[(&Post, &str)]) -> String {
    let list = html! {
        aside class="related" aria-label="Related posts" {
            ul {
                @for (post, url) in posts {
                    li {
                        a href=(url) { (post.title) }
                        @if let Some(date) = post.date { " " time datetime=(date) { (date) } }
                    }
                }
            }
        }
    };
    // Generators that include a part read it as a template: a title with braces must not become code of it.
    list.into_string().replace('{', "&#123;").replace('}', "&#125;") + "\n"
}

/// Returns a post's address if a reader can follow it, whatever a record claims.
fn address(post: &Post) -> Option<&str> {
    let url = post.url.as_deref()?;
    ["https://", "http://", "/"].iter().any(|start| url.starts_with(start)).then_some(url)
}

/// Writes a heading for every post and a list of its links; where no address is known, a link leads to the path.
#[must_use]
pub fn markdown(linked: &Linked<'_>) -> String {
    let title = |position: usize| {
        let post = linked.corpus.post(position);
        let title = escape_markdown(&post.title);
        match address(post).or(linked.names.path(position)) {
            Some(target) => format!("[{title}]({})", markdown_target(target)),
            None => title,
        }
    };
    let part = |(_, post): (&str, &PostLinks)| {
        let links: String = post.links.iter().map(|link| format!("- {}\n", title(link.position))).collect();
        let links = if links.is_empty() { "(no related posts)\n".to_owned() } else { links };
        format!("## {}\n\n{links}", title(post.position))
    };
    linked.by_name().into_iter().map(part).collect::<Vec<_>>().join("\n")
}

/// Writes OPML 2.0: an outline for every post, its links below.
#[must_use]
pub fn opml(linked: &Linked<'_>) -> String {
    let outline = |position: usize| {
        let post = linked.corpus.post(position);
        let url = address(post).map(|url| format!(" type=\"link\" url=\"{}\"", xml(url)));
        format!("<outline text=\"{}\"{}", xml(&post.title), url.unwrap_or_default())
    };
    let mut text = String::new();
    for (_, post) in linked.by_name() {
        text.push_str(&format!("    {}>\n", outline(post.position)));
        for link in &post.links {
            text.push_str(&format!("      {}/>\n", outline(link.position)));
        }
        text.push_str("    </outline>\n");
    }
    opml_around("Related posts", &text)
}

/// Puts outlines, a line each, into a document of OPML 2.0.
pub(super) fn opml_around(title: &str, outlines: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head><title>{title}</title></head>\n  <body>\n{outlines}  </body>\n</opml>\n"
    )
}

/// Writes a JSON Feed 1.1 of all posts, the newest first, each with its links in the extension `_nextread`.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn json_feed(linked: &Linked<'_>) -> Result<String, serde_json::Error> {
    let mut posts: Vec<&PostLinks> = linked.by_name().into_iter().map(|(_, post)| post).collect();
    posts.sort_by_key(|links| std::cmp::Reverse(linked.corpus.post(links.position).date));
    let title = posts.first().map(|links| linked.corpus.post(links.position).source.as_str());
    let items: Vec<Value> = posts.iter().map(|links| feed_item(linked, links)).collect();
    let mut feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": title.unwrap_or_default(),
        "items": items,
    });
    feed[MARK] = json!({"hash": feed_hash(&feed)?});
    Ok(serde_json::to_string_pretty(&feed)? + "\n")
}

/// The format has no comments; a field of this name is of a program's own.
const MARK: &str = "_nextread";

fn feed_hash(feed: &Value) -> Result<String, serde_json::Error> {
    Ok(hash(&serde_json::to_string(feed)?))
}

/// Tells who wrote a text last that should be a feed of [`json_feed`].
#[must_use]
pub fn whose_feed(text: &str) -> Whose {
    if text.trim().is_empty() {
        return Whose::Blank;
    }
    let Ok(Value::Object(mut feed)) = serde_json::from_str(text) else { return Whose::Foreign };
    let Some(mark) = feed.shift_remove(MARK) else { return Whose::Foreign };
    let is_same = feed_hash(&Value::Object(feed)).is_ok_and(|hash| mark["hash"] == hash.as_str());
    if is_same { Whose::Ours } else { Whose::Edited }
}

fn feed_item(linked: &Linked<'_>, links: &PostLinks) -> Value {
    let post = linked.corpus.post(links.position);
    let related: Vec<Value> = links.links.iter().map(|link| feed_link(linked, link)).collect();
    let author = post.author.as_ref().map(|name| json!([{"name": name}]));
    let fields: [(&str, Option<Value>); 8] = [
        ("id", Some(post.id.as_str().into())),
        ("url", address(post).map(Value::from)),
        ("title", Some(post.title.as_str().into())),
        // The format asks for a text; what is stored of it is read without its links and pictures.
        ("content_text", Some(post.summary.text.as_str().into())),
        ("date_published", post.date.and_then(whole_day).map(Value::from)),
        ("tags", (!post.tags.is_empty()).then(|| post.tags.clone().into())),
        ("authors", author),
        ("_nextread", Some(json!({"related": related}))),
    ];
    let known = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.collect())
}

fn feed_link(linked: &Linked<'_>, link: &Link) -> Value {
    let post = linked.corpus.post(link.position);
    let score = (linked.scores == super::Scores::Written).then(|| rounded(link.score).into());
    let fields: [(&str, Option<Value>); 5] = [
        ("id", Some(post.id.as_str().into())),
        ("url", address(post).map(Value::from)),
        ("title", Some(post.title.as_str().into())),
        ("pinned", link.is_pinned.then_some(Value::Bool(true))),
        ("score", score),
    ];
    Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>())
}

/// The format asks for a time; a date that is not known to the day has none.
fn whole_day(date: PostDate) -> Option<String> {
    matches!(date.parts(), (_, Some(_), Some(_))).then(|| format!("{date}T00:00:00Z"))
}
