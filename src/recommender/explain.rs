//! Why is this post recommended for that one, or why not?

use super::answer::Gate;
use super::scores::Depth;
use super::{Recommender, RecommenderError, RelatedOptions, ScoreParts};
use crate::post::PostId;
use crate::rank::explain::Reason;
use crate::rank::filter::{Caps, Excluded};
use crate::rank::mmr::Candidate;

/// How one post stands to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The score of `related`.
    pub score: f32,
    /// What it is made of.
    pub parts: ScoreParts,
    /// The share of pairs drawn by chance that are less similar, 0 to 1; `None` where there are too few posts to tell.
    pub closer_than: Option<f32>,
    /// The place of the post among all others by score, from 1.
    pub rank: usize,
    /// Posts that were ranked.
    pub of: usize,
    /// Evidence that can be checked.
    pub reasons: Vec<Reason>,
    /// Whether `related` shows it, and if not, why not.
    pub verdict: Verdict,
}

/// Whether `related` shows a post, and the smallest change that would make it do so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Shown at this place, from 1.
    Shown(usize),
    /// Shown at this place, from 1, because the author of the question pinned it.
    Pinned(usize),
    /// The question wants no list.
    NoList,
    /// The two tell the same story: never shown for each other.
    Duplicate,
    /// A filter keeps it out; without that filter it may be shown.
    Filtered(Excluded),
    /// The least score keeps it out; a least score of its score admits it.
    BelowMinScore,
    /// The post at this position, which tells the same story, stands for it.
    StoodForBy(usize),
    /// There are enough of its source, author or series; without that cap it may be shown.
    OverCap,
    /// Better-ranked or more different posts fill the list: it holds this place by score alone, from 1. A limit of
    /// that place with diversity 0 shows it.
    Outranked(usize),
}

impl Recommender {
    /// Explains how `post` stands to `query` in the list that `related` gives for `query` under `options`.
    ///
    /// # Errors
    /// A post is not in the corpus, or both are one.
    pub fn explain(
        &self,
        query: &PostId,
        post: &PostId,
        options: &RelatedOptions,
    ) -> Result<Explanation, RecommenderError> {
        let (query_at, post_at) = (self.position(query)?, self.position(post)?);
        if query_at == post_at {
            return Err(RecommenderError::SamePost(query.clone()));
        }
        let options = &self.with_linked(query_at, options);
        let scored = self.scored(self.question_of(query_at, options), Depth::All);
        let (ranked, parts) = (scored.ranked(Some(query_at)), scored.parts[post_at]);
        let rank = ranked.iter().position(|candidate| candidate.position == post_at).map_or(0, |at| at + 1);
        Ok(Explanation {
            score: parts.sum(),
            parts,
            closer_than: self.background().share_below(parts.sum()),
            rank,
            of: ranked.len(),
            reasons: self.reasons(&self.asked_post(query_at), post_at),
            verdict: self.verdict(&ranked, query_at, post_at, options),
        })
    }

    fn verdict(&self, ranked: &[Candidate], query: usize, post: usize, options: &RelatedOptions) -> Verdict {
        if !self.editorial.has_list(query) {
            return Verdict::NoList;
        }
        let score = |position: usize| {
            ranked.iter().find(|candidate| candidate.position == position).map(|candidate| candidate.score)
        };
        let pins = self.pins_of(query, options, score);
        if let Some(at) = pins.iter().position(|pin| pin.position == post) {
            return Verdict::Pinned(at + 1);
        }
        if self.kinds()[query] == self.kinds()[post] {
            return Verdict::Duplicate;
        }
        if let Some(excluded) = options.filter.excludes(post, self.corpus.post(post)) {
            return Verdict::Filtered(excluded);
        }
        let known = std::slice::from_ref(&query);
        let gate = Gate { pins: &pins, editorial: Some(&self.editorial), ..options.gate(self.background(), known) };
        let passed = self.pass(ranked, &gate);
        let Some(place) = passed.candidates.iter().position(|candidate| candidate.position == post) else {
            let same = passed.candidates.iter().find(|other| self.kinds()[other.position] == self.kinds()[post]);
            return same.map_or(Verdict::BelowMinScore, |other| Verdict::StoodForBy(other.position));
        };
        let place_among = |gate: &Gate<'_>| {
            let (shown, _) = self.choose(ranked, gate);
            shown.iter().position(|choice| choice.candidate.position == post)
        };
        match place_among(&gate) {
            Some(at) => Verdict::Shown(at + 1),
            None if place_among(&Gate { caps: Caps::NONE, ..gate }).is_some() => Verdict::OverCap,
            None => Verdict::Outranked(place + 1),
        }
    }
}
