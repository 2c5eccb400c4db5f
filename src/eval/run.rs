//! What was answered? Posts with scores by query, best first.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A post and the score with which a system answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The post's id.
    pub post: Box<str>,
    /// Finite; larger is better.
    pub score: f64,
}

/// Which of two posts with equal scores comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// The one whose id is smaller, byte by byte: what holds everywhere in nextread.
    #[default]
    ByPostId,
    /// The one whose id is larger, and scores that are equal as 32-bit numbers are ties: what trec_eval does.
    TrecEval,
}

impl Ties {
    /// Compares two answers of one query; the better one is `Less`.
    #[must_use]
    pub fn compare(self, a: &Ranked, b: &Ranked) -> Ordering {
        match self {
            Ties::ByPostId => b.score.total_cmp(&a.score).then_with(|| a.post.cmp(&b.post)),
            Ties::TrecEval => (b.score as f32).total_cmp(&(a.score as f32)).then_with(|| b.post.cmp(&a.post)),
        }
    }
}

/// The answers of one system, by query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// The name of the system, one word (the sixth column of a TREC run).
    pub name: String,
    queries: BTreeMap<String, Vec<Ranked>>,
}

impl Run {
    /// Makes a run without answers.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Run {
        Run { name: name.into(), queries: BTreeMap::new() }
    }

    /// Sets the answers of a query, in any order; each post is there once and each score is finite, which the caller
    /// has checked. Returns the answers that it had before.
    pub fn insert(&mut self, query: impl Into<String>, mut answers: Vec<Ranked>) -> Option<Vec<Ranked>> {
        answers.sort_by(|a, b| Ties::ByPostId.compare(a, b));
        self.queries.insert(query.into(), answers)
    }

    /// Returns the queries, ascending by id, with their answers by [`Ties::ByPostId`], best first.
    pub fn queries(&self) -> impl ExactSizeIterator<Item = (&str, &[Ranked])> {
        self.queries.iter().map(|(query, answers)| (query.as_str(), answers.as_slice()))
    }

    /// Returns the answers of a query, best first by [`Ties::ByPostId`]; none for a query that was not answered.
    #[must_use]
    pub fn of(&self, query: &str) -> &[Ranked] {
        self.queries.get(query).map_or(&[], Vec::as_slice)
    }

    /// Returns how many queries have answers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Tells whether there is no query.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(post: &str, score: f64) -> Ranked {
        Ranked { post: post.into(), score }
    }

    #[test]
    fn ties_go_by_id_or_as_trec_eval_has_it() {
        let mut run = Run::new("x");
        run.insert("q", vec![ranked("b", 1.0), ranked("c", 2.0), ranked("a", 1.0 + 1e-12)]);
        let posts: Vec<&str> = run.of("q").iter().map(|answer| &*answer.post).collect();
        assert_eq!(posts, ["c", "a", "b"]);
        let mut answers = run.of("q").to_vec();
        answers.sort_by(|a, b| Ties::TrecEval.compare(a, b));
        assert_eq!(answers.iter().map(|answer| &*answer.post).collect::<Vec<_>>(), ["c", "b", "a"]);
    }
}
