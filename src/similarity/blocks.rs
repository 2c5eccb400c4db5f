//! How near is everything to everything? Blocks of rows against panels of columns.

use std::cell::Cell;

use super::codes::plane_lines;
use super::isa::PANEL_COLUMNS;
use super::{Codes, Kernels, LINE_BYTES, Line, QueryCode};

/// Columns of one block: what a callback gets at once.
pub const BLOCK_COLUMNS: usize = PANEL_COLUMNS;
/// Rows that go over a panel while it lies in the nearest cache.
const GROUP_ROWS: usize = 96;
/// Rows whose sums are computed before the callback sees them.
const STEP_ROWS: usize = 24;

/// Rows of codes as columns: their bytes in groups of four components, [`BLOCK_COLUMNS`] columns a panel.
#[derive(Debug, Clone, Default)]
pub struct Panels {
    lines: Vec<Line>,
    panel_lines: usize,
    columns: usize,
    bytes: Vec<Line>,
}

impl Panels {
    /// Makes the rows `rows` of `codes` the columns, in this order.
    ///
    /// # Panics
    /// `codes` has no such row.
    pub fn fill(&mut self, codes: &Codes, rows: impl ExactSizeIterator<Item = usize>) {
        let row_lines = 2 * plane_lines(codes.dimension());
        self.panel_lines = row_lines * PANEL_COLUMNS;
        self.columns = rows.len();
        self.lines.clear();
        self.lines.resize(self.columns.div_ceil(PANEL_COLUMNS) * self.panel_lines, Line::ZERO);
        self.bytes.clear();
        self.bytes.resize(row_lines, Line::ZERO);
        for (column, row) in rows.enumerate() {
            codes.row_bytes(row, bytemuck::cast_slice_mut(&mut self.bytes));
            let panel = column / PANEL_COLUMNS * self.panel_lines;
            let words: &mut [u32] = bytemuck::cast_slice_mut(&mut self.lines[panel..panel + self.panel_lines]);
            let quads: &[u32] = bytemuck::cast_slice(&self.bytes);
            for (quad, word) in quads.iter().zip(words[column % PANEL_COLUMNS..].iter_mut().step_by(PANEL_COLUMNS)) {
                *word = *quad;
            }
        }
    }

    /// Returns how many columns there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// Queries of a block: signed bytes, and how a sum of theirs becomes a similarity.
#[derive(Debug, Clone, Default)]
pub struct BlockRows {
    lines: Vec<Line>,
    row_lines: usize,
    terms: Vec<Terms>,
}

impl BlockRows {
    /// Empties it, for vectors of `dimension`.
    pub fn clear(&mut self, dimension: usize) {
        self.lines.clear();
        self.terms.clear();
        self.row_lines = 2 * plane_lines(dimension);
    }

    /// Adds the rows `rows` of `codes` as queries.
    ///
    /// # Panics
    /// `codes` has no such row, or rows of other length.
    pub fn add_codes(&mut self, codes: &Codes, rows: impl Iterator<Item = usize>) {
        assert_eq!(2 * plane_lines(codes.dimension()), self.row_lines, "codes of the same dimension");
        for row in rows {
            let first = self.lines.len();
            self.lines.resize(first + self.row_lines, Line::ZERO);
            let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.lines[first..]);
            codes.row_bytes(row, bytes);
            let mut sum = 0;
            for byte in bytes {
                *byte ^= 0x80;
                sum += i32::from(byte.cast_signed());
            }
            self.add_terms(sum, codes.step(), codes.step());
        }
    }

    /// Adds a query's code, to be compared with codes of `step`.
    ///
    /// # Panics
    /// The query is of other length.
    pub fn add_query(&mut self, query: &QueryCode, step: f32) {
        assert_eq!(query.lines().len(), self.row_lines, "a query of the same dimension");
        let (sum, own_step) = query.terms();
        self.lines.extend_from_slice(query.lines());
        self.add_terms(sum, own_step, step);
    }

    fn add_terms(&mut self, sum: i32, own_step: f32, step: f32) {
        self.terms.push(Terms { zero: 128 * sum, unit: f64::from(own_step * step) });
    }

    /// Returns how many queries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// How a query's sums become similarities.
#[derive(Debug, Clone, Copy)]
struct Terms {
    /// What the byte of zero adds to a sum: 128 for each unit of the query's bytes.
    zero: i32,
    /// What one unit of a product stands for.
    unit: f64,
}

/// What a block knows of one query: its sums with up to [`BLOCK_COLUMNS`] columns.
#[derive(Debug, Clone, Copy)]
pub struct Sums<'a> {
    /// The query's position.
    pub row: usize,
    /// The first column's position.
    pub first_column: usize,
    sums: &'a [i32],
    terms: Terms,
}

impl Sums<'_> {
    /// Returns the number of the panel.
    #[must_use]
    pub fn panel(&self) -> usize {
        self.first_column / PANEL_COLUMNS
    }

    /// Calls `found` with the column and similarity of each that is not below `floor`.
    #[inline]
    pub fn at_least(&self, floor: f32, mut found: impl FnMut(usize, f32)) {
        // What is above the next lower float may be rounded to `floor`; and one unit lower than the quotient, which
        // rounding may have raised.
        let least = ((f64::from(floor.next_down()) / self.terms.unit).floor() as i32).saturating_sub(1);
        let least = least.saturating_add(self.terms.zero);
        for_each_at_least(self.sums, least, |at, sum| {
            let similarity = self.similarity(sum);
            if similarity >= floor {
                found(self.first_column + at, similarity);
            }
        });
    }

    /// Calls `found` with the column and product (the sum over both codes' components, in units of their steps) of each
    /// that is not below `least`, or, with `margin` added, not below what `columns` has for its column.
    #[inline]
    pub fn products_at_least(&self, least: i32, margin: i32, columns: &[Cell<i32>], mut found: impl FnMut(usize, i32)) {
        let zero = self.terms.zero;
        let columns = &columns[self.first_column..self.first_column + self.sums.len()];
        for (part, (sums, columns)) in self.sums.chunks(16).zip(columns.chunks(16)).enumerate() {
            let reaches = |sum: i32, column: &Cell<i32>| (sum - zero >= least) | (sum - zero + margin >= column.get());
            if sums.iter().zip(columns).fold(false, |any, (&sum, column)| any | reaches(sum, column)) {
                for (at, (&sum, column)) in sums.iter().zip(columns).enumerate() {
                    if reaches(sum, column) {
                        found(self.first_column + 16 * part + at, sum - zero);
                    }
                }
            }
        }
    }

    /// Writes all similarities to `out`.
    pub fn write(&self, out: &mut [f32]) {
        for (out, &sum) in out.iter_mut().zip(self.sums) {
            *out = self.similarity(sum);
        }
    }

    fn similarity(&self, sum: i32) -> f32 {
        (f64::from(sum - self.terms.zero) * self.terms.unit) as f32
    }
}

/// Calls `found` with the place and value of each sum that is not below `least`.
///
/// Looks at sixteen at once, so that the compiler can use vectors: mostly none of them is.
#[inline]
pub fn for_each_at_least(sums: &[i32], least: i32, mut found: impl FnMut(usize, i32)) {
    for (part, sums) in sums.chunks(16).enumerate() {
        if sums.iter().fold(false, |any, &sum| any | (sum >= least)) {
            for (at, &sum) in sums.iter().enumerate() {
                if sum >= least {
                    found(16 * part + at, sum);
                }
            }
        }
    }
}

/// Calls `visit` with the sums of each of `rows` and each panel of columns.
///
/// # Panics
/// Rows and columns are of different lengths.
pub fn for_each_block(kernels: Kernels, rows: &BlockRows, panels: &Panels, mut visit: impl FnMut(Sums<'_>)) {
    let same = rows.is_empty() || panels.columns == 0 || rows.row_lines * PANEL_COLUMNS == panels.panel_lines;
    assert!(same, "rows and columns of the same dimension");
    let quads: &[[i8; 4]] = bytemuck::cast_slice(&rows.lines);
    let row_quads = rows.row_lines * LINE_BYTES / 4;
    let mut out = [[0; PANEL_COLUMNS]; STEP_ROWS];
    for group in (0..rows.len()).step_by(GROUP_ROWS) {
        for (panel, lines) in panels.lines.chunks_exact(panels.panel_lines.max(1)).enumerate() {
            let first_column = panel * PANEL_COLUMNS;
            let columns = (panels.columns - first_column).min(PANEL_COLUMNS);
            let end = rows.len().min(group + GROUP_ROWS);
            for first in (group..end).step_by(STEP_ROWS) {
                let count = STEP_ROWS.min(end - first);
                let codes: [&[[i8; 4]]; STEP_ROWS] = std::array::from_fn(|row| {
                    let row = first + row.min(count - 1);
                    &quads[row * row_quads..(row + 1) * row_quads]
                });
                kernels.block(&codes[..count], lines, &mut out[..count]);
                for (at, sums) in out[..count].iter().enumerate() {
                    let terms = rows.terms[first + at];
                    visit(Sums { row: first + at, first_column, sums: &sums[..columns], terms });
                }
            }
        }
    }
}
