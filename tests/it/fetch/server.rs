//! A web server on the loopback that answers as a test says, and a fetcher that may ask it.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use nextread::fetch::{
    Allowed, FetchError, FetchOptions, Fetcher, Folder, Found, Freshness, Guard, Limits, Lookup, Want,
};
use tempfile::TempDir;
use url::Url;

/// What was asked of a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// In lower case, values as they are.
    pub(crate) headers: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A server, and what was asked of it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts one; `answer` writes the whole answer.
    pub(crate) fn start(answer: impl Fn(&Asked, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Server {
        Server::start_at("127.0.0.1:0".parse().unwrap(), answer)
    }

    pub(crate) fn start_at(
        address: SocketAddr,
        answer: impl Fn(&Asked, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                // A client that has gone is none of the server's business.
                std::thread::spawn(move || serve(stream.unwrap(), &log, &*answer).unwrap_or_default());
            }
        });
        Server { address, asked }
    }

    /// Starts one that has these bodies at these paths, and 404 elsewhere.
    pub(crate) fn of(pages: &[(&str, &str)]) -> Server {
        let pages: HashMap<String, String> =
            pages.iter().map(|(path, body)| ((*path).to_owned(), (*body).to_owned())).collect();
        Server::start(move |asked, stream| match pages.get(&asked.path) {
            Some(body) => reply(stream, "200 OK", "", body.as_bytes()),
            None => reply(stream, "404 Not Found", "", b""),
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths that were asked for.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<Asked>>,
    answer: &dyn Fn(&Asked, &mut TcpStream) -> io::Result<()>,
) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    let mut asked = Asked { path: first.split(' ').nth(1).unwrap_or_default().to_owned(), headers: Vec::new() };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        asked.headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    log.lock().unwrap().push(asked.clone());
    answer(&asked, &mut stream)
}

/// Writes an answer with a true length; `headers` are whole lines.
pub(crate) fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
    stream.write_all(body)
}

/// Answers in a script: a name leads to one list of addresses after the other, the last one for good.
#[derive(Debug, Default)]
pub(crate) struct Script(pub(crate) Mutex<HashMap<String, Vec<Vec<SocketAddr>>>>);

impl Lookup for Script {
    fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let mut script = self.0.lock().unwrap();
        let answers = script.get_mut(host).ok_or(io::ErrorKind::NotFound)?;
        let next = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Ok(next.into_iter().map(|address| SocketAddr::new(address.ip(), port)).collect())
    }
}

/// A fetcher with a folder of its own and no patience.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) options: FetchOptions,
    pub(crate) guard: Guard,
}

impl Desk {
    pub(crate) fn new(servers: &[&Server]) -> Desk {
        let limits = Limits {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            backoff: Duration::from_millis(1),
            ..Limits::default()
        };
        let options =
            FetchOptions { limits, ..FetchOptions::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 30)) };
        let allowed = servers.iter().map(|server| Allowed::parse(&server.address.to_string()).unwrap()).collect();
        Desk { folder: tempfile::tempdir().unwrap(), options, guard: Guard { allowed, ..Guard::default() } }
    }

    pub(crate) fn fetcher(&self) -> Fetcher {
        Fetcher::new(Folder::new(self.folder.path().join("fetched")), self.options.clone())
    }

    pub(crate) fn want(&self, url: &str) -> Want {
        Want {
            url: Url::parse(url).unwrap(),
            guard: self.guard.clone(),
            bytes_max: self.options.limits.feed_bytes,
            freshness: Freshness::Ask,
        }
    }

    /// Fetches one URL.
    pub(crate) fn get(&self, url: &str) -> Result<(Found, Vec<u8>), FetchError> {
        let fetcher = self.fetcher();
        let found = fetcher.fetch_all(&[self.want(url)], &mut |_| ()).remove(0)?;
        let body = fetcher.body(&found)?;
        Ok((found, body))
    }
}
