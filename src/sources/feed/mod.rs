//! How are posts read from a feed? RSS 0.9x–2.0, RDF and Atom, one file each.

mod decode;
mod fault;
mod scan;

use std::sync::{Arc, Mutex};

use feed_rs::model::{Content, Entry, Feed, FeedType, Link, Person, Text};
use feed_rs::parser::Builder;

use self::decode::{Replaced, decode};
pub use self::fault::FeedFault;
use self::scan::{Item, Scan, scan};
use super::collector::Collector;
use super::raw_post::{Given, RawPost, TitleRule};
use super::reasons::{NoteKind, SkipReason};
use super::report::Place;
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
    let feed = parser.build().parse(xml.as_bytes()).map_err(|error| message(&error.to_string()))?;
    let dates = dates.lock().map(|texts| texts.clone()).unwrap_or_default();
    Ok(Parsed { feed, dates })
}

/// Returns what the library says, without a position that is none in the user's file.
fn message(error: &str) -> String {
    let what = error.strip_prefix("unable to parse feed: ").unwrap_or(error);
    what.split(" at position ").next().unwrap_or(what).to_owned()
}

fn add_feed(parsed: Parsed, items: &[Item], name: &str, posts: &mut Collector<'_>) {
    let Parsed { feed, dates } = parsed;
    if let Some(title) = &feed.title {
        posts.rename_source(&super::html::title_text(&title.content));
    }
    let (given, read) = (items.len(), feed.entries.len());
    if read < given {
        posts.skip(Place::file(name), SkipReason::LostInFeed(given - read));
    }
    let author = names(&feed.authors);
    for (position, found) in feed.entries.into_iter().enumerate() {
        let place = match items.get(position) {
            Some(item) if read == given => Place::line(name, item.line),
            _ => Place::file(name),
        };
        let mut raw = raw_post(found, &dates, &feed.feed_type);
        raw.author = raw.author.or_else(|| author.clone());
        raw.language = raw.language.or_else(|| feed.language.clone());
        posts.add(raw, place);
    }
}

fn raw_post(found: Entry, dates: &[String], kind: &FeedType) -> RawPost {
    let (summary, body) = summary_and_body(found.summary, found.content);
    let media = found.media.into_iter().find_map(|media| media.description).map(given_text);
    // RSS calls it a description, and many a one is.
    let (summary, description) = if *kind == FeedType::Atom { (summary, media) } else { (None, summary.or(media)) };
    let url = link(&found.links).or_else(|| Some(found.id.clone()).filter(|id| id.starts_with("http")));
    let stamps = [found.published, found.updated].into_iter().flatten();
    let dates = stamps.filter_map(|stamp| dates.get(usize::try_from(stamp.timestamp()).ok()?).cloned());
    RawPost {
        id: Some(found.id),
        title: found.title.map(|title| title.content),
        summary,
        description,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{PostDate, SummaryOrigin};
    use crate::sources::{Read, ReadOptions};

    fn read(xml: &str) -> Result<Read, String> {
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        let mut posts = Collector::new(&options, "file");
        read_feed(xml.as_bytes(), "f", &mut posts).map_err(|(line, fault)| format!("{line}: {fault}"))?;
        Ok(posts.finish("f"))
    }

    fn check(xml: &str, expect: &[(&str, &str)], expect_skips: &[&str]) -> Read {
        let read = read(xml).unwrap();
        let posts: Vec<(&str, &str)> = read.posts.iter().map(|post| (post.id.as_str(), post.title.as_str())).collect();
        assert_eq!(posts, expect, "{xml}");
        let skips: Vec<String> = read.report.skipped.first.iter().map(ToString::to_string).collect();
        assert_eq!(skips, expect_skips);
        read
    }

    #[test]
    fn reads_rss() {
        let read = check(
            "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Blog &amp; co</title><language>de</language>
             <item><title>A &lt;b&gt;bold&lt;/b&gt; R&D</title><link>https://x.example/a</link><guid>1</guid><dc:creator>Ada</dc:creator>
             <pubDate>Wed, 31 Jan 2024 23:00:00 -0500</pubDate><category>x</category><description>&lt;p&gt;One.&lt;/p&gt;</description></item>
             <item><description>No title at all but some words</description><pubDate>soon</pubDate></item></channel></rss>",
            &[("1", "A bold R&D"), ("no-title-at-all-but-some-words", "No title at all but some words")],
            &[],
        );
        let post = &read.posts[0];
        assert_eq!(
            (post.source.as_str(), post.author.as_deref(), post.tags.as_slice()),
            ("Blog & co", Some("Ada"), &["x".to_owned()][..])
        );
        assert_eq!((post.date, post.language.as_deref()), (PostDate::parse("2024-01-31"), Some("deu")));
        assert_eq!((post.summary.text.as_str(), post.summary.origin), ("One.", SummaryOrigin::Description));
        assert_eq!(read.report.notes.first.iter().map(|note| note.place.line).collect::<Vec<_>>(), [Some(4), Some(4)]);
    }

    #[test]
    fn a_long_description_is_the_body() {
        let long = "Each sentence of this paragraph has exactly nine words. ".repeat(20);
        let read = check(
            &format!("<rss><channel><item><title>T</title><description>{long}</description></item></channel></rss>"),
            &[("t", "T")],
            &[],
        );
        assert_eq!(read.posts[0].summary.origin, SummaryOrigin::FirstParagraphs);
        assert_eq!(read.posts[0].minutes, Some(1));
    }

    #[test]
    fn one_bad_item_costs_only_itself() {
        check(
            "<feed xmlns='http://purl.org/atom/ns#'><title>F</title><author><name>A</name></author>
             <entry><id>1</id><title type='image/png'>x</title></entry>
             <entry><id>2</id><title>B</title><link rel='self' href='s'/><link href='https://x.example/b'/></entry></feed>",
            &[("2", "B")],
            &["f:2: the feed item cannot be read (unsupported content type image/png)"],
        );
        check(
            "<rss><channel><item><title>A</title></item><item><title>B",
            &[("a", "A")],
            &["f:1: the feed's XML is broken here (it ends too early); what follows is lost"],
        );
    }

    #[test]
    fn old_spellings_are_read() {
        let atom = "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title type='text/plain'>F</title>
             <entry><id>1</id><title type='text/html'>A &lt;i&gt;b&lt;/i&gt;</title><summary type='application/xhtml+xml'><div>S</div></summary></entry></feed>";
        let read = check(atom, &[("1", "A b")], &[]);
        assert_eq!((read.posts[0].source.as_str(), read.posts[0].summary.text.as_str()), ("F", "S"));
        let rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel/>
             <item rdf:about='http://x.example/1'><title>A</title></item><item><title>B</title></item></rdf:RDF>";
        let lost = "f: 1 feed items could not be read; give each a link or an id";
        let read = check(rdf, &[("http://x.example/1", "A")], &[lost]);
        assert_eq!(read.posts[0].url.as_deref(), Some("http://x.example/1"));
    }

    #[test]
    fn ids_are_the_same_with_each_reading() {
        let xml = "<rss><channel><item><title>Same</title></item><item><title>Same</title></item></channel></rss>";
        check(xml, &[("same", "Same"), ("same-2", "Same")], &[]);
    }

    #[test]
    fn hostile_feeds_end_at_once_on_a_small_stack() {
        let item = |inside: &str| {
            format!("<rss xmlns:media='http://search.yahoo.com/mrss/'><channel><item><title>T</title>{inside}")
        };
        let deep = |name: &str| format!("<{name}>").repeat(100_000);
        let entities = "<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><rss><channel><item><title>&b;</title></item></channel></rss>";
        let attributes = (0..10_000).map(|n| format!(" a{n}='x'")).collect::<String>();
        for (xml, expect) in [
            (item(&deep("media:group")), "1: elements are nested deeper than 64"),
            (item(&deep("div")), "1: elements are nested deeper than 64"),
            (entities.to_owned(), "1: declares its own entities"),
            (item(&format!("<x{attributes}/>")), "1: an element has more than 64 attributes"),
            ("<feed><a></a>".to_owned() + &"<a></a>".repeat(300_000), "1: more than 500000 tags and texts"),
            (" ".repeat(9 << 20), "1: the feed is larger than 8388608 bytes"),
            ("<rss><channel>\0".to_owned(), "1: "),
            ("\0\0\0<".to_owned(), "1: not well-formed XML"),
        ] {
            let run = std::thread::Builder::new().stack_size(2 << 20).spawn(move || read(&xml));
            let found = run.unwrap().join().unwrap();
            assert!(found.as_ref().is_err_and(|fault| fault.starts_with(expect)), "{expect}: {found:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_goes_through(xml in "(<rss>|<channel>|</channel>|<item>|</item>|<title>|</title>|<feed>|<entry>|</entry>|<content type='html'>|<!\\[CDATA\\[|\\]\\]>|&amp;|&#0;|<!--|-->|\\PC|[<>&\"'/ ]){0,60}") {
            let _ = read(&xml);
        }
    }
}
