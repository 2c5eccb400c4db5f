//! How much must be kept in sight? Recall by `ef_search`, measured on the corpus itself.

use super::{Hnsw, Scratch, Search};
use crate::embeddings::Embeddings;
use crate::index::{Flat, FlatScratch, Neighbor, ann_recall};

/// The beams that are tried.
const BEAMS: [usize; 10] = [10, 15, 20, 30, 45, 70, 110, 180, 320, 640];
/// Neighbors of each query.
const K: usize = 10;
/// Queries that are asked at most.
const QUERIES: usize = 200;
/// How much of a second post is mixed into a query.
const SHARE: f32 = 0.5;

/// Recall by `ef_search` on one corpus.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// `ef_search` and the mean ann_recall@10, 0 to 1, by `ef_search` ascending.
    pub points: Vec<(usize, f64)>,
    /// How many queries were asked.
    pub queries: usize,
}

impl Calibration {
    /// Measures a graph against the exact index.
    ///
    /// The queries are blends of two posts drawn by chance, x + 0.5 y: like what is asked for, and in no index.
    #[must_use]
    pub fn measure(hnsw: &Hnsw<'_>, flat: &Flat<'_>, embeddings: &Embeddings, seed: u64) -> Calibration {
        let queries = blends(embeddings, seed);
        let (mut exact_scratch, mut scratch) = (FlatScratch::default(), Scratch::default());
        let mut exact = |query: &Vec<f32>| flat.nearest_in(query, K, None, &mut exact_scratch);
        let exact: Vec<Vec<Neighbor>> = queries.iter().map(&mut exact).collect();
        let mut recall = |ef_search: usize| {
            let search = Search { k: K, ef_search, among: None };
            let found = queries.iter().map(|query| hnsw.search(query, &search, &mut scratch));
            found.zip(&exact).map(|(found, exact)| ann_recall(&found, exact, K)).sum::<f64>() / queries.len() as f64
        };
        let points = match queries.is_empty() {
            true => Vec::new(),
            false => BEAMS.iter().map(|&beam| (beam, recall(beam))).collect(),
        };
        Calibration { points, queries: queries.len() }
    }

    /// Returns the `ef_search` that reaches a recall, between two measured ones in proportion; none where the largest
    /// falls short.
    #[must_use]
    pub fn ef_for(&self, recall: f64) -> Option<usize> {
        let reached = self.points.iter().position(|&(_, measured)| measured >= recall)?;
        let (ef, above) = self.points[reached];
        let Some(&(less, below)) = reached.checked_sub(1).and_then(|before| self.points.get(before)) else {
            return Some(ef);
        };
        let share = (recall - below) / (above - below).max(f64::EPSILON);
        Some((less as f64 + share * (ef - less) as f64).ceil() as usize)
    }

    /// Returns the recall at an `ef_search`, between two measured ones in proportion; none below the least measured.
    #[must_use]
    pub fn recall_at(&self, ef_search: usize) -> Option<f64> {
        let after = self.points.partition_point(|&(ef, _)| ef <= ef_search);
        let (less, below) = *self.points.get(after.checked_sub(1)?)?;
        let Some(&(more, above)) = self.points.get(after) else { return Some(below) };
        Some(below + (above - below) * (ef_search - less) as f64 / (more - less) as f64)
    }
}

fn blends(embeddings: &Embeddings, seed: u64) -> Vec<Vec<f32>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let count = if embeddings.len() < 2 { 0 } else { QUERIES.min(embeddings.len()) };
    let mut blend = || {
        let (one, other) = (random.usize(0..embeddings.len()), random.usize(0..embeddings.len()));
        let mixed = embeddings.row(one).iter().zip(embeddings.row(other)).map(|(x, y)| x + SHARE * y).collect();
        // Opposite posts could cancel each other out only at equal shares: a blend always has a direction.
        let unit = Embeddings::from_rows(embeddings.dimension(), mixed);
        unit.map_or_else(|_| embeddings.row(one).to_vec(), |unit| unit.row(0).to_vec())
    };
    (0..count).map(|_| blend()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Bulk, Graph, HnswOptions, Layers};
    use super::*;

    #[test]
    fn finds_the_beam_for_a_recall() {
        let points = vec![(10, 0.8), (20, 0.9), (40, 0.98)];
        let calibration = Calibration { points, queries: 200 };
        assert_eq!(calibration.ef_for(0.5), Some(10));
        assert_eq!(calibration.ef_for(0.85), Some(15));
        assert_eq!(calibration.ef_for(0.98), Some(40));
        assert_eq!(calibration.ef_for(0.99), None);
        assert_eq!(calibration.recall_at(9), None);
        assert!((calibration.recall_at(30).unwrap() - 0.94).abs() < 1e-9);
        assert_eq!(calibration.recall_at(1_000), Some(0.98));
    }

    #[test]
    fn measures_a_corpus() {
        let mut random = fastrand::Rng::with_seed(5);
        for rows in [0, 1, 2, 500] {
            let embeddings = Embeddings::from_rows(6, (0..rows * 6).map(|_| random.f32() - 0.5).collect()).unwrap();
            let options = HnswOptions::default();
            let layers = Layers::bulk(&embeddings, &options, &Bulk::default(), &mut |_| ()).unwrap();
            let graph = Graph::freeze(&embeddings, &layers, &options).unwrap();
            let hnsw = Hnsw::new(&graph, &embeddings);
            let measured = Calibration::measure(&hnsw, &Flat::new(&embeddings), &embeddings, 1);
            assert_eq!(measured.queries, if rows < 2 { 0 } else { rows.min(QUERIES) });
            assert!(measured.points.iter().all(|&(ef, recall)| ef < 110 || recall > 0.99), "{measured:?}");
        }
    }
}
