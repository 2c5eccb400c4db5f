//! A folder in which nextread runs, apart from the user's files and environment.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::model_folder::model_folder;

/// The corpus that comes with nextread.
pub(super) const CORPUS: &str = include_str!("../../../data/engineering-reads.jsonl");

pub(super) struct Room {
    _folder: TempDir,
    path: PathBuf,
}

/// What a run said, the room's path written as `ROOM`.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Said {
    /// Returns what a run that ended well wrote to stdout.
    #[track_caller]
    pub(super) fn data(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }

    /// Returns what a run that ended well wrote to stderr, nothing being on stdout.
    #[track_caller]
    pub(super) fn notes(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(0), ""), "{}", self.stderr);
        self.stderr
    }

    /// Returns the first line of stderr, which is the error of a run that ended with `code` and no data.
    #[track_caller]
    pub(super) fn error(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        let error = self.stderr.lines().find(|line| line.starts_with("error: "));
        error.unwrap_or_else(|| panic!("no error in {}", self.stderr)).to_owned()
    }

    /// The line that says which quality gate failed; the data is there all the same.
    #[track_caller]
    pub(super) fn failed_gate(mut self) -> String {
        assert!(!self.stdout.is_empty());
        self.stdout.clear();
        self.error(3)
    }
}

impl Room {
    pub(super) fn empty() -> Room {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        Room { _folder: folder, path }
    }

    /// Makes a room with a store of the shipped corpus, which is embedded once for all tests of a run.
    pub(super) fn with_store() -> Room {
        static BUILT: OnceLock<()> = OnceLock::new();
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store-of-the-shipped-corpus");
        // Two runs at once share the folder: neither copies what the other builds.
        let lock = fs::File::create(kept.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        BUILT.get_or_init(|| {
            let room = Room::empty();
            room.feed("index -", CORPUS.as_bytes()).notes();
            if kept.exists() {
                fs::remove_dir_all(&kept).unwrap();
            }
            copy_folder(&room.path(".nextread"), &kept);
        });
        let room = Room::empty();
        copy_folder(&kept, &room.path(".nextread"));
        room
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Prepares a run; words in single quotes stay together.
    pub(super) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nextread"));
        self.isolate(&mut command);
        command.args(words(line));
        command
    }

    /// Keeps the user's folders and settings from a command.
    pub(super) fn isolate(&self, command: &mut Command) {
        command
            .current_dir(&self.path)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.path("home"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("NEXTREAD_MODEL_DIR", model_folder())
            // The others differ in the last digits that are shown, from processor to processor.
            .env("NEXTREAD_PRECISION", "exact")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    pub(super) fn run(&self, line: &str) -> Said {
        self.said(self.command(line).output().unwrap())
    }

    pub(super) fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> Said {
        self.said(self.command(line).envs(variables.iter().copied()).output().unwrap())
    }

    /// Runs with something on stdin.
    pub(super) fn feed(&self, line: &str, stdin: &[u8]) -> Said {
        let mut child = self.command(line).stdin(Stdio::piped()).spawn().unwrap();
        // One that ends before it has read everything says why itself.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        self.said(child.wait_with_output().unwrap())
    }

    pub(super) fn said(&self, output: Output) -> Said {
        let room = self.path.display().to_string();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&room, "ROOM");
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// Returns the field of every record of JSON lines.
pub(super) fn field(json_lines: &str, name: &str) -> Vec<String> {
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    json_lines.lines().map(|line| value(line)[name].as_str().unwrap().to_owned()).collect()
}
