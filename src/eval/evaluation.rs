//! How good is a run? Every measure for every judged query.

use super::measures::{JudgedList, Measure};
use super::qrels::{Judgment, Qrels};
use super::run::{Ranked, Run, Ties};

/// The values of some measures for one query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryValues {
    /// The query's id.
    pub query: String,
    /// One value a measure, in the order of [`Evaluation::measures`].
    pub values: Vec<f64>,
}

/// What took part, and what did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Judged queries: the means are over these.
    pub judged: usize,
    /// Judged queries without any answer, which score 0.
    pub without_answers: usize,
    /// Judged queries without a relevant post, which score 0 too.
    pub without_relevant: usize,
    /// Queries of the run that nobody judged; left out.
    pub not_judged: usize,
}

/// The values of some measures for each judged query of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// What was measured.
    pub measures: Vec<Measure>,
    /// Every judged query, ascending by id.
    pub queries: Vec<QueryValues>,
    /// What took part.
    pub counts: Counts,
}

impl Evaluation {
    /// Returns the values of one measure, one a query.
    ///
    /// # Panics
    /// `measure` is not below the number of measures.
    #[must_use]
    pub fn column(&self, measure: usize) -> Vec<f64> {
        self.queries.iter().map(|query| query.values[measure]).collect()
    }

    /// Returns the mean of one measure over the judged queries; 0 where there are none.
    ///
    /// # Panics
    /// `measure` is not below the number of measures.
    #[must_use]
    pub fn mean(&self, measure: usize) -> f64 {
        let sum: f64 = self.queries.iter().map(|query| query.values[measure]).sum();
        if self.queries.is_empty() { 0.0 } else { sum / self.queries.len() as f64 }
    }
}

/// Measures a run against judgments.
///
/// Every judged query counts: one without answers, and one without a relevant post, score 0. Queries of the run that
/// nobody judged are left out. All of them are counted.
#[must_use]
pub fn evaluate(run: &Run, qrels: &Qrels, measures: &[Measure], ties: Ties) -> Evaluation {
    let mut counts = Counts { judged: qrels.len(), ..Counts::default() };
    let mut queries = Vec::with_capacity(qrels.len());
    for (query, judgments) in qrels.queries() {
        let list = judged_list(run.of(query), judgments, ties);
        counts.without_answers += usize::from(list.ranking.is_empty());
        counts.without_relevant += usize::from(!judgments.iter().any(|judgment| judgment.grade > 0));
        let values = measures.iter().map(|measure| measure.value(&list)).collect();
        queries.push(QueryValues { query: query.to_owned(), values });
    }
    counts.not_judged = run.queries().filter(|(query, _)| !qrels.contains(query)).count();
    Evaluation { measures: measures.to_vec(), queries, counts }
}

fn judged_list(answers: &[Ranked], judgments: &[Judgment], ties: Ties) -> JudgedList {
    let grade = |answer: &Ranked| {
        let at = judgments.binary_search_by(|judgment| judgment.post.cmp(&answer.post)).ok()?;
        Some(judgments[at].grade)
    };
    let ranking = if ties == Ties::ByPostId {
        answers.iter().map(grade).collect()
    } else {
        let mut sorted: Vec<&Ranked> = answers.iter().collect();
        sorted.sort_by(|a, b| ties.compare(a, b));
        sorted.into_iter().map(grade).collect()
    };
    let mut judged: Vec<i32> = judgments.iter().map(|judgment| judgment.grade).collect();
    judged.sort_unstable_by(|a, b| b.cmp(a));
    JudgedList { ranking, judged }
}
