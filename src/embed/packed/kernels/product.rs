//! How are rows multiplied with a weight matrix? Tile by tile, the sums in registers.
//!
//! Whatever the numbers are (floats, bf16, words, bytes), a row is read in groups of four bytes: one float, two bf16 or
//! words, four bytes. A panel holds the weights of `2 · LANES` columns, group by group, so that a tile reads it from end to end.

use std::marker::PhantomData;

use bytemuck::Pod;
use half::bf16;

use super::simd::Simd;
use super::{Arithmetic, Finish, Panels, Rows};
use crate::similarity::prefetch;

/// How products of one kind of number are summed up.
pub(super) trait Kind<S: Simd> {
    type Sum: Copy;

    /// Returns the sum that a column begins with.
    fn start(simd: S, start: &S::Block) -> Self::Sum;
    /// Returns a sum that began with nothing, moved to where the column begins.
    fn resume(simd: S, sum: &S::Block, start: &S::Block) -> Self::Sum;
    /// Adds the products of a group of a row with as many weights of each column.
    fn add(simd: S, sum: Self::Sum, group: u32, weights: &S::Block) -> Self::Sum;
    /// Returns the sums as floats.
    fn floats(simd: S, sum: Self::Sum) -> S::Floats;
}

pub(super) struct Singles;
pub(super) struct Bfloats;
pub(super) struct Words;
pub(super) struct Bytes;

impl<S: Simd> Kind<S> for Singles {
    type Sum = S::Floats;

    #[inline(always)]
    fn start(simd: S, _: &S::Block) -> S::Floats {
        simd.splat(0.0)
    }

    #[inline(always)]
    fn resume(simd: S, sum: &S::Block, _: &S::Block) -> S::Floats {
        simd.load(sum)
    }

    #[inline(always)]
    fn add(simd: S, sum: S::Floats, group: u32, weights: &S::Block) -> S::Floats {
        simd.mul_add(simd.splat(f32::from_bits(group)), simd.load(weights), sum)
    }

    #[inline(always)]
    fn floats(_: S, sum: S::Floats) -> S::Floats {
        sum
    }
}

/// What tiles of AMX compute, for the processors without: nothing but their tests asks for it there.
impl<S: Simd> Kind<S> for Bfloats {
    type Sum = S::Floats;

    #[inline(always)]
    fn start(simd: S, _: &S::Block) -> S::Floats {
        simd.splat(0.0)
    }

    #[inline(always)]
    fn resume(simd: S, sum: &S::Block, _: &S::Block) -> S::Floats {
        simd.load(sum)
    }

    #[inline(always)]
    fn add(simd: S, sum: S::Floats, group: u32, weights: &S::Block) -> S::Floats {
        let codes: [bf16; 2] = bytemuck::cast(group);
        let weights = simd.bfloats(weights);
        let sum = simd.mul_add(simd.splat(codes[0].to_f32()), weights[0], sum);
        simd.mul_add(simd.splat(codes[1].to_f32()), weights[1], sum)
    }

    #[inline(always)]
    fn floats(_: S, sum: S::Floats) -> S::Floats {
        sum
    }
}

/// Defines how integers are summed up; only the instruction differs.
macro_rules! integers {
    ($kind:ty, $dot:ident) => {
        impl<S: Simd> Kind<S> for $kind {
            type Sum = S::Ints;

            #[inline(always)]
            fn start(simd: S, start: &S::Block) -> S::Ints {
                simd.load_bits(start)
            }

            #[inline(always)]
            fn resume(simd: S, sum: &S::Block, start: &S::Block) -> S::Ints {
                simd.add_ints(simd.load_bits(sum), simd.load_bits(start))
            }

            #[inline(always)]
            fn add(simd: S, sum: S::Ints, group: u32, weights: &S::Block) -> S::Ints {
                simd.$dot(sum, simd.splat_bits(group), simd.load_bits(weights))
            }

            #[inline(always)]
            fn floats(simd: S, sum: S::Ints) -> S::Floats {
                simd.to_floats(sum)
            }
        }
    };
}

integers!(Words, dot_words);
integers!(Bytes, dot_bytes);

/// Returns the sums of `R` rows, which begin `stride` groups apart, with the two blocks of columns of a panel; beyond
/// `count` rows it is the last one's again.
#[inline(always)]
pub(super) fn tile<S: Simd, K: Kind<S>, const R: usize>(
    simd: S,
    groups: &[u32],
    stride: usize,
    count: usize,
    panel: &[[S::Block; 2]],
    start: &[S::Block; 2],
) -> [[K::Sum; 2]; R] {
    let mut rows = [groups; R];
    for (at, row) in rows.iter_mut().enumerate() {
        *row = &groups[at.min(count - 1) * stride..][..panel.len()];
    }
    let mut sums = [[K::start(simd, &start[0]), K::start(simd, &start[1])]; R];
    for at in 0..panel.len() {
        prefetch(&panel[(at + 24).min(panel.len() - 1)]);
        for row in 0..R {
            sums[row][0] = K::add(simd, sums[row][0], rows[row][at], &panel[at][0]);
            sums[row][1] = K::add(simd, sums[row][1], rows[row][at], &panel[at][1]);
        }
    }
    sums
}

/// Work on some rows at once.
pub(super) trait Tiles {
    /// Works on the `count` rows from `row` on, at most `R`.
    fn tile<const R: usize>(&mut self, row: usize, count: usize);
}

/// Works on all rows, as many at once as there are registers for.
#[inline(always)]
pub(super) fn tiles<S: Simd>(rows: usize, work: &mut impl Tiles) {
    let mut row = 0;
    while row < rows {
        let left = rows - row;
        // A few rows for nothing cost less than to read all weights once more.
        row += if S::ROWS >= 12 && left >= 9 {
            work.tile::<12>(row, left.min(12));
            12
        } else if S::ROWS >= 6 && left >= 5 {
            work.tile::<6>(row, left.min(6));
            6
        } else if left >= 3 {
            work.tile::<4>(row, left.min(4));
            4
        } else if left == 2 {
            work.tile::<2>(row, 2);
            2
        } else {
            work.tile::<1>(row, 1);
            1
        };
    }
}

/// Multiplies all rows with all columns and writes, or adds, the results to `out`, row by row.
#[inline(always)]
pub(super) fn product<S: Simd>(simd: S, rows: &Rows<'_>, panels: &Panels, finish: Finish, out: &mut [f32]) {
    if simd.product_of_tiles(rows, panels, finish, out) {
        return;
    }
    match panels.arithmetic {
        Arithmetic::Single => multiply::<S, Singles>(simd, rows, panels, finish, out),
        Arithmetic::Bfloats => multiply::<S, Bfloats>(simd, rows, panels, finish, out),
        Arithmetic::Words => multiply::<S, Words>(simd, rows, panels, finish, out),
        Arithmetic::Bytes => multiply::<S, Bytes>(simd, rows, panels, finish, out),
    }
}

#[inline(always)]
fn multiply<S: Simd, K: Kind<S>>(simd: S, rows: &Rows<'_>, panels: &Panels, finish: Finish, out: &mut [f32]) {
    let width = 2 * S::LANES;
    let n_rows = out.len() / panels.columns;
    for at in 0..panels.columns / width {
        let (panel, column) = (Panel::of(panels, at), at * width);
        let columns = panels.columns;
        let mut of_panel = OfPanel::<S, K> { simd, rows, panel, finish, column, columns, out, kind: PhantomData };
        tiles::<S>(n_rows, &mut of_panel);
    }
}

/// A few columns of a matrix: two blocks.
pub(super) struct Panel<'a, B> {
    weights: &'a [[B; 2]],
    scales: &'a [B; 2],
    biases: &'a [B; 2],
    pub(super) start: &'a [B; 2],
}

impl<'a, B: Pod> Panel<'a, B> {
    /// Returns a panel, by its number.
    #[inline(always)]
    pub(super) fn of(panels: &'a Panels, at: usize) -> Panel<'a, B> {
        let weights: &[[B; 2]] = bytemuck::cast_slice(&panels.weights);
        let scales: &[[B; 2]] = bytemuck::cast_slice(&panels.scales);
        let biases: &[[B; 2]] = bytemuck::cast_slice(&panels.biases);
        let starts: &[[B; 2]] = bytemuck::cast_slice(&panels.starts);
        Panel {
            weights: &weights[at * panels.groups..][..panels.groups],
            scales: &scales[at],
            biases: &biases[at],
            start: &starts[at],
        }
    }

    /// Makes floats of a row's sums and writes, or adds, them to `out`.
    #[inline(always)]
    pub(super) fn finish<S: Simd<Block = B>, K: Kind<S>>(
        &self,
        simd: S,
        sums: [K::Sum; 2],
        scale: f32,
        finish: Finish,
        out: &mut [f32],
    ) {
        let out: &mut [B] = bytemuck::cast_slice_mut(out);
        let scale = simd.splat(scale);
        for half in 0..2 {
            let scale = simd.mul(scale, simd.load(&self.scales[half]));
            let value = simd.mul_add(K::floats(simd, sums[half]), scale, simd.load(&self.biases[half]));
            let value = match finish {
                Finish::Write => value,
                Finish::Add => simd.add(value, simd.load(&out[half])),
            };
            simd.store(value, &mut out[half]);
        }
    }
}

/// Rows that are multiplied with one panel.
struct OfPanel<'a, S: Simd, K: Kind<S>> {
    simd: S,
    rows: &'a Rows<'a>,
    panel: Panel<'a, S::Block>,
    finish: Finish,
    /// The panel's first.
    column: usize,
    /// Of the whole matrix.
    columns: usize,
    out: &'a mut [f32],
    kind: PhantomData<K>,
}

impl<S: Simd, K: Kind<S>> Tiles for OfPanel<'_, S, K> {
    #[inline(always)]
    fn tile<const R: usize>(&mut self, row: usize, count: usize) {
        let OfPanel { simd, rows, panel, finish, column, columns, out, .. } = self;
        let (simd, width) = (*simd, 2 * S::LANES);
        let sums =
            tile::<S, K, R>(simd, &rows.groups[row * rows.stride..], rows.stride, count, panel.weights, panel.start);
        for at in 0..R {
            if at >= count {
                break;
            }
            let out = &mut out[(row + at) * *columns + *column..][..width];
            panel.finish::<S, K>(simd, sums[at], rows.scale(row + at), *finish, out);
        }
    }
}
