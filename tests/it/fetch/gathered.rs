//! What becomes of sources of which a part fails, is left out, or is wanted twice?

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use nextread::fetch::{Allowed, FetchError, GatherError, Held, PostsKind, Tally, gather};
use url::Url;

use super::server::{Desk, Server, reply};
use super::ways::{feed, hold, list, page, posts, sitemap, wanted};

/// Status and body by path.
type Answers = Arc<Mutex<HashMap<&'static str, (u16, Vec<u8>)>>>;

/// Answers by path, which a test may change; nothing is at other paths.
struct Site {
    server: Server,
    answers: Answers,
}

impl Site {
    fn new() -> Site {
        let answers: Answers = Arc::default();
        let given = Arc::clone(&answers);
        let server = Server::start(move |asked, stream| {
            let answer = given.lock().unwrap().get(asked.path.as_str()).cloned();
            let (status, body) = answer.unwrap_or((404, Vec::new()));
            reply(stream, &format!("{status} X"), "", &body)
        });
        Site { server, answers }
    }

    fn put(&self, path: &'static str, status: u16, body: impl Into<Vec<u8>>) {
        self.answers.lock().unwrap().insert(path, (status, body.into()));
    }

    fn urls(&self, paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| self.server.url(path)).collect()
    }

    fn times(&self, path: &str) -> usize {
        self.server.paths().iter().filter(|asked| *asked == path).count()
    }
}

fn text(title: &str) -> String {
    let words = "The oven has to be hot before the loaf goes in, and it stays hot for the whole of an hour. ".repeat(9);
    format!(
        "<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body><article><p>{words}</p></article></body></html>"
    )
}

#[test]
fn a_page_that_fails_this_time_is_not_gone() {
    let site = Site::new();
    let desk = Desk::new(&[&site.server]);
    site.put("/map", 200, sitemap("urlset", "url", &site.urls(&["/a", "/b"])));
    site.put("/a", 200, text("Bread"));
    let check = |status: u16, body: &[u8], kind: PostsKind, count: usize| {
        site.put("/b", status, body);
        let posts = posts(hold(&desk, &site.urls(&["/map"])).remove(0));
        assert_eq!((posts.kind, posts.read.posts.len()), (kind, count), "{status}: {:?}", posts.read.report);
    };
    // Nothing is kept of it, as after a damage to the disk.
    check(500, b"", PostsKind::PartOfSitemap, 1);
    check(404, b"", PostsKind::Sitemap, 1);
    check(410, b"", PostsKind::Sitemap, 1);
    check(200, text("Cheese").as_bytes(), PostsKind::Sitemap, 2);
    // What was kept does.
    check(500, b"", PostsKind::Sitemap, 2);
    check(200, b"%PDF-1.7 \x00\x01\x02", PostsKind::PartOfSitemap, 1);
    check(404, b"", PostsKind::Sitemap, 1);
}

#[test]
fn what_a_sitemap_lists_in_vain_is_counted() {
    let site = Site::new();
    let desk = Desk::new(&[&site.server]);
    site.put("/a", 200, text("Bread"));
    let check = |listed: &[String], pages_max: usize, expect: &[&str]| {
        site.put("/map", 200, sitemap("urlset", "url", listed));
        let mut wanted = wanted(&desk, &site.server.url("/map"));
        wanted.read.limits.sitemap_pages = pages_max;
        let held = gather(&desk.fetcher(), &[wanted], &mut Tally::default(), &mut |_, _| ()).remove(0);
        let posts = posts(held);
        let kind = if expect.is_empty() { PostsKind::Sitemap } else { PostsKind::PartOfSitemap };
        assert_eq!((posts.kind, posts.read.posts.len()), (kind, 1));
        for told in expect {
            assert!(posts.told.iter().any(|said| said.contains(told)), "{told}: {:?}", posts.told);
        }
    };
    let mut listed = site.urls(&["/a"]);
    check(&listed, 9, &[]);
    listed.extend(["/b".to_owned(), "ftp://blog.example/".to_owned()]);
    check(&listed, 9, &["/map: 2 listed and left out: no http address; write each whole"]);
    listed.extend(site.urls(&["/c", "/d", "/e"]));
    check(&listed, 1, &["2 listed and left out: no http", "/map: 3 listed and left out: beyond the first 1; split"]);
}

#[test]
fn a_page_whose_feed_fails_is_there_and_left_alone_in_time() {
    let site = Site::new();
    let mut desk = Desk::new(&[&site.server]);
    site.put("/", 200, page(&site.server.url("/feed")));
    let url = Url::parse(&site.server.url("/")).unwrap();
    for nth in 1..=3 {
        let held = hold(&desk, &site.urls(&["/"])).remove(0);
        let Err(GatherError::NamedFeed { fault, .. }) = &held else { panic!("{held:?}") };
        assert!(matches!(fault, FetchError::Status { status: 404, .. }), "{fault}");
        let alone = desk.fetcher().may_try(&url, &desk.guard).is_err();
        assert_eq!((alone, desk.fetcher().kind_before(&url)), (nth == 3, None));
    }
    let fault = desk.fetcher().may_try(&url, &desk.guard).unwrap_err().to_string();
    assert!(fault.contains("/feed: answered 404"), "{fault}");
    // Once its feed is there, all failures are forgotten.
    desk.options.patience = nextread::fetch::Patience::Retry;
    site.put("/feed", 200, feed(&site.urls(&["/a"])));
    assert_eq!(posts(hold(&desk, &site.urls(&["/"])).remove(0)).read.posts.len(), 1);
    desk.options.patience = nextread::fetch::Patience::LeaveAlone;
    desk.fetcher().may_try(&url, &desk.guard).unwrap();
    assert_eq!(desk.fetcher().kind_before(&url).as_deref(), Some("feed"));
}

#[test]
fn what_is_wanted_twice_is_fetched_once() {
    let site = Site::new();
    let desk = Desk::new(&[&site.server]);
    let feed_url = site.server.url("/feed");
    site.put("/1", 200, page(&feed_url));
    site.put("/2", 200, page(&feed_url));
    site.put("/feed", 200, feed(&site.urls(&["/a", "/a"])));
    site.put("/a", 200, text("Bread"));
    let wanted: Vec<_> = ["/1", "/2"].map(|path| wanted(&desk, &site.server.url(path))).into();
    let mut tally = Tally::default();
    let mut last = (0, 0);
    for held in gather(&desk.fetcher(), &wanted, &mut tally, &mut |done, all| last = (done, all)) {
        posts(held);
    }
    assert_eq!((site.times("/feed"), site.times("/a")), (1, 1), "{:?}", site.server.paths());
    assert_eq!((tally.fetched, tally.total()), (4, tally.kept + 4));
    assert_eq!(last.0, last.1);
    // Failures are shared as well.
    let wants = [desk.want(&site.server.url("/none")), desk.want(&site.server.url("/none"))];
    let found = desk.fetcher().fetch_all(&wants, &mut |_| ());
    assert!(found.iter().all(|found| matches!(found, Err(FetchError::Status { status: 404, .. }))), "{found:?}");
    assert_eq!((found.len(), site.times("/none")), (2, 1));
}

/// What one may reach is not handed to another one that wants the same.
#[test]
fn what_is_wanted_under_two_guards_is_checked_for_each() {
    let site = Site::new();
    let desk = Desk::new(&[&site.server]);
    site.put("/a", 200, "words");
    let mut wants = [desk.want(&site.server.url("/a")), desk.want(&site.server.url("/a"))];
    wants[1].guard.allowed = vec![Allowed::parse("localhost").unwrap()];
    for wants in [wants.clone(), [wants[1].clone(), wants[0].clone()]] {
        for (want, found) in wants.iter().zip(desk.fetcher().fetch_all(&wants, &mut |_| ())) {
            assert_eq!(found.is_ok(), want.guard == desk.guard, "{found:?}");
        }
    }
}

#[test]
fn what_is_fetched_wishes_nothing_of_lists() {
    let site = Site::new();
    let desk = Desk::new(&[&site.server]);
    let posts_of_site =
        r#"[{"title": "a", "nextread": {"hidden": false, "pin": ["b"]}}, {"title": "b", "nextread": {"x": 1}}]"#;
    site.put("/posts.json", 200, posts_of_site);
    let posts = posts(hold(&desk, &site.urls(&["/posts.json"])).remove(0));
    assert_eq!((posts.read.posts.len(), posts.read.wishes.len(), posts.read.report.notes.total()), (2, 0, 0));
    assert!(posts.told.iter().any(|told| told.contains("1 of its posts say under `nextread`")), "{:?}", posts.told);
}

#[test]
fn a_list_is_read_up_to_its_limit() {
    let site = Site::new();
    let mut desk = Desk::new(&[&site.server]);
    desk.options.limits.feeds = 2;
    let mut listed = site.urls(&["/a", "/b", "/c", "/d"]);
    listed.push("file:///etc/passwd".to_owned());
    site.put("/list", 200, list(&listed));
    let Ok(Held::Feeds(feeds)) = hold(&desk, &site.urls(&["/list"])).remove(0) else { panic!("no list") };
    assert_eq!(feeds.feeds.len(), 2);
    assert!(feeds.told[0].ends_with("1 listed and left out: an address that is not fetched; only http and https are"));
    assert!(feeds.told[1].contains("2 listed and left out: beyond the first 2 feeds"), "{:?}", feeds.told);
}
