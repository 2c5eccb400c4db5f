//! Do all instruction sets say what the plain loops say, and do the codes keep their bounds?
//!
//! Only what this processor runs is tested; `tests/it/isa.rs` tells what was left out, and fails if it should not have been.

#[cfg(not(miri))]
mod at_least;
mod blocks;
mod bounds;
mod codes;
mod floats;
#[cfg(not(miri))]
mod history;
mod integers;

use fastrand::Rng;

use super::{Isa, Kernels, LINE_BYTES, Line};

/// Every dimension up to two lines of a plane and two components more.
const LENGTHS: std::ops::RangeInclusive<usize> = 0..=130;

/// The dimensions around the borders of a line, and those of usual models.
const DIMENSIONS: &[usize] = if cfg!(miri) { &[65] } else { &[1, 63, 64, 65, 127, 128, 129, 384, 768] };

/// The kernels of each instruction set that this processor runs; the plain loops come first.
fn all_kernels() -> Vec<Kernels> {
    Isa::ALL.into_iter().filter_map(Kernels::for_isa).collect()
}

fn scalar() -> Kernels {
    Kernels::for_isa(Isa::Scalar).unwrap()
}

/// All of `values`, or a few where each step is interpreted.
fn few_under_miri<T>(values: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    values.into_iter().skip(usize::from(cfg!(miri))).step_by(if cfg!(miri) { 24 } else { 1 })
}

/// Ids below `rows` in any order, some of them more than once.
fn ids(rng: &mut Rng, rows: usize, count: usize) -> Vec<u32> {
    (0..count).map(|_| rng.u32(0..u32::try_from(rows).unwrap())).collect()
}

/// How a unit vector is made whose code may go wrong.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Random,
    OneHot,
    Constant,
    TwoValued,
    /// Mostly small, with a few components so large that a good step cuts them off.
    Outliers,
}

impl Shape {
    const ALL: [Shape; 5] = [Shape::Random, Shape::OneHot, Shape::Constant, Shape::TwoValued, Shape::Outliers];

    fn unit_vector(self, rng: &mut Rng, dimension: usize) -> Vec<f32> {
        let hot = rng.usize(..dimension);
        let mut values: Vec<f64> = (0..dimension)
            .map(|at| match self {
                Shape::Random => rng.f64() - 0.5,
                Shape::OneHot => f64::from(u8::from(at == hot)),
                Shape::Constant => 1.0,
                Shape::TwoValued => [1.0, -0.3][rng.usize(..2)],
                Shape::Outliers => (rng.f64() - 0.5) * if at == hot || rng.u8(..) == 0 { 30.0 } else { 1.0 },
            })
            .collect();
        let norm = values.iter().map(|value| value * value).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        let sign = [1.0, -1.0][rng.usize(..2)];
        values.iter_mut().for_each(|value| *value *= sign / norm);
        values.into_iter().map(|value| value as f32).collect()
    }

    /// Rows of this shape, row-major.
    fn matrix(self, rng: &mut Rng, rows: usize, dimension: usize) -> Vec<f32> {
        (0..rows).flat_map(|_| self.unit_vector(rng, dimension)).collect()
    }
}

/// The byte that a component becomes.
fn byte(value: f32, step: f32) -> u8 {
    (f64::from(value / step) + 128.5).floor().clamp(0.0, 255.0) as u8
}

/// The signed byte that a component of a query becomes.
fn signed(value: f32, step: f32) -> i32 {
    i32::from(byte(value, step)) - 128
}

/// The step of a query's code.
fn query_step(query: &[f32]) -> f32 {
    query.iter().fold(0.0f32, |largest, value| largest.max(value.abs())) / 127.0
}

fn exact_dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}
