//! What `status` says of the index: which it is and why, what it takes, what it finds, whether it is fresh.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::errors;
use super::graph::{Chosen, Kind, path_of, state_words};
use super::session::Session;
use crate::recommender::{GraphIndex, Recommender};
use crate::similarity::Kernels;
use crate::store::Store;

/// The index that a question would be answered by.
pub(super) struct IndexStatus {
    chosen: Chosen,
    isa: &'static str,
    path: PathBuf,
    vector_bytes: usize,
    /// The graph, where one is wanted: itself, or why it is of no use.
    graph: Option<Result<Box<GraphIndex>, String>>,
    recall: f64,
}

impl IndexStatus {
    pub(super) fn of(session: &Session<'_>, store: &Store) -> anyhow::Result<IndexStatus> {
        let active = store.spaces()?.items.into_iter().find(|space| space.active);
        let (posts, dimension) = active.map_or((0, 0), |space| (space.embeddings, space.space.space.dimension));
        let (chosen, path) = (session.choose_index(posts), path_of(store));
        let wanted = chosen.kind == Kind::Hnsw && posts > 0;
        let graph = wanted.then(|| open(session, store, &path).map(Box::new).map_err(|fault| errors::say(&fault)));
        let isa = Kernels::best().isa().as_str();
        let vector_bytes = posts * dimension * size_of::<f32>();
        Ok(IndexStatus { chosen, isa, path, vector_bytes, graph, recall: session.recall() })
    }

    pub(super) fn json(&self) -> Value {
        let graph = self.graph.as_ref().map(|graph| match graph {
            Err(why) => json!({"file": self.path, "error": why}),
            Ok(graph) => {
                let (options, (new, gone)) = (graph.graph().options(), graph.changed());
                json!({
                    "file": self.path, "written": self.written(), "content": format!("{:032x}", graph.content()),
                    "rows": graph.graph().len(), "new": new, "gone": gone, "outdated": graph.is_outdated(),
                    "m": options.m, "alpha": options.alpha, "seed": options.seed, "ef_search": graph.ef_search(),
                    "recall": graph.calibration().recall_at(graph.ef_search()), "recall_wanted": self.recall,
                    "recall_queries": graph.calibration().queries, "memory_bytes": graph.graph().stats().bytes,
                })
            }
        });
        json!({
            "kind": self.chosen.kind.as_str(), "why": self.chosen.why, "isa": self.isa,
            "vector_bytes": self.vector_bytes, "graph": graph,
        })
    }

    /// Returns rows of a table: what, and its value.
    pub(super) fn rows(&self) -> Vec<[String; 2]> {
        let row = |name: &str, value: String| [name.to_owned(), value];
        let kind = match self.chosen.kind {
            Kind::Flat => "flat (exact)",
            Kind::Hnsw => "hnsw (a graph)",
        };
        let megabytes = |bytes: usize| format!("{:.1} MB", bytes as f64 / 1e6);
        let mut rows = vec![
            row("index", format!("{kind}; {}", self.chosen.why)),
            row("kernels", format!("{}, {} of vectors", self.isa, megabytes(self.vector_bytes))),
        ];
        match &self.graph {
            None => {}
            Some(Err(why)) => rows.push(row("graph", format!("none of use, every post is compared: {why}"))),
            Some(Ok(graph)) => {
                let options = graph.graph().options();
                let outdated = if graph.is_outdated() { ": too many, every post is compared" } else { "" };
                let written = self.written().unwrap_or_else(|| "at an unknown time".to_owned());
                let memory = megabytes(graph.graph().stats().bytes);
                rows.push(row("graph", format!("{}{outdated}; written {written}", state_words(graph))));
                rows.push(row("graph has", format!("M {}, alpha {}, {memory}", options.m, options.alpha)));
                rows.push(row("graph finds", self.finds(graph)));
            }
        }
        rows
    }

    fn finds(&self, graph: &GraphIndex) -> String {
        let (ef_search, queries) = (graph.ef_search(), graph.calibration().queries);
        match graph.calibration().recall_at(ef_search) {
            Some(found) => format!(
                "{found:.3} of the 10 nearest at ef_search {ef_search}, measured by {queries} queries on these posts \
                 ({} wanted)",
                self.recall
            ),
            None => "there was nothing to measure".to_owned(),
        }
    }

    /// Returns when the file was written.
    fn written(&self) -> Option<String> {
        let at = std::fs::metadata(&self.path).ok()?.modified().ok()?;
        Some(chrono::DateTime::<chrono::Utc>::from(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }
}

fn open(session: &Session<'_>, store: &Store, path: &Path) -> anyhow::Result<GraphIndex> {
    let opened = Recommender::open(Store::open(store.path().parent().unwrap_or(path))?)?;
    let (recommender, key) = (&opened.recommender, opened.space.key());
    let mut graph = GraphIndex::open(path, &key, recommender.corpus(), recommender.embeddings())?;
    session.aim(&mut graph);
    Ok(graph)
}
