//! The nearest read and the mean: those of plain loops, by floats and by codes, whatever is left over of a tile.

use fastrand::Rng;
use proptest::prelude::*;

use super::*;
use crate::similarity::{Bits, BlockRows, Codes, History, Nearest, dot, rounding};

/// As a line of arithmetic: the first of the nearest.
fn nearest(candidate: &[f32], reads: &[&[f32]]) -> Nearest {
    let none = Nearest { similarity: f32::NEG_INFINITY, read: 0 };
    reads.iter().enumerate().fold(none, |nearest, (read, vector)| {
        let similarity = dot(candidate, vector);
        if similarity > nearest.similarity { Nearest { similarity, read } } else { nearest }
    })
}

fn exact_mean(candidate: &[f32], reads: &[&[f32]]) -> f64 {
    reads.iter().map(|read| exact_dot(candidate, read)).sum::<f64>() / reads.len().max(1) as f64
}

/// Compares the rows `candidates` of `values` with its rows `reads`.
fn check(values: &[f32], dimension: usize, candidates: &[usize], reads: &[usize]) {
    let row = |&at: &usize| &values[at * dimension..(at + 1) * dimension];
    let codes = Codes::new(values, dimension, Bits::Eight);
    let history = History::with_codes(values, &codes, reads);
    let mut block = BlockRows::default();
    block.clear(dimension);
    block.add_codes(&codes, candidates.iter().copied());
    let (rows, read_rows): (Vec<&[f32]>, Vec<&[f32]>) =
        (candidates.iter().map(row).collect(), reads.iter().map(row).collect());
    let expect: Vec<Nearest> = rows.iter().map(|candidate| nearest(candidate, &read_rows)).collect();
    let mut first = None;
    for kernels in all_kernels() {
        let place = format!("{:?}: {} × {} × {dimension}", kernels.isa(), rows.len(), reads.len());
        assert_eq!(history.nearest(kernels, &rows), expect, "{place}");
        assert_eq!(history.nearest_by_codes(kernels, &rows, &block), expect, "{place}");
        let (means, largest) = (history.means(kernels, &rows), history.largest_of_codes(kernels, &block));
        for (at, candidate) in rows.iter().enumerate() {
            let exact = read_rows.iter().map(|read| exact_dot(candidate, read)).fold(f64::NEG_INFINITY, f64::max);
            let off = (f64::from(means[at]) - exact_mean(candidate, &read_rows)).abs();
            assert!(off <= f64::from(rounding(dimension)), "{place}: the mean is off by {off}");
            let (similarity, bound) = largest[at];
            let off = f64::from(similarity) - exact;
            assert!(reads.is_empty() || off.abs() <= f64::from(bound), "{place}: off by {off}, bound {bound}");
        }
        let bits = |means: &[f32]| means.iter().map(|mean| mean.to_bits()).collect::<Vec<_>>();
        let (first_means, first_largest) = first.get_or_insert_with(|| (means.clone(), largest.clone()));
        assert_eq!((bits(&means), &largest), (bits(first_means), &*first_largest), "{place}");
    }
}

#[test]
fn every_count_of_candidates_and_reads() {
    let (mut rng, dimension) = (Rng::with_seed(1), 21);
    let values = Shape::Random.matrix(&mut rng, 150, dimension);
    let chosen = |rng: &mut Rng, count| (0..count).map(|_| rng.usize(..150)).collect::<Vec<usize>>();
    for count in 0..=70 {
        for other in [0, 1, 3, 64, 70 - count] {
            let (candidates, reads) = (chosen(&mut rng, count), chosen(&mut rng, other));
            check(&values, dimension, &candidates, &reads);
            check(&values, dimension, &reads, &candidates);
        }
    }
}

#[test]
fn every_length_and_shape() {
    let mut rng = Rng::with_seed(2);
    for dimension in LENGTHS.skip(1).chain([384, 768]) {
        for shape in Shape::ALL {
            let values = shape.matrix(&mut rng, 16, dimension);
            check(&values, dimension, &[0, 1, 2, 3, 4, 5, 6], &[7, 8, 9, 10, 11, 12, 13, 14, 15]);
        }
    }
}

#[test]
fn each_candidate_meets_every_read() {
    let mut rng = Rng::with_seed(3);
    for dimension in [1, 15, 16, 17, 40] {
        let values = Shape::Random.matrix(&mut rng, 70, dimension);
        let rows: Vec<&[f32]> = values.chunks_exact(dimension).collect();
        let history = History::new(&values, dimension, &[3, 3, 69, 0, 14]);
        for kernels in all_kernels() {
            let mut next = 0;
            history.for_each(kernels, &rows, |candidate, similarities| {
                let expect = [3, 3, 69, 0, 14].map(|read: usize| dot(rows[candidate], rows[read]).to_bits());
                let found: Vec<u32> = similarities.iter().map(|similarity| similarity.to_bits()).collect();
                assert_eq!((candidate, found.as_slice()), (next, expect.as_slice()), "{:?}", kernels.isa());
                next += 1;
            });
            assert_eq!(next, rows.len());
        }
    }
}

proptest! {
    #[test]
    fn nearest_of_near_copies(
        seed in any::<u64>(), dimension in 1usize..150, candidates in 0usize..40, reads in 0usize..80, spread in 0u32..5
    ) {
        let mut rng = Rng::with_seed(seed);
        let center = Shape::Random.unit_vector(&mut rng, dimension);
        let mut values = Vec::new();
        for _ in 0..candidates + reads + 1 {
            // Rows around one direction, and some of them equal: codes cannot tell which is the nearest.
            let noise = if rng.u8(..5) == 0 { 0.0 } else { 10f32.powi(-spread.cast_signed()) };
            let row: Vec<f32> = center.iter().map(|value| value + noise * (rng.f32() - 0.5)).collect();
            let norm = row.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
            prop_assume!(norm > 1e-3);
            values.extend(row.iter().map(|value| (f64::from(*value) / norm) as f32));
        }
        let all: Vec<usize> = (0..candidates + reads).collect();
        check(&values, dimension, &all[..candidates], &all[candidates..]);
    }
}

#[test]
#[should_panic(expected = "a history with codes")]
fn a_history_without_codes() {
    let history = History::new(&[1.0, 0.0], 2, &[0]);
    let _ = history.nearest_by_codes(scalar(), &[], &BlockRows::default());
}

#[test]
#[should_panic(expected = "same dimension")]
fn candidates_of_another_dimension() {
    let _ = History::new(&[1.0, 0.0], 2, &[0]).nearest(scalar(), &[&[1.0]]);
}
