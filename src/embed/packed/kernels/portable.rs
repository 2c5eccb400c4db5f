//! Plain loops over small arrays, which compilers turn into whatever vectors the processor surely has.

use super::simd::Simd;
use crate::similarity::Isa;

const LANES: usize = 4;

type Floats = [f32; LANES];
type Ints = [i32; LANES];

/// Runs everywhere.
#[derive(Debug, Clone, Copy)]
pub(in crate::embed::packed) struct Portable;

/// Rounds to the nearest integer, of two to the even one, without the call that most processors need by default; exact
/// up to two million.
#[inline(always)]
pub(in crate::embed::packed) fn round(value: f32) -> i32 {
    // Added and taken away again, so large a number leaves no room for a fraction.
    const ROUND: f32 = 12_582_912.0;
    ((value + ROUND) - ROUND) as i32
}

/// Applies `work` lane by lane. A loop, since compilers leave the calls of `array::map` and the like where they are.
macro_rules! lanes {
    ($lane:ident => $value:expr) => {{
        let mut result = [Default::default(); LANES];
        for $lane in 0..LANES {
            result[$lane] = $value;
        }
        result
    }};
}

impl Simd for Portable {
    type Floats = Floats;
    type Ints = Ints;
    type Block = [u32; LANES];

    const ISA: Isa = Isa::Scalar;
    const LANES: usize = LANES;
    const ROWS: usize = 4;
    const BYTE_WEIGHT_MAX: i32 = 127;
    const BYTE_MIN: i32 = 0;

    #[inline(always)]
    fn splat(self, value: f32) -> Floats {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, block: &[u32; LANES]) -> Floats {
        lanes!(lane => f32::from_bits(block[lane]))
    }

    #[inline(always)]
    fn store(self, floats: Floats, block: &mut [u32; LANES]) {
        *block = lanes!(lane => floats[lane].to_bits());
    }

    #[inline(always)]
    fn add(self, a: Floats, b: Floats) -> Floats {
        lanes!(lane => a[lane] + b[lane])
    }

    #[inline(always)]
    fn sub(self, a: Floats, b: Floats) -> Floats {
        lanes!(lane => a[lane] - b[lane])
    }

    #[inline(always)]
    fn mul(self, a: Floats, b: Floats) -> Floats {
        lanes!(lane => a[lane] * b[lane])
    }

    #[inline(always)]
    fn div(self, a: Floats, b: Floats) -> Floats {
        lanes!(lane => a[lane] / b[lane])
    }

    #[inline(always)]
    fn min(self, a: Floats, b: Floats) -> Floats {
        lanes!(lane => if a[lane] < b[lane] { a[lane] } else { b[lane] })
    }

    #[inline(always)]
    fn max(self, a: Floats, b: Floats) -> Floats {
        lanes!(lane => if a[lane] > b[lane] { a[lane] } else { b[lane] })
    }

    /// Not fused: without the instruction that would be a call.
    #[inline(always)]
    fn mul_add(self, a: Floats, b: Floats, c: Floats) -> Floats {
        lanes!(lane => a[lane] * b[lane] + c[lane])
    }

    #[inline(always)]
    fn turn(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
        for row in 0..LANES {
            for column in 0..LANES {
                to[column * to_stride + row] = from[row * from_stride + column];
            }
        }
    }

    #[inline(always)]
    fn sum(self, floats: Floats) -> f32 {
        (floats[0] + floats[1]) + (floats[2] + floats[3])
    }

    #[inline(always)]
    fn largest(self, floats: Floats) -> f32 {
        floats[0].max(floats[1]).max(floats[2].max(floats[3]))
    }

    #[inline(always)]
    fn round(self, floats: Floats) -> Ints {
        lanes!(lane => round(floats[lane]))
    }

    #[inline(always)]
    fn to_floats(self, ints: Ints) -> Floats {
        lanes!(lane => ints[lane] as f32)
    }

    #[inline(always)]
    fn power_of_two(self, exponents: Ints) -> Floats {
        lanes!(lane => f32::from_bits(((exponents[lane] + 127) << 23).cast_unsigned()))
    }

    #[inline(always)]
    fn splat_bits(self, bits: u32) -> Ints {
        [bits.cast_signed(); LANES]
    }

    #[inline(always)]
    fn load_bits(self, block: &[u32; LANES]) -> Ints {
        lanes!(lane => block[lane].cast_signed())
    }

    #[inline(always)]
    fn add_ints(self, a: Ints, b: Ints) -> Ints {
        lanes!(lane => a[lane] + b[lane])
    }

    #[inline(always)]
    fn dot_bytes(self, sums: Ints, codes: Ints, weights: Ints) -> Ints {
        let mut sums = sums;
        for lane in 0..LANES {
            let (codes, weights) = (codes[lane].to_ne_bytes(), weights[lane].to_ne_bytes());
            for at in 0..4 {
                sums[lane] += i32::from(codes[at]) * i32::from(weights[at].cast_signed());
            }
        }
        sums
    }

    #[inline(always)]
    fn dot_words(self, sums: Ints, codes: Ints, weights: Ints) -> Ints {
        // The lower half's sign is moved up and back.
        lanes!(lane => sums[lane]
            + (codes[lane] << 16 >> 16) * (weights[lane] << 16 >> 16)
            + (codes[lane] >> 16) * (weights[lane] >> 16))
    }

    #[inline(always)]
    fn store_bytes(self, ints: Ints, bytes: &mut [u8]) {
        for lane in 0..LANES {
            bytes[lane] = ints[lane] as u8;
        }
    }

    #[inline(always)]
    fn store_words(self, ints: Ints, words: &mut [i16]) {
        for lane in 0..LANES {
            words[lane] = ints[lane] as i16;
        }
    }
}
