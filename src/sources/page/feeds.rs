//! Which feeds does a page offer?

use url::Url;

use super::decode::decode;
use super::facts::{Link, facts};

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedLink {
    /// Its address, in full.
    pub url: String,
    /// What the page calls it; may be empty.
    pub title: String,
    /// Its format, as the page says.
    pub kind: FeedKind,
    /// What it tells of.
    pub subject: FeedSubject,
}

/// The format of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedKind {
    /// RSS of any version.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    Json,
}

/// What a feed tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedSubject {
    /// New posts.
    Posts,
    /// What readers said of them.
    Comments,
}

/// Words that the titles and addresses of feeds of comments have.
const COMMENTS: [&str; 4] = ["comment", "kommentar", "comentario", "reacties"];

/// Returns the feeds that a page names in its `<link>`s, in their order, each address once.
///
/// `base_url` is where the page was fetched from.
#[must_use]
pub fn feed_links(bytes: &[u8], content_type: Option<&str>, base_url: &str) -> Vec<FeedLink> {
    let facts = facts(&decode(bytes, content_type).0);
    let Some(base) = super::base(&facts, Url::parse(base_url).ok().as_ref()) else { return Vec::new() };
    let mut feeds: Vec<FeedLink> = Vec::new();
    for link in &facts.links {
        if let Some(feed) = feed(link, &base)
            && feeds.iter().all(|known| known.url != feed.url)
        {
            feeds.push(feed);
        }
    }
    feeds
}

fn feed(link: &Link, base: &Url) -> Option<FeedLink> {
    let has_rel = |rel: &str| link.rel.split_ascii_whitespace().any(|given| given.eq_ignore_ascii_case(rel));
    if !has_rel("alternate") && !has_rel("feed") {
        return None;
    }
    let url = base.join(&link.href).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let words = format!("{} {}", link.title, url).to_lowercase();
    let kind = match link.media_type.as_str() {
        "application/rss+xml" | "application/rdf+xml" | "application/x-rss+xml" | "text/rss+xml" => FeedKind::Rss,
        "application/atom+xml" => FeedKind::Atom,
        "application/feed+json" => FeedKind::Json,
        // The first version of JSON Feed had no type of its own; programming interfaces have this one, too.
        "application/json" if words.contains("feed") => FeedKind::Json,
        _ => return None,
    };
    let is_comments = COMMENTS.iter().any(|word| words.contains(word));
    let subject = if is_comments { FeedSubject::Comments } else { FeedSubject::Posts };
    Some(FeedLink { url: url.into(), title: link.title.clone(), kind, subject })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expect: &[(&str, FeedKind, FeedSubject)]) {
        let feeds = feed_links(html.as_bytes(), None, "https://x.example/blog/");
        let found: Vec<_> = feeds.iter().map(|feed| (feed.url.as_str(), feed.kind, feed.subject)).collect();
        assert_eq!(found, expect, "{html}");
    }

    #[test]
    fn feeds_are_found_in_their_order() {
        check(
            "<link rel=alternate type='application/rss+xml; charset=utf-8' href=feed.xml title=Blog>
             <link rel=stylesheet type=text/css href=a.css><link rel=alternate hreflang=de href=/de/>
             <link rel='ALTERNATE' type=application/atom+xml href='//y.example/atom?a=1&amp;b=2'>
             <link rel=alternate type=application/rss+xml title='Comments on Blog' href=/c/>
             <link rel=alternate type=application/feed+json href=/feed.json>
             <link rel=alternate type=application/json href=/wp-json/1>
             <link rel=alternate type=application/rss+xml href=javascript:x>
             <link rel=alternate type=application/rss+xml href=/blog/feed.xml>",
            &[
                ("https://x.example/blog/feed.xml", FeedKind::Rss, FeedSubject::Posts),
                ("https://y.example/atom?a=1&b=2", FeedKind::Atom, FeedSubject::Posts),
                ("https://x.example/c/", FeedKind::Rss, FeedSubject::Comments),
                ("https://x.example/feed.json", FeedKind::Json, FeedSubject::Posts),
            ],
        );
        check(
            "<base href='https://z.example/'><link rel=feed type=application/rss+xml href=f>",
            &[("https://z.example/f", FeedKind::Rss, FeedSubject::Posts)],
        );
        check("<p>", &[]);
    }
}
