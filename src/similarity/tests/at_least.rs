//! Blocks asked for what reaches a floor: no column is lost, none is too many.

use std::cell::Cell;

use super::blocks::similarities;
use super::*;
use crate::similarity::{Bits, BlockRows, Codes, Panels, for_each_block};

/// So long that a unit of a sum is less than floats tell apart.
const LONG: usize = 4096;
/// A panel and some columns more.
const COLUMNS: usize = 70;

/// Asks for each floor that is a similarity, or next to one, exactly the columns that reach it.
fn check_at_least(values: &[f32], dimension: usize) {
    let codes = Codes::new(values, dimension, Bits::Eight);
    let (mut block, mut panels) = (BlockRows::default(), Panels::default());
    block.clear(dimension);
    block.add_codes(&codes, 0..1);
    panels.fill(&codes, 0..codes.len());
    let all = similarities(Kernels::best(), &block, &panels);
    let near = all.iter().flat_map(|similarity| [*similarity, similarity.next_up(), similarity.next_down()]);
    let floors: Vec<f32> = near.chain([f32::NEG_INFINITY, f32::INFINITY, -2.0, 0.0, 2.0]).collect();
    let mut found = vec![Vec::new(); floors.len()];
    for_each_block(Kernels::best(), &block, &panels, |sums| {
        for (floor, found) in floors.iter().zip(&mut found) {
            sums.at_least(*floor, |column, similarity| found.push((column, similarity)));
        }
    });
    for (floor, found) in floors.into_iter().zip(found) {
        let reach = |(_, similarity): &(usize, f32)| *similarity >= floor;
        let expect: Vec<(usize, f32)> = all.iter().copied().enumerate().filter(reach).collect();
        assert_eq!(found, expect, "floor {floor}, dimension {dimension}");
    }
}

#[test]
fn at_least_finds_what_reaches_the_floor() {
    let mut rng = Rng::with_seed(5);
    for &dimension in DIMENSIONS.iter().chain(&[LONG]) {
        for shape in Shape::ALL {
            let mut values = shape.matrix(&mut rng, COLUMNS, dimension);
            values.extend(Shape::Constant.matrix(&mut rng, 9, dimension));
            check_at_least(&values, dimension);
        }
    }
}

#[test]
fn at_least_where_all_are_alike() {
    let mut rng = Rng::with_seed(6);
    for &dimension in DIMENSIONS.iter().chain(&[LONG]) {
        let mut values = Shape::Constant.unit_vector(&mut rng, dimension).repeat(COLUMNS);
        values.iter_mut().for_each(|value| *value *= 1.0 + 0.02 * (rng.f32() - 0.5));
        check_at_least(&values, dimension);
    }
}

#[test]
fn products_reach_a_floor_or_that_of_their_column() {
    let mut rng = Rng::with_seed(7);
    let values = Shape::Random.matrix(&mut rng, COLUMNS, 20);
    let codes = Codes::new(&values, 20, Bits::Eight);
    let signed: Vec<Vec<i32>> =
        values.chunks(20).map(|row| row.iter().map(|value| signed(*value, codes.step())).collect()).collect();
    let product =
        |row: usize, column: usize| -> i32 { signed[row].iter().zip(&signed[column]).map(|(a, b)| a * b).sum() };
    let (mut block, mut panels) = (BlockRows::default(), Panels::default());
    block.clear(20);
    block.add_codes(&codes, 0..3);
    panels.fill(&codes, 0..COLUMNS);
    for margin in [0, 1, 700] {
        let columns: Vec<Cell<i32>> =
            (0..COLUMNS).map(|column| Cell::new(product(column % 3, column) + margin)).collect();
        let reaches = |row, column: usize, least| {
            product(row, column) >= least || product(row, column) + margin >= columns[column].get()
        };
        for least in [i32::MIN, product(0, 1), product(0, 1) + 1, i32::MAX] {
            let mut found = Vec::new();
            for_each_block(Kernels::best(), &block, &panels, |sums| {
                let row = sums.row;
                sums.products_at_least(least, margin, &columns, |column, product| found.push((row, column, product)));
            });
            found.sort_unstable();
            let all = (0..3).flat_map(|row| (0..COLUMNS).map(move |column| (row, column)));
            let expect = all.filter(|&(row, column)| reaches(row, column, least));
            let expect: Vec<_> = expect.map(|(row, column)| (row, column, product(row, column))).collect();
            assert_eq!(found, expect, "least {least}, margin {margin}");
        }
    }
}
