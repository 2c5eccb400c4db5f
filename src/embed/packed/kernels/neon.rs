//! NEON of 64-bit Arm, with its dot products of bytes where the processor has them.

use std::arch::aarch64::*;

use super::simd::{Simd, instructions};
use crate::similarity::Isa;

/// Defines a set of 128-bit instructions; only the sums of products of bytes differ.
macro_rules! neon {
    ($name:ident, $isa:expr, $dot_bytes:ident) => {
        #[derive(Debug, Clone, Copy)]
        pub(in crate::embed::packed) struct $name(());

        impl $name {
            /// Returns the proof that this processor has the instructions.
            pub(super) fn new() -> Option<$name> {
                super::has(Self::ISA).then_some($name(()))
            }
        }

        impl Simd for $name {
            type Floats = float32x4_t;
            type Ints = int32x4_t;
            type Block = [u32; 4];

            const ISA: Isa = $isa;
            const LANES: usize = 4;
            const ROWS: usize = 12;
            const BYTE_WEIGHT_MAX: i32 = 127;
            // Its products of bytes are of signed ones.
            const BYTE_MIN: i32 = -128;

            instructions! {
                fn splat(value: f32) -> float32x4_t = vdupq_n_f32(value);
                fn load(block: &[u32; 4]) -> float32x4_t = vld1q_f32(block.as_ptr().cast());
                fn store(floats: float32x4_t, block: &mut [u32; 4]) -> () = vst1q_f32(block.as_mut_ptr().cast(), floats);
                fn add(a: float32x4_t, b: float32x4_t) -> float32x4_t = vaddq_f32(a, b);
                fn sub(a: float32x4_t, b: float32x4_t) -> float32x4_t = vsubq_f32(a, b);
                fn mul(a: float32x4_t, b: float32x4_t) -> float32x4_t = vmulq_f32(a, b);
                fn div(a: float32x4_t, b: float32x4_t) -> float32x4_t = vdivq_f32(a, b);
                fn min(a: float32x4_t, b: float32x4_t) -> float32x4_t = vminq_f32(a, b);
                fn max(a: float32x4_t, b: float32x4_t) -> float32x4_t = vmaxq_f32(a, b);
                fn mul_add(a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t = vfmaq_f32(c, a, b);
                fn sum(floats: float32x4_t) -> f32 = vaddvq_f32(floats);
                fn largest(floats: float32x4_t) -> f32 = vmaxvq_f32(floats);
                fn round(floats: float32x4_t) -> int32x4_t = vcvtnq_s32_f32(floats);
                fn to_floats(ints: int32x4_t) -> float32x4_t = vcvtq_f32_s32(ints);
                fn power_of_two(exponents: int32x4_t) -> float32x4_t =
                    vreinterpretq_f32_s32(vshlq_n_s32::<23>(vaddq_s32(exponents, vdupq_n_s32(127))));
                fn splat_bits(bits: u32) -> int32x4_t = vdupq_n_s32(bits.cast_signed());
                fn load_bits(block: &[u32; 4]) -> int32x4_t = vld1q_s32(block.as_ptr().cast());
                fn add_ints(a: int32x4_t, b: int32x4_t) -> int32x4_t = vaddq_s32(a, b);
                fn dot_bytes(sums: int32x4_t, codes: int32x4_t, weights: int32x4_t) -> int32x4_t =
                    $dot_bytes(sums, codes, weights);
                fn dot_words(sums: int32x4_t, codes: int32x4_t, weights: int32x4_t) -> int32x4_t =
                    multiply_words(sums, codes, weights);
            }

            #[inline(always)]
            fn turn(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
                let at = |row: usize| from[row * from_stride..][..4].as_ptr();
                // SAFETY: the proof as above; each slice is the 16 bytes that are read.
                let turned = unsafe {
                    let rows = [vld1q_f32(at(0)), vld1q_f32(at(1)), vld1q_f32(at(2)), vld1q_f32(at(3))];
                    let (even, odd) = (vtrnq_f32(rows[0], rows[1]), vtrnq_f32(rows[2], rows[3]));
                    let low = |a, b| vcombine_f32(vget_low_f32(a), vget_low_f32(b));
                    let high = |a, b| vcombine_f32(vget_high_f32(a), vget_high_f32(b));
                    [low(even.0, odd.0), low(even.1, odd.1), high(even.0, odd.0), high(even.1, odd.1)]
                };
                for (row, turned) in turned.into_iter().enumerate() {
                    let to = &mut to[row * to_stride..][..4];
                    // SAFETY: the proof as above; the slice is the 16 bytes that are written.
                    unsafe { vst1q_f32(to.as_mut_ptr(), turned) };
                }
            }

            #[inline(always)]
            fn store_bytes(self, ints: int32x4_t, bytes: &mut [u8]) {
                let bytes = &mut bytes[..4];
                // SAFETY: the proof as above; only lane 0, which is there, is read.
                let joined = unsafe {
                    let words = vmovn_s32(ints);
                    vget_lane_u32::<0>(vreinterpret_u32_s8(vmovn_s16(vcombine_s16(words, words))))
                };
                bytes.copy_from_slice(&joined.to_ne_bytes());
            }

            #[inline(always)]
            fn store_words(self, ints: int32x4_t, words: &mut [i16]) {
                let words = &mut words[..4];
                // SAFETY: the proof as above; the slice is the 8 bytes that are written.
                unsafe { vst1_s16(words.as_mut_ptr(), vmovn_s32(ints)) };
            }
        }
    };
}

neon!(Neon, Isa::Neon, multiply_bytes);
neon!(NeonDotprod, Isa::NeonDotprod, dot_products);

/// Two products of bytes (127 · 128 each at most) stay within 16 bits, their sum of two would not: 32 bits at once.
#[inline]
#[target_feature(enable = "neon")]
fn multiply_bytes(sums: int32x4_t, codes: int32x4_t, weights: int32x4_t) -> int32x4_t {
    let (codes, weights) = (vreinterpretq_s8_s32(codes), vreinterpretq_s8_s32(weights));
    let low = vpaddlq_s16(vmull_s8(vget_low_s8(codes), vget_low_s8(weights)));
    let high = vpaddlq_s16(vmull_high_s8(codes, weights));
    vaddq_s32(sums, vpaddq_s32(low, high))
}

/// Not the intrinsic, which is not stable yet; the instruction is.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot_products(sums: int32x4_t, codes: int32x4_t, weights: int32x4_t) -> int32x4_t {
    let mut sums = sums;
    // SAFETY: the instruction is there with the target feature; it reads and writes only these registers.
    unsafe {
        std::arch::asm!(
            "sdot {sums:v}.4s, {codes:v}.16b, {weights:v}.16b",
            sums = inout(vreg) sums, codes = in(vreg) codes, weights = in(vreg) weights,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sums
}

#[inline]
#[target_feature(enable = "neon")]
fn multiply_words(sums: int32x4_t, codes: int32x4_t, weights: int32x4_t) -> int32x4_t {
    let (codes, weights) = (vreinterpretq_s16_s32(codes), vreinterpretq_s16_s32(weights));
    let low = vmull_s16(vget_low_s16(codes), vget_low_s16(weights));
    let high = vmull_high_s16(codes, weights);
    vaddq_s32(sums, vpaddq_s32(low, high))
}
