//! AVX-512 (F, BW, VL), with VNNI where the processor has it.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_add_ps, _mm512_and_si512, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_mul_ps,
    _mm512_reduce_add_epi32, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_setzero_ps, _mm512_setzero_si512,
    _mm512_srli_epi16, _mm512_storeu_ps, _mm512_storeu_si512,
};

use super::{LANES, PANEL_COLUMNS, TILE_ROWS, Tile, TileRows, shells, tree_sum};
use crate::similarity::Line;

#[inline]
#[target_feature(enable = "avx512f")]
fn load(line: &Line) -> __m512i {
    // SAFETY: a line is 64 bytes that may be read.
    unsafe { _mm512_loadu_si512(line.0.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(sums: &mut [i32; 16], register: __m512i) {
    // SAFETY: 16 integers are the 64 bytes that are written.
    unsafe { _mm512_storeu_si512(sums.as_mut_ptr().cast(), register) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (blocks_a, rest_a) = a.as_chunks::<LANES>();
    let (blocks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sum = _mm512_setzero_ps();
    for (x, y) in blocks_a.iter().zip(blocks_b) {
        // SAFETY: both blocks are 16 floats that may be read.
        let (x, y) = unsafe { (_mm512_loadu_ps(x.as_ptr()), _mm512_loadu_ps(y.as_ptr())) };
        // Not fused, so that every instruction set gives the same bits.
        sum = _mm512_add_ps(sum, _mm512_mul_ps(x, y));
    }
    let mut sums = [0.0; LANES];
    // SAFETY: 16 floats are the 64 bytes that are written.
    unsafe { _mm512_storeu_ps(sums.as_mut_ptr(), sum) };
    tree_sum(sums, rest_a, rest_b)
}

/// Defines the integer kernels around one `accumulate` for nibbles and one `multiply` for bytes.
macro_rules! integers {
    ($features:literal) => {
        shells!(#[target_feature(enable = $features)]);

        #[inline]
        #[target_feature(enable = $features)]
        fn nibble_dot(row: &[Line], query: &[Line]) -> i32 {
            let (pairs, _) = query.as_chunks::<2>();
            let low = _mm512_set1_epi8(15);
            let (mut even, mut odd) = (_mm512_setzero_si512(), _mm512_setzero_si512());
            for (line, [first, second]) in row.iter().zip(pairs) {
                let codes = load(line);
                even = accumulate(even, _mm512_and_si512(codes, low), load(first));
                odd = accumulate(odd, _mm512_and_si512(_mm512_srli_epi16::<4>(codes), low), load(second));
            }
            _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd))
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn tile(rows: TileRows<'_>, panel: &[Line], out: &mut Tile) {
            let (quads, _) = panel.as_chunks::<{ PANEL_COLUMNS / 16 }>();
            let rows = rows.map(|row| &row[..quads.len()]);
            let mut sums = [[_mm512_setzero_si512(); PANEL_COLUMNS / 16]; TILE_ROWS];
            for (at, lines) in quads.iter().enumerate() {
                let columns = [load(&lines[0]), load(&lines[1]), load(&lines[2]), load(&lines[3])];
                for row in 0..TILE_ROWS {
                    let factors = _mm512_set1_epi32(i32::from_ne_bytes(rows[row][at].map(i8::cast_unsigned)));
                    for column in 0..columns.len() {
                        sums[row][column] = multiply(sums[row][column], columns[column], factors);
                    }
                }
            }
            for (out, sums) in out.iter_mut().zip(sums) {
                for (out, sum) in out.as_chunks_mut::<16>().0.iter_mut().zip(sums) {
                    store(out, sum);
                }
            }
        }
    };
}

/// Sums by VNNI: four products of bytes an instruction and lane.
pub(in crate::similarity) mod vnni {
    use std::arch::x86_64::_mm512_dpbusd_epi32;

    use super::*;

    integers!("avx512f,avx512bw,avx512vl,avx512vnni");

    #[inline]
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn accumulate(sums: __m512i, unsigned: __m512i, signed: __m512i) -> __m512i {
        _mm512_dpbusd_epi32(sums, unsigned, signed)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn multiply(sums: __m512i, unsigned: __m512i, signed: __m512i) -> __m512i {
        _mm512_dpbusd_epi32(sums, unsigned, signed)
    }
}

/// Sums by multiplying bytes to 16 bits and those to 32.
pub(in crate::similarity) mod plain {
    use std::arch::x86_64::{_mm512_madd_epi16, _mm512_maddubs_epi16, _mm512_set1_epi16, _mm512_slli_epi32};

    use super::*;

    integers!("avx512f,avx512bw,avx512vl");

    /// `unsigned` is at most 15: two products stay within 16 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn accumulate(sums: __m512i, unsigned: __m512i, signed: __m512i) -> __m512i {
        let pairs = _mm512_maddubs_epi16(unsigned, signed);
        _mm512_add_epi32(sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)))
    }

    /// Whole bytes: their halves apart, because two products of whole bytes overflow 16 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn multiply(sums: __m512i, unsigned: __m512i, signed: __m512i) -> __m512i {
        let low = _mm512_set1_epi8(15);
        let high = _mm512_and_si512(_mm512_srli_epi16::<4>(unsigned), low);
        let high = _mm512_slli_epi32::<4>(accumulate(_mm512_setzero_si512(), high, signed));
        _mm512_add_epi32(accumulate(sums, _mm512_and_si512(unsigned, low), signed), high)
    }
}
