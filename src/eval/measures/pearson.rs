//! Pearson's r: do two rows of numbers lie on a line?
//!
//! Pearson, "Notes on regression and inheritance in the case of two parents", Proceedings of the Royal Society 58, 1895.

/// Returns Pearson's correlation of two rows of numbers, −1 to 1; `None` where there are fewer than two or one row is
/// constant.
///
/// # Panics
/// The rows differ in length.
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "one number of each for each");
    let constant = |row: &[f64]| row.iter().all(|value| *value == row[0]);
    if a.len() < 2 || constant(a) || constant(b) {
        return None;
    }
    let mean = |row: &[f64]| row.iter().sum::<f64>() / row.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    Some((ab / (aa.sqrt() * bb.sqrt())).clamp(-1.0, 1.0)).filter(|r| r.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &[f64], b: &[f64], expect: Option<f64>) {
        let found = pearson(a, b);
        let near = found.zip(expect).is_none_or(|(found, expect)| (found - expect).abs() < 1e-12);
        assert!(near && found.is_some() == expect.is_some(), "{found:?}, not {expect:?}");
    }

    #[test]
    fn lines_and_what_is_none() {
        check(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0], Some(1.0));
        check(&[1.0, 2.0, 3.0], &[1.0, 0.0, -1.0], Some(-1.0));
        check(&[1.0, 2.0, 3.0, 4.0], &[1.0, -1.0, -1.0, 1.0], Some(0.0));
        check(&[1.0, 1.0], &[1.0, 2.0], None);
        check(&[1.0], &[1.0], None);
        check(&[], &[], None);
    }
}
