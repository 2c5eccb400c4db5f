//! What is in a text? Sentences, words and reading time of plain text.

mod function_words;
mod markdown;
mod numerals;
mod stems;

use std::ops::Range;

pub(crate) use function_words::is_function_word;
pub(crate) use markdown::{escape_markdown, markdown_target};
pub(crate) use numerals::{MONTHS, NUMBERS, is_month};
pub(crate) use stems::Stems;
pub use stems::{Language, LanguageError};
use unicode_segmentation::UnicodeSegmentation;

/// Words that an adult reads in a minute of English non-fiction, silently: the mean of 190 studies in Brysbaert,
/// "How many words do we read per minute?", Journal of Memory and Language 109 (2019).
pub const WORDS_PER_MINUTE: usize = 238;

/// Fewer letters than this and a sentence (a heading, "Yes.", "e.g.") is joined to the next one.
const SHORTEST_SENTENCE_CHARS: usize = 20;

/// Returns the byte ranges of the sentences of `text`, in order, without surrounding white space.
///
/// Boundaries are those of Unicode Annex 29 and every line break that follows a blank line; a sentence of fewer than
/// 20 characters is joined to its neighbor, so that an abbreviation does not stand alone.
#[must_use]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open: Option<Range<usize>> = None;
    for (start, piece) in text.split_sentence_bound_indices() {
        let trimmed = piece.trim();
        if trimmed.is_empty() {
            continue;
        }
        let start = start + (piece.len() - piece.trim_start().len());
        let end = start + trimmed.len();
        let joined = open.take().map_or(start..end, |before| before.start..end);
        if text[joined.clone()].chars().count() < SHORTEST_SENTENCE_CHARS {
            open = Some(joined);
        } else {
            found.push(joined);
        }
    }
    match (open, found.last_mut()) {
        (Some(rest), Some(last)) => last.end = rest.end,
        (Some(rest), None) => found.push(rest),
        (None, _) => {}
    }
    found
}

/// Counts words as Unicode Annex 29 does: runs with at least one letter or digit; an ideograph is a word.
#[must_use]
pub fn word_count(text: &str) -> usize {
    text.unicode_words().count()
}

/// Returns how many minutes reading `text` takes at [`WORDS_PER_MINUTE`], rounded up, at least 1.
#[must_use]
pub fn reading_minutes(text: &str) -> u32 {
    u32::try_from(word_count(text).div_ceil(WORDS_PER_MINUTE)).unwrap_or(u32::MAX).max(1)
}

/// Folds runs of white space (line breaks too) into single spaces and trims the ends.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Begins the comment at the end of files that `nextread links` writes.
pub const WRITTEN_BY_US: &str = "written by nextread links:";

/// Tells whether a page or a text in Markdown is one that `nextread links` wrote: its last line says so.
#[must_use]
pub fn is_written_by_us(text: &str) -> bool {
    let last = text.trim_end().rsplit('\n').next().unwrap_or_default();
    last.rfind("<!-- ").is_some_and(|at| last[at + 5..].starts_with(WRITTEN_BY_US))
}

/// Tells whether the bytes of `range` are whole words: no letter or digit goes on beside them.
///
/// # Panics
/// The range does not lie between characters of `text`.
#[must_use]
pub fn is_whole_words(text: &str, range: Range<usize>) -> bool {
    let is_edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    is_edge(text[..range.start].chars().next_back()) && is_edge(text[range.end..].chars().next())
}

/// Names less alike than this (Jaro–Winkler) are not taken for a slip of the pen.
const NAME_LIKENESS_MIN: f64 = 0.7;

/// Returns which of `known` was probably meant by `given`, letter case aside; of equally likely ones the last.
#[must_use]
pub fn meant<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &given);
    let nearest = known.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.filter(|name| likeness(name) >= NAME_LIKENESS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn splits_at_sentence_ends_and_joins_short_ones() {
        check("", &[]);
        check(" \n ", &[]);
        check("Short.", &["Short."]);
        check(
            "The cache was cold. It warmed up in a minute. Done.",
            &["The cache was cold. It warmed up in a minute. Done."],
        );
        check(
            "A cache miss costs a round trip. See Fig. 3 for the distribution of them. Yes.",
            &["A cache miss costs a round trip.", "See Fig. 3 for the distribution of them. Yes."],
        );
    }

    #[test]
    fn counts_words_and_minutes() {
        assert_eq!(word_count("Don't panic: 42 is the answer — 東京"), 8);
        assert_eq!(reading_minutes(""), 1);
        assert_eq!(reading_minutes(&"word ".repeat(239)), 2);
        assert_eq!(one_line(" a\n\n b\tc "), "a b c");
    }
}
