//! Does a bad server get what it wants? Each case ends at a limit, with a reason, and leaves nothing on the disk.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nextread::fetch::FetchError;

use super::server::{Desk, Server, reply};

/// Limits that are reached at once.
fn hasty(server: &Server) -> Desk {
    let mut desk = Desk::new(&[server]);
    let limits = &mut desk.options.limits;
    limits.feed_bytes = 1 << 20;
    limits.idle = Duration::from_millis(150);
    limits.total = Duration::from_millis(600);
    limits.retries = 0;
    desk
}

#[track_caller]
fn check(answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static, expect: &str) {
    let server = Server::start(move |_, stream| answer(stream));
    let desk = hasty(&server);
    let fault = desk.get(&server.url("/")).unwrap_err().to_string();
    let fault = fault.replace(&server.url("/"), "URL");
    assert!(fault.starts_with(expect), "{fault}");
    let left = std::fs::read_dir(desk.folder.path().join("fetched")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "{fault}");
}

const TOO_LONG: &str = "URL: is longer than 1048576 bytes; nothing of it is read";

fn gzip_bomb() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    (0..256).for_each(|_| encoder.write_all(&vec![0; 1 << 20]).unwrap());
    encoder.finish().unwrap()
}

/// 16 MiB of zeros.
const BROTLI_BOMB: [u8; 14] = [0xcf, 0xff, 0xff, 0x7f, 0xf8, 0x27, 0, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x7f];

#[test]
fn bombs_end_at_the_limit() {
    let gzip = gzip_bomb();
    assert!(gzip.len() < 400_000);
    check(move |stream| reply(stream, "200 OK", "content-encoding: gzip\r\n", &gzip), TOO_LONG);
    check(move |stream| reply(stream, "200 OK", "content-encoding: br\r\n", &BROTLI_BOMB), TOO_LONG);
}

#[test]
fn endless_bodies_end_at_the_limit() {
    let endless = |head: &'static str, piece: Vec<u8>| {
        move |stream: &mut TcpStream| {
            stream.write_all(head.as_bytes())?;
            loop {
                stream.write_all(&piece)?;
            }
        }
    };
    check(endless("HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 1 << 16]), TOO_LONG);
    let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 1 << 16], b"\r\n".to_vec()].concat();
    check(endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk), TOO_LONG);
    let huge = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    check(endless(huge, vec![b'x'; 1 << 16]), TOO_LONG);
    let header = "URL: the header of the answer is longer than 65536 bytes; nothing of it is read";
    check(endless("HTTP/1.1 200 OK\r\nx: ", vec![b'x'; 1 << 16]), header);
}

#[test]
fn slow_servers_are_left() {
    let total = "URL: took too long (in all, over 600 ms); try again later";
    let idle = "URL: took too long (without a byte, over 150 ms); try again later";
    // One byte now and then is never idle.
    let drip = |head: &'static str| {
        move |stream: &mut TcpStream| {
            stream.write_all(head.as_bytes())?;
            loop {
                stream.write_all(b"x")?;
                std::thread::park_timeout(Duration::from_millis(20));
            }
        }
    };
    check(drip("HTTP/1.1 200 OK\r\n\r\n"), total);
    check(drip("HTTP/1.1 200 OK\r\nx-"), total);
    let silent = |head: &'static str| {
        move |stream: &mut TcpStream| {
            stream.write_all(head.as_bytes())?;
            std::thread::park();
            Ok(())
        }
    };
    check(silent(""), idle);
    check(silent("HTTP/1.1 200 OK\r\n"), idle);
    check(silent("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"), idle);
}

#[test]
fn lies_are_found() {
    let hangs_up = "URL: cannot be reached (Peer disconnected); try again later";
    check(|stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nwords"), hangs_up);
    check(|_| Ok(()), hangs_up);
    let broken = "URL: the answer is not what it should be (";
    check(|stream| stream.write_all(b"I am no web server\r\n\r\n"), broken);
    check(|stream| reply(stream, "200 OK", "content-encoding: gzip\r\n", b"no gzip at all"), broken);
    check(|stream| reply(stream, "200 OK", "content-encoding: br\r\n", b"\xff\xff\xff\xff"), broken);
    check(|stream| reply(stream, "200 OK", "content-encoding: zstd\r\n", b"x"), broken);
    // More than was said is not taken.
    let server =
        Server::start(|_, stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwords and more"));
    assert_eq!(hasty(&server).get(&server.url("/")).unwrap().1, b"words");
}

#[test]
fn statuses_are_told_with_what_helps() {
    for (status, expect) in [
        ("404 Not Found", "URL: answered 404; there is no such page, check the address"),
        ("410 Gone", "URL: answered 410; it is gone for good, forget it"),
        ("403 Forbidden", "URL: answered 403; it is not for everybody, download it and index the file"),
        ("500 Oh", "URL: answered 500; try again later"),
        ("304 Not Modified", "URL: answered 304"),
        ("302 Found", "URL: answered 302"),
    ] {
        check(move |stream| reply(stream, status, "", b""), expect);
    }
    let wait = "URL: answered 503 and asks to come back in 7200 s";
    check(|stream| reply(stream, "503 Oh", "retry-after: 7200\r\n", b""), wait);
}

#[test]
fn redirects_are_followed_and_end() {
    let server = Server::start(|asked, stream| {
        let to = |target: &str| format!("location: {target}\r\n");
        match asked.path.as_str() {
            "/for-good" => reply(stream, "308 Moved", &to("/new"), b""),
            "/once" => reply(stream, "302 Found", &to("new#part"), b""),
            "/circle" => reply(stream, "301 Moved", &to("/circle2"), b""),
            "/circle2" => reply(stream, "301 Moved", &to("/circle"), b""),
            "/file" => reply(stream, "301 Moved", &to("file:///etc/passwd"), b""),
            "/data" => reply(stream, "301 Moved", &to("data:text/plain,x"), b""),
            "/user" => reply(stream, "301 Moved", &to("http://ada:x@127.0.0.1/"), b""),
            "/nowhere" => reply(stream, "301 Moved", &to("http://["), b""),
            "/new" => reply(stream, "200 OK", "", b"words"),
            path => reply(stream, "302 Found", &to(&format!("{path}x")), b""),
        }
    });
    let desk = hasty(&server);
    let (found, body) = desk.get(&server.url("/for-good")).unwrap();
    assert_eq!((found.final_url.path(), body.as_slice()), ("/new", b"words".as_slice()));
    assert_eq!(found.moved.as_ref().map(url::Url::path), Some("/new"));
    let (found, _) = desk.get(&server.url("/once")).unwrap();
    assert_eq!((found.final_url.as_str(), found.moved), (server.url("/new").as_str(), None));
    for (path, expect) in [
        ("/user", " leads to http://ada:x@127.0.0.1/: a user name or password in a URL is not sent; leave it out"),
        ("/circle", "leads in a circle; its address is wrong"),
        ("/x", "leads on more than 5 times; index the address that it leads to"),
        ("/file", "file: is not fetched; only http and https are"),
        ("/data", "data: is not fetched; only http and https are"),
        ("/user", "a user name or password in a URL is not sent; leave it out"),
        ("/nowhere", "it leads to \"http://[\", invalid IPv6 address)"),
    ] {
        let fault = desk.get(&server.url(path)).unwrap_err().to_string();
        assert!(fault.ends_with(expect), "{fault}");
    }
    assert_eq!(server.paths().iter().filter(|path| path.starts_with("/xx")).count(), 5);
}

#[test]
fn what_may_pass_is_tried_again() {
    let count = Arc::new(AtomicUsize::new(0));
    let tries = Arc::clone(&count);
    let server = Server::start(move |asked, stream| {
        let nth = tries.fetch_add(1, Ordering::SeqCst);
        match (asked.path.as_str(), nth) {
            ("/soon", 0) => reply(stream, "429 Wait", "retry-after: 0\r\n", b""),
            ("/soon", 1) => Ok(()),
            ("/soon", _) => reply(stream, "200 OK", "", b"words"),
            ("/never", _) => reply(stream, "503 Oh", "", b""),
            ("/later", _) => reply(stream, "429 Wait", "retry-after: 3600\r\n", b""),
            _ => reply(stream, "404 Not Found", "", b""),
        }
    });
    let desk = Desk::new(&[&server]);
    let tries_of = |path: &str| {
        let before = count.load(Ordering::SeqCst);
        if path == "/soon" {
            count.store(0, Ordering::SeqCst);
        }
        let outcome = desk.get(&server.url(path)).map(|(_, body)| body);
        let after = count.load(Ordering::SeqCst);
        (outcome.is_ok(), if path == "/soon" { after } else { after - before })
    };
    assert_eq!(tries_of("/soon"), (true, 3));
    assert_eq!(tries_of("/never"), (false, 3));
    assert_eq!(tries_of("/later"), (false, 1));
    assert_eq!(tries_of("/missing"), (false, 1));
}

/// Fifty hosts that never answer and a healthy one after them: it is served while they are still waited for.
#[test]
fn the_slow_do_not_hold_up_the_healthy() {
    let healthy = Server::of(&[("/", "words")]);
    let (served, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(std::sync::Mutex::new(wait));
    let gate = Arc::clone(&wait);
    let slow = Server::start(move |_, stream| {
        // Answers only once the healthy one was served.
        let _ = gate.lock().unwrap().recv();
        reply(stream, "200 OK", "", b"late")
    });
    let mut desk = Desk::new(&[&healthy]);
    desk.options.limits.slow_after = Duration::from_millis(5);
    let names: Vec<String> = (0..50).map(|n| format!("slow{n}.example")).collect();
    let script = super::server::Script::default();
    for name in &names {
        script.0.lock().unwrap().insert(name.clone(), vec![vec![slow.address]]);
        let host = format!("{name}:{}", slow.address.port());
        desk.guard.allowed.push(nextread::fetch::Allowed::parse(&host).unwrap());
    }
    desk.options.lookup = Arc::new(script);
    let port = slow.address.port();
    let mut wants: Vec<_> = names.iter().map(|name| desk.want(&format!("http://{name}:{port}/"))).collect();
    wants.push(desk.want(&healthy.url("/")));
    let mut served = Some(served);
    // The first that is done can only be the healthy one: all others wait for it.
    let outcomes = desk.fetcher().fetch_all(&wants, &mut |done| {
        if done >= 1 {
            drop(served.take());
        }
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 51);
}

#[test]
fn a_port_at_which_nobody_listens_is_unreachable() {
    let server = Server::of(&[]);
    let mut desk = hasty(&server);
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    desk.guard.allowed.push(nextread::fetch::Allowed::parse(&gone.to_string()).unwrap());
    let fault = desk.get(&format!("http://{gone}/")).unwrap_err();
    assert!(matches!(fault, FetchError::Unreachable { .. }), "{fault}");
}
