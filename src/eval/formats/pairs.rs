//! Pairs of texts with the similarity that people gave them: tab-separated, comma-separated or JSON lines.

use serde_json::{Map, Value};

use super::{Fault, FormatError, json, lines, without_mark};

const EXPECT_ANY: &str = "pairs: lines of two texts and a score";
const EXPECT_THREE: &str = "pairs without a header have three: two texts, and the score first or last";
const EXPECT_HEADER: &str = "as many as the header are needed; a text with the separator in it needs quotes in CSV";
const EXPECT_JSON: &str = "{\"sentence1\": text, \"sentence2\": text, \"score\": number} on each line";

const FIRST: [&str; 7] = ["sentence1", "sentence_1", "sentence_a", "text1", "text_1", "text_a", "s1"];
const SECOND: [&str; 7] = ["sentence2", "sentence_2", "sentence_b", "text2", "text_2", "text_b", "s2"];
const SCORE: [&str; 7] =
    ["score", "label", "similarity_score", "similarity", "relatedness_score", "gold", "human_score"];

/// Two texts and how alike people found them.
#[derive(Debug, Clone, PartialEq)]
pub struct TextPair {
    /// The one.
    pub first: String,
    /// The other.
    pub second: String,
    /// Finite; larger is more alike, on any scale.
    pub score: f64,
}

/// Pairs that say little; they count like all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PairNotes {
    /// Pairs of one text with itself.
    pub identical: usize,
    /// Pairs of which a text is empty.
    pub empty: usize,
}

/// Reads scored pairs; `name` is the file's name, for errors.
///
/// JSON lines begin with a brace; in a table tabs separate the columns where the first line has one, else commas. A
/// header tells the columns (`sentence1`, `sentence2`, `score` or what others call them); without one there are three,
/// the score first or last. Double quotes hold a text together in CSV; in tab-separated tables they are part of the
/// text, as in the STS benchmark.
///
/// # Errors
/// Columns that are not there or cannot be told, a score that is no finite number, broken CSV or JSON, no pair at all.
pub fn parse_pairs(text: &str, name: &str) -> Result<(Vec<TextPair>, PairNotes), FormatError> {
    let text = without_mark(text);
    let Some((_, first_line)) = lines(text).next() else { return Err(Fault::Empty(EXPECT_ANY).of(name)) };
    let pairs = if first_line.trim_start().starts_with('{') {
        from_json_lines(text, name)?
    } else {
        from_table(text, name, if first_line.contains('\t') { b'\t' } else { b',' })?
    };
    if pairs.is_empty() {
        return Err(Fault::Empty(EXPECT_ANY).of(name));
    }
    let is_empty = |pair: &&TextPair| pair.first.trim().is_empty() || pair.second.trim().is_empty();
    let notes = PairNotes {
        identical: pairs.iter().filter(|pair| pair.first == pair.second).count(),
        empty: pairs.iter().filter(is_empty).count(),
    };
    Ok((pairs, notes))
}

/// Which column is what, of how many.
#[derive(Clone, Copy)]
struct Columns {
    first: usize,
    second: usize,
    score: usize,
    count: usize,
    expect: &'static str,
}

impl Columns {
    fn of_header(record: &csv::StringRecord) -> Option<Columns> {
        let find =
            |names: &[&str]| record.iter().position(|column| names.contains(&column.trim().to_lowercase().as_str()));
        let (first, second, score) = (find(&FIRST)?, find(&SECOND)?, find(&SCORE)?);
        Some(Columns { first, second, score, count: record.len(), expect: EXPECT_HEADER })
    }

    fn of_data(record: &csv::StringRecord) -> Result<Columns, Fault> {
        if record.len() != 3 {
            return Err(Fault::NoHeader);
        }
        let is_number = |at: usize| number(&record[at]).is_some();
        let (first, second, score) = match (is_number(0), is_number(2)) {
            (_, true) => (0, 1, 2),
            (true, false) => (1, 2, 0),
            (false, false) => return Err(Fault::NoHeader),
        };
        Ok(Columns { first, second, score, count: 3, expect: EXPECT_THREE })
    }

    fn pair(self, record: &csv::StringRecord) -> Result<TextPair, Fault> {
        if record.len() != self.count {
            return Err(Fault::Columns { found: record.len(), expect: self.expect });
        }
        let score = &record[self.score];
        let score = number(score).ok_or_else(|| Fault::Score(score.to_owned()))?;
        Ok(TextPair { first: record[self.first].to_owned(), second: record[self.second].to_owned(), score })
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn from_table(text: &str, name: &str, separator: u8) -> Result<Vec<TextPair>, FormatError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .quoting(separator == b',')
        .from_reader(text.as_bytes());
    let mut columns: Option<Columns> = None;
    let mut pairs = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|fault| Fault::Csv(fault.to_string()).of(name))?;
        let line = record.position().map_or(0, |position| line_of(text, position));
        let told = match columns {
            Some(told) => told,
            None => {
                columns = Columns::of_header(&record);
                if columns.is_some() {
                    continue;
                }
                *columns.insert(Columns::of_data(&record).map_err(|fault| fault.at(name, line))?)
            }
        };
        if !record.iter().all(|column| column.trim().is_empty()) {
            pairs.push(told.pair(&record).map_err(|fault| fault.at(name, line))?);
        }
    }
    Ok(pairs)
}

/// Returns the line on which a record begins: its position is before the line breaks that precede it.
fn line_of(text: &str, position: &csv::Position) -> usize {
    let rest = &text.as_bytes()[position.byte() as usize..];
    let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line() as usize + breaks.count()
}

fn from_json_lines(text: &str, name: &str) -> Result<Vec<TextPair>, FormatError> {
    let pair = |(number, line): (usize, &str)| {
        let record: Map<String, Value> =
            serde_json::from_str(line).map_err(|fault| json::error(&fault, name, number - 1, EXPECT_JSON))?;
        pair_of(&record).map_err(|fault| fault.at(name, number))
    };
    lines(text).map(pair).collect()
}

fn pair_of(record: &Map<String, Value>) -> Result<TextPair, Fault> {
    let find = |names: &[&'static str]| {
        let found = record.iter().find(|(key, _)| names.contains(&key.to_lowercase().as_str()));
        found.map(|(_, value)| value).ok_or(Fault::Field(names[0]))
    };
    let text = |names: &[&'static str]| {
        let words = find(names)?.as_str().ok_or(Fault::Field(names[0]))?;
        Ok(words.to_owned())
    };
    let score = find(&SCORE)?;
    let score = match score {
        Value::String(words) => number(words),
        other => other.as_f64(),
    }
    .ok_or_else(|| Fault::Score(score.to_string()))?;
    Ok(TextPair { first: text(&FIRST)?, second: text(&SECOND)?, score })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let said = match parse_pairs(text, "p") {
            Ok((pairs, _)) => {
                pairs.iter().map(|pair| format!("{}|{}|{};", pair.first, pair.second, pair.score)).collect()
            }
            Err(fault) => fault.to_string(),
        };
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn tables_with_and_without_header_and_json_lines() {
        let expect = "a, b|c|4.5;d|\"e|0;";
        check("sentence1\tsentence2\tscore\na, b\tc\t4.5\r\nd\t\"e\t0\r\n\r\n", expect);
        check("\u{feff}id,Label,text2,text1\n1,4.5,c,\"a, b\"\n2,0,\"\"\"e\",d", expect);
        check("a, b\tc\t4.5\nd\t\"e\t0", expect);
        check("4.5\ta, b\tc\n0\td\t\"e", expect);
        check(
            "{\"sentence1\": \"a, b\", \"sentence2\": \"c\", \"score\": 4.5, \"x\": []}\n\n{\"text1\": \"d\", \"text2\": \"\\\"e\", \"label\": \"0\"}",
            expect,
        );
    }

    #[test]
    fn errors_name_the_line_and_the_remedy() {
        check(" \n", "p: nothing is in it; it should hold pairs: lines of two texts and a score");
        check(
            "sentence1,sentence2,score\n",
            "p: nothing is in it; it should hold pairs: lines of two texts and a score",
        );
        let header = "no telling which columns are the two texts and the score; give a header with sentence1, sentence2 and score";
        check("a,b\n", &format!("p:1: {header}"));
        check("one,two,three\na,b,1", &format!("p:1: {header}"));
        check("a\tb\t1\na\tb\tx", "p:2: the score \"x\" is no finite number; write one, larger for better");
        check(
            "a\tb\t1\n\na\tb",
            "p:3: 2 columns; pairs without a header have three: two texts, and the score first or last",
        );
        check(
            "sentence1,sentence2,score\na, b,c,1",
            "p:2: 4 columns; as many as the header are needed; a text with the separator in it needs quotes in CSV",
        );
        let fields = "each line needs sentence1, sentence2 (or text1, text2) and score";
        check("{\"text1\": \"a\", \"score\": 1}", &format!("p:1: there is no sentence2; {fields}"));
        check("{\"text1\": \"a\", \"text2\": 2, \"score\": 1}", &format!("p:1: there is no sentence2; {fields}"));
        check(
            "{\"text1\": \"a\", \"text2\": \"b\", \"score\": null}",
            "p:1: the score \"null\" is no finite number; write one, larger for better",
        );
        let json = "write {\"sentence1\": text, \"sentence2\": text, \"score\": number} on each line";
        check(
            "{\"text1\": \"a\", \"text2\": \"b\", \"score\": 1}\n{",
            &format!("p:2: EOF while parsing an object; {json}"),
        );
    }

    #[test]
    fn pairs_that_say_little_are_counted() {
        let (_, notes) = parse_pairs("a\ta\t5\n\tb\t0\na\tb\t1\n", "p").unwrap();
        assert_eq!(notes, PairNotes { identical: 1, empty: 1 });
    }
}
