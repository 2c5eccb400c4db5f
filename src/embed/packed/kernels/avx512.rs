//! AVX-512 (F, BW, VL), with VNNI and the tiles of AMX where the processor has them.

use std::arch::x86_64::*;

use half::bf16;

use super::simd::{Simd, instructions};
use super::{Finish, Panels, Rows, amx};
use crate::similarity::Isa;

/// Defines a set of 512-bit instructions; only the sums of products differ.
macro_rules! avx512 {
    ($name:ident, $isa:expr, $weight_max:literal, $dot_bytes:ident, $dot_words:ident, $($more:item)?) => {
        #[derive(Debug, Clone, Copy)]
        pub(in crate::embed::packed) struct $name(());

        impl $name {
            /// Returns the proof that this processor has the instructions.
            pub(super) fn new() -> Option<$name> {
                super::has(Self::ISA).then_some($name(()))
            }
        }

        impl Simd for $name {
            type Floats = __m512;
            type Ints = __m512i;
            type Block = [u32; 16];

            const ISA: Isa = $isa;
            const LANES: usize = 16;
            const ROWS: usize = 12;
            const BYTE_WEIGHT_MAX: i32 = $weight_max;
            const BYTE_MIN: i32 = 0;

            instructions! {
                fn splat(value: f32) -> __m512 = _mm512_set1_ps(value);
                fn load(block: &[u32; 16]) -> __m512 = _mm512_loadu_ps(block.as_ptr().cast());
                fn store(floats: __m512, block: &mut [u32; 16]) -> () =
                    _mm512_storeu_ps(block.as_mut_ptr().cast(), floats);
                fn add(a: __m512, b: __m512) -> __m512 = _mm512_add_ps(a, b);
                fn sub(a: __m512, b: __m512) -> __m512 = _mm512_sub_ps(a, b);
                fn mul(a: __m512, b: __m512) -> __m512 = _mm512_mul_ps(a, b);
                fn div(a: __m512, b: __m512) -> __m512 = _mm512_div_ps(a, b);
                fn min(a: __m512, b: __m512) -> __m512 = _mm512_min_ps(a, b);
                fn max(a: __m512, b: __m512) -> __m512 = _mm512_max_ps(a, b);
                fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 = _mm512_fmadd_ps(a, b, c);
                fn sum(floats: __m512) -> f32 = _mm512_reduce_add_ps(floats);
                fn largest(floats: __m512) -> f32 = _mm512_reduce_max_ps(floats);
                fn round(floats: __m512) -> __m512i = _mm512_cvtps_epi32(floats);
                fn to_floats(ints: __m512i) -> __m512 = _mm512_cvtepi32_ps(ints);
                fn power_of_two(exponents: __m512i) -> __m512 =
                    _mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_add_epi32(exponents, _mm512_set1_epi32(127))));
                fn splat_bits(bits: u32) -> __m512i = _mm512_set1_epi32(bits.cast_signed());
                fn load_bits(block: &[u32; 16]) -> __m512i = _mm512_loadu_si512(block.as_ptr().cast());
                fn add_ints(a: __m512i, b: __m512i) -> __m512i = _mm512_add_epi32(a, b);
                fn dot_bytes(sums: __m512i, codes: __m512i, weights: __m512i) -> __m512i =
                    $dot_bytes(sums, codes, weights);
                fn dot_words(sums: __m512i, codes: __m512i, weights: __m512i) -> __m512i =
                    $dot_words(sums, codes, weights);
            }

            #[inline(always)]
            fn turn(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
                let mut rows = [self.splat(0.0); 16];
                for (at, row) in rows.iter_mut().enumerate() {
                    let from = &from[at * from_stride..][..16];
                    // SAFETY: the proof as above; the slice is the 64 bytes that are read.
                    *row = unsafe { _mm512_loadu_ps(from.as_ptr()) };
                }
                // SAFETY: the proof as above.
                let turned = unsafe { turn(rows) };
                for at in 0..16 {
                    let to = &mut to[at * to_stride..][..16];
                    // SAFETY: the proof as above; the slice is the 64 bytes that are written.
                    unsafe { _mm512_storeu_ps(to.as_mut_ptr(), turned[at]) };
                }
            }

            #[inline(always)]
            fn store_bytes(self, ints: __m512i, bytes: &mut [u8]) {
                let bytes = &mut bytes[..16];
                // SAFETY: the proof as above; the slice is the 16 bytes that are written.
                unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(ints)) };
            }

            #[inline(always)]
            fn store_words(self, ints: __m512i, words: &mut [i16]) {
                let words = &mut words[..16];
                // SAFETY: the proof as above; the slice is the 32 bytes that are written.
                unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), _mm512_cvtepi32_epi16(ints)) };
            }

            #[inline(always)]
            fn store_bfloats(self, floats: __m512, halves: &mut [bf16]) {
                let halves = &mut halves[..16];
                // SAFETY: the proof as above; the slice is the 32 bytes that are written.
                unsafe { _mm256_storeu_si256(halves.as_mut_ptr().cast(), halve(floats)) };
            }

            $($more)?
        }
    };
}

avx512!(Avx512, Isa::Avx512, 64, multiply_bytes, multiply_words,);
avx512!(Avx512Vnni, Isa::Avx512Vnni, 127, _mm512_dpbusd_epi32, _mm512_dpwssd_epi32,);
avx512!(
    Amx,
    Isa::Amx,
    127,
    _mm512_dpbusd_epi32,
    _mm512_dpwssd_epi32,
    #[inline(always)]
    fn product_of_tiles(self, rows: &Rows<'_>, panels: &Panels, finish: Finish, out: &mut [f32]) -> bool {
        amx::product(self, rows, panels, finish, out)
    }
);

/// Rounds finite floats to bf16, of two to the even one.
#[inline]
#[target_feature(enable = "avx512f")]
fn halve(floats: __m512) -> __m256i {
    let bits = _mm512_castps_si512(floats);
    let even = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
    let rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), even);
    _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(rounded))
}

/// Turns a square: pairs of rows, then fours, then quarters of a vector twice.
#[inline]
#[target_feature(enable = "avx512f")]
fn turn(rows: [__m512; 16]) -> [__m512; 16] {
    let mut pairs = rows;
    for at in 0..8 {
        pairs[2 * at] = _mm512_unpacklo_ps(rows[2 * at], rows[2 * at + 1]);
        pairs[2 * at + 1] = _mm512_unpackhi_ps(rows[2 * at], rows[2 * at + 1]);
    }
    let mut fours = pairs;
    for at in 0..4 {
        for half in 0..2 {
            let (first, second) = (pairs[4 * at + half], pairs[4 * at + half + 2]);
            fours[4 * at + 2 * half] = _mm512_shuffle_ps::<0x44>(first, second);
            fours[4 * at + 2 * half + 1] = _mm512_shuffle_ps::<0xee>(first, second);
        }
    }
    // Number `4 at + place` now holds, in quarter q, column `4 q + place` of the rows `4 at` to `4 at + 3`.
    let mut turned = fours;
    for place in 0..4 {
        let low = _mm512_shuffle_f32x4::<0x88>(fours[place], fours[place + 4]);
        let high = _mm512_shuffle_f32x4::<0xdd>(fours[place], fours[place + 4]);
        let others_low = _mm512_shuffle_f32x4::<0x88>(fours[place + 8], fours[place + 12]);
        let others_high = _mm512_shuffle_f32x4::<0xdd>(fours[place + 8], fours[place + 12]);
        turned[place] = _mm512_shuffle_f32x4::<0x88>(low, others_low);
        turned[place + 8] = _mm512_shuffle_f32x4::<0xdd>(low, others_low);
        turned[place + 4] = _mm512_shuffle_f32x4::<0x88>(high, others_high);
        turned[place + 12] = _mm512_shuffle_f32x4::<0xdd>(high, others_high);
    }
    turned
}

/// Two products of a code (255 at most) and a weight (64 at most) stay within 16 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn multiply_bytes(sums: __m512i, codes: __m512i, weights: __m512i) -> __m512i {
    let pairs = _mm512_maddubs_epi16(codes, weights);
    _mm512_add_epi32(sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn multiply_words(sums: __m512i, codes: __m512i, weights: __m512i) -> __m512i {
    _mm512_add_epi32(sums, _mm512_madd_epi16(codes, weights))
}
