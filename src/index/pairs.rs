//! What is near everything? The exact neighbors of every post, as products of blocks of codes.

use rayon::prelude::*;

use super::flat::rounding;
use super::{Neighbor, neighbors};
use crate::embeddings::Embeddings;
use crate::similarity::{BLOCK_COLUMNS, BlockRows, Codes, Kernels, Panels, Top, for_each_block, ranked, similarity_of};

/// Posts whose neighbors one thread finds at once.
const GROUP_ROWS: usize = 768;
/// Candidates of one post between two looks at which of them are still possible.
const CANDIDATES: usize = 96;

/// Returns the `k` nearest other posts of every post, nearest first, equal similarities by position; by all threads of
/// the current rayon pool, with the same result for any number of them.
///
/// `codes` are those of `embeddings`. Candidates are found by codes, every one that their error bounds cannot exclude,
/// and put in order by floats: the answer is that of [`super::Flat`] for each post, without the post itself. Takes
/// `n² × dimension` products of bytes, and memory for a copy of the codes. `progress` gets the number of posts that
/// are done.
///
/// # Panics
/// `codes` are not of as many rows of the same dimension.
pub fn all_nearest(
    embeddings: &Embeddings,
    codes: &Codes,
    k: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Vec<Neighbor>> {
    assert_eq!((codes.len(), codes.dimension()), (embeddings.len(), embeddings.dimension()), "codes of these rows");
    let mut panels = Panels::default();
    panels.fill(codes, 0..codes.len());
    let errors: Vec<f32> = codes.errors().iter().map(|errors| errors.full).collect();
    let panel_errors: Vec<f32> =
        errors.chunks(BLOCK_COLUMNS).map(|errors| errors.iter().fold(0.0, |a: f32, &b| a.max(b))).collect();
    let pairs = Pairs { embeddings, codes, panels, errors, panel_errors, k, kernels: Kernels::best() };
    let rows: Vec<usize> = (0..codes.len()).collect();
    rows.par_chunks(GROUP_ROWS)
        .flat_map_iter(|rows| {
            let found = pairs.group(rows);
            progress(rows.len());
            found
        })
        .collect()
}

struct Pairs<'a> {
    embeddings: &'a Embeddings,
    codes: &'a Codes,
    panels: Panels,
    errors: Vec<f32>,
    /// The largest error of each panel's columns.
    panel_errors: Vec<f32>,
    k: usize,
    kernels: Kernels,
}

/// The columns that may be among a row's nearest.
struct Candidates {
    row: usize,
    error: f32,
    /// The row's k-th similarity is this or more.
    floor: f32,
    kept: Vec<(f32, u32)>,
    room: usize,
}

impl Pairs<'_> {
    fn group(&self, rows: &[usize]) -> Vec<Vec<Neighbor>> {
        let mut block = BlockRows::default();
        block.clear(self.codes.dimension());
        block.add_codes(self.codes, rows.iter().copied());
        let start = |&row: &usize| Candidates {
            row,
            error: self.errors[row],
            floor: f32::NEG_INFINITY,
            kept: Vec::with_capacity(CANDIDATES + BLOCK_COLUMNS),
            room: CANDIDATES,
        };
        let mut candidates: Vec<Candidates> = rows.iter().map(start).collect();
        for_each_block(self.kernels, &block, &self.panels, |sums| {
            let candidates = &mut candidates[sums.row];
            let possible = candidates.floor - self.bound(candidates.error, self.panel_errors[sums.panel()]);
            sums.at_least(possible, |column, similarity| {
                if column != candidates.row {
                    candidates.kept.push((similarity, column as u32));
                }
            });
            if candidates.kept.len() >= candidates.room {
                self.drop_impossible(candidates);
            }
        });
        let mut work = (Top::default(), Vec::new(), Vec::new());
        candidates.iter().map(|candidates| self.exact(candidates, &mut work)).collect()
    }

    /// How far the similarity of two rows' codes can be from theirs; see [`crate::similarity::Errors`].
    fn bound(&self, error: f32, other: f32) -> f32 {
        error + (1.0 + error) * other + rounding(self.codes.dimension())
    }

    fn drop_impossible(&self, candidates: &mut Candidates) {
        let bound = |column: u32| self.bound(candidates.error, self.errors[column as usize]);
        if candidates.kept.len() >= self.k && self.k > 0 {
            let mut least: Vec<f32> =
                candidates.kept.iter().map(|&(similarity, column)| similarity - bound(column)).collect();
            let (_, floor, _) = least.select_nth_unstable_by(self.k - 1, |a, b| b.total_cmp(a));
            let floor = floor.max(candidates.floor);
            candidates.kept.retain(|&(similarity, column)| similarity + bound(column) >= floor);
            candidates.floor = floor;
        }
        candidates.room = CANDIDATES.max(2 * candidates.kept.len());
    }

    fn exact(&self, candidates: &Candidates, work: &mut (Top, Vec<u32>, Vec<f32>)) -> Vec<Neighbor> {
        let (top, rows, similarities) = work;
        rows.clear();
        similarities.clear();
        top.reset(self.k);
        rows.extend(candidates.kept.iter().map(|&(_, column)| column));
        let query = self.embeddings.row(candidates.row);
        self.kernels.rows_at(query, self.embeddings.as_slice(), rows, similarities);
        rows.iter().zip(similarities).for_each(|(&row, similarity)| top.push(ranked(*similarity, row)));
        debug_assert!(top.sorted().is_sorted_by(|a, b| similarity_of(*a) >= similarity_of(*b)));
        neighbors(top.sorted())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Flat, Index};
    use super::*;
    use crate::similarity::Bits;

    fn check(rows: usize, dimension: usize, k: usize, levels: u8) {
        let mut random = fastrand::Rng::with_seed(rows as u64);
        let values = (0..rows * dimension).map(|_| f32::from(random.u8(1..=levels)) - 0.4);
        let embeddings = Embeddings::from_rows(dimension, values.collect()).unwrap();
        let codes = Codes::new(embeddings.as_slice(), dimension, Bits::Eight);
        let all = all_nearest(&embeddings, &codes, k, &|_| ());
        assert_eq!(all.len(), rows);
        for (row, found) in all.iter().enumerate() {
            let mut expect = Flat::new(&embeddings).nearest(embeddings.row(row), rows);
            expect.retain(|neighbor| neighbor.position != row);
            expect.truncate(k);
            assert_eq!(found, &expect, "row {row} of {rows}");
        }
    }

    #[test]
    fn equals_the_exact_index_without_the_post_itself() {
        for (rows, dimension, k, levels) in
            [(0, 3, 2, 9), (1, 3, 2, 9), (2, 40, 5, 200), (70, 5, 0, 9), (300, 2, 7, 3), (1000, 33, 10, 255)]
        {
            check(rows, dimension, k, levels);
        }
    }
}
