//! Runs: TREC's six columns, JSON.

use super::grouped::Grouped;
use super::{Fault, FormatError, FormatNotes, json, lines, split, without_mark, writable};
use crate::eval::{Ranked, Run};

const EXPECT_ANY: &str = "a run: lines of query, Q0, post, rank, score, name";
const EXPECT_TREC: &str = "a run has six (query, Q0, post, rank, score, name); judgments have three or four";
const EXPECT_JSON: &str = "{query: {post: score}} with numbers as scores, each query and post once";

/// Reads a run; `name` is the file's name, for errors and as the name of a run that has none.
///
/// The score decides, and not the rank, as in trec_eval. Lines that repeat an earlier one, and queries whose ranks say
/// something else than their scores, are counted in the notes.
///
/// # Errors
/// Another number of columns, a score that is no finite number, a post with two scores for one query, an empty id, JSON
/// of another shape, no answer at all.
pub fn parse_run(text: &str, name: &str) -> Result<(Run, FormatNotes), FormatError> {
    let text = without_mark(text);
    if text.trim_start().starts_with('{') {
        return Ok((from_json(text, name)?, FormatNotes::default()));
    }
    let (grouped, run_name) = from_lines(text, name)?;
    if grouped.is_empty() {
        return Err(Fault::Empty(EXPECT_ANY).of(name));
    }
    let settled = grouped.settle();
    if let Some(twice) = settled.twice.iter().find(|twice| twice.first.value.score != twice.second.value.score) {
        let (query, post) = (twice.query.clone(), twice.second.post.to_string());
        return Err(Fault::TwoScores { query, post, earlier: twice.first.line }.at(name, twice.second.line));
    }
    let mut run = Run::new(run_name);
    let mut notes = FormatNotes { repeats: settled.twice.len(), ..FormatNotes::default() };
    for (query, entries) in settled.queries {
        let mut places: Vec<Place> = entries.iter().map(|entry| entry.value).collect();
        notes.rank_contradictions += usize::from(contradict(&mut places));
        notes.all_tied += usize::from(places.len() > 1 && places.iter().all(|place| place.score == places[0].score));
        let answers = entries.into_iter().map(|entry| Ranked { post: entry.post, score: entry.value.score }).collect();
        run.insert(query, answers);
    }
    Ok((run, notes))
}

/// What a line says about the place of its post.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    score: f64,
    /// `None` where the column holds no number.
    rank: Option<u32>,
}

/// Tells whether some answer has a better rank than another and a lower score.
fn contradict(places: &mut [Place]) -> bool {
    places.sort_by_key(|place| place.rank);
    let ranked = places.iter().all(|place| place.rank.is_some());
    ranked && places.windows(2).any(|pair| pair[0].rank < pair[1].rank && pair[0].score < pair[1].score)
}

fn from_json(text: &str, name: &str) -> Result<Run, FormatError> {
    let mut run = Run::new(name);
    for (query, posts) in json::parse::<f64>(text, name, EXPECT_JSON)? {
        let answers = posts.into_iter().map(|(post, score)| Ranked { post: post.into(), score: score + 0.0 }).collect();
        run.insert(query, answers);
    }
    Ok(run)
}

fn from_lines<'a>(text: &'a str, name: &str) -> Result<(Grouped<'a, Place>, &'a str), FormatError> {
    let (mut grouped, mut run_name) = (Grouped::new(), "");
    let mut columns = Vec::new();
    for (number, line) in lines(text) {
        split(line, 6, &mut columns);
        let &[query, _, post, rank, score, of] = columns.as_slice() else {
            return Err(Fault::Columns { found: columns.len(), expect: EXPECT_TREC }.at(name, number));
        };
        if query.is_empty() || post.is_empty() {
            return Err(Fault::EmptyId.at(name, number));
        }
        let value = score.parse().ok().filter(|score: &f64| score.is_finite());
        let value = value.ok_or_else(|| Fault::Score(score.to_owned()).at(name, number))?;
        // Adding 0 makes 0 of −0, which would otherwise be below it.
        grouped.add(query, post, Place { score: value + 0.0, rank: rank.parse().ok() }, number);
        run_name = if run_name.is_empty() { of } else { run_name };
    }
    Ok((grouped, run_name))
}

/// Writes a run as TREC's six columns, separated by tabs, ascending by query, ranks from 1 by score and then post id.
///
/// Scores are written so that they come back as they were. trec_eval orders equal scores the other way round. White
/// space in the run's name becomes `_`; a run without name is called `nextread`.
///
/// # Errors
/// An id has a tab, a line break or outer spaces.
pub fn write_run(run: &Run) -> Result<String, FormatError> {
    let name = run.name.split_whitespace().collect::<Vec<_>>().join("_");
    let name = if name.is_empty() { "nextread" } else { &name };
    let mut text = String::new();
    for (query, answers) in run.queries() {
        let query = writable(query)?;
        for (at, answer) in answers.iter().enumerate() {
            let post = writable(&answer.post)?;
            text += &format!("{query}\tQ0\t{post}\t{}\t{:?}\t{name}\n", at + 1, answer.score);
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let said = match parse_run(text, "r") {
            Ok((run, notes)) => {
                assert_eq!((notes.repeats, notes.contradictions), (0, 0), "{text}");
                write_run(&run).unwrap().replace('\t', " ").replace('\n', ";")
            }
            Err(fault) => fault.to_string(),
        };
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn both_forms_are_told_apart_and_the_score_decides() {
        check("1 Q0 a 1 0.5 x\n1 Q0 b 2 1e2 x", "1 Q0 b 1 100.0 x;1 Q0 a 2 0.5 x;");
        check("\u{feff}1\tQ0\ta b\t9\t-0.0\tx y\r\n\r\n1\tQ0\tA\t9\t0\tz", "1 Q0 A 1 0.0 x_y;1 Q0 a b 2 0.0 x_y;");
        check("{\"1\": {\"a\": 1, \"b\": 2.5}, \"2\": {}}", "1 Q0 b 1 2.5 r;1 Q0 a 2 1.0 r;");
    }

    #[test]
    fn ranks_that_contradict_scores_and_scores_that_are_all_one_are_counted() {
        let check = |text: &str, expect: (usize, usize)| {
            let notes = parse_run(text, "r").unwrap().1;
            assert_eq!((notes.rank_contradictions, notes.all_tied), expect, "{text}");
        };
        check("1 Q0 a 1 2 x\n1 Q0 b 2 1 x\n2 Q0 a 1 0 x", (0, 0));
        check("1 Q0 a 2 2 x\n1 Q0 b 1 1 x\n2 Q0 a 0 1 x\n2 Q0 b 0 2 x", (1, 0));
        check("1 Q0 a 1 1 x\n1 Q0 b 2 1 x\n2 Q0 a - 1 x\n2 Q0 b 1 2 x", (0, 1));
    }

    #[test]
    fn errors_name_the_line_and_the_remedy() {
        let trec = "a run has six (query, Q0, post, rank, score, name); judgments have three or four";
        check("1 Q0 a 1 0.5 x\n1 0 a 1", &format!("r:2: 4 columns; {trec}"));
        for score in ["NaN", "inf", "1e999", "1,5"] {
            let expect = format!("r:1: the score \"{score}\" is no finite number; write one, larger for better");
            check(&format!("1 Q0 a 1 {score} x"), &expect);
        }
        check(
            "1 Q0 a 1 0.5 x\n1 Q0 b 2 0.4 x\n1 Q0 b 3 0.3 x\n1 Q0 a 4 0.2 x",
            "r:3: post \"b\" has another score for query \"1\" in line 2; keep one of them",
        );
        check("", "r: nothing is in it; it should hold a run: lines of query, Q0, post, rank, score, name");
        let json = "{query: {post: score}} with numbers as scores, each query and post once";
        check("{}", &format!("r: nothing is in it; it should hold {json}"));
        check("{\"1\": {\"a\": 1e999}}", &format!("r:1: number out of range; write {json}"));
        check("{\"1\": [\"a\"]}", &format!("r:1: invalid type: sequence, expected an object; write {json}"));
    }

    #[test]
    fn harmless_repeats_are_counted() {
        let (run, notes) = parse_run("1 Q0 a 1 0.5 x\n1 Q0 a 2 0.50 x\n", "r").unwrap();
        assert_eq!((run.of("1").len(), notes.repeats), (1, 1));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(answers in proptest::collection::btree_map("[a-c é0]{1,3}", -1e9..1e9f64, 1..20)) {
            let mut run = Run::new("x");
            let answers = answers.into_iter().filter(|(post, _)| post.trim() == post);
            run.insert("q 1", answers.map(|(post, score)| Ranked { post: post.into(), score }).collect());
            if !run.of("q 1").is_empty() {
                prop_assert_eq!(parse_run(&write_run(&run).unwrap(), "r").unwrap().0, run);
            }
        }
    }
}
