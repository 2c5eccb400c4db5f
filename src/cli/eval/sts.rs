//! `eval sts`: do texts that people find alike have near vectors?

use serde::Serialize;

use super::args::Sts;
use super::files::read_text;
use super::run::stdin_once;
use super::show::{Grid, show};
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::embed::Embedder;
use crate::embeddings::LongTexts;
use crate::eval::formats::{TextPair, parse_pairs};
use crate::eval::measures::{pearson, spearman};
use crate::similarity::dot;

/// What is printed of one file.
#[derive(Serialize)]
struct Record {
    file: String,
    pairs: usize,
    /// Of one text with itself.
    identical: usize,
    /// With an empty text.
    empty: usize,
    /// −1 to 1.
    spearman: Option<f64>,
    /// −1 to 1.
    pearson: Option<f64>,
    /// Everything that decides what a text's vector is.
    space: String,
}

pub(super) fn run(session: &mut Session<'_>, args: &Sts) -> anyhow::Result<()> {
    stdin_once(args.files.iter())?;
    let mut read = Vec::with_capacity(args.files.len());
    for path in &args.files {
        let file = path.display().to_string();
        read.push((parse_pairs(&read_text(path)?, &file)?, file));
    }
    let long_texts = if args.truncate { LongTexts::Truncate } else { session.long_texts() };
    let embedder = session.embedder(long_texts)?;
    let mut records = Vec::with_capacity(read.len());
    for ((pairs, notes), file) in read {
        let texts: Vec<&str> = pairs.iter().flat_map(|pair| [pair.first.as_str(), &pair.second]).collect();
        let embeddings = session.embed_texts(&embedder, &texts, &file)?.embeddings;
        let row = |at| f64::from(dot(embeddings.row(2 * at), embeddings.row(2 * at + 1)));
        let found: Vec<f64> = (0..pairs.len()).map(row).collect();
        let expect: Vec<f64> = pairs.iter().map(|pair: &TextPair| pair.score).collect();
        let one = Record {
            pairs: pairs.len(),
            identical: notes.identical,
            empty: notes.empty,
            spearman: spearman(&found, &expect),
            pearson: pearson(&found, &expect),
            space: embedder.space().key(),
            file,
        };
        say_notes(session, &one);
        records.push(one);
    }
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.2}", 100.0 * value));
    let row =
        |one: &Record| [one.file.clone(), one.pairs.to_string(), percent(one.spearman), percent(one.pearson)].to_vec();
    let header = ["file", "pairs", "Spearman %", "Pearson %"].map(str::to_owned).to_vec();
    let rows = records.iter().map(row).collect();
    show(session, &records, Grid { header, rows })
}

fn say_notes(session: &Session<'_>, one: &Record) {
    let (file, pairs) = (&one.file, many(one.pairs, "pair"));
    if one.identical > 0 {
        session.console.note(&format!("{file}: {} of {pairs} are of one text with itself; they count", one.identical));
    }
    if one.empty > 0 {
        session.console.note(&format!("{file}: {} of {pairs} have an empty text; they count", one.empty));
    }
    if one.spearman.is_none() {
        session.console.note(&format!(
            "{file}: no correlation of {pairs}; it takes at least two, with different scores and different texts"
        ));
    }
}
