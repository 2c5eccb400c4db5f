//! Do all instruction sets compute what the formulas say? Against plain loops in f64, row counts and lengths one by one.

use super::*;
use crate::embed::packed::pack::{Input, Linear};

fn all() -> impl Iterator<Item = Kernels> {
    Isa::ALL.into_iter().filter_map(Kernels::for_isa)
}

fn numbers(count: usize, spread: f32, random: &mut fastrand::Rng) -> Vec<f32> {
    (0..count).map(|_| spread * (random.f32() + random.f32() + random.f32() - 1.5)).collect()
}

struct Coded {
    codes: Vec<u32>,
    scales: Vec<f32>,
    stride: usize,
}

/// Codes rows, as `work` does it.
fn coded(arithmetic: Arithmetic, rows: usize, width: usize, work: impl FnOnce(&mut Coding<'_>)) -> Coded {
    let stride = width / arithmetic.of_group();
    let (mut codes, mut scales) = (vec![0; rows * stride], vec![0.0; rows]);
    work(&mut Coding { arithmetic, codes: &mut codes, stride, scales: &mut scales });
    Coded { codes, scales, stride }
}

fn relative(found: &[f32], expect: &[f64]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let off = norm(&mut found.iter().zip(expect).map(|(found, expect)| f64::from(*found) - expect));
    off / norm(&mut expect.iter().copied()).max(1e-30)
}

fn gelu(x: f64) -> f64 {
    0.5 * x * (1.0 + statrs::function::erf::erf(x / std::f64::consts::SQRT_2))
}

/// The largest relative error of a product of numbers drawn by chance.
fn bound(arithmetic: Arithmetic, kernels: Kernels) -> f64 {
    match arithmetic {
        Arithmetic::Single => 1e-6,
        Arithmetic::Bfloats => 4e-3,
        Arithmetic::Words => 4e-4,
        Arithmetic::Bytes if kernels.shape().byte_weight_max < 127 => 1.6e-2,
        Arithmetic::Bytes => 1.2e-2,
    }
}

#[test]
fn there_is_a_set_for_each_instruction_set_of_this_processor() {
    for isa in Isa::ALL {
        let kernels = Kernels::for_isa(isa);
        assert_eq!(kernels.is_some(), similarity::Kernels::for_isa(isa).is_some(), "{isa:?}");
        assert!(kernels.is_none_or(|kernels| kernels.isa() == isa));
        if kernels.is_some() {
            assert_eq!(Kernels::best(Some(isa)).isa(), isa);
        }
    }
    assert_eq!(Kernels::best(None).isa(), similarity::Kernels::best().isa());
}

#[test]
fn products_of_every_number_of_rows() {
    let mut random = fastrand::Rng::with_seed(1);
    for kernels in all() {
        for arithmetic in [Arithmetic::Single, Arithmetic::Bfloats, Arithmetic::Words, Arithmetic::Bytes] {
            for rows in (0..=35).chain([64, 65, 97]) {
                let (inputs, columns) = (32 * random.usize(1..5), 32 * random.usize(1..4));
                let linear = Linear {
                    inputs,
                    weights: numbers(inputs * columns, 0.1, &mut random),
                    biases: numbers(columns, 1.0, &mut random),
                };
                let panels = linear.pack(arithmetic, Input::AroundZero, kernels);
                let values = numbers(rows * inputs, 3.0, &mut random);
                let before = numbers(rows * columns, 1.0, &mut random);
                let coded = coded(arithmetic, rows, inputs, |coding| kernels.code(&values, inputs, coding));
                let of = match arithmetic {
                    Arithmetic::Single => Rows::floats(&values, inputs),
                    _ => Rows::codes(&coded.codes, coded.stride, &coded.scales),
                };
                for finish in [Finish::Write, Finish::Add] {
                    let mut found = before.clone();
                    kernels.product(&of, &panels, finish, &mut found);
                    let expect = |at: usize| {
                        let (row, column) = (at / columns, at % columns);
                        let pairs = values[row * inputs..].iter().zip(&linear.weights[column * inputs..]).take(inputs);
                        let sum: f64 = pairs.map(|(value, weight)| f64::from(*value) * f64::from(*weight)).sum();
                        let start = if finish == Finish::Add { f64::from(before[at]) } else { 0.0 };
                        start + sum + f64::from(linear.biases[column])
                    };
                    let expect: Vec<f64> = (0..rows * columns).map(expect).collect();
                    let off = relative(&found, &expect);
                    assert!(off <= bound(arithmetic, kernels), "{:?} {arithmetic:?} {rows} rows: {off}", kernels.isa());
                }
            }
        }
    }
}

#[test]
fn products_of_bytes_are_the_same_bits_in_tiles_and_in_vectors() {
    let (Some(tiles), Some(vectors)) = (Kernels::for_isa(Isa::Amx), Kernels::for_isa(Isa::Avx512Vnni)) else { return };
    let mut random = fastrand::Rng::with_seed(4);
    for (rows, inputs, columns) in [(1, 64, 32), (16, 384, 96), (17, 1_536, 64), (192, 384, 1_536), (45, 96, 64)] {
        let weights = numbers(inputs * columns, 0.1, &mut random);
        let linear = Linear { inputs, weights, biases: numbers(columns, 1.0, &mut random) };
        let values = numbers(rows * inputs, 3.0, &mut random);
        let [of_tiles, of_vectors] = [tiles, vectors].map(|kernels| {
            let panels = linear.pack(Arithmetic::Bytes, Input::AroundZero, kernels);
            let coded = coded(Arithmetic::Bytes, rows, inputs, |coding| kernels.code(&values, inputs, coding));
            let mut found = vec![0.0; rows * columns];
            let rows = Rows::codes(&coded.codes, coded.stride, &coded.scales);
            kernels.product(&rows, &panels, Finish::Write, &mut found);
            found
        });
        assert!(of_tiles == of_vectors, "{rows} rows");
    }
}

#[test]
fn sums_of_the_largest_codes_do_not_overflow() {
    for kernels in all() {
        for arithmetic in [Arithmetic::Words, Arithmetic::Bytes] {
            for (value, weight) in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (3e30, 2e-30), (1e-30, 1e30)] {
                let inputs = 1_536;
                let linear = Linear { inputs, weights: vec![weight; inputs * 32], biases: vec![0.0; 32] };
                let panels = linear.pack(arithmetic, Input::AroundZero, kernels);
                let values = vec![value; inputs];
                let coded = coded(arithmetic, 1, inputs, |coding| kernels.code(&values, inputs, coding));
                let mut found = vec![0.0; 32];
                let rows = Rows::codes(&coded.codes, coded.stride, &coded.scales);
                kernels.product(&rows, &panels, Finish::Write, &mut found);
                let expect = f64::from(value) * f64::from(weight) * inputs as f64;
                let off = relative(&found, &[expect; 32]);
                // Weights of one size are rounded to the same side.
                assert!(off < 2e-3, "{:?} {arithmetic:?} {value} {weight}: {found:?}", kernels.isa());
            }
        }
    }
}

#[test]
fn norms_are_of_mean_zero_and_variance_one_before_gains_and_shifts() {
    let mut random = fastrand::Rng::with_seed(2);
    for kernels in all() {
        for (spread, offset) in [(1.0, 0.0), (1e3, 1e4), (1e-3, 1.0), (0.0, 2.0)] {
            let width = 96;
            let mut rows: Vec<f32> = numbers(5 * width, spread, &mut random).iter().map(|x| x + offset).collect();
            let norm = Norm {
                gains: numbers(width, 1.0, &mut random),
                shifts: numbers(width, 1.0, &mut random),
                emphases: vec![1.0; width],
                epsilon: 1e-12,
            };
            let expect: Vec<f64> = rows
                .chunks_exact(width)
                .flat_map(|row| {
                    let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / width as f64;
                    let squares = row.iter().map(|x| (f64::from(*x) - mean).powi(2));
                    let deviation = (squares.sum::<f64>() / width as f64 + 1e-12).sqrt();
                    let normal = row.iter().map(move |x| (f64::from(*x) - mean) / deviation);
                    normal.zip(&norm.gains).zip(&norm.shifts).map(|((x, g), s)| x * f64::from(*g) + f64::from(*s))
                })
                .collect();
            coded(Arithmetic::Single, 5, width, |coding| kernels.norm(&mut rows, &norm, coding));
            let off = relative(&rows, &expect);
            assert!(off < 1e-3, "{:?} {spread} {offset}: {off}", kernels.isa());
        }
    }
}

#[test]
fn activations_and_their_codes() {
    let values: Vec<f32> =
        (-64..64).map(|at| at as f32 / 8.0).chain([-1e4, 1e4, 0.0, -0.75]).chain([1.0; 28]).collect();
    let width = values.len();
    assert!(width.is_multiple_of(WIDTH));
    for kernels in all() {
        for (activation, bound) in [(Activation::Gelu, 2e-6), (Activation::GeluTanh, 5e-4), (Activation::Relu, 0.0)] {
            let mut found = values.clone();
            coded(Arithmetic::Single, 1, width, |coding| kernels.activate(activation, &mut found, width, coding));
            for (x, y) in values.iter().zip(&found) {
                let expect = if activation == Activation::Relu { x.max(0.0).into() } else { gelu(f64::from(*x)) };
                let off = (f64::from(*y) - expect).abs();
                assert!(off <= bound * f64::from(x.abs().max(1.0)), "{:?} {activation:?} {x}: {y}", kernels.isa());
                assert!(*y >= activation.least());
            }
            let mut small: Vec<f32> = values.iter().map(|x| x.clamp(-8.0, 8.0)).collect();
            let bytes =
                coded(Arithmetic::Bytes, 1, width, |coding| kernels.activate(activation, &mut small, width, coding));
            let least = kernels.shape().byte_min;
            for (code, value) in bytemuck::cast_slice::<u32, u8>(&bytes.codes).iter().zip(&small) {
                let code = if least < 0 { i32::from(code.cast_signed()) } else { i32::from(*code) };
                let decoded = (code - least) as f32 * bytes.scales[0] + activation.least();
                assert!((decoded - value).abs() <= 0.51 * bytes.scales[0], "{:?} {value}: {decoded}", kernels.isa());
            }
        }
    }
}

#[test]
fn attention_over_sequences_of_every_length() {
    let mut random = fastrand::Rng::with_seed(3);
    let heads = Heads { count: 2, size: 32 };
    let hidden = 64;
    for kernels in all() {
        let mut scratch = AttentionScratch::default();
        for tokens in (1..=70).chain([255, 256]) {
            // The last ones with scores of some hundreds, whose exponentials overflow without care.
            let spread = if tokens > 60 { 20.0 } else { 1.0 };
            let projected = numbers(tokens * 3 * hidden, spread, &mut random);
            let mut found = vec![f32::NAN; tokens * hidden];
            kernels.attend(heads, &projected, &mut scratch, &mut found);
            let at = |token: usize, part: usize, number: usize| {
                f64::from(projected[token * 3 * hidden + part * hidden + number])
            };
            let mut expect = Vec::new();
            for token in 0..tokens {
                for number in 0..hidden {
                    let of_head = number / heads.size * heads.size;
                    let score =
                        |other| (of_head..of_head + heads.size).map(|n| at(token, 0, n) * at(other, 1, n)).sum::<f64>();
                    let scores: Vec<f64> = (0..tokens).map(score).collect();
                    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let powers: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
                    let taken: f64 = powers.iter().enumerate().map(|(other, power)| power * at(other, 2, number)).sum();
                    expect.push(taken / powers.iter().sum::<f64>());
                }
            }
            let off = relative(&found, &expect);
            assert!(off < 1e-4, "{:?} {tokens} tokens: {off}", kernels.isa());
        }
    }
}
