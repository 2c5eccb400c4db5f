//! How do two systems differ? Differences, tests and the queries that moved, for every pair.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::outcome::{Contrast, Moved, Pair};
use super::{CompareOptions, Measure};
use crate::eval::significance::{Interval, TIE, holm, mean_interval, randomisation, t_test};

/// The values of one collection by system, then by measure, then by query.
pub(super) type Columns = Vec<Vec<Vec<f64>>>;

/// All pairs, and how many tests of each kind were corrected together.
pub(super) struct Pairs {
    pub(super) list: Vec<Pair>,
    pub(super) family: usize,
}

/// Returns which system is compared against which, by number: the later one against each one before.
pub(super) fn numbers(systems: usize) -> impl Iterator<Item = (usize, usize)> {
    (1..systems).flat_map(|system| (0..system).map(move |against| (system, against)))
}

/// Subtracts; ties give 0, so that rounding moves no test.
pub(super) fn difference(value: f64, against: f64) -> f64 {
    let difference = value - against;
    if difference.abs() <= TIE { 0.0 } else { difference }
}

/// Compares all pairs over some collections, each a stratum.
pub(super) fn pairs(systems: &[String], measures: &[Measure], strata: &[&Columns], options: &CompareOptions) -> Pairs {
    let numbers: Vec<(usize, usize)> = numbers(systems.len()).collect();
    let jobs: Vec<((usize, usize), usize)> =
        numbers.iter().flat_map(|&pair| (0..measures.len()).map(move |measure| (pair, measure))).collect();
    let mut contrasts: Vec<Contrast> = jobs
        .into_par_iter()
        .map(|((system, against), measure)| {
            let of = |columns: &&Columns| -> Vec<f64> {
                let (own, other) = (&columns[system][measure], &columns[against][measure]);
                own.iter().zip(other).map(|(&value, &against)| difference(value, against)).collect()
            };
            contrast(&strata.iter().map(of).collect::<Vec<_>>(), options)
        })
        .collect();
    let family = correct(&mut contrasts);
    let mut contrasts = contrasts.into_iter();
    let list = numbers
        .into_iter()
        .map(|(system, against)| Pair {
            system: systems[system].clone(),
            against: systems[against].clone(),
            contrasts: contrasts.by_ref().take(measures.len()).collect(),
            moved: Vec::new(),
        })
        .collect();
    Pairs { list, family }
}

fn contrast(strata: &[Vec<f64>], options: &CompareOptions) -> Contrast {
    let slices: Vec<&[f64]> = strata.iter().map(Vec::as_slice).collect();
    let count = |keep: fn(f64) -> bool| strata.iter().flatten().filter(|&&difference| keep(difference)).count();
    Contrast {
        // Differences that cancel leave a rounding error, which is no difference.
        difference: mean_interval(&slices)
            .map(|interval| Interval { mean: difference(interval.mean, 0.0), ..interval }),
        wins: count(|difference| difference > 0.0),
        ties: count(|difference| difference == 0.0),
        losses: count(|difference| difference < 0.0),
        t_test: t_test(&slices),
        t_test_holm: None,
        randomisation: randomisation(&slices, options.permutations, options.seed),
        randomisation_holm: None,
    }
}

/// Fills in the corrected p values; returns the size of the family.
fn correct(contrasts: &mut [Contrast]) -> usize {
    let t_tests: Vec<f64> = contrasts.iter().filter_map(|contrast| Some(contrast.t_test?.p)).collect();
    let mut corrected = holm(&t_tests).into_iter();
    for contrast in contrasts.iter_mut().filter(|contrast| contrast.t_test.is_some()) {
        contrast.t_test_holm = corrected.next();
    }
    let randomisations: Vec<f64> = contrasts.iter().filter_map(|contrast| Some(contrast.randomisation?.p)).collect();
    let mut corrected = holm(&randomisations).into_iter();
    for contrast in contrasts.iter_mut().filter(|contrast| contrast.randomisation.is_some()) {
        contrast.randomisation_holm = corrected.next();
    }
    randomisations.len()
}

/// Adds the queries that moved most by the first measure; ties by query id.
pub(super) fn add_moved(
    pairs: &mut [Pair],
    columns: &Columns,
    queries: &[&str],
    texts: &BTreeMap<String, String>,
    limit: usize,
) {
    for (pair, (system, against)) in pairs.iter_mut().zip(numbers(columns.len())) {
        let (own, other) = (&columns[system][0], &columns[against][0]);
        let mut moved: Vec<(usize, f64)> = (0..queries.len())
            .map(|at| (at, difference(own[at], other[at])))
            .filter(|&(_, difference)| difference != 0.0)
            .collect();
        // In steps of a tie, so that rounding does not decide who comes first.
        let size = |difference: f64| (difference.abs() / TIE).round();
        moved.sort_by(|a, b| size(b.1).total_cmp(&size(a.1)).then_with(|| queries[a.0].cmp(queries[b.0])));
        pair.moved = moved
            .into_iter()
            .take(limit)
            .map(|(at, difference)| Moved {
                query: queries[at].to_owned(),
                text: texts.get(queries[at]).filter(|text| !text.is_empty()).cloned(),
                value: own[at],
                against: other[at],
                difference,
            })
            .collect();
    }
}
