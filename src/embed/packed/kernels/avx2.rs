//! AVX2 with FMA, and with dot products of bytes (AVX-VNNI) where the processor has them.

use std::arch::x86_64::*;

use super::simd::{Simd, instructions};
use crate::similarity::Isa;

/// Defines a set of 256-bit instructions; only the sums of products differ.
macro_rules! avx2 {
    ($name:ident, $isa:expr, $weight_max:literal, $dot_bytes:ident, $dot_words:ident) => {
        #[derive(Debug, Clone, Copy)]
        pub(in crate::embed::packed) struct $name(());

        impl $name {
            /// Returns the proof that this processor has the instructions.
            pub(super) fn new() -> Option<$name> {
                super::has(Self::ISA).then_some($name(()))
            }
        }

        impl Simd for $name {
            type Floats = __m256;
            type Ints = __m256i;
            type Block = [u32; 8];

            const ISA: Isa = $isa;
            const LANES: usize = 8;
            const ROWS: usize = 6;
            const BYTE_WEIGHT_MAX: i32 = $weight_max;
            const BYTE_MIN: i32 = 0;

            instructions! {
                fn splat(value: f32) -> __m256 = _mm256_set1_ps(value);
                fn load(block: &[u32; 8]) -> __m256 = _mm256_loadu_ps(block.as_ptr().cast());
                fn store(floats: __m256, block: &mut [u32; 8]) -> () =
                    _mm256_storeu_ps(block.as_mut_ptr().cast(), floats);
                fn add(a: __m256, b: __m256) -> __m256 = _mm256_add_ps(a, b);
                fn sub(a: __m256, b: __m256) -> __m256 = _mm256_sub_ps(a, b);
                fn mul(a: __m256, b: __m256) -> __m256 = _mm256_mul_ps(a, b);
                fn div(a: __m256, b: __m256) -> __m256 = _mm256_div_ps(a, b);
                fn min(a: __m256, b: __m256) -> __m256 = _mm256_min_ps(a, b);
                fn max(a: __m256, b: __m256) -> __m256 = _mm256_max_ps(a, b);
                fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 = _mm256_fmadd_ps(a, b, c);
                fn sum(floats: __m256) -> f32 = sum(floats);
                fn largest(floats: __m256) -> f32 = largest(floats);
                fn round(floats: __m256) -> __m256i = _mm256_cvtps_epi32(floats);
                fn to_floats(ints: __m256i) -> __m256 = _mm256_cvtepi32_ps(ints);
                fn power_of_two(exponents: __m256i) -> __m256 =
                    _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_add_epi32(exponents, _mm256_set1_epi32(127))));
                fn splat_bits(bits: u32) -> __m256i = _mm256_set1_epi32(bits.cast_signed());
                fn load_bits(block: &[u32; 8]) -> __m256i = _mm256_loadu_si256(block.as_ptr().cast());
                fn add_ints(a: __m256i, b: __m256i) -> __m256i = _mm256_add_epi32(a, b);
                fn dot_bytes(sums: __m256i, codes: __m256i, weights: __m256i) -> __m256i =
                    $dot_bytes(sums, codes, weights);
                fn dot_words(sums: __m256i, codes: __m256i, weights: __m256i) -> __m256i =
                    $dot_words(sums, codes, weights);
            }

            #[inline(always)]
            fn turn(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
                let mut rows = [self.splat(0.0); 8];
                for (at, row) in rows.iter_mut().enumerate() {
                    let from = &from[at * from_stride..][..8];
                    // SAFETY: the proof as above; the slice is the 32 bytes that are read.
                    *row = unsafe { _mm256_loadu_ps(from.as_ptr()) };
                }
                // SAFETY: the proof as above.
                let turned = unsafe { turn(rows) };
                for at in 0..8 {
                    let to = &mut to[at * to_stride..][..8];
                    // SAFETY: the proof as above; the slice is the 32 bytes that are written.
                    unsafe { _mm256_storeu_ps(to.as_mut_ptr(), turned[at]) };
                }
            }

            #[inline(always)]
            fn store_bytes(self, ints: __m256i, bytes: &mut [u8]) {
                let bytes = &mut bytes[..8];
                // SAFETY: the proof as above; the slice is the 8 bytes that are written.
                unsafe { _mm_storel_epi64(bytes.as_mut_ptr().cast(), low_bytes(ints)) };
            }

            #[inline(always)]
            fn store_words(self, ints: __m256i, words: &mut [i16]) {
                let words = &mut words[..8];
                // SAFETY: the proof as above; the slice is the 16 bytes that are written.
                unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), low_words(ints)) };
            }
        }
    };
}

avx2!(Avx2, Isa::Avx2, 64, multiply_bytes, multiply_words);
avx2!(Avx2Vnni, Isa::Avx2Vnni, 127, _mm256_dpbusd_avx_epi32, _mm256_dpwssd_avx_epi32);

#[inline]
#[target_feature(enable = "avx2")]
fn sum(floats: __m256) -> f32 {
    let halves = _mm_add_ps(_mm256_castps256_ps128(floats), _mm256_extractf128_ps::<1>(floats));
    let quarters = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
    _mm_cvtss_f32(_mm_add_ss(quarters, _mm_movehdup_ps(quarters)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn largest(floats: __m256) -> f32 {
    let halves = _mm_max_ps(_mm256_castps256_ps128(floats), _mm256_extractf128_ps::<1>(floats));
    let quarters = _mm_max_ps(halves, _mm_movehl_ps(halves, halves));
    _mm_cvtss_f32(_mm_max_ss(quarters, _mm_movehdup_ps(quarters)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn low_words(ints: __m256i) -> __m128i {
    _mm_packs_epi32(_mm256_castsi256_si128(ints), _mm256_extracti128_si256::<1>(ints))
}

/// Turns a square: pairs of rows, then fours, then both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn turn(rows: [__m256; 8]) -> [__m256; 8] {
    let mut pairs = rows;
    for at in 0..4 {
        pairs[2 * at] = _mm256_unpacklo_ps(rows[2 * at], rows[2 * at + 1]);
        pairs[2 * at + 1] = _mm256_unpackhi_ps(rows[2 * at], rows[2 * at + 1]);
    }
    let mut fours = pairs;
    for at in [0, 4] {
        for half in 0..2 {
            let (first, second) = (pairs[at + half], pairs[at + half + 2]);
            fours[at + 2 * half] = _mm256_shuffle_ps::<0x44>(first, second);
            fours[at + 2 * half + 1] = _mm256_shuffle_ps::<0xee>(first, second);
        }
    }
    let mut turned = fours;
    for at in 0..4 {
        turned[at] = _mm256_permute2f128_ps::<0x20>(fours[at], fours[at + 4]);
        turned[at + 4] = _mm256_permute2f128_ps::<0x31>(fours[at], fours[at + 4]);
    }
    turned
}

/// Codes are 0 to 255.
#[inline]
#[target_feature(enable = "avx2")]
fn low_bytes(ints: __m256i) -> __m128i {
    let words = low_words(ints);
    _mm_packus_epi16(words, words)
}

/// Two products of a code (255 at most) and a weight (64 at most) stay within 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn multiply_bytes(sums: __m256i, codes: __m256i, weights: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(codes, weights);
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn multiply_words(sums: __m256i, codes: __m256i, weights: __m256i) -> __m256i {
    _mm256_add_epi32(sums, _mm256_madd_epi16(codes, weights))
}
