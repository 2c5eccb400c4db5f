//! From what do the runs of a collection come? One row a setting; what all share is said once.

use maud::{Markup, html};

use super::page::{Cell, table};
use crate::eval::comparison::{CollectionOutcome, Standing};
use crate::eval::provenance::{ModelProvenance, Provenance, Speed};

/// Writes the table of a collection.
pub(super) fn provenance(collection: &CollectionOutcome) -> Markup {
    let standings = &collection.standings;
    let mut head = vec![String::new()];
    head.extend(standings.iter().map(|standing| standing.system.clone()));
    let rows: Vec<(String, Vec<Cell>)> = FIELDS
        .iter()
        .map(|(name, of)| {
            let said: Vec<Option<String>> = standings.iter().map(of).collect();
            ((*name).to_owned(), said)
        })
        .filter(|(_, said)| said.iter().any(Option::is_some))
        .map(|(name, said)| (name, cells(&said)))
        .collect();
    let unknown: Vec<&str> = standings
        .iter()
        .filter(|standing| standing.provenance.is_none())
        .map(|standing| standing.system.as_str())
        .collect();
    html! {
        @if !unknown.is_empty() { p { "Not known, since no provenance stands beside the run: " (unknown.join(", ")) "." } }
        @if !rows.is_empty() { (table(&format!("Runs on {}", collection.name), &head, &rows)) }
    }
}

/// One cell a system, or one for all where they say the same.
fn cells(said: &[Option<String>]) -> Vec<Cell> {
    let text = |said: &Option<String>| said.clone().unwrap_or_else(|| super::numbers::NONE.to_owned());
    if said.iter().all(|other| other == &said[0]) {
        return vec![Cell { text: text(&said[0]), class: "code", columns: said.len() }];
    }
    said.iter().map(|said| Cell::new(text(said), "code")).collect()
}

type Field = (&'static str, fn(&Standing) -> Option<String>);

const FIELDS: [Field; 20] = [
    ("retriever", |standing| Some(run(standing)?.retriever.clone())),
    ("model", |standing| Some(model(standing)?.name.clone())),
    ("revision", |standing| Some(model(standing)?.revision.clone()).filter(|revision| !revision.is_empty())),
    ("weights, SHA-256", |standing| Some(model(standing)?.sha256.clone())),
    ("dimension", |standing| Some(model(standing)?.dimension.to_string())),
    ("pooling", |standing| Some(model(standing)?.pooling.clone())),
    ("long texts", |standing| Some(model(standing)?.long_texts.clone())),
    ("template", |standing| Some(run(standing)?.template.clone())),
    ("collection, split", |standing| {
        let collection = &run(standing)?.collection;
        Some(format!("{}, {}", collection.name, collection.split))
    }),
    ("posts, queries", |standing| {
        let collection = &run(standing)?.collection;
        Some(format!("{}, {}", collection.posts, collection.queries))
    }),
    ("collection, SHA-256", |standing| Some(run(standing)?.collection.sha256.clone())),
    ("answers a query, at most", |standing| Some(run(standing)?.depth.to_string())),
    ("query\u{2019}s own post", |standing| {
        Some(if run(standing)?.excludes_self { "taken out" } else { "left in" }.to_owned())
    }),
    ("version", |standing| Some(format!("nextread {}", run(standing)?.version))),
    ("processor, threads", |standing| Some(format!("{}, {}", run(standing)?.cpu, run(standing)?.threads))),
    ("embedded now", |standing| {
        let speed = speed(standing)?;
        Some(format!("{} texts in {}", speed.embedded, duration(speed.embed_ms)))
    }),
    ("index built in", |standing| Some(duration(speed(standing)?.index_ms))),
    ("a query, median", |standing| Some(duration(speed(standing)?.query_ms_p50))),
    ("a query, 95 of 100 below", |standing| Some(duration(speed(standing)?.query_ms_p95))),
    ("queries without answers, not judged", |standing| {
        let (without, not_judged) = (standing.without_answers, standing.not_judged);
        (without + not_judged > 0).then(|| format!("{without}, {not_judged}"))
    }),
];

fn run(standing: &Standing) -> Option<&Provenance> {
    standing.provenance.as_ref()
}

fn model(standing: &Standing) -> Option<&ModelProvenance> {
    run(standing)?.model.as_ref()
}

fn speed(standing: &Standing) -> Option<&Speed> {
    standing.speed.as_ref()
}

/// A time in the unit that fits, from milliseconds.
pub(super) fn duration(ms: f64) -> String {
    match ms {
        ms if ms < 1.0 => format!("{:.0} \u{b5}s", ms * 1000.0),
        ms if ms < 1000.0 => format!("{ms:.1} ms"),
        ms => format!("{:.1} s", ms / 1000.0),
    }
}
