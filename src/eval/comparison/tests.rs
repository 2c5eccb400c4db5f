use super::testing::{contest, contested, measures};
use super::*;
use crate::eval::significance::Flips;

fn verdicts(contest: &Contest) -> Vec<Vec<String>> {
    let comparison = compare(contest, &CompareOptions::default()).unwrap();
    let texts = |outcome: &Outcome| outcome.verdicts.iter().map(|verdict| verdict.text.clone()).collect();
    let overall = comparison.overall.iter().map(|overall| texts(&overall.outcome));
    overall.chain(comparison.collections.iter().map(|collection| texts(&collection.outcome))).collect()
}

fn one(name: &str, entries: &[&[f64]]) -> Contest {
    let systems = ["a", "b"].map(str::to_owned).to_vec();
    Contest { systems, measures: measures(), collections: vec![contested(name, entries)] }
}

#[test]
fn the_verdicts_say_plainly_who_is_above_whom() {
    assert_eq!(
        verdicts(&contest()),
        [
            vec![
                "highest mean nDCG@10 over 2 collections: hybrid 0.591, before bm25 0.435, dense 0.435",
                "hybrid has the highest mean on 1 of 2 collections; NOT on sea & sky (bm25 0.600, hybrid 0.567)",
                "dense is NOT above bm25 in nDCG@10 over 2 collections (+0.000, p = 1.000); with 13 queries the difference may be chance",
                "hybrid is above bm25 in nDCG@10 over 2 collections (+0.156, p = 0.029)",
                "hybrid has a higher mean nDCG@10 than dense over 2 collections (+0.156, p = 0.136), but with 13 queries that may be chance",
            ],
            vec![
                "highest mean nDCG@10 on pets_1: hybrid 0.615, before bm25 0.270, dense 0.270",
                "dense and bm25 have the same nDCG@10 for every query on pets_1",
                "hybrid is above bm25 in nDCG@10 on pets_1 (+0.345, p = 0.012)",
                "hybrid is above dense in nDCG@10 on pets_1 (+0.345, p = 0.012)",
            ],
            vec![
                "highest mean nDCG@10 on sea & sky: bm25 and dense 0.600, before hybrid 0.567",
                "dense is NOT above bm25 in nDCG@10 on sea & sky (+0.000, p = 1.000); with 3 queries the difference may be chance",
                "hybrid is NOT above bm25 in nDCG@10 on sea & sky (\u{2212}0.033, p = 1.000); with 3 queries the difference may be chance",
                "hybrid is NOT above dense in nDCG@10 on sea & sky (\u{2212}0.033, p = 1.000); with 3 queries the difference may be chance",
            ],
        ]
    );
}

/// The other way round: the system named later loses.
#[test]
fn a_system_that_is_worse_is_said_to_be_below() {
    let (low, high) = ([0.1; 9], [0.4; 9]);
    let expect = "b is NOT above a in nDCG@10 on x: it is below (\u{2212}0.300, p = 0.008)";
    assert_eq!(verdicts(&one("x", &[&high, &low]))[0][1], expect);
}

#[test]
fn few_queries_and_equal_systems_break_nothing() {
    for (entries, expect) in [
        ([&[][..], &[]], vec!["nothing to compare on x: it has no judged query"]),
        (
            [&[0.5], &[0.7]],
            vec![
                "highest mean nDCG@10 on x: b 0.700, before a 0.500",
                "one query cannot tell b from a in nDCG@10 on x (+0.200)",
            ],
        ),
        (
            [&[0.5, 0.1], &[0.5, 0.1]],
            vec!["highest mean nDCG@10 on x: a and b 0.300", "b and a have the same nDCG@10 for every query on x"],
        ),
    ] {
        assert_eq!(verdicts(&one("x", &entries)), [expect]);
    }
}

#[test]
fn a_collection_without_queries_is_left_out_of_the_overall_figures() {
    let mut contest = contest();
    contest.collections.push(contested("empty", &[&[], &[], &[]]));
    let comparison = compare(&contest, &CompareOptions::default()).unwrap();
    let overall = comparison.overall.unwrap();
    assert_eq!((overall.collections.len(), overall.left_out), (2, vec!["empty".to_owned()]));
    contest.collections.remove(0);
    assert_eq!(compare(&contest, &CompareOptions::default()).unwrap().overall, None);
}

#[test]
fn one_query_gives_means_without_intervals() {
    let comparison = compare(&one("x", &[&[0.5], &[0.7]]), &CompareOptions::default()).unwrap();
    let contrast = &comparison.collections[0].outcome.pairs[0].contrasts[0];
    assert_eq!((contrast.t_test, contrast.difference.unwrap().half_width), (None, None));
    assert_eq!(contrast.randomisation.unwrap().flips, Flips::Exact);
    assert_eq!((contrast.wins, contrast.ties, contrast.losses), (1, 0, 0));
}

#[test]
fn pairs_are_counted_and_moved_queries_come_with_their_texts() {
    let comparison = compare(&contest(), &CompareOptions { moved: 2, ..CompareOptions::default() }).unwrap();
    let outcome = &comparison.collections[1].outcome;
    assert_eq!(outcome.family, 6);
    let pair = &outcome.pairs[0];
    assert_eq!((pair.system.as_str(), pair.against.as_str()), ("dense", "bm25"));
    let contrast = &pair.contrasts[0];
    assert_eq!((contrast.wins, contrast.ties, contrast.losses), (1, 1, 1));
    // 0.4 − 0.6 and 0.9 − 0.7 are equally far but for rounding.
    let moved: Vec<_> = pair.moved.iter().map(|moved| (moved.query.as_str(), moved.text.as_deref())).collect();
    assert_eq!(moved, [("q01", Some("what is a cache?")), ("q02", None)]);
}

#[test]
fn a_contest_that_is_none_is_an_error_that_names_the_place() {
    let changed = |change: fn(&mut Contest)| {
        let mut contest = contest();
        change(&mut contest);
        compare(&contest, &CompareOptions::default()).unwrap_err().to_string()
    };
    type Change = fn(&mut Contest);
    let cases: [(Change, &str); 6] = [
        (|contest| contest.systems.truncate(1), "1 system to compare; name at least two"),
        (|contest| contest.systems[1] = "bm25".into(), "two systems are named bm25; name them differently"),
        (|contest| drop(contest.collections[1].entries.pop()), "sea & sky: 2 entries for 3 systems; give one a system"),
        (
            |contest| drop(contest.collections[0].entries[1].evaluation.queries.pop()),
            "pets_1: dense and bm25 were not measured on the same queries, see q09; use one qrels file",
        ),
        (
            |contest| contest.collections[0].entries[2].evaluation.measures.reverse(),
            "pets_1: hybrid was not measured by the measures of the comparison; measure it again",
        ),
        (
            |contest| contest.collections[0].entries[2].evaluation.queries[3].values[1] = f64::NAN,
            "pets_1: the value of hybrid for query q03 is not finite; measure it again",
        ),
    ];
    for (change, expect) in cases {
        assert_eq!(changed(change), expect);
    }
}
