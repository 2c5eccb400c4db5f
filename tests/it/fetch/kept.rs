//! Is only that fetched again which has changed, and nothing at all offline?

use std::fs;
use std::time::Duration;

use nextread::fetch::{FetchError, Freshness, How, Network, Patience};
use url::Url;

use super::server::{Desk, Server, reply};

fn with_etag() -> Server {
    Server::start(|asked, stream| {
        if asked.header("if-none-match") == "\"1\"" {
            return reply(stream, "304 Not Modified", "", b"");
        }
        let headers = "etag: \"1\"\r\nlast-modified: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-type: text/x\r\n";
        reply(stream, "200 OK", headers, b"words")
    })
}

#[test]
fn what_has_not_changed_is_not_fetched_again() {
    let server = with_etag();
    let desk = Desk::new(&[&server]);
    for how in [How::Fetched, How::NotModified, How::NotModified] {
        let (found, body) = desk.get(&server.url("/feed")).unwrap();
        assert_eq!((found.how, body.as_slice()), (how, b"words".as_slice()));
        assert_eq!(found.content_type.as_deref(), Some("text/x"));
    }
    let asked = server.asked();
    assert_eq!(asked[1].header("if-modified-since"), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(asked[0].header("if-none-match"), "");
    assert_eq!(asked[0].header("accept-encoding"), "gzip, br");
    assert_eq!(asked[0].header("user-agent"), concat!("nextread/", env!("CARGO_PKG_VERSION")));
    assert_eq!(asked[0].header("cookie"), "");
}

#[test]
fn offline_no_socket_is_opened() {
    let server = with_etag();
    let mut desk = Desk::new(&[&server]);
    desk.options.network = Network::Offline;
    let fault = desk.get(&server.url("/feed")).unwrap_err().to_string();
    assert!(fault.ends_with("was never fetched, and nothing is fetched offline; index it once without --offline"));
    desk.options.network = Network::Online;
    desk.get(&server.url("/feed")).unwrap();
    desk.options.network = Network::Offline;
    let (found, body) = desk.get(&server.url("/feed")).unwrap();
    assert_eq!((found.how, body.as_slice()), (How::Kept, b"words".as_slice()));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn what_is_damaged_is_fetched_anew_and_told() {
    let server = with_etag();
    let mut desk = Desk::new(&[&server]);
    for ending in ["body", "json"] {
        desk.get(&server.url("/feed")).unwrap();
        let files = fs::read_dir(desk.folder.path().join("fetched")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let path = paths.into_iter().find(|path| path.extension().is_some_and(|own| own == ending)).unwrap();
        fs::write(path, "{]").unwrap();
        desk.options.network = Network::Offline;
        let fault = desk.get(&server.url("/feed")).unwrap_err().to_string();
        assert_eq!(fault.matches("damaged").count(), usize::from(ending == "body"), "{fault}");
        desk.options.network = Network::Online;
        let (found, body) = desk.get(&server.url("/feed")).unwrap();
        assert_eq!((found.how, body.as_slice()), (How::Fetched, b"words".as_slice()));
        assert!(found.damaged.is_some());
    }
}

#[test]
fn a_new_version_takes_the_place_of_the_old_one() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_, stream| {
        let nth = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        reply(stream, "200 OK", "", format!("version {nth}").as_bytes())
    });
    let desk = Desk::new(&[&server]);
    for nth in 0..3 {
        assert_eq!(desk.get(&server.url("/feed")).unwrap().1, format!("version {nth}").as_bytes());
    }
    assert_eq!(fs::read_dir(desk.folder.path().join("fetched")).unwrap().count(), 2);
}

#[test]
fn a_date_of_a_sitemap_saves_the_asking() {
    let server = with_etag();
    let desk = Desk::new(&[&server]);
    let mut want = desk.want(&server.url("/page"));
    for (date, how) in [("2026-01-01", How::Fetched), ("2026-01-01", How::Kept), ("2026-01-02", How::NotModified)] {
        want.freshness = Freshness::KeptOf(date.to_owned());
        let found = desk.fetcher().fetch_all(std::slice::from_ref(&want), &mut |_| ()).remove(0).unwrap();
        assert_eq!(found.how, how);
    }
    want.freshness = Freshness::Kept;
    assert_eq!(desk.fetcher().fetch_all(&[want], &mut |_| ())[0].as_ref().unwrap().how, How::Kept);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn what_fails_too_often_is_left_alone_for_a_while() {
    let mut desk = Desk::new(&[]);
    let url = Url::parse("https://blog.example/feed").unwrap();
    let may_try = |desk: &Desk| desk.fetcher().may_try(&url, &desk.guard);
    for _ in 0..2 {
        may_try(&desk).unwrap();
        desk.fetcher().count_failure(&url, "it was not there").unwrap();
    }
    may_try(&desk).unwrap();
    // The third try ends the whole program: nobody is left to take the failure back.
    desk.fetcher().count_failure(&url, "it ended the program").unwrap();
    let fault = may_try(&desk).unwrap_err().to_string();
    let expect =
        "failed 3 times in a row and is left alone until 2004-01-10T14:37:04Z (the last time: it ended the program)";
    assert!(fault.contains(expect), "{fault}");
    desk.options.now += Duration::from_secs(3_601);
    may_try(&desk).unwrap();
    desk.fetcher().count_failure(&url, "again").unwrap();
    assert!(matches!(may_try(&desk), Err(FetchError::LeftAlone { failures: 4, .. })));
    desk.options.patience = Patience::Retry;
    may_try(&desk).unwrap();
    desk.fetcher().end(&url, Ok("feed")).unwrap();
    desk.options.patience = Patience::LeaveAlone;
    may_try(&desk).unwrap();
    let inside = Url::parse("http://10.0.0.1/").unwrap();
    assert!(matches!(desk.fetcher().may_try(&inside, &desk.guard), Err(FetchError::Refused { .. })));
}
