//! Inner products of floats: the bits of the plain loops, and near those of exact arithmetic.

use super::*;
use crate::similarity::{dot, isa::LANES, rows};

/// What a component may be; each kind strains another part of floating-point addition.
const KINDS: [fn(&mut Rng) -> f32; 6] = [
    |rng| rng.f32() * 2.0 - 1.0,
    |rng| (rng.f32() - 0.5) * 10f32.powi(rng.i32(-30..-18)),
    |rng| (rng.f32() - 0.5) * 10f32.powi(rng.i32(15..18)),
    |rng| -rng.f32(),
    |rng| (rng.f32() - 0.5) * 10f32.powi(rng.i32(-15..16)),
    |rng| f32::from_bits(rng.u32(..1 << 23) | rng.u32(..) & 1 << 31),
];
const ROWS: usize = 5;

/// `count` values that begin `offset` floats behind where an allocation begins.
struct Unaligned(Vec<f32>, usize);

impl Unaligned {
    fn new(rng: &mut Rng, kind: fn(&mut Rng) -> f32, count: usize, offset: usize) -> Unaligned {
        Unaligned((0..offset + count).map(|_| kind(rng)).collect(), offset)
    }

    fn values(&self) -> &[f32] {
        &self.0[self.1..]
    }
}

/// How far a sum of floats may be from the exact one: each term is rounded once as a product and then once for each of
/// the additions on its way, of which no term has more than its lane's and the four that join the lanes; products below
/// the smallest subnormal number vanish.
fn bound(a: &[f32], b: &[f32]) -> f64 {
    let roundings = (a.len().div_ceil(LANES) + 5) as f64;
    let absolute: f64 = a.iter().zip(b).map(|(x, y)| (f64::from(*x) * f64::from(*y)).abs()).sum();
    let vanished = a.len() as f64 * f64::from(f32::from_bits(1));
    (roundings + 0.01) * f64::from(f32::EPSILON) / 2.0 * absolute + vanished
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn check(query: &[f32], matrix: &[f32], at: &[u32]) {
    let row = |at: usize| &matrix[at * query.len()..][..query.len()];
    let expect: Vec<f32> = (0..ROWS).map(|at| dot(query, row(at))).collect();
    for (at, similarity) in expect.iter().enumerate() {
        let off = (f64::from(*similarity) - exact_dot(query, row(at))).abs();
        assert!(off <= bound(query, row(at)), "off by {off}: {query:?} · {:?}", row(at));
    }
    let chosen: Vec<f32> = [7.0].into_iter().chain(at.iter().map(|&at| expect[at as usize])).collect();
    for kernels in all_kernels() {
        let mut out = [f32::NAN; ROWS];
        kernels.rows(query, matrix, &mut out);
        assert_eq!(bits(&out), bits(&expect), "{:?}: rows of {}", kernels.isa(), query.len());
        let mut out = vec![7.0];
        kernels.rows_at(query, matrix, at, &mut out);
        assert_eq!(bits(&out), bits(&chosen), "{:?}: rows_at of {}", kernels.isa(), query.len());
    }
}

#[test]
fn every_length_and_kind() {
    let mut rng = Rng::with_seed(1);
    for length in few_under_miri(LENGTHS.chain([384, 768, 1000])) {
        for (number, kind) in KINDS.into_iter().enumerate() {
            let query = Unaligned::new(&mut rng, kind, length, (length + number) % 16);
            let matrix = Unaligned::new(&mut rng, kind, ROWS * length, (3 * length + 5 * number) % 16);
            let count = rng.usize(..40);
            check(query.values(), matrix.values(), &ids(&mut rng, ROWS, count));
        }
    }
}

#[test]
fn every_offset() {
    let mut rng = Rng::with_seed(2);
    for (query_offset, length) in
        few_under_miri((0..16).flat_map(|offset| [16, 17, 100].map(|length| (offset, length))))
    {
        for matrix_offset in few_under_miri(0..16) {
            let query = Unaligned::new(&mut rng, KINDS[0], length, query_offset);
            let matrix = Unaligned::new(&mut rng, KINDS[0], ROWS * length, matrix_offset);
            check(query.values(), matrix.values(), &[0, 4, 4, 2, 4]);
        }
    }
}

#[test]
fn no_ids_and_no_rows() {
    check(&[1.0, 2.0], &[0.5; 2 * ROWS], &[]);
    for kernels in all_kernels() {
        let mut out = Vec::new();
        kernels.rows(&[1.0, 2.0], &[], &mut []);
        kernels.rows_at(&[1.0, 2.0], &[], &[], &mut out);
        assert!(out.is_empty());
    }
}

#[test]
fn equal_vectors_give_equal_bits_in_any_place() {
    let mut rng = Rng::with_seed(3);
    let (a, b) = (Shape::Random.unit_vector(&mut rng, 100), Shape::Random.unit_vector(&mut rng, 100));
    let mut out = [0.0; 9];
    rows(&a, &b.repeat(9), &mut out);
    assert_eq!(bits(&out), bits(&[dot(&b, &a); 9]));
}

#[test]
#[should_panic(expected = "one row for each result")]
fn a_matrix_of_another_size() {
    rows(&[1.0, 2.0], &[0.0; 5], &mut [0.0; 3]);
}

#[test]
fn a_row_that_is_not_there() {
    for kernels in all_kernels() {
        let read = move || kernels.rows_at(&[1.0; 20], &[0.0; 100], &[0, 5], &mut Vec::new());
        assert!(std::panic::catch_unwind(read).is_err(), "{:?}", kernels.isa());
    }
}
