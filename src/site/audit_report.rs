//! How is an audit told? One check after the other, each with what it found.

use serde::Serialize;

use super::audit::{Audit, FRONT_PAGE};
use crate::corpus::Corpus;
use crate::text::{escape_markdown, one_line};

/// Version of the JSON.
const SCHEMA_VERSION: u32 = 1;

/// Names of the checks, in their order.
pub const CHECKS: [&str; 7] =
    ["orphans", "dead-ends", "unreachable", "hubs", "one-way", "missing-links", "same-stories"];

/// What was looked at and found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of this form.
    pub schema_version: u32,
    /// Always `audit`.
    pub verb: &'static str,
    /// How many posts were looked at.
    pub posts: usize,
    /// In the order of [`CHECKS`].
    pub checks: Vec<Check>,
}

/// One thing that was looked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// One of [`CHECKS`].
    pub name: &'static str,
    /// What it means.
    pub means: String,
    /// How many were found.
    pub count: usize,
    /// All of them.
    pub found: Vec<Finding>,
}

/// One of those that were found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Id of the post.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Lists of related links that have it, for hubs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<usize>,
    /// The other posts: to which it leads, should lead, or with which it shares a story.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
    /// Words that a link would stand on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// The sentence that has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
}

/// Another post of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Other {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
}

impl Report {
    /// Makes a report of an audit of `corpus`.
    #[must_use]
    pub fn new(audit: &Audit, corpus: &Corpus) -> Report {
        let alone = |posts: &[usize]| posts.iter().map(|&post| finding(corpus, post, &[])).collect::<Vec<_>>();
        let hubs = audit.hubs.iter().map(|&(post, lists)| Finding { lists: Some(lists), ..finding(corpus, post, &[]) });
        let one_way = audit.one_way.iter().map(|&(from, to)| finding(corpus, from, &[to]));
        let missing = audit.missing_links.iter().map(|link| Finding {
            anchor: Some(link.anchor.clone()),
            sentence: Some(link.sentence.clone()),
            ..finding(corpus, link.from, &[link.to])
        });
        let stories = audit.same_stories.iter().map(|story| finding(corpus, story[0], &story[1..]));
        let found = [
            alone(&audit.orphans),
            alone(&audit.dead_ends),
            alone(&audit.unreachable),
            hubs.collect(),
            one_way.collect(),
            missing.collect(),
            stories.collect(),
        ];
        let check =
            |(name, found): (&'static str, Vec<Finding>)| Check { name, means: means(name), count: found.len(), found };
        let checks = CHECKS.into_iter().zip(found).map(check).collect();
        Report { schema_version: SCHEMA_VERSION, verb: "audit", posts: audit.posts, checks }
    }

    /// Writes every check with at most `show` of what it found, for a reader.
    #[must_use]
    pub fn text(&self, show: usize) -> String {
        let mut text = String::new();
        for check in &self.checks {
            text.push_str(&format!("{:13}  {:>4}  {}\n", check.name, check.count, check.means));
            for found in check.found.iter().take(show) {
                text.push_str(&format!("  {}\n", found.words()));
                if let Some(sentence) = &found.sentence {
                    text.push_str(&format!("    \u{201c}{sentence}\u{201d}\n"));
                }
            }
            if check.count > show && show > 0 {
                text.push_str(&format!("  \u{2026} and {} more (--show)\n", check.count - show));
            }
        }
        text
    }

    /// Writes what [`Report::text`] writes as Markdown.
    #[must_use]
    pub fn markdown(&self, show: usize) -> String {
        let mut text = format!("# Audit of {} posts\n", self.posts);
        for check in &self.checks {
            text.push_str(&format!("\n## {}: {}\n\n{}.\n", check.name, check.count, check.means));
            if check.count > 0 && show > 0 {
                text.push('\n');
            }
            for found in check.found.iter().take(show) {
                let sentence = found.sentence.as_ref().map(|sentence| format!(": \u{201c}{sentence}\u{201d}"));
                let line = format!("{}{}", found.words(), sentence.unwrap_or_default());
                text.push_str(&format!("- {}\n", escape_markdown(&line)));
            }
            if check.count > show && show > 0 {
                text.push_str(&format!("- \u{2026} and {} more\n", check.count - show));
            }
        }
        text
    }
}

impl Finding {
    fn words(&self) -> String {
        let others: Vec<String> =
            self.others.iter().map(|other| format!("{} [{}]", one_line(&other.title), other.id)).collect();
        let others = if others.is_empty() { String::new() } else { format!(" \u{2192} {}", others.join(", ")) };
        let lists = self.lists.map(|lists| format!(", in {lists} lists")).unwrap_or_default();
        format!("{} [{}]{others}{lists}", one_line(&self.title), self.id)
    }
}

fn finding(corpus: &Corpus, post: usize, others: &[usize]) -> Finding {
    let other = |&post: &usize| Other { id: corpus.post(post).id.to_string(), title: corpus.post(post).title.clone() };
    let Other { id, title } = other(&post);
    Finding { id, title, lists: None, others: others.iter().map(other).collect(), anchor: None, sentence: None }
}

fn means(check: &str) -> String {
    match check {
        "orphans" => "neither a text nor a list of related links leads to them".to_owned(),
        "dead-ends" => "neither their text nor their list leads anywhere".to_owned(),
        "unreachable" => format!("no way leads to them from the {FRONT_PAGE} newest posts"),
        "hubs" => "in ten lists or more, five times as many as a post on average".to_owned(),
        "one-way" => "lists that are not answered: the first has the second, not the other way round".to_owned(),
        "missing-links" => "a text names another post's title without a link to it".to_owned(),
        _ => "several posts tell one story".to_owned(),
    }
}
