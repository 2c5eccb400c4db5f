//! In which form do judgments, runs and scored pairs of texts come? Each form is told from what the text looks like.
//!
//! | what | forms |
//! |---|---|
//! | judgments ([`parse_qrels`]) | TREC (query, iteration, post, grade), BEIR (query-id, corpus-id, score under a header), JSON `{query: {post: grade}}` |
//! | runs ([`parse_run`]) | TREC (query, Q0, post, rank, score, name), JSON `{query: {post: score}}` |
//! | pairs ([`parse_pairs`]) | TSV, CSV, JSON lines |
//!
//! Columns are separated by tabs or white space; ids may contain spaces where tabs separate them. A byte-order mark,
//! carriage returns, blank lines and white space at line ends do not matter.

mod grouped;
mod ids;
mod json;
mod pairs;
mod qrels;
mod run;

pub use ids::{IdError, Overlap, check_ids};
pub use pairs::{PairNotes, TextPair, parse_pairs};
pub use qrels::{parse_qrels, write_qrels};
pub use run::{parse_run, write_run};

/// What was read but does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FormatNotes {
    /// Lines that say again what an earlier line said.
    pub repeats: usize,
    /// Judgments that give another grade than an earlier line for the same query and post: the earlier one stays.
    pub contradictions: usize,
    /// The line of the first contradiction, from 1; 0 where there is none.
    pub first_contradiction: usize,
    /// Queries of a run whose ranks say another order than the scores, which decide.
    pub rank_contradictions: usize,
    /// Queries of a run whose answers, at least two, all have one score, so that the rule of ties decides.
    pub all_tied: usize,
}

/// Says why a text is no judgments, no run, no pairs; names file and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}", place(file, *line))]
pub struct FormatError {
    /// The name of the text, as the caller gave it.
    pub file: String,
    /// The line, from 1; `None` where the whole is meant.
    pub line: Option<usize>,
    /// What is wrong there.
    pub fault: Fault,
}

fn place(file: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is nothing to read.
    #[error("nothing is in it; it should hold {0}")]
    Empty(&'static str),
    /// Too few or too many columns.
    #[error("{found} column{}; {expect}", if *found == 1 { "" } else { "s" })]
    Columns {
        /// How many there are.
        found: usize,
        /// What there should be.
        expect: &'static str,
    },
    /// A column that names something is empty.
    #[error("the id of a query or post is empty; give it one")]
    EmptyId,
    /// A grade that is none.
    #[error(
        "the grade \"{0}\" is no whole number from -1000 to 1000; write 0 for not relevant, 1 and above for relevant"
    )]
    Grade(String),
    /// A score that is none.
    #[error("the score \"{0}\" is no finite number; write one, larger for better")]
    Score(String),
    /// A post with two scores for one query.
    #[error("post \"{post}\" has another score for query \"{query}\" in line {earlier}; keep one of them")]
    TwoScores {
        /// The query's id.
        query: String,
        /// The post's id.
        post: String,
        /// The line of the first.
        earlier: usize,
    },
    /// JSON of another shape, or none.
    #[error("{reason}; write {expect}")]
    Json {
        /// What the reader of JSON says.
        reason: String,
        /// What there should be.
        expect: &'static str,
    },
    /// CSV that cannot be split.
    #[error("not CSV: {0}; put texts with commas, quotes or line breaks in double quotes")]
    Csv(String),
    /// No telling which column is what.
    #[error(
        "no telling which columns are the two texts and the score; give a header with sentence1, sentence2 and score"
    )]
    NoHeader,
    /// A field that a record needs.
    #[error("there is no {0}; each line needs sentence1, sentence2 (or text1, text2) and score")]
    Field(&'static str),
    /// An id that cannot be written in columns.
    #[error("the id \"{0}\" cannot be written in columns; take tabs, line breaks and outer spaces out of it")]
    Unwritable(String),
}

impl Fault {
    fn at(self, file: &str, line: usize) -> FormatError {
        FormatError { file: file.to_owned(), line: Some(line), fault: self }
    }

    fn of(self, file: &str) -> FormatError {
        FormatError { file: file.to_owned(), line: None, fault: self }
    }
}

/// Drops the byte-order mark.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Returns the lines that are not blank, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim().is_empty())
}

/// Splits a line into `columns`: at tabs where that gives as many as expected, else at white space.
fn split<'a>(line: &'a str, expect: usize, columns: &mut Vec<&'a str>) {
    columns.clear();
    columns.extend(line.split('\t').map(str::trim));
    if columns.len() != expect {
        columns.clear();
        columns.extend(line.split_whitespace());
    }
}

/// Refuses an id that would not come back from a line of columns.
fn writable(id: &str) -> Result<&str, FormatError> {
    let kept = !id.is_empty() && id.trim() == id && !id.contains(['\t', '\n', '\r']) && !id.starts_with('\u{feff}');
    if kept { Ok(id) } else { Err(Fault::Unwritable(id.to_owned()).of("not written")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_ends_in_a_panic(text in "[ \ta-c0-9.{}\":,\n\r\u{feff}-]{0,80}") {
            let _ = parse_qrels(&text, "q");
            let _ = parse_run(&text, "r");
            let _ = parse_pairs(&text, "p");
        }
    }
}
