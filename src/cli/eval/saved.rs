//! Runs that are kept: a TREC file, and beside it from what it comes.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::files::{notes_words, read_text, write_text};
use super::search::Answered;
use crate::eval::formats::{parse_run, write_run};
use crate::eval::{Provenance, Run, Speed};

/// The format of what lies beside a run.
const FORMAT_VERSION: u32 = 1;

/// What lies beside a run, `<run>.json`.
#[derive(Serialize, Deserialize)]
struct Beside {
    format_version: u32,
    provenance: Provenance,
    speed: Speed,
}

/// A run from a file, with what is known of its making.
pub(super) struct Saved {
    pub(super) run: Run,
    pub(super) beside: Option<(Provenance, Speed)>,
    /// What a reader of the file should know, such as repeated lines.
    pub(super) notes: Option<String>,
}

/// Writes a run to `folder/<system>/<collection>.run`, with its provenance beside; returns the file.
pub(super) fn save(folder: &Path, system: &str, answered: &Answered) -> anyhow::Result<PathBuf> {
    let collection = &answered.provenance.collection.name;
    let path = folder.join(file_name(system)).join(format!("{}.run", file_name(collection)));
    let beside = Beside {
        format_version: FORMAT_VERSION,
        provenance: answered.provenance.clone(),
        speed: answered.speed.clone(),
    };
    // What lies beside goes first: a run without it is a run of unknown origin, which is true of no run of ours.
    write_text(&beside_of(&path), &(serde_json::to_string_pretty(&beside)? + "\n"))?;
    write_text(&path, &write_run(&answered.run)?)?;
    Ok(path)
}

/// Reads a run and what lies beside it, if anything does.
pub(super) fn load(path: &Path) -> anyhow::Result<Saved> {
    let (run, notes) = parse_run(&read_text(path)?, &path.display().to_string())?;
    let beside = beside_of(path);
    let beside = if beside.is_file() { Some(read_beside(&beside)?) } else { None };
    Ok(Saved { run, beside, notes: notes_words(notes) })
}

fn read_beside(path: &Path) -> anyhow::Result<(Provenance, Speed)> {
    let name = path.display();
    let remedy = "delete it to go without, or make the run again";
    let beside: Beside =
        serde_json::from_str(&read_text(path)?).with_context(|| format!("{name}: no provenance of a run; {remedy}"))?;
    let found = beside.format_version;
    anyhow::ensure!(found == FORMAT_VERSION, "{name}: format {found}, this nextread knows {FORMAT_VERSION}; {remedy}");
    Ok((beside.provenance, beside.speed))
}

fn beside_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".json");
    PathBuf::from(name)
}

/// Returns a name that every file system takes.
pub(super) fn file_name(name: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.=,".contains(letter);
    name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect()
}
