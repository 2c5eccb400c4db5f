//! Vectors for `eval index`: the store's, a file's, those of texts, or random ones.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use super::args::IndexArgs;
use super::files::read_text;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
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

fn npy(path: &Path) -> anyhow::Result<Embeddings> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("{name}: cannot be read"))?;
    let rows = read_npy(&bytes).with_context(|| name.to_string())?;
    drop(bytes);
    Embeddings::from_rows(rows.dimension, rows.values).with_context(|| name.to_string())
}

/// One line of a corpus, as far as it is embedded.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    title: String,
    #[serde(default, alias = "summary")]
    text: String,
}

fn embedded(session: &Session<'_>, path: &Path) -> anyhow::Result<Embeddings> {
    let file = if path.is_dir() { path.join("corpus.jsonl") } else { path.to_owned() };
    let (name, content) = (file.display(), read_text(&file)?);
    let mut texts: Vec<String> = Vec::new();
    let mut empty = 0;
    for (number, line) in content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|fault| {
            anyhow::anyhow!("{name}:{}: {fault}; each line is one JSON object with \"title\" and \"text\"", number + 1)
        })?;
        let text = format!("{} {}", line.title, line.text).trim().to_owned();
        if text.is_empty() {
            empty += 1;
        } else {
            texts.push(text);
        }
    }
    if empty > 0 {
        session.console.warn(&format!("{name}: {} without title and text left out", many(empty, "line")));
    }
    if texts.is_empty() {
        return Err(Usage::new(format!("{name}: no text in it; give JSON lines with \"title\" and \"text\"")).into());
    }
    let embedder = session.embedder(session.long_texts())?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(session.embed_texts(&embedder, &texts, "posts")?.embeddings)
}
