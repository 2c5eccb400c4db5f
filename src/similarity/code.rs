//! How small can a vector be? One signed byte a component and one scale a vector.

/// A vector in one signed byte a component; component `i` is about `codes[i] × scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// One a component, −127 to 127.
    pub codes: Vec<i8>,
    /// The largest component's absolute value divided by 127.
    pub scale: f32,
}

/// Rounds each component to the nearest of 255 steps.
///
/// A component is off by at most half a step, `scale / 2`. For unit vectors `x`, `y` of dimension `d` the inner
/// product of their codes is therefore within `(scale_x + scale_y) √d / 2 + scale_x · scale_y · d / 4` of the exact one:
/// |x·y − x̂·ŷ| ≤ ‖x − x̂‖‖y‖ + ‖y − ŷ‖‖x‖ + ‖x − x̂‖‖y − ŷ‖, by Cauchy and Schwarz.
#[must_use]
pub fn quantize(vector: &[f32]) -> Code {
    let largest = vector.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    let scale = largest / 127.0;
    if scale == 0.0 {
        return Code { codes: vec![0; vector.len()], scale };
    }
    let codes = vector.iter().map(|value| (value / scale).round().clamp(-127.0, 127.0) as i8).collect();
    Code { codes, scale }
}

impl Code {
    /// Returns the inner product with another code, within the bound that [`quantize`] states.
    ///
    /// # Panics
    /// The lengths differ.
    #[must_use]
    pub fn dot(&self, other: &Code) -> f32 {
        assert_eq!(self.codes.len(), other.codes.len(), "codes of one length");
        let sum: i32 = self.codes.iter().zip(&other.codes).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum();
        sum as f32 * self.scale * other.scale
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::similarity::dot;

    fn unit(vector: &[f32]) -> Vec<f32> {
        let norm = dot(vector, vector).sqrt().max(1e-6);
        vector.iter().map(|value| value / norm).collect()
    }

    proptest! {
        #[test]
        fn stays_within_the_stated_bound(
            a in prop::collection::vec(-1.0f32..1.0, 48),
            b in prop::collection::vec(-1.0f32..1.0, 48),
        ) {
            let (a, b) = (unit(&a), unit(&b));
            let (x, y) = (quantize(&a), quantize(&b));
            let dimension = 48.0f32;
            let bound = (x.scale + y.scale) * dimension.sqrt() / 2.0 + x.scale * y.scale * dimension / 4.0;
            prop_assert!((x.dot(&y) - dot(&a, &b)).abs() <= bound + 1e-5);
        }
    }

    #[test]
    fn zero_stays_zero() {
        assert_eq!(quantize(&[0.0; 3]), Code { codes: vec![0; 3], scale: 0.0 });
    }
}
