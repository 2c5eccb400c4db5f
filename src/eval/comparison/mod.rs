//! Which system is better, where, and is it more than chance?
//!
//! A [`Contest`] holds what was measured; [`compare`] gives the [`Comparison`], which holds all that a report shows.

mod outcome;
mod overall;
mod pairs;
mod verdict;

use std::collections::BTreeMap;

use serde::Serialize;

use super::evaluation::Evaluation;
use super::measures::Measure;
use super::provenance::{Provenance, Speed};
use super::significance::{self, mean_interval};
pub use outcome::{
    CollectionOutcome, Comparison, Contrast, Moved, Outcome, Overall, Pair, PerQuery, Settings, Standing, SystemMeans,
};
pub(in crate::eval) use verdict::signed;
pub use verdict::{Finding, Verdict};

/// Systems that were measured on the same collections.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// The systems' names, all different; at least two.
    pub systems: Vec<String>,
    /// What was measured; the verdicts are about the first.
    pub measures: Vec<Measure>,
    /// On what.
    pub collections: Vec<Contested>,
}

/// One collection of a [`Contest`].
#[derive(Debug, Clone, PartialEq)]
pub struct Contested {
    /// The collection's name.
    pub name: String,
    /// One a system, in the order of [`Contest::systems`].
    pub entries: Vec<Entry>,
    /// The texts of the queries by id, as far as they are known.
    pub texts: BTreeMap<String, String>,
    /// What a reader should know, such as what was skipped.
    pub notes: Vec<String>,
}

/// How one system did on one collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The values; all entries of a collection have the same measures and queries.
    pub evaluation: Evaluation,
    /// Means at several cut-offs, where they were taken.
    pub by_cutoff: Vec<CutoffCurve>,
    /// From what the run comes, where it is known.
    pub provenance: Option<Provenance>,
    /// How long it took, where it was made now.
    pub speed: Option<Speed>,
}

/// The means of a measure at several cut-offs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutoffCurve {
    /// The measure without its cut-off, such as `nDCG`; curves of one name are drawn together.
    pub measure: String,
    /// Ascending by cut-off.
    pub points: Vec<CutoffPoint>,
}

/// One point of a [`CutoffCurve`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CutoffPoint {
    /// Answers that count, at least 1.
    pub cutoff: usize,
    /// The mean over the judged queries.
    pub mean: f64,
}

/// How systems are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompareOptions {
    /// Sign changes that the randomisation test draws where it cannot try all; 10,000 unless set.
    pub permutations: u32,
    /// What chance begins with; 0 unless set.
    pub seed: u64,
    /// Queries that are told for each pair, those that moved most; 5 unless set.
    pub moved: usize,
}

impl Default for CompareOptions {
    fn default() -> CompareOptions {
        CompareOptions { permutations: 10_000, seed: 0, moved: 5 }
    }
}

/// Why systems cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// Fewer than two systems.
    #[error("{found} system to compare; name at least two")]
    FewSystems {
        /// Systems there are.
        found: usize,
    },
    /// Two systems have one name.
    #[error("two systems are named {name}; name them differently")]
    SameName {
        /// The name.
        name: String,
    },
    /// Nothing was measured.
    #[error("no measure to compare by; name at least one")]
    NoMeasures,
    /// A collection has too many or too few entries.
    #[error("{collection}: {found} entries for {expected} systems; give one a system")]
    Entries {
        /// The collection.
        collection: String,
        /// Entries there are.
        found: usize,
        /// Systems there are.
        expected: usize,
    },
    /// A system was measured by other measures.
    #[error("{collection}: {system} was not measured by the measures of the comparison; measure it again")]
    Measures {
        /// The collection.
        collection: String,
        /// The system.
        system: String,
    },
    /// A system was measured on other queries.
    #[error(
        "{collection}: {system} and {first} were not measured on the same queries, see {query}; use one qrels file"
    )]
    Queries {
        /// The collection.
        collection: String,
        /// The system.
        system: String,
        /// The system before it.
        first: String,
        /// The first query that only one of them has.
        query: String,
    },
    /// A value is not a number.
    #[error("{collection}: the value of {system} for query {query} is not finite; measure it again")]
    NotFinite {
        /// The collection.
        collection: String,
        /// The system.
        system: String,
        /// The query.
        query: String,
    },
}

/// Compares all pairs of systems on each collection and over all of them.
///
/// The p values are corrected by [`significance::holm`] in families: all pairs and measures of one collection are a
/// family, and those over all collections are another; the t tests and the randomisation tests are corrected apart.
/// Collections without judged queries take no part in the overall figures and are named in
/// [`Overall::left_out`].
///
/// # Errors
/// The contest is not what its documentation asks for.
pub fn compare(contest: &Contest, options: &CompareOptions) -> Result<Comparison, CompareError> {
    check(contest)?;
    let collections: Vec<CollectionOutcome> =
        contest.collections.iter().map(|contested| collection(contest, contested, options)).collect();
    Ok(Comparison {
        schema_version: 1,
        systems: contest.systems.clone(),
        measures: contest.measures.iter().map(ToString::to_string).collect(),
        settings: Settings {
            confidence: significance::CONFIDENCE,
            alpha: significance::ALPHA,
            tie: significance::TIE,
            permutations: options.permutations,
            seed: options.seed,
        },
        overall: overall::overall(contest, &collections, options),
        collections,
    })
}

fn collection(contest: &Contest, contested: &Contested, options: &CompareOptions) -> CollectionOutcome {
    let first = &contested.entries[0].evaluation;
    let columns: Vec<Vec<Vec<f64>>> = contested.entries.iter().map(columns).collect();
    let mut pairs = pairs::pairs(&contest.systems, &contest.measures, &[&columns], options);
    let queries: Vec<&str> = first.queries.iter().map(|values| values.query.as_str()).collect();
    pairs::add_moved(&mut pairs.list, &columns, &queries, &contested.texts, options.moved);
    let means: Vec<SystemMeans> = (contest.systems.iter().zip(&columns))
        .map(|(system, columns)| SystemMeans {
            system: system.clone(),
            intervals: columns.iter().map(|values| mean_interval(&[values])).collect(),
        })
        .collect();
    let verdicts = verdict::of_collection(contest, &contested.name, first.queries.len(), &means, &pairs.list);
    let per_query = (queries.iter().enumerate())
        .map(|(at, query)| PerQuery {
            query: (*query).to_owned(),
            values: contested.entries.iter().map(|entry| entry.evaluation.queries[at].values.clone()).collect(),
        })
        .collect();
    CollectionOutcome {
        name: contested.name.clone(),
        queries: queries.len(),
        notes: contested.notes.clone(),
        outcome: Outcome { verdicts, means, family: pairs.family, pairs: pairs.list },
        standings: contested.entries.iter().zip(&contest.systems).map(standing).collect(),
        per_query,
    }
}

/// The values of an entry by measure, then by query.
fn columns(entry: &Entry) -> Vec<Vec<f64>> {
    (0..entry.evaluation.measures.len()).map(|measure| entry.evaluation.column(measure)).collect()
}

fn standing((entry, system): (&Entry, &String)) -> Standing {
    let counts = entry.evaluation.counts;
    Standing {
        system: system.clone(),
        without_answers: counts.without_answers,
        without_relevant: counts.without_relevant,
        not_judged: counts.not_judged,
        by_cutoff: entry.by_cutoff.clone(),
        provenance: entry.provenance.clone(),
        speed: entry.speed.clone(),
    }
}

fn check(contest: &Contest) -> Result<(), CompareError> {
    let systems = &contest.systems;
    if systems.len() < 2 {
        return Err(CompareError::FewSystems { found: systems.len() });
    }
    if let Some(name) = (1..systems.len()).find(|&at| systems[..at].contains(&systems[at])) {
        return Err(CompareError::SameName { name: systems[name].clone() });
    }
    if contest.measures.is_empty() {
        return Err(CompareError::NoMeasures);
    }
    contest.collections.iter().try_for_each(|contested| check_collection(contest, contested))
}

fn check_collection(contest: &Contest, contested: &Contested) -> Result<(), CompareError> {
    let (found, expected) = (contested.entries.len(), contest.systems.len());
    let collection = || contested.name.clone();
    if found != expected {
        return Err(CompareError::Entries { collection: collection(), found, expected });
    }
    let first = &contested.entries[0].evaluation.queries;
    for (entry, system) in contested.entries.iter().zip(&contest.systems) {
        let (system, own) = (system.clone(), &entry.evaluation.queries);
        let complete = own.iter().all(|query| query.values.len() == contest.measures.len());
        if entry.evaluation.measures != contest.measures || !complete {
            return Err(CompareError::Measures { collection: collection(), system });
        }
        let shared = own.iter().zip(first).take_while(|(a, b)| a.query == b.query).count();
        if let Some(other) = own.get(shared).or(first.get(shared)) {
            let (first, query) = (contest.systems[0].clone(), other.query.clone());
            return Err(CompareError::Queries { collection: collection(), system, first, query });
        }
        if let Some(bad) = own.iter().find(|query| !query.values.iter().all(|value| value.is_finite())) {
            return Err(CompareError::NotFinite { collection: collection(), system, query: bad.query.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
