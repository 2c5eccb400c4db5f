//! How is a model fetched from the Hugging Face hub, and how is a hub that does not answer noticed within seconds?
//!
//! The client (hf-hub) has no time limits of its own, so it runs in a thread that gives signs of life; when they stay
//! away it is left alone with a scratch folder of its own, and whatever it still does is thrown away.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

use hf_hub::api::sync::{ApiBuilder, ApiError, Metadata};
use hf_hub::{Cache, Repo, RepoType};

use super::Event;
use super::manifest::{Manifest, ModelFile, is_plain_relative};
use super::options::HubOptions;
use super::verify::FileState;

/// Says why the hub gave no model.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// Nothing came for too long.
    #[error("{endpoint} was silent for {seconds} s")]
    Silent {
        /// The hub's URL.
        endpoint: String,
        /// How long it was waited for.
        seconds: f32,
    },
    /// The request failed.
    #[error("{endpoint}: {file}: {source}")]
    Request {
        /// The hub's URL.
        endpoint: String,
        /// The file that was asked for.
        file: String,
        /// What the client said.
        source: Box<ApiError>,
    },
    /// It answered for another revision, or with names that lead out of a folder.
    #[error("{endpoint}: {file} is answered with revision \"{revision}\" and etag \"{etag}\"")]
    Answer {
        /// The hub's URL.
        endpoint: String,
        /// The file that was asked for.
        file: String,
        /// The revision in the answer.
        revision: String,
        /// The etag in the answer.
        etag: String,
    },
    /// It has a file of that name and revision which is not what the manifest says.
    #[error("{file} is {state}")]
    Damaged {
        /// The file that was asked for.
        file: String,
        /// What was found.
        state: FileState,
    },
    /// What arrived could not be put in its place.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The client ended without a word.
    #[error("the hub client stopped")]
    Stopped,
}

enum Sign {
    Answer,
    Bytes { file: usize, done: u64 },
    Finished(Result<(), HubError>),
}

/// Fetches the manifest's files into a folder below `scratch` and returns it; contents are unchecked.
///
/// # Errors
/// The hub does not answer in time, or not with these files.
pub(super) fn download(
    options: &HubOptions,
    manifest: &Manifest,
    scratch: &Path,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<PathBuf, HubError> {
    let files = scratch.join("files");
    let given_up = Arc::new(AtomicBool::new(false));
    let (signs, received) = channel();
    let client = Client {
        options: options.clone(),
        manifest: manifest.clone(),
        scratch: scratch.to_owned(),
        files: files.clone(),
        signs,
        given_up: Arc::clone(&given_up),
    };
    let spawned = std::thread::Builder::new().name("hub".to_owned()).spawn(move || client.run());
    spawned.map_err(|source| HubError::Io { path: scratch.to_owned(), source })?;
    let outcome = listen(&received, options, manifest, watch);
    // Any other outcome is the thread's last word, and it touches nothing after that.
    if matches!(outcome, Err(HubError::Silent { .. })) {
        given_up.store(true, Ordering::Release);
    }
    outcome.map(|()| files)
}

fn listen(
    received: &Receiver<Sign>,
    options: &HubOptions,
    manifest: &Manifest,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<(), HubError> {
    let mut patience = options.answer_max;
    loop {
        match received.recv_timeout(patience) {
            Ok(Sign::Answer) => {}
            Ok(Sign::Bytes { file, done }) => {
                let ModelFile { name, size_bytes, .. } = &manifest.files[file];
                watch(Event::Progress { file: name, done_bytes: done, total_bytes: *size_bytes });
            }
            Ok(Sign::Finished(outcome)) => return outcome,
            Err(RecvTimeoutError::Timeout) => {
                return Err(HubError::Silent { endpoint: options.endpoint.clone(), seconds: patience.as_secs_f32() });
            }
            Err(RecvTimeoutError::Disconnected) => return Err(HubError::Stopped),
        }
        patience = options.silence_max;
    }
}

/// What the thread owns.
struct Client {
    options: HubOptions,
    manifest: Manifest,
    scratch: PathBuf,
    files: PathBuf,
    signs: Sender<Sign>,
    given_up: Arc<AtomicBool>,
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.given_up.load(Ordering::Acquire) {
            // The folder was removed when it was given up; what was written since goes too.
            let _ = std::fs::remove_dir_all(&self.scratch);
        }
    }
}

impl Client {
    fn run(&self) {
        let outcome = self.fetch_all();
        // Nobody listens any more when the wait was given up.
        let _ = self.signs.send(Sign::Finished(outcome));
    }

    fn fetch_all(&self) -> Result<(), HubError> {
        let request = |file: &str, source| HubError::Request {
            endpoint: self.options.endpoint.clone(),
            file: file.to_owned(),
            source: Box::new(source),
        };
        let manifest = &self.manifest;
        let api = ApiBuilder::from_cache(Cache::new(self.scratch.join("cache")))
            .with_endpoint(self.options.endpoint.clone())
            .with_token(self.options.token.as_ref().map(|token| token.0.clone()))
            .with_progress(false)
            .build()
            .map_err(|source| request("client", source))?;
        let repo = Repo::with_revision(manifest.repository.clone(), RepoType::Model, manifest.revision.clone());
        let repo = api.repo(repo);
        for (position, file) in manifest.files.iter().enumerate() {
            let metadata = api.metadata(&repo.url(&file.name)).map_err(|source| request(&file.name, source))?;
            self.check(file, &metadata)?;
            if self.given_up.load(Ordering::Acquire) || self.signs.send(Sign::Answer).is_err() {
                return Err(HubError::Stopped);
            }
            let download = Download { client: self, position, file, done: 0 };
            let pointer =
                repo.download_with_progress(&file.name, download).map_err(|source| request(&file.name, source))?;
            self.put(&pointer, file)?;
        }
        Ok(())
    }

    /// Checks what the client takes from the answer without looking: it makes paths of revision and etag.
    fn check(&self, file: &ModelFile, metadata: &Metadata) -> Result<(), HubError> {
        let (revision, etag) = (metadata.commit_hash(), metadata.etag());
        if revision != self.manifest.revision || !is_plain_relative(etag) {
            return Err(HubError::Answer {
                endpoint: self.options.endpoint.clone(),
                file: file.name.clone(),
                revision: revision.to_owned(),
                etag: etag.to_owned(),
            });
        }
        let got = metadata.size() as u64;
        if got == file.size_bytes {
            return Ok(());
        }
        Err(HubError::Damaged { file: file.name.clone(), state: FileState::Size { expected: file.size_bytes, got } })
    }

    /// Moves a file out of the client's cache, where it is a link into a folder of blobs.
    fn put(&self, pointer: &Path, file: &ModelFile) -> Result<(), HubError> {
        let path = self.files.join(&file.name);
        let moved = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::canonicalize(pointer))
            .and_then(|blob| std::fs::rename(blob, &path));
        moved.map_err(|source| HubError::Io { path, source })
    }
}

/// Tells the bytes of one file, and ends the thread when nobody wants them or there are too many.
struct Download<'a> {
    client: &'a Client,
    position: usize,
    file: &'a ModelFile,
    done: u64,
}

impl hf_hub::api::Progress for Download<'_> {
    fn init(&mut self, _: usize, _: &str) {
        self.done = 0;
    }

    fn update(&mut self, count: usize) {
        self.done += count as u64;
        let expected = self.file.size_bytes;
        if self.done > expected {
            let state = FileState::Size { expected, got: self.done };
            let outcome = Err(HubError::Damaged { file: self.file.name.clone(), state });
            let _ = self.client.signs.send(Sign::Finished(outcome));
            stop();
        }
        let sent = self.client.signs.send(Sign::Bytes { file: self.position, done: self.done });
        if sent.is_err() || self.client.given_up.load(Ordering::Acquire) {
            stop();
        }
    }

    fn finish(&mut self) {}
}

/// Ends the thread from within the client's read loop, which knows no other way to be stopped.
fn stop() -> ! {
    if cfg!(panic = "unwind") {
        // Silent: unlike a panic it calls no hook. It closes the connection and the file on its way.
        std::panic::resume_unwind(Box::new("hub download given up"));
    }
    loop {
        std::thread::park();
    }
}
