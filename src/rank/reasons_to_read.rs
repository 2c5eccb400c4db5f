//! Why does it matter? The sentence of a post that says so, in the post's own words.
//!
//! Cues of extracts: words that tell a reason or a gain, words of the title, the place in the text (Edmundson, "New Methods
//! in Automatic Extracting", Journal of the ACM 16, 1969). The words are English; in other languages title and place decide.

use std::collections::HashSet;

use super::phrases::words_of_text;
use crate::text::{one_line, sentences};

/// A sentence shorter or longer than this is none to quote.
const CHARS: std::ops::RangeInclusive<usize> = 45..=240;
/// Sentences of a text that are looked at: what matters is told before.
const SENTENCES_MAX: usize = 80;
/// What a cue counts, and how many count at most.
const CUE: f64 = 0.35;
const CUES_MAX: usize = 3;
/// What it takes away to have words that only hold a text together.
const DULL: f64 = 1.0;
/// What it takes away to begin with a word that points to the sentence before.
const POINTS_BACK: f64 = 0.45;

/// A sentence with one of these tells a reason, a gain, or a change.
const CUES: [&str; 46] = [
    " so that ",
    " because ",
    " means ",
    " lets ",
    " allow",
    " enabl",
    " makes ",
    " faster",
    " easier",
    " safer",
    " better ",
    " improve",
    " reduc",
    " simpl",
    " prevent",
    " avoid",
    " no longer ",
    " instead of ",
    " first time",
    " important",
    " matter",
    " significant",
    " critical",
    " goal ",
    " help",
    " problem",
    " solve",
    " secur",
    " vulnerab",
    " performance",
    " cost",
    " without ",
    " need",
    " support",
    " now ",
    " new ",
    " replac",
    " introduc",
    " adds ",
    " change",
    " %",
    " percent",
    " times ",
    " reliab",
    " scale",
    " memory",
];

/// A sentence with one of these is about the text, not about its subject.
const DULL_WORDS: [&str; 38] = [
    "in this post",
    "in this blog",
    "this post ",
    "this article",
    "blog post",
    "we are happy",
    "we're happy",
    "excited to",
    "happy to",
    "pleased to",
    "proud to",
    "delighted",
    "thank",
    "see you",
    "follow us",
    "read more",
    "read on",
    "click",
    "stay tuned",
    "below",
    "above",
    "table of contents",
    "subscribe",
    "join us",
    "release notes",
    "download",
    "as always",
    "next week",
    "please ",
    "check out",
    "full list",
    "changelog",
    "let us know",
    "get started",
    "in the meantime",
    "pull request",
    "for more information",
    "for example",
];

/// First words that point to what was said before.
const BACK: [&str; 26] = [
    "this",
    "that",
    "these",
    "those",
    "it",
    "its",
    "they",
    "their",
    "he",
    "she",
    "but",
    "so",
    "and",
    "however",
    "also",
    "then",
    "therefore",
    "thus",
    "otherwise",
    "moreover",
    "furthermore",
    "here",
    "there",
    "such",
    "both",
    "instead",
];

/// Chooses the sentence that best says why a post matters: out of its own summary, else of its body; `None` where neither
/// has one that can be quoted.
#[must_use]
pub fn why_it_matters(title: &str, summary: &str, body: Option<&str>) -> Option<String> {
    let about: HashSet<String> = words_of_text(title).collect();
    let mut best: Option<(f64, String)> = None;
    for text in std::iter::once(summary).chain(body) {
        for (at, range) in sentences(text).into_iter().enumerate().take(SENTENCES_MAX) {
            let sentence = one_line(&text[range]);
            if !can_be_quoted(&sentence, title) {
                continue;
            }
            let score = score(&sentence, &about, at);
            if best.as_ref().is_none_or(|(most, _)| score > *most) {
                best = Some((score, sentence));
            }
        }
    }
    best.map(|(_, sentence)| sentence)
}

fn can_be_quoted(sentence: &str, title: &str) -> bool {
    let is_prose = !sentence.contains(['{', '}', '|', '`', '=', '<', '>', '\\'])
        && !sentence.contains("://")
        && !sentence.contains("()");
    let words = sentence.split_whitespace().count();
    CHARS.contains(&sentence.chars().count())
        && is_prose
        && words >= 7
        && sentence.starts_with(|letter: char| letter.is_uppercase() || letter.is_numeric())
        && sentence.ends_with(['.', '!'])
        && !sentence.to_lowercase().starts_with(&title.to_lowercase())
}

fn score(sentence: &str, about: &HashSet<String>, at: usize) -> f64 {
    let lower = format!(" {} ", sentence.to_lowercase().replace('\u{2019}', "'"));
    let cues = CUES.iter().filter(|cue| lower.contains(**cue)).count().min(CUES_MAX);
    let dull = DULL_WORDS.iter().any(|word| lower.contains(word));
    let first = lower.trim().split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned();
    let words: HashSet<String> = words_of_text(sentence).collect();
    let shared = about.intersection(&words).count() as f64 / (about.len().max(1) as f64).sqrt();
    let place = 1.0 / (1.0 + at as f64 / 6.0);
    CUE * cues as f64 + 0.4 * shared.min(2.0) + 0.6 * place
        - if dull { DULL } else { 0.0 }
        - if BACK.contains(&first.as_str()) { POINTS_BACK } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_chosen_over_what_holds_the_text_together() {
        let body = "We are happy to tell you about ovens in this post today. Ovens now keep their heat, which makes baking bread \
                    much faster. Follow us for more of such texts about ovens.";
        let why = why_it_matters("New ovens", "", Some(body)).unwrap();
        assert_eq!(why, "Ovens now keep their heat, which makes baking bread much faster.");
    }

    #[test]
    fn what_cannot_be_quoted_is_not() {
        for body in [
            "",
            "Short.",
            "let x = { a: 1, b: 2 }; // this makes everything faster, or so they say.",
            "Why would anybody ever do such a thing in an oven?",
        ] {
            assert_eq!(why_it_matters("Ovens", "", Some(body)), None, "{body}");
        }
        assert_eq!(why_it_matters("", "", None), None);
    }
}
