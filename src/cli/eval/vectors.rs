//! Vectors for `eval index`: the store's, a file's, those of texts, or random ones.

use std::path::Path;

use anyhow::Context;

use super::args::IndexArgs;
use crate::cli::session::Session;
use crate::cli::texts::read_texts;
use crate::cli::words::many;
use crate::embeddings::Embeddings;
use crate::eval::{clustered_vectors, read_npy};

/// Components of a random vector: as many as those of the default model have.
const RANDOM_DIMENSION: usize = 384;

/// Vectors and where they are from.
pub(super) struct Vectors {
    pub(super) source: String,
    pub(super) embeddings: Embeddings,
}

pub(super) fn vectors(session: &Session<'_>, args: &IndexArgs) -> anyhow::Result<Vectors> {
    if let Some(rows) = args.random {
        let embeddings = clustered_vectors(rows as usize, RANDOM_DIMENSION, args.seed);
        return Ok(Vectors { source: format!("{rows} clustered random vectors, seed {}", args.seed), embeddings });
    }
    let Some(path) = &args.path else {
        let embeddings = session.open_recommender()?.recommender.embeddings().clone();
        return Ok(Vectors { source: "the store".to_owned(), embeddings });
    };
    let is_npy = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"));
    let embeddings = if is_npy { npy(path)? } else { embedded(session, path)? };
    Ok(Vectors { source: path.display().to_string(), embeddings })
}

pub(super) fn npy(path: &Path) -> anyhow::Result<Embeddings> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("{name}: cannot be read"))?;
    let rows = read_npy(&bytes).with_context(|| name.to_string())?;
    drop(bytes);
    Embeddings::from_rows(rows.dimension, rows.values).with_context(|| name.to_string())
}

fn embedded(session: &Session<'_>, path: &Path) -> anyhow::Result<Embeddings> {
    let read = read_texts(path)?;
    if !read.empty.is_empty() {
        let empty = many(read.empty.len(), "line");
        session.console.warn(&format!("{}: {empty} without title and text left out", read.name));
    }
    let embedder = session.embedder(session.long_texts())?;
    let texts: Vec<&str> = read.texts.iter().map(String::as_str).collect();
    Ok(session.embed_texts(&*embedder, &texts, "posts")?.embeddings)
}
