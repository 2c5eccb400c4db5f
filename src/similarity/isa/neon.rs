//! NEON of 64-bit Arm, with its dot products of bytes where the processor has them.

use std::arch::aarch64::{
    float32x4_t, int8x16_t, int32x4_t, uint8x16_t, vaddq_f32, vaddq_s32, vaddvq_s32, vandq_u8, vdupq_n_f32,
    vdupq_n_s32, vdupq_n_u8, vld1q_f32, vld1q_u8, vmulq_f32, vreinterpretq_s8_s32, vreinterpretq_s8_u8, vshlq_n_s32,
    vshrq_n_u8, vst1q_f32, vst1q_s32,
};

use super::{LANES, PANEL_COLUMNS, TILE_ROWS, Tile, TileRows, shells, tree_sum};
use crate::similarity::Line;

#[inline]
#[target_feature(enable = "neon")]
fn load(line: &Line) -> [uint8x16_t; 4] {
    let (quarters, _) = line.0.as_chunks::<16>();
    // SAFETY: each quarter is 16 bytes that may be read.
    [0, 1, 2, 3].map(|quarter| unsafe { vld1q_u8(quarters[quarter].as_ptr()) })
}

#[inline]
#[target_feature(enable = "neon")]
fn load_floats(values: &[f32; 4]) -> float32x4_t {
    // SAFETY: four floats may be read.
    unsafe { vld1q_f32(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (blocks_a, rest_a) = a.as_chunks::<LANES>();
    let (blocks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sum = [vdupq_n_f32(0.0); 4];
    for (x, y) in blocks_a.iter().zip(blocks_b) {
        let ((x, _), (y, _)) = (x.as_chunks::<4>(), y.as_chunks::<4>());
        for part in 0..4 {
            // Not fused, so that every instruction set gives the same bits.
            sum[part] = vaddq_f32(sum[part], vmulq_f32(load_floats(&x[part]), load_floats(&y[part])));
        }
    }
    let mut sums = [0.0; LANES];
    for (out, sum) in sums.as_chunks_mut::<4>().0.iter_mut().zip(sum) {
        // SAFETY: four floats are the 16 bytes that are written.
        unsafe { vst1q_f32(out.as_mut_ptr(), sum) };
    }
    tree_sum(sums, rest_a, rest_b)
}

/// Rows and columns of a tile of floats: one, because larger ones were not measured on this processor yet.
const FLOAT_TILE: usize = 1;

#[inline]
#[target_feature(enable = "neon")]
fn dots([row]: [&[f32]; FLOAT_TILE], [column]: [&[f32]; FLOAT_TILE]) -> [[f32; FLOAT_TILE]; FLOAT_TILE] {
    [[dot(row, column)]]
}

/// Defines the integer kernels around one `accumulate(sums, bytes up to 15, signed bytes)`.
macro_rules! integers {
    ($features:literal) => {
        shells!(#[target_feature(enable = $features)]);

        #[inline]
        #[target_feature(enable = $features)]
        fn nibble_dot(row: &[Line], query: &[Line]) -> i32 {
            let (pairs, _) = query.as_chunks::<2>();
            let low = vdupq_n_u8(15);
            let mut sums = [vdupq_n_s32(0); 4];
            for (line, [first, second]) in row.iter().zip(pairs) {
                let (codes, first, second) = (load(line), load(first), load(second));
                for part in 0..4 {
                    let (first, second) = (vreinterpretq_s8_u8(first[part]), vreinterpretq_s8_u8(second[part]));
                    sums[part] = accumulate(sums[part], vandq_u8(codes[part], low), first);
                    sums[part] = accumulate(sums[part], vshrq_n_u8::<4>(codes[part]), second);
                }
            }
            vaddvq_s32(vaddq_s32(vaddq_s32(sums[0], sums[1]), vaddq_s32(sums[2], sums[3])))
        }

        /// Goes over the panel once for each group of 16 columns: more sums than that do not stay in registers.
        #[inline]
        #[target_feature(enable = $features)]
        fn tile(rows: TileRows<'_>, panel: &[Line], out: &mut Tile) {
            let (quads, _) = panel.as_chunks::<{ PANEL_COLUMNS / 16 }>();
            let low = vdupq_n_u8(15);
            for (row, out) in rows.iter().zip(out) {
                for group in 0..PANEL_COLUMNS / 16 {
                    let (mut lows, mut highs) = ([vdupq_n_s32(0); 4], [vdupq_n_s32(0); 4]);
                    for (factors, lines) in row.iter().zip(quads) {
                        let factors = i32::from_ne_bytes(factors.map(i8::cast_unsigned));
                        let factors = vreinterpretq_s8_s32(vdupq_n_s32(factors));
                        let columns = load(&lines[group]);
                        for part in 0..4 {
                            lows[part] = accumulate(lows[part], vandq_u8(columns[part], low), factors);
                            highs[part] = accumulate(highs[part], vshrq_n_u8::<4>(columns[part]), factors);
                        }
                    }
                    for part in 0..4 {
                        let sum = vaddq_s32(lows[part], vshlq_n_s32::<4>(highs[part]));
                        let sums = &mut out.as_chunks_mut::<4>().0[4 * group + part];
                        // SAFETY: four integers are the 16 bytes that are written.
                        unsafe { vst1q_s32(sums.as_mut_ptr(), sum) };
                    }
                }
            }
        }
    };
}

/// Sums by multiplying bytes to 16 bits and those to 32.
pub(in crate::similarity) mod plain {
    use std::arch::aarch64::{vget_high_s8, vget_low_s8, vmull_s8, vpaddlq_s16, vpaddq_s32};

    use super::*;

    integers!("neon");

    /// Lane `i` takes the products of bytes `4 i` to `4 i + 3`.
    #[inline]
    #[target_feature(enable = "neon")]
    fn accumulate(sums: int32x4_t, unsigned: uint8x16_t, signed: int8x16_t) -> int32x4_t {
        let unsigned = vreinterpretq_s8_u8(unsigned);
        let low = vpaddlq_s16(vmull_s8(vget_low_s8(unsigned), vget_low_s8(signed)));
        let high = vpaddlq_s16(vmull_s8(vget_high_s8(unsigned), vget_high_s8(signed)));
        vaddq_s32(sums, vpaddq_s32(low, high))
    }
}

/// Sums by dot products of bytes: four products an instruction and lane.
pub(in crate::similarity) mod dotprod {
    use std::arch::asm;

    use super::*;

    integers!("neon,dotprod");

    /// In assembly because the standard library's `vdotq_s32` is not stable.
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    fn accumulate(mut sums: int32x4_t, unsigned: uint8x16_t, signed: int8x16_t) -> int32x4_t {
        // SAFETY: one instruction of the enabled feature, which touches the three registers only.
        unsafe {
            asm!(
                "sdot {sums:v}.4s, {unsigned:v}.16b, {signed:v}.16b",
                sums = inout(vreg) sums,
                unsigned = in(vreg) unsigned,
                signed = in(vreg) signed,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        sums
    }
}
