//! Novelty: how far is a list from what the reader has read?
//!
//! The distance-based novelty of Castells, Hurley and Vargas, "Novelty and diversity in recommender systems",
//! Recommender Systems Handbook, 2015 (section 26.3), with the nearest read post instead of the mean over all, as
//! everywhere in nextread.

use crate::embeddings::Embeddings;
use crate::similarity::dot;

/// Returns the mean novelty of the posts at `positions`: of each 1 − its largest similarity to the history, 0 (read
/// that already) to 1 (and up to 2 for opposites); `None` where there is no post or no history.
///
/// For related posts the history is the query post.
///
/// # Panics
/// A position is not below the number of embeddings.
#[must_use]
pub fn novelty(positions: &[usize], history: &[usize], embeddings: &Embeddings) -> Option<f64> {
    let each: Option<Vec<f64>> = positions.iter().map(|&post| of_post(post, history, embeddings)).collect();
    let each = each.filter(|each| !each.is_empty())?;
    Some(each.iter().sum::<f64>() / each.len() as f64)
}

/// Returns the novelty of one post; `None` where there is no history.
pub(super) fn of_post(post: usize, history: &[usize], embeddings: &Embeddings) -> Option<f64> {
    let similarities = history.iter().map(|&read| f64::from(dot(embeddings.row(post), embeddings.row(read))));
    similarities.max_by(f64::total_cmp).map(|nearest| 1.0 - nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_read_post_counts() {
        let embeddings = Embeddings::from_rows(2, vec![1.0, 0.0, 0.0, 1.0, 0.8, 0.6]).unwrap();
        let check = |positions: &[usize], history: &[usize], expect: Option<f64>| {
            let found = novelty(positions, history, &embeddings);
            assert!((found.unwrap_or(-9.0) - expect.unwrap_or(-9.0)).abs() < 1e-6, "{found:?}, not {expect:?}");
            assert_eq!(found.is_some(), expect.is_some());
        };
        check(&[1], &[0], Some(1.0));
        check(&[2], &[0, 1], Some(0.2));
        check(&[1, 2], &[0], Some(0.6));
        check(&[0], &[0], Some(0.0));
        check(&[], &[0], None);
        check(&[0], &[], None);
    }
}
