//! Into whose site does it go? The related links of every post, as the files that site generators read.
//!
//! [`Names`] say what a post is called in the site, [`Linked`] is what is written: by [`data`] as a file that templates read, by
//! [`front_matter`] into the posts themselves. [`files`] shows what would change, and changes it.

pub mod audit;
pub mod audit_report;
pub mod changes;
pub mod data;
mod escape;
pub mod files;
pub mod folder;
pub mod front_matter;
pub mod graph;
mod layout;
pub mod listed;
pub mod mark;
mod names;
pub mod pages;
pub mod part_names;

pub use layout::Layout;
pub use names::{Key, NameError, Names, Placed, placed};

use crate::corpus::Corpus;
use crate::recommender::PostLinks;

/// The related links of a site, as they are written.
#[derive(Clone, Copy)]
pub struct Linked<'a> {
    /// The posts.
    pub corpus: &'a Corpus,
    /// What they are called.
    pub names: &'a Names,
    /// Of every post that has a name; ascending by position.
    pub posts: &'a [PostLinks],
    /// Whether scores are written.
    pub scores: Scores,
}

/// Whether scores are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scores {
    /// They change with every post that is added anywhere, and most lines of a file with them.
    #[default]
    LeftOut,
    /// Rounded to four decimals.
    Written,
}

impl<'a> Linked<'a> {
    /// Returns the posts, ascending by their names, and the names.
    #[must_use]
    pub fn by_name(&self) -> Vec<(&'a str, &'a PostLinks)> {
        let named = self.posts.iter().filter_map(|post| Some((self.names.name(post.position)?, post)));
        let mut all: Vec<_> = named.collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }

    /// Returns what the links of a post are called.
    #[must_use]
    pub fn link_names(&self, post: &PostLinks) -> Vec<String> {
        post.links.iter().filter_map(|link| self.names.name(link.position)).map(str::to_owned).collect()
    }
}

/// Rounds a score for a file.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 10_000.0).round() / 10_000.0 + 0.0
}
