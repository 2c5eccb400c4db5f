//! R@k: how many of the relevant posts are among the first answers?
//!
//! van Rijsbergen, "Information Retrieval", second edition, 1979, chapter 7. This is about relevant posts; how many of
//! the exact neighbors an index finds is ann_recall@k.

use super::{JudgedList, is_relevant};

/// Returns the share of the relevant posts that are among the first `cutoff` answers, 0 to 1; 0 where none is relevant.
pub(super) fn recall(list: &JudgedList, cutoff: usize, rel: i32) -> f64 {
    let found = list.first(Some(cutoff)).iter().filter(|grade| is_relevant(**grade, rel)).count();
    if found == 0 { 0.0 } else { found as f64 / list.relevant(rel) as f64 }
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn the_whole_is_what_was_judged_relevant() {
        check("R@2", "1 . 2", &[3, 2, 1, 1, 0], 0.25);
        check("Recall@100", "1 . 2", &[3, 2, 1, 1, 0], 0.5);
        check("R(rel=2)@3", "1 . 2", &[3, 2, 1, 1, 0], 0.5);
    }
}
