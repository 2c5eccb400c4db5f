//! What is on a page, whatever it is written in? Headings, sentences, posts and a chart; as text, Markdown and HTML.

mod html;
mod markdown;
mod text;

pub(super) use html::html;
pub(super) use markdown::markdown;
pub(super) use text::text;

/// One piece of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// The page's own title.
    Title(String),
    /// What follows is about this.
    Heading(String),
    /// A sentence or some.
    Text(String),
    /// Sentences, each by itself.
    List(Vec<String>),
    /// Posts in any order.
    Posts(Vec<Line>),
    /// Posts in the order in which they are to be read.
    Steps(Vec<Line>),
    /// Numbers with their names.
    Chart(Vec<(String, usize)>),
}

/// A post on a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) title: String,
    pub(super) url: Option<String>,
    /// Date, minutes, tags.
    pub(super) about: String,
    /// What is said of it.
    pub(super) notes: Vec<String>,
}

impl Line {
    /// Takes a post with its date, minutes and tags.
    pub(super) fn of(post: &super::view::Item, notes: Vec<String>) -> Line {
        let parts =
            [post.date.clone(), super::words::minutes(post), (!post.tags.is_empty()).then(|| post.tags.join(", "))];
        let about = parts.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ");
        Line { title: post.title.clone(), url: post.url.clone(), about, notes }
    }
}

/// The longest bar of a chart has so many characters.
const BAR: usize = 40;

/// Returns the length of a bar: at least 1 for anything at all.
fn bar_length(number: usize, most: usize) -> usize {
    if number == 0 { 0 } else { (number * BAR).div_ceil(most.max(1)) }
}
