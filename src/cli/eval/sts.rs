//! `eval sts`: do texts that people find alike have near vectors?

use super::args::Sts;
use super::files;
use super::show::{Grid, show};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::embeddings::LongTexts;
use crate::eval::formats::{TextPair, parse_pairs};
use crate::eval::measures::{pearson, spearman};
use crate::similarity::dot;

/// What was measured of one file.
struct Measured {
    file: String,
    pairs: usize,
    identical: usize,
    empty: usize,
    spearman: Option<f64>,
    pearson: Option<f64>,
}

pub(super) fn run(session: &mut Session<'_>, args: &Sts) -> anyhow::Result<()> {
    if args.files.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Usage::new("- is there more than once; stdin can be read for one file only").into());
    }
    let mut read = Vec::with_capacity(args.files.len());
    for path in &args.files {
        let file = path.display().to_string();
        read.push((parse_pairs(&files::read_text(path)?, &file)?, file));
    }
    let long_texts = if args.truncate { LongTexts::Truncate } else { session.long_texts() };
    let embedder = session.embedder(long_texts)?;
    let mut measured = Vec::with_capacity(read.len());
    for ((pairs, notes), file) in read {
        let texts: Vec<&str> = pairs.iter().flat_map(|pair| [pair.first.as_str(), &pair.second]).collect();
        let embeddings = session.embed_texts(&*embedder, &texts, &file)?.embeddings;
        let row = |at| f64::from(dot(embeddings.row(2 * at), embeddings.row(2 * at + 1)));
        let found: Vec<f64> = (0..pairs.len()).map(row).collect();
        let expect: Vec<f64> = pairs.iter().map(|pair: &TextPair| pair.score).collect();
        let one = Measured {
            pairs: pairs.len(),
            identical: notes.identical,
            empty: notes.empty,
            spearman: spearman(&found, &expect),
            pearson: pearson(&found, &expect),
            file,
        };
        say_notes(session, &one);
        measured.push(one);
    }
    let space = embedder.space().key();
    let records: Vec<serde_json::Value> = measured.iter().map(|one| object(one, &space)).collect();
    show(session, "eval sts", &records, &[grid(&measured)])
}

fn say_notes(session: &Session<'_>, one: &Measured) {
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

fn object(one: &Measured, space: &str) -> serde_json::Value {
    serde_json::json!({
        "file": one.file, "pairs": one.pairs, "identical": one.identical, "empty": one.empty,
        "spearman": one.spearman, "pearson": one.pearson, "space": space,
    })
}

fn grid(measured: &[Measured]) -> Grid {
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.2}", 100.0 * value));
    let row =
        |one: &Measured| vec![one.file.clone(), one.pairs.to_string(), percent(one.spearman), percent(one.pearson)];
    Grid {
        header: ["file", "pairs", "Spearman, %", "Pearson, %"].map(str::to_owned).to_vec(),
        rows: measured.iter().map(row).collect(),
    }
}
