//! Is it the same story? Posts that tell what another tells, in nearly its words, at its address or under its title.
//!
//! Found in three steps, none of which compares all posts with all: posts that may be the same (`candidates`), what says
//! that two are (`compare`), and which one stands for the others (`original`). The thresholds were measured:
//! `docs/decisions/0014-same-story.md`.

mod candidates;
mod compare;
mod facts;
mod original;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use compare::Sameness;
pub(super) use compare::{Numbers, STAGES};
pub(super) use facts::Title;
pub use original::Precedence;

use crate::corpus::Terms;
use crate::post::Post;
use facts::Facts;

/// Which posts tell one story, and which of them stands for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stories {
    originals: Vec<usize>,
    /// By the position of the original, those that are told again.
    copies: BTreeMap<usize, Vec<Retold>>,
}

/// A post that tells what another tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retold {
    /// Its position.
    pub position: usize,
    /// What says that it is the same story.
    pub sameness: Sameness,
    /// What puts the other one before it.
    pub precedence: Precedence,
}

impl Stories {
    /// Finds the stories of posts; `terms` are those of the posts, in their order, `cosine` is the similarity of the vectors of
    /// the posts at two positions, 0 where it is not known.
    ///
    /// Each post that is told again is the same as the one that stands for it, not just as one of the others. The order
    /// of the posts does not matter, as their ids decide where all else is equal.
    ///
    /// # Panics
    /// There are fewer terms than posts.
    #[must_use]
    pub fn find(posts: &[Post], terms: &[Terms], cosine: &dyn Fn(usize, usize) -> f32) -> Stories {
        let facts = Facts::of(posts, terms);
        let mut same: BTreeMap<(usize, usize), Sameness> = BTreeMap::new();
        let mut neighbors: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (a, b) in candidates::pairs(&facts) {
            if let Some(sameness) = compare::sameness(facts.pair(a, b), &|| cosine(a, b)) {
                same.insert((a.min(b), a.max(b)), sameness);
                neighbors.entry(a).or_default().push(b);
                neighbors.entry(b).or_default().push(a);
            }
        }
        let mut involved: Vec<usize> = neighbors.keys().copied().collect();
        involved.sort_by(|&a, &b| original::order(&facts, a, b));
        let mut stories = Stories { originals: (0..posts.len()).collect(), copies: BTreeMap::new() };
        for &position in &involved {
            // Of the posts that it is the same as, those that stand for themselves and come before it.
            let before = neighbors[&position]
                .iter()
                .copied()
                .filter(|&other| stories.originals[other] == other && original::order(&facts, other, position).is_lt());
            if let Some(first) = before.min_by(|&a, &b| original::order(&facts, a, b)) {
                let sameness = same[&(first.min(position), first.max(position))];
                let precedence = original::precedence(&facts, first, position);
                stories.originals[position] = first;
                stories.copies.entry(first).or_default().push(Retold { position, sameness, precedence });
            }
        }
        stories
    }

    /// Returns for every post the position of the one that stands for its story: its own, where it is the only one or the
    /// original.
    #[must_use]
    pub fn originals(&self) -> &[usize] {
        &self.originals
    }

    /// Returns the posts that tell again what the post at `position` tells; empty where another stands for it.
    #[must_use]
    pub fn copies(&self, position: usize) -> &[Retold] {
        self.copies.get(&position).map_or(&[], Vec::as_slice)
    }

    /// Returns all stories that are told more than once: the original, then the others, by the position of the original.
    pub fn told_again(&self) -> impl Iterator<Item = (usize, &[Retold])> {
        self.copies.iter().map(|(&original, copies)| (original, copies.as_slice()))
    }
}
