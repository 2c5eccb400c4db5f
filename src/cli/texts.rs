//! Which texts are in a file? A line a text, as test collections and `embed` have them.

use std::path::Path;

use serde::Deserialize;

use super::errors::Usage;
use super::eval::files::read_text;

/// The texts of a corpus, `title text` each.
pub(super) struct Texts {
    pub(super) texts: Vec<String>,
    /// The file that they are from.
    pub(super) name: String,
    /// Lines with neither title nor text, from 1; they have no place among the texts.
    pub(super) empty: Vec<usize>,
}

/// One line of a corpus, as far as it is embedded.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    title: String,
    #[serde(default, alias = "summary")]
    text: String,
}

/// Reads JSON lines, or the `corpus.jsonl` of a folder; blank lines do not count.
pub(super) fn read_texts(path: &Path) -> anyhow::Result<Texts> {
    let file = if path.is_dir() { path.join("corpus.jsonl") } else { path.to_owned() };
    let (name, content) = (file.display().to_string(), read_text(&file)?);
    let (mut texts, mut empty) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(content.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|fault| {
            anyhow::anyhow!("{name}:{number}: {fault}; each line is one JSON object with \"title\" and \"text\"")
        })?;
        let text = format!("{} {}", line.title, line.text).trim().to_owned();
        if text.is_empty() {
            empty.push(number);
        } else {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        return Err(Usage::new(format!("{name}: no text in it; give JSON lines with \"title\" and \"text\"")).into());
    }
    Ok(Texts { texts, name, empty })
}
