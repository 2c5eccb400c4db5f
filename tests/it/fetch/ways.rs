//! Can a feed, a page, a sitemap or a list lead inside? Every spelling of an address on every such way.

use std::time::Duration;

use nextread::fetch::{Allowed, Bodies, FetchError, GatherError, Held, Posts, Tally, Wanted, gather};
use nextread::post::PostDate;
use nextread::sources::ReadOptions;
use url::Url;

use super::inside::{Canary, desk};
use super::server::{Desk, Server, reply};

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\t', "&#9;").replace('\n', "&#10;")
}

pub(super) fn list(urls: &[String]) -> String {
    let outlines: String = urls.iter().map(|url| format!("<outline xmlUrl=\"{}\"/>", xml(url))).collect();
    format!("<opml version='2.0'><body>{outlines}</body></opml>")
}

pub(super) fn sitemap(root: &str, entry: &str, urls: &[String]) -> String {
    let places: String = urls.iter().map(|url| format!("<{entry}><loc>{}</loc></{entry}>", xml(url))).collect();
    format!("<{root}>{places}</{root}>")
}

pub(super) fn feed(urls: &[String]) -> String {
    let item = |(n, url): (usize, &String)| format!("<item><title>{n}</title><link>{}</link></item>", xml(url));
    let items: String = urls.iter().enumerate().map(item).collect();
    format!("<rss version='2.0'><channel><title>F</title>{items}</channel></rss>")
}

pub(super) fn page(url: &str) -> String {
    let url = xml(url);
    format!("<!DOCTYPE html><html><head><link rel=alternate type=application/rss+xml href=\"{url}\"></head></html>")
}

/// A site each of whose parts leads to all of `urls`; `/page/n` names the nth as its feed.
fn site(urls: Vec<String>) -> Server {
    Server::start(move |asked, stream| {
        let body = match asked.path.as_str() {
            "/list" => list(&urls),
            "/sitemap" => sitemap("urlset", "url", &urls),
            "/sitemaps" => sitemap("sitemapindex", "sitemap", &urls),
            "/feed" => feed(&urls),
            path => {
                let at = path.trim_start_matches("/page/").parse::<usize>().map_err(std::io::Error::other)?;
                page(&urls[at])
            }
        };
        reply(stream, "200 OK", "", body.as_bytes())
    })
}

pub(super) fn wanted(desk: &Desk, url: &str) -> Wanted {
    Wanted {
        url: Url::parse(url).unwrap(),
        guard: desk.guard.clone(),
        read: ReadOptions::new(PostDate::parse("2026-06-01").unwrap()),
        pages_max: 500,
        bodies: Bodies::OfPages,
    }
}

pub(super) fn hold(desk: &Desk, urls: &[String]) -> Vec<Result<Held, GatherError>> {
    let wanted: Vec<Wanted> = urls.iter().map(|url| wanted(desk, url)).collect();
    gather(&desk.fetcher(), &wanted, &mut Tally::default(), &mut |_, _| ())
}

pub(super) fn posts(held: Result<Held, GatherError>) -> Posts {
    match held {
        Ok(Held::Posts(posts)) => *posts,
        other => panic!("{other:?}"),
    }
}

/// Allowed hosts make the canary answer nothing, not even in time.
fn patient(mut desk: Desk) -> Desk {
    desk.options.limits.idle = Duration::from_millis(50);
    desk.options.limits.sitemaps = 200;
    desk
}

#[test]
fn nothing_that_a_site_names_reaches_inside() {
    let canary = Canary::new();
    let urls: Vec<String> = canary.urls().into_iter().filter(|url| Url::parse(url).is_ok()).collect();
    let server = site(urls.clone());
    let desk = patient(desk(&canary, &[&server]));
    let count = urls.len();

    let Ok(Held::Feeds(feeds)) = hold(&desk, &[server.url("/list")]).remove(0) else { panic!("no list") };
    // Spellings of one URL are one feed.
    assert!(feeds.feeds.len() >= 40, "{}", feeds.feeds.len());
    let feeds: Vec<String> = feeds.feeds.into_iter().map(String::from).collect();
    for held in hold(&desk, &feeds) {
        assert!(matches!(held, Err(GatherError::Fetch(FetchError::Refused { .. }))), "{held:?}");
    }

    let pages: Vec<String> = (0..count).map(|at| server.url(&format!("/page/{at}"))).collect();
    for held in hold(&desk, &pages) {
        // `HTTP:127.0.0.1` is a path where it stands in a page of the same scheme, and leads back to the site.
        assert!(held.is_err(), "{held:?}");
    }

    for path in ["/sitemap", "/sitemaps", "/feed"] {
        let posts = posts(hold(&desk, &[server.url(path)]).remove(0));
        let skipped = posts.read.report.skipped.total();
        assert!(skipped >= 40, "{path}: {skipped} skipped: {:?}", posts.told);
    }
    assert_eq!(canary.hits(), 0);
}

/// What keeps the canary silent is the check: with its host allowed, each of these ways reaches it.
#[test]
fn each_way_leads_inside_where_that_is_allowed() {
    let canary = Canary::new();
    let server = site(vec![format!("http://127.0.0.1:{}/x", canary.port)]);
    let mut desk = patient(desk(&canary, &[&server]));
    desk.guard.allowed.push(Allowed::parse(&format!("127.0.0.1:{}", canary.port)).unwrap());
    for path in ["/page/0", "/sitemap", "/sitemaps", "/feed"] {
        let _ = hold(&desk, &[server.url(path)]);
        assert_eq!(canary.hits(), 1, "{path}");
    }
}

/// What one source may reach is closed to all others, in the same run too.
#[test]
fn what_is_allowed_for_one_source_is_closed_to_another() {
    let canary = Canary::new();
    let inside = format!("http://127.0.0.1:{}/x", canary.port);
    let server = site(vec![inside.clone()]);
    let desk = patient(desk(&canary, &[&server]));
    let mut own = wanted(&desk, &inside);
    own.guard.allowed = vec![Allowed::parse(&format!("127.0.0.1:{}", canary.port)).unwrap()];
    let both = [own, wanted(&desk, &server.url("/page/0"))];
    let held = gather(&desk.fetcher(), &both, &mut Tally::default(), &mut |_, _| ());
    assert!(matches!(held[0], Err(GatherError::Fetch(FetchError::TooSlow { .. }))), "{held:?}");
    let refused = |fault: &FetchError| matches!(fault, FetchError::Refused { .. });
    assert!(matches!(&held[1], Err(GatherError::NamedFeed { fault, .. }) if refused(fault)), "{held:?}");
    assert_eq!(canary.hits(), 1);
}
