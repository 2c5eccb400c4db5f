//! How is it shown? Answers as tables, JSON, JSON lines and Markdown; pure functions from answers to text.

mod digest;
mod explained;
mod filling;
mod guide;
mod json;
mod markdown;
mod page;
pub mod relation;
mod steps;
pub mod story;
mod table;
mod topics;
pub mod view;
mod words;

pub use digest::{DigestView, digest, digest_html, digest_markdown, digest_text};
pub use explained::{ExplanationView, explanation};
pub use filling::fill;
pub use guide::{GuideView, guide, guide_html, guide_markdown, guide_text};
pub use json::{json, json_line, json_lines};
pub use markdown::{explanation_markdown, markdown};
pub use steps::path;
pub use table::{explanation_table, rows, table};
pub use topics::{TopicView, TopicsView, topics, topics_markdown, topics_table};
pub use words::{minutes, reason_words};

/// The form in which an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Columns for a reader.
    #[default]
    Table,
    /// One object.
    Json,
    /// One object a line and post.
    JsonLines,
    /// A list for a page.
    Markdown,
}

impl Format {
    /// The words by which the formats are chosen.
    pub const WORDS: [&'static str; 4] = ["table", "json", "jsonl", "md"];

    /// Reads one of [`Format::WORDS`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Format> {
        match word {
            "table" => Some(Format::Table),
            "json" => Some(Format::Json),
            "jsonl" => Some(Format::JsonLines),
            "md" => Some(Format::Markdown),
            _ => None,
        }
    }
}

/// Writes an answer in a format; `columns` is the width of a table. The text ends with a line break.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn render(answer: &view::List, format: Format, columns: u16) -> Result<String, serde_json::Error> {
    match format {
        Format::Table => Ok(table(answer, columns)),
        Format::Json => json(answer),
        Format::JsonLines => json_lines(&answer.posts),
        Format::Markdown => Ok(markdown(answer)),
    }
}
