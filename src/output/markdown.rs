//! As a Markdown list for a page.

use super::explained::ExplanationView;
use super::view::{Item, List};
use super::words::{minutes, reason_lines};
use crate::text::{escape_markdown, markdown_target};

/// Writes a list as a numbered Markdown list: title (linked), date and minutes, then one indented line a reason.
#[must_use]
pub fn markdown(list: &List) -> String {
    list.posts.iter().map(item_lines).collect()
}

/// Writes an explanation as the post's list entry and the verdict below it.
#[must_use]
pub fn explanation_markdown(explained: &ExplanationView) -> String {
    format!("{}\n{}\n", item_lines(&explained.post), escape_markdown(&explained.verdict_words))
}

fn item_lines(item: &Item) -> String {
    let title = linked(item);
    let about: Vec<String> = [item.date.clone(), minutes(item)].into_iter().flatten().collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    let mut lines = format!("{}. {title}{about}\n", item.rank);
    for words in reason_lines(item) {
        lines.push_str(&format!("   - {}\n", escape_markdown(&words)));
    }
    lines
}

/// Writes a post's title, linked where it is known where the post is.
pub(super) fn linked(item: &Item) -> String {
    link(&item.title, item.url.as_deref())
}

pub(super) fn link(title: &str, url: Option<&str>) -> String {
    let title = escape_markdown(title);
    match url {
        Some(url) => format!("[{title}]({})", markdown_target(url)),
        None => title,
    }
}
