//! Judged@k: how much of what was answered did anybody judge? Where it is low, the other measures say little.
//!
//! As in ir_measures (MacAvaney et al., "Streamlining evaluation with ir-measures", ECIR 2022): answers that are not
//! there do not count, unlike in P@k.

use super::JudgedList;

/// Returns the share of the first `cutoff` answers that were judged at all, 0 to 1; 0 where there is no answer.
pub(super) fn judged(list: &JudgedList, cutoff: Option<usize>) -> f64 {
    let first = list.first(cutoff);
    let found = first.iter().filter(|grade| grade.is_some()).count();
    if found == 0 { 0.0 } else { found as f64 / first.len() as f64 }
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn every_grade_counts_and_missing_answers_do_not() {
        check("Judged@2", "-1 . 2", &[2, -1], 0.5);
        check("Judged@10", "-1 . 2", &[2, -1], 2.0 / 3.0);
        check("Judged", "-1 . 0 .", &[0, -1], 0.5);
    }
}
