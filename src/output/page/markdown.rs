//! A page in Markdown.

use super::text::chart;
use super::{Block, Line};
use crate::output::markdown::link;
use crate::text::escape_markdown;

/// Writes a page in Markdown.
pub(in crate::output) fn markdown(blocks: &[Block]) -> String {
    blocks.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("# {}\n", escape_markdown(text)),
        Block::Heading(text) => format!("## {}\n", escape_markdown(text)),
        Block::Text(text) => format!("{}\n", escape_markdown(text)),
        Block::List(lines) => lines.iter().map(|line| format!("- {}\n", escape_markdown(line))).collect(),
        Block::Posts(posts) => posts.iter().map(|post| lines("- ", post)).collect(),
        Block::Steps(posts) => (1..).zip(posts).map(|(number, post)| lines(&format!("{number}. "), post)).collect(),
        Block::Chart(bars) => format!("```text\n{}```\n", chart(bars)),
    }
}

fn lines(mark: &str, post: &Line) -> String {
    let about = if post.about.is_empty() { String::new() } else { format!(" ({})", escape_markdown(&post.about)) };
    let notes = post.notes.iter().map(|note| format!("{}{}\n", " ".repeat(mark.len()), escape_markdown(note)));
    // Two spaces at a line's end break the line.
    let end = if post.notes.is_empty() { "\n" } else { "  \n" };
    format!("{mark}{}{about}{end}", link(&post.title, post.url.as_deref())) + &notes.collect::<String>()
}
