//! How is a web page read? Its main text, and what it says of itself in JSON-LD, `<meta>` and `<link>`.

mod content;
mod decode;
mod facts;
mod feeds;
mod folder;
mod json_ld;
mod kind;
mod tame;
mod tokens;

use url::Url;

pub use self::content::WholePage;
use self::content::content;
use self::decode::{Replaced, decode};
use self::facts::{Facts, facts};
pub use self::feeds::{FeedKind, FeedLink, FeedSubject, feed_links};
pub(super) use self::folder::{is_page, read_file, read_folder, read_stream};
use self::json_ld::{Described, described};
use self::kind::refuse;
pub use self::tame::TooMuch;
use super::collector::Collector;
use super::detect::{SourceKind, source_kind};
use super::html::{Extent, html_to_prose};
use super::options::{ReadOptions, SourceName};
use super::prose::Prose;
use super::raw_post::{Given, RawPost, TitleRule};
use super::reasons::{NoteKind, SkipReason};
use super::record::words_of;
use super::report::Place;
use super::{Read, SourceError};
use crate::text;

/// A page with a field for a password and fewer words than this is the door to a page.
const WORDS_BEHIND_A_LOGIN: usize = 100;
/// Words of a line that names an author; what is longer says more than that.
const BYLINE_WORDS_MAX: usize = 6;
/// What stands between a page's title and its site's name.
const TITLE_SEPARATORS: [&str; 9] =
    [" | ", " - ", " \u{2013} ", " \u{2014} ", " \u{b7} ", " \u{2022} ", " :: ", " \u{bb} ", " / "];

/// Where a page comes from, which is what it is called by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'o> {
    /// It was fetched from here.
    Address(&'o str),
    /// A file that somebody named; its name in its folder.
    File(&'o str),
    /// A stream; nothing but the page itself says what it is called.
    Unnamed,
    /// A file of a site: it may be no post at all. Its place in the folder, with forward slashes.
    Site(&'o str),
}

/// Reads one web page as one post; its id is the canonical address that it names, else `url`.
///
/// A page that is no post (not to be indexed, a redirect, a login, nothing to read) is no error but a skip in the
/// [`Report`](super::Report).
///
/// # Errors
/// The bytes are no text.
pub fn read_page(
    bytes: &[u8],
    content_type: Option<&str>,
    url: &str,
    options: &ReadOptions,
) -> Result<Read, SourceError> {
    if let SourceKind::Binary(kind) = source_kind(bytes) {
        return Err(SourceError::Binary { file: url.to_owned(), kind });
    }
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let mut posts = Collector::new(options, host.as_deref().unwrap_or(url));
    posts.report.files = 1;
    add(bytes, content_type, Origin::Address(url), Place::file(url), &mut posts);
    Ok(posts.finish(url))
}

/// Adds the post that a page is, or counts why it is none.
pub(super) fn add(
    bytes: &[u8],
    content_type: Option<&str>,
    origin: Origin<'_>,
    place: Place,
    posts: &mut Collector<'_>,
) {
    let limit = posts.options.limits.page_bytes;
    if bytes.len() > limit {
        return posts.skip(place, SkipReason::PageTooLarge { limit });
    }
    let (html, replaced) = decode(bytes, content_type);
    if replaced == Replaced::BadBytes {
        posts.note(&place, NoteKind::BadBytes);
    }
    match read(&html, origin, &place, posts) {
        Ok(raw) => posts.add(raw, place),
        Err(reason) => posts.skip(place, reason),
    }
}

fn read(html: &str, origin: Origin<'_>, place: &Place, posts: &mut Collector<'_>) -> Result<RawPost, SkipReason> {
    let facts = facts(html);
    let said = described(&facts.json_ld);
    refuse(&facts, said.is_some(), origin)?;
    let said = said.unwrap_or_default();
    let site = facts.meta(&["og:site_name"]).map(str::to_owned).or_else(|| said.site.clone());
    let title = title(&facts, &said, site.as_deref());
    let content = content(html, title.as_deref().unwrap_or_default());
    if let Some(why) = content.all_of_it {
        posts.note(place, NoteKind::WholePage(why));
    }
    let limit = posts.options.limits.html_bytes;
    let (prose, extent) = html_to_prose(&content.html, limit, &posts.options.link_words);
    if extent == Extent::Cut {
        posts.note(place, NoteKind::HtmlCut { limit });
    }
    let description = said.description.clone().or_else(|| {
        facts.meta(&["og:description", "description", "twitter:description", "dc.description"]).map(str::to_owned)
    });
    refuse_nothing(&facts, &prose, title.is_some() && description.is_some())?;
    let url = address(&facts, &said, origin, place, posts);
    Ok(RawPost {
        id: match origin {
            Origin::Address(_) | Origin::Unnamed => url.clone(),
            Origin::File(path) | Origin::Site(path) => Some(crate::sources::markdown::id(path).to_owned()),
        },
        path: match origin {
            Origin::Address(_) | Origin::Unnamed => None,
            Origin::File(path) | Origin::Site(path) => Some(path.to_owned()),
        },
        url,
        title,
        description: description.map(Given::Either),
        text: Some(Given::Prose(prose)),
        dates: dates(&facts, &said),
        tags: tags(&facts, &said),
        // A name that the caller gives comes before the site's own, as with feeds.
        source: site.filter(|_| posts.options.source == SourceName::Derived),
        author: author(&facts, &said, content.byline),
        language: facts
            .language
            .clone()
            .or(said.language)
            .or_else(|| facts.meta(&["og:locale", "content-language", "dc.language", "language"]).map(str::to_owned)),
        ..RawPost::new(TitleRule::FirstWords)
    })
}

fn refuse_nothing(facts: &Facts, prose: &Prose, is_described: bool) -> Result<(), SkipReason> {
    let words = text::word_count(&prose.plain());
    if facts.password_fields > 0 && words < WORDS_BEHIND_A_LOGIN {
        return Err(SkipReason::LoginWall);
    }
    if words == 0 && !is_described { Err(SkipReason::NoTextInPage) } else { Ok(()) }
}

/// Returns the title without the site's name: as machines are told, else as readers see it.
fn title(facts: &Facts, said: &Described, site: Option<&str>) -> Option<String> {
    let told =
        said.title.as_deref().or_else(|| facts.meta(&["og:title", "twitter:title", "citation_title", "dc.title"]));
    if let Some(told) = told.map(str::trim).filter(|told| !told.is_empty()) {
        return Some(without_site(told, site).to_owned());
    }
    let heading = match facts.headings.as_slice() {
        [only] => Some(only.as_str()),
        // One of several is the title where the page's own title begins or ends with it.
        several => several.iter().map(String::as_str).find(|heading| {
            let title = &facts.title;
            TITLE_SEPARATORS.iter().any(|part| {
                title.starts_with(&format!("{heading}{part}")) || title.ends_with(&format!("{part}{heading}"))
            })
        }),
    };
    let title = Some(facts.title.as_str()).filter(|title| !title.is_empty());
    // A site's name is often its heading on every page.
    let heading = heading.filter(|heading| Some(*heading) != site && title.is_none_or(|title| title.contains(heading)));
    heading.or_else(|| title.map(|title| without_site(title, site))).map(str::to_owned)
}

fn without_site<'t>(title: &'t str, site: Option<&str>) -> &'t str {
    let Some(site) = site else { return title };
    let is_site = |part: &str| part.trim().to_lowercase() == site.trim().to_lowercase();
    for separator in TITLE_SEPARATORS {
        match (title.rsplit_once(separator), title.split_once(separator)) {
            (Some((before, last)), _) if is_site(last) => return before.trim(),
            (_, Some((first, after))) if is_site(first) => return after.trim(),
            _ => {}
        }
    }
    title
}

/// Returns the address that the page says is its own, in full; else the one it was fetched from.
fn address(
    facts: &Facts,
    said: &Described,
    origin: Origin<'_>,
    place: &Place,
    posts: &mut Collector<'_>,
) -> Option<String> {
    let fetched = match origin {
        Origin::Address(url) => Url::parse(url).ok().map(|mut url| {
            url.set_fragment(None);
            url
        }),
        Origin::File(_) | Origin::Site(_) | Origin::Unnamed => None,
    };
    let base = base(facts, fetched.as_ref());
    let given = [facts.link("canonical"), facts.meta(&["og:url"]), said.url.as_deref()];
    let own = given.into_iter().flatten().find_map(|given| {
        let own = match &base {
            Some(base) => base.join(given).ok()?,
            None => Url::parse(given).ok()?,
        };
        matches!(own.scheme(), "http" | "https").then_some(own)
    });
    match (own, fetched) {
        // A theme that names the front page on every page would make all of them one.
        (Some(own), Some(fetched)) if own.path() == "/" && own.query().is_none() && fetched.path() != "/" => {
            posts.note(place, NoteKind::CanonicalIsFrontPage(own.to_string()));
            Some(fetched.into())
        }
        (Some(own), _) => Some(own.into()),
        (None, fetched) => fetched.map(Into::into),
    }
}

/// Returns what relative addresses of a page are relative to.
fn base(facts: &Facts, fetched: Option<&Url>) -> Option<Url> {
    let given = facts.base.as_deref();
    match (fetched, given) {
        (Some(fetched), Some(given)) => fetched.join(given).ok().or_else(|| Some(fetched.clone())),
        (None, Some(given)) => Url::parse(given).ok(),
        (fetched, None) => fetched.cloned(),
    }
}

/// Candidates, best first: the day of publication before that of a change.
fn dates(facts: &Facts, said: &Described) -> Vec<String> {
    const PUBLISHED: [&str; 14] = [
        "article:published_time",
        "datepublished",
        "date",
        "pubdate",
        "publish_date",
        "publication_date",
        "parsely-pub-date",
        "sailthru.date",
        "citation_publication_date",
        "dc.date",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.issued",
        "dcterms.date",
    ];
    const CHANGED: [&str; 5] =
        ["article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified"];
    let of = |names: &[&str]| names.iter().flat_map(|name| facts.metas_of(name)).map(str::to_owned).collect::<Vec<_>>();
    let mut dates: Vec<String> = said.published.iter().cloned().collect();
    dates.extend(of(&PUBLISHED));
    dates.extend(facts.times.iter().take(1).cloned());
    dates.extend(said.modified.iter().cloned());
    dates.extend(of(&CHANGED));
    dates
}

/// Keywords are often a search engine's list: they count only where there are no tags.
fn tags(facts: &Facts, said: &Described) -> Vec<String> {
    let tags: Vec<String> = facts.metas_of("article:tag").flat_map(|tags| words_of(&tags.into())).collect();
    if !tags.is_empty() {
        return tags;
    }
    if !said.tags.is_empty() {
        return said.tags.clone();
    }
    facts.meta(&["keywords", "news_keywords"]).map(|words| words_of(&words.into())).unwrap_or_default()
}

fn author(facts: &Facts, said: &Described, byline: Option<String>) -> Option<String> {
    let told = facts.meta(&["author", "article:author", "dc.creator", "parsely-author", "citation_author"]);
    // Open Graph wants an address there.
    let told = told.filter(|told| !told.contains("://")).map(str::to_owned);
    said.author.clone().or(told).or_else(|| {
        let line = text::one_line(&byline?);
        let name = ["by ", "von ", "par ", "por "].iter().find_map(|by| {
            line.get(..by.len()).filter(|start| start.eq_ignore_ascii_case(by)).map(|_| line[by.len()..].trim())
        });
        let name = name.unwrap_or(&line);
        let is_name = !name.is_empty()
            && name.split(' ').count() <= BYLINE_WORDS_MAX
            && !name.contains(|c: char| c.is_ascii_digit());
        is_name.then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Post, PostDate};

    const WORDS: &str = "A cache that is never emptied gives old answers, and a cache that is emptied too often gives none, \
        so that the time for which an answer is kept decides how often a reader waits, and for what.";

    fn options() -> ReadOptions {
        ReadOptions::new(PostDate::parse("2026-06-01").unwrap())
    }

    fn read(html: &str) -> Read {
        read_page(html.as_bytes(), None, "https://x.example/a?b=1#c", &options()).unwrap()
    }

    fn check(html: &str) -> Post {
        let mut read = read(html);
        assert_eq!((read.posts.len(), read.report.skipped.total()), (1, 0), "{html}: {:?}", read.report);
        read.posts.remove(0)
    }

    fn check_skip(html: &str, expect: &str) {
        let read = read(html);
        assert_eq!(read.posts.len(), 0, "{html}");
        assert_eq!(read.report.skipped.first[0].to_string(), format!("https://x.example/a?b=1#c: {expect}"));
    }

    #[test]
    fn a_page_is_one_post() {
        let read = read(&format!(
            "<!doctype html><html lang=en-GB><head><title>On caches | Ada's blog</title><link rel=canonical href=/caches/>
             <meta property=og:site_name content=\"Ada's blog\"><meta name=author content=Ada>
             <meta name=description content='When to empty a cache.'><meta property=article:published_time content=\"2024-01-31T10:00Z\">
             <meta property=article:tag content=\"caches\"><meta property=article:tag content='web, speed'></head><body>
             <nav><a href=/no>Home</a></nav><div id=sidebar><p>Follow me.</p></div><main class=\"m\"><article><h1>On caches</h1>
             <p>{WORDS}</p><p>{WORDS}</p><p>{WORDS} More of it <a href=/more>is here</a>.</p><pre>let x = 1;</pre></article></main><i id=\"i\"></i>
             <footer>Imprint</footer></body></html>"
        ));
        let post = &read.posts[0];
        assert_eq!((post.id.as_str(), post.title.as_str()), ("https://x.example/caches/", "On caches"));
        assert_eq!((post.source.as_str(), post.author.as_deref()), ("Ada's blog", Some("Ada")));
        assert_eq!((post.date, post.language.as_deref()), (PostDate::parse("2024-01-31"), Some("eng")));
        assert_eq!(
            (post.summary.text.as_str(), post.tags.join("/")),
            ("When to empty a cache.", "caches/web/speed".to_owned())
        );
        assert_eq!(post.text.as_deref(), Some(format!("{WORDS}\n\n{WORDS}\n\n{WORDS} More of it is here.").as_str()));
        let links: Vec<_> = read.links.iter().map(|link| (link.target.as_str(), link.words.as_str())).collect();
        assert_eq!(links, [("/more", "is here")]);
        assert_eq!(read.report.notes.total(), 0);
    }

    #[test]
    fn what_machines_are_told_comes_first() {
        let post = check(&format!(
            "<title>No</title><meta property=og:title content='No'><script type=application/ld+json>
             {{\"@type\": \"BlogPosting\", \"headline\": \"Yes\", \"datePublished\": \"2024-01-31\", \"keywords\": [\"a\"],
               \"author\": {{\"name\": \"Ada\"}}, \"publisher\": {{\"name\": \"P\"}}}}</script><p>{WORDS}"
        ));
        assert_eq!((post.title.as_str(), post.author.as_deref(), post.source.as_str()), ("Yes", Some("Ada"), "P"));
        assert_eq!((post.id.as_str(), post.tags), ("https://x.example/a?b=1", vec!["a".to_owned()]));
    }

    #[test]
    fn titles_lose_the_name_of_the_site() {
        let site = "<meta property=og:site_name content=Blog>";
        for (html, expect) in [
            (format!("{site}<title>T \u{2014} blog</title>"), "T"),
            (format!("{site}<title>Blog: T</title>"), "Blog: T"),
            ("<title>T | Blog</title><h1>T</h1>".to_owned(), "T"),
            ("<title>T | Blog</title><h1>Blog</h1><h1>T</h1>".to_owned(), "Blog"),
            ("<title>T - Blog</title><h1>Other</h1>".to_owned(), "T - Blog"),
            ("<h1>H</h1>".to_owned(), "H"),
            (String::new(), "A cache that is never emptied gives old answers, and a cache\u{2026}"),
        ] {
            assert_eq!(check(&format!("{html}<p>{WORDS}")).title, expect, "{html}");
        }
    }

    #[test]
    fn a_page_that_is_no_post_says_why() {
        check_skip("", "the page has no text of its own (scripts may make it); save it from a browser");
        check_skip(
            "<title>App</title><div id=root>",
            "the page has no text of its own (scripts may make it); save it from a browser",
        );
        check_skip(
            "<title>T</title><p>Log in to read on.</p><form><input type=password></form>",
            "asks for a password before it shows its text; save the page when you are logged in",
        );
        check_skip(
            "<meta name=robots content=noindex><p>x",
            "says \"noindex\": its author does not want it to be listed",
        );
        check_skip("<meta http-equiv=refresh content='0;url=/b'>", "only leads to \"/b\"; index that");
        let large = "x".repeat((2 << 20) + 1);
        check_skip(&large, "the page is larger than 2097152 bytes; save what matters of it as a smaller one");
        assert!(read_page(&[0; 99], None, "u", &options()).is_err());
    }

    #[test]
    fn the_front_page_is_nobody_elses_address() {
        let read = read(&format!("<link rel=canonical href='https://x.example/'><p>{WORDS}"));
        assert_eq!(read.posts[0].id.as_str(), "https://x.example/a?b=1");
        assert_eq!(read.report.notes.counts["address of the front page"], 1);
    }
}
