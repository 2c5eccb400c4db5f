//! P@k: how many of the first answers are relevant?
//!
//! van Rijsbergen, "Information Retrieval", second edition, 1979, chapter 7.

use super::{JudgedList, is_relevant};

/// Returns the share of the first `cutoff` places that hold a relevant answer, 0 to 1; places without an answer count as
/// not relevant.
pub(super) fn precision(list: &JudgedList, cutoff: usize, rel: i32) -> f64 {
    let found = list.first(Some(cutoff)).iter().filter(|grade| is_relevant(**grade, rel)).count();
    if found == 0 { 0.0 } else { found as f64 / cutoff as f64 }
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn missing_answers_count_against_it() {
        check("P@2", "1 . 2", &[2, 1], 0.5);
        check("P@10", "1 . 2", &[2, 1], 0.2);
        check("Precision(rel=2)@3", "1 . 2", &[2, 1], 1.0 / 3.0);
    }
}
