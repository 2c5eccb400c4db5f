//! On which vectors can an index be tried when there are none? Clusters, as texts make them.

use crate::embeddings::Embeddings;

/// Vectors a cluster, on average.
const CLUSTER: usize = 50;
/// How far a vector lies from the middle of its cluster, as a multiple of the middle's length: the cosine of two of one
/// cluster is near 1 / (1 + 1) = 0.5, as between summaries about one subject.
const SPREAD: f32 = 1.0;

/// Makes `rows` unit vectors of `dimension` components around one middle in 50, all drawn from `seed`.
///
/// Middles and deviations are normally distributed in every direction. Unlike vectors of texts, the clusters are all
/// alike and there is nothing between them; what is measured on these says how an index behaves, not how it behaves on
/// texts.
///
/// # Panics
/// `dimension` is 0.
#[must_use]
pub fn clustered_vectors(rows: usize, dimension: usize, seed: u64) -> Embeddings {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut vector = |scale: f32| -> Vec<f32> { (0..dimension).map(|_| scale * normal(&mut random)).collect() };
    let middles: Vec<Vec<f32>> = (0..rows.div_ceil(CLUSTER)).map(|_| vector(1.0)).collect();
    let mut values = Vec::with_capacity(rows * dimension);
    for row in 0..rows {
        let middle = &middles[row % middles.len()];
        values.extend(vector(SPREAD).iter().zip(middle).map(|(deviation, middle)| middle + deviation));
    }
    Embeddings::from_rows(dimension, values).expect("normal deviates are finite and not all zero")
}

/// Draws a normal deviate by the method of Box and Muller, Annals of Mathematical Statistics 29 (1958).
fn normal(random: &mut fastrand::Rng) -> f32 {
    let radius = (-2.0 * (1.0 - random.f32()).ln()).sqrt();
    radius * (std::f32::consts::TAU * random.f32()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::dot;

    #[test]
    fn rows_of_a_cluster_are_near_and_the_seed_decides() {
        let vectors = clustered_vectors(200, 384, 5);
        assert_eq!((vectors.len(), vectors.dimension()), (200, 384));
        let (same, other) = (dot(vectors.row(0), vectors.row(4)), dot(vectors.row(0), vectors.row(1)));
        assert!((0.3..0.7).contains(&same) && other.abs() < 0.25, "{same} {other}");
        assert_eq!(vectors, clustered_vectors(200, 384, 5));
        assert_ne!(vectors, clustered_vectors(200, 384, 6));
        assert!(clustered_vectors(0, 3, 5).is_empty());
    }
}
