//! Which of the relevant posts say different things? Maximal marginal relevance.

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

/// Puts candidates in the order that holds everywhere: score descending, then position ascending.
pub fn sort_candidates(candidates: &mut [Candidate]) {
    candidates.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.position.cmp(&b.position)));
}

/// Chooses up to `limit` candidates greedily, each time the one with the largest
/// `(1 − diversity) · score − diversity · (largest similarity to one already chosen)`.
///
/// The candidates come best first; of equal values the earlier candidate wins. `diversity` is 0 to 1; 0 is pure
/// relevance and returns the first `limit` candidates as they are. The score stays the original one. Source: Carbonell
/// and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries", SIGIR
/// 1998, with λ = 1 − diversity.
#[must_use]
pub fn mmr(candidates: &[Candidate], embeddings: &Embeddings, diversity: f32, limit: usize) -> Vec<Candidate> {
    if diversity <= 0.0 {
        return candidates.iter().copied().take(limit).collect();
    }
    let mut open: Vec<(Candidate, f32)> = candidates.iter().map(|&candidate| (candidate, 0.0)).collect();
    let mut chosen: Vec<Candidate> = Vec::with_capacity(limit.min(open.len()));
    let (mut positions, mut similarities) = (Vec::new(), Vec::new());
    while chosen.len() < limit && !open.is_empty() {
        let value = |(candidate, nearest): &(Candidate, f32)| (1.0 - diversity) * candidate.score - diversity * nearest;
        let mut best = 0;
        for index in 1..open.len() {
            if value(&open[index]) > value(&open[best]) {
                best = index;
            }
        }
        let (next, _) = open.remove(best);
        positions.clear();
        positions.extend(open.iter().map(|(candidate, _)| candidate.position as u32));
        similarities.clear();
        let query = embeddings.row(next.position);
        Kernels::best().rows_at(query, embeddings.as_slice(), &positions, &mut similarities);
        for ((_, nearest), similarity) in open.iter_mut().zip(&similarities) {
            *nearest = nearest.max(*similarity);
        }
        chosen.push(next);
    }
    chosen
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
