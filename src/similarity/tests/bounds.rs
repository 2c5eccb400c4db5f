//! How far off codes may be: what their documentation promises, for vectors chosen against it.

use fastrand::Rng;
use proptest::prelude::*;

use super::*;
use crate::similarity::{Bits, Codes, QueryCode, high_sums_at};

/// What rounding of floats adds to a bound on codes.
const ROUNDING: f64 = 1e-5;

/// Two vectors and the code of one, with a step that may be far too fine.
#[derive(Debug)]
struct Pair {
    row: Vec<f32>,
    query: Vec<f32>,
    codes: Codes,
}

impl Pair {
    fn new(dimension: usize, shapes: [Shape; 2], bits: Bits, finer: f32, seed: u64) -> Pair {
        let mut rng = Rng::with_seed(seed);
        let [row, query] = shapes.map(|shape| shape.unit_vector(&mut rng, dimension));
        let chosen = Codes::new(&row, dimension, bits);
        let codes = Codes::with_step(&row, dimension, chosen.step() * finer);
        Pair { row, query, codes }
    }

    /// The sums of both planes.
    fn sums(&self, query: &QueryCode) -> (i32, i32) {
        let (mut high, mut low) = (Vec::new(), Vec::new());
        high_sums_at(scalar(), query, self.codes.high(), &[0], &mut high);
        self.codes.low_sums_at(scalar(), query, &[0], &mut low);
        (high[0], low[0])
    }

    /// How far `decode` of its bytes is from the row.
    fn distance(&self, decode: impl Fn(u8) -> f64) -> f64 {
        let step = self.codes.step();
        let off = |value: &f32| f64::from(*value) - decode(byte(*value, step)) * f64::from(step);
        self.row.iter().map(|value| off(value).powi(2)).sum::<f64>().sqrt()
    }
}

fn pairs() -> impl Strategy<Value = Pair> {
    let dimension = prop_oneof![3 => 1usize..=200, 1 => prop::sample::select(DIMENSIONS.to_vec())];
    let shape = || prop::sample::select(Shape::ALL.to_vec());
    let bits = prop::sample::select(vec![Bits::Four, Bits::Eight]);
    let finer = prop_oneof![3 => Just(1.0f32), 1 => 0.05f32..1.5];
    (dimension, [shape(), shape()], bits, finer, any::<u64>())
        .prop_map(|(dimension, shapes, bits, finer, seed)| Pair::new(dimension, shapes, bits, finer, seed))
}

proptest! {
    #[test]
    fn codes_are_as_far_off_as_they_say(pair in pairs()) {
        let errors = pair.codes.errors()[0];
        let high = pair.distance(|byte| f64::from(16 * (byte >> 4)) - 120.5);
        let full = pair.distance(|byte| f64::from(byte) - 128.0);
        prop_assert!((f64::from(errors.high) - high).abs() <= 1e-6 * (1.0 + high), "{errors:?}, high {high}");
        prop_assert!((f64::from(errors.full) - full).abs() <= 1e-6 * (1.0 + full), "{errors:?}, full {full}");
        let step = query_step(&pair.query);
        let off = |value: &f32| f64::from(*value) - f64::from(signed(*value, step)) * f64::from(step);
        let query = pair.query.iter().map(|value| off(value).powi(2)).sum::<f64>().sqrt();
        prop_assert!((f64::from(QueryCode::new(&pair.query).error()) - query).abs() <= 1e-6);
    }

    #[test]
    fn similarities_of_codes_keep_the_bound(pair in pairs()) {
        let query = QueryCode::new(&pair.query);
        let (high, low) = pair.sums(&query);
        let (errors, step, f) = (pair.codes.errors()[0], pair.codes.step(), f64::from(query.error()));
        let exact = exact_dot(&pair.row, &pair.query);
        for (similarity, e) in [(query.high(high, step), errors.high), (query.full(high, low, step), errors.full)] {
            let off = (exact - f64::from(similarity)).abs();
            let bound = f64::from(e) + (1.0 + f64::from(e)) * f + ROUNDING;
            prop_assert!(off <= bound, "{similarity} for {exact}: off by {off}, bound {bound}");
        }
    }

    #[test]
    fn no_row_is_lost_below_a_sum(pair in pairs(), similarity in -1.0f32..1.0) {
        let query = QueryCode::new(&pair.query);
        let (step, sum) = (pair.codes.step(), pair.sums(&query).0);
        let own = query.high(sum, step);
        for similarity in [similarity, own, own.next_up(), own.next_down()] {
            let below = query.sum_below(similarity, step);
            prop_assert!(own < similarity || sum > below, "{own} >= {similarity}, but {sum} <= {below}");
            prop_assert!(query.high(below, step) < similarity);
            let next = query.high(below.saturating_add(2), step);
            prop_assert!(next > similarity - 1e-6, "{below} is far below {similarity}: {next}");
        }
    }
}

#[test]
fn four_bits_are_off_by_a_deviation_on_average() {
    let (dimension, rows) = (384, 400);
    let mut rng = Rng::with_seed(3);
    let values: Vec<f32> = (0..rows).flat_map(|_| Shape::Random.unit_vector(&mut rng, dimension)).collect();
    let codes = Codes::new(&values, dimension, Bits::Eight);
    let query = QueryCode::new(&Shape::Random.unit_vector(&mut rng, dimension));
    let at: Vec<u32> = (0..rows as u32).collect();
    let (mut high, mut low) = (Vec::new(), Vec::new());
    high_sums_at(scalar(), &query, codes.high(), &at, &mut high);
    codes.low_sums_at(scalar(), &query, &at, &mut low);
    let off =
        high.iter().zip(&low).map(|(&high, &low)| query.full(high, low, codes.step()) - query.high(high, codes.step()));
    // A sum of the upper plane counts sixteen steps of a row for each step of the query.
    let unit = query.high(1, codes.step()) - query.high(0, codes.step());
    let measured = (off.map(|off| (off / unit).powi(2)).sum::<f32>() / rows as f32).sqrt();
    let said = query.high_deviation();
    assert!((0.85..1.15).contains(&(measured / said)), "measured {measured}, said {said}");
}
