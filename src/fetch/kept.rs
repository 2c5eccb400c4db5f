//! What was fetched before? For each URL a body and a note on it, in files of a folder of the store.
//!
//! A body is named by what it holds and the note names its body, so that the two fit together wherever a crash falls
//! between them. Neither is written through to the disk: what is damaged is noticed by its hash and fetched anew.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use url::Url;

use super::error::FetchError;

/// The version of the notes' form.
const FORMAT: u32 = 1;
/// Hex digits of a hash in a file's name.
const NAME_DIGITS: usize = 32;
/// A note is small; what is larger is none.
const NOTE_BYTES_MAX: u64 = 256 << 10;

/// What is noted of a URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub(super) format: u32,
    /// The URL as it was asked for.
    pub url: String,
    /// The body, if it was ever fetched.
    pub body: Option<KeptBody>,
    /// What it turned out to be: a feed, a page, a sitemap.
    pub kind: Option<String>,
    /// When it was last tried, in seconds since 1970.
    pub tried_at: u64,
    /// Tries in a row that did not end well; one that is going on counts.
    pub failures: u32,
    /// What was wrong the last time.
    pub last_failure: Option<String>,
}

/// What is noted of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBody {
    /// Of its bytes, in hex.
    pub sha256: String,
    /// When it was last fetched or found to be the same, in seconds since 1970.
    pub fetched_at: u64,
    /// Where it was found after all redirects.
    pub final_url: String,
    /// What the server said of its kind.
    pub content_type: Option<String>,
    /// The server's mark of this version.
    pub etag: Option<String>,
    /// When the server says that it was changed.
    pub last_modified: Option<String>,
    /// When the sitemap that led here said that it was changed.
    pub lastmod: Option<String>,
}

/// The folder in which what was fetched is kept.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// A body on its way into the folder. Nothing is there before its first byte: a server that cannot be reached leaves no
/// trace on the disk.
pub(super) struct NewBody {
    folder: PathBuf,
    file: Option<NamedTempFile>,
    hash: Sha256,
}

impl NewBody {
    fn file(&mut self) -> io::Result<&mut NamedTempFile> {
        match &mut self.file {
            Some(file) => Ok(file),
            none => {
                fs::create_dir_all(&self.folder)?;
                Ok(none.insert(NamedTempFile::new_in(&self.folder)?))
            }
        }
    }
}

impl Write for NewBody {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file()?.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}

impl Folder {
    /// Names the folder, which is made when something is put there.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Folder {
        Folder { path: path.into() }
    }

    /// Returns where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the note on a URL; one that is damaged is none, and said.
    ///
    /// # Errors
    /// The words for what is wrong with the note.
    pub fn note(&self, url: &Url) -> Result<Option<Note>, String> {
        let path = self.note_path(url);
        let bytes = match fs::metadata(&path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(metadata) if metadata.len() > NOTE_BYTES_MAX => return Err("its note is too large".to_owned()),
            _ => fs::read(&path).map_err(|fault| fault.to_string())?,
        };
        let note: Note = serde_json::from_slice(&bytes).map_err(|_| "its note cannot be read".to_owned())?;
        let fits = note.format == FORMAT && note.url == url.as_str();
        if fits { Ok(Some(note)) } else { Err("its note is of another URL or version".to_owned()) }
    }

    /// Writes the note on a URL.
    pub(super) fn put_note(&self, url: &Url, note: &Note) -> Result<(), FetchError> {
        let note = Note { format: FORMAT, url: url.to_string(), ..note.clone() };
        let path = self.note_path(url);
        let disk = |fault: io::Error| FetchError::Disk { path: path.clone(), fault: fault.into() };
        fs::create_dir_all(&self.path).map_err(disk)?;
        let mut file = NamedTempFile::new_in(&self.path).map_err(disk)?;
        serde_json::to_writer(&mut file, &note).map_err(|fault| disk(fault.into()))?;
        file.persist(&path).map_err(|fault| disk(fault.error))?;
        Ok(())
    }

    pub(super) fn new_body(&self) -> NewBody {
        NewBody { folder: self.path.clone(), file: None, hash: Sha256::new() }
    }

    /// Puts a body in its place and returns its hash.
    pub(super) fn put_body(&self, url: &Url, mut body: NewBody) -> Result<String, FetchError> {
        let sha256 = hex(&body.hash.clone().finalize());
        let path = self.body_path(url, &sha256);
        let flushed = body.flush();
        let put = flushed.and_then(|()| body.file.map_or(Ok(()), |file| Ok(file.persist(&path).map(drop)?)));
        put.map_err(|fault| FetchError::Disk { path, fault: fault.into() })?;
        Ok(sha256)
    }

    /// Removes a body that another one has replaced.
    pub(super) fn remove_body(&self, url: &Url, sha256: &str) {
        // One that stays takes room and does no harm.
        let _ = fs::remove_file(self.body_path(url, sha256));
    }

    /// Reads a body back.
    ///
    /// # Errors
    /// It is not what was put there.
    pub fn body(&self, url: &Url, sha256: &str) -> Result<Vec<u8>, FetchError> {
        let path = self.body_path(url, sha256);
        let damaged = |fault| FetchError::Damaged { path: path.clone(), url: url.to_string(), fault };
        let bytes = fs::read(&path).map_err(|fault| damaged(fault.to_string()))?;
        if hex(&Sha256::digest(&bytes)) == sha256 { Ok(bytes) } else { Err(damaged("its hash is another".to_owned())) }
    }

    /// Removes what is kept of a URL, if anything is.
    pub fn forget(&self, url: &Url) {
        if let Ok(Some(Note { body: Some(body), .. })) = self.note(url) {
            self.remove_body(url, &body.sha256);
        }
        // What stays takes room and does no harm.
        let _ = fs::remove_file(self.note_path(url));
    }

    fn note_path(&self, url: &Url) -> PathBuf {
        self.path.join(format!("{}.json", name(url)))
    }

    fn body_path(&self, url: &Url, sha256: &str) -> PathBuf {
        // The hash may come from a damaged note: nothing of it may lead out of the folder.
        let hash: String = sha256.chars().filter(char::is_ascii_hexdigit).take(NAME_DIGITS).collect();
        self.path.join(format!("{}-{hash}.body", name(url)))
    }
}

fn name(url: &Url) -> String {
    let mut name = hex(&Sha256::digest(url.as_str()));
    name.truncate(NAME_DIGITS);
    name
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "damage is written plainly")]

    use super::*;

    fn put(folder: &Folder, url: &Url, body: &str) -> Note {
        let mut new = folder.new_body();
        new.write_all(body.as_bytes()).unwrap();
        let sha256 = folder.put_body(url, new).unwrap();
        let body = KeptBody { sha256, final_url: url.to_string(), ..KeptBody::default() };
        let note = Note { body: Some(body), ..Note::default() };
        folder.put_note(url, &note).unwrap();
        folder.note(url).unwrap().unwrap()
    }

    #[test]
    fn what_is_put_comes_back_and_damage_is_noticed() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder::new(scratch.path().join("fetched"));
        let url = Url::parse("https://blog.example/feed").unwrap();
        assert_eq!(folder.note(&url), Ok(None));
        let sha256 = put(&folder, &url, "words").body.unwrap().sha256;
        assert_eq!(folder.body(&url, &sha256).unwrap(), b"words");
        fs::write(folder.body_path(&url, &sha256), "wards").unwrap();
        let fault = folder.body(&url, &sha256).unwrap_err().to_string();
        assert!(fault.contains("what was fetched from https://blog.example/feed is damaged (its hash is another)"));
        fs::write(folder.note_path(&url), "{").unwrap();
        assert_eq!(folder.note(&url), Err("its note cannot be read".to_owned()));
        folder.forget(&url);
        assert_eq!(folder.note(&url), Ok(None));
        let other = Url::parse("https://blog.example/other").unwrap();
        put(&folder, &other, "x");
        fs::copy(folder.note_path(&other), folder.note_path(&url)).unwrap();
        assert_eq!(folder.note(&url), Err("its note is of another URL or version".to_owned()));
    }

    #[test]
    fn a_hash_that_is_none_leads_nowhere() {
        let folder = Folder::new("fetched");
        let url = Url::parse("https://blog.example/feed").unwrap();
        let path = folder.body_path(&url, "../../etc/passwd");
        assert_eq!(path.parent(), Some(Path::new("fetched")));
    }
}
