//! How fast are the kernels? Each instruction set of this processor beside the plain loops.
//!
//! `cargo bench --bench similarity`; 384 dimensions, 10,000 rows.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use nextread::similarity::{Bits, BlockRows, Codes, Isa, Kernels, Panels, QueryCode, for_each_block};

const DIMENSION: usize = 384;
const ROWS: usize = 10_000;
/// Rows of one block, each compared with [`COLUMNS`].
const BLOCK: usize = 96;
const COLUMNS: usize = 1_024;

fn main() {
    divan::main();
}

fn values() -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut values: Vec<f32> = (0..ROWS * DIMENSION).map(|_| random.f32() - 0.5).collect();
    for row in values.chunks_exact_mut(DIMENSION) {
        let norm = row.iter().map(|value| value * value).sum::<f32>().sqrt();
        row.iter_mut().for_each(|value| *value /= norm);
    }
    values
}

fn isas() -> Vec<&'static str> {
    Isa::ALL.into_iter().filter(|&isa| Kernels::for_isa(isa).is_some()).map(Isa::as_str).collect()
}

fn kernels(name: &str) -> Kernels {
    let named = Isa::ALL.into_iter().find(|isa| isa.as_str() == name);
    named.and_then(Kernels::for_isa).expect("an instruction set of this processor")
}

/// One query with every row, floats.
#[divan::bench(args = isas())]
fn rows_f32(bencher: Bencher<'_, '_>, isa: &str) {
    let (kernels, values) = (kernels(isa), values());
    let mut out = vec![0.0; ROWS];
    bencher.counter(BytesCount::of_slice(&values)).bench_local(|| {
        kernels.rows(&values[..DIMENSION], black_box(&values), &mut out);
    });
}

/// One query with the upper four bits of every row.
#[divan::bench(args = isas())]
fn rows_four_bits(bencher: Bencher<'_, '_>, isa: &str) {
    let (kernels, values) = (kernels(isa), values());
    let (codes, query) = (Codes::new(&values, DIMENSION, Bits::Eight), QueryCode::new(&values[..DIMENSION]));
    let mut out = vec![0; ROWS];
    bencher.counter(BytesCount::of_slice(codes.high())).bench_local(|| {
        black_box(&codes).high_sums(kernels, &query, 0, &mut out);
    });
}

/// Every row of a block with every column; the counter counts products of bytes.
#[divan::bench(args = isas())]
fn block(bencher: Bencher<'_, '_>, isa: &str) {
    let kernels = kernels(isa);
    let codes = Codes::new(&values(), DIMENSION, Bits::Eight);
    let (mut rows, mut panels) = (BlockRows::default(), Panels::default());
    rows.clear(DIMENSION);
    rows.add_codes(&codes, 0..BLOCK);
    panels.fill(&codes, 0..COLUMNS);
    bencher.counter(BytesCount::new(BLOCK * COLUMNS * DIMENSION)).bench_local(|| {
        for_each_block(kernels, black_box(&rows), &panels, |sums| {
            black_box(sums);
        });
    });
}
