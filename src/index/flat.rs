//! Can the answer be exact? A scan over every row, by codes first where there are some.

use super::{Index, Neighbor, Subset, neighbors};
use crate::embeddings::Embeddings;
use crate::similarity::{
    Codes, Errors, Kernels, QueryCode, Top, for_each_at_least, ranked, rounding, row_of, similarity_of,
};

/// Rows of a scan over floats that are compared at once.
const BLOCK_ROWS: usize = 256;
/// Candidates by their upper bits, for each neighbor asked for, whose exact similarities set the bound.
const SEEDS_PER_NEIGHBOR: usize = 3;
/// One of so many rows, or fewer, is compared row by row instead of in a scan.
const SPARSE: usize = 16;

/// The exact index.
///
/// Without codes it compares a query with every row's floats. With codes it reads the upper four bits of every row (an
/// eighth of the bytes), finds the exact similarities of the most promising rows, and then looks closer, first at all
/// eight bits and last at the floats, at every row that the error bounds of the codes ([`Errors`]) cannot exclude from
/// the `k` nearest. The answers of both are the same, bit for bit.
#[derive(Debug, Clone, Copy)]
pub struct Flat<'a> {
    embeddings: &'a Embeddings,
    codes: Option<&'a Codes>,
    kernels: Kernels,
}

/// What a search over codes works in; one a thread, for any number of searches.
#[derive(Debug, Clone, Default)]
pub struct FlatScratch {
    query: Option<QueryCode>,
    sums: Vec<i32>,
    rows: Vec<u32>,
    low_sums: Vec<i32>,
    similarities: Vec<f32>,
    top: Top,
}

impl<'a> Flat<'a> {
    /// Searches `embeddings`, whose rows are posts by position.
    #[must_use]
    pub fn new(embeddings: &'a Embeddings) -> Flat<'a> {
        Flat { embeddings, codes: None, kernels: Kernels::best() }
    }

    /// Searches `embeddings` with the help of their codes.
    ///
    /// # Panics
    /// `codes` are not of as many rows of the same dimension.
    #[must_use]
    pub fn with_codes(embeddings: &'a Embeddings, codes: &'a Codes) -> Flat<'a> {
        assert_eq!(codes.len(), embeddings.len(), "one code for each row");
        assert_eq!(codes.dimension(), embeddings.dimension(), "codes of the same dimension");
        Flat { embeddings, codes: Some(codes), kernels: Kernels::best() }
    }

    /// Computes with the given kernels instead of the best.
    #[must_use]
    pub fn kernels(self, kernels: Kernels) -> Flat<'a> {
        Flat { kernels, ..self }
    }

    /// As [`Index::nearest`], among the posts of `among` if given, working in `scratch`.
    ///
    /// # Panics
    /// The query is of another dimension.
    pub fn nearest_in(
        &self,
        query: &[f32],
        k: usize,
        among: Option<&Subset>,
        scratch: &mut FlatScratch,
    ) -> Vec<Neighbor> {
        let k = k.min(among.map_or(self.embeddings.len(), Subset::len));
        if k == 0 {
            return Vec::new();
        }
        assert_eq!(query.len(), self.embeddings.dimension(), "a query of the same dimension");
        scratch.top.reset(k);
        let sparse = among.filter(|among| among.len() * SPARSE <= self.embeddings.len());
        if let Some(among) = sparse {
            scratch.rows.clear();
            scratch.rows.extend(among.iter().map(|position| position as u32));
            self.compare(query, scratch);
        } else if let Some(codes) = self.codes.filter(|codes| k * SPARSE <= codes.len()) {
            self.scan_codes(codes, query, k, among, scratch);
        } else {
            self.scan(query, among, &mut scratch.top);
        }
        neighbors(scratch.top.sorted())
    }

    fn scan(&self, query: &[f32], among: Option<&Subset>, top: &mut Top) {
        let mut similarities = [0.0; BLOCK_ROWS];
        let belongs = |row: usize| among.is_none_or(|among| among.contains(row));
        for (block, matrix) in self.embeddings.as_slice().chunks(BLOCK_ROWS * query.len()).enumerate() {
            let similarities = &mut similarities[..matrix.len() / query.len()];
            self.kernels.rows(query, matrix, similarities);
            let floor = top.floor();
            for (at, &similarity) in similarities.iter().enumerate() {
                let row = block * BLOCK_ROWS + at;
                if similarity >= floor && belongs(row) {
                    top.push(ranked(similarity, row as u32));
                }
            }
        }
    }

    /// Puts the exact similarities of `scratch.rows` into `scratch.top`.
    fn compare(&self, query: &[f32], scratch: &mut FlatScratch) {
        let FlatScratch { rows, similarities, top, .. } = scratch;
        similarities.clear();
        self.kernels.rows_at(query, self.embeddings.as_slice(), rows, similarities);
        rows.iter().zip(similarities).for_each(|(&row, similarity)| top.push(ranked(*similarity, row)));
    }

    fn scan_codes(&self, codes: &Codes, query: &[f32], k: usize, among: Option<&Subset>, scratch: &mut FlatScratch) {
        let code = scratch.query.take().filter(|code| code.dimension() == query.len());
        let mut code = code.unwrap_or_else(|| QueryCode::new(query));
        code.set(query);
        scratch.sums.resize(codes.len(), 0);
        codes.high_sums(self.kernels, &code, 0, &mut scratch.sums);
        let belongs = |row: usize| among.is_none_or(|among| among.contains(row));
        // The rows with the largest sums: their exact similarities bound the k-th largest from below.
        scratch.top.reset(SEEDS_PER_NEIGHBOR * k);
        let (sums, top) = (&scratch.sums, &mut scratch.top);
        for (block, sums) in sums.chunks(BLOCK_ROWS).enumerate() {
            // A sum as a float: what rounding mistakes here costs a better seed, no answer.
            for_each_at_least(sums, top.floor() as i32, |at, sum| {
                let row = block * BLOCK_ROWS + at;
                if belongs(row) {
                    top.push(ranked(sum as f32, row as u32));
                }
            });
        }
        scratch.rows.clear();
        scratch.rows.extend(scratch.top.sorted().iter().map(|&ranked| row_of(ranked)));
        scratch.top.reset(k);
        self.compare(query, scratch);
        let floor = scratch.top.sorted().last().map_or(f32::NEG_INFINITY, |&ranked| similarity_of(ranked));
        self.look_closer(codes, &code, floor, &belongs, scratch);
        scratch.top.reset(k);
        self.compare(query, scratch);
        scratch.query = Some(code);
    }

    /// Leaves in `scratch.rows` every row that may have a similarity of `floor` or more.
    fn look_closer(
        &self,
        codes: &Codes,
        code: &QueryCode,
        floor: f32,
        belongs: &dyn Fn(usize) -> bool,
        scratch: &mut FlatScratch,
    ) {
        let FlatScratch { sums, rows, low_sums, .. } = scratch;
        let slack = rounding(code.dimension());
        let may = |error: f32, similarity: f32| similarity + error + (1.0 + error) * code.error() + slack >= floor;
        let largest = codes.error_max();
        let bound = floor - largest - (1.0 + largest) * code.error() - slack;
        let least = code.sum_below(bound, codes.step());
        rows.clear();
        for_each_at_least(sums, least, |row, sum| {
            if may(codes.errors()[row].high, code.high(sum, codes.step())) && belongs(row) {
                rows.push(row as u32);
            }
        });
        low_sums.clear();
        codes.low_sums_at(self.kernels, code, rows, low_sums);
        let mut low = low_sums.iter();
        rows.retain(|&row| {
            let Errors { full, .. } = codes.errors()[row as usize];
            low.next().is_some_and(|&low| may(full, code.full(sums[row as usize], low, codes.step())))
        });
    }
}

impl Index for Flat<'_> {
    fn nearest(&self, query: &[f32], k: usize) -> Vec<Neighbor> {
        self.nearest_in(query, k, None, &mut FlatScratch::default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::similarity::{Bits, Isa, dot};

    fn expect(embeddings: &Embeddings, query: &[f32], k: usize, among: impl Fn(usize) -> bool) -> Vec<(f32, usize)> {
        let rows = (0..embeddings.len()).filter(|&row| among(row));
        let mut expect: Vec<(f32, usize)> = rows.map(|row| (dot(query, embeddings.row(row)), row)).collect();
        expect.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        expect.truncate(k);
        expect
    }

    fn found(neighbors: Vec<Neighbor>) -> Vec<(f32, usize)> {
        neighbors.into_iter().map(|neighbor| (neighbor.similarity, neighbor.position)).collect()
    }

    proptest! {
        #[test]
        fn equals_sort_then_take(values in prop::collection::vec(-2i8..=2, 4 * 12), k in 0usize..15) {
            let values: Vec<f32> = values.into_iter().map(f32::from).collect();
            let Ok(embeddings) = Embeddings::from_rows(4, values) else { return Ok(()) };
            let query = embeddings.row(0);
            let nearest = found(Flat::new(&embeddings).nearest(query, k));
            prop_assert_eq!(nearest, expect(&embeddings, query, k, |_| true));
        }

        #[test]
        fn codes_change_no_answer(
            seed in any::<u64>(), dimension in 1usize..150, k in 1usize..12, every in 1usize..40, spread in 0u32..4
        ) {
            let mut random = fastrand::Rng::with_seed(seed);
            let center: Vec<f32> = (0..dimension).map(|_| random.f32() - 0.5).collect();
            let values = (0..300 * dimension).map(|at| {
                // Rows near one direction, and some of them equal: many similarities lie close together.
                let noise = if at / dimension % 5 == 0 { 0.0 } else { random.f32() - 0.5 };
                center[at % dimension] + noise / 10f32.powi(spread.cast_signed())
            });
            let Ok(embeddings) = Embeddings::from_rows(dimension, values.collect()) else { return Ok(()) };
            let codes = Codes::new(embeddings.as_slice(), dimension, Bits::Eight);
            let among = Subset::from_fn(300, |row| row % every == 0);
            let mut scratch = FlatScratch::default();
            for kernels in Isa::ALL.into_iter().filter_map(Kernels::for_isa) {
                let flat = Flat::with_codes(&embeddings, &codes).kernels(kernels);
                for row in [0, 7, 299] {
                    let query = embeddings.row(row);
                    let all = found(flat.nearest_in(query, k, None, &mut scratch));
                    prop_assert_eq!(all, expect(&embeddings, query, k, |_| true));
                    let some = found(flat.nearest_in(query, k, Some(&among), &mut scratch));
                    prop_assert_eq!(some, expect(&embeddings, query, k, |row| row % every == 0));
                }
            }
        }
    }
}
