//! Bpref: how rarely does a post that was judged not relevant stand before a relevant one? Answers that nobody judged do
//! not matter, which is why it suits old collections with few judgments.
//!
//! Buckley and Voorhees, "Retrieval evaluation with incomplete information", SIGIR 2004, as corrected in trec_eval
//! (8.0 and later): with R relevant and N not relevant posts judged, the penalty is divided by min(R, N).

use super::{JudgedList, is_relevant};

/// Returns binary preference, 0 to 1: (1/R) Σ over the relevant answers of 1 − min(n, R) / min(R, N), n being the
/// answers before it that were judged not relevant; 0 where none is relevant.
///
/// Not relevant are grades from 0 to below `rel`; grades below 0 count as not judged, as in trec_eval.
pub(super) fn bpref(list: &JudgedList, rel: i32) -> f64 {
    let relevant = list.relevant(rel);
    let not_relevant = list.judged.partition_point(|&grade| grade >= 0).saturating_sub(relevant);
    let (mut before, mut sum) = (0, 0.0);
    for &grade in &list.ranking {
        if is_relevant(grade, rel) {
            sum +=
                if before == 0 { 1.0 } else { 1.0 - before.min(relevant) as f64 / relevant.min(not_relevant) as f64 };
        } else if grade.is_some_and(|grade| grade >= 0) {
            before += 1;
        }
    }
    if relevant == 0 { 0.0 } else { sum / relevant as f64 }
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn only_judged_answers_matter() {
        check("Bpref", "1 . 0 . 2 0 1", &[2, 1, 1, 0, 0, 0], (1.0 + (1.0 - 1.0 / 3.0) + (1.0 - 2.0 / 3.0)) / 3.0);
        check("BPref", "0 0 0 1", &[1, 1, 0, 0, 0], 0.0);
        check("Bpref", "-1 -1 1", &[1, -1, -1], 1.0);
        check("Bpref(rel=2)", "1 2", &[2, 1, 0], 0.0);
        check("Bpref", "1 1", &[1, 1, 1], 2.0 / 3.0);
    }
}
