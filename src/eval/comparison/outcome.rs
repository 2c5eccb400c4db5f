//! What came out of a comparison? Numbers and words, ready to be shown.

use serde::Serialize;

use super::CutoffCurve;
use super::verdict::Verdict;
use crate::eval::provenance::{Provenance, Speed};
use crate::eval::significance::{Interval, Randomisation, TTest};

/// All that a report shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The version of this form, 1.
    pub schema_version: u32,
    /// The systems' names.
    pub systems: Vec<String>,
    /// The measures; the verdicts are about the first.
    pub measures: Vec<String>,
    /// With what the tests were made.
    pub settings: Settings,
    /// Over all collections; `None` where fewer than two have judged queries.
    pub overall: Option<Overall>,
    /// Each collection, in the order given.
    pub collections: Vec<CollectionOutcome>,
}

/// With what the tests were made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Settings {
    /// How sure the intervals are.
    pub confidence: f64,
    /// A corrected p at or below this counts as a difference.
    pub alpha: f64,
    /// Differences up to this are ties.
    pub tie: f64,
    /// Sign changes that a randomisation test draws where it cannot try all.
    pub permutations: u32,
    /// What chance began with.
    pub seed: u64,
}

/// One collection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CollectionOutcome {
    /// The collection's name.
    pub name: String,
    /// Judged queries.
    pub queries: usize,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Means, pairs and verdicts.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What else is known of each system's run, in the order of [`Comparison::systems`].
    pub standings: Vec<Standing>,
    /// Every value.
    pub per_query: Vec<PerQuery>,
}

/// All collections together: the mean of their means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overall {
    /// The names of the collections that count, each as much as another.
    pub collections: Vec<String>,
    /// The names of those without judged queries, which do not count.
    pub left_out: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Means, pairs and verdicts.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Means, pairs and verdicts, of one collection or of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// In words, for the first measure.
    pub verdicts: Vec<Verdict>,
    /// One a system, in the order of [`Comparison::systems`].
    pub means: Vec<SystemMeans>,
    /// Tests of each kind that were corrected together.
    pub family: usize,
    /// Every pair of systems: second and first, third and first, third and second, …
    pub pairs: Vec<Pair>,
}

/// The means of one system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SystemMeans {
    /// The system.
    pub system: String,
    /// One a measure; `None` without judged queries.
    pub intervals: Vec<Option<Interval>>,
}

/// Two systems side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// The system that was named later: differences are its values …
    pub system: String,
    /// … minus those of this one.
    pub against: String,
    /// One a measure.
    pub contrasts: Vec<Contrast>,
    /// The queries whose first measure differs most, largest first; of one collection only.
    pub moved: Vec<Moved>,
}

/// Two systems by one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contrast {
    /// The mean difference; `None` without judged queries.
    pub difference: Option<Interval>,
    /// Queries for which the system's value is larger.
    pub wins: usize,
    /// Queries for which the values are the same.
    pub ties: usize,
    /// Queries for which the system's value is smaller.
    pub losses: usize,
    /// The paired t test; `None` where a collection has fewer than two queries.
    pub t_test: Option<TTest>,
    /// Its p after correction.
    pub t_test_holm: Option<f64>,
    /// The randomisation test; `None` without judged queries.
    pub randomisation: Option<Randomisation>,
    /// Its p after correction: what the verdicts go by.
    pub randomisation_holm: Option<f64>,
}

/// A query for which two systems differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// The query's id.
    pub query: String,
    /// Its text, where it is known.
    pub text: Option<String>,
    /// The value of [`Pair::system`].
    pub value: f64,
    /// The value of [`Pair::against`].
    pub against: f64,
    /// The first minus the second.
    pub difference: f64,
}

/// What else is known of a system's run on a collection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The system.
    pub system: String,
    /// Judged queries without any answer, which score 0.
    pub without_answers: usize,
    /// Judged queries without a relevant post, which score 0 too.
    pub without_relevant: usize,
    /// Queries of the run that nobody judged; left out.
    pub not_judged: usize,
    /// Means at several cut-offs.
    pub by_cutoff: Vec<CutoffCurve>,
    /// From what the run comes.
    pub provenance: Option<Provenance>,
    /// How long it took.
    pub speed: Option<Speed>,
}

/// The values for one query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerQuery {
    /// The query's id.
    pub query: String,
    /// By system, then by measure.
    pub values: Vec<Vec<f64>>,
}

impl CollectionOutcome {
    /// Returns the differences of two systems by one measure, a query each; ties are 0.
    ///
    /// # Panics
    /// A number is not below how many there are.
    #[must_use]
    pub fn differences(&self, system: usize, against: usize, measure: usize) -> Vec<f64> {
        let value = |query: &PerQuery, system: usize| query.values[system][measure];
        self.per_query
            .iter()
            .map(|query| super::pairs::difference(value(query, system), value(query, against)))
            .collect()
    }
}
