//! A page for a terminal.

use super::{Block, Line, bar_length};
use crate::output::rows;

/// Writes a page that fits `columns` characters.
pub(in crate::output) fn text(blocks: &[Block], columns: u16) -> String {
    let parts: Vec<String> = blocks.iter().map(|block| one(block, columns)).filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn one(block: &Block, columns: u16) -> String {
    match block {
        Block::Title(text) | Block::Text(text) => rows([[text.clone()]], columns),
        Block::Heading(text) => rows([[text.to_uppercase()]], columns),
        Block::List(lines) => rows(lines.iter().map(|line| ["\u{2022}".to_owned(), line.clone()]), columns),
        Block::Posts(posts) => rows(posts.iter().map(|post| ["\u{2022}".to_owned(), cell(post)]), columns),
        Block::Steps(posts) => {
            rows((1..).zip(posts).map(|(number, post)| [format!("{number:>2}"), cell(post)]), columns)
        }
        Block::Chart(bars) => chart(bars),
    }
}

fn cell(post: &Line) -> String {
    let about = (!post.about.is_empty()).then(|| post.about.clone());
    let lines = std::iter::once(post.title.clone()).chain(about).chain(post.notes.iter().cloned());
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn chart(bars: &[(String, usize)]) -> String {
    let most = bars.iter().map(|bar| bar.1).max().unwrap_or(0);
    let width = most.to_string().len();
    let line = |(name, number): &(String, usize)| {
        let bar = "\u{2588}".repeat(bar_length(*number, most));
        format!(" {name} {number:>width$} {bar}").trim_end().to_owned() + "\n"
    };
    bars.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_numbers() {
        let bars = [("2024".to_owned(), 1), ("2025".to_owned(), 0), ("2026".to_owned(), 80)];
        let expect = format!(" 2024  1 \u{2588}\n 2025  0\n 2026 80 {}\n", "\u{2588}".repeat(40));
        assert_eq!(chart(&bars), expect);
    }
}
