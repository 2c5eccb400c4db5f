//! How are weights laid out, and how much is rounded off? Once, when a model is opened.

use half::bf16;

use super::kernels::{Arithmetic, Kernels, Norm, Panels, Shape, WIDTH, WORD_MAX, round};
use crate::similarity::Line;

/// What the rows are that a matrix will be multiplied with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Input {
    /// Numbers around 0.
    AroundZero,
    /// Numbers from so much on.
    From(f32),
}

/// A linear layer as it was trained: `columns × inputs`, row-major, and a bias a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Linear {
    pub(super) inputs: usize,
    pub(super) weights: Vec<f32>,
    pub(super) biases: Vec<f32>,
}

/// One column as integers.
struct Coded {
    weights: Vec<i32>,
    scale: f32,
}

impl Linear {
    /// Puts layers of the same input side by side.
    pub(super) fn stack(layers: [Linear; 3]) -> Linear {
        let inputs = layers[0].inputs;
        let (weights, biases): (Vec<_>, Vec<_>) = layers.into_iter().map(|layer| (layer.weights, layer.biases)).unzip();
        Linear { inputs, weights: weights.concat(), biases: biases.concat() }
    }

    /// Multiplies all results.
    pub(super) fn scale(&mut self, factor: f32) {
        self.weights.iter_mut().chain(&mut self.biases).for_each(|value| *value *= factor);
    }

    /// Takes the gains and shifts of the norm before the layer into it, so that it takes what is only normalised.
    ///
    /// Each input is emphasised as much as it weighs in the results, and its weights are divided by that: rounding
    /// errors of a row, which are of one size for all inputs, then add as little as they can to the results (as
    /// `SmoothQuant` does by measured sizes; Xiao et al., 2023).
    pub(super) fn fold(&mut self, norm: &mut Norm) {
        let mut squares = vec![0.0_f32; self.inputs];
        for row in self.weights.chunks_exact(self.inputs) {
            let weights = row.iter().zip(&norm.gains).map(|(weight, gain)| weight * gain);
            squares.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * weight);
        }
        let mean = squares.iter().sum::<f32>() / self.inputs as f32;
        // An input that weighs next to nothing is still told from nothing.
        norm.emphases = squares.iter().map(|square| (square / mean).sqrt().max(1e-3)).collect();
        for (row, bias) in self.weights.chunks_exact_mut(self.inputs).zip(&mut self.biases) {
            let shifted = row.iter().zip(&norm.shifts).map(|(weight, shift)| f64::from(*weight) * f64::from(*shift));
            *bias = (f64::from(*bias) + shifted.sum::<f64>()) as f32;
            let factors = norm.gains.iter().zip(&norm.emphases).map(|(gain, emphasis)| gain / emphasis);
            row.iter_mut().zip(factors).for_each(|(weight, factor)| *weight *= factor);
        }
        norm.gains.iter_mut().zip(&norm.emphases).for_each(|(gain, emphasis)| *gain /= emphasis);
    }

    /// Lays the weights out for `kernels`.
    pub(super) fn pack(&self, arithmetic: Arithmetic, input: Input, kernels: Kernels) -> Panels {
        let shape = kernels.shape();
        let (columns, per_group) = (self.biases.len(), arithmetic.of_group());
        let groups = self.inputs / per_group;
        debug_assert!(columns.is_multiple_of(WIDTH) && self.inputs.is_multiple_of(WIDTH));
        let mut weights = vec![Line::ZERO; columns * groups / 16];
        let (mut scales, mut biases) = (vec![1.0; columns], self.biases.clone());
        let mut starts = vec![0; columns];
        let bits: &mut [u32] = bytemuck::cast_slice_mut(&mut weights);
        for (column, row) in self.weights.chunks_exact(self.inputs).enumerate() {
            let (panel, place) = (column / shape.panel, column % shape.panel);
            let of_column = bits[panel * groups * shape.panel + place..].iter_mut().step_by(shape.panel);
            if arithmetic == Arithmetic::Single {
                of_column.zip(row).for_each(|(bits, weight)| *bits = weight.to_bits());
                continue;
            }
            if arithmetic == Arithmetic::Bfloats {
                let pairs =
                    row.chunks_exact(2).map(|pair| bytemuck::cast([bf16::from_f32(pair[0]), bf16::from_f32(pair[1])]));
                of_column.zip(pairs).for_each(|(bits, pair)| *bits = pair);
                continue;
            }
            let coded = code(row, arithmetic, shape);
            let sum: i32 = coded.weights.iter().sum();
            scales[column] = coded.scale;
            if arithmetic == Arithmetic::Bytes {
                let (zero, least) = match input {
                    Input::AroundZero => (shape.byte_min + 128, 0.0),
                    Input::From(least) => (shape.byte_min, least),
                };
                starts[column] = -zero * sum;
                biases[column] += least * coded.scale * sum as f32;
            }
            of_column.zip(coded.weights.chunks_exact(per_group)).for_each(|(bits, group)| *bits = join(group));
        }
        Panels { arithmetic, groups, columns, weights, scales, biases, starts }
    }
}

/// Rounds a column's weights to integers.
fn code(row: &[f32], arithmetic: Arithmetic, shape: Shape) -> Coded {
    let largest = row.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
    let scale = match arithmetic {
        Arithmetic::Bytes => largest / shape.byte_weight_max as f32,
        // All codes at their largest make a sum of WORD_MAX times that of the weights, which has to fit 32 bits, and
        // half of one more for each that is rounded up.
        _ => {
            let sums_max = (i32::MAX / WORD_MAX) as f32 - row.len() as f32;
            let sum: f32 = row.iter().map(|weight| weight.abs()).sum();
            (largest / f32::from(i16::MAX)).max(sum / sums_max)
        }
    };
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let inverse = 1.0 / scale;
    Coded { weights: row.iter().map(|weight| round(weight * inverse)).collect(), scale }
}

/// Joins two words or four bytes, the first in the lowest place.
fn join(group: &[i32]) -> u32 {
    let bits = 32 / group.len() as u32;
    let mask = u32::MAX >> (32 - bits);
    group.iter().rev().fold(0, |joined, &value| joined.checked_shl(bits).unwrap_or(0) | (value.cast_unsigned() & mask))
}
