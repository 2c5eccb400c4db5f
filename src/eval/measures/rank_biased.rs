//! RBP: what does a reader gain who, after each answer, goes on to the next with the same probability?
//!
//! Moffat and Zobel, "Rank-biased precision for measurement of retrieval effectiveness", ACM TOIS 27(1), 2008, with
//! binary relevance. In ir_measures an `RBP` without `rel` weighs grades instead, without an upper bound; here it means
//! `rel=1` and is printed so, which is the same there.

use super::{JudgedList, is_relevant};

/// Returns rank-biased precision, 0 to 1: (1 − p) · Σ p^(rank − 1) over the relevant of the first `cutoff` answers.
///
/// What lies below the last answer is not estimated: the residual of n answers is pⁿ.
pub(super) fn rank_biased_precision(list: &JudgedList, cutoff: Option<usize>, p: f64, rel: i32) -> f64 {
    let (mut sum, mut weight) = (0.0, 1.0 - p);
    for &grade in list.first(cutoff) {
        if is_relevant(grade, rel) {
            sum += weight;
        }
        weight *= p;
    }
    sum
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn the_weight_falls_by_p() {
        check("RBP", "1 0 . 2", &[2, 1, 0], 0.2 + 0.2 * 0.8f64.powi(3));
        check("RBP(p=0.5)@3", "1 0 . 2", &[2, 1, 0], 0.5);
        check("RBP(rel=2,p=0.5)", "1 0 . 2", &[2, 1, 0], 0.0625);
    }
}
