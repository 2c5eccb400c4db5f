//! Judgments: TREC's four columns, BEIR's three under a header, JSON.

use super::grouped::{Entry, Grouped};
use super::{Fault, FormatError, FormatNotes, json, lines, split, without_mark, writable};
use crate::eval::{Judgment, Qrels};

const EXPECT_ANY: &str = "judgments: lines of query, 0, post, grade";
const EXPECT_TREC: &str = "judgments have four (query, 0, post, grade), or three (query-id, corpus-id, score) under such a header; a run has six";
const EXPECT_BEIR: &str = "under this header each line has three: query-id, corpus-id, score";
const EXPECT_HEADER: &str =
    "judgments with three need the header query-id, corpus-id, score (tab-separated) on the first line";
const EXPECT_JSON: &str = "{query: {post: grade}} with whole numbers as grades, each query and post once";

/// What the first column of BEIR's header is called.
const QUERY_NAMES: [&str; 7] = ["query-id", "query_id", "queryid", "query id", "qid", "query", "q_id"];

/// The largest grade, and the smallest with a minus before it.
const GRADE_MAX: i32 = 1000;

/// Reads judgments; `name` is the file's name, for errors.
///
/// Of two judgments for one query and post the first stays: repeats and contradictions are counted in the notes.
///
/// # Errors
/// Another number of columns, a grade that is no whole number, an empty id, JSON of another shape, no judgment at all.
pub fn parse_qrels(text: &str, name: &str) -> Result<(Qrels, FormatNotes), FormatError> {
    let text = without_mark(text);
    if text.trim_start().starts_with('{') {
        return Ok((from_json(text, name)?, FormatNotes::default()));
    }
    let grouped = from_lines(text, name)?;
    if grouped.is_empty() {
        return Err(Fault::Empty(EXPECT_ANY).of(name));
    }
    let settled = grouped.settle();
    let mut notes = FormatNotes::default();
    for twice in &settled.twice {
        if twice.first.value == twice.second.value {
            notes.repeats += 1;
        } else {
            notes.contradictions += 1;
            if notes.first_contradiction == 0 {
                notes.first_contradiction = twice.second.line;
            }
        }
    }
    let mut qrels = Qrels::default();
    for (query, entries) in settled.queries {
        qrels.insert(query, entries.into_iter().map(judgment).collect());
    }
    Ok((qrels, notes))
}

fn judgment(entry: Entry<i32>) -> Judgment {
    Judgment { post: entry.post, grade: entry.value }
}

fn from_json(text: &str, name: &str) -> Result<Qrels, FormatError> {
    let mut qrels = Qrels::default();
    for (query, posts) in json::parse::<i32>(text, name, EXPECT_JSON)? {
        if let Some((_, grade)) = posts.iter().find(|(_, grade)| !is_grade(grade)) {
            return Err(Fault::Grade(grade.to_string()).of(name));
        }
        let judgments = posts.into_iter().map(|(post, grade)| Judgment { post: post.into(), grade }).collect();
        qrels.insert(query, judgments);
    }
    Ok(qrels)
}

fn from_lines<'a>(text: &'a str, name: &str) -> Result<Grouped<'a, i32>, FormatError> {
    let mut grouped = Grouped::new();
    let mut rest = lines(text).peekable();
    let beir = rest.peek().is_some_and(|(_, line)| is_header(line));
    if beir {
        rest.next();
    }
    let (expect, expect_words) = if beir { (3, EXPECT_BEIR) } else { (4, EXPECT_TREC) };
    let mut columns = Vec::new();
    for (number, line) in rest {
        split(line, expect, &mut columns);
        let (query, post, grade) = match (columns.as_slice(), beir) {
            (&[query, post, grade], true) | (&[query, _, post, grade], false) => (query, post, grade),
            (&[_, _, _], false) => return Err(Fault::Columns { found: 3, expect: EXPECT_HEADER }.at(name, number)),
            (other, _) => return Err(Fault::Columns { found: other.len(), expect: expect_words }.at(name, number)),
        };
        if query.is_empty() || post.is_empty() {
            return Err(Fault::EmptyId.at(name, number));
        }
        let value = whole(grade).ok_or_else(|| Fault::Grade(grade.to_owned()).at(name, number))?;
        grouped.add(query, post, value, number);
    }
    Ok(grouped)
}

/// Reads a grade; some write whole numbers as `1.0`.
fn whole(grade: &str) -> Option<i32> {
    let digits = grade.split_once('.').filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'));
    digits.map_or(grade, |(digits, _)| digits).parse().ok().filter(is_grade)
}

/// Beyond this an exponential gain is no finite number any more.
fn is_grade(grade: &i32) -> bool {
    (-GRADE_MAX..=GRADE_MAX).contains(grade)
}

fn is_header(line: &str) -> bool {
    let mut columns = Vec::new();
    split(line, 3, &mut columns);
    let names_query = |name: &str| QUERY_NAMES.contains(&name.to_lowercase().as_str());
    columns.len() == 3 && names_query(columns[0]) && columns[2].parse::<f64>().is_err()
}

/// Writes judgments as TREC's four columns, separated by tabs, ascending by query and post.
///
/// # Errors
/// An id has a tab, a line break or outer spaces.
pub fn write_qrels(qrels: &Qrels) -> Result<String, FormatError> {
    let mut text = String::new();
    for (query, judgments) in qrels.queries() {
        let query = writable(query)?;
        for judgment in judgments {
            text += &format!("{query}\t0\t{}\t{}\n", writable(&judgment.post)?, judgment.grade);
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
        let said = match parse_qrels(text, "q") {
            Ok((qrels, notes)) => {
                assert_eq!(notes, FormatNotes::default(), "{text}");
                write_qrels(&qrels).unwrap().replace('\t', " ").replace('\n', ";")
            }
            Err(fault) => fault.to_string(),
        };
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn three_forms_are_told_apart() {
        let expect = "1 0 a 2;1 0 b 0;2 0 a -1;";
        check("1 0 b 0\n1 0 a 2\n2 0 a -1\n", expect);
        check("\u{feff}2\t0\ta\t-1 \r\n1\t0\ta\t2\r\n1 Q0  b 0\t\r\n\r\n \n", expect);
        check("query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t0\n2\ta\t-1", expect);
        check("QID docid relevance\n1 a 2\n1 b 0\n2 a -1", expect);
        check(" {\"2\": {\"a\": -1},\n \"1\": {\"b\": 0, \"a\": 2}}", expect);
        check("a b\t0\tc d\t1.0", "a b 0 c d 1;");
    }

    #[test]
    fn errors_name_the_line_and_the_remedy() {
        let trec = "judgments have four (query, 0, post, grade), or three (query-id, corpus-id, score) under such a header; a run has six";
        check("1 0 a 1\n\n1 Q0 a 1 0.5 run", &format!("q:3: 6 columns; {trec}"));
        check("1", &format!("q:1: 1 column; {trec}"));
        check(
            "1 a 2",
            "q:1: 3 columns; judgments with three need the header query-id, corpus-id, score (tab-separated) on the first line",
        );
        check(
            "query-id corpus-id score\n1 0 a 2",
            "q:2: 4 columns; under this header each line has three: query-id, corpus-id, score",
        );
        let grade = "is no whole number from -1000 to 1000; write 0 for not relevant, 1 and above for relevant";
        check("1 0 a 0.5", &format!("q:1: the grade \"0.5\" {grade}"));
        check("1 0 a 99999999999", &format!("q:1: the grade \"99999999999\" {grade}"));
        check("1\t0\t\t1", "q:1: the id of a query or post is empty; give it one");
        check(" \n", "q: nothing is in it; it should hold judgments: lines of query, 0, post, grade");
        let json = "write {query: {post: grade}} with whole numbers as grades, each query and post once";
        check("{\"1\":\n{\"a\": 0.5}}", &format!("q:2: invalid type: floating point `0.5`, expected i32; {json}"));
        check("{\"1\": 3}", &format!("q:1: invalid type: integer `3`, expected an object; {json}"));
        check("{\"1\": {\"a\": 1,\n\"a\": 1}}", &format!("q:2: \"a\" is there twice; {json}"));
        check("{\"1\": {}", &format!("q:1: EOF while parsing an object; {json}"));
    }

    #[test]
    fn what_is_said_twice_is_counted() {
        let (qrels, notes) = parse_qrels("1 0 a 1\n1 0 b 0\n1 0 a 1\n1 0 b 2\n1 0 b 3\n", "q").unwrap();
        assert_eq!(
            notes,
            FormatNotes { repeats: 1, contradictions: 2, first_contradiction: 4, ..FormatNotes::default() }
        );
        assert_eq!(write_qrels(&qrels).unwrap(), "1\t0\ta\t1\n1\t0\tb\t0\n");
    }

    #[test]
    fn ids_that_columns_cannot_hold_are_refused() {
        let mut qrels = Qrels::default();
        qrels.add("1", "a\tb", 1);
        let expect = "not written: the id \"a\tb\" cannot be written in columns; take tabs, line breaks and outer spaces out of it";
        assert_eq!(write_qrels(&qrels).unwrap_err().to_string(), expect);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(judgments in proptest::collection::vec(("[a-c0 é]{1,3}", "[a-c0 é]{1,3}", -3..9), 1..40)) {
            let mut qrels = Qrels::default();
            for (query, post, grade) in judgments {
                if !query.trim().is_empty() && !post.trim().is_empty() {
                    qrels.add(query.trim(), post.trim(), grade);
                }
            }
            let text = write_qrels(&qrels).unwrap();
            match parse_qrels(&text, "q") {
                Ok((again, notes)) => prop_assert_eq!((again, notes), (qrels, FormatNotes::default())),
                Err(_) => prop_assert!(qrels.is_empty()),
            }
        }
    }
}
