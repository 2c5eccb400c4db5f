//! What codes are: which bytes, which sums, which step.

use super::*;
use crate::similarity::{Bits, Codes, QueryCode, choose_step, high_sums_at, plane_lines};

const ROWS: usize = 7;

/// The bytes of rows and the signed bytes of a query, each encoded here, component by component.
struct Plain {
    rows: Vec<Vec<u8>>,
    query: Vec<i32>,
    query_step: f32,
}

impl Plain {
    fn new(values: &[f32], query: &[f32], step: f32) -> Plain {
        Plain {
            rows: values.chunks_exact(query.len()).map(|row| row.iter().map(|v| byte(*v, step)).collect()).collect(),
            query: query.iter().map(|value| signed(*value, query_step(query))).collect(),
            query_step: query_step(query),
        }
    }

    fn sum(&self, row: u32, part: fn(u8) -> u8) -> i32 {
        self.rows[row as usize].iter().zip(&self.query).map(|(byte, signed)| i32::from(part(*byte)) * signed).sum()
    }
}

fn check_sums(codes: &Codes, query: &QueryCode, plain: &Plain, at: &[u32]) {
    let high: Vec<i32> = at.iter().map(|&row| plain.sum(row, |byte| byte >> 4)).collect();
    let low: Vec<i32> = at.iter().map(|&row| plain.sum(row, |byte| byte & 15)).collect();
    let consecutive: Vec<i32> = (1..ROWS as u32).map(|row| plain.sum(row, |byte| byte >> 4)).collect();
    for kernels in all_kernels() {
        let place = format!("{:?}, dimension {}", kernels.isa(), codes.dimension());
        let (mut high_sums, mut low_sums, mut sums) = (Vec::new(), Vec::new(), [0; ROWS - 1]);
        high_sums_at(kernels, query, codes.high(), at, &mut high_sums);
        codes.low_sums_at(kernels, query, at, &mut low_sums);
        codes.high_sums(kernels, query, 1, &mut sums);
        assert_eq!((high_sums, low_sums, sums.to_vec()), (high.clone(), low.clone(), consecutive.clone()), "{place}");
    }
    let unit = f64::from(plain.query_step * codes.step());
    let offset = plain.query.iter().sum::<i32>();
    for ((&row, high), low) in at.iter().zip(high).zip(low) {
        let full = f64::from(plain.sum(row, |byte| byte) - 128 * offset) * unit;
        assert_eq!(query.full(high, low, codes.step()), full as f32);
        let middle = 16.0 * f64::from(high) - 120.5 * f64::from(offset);
        assert_eq!(query.high(high, codes.step()), (middle * unit) as f32);
    }
}

#[test]
fn sums_of_every_dimension() {
    let mut rng = Rng::with_seed(1);
    for dimension in few_under_miri(LENGTHS.skip(1).chain([384, 768])) {
        for shape in few_under_miri(Shape::ALL) {
            let values = shape.matrix(&mut rng, ROWS, dimension);
            let query = Shape::ALL[rng.usize(..5)].unit_vector(&mut rng, dimension);
            let codes = Codes::new(&values, dimension, [Bits::Four, Bits::Eight][rng.usize(..2)]);
            let plain = Plain::new(&values, &query, codes.step());
            let chosen = rng.usize(..40);
            check_sums(&codes, &QueryCode::new(&query), &plain, &ids(&mut rng, ROWS, chosen));
        }
    }
}

#[test]
fn bytes_of_a_row_and_of_zero_behind_it() {
    let mut rng = Rng::with_seed(2);
    for &dimension in DIMENSIONS {
        let values = Shape::Random.matrix(&mut rng, ROWS, dimension);
        let codes = Codes::new(&values, dimension, Bits::Eight);
        for (row, values) in values.chunks_exact(dimension).enumerate() {
            let mut bytes = vec![7; 128 * plane_lines(dimension)];
            codes.row_bytes(row, &mut bytes);
            let expect: Vec<u8> = values.iter().map(|value| byte(*value, codes.step())).collect();
            assert_eq!(bytes[..dimension], expect);
            assert!(bytes[dimension..].iter().all(|byte| *byte == 128), "dimension {dimension}");
        }
    }
}

#[test]
fn another_query_leaves_nothing_behind() {
    let mut rng = Rng::with_seed(3);
    for &dimension in DIMENSIONS {
        let [first, second] = [Shape::Random, Shape::Outliers].map(|shape| shape.unit_vector(&mut rng, dimension));
        let mut code = QueryCode::new(&first);
        code.set(&second);
        assert_eq!(code, QueryCode::new(&second));
    }
}

#[test]
fn a_query_without_direction() {
    let code = QueryCode::new(&[0.0; 65]);
    assert_eq!((code.error(), code.full(0, 0, 1.0), code.high(0, 1.0)), (0.0, 0.0, 0.0));
}

#[test]
fn a_step_for_any_values() {
    let mut rng = Rng::with_seed(4);
    let mut inputs = vec![vec![], vec![0.0; 384], vec![1.0; 384], vec![-0.05; 3 * 384], vec![f32::MAX; 384]];
    inputs.extend([f32::MIN, f32::MIN_POSITIVE, f32::from_bits(1), 1e15, 1e-30].map(|value| vec![value; 384]));
    inputs.push([0.0, f32::MAX, f32::from_bits(1), -1.0].repeat(96));
    inputs.extend(Shape::ALL.map(|shape| shape.unit_vector(&mut rng, 384)));
    for values in few_under_miri(inputs) {
        for bits in [Bits::Four, Bits::Eight] {
            let step = choose_step(&values, 384, bits);
            assert!(step > 0.0 && step.is_finite(), "{step} for {:?}", values.first());
            assert_eq!(choose_step(&values, 384, bits).to_bits(), step.to_bits());
        }
    }
    assert!(choose_step(&[], 0, Bits::Four) > 0.0);
}

#[test]
fn a_step_looks_at_a_sample_of_many_rows() {
    let values: Vec<f32> = (0..2 * 4_100).map(|at| if at / 2 % 3 == 0 { 1.0 } else { 0.5 }).collect();
    let step = choose_step(&values, 2, Bits::Eight);
    assert!((step * 127.0 - 1.0).abs() < 0.01, "{step}");
}

#[test]
fn no_rows() {
    let codes = Codes::new(&[], 384, Bits::Four);
    assert!(codes.is_empty() && codes.bytes() == 0);
    let mut sums = Vec::new();
    codes.low_sums_at(scalar(), &QueryCode::new(&[1.0; 384]), &[], &mut sums);
    assert!(sums.is_empty());
}

#[test]
#[should_panic(expected = "same dimension")]
fn a_query_of_another_dimension() {
    let codes = Codes::new(&[0.1; 2 * 384], 384, Bits::Eight);
    codes.low_sums_at(scalar(), &QueryCode::new(&[1.0; 128]), &[1], &mut Vec::new());
}
