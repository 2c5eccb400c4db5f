//! The plain loops: what every other instruction set has to agree with, bit for bit.

use super::{LANES, PANEL_COLUMNS, TILE_ROWS, Tile, TileRows, shells, tree_sum};
use crate::similarity::Line;

shells!();

pub(in crate::similarity) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (blocks_a, rest_a) = a.as_chunks::<LANES>();
    let (blocks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (x, y) in blocks_a.iter().zip(blocks_b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    tree_sum(sums, rest_a, rest_b)
}

/// Rows and columns of a tile of floats.
const FLOAT_TILE: usize = 1;

fn dots([row]: [&[f32]; FLOAT_TILE], [column]: [&[f32]; FLOAT_TILE]) -> [[f32; FLOAT_TILE]; FLOAT_TILE] {
    [[dot(row, column)]]
}

fn nibble_dot(row: &[Line], query: &[Line]) -> i32 {
    let (pairs, _) = query.as_chunks::<2>();
    let mut sum = 0;
    for (line, [first, second]) in row.iter().zip(pairs) {
        for at in 0..line.0.len() {
            sum += i32::from(line.0[at] & 15) * i32::from(first.0[at].cast_signed());
            sum += i32::from(line.0[at] >> 4) * i32::from(second.0[at].cast_signed());
        }
    }
    sum
}

fn tile(rows: TileRows<'_>, panel: &[Line], out: &mut Tile) {
    for (sums, row) in out.iter_mut().zip(rows) {
        *sums = [0; PANEL_COLUMNS];
        for (quad, lines) in row.iter().zip(panel.chunks_exact(PANEL_COLUMNS / 16)) {
            for (column, codes) in lines.iter().flat_map(|line| line.0.as_chunks::<4>().0).enumerate() {
                for (code, factor) in codes.iter().zip(quad) {
                    sums[column] += i32::from(*code) * i32::from(*factor);
                }
            }
        }
    }
}
