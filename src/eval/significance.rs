//! Is a difference more than chance? Intervals, paired tests, and what testing many pairs at once costs.
//!
//! The queries are the sample: a test asks whether other queries of the same kind would show the difference too. The
//! paired t test and the randomisation test are those of Smucker, Allan and Carterette, "A comparison of statistical
//! significance tests for information retrieval evaluation", CIKM 2007, who find that the two agree and that the sign
//! and Wilcoxon tests should go. The correction is that of Holm, "A simple sequentially rejective multiple test
//! procedure", Scandinavian Journal of Statistics 6(2), 1979.
//!
//! Everything takes *strata*: one slice of values a collection. The statistic is the mean of the strata's means, so that
//! a collection with many queries counts no more than one with few; a single stratum is the ordinary test. The variance
//! of that mean is Σ s²/n / C², and its degrees of freedom are those of Welch and Satterthwaite (Biometrics Bulletin
//! 2(6), 1946); the collections themselves are taken as given, not as a sample of all collections.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How sure an interval is: it holds the true mean in 95 of 100 repetitions.
pub const CONFIDENCE: f64 = 0.95;

/// A corrected p at or below this counts as a difference.
pub const ALPHA: f64 = 0.05;

/// Differences up to this are ties: the order of a sum can make them.
pub const TIE: f64 = 1e-9;

/// A mean and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The mean of the strata's means.
    pub mean: f64,
    /// Half the width of the interval of [`CONFIDENCE`]; `None` where a stratum has fewer than two values, which do
    /// not show how much they vary.
    pub half_width: Option<f64>,
}

/// What a paired t test says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TTest {
    /// The mean difference over its standard error; infinite (in JSON `null`) where all differences are the same.
    pub t: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Two-sided, 0 to 1.
    pub p: f64,
}

/// How the signs of the differences were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flips {
    /// In every possible way: p is exact.
    Exact,
    /// At random: p is an estimate, and never 0.
    Sampled,
}

/// What a randomisation test says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Randomisation {
    /// Two-sided, 0 to 1.
    pub p: f64,
    /// How it was found.
    pub flips: Flips,
}

/// Returns the mean with its interval by Student's t; `None` where there is no stratum or one without values.
#[must_use]
pub fn mean_interval(strata: &[&[f64]]) -> Option<Interval> {
    let mean = mean_of_means(strata)?;
    let half_width = spread(strata).and_then(|spread| {
        let quantile = StudentsT::new(0.0, 1.0, spread.df).ok()?.inverse_cdf(0.5 + CONFIDENCE / 2.0);
        Some(quantile * spread.variance.sqrt())
    });
    Some(Interval { mean, half_width })
}

/// Tests by Student's t whether the mean difference is other than 0; p is 1 where all differences are 0.
///
/// `None` where a stratum has fewer than two differences, or there is no stratum.
#[must_use]
pub fn t_test(strata: &[&[f64]]) -> Option<TTest> {
    let (mean, spread) = (mean_of_means(strata)?, spread(strata)?);
    if mean == 0.0 {
        return Some(TTest { t: 0.0, df: spread.df, p: 1.0 });
    }
    let t = mean / spread.variance.sqrt();
    let p = if t.is_finite() { 2.0 * StudentsT::new(0.0, 1.0, spread.df).ok()?.sf(t.abs()) } else { 0.0 };
    Some(TTest { t, df: spread.df, p: p.min(1.0) })
}

/// Tests whether the mean difference is other than 0 by changing signs: were the systems the same, each difference
/// could as well be the other way round.
///
/// p is the share of sign changes whose mean is at least as far from 0. All 2ⁿ are tried where they are at most
/// `permutations` (n: differences other than 0); otherwise that many are drawn, and p = (count + 1) / (permutations +
/// 1), since what was observed is one of the possible (Phipson and Smyth, Statistical Applications in Genetics and
/// Molecular Biology 9(1), 2010). Every test starts anew with `seed`, so that its p depends on no other test.
///
/// `None` where there is no stratum or one without differences.
#[must_use]
pub fn randomisation(strata: &[&[f64]], permutations: u32, seed: u64) -> Option<Randomisation> {
    mean_of_means(strata)?;
    // Zeros stay zeros under any sign; without them more tests are exact.
    let weights: Vec<f64> = strata
        .iter()
        .flat_map(|values| values.iter().map(|value| value / (values.len() * strata.len()) as f64))
        .filter(|&weight| weight != 0.0)
        .collect();
    // The sums of one set in two orders differ by rounding, and must count as equally far.
    let rounding = 1e-12 * weights.iter().map(|weight| weight.abs()).sum::<f64>();
    let threshold = weights.iter().sum::<f64>().abs() - rounding;
    let exact = 1_u64.checked_shl(weights.len() as u32).filter(|&all| all <= u64::from(permutations.max(1)));
    Some(match exact {
        Some(all) => {
            let count = (0..all).filter(|&signs| signed_sum(&weights, signs).abs() >= threshold).count();
            Randomisation { p: count as f64 / all as f64, flips: Flips::Exact }
        }
        None => {
            let mut chance = fastrand::Rng::with_seed(seed);
            let mut far = || {
                let sum: f64 = weights.chunks(64).map(|chunk| signed_sum(chunk, chance.u64(..))).sum();
                sum.abs() >= threshold
            };
            let count = (0..permutations).filter(|_| far()).count();
            Randomisation { p: (count + 1) as f64 / (f64::from(permutations) + 1.0), flips: Flips::Sampled }
        }
    })
}

/// Corrects the p values of a family of tests by Holm's step-down: the chance that *any* of them is wrongly below
/// [`ALPHA`] is at most [`ALPHA`]. In the order given; each at least as large as before, at most 1.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut corrected = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, at) in order.into_iter().enumerate() {
        largest = largest.max(p_values[at] * (p_values.len() - rank) as f64).min(1.0);
        corrected[at] = largest;
    }
    corrected
}

/// Sums up to 64 weights; where a bit of `signs` is set, the weight counts negative.
fn signed_sum(weights: &[f64], signs: u64) -> f64 {
    let flip = |(at, weight): (usize, &f64)| f64::from_bits(weight.to_bits() ^ ((signs >> at) << 63));
    weights.iter().enumerate().map(flip).sum()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_of_means(strata: &[&[f64]]) -> Option<f64> {
    if strata.is_empty() || strata.iter().any(|values| values.is_empty()) {
        return None;
    }
    Some(strata.iter().map(|values| mean(values)).sum::<f64>() / strata.len() as f64)
}

/// The variance of the mean of means, and its degrees of freedom.
struct Spread {
    variance: f64,
    df: f64,
}

fn spread(strata: &[&[f64]]) -> Option<Spread> {
    if strata.is_empty() || strata.iter().any(|values| values.len() < 2) {
        return None;
    }
    let count = strata.len() as f64;
    let (mut variance, mut squares, mut free) = (0.0, 0.0, 0.0);
    for values in strata {
        let (mean, size) = (mean(values), values.len() as f64);
        let sample = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (size - 1.0);
        let share = sample / size / (count * count);
        variance += share;
        squares += share * share / (size - 1.0);
        free += size - 1.0;
    }
    // Without any variance there is nothing to weigh the strata by.
    let df = if squares > 0.0 { variance * variance / squares } else { free };
    Some(Spread { variance, df })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: [f64; 10] = [0.62, 0.31, 0.90, 0.45, 0.12, 0.77, 0.50, 1.00, 0.33, 0.81];
    const B: [f64; 10] = [0.58, 0.35, 0.71, 0.40, 0.12, 0.60, 0.52, 0.86, 0.20, 0.79];
    const STRATA: [&[f64]; 2] = [&[0.1, 0.2, -0.05, 0.3], &[0.02, -0.01, 0.05, 0.0, 0.04, 0.01]];

    fn differences() -> Vec<f64> {
        A.iter().zip(B).map(|(a, b)| a - b).collect()
    }

    fn check(strata: &[&[f64]], half_width: Option<f64>, t: Option<(f64, f64, f64)>, exact_p: f64) {
        let near = |a: f64, b: f64| assert!(a == b || (a - b).abs() < 1e-9, "{a} is not {b}");
        let interval = mean_interval(strata).unwrap();
        assert_eq!(interval.half_width.is_some(), half_width.is_some());
        near(interval.half_width.unwrap_or(0.0), half_width.unwrap_or(0.0));
        let test = t_test(strata);
        assert_eq!(test.is_some(), t.is_some());
        if let (Some(test), Some(expect)) = (test, t) {
            near(test.t, expect.0);
            near(test.df, expect.1);
            near(test.p, expect.2);
        }
        near(randomisation(strata, 1 << 10, 0).unwrap().p, exact_p);
    }

    /// From scipy 1.17.1: `t.interval`, `ttest_rel`, `permutation_test(permutation_type="samples", n_resamples=inf)`.
    #[test]
    fn the_values_of_scipy() {
        let t = (2.595831652652367, 9.0, 0.028935374046502236);
        check(&[&differences()], Some(0.05925911524851816), Some(t), 44.0 / 1024.0);
        let t = (1.921537845661046, 6.0, 0.10304617317954043);
        check(&[&[1.0, 1.0, -1.0, 1.0, 1.0, 0.0, 1.0]], Some(0.7276647434598909), Some(t), 0.21875);
    }

    /// By the formulas in the module's documentation, with scipy's t distribution and all 1024 sign changes.
    #[test]
    fn strata_count_alike_whatever_their_size() {
        let t = (2.070911687860285, 3.096593253112277, 0.12728634674600334);
        check(&STRATA, Some(0.11765191868626239), Some(t), 104.0 / 1024.0);
        assert!((mean_interval(&STRATA).unwrap().mean - 0.07791666666666668).abs() < 1e-12);
    }

    #[test]
    fn hand_worked_and_degenerate() {
        check(&[&[0.0, 0.0, 0.0]], Some(0.0), Some((0.0, 2.0, 1.0)), 1.0);
        check(&[&[0.5, 0.5, 0.5]], Some(0.0), Some((f64::INFINITY, 2.0, 0.0)), 0.25);
        check(&[&[0.4]], None, None, 1.0);
        check(&[&[0.4], &[0.1, 0.2]], None, None, 0.25);
        for strata in [&[][..], &[&[][..]], &[&[1.0][..], &[]]] {
            assert_eq!((mean_interval(strata), t_test(strata)), (None, None));
            assert_eq!(randomisation(strata, 100, 0), None);
        }
    }

    #[test]
    fn drawn_signs_come_near_the_exact_p() {
        let exact = randomisation(&[&differences()], 1024, 0).unwrap();
        let drawn = randomisation(&[&differences()], 511, 7).unwrap();
        assert_eq!((exact.flips, drawn.flips), (Flips::Exact, Flips::Sampled));
        let drawn = (0..20).map(|seed| randomisation(&[&differences()], 511, seed).unwrap().p).sum::<f64>() / 20.0;
        assert!((exact.p - drawn).abs() < 0.01, "{} against {drawn}", exact.p);
    }

    #[test]
    fn a_drawn_p_is_never_zero_and_the_same_again() {
        let differences = vec![0.5; 200];
        let test = || randomisation(&[&differences], 999, 3).unwrap();
        assert_eq!(test(), Randomisation { p: 0.001, flips: Flips::Sampled });
        assert_eq!(test(), test());
    }

    #[test]
    fn holm_by_hand() {
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
        assert_eq!(holm(&[0.9, 0.5]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn holm_keeps_the_order_and_only_raises(p_values in proptest::collection::vec(0.0..=1.0_f64, 0..20)) {
            let corrected = holm(&p_values);
            for (at, &p) in p_values.iter().enumerate() {
                prop_assert!(corrected[at] >= p && corrected[at] <= 1.0);
                for (other, &larger) in p_values.iter().enumerate() {
                    prop_assert!(p > larger || corrected[at] <= corrected[other]);
                }
            }
        }

        #[test]
        fn tests_do_not_care_which_system_is_first(values in proptest::collection::vec(-1.0..=1.0_f64, 2..9)) {
            let turned: Vec<f64> = values.iter().map(|value| -value).collect();
            let (one, other) = (t_test(&[&values]).unwrap(), t_test(&[&turned]).unwrap());
            prop_assert!((one.p - other.p).abs() < 1e-12);
            prop_assert_eq!(randomisation(&[&values], 512, 0), randomisation(&[&turned], 512, 0));
        }
    }
}
