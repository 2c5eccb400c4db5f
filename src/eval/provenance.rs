//! From what does a run come? Enough to make it again.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::embeddings::Precision;

/// Returns SHA-256 over texts and their lengths, so that none can pass into the next; lower-case hexadecimal.
#[must_use]
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a run was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of nextread.
    pub version: String,
    /// The retriever with all its parameters, such as `hnsw:ef_construction=200,ef_search=100,m=16`.
    pub retriever: String,
    /// The model, where the retriever uses one.
    pub model: Option<ModelProvenance>,
    /// How a post becomes the text that is embedded, such as `{title} {summary}`.
    pub template: String,
    /// What was searched.
    pub collection: CollectionProvenance,
    /// Whether the post that is the query was taken out of its own answers.
    pub excludes_self: bool,
    /// Answers a query, at most.
    pub depth: usize,
    /// The processor's name and the instruction sets in use.
    pub cpu: String,
    /// Threads that embedded and searched.
    pub threads: usize,
}

/// Which model made the vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelProvenance {
    /// Such as `all-MiniLM-L6-v2`.
    pub name: String,
    /// Its revision; empty for a folder of unknown origin.
    pub revision: String,
    /// SHA-256 of the weights, lower-case hexadecimal.
    pub sha256: String,
    /// The length of a vector.
    pub dimension: usize,
    /// How token vectors become one.
    pub pooling: String,
    /// What happened to texts above the model's limit: `windows` or `truncate`.
    pub long_texts: String,
    /// `exact`, `balanced` or `fast`; runs of before there were others are exact.
    #[serde(default = "exact")]
    pub precision: String,
}

fn exact() -> String {
    Precision::Exact.as_str().to_owned()
}

/// What was searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionProvenance {
    /// The name of its folder or file.
    pub name: String,
    /// Which of its judgments, such as `test`.
    pub split: String,
    /// Posts searched.
    pub posts: usize,
    /// Queries asked.
    pub queries: usize,
    /// SHA-256 over the posts, queries and judgments as they were read, lower-case hexadecimal.
    pub sha256: String,
}

/// How long it took. Times depend on the machine and its load; they are told, and never compared by a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// Texts embedded now; those that were in the cache are not counted.
    pub embedded: usize,
    /// Milliseconds to embed them.
    pub embed_ms: f64,
    /// Milliseconds to build the index once the vectors are there.
    pub index_ms: f64,
    /// Median milliseconds a query, without embedding it.
    pub query_ms_p50: f64,
    /// The time that 95 of 100 queries stay below, in milliseconds.
    pub query_ms_p95: f64,
}
