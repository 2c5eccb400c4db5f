//! What does a command work with? Settings, the store, the model.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;

use super::args::{Choice, Global};
use super::console::{Console, Unit};
use super::environment;
use super::errors::Usage;
use super::graph;
use super::settings::Settings;
use super::words::many;
use crate::corpus::{Corpus, Lookup};
use crate::embed::{self, Device, Embedder, Engine, OpenOptions};
use crate::embeddings::{LongTexts, Precision};
use crate::model::{Event, ModelFolder, Network, Options, Wanted, resolve};
use crate::output::Format;
use crate::recommender::{CachedVectors, Opened, Recommender, embed_cached};
use crate::store::{Store, VectorCache, Waiting, text_hash};

/// The folder of a store that is made anew.
const STORE_FOLDER: &str = ".nextread";
/// Posts without a vector that are named one by one; the others are counted.
const NAMED_MAX: usize = 5;

/// The size and the time of a file.
pub(super) type SizeAndTime = (u64, SystemTime);

/// A file that was written for the user.
pub(super) struct Written {
    pub(super) file: PathBuf,
    /// Of its text.
    pub(super) hash: [u8; 32],
    /// How it was before; `None` where it was not there.
    pub(super) before: Option<SizeAndTime>,
}

/// Looks at a file; `None` where it cannot be looked at.
pub(super) fn size_and_time(file: &Path) -> Option<SizeAndTime> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

pub(super) struct Session<'a> {
    pub(super) console: &'a Console,
    pub(super) settings: Settings,
    start: PathBuf,
    /// Files that were written for the user.
    written: RefCell<Vec<Written>>,
}

impl<'a> Session<'a> {
    pub(super) fn start(global: &Global, console: &'a Console) -> anyhow::Result<Session<'a>> {
        let start = std::env::current_dir().context("the current folder cannot be read; go to one that exists")?;
        for warning in environment::unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
            console.warn(&warning);
        }
        let settings = Settings::load(global, &start, &environment)?;
        if let Some(threads) = settings.value::<NonZeroUsize>("threads") {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
            threads.build_global().context("worker threads cannot be started; lower --threads")?;
        }
        Ok(Session { console, settings, start, written: RefCell::default() })
    }

    /// Returns a session of the same settings that speaks through another console.
    pub(super) fn speaking_through<'b>(&self, console: &'b Console) -> Session<'b> {
        Session { console, settings: self.settings.clone(), start: self.start.clone(), written: RefCell::default() }
    }

    /// Remembers that a file was written, and how it was before.
    pub(super) fn note_written(&self, file: &Path, text: &str, before: Option<SizeAndTime>) {
        self.written.borrow_mut().push(Written { file: file.to_owned(), hash: text_hash(text), before });
    }

    /// Returns the files that were written since the last call.
    pub(super) fn take_written(&self) -> Vec<Written> {
        self.written.take()
    }

    /// Returns the folder in which the command runs.
    pub(super) fn folder(&self) -> &Path {
        &self.start
    }

    /// Returns the folder of the store in force, where there is one or one was named.
    pub(super) fn store_folder(&self) -> Option<PathBuf> {
        let named = self.settings.get("store").map(|setting| self.start.join(&setting.text));
        named.or_else(|| Store::find(&self.start))
    }

    /// Opens the store for reading.
    pub(super) fn open_store(&self) -> anyhow::Result<Store> {
        let folder = self.store_folder().ok_or_else(|| {
            Usage::new("there is no store here or in a folder above; run `nextread index PATH` first, or name one with --store")
        })?;
        let store = Store::open(&folder)?;
        self.console.detail(&format!("store: {}", store.path().display()));
        Ok(store)
    }

    /// Returns the folder of the store in force, or that of one that would be made.
    pub(super) fn store_folder_or_new(&self) -> PathBuf {
        self.store_folder().unwrap_or_else(|| self.start.join(STORE_FOLDER))
    }

    /// Opens the store for writing; makes one here where there is none.
    pub(super) fn open_or_create_store(&self) -> anyhow::Result<Store> {
        self.create_store(&self.store_folder_or_new())
    }

    pub(super) fn create_store(&self, folder: &Path) -> anyhow::Result<Store> {
        let store = Store::create_or_open(folder, &mut |waiting| self.say_waiting(&waiting))?;
        self.console.detail(&format!("store: {}", store.path().display()));
        Ok(store)
    }

    pub(super) fn say_waiting(&self, waiting: &Waiting) {
        let who = waiting.pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
        self.console.note(&format!("another nextread{who} writes to the store; waiting for it"));
    }

    /// Reads posts and vectors, and says what had to be left out.
    pub(super) fn open_recommender(&self) -> anyhow::Result<Opened> {
        let store = self.open_store()?;
        let graph = graph::path_of(&store);
        let mut opened = Recommender::open(store)?;
        for damaged in &opened.damaged {
            self.console.warn(&damaged.to_string());
        }
        let without = &opened.without_vector;
        if !without.is_empty() {
            let named: Vec<&str> = without.iter().take(NAMED_MAX).map(crate::post::PostId::as_str).collect();
            let more = if without.len() > NAMED_MAX { ", \u{2026}" } else { "" };
            self.console.warn(&format!(
                "{} without a vector of {} left out ({}{more}); run `nextread index`",
                many(without.len(), "post"),
                opened.space.space.model,
                named.join(", ")
            ));
        }
        self.take_graph(&mut opened, &graph);
        self.take_editorial(&mut opened)?;
        Ok(opened)
    }

    /// As [`Session::find_in`], in an open store.
    pub(super) fn find_post(&self, opened: &Opened, word: &str) -> anyhow::Result<usize> {
        self.find_in(opened.recommender.corpus(), &opened.sources, word)
    }

    /// Finds the post that a word names: a file of an indexed folder, or what [`Session::find`] takes.
    pub(super) fn find_in(&self, corpus: &Corpus, sources: &[String], word: &str) -> anyhow::Result<usize> {
        self.find_file(corpus, sources, word).map_or_else(|| self.find(corpus, word), Ok)
    }

    /// Finds the post that a setting names: what is meant exactly, or a file of an indexed folder. A beginning of an id would
    /// be another post's one day.
    pub(super) fn find_for_setting(&self, corpus: &Corpus, sources: &[String], name: &str) -> Option<usize> {
        corpus.find_exact(name).or_else(|| self.find_file(corpus, sources, name))
    }

    fn find_file(&self, corpus: &Corpus, sources: &[String], name: &str) -> Option<usize> {
        let file = self.start.join(name).canonicalize().ok().filter(|path| path.is_file())?;
        let inside = |folder: &String| Some(file.strip_prefix(folder).ok()?.to_string_lossy().into_owned());
        sources.iter().filter_map(inside).find_map(|path| corpus.find_exact(&path))
    }

    /// Finds the post that a word names, or says which it may have meant.
    fn find(&self, corpus: &Corpus, word: &str) -> anyhow::Result<usize> {
        if word.trim().is_empty() {
            return Err(Usage::new("no post is named; give an id, URL, path or title").into());
        }
        let names = |positions: &[usize]| {
            let named = positions.iter().take(NAMED_MAX).map(|&position| corpus.post(position).id.to_string());
            let more = if positions.len() > NAMED_MAX { ", \u{2026}" } else { "" };
            named.collect::<Vec<_>>().join(", ") + more
        };
        match corpus.find(word) {
            Lookup::Found(position) => Ok(position),
            Lookup::Ambiguous(positions) => {
                Err(Usage::new(format!("\"{word}\" names {} posts: {}; use an id", positions.len(), names(&positions)))
                    .into())
            }
            Lookup::Unknown(positions) if positions.is_empty() => Err(Usage::new(format!(
                "no post is called \"{word}\"; `nextread search \"{word}\"` looks for its subject"
            ))
            .into()),
            Lookup::Unknown(positions) => {
                Err(Usage::new(format!("no post is called \"{word}\"; did you mean {}?", names(&positions))).into())
            }
        }
    }

    pub(super) fn model_options(&self) -> anyhow::Result<Options> {
        let mut options = Options::from_env()?;
        if let Some(setting) = self.settings.get("model") {
            options.wanted = Wanted::Typed(setting.text.clone());
        }
        if self.settings.value("offline") == Some(true) {
            options.network = Network::Offline;
        }
        Ok(options)
    }

    /// Finds the model, fetching it if need be, with a bar for what is fetched.
    pub(super) fn resolve_model(&self) -> anyhow::Result<ModelFolder> {
        let folder = self.watch_model(|watch| resolve(&self.model_options()?, watch).map_err(anyhow::Error::from))?;
        self.console.detail(&format!("model: {} from {}, {}", folder.name, folder.origin, folder.path.display()));
        Ok(folder)
    }

    /// Runs something that may fetch a model and shows what happens on the way.
    pub(super) fn watch_model<T>(
        &self,
        work: impl FnOnce(&mut dyn FnMut(Event<'_>)) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let bar = self.console.bar(0, Unit::Bytes);
        let result = work(&mut |event| match event {
            Event::Notice(text) => bar.suspend(|| self.console.note(text)),
            Event::Progress { file, done_bytes, total_bytes } => {
                bar.set_length(total_bytes);
                bar.set_message(file.to_owned());
                bar.set_position(done_bytes);
            }
        });
        bar.finish_and_clear();
        result
    }

    /// Opens the model with the settings' precision.
    pub(super) fn embedder(&self, long_texts: LongTexts) -> anyhow::Result<Box<dyn Embedder + Send + Sync>> {
        let precision = self.settings.get("precision").and_then(|setting| Precision::parse(&setting.text));
        let device = self.settings.get("device").and_then(|setting| Device::parse(&setting.text));
        self.embedder_on(device.unwrap_or_default(), long_texts, precision.unwrap_or_default())
    }

    /// Opens the model as the vectors were made that it is to be compared with.
    ///
    /// On the processor, which embeds a question before a GPU is ready to.
    pub(super) fn embedder_of(
        &self,
        long_texts: LongTexts,
        precision: Precision,
    ) -> anyhow::Result<Box<dyn Embedder + Send + Sync>> {
        self.embedder_on(Device::Cpu, long_texts, precision)
    }

    fn embedder_on(
        &self,
        device: Device,
        long_texts: LongTexts,
        precision: Precision,
    ) -> anyhow::Result<Box<dyn Embedder + Send + Sync>> {
        let folder = self.resolve_model()?;
        let defaults = OpenOptions::default();
        let options = OpenOptions {
            name: folder.name,
            revision: folder.revision,
            weights_sha256: folder.weights_sha256,
            device,
            precision,
            long_texts,
            threads: self.settings.value::<NonZeroUsize>("threads").unwrap_or(defaults.threads),
            ..defaults
        };
        let embedder = embed::open(&folder.path, &options)?;
        let runs_on = format!("device: {}", embedder.engine());
        let is_unexpected = matches!(embedder.engine(), Engine::Candle { reason: Some(_), .. });
        if device == Device::Auto || is_unexpected {
            self.console.note(&runs_on);
        } else {
            self.console.detail(&runs_on);
        }
        Ok(embedder)
    }

    /// Embeds texts for a measurement, `what` in the bar's words; those that were embedded before come out of a cache
    /// in the user's cache folder.
    pub(super) fn embed_texts(
        &self,
        embedder: &dyn Embedder,
        texts: &[&str],
        what: &str,
    ) -> anyhow::Result<CachedVectors> {
        let folder = dirs::cache_dir().map(|folder| folder.join("nextread").join("vectors"));
        let mut cache = match &folder {
            Some(folder) => Some(VectorCache::open(folder, embedder.space())?),
            None => {
                self.console.warn("this user has no cache folder: vectors are not kept; set HOME or XDG_CACHE_HOME");
                None
            }
        };
        if let Some(cache) = &cache {
            self.console.detail(&format!("vectors: {}", cache.path().display()));
        }
        let message = format!("embedding {what}");
        let embed = |progress: &mut dyn FnMut(usize, usize)| embed_cached(cache.as_mut(), embedder, texts, progress);
        let vectors = self.console.with_bar(&message, Unit::Texts, embed)?;
        let kept = texts.len() - vectors.embedded.min(texts.len());
        self.console.detail(&format!("{what}: {} embedded, {kept} known", many(vectors.embedded, "text")));
        if vectors.truncated > 0 {
            let truncated = many(vectors.truncated, "text");
            self.console.note(&format!("{what}: {truncated} longer than the model takes lost the end (--truncate)"));
        }
        Ok(vectors)
    }

    /// Returns the long-text policy of the settings.
    pub(super) fn long_texts(&self) -> LongTexts {
        match self.settings.get("long_texts") {
            Some(setting) if setting.text == LongTexts::Truncate.as_str() => LongTexts::Truncate,
            _ => LongTexts::Windows,
        }
    }

    pub(super) fn format(&self) -> Format {
        self.settings.get("format").and_then(|setting| Format::parse(&setting.text)).unwrap_or_default()
    }

    /// Tells whether a page of HTML was asked for, which is no form of answers in general.
    pub(super) fn writes_html(&self) -> bool {
        self.settings.get("format").is_some_and(|setting| setting.text == "html")
    }

    /// Takes the flags of one command into the settings.
    pub(super) fn take_choice(&mut self, choice: &Choice) {
        self.settings.put_flag("limit", choice.limit);
        if choice.closer_than.is_some() {
            // A score in the configuration file gives way to a flag that means the same.
            self.settings.remove("min_score");
        }
        self.settings.put_flag("closer_than", choice.closer_than);
        self.settings.put_flag("min_score", choice.min_score);
        self.settings.put_flag("diversity", choice.diversity);
    }
}

fn environment(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Usage::new(format!("{name}: not UTF-8; set it anew")).into()),
    }
}
