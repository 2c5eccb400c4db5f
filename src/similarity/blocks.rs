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
pub(super) const STEP_ROWS: usize = 24;

/// Rows of codes as columns: their bytes in groups of four components, [`BLOCK_COLUMNS`] columns a panel.
#[derive(Debug, Clone, Default)]
pub struct Panels {
    lines: Vec<Line>,
    panel_lines: usize,
    columns: usize,
    error_max: f32,
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
        self.error_max = 0.0;
        self.lines.clear();
        self.lines.resize(self.columns.div_ceil(PANEL_COLUMNS) * self.panel_lines, Line::ZERO);
        self.bytes.clear();
        self.bytes.resize(row_lines, Line::ZERO);
        for (column, row) in rows.enumerate() {
            codes.row_bytes(row, bytemuck::cast_slice_mut(&mut self.bytes));
            self.error_max = self.error_max.max(codes.errors()[row].full);
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

    /// Returns how far off a column's codes are at most.
    #[must_use]
    pub fn error_max(&self) -> f32 {
        self.error_max
    }

    /// Returns how many panels there are.
    pub(super) fn len(&self) -> usize {
        self.columns.div_ceil(PANEL_COLUMNS)
    }

    /// Returns how many columns a panel has.
    pub(super) fn columns_of(&self, panel: usize) -> usize {
        PANEL_COLUMNS.min(self.columns - panel * PANEL_COLUMNS)
    }

    fn lines_of(&self, panel: usize) -> &[Line] {
        &self.lines[panel * self.panel_lines..(panel + 1) * self.panel_lines]
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
            self.add_terms(sum, codes.step(), codes.step(), codes.errors()[row].full);
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
        self.add_terms(sum, own_step, step, query.error());
    }

    fn add_terms(&mut self, sum: i32, own_step: f32, step: f32, error: f32) {
        self.terms.push(Terms { zero: 128 * sum, unit: f64::from(own_step * step), error });
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

    /// Returns the similarity that a sum of a query's stands for.
    pub(super) fn similarity(&self, row: usize, sum: i32) -> f32 {
        self.terms[row].similarity(sum)
    }

    /// Returns how far the similarities of a query by codes are from those of the vectors, which are of norm 1, at most.
    pub(super) fn bound(&self, row: usize, panels: &Panels) -> f32 {
        let error = self.terms[row].error;
        error + (1.0 + error) * panels.error_max
    }

    /// Returns a sum that no column of a query's has fewer of whose vector may be the nearest, where `largest` is the
    /// largest sum: the codes of both may be off by [`BlockRows::bound`], and `slack` is for rounding.
    pub(super) fn least_of_nearest(&self, row: usize, largest: i32, panels: &Panels, slack: f32) -> i32 {
        let units = 2.0 * f64::from(self.bound(row, panels) + slack) / self.terms[row].unit;
        largest.saturating_sub(units.ceil() as i32).saturating_sub(1)
    }

    /// Writes the sums of the queries from `first` on with the columns of a panel to `out`.
    ///
    /// # Panics
    /// There are not so many queries, or more than [`STEP_ROWS`], or no such panel.
    pub(super) fn sums(
        &self,
        kernels: Kernels,
        first: usize,
        panels: &Panels,
        panel: usize,
        out: &mut [[i32; PANEL_COLUMNS]],
    ) {
        let quads: &[[i8; 4]] = bytemuck::cast_slice(&self.lines);
        let row_quads = self.row_lines * LINE_BYTES / 4;
        let codes: [&[[i8; 4]]; STEP_ROWS] = std::array::from_fn(|row| {
            let row = first + row.min(out.len() - 1);
            &quads[row * row_quads..(row + 1) * row_quads]
        });
        kernels.block(&codes[..out.len()], panels.lines_of(panel), out);
    }
}

/// Checks that rows and columns can be compared.
pub(super) fn assert_same_dimension(rows: &BlockRows, panels: &Panels) {
    let same = rows.is_empty() || panels.columns == 0 || rows.row_lines * PANEL_COLUMNS == panels.panel_lines;
    assert!(same, "rows and columns of the same dimension");
}

/// How a query's sums become similarities.
#[derive(Debug, Clone, Copy)]
struct Terms {
    /// What the byte of zero adds to a sum: 128 for each unit of the query's bytes.
    zero: i32,
    /// What one unit of a product stands for.
    unit: f64,
    /// How far off the query's code is.
    error: f32,
}

impl Terms {
    fn similarity(self, sum: i32) -> f32 {
        (f64::from(sum - self.zero) * self.unit) as f32
    }
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
            let similarity = self.terms.similarity(sum);
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
            *out = self.terms.similarity(sum);
        }
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
    assert_same_dimension(rows, panels);
    let mut out = [[0; PANEL_COLUMNS]; STEP_ROWS];
    for group in (0..rows.len()).step_by(GROUP_ROWS) {
        for panel in 0..panels.len() {
            let end = rows.len().min(group + GROUP_ROWS);
            for first in (group..end).step_by(STEP_ROWS) {
                let count = STEP_ROWS.min(end - first);
                rows.sums(kernels, first, panels, panel, &mut out[..count]);
                for (row, sums) in (first..).zip(&out[..count]) {
                    let (first_column, sums) = (panel * PANEL_COLUMNS, &sums[..panels.columns_of(panel)]);
                    visit(Sums { row, first_column, sums, terms: rows.terms[row] });
                }
            }
        }
    }
}
