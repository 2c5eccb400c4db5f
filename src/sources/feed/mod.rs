//! How are posts read from a feed? RSS 0.9x–2.0, RDF and Atom, one file each.

mod decode;
mod scan;

use std::sync::{Arc, Mutex};

use feed_rs::model::{Content, Entry, Feed, Link, Person, Text};
use feed_rs::parser::Builder;

use self::decode::{Replaced, decode};
pub use self::scan::FeedFault;
use self::scan::{Item, Scan, scan};
use super::collector::{Collector, Given, RawPost, TitleRule};
use super::report::{NoteKind, Place, SkipReason};
use crate::text;

/// An RSS description with more words than a summary should have is the post itself.
const DESCRIPTION_WORDS_MAX: usize = 120;
/// Parsing item by item repeats the frame; beyond this many bytes in all it is not worth the time.
const REPEATED_BYTES_MAX: usize = 64 << 20;

/// Reads one feed. JSON Feeds are records and read as such.
///
/// # Errors
/// The line and the reason why nothing of it can be read.
pub(super) fn read_feed(bytes: &[u8], name: &str, posts: &mut Collector<'_>) -> Result<(), (usize, FeedFault)> {
    let limit = posts.options.limits.feed_bytes;
    if bytes.len() > limit {
        return Err((1, FeedFault::TooLarge { limit }));
    }
    let decoded = decode(bytes);
    if decoded.replaced == Replaced::BadBytes {
        posts.note(&Place::file(name), NoteKind::BadBytes);
    }
    let scan = scan(&decoded.text, &posts.options.limits)?;
    for (line, problem) in &scan.broken {
        posts.skip(Place::line(name, *line), SkipReason::BrokenXml(problem.clone()));
    }
    for line in &scan.beyond {
        let limit = posts.options.limits.feed_posts;
        posts.skip(Place::line(name, *line), SkipReason::TooManyInFeed { limit });
    }
    match parse(&scan.with_items(&scan.items)) {
        Ok(feed) => add_feed(feed, &scan.items, name, posts),
        Err(error) if scan.items.is_empty() => return Err((1, FeedFault::Refused(error))),
        Err(_) => read_one_by_one(&scan, name, posts)?,
    }
    Ok(())
}

/// The library gives up a feed for one item; alone, each item costs only itself.
fn read_one_by_one(scan: &Scan, name: &str, posts: &mut Collector<'_>) -> Result<(), (usize, FeedFault)> {
    if scan.frame_bytes().saturating_mul(scan.items.len()) > REPEATED_BYTES_MAX {
        return Err((1, FeedFault::TooLarge { limit: REPEATED_BYTES_MAX / scan.items.len() }));
    }
    parse(&scan.with_items(&[])).map_err(|error| (1, FeedFault::Refused(error)))?;
    for item in &scan.items {
        let items = std::slice::from_ref(item);
        match parse(&scan.with_items(items)) {
            Ok(feed) => add_feed(feed, items, name, posts),
            Err(error) => posts.skip(Place::line(name, item.line), SkipReason::FeedItem(error)),
        }
    }
    Ok(())
}

/// A feed as the library reads it, its dates unread: a time stamp of `n` seconds stands for the `n`th of the texts.
struct Parsed {
    feed: Feed,
    dates: Vec<String>,
}

fn parse(xml: &str) -> Result<Parsed, String> {
    let dates = Arc::new(Mutex::new(Vec::new()));
    let texts = Arc::clone(&dates);
    let keep = move |text: &str| {
        let mut texts = texts.lock().ok()?;
        texts.push(text.to_owned());
        chrono::DateTime::from_timestamp(i64::try_from(texts.len() - 1).ok()?, 0)
    };
    // An id that is made up anew with each reading would make every post look new; ours are made later.
    let parser = Builder::new().id_generator(|_, _, _| String::new()).timestamp_parser(keep).sanitize_content(false);
    let feed = parser.build().parse(xml.as_bytes()).map_err(|error| error.to_string())?;
    let dates = dates.lock().map(|texts| texts.clone()).unwrap_or_default();
    Ok(Parsed { feed, dates })
}

fn add_feed(parsed: Parsed, items: &[Item], name: &str, posts: &mut Collector<'_>) {
    let Parsed { feed, dates } = parsed;
    if let Some(title) = &feed.title {
        posts.rename_source(&super::html::title_text(&title.content));
    }
    let (given, read) = (items.len(), feed.entries.len());
    if read < given {
        posts.note(&Place::file(name), NoteKind::LostInFeed(given - read));
    }
    let author = names(&feed.authors);
    for (position, found) in feed.entries.into_iter().enumerate() {
        let place = match items.get(position) {
            Some(item) if read == given => Place::line(name, item.line),
            _ => Place::file(name),
        };
        let mut raw = raw_post(found, &dates);
        raw.author = raw.author.or_else(|| author.clone());
        raw.language = raw.language.or_else(|| feed.language.clone());
        posts.add(raw, place);
    }
}

fn raw_post(found: Entry, dates: &[String]) -> RawPost {
    let (summary, body) = summary_and_body(found.summary, found.content);
    let media = found.media.into_iter().find_map(|media| media.description);
    let url = link(&found.links).or_else(|| Some(found.id.clone()).filter(|id| id.starts_with("http")));
    let stamps = [found.published, found.updated].into_iter().flatten();
    let dates = stamps.filter_map(|stamp| dates.get(usize::try_from(stamp.timestamp()).ok()?).cloned());
    RawPost {
        id: Some(found.id),
        title: found.title.map(|title| title.content),
        description: summary.is_none().then_some(media).flatten().map(given_text),
        summary,
        text: body,
        url,
        dates: dates.collect(),
        tags: found.categories.into_iter().map(|tag| tag.label.unwrap_or(tag.term)).collect(),
        author: names(&found.authors),
        language: found.language,
        ..RawPost::new(TitleRule::FirstWords)
    }
}

/// RSS puts whole posts into `description`: a long one without a content beside it is the body.
fn summary_and_body(summary: Option<Text>, content: Option<Content>) -> (Option<Given>, Option<Given>) {
    let body = content.and_then(|content| {
        let kind = content.content_type.to_string();
        let prose = kind.starts_with("text/") || kind.ends_with("xml");
        let body = content.body.filter(|body| prose && !body.trim().is_empty())?;
        Some(if kind == "text/plain" { Given::Either(body) } else { Given::Html(body) })
    });
    let summary = summary.filter(|summary| !summary.content.trim().is_empty());
    match (summary, body) {
        (Some(summary), None) if text::word_count(&summary.content) > DESCRIPTION_WORDS_MAX => {
            (None, Some(given_text(summary)))
        }
        (summary, body) => (summary.map(given_text), body),
    }
}

fn given_text(text: Text) -> Given {
    if text.content_type.to_string() == "text/plain" { Given::Either(text.content) } else { Given::Html(text.content) }
}

/// Returns the link to the post itself, a web page before anything else.
fn link(links: &[Link]) -> Option<String> {
    let to_post = |link: &&Link| link.target.is_none() && link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let is_page = |link: &&Link| link.media_type.as_deref().is_none_or(|kind| kind.contains("html"));
    let page = links.iter().filter(to_post).find(is_page).or_else(|| links.iter().find(to_post));
    page.map(|link| link.href.clone())
}

fn names(people: &[Person]) -> Option<String> {
    let names: Vec<&str> = people.iter().filter_map(|person| person.name.as_deref()).map(str::trim).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
