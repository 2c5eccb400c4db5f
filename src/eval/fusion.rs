//! How do two rankings become one? By their ranks, or by their scores.
//!
//! Rankings are lists of position and score, best first, each position once. A post that is missing from a list gets
//! nothing from it. Answers come best first, equal scores by position. All of each list takes part: how deep the lists
//! are is the caller's choice.

use std::collections::BTreeMap;

/// Fuses rankings by ranks alone: the score of a post is the sum of `1 / (k + rank)` over the lists that have it, ranks
/// from 1.
///
/// Range 0 (exclusive) to `lists / (k + 1)`. `k` is 60 in Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion
/// Outperforms Condorcet and Individual Rank Learning Methods", SIGIR 2009: the smaller, the more the first ranks count.
#[must_use]
pub fn reciprocal_ranks(lists: &[&[(usize, f64)]], k: u32) -> Vec<(usize, f64)> {
    let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
    for list in lists {
        for (index, (position, _)) in list.iter().enumerate() {
            *scores.entry(*position).or_insert(0.0) += 1.0 / (f64::from(k) + (index + 1) as f64);
        }
    }
    best_first(scores)
}

/// Fuses rankings by their scores: the weighted sum of each list's scores after `(score − least) / (largest − least)`.
///
/// The last of a list gets 0 from it, as does a post that is missing: so a list that stops earlier does no harm. Where
/// all scores of a list are equal, each counts 1. With weights that add up to 1 the range is 0 to 1. Equal weights are
/// the honest choice where nothing may be tuned; Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid
/// Retrieval", ACM Transactions on Information Systems 42 (2023), find this fusion better than ranks once a weight is
/// chosen on some judged queries, and little sensitive to how scores are normalised.
#[must_use]
pub fn weighted_scores(lists: &[(f64, &[(usize, f64)])]) -> Vec<(usize, f64)> {
    let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
    for (weight, list) in lists {
        let largest = list.iter().map(|(_, score)| *score).fold(f64::NEG_INFINITY, f64::max);
        let least = list.iter().map(|(_, score)| *score).fold(f64::INFINITY, f64::min);
        let width = largest - least;
        for (position, score) in *list {
            let normalised = if width > 0.0 { (score - least) / width } else { 1.0 };
            *scores.entry(*position).or_insert(0.0) += weight * normalised;
        }
    }
    best_first(scores)
}

fn best_first(scores: BTreeMap<usize, f64>) -> Vec<(usize, f64)> {
    let mut fused: Vec<(usize, f64)> = scores.into_iter().collect();
    // Stable, and by position before.
    fused.sort_by(|a, b| b.1.total_cmp(&a.1));
    fused
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: [(usize, f64); 3] = [(4, 9.0), (1, 5.0), (2, 1.0)];
    const VECTORS: [(usize, f64); 3] = [(1, 0.8), (3, 0.7), (4, 0.4)];

    fn check(fused: &[(usize, f64)], expect: &[(usize, f64)]) {
        let positions = |list: &[(usize, f64)]| list.iter().map(|(position, _)| *position).collect::<Vec<_>>();
        assert_eq!(positions(fused), positions(expect));
        for (got, want) in fused.iter().zip(expect) {
            assert!((got.1 - want.1).abs() < 1e-12, "{fused:?}");
        }
    }

    #[test]
    fn ranks_add_up() {
        let expect = [(1, 1.0 / 62.0 + 1.0 / 61.0), (4, 1.0 / 61.0 + 1.0 / 63.0), (3, 1.0 / 62.0), (2, 1.0 / 63.0)];
        check(&reciprocal_ranks(&[&WORDS, &VECTORS], 60), &expect);
        check(&reciprocal_ranks(&[&[(7, 1.0)], &[(5, 1.0)]], 0), &[(5, 1.0), (7, 1.0)]);
        check(&reciprocal_ranks(&[], 60), &[]);
    }

    #[test]
    fn normalised_scores_add_up() {
        let expect = [(1, 0.25 + 0.5), (4, 0.5), (3, 0.375), (2, 0.0)];
        check(&weighted_scores(&[(0.5, &WORDS), (0.5, &VECTORS)]), &expect);
        check(&weighted_scores(&[(1.0, &WORDS), (0.0, &[])]), &[(4, 1.0), (1, 0.5), (2, 0.0)]);
        check(&weighted_scores(&[(0.5, &[(9, -3.0), (8, -3.0)])]), &[(8, 0.5), (9, 0.5)]);
    }

    proptest! {
        #[test]
        fn a_list_fused_with_itself_keeps_its_order(scores in prop::collection::vec(-1e3f64..1e3, 0..30)) {
            let mut list: Vec<(usize, f64)> = scores.into_iter().enumerate().collect();
            list.sort_by(|a, b| b.1.total_cmp(&a.1));
            let order: Vec<usize> = list.iter().map(|(position, _)| *position).collect();
            for fused in [reciprocal_ranks(&[&list, &list], 60), weighted_scores(&[(0.5, &list), (0.5, &list)])] {
                prop_assert_eq!(&fused.iter().map(|(position, _)| *position).collect::<Vec<_>>(), &order);
            }
        }
    }
}
