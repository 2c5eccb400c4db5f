//! Can a URL reach what it should not? Every spelling of an address that is not public, on every way in: a canary that
//! listens there is never connected to.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use nextread::fetch::{Allowed, FetchError};
use url::Url;

use super::server::{Desk, Script, Server, reply};

/// Ways to say this machine that lead to a listener at 127.0.0.1 (or ::1) where nothing stops them.
const THIS_MACHINE: [&str; 34] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7F.0.0.1",
    "0177.0.0.1",
    "0177.0x0.0.1",
    "00000177.0.0.1",
    "127.0.0.0x1",
    "0x7f.1",
    "127.000.000.001",
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "127.0.0.2",
    "127.255.255.254",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "127．0．0．1",
    "①②⑦.0.0.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "localhost",
    "LOCALHOST.",
    "printer.localhost",
];

/// Other networks than the public one, and names that lead there.
const INSIDE: [&str; 36] = [
    "10.0.0.1",
    "10.1",
    "167772161",
    "0xa.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.168.257",
    "169.254.169.254",
    "169.254.43518",
    "2852039166",
    "0xa9fea9fe",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.7",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "0.1.2.3",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::1]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[::ffff:a9fe:a9fe]",
    "name-of-loopback.example",
    "name-of-both.example",
];

pub(crate) struct Canary {
    listeners: Vec<TcpListener>,
    pub(crate) port: u16,
}

impl Canary {
    pub(crate) fn new() -> Canary {
        let first = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let mut listeners = vec![first];
        // Not every machine has the other protocol.
        listeners.extend(TcpListener::bind((std::net::Ipv6Addr::LOCALHOST, port)));
        for listener in &listeners {
            listener.set_nonblocking(true).unwrap();
        }
        Canary { listeners, port }
    }

    /// How many have connected since it was last asked.
    pub(crate) fn hits(&self) -> usize {
        let accept = |listener: &TcpListener| std::iter::from_fn(|| listener.accept().ok()).count();
        self.listeners.iter().map(accept).sum()
    }

    /// URLs of all spellings at the canary's port, user names and tricks with ports included.
    pub(crate) fn urls(&self) -> Vec<String> {
        let port = self.port;
        let hosts = THIS_MACHINE.iter().chain(&INSIDE);
        let mut urls: Vec<String> = hosts.map(|host| format!("http://{host}:{port}/x")).collect();
        urls.extend([
            format!("http://blog.example@127.0.0.1:{port}/x"),
            format!("http://blog.example:80@127.0.0.1:{port}/x"),
            format!("http://127.0.0.1:{port}\\@blog.example/x"),
            format!("http:\\\\127.0.0.1:{port}\\x"),
            format!("HTTP:127.0.0.1:{port}/x"),
            format!("http://127.0.0.1:0{port}/x"),
            format!("https://127.0.0.1:{port}/x"),
            format!("http://\t127.0.0.1:{port}\n/x"),
        ]);
        urls
    }
}

fn script() -> Script {
    let script = Script::default();
    let lead = |name: &str, answers: &[&[&str]]| {
        let parse = |texts: &&[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 0)).collect()
        };
        script.0.lock().unwrap().insert(name.to_owned(), answers.iter().map(parse).collect());
    };
    lead("name-of-loopback.example", &[&["127.0.0.1"]]);
    lead("name-of-both.example", &[&["93.184.216.34", "127.0.0.1"]]);
    lead("localhost", &[&["127.0.0.1"]]);
    script
}

/// A desk from which the canary's port is no obstacle: only its address is.
pub(crate) fn desk(canary: &Canary, servers: &[&Server]) -> Desk {
    let mut desk = Desk::new(servers);
    desk.guard.ports.push(canary.port);
    desk.options.lookup = Arc::new(script());
    desk.options.limits.retries = 0;
    desk
}

#[track_caller]
fn check_refused(outcome: Result<(nextread::fetch::Found, Vec<u8>), FetchError>, url: &str) {
    match outcome {
        Err(FetchError::Refused { .. }) => {}
        other => panic!("{url}: {other:?}"),
    }
}

#[test]
fn no_spelling_of_a_url_reaches_inside() {
    let canary = Canary::new();
    let desk = desk(&canary, &[]);
    let urls = canary.urls();
    assert!(urls.len() >= 60);
    for url in &urls {
        // What is no URL is fetched by nobody.
        if Url::parse(url).is_ok() {
            check_refused(desk.get(url), url);
        }
    }
    assert!(urls.iter().filter(|url| Url::parse(url).is_ok()).count() >= 60);
    assert_eq!(canary.hits(), 0);
}

#[test]
fn no_redirect_reaches_inside() {
    let canary = Canary::new();
    let urls = canary.urls();
    let targets = urls.clone();
    let server = Server::start(move |asked, stream| {
        let at: usize = asked.path.trim_start_matches('/').parse().map_err(io::Error::other)?;
        let target = targets[at].replace(['\t', '\n'], "");
        reply(stream, "302 Found", &format!("location: {target}\r\n"), b"")
    });
    let desk = desk(&canary, &[&server]);
    for (at, url) in urls.iter().enumerate() {
        match desk.get(&server.url(&format!("/{at}"))) {
            // `HTTP:127.0.0.1` is a path where the scheme is the same, and leads back to the server.
            Err(FetchError::Refused { .. } | FetchError::Broken { .. }) => {}
            Err(FetchError::Unreachable { .. }) if url.starts_with("HTTP:") => {}
            other => panic!("{url}: {other:?}"),
        }
    }
    assert!(server.asked().len() >= urls.len());
    assert_eq!(canary.hits(), 0);
}

/// The canary sings where the user vouches for its host: what keeps the others out is the check.
#[test]
fn what_is_allowed_does_reach_inside() {
    let canary = Canary::new();
    let mut desk = desk(&canary, &[]);
    desk.options.limits.idle = std::time::Duration::from_millis(50);
    for host in ["127.0.0.1", "localhost", "name-of-loopback.example"] {
        desk.guard.allowed = vec![Allowed::parse(&format!("{host}:{}", canary.port)).unwrap()];
        let fault = desk.get(&format!("http://{host}:{}/", canary.port)).unwrap_err();
        assert!(matches!(fault, FetchError::TooSlow { .. }), "{fault}");
        assert_eq!(canary.hits(), 1, "{host}");
    }
}

/// A name that is public when it is first asked for and leads inside afterwards.
#[test]
fn a_name_that_changes_its_mind_is_checked_each_time() {
    let server = Server::start(|_, stream| reply(stream, "302 Found", "location: /again\r\n", b""));
    let canary = Canary::new();
    let mut desk = desk(&canary, &[]);
    desk.options.limits.connect = std::time::Duration::from_millis(50);
    let answers = ["198.51.100.1", "127.0.0.1"].map(|text| vec![SocketAddr::new(text.parse().unwrap(), 0)]);
    let script = Script::default();
    script.0.lock().unwrap().insert("rebinds.example".to_owned(), answers.to_vec());
    desk.options.lookup = Arc::new(script);
    desk.guard.ports.push(server.address.port());
    for _ in 0..2 {
        check_refused(desk.get(&format!("http://rebinds.example:{}/", server.address.port())), "rebinds.example");
    }
    assert_eq!((server.asked().len(), canary.hits()), (0, 0));
}

#[test]
fn ports_and_proxies_are_no_way_around() {
    let desk = Desk::new(&[]);
    for port in [22, 25, 6379, 11211] {
        check_refused(desk.get(&format!("http://blog.example:{port}/")), "port");
    }
}
