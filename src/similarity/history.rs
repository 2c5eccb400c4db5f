//! How near is each of many candidates to a reading history? The nearest read and the mean over all, without a matrix of
//! all pairs.
//!
//! By floats, candidates go over the reads a tile at a time, and only what a group of them has found is kept. By codes
//! ([`super::Codes`]), all pairs are compared as integers, and only the reads that the error bounds cannot tell from the
//! nearest are compared again as floats: the answer is the same, bit for bit. The mean needs no pairs: it is one inner
//! product with the mean of the reads.

use super::blocks::{STEP_ROWS, assert_same_dimension};
use super::isa::PANEL_COLUMNS;
use super::{BlockRows, Codes, Kernels, Line, Panels, for_each_at_least, rounding};

/// Candidates that are compared with all reads before the next: their floats stay near, and so does what they found.
const GROUP_CANDIDATES: usize = 48;

/// The read that is nearest to a candidate; of equally near ones the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// Cosine similarity; −∞ where nothing was read.
    pub similarity: f32,
    /// An index into the history.
    pub read: usize,
}

impl Nearest {
    const NONE: Nearest = Nearest { similarity: f32::NEG_INFINITY, read: 0 };
}

/// The unit vectors of a reading history, made ready to be compared with many candidates.
#[derive(Debug, Clone)]
pub struct History {
    dimension: usize,
    reads: usize,
    /// Their floats, one row after the other from the beginning of a line on.
    lines: Vec<Line>,
    mean: Vec<f32>,
    panels: Panels,
}

impl History {
    /// Copies the rows `reads` of `matrix` (`n × dimension`, row-major, unit rows).
    ///
    /// # Panics
    /// `matrix` has no such row, or `dimension` is 0.
    #[must_use]
    pub fn new(matrix: &[f32], dimension: usize, reads: &[usize]) -> History {
        assert!(dimension > 0, "vectors of one component or more");
        let mut lines = vec![Line::ZERO; (reads.len() * dimension).div_ceil(size_of::<Line>() / size_of::<f32>())];
        let rows = bytemuck::cast_slice_mut::<Line, f32>(&mut lines).chunks_exact_mut(dimension);
        let mut sums = vec![0.0f64; dimension];
        for (row, &read) in rows.zip(reads) {
            row.copy_from_slice(&matrix[read * dimension..(read + 1) * dimension]);
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        let mean = sums.into_iter().map(|sum| (sum / reads.len().max(1) as f64) as f32).collect();
        History { dimension, reads: reads.len(), lines, mean, panels: Panels::default() }
    }

    /// As [`History::new`], for comparisons by codes, too; `codes` are those of `matrix`.
    ///
    /// # Panics
    /// As [`History::new`], or `codes` are of another dimension or have no such row.
    #[must_use]
    pub fn with_codes(matrix: &[f32], codes: &Codes, reads: &[usize]) -> History {
        let mut history = History::new(matrix, codes.dimension(), reads);
        history.panels.fill(codes, reads.iter().copied());
        history
    }

    /// Returns how many reads there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reads
    }

    /// Tells whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reads == 0
    }

    fn floats(&self) -> &[f32] {
        &bytemuck::cast_slice(&self.lines)[..self.reads * self.dimension]
    }

    /// Calls `visit` with some candidates at a time: the first one's number, how many they are, and their similarities to
    /// every read, one candidate's after the other's.
    fn for_each_group(&self, kernels: Kernels, candidates: &[&[f32]], mut visit: impl FnMut(usize, usize, &[f32])) {
        let mut similarities = vec![0.0; GROUP_CANDIDATES.min(candidates.len()) * self.reads];
        for (group, candidates) in candidates.chunks(GROUP_CANDIDATES).enumerate() {
            assert!(candidates.iter().all(|row| row.len() == self.dimension), "candidates of the same dimension");
            let similarities = &mut similarities[..candidates.len() * self.reads];
            kernels.float_block(candidates, self.floats(), similarities);
            visit(group * GROUP_CANDIDATES, candidates.len(), similarities);
        }
    }

    /// Calls `visit` with each candidate's number and its similarities to every read, as [`super::dot`] gives them.
    ///
    /// # Panics
    /// A candidate is of another dimension.
    pub fn for_each(&self, kernels: Kernels, candidates: &[&[f32]], mut visit: impl FnMut(usize, &[f32])) {
        self.for_each_group(kernels, candidates, |first, count, similarities| {
            for at in 0..count {
                visit(first + at, &similarities[at * self.reads..(at + 1) * self.reads]);
            }
        });
    }

    /// Returns the nearest read of each candidate; the similarity is that of [`super::dot`], bit for bit.
    ///
    /// # Panics
    /// A candidate is of another dimension.
    #[must_use]
    pub fn nearest(&self, kernels: Kernels, candidates: &[&[f32]]) -> Vec<Nearest> {
        let mut found = Vec::with_capacity(candidates.len());
        let mut largest = [0.0; GROUP_CANDIDATES];
        self.for_each_group(kernels, candidates, |_, count, similarities| {
            kernels.largest(similarities, &mut largest[..count]);
            for (at, &similarity) in largest[..count].iter().enumerate() {
                let of_candidate = &similarities[at * self.reads..(at + 1) * self.reads];
                found.push(Nearest { similarity, read: place_of(of_candidate, similarity) });
            }
        });
        found
    }

    /// As [`History::nearest`], with the same answer, where `codes` are those of the candidates, in their order.
    ///
    /// Vectors have to be of norm 1. Takes `candidates × reads × dimension` products of bytes, and floats for every read that
    /// the codes cannot tell from the nearest.
    ///
    /// # Panics
    /// There are not as many codes as candidates, or the history was made without codes.
    #[must_use]
    pub fn nearest_by_codes(&self, kernels: Kernels, candidates: &[&[f32]], codes: &BlockRows) -> Vec<Nearest> {
        assert_eq!(candidates.len(), codes.len(), "one code for each candidate");
        let (mut found, slack) = (Vec::with_capacity(candidates.len()), rounding(self.dimension));
        let (mut reads, mut similarities) = (Vec::new(), Vec::new());
        self.for_each_candidate(kernels, codes, |candidate, sums| {
            let most = sums.largest().unwrap_or(i32::MIN);
            let least = codes.least_of_nearest(candidate, most, &self.panels, slack);
            reads.clear();
            for (panel, (sums, largest)) in sums.panels().enumerate() {
                if largest >= least {
                    for_each_at_least(sums, least, |at, _| reads.push((panel * PANEL_COLUMNS + at) as u32));
                }
            }
            similarities.clear();
            kernels.rows_at(candidates[candidate], self.floats(), &reads, &mut similarities);
            found.push(reads.iter().zip(&similarities).fold(Nearest::NONE, |nearest, (&read, &similarity)| {
                let nearer = similarity > nearest.similarity;
                if nearer { Nearest { similarity, read: read as usize } } else { nearest }
            }));
        });
        found
    }

    /// Returns the largest similarity of each candidate to any read by codes alone, and how far off it is at most: the
    /// vectors being of norm 1, by [`super::Errors`] and a rounding.
    ///
    /// # Panics
    /// The history was made without codes, or of another dimension.
    #[must_use]
    pub fn largest_of_codes(&self, kernels: Kernels, codes: &BlockRows) -> Vec<(f32, f32)> {
        let (mut found, slack) = (Vec::with_capacity(codes.len()), rounding(self.dimension));
        self.for_each_candidate(kernels, codes, |candidate, sums| {
            let similarity = sums.largest().map_or(f32::NEG_INFINITY, |most| codes.similarity(candidate, most));
            found.push((similarity, codes.bound(candidate, &self.panels) + slack));
        });
        found
    }

    /// Calls `visit` with each candidate's number and its sums with all reads.
    fn for_each_candidate(&self, kernels: Kernels, codes: &BlockRows, mut visit: impl FnMut(usize, CandidateSums<'_>)) {
        assert_eq!(self.panels.columns(), self.reads, "a history with codes");
        assert_same_dimension(codes, &self.panels);
        let mut sums = vec![[0; PANEL_COLUMNS]; self.panels.len() * STEP_ROWS];
        let mut largest = vec![0; sums.len()];
        for first in (0..codes.len()).step_by(STEP_ROWS) {
            let count = STEP_ROWS.min(codes.len() - first);
            for panel in 0..self.panels.len() {
                let step = panel * STEP_ROWS..panel * STEP_ROWS + count;
                let sums = &mut sums[step.clone()];
                codes.sums(kernels, first, &self.panels, panel, sums);
                // What fills up the last panel is no read.
                let columns = self.panels.columns_of(panel);
                for (sums, largest) in sums.iter_mut().zip(&mut largest[step]) {
                    sums[columns..].fill(i32::MIN);
                    *largest = kernels.largest_sum(sums);
                }
            }
            (0..count).for_each(|at| visit(first + at, CandidateSums { at, sums: &sums, largest: &largest }));
        }
    }

    /// Returns the mean similarity of each candidate to the reads; 0 where nothing was read.
    ///
    /// One inner product with the mean of the reads, rounded to floats: off the mean of the similarities by `2⁻²⁴` and the
    /// rounding of one [`super::dot`].
    ///
    /// # Panics
    /// A candidate is of another dimension.
    #[must_use]
    pub fn means(&self, kernels: Kernels, candidates: &[&[f32]]) -> Vec<f32> {
        assert!(candidates.iter().all(|row| row.len() == self.dimension), "candidates of the same dimension");
        let mut means = vec![0.0; candidates.len()];
        kernels.float_block(candidates, &self.mean, &mut means);
        means
    }
}

/// The sums of one candidate of a step, panel by panel.
struct CandidateSums<'a> {
    at: usize,
    sums: &'a [[i32; PANEL_COLUMNS]],
    largest: &'a [i32],
}

impl CandidateSums<'_> {
    /// Returns the sums with the columns of each panel, and the largest of them.
    fn panels(&self) -> impl Iterator<Item = (&[i32; PANEL_COLUMNS], i32)> {
        self.sums.iter().zip(self.largest.iter().copied()).skip(self.at).step_by(STEP_ROWS)
    }

    fn largest(&self) -> Option<i32> {
        self.panels().map(|(_, largest)| largest).max()
    }
}

/// Returns where the first of `similarities` is that equals `wanted`; 0 if none does.
fn place_of(similarities: &[f32], wanted: f32) -> usize {
    for (block, part) in similarities.chunks(16).enumerate() {
        if part.iter().fold(false, |any, similarity| any | (*similarity == wanted)) {
            return 16 * block + part.iter().position(|similarity| *similarity == wanted).unwrap_or(0);
        }
    }
    0
}
