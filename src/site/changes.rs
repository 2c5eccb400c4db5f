//! Which links came and went since the last time, and why?

use serde::Serialize;

use super::{Linked, rounded};
use crate::rank::filter::Excluded;
use crate::rank::stable::Gain;
use crate::recommender::{Link, Loss, Lost, PostLinks};
use crate::text::one_line;

/// Raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// What changes in a site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changes {
    /// Raised when a field changes its meaning or goes away.
    pub schema_version: u32,
    /// `links`.
    pub verb: &'static str,
    /// Posts whose links change, ascending by their names.
    pub posts: Vec<PostChanges>,
    /// Posts whose links stay as they were.
    pub unchanged: usize,
    /// Better links that were held back: by the margin.
    pub within_margin: usize,
    /// Better links that were held back: by the number of changes.
    pub over_changes: usize,
}

/// What changes for one post.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PostChanges {
    /// What the post is called.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Whether it had no list before.
    pub is_new: bool,
    /// Links that come.
    pub gained: Vec<ChangedLink>,
    /// Links that go.
    pub lost: Vec<ChangedLink>,
}

/// A link that comes or goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedLink {
    /// What the post is called that it leads to, or was.
    pub key: String,
    /// Its title, where it is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its score of today, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Why, in words.
    pub why: String,
}

/// Lists what changes; `gone` returns the links of a post that led to posts that are no more, by their names of before.
#[must_use]
pub fn changes(linked: &Linked<'_>, gone: &dyn Fn(usize) -> Vec<String>) -> Changes {
    let mut changes = Changes {
        schema_version: SCHEMA_VERSION,
        verb: "links",
        posts: Vec::new(),
        unchanged: 0,
        within_margin: linked.posts.iter().map(|post| post.held_back.0).sum(),
        over_changes: linked.posts.iter().map(|post| post.held_back.1).sum(),
    };
    for (name, post) in linked.by_name() {
        let gained: Vec<ChangedLink> = post.links.iter().filter_map(|link| gained(linked, post, link)).collect();
        let mut lost: Vec<ChangedLink> = post.lost.iter().map(|lost| gone_link(linked, lost)).collect();
        lost.extend(gone(post.position).into_iter().map(|key| ChangedLink {
            key,
            title: None,
            score: None,
            why: "the post is gone".to_owned(),
        }));
        let is_new = !gained.is_empty() && post.links.iter().all(|link| link.gain == Some(Gain::First));
        if gained.is_empty() && lost.is_empty() {
            changes.unchanged += 1;
        } else {
            let title = linked.corpus.post(post.position).title.clone();
            changes.posts.push(PostChanges { key: name.to_owned(), title, is_new, gained, lost });
        }
    }
    changes
}

fn gained(linked: &Linked<'_>, post: &PostLinks, link: &Link) -> Option<ChangedLink> {
    let why = match link.gain? {
        Gain::First => "the first links of this post".to_owned(),
        Gain::Room => "there was room".to_owned(),
        Gain::Pinned => "its author pinned it".to_owned(),
        Gain::Orphan => "nothing else leads to it".to_owned(),
        Gain::Replaces(old) => {
            let score = post.lost.iter().find(|lost| lost.position == old).and_then(|lost| lost.score);
            let than = score.map_or_else(String::new, |score| format!(", {:.3} instead of {score:.3}", link.score));
            format!("better than {}{than}", title(linked, old))
        }
    };
    Some(changed(linked, link.position, Some(link.score), why))
}

fn gone_link(linked: &Linked<'_>, lost: &Lost) -> ChangedLink {
    let why = match lost.why {
        Loss::Replaced(by) => format!("{} took its place", title(linked, by)),
        Loss::NoPlace => "fewer links are wanted, or fewer of its kind, or pins have the places".to_owned(),
        Loss::Below(least) => format!("below the least score of {least:.3}"),
        Loss::SameStory => "tells the same story as the post or as another of its links".to_owned(),
        Loss::Filtered(Excluded::Blocked) => "blocked".to_owned(),
        Loss::Filtered(Excluded::Linked) => "the post links to it already".to_owned(),
        Loss::Filtered(Excluded::BlockedByAuthor) => "its author blocked it".to_owned(),
        Loss::Filtered(Excluded::Hidden) => "hidden from all lists".to_owned(),
        Loss::NoList => "the post wants no list".to_owned(),
        Loss::Filtered(why) => format!("kept out by a filter ({why:?})").to_lowercase(),
        Loss::NotOfSite => "not of the site any more".to_owned(),
    };
    changed(linked, lost.position, lost.score, why)
}

fn changed(linked: &Linked<'_>, position: usize, score: Option<f32>, why: String) -> ChangedLink {
    let post = linked.corpus.post(position);
    let key = linked.names.name(position).unwrap_or(post.id.as_str()).to_owned();
    ChangedLink { key, title: Some(post.title.clone()), score: score.map(rounded), why }
}

fn title(linked: &Linked<'_>, position: usize) -> String {
    format!("\u{201c}{}\u{201d}", linked.corpus.post(position).title)
}

/// Writes changes for a reader: each post, then its links, `+` for those that come and `-` for those that go, each with its
/// reason below; the first links of a post need none.
#[must_use]
pub fn text(changes: &Changes) -> String {
    let mut lines = String::new();
    for post in &changes.posts {
        let new = if post.is_new { " (had no links before)" } else { "" };
        lines.push_str(&format!("{}  [{}]{new}\n", one_line(&post.title), post.key));
        for (sign, links) in [('+', &post.gained), ('-', &post.lost)] {
            for link in links {
                let name = one_line(link.title.as_ref().unwrap_or(&link.key));
                let why = if post.is_new { String::new() } else { format!("      {}\n", link.why) };
                lines.push_str(&format!("  {sign} {name}\n{why}"));
            }
        }
    }
    lines
}
