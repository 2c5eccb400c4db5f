//! A small contest that can be worked by hand.

use std::collections::BTreeMap;

use super::{Contest, Contested, CutoffCurve, CutoffPoint, Entry};
use crate::eval::measures::{Gain, Measure};
use crate::eval::{Counts, Evaluation, QueryValues};

/// nDCG@10 and nDCG@1.
pub(in crate::eval) fn measures() -> Vec<Measure> {
    [10, 1].map(|cutoff| Measure::Ndcg { cutoff: Some(cutoff), gain: Gain::Linear }).to_vec()
}

/// An entry whose second measure is 1 where the first is above one half.
pub(in crate::eval) fn entry(values: &[f64]) -> Entry {
    let queries = values
        .iter()
        .enumerate()
        .map(|(at, &value)| QueryValues { query: format!("q{at:02}"), values: vec![value, f64::from(value > 0.5)] })
        .collect();
    let counts = Counts { judged: values.len(), ..Counts::default() };
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let points = [1, 10, 100].map(|cutoff| CutoffPoint { cutoff, mean: mean * (1.0 + (cutoff as f64).log10() / 9.0) });
    Entry {
        evaluation: Evaluation { measures: measures(), queries, counts },
        by_cutoff: vec![CutoffCurve { measure: "nDCG".to_owned(), points: points.to_vec() }],
        provenance: None,
        speed: None,
    }
}

/// A collection with one entry a slice of values; the text of its first query is hostile.
pub(in crate::eval) fn contested(name: &str, entries: &[&[f64]]) -> Contested {
    let texts = [("q00", "<script>alert(1)</script> | 100 % & \\more_{x}"), ("q01", "what is a cache?"), ("q02", "")];
    Contested {
        name: name.to_owned(),
        entries: entries.iter().map(|values| entry(values)).collect(),
        texts: texts.map(|(query, text)| (query.to_owned(), text.to_owned())).into_iter().collect::<BTreeMap<_, _>>(),
        notes: Vec::new(),
    }
}

/// Three systems on two collections: `hybrid` is far above on the first, and a little below on the second.
pub(in crate::eval) fn contest() -> Contest {
    let bm25 = [0.1, 0.2, 0.3, 0.4, 0.2, 0.3, 0.1, 0.2, 0.4, 0.5];
    let hybrid: Vec<f64> = bm25.iter().enumerate().map(|(at, value)| value + 0.3 + 0.01 * at as f64).collect();
    let mut first = contested("pets_1", &[&bm25, &bm25, &hybrid]);
    first.notes.push("2 posts without text were skipped".to_owned());
    let second = contested("sea & sky", &[&[0.5, 0.6, 0.7], &[0.5, 0.4, 0.9], &[0.5, 0.6, 0.6]]);
    let systems = ["bm25", "dense", "hybrid"].map(str::to_owned).to_vec();
    Contest { systems, measures: measures(), collections: vec![first, second] }
}
