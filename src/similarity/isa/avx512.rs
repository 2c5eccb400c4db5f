//! AVX-512 (F, BW, VL), with VNNI where the processor has it.

use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_epi32, _mm512_add_ps, _mm512_and_si512, _mm512_loadu_ps, _mm512_loadu_si512,
    _mm512_mul_ps, _mm512_reduce_add_epi32, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_shuffle_f32x4, _mm512_shuffle_ps, _mm512_srli_epi16, _mm512_storeu_ps,
    _mm512_storeu_si512,
};

use super::{LANES, PANEL_COLUMNS, TILE_ROWS, Tile, TileRows, padded_rests, shells, tree_sum, whole_blocks};
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
fn load_floats(values: &[f32; LANES]) -> __m512 {
    // SAFETY: 16 floats may be read.
    unsafe { _mm512_loadu_ps(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (blocks_a, rest_a) = a.as_chunks::<LANES>();
    let (blocks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sum = _mm512_setzero_ps();
    for (x, y) in blocks_a.iter().zip(blocks_b) {
        // Not fused, so that every instruction set gives the same bits.
        sum = _mm512_add_ps(sum, _mm512_mul_ps(load_floats(x), load_floats(y)));
    }
    let mut sums = [0.0; LANES];
    // SAFETY: 16 floats are the 64 bytes that are written.
    unsafe { _mm512_storeu_ps(sums.as_mut_ptr(), sum) };
    tree_sum(sums, rest_a, rest_b)
}

/// Rows and columns of a tile of floats: sums of 4 × 4 stay in registers.
const FLOAT_TILE: usize = 4;

/// Each row with each column, to the bits that [`dot`] gives.
#[inline]
#[target_feature(enable = "avx512f")]
fn dots(rows: [&[f32]; FLOAT_TILE], columns: [&[f32]; FLOAT_TILE]) -> [[f32; FLOAT_TILE]; FLOAT_TILE] {
    let ([a, b, c, d], [w, x, y, z]) = (whole_blocks(rows), whole_blocks(columns));
    let blocks = a.len();
    let (b, c, d, w) = (&b[..blocks], &c[..blocks], &d[..blocks], &w[..blocks]);
    let (x, y, z) = (&x[..blocks], &y[..blocks], &z[..blocks]);
    let mut sums = [[_mm512_setzero_ps(); FLOAT_TILE]; FLOAT_TILE];
    for at in 0..blocks {
        multiply_add(&mut sums, [&a[at], &b[at], &c[at], &d[at]], [&w[at], &x[at], &y[at], &z[at]]);
    }
    if blocks * LANES < rows[0].len() {
        let ([a, b, c, d], [w, x, y, z]) = (&padded_rests(rows), &padded_rests(columns));
        multiply_add(&mut sums, [a, b, c, d], [w, x, y, z]);
    }
    // As `tree_sum`, with the four rows of a column beside each other, and then the columns: halves, quarters, pairs.
    let mut quarters = [_mm512_setzero_ps(); FLOAT_TILE];
    for column in 0..FLOAT_TILE {
        let (ab, cd) = (halves(sums[0][column], sums[1][column]), halves(sums[2][column], sums[3][column]));
        let (even, odd) =
            (_mm512_shuffle_f32x4::<0b10_00_10_00>(ab, cd), _mm512_shuffle_f32x4::<0b11_01_11_01>(ab, cd));
        quarters[column] = _mm512_add_ps(even, odd);
    }
    let (first, second) = (pairs(quarters[0], quarters[1]), pairs(quarters[2], quarters[3]));
    let all = _mm512_add_ps(
        _mm512_shuffle_ps::<0b10_00_10_00>(first, second),
        _mm512_shuffle_ps::<0b11_01_11_01>(first, second),
    );
    let mut out = [[0.0; FLOAT_TILE]; FLOAT_TILE];
    // SAFETY: 16 floats are the 64 bytes that are written.
    unsafe { _mm512_storeu_ps(out.as_flattened_mut().as_mut_ptr(), all) };
    out
}

/// Adds the upper half of each to its lower.
#[inline]
#[target_feature(enable = "avx512f")]
fn halves(a: __m512, b: __m512) -> __m512 {
    _mm512_add_ps(_mm512_shuffle_f32x4::<0b01_00_01_00>(a, b), _mm512_shuffle_f32x4::<0b11_10_11_10>(a, b))
}

/// Adds, in each quarter, the upper pair of each to its lower.
#[inline]
#[target_feature(enable = "avx512f")]
fn pairs(a: __m512, b: __m512) -> __m512 {
    _mm512_add_ps(_mm512_shuffle_ps::<0b01_00_01_00>(a, b), _mm512_shuffle_ps::<0b11_10_11_10>(a, b))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn multiply_add(
    sums: &mut [[__m512; FLOAT_TILE]; FLOAT_TILE],
    rows: [&[f32; LANES]; FLOAT_TILE],
    columns: [&[f32; LANES]; FLOAT_TILE],
) {
    let columns = [load_floats(columns[0]), load_floats(columns[1]), load_floats(columns[2]), load_floats(columns[3])];
    for row in 0..FLOAT_TILE {
        let factors = load_floats(rows[row]);
        for column in 0..FLOAT_TILE {
            sums[row][column] = _mm512_add_ps(sums[row][column], _mm512_mul_ps(factors, columns[column]));
        }
    }
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
