//! RR: how far down is the first relevant answer?
//!
//! Kantor and Voorhees, "The TREC-5 confusion track", Information Retrieval 2, 2000.

use super::{JudgedList, is_relevant};

/// Returns 1 / rank of the first relevant answer, 0 to 1; 0 where none of the first `cutoff` is relevant.
pub(super) fn reciprocal_rank(list: &JudgedList, cutoff: Option<usize>, rel: i32) -> f64 {
    let at = list.first(cutoff).iter().position(|&grade| is_relevant(grade, rel));
    at.map_or(0.0, |at| 1.0 / (at + 1) as f64)
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn the_first_relevant_answer_counts() {
        check("RR", ". 0 -1 1 2", &[2, 1, 0, -1], 0.25);
        check("MRR@3", ". 0 -1 1 2", &[2, 1, 0, -1], 0.0);
        check("RR(rel=2)@5", ". 0 -1 1 2", &[2, 1, 0, -1], 0.2);
    }
}
