//! How do the vectors of a text's word pieces become one vector?

/// How the vectors of a text's word pieces become one, as the model was trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// The mean of all word pieces, special tokens included.
    Mean,
    /// The first word piece.
    Cls,
    /// The largest value in each dimension.
    Max,
}

impl Pooling {
    /// Every way of pooling.
    pub const ALL: [Pooling; 3] = [Pooling::Mean, Pooling::Cls, Pooling::Max];

    /// Returns the word under which the choice is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Pooling::Mean => "mean",
            Pooling::Cls => "cls",
            Pooling::Max => "max",
        }
    }

    /// Pools sequences of these lengths that lie end to end in `hidden`.
    pub(super) fn pool_all(self, sequences: &[&[u32]], hidden: &[f32], dimension: usize) -> Vec<Vec<f32>> {
        let mut rest = hidden;
        let mut own = |sequence: &&[u32]| {
            let (own, others) = rest.split_at(sequence.len() * dimension);
            rest = others;
            self.pool(own, dimension)
        };
        sequences.iter().map(&mut own).collect()
    }

    /// Pools `hidden` (`word pieces × dimension`, row-major, at least one row) and scales the result to norm 1.
    ///
    /// A result that has no norm (NaN, zero) comes out as it is, for [`Embeddings`](crate::embeddings::Embeddings)
    /// to refuse.
    pub(super) fn pool(self, hidden: &[f32], dimension: usize) -> Vec<f32> {
        let mut rows = hidden.chunks_exact(dimension);
        let mut pooled = rows.next().map_or_else(|| vec![0.0; dimension], <[f32]>::to_vec);
        match self {
            Pooling::Cls => {}
            Pooling::Mean => {
                for row in rows {
                    pooled.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
                }
            }
            Pooling::Max => {
                for row in rows {
                    pooled.iter_mut().zip(row).for_each(|(most, value)| *most = larger(*most, *value));
                }
            }
        }
        // The scale of a sum and of a mean differ, their direction does not.
        scale_to_unit(&mut pooled);
        pooled
    }
}

/// The larger of two; NaN if either is, where `f32::max` would hide it.
fn larger(a: f32, b: f32) -> f32 {
    if a.is_nan() || a > b { a } else { b }
}

fn scale_to_unit(vector: &mut [f32]) {
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|value| *value /= norm);
    }
}

/// Averages unit vectors, each weighted by a count. The scale is left open: only the direction counts.
pub(super) fn weighted_sum<'a>(vectors: impl Iterator<Item = (&'a [f32], usize)>, dimension: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f32; dimension];
    for (vector, weight) in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value * weight as f32);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pooling: Pooling, hidden: &[f32], expect: [f32; 2]) {
        let pooled = pooling.pool(hidden, 2);
        assert!(pooled.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-6), "{pooling:?}: {pooled:?}");
    }

    #[test]
    fn pools_to_a_unit_vector() {
        let hidden = [3.0, 0.0, 0.0, 1.0, 0.0, 3.0];
        check(Pooling::Mean, &hidden, [0.6, 0.8]);
        check(Pooling::Cls, &hidden, [1.0, 0.0]);
        check(Pooling::Max, &hidden, [0.5_f32.sqrt(), 0.5_f32.sqrt()]);
        check(Pooling::Max, &[-1.0, -2.0, -3.0, 0.0], [-1.0, 0.0]);
    }

    #[test]
    fn hides_no_nan() {
        for pooling in Pooling::ALL {
            for hidden in [[f32::NAN, 1.0, 2.0, 1.0], [2.0, f32::NAN, 1.0, 1.0]] {
                assert!(pooling.pool(&hidden, 2).iter().any(|value| value.is_nan()), "{pooling:?}");
            }
        }
        assert!(Pooling::Max.pool(&[1.0, 1.0, 1.0, f32::NAN], 2).iter().any(|value| value.is_nan()));
    }

    #[test]
    fn windows_weigh_by_their_counts() {
        let windows: [(&[f32], usize); 2] = [(&[1.0, 0.0], 3), (&[0.0, 1.0], 1)];
        assert_eq!(weighted_sum(windows.into_iter(), 2), [3.0, 1.0]);
    }
}
