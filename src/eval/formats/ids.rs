//! Do run and judgments speak of the same queries and posts?

use std::collections::HashSet;

use crate::eval::{Qrels, Run};

/// Ids that are shown of each side where nothing fits.
const SHOWN: usize = 3;

/// Letters of an id that are shown.
const LETTERS: usize = 40;

/// How much of a run and of judgments is in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overlap {
    /// Queries of the run.
    pub run_queries: usize,
    /// Judged queries.
    pub judged_queries: usize,
    /// Queries that are in both.
    pub shared_queries: usize,
    /// Answers to judged queries.
    pub answers: usize,
    /// Those of them that were judged for their query.
    pub judged_answers: usize,
}

/// Says that a run and judgments have nothing in common, with some ids of each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no {of} of the run is in the judgments: the run has {}, the judgments have {}; take the judgments that belong to the run",
    .run.join(", "),
    .judged.join(", ")
)]
pub struct IdError {
    /// `query` or `post`.
    pub of: &'static str,
    /// The first ids of the run, three at most.
    pub run: Vec<String>,
    /// The first ids of the judgments, three at most.
    pub judged: Vec<String>,
}

/// Checks that a run and judgments have a query and a post in common, and counts those that they have.
///
/// A run or judgments without any query or post are no mismatch.
///
/// # Errors
/// Both have queries (posts), and none is in both.
pub fn check_ids(run: &Run, qrels: &Qrels) -> Result<Overlap, IdError> {
    let run_queries: Vec<&str> = run.queries().map(|(query, _)| query).collect();
    let judged_queries: Vec<&str> = qrels.queries().map(|(query, _)| query).collect();
    let shared_queries = run_queries.iter().filter(|query| qrels.contains(query)).count();
    complain("query", &run_queries, &judged_queries, shared_queries)?;
    let mut overlap = Overlap {
        run_queries: run_queries.len(),
        judged_queries: judged_queries.len(),
        shared_queries,
        ..Overlap::default()
    };
    for (query, answers) in run.queries().filter(|(query, _)| qrels.contains(query)) {
        overlap.answers += answers.len();
        overlap.judged_answers += answers.iter().filter(|answer| qrels.grade(query, &answer.post).is_some()).count();
    }
    if overlap.judged_answers == 0 {
        check_posts(run, qrels)?;
    }
    Ok(overlap)
}

/// Checks that some post of the run was judged, for whichever query.
fn check_posts(run: &Run, qrels: &Qrels) -> Result<(), IdError> {
    let answers = run.queries().flat_map(|(_, answers)| answers);
    let run_posts: HashSet<&str> = answers.map(|answer| &*answer.post).collect();
    let judgments = qrels.queries().flat_map(|(_, judgments)| judgments);
    let judged_posts: HashSet<&str> = judgments.map(|judgment| &*judgment.post).collect();
    let shared = run_posts.intersection(&judged_posts).count();
    complain("post", &sorted(&run_posts), &sorted(&judged_posts), shared)
}

fn sorted<'a>(ids: &HashSet<&'a str>) -> Vec<&'a str> {
    let mut sorted: Vec<&str> = ids.iter().copied().collect();
    sorted.sort_unstable();
    sorted
}

/// Cuts an id to a length that an error can show.
fn short(id: &str) -> String {
    let mut letters = id.chars();
    let head: String = letters.by_ref().take(LETTERS).collect();
    if letters.next().is_some() { head + "\u{2026}" } else { head }
}

fn complain(of: &'static str, run: &[&str], judged: &[&str], shared: usize) -> Result<(), IdError> {
    if shared > 0 || run.is_empty() || judged.is_empty() {
        return Ok(());
    }
    let shown = |ids: &[&str]| ids.iter().take(SHOWN).map(|id| format!("\"{}\"", short(id))).collect();
    Err(IdError { of, run: shown(run), judged: shown(judged) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::formats::{parse_qrels, parse_run};

    #[track_caller]
    fn check(run: &[(&str, &str)], qrels: &[(&str, &str)], expect: Result<(usize, usize, usize), &str>) {
        let run: String = run.iter().map(|(query, post)| format!("{query} Q0 {post} 1 1 x\n")).collect();
        let qrels: String = qrels.iter().map(|(query, post)| format!("{query} 0 {post} 1\n")).collect();
        let (run, qrels) = (parse_run(&run, "r").unwrap().0, parse_qrels(&qrels, "q").unwrap().0);
        let found = check_ids(&run, &qrels);
        let found = found.map(|overlap| (overlap.shared_queries, overlap.answers, overlap.judged_answers));
        assert_eq!(found.map_err(|fault| fault.to_string()), expect.map_err(str::to_owned));
    }

    #[test]
    fn three_ids_of_each_side_are_shown() {
        check(&[("1", "a"), ("2", "b")], &[("2", "a"), ("3", "c")], Ok((1, 1, 0)));
        check(&[("1", "a"), ("2", "b"), ("2", "c")], &[("2", "b"), ("3", "c")], Ok((1, 2, 1)));
        check(
            &[("q1", "a"), ("q2", "a"), ("q3", "a"), ("q4", "a")],
            &[("1", "a")],
            Err(
                "no query of the run is in the judgments: the run has \"q1\", \"q2\", \"q3\", the judgments have \"1\"; \
                 take the judgments that belong to the run",
            ),
        );
        check(
            &[("1", "b"), ("1", "a")],
            &[("1", "a.md")],
            Err("no post of the run is in the judgments: the run has \"a\", \"b\", the judgments have \"a.md\"; \
                 take the judgments that belong to the run"),
        );
        assert_eq!(check_ids(&Run::new("x"), &Qrels::default()), Ok(Overlap::default()));
    }
}
