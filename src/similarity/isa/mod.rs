//! Which instructions compute it? One file an instruction set: four kernels each, and the same batches around them.

#[cfg(target_arch = "x86_64")]
pub(super) mod amx;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;
#[cfg(target_arch = "aarch64")]
pub(super) mod neon;
pub(super) mod scalar;

/// Independent partial sums of an inner product of floats: as many as an AVX-512 register holds.
pub(super) const LANES: usize = 16;
/// Columns of a panel: rows of the matrix that one tile compares with.
pub(super) const PANEL_COLUMNS: usize = 64;
/// Rows of a tile.
pub(super) const TILE_ROWS: usize = 6;
/// The signed codes of a tile's rows, four neighboring components together.
pub(super) type TileRows<'a> = [&'a [[i8; 4]]; TILE_ROWS];
/// What a tile computes: one sum for each row and column.
pub(super) type Tile = [[i32; PANEL_COLUMNS]; TILE_ROWS];

/// Adds what is left over of a vector to its partial sums, and the sums to each other, always in the same order.
#[inline(always)]
fn tree_sum(mut sums: [f32; LANES], rest_a: &[f32], rest_b: &[f32]) -> f32 {
    for (sum, (x, y)) in sums.iter_mut().zip(rest_a.iter().zip(rest_b)) {
        *sum += x * y;
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// Returns the blocks of lanes that each row is made of.
///
/// Here and not in the kernels, whose features keep a closure from becoming part of what calls it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn whole_blocks<const ROWS: usize>(rows: [&[f32]; ROWS]) -> [&[[f32; LANES]]; ROWS] {
    rows.map(|row| row.as_chunks::<LANES>().0)
}

/// Returns what is left over of each row, filled up: a product of zeros changes no sum, because none is negative zero.
#[cfg(target_arch = "x86_64")]
fn padded_rests<const ROWS: usize>(rows: [&[f32]; ROWS]) -> [[f32; LANES]; ROWS] {
    rows.map(|row| {
        let (_, rest) = row.as_chunks::<LANES>();
        let mut block = [0.0; LANES];
        block[..rest.len()].copy_from_slice(rest);
        block
    })
}

/// Returns the rows `first` to `last` of a matrix, and the last again for the rest of a tile.
#[inline(always)]
fn tile_of<const ROWS: usize>(matrix: &[f32], width: usize, first: usize, last: usize) -> [&[f32]; ROWS] {
    let mut tile = [&matrix[first * width..(first + 1) * width]; ROWS];
    for (at, row) in tile.iter_mut().enumerate() {
        let at = last.min(first + at);
        *row = &matrix[at * width..(at + 1) * width];
    }
    tile
}

/// Asks for the lines of memory that a slice lies on, because it will be read soon.
#[inline(always)]
pub fn prefetch<T>(row: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for at in (0..size_of_val(row)).step_by(super::line::LINE_BYTES) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing and never faults; the address lies in `row`.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().byte_add(at).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

/// Defines the batches of an instruction set around its `dot`, `nibble_dot` and `tile`, compiled with its features.
macro_rules! shells {
    ($(#[$attribute:meta])*) => {
        /// One query with consecutive rows.
        $(#[$attribute])*
        pub(in crate::similarity) fn rows(query: &[f32], matrix: &[f32], out: &mut [f32]) {
            let width = query.len().max(1);
            for (at, (row, similarity)) in matrix.chunks_exact(width).zip(out).enumerate() {
                let ahead = (at + crate::similarity::isa::AHEAD_ROWS) * width;
                matrix.get(ahead..ahead + width).into_iter().for_each(crate::similarity::isa::prefetch);
                *similarity = dot(query, row);
            }
        }

        /// One query with chosen rows.
        $(#[$attribute])*
        pub(in crate::similarity) fn rows_at(query: &[f32], matrix: &[f32], at: &[u32], out: &mut Vec<f32>) {
            let row = |at: u32| &matrix[at as usize * query.len()..(at as usize + 1) * query.len()];
            at.iter().take(crate::similarity::isa::AHEAD_FLOATS).for_each(|&at| crate::similarity::isa::prefetch(row(at)));
            for (done, &this) in at.iter().enumerate() {
                if let Some(&next) = at.get(done + crate::similarity::isa::AHEAD_FLOATS) {
                    crate::similarity::isa::prefetch(row(next));
                }
                out.push(dot(query, row(this)));
            }
        }

        /// Several rows with each row of a matrix, the columns; `out` has all columns of the first row, then of the next.
        $(#[$attribute])*
        pub(in crate::similarity) fn float_block(rows: &[&[f32]], matrix: &[f32], out: &mut [f32]) {
            let (width, columns) = (rows[0].len(), out.len() / rows.len());
            for from in (0..columns).step_by(crate::similarity::isa::FLOAT_COLUMNS) {
                let to = columns.min(from + crate::similarity::isa::FLOAT_COLUMNS);
                for first_row in (0..rows.len()).step_by(FLOAT_TILE) {
                    let mut tile = [rows[first_row]; FLOAT_TILE];
                    let count = FLOAT_TILE.min(rows.len() - first_row);
                    tile[..count].copy_from_slice(&rows[first_row..first_row + count]);
                    let out = &mut out[first_row * columns..(first_row + count) * columns];
                    for first in (from..to).step_by(FLOAT_TILE) {
                        let found = dots(tile, crate::similarity::isa::tile_of(matrix, width, first, to - 1));
                        for (at, found) in found.iter().enumerate().take(count) {
                            for (out, found) in out[at * columns + first..at * columns + to].iter_mut().zip(found) {
                                *out = *found;
                            }
                        }
                    }
                }
            }
        }

        /// One query's code with consecutive rows of a plane.
        $(#[$attribute])*
        pub(in crate::similarity) fn nibbles(query: &[Line], plane: &[Line], out: &mut [i32]) {
            match query.len() / 2 {
                2 => nibbles_of::<2>(query, plane, out),
                3 => nibbles_of::<3>(query, plane, out),
                6 => nibbles_of::<6>(query, plane, out),
                lines => {
                    for (row, sum) in plane.chunks_exact(lines.max(1)).zip(out) {
                        *sum = nibble_dot(row, query);
                    }
                }
            }
        }

        /// The same for rows of a length that the compiler knows: the query stays in registers.
        $(#[$attribute])*
        fn nibbles_of<const LINES: usize>(query: &[Line], plane: &[Line], out: &mut [i32]) {
            let query = &query[..2 * LINES];
            for (row, sum) in plane.as_chunks::<LINES>().0.iter().zip(out) {
                *sum = nibble_dot(row, query);
            }
        }

        /// One query's code with chosen rows of a plane.
        $(#[$attribute])*
        pub(in crate::similarity) fn nibbles_at(query: &[Line], plane: &[Line], at: &[u32], out: &mut Vec<i32>) {
            match query.len() / 2 {
                2 => nibbles_at_of::<2>(query, plane, at, out),
                3 => nibbles_at_of::<3>(query, plane, at, out),
                6 => nibbles_at_of::<6>(query, plane, at, out),
                lines => {
                    for &at in at {
                        out.push(nibble_dot(&plane[at as usize * lines..(at as usize + 1) * lines], query));
                    }
                }
            }
        }

        /// The same for rows of a length that the compiler knows.
        $(#[$attribute])*
        fn nibbles_at_of<const LINES: usize>(query: &[Line], plane: &[Line], at: &[u32], out: &mut Vec<i32>) {
            let (query, rows) = (&query[..2 * LINES], plane.as_chunks::<LINES>().0);
            out.extend(at.iter().map(|&at| nibble_dot(&rows[at as usize], query)));
        }

        /// The largest of each row of similarities.
        $(#[$attribute])*
        pub(in crate::similarity) fn largest(similarities: &[f32], out: &mut [f32]) {
            for (row, out) in similarities.chunks_exact(similarities.len() / out.len()).zip(out) {
                let (blocks, rest) = row.as_chunks::<LANES>();
                let mut lanes = [f32::NEG_INFINITY; LANES];
                for block in blocks {
                    for lane in 0..LANES {
                        lanes[lane] = if block[lane] > lanes[lane] { block[lane] } else { lanes[lane] };
                    }
                }
                for similarity in rest {
                    lanes[0] = lanes[0].max(*similarity);
                }
                let mut most = f32::NEG_INFINITY;
                for similarity in lanes {
                    most = most.max(similarity);
                }
                *out = most;
            }
        }

        /// The largest sum of a row of a block; one row a call, because the compiler makes gathers of a loop over rows.
        $(#[$attribute])*
        pub(in crate::similarity) fn largest_sum(sums: &[i32; crate::similarity::isa::PANEL_COLUMNS]) -> i32 {
            let mut most = i32::MIN;
            for &sum in sums {
                most = most.max(sum);
            }
            most
        }

        /// Several rows of signed codes with the columns of a panel.
        $(#[$attribute])*
        pub(in crate::similarity) fn block(
            rows: &[&[[i8; 4]]],
            panel: &[Line],
            out: &mut [[i32; crate::similarity::isa::PANEL_COLUMNS]],
        ) {
            let Some(last) = rows.len().checked_sub(1) else { return };
            for first in (0..rows.len()).step_by(TILE_ROWS) {
                let mut sums = [[0; crate::similarity::isa::PANEL_COLUMNS]; TILE_ROWS];
                tile(std::array::from_fn(|row| rows[(first + row).min(last)]), panel, &mut sums);
                for (out, sums) in out[first..].iter_mut().zip(sums).take(TILE_ROWS) {
                    *out = sums;
                }
            }
        }
    };
}
use shells;

/// Columns of floats that stay in the nearest cache while rows go over them.
const FLOAT_COLUMNS: usize = 16;
/// Consecutive rows of floats that are asked for ahead of their use.
const AHEAD_ROWS: usize = 4;
/// Rows of floats here and there that are asked for ahead of their use.
const AHEAD_FLOATS: usize = 4;
