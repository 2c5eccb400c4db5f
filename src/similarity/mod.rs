//! How near are two vectors? Inner products of unit vectors; larger is nearer, everywhere.
//!
//! - [`dot`] and [`rows`]: floats, two vectors or one with many.
//! - [`Code`]: a signed byte a component, as sentences are stored.
//! - [`Codes`]: eight bits a component in two planes of four, and how far off they are.
//! - [`Kernels`]: the same for chosen rows, by the best instructions of this processor; all give the same bits.
//! - [`for_each_block`]: everything with everything.
//! - [`History`]: many vectors with a few, of which the nearest and the mean are wanted.
//! - [`Top`]: the largest of many.

#![allow(unsafe_code, reason = "vector instructions and prefetches; each use says why it is sound")]

mod blocks;
mod code;
mod codes;
mod history;
mod isa;
mod kernels;
mod line;
mod top;

#[cfg(test)]
mod tests;

pub use blocks::{BLOCK_COLUMNS, BlockRows, Panels, Sums, for_each_at_least, for_each_block};
pub use code::{Code, quantize};
pub use codes::{Bits, Codes, Errors, QueryCode, ask_for, choose_step, encode, high_sums_at, plane_lines, rounding};
pub use history::{History, Nearest};
pub use isa::prefetch;
pub use kernels::{Isa, Kernels};
pub use line::{LINE_BYTES, Line};
pub use top::{Ranked, Top, ranked, row_of, similarity_of};

/// Returns the inner product of two vectors of one length; for unit vectors that is their cosine, −1 to 1.
///
/// The order of the additions is fixed, so that the same vectors give the same bits everywhere.
///
/// # Panics
/// The lengths differ.
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "vectors of one length");
    isa::scalar::dot(a, b)
}

/// Writes the inner product of `query` with each row of `matrix` (`out.len() × query.len()`, row-major) to `out`.
///
/// # Panics
/// `matrix` does not hold `out.len()` rows.
pub fn rows(query: &[f32], matrix: &[f32], out: &mut [f32]) {
    Kernels::best().rows(query, matrix, out);
}
