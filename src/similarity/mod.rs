//! How near are two vectors? Inner products of unit vectors; larger is nearer, everywhere.

mod codes;

pub use codes::{Code, quantize};

/// Independent partial sums of [`dot`]: as many as an AVX-512 register holds, so that the compiler can use vectors.
const LANES: usize = 16;

/// Returns the inner product of two vectors of one length; for unit vectors that is their cosine, −1 to 1.
///
/// The order of the additions is fixed, so that the same vectors give the same bits everywhere.
///
/// # Panics
/// The lengths differ.
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "vectors of one length");
    let (blocks_a, rest_a) = a.as_chunks::<LANES>();
    let (blocks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (x, y) in blocks_a.iter().zip(blocks_b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    for (lane, (x, y)) in rest_a.iter().zip(rest_b).enumerate() {
        sums[lane] += x * y;
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// Writes the inner product of `query` with each row of `matrix` (`out.len() × query.len()`, row-major) to `out`.
///
/// # Panics
/// `matrix` does not hold `out.len()` rows.
pub fn rows(query: &[f32], matrix: &[f32], out: &mut [f32]) {
    assert_eq!(matrix.len(), out.len() * query.len(), "one row for each result");
    for (row, similarity) in matrix.chunks_exact(query.len().max(1)).zip(out) {
        *similarity = dot(query, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudo_random(len: usize, mut state: u64) -> Vec<f32> {
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((state >> 40) as f32) / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    #[test]
    fn equals_the_plain_sum_at_every_length() {
        for len in 0..=130 {
            let (a, b) = (pseudo_random(len, 1), pseudo_random(len, 2));
            let exact: f64 = a.iter().zip(&b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
            let bound: f64 = a.iter().zip(&b).map(|(&x, &y)| (f64::from(x) * f64::from(y)).abs()).sum();
            let error = (f64::from(dot(&a, &b)) - exact).abs();
            assert!(error <= bound * f64::from(f32::EPSILON) * (len as f64 / 16.0 + 6.0), "length {len}: {error}");
        }
    }

    #[test]
    fn rows_are_dots() {
        let (query, matrix) = (pseudo_random(37, 3), pseudo_random(37 * 5, 4));
        let mut out = [0.0; 5];
        rows(&query, &matrix, &mut out);
        for (row, similarity) in out.iter().enumerate() {
            assert_eq!(*similarity, dot(&query, &matrix[row * 37..(row + 1) * 37]));
        }
    }
}
