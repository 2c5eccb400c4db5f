//! Which sequences run together? Batches of about the same length under a token budget.

use std::num::NonZeroUsize;
use std::ops::Range;

/// Orders sequences by length, longest first (equal ones by position), and cuts the order into batches.
///
/// Returns the order and the ranges of it that run together: each holds at most `budget` word pieces, or one
/// sequence. The cut depends on the lengths alone and never on the number of threads, so that the same texts give the
/// same bits everywhere. Longest first means that the last, short batches even out the threads' ends.
pub(super) fn plan(lengths: &[usize], budget: NonZeroUsize) -> (Vec<usize>, Vec<Range<usize>>) {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&position| (std::cmp::Reverse(lengths[position]), position));
    let mut batches = Vec::new();
    let (mut start, mut tokens) = (0, 0);
    for (rank, &position) in order.iter().enumerate() {
        if rank > start && tokens + lengths[position] > budget.get() {
            batches.push(start..rank);
            (start, tokens) = (rank, 0);
        }
        tokens += lengths[position];
    }
    if start < order.len() {
        batches.push(start..order.len());
    }
    (order, batches)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(lengths: &[usize], budget: usize, expect: &[&[usize]]) {
        let (order, batches) = plan(lengths, NonZeroUsize::new(budget).unwrap());
        let found: Vec<&[usize]> = batches.into_iter().map(|batch| &order[batch]).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn long_first_under_the_budget() {
        check(&[], 10, &[]);
        check(&[3, 5, 3, 2], 8, &[&[1, 0], &[2, 3]]);
        check(&[20, 1, 1], 8, &[&[0], &[1, 2]]);
        check(&[1, 1], 1, &[&[0], &[1]]);
    }

    proptest! {
        #[test]
        fn each_sequence_runs_once_and_no_batch_is_too_large(
            lengths in proptest::collection::vec(2_usize..300, 0..80),
            budget in 1_usize..1_000,
        ) {
            let (order, batches) = plan(&lengths, NonZeroUsize::new(budget).unwrap());
            let mut seen: Vec<usize> = batches.iter().flat_map(|batch| order[batch.clone()].to_vec()).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in batches {
                let tokens: usize = order[batch.clone()].iter().map(|&position| lengths[position]).sum();
                prop_assert!(tokens <= budget || batch.len() == 1);
            }
        }
    }
}
