//! Spearman's ρ: do two rows of numbers rise together?
//!
//! Spearman, "The proof and measurement of association between two things", American Journal of Psychology 15(1), 1904.

use super::pearson;

/// Returns Spearman's rank correlation of two rows of numbers, −1 to 1: Pearson's correlation of their [`ranks`];
/// `None` where there are fewer than two or one row is constant.
///
/// # Panics
/// The rows differ in length.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&ranks(a), &ranks(b))
}

/// Returns the rank of each number, 1 the smallest; equal numbers share the mean of their ranks.
#[must_use]
pub fn ranks(row: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|&a, &b| row[a].total_cmp(&row[b]));
    let mut ranks = vec![0.0; row.len()];
    let mut before = 0;
    for group in order.chunk_by(|&a, &b| row[a] == row[b]) {
        let shared = before as f64 + (group.len() + 1) as f64 / 2.0;
        group.iter().for_each(|&at| ranks[at] = shared);
        before += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &[f64], b: &[f64], expect: Option<f64>) {
        let found = spearman(a, b);
        let near = found.zip(expect).is_none_or(|(found, expect)| (found - expect).abs() < 1e-12);
        assert!(near && found.is_some() == expect.is_some(), "{found:?}, not {expect:?}");
    }

    #[test]
    fn equal_numbers_share_their_ranks() {
        assert_eq!(ranks(&[0.5, 9.0, 0.5, -1.0, 9.0, 9.0]), [2.5, 5.0, 2.5, 1.0, 5.0, 5.0]);
        assert_eq!(ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert!(ranks(&[]).is_empty());
    }

    #[test]
    fn only_the_order_counts() {
        check(&[1.0, 2.0, 3.0], &[1.0, 10.0, 1e9], Some(1.0));
        check(&[1.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 4.0, 3.0], Some(0.6));
        check(&[1.0, 2.0], &[3.0, 3.0], None);
    }
}
