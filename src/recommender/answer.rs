//! What is an answer? Recommendations, and an account of what was left out.

use std::collections::HashMap;

use super::{CANDIDATES_PER_ANSWER, Recommender};
use crate::corpus::Editorial;
use crate::rank::explain::Reason;
use crate::rank::filter::{Caps, Excluded, Filter, Kind, has_room};
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
    /// Positions of the other posts that tell its story, ascending.
    pub also: Vec<usize>,
    /// Whether its place is its author's wish, whatever its score.
    pub is_pinned: bool,
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
    /// The same story as the query, as a post of the history, or as a candidate that stands for it.
    pub duplicates: usize,
    /// Below the least score.
    pub below_min_score: usize,
    /// The best of those below the least score.
    pub nearest_below: Option<BelowScore>,
    /// Blocked by the reader.
    pub blocked: usize,
    /// Kept out by the other filters: tags, sources, languages, dates.
    pub filtered: usize,
    /// Kept out by authors: blocked for the post that was asked about, or hidden from all lists.
    pub by_author: usize,
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
    /// Never shown, nor their stories: the query or the reading history.
    pub(super) known: &'a [usize],
    pub(super) filter: &'a Filter,
    pub(super) caps: Caps,
    pub(super) turns: Option<Turns<'a>>,
    /// Come first, whatever keeps others out.
    pub(super) pins: &'a [Candidate],
    /// Whose cornerstones are preferred.
    pub(super) editorial: Option<&'a Editorial>,
}

impl Gate<'_> {
    /// Tells whether a post is preferred to those that are nearly as good.
    pub(super) fn favors(&self, position: usize) -> bool {
        self.editorial.is_some_and(|editorial| editorial.is_cornerstone(position))
    }

    fn pins(&self, position: usize) -> bool {
        self.pins.iter().any(|pin| pin.position == position)
    }
}

/// A chosen candidate and the posts that tell the same story.
pub(super) struct Choice {
    pub(super) candidate: Candidate,
    pub(super) also: Vec<usize>,
    pub(super) is_pinned: bool,
}

/// Candidates that may be answers, best first, one a story.
pub(super) struct Passed {
    pub(super) candidates: Vec<Candidate>,
    rejected: Rejected,
}

impl Recommender {
    /// Walks candidates (best first) through the gate and chooses diverse ones, which it returns best first, behind those that are
    /// pinned.
    pub(super) fn choose(&self, candidates: &[Candidate], gate: &Gate<'_>) -> (Vec<Choice>, Rejected) {
        let Passed { mut candidates, mut rejected } = self.pass(candidates, gate);
        let favored = |position: usize| gate.favors(position);
        if candidates.iter().any(|candidate| favored(candidate.position)) {
            // Stable: equal ones stay in the order of their positions.
            candidates.sort_by(|a, b| b.worth(&favored).total_cmp(&a.worth(&favored)));
        }
        let kinds: HashMap<usize, Vec<Kind>> = match gate.caps {
            Caps::NONE => HashMap::new(),
            caps => candidates
                .iter()
                .chain(gate.pins)
                .map(|candidate| (candidate.position, self.capped_kinds(caps, candidate.position)))
                .collect(),
        };
        let kinds_of = |candidate: &Candidate| kinds.get(&candidate.position).map_or(&[][..], Vec::as_slice);
        let may_follow = |chosen: &[Candidate], candidate: Candidate| {
            has_room(kinds_of(&candidate), chosen.iter().flat_map(kinds_of))
        };
        let pool = pool(&candidates, gate, kinds_of);
        let rules = Rules { turns: gate.turns, may_follow: &may_follow, first: gate.pins, favored: &favored };
        let mut chosen = mmr_by_rules(&pool, &self.embeddings, gate.diversity, gate.limit, &rules);
        if chosen.len() < gate.limit {
            rejected.over_caps = candidates.len() + gate.pins.len() - chosen.len();
        }
        sort_candidates(&mut chosen[gate.pins.len()..]);
        let choices = chosen
            .into_iter()
            .map(|candidate| Choice {
                candidate,
                also: self.also_told_by(candidate.position),
                is_pinned: gate.pins(candidate.position),
            })
            .collect();
        (choices, rejected)
    }

    /// Tells whether one more post beside others is within the caps.
    pub(super) fn caps_allow(&self, gate: &Gate<'_>, shown: &[Candidate], new: Candidate) -> bool {
        let kinds = |candidate: &Candidate| self.capped_kinds(gate.caps, candidate.position);
        let taken: Vec<Kind> = shown.iter().flat_map(kinds).collect();
        has_room(&kinds(&new), taken.iter())
    }

    /// Keeps what may be an answer: nothing that a filter keeps out, no story of a known or a blocked post, of each other
    /// story one post, nothing below the least score.
    ///
    /// The original stands for its story where it passes, else the best of the others.
    pub(super) fn pass(&self, candidates: &[Candidate], gate: &Gate<'_>) -> Passed {
        let mut rejected = Rejected { considered: candidates.len(), ..Rejected::default() };
        let kind_of = |position: &usize| self.kinds()[*position];
        let pinned = gate.pins.iter().map(|pin| &pin.position);
        let known: Vec<usize> = gate.known.iter().chain(pinned).map(kind_of).collect();
        let blocked: Vec<usize> = gate.filter.blocked.iter().map(kind_of).collect();
        let excludes =
            |candidate: &Candidate| gate.filter.excludes(candidate.position, self.corpus.post(candidate.position));
        let excluded: Vec<Option<Excluded>> = candidates.iter().map(excludes).collect();
        let measured =
            |candidate: &Candidate| gate.measured.map_or(candidate.score, |measured| measured[candidate.position]);
        let mut standing_for: Vec<Option<usize>> = vec![None; self.corpus.len()];
        for (candidate, &why_not) in candidates.iter().zip(&excluded) {
            let kind = self.kinds()[candidate.position];
            let is_first = standing_for[kind].is_none() || kind == candidate.position;
            if is_first && why_not.is_none() && measured(candidate) >= gate.min_score {
                standing_for[kind] = Some(candidate.position);
            }
        }
        let mut passed: Vec<Candidate> = Vec::new();
        for (&candidate, &why_not) in candidates.iter().zip(&excluded) {
            let kind = self.kinds()[candidate.position];
            if gate.pins(candidate.position) {
                continue;
            }
            if known.contains(&kind) {
                rejected.duplicates += 1;
            } else if blocked.contains(&kind) {
                rejected.blocked += 1;
            } else if let Some(why) = why_not {
                *(if why.is_by_author() { &mut rejected.by_author } else { &mut rejected.filtered }) += 1;
            } else if measured(&candidate) < gate.min_score {
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

    /// Returns the kinds that are capped of the post at `position`.
    pub(super) fn capped_kinds(&self, caps: Caps, position: usize) -> Vec<Kind> {
        caps.kinds(self.corpus.post(position), self.place(position).map(|place| place.series))
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

/// Returns the best candidates, enough of each group and of each capped kind to choose from.
fn pool<'a>(candidates: &[Candidate], gate: &Gate<'_>, kinds_of: impl Fn(&Candidate) -> &'a [Kind]) -> Vec<Candidate> {
    let enough = |count: usize| count.saturating_mul(CANDIDATES_PER_ANSWER);
    let mut of_group: HashMap<usize, usize> = HashMap::new();
    let mut of_kind: HashMap<&str, usize> = HashMap::new();
    let mut pool = Vec::new();
    for &candidate in candidates {
        let in_group = of_group.entry(gate.turns.map_or(0, |turns| turns.group_of[candidate.position])).or_default();
        let kinds = kinds_of(&candidate);
        let is_too_many = |(kind, cap): &Kind| of_kind.get(kind.as_str()).is_some_and(|&has| has >= enough(*cap));
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
