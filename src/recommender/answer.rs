//! What is an answer? Recommendations, and an account of what was left out.

use super::{CANDIDATES_PER_ANSWER, Recommender};
use crate::rank::explain::Reason;
use crate::rank::hybrid::ScoreParts;
use crate::rank::mmr::{Candidate, mmr, sort_candidates};

/// A post, its score and its reasons, as the ranker returned it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// The post's position in the corpus.
    pub position: usize,
    /// Larger is better; its formula is that of the verb.
    pub score: f32,
    /// What the similarity to the query, or to the post of the history that speaks for it, is made of.
    pub parts: ScoreParts,
    /// The share of pairs drawn by chance that are less similar, 0 to 1; `None` where there are too few posts to tell.
    pub closer_than: Option<f32>,
    /// Evidence that can be checked, strongest first.
    pub reasons: Vec<Reason>,
    /// Positions of the other posts that tell its story, ascending.
    pub also: Vec<usize>,
}

/// Recommendations, best first, and what was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Best first.
    pub recommendations: Vec<Recommendation>,
    /// How many were asked for.
    pub limit: usize,
    /// The least score that was shown.
    pub least: f32,
    /// What was left out and why.
    pub rejected: Rejected,
}

/// Counts what was left out of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rejected {
    /// Posts that were looked at, the query itself left out.
    pub considered: usize,
    /// In the reading history.
    pub already_read: usize,
    /// The same story as the query, as a post of the history, or as a candidate that stands for it.
    pub duplicates: usize,
    /// Below the least score.
    pub below_min_score: usize,
    /// The best of those below the least score.
    pub nearest_below: Option<BelowScore>,
}

/// The best candidate that the least score kept out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BelowScore {
    /// The post's position in the corpus.
    pub position: usize,
    /// Its score.
    pub score: f32,
}

/// What makes a candidate an answer.
pub(super) struct Gate<'a> {
    pub(super) limit: usize,
    pub(super) min_score: f32,
    pub(super) diversity: f32,
    /// Never shown, nor their stories: the query or the reading history.
    pub(super) known: &'a [usize],
}

/// A chosen candidate and the posts that tell the same story.
pub(super) struct Choice {
    pub(super) candidate: Candidate,
    pub(super) also: Vec<usize>,
}

/// Candidates that may be answers, best first, one a story.
pub(super) struct Passed {
    pub(super) candidates: Vec<Candidate>,
    rejected: Rejected,
}

impl Recommender {
    /// Walks candidates (best first) through the gate and chooses diverse ones, which it returns best first.
    pub(super) fn choose(&self, candidates: &[Candidate], gate: &Gate<'_>) -> (Vec<Choice>, Rejected) {
        let Passed { mut candidates, rejected } = self.pass(candidates, gate);
        candidates.truncate(gate.limit.saturating_mul(CANDIDATES_PER_ANSWER));
        let mut chosen = mmr(&candidates, &self.embeddings, gate.diversity, gate.limit);
        sort_candidates(&mut chosen);
        let choices = chosen
            .into_iter()
            .map(|candidate| Choice { candidate, also: self.also_told_by(candidate.position) })
            .collect();
        (choices, rejected)
    }

    /// Keeps what may be an answer: no story of a known post, of each other story one post, nothing below the least score.
    ///
    /// The original stands for its story where it has the least score, else the best of the others.
    pub(super) fn pass(&self, candidates: &[Candidate], gate: &Gate<'_>) -> Passed {
        let mut rejected = Rejected { considered: candidates.len(), ..Rejected::default() };
        let known_kinds: Vec<usize> = gate.known.iter().map(|&position| self.kinds()[position]).collect();
        let mut standing_for: Vec<Option<usize>> = vec![None; self.corpus.len()];
        for candidate in candidates.iter().filter(|candidate| candidate.score >= gate.min_score) {
            let kind = self.kinds()[candidate.position];
            if standing_for[kind].is_none() || kind == candidate.position {
                standing_for[kind] = Some(candidate.position);
            }
        }
        let mut passed: Vec<Candidate> = Vec::new();
        for &candidate in candidates {
            let kind = self.kinds()[candidate.position];
            if known_kinds.contains(&kind) {
                rejected.duplicates += 1;
            } else if candidate.score < gate.min_score {
                rejected.below_min_score += 1;
                let below = BelowScore { position: candidate.position, score: candidate.score };
                rejected.nearest_below.get_or_insert(below);
            } else if standing_for[kind] != Some(candidate.position) {
                rejected.duplicates += 1;
            } else {
                passed.push(candidate);
            }
        }
        Passed { candidates: passed, rejected }
    }

    /// Returns the positions of the other posts that tell the story of the one at `position`, ascending.
    pub(super) fn also_told_by(&self, position: usize) -> Vec<usize> {
        let original = self.kinds()[position];
        let copies = self.stories().copies(original).iter().map(|copy| copy.position);
        let mut others: Vec<usize> = copies.chain([original]).filter(|&other| other != position).collect();
        others.sort_unstable();
        others
    }
}
