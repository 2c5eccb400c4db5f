//! How many of the exact neighbors does an index find?

use super::Neighbor;

/// Returns ann_recall@k: the share of the `k` exactly nearest that are among the first `k` found, 0 to 1.
///
/// Both lists come nearest first, each position once, with similarities computed alike. Whatever is found with at least
/// the similarity of the k-th exact neighbor counts: of several with that similarity any will do, as in Aumüller,
/// Bernhardsson and Faithfull, "ANN-Benchmarks: A Benchmarking Tool for Approximate Nearest Neighbor Algorithms",
/// Information Systems 87 (2020). Where fewer than `k` exist the share is of those; where none exist it is 1.
#[must_use]
pub fn ann_recall(found: &[Neighbor], exact: &[Neighbor], k: usize) -> f64 {
    let exact = &exact[..k.min(exact.len())];
    let Some(last) = exact.last() else { return 1.0 };
    let near = |neighbor: &&Neighbor| neighbor.similarity >= last.similarity;
    let count = found.iter().take(k).filter(near).count();
    count.min(exact.len()) as f64 / exact.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: &[(usize, f32)], exact: &[(usize, f32)], k: usize, expect: f64) {
        let list = |pairs: &[(usize, f32)]| -> Vec<Neighbor> {
            pairs.iter().map(|&(position, similarity)| Neighbor { position, similarity }).collect()
        };
        assert_eq!(ann_recall(&list(found), &list(exact), k), expect, "{found:?} {exact:?} {k}");
    }

    #[test]
    fn is_the_share_that_was_found() {
        let exact = [(3, 0.9), (1, 0.8), (2, 0.7), (5, 0.7), (4, 0.1)];
        check(&exact, &exact, 5, 1.0);
        check(&[(3, 0.9), (2, 0.7), (4, 0.1)], &exact, 2, 0.5);
        check(&[(3, 0.9), (1, 0.8), (5, 0.7)], &exact, 3, 1.0);
        check(&[(3, 0.9)], &exact, 4, 0.25);
        check(&[], &exact, 4, 0.0);
        check(&exact[..2], &exact[..2], 10, 1.0);
        check(&[], &[], 10, 1.0);
        check(&exact, &exact, 0, 1.0);
    }
}
