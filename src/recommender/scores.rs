//! Which posts are ranked for a question, and what are their scores made of?

use std::collections::BTreeSet;

use super::{Recommender, ScoreParts};
use crate::embeddings::Embeddings;
use crate::rank::hybrid::{PostWords, WordIndex};
use crate::rank::mmr::{Candidate, sort_candidates};
use crate::rank::word_columns::{WORD_COLUMNS, WordColumns};
use crate::similarity::{History, Kernels, rows};

/// Posts that a graph is asked for, and as many that share words, at least.
pub(super) const NEAR_MIN: usize = 200;
/// Such candidates for each answer, where that makes more.
const NEAR_PER_ANSWER: usize = 20;

/// A question as numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// A unit vector in the space of the posts.
    pub(super) vector: &'a [f32],
    pub(super) words: &'a PostWords,
}

/// Which posts are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth<'a> {
    /// Every post.
    All,
    /// Where there is a graph, the nearest posts and those with the most words in common; else every post.
    Answers {
        /// Answers wanted.
        limit: usize,
        /// Posts that will not be answered however near they are, nor duplicates of them: read already, or the question.
        known: &'a [usize],
    },
}

/// Posts that are ranked for one question and the parts of their scores, ascending by position.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scored {
    pub(super) positions: Vec<usize>,
    pub(super) parts: Vec<ScoreParts>,
}

impl Recommender {
    /// Makes a post the question.
    pub(super) fn question(&self, position: usize) -> Question<'_> {
        Question { vector: self.embeddings.row(position), words: self.words().post(position) }
    }

    /// Scores the posts that are ranked for a question.
    pub(super) fn scored(&self, question: Question<'_>, depth: Depth<'_>) -> Scored {
        let positions = self.ranked_for(&[question], depth);
        let parts = self.parts(question, &positions);
        Scored { positions, parts }
    }

    /// Returns the posts that are ranked for some questions together, ascending by position.
    pub(super) fn ranked_for(&self, questions: &[Question<'_>], depth: Depth<'_>) -> Vec<usize> {
        let posts = self.corpus.len();
        let (Depth::Answers { limit, known }, Some(graph)) = (depth, &self.graph) else {
            return (0..posts).collect();
        };
        let known: BTreeSet<usize> = known.iter().map(|&position| self.kinds()[position]).collect();
        let passed_over = self.kinds().iter().filter(|kind| known.contains(kind)).count();
        let count = limit.saturating_mul(NEAR_PER_ANSWER).max(NEAR_MIN).saturating_add(passed_over);
        if count >= posts {
            return (0..posts).collect();
        }
        let vectors = questions.iter().map(|question| question.vector);
        let mut positions = graph.nearest(&self.embeddings, vectors, count);
        positions.extend(questions.iter().flat_map(|question| self.nearest_in_words(question.words, count)));
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    fn nearest_in_words(&self, words: &PostWords, count: usize) -> impl Iterator<Item = usize> {
        let comparison = self.words().ask(words);
        let shared = (0..self.corpus.len()).map(|position| (position, comparison.words(position)));
        let shared = shared.filter(|&(_, score)| score > 0.0);
        let mut shared: Vec<Candidate> = shared.map(|(position, score)| Candidate { position, score }).collect();
        sort_candidates(&mut shared);
        shared.into_iter().take(count).map(|candidate| candidate.position)
    }

    /// Returns the parts of the scores of the posts at `positions`, in their order.
    pub(super) fn parts(&self, question: Question<'_>, positions: &[usize]) -> Vec<ScoreParts> {
        parts_at(self.words(), &self.embeddings, question, positions)
    }

    /// Calls `visit` with the parts of the score of every post at `positions` for every question, as [`Recommender::parts`] has
    /// them, bit for bit: the first question's number, the place in `positions`, and the parts for that question and the
    /// next ones.
    ///
    /// A post goes over the vectors and words of many questions while they lie in a near cache.
    pub(super) fn for_each_parts(
        &self,
        questions: &[Question<'_>],
        positions: &[usize],
        mut visit: impl FnMut(usize, usize, &[ScoreParts]),
    ) {
        let (dimension, index) = (self.embeddings.dimension(), self.words());
        let rows: Vec<&[f32]> = positions.iter().map(|&position| self.embeddings.row(position)).collect();
        for (group, questions) in questions.chunks(WORD_COLUMNS).enumerate() {
            let vectors: Vec<f32> = questions.iter().flat_map(|question| question.vector).copied().collect();
            let numbers: Vec<usize> = (0..questions.len()).collect();
            let history = History::new(&vectors, dimension, &numbers);
            let columns = WordColumns::new(index, questions.iter().map(|question| question.words).collect());
            history.for_each(Kernels::best(), &rows, |at, cosines| {
                let parts = columns.parts(index.post(positions[at]), cosines);
                visit(group * WORD_COLUMNS, at, &parts[..questions.len()]);
            });
        }
    }
}

/// Returns the parts of the scores of the posts at `positions`, in their order.
pub(super) fn parts_at(
    words: &WordIndex,
    embeddings: &Embeddings,
    question: Question<'_>,
    positions: &[usize],
) -> Vec<ScoreParts> {
    let mut cosines = Vec::with_capacity(positions.len());
    if positions.iter().copied().eq(0..embeddings.len()) {
        cosines.resize(positions.len(), 0.0);
        rows(question.vector, embeddings.as_slice(), &mut cosines);
    } else {
        let at: Vec<u32> = positions.iter().map(|&position| position as u32).collect();
        Kernels::best().rows_at(question.vector, embeddings.as_slice(), &at, &mut cosines);
    }
    let comparison = words.ask(question.words);
    positions.iter().zip(cosines).map(|(&position, cosine)| comparison.parts(position, cosine)).collect()
}

impl Scored {
    /// Returns the parts of the score of a post; none where it is not ranked.
    pub(super) fn of(&self, position: usize) -> Option<ScoreParts> {
        self.positions.binary_search(&position).ok().map(|at| self.parts[at])
    }

    /// Leaves out some posts.
    pub(super) fn without(self, known: &[usize]) -> Scored {
        let all = self.positions.into_iter().zip(self.parts);
        let (positions, parts) = all.filter(|(position, _)| !known.contains(position)).unzip();
        Scored { positions, parts }
    }

    /// Returns every post but `except`, best first, equal scores by position.
    pub(super) fn ranked(&self, except: Option<usize>) -> Vec<Candidate> {
        let all = self.positions.iter().zip(&self.parts);
        let others = all.filter(|&(&position, _)| Some(position) != except);
        let mut candidates: Vec<Candidate> =
            others.map(|(&position, parts)| Candidate { position, score: parts.sum() }).collect();
        sort_candidates(&mut candidates);
        candidates
    }
}
