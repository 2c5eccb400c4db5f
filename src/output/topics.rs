//! How do topics look from outside? Names, shares, central posts and sub-topics.

use serde::Serialize;

use super::markdown::linked;
use super::view::{Item, SCHEMA_VERSION, item, rounded};
use super::words::minutes;
use crate::corpus::Corpus;
use crate::recommender::{Topic, Topics};
use crate::text::escape_markdown;

/// Central posts that are shown of a topic.
pub(super) const CENTRAL_POSTS: usize = 3;

/// What some posts are about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicsView {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Always `topics`.
    pub verb: &'static str,
    /// The space of the vectors.
    pub space: String,
    /// Whose posts; left out where it is everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many posts were looked at, duplicates once.
    pub posts: usize,
    /// Duplicates, which are not looked at.
    pub duplicates: usize,
    /// The largest first.
    pub topics: Vec<TopicView>,
    /// Posts that belong to no topic.
    pub other: OtherView,
}

/// A topic or sub-topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicView {
    /// Its place, from 1.
    pub rank: usize,
    /// Stays while most of its posts stay.
    pub id: String,
    /// No other topic has it.
    pub name: String,
    /// How many posts.
    pub posts: usize,
    /// Of all that were looked at, 0 to 1.
    pub share: f64,
    /// The weightiest first.
    pub phrases: Vec<PhraseView>,
    /// The most central posts; their score is 1 for the first.
    pub central: Vec<Item>,
    /// Ids of all its posts, the most central first.
    pub members: Vec<String>,
    /// Sub-topics, the largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<TopicView>,
}

/// A phrase of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhraseView {
    /// As most posts write it.
    pub text: String,
    /// Posts of the topic that have it, in the body too.
    pub posts: usize,
}

/// Posts that belong to no topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OtherView {
    /// How many.
    pub posts: usize,
    /// Of all that were looked at, 0 to 1.
    pub share: f64,
    /// Their ids.
    pub members: Vec<String>,
}

/// Turns topics into their outward shape, at most `limit` of them.
#[must_use]
pub fn topics(found: &Topics, source: Option<&str>, limit: usize, corpus: &Corpus, space: &str) -> TopicsView {
    let ids = |positions: &[usize]| positions.iter().map(|&position| corpus.post(position).id.to_string()).collect();
    TopicsView {
        schema_version: SCHEMA_VERSION,
        verb: "topics",
        space: space.to_owned(),
        source: source.map(str::to_owned),
        posts: found.posts,
        duplicates: found.duplicates,
        topics: (1..).zip(&found.topics).take(limit).map(|(rank, of)| topic(rank, of, found.posts, corpus)).collect(),
        other: OtherView {
            posts: found.other.len(),
            share: share(found.other.len(), found.posts),
            members: ids(&found.other),
        },
    }
}

pub(super) fn topic(rank: usize, of: &Topic, all: usize, corpus: &Corpus) -> TopicView {
    let central = (1..).zip(of.posts.iter().zip(&of.centrality)).take(CENTRAL_POSTS);
    TopicView {
        rank,
        id: of.id.clone(),
        name: of.name.clone(),
        posts: of.posts.len(),
        share: share(of.posts.len(), all),
        phrases: of.phrases.iter().map(|key| PhraseView { text: key.text.clone(), posts: key.posts }).collect(),
        central: central.map(|(rank, (&post, &score))| item(rank, score as f32, corpus.post(post))).collect(),
        members: of.posts.iter().map(|&position| corpus.post(position).id.to_string()).collect(),
        parts: (1..).zip(&of.parts).map(|(rank, part)| topic(rank, part, all, corpus)).collect(),
    }
}

pub(super) fn share(some: usize, all: usize) -> f64 {
    rounded(some as f32 / all.max(1) as f32)
}

/// Says a share as a whole number of hundredths, such as ` 7 %`.
pub(super) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.01 { "<1 %".to_owned() } else { format!("{:.0} %", 100.0 * share) }
}

/// Says how many posts there are.
pub(super) fn posts(count: usize) -> String {
    if count == 1 { "1 post".to_owned() } else { format!("{count} posts") }
}

/// Writes topics as columns that fit `columns` characters.
#[must_use]
pub fn topics_table(view: &TopicsView, columns: u16) -> String {
    let mut cells: Vec<[String; 2]> =
        view.topics.iter().map(|topic| [format!("{:>5}", percent(topic.share)), cell(topic)]).collect();
    if view.other.posts > 0 {
        let words = format!("other: {} near to no topic", posts(view.other.posts));
        cells.push([format!("{:>5}", percent(view.other.share)), words]);
    }
    super::rows(cells, columns)
}

fn cell(topic: &TopicView) -> String {
    let mut lines = vec![format!("{} \u{b7} {} \u{b7} {}", topic.name, posts(topic.posts), topic.id)];
    lines.extend(more_phrases(topic).map(|words| format!("also: {words}")));
    lines.extend(topic.central.iter().map(|item| format!("\u{2022} {}{}", item.title, about(item))));
    for part in &topic.parts {
        let first = part.central.first().map_or_else(String::new, |item| format!(": {}", item.title));
        lines.push(format!("\u{25b8} {} \u{b7} {}{first}", part.name, posts(part.posts)));
    }
    lines.join("\n")
}

/// Says the phrases that are not in the name.
pub(super) fn more_phrases(topic: &TopicView) -> Option<String> {
    let named: Vec<&str> = topic.name.split(", ").collect();
    let others = topic.phrases.iter().map(|phrase| phrase.text.as_str()).filter(|text| !named.contains(text));
    let words = others.collect::<Vec<_>>().join(", ");
    (!words.is_empty()).then_some(words)
}

/// Says date and minutes of a post in brackets.
pub(super) fn about(item: &Item) -> String {
    let about: Vec<String> = [item.date.clone(), minutes(item)].into_iter().flatten().collect();
    if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) }
}

/// Writes topics as a Markdown list for a page.
#[must_use]
pub fn topics_markdown(view: &TopicsView) -> String {
    let mut text: String = view.topics.iter().map(section).collect();
    if view.other.posts > 0 {
        text.push_str(&format!("{} ({}) are near to no topic.\n", posts(view.other.posts), percent(view.other.share)));
    }
    text
}

fn section(topic: &TopicView) -> String {
    let head = format!("- **{}** ({}, {})\n", escape_markdown(&topic.name), posts(topic.posts), percent(topic.share));
    let central = topic.central.iter().map(|item| format!("  - {}{}\n", linked(item), about(item)));
    let parts = topic.parts.iter().map(|part| {
        let first = part.central.first().map_or_else(String::new, |item| format!(": {}", linked(item)));
        format!("  - *{}* ({}){first}\n", escape_markdown(&part.name), posts(part.posts))
    });
    head + &central.chain(parts).collect::<String>()
}
