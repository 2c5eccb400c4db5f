//! Which index answers, and is the graph beside the store still of use?

use std::path::{Path, PathBuf};

use super::console::Unit;
use super::errors;
use super::session::Session;
use super::words::many;
use crate::index::HnswOptions;
use crate::recommender::{GraphFileError, GraphIndex, Opened, Recommender};
use crate::store::{SnapshotError, Store};

/// Posts from which `auto` takes the graph; the curve that it was read off is in `docs/parameters.md`.
pub(super) const HNSW_FROM: usize = 50_000;
/// The share of the true neighbors that is found, unless said otherwise.
pub(super) const RECALL: f64 = 0.98;
/// The graph's file, beside the database.
const FILE: &str = "index.snapshot";

/// The indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Flat,
    Hnsw,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Flat => "flat",
            Kind::Hnsw => "hnsw",
        }
    }
}

/// An index and why it is the one.
pub(super) struct Chosen {
    pub(super) kind: Kind,
    pub(super) why: String,
}

/// Returns where the graph of a store is kept.
pub(super) fn path_of(store: &Store) -> PathBuf {
    store.path().with_file_name(FILE)
}

impl Session<'_> {
    /// Chooses the index for so many posts.
    pub(super) fn choose_index(&self, posts: usize) -> Chosen {
        let given = self.settings.get("index").filter(|setting| setting.text != "auto");
        let (kind, why) = match given {
            Some(setting) => {
                let kind = if setting.text == Kind::Hnsw.as_str() { Kind::Hnsw } else { Kind::Flat };
                (kind, setting.origin.to_string())
            }
            None if posts < HNSW_FROM => (Kind::Flat, format!("auto: {}, below {HNSW_FROM}", many(posts, "post"))),
            None => (Kind::Hnsw, format!("auto: {}, {HNSW_FROM} or more", many(posts, "post"))),
        };
        Chosen { kind, why }
    }

    pub(super) fn recall(&self) -> f64 {
        self.settings.value("recall").unwrap_or(RECALL)
    }

    /// Opens the graph for a question where one is wanted; where it is of no use, says so and lets every post be
    /// compared.
    pub(super) fn take_graph(&self, opened: &mut Opened, path: &Path) {
        let posts = opened.recommender.corpus().len();
        if self.choose_index(posts).kind == Kind::Flat {
            return;
        }
        match self.graph_of_use(&opened.recommender, &opened.space.key(), path) {
            Ok(mut graph) => {
                self.aim(&mut graph);
                opened.recommender.set_graph(graph);
            }
            Err(why) => {
                let flag = if posts < HNSW_FROM { " --index hnsw" } else { "" };
                self.console
                    .warn(&format!("{why}; every post is compared instead: run `nextread index{flag}` to make it"));
            }
        }
    }

    /// Returns the graph, or why it is of no use.
    fn graph_of_use(&self, recommender: &Recommender, space_key: &str, path: &Path) -> Result<GraphIndex, String> {
        let graph = GraphIndex::open(path, space_key, recommender.corpus(), recommender.embeddings());
        let graph = graph.map_err(|fault| errors::say(&fault.into()))?;
        self.console.detail(&format!("index: {}, {}", path.display(), state_words(&graph)));
        match graph.is_outdated() {
            true => Err(format!("{}: {}, too many for it", path.display(), state_words(&graph))),
            false => Ok(graph),
        }
    }

    /// Searches the graph as widely as the settings ask for.
    pub(super) fn aim(&self, graph: &mut GraphIndex) {
        let recall = self.recall();
        if !graph.aim_at(recall) {
            let ef_search = graph.ef_search();
            let reached = graph.calibration().recall_at(ef_search).unwrap_or_default();
            self.console.note(&format!(
                "--recall {recall} is not reached on these posts: {reached:.3} at ef_search {ef_search}, the widest that \
                 was measured; --index flat finds all"
            ));
        }
    }

    /// Makes the graph of a store, or keeps it where it is of use still; nothing where none is wanted.
    pub(super) fn keep_graph(&self, store: &Store) -> anyhow::Result<()> {
        let active = store.spaces()?.items.into_iter().find(|space| space.active);
        let posts = active.map_or(0, |space| space.embeddings);
        if posts == 0 || self.choose_index(posts).kind == Kind::Flat {
            return Ok(());
        }
        let path = path_of(store);
        let folder = path.parent().unwrap_or(&path);
        let opened = Recommender::open(Store::open(folder)?)?;
        let (recommender, key) = (&opened.recommender, opened.space.key());
        match GraphIndex::open(&path, &key, recommender.corpus(), recommender.embeddings()) {
            Ok(graph) if !graph.is_outdated() => {
                self.console.note(&format!("index: the graph is kept, {}", state_words(&graph)));
                return Ok(());
            }
            Ok(graph) => self.console.note(&format!("index: {}: the graph is built anew", state_words(&graph))),
            Err(GraphFileError::Snapshot(SnapshotError::Missing { .. })) => {}
            Err(fault) => {
                self.console.warn(&format!("{}; the graph is built anew", errors::say(&fault.into())));
            }
        }
        self.build_graph(recommender, &path, &key)
    }

    fn build_graph(&self, recommender: &Recommender, path: &Path, space_key: &str) -> anyhow::Result<()> {
        let (corpus, embeddings) = (recommender.corpus(), recommender.embeddings());
        let posts = corpus.len();
        let mut graph = self.console.with_bar("building the graph", Unit::Vectors, |progress| {
            let mut done = |share: f64| progress((share * posts as f64) as usize, posts);
            GraphIndex::build(corpus, embeddings, &HnswOptions::default(), &mut done)
        })?;
        graph.save(path, space_key)?;
        let megabytes = graph.graph().stats().bytes as f64 / 1e6;
        self.console.note(&format!("index: a graph of {}, {megabytes:.1} MB", many(posts, "post")));
        self.aim(&mut graph);
        Ok(())
    }
}

/// Says whether a graph is of the posts of today.
pub(super) fn state_words(graph: &GraphIndex) -> String {
    match graph.changed() {
        (0, 0) => "fresh".to_owned(),
        (new, gone) => format!("{} newer than it and {gone} of its own gone or changed", many(new, "post")),
    }
}
