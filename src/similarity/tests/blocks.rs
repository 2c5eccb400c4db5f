//! Everything with everything: each row and column once, and none lost.
//!
//! One test of blocks is for Miri too, which takes a minute for one block.

use super::*;
use crate::similarity::{BLOCK_COLUMNS, Bits, BlockRows, Codes, Panels, QueryCode, Sums, for_each_block};

/// The similarity of two rows of codes by their bytes, and the bound of its rounding.
fn expected(query: &[i32], unit: f64, column: &[u8]) -> (f64, f64) {
    let sum: i32 = query.iter().zip(column).map(|(signed, byte)| signed * i32::from(*byte)).sum();
    let offset = 128 * query.iter().sum::<i32>();
    let roundings = 4.0 * f64::from(f32::EPSILON) / 2.0;
    (f64::from(sum - offset) * unit, roundings * unit * (f64::from(sum.abs()) + 2.0 * f64::from(offset.abs())))
}

/// Random rows, their codes and bytes.
struct Rows {
    codes: Codes,
    bytes: Vec<Vec<u8>>,
}

impl Rows {
    fn new(rng: &mut Rng, count: usize, dimension: usize) -> Rows {
        let values = Shape::Random.matrix(rng, count, dimension);
        let codes = Codes::new(&values, dimension, Bits::Eight);
        let encode = |row: &[f32]| row.iter().map(|value| byte(*value, codes.step())).collect();
        let bytes = values.chunks_exact(dimension).map(encode).collect();
        Rows { codes, bytes }
    }
}

/// All similarities, `rows × columns`; every place is written once.
pub(super) fn similarities(kernels: Kernels, rows: &BlockRows, panels: &Panels) -> Vec<f32> {
    let columns = panels.columns();
    let mut all = vec![f32::NAN; rows.len() * columns];
    for_each_block(kernels, rows, panels, |sums| {
        let first = sums.row * columns + sums.first_column;
        let out = &mut all[first..first + BLOCK_COLUMNS.min(columns - sums.first_column)];
        assert!(out.iter().all(|similarity| similarity.is_nan()), "a place is written twice");
        sums.write(out);
    });
    all
}

/// Compares rows `0..rows` of `all` with `columns` rows that are chosen with repetitions.
fn check(rng: &mut Rng, all: &Rows, rows: usize, columns: usize) {
    let at = ids(rng, all.bytes.len(), columns);
    let (mut block, mut panels) = (BlockRows::default(), Panels::default());
    block.clear(all.codes.dimension());
    block.add_codes(&all.codes, 0..rows);
    panels.fill(&all.codes, at.iter().map(|&at| at as usize));
    let step = f64::from(all.codes.step());
    let plain = similarities(scalar(), &block, &panels);
    for (place, similarity) in plain.iter().enumerate() {
        let query: Vec<i32> = all.bytes[place / columns].iter().map(|byte| i32::from(*byte) - 128).collect();
        let (expect, bound) = expected(&query, step * step, &all.bytes[at[place % columns] as usize]);
        assert!((f64::from(*similarity) - expect).abs() <= bound, "{similarity} for {expect} at {place}");
    }
    for kernels in all_kernels().into_iter().filter(|kernels| *kernels != scalar()) {
        assert_eq!(similarities(kernels, &block, &panels), plain, "{:?}: {rows} × {columns}", kernels.isa());
    }
}

#[test]
#[cfg(not(miri))]
fn every_count_of_rows_and_columns() {
    let mut rng = Rng::with_seed(1);
    let all = Rows::new(&mut rng, 30, 70);
    for columns in LENGTHS {
        check(&mut rng, &all, columns % 26, columns);
    }
}

#[test]
#[cfg(not(miri))]
fn more_rows_than_a_group() {
    let mut rng = Rng::with_seed(2);
    let all = Rows::new(&mut rng, 200, 9);
    check(&mut rng, &all, all.bytes.len(), 66);
}

#[test]
fn dimensions_around_a_line() {
    let mut rng = Rng::with_seed(3);
    for &dimension in DIMENSIONS {
        let all = Rows::new(&mut rng, 6, dimension);
        check(&mut rng, &all, 6, 9);
    }
}

#[test]
#[cfg(not(miri))]
fn queries_beside_rows_that_are_columns() {
    let mut rng = Rng::with_seed(4);
    let dimension = 70;
    let all = Rows::new(&mut rng, 20, dimension);
    let queries = Shape::Outliers.matrix(&mut rng, 8, dimension);
    let (mut block, mut panels) = (BlockRows::default(), Panels::default());
    block.clear(dimension);
    queries.chunks_exact(dimension).for_each(|query| block.add_query(&QueryCode::new(query), all.codes.step()));
    panels.fill(&all.codes, 0..20);
    for (place, similarity) in similarities(Kernels::best(), &block, &panels).into_iter().enumerate() {
        let query = &queries[place / 20 * dimension..][..dimension];
        let signed: Vec<i32> = query.iter().map(|value| signed(*value, query_step(query))).collect();
        let unit = f64::from(query_step(query)) * f64::from(all.codes.step());
        let (expect, bound) = expected(&signed, unit, &all.bytes[place % 20]);
        assert!((f64::from(similarity) - expect).abs() <= bound, "{similarity} for {expect} at {place}");
    }
}

#[test]
fn nothing_with_nothing() {
    let none = |_: Sums<'_>| panic!("a block of nothing");
    for_each_block(scalar(), &BlockRows::default(), &Panels::default(), none);
    let codes = Codes::new(&[1.0; 4], 4, Bits::Eight);
    let (mut block, mut panels) = (BlockRows::default(), Panels::default());
    block.clear(4);
    assert!(block.is_empty());
    panels.fill(&codes, 0..1);
    for_each_block(scalar(), &block, &panels, none);
    block.add_codes(&codes, 0..1);
    panels.fill(&codes, 0..0);
    for_each_block(scalar(), &block, &panels, none);
}

#[test]
#[should_panic(expected = "same dimension")]
fn rows_and_columns_of_different_dimensions() {
    let (mut block, mut panels) = (BlockRows::default(), Panels::default());
    block.clear(384);
    block.add_codes(&Codes::new(&[0.1; 384], 384, Bits::Eight), 0..1);
    panels.fill(&Codes::new(&[0.1; 128], 128, Bits::Eight), 0..1);
    for_each_block(scalar(), &block, &panels, |_| ());
}

#[test]
#[should_panic(expected = "same dimension")]
fn rows_of_different_dimensions() {
    let mut block = BlockRows::default();
    block.clear(384);
    block.add_query(&QueryCode::new(&[1.0; 128]), 1.0);
}
