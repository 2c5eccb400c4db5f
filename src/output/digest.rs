//! How does a digest look from outside? The posts of a period by topic, each with why it matters in its own words.

use serde::Serialize;

use super::page::{self, Block, Line};
use super::topics::posts;
use super::view::{Item, SCHEMA_VERSION, item};
use crate::corpus::Corpus;
use crate::recommender::{Digest, DigestPost, DigestSection, Topics};

/// The posts of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DigestView {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Always `digest`.
    pub verb: &'static str,
    /// The week's name, such as `2026-W10`, where the period is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week: Option<String>,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Whose posts; left out where it is everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many posts.
    pub posts: usize,
    /// Minutes of all whose length is known.
    pub minutes: u32,
    /// Posts whose length is not known.
    pub unknown_lengths: usize,
    /// The sections with most posts first.
    pub sections: Vec<DigestSectionView>,
}

/// The posts of one topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DigestSectionView {
    /// The topic's id and name; left out for posts that belong to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<DigestTopic>,
    /// Oldest first.
    pub posts: Vec<DigestItem>,
}

/// The topic of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DigestTopic {
    /// As `topics` has it.
    pub id: String,
    /// As `topics` has it.
    pub name: String,
}

/// A post of a digest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DigestItem {
    /// The post; its score says nothing here.
    #[serde(flatten)]
    pub post: Item,
    /// A sentence of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Turns a digest into its outward shape.
#[must_use]
pub fn digest(found: &Digest, topics: &Topics, source: Option<&str>, corpus: &Corpus) -> DigestView {
    let mut rank = 0;
    let mut entry = |of: &DigestPost| {
        rank += 1;
        DigestItem { post: item(rank, 0.0, corpus.post(of.position)), why: of.why.clone() }
    };
    let topic = |at: usize| DigestTopic { id: topics.topics[at].id.clone(), name: topics.topics[at].name.clone() };
    let section = |of: &DigestSection| DigestSectionView {
        topic: of.topic.map(topic),
        posts: of.posts.iter().map(&mut entry).collect(),
    };
    let sections: Vec<DigestSectionView> = found.sections.iter().map(section).collect();
    let all = || sections.iter().flat_map(|section| &section.posts);
    DigestView {
        schema_version: SCHEMA_VERSION,
        verb: "digest",
        week: found.period.name(),
        from: found.period.from.to_string(),
        to: found.period.to.to_string(),
        source: source.map(str::to_owned),
        posts: all().count(),
        minutes: all().filter_map(|entry| entry.post.minutes).sum(),
        unknown_lengths: all().filter(|entry| entry.post.minutes.is_none()).count(),
        sections,
    }
}

fn title(view: &DigestView) -> String {
    let of = view.source.as_ref().map_or_else(String::new, |source| format!("{source}, "));
    let week = view.week.as_ref().map_or_else(String::new, |week| format!("week {week}: "));
    format!("{of}{week}{} to {}", view.from, view.to)
}

fn blocks(view: &DigestView) -> Vec<Block> {
    let known = view.posts - view.unknown_lengths;
    let length = match (known, view.unknown_lengths) {
        (0, _) => String::new(),
        (_, 0) => format!(", {} minutes", view.minutes),
        (_, unknown) => format!(", {} minutes and {} of unknown length", view.minutes, posts(unknown)),
    };
    let mut blocks = vec![Block::Title(title(view)), Block::Text(format!("{}{length}", posts(view.posts)))];
    for section in &view.sections {
        blocks.push(Block::Heading(section.topic.as_ref().map_or("other", |topic| &topic.name).to_owned()));
        let line = |entry: &DigestItem| {
            let why = entry.why.as_ref().map(|why| format!("Why it matters: \u{201c}{why}\u{201d}"));
            Line::of(&entry.post, why.into_iter().collect())
        };
        blocks.push(Block::Posts(section.posts.iter().map(line).collect()));
    }
    blocks
}

/// Writes a digest for a terminal; empty where no post is in it.
#[must_use]
pub fn digest_text(view: &DigestView, columns: u16) -> String {
    if view.posts == 0 { String::new() } else { page::text(&blocks(view), columns) }
}

/// Writes a digest in Markdown.
#[must_use]
pub fn digest_markdown(view: &DigestView) -> String {
    page::markdown(&blocks(view))
}

/// Writes a digest as one page of HTML.
#[must_use]
pub fn digest_html(view: &DigestView) -> String {
    page::html(&title(view), &blocks(view))
}
