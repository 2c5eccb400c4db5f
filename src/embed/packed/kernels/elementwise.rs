//! What happens to a row between two products? Norm, activation, and its codes for the next product.

use half::bf16;

use super::simd::Simd;
use super::{Arithmetic, Coding, Norm, WORD_MAX};
use crate::embed::folder::Activation;

impl Activation {
    /// Returns a number that no result is below.
    pub(in crate::embed::packed) fn least(self) -> f32 {
        match self {
            // GELU is least near −0.7518, where it is −0.16997, and its approximation differs by less than 0.001.
            Activation::Gelu | Activation::GeluTanh => -0.171,
            Activation::Relu => 0.0,
        }
    }
}

/// Normalises each row to mean 0 and variance 1, times the emphases, codes that, and then scales and shifts it.
///
/// Ba, Kiros and Hinton, "Layer Normalization" (2016).
#[inline(always)]
pub(super) fn norm<S: Simd>(simd: S, rows: &mut [f32], norm: &Norm, coding: &mut Coding<'_>) {
    let width = norm.gains.len();
    let share = 1.0 / width as f32;
    let [gains, shifts, emphases] = [&norm.gains, &norm.shifts, &norm.emphases].map(|values| blocks::<S>(values));
    for (at, row) in rows.chunks_exact_mut(width).enumerate() {
        let row: &mut [S::Block] = bytemuck::cast_slice_mut(row);
        let mut sum = simd.splat(0.0);
        for value in &*row {
            sum = simd.add(sum, simd.load(value));
        }
        let mean = simd.splat(share * simd.sum(sum));
        let mut sum = simd.splat(0.0);
        for value in &*row {
            let off = simd.sub(simd.load(value), mean);
            sum = simd.mul_add(off, off, sum);
        }
        let scale = simd.splat(1.0 / (share * simd.sum(sum) + norm.epsilon).sqrt());
        let last = row.len();
        let (gains, shifts, emphases) = (&gains[..last], &shifts[..last], &emphases[..last]);
        for at in 0..last {
            let normal = simd.mul(simd.sub(simd.load(&row[at]), mean), scale);
            simd.store(simd.mul(normal, simd.load(&emphases[at])), &mut row[at]);
        }
        coding.code_symmetric(simd, at, row);
        for at in 0..last {
            let scaled = simd.mul_add(simd.load(&row[at]), simd.load(&gains[at]), simd.load(&shifts[at]));
            simd.store(scaled, &mut row[at]);
        }
    }
}

#[inline(always)]
fn blocks<S: Simd>(values: &[f32]) -> &[S::Block] {
    bytemuck::cast_slice(values)
}

/// Codes each row of `width` numbers as it is.
#[inline(always)]
pub(super) fn code<S: Simd>(simd: S, rows: &[f32], width: usize, coding: &mut Coding<'_>) {
    for (at, row) in rows.chunks_exact(width).enumerate() {
        coding.code_symmetric(simd, at, blocks::<S>(row));
    }
}

/// Applies the activation to each row of `width` numbers and codes the results.
#[inline(always)]
pub(super) fn activate<S: Simd>(
    simd: S,
    activation: Activation,
    rows: &mut [f32],
    width: usize,
    coding: &mut Coding<'_>,
) {
    for (at, row) in rows.chunks_exact_mut(width).enumerate() {
        let row: &mut [S::Block] = bytemuck::cast_slice_mut(row);
        let mut largest = simd.splat(0.0);
        for value in &mut *row {
            let x = simd.load(value);
            let y = match activation {
                Activation::Gelu => gelu(simd, x),
                Activation::GeluTanh => gelu_tanh(simd, x),
                Activation::Relu => simd.max(x, simd.splat(0.0)),
            };
            largest = simd.max(largest, y);
            simd.store(y, value);
        }
        coding.code_from(simd, at, row, activation.least(), simd.largest(largest));
    }
}

impl Coding<'_> {
    /// Codes a row whose numbers lie around 0.
    #[inline(always)]
    fn code_symmetric<S: Simd>(&mut self, simd: S, at: usize, row: &[S::Block]) {
        let half = match self.arithmetic {
            Arithmetic::Single => return,
            Arithmetic::Bfloats => return self.halve(simd, at, row),
            Arithmetic::Words => WORD_MAX as f32,
            Arithmetic::Bytes => 127.0,
        };
        let mut largest = simd.splat(0.0);
        for value in row {
            let x = simd.load(value);
            largest = simd.max(largest, simd.max(x, simd.sub(simd.splat(0.0), x)));
        }
        self.put(simd, at, row, 0.0, simd.largest(largest) / half, S::BYTE_MIN + 128);
    }

    /// Codes a row whose numbers lie between `least` and `largest`.
    #[inline(always)]
    fn code_from<S: Simd>(&mut self, simd: S, at: usize, row: &[S::Block], least: f32, largest: f32) {
        match self.arithmetic {
            Arithmetic::Single => {}
            Arithmetic::Bfloats => self.halve(simd, at, row),
            Arithmetic::Words => self.put(simd, at, row, 0.0, largest.max(-least) / WORD_MAX as f32, 0),
            Arithmetic::Bytes => self.put(simd, at, row, least, (largest - least) / 255.0, S::BYTE_MIN),
        }
    }

    /// Rounds each number of a row to a bf16.
    #[inline(always)]
    fn halve<S: Simd>(&mut self, simd: S, at: usize, row: &[S::Block]) {
        self.scales[at] = 1.0;
        let halves: &mut [bf16] = bytemuck::cast_slice_mut(&mut self.codes[at * self.stride..][..self.stride]);
        for (value, at) in row.iter().zip((0..).step_by(S::LANES)) {
            simd.store_bfloats(simd.load(value), &mut halves[at..at + S::LANES]);
        }
    }

    /// Writes `(value − least) / step + zero` for each number of a row.
    #[inline(always)]
    fn put<S: Simd>(&mut self, simd: S, at: usize, row: &[S::Block], least: f32, step: f32, zero: i32) {
        // A row of zeros has any step: its codes are all the code of 0.
        let step = if step > 0.0 { step } else { 1.0 };
        self.scales[at] = step;
        let inverse = simd.splat(1.0 / step);
        let shift = simd.splat(-least / step);
        match self.arithmetic {
            Arithmetic::Single | Arithmetic::Bfloats => {}
            Arithmetic::Words => {
                let words: &mut [i16] = bytemuck::cast_slice_mut(&mut self.codes[at * self.stride..][..self.stride]);
                for (value, at) in row.iter().zip((0..).step_by(S::LANES)) {
                    let code = simd.round(simd.mul_add(simd.load(value), inverse, shift));
                    simd.store_words(code, &mut words[at..at + S::LANES]);
                }
            }
            Arithmetic::Bytes => {
                let zero = simd.splat_bits(zero.cast_unsigned());
                let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.codes[at * self.stride..][..self.stride]);
                for (value, at) in row.iter().zip((0..).step_by(S::LANES)) {
                    let code = simd.round(simd.mul_add(simd.load(value), inverse, shift));
                    simd.store_bytes(simd.add_ints(code, zero), &mut bytes[at..at + S::LANES]);
                }
            }
        }
    }
}

/// Returns x · Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel, 2016).
///
/// Φ(x) − ½ = x · P(x²) / Q(x²) for |x| ≤ 5.5 and constant beyond, fitted by us; off by 1.2 · 10⁻⁶ at most.
#[inline(always)]
fn gelu<S: Simd>(simd: S, x: S::Floats) -> S::Floats {
    const P: [f32; 6] = [2.275_005_6e-8, 6.351_845e-6, 1.688_049_8e-4, 4.677_133e-3, 3.385_075_6e-2, 3.989_422_3e-1];
    const Q: [f32; 6] = [1.197_503_9e-6, 7.364_018e-5, 1.884_328_3e-3, 2.864_476e-2, 2.515_171_8e-1, 1.0];
    let near = simd.min(simd.max(x, simd.splat(-5.5)), simd.splat(5.5));
    let square = simd.mul(near, near);
    let ratio = simd.div(polynomial(simd, square, &P), polynomial(simd, square, &Q));
    simd.mul(x, simd.mul_add(near, ratio, simd.splat(0.5)))
}

/// Returns the approximation of [`gelu`] by tanh, as some models were trained with.
#[inline(always)]
fn gelu_tanh<S: Simd>(simd: S, x: S::Floats) -> S::Floats {
    // x (1 + tanh u) / 2 = x / (1 + exp(−2 u)), u = √(2/π) (x + 0.044715 x³).
    let cube = simd.mul(simd.mul(x, x), x);
    let inner = simd.mul_add(cube, simd.splat(0.044_715), x);
    let power = exp(simd, simd.mul(inner, simd.splat(-2.0 * 0.797_884_6)));
    simd.div(x, simd.add(power, simd.splat(1.0)))
}

/// Returns eˣ, off by 10⁻⁷ of it; x counts as −87 at least and 88 at most.
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::Floats) -> S::Floats {
    const P: [f32; 6] = [8.297_646e-3, 4.191_538_3e-2, 1.666_757_5e-1, 4.999_889_4e-1, 9.999_997e-1, 1.000_000_1];
    let x = simd.min(simd.max(x, simd.splat(-87.0)), simd.splat(88.0));
    let exponent = simd.round(simd.mul(x, simd.splat(std::f32::consts::LOG2_E)));
    let whole = simd.to_floats(exponent);
    // ln 2 in two parts, the first with few digits, so that the product is exact.
    let rest = simd.mul_add(whole, simd.splat(-0.693_359_4), x);
    let rest = simd.mul_add(whole, simd.splat(2.121_944_4e-4), rest);
    simd.mul(polynomial(simd, rest, &P), simd.power_of_two(exponent))
}

#[inline(always)]
fn polynomial<S: Simd>(simd: S, x: S::Floats, coefficients: &[f32; 6]) -> S::Floats {
    let mut sum = simd.splat(coefficients[0]);
    for &coefficient in &coefficients[1..] {
        sum = simd.mul_add(sum, x, simd.splat(coefficient));
    }
    sum
}
