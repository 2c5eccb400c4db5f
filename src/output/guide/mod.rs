//! How does a field guide look from outside? What a source is about, where to begin, when to read it, and when not.

mod claims;

use serde::Serialize;

use super::page::{self, Block, Line};
use super::topics::{OtherView, TopicView, TopicsView, more_phrases, percent, posts};
use super::view::{Item, List, ReasonView, SCHEMA_VERSION};
use super::words::reason_words;
use crate::corpus::Corpus;
use crate::recommender::{Figures, Guide, Versus};

/// A field guide to a source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GuideView {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Always `guide`.
    pub verb: &'static str,
    /// Whose posts; left out where it is everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The space of the vectors.
    pub space: String,
    /// Counts of its posts.
    pub figures: FiguresView,
    /// What it is, in sentences.
    pub about: Vec<String>,
    /// Whom it is for: ends of the sentence "Read it when".
    pub read_it_when: Vec<String>,
    /// Whom it is not for: ends of the sentence "Skip it if".
    pub skip_it_if: Vec<String>,
    /// How it differs from the other source, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<ComparedView>,
    /// Posts to begin with, in reading order.
    pub start_here: Vec<Item>,
    /// Its topics, the largest first.
    pub topics: Vec<TopicView>,
    /// Posts that belong to no topic.
    pub other: OtherView,
}

/// Counts of some posts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the fields are those of `recommender::Figures`, minutes at quarters of the posts")]
pub struct FiguresView {
    pub posts: usize,
    pub from: Option<String>,
    pub to: Option<String>,
    pub dated: usize,
    pub years: Vec<YearView>,
    pub last_year: usize,
    pub minutes: Option<MinutesView>,
    pub introductions: usize,
    pub announcements: usize,
}

/// Posts of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say all")]
pub struct YearView {
    pub year: u16,
    pub posts: usize,
}

/// How long posts are, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say all")]
pub struct MinutesView {
    pub known: usize,
    pub all: u32,
    pub a_quarter_take_at_most: u32,
    pub half_take_at_most: u32,
    pub three_quarters_take_at_most: u32,
}

/// Two sources side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedView {
    /// The other one.
    pub source: String,
    /// Counts of its posts.
    pub figures: FiguresView,
    /// The differences, in sentences.
    pub differences: Vec<String>,
    /// Topics of both together, with the posts of each.
    pub topics: Vec<SharedView>,
}

/// A topic of two sources together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say all")]
pub struct SharedView {
    pub name: String,
    pub own: usize,
    pub other: usize,
}

/// Turns a guide into its outward shape; `topics` and `tour` are those of the guide.
#[must_use]
pub fn guide(found: &Guide, topics: TopicsView, tour: List, corpus: &Corpus) -> GuideView {
    let name = topics.source.clone();
    GuideView {
        schema_version: SCHEMA_VERSION,
        verb: "guide",
        figures: figures(&found.figures),
        about: claims::about(&found.figures, &topics),
        read_it_when: claims::read_it_when(&found.figures, &topics, corpus),
        skip_it_if: claims::skip_it_if(&found.figures, &topics, corpus),
        compared: found.versus.as_ref().map(|versus| compared(found, versus)),
        start_here: tour.posts,
        source: name,
        space: topics.space,
        topics: topics.topics,
        other: topics.other,
    }
}

fn figures(of: &Figures) -> FiguresView {
    let at = |share: f64| of.minutes_at(share).unwrap_or_default();
    FiguresView {
        posts: of.posts,
        from: of.dates.map(|dates| dates.0.to_string()),
        to: of.dates.map(|dates| dates.1.to_string()),
        dated: of.dated,
        years: of.years.iter().map(|&(year, posts)| YearView { year, posts }).collect(),
        last_year: of.last_year,
        minutes: (!of.minutes.is_empty()).then(|| MinutesView {
            known: of.minutes.len(),
            all: of.minutes.iter().sum(),
            a_quarter_take_at_most: at(0.25),
            half_take_at_most: at(0.5),
            three_quarters_take_at_most: at(0.75),
        }),
        introductions: of.introductions.len(),
        announcements: of.events.len(),
    }
}

fn compared(found: &Guide, versus: &Versus) -> ComparedView {
    let shared = versus.topics.iter();
    ComparedView {
        source: versus.source.clone(),
        figures: figures(&versus.figures),
        differences: claims::differences(&found.figures, versus),
        topics: shared
            .map(|topic| SharedView { name: topic.name.clone(), own: topic.own, other: topic.other })
            .collect(),
    }
}

fn title(view: &GuideView) -> String {
    format!("A field guide to {}", view.source.as_deref().unwrap_or("all posts here"))
}

fn blocks(view: &GuideView) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(view)), Block::Text(view.about.join(" "))];
    let lists = [("Read it when", &view.read_it_when), ("Skip it if", &view.skip_it_if)];
    let compared = view.compared.as_ref();
    let heading = compared.map(|compared| format!("Compared with {}", compared.source)).unwrap_or_default();
    let differences = compared.map(|compared| (heading.as_str(), &compared.differences));
    for (heading, lines) in lists.into_iter().chain(differences).filter(|(_, lines)| !lines.is_empty()) {
        blocks.extend([Block::Heading(heading.to_owned()), Block::List(lines.clone())]);
    }
    if !view.start_here.is_empty() {
        blocks.push(Block::Heading("Start here".to_owned()));
        blocks.push(Block::Steps(view.start_here.iter().map(|item| Line::of(item, stands_for(item))).collect()));
    }
    blocks.push(Block::Heading(format!("What is inside: {} topics", view.topics.len())));
    for topic in &view.topics {
        let more = more_phrases(topic).map_or_else(String::new, |words| format!("; also {words}"));
        blocks.push(Block::Text(format!("{} ({}, {}{more})", topic.name, percent(topic.share), posts(topic.posts))));
        blocks.push(Block::Posts(topic.central.iter().map(|item| Line::of(item, Vec::new())).collect()));
    }
    if view.other.posts > 0 {
        let (share, posts) = (percent(view.other.share), posts(view.other.posts));
        blocks.push(Block::Text(format!("other ({share}, {posts} near to no topic)")));
    }
    if view.figures.years.len() > 1 {
        blocks.push(Block::Heading("Posting history, posts a year".to_owned()));
        let bars = view.figures.years.iter().map(|year| (year.year.to_string(), year.posts));
        blocks.push(Block::Chart(bars.collect()));
    }
    blocks
}

fn stands_for(item: &Item) -> Vec<String> {
    let stands_for = item.reasons.iter().find(|reason| matches!(reason, ReasonView::StandsFor { .. }));
    stands_for.and_then(reason_words).into_iter().collect()
}

/// Writes a guide for a terminal.
#[must_use]
pub fn guide_text(view: &GuideView, columns: u16) -> String {
    page::text(&blocks(view), columns)
}

/// Writes a guide in Markdown.
#[must_use]
pub fn guide_markdown(view: &GuideView) -> String {
    page::markdown(&blocks(view))
}

/// Writes a guide as one page of HTML.
#[must_use]
pub fn guide_html(view: &GuideView) -> String {
    page::html(&title(view), &blocks(view))
}
