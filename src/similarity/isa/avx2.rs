//! AVX2, with the 256-bit form of VNNI where the processor has it.

use std::arch::x86_64::{
    __m256, __m256i, _mm256_add_epi32, _mm256_add_ps, _mm256_and_si256, _mm256_loadu_ps, _mm256_loadu_si256,
    _mm256_mul_ps, _mm256_permute2f128_ps, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_setzero_ps,
    _mm256_setzero_si256, _mm256_shuffle_ps, _mm256_srli_epi16, _mm256_storeu_ps, _mm256_storeu_si256,
};

use super::{LANES, PANEL_COLUMNS, TILE_ROWS, Tile, TileRows, padded_rests, shells, tree_sum, whole_blocks};
use crate::similarity::Line;

#[inline]
#[target_feature(enable = "avx2")]
fn load(line: &Line) -> [__m256i; 2] {
    let (halves, _) = line.0.as_chunks::<32>();
    // SAFETY: each half is 32 bytes that may be read.
    [0, 1].map(|half| unsafe { _mm256_loadu_si256(halves[half].as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(sums: &mut [i32; 8], register: __m256i) {
    // SAFETY: 8 integers are the 32 bytes that are written.
    unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), register) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_floats(values: &[f32; 8]) -> __m256 {
    // SAFETY: 8 floats may be read.
    unsafe { _mm256_loadu_ps(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (blocks_a, rest_a) = a.as_chunks::<LANES>();
    let (blocks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sum = [_mm256_setzero_ps(); 2];
    for (x, y) in blocks_a.iter().zip(blocks_b) {
        let ((x, _), (y, _)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
        for half in 0..2 {
            // Not fused, so that every instruction set gives the same bits.
            sum[half] = _mm256_add_ps(sum[half], _mm256_mul_ps(load_floats(&x[half]), load_floats(&y[half])));
        }
    }
    let mut sums = [0.0; LANES];
    for (out, sum) in sums.as_chunks_mut::<8>().0.iter_mut().zip(sum) {
        // SAFETY: 8 floats are the 32 bytes that are written.
        unsafe { _mm256_storeu_ps(out.as_mut_ptr(), sum) };
    }
    tree_sum(sums, rest_a, rest_b)
}

/// Rows and columns of a tile of floats: sums of 2 × 2 stay in registers.
const FLOAT_TILE: usize = 2;

/// Each row with each column, to the bits that [`dot`] gives.
#[inline]
#[target_feature(enable = "avx2")]
fn dots(rows: [&[f32]; FLOAT_TILE], columns: [&[f32]; FLOAT_TILE]) -> [[f32; FLOAT_TILE]; FLOAT_TILE] {
    let ([a, b], [x, y]) = (whole_blocks(rows), whole_blocks(columns));
    let blocks = a.len();
    let (b, x, y) = (&b[..blocks], &x[..blocks], &y[..blocks]);
    let mut sums = [[[_mm256_setzero_ps(); 2]; FLOAT_TILE]; FLOAT_TILE];
    for at in 0..blocks {
        multiply_add(&mut sums, [&a[at], &b[at]], [&x[at], &y[at]]);
    }
    if blocks * LANES < rows[0].len() {
        let ([a, b], [x, y]) = (&padded_rests(rows), &padded_rests(columns));
        multiply_add(&mut sums, [a, b], [x, y]);
    }
    // As `tree_sum`, with the two rows of a column beside each other, and then the columns: halves, quarters, pairs.
    let mut quarters = [_mm256_setzero_ps(); FLOAT_TILE];
    for column in 0..FLOAT_TILE {
        let (a, b) = (sums[0][column], sums[1][column]);
        let (a, b) = (_mm256_add_ps(a[0], a[1]), _mm256_add_ps(b[0], b[1]));
        quarters[column] = _mm256_add_ps(_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b));
    }
    let [first, second] = quarters;
    let pairs = _mm256_add_ps(
        _mm256_shuffle_ps::<0b01_00_01_00>(first, second),
        _mm256_shuffle_ps::<0b11_10_11_10>(first, second),
    );
    let all = _mm256_add_ps(
        _mm256_shuffle_ps::<0b10_00_10_00>(pairs, pairs),
        _mm256_shuffle_ps::<0b11_01_11_01>(pairs, pairs),
    );
    let mut out = [0.0; 8];
    // SAFETY: 8 floats are the 32 bytes that are written.
    unsafe { _mm256_storeu_ps(out.as_mut_ptr(), all) };
    [[out[0], out[1]], [out[4], out[5]]]
}

#[inline]
#[target_feature(enable = "avx2")]
fn multiply_add(
    sums: &mut [[[__m256; 2]; FLOAT_TILE]; FLOAT_TILE],
    rows: [&[f32; LANES]; FLOAT_TILE],
    columns: [&[f32; LANES]; FLOAT_TILE],
) {
    let ([a, b], [x, y]) = (rows, columns);
    let (rows, columns) = ([a.as_chunks::<8>().0, b.as_chunks::<8>().0], [x.as_chunks::<8>().0, y.as_chunks::<8>().0]);
    for half in 0..2 {
        let (x, y) = (load_floats(&columns[0][half]), load_floats(&columns[1][half]));
        for (sums, row) in sums.iter_mut().zip(rows) {
            let factors = load_floats(&row[half]);
            sums[0][half] = _mm256_add_ps(sums[0][half], _mm256_mul_ps(factors, x));
            sums[1][half] = _mm256_add_ps(sums[1][half], _mm256_mul_ps(factors, y));
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
            let low = _mm256_set1_epi8(15);
            let mut sums = [_mm256_setzero_si256(); 4];
            for (line, [first, second]) in row.iter().zip(pairs) {
                let (codes, first, second) = (load(line), load(first), load(second));
                for half in 0..2 {
                    let (even, odd) = (codes[half], _mm256_srli_epi16::<4>(codes[half]));
                    sums[half] = accumulate(sums[half], _mm256_and_si256(even, low), first[half]);
                    sums[half + 2] = accumulate(sums[half + 2], _mm256_and_si256(odd, low), second[half]);
                }
            }
            let sum = _mm256_add_epi32(_mm256_add_epi32(sums[0], sums[1]), _mm256_add_epi32(sums[2], sums[3]));
            let mut lanes = [0; 8];
            store(&mut lanes, sum);
            lanes.iter().sum()
        }

        /// Goes over the panel once for each group of 16 columns: sums of 6 × 16 are what 16 registers hold.
        #[inline]
        #[target_feature(enable = $features)]
        fn tile(rows: TileRows<'_>, panel: &[Line], out: &mut Tile) {
            let (quads, _) = panel.as_chunks::<{ PANEL_COLUMNS / 16 }>();
            let rows = rows.map(|row| &row[..quads.len()]);
            for group in 0..PANEL_COLUMNS / 16 {
                let mut sums = [[_mm256_setzero_si256(); 2]; TILE_ROWS];
                for (at, lines) in quads.iter().enumerate() {
                    let columns = load(&lines[group]);
                    for row in 0..TILE_ROWS {
                        let factors = _mm256_set1_epi32(i32::from_ne_bytes(rows[row][at].map(i8::cast_unsigned)));
                        for half in 0..2 {
                            sums[row][half] = multiply(sums[row][half], columns[half], factors);
                        }
                    }
                }
                for (out, sums) in out.iter_mut().zip(sums) {
                    let (parts, _) = out.as_chunks_mut::<8>();
                    store(&mut parts[2 * group], sums[0]);
                    store(&mut parts[2 * group + 1], sums[1]);
                }
            }
        }
    };
}

/// Sums by VNNI: four products of bytes an instruction and lane.
pub(in crate::similarity) mod vnni {
    use std::arch::x86_64::_mm256_dpbusd_avx_epi32;

    use super::*;

    integers!("avx2,avxvnni");

    #[inline]
    #[target_feature(enable = "avx2,avxvnni")]
    fn accumulate(sums: __m256i, unsigned: __m256i, signed: __m256i) -> __m256i {
        _mm256_dpbusd_avx_epi32(sums, unsigned, signed)
    }

    #[inline]
    #[target_feature(enable = "avx2,avxvnni")]
    fn multiply(sums: __m256i, unsigned: __m256i, signed: __m256i) -> __m256i {
        _mm256_dpbusd_avx_epi32(sums, unsigned, signed)
    }
}

/// Sums by multiplying bytes to 16 bits and those to 32.
pub(in crate::similarity) mod plain {
    use std::arch::x86_64::{_mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_set1_epi16, _mm256_slli_epi32};

    use super::*;

    integers!("avx2");

    /// `unsigned` is at most 15: two products stay within 16 bits.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn accumulate(sums: __m256i, unsigned: __m256i, signed: __m256i) -> __m256i {
        let pairs = _mm256_maddubs_epi16(unsigned, signed);
        _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }

    /// Whole bytes: their halves apart, because two products of whole bytes overflow 16 bits.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn multiply(sums: __m256i, unsigned: __m256i, signed: __m256i) -> __m256i {
        let low = _mm256_set1_epi8(15);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(unsigned), low);
        let high = _mm256_slli_epi32::<4>(accumulate(_mm256_setzero_si256(), high, signed));
        _mm256_add_epi32(accumulate(sums, _mm256_and_si256(unsigned, low), signed), high)
    }
}
