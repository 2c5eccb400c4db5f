//! Do our measures say what ir_measures, pytrec_eval and scipy say? See tests/reference/measures/make.py.

use std::collections::BTreeMap;

use nextread::eval::formats::{parse_qrels, parse_run};
use nextread::eval::measures::{Measure, kendall, parse_list, pearson, spearman};
use nextread::eval::{Run, Ties, evaluate};
use serde_json::Value;

/// How far a value may be from the reference.
const TOLERANCE: f64 = 1e-6;

fn records() -> (Vec<Measure>, Vec<Value>) {
    let mut lines = include_str!("../reference/measures/expected.jsonl").lines();
    let head: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let names: Vec<&str> = head["measures"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let measures = parse_list(&names.join(",")).unwrap();
    assert_eq!(measures.iter().map(ToString::to_string).collect::<Vec<_>>(), names);
    (measures, lines.map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[track_caller]
fn check(record: &Value, measures: &[Measure], ties: Ties, expect: &Value) {
    let (qrels, _) = parse_qrels(&record["qrels"].to_string(), "qrels").unwrap();
    let is_empty = record["run"].as_object().unwrap().is_empty();
    let run = if is_empty { Run::default() } else { parse_run(&record["run"].to_string(), "run").unwrap().0 };
    let evaluation = evaluate(&run, &qrels, measures, ties);
    let expect: BTreeMap<String, Vec<f64>> = serde_json::from_value(expect.clone()).unwrap();
    assert_eq!(evaluation.queries.len(), expect.len());
    for query in &evaluation.queries {
        for ((found, expect), measure) in query.values.iter().zip(&expect[&query.query]).zip(measures) {
            let near = (found - expect).abs() <= TOLERANCE;
            assert!(near, "{measure} of {} by {ties:?}: {found}, not {expect}, in {record}", query.query);
        }
    }
}

#[test]
fn two_hundred_runs_have_the_values_of_the_reference() {
    let (measures, records) = records();
    let runs: Vec<&Value> = records.iter().filter(|record| record["run"].is_object()).collect();
    assert_eq!(runs.len(), 200);
    for record in runs {
        check(record, &measures, Ties::TrecEval, &record["trec"]);
        check(record, &measures, Ties::ByPostId, &record["ours"]);
    }
}

#[test]
fn correlations_have_the_values_of_the_reference() {
    let (_, records) = records();
    let rows: Vec<&Value> = records.iter().filter(|record| record["a"].is_array()).collect();
    assert_eq!(rows.len(), 40);
    for record in rows {
        let row = |name: &str| -> Vec<f64> { serde_json::from_value(record[name].clone()).unwrap() };
        let (a, b) = (row("a"), row("b"));
        for (name, found) in
            [("pearson", pearson(&a, &b)), ("spearman", spearman(&a, &b)), ("kendall", kendall(&a, &b))]
        {
            let (found, expect) = (found.unwrap(), record[name].as_f64().unwrap());
            assert!((found - expect).abs() <= TOLERANCE, "{name}: {found}, not {expect}, of {record}");
        }
    }
}
