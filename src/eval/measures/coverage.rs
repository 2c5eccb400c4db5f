//! Coverage: how much of the catalogue is ever shown?
//!
//! Herlocker, Konstan, Terveen and Riedl, "Evaluating collaborative filtering recommender systems", ACM TOIS 22(1), 2004
//! (section 4.1); catalogue coverage in the words of Ge, Delgado-Battenfeld and Jannach, RecSys 2010.

/// Counts in how many of `lists` each of `posts` posts is: the input of [`coverage`] and [`super::gini`].
///
/// # Panics
/// A position is not below `posts`.
#[must_use]
pub fn times_shown<'a>(lists: impl IntoIterator<Item = &'a [usize]>, posts: usize) -> Vec<usize> {
    let mut shown = vec![0; posts];
    for &position in lists.into_iter().flatten() {
        shown[position] += 1;
    }
    shown
}

/// Returns the share of all posts that are shown at least once, 0 to 1; `None` where there is no post.
#[must_use]
pub fn coverage(times_shown: &[usize]) -> Option<f64> {
    let ever = times_shown.iter().filter(|times| **times > 0).count();
    (!times_shown.is_empty()).then(|| ever as f64 / times_shown.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_that_are_shown_at_all() {
        let shown = times_shown([&[0, 1][..], &[1, 3], &[]], 5);
        assert_eq!(shown, [1, 2, 0, 1, 0]);
        assert_eq!(coverage(&shown), Some(0.6));
        assert_eq!(coverage(&[]), None);
        assert_eq!(coverage(&times_shown([], 3)), Some(0.0));
    }
}
