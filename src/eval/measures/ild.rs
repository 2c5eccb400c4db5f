//! ILD: how unlike one another are the posts of one list?
//!
//! Ziegler, McNee, Konstan and Lausen, "Improving recommendation lists through topic diversification", WWW 2005, and
//! Zhang and Hurley, "Avoiding monotony", RecSys 2008; here with cosine similarity.

use crate::embeddings::Embeddings;
use crate::similarity::dot;

/// Returns the intra-list diversity of the posts at `positions`: the mean of 1 − similarity over all pairs, 0 (all the
/// same) to 2 (unrelated posts: about 1); `None` for fewer than two posts.
///
/// # Panics
/// A position is not below the number of embeddings.
#[must_use]
pub fn ild(positions: &[usize], embeddings: &Embeddings) -> Option<f64> {
    let mut sum = 0.0;
    for (at, &a) in positions.iter().enumerate() {
        for &b in &positions[at + 1..] {
            sum += 1.0 - f64::from(dot(embeddings.row(a), embeddings.row(b)));
        }
    }
    let pairs = positions.len() * positions.len().saturating_sub(1) / 2;
    (pairs > 0).then(|| sum / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_over_pairs() {
        let embeddings = Embeddings::from_rows(2, vec![1.0, 0.0, 0.0, 1.0, -1.0, 0.0]).unwrap();
        let check = |positions: &[usize], expect| assert_eq!(ild(positions, &embeddings), expect);
        check(&[0, 1], Some(1.0));
        check(&[0, 1, 2], Some(4.0 / 3.0));
        check(&[0, 0], Some(0.0));
        check(&[0], None);
        check(&[], None);
    }
}
