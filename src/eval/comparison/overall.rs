//! Which system is better over all collections?

use super::outcome::{CollectionOutcome, Outcome, Overall, SystemMeans};
use super::pairs::{Columns, pairs};
use super::{CompareOptions, Contest, Contested, columns, verdict};
use crate::eval::significance::mean_interval;

/// Compares over all collections that have judged queries; `None` where there are fewer than two.
pub(super) fn overall(
    contest: &Contest,
    collections: &[CollectionOutcome],
    options: &CompareOptions,
) -> Option<Overall> {
    let (counted, left_out): (Vec<_>, Vec<_>) =
        contest.collections.iter().partition(|contested| !contested.entries[0].evaluation.queries.is_empty());
    if counted.len() < 2 {
        return None;
    }
    let strata: Vec<Columns> =
        counted.iter().map(|contested| contested.entries.iter().map(columns).collect()).collect();
    let pairs = pairs(&contest.systems, &contest.measures, &strata.iter().collect::<Vec<_>>(), options);
    let interval = |system: usize, measure: usize| {
        mean_interval(&strata.iter().map(|columns| columns[system][measure].as_slice()).collect::<Vec<_>>())
    };
    let means: Vec<SystemMeans> = (contest.systems.iter().enumerate())
        .map(|(at, system)| SystemMeans {
            system: system.clone(),
            intervals: (0..contest.measures.len()).map(|measure| interval(at, measure)).collect(),
        })
        .collect();
    let verdicts = verdict::over_all(contest, collections, &means, &pairs.list);
    let names = |list: &[&Contested]| list.iter().map(|contested| contested.name.clone()).collect();
    Some(Overall {
        collections: names(&counted),
        left_out: names(&left_out),
        notes: notes(&counted, &left_out),
        outcome: Outcome { verdicts, means, family: pairs.family, pairs: pairs.list },
    })
}

fn notes(counted: &[&Contested], left_out: &[&Contested]) -> Vec<String> {
    let join =
        |list: &[&Contested]| list.iter().map(|contested| contested.name.as_str()).collect::<Vec<_>>().join(", ");
    let single: Vec<&Contested> =
        counted.iter().copied().filter(|contested| contested.entries[0].evaluation.queries.len() == 1).collect();
    let left_out = (!left_out.is_empty()).then(|| format!("left out, without judged queries: {}", join(left_out)));
    let single = (!single.is_empty()).then(|| {
        format!("no intervals and no t test, since one query does not show how much queries vary: {}", join(&single))
    });
    left_out.into_iter().chain(single).collect()
}
