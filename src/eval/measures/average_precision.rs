//! AP: how early do the relevant posts stand, all of them?
//!
//! Harman, "Evaluation issues in information retrieval", Information Processing & Management 28(4), 1992; with a cut-off
//! as trec_eval's `map_cut`.

use super::{JudgedList, is_relevant};

/// Returns average precision, 0 to 1: the precision at the rank of each relevant answer among the first `cutoff`, summed
/// and divided by the number of relevant posts (not by the cut-off, where that is smaller); 0 where none is relevant.
pub(super) fn average_precision(list: &JudgedList, cutoff: Option<usize>, rel: i32) -> f64 {
    let (mut found, mut sum) = (0, 0.0);
    for (at, &grade) in list.first(cutoff).iter().enumerate() {
        if is_relevant(grade, rel) {
            found += 1;
            sum += f64::from(found) / (at + 1) as f64;
        }
    }
    if found == 0 { 0.0 } else { sum / list.relevant(rel) as f64 }
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn precision_at_each_relevant_rank() {
        check("AP", "1 0 2 . 1", &[2, 1, 1, 1, 0], (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 4.0);
        check("AP@3", "1 0 2 . 1", &[2, 1, 1, 1, 0], (1.0 + 2.0 / 3.0) / 4.0);
        check("AP(rel=2)@3", "1 0 2 . 1", &[2, 1, 1, 1, 0], 1.0 / 3.0);
        check("MAP@1", "0 1", &[1], 0.0);
    }
}
