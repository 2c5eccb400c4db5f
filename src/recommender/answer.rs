//! What is an answer? Recommendations, and an account of what was left out.

use std::collections::HashMap;

use super::{CANDIDATES_PER_ANSWER, Recommender};
use crate::rank::explain::Reason;
use crate::rank::filter::{Caps, Excluded, Filter};
use crate::rank::hybrid::ScoreParts;
use crate::rank::interests::Turns;
use crate::rank::mmr::{Candidate, Rules, mmr_by_rules, sort_candidates};

/// A post, its score and its reasons, as the ranker returned it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// The post's position in the corpus.
    pub position: usize,
    /// Larger is better; its formula is that of the verb.
    pub score: f32,
    /// What the similarity to the query, or to the read that speaks for it, is made of; `None` where it is compared with
    /// neither.
    pub parts: Option<ScoreParts>,
    /// What the similarity is multiplied by; `None` where it is the score itself.
    pub factors: Option<Factors>,
    /// The share of pairs drawn by chance that are less similar, 0 to 1; `None` where there are too few posts to tell.
    pub closer_than: Option<f32>,
    /// Evidence that can be checked, strongest first.
    pub reasons: Vec<Reason>,
    /// Positions of exact duplicates that this one stands for.
    pub also: Vec<usize>,
}

/// What makes a score of a similarity: it is their product with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factors {
    /// How much the read counts that speaks for the post: how it was liked, and how long ago it was read; 0 to 1.
    pub read: f32,
    /// `1 − surprise + surprise · novelty`.
    pub surprise: f32,
    /// By the post's date, 0 to 1; 1 where newer posts are not preferred.
    pub freshness: f32,
}

impl Factors {
    /// Returns the product.
    #[must_use]
    pub fn product(self) -> f32 {
        self.read * self.surprise * self.freshness
    }
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
    /// Interests that the reading history was told to have; `None` where there is no history.
    pub interests: Option<usize>,
}

/// Counts what was left out of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rejected {
    /// Posts that were looked at, the query itself left out.
    pub considered: usize,
    /// In the reading history.
    pub already_read: usize,
    /// The same title and summary as the query, as a post of the history, or as a better candidate.
    pub duplicates: usize,
    /// Below the least score.
    pub below_min_score: usize,
    /// The best of those below the least score.
    pub nearest_below: Option<BelowScore>,
    /// Blocked by the reader.
    pub blocked: usize,
    /// Kept out by the other filters: tags, sources, languages, dates.
    pub filtered: usize,
    /// Nearer to something disliked than to anything liked.
    pub disliked: usize,
    /// Good enough, but more of a source, an author or a series than were wanted.
    pub over_caps: usize,
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
#[derive(Clone, Copy)]
pub(super) struct Gate<'a> {
    pub(super) limit: usize,
    pub(super) min_score: f32,
    /// What `min_score` holds for, by position; the candidate's score where this is `None`.
    pub(super) measured: Option<&'a [f32]>,
    pub(super) diversity: f32,
    /// Never shown, nor their duplicates: the query or the reading history.
    pub(super) known: &'a [usize],
    pub(super) filter: &'a Filter,
    pub(super) caps: Caps,
    pub(super) turns: Option<Turns<'a>>,
}

/// A chosen candidate and the duplicates that it stands for.
pub(super) struct Choice {
    pub(super) candidate: Candidate,
    pub(super) also: Vec<usize>,
}

/// Candidates that may be answers, best first, each with the duplicates that it stands for.
pub(super) struct Passed {
    pub(super) candidates: Vec<Candidate>,
    also: Vec<Vec<usize>>,
    rejected: Rejected,
}

impl Recommender {
    /// Walks candidates (best first) through the gate and chooses diverse ones, which it returns best first.
    pub(super) fn choose(&self, candidates: &[Candidate], gate: &Gate<'_>) -> (Vec<Choice>, Rejected) {
        let Passed { candidates, mut also, mut rejected } = self.pass(candidates, gate);
        let kinds = |position: usize| {
            let series = self.place(position).map(|place| place.series);
            gate.caps.kinds(self.corpus.post(position), series)
        };
        let kinds: HashMap<usize, Vec<(String, usize)>> = match gate.caps {
            Caps::NONE => HashMap::new(),
            _ => candidates.iter().map(|candidate| (candidate.position, kinds(candidate.position))).collect(),
        };
        let has =
            |candidate: &Candidate, kind: &String| kinds[&candidate.position].iter().any(|(other, _)| other == kind);
        let is_full = |chosen: &[Candidate], (kind, cap): &(String, usize)| {
            chosen.iter().filter(|candidate| has(candidate, kind)).count() >= *cap
        };
        let may_follow = |chosen: &[Candidate], candidate: Candidate| {
            kinds.get(&candidate.position).is_none_or(|kinds| !kinds.iter().any(|kind| is_full(chosen, kind)))
        };
        let pool = pool(&candidates, gate, &kinds);
        let rules = Rules { turns: gate.turns, may_follow: &may_follow };
        let mut chosen = mmr_by_rules(&pool, &self.embeddings, gate.diversity, gate.limit, &rules);
        if chosen.len() < gate.limit {
            rejected.over_caps = candidates.len() - chosen.len();
        }
        sort_candidates(&mut chosen);
        let choices = chosen
            .into_iter()
            .map(|candidate| Choice { candidate, also: std::mem::take(&mut also[candidate.position]) })
            .collect();
        (choices, rejected)
    }

    /// Keeps what may be an answer: nothing that a filter keeps out, no duplicate of a known post or of a better
    /// candidate, nothing below the least score.
    pub(super) fn pass(&self, candidates: &[Candidate], gate: &Gate<'_>) -> Passed {
        let mut rejected = Rejected { considered: candidates.len(), ..Rejected::default() };
        let known_kinds: Vec<usize> = gate.known.iter().map(|&position| self.kinds[position]).collect();
        let mut also: Vec<Vec<usize>> = vec![Vec::new(); self.corpus.len()];
        let mut standing_for: Vec<Option<usize>> = vec![None; self.corpus.len()];
        let mut passed: Vec<Candidate> = Vec::new();
        for &candidate in candidates {
            let kind = self.kinds[candidate.position];
            let measured = gate.measured.map_or(candidate.score, |measured| measured[candidate.position]);
            let excluded = gate.filter.excludes(candidate.position, self.corpus.post(candidate.position));
            if known_kinds.contains(&kind) {
                rejected.duplicates += 1;
            } else if excluded == Some(Excluded::Blocked) {
                rejected.blocked += 1;
            } else if excluded.is_some() {
                rejected.filtered += 1;
            } else if measured < gate.min_score {
                rejected.below_min_score += 1;
                let below = BelowScore { position: candidate.position, score: candidate.score };
                rejected.nearest_below.get_or_insert(below);
            } else if let Some(first) = standing_for[kind] {
                rejected.duplicates += 1;
                also[first].push(candidate.position);
            } else {
                standing_for[kind] = Some(candidate.position);
                passed.push(candidate);
            }
        }
        Passed { candidates: passed, also, rejected }
    }
}

/// Returns the best candidates, enough of each group and of each capped kind to choose from.
fn pool(candidates: &[Candidate], gate: &Gate<'_>, kinds: &HashMap<usize, Vec<(String, usize)>>) -> Vec<Candidate> {
    let enough = |count: usize| count.saturating_mul(CANDIDATES_PER_ANSWER);
    let mut of_group: HashMap<usize, usize> = HashMap::new();
    let mut of_kind: HashMap<&str, usize> = HashMap::new();
    let mut pool = Vec::new();
    for &candidate in candidates {
        let in_group = of_group.entry(gate.turns.map_or(0, |turns| turns.group_of[candidate.position])).or_default();
        let kinds = kinds.get(&candidate.position).map_or(&[][..], Vec::as_slice);
        let is_too_many =
            |(kind, cap): &(String, usize)| of_kind.get(kind.as_str()).is_some_and(|&has| has >= enough(*cap));
        if *in_group >= enough(gate.limit) || kinds.iter().any(is_too_many) {
            continue;
        }
        *in_group += 1;
        for (kind, _) in kinds {
            *of_kind.entry(kind).or_default() += 1;
        }
        pool.push(candidate);
    }
    pool
}

impl Passed {
    /// Returns the post that stands for `position` because it is a better-ranked exact duplicate.
    pub(super) fn stands_for(&self, position: usize) -> Option<usize> {
        self.also.iter().position(|duplicates| duplicates.contains(&position))
    }
}
