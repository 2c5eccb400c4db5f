//! Serendipity: how much of a list is both new and of use?
//!
//! After Ge, Delgado-Battenfeld and Jannach, "Beyond accuracy: evaluating recommender systems by coverage and
//! serendipity", RecSys 2010: what was not to be expected (here: novelty), weighed by its use (here: relevance).

use super::novelty::of_post;
use crate::embeddings::Embeddings;

/// Returns the mean of novelty × relevance over the posts at `positions`, 0 to 1 where relevance and novelty are;
/// `None` where there is no post or no history.
///
/// `relevance` holds one number a position, 0 to 1, of what the list is for: 1 and 0 for relevant by the judgments and
/// not, or the similarity to the query. Novelty is as in [`super::novelty`].
///
/// # Panics
/// There is not one relevance a position, or a position is not below the number of embeddings.
#[must_use]
pub fn serendipity(positions: &[usize], relevance: &[f64], history: &[usize], embeddings: &Embeddings) -> Option<f64> {
    assert_eq!(positions.len(), relevance.len(), "one relevance a post");
    let mut sum = 0.0;
    for (&post, relevance) in positions.iter().zip(relevance) {
        sum += of_post(post, history, embeddings)? * relevance;
    }
    (!positions.is_empty()).then(|| sum / positions.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_and_relevant_at_once() {
        let embeddings = Embeddings::from_rows(2, vec![1.0, 0.0, 0.0, 1.0]).unwrap();
        let check = |positions: &[usize], relevance: &[f64], history: &[usize], expect| {
            assert_eq!(serendipity(positions, relevance, history, &embeddings), expect);
        };
        check(&[1, 0], &[1.0, 1.0], &[0], Some(0.5));
        check(&[1, 1], &[0.5, 0.0], &[0], Some(0.25));
        check(&[1], &[1.0], &[], None);
        check(&[], &[], &[0], None);
    }
}
