//! Which test collections were named?

use std::path::{Path, PathBuf};

use super::files::{notes_words, read_text};
use crate::cli::console::Console;
use crate::cli::errors::Usage;
use crate::cli::words::many;
use crate::eval::formats::parse_qrels;
use crate::eval::{Collection, CollectionFiles};

/// Reads a folder in the layout of BEIR, and says what is odd about it.
pub(super) fn load(console: Console, folder: &Path, split: &str) -> anyhow::Result<Collection> {
    let corpus = file(folder, "corpus.jsonl")?;
    let queries = file(folder, "queries.jsonl")?;
    let qrels = qrels_file(folder, split)?;
    let name = name_of(folder);
    let named = [&corpus, &queries, &qrels].map(|path| path.display().to_string());
    let (corpus, queries, judged) = (read_text(&corpus)?, read_text(&queries)?, read_text(&qrels)?);
    let (parsed, format_notes) = parse_qrels(&judged, &named[2])?;
    let files = CollectionFiles {
        name: &name,
        split,
        corpus: (&named[0], &corpus),
        queries: (&named[1], &queries),
        qrels: &judged,
    };
    let collection = Collection::new(&files, parsed)?;
    if let Some(said) = notes_words(format_notes) {
        console.note(&format!("{}: {said}", named[2]));
    }
    say_notes(console, &collection);
    Ok(collection)
}

/// Returns the name by which a collection is shown: that of its folder.
pub(super) fn name_of(folder: &Path) -> String {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    full.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Two folders of one name could not be told apart in a table or among saved runs.
pub(super) fn check_names(folders: &[PathBuf]) -> anyhow::Result<()> {
    for (at, folder) in folders.iter().enumerate() {
        if let Some(other) = folders[..at].iter().find(|other| name_of(other) == name_of(folder)) {
            let (one, two) = (other.display(), folder.display());
            return Err(
                Usage::new(format!("{one} and {two} have one name; rename a folder, or name them apart")).into()
            );
        }
    }
    Ok(())
}

fn file(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let candidates = [name.to_owned(), format!("{name}.gz")].map(|name| folder.join(name));
    let found = candidates.iter().find(|path| path.is_file()).cloned();
    found.ok_or_else(|| {
        let folder = folder.display();
        anyhow::anyhow!("{folder}: no {name}; a collection has corpus.jsonl, queries.jsonl and qrels/")
    })
}

fn qrels_file(folder: &Path, split: &str) -> anyhow::Result<PathBuf> {
    let qrels = folder.join("qrels");
    let extensions = ["tsv", "tsv.gz", "txt", "qrels", "json"];
    let found =
        extensions.map(|extension| qrels.join(format!("{split}.{extension}"))).into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        let entries = std::fs::read_dir(&qrels).into_iter().flatten().flatten();
        let mut splits: Vec<String> = entries
            .filter_map(|entry| entry.file_name().to_string_lossy().split_once('.').map(|(name, _)| name.to_owned()))
            .filter(|name| !name.is_empty())
            .collect();
        splits.sort();
        splits.dedup();
        let there =
            if splits.is_empty() { "there are none".to_owned() } else { format!("there is {}", splits.join(", ")) };
        anyhow::anyhow!("{}: no judgments called {split}; {there} (--split)", qrels.display())
    })
}

fn say_notes(console: Console, collection: &Collection) {
    let notes = collection.notes;
    let told = [
        (notes.repeated_posts, "post with an id that was there before left out"),
        (notes.empty_posts, "post without title and text"),
        (notes.repeated_queries, "query with an id that was there before left out"),
        (notes.queries_without_text, "judged query without a text in queries.jsonl left out"),
        (notes.judgments_of_missing_posts, "judgment of a post that is not in the corpus, which nothing can find"),
    ];
    for (count, what) in told.into_iter().filter(|(count, _)| *count > 0) {
        let (noun, rest) = what.split_once(' ').unwrap_or((what, ""));
        console.note(&format!("{}: {} {rest}", collection.name, many(count, noun)));
    }
    if notes.queries_not_judged > 0 {
        console.detail(&format!("{}: {} queries are not judged", collection.name, notes.queries_not_judged));
    }
}
