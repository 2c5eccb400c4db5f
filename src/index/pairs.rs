//! What is near everything? The exact neighbors of every post, as products of blocks of codes.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::{Neighbor, neighbors};
use crate::embeddings::Embeddings;
use crate::similarity::{
    BLOCK_COLUMNS, BlockRows, Codes, Kernels, Panels, Sums, Top, for_each_block, ranked, rounding,
};

/// Posts of one block: blocks are compared two at a time.
const BLOCK_POSTS: usize = 64 * BLOCK_COLUMNS;
/// Candidates of one post between two looks at which of them are still possible.
const CANDIDATES: usize = 96;

/// Returns the `k` nearest other posts of every post, nearest first, equal similarities by position; by all threads of
/// the current rayon pool, with the same result for any number of them.
///
/// `codes` are those of `embeddings`. Each pair is compared once, by codes; every candidate that their error bounds
/// cannot exclude is put in order by floats. So the answer is that of [`super::Flat`] for each post, without the post
/// itself. Takes `n² × dimension / 2` products of bytes, and memory for a copy of the codes and about 100 candidates a
/// post. `progress` gets numbers of pairs of blocks, done and in all.
///
/// # Panics
/// `codes` are not of as many rows of the same dimension.
pub fn all_nearest(
    embeddings: &Embeddings,
    codes: &Codes,
    k: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Vec<Vec<Neighbor>> {
    assert_eq!((codes.len(), codes.dimension()), (embeddings.len(), embeddings.dimension()), "codes of these rows");
    // Rows whose codes are far off lie together, so that they loosen no other block's bounds.
    let mut order: Vec<u32> = (0..codes.len() as u32).collect();
    order.sort_by(|&a, &b| codes.errors()[a as usize].full.total_cmp(&codes.errors()[b as usize].full));
    let pairs = Pairs::new(embeddings, codes, k);
    let blocks: Vec<Mutex<Block>> = order.par_chunks(BLOCK_POSTS).map(|rows| Mutex::new(pairs.block(rows))).collect();
    let rounds = rounds(blocks.len());
    let all = rounds.iter().map(Vec::len).sum();
    let mut done = 0;
    for round in rounds {
        round.par_iter().for_each(|&(one, other)| pairs.compare(&blocks, one, other));
        done += round.len();
        progress(done, all);
    }
    let mut answers = vec![Vec::new(); codes.len()];
    let found: Vec<Vec<Vec<Neighbor>>> = blocks.into_par_iter().map(|block| pairs.exact(&locked(&block))).collect();
    for (&row, answer) in order.iter().zip(found.into_iter().flatten()) {
        answers[row as usize] = answer;
    }
    answers
}

/// Returns every pair of blocks once, each block with itself first, in rounds in which no block is twice: the circle
/// method of a tournament.
fn rounds(blocks: usize) -> Vec<Vec<(usize, usize)>> {
    let mut rounds = vec![(0..blocks).map(|block| (block, block)).collect::<Vec<_>>()];
    let seats = blocks.next_multiple_of(2);
    for round in 1..seats {
        let seat = |at: usize| if at == 0 { 0 } else { (at - 1 + round) % (seats - 1) + 1 };
        let pair = |at: usize| (seat(at).min(seat(seats - 1 - at)), seat(at).max(seat(seats - 1 - at)));
        rounds.push((0..seats / 2).map(pair).filter(|&(_, other)| other < blocks).collect());
    }
    rounds
}

fn locked(block: &Mutex<Block>) -> MutexGuard<'_, Block> {
    block.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Pairs<'a> {
    embeddings: &'a Embeddings,
    codes: &'a Codes,
    k: usize,
    kernels: Kernels,
    /// What one unit of a product stands for.
    unit: f32,
    slack: f32,
    error_max: f32,
}

/// Some posts, and what is known of their neighbors.
struct Block {
    rows: Vec<u32>,
    panels: Panels,
    /// For each panel, the largest of its posts' margins.
    panel_margins: Vec<i32>,
    /// By post: how much its own error can add to a product, in units.
    margins: Vec<i32>,
    /// By post: a product below this, when the other's margin is added, cannot be among the nearest.
    least: Vec<Cell<i32>>,
    candidates: Vec<Candidates>,
}

/// The posts that may be among one's nearest.
#[derive(Default)]
struct Candidates {
    /// The k-th similarity is this or more.
    floor: Option<f32>,
    /// Products and rows.
    kept: Vec<(i32, u32)>,
    room: usize,
}

impl<'a> Pairs<'a> {
    fn new(embeddings: &'a Embeddings, codes: &'a Codes, k: usize) -> Pairs<'a> {
        let error_max = codes.errors().iter().fold(0.0, |largest: f32, errors| largest.max(errors.full));
        let unit = codes.step() * codes.step();
        let slack = rounding(codes.dimension());
        Pairs { embeddings, codes, k, kernels: Kernels::best(), unit, slack, error_max }
    }

    fn error(&self, row: u32) -> f32 {
        self.codes.errors()[row as usize].full
    }

    fn block(&self, rows: &[u32]) -> Block {
        let mut panels = Panels::default();
        panels.fill(self.codes, rows.iter().map(|&row| row as usize));
        let margin = |&row: &u32| ((1.0 + self.error_max) * self.error(row) / self.unit).ceil() as i32 + 1;
        let margins: Vec<i32> = rows.iter().map(margin).collect();
        let panel_margins = margins.chunks(BLOCK_COLUMNS).map(|margins| margins.iter().copied().max().unwrap_or(0));
        let panel_margins = panel_margins.collect();
        let least = rows.iter().map(|_| Cell::new(i32::MIN)).collect();
        let candidates = rows.iter().map(|_| Candidates { room: CANDIDATES, ..Candidates::default() }).collect();
        Block { rows: rows.to_vec(), panels, panel_margins, margins, least, candidates }
    }

    /// Compares every post of one block with every post of another, or each pair of one block.
    fn compare(&self, blocks: &[Mutex<Block>], one: usize, other: usize) {
        let mut first = locked(&blocks[one]);
        let mut rows = BlockRows::default();
        rows.clear(self.codes.dimension());
        rows.add_codes(self.codes, first.rows.iter().map(|&row| row as usize));
        if one == other {
            let block = &mut *first;
            let Block { rows: names, panels, panel_margins, margins, least, candidates } = block;
            for_each_block(self.kernels, &rows, panels, |sums| {
                let row = sums.row;
                self.look(&sums, &least[row], panel_margins, margins[row], least, |column, product| {
                    if column > row {
                        self.keep(&mut candidates[row], &least[row], names[row], (product, names[column]));
                        self.keep(&mut candidates[column], &least[column], names[column], (product, names[row]));
                    }
                });
            });
            return;
        }
        let mut second = locked(&blocks[other]);
        let (first, second) = (&mut *first, &mut *second);
        for_each_block(self.kernels, &rows, &second.panels, |sums| {
            let row = sums.row;
            let (least, margin) = (&first.least[row], first.margins[row]);
            self.look(&sums, least, &second.panel_margins, margin, &second.least, |column, product| {
                let (row_name, column_name) = (first.rows[row], second.rows[column]);
                self.keep(&mut first.candidates[row], least, row_name, (product, column_name));
                let (candidates, least) = (&mut second.candidates[column], &second.least[column]);
                self.keep(candidates, least, column_name, (product, row_name));
            });
        });
    }

    /// Calls `found` with what may be a neighbor of the row or of the column.
    #[inline]
    fn look(
        &self,
        sums: &Sums<'_>,
        least: &Cell<i32>,
        panel_margins: &[i32],
        margin: i32,
        columns: &[Cell<i32>],
        found: impl FnMut(usize, i32),
    ) {
        let least = least.get().saturating_sub(panel_margins[sums.panel()]);
        sums.products_at_least(least, margin, columns, found);
    }

    /// How far the product of two posts' codes can be from their similarity; see [`crate::similarity::Errors`].
    fn bound(&self, one: u32, other: u32) -> f32 {
        let (error, other) = (self.error(one), self.error(other));
        error + (1.0 + error) * other + self.slack
    }

    /// Takes a candidate in, if it is possible.
    fn keep(&self, candidates: &mut Candidates, least: &Cell<i32>, row: u32, (product, other): (i32, u32)) {
        let most = product as f32 * self.unit + self.bound(row, other);
        if self.k == 0 || candidates.floor.is_some_and(|floor| most < floor) {
            return;
        }
        candidates.kept.push((product, other));
        if candidates.kept.len() >= candidates.room.max(self.k) {
            self.drop_impossible(candidates, row);
            let floor = candidates.floor.unwrap_or(f32::NEG_INFINITY);
            least.set(((floor - self.error(row) - self.slack) / self.unit).floor() as i32 - 1);
        }
    }

    fn drop_impossible(&self, candidates: &mut Candidates, row: u32) {
        let similarity = |product: i32| product as f32 * self.unit;
        let surely = |&(product, other): &(i32, u32)| similarity(product) - self.bound(row, other);
        let mut least: Vec<f32> = candidates.kept.iter().map(surely).collect();
        let (_, &mut floor, _) = least.select_nth_unstable_by(self.k - 1, |a, b| b.total_cmp(a));
        let floor = candidates.floor.map_or(floor, |before| before.max(floor));
        candidates.kept.retain(|&(product, other)| similarity(product) + self.bound(row, other) >= floor);
        candidates.floor = Some(floor);
        candidates.room = CANDIDATES.max(2 * candidates.kept.len());
    }

    /// Puts the candidates of each post of a block in order by floats.
    fn exact(&self, block: &Block) -> Vec<Vec<Neighbor>> {
        let (mut top, mut rows, mut similarities) = (Top::default(), Vec::new(), Vec::new());
        let mut answer = |(&row, candidates): (&u32, &Candidates)| {
            rows.clear();
            similarities.clear();
            top.reset(self.k);
            rows.extend(candidates.kept.iter().map(|&(_, other)| other));
            let query = self.embeddings.row(row as usize);
            self.kernels.rows_at(query, self.embeddings.as_slice(), &rows, &mut similarities);
            rows.iter().zip(&similarities).for_each(|(&row, &similarity)| top.push(ranked(similarity, row)));
            neighbors(top.sorted())
        };
        block.rows.iter().zip(&block.candidates).map(&mut answer).collect()
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
        let all = all_nearest(&embeddings, &codes, k, &|_, _| ());
        assert_eq!(all.len(), rows);
        // Of many rows, some of every block.
        for (row, found) in all.iter().enumerate().step_by(1 + rows / 500) {
            let mut expect = Flat::new(&embeddings).nearest(embeddings.row(row), k + 1);
            let own = expect.iter().position(|neighbor| neighbor.position == row);
            expect.remove(own.unwrap_or(k.min(rows - 1)));
            assert_eq!(found, &expect, "row {row} of {rows}");
        }
    }

    #[test]
    fn every_pair_of_blocks_meets_once() {
        for blocks in 0..9 {
            let mut met: Vec<(usize, usize)> = Vec::new();
            for round in rounds(blocks) {
                let mut busy: Vec<usize> = round.iter().flat_map(|&(one, other)| [one, other]).collect();
                busy.sort_unstable();
                busy.dedup();
                let own = round.iter().filter(|(one, other)| one == other).count();
                assert_eq!(busy.len(), 2 * round.len() - own, "no block is twice in a round of {blocks}");
                met.extend(round);
            }
            met.sort_unstable();
            let expect = (0..blocks).flat_map(|one| (one..blocks).map(move |other| (one, other)));
            assert_eq!(met, expect.collect::<Vec<_>>());
        }
    }

    #[test]
    fn equals_the_exact_index_without_the_post_itself() {
        for (rows, dimension, k, levels) in [
            (0, 3, 2, 9),
            (1, 3, 2, 9),
            (2, 40, 5, 200),
            (70, 5, 0, 9),
            (300, 2, 7, 3),
            (1000, 33, 10, 255),
            (9000, 8, 3, 255),
        ] {
            check(rows, dimension, k, levels);
        }
    }
}
