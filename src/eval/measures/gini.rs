//! Gini: is every post shown alike, or always the same few?
//!
//! Gini's coefficient of concentration (1912), of how often each post is shown, as in Adomavicius and Kwon, "Improving
//! aggregate recommendation diversity using ranking-based techniques", IEEE TKDE 24(5), 2012.

/// Returns Gini's coefficient of how often each post is shown, posts that never are included: 0 (all alike) to
/// 1 − 1/n (always the same one of n); `None` where nothing is shown.
///
/// With counts x ascending it is Σ (2i − n − 1) · xᵢ / (n · Σ x), i from 1.
#[must_use]
pub fn gini(times_shown: &[usize]) -> Option<f64> {
    let mut sorted = times_shown.to_vec();
    sorted.sort_unstable();
    let (posts, total) = (sorted.len() as f64, sorted.iter().sum::<usize>() as f64);
    let weighed = |(at, &times): (usize, &usize)| (2.0 * (at + 1) as f64 - posts - 1.0) * times as f64;
    (total > 0.0).then(|| sorted.iter().enumerate().map(weighed).sum::<f64>() / (posts * total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_all_alike_to_always_the_same() {
        assert_eq!(gini(&[3, 3, 3, 3]), Some(0.0));
        assert_eq!(gini(&[0, 8, 0, 0]), Some(0.75));
        assert_eq!(gini(&[1, 3]), Some(0.25));
        assert_eq!(gini(&[0, 0]), None);
        assert_eq!(gini(&[]), None);
    }
}
