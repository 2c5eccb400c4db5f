//! Which of the relevant posts say different things? Maximal marginal relevance.

use super::interests::Turns;
use crate::embeddings::Embeddings;
use crate::similarity::Kernels;

/// A post that may be recommended, with the score that the ranking gave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The post's position in the corpus.
    pub position: usize,
    /// Larger is better.
    pub score: f32,
}

/// Scores are near-equal when they differ by at most this share of the lower one.
pub const NEAR_EQUAL: f32 = 0.1;

impl Candidate {
    /// Returns what the choice takes for its score: of a favored one a tenth more than the score that is reported.
    #[must_use]
    pub fn worth(self, favored: &dyn Fn(usize) -> bool) -> f32 {
        if favored(self.position) { self.score + NEAR_EQUAL * self.score.abs() } else { self.score }
    }
}

/// Puts candidates in the order that holds everywhere: score descending, then position ascending.
pub fn sort_candidates(candidates: &mut [Candidate]) {
    candidates.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.position.cmp(&b.position)));
}

/// Chooses up to `limit` candidates greedily, each time the one with the largest
/// `(1 − diversity) · score − diversity · (largest similarity to one already chosen)`, of those whose score is at most the
/// share `diversity` below the best one that is left: what is different may be chosen before what is hardly better, not
/// before what is much better.
///
/// The candidates come best first; of equal values the earlier candidate wins. `diversity` is 0 to 1; 0 is pure
/// relevance and returns the first `limit` candidates as they are. The score stays the original one. Source: Carbonell
/// and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries", SIGIR
/// 1998, with λ = 1 − diversity.
#[must_use]
pub fn mmr(candidates: &[Candidate], embeddings: &Embeddings, diversity: f32, limit: usize) -> Vec<Candidate> {
    mmr_by_rules(candidates, embeddings, diversity, limit, &Rules::NONE)
}

/// What else decides which candidate may be the next.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Whose turn it is; nobody's where this is `None`.
    pub turns: Option<Turns<'a>>,
    /// Tells, of what is chosen already, whether a candidate may follow.
    pub may_follow: &'a dyn Fn(&[Candidate], Candidate) -> bool,
    /// Are chosen already and come first.
    pub first: &'a [Candidate],
    /// Tells which posts are preferred to those that are nearly as good ([`Candidate::worth`]).
    pub favored: &'a dyn Fn(usize) -> bool,
}

impl Rules<'_> {
    /// No rules.
    pub const NONE: Rules<'static> = Rules { turns: None, may_follow: &|_, _| true, first: &[], favored: &|_| false };
}

/// As [`mmr`], by rules: the next one is the best of those that may follow, in the group whose turn it is.
#[must_use]
pub fn mmr_by_rules(
    candidates: &[Candidate],
    embeddings: &Embeddings,
    diversity: f32,
    limit: usize,
    rules: &Rules<'_>,
) -> Vec<Candidate> {
    let mut open: Vec<(Candidate, f32)> = candidates.iter().map(|&candidate| (candidate, 0.0)).collect();
    let mut chosen: Vec<Candidate> = rules.first.to_vec();
    if diversity > 0.0 {
        rules.first.iter().for_each(|first| look_at(*first, &mut open, embeddings));
    }
    let worth = |candidate: &Candidate| candidate.worth(rules.favored);
    let mut places = vec![0; rules.turns.map_or(0, |turns| turns.shares.len())];
    while chosen.len() < limit {
        open.retain(|(candidate, _)| (rules.may_follow)(&chosen, *candidate));
        let group_of = |(candidate, _): &(Candidate, f32)| rules.turns.map(|turns| turns.group_of[candidate.position]);
        let has_more = |group: usize| open.iter().any(|open| group_of(open) == Some(group));
        let turn = rules.turns.and_then(|turns| turns.next(&places, has_more));
        let value =
            |(candidate, nearest): &(Candidate, f32)| (1.0 - diversity) * worth(candidate) - diversity * nearest;
        let of_turn = || open.iter().filter(|open| group_of(open) == turn);
        let best = of_turn().map(|(candidate, _)| worth(candidate)).fold(f32::NEG_INFINITY, f32::max);
        let least = best - diversity * best.abs();
        let may_be = |open: &(Candidate, f32)| group_of(open) == turn && worth(&open.0) >= least;
        let eligible = (0..open.len()).filter(|&index| may_be(&open[index]));
        let better = |best: usize, index: usize| if value(&open[index]) > value(&open[best]) { index } else { best };
        let Some(best) = eligible.reduce(better) else { break };
        let (next, _) = open.remove(best);
        if diversity > 0.0 {
            look_at(next, &mut open, embeddings);
        }
        if let Some(group) = turn {
            places[group] += 1;
        }
        chosen.push(next);
    }
    chosen
}

/// Lets the open candidates know that one was chosen.
fn look_at(chosen: Candidate, open: &mut [(Candidate, f32)], embeddings: &Embeddings) {
    let positions: Vec<u32> = open.iter().map(|(candidate, _)| candidate.position as u32).collect();
    let mut similarities = Vec::with_capacity(open.len());
    let query = embeddings.row(chosen.position);
    Kernels::best().rows_at(query, embeddings.as_slice(), &positions, &mut similarities);
    for ((_, nearest), similarity) in open.iter_mut().zip(&similarities) {
        *nearest = nearest.max(*similarity);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fixture() -> (Vec<Candidate>, Embeddings) {
        let embeddings = Embeddings::from_rows(2, vec![1.0, 0.0, 0.99, 0.1, 0.0, 1.0]).unwrap();
        let candidates =
            [0.9, 0.8, 0.5].into_iter().enumerate().map(|(position, score)| Candidate { position, score }).collect();
        (candidates, embeddings)
    }

    fn check(diversity: f32, expect: &[usize]) {
        let (candidates, embeddings) = fixture();
        let chosen = mmr(&candidates, &embeddings, diversity, 3);
        assert_eq!(chosen.iter().map(|candidate| candidate.position).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn no_diversity_is_the_input_order() {
        check(0.0, &[0, 1, 2]);
    }

    #[test]
    fn diversity_defers_what_says_the_same() {
        check(0.5, &[0, 2, 1]);
    }

    #[test]
    fn turns_and_rules_decide_before_scores() {
        let (candidates, embeddings) = fixture();
        let positions = |rules: &Rules<'_>| {
            let chosen = mmr_by_rules(&candidates, &embeddings, 0.0, 3, rules);
            chosen.iter().map(|candidate| candidate.position).collect::<Vec<_>>()
        };
        let turns = Turns { group_of: &[0, 0, 1], shares: &[0.6, 0.4] };
        assert_eq!(positions(&Rules { turns: Some(turns), ..Rules::NONE }), [0, 2, 1]);
        let not_after_first = |chosen: &[Candidate], candidate: Candidate| chosen.is_empty() || candidate.position != 1;
        assert_eq!(positions(&Rules { may_follow: &not_after_first, ..Rules::NONE }), [0, 2]);
        assert_eq!(positions(&Rules { turns: Some(turns), may_follow: &|_, _| false, ..Rules::NONE }), [0; 0]);
    }

    #[test]
    fn what_is_favored_comes_before_what_is_hardly_better() {
        let (_, embeddings) = fixture();
        let chosen = |scores: [f32; 3], favored: usize, limit: usize| -> Vec<(usize, f32)> {
            let candidates = scores.into_iter().enumerate().map(|(position, score)| Candidate { position, score });
            let rules = Rules { favored: &|position| position == favored, ..Rules::NONE };
            let chosen = mmr_by_rules(&candidates.collect::<Vec<_>>(), &embeddings, 0.0, limit, &rules);
            chosen.into_iter().map(|candidate| (candidate.position, candidate.score)).collect()
        };
        assert_eq!(chosen([0.9, 0.85, 0.5], 1, 1), [(1, 0.85)]);
        assert_eq!(chosen([0.9, 0.8, 0.5], 1, 1), [(0, 0.9)]);
        assert_eq!(chosen([-0.1, -0.105, -0.5], 1, 1), [(1, -0.105)]);
    }

    #[test]
    fn what_is_first_stays_first_and_counts() {
        let (candidates, embeddings) = fixture();
        let first = [candidates[2]];
        let rules = Rules { first: &first, ..Rules::NONE };
        let chosen = mmr_by_rules(&candidates[..2], &embeddings, 0.5, 2, &rules);
        assert_eq!(chosen, [candidates[2], candidates[0]]);
        assert_eq!(mmr_by_rules(&candidates[..2], &embeddings, 0.5, 0, &rules), [candidates[2]]);
    }

    #[test]
    fn what_is_much_better_comes_first_however_alike() {
        // 0.8 is within a third of 0.9, and so is 0.5 not; at a half it is.
        check(0.33, &[0, 1, 2]);
    }

    proptest! {
        #[test]
        fn keeps_scores_and_never_repeats(diversity in 0.0f32..=1.0, limit in 0usize..5) {
            let (candidates, embeddings) = fixture();
            let chosen = mmr(&candidates, &embeddings, diversity, limit);
            prop_assert_eq!(chosen.len(), limit.min(3));
            for (index, candidate) in chosen.iter().enumerate() {
                prop_assert!(candidates.contains(candidate));
                prop_assert!(!chosen[..index].contains(candidate));
            }
        }
    }
}
