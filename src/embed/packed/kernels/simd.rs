//! What do the kernels ask of a processor? Vectors of floats and integers, and sums of products.

use std::fmt::Debug;

use bytemuck::{Pod, Zeroable};
use half::bf16;

use super::{Finish, Panels, Rows};
use crate::similarity::Isa;

/// The vector instructions of a processor; a value is the proof that it has them.
///
/// The kernels are written once against this. Their shells, one an instruction set, are compiled with its
/// instructions; everything else is inlined into them.
pub(super) trait Simd: Copy + Debug {
    /// [`Simd::LANES`] floats.
    type Floats: Copy;
    /// As many integers of 32 bits, or groups of four bytes or of two 16-bit integers.
    type Ints: Copy;
    /// The same in memory.
    type Block: Pod;

    const ISA: Isa;
    /// Numbers in a vector.
    const LANES: usize;
    /// Rows of a tile: as many sums as there are registers for.
    const ROWS: usize;
    /// The largest 8-bit weight with which [`Simd::dot_bytes`] is exact.
    const BYTE_WEIGHT_MAX: i32;
    /// The least 8-bit code of [`Simd::dot_bytes`]; the largest is 255 more.
    const BYTE_MIN: i32;

    fn splat(self, value: f32) -> Self::Floats;
    fn load(self, block: &Self::Block) -> Self::Floats;
    fn store(self, floats: Self::Floats, block: &mut Self::Block);
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn div(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn min(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// Returns a · b + c.
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// Turns a square of [`Simd::LANES`] rows, `from_stride` and `to_stride` numbers apart: rows become columns.
    fn turn(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize);
    /// Adds up all lanes.
    fn sum(self, floats: Self::Floats) -> f32;
    /// Returns the largest of all lanes.
    fn largest(self, floats: Self::Floats) -> f32;

    /// Rounds to the nearest integers.
    fn round(self, floats: Self::Floats) -> Self::Ints;
    fn to_floats(self, ints: Self::Ints) -> Self::Floats;
    /// Returns 2ⁿ for −126 ≤ n ≤ 127.
    fn power_of_two(self, exponents: Self::Ints) -> Self::Floats;
    fn splat_bits(self, bits: u32) -> Self::Ints;
    fn load_bits(self, block: &Self::Block) -> Self::Ints;
    fn add_ints(self, a: Self::Ints, b: Self::Ints) -> Self::Ints;
    /// Adds to each lane the products of its four codes (from [`Simd::BYTE_MIN`] on) with four signed weights (at most
    /// [`Simd::BYTE_WEIGHT_MAX`]).
    fn dot_bytes(self, sums: Self::Ints, codes: Self::Ints, weights: Self::Ints) -> Self::Ints;
    /// Adds to each lane the products of its two signed codes with two signed weights of 16 bits.
    fn dot_words(self, sums: Self::Ints, codes: Self::Ints, weights: Self::Ints) -> Self::Ints;
    /// Stores the lowest byte of each lane; `bytes` are as many as lanes.
    fn store_bytes(self, ints: Self::Ints, bytes: &mut [u8]);
    /// Stores the lower half of each lane, whose value fits 16 bits.
    fn store_words(self, ints: Self::Ints, words: &mut [i16]);

    /// Returns the first and the second of the two bf16 of each lane.
    #[inline(always)]
    fn bfloats(self, block: &Self::Block) -> [Self::Floats; 2] {
        let mut halves = [Self::Block::zeroed(); 2];
        for (place, half) in halves.iter_mut().enumerate() {
            let bits: &[bf16] = bytemuck::cast_slice(std::slice::from_ref(block));
            let floats: &mut [f32] = bytemuck::cast_slice_mut(std::slice::from_mut(half));
            for (lane, float) in floats.iter_mut().enumerate() {
                *float = bits[2 * lane + place].to_f32();
            }
        }
        [self.load(&halves[0]), self.load(&halves[1])]
    }
    /// Stores each lane rounded to a bf16; `halves` are as many as lanes.
    #[inline(always)]
    fn store_bfloats(self, floats: Self::Floats, halves: &mut [bf16]) {
        let mut block = Self::Block::zeroed();
        self.store(floats, &mut block);
        for (half, float) in halves.iter_mut().zip(bytemuck::cast_slice(std::slice::from_ref(&block))) {
            *half = bf16::from_f32(*float);
        }
    }
    /// Multiplies rows with columns in tiles and tells whether it did; most processors have none.
    #[inline(always)]
    fn product_of_tiles(self, _rows: &Rows<'_>, _panels: &Panels, _finish: Finish, _out: &mut [f32]) -> bool {
        false
    }
}

/// Defines methods of [`Simd`] that are one instruction each.
macro_rules! instructions {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $value:expr;)*) => {
        $(
            #[inline(always)]
            fn $name(self, $($argument: $kind),*) -> $result {
                // SAFETY: a value of this type is made only where the processor has the instruction, and what is read
                // or written is a block of as many bytes as the instruction touches.
                unsafe { $value }
            }
        )*
    };
}
pub(super) use instructions;
