//! What is read of the posts among which a path is chosen? Their bodies, where they are known.

use super::{Recommender, RecommenderError};
use crate::post::{Post, SummaryOrigin};
use crate::rank::mmr::Candidate;
use crate::rank::path::{Entry, Stages};
use crate::similarity::dot;

/// Finds the body of a post; `None` where it has none.
pub type TextLookup = dyn Fn(&Post) -> Option<String> + Send + Sync;

/// Posts that are read beside those of a path: they show which words are rare, and whom the path's posts stand between.
///
/// Six known orders have .726 of their pairs right with them and .700 without.
const POOL: usize = 48;

impl Recommender {
    /// Lets reading paths tell introductions by their likeness to [`crate::rank::path::INTRODUCTION`], whose unit vector
    /// this is, in the space of the posts. Without it that one cue does not count.
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn set_introduction(&mut self, vector: Vec<f32>) -> Result<(), RecommenderError> {
        let posts = self.embeddings.dimension();
        if vector.len() != posts {
            return Err(RecommenderError::Dimension { query: vector.len(), posts });
        }
        self.introduction = Some(vector);
        Ok(())
    }

    /// Reads the posts at `positions` and finds their places in reading order.
    pub(super) fn stages(&self, mut positions: Vec<usize>) -> Stages {
        positions.sort_unstable();
        positions.dedup();
        let entries: Vec<Entry> = positions.into_iter().map(|position| self.entry(position)).collect();
        let introduction = |position: usize| {
            self.introduction.as_ref().map_or(0.0, |vector| dot(self.embeddings.row(position), vector))
        };
        Stages::read(&entries, &introduction)
    }

    /// As [`Recommender::stages`], of the posts at `positions` and the first candidates.
    pub(super) fn stages_among(&self, candidates: &[Candidate], mut positions: Vec<usize>) -> Stages {
        positions.extend(candidates.iter().take(POOL).map(|candidate| candidate.position));
        self.stages(positions)
    }

    /// As [`Recommender::stages`], of the posts at `positions` and others evenly taken from `among`.
    pub(super) fn stages_evenly(&self, among: &[usize], mut positions: Vec<usize>) -> Stages {
        positions.extend(among.iter().step_by(among.len().div_ceil(POOL).max(1)));
        self.stages(positions)
    }

    /// A summary of the author's own stands before the body; one that was cut from it does not.
    fn entry(&self, position: usize) -> Entry {
        let post = self.corpus.post(position);
        let is_own = matches!(post.summary.origin, SummaryOrigin::Given | SummaryOrigin::Description);
        let text = match (self.texts)(post) {
            Some(body) if is_own => format!("{}\n\n{body}", post.summary.text),
            Some(body) => body,
            None => post.summary.text.clone(),
        };
        let links = self.links().from(position).to_vec();
        Entry { position, title: post.title.clone(), text, date: post.date, links }
    }
}
