//! Can the answer be exact? A scan over every row.

use super::{Index, Neighbor, by_similarity_then_position, sort_neighbors};
use crate::embeddings::Embeddings;
use crate::similarity::rows;

/// The exact index: compares a query with every row.
#[derive(Debug, Clone, Copy)]
pub struct Flat<'a> {
    embeddings: &'a Embeddings,
}

impl<'a> Flat<'a> {
    /// Searches `embeddings`, whose rows are posts by position.
    #[must_use]
    pub fn new(embeddings: &'a Embeddings) -> Flat<'a> {
        Flat { embeddings }
    }
}

impl Index for Flat<'_> {
    fn nearest(&self, query: &[f32], k: usize) -> Vec<Neighbor> {
        let mut similarities = vec![0.0; self.embeddings.len()];
        rows(query, self.embeddings.as_slice(), &mut similarities);
        let mut neighbors: Vec<Neighbor> = similarities
            .into_iter()
            .enumerate()
            .map(|(position, similarity)| Neighbor { position, similarity })
            .collect();
        if k == 0 {
            return Vec::new();
        }
        if k < neighbors.len() {
            neighbors.select_nth_unstable_by(k - 1, by_similarity_then_position);
            neighbors.truncate(k);
        }
        sort_neighbors(&mut neighbors);
        neighbors
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::similarity::dot;

    proptest! {
        #[test]
        fn equals_sort_then_take(values in prop::collection::vec(-2i8..=2, 4 * 12), k in 0usize..15) {
            let values: Vec<f32> = values.into_iter().map(f32::from).collect();
            let Ok(embeddings) = Embeddings::from_rows(4, values) else { return Ok(()) };
            let query = embeddings.row(0);
            let mut expect: Vec<(f32, usize)> =
                (0..embeddings.len()).map(|row| (dot(query, embeddings.row(row)), row)).collect();
            expect.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            expect.truncate(k);
            let found: Vec<(f32, usize)> = Flat::new(&embeddings)
                .nearest(query, k)
                .into_iter()
                .map(|neighbor| (neighbor.similarity, neighbor.position))
                .collect();
            prop_assert_eq!(found, expect);
        }
    }
}
