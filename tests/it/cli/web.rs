//! Are URLs sources like any other? Feeds, pages, sitemaps and lists, from servers on the loopback.

use std::sync::{Arc, Mutex};

use super::room::{Room, field};
use crate::fetch::server::{Server, reply};

const SENTENCE: &str = "The oven has to be hot before the loaf goes in, and it stays hot for the whole of an hour. ";

fn item(name: &str) -> String {
    format!(
        "<item><title>About {name}</title><link>/{name}</link><guid>{name}</guid><description>All there is to know of {name}.</description></item>"
    )
}

fn feed(names: &[&str]) -> String {
    let items: String = names.iter().map(|name| item(name)).collect();
    format!("<rss version='2.0'><channel><title>Loaves</title>{items}</channel></rss>")
}

fn page(name: &str, head: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=en><head><title>About {name}</title>{head}</head><body><main><article><h1>About {name}</h1><p>{}</p><p>{}</p></article></main></body></html>",
        SENTENCE.repeat(4),
        SENTENCE.repeat(3)
    )
}

/// A server whose pages a test may change.
struct Site {
    server: Server,
    pages: Arc<Mutex<Vec<(String, String)>>>,
}

impl Site {
    fn new(pages: &[(&str, String)]) -> Site {
        let pages: Vec<(String, String)> =
            pages.iter().map(|(path, body)| ((*path).to_owned(), body.clone())).collect();
        let pages = Arc::new(Mutex::new(pages));
        let shown = Arc::clone(&pages);
        let server = Server::start(move |asked, stream| {
            let body = shown.lock().unwrap().iter().find(|(path, _)| *path == asked.path).map(|(_, body)| body.clone());
            let Some(body) = body else { return reply(stream, "404 Not Found", "", b"") };
            let etag = format!("\"{}\"", body.len());
            if asked.header("if-none-match") == etag {
                return reply(stream, "304 Not Modified", "", b"");
            }
            reply(stream, "200 OK", &format!("etag: {etag}\r\n"), body.as_bytes())
        });
        Site { server, pages }
    }

    fn put(&self, path: &str, body: String) {
        let mut pages = self.pages.lock().unwrap();
        pages.retain(|(known, _)| known != path);
        pages.push((path.to_owned(), body));
    }

    fn remove(&self, path: &str) {
        self.pages.lock().unwrap().retain(|(known, _)| known != path);
    }

    /// The command that indexes a path of it.
    fn index(&self, path: &str) -> String {
        format!("index {} --allow-private {}", self.server.url(path), self.server.address)
    }

    /// What was said, the site's address written as `SITE`.
    fn said(&self, text: &str) -> String {
        text.replace(&self.server.url(""), "SITE")
    }
}

#[test]
fn a_feed_is_a_source_that_is_remembered() {
    let site = Site::new(&[("/feed", feed(&["bread", "cheese"]))]);
    let room = Room::empty();
    let said = site.said(&room.run(&site.index("/feed")).notes());
    assert!(said.contains("SITE/feed: 2 posts in 1 file\n"), "{said}");
    assert!(said.contains("over the network: 1 read, 0 not modified, 0 kept from before, 0 failed\n"), "{said}");
    assert!(said.contains("SITE/feed: 2 added, 0 changed, 0 removed, 0 unchanged; 2 embedded\n"), "{said}");
    // An address without a host is one of the feed's site.
    let found = room.run("search bread --format jsonl").data();
    assert_eq!(field(&found, "url")[0], site.server.url("/bread"));

    // A proxy of the environment, at which nobody listens, is not asked.
    let proxy = "http://127.0.0.1:9";
    let proxies = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"].map(|name| (name, proxy));
    let said = room.run_with("index", &proxies).notes();
    assert!(said.contains("over the network: 0 read, 1 not modified"), "{said}");
    assert!(said.contains("0 added, 0 changed, 0 removed, 2 unchanged; 0 embedded"), "{said}");

    // What the feed no longer shows is still there, whatever is pruned.
    site.put("/feed", feed(&["butter"]));
    for added in [1, 0] {
        let said = room.run("index --prune").notes();
        let expect = format!("{added} added, 0 changed, 0 removed, {} unchanged", 1 - added);
        assert!(said.contains(&expect), "{said}");
        assert!(said.contains("2 older posts that the feed no longer lists: kept\n"), "{said}");
    }
    let asked = site.server.asked().len();
    let said = room.run("index --offline").notes();
    assert!(said.contains("over the network: 0 read, 0 not modified, 1 kept from before"), "{said}");
    let said = room.run_with("index", &[("HF_HUB_OFFLINE", "1")]).notes();
    assert!(said.contains("1 kept from before"), "{said}");
    assert_eq!(site.server.asked().len(), asked);

    // A sign-on page in its place is no post.
    site.put("/feed", page("the network", ""));
    let said = room.run("index");
    let expect = "warning: SITE/feed: was a feed and is a page now, as before a login or after a move; look at it in a browser\n";
    assert!(site.said(&said.stderr).contains(expect), "{}", said.stderr);
    assert!(room.run("status").data().contains("posts           3"));
}

#[test]
fn what_fails_is_told_and_holds_up_nobody() {
    let site = Site::new(&[("/a", feed(&["bread"])), ("/b", feed(&["cheese"]))]);
    let room = Room::empty();
    let error = room.run(&format!("index {} --offline", site.server.url("/a"))).error(1);
    assert!(error.contains("/a: was never fetched, and nothing is fetched offline; index it once without --offline"));
    let error = room.run(&format!("index {}", site.server.url("/a"))).error(1);
    let port = site.server.address.port();
    assert!(
        error.ends_with(&format!(
            "127.0.0.1 is not a public address; if you mean it, allow it with --allow-private 127.0.0.1:{port}"
        )),
        "{error}"
    );
    assert_eq!(site.server.asked().len(), 0);
    assert!(!room.path(".nextread").exists());
    let error = room.run("index ftp://blog.example/feed").error(1);
    assert!(error.ends_with("ftp: is not fetched; only http and https are"), "{error}");
    let error = room.run("index http://:80").error(2);
    assert!(error.contains("is no URL (empty host)"), "{error}");

    let both = format!("{} {}", site.index("/a"), site.server.url("/b"));
    room.run(&both).notes();
    site.remove("/a");
    site.put("/b", feed(&["cheese", "butter"]));
    let said = room.run("index");
    assert_eq!(said.code, Some(1));
    let stderr = site.said(&said.stderr);
    assert!(
        stderr.contains(
            "warning: SITE/a: answered 404; there is no such page, check the address; or forget it with --prune\n"
        ),
        "{stderr}"
    );
    assert!(stderr.contains("SITE/b: 1 added, 0 changed, 0 removed, 1 unchanged"), "{stderr}");
    assert!(
        stderr.contains(
            "over the network: 1 read, 0 not modified, 0 kept from before, 1 failed (1 not there any more)\n"
        ),
        "{stderr}"
    );
    assert!(
        stderr.ends_with("error: 1 source could not be read; their posts are kept, the other sources are up to date\n")
    );
    let status = room.run("status").data();
    assert!(status.contains("posts           3"), "{status}");

    for _ in 0..2 {
        room.run("index");
    }
    let listed = room.run("sources").data();
    assert!(listed.contains("feed, 1 post, fetched 2") && listed.contains("left"), "{listed}");
    let listed = site.said(&room.run("sources --format jsonl").data());
    let first = listed.lines().next().unwrap();
    assert!(first.contains("\"failures\":3,\"last_failure\":\"SITE/a: answered 404"), "{first}");
    assert!(first.contains("\"kind\":\"feed\",\"title\":\"Loaves\",\"posts\":1"), "{first}");
    let asked = site.server.asked().len();
    let said = site.said(&room.run("index").stderr);
    assert!(said.contains("SITE/a: failed 3 times in a row and is left alone until 2"), "{said}");
    assert_eq!(site.server.asked().len(), asked + 1);
    site.put("/a", feed(&["bread"]));
    let said = room.run("index --retry").notes();
    assert!(said.contains("over the network: 0 read, 2 not modified, 0 kept"), "{said}");
    let said = room.run("sources --json").data();
    assert!(said.contains("\"failures\": 0") && said.contains("\"next_try\": null"), "{said}");
    site.remove("/a");
    let said = room.run("index --prune").notes();
    assert!(site.said(&said).contains("SITE/a: gone, and 1 post of it removed\n"), "{said}");
}

#[test]
fn lists_of_feeds_are_read_and_written() {
    let site = Site::new(&[("/a", feed(&["bread"])), ("/b", feed(&["cheese"]))]);
    let url = |path: &str| site.server.url(path);
    let list = format!(
        "<opml version='2.0'><body><outline text='Food'><outline text='A' xmlUrl='{}'/><outline text='B'>\
         <outline xmlUrl='{}'/><outline xmlUrl='{}'/><outline text='C' xmlUrl='{}'/></outline></outline></body></opml>",
        url("/a"),
        url("/b"),
        url("/b"),
        url("/missing")
    );
    site.put("/list.opml", list.clone());
    for from_disk in [true, false] {
        let room = Room::empty();
        room.write("list.opml", &list);
        let what = if from_disk { "list.opml".to_owned() } else { url("/list.opml") };
        let said = room.run(&format!("index {what} --allow-private {}", site.server.address));
        assert_eq!(said.code, Some(1));
        assert!(said.stderr.contains("lists 3 feeds, each a source of its own\n"), "{}", said.stderr);
        assert!(said.stderr.contains("/missing: answered 404"), "{}", said.stderr);
        assert!(room.run("status").data().contains("posts           2"));
        let written = room.run("sources --format opml").data();
        assert!(site.said(&written).contains("<outline type=\"rss\" text=\"Loaves\" xmlUrl=\"SITE/a\"/>"), "{written}");
        let other = Room::empty();
        other.write("mine.opml", &written);
        let said = other.run(&format!("index mine.opml --allow-private {}", site.server.address)).stderr;
        // A feed of a list that did not answer yet is remembered as well.
        assert!(said.contains("lists 3 feeds"), "{said}");
    }
}

#[test]
fn a_page_leads_to_its_feed_or_is_a_post() {
    let link = "<link rel=alternate type=application/rss+xml title='Comments' href=/comments>\
                <link rel=alternate type=application/rss+xml href=/feed>";
    let site = Site::new(&[("/", page("us", link)), ("/feed", feed(&["bread"])), ("/about", page("ovens", ""))]);
    let room = Room::empty();
    let said = site.said(&room.run(&site.index("/")).notes());
    assert!(said.contains("SITE/: a page; read the feed that it names, SITE/feed\n"), "{said}");
    assert!(said.contains("SITE/: 1 added"), "{said}");
    assert_eq!(site.server.paths(), ["/", "/feed"]);
    let said = site.said(&room.run(&site.index("/about")).notes());
    assert!(said.contains("SITE/about: a page without a feed; it is one post\n"), "{said}");
    let found = room.run("search ovens --format jsonl").data();
    assert_eq!(field(&found, "url")[0], site.server.url("/about"));
    let said = site.said(&room.run(&site.index("/moved")).error(1));
    assert!(said.contains("answered 404"), "{said}");
}

#[test]
fn pages_of_a_sitemap_come_and_go() {
    let map = |site: &str, names: &[&str], date: &str| {
        let place = |name: &&str| format!("<url><loc>{site}/{name}</loc><lastmod>{date}</lastmod></url>");
        format!("<urlset>{}</urlset>", names.iter().map(place).collect::<String>())
    };
    let site =
        Site::new(&[("/bread", page("bread", "")), ("/cheese", page("cheese", "")), ("/butter", page("butter", ""))]);
    let root = site.server.url("");
    let index = format!(
        "<sitemapindex><sitemap><loc>{root}/map1.xml</loc></sitemap><sitemap><loc>{root}/map2.xml</loc></sitemap></sitemapindex>"
    );
    site.put("/sitemap.xml", index);
    site.put("/map1.xml", map(&root, &["bread", "cheese"], "2026-01-01"));
    site.put("/map2.xml", map(&root, &["butter", "bread"], "2026-01-01"));
    let room = Room::empty();
    let said = site.said(&room.run(&site.index("/sitemap.xml")).notes());
    assert!(said.contains("SITE/sitemap.xml: a sitemap of 3 pages\n"), "{said}");
    assert!(said.contains("SITE/sitemap.xml: 3 added"), "{said}");
    // What is of the same date is not asked for again.
    let before = site.server.asked().len();
    let said = room.run("index").notes();
    assert!(said.contains("0 read, 3 not modified, 3 kept from before"), "{said}");
    assert_eq!(site.server.asked().len(), before + 3);
    // A page that does not come this time stays; one that is no longer listed is gone.
    site.put("/map1.xml", map(&root, &["bread"], "2026-01-02"));
    site.put("/map2.xml", map(&root, &["butter"], "2026-01-01"));
    site.put("/bread", page("bread and salt", ""));
    let said = room.run("index").notes();
    assert!(said.contains("0 added, 1 changed, 1 removed, 1 unchanged"), "{said}");
    let room = Room::empty();
    let said = site.said(&room.run(&format!("{} --pages 1", site.index("/sitemap.xml"))).notes());
    assert!(
        said.contains("warning: SITE/butter: beyond the first 1 pages of the sitemap; --pages takes more\n"),
        "{said}"
    );
}

#[test]
fn posts_without_a_body_take_that_of_their_page() {
    let bare = "<rss version='2.0'><channel><title>L</title><item><title>Bread</title><link>/bread</link></item>\
                <item><title>Gone</title><link>/gone</link></item></channel></rss>";
    let site = Site::new(&[("/feed", bare.to_owned()), ("/bread", page("bread", ""))]);
    let room = Room::empty();
    let said = site.said(&room.run(&format!("{} --full-text", site.index("/feed"))).notes());
    assert!(said.contains("SITE/feed: 1 of 2 posts without a body got that of their page\n"), "{said}");
    assert!(
        said.contains(
            "SITE/gone: answered 404; there is no such page, check the address; its post is kept without a body\n"
        ),
        "{said}"
    );
    assert!(room.run("search ovens --json").data().contains("\"minutes\": 1"));
    let before = site.server.paths().iter().filter(|path| *path == "/bread").count();
    room.run("index").notes();
    assert_eq!(site.server.paths().iter().filter(|path| *path == "/bread").count(), before);
}

/// The host of one feed of a list is no business of the others, and where they lead is checked.
#[test]
fn what_a_flag_allows_is_closed_to_the_other_feeds_of_a_list() {
    let inside = Site::new(&[("/own", feed(&["bread"])), ("/led", feed(&["cheese"]))]);
    let target = inside.server.url("/led");
    let outside = Server::start(move |_, stream| reply(stream, "302 Found", &format!("location: {target}\r\n"), b""));
    let list = format!(
        "<opml version='2.0'><body><outline xmlUrl='{}'/><outline xmlUrl='{}'/></body></opml>",
        inside.server.url("/own"),
        outside.url("/feed")
    );
    let check = |config: &str, paths: &[&str]| {
        let room = Room::empty();
        room.write("list.opml", &list);
        room.write("nextread.toml", config);
        let before = inside.server.paths().len();
        let said = room.run(&format!("index list.opml --allow-private {}", inside.server.address));
        let mut asked = inside.server.paths().split_off(before);
        asked.sort();
        assert_eq!(asked, paths, "{}", said.stderr);
        said.stderr
    };
    let said = check(&format!("allow_private = [\"{}\"]\n", outside.address), &["/own"]);
    assert!(said.contains("/led: 127.0.0.1 is not a public address"), "{said}");
    // Written down, it holds for all: it is the flag's reach that kept the other one out.
    check(&format!("allow_private = [\"{}\", \"{}\"]\n", outside.address, inside.server.address), &["/led", "/own"]);

    let room = Room::empty();
    let said = room.run(&format!("{} --allow-private localhost:9", inside.index("/own"))).notes();
    let expect = "--allow-private localhost:9 is the host of none of these sources; if one of them leads there, write \
                  allow_private = [\"localhost:9\"] in nextread.toml\n";
    assert!(said.contains(expect), "{said}");
}

#[test]
fn a_page_whose_feed_is_gone_is_not_pruned() {
    let link = "<link rel=alternate type=application/rss+xml href=/feed>";
    let site = Site::new(&[("/", page("us", link)), ("/feed", feed(&["bread"]))]);
    let room = Room::empty();
    room.run(&site.index("/")).notes();
    site.remove("/feed");
    let said = room.run("index --prune");
    let stderr = site.said(&said.stderr);
    assert_eq!(said.code, Some(1), "{stderr}");
    assert!(stderr.contains("warning: SITE/: its feed cannot be read: SITE/feed: answered 404"), "{stderr}");
    assert!(room.run("status").data().contains("posts           1"));
    // Its own address being gone, it is forgotten.
    site.remove("/");
    let said = site.said(&room.run("index --prune").notes());
    assert!(said.contains("SITE/: gone, and 1 post of it removed\n"), "{said}");
}

#[test]
fn a_list_of_a_file_is_read_within_bounds() {
    let room = Room::empty();
    let feeds: String = (0..1_003).map(|n| format!("<outline xmlUrl='ftp://blog.example/{n}'/>")).collect();
    room.write("list.opml", format!("<opml version='2.0'><body>{feeds}</body></opml>"));
    let error = room.run("index list.opml").error(1);
    let expect = "lists no feed (1003 listed and left out: an address that is not fetched; only http and https are)";
    assert!(error.ends_with(expect), "{error}");
    room.write("long.opml", format!("<opml version='2.0'><body>{}", " ".repeat(8 << 20)));
    let error = room.run("index long.opml").error(2);
    assert!(error.ends_with("long.opml: is longer than 8388608 bytes; split the list"), "{error}");
}
