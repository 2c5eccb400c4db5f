//! How small can a vector be? Eight bits a component, of which the upper four alone tell most.
//!
//! A component `v` becomes the byte `u = round(v / step) + 128`, 0 to 255, and stands for `(u − 128) × step`. The upper
//! and the lower four bits of a row's bytes lie in two *planes*: a scan reads the upper plane, half of the bytes, and
//! looks at the lower one only where the upper cannot decide. The upper four bits alone stand for the middle of the 16
//! bytes that share them, `(16 × (u >> 4) − 120.5) × step`.

use super::{Kernels, LINE_BYTES, Line, prefetch};

/// Components of a vector, at most: a sum of so many products of bytes fits 32 bits.
const DIMENSION_MAX: usize = 1 << 16;
/// Components that one line of a plane holds.
const LINE_COMPONENTS: usize = 2 * LINE_BYTES;
/// The byte of zero.
const ZERO: f32 = 128.0;
/// What the bytes with equal upper bits stand for, less 16 times those bits.
const HIGH_OFFSET: f32 = 120.5;
/// Rows that are looked at to choose a step.
const SAMPLE_ROWS: usize = 2_000;
/// Rows of codes that are asked for ahead of their use.
const AHEAD_ROWS: usize = 16;

/// How many bits the step is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// Only the upper plane will be read: a finer step, which cuts more of the largest components off.
    Four,
    /// Both planes will be read.
    Eight,
}

/// The codes of unit vectors, `n × dimension`, in two planes.
#[derive(Debug, Clone, PartialEq)]
pub struct Codes {
    dimension: usize,
    step: f32,
    high: Vec<Line>,
    low: Vec<Line>,
    errors: Vec<Errors>,
    error_max: f32,
}

/// How far the codes of a vector are from it: the Euclidean length of the difference.
///
/// For unit vectors `x` and `q` with codes `x̂` and `q̂` that are off by `e` and `f`, the inner product of the codes is
/// off by at most `e + (1 + e) f`: x·q − x̂·q̂ = (x − x̂)·q + x̂·(q − q̂), where |x̂| ≤ 1 + e, by Cauchy and Schwarz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Errors {
    /// Of the upper four bits alone.
    pub high: f32,
    /// Of all eight.
    pub full: f32,
}

/// The code of one query: a signed byte a component, with a step of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryCode {
    dimension: usize,
    lines: Vec<Line>,
    step: f32,
    sum: i32,
    /// The Euclidean length of the codes, in steps.
    length: f32,
    error: f32,
}

/// Returns how many lines a row of a plane takes.
#[must_use]
pub fn plane_lines(dimension: usize) -> usize {
    dimension.div_ceil(LINE_COMPONENTS)
}

/// Chooses the step for `values` (`n × dimension`, row-major, unit rows) with which codes are off least, in the mean
/// square over a sample of the rows; components beyond the last byte are cut off.
#[must_use]
pub fn choose_step(values: &[f32], dimension: usize, bits: Bits) -> f32 {
    let rows = values.len() / dimension.max(1);
    let stride = rows.div_ceil(SAMPLE_ROWS).max(1);
    let sample: Vec<f32> = values.chunks_exact(dimension.max(1)).step_by(stride).flatten().copied().collect();
    let largest = sample.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    let loss = |step: &f32| -> f64 {
        let off = |value: &f32| f64::from(value - stands_for(code(*value, *step), *step, bits));
        sample.iter().map(|value| off(value).powi(2)).sum()
    };
    let steps = (4..=32).map(|part| largest / 127.0 * (part as f32 / 32.0)).filter(|step| *step > 0.0);
    steps.map(|step| (loss(&step), step)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0 / 127.0, |(_, step)| step)
}

/// Adding a half before the cast, which cuts off, rounds; the cast also keeps what is beyond the last byte there.
fn code(value: f32, step: f32) -> u8 {
    (value / step + (ZERO + 0.5)) as u8
}

fn stands_for(code: u8, step: f32, bits: Bits) -> f32 {
    match bits {
        Bits::Four => (16.0 * f32::from(code >> 4) - HIGH_OFFSET) * step,
        Bits::Eight => (f32::from(code) - ZERO) * step,
    }
}

/// Writes the upper and lower bits of a row's bytes to its lines, and returns how far off they are.
///
/// # Panics
/// The lines are not [`plane_lines`] of `row`.
pub fn encode(row: &[f32], step: f32, high: &mut [Line], low: &mut [Line]) -> Errors {
    assert!(high.len() == plane_lines(row.len()) && low.len() == high.len(), "the lines of a row");
    let (mut off_high, mut off_full) = (0.0f64, 0.0f64);
    high.fill(Line([0x88; LINE_BYTES]));
    low.fill(Line::ZERO);
    for (part, values) in row.chunks(LINE_BYTES).enumerate() {
        let shift = 4 * (part % 2);
        let (high, low) = (&mut high[part / 2].0, &mut low[part / 2].0);
        for (at, &value) in values.iter().enumerate() {
            let byte = code(value, step);
            high[at] = high[at] & !(15 << shift) | (byte >> 4) << shift;
            low[at] |= (byte & 15) << shift;
            off_high += f64::from(value - stands_for(byte, step, Bits::Four)).powi(2);
            off_full += f64::from(value - stands_for(byte, step, Bits::Eight)).powi(2);
        }
    }
    Errors { high: off_high.sqrt() as f32, full: off_full.sqrt() as f32 }
}

impl Codes {
    /// Encodes `values` (`n × dimension`, row-major, unit rows), with a step chosen for `bits`.
    ///
    /// # Panics
    /// `dimension` is 0, above 65,536 (sums would not fit 32 bits), or does not divide the count of values.
    #[must_use]
    pub fn new(values: &[f32], dimension: usize, bits: Bits) -> Codes {
        Codes::with_step(values, dimension, choose_step(values, dimension, bits))
    }

    /// Encodes `values` with a given step.
    ///
    /// # Panics
    /// As [`Codes::new`].
    #[must_use]
    pub fn with_step(values: &[f32], dimension: usize, step: f32) -> Codes {
        assert!(values.len().is_multiple_of(dimension), "whole rows");
        assert!(dimension <= DIMENSION_MAX, "at most {DIMENSION_MAX} components");
        let (rows, lines) = (values.len() / dimension, plane_lines(dimension));
        let (mut high, mut low) = (vec![Line::ZERO; rows * lines], vec![Line::ZERO; rows * lines]);
        let planes = high.chunks_exact_mut(lines).zip(low.chunks_exact_mut(lines));
        let errors = values.chunks_exact(dimension).zip(planes);
        let errors: Vec<Errors> = errors.map(|(row, (high, low))| encode(row, step, high, low)).collect();
        let error_max = errors.iter().fold(0.0, |largest: f32, errors| largest.max(errors.high));
        Codes { dimension, step, high, low, errors, error_max }
    }

    /// Returns how many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Tells whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns the length of a vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Returns what one unit of a code stands for.
    #[must_use]
    pub fn step(&self) -> f32 {
        self.step
    }

    /// Returns the upper plane, [`plane_lines`] lines a row.
    #[must_use]
    pub fn high(&self) -> &[Line] {
        &self.high
    }

    /// Returns how far off each row's codes are.
    #[must_use]
    pub fn errors(&self) -> &[Errors] {
        &self.errors
    }

    /// Returns the largest error of the upper bits alone.
    #[must_use]
    pub fn error_max(&self) -> f32 {
        self.error_max
    }

    /// Returns the bytes that the codes take in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(self.high.as_slice()) + size_of_val(self.low.as_slice()) + size_of_val(self.errors.as_slice())
    }

    /// Writes the whole bytes of a row to `out`, one a component, with the byte of zero behind the last.
    pub(super) fn row_bytes(&self, row: usize, out: &mut [u8]) {
        let lines = plane_lines(self.dimension);
        let places = row * lines..(row + 1) * lines;
        let planes = self.high[places.clone()].iter().zip(&self.low[places]);
        for ((high, low), out) in planes.zip(out.chunks_exact_mut(LINE_COMPONENTS)) {
            let (first, second) = out.split_at_mut(LINE_BYTES);
            for at in 0..LINE_BYTES {
                first[at] = high.0[at] << 4 | low.0[at] & 15;
                second[at] = high.0[at] & 0xf0 | low.0[at] >> 4;
            }
        }
    }

    /// Writes the sums of the upper plane's rows from `first` on with a query to `out`; see [`QueryCode::high`].
    ///
    /// # Panics
    /// There are not so many rows, or the query is of other length.
    pub fn high_sums(&self, kernels: Kernels, query: &QueryCode, first: usize, out: &mut [i32]) {
        assert_eq!(query.dimension, self.dimension, "a query of the same dimension");
        let lines = plane_lines(self.dimension);
        kernels.nibbles(&query.lines, &self.high[first * lines..(first + out.len()) * lines], out);
    }

    /// Appends the sums of the lower plane's rows `at` with a query to `out`; see [`QueryCode::full`].
    ///
    /// # Panics
    /// There is no such row, or the query is of other length.
    pub fn low_sums_at(&self, kernels: Kernels, query: &QueryCode, at: &[u32], out: &mut Vec<i32>) {
        let lines = plane_lines(self.dimension);
        assert_eq!(query.dimension, self.dimension, "a query of the same dimension");
        let mut groups = at.chunks(AHEAD_ROWS).peekable();
        while let Some(group) = groups.next() {
            if let Some(next) = groups.peek() {
                ask_for(&self.low, lines, next);
            }
            kernels.nibbles_at(&query.lines, &self.low, group, out);
        }
    }
}

/// Asks for the rows `at` of a plane of so many lines a row, because they will be read soon.
///
/// # Panics
/// There is no such row.
#[inline]
pub fn ask_for(plane: &[Line], lines: usize, at: &[u32]) {
    for &at in at {
        prefetch(&plane[at as usize * lines..(at as usize + 1) * lines]);
    }
}

/// Appends the sums of the rows `at` of an upper plane that stands alone with a query to `out`; see [`ask_for`].
///
/// The plane does not tell where its rows begin: they have to be of the query's length.
///
/// # Panics
/// There is no such row.
pub fn high_sums_at(kernels: Kernels, query: &QueryCode, plane: &[Line], at: &[u32], out: &mut Vec<i32>) {
    kernels.nibbles_at(&query.lines, plane, at, out);
}

/// Returns what rounding can add to the difference between two ways of computing a similarity of unit vectors.
#[must_use]
pub fn rounding(dimension: usize) -> f32 {
    (dimension as f32 / 16.0 + 8.0) * f32::EPSILON + 1e-6
}

impl QueryCode {
    /// Encodes a query.
    #[must_use]
    pub fn new(query: &[f32]) -> QueryCode {
        let lines = vec![Line::ZERO; 2 * plane_lines(query.len())];
        let mut code = QueryCode { dimension: query.len(), lines, step: 1.0, sum: 0, length: 0.0, error: 0.0 };
        code.set(query);
        code
    }

    /// Encodes another query.
    ///
    /// # Panics
    /// It is of another dimension.
    pub fn set(&mut self, query: &[f32]) {
        assert_eq!(query.len(), self.dimension, "a query of the same dimension");
        let largest = query.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        self.step = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let (mut sum, mut squares, mut off) = (0, 0.0f32, 0.0f64);
        for (line, values) in self.lines.iter_mut().zip(query.chunks(LINE_BYTES)) {
            for (byte, &value) in line.0.iter_mut().zip(values) {
                let rounded = code(value, self.step).wrapping_sub(ZERO as u8).cast_signed();
                sum += i32::from(rounded);
                squares += f32::from(rounded).powi(2);
                off += f64::from(value - f32::from(rounded) * self.step).powi(2);
                *byte = rounded.cast_unsigned();
            }
        }
        (self.sum, self.length, self.error) = (sum, squares.sqrt(), off.sqrt() as f32);
    }

    /// Returns the length of the query.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Returns how far the code is from the query: the Euclidean length of the difference.
    #[must_use]
    pub fn error(&self) -> f32 {
        self.error
    }

    /// Returns the standard deviation of what rounding to four bits adds to a sum of the upper plane, where components are
    /// off by up to half a unit, one as often as another: 1 / √12 each.
    #[must_use]
    pub fn high_deviation(&self) -> f32 {
        self.length / 12.0f32.sqrt()
    }

    /// Returns the inner product with codes of `step` by their upper bits, from the sum of the upper plane.
    #[must_use]
    pub fn high(&self, sum: i32, step: f32) -> f32 {
        let units = 16.0 * f64::from(sum) - f64::from(HIGH_OFFSET) * f64::from(self.sum);
        (units * f64::from(self.step * step)) as f32
    }

    /// Returns the inner product with codes of `step` by all their bits, from the sums of both planes.
    #[must_use]
    pub fn full(&self, high: i32, low: i32, step: f32) -> f32 {
        (f64::from(16 * high + low - 128 * self.sum) * f64::from(self.step * step)) as f32
    }

    /// Returns the largest sum of the upper plane that stands for less than `similarity`, or one below it.
    #[must_use]
    pub fn sum_below(&self, similarity: f32, step: f32) -> i32 {
        let units = f64::from(similarity) / f64::from(self.step * step);
        let sum = (units + f64::from(HIGH_OFFSET) * f64::from(self.sum)) / 16.0;
        // One lower than the quotient, which rounding may have raised.
        (sum.floor() as i32).saturating_sub(1)
    }

    /// Returns the code's bytes, signed.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the sum of the code's bytes and what one unit of them stands for.
    pub(super) fn terms(&self) -> (i32, f32) {
        (self.sum, self.step)
    }
}
