//! Kendall's τ: of all pairs, how many stand in the same order in both?
//!
//! Kendall, "The treatment of ties in ranking problems", Biometrika 33(3), 1945: τ-b.

use std::cmp::Ordering;

/// Returns Kendall's τ-b of two rows of numbers, −1 (reversed) to 1 (the same order): the pairs in the same order less
/// those in the other, divided by the geometric mean of the pairs that are not tied in each row; `None` where there are
/// fewer than two or one row is constant.
///
/// Looks at every pair: the time grows with the square of the length, which is that of a reading list.
///
/// # Panics
/// The rows differ in length.
#[must_use]
pub fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "one number of each for each");
    let sign = |row: &[f64], i: usize, j: usize| match row[i].partial_cmp(&row[j]) {
        Some(Ordering::Less) => -1i64,
        Some(Ordering::Greater) => 1,
        _ => 0,
    };
    let (mut sum, mut untied_a, mut untied_b) = (0i64, 0i64, 0i64);
    for i in 0..a.len() {
        for j in 0..i {
            let (in_a, in_b) = (sign(a, i, j), sign(b, i, j));
            sum += in_a * in_b;
            untied_a += in_a.abs();
            untied_b += in_b.abs();
        }
    }
    let untied = (untied_a as f64).sqrt() * (untied_b as f64).sqrt();
    (untied > 0.0).then(|| (sum as f64 / untied).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &[f64], b: &[f64], expect: Option<f64>) {
        let found = kendall(a, b);
        let near = found.zip(expect).is_none_or(|(found, expect)| (found - expect).abs() < 1e-12);
        assert!(near && found.is_some() == expect.is_some(), "{found:?}, not {expect:?}");
    }

    #[test]
    fn pairs_in_the_same_order() {
        check(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0], Some(1.0));
        check(&[1.0, 2.0, 3.0, 4.0], &[4.0, 3.0, 2.0, 1.0], Some(-1.0));
        check(&[1.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 4.0, 3.0], Some(1.0 / 3.0));
        check(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0], Some(2.0 / 6.0f64.sqrt()));
        check(&[1.0, 1.0], &[1.0, 2.0], None);
        check(&[], &[], None);
    }
}
