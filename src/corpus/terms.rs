//! Which words does a post have, and how often? Stems and pairs of them, small enough to be kept for every post.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::post::Post;
use crate::text::{Language, Stems, is_function_word};

/// A stem, or two stems in a row, as a number: the lower half of its XXH3. Of a hundred thousand two may share one, which
/// changes no ranking.
pub type Term = u32;

/// A word of the title counts so often, and one of a summary that is not in the body. Measured with
/// the ranking; between 1 and 5 they matter little.
const TITLE_TIMES: u16 = 3;
const SUMMARY_TIMES: u16 = 2;
/// A word of a tag counts so often: its author chose it, while words come as they come.
const TAG_TIMES: u16 = 8;

/// Bytes of a count as [`Terms::encode`] writes it.
const BYTES: usize = 6;

/// The terms of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Content words of the text, repeats included.
    pub words: u32,
    /// How often each term counts, ascending by term; counts end at 65,535.
    pub counts: Vec<(Term, u16)>,
}

impl Terms {
    /// Writes the number of words and the counts one after the other, little-endian: four bytes, then six a term.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(4 + BYTES * self.counts.len());
        bytes.extend_from_slice(&self.words.to_le_bytes());
        for (term, times) in &self.counts {
            bytes.extend_from_slice(&term.to_le_bytes());
            bytes.extend_from_slice(&times.to_le_bytes());
        }
        bytes
    }

    /// Reads back what [`Terms::encode`] wrote; `None` where it is no such list.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Terms> {
        let (words, rest) = bytes.split_first_chunk::<4>()?;
        let (chunks, rest) = rest.as_chunks::<BYTES>();
        let count = |&[a, b, c, d, low, high]: &[u8; BYTES]| {
            (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([low, high]))
        };
        let counts: Vec<(Term, u16)> = chunks.iter().map(count).collect();
        let is_sound =
            rest.is_empty() && counts.is_sorted_by(|a, b| a.0 < b.0) && counts.iter().all(|count| count.1 > 0);
        is_sound.then(|| Terms { words: u32::from_le_bytes(*words), counts })
    }
}

/// Counts the terms of posts and of questions.
///
/// Words are cut to their stems by the rules of English, whatever the language, since that of a question is seldom sure;
/// function words are left out, and two words are a pair when only such stand between them.
pub struct TermCounter {
    stems: Stems,
}

impl Default for TermCounter {
    fn default() -> TermCounter {
        TermCounter { stems: Stems::new(Language::ENGLISH) }
    }
}

/// Terms that are being counted.
#[derive(Default)]
struct Counting {
    words: u32,
    counts: BTreeMap<Term, u16>,
}

impl TermCounter {
    /// Counts a post's tags eight times, its title three times, its summary twice unless it stands in the body, and its body.
    #[must_use]
    pub fn of_post(&self, post: &Post) -> Terms {
        let body = self.stems_of(post.text.as_deref().unwrap_or_default());
        let summary = self.stems_of(&post.summary.text);
        let is_in_body = summary.is_empty() || body.windows(summary.len()).any(|words| words == summary);
        let mut counting = Counting::default();
        counting.add(&self.stems_of(&post.title), TITLE_TIMES);
        if !is_in_body {
            counting.add(&summary, SUMMARY_TIMES);
        }
        counting.add(&body, 1);
        for tag in &post.tags {
            counting.add(&self.stems_of(&tag.replace(['-', '_'], " ")), TAG_TIMES);
        }
        counting.done()
    }

    /// Counts free text, each word once.
    #[must_use]
    pub fn of_text(&self, text: &str) -> Terms {
        let mut counting = Counting::default();
        counting.add(&self.stems_of(text), 1);
        counting.done()
    }

    /// Returns the terms that are single words, ascending, each once.
    #[must_use]
    pub fn words_of(&self, text: &str) -> Vec<Term> {
        let mut terms: Vec<Term> = self.stems_of(text).iter().map(|stem| term(&[stem])).collect();
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    fn stems_of(&self, text: &str) -> Vec<String> {
        let mut stems = Vec::new();
        for part in name_parts(text) {
            self.stems.of_words(part, |word, stem| {
                let word = word.strip_suffix("'s").unwrap_or(word);
                if !is_function_word(word) {
                    stems.push(stem.strip_suffix("'s").unwrap_or(stem).to_owned());
                }
            });
        }
        stems
    }
}

impl Counting {
    fn add(&mut self, stems: &[String], times: u16) {
        self.words = self.words.saturating_add(u32::try_from(stems.len()).unwrap_or(u32::MAX));
        let mut count = |term| {
            let so_far = self.counts.entry(term).or_insert(0);
            *so_far = so_far.saturating_add(times);
        };
        stems.iter().for_each(|stem| count(term(&[stem])));
        stems.windows(2).for_each(|pair| count(term(&[&pair[0], &pair[1]])));
    }

    fn done(self) -> Terms {
        Terms { words: self.words, counts: self.counts.into_iter().collect() }
    }
}

/// Splits a text where names of programs have a joint: `strings.Trim` and `max_size` are two words each, 5.1 is one.
fn name_parts(text: &str) -> impl Iterator<Item = &str> {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic());
    let joins = move |at: usize| {
        let bytes = text.as_bytes();
        bytes[at] == b'_' || (is_letter(at.checked_sub(1).and_then(|at| bytes.get(at))) && is_letter(bytes.get(at + 1)))
    };
    let mut start = 0;
    let joints = text.match_indices(['.', '_']).map(|(at, _)| at).filter(move |&at| joins(at));
    joints.chain([text.len()]).map(move |end| {
        let part = &text[start..end];
        start = (end + 1).min(text.len());
        part
    })
}

/// Single words are even and pairs odd, so that the two are told apart.
fn term(stems: &[&str]) -> Term {
    let is_pair = u32::from(stems.len() == 2);
    (xxh3_64(stems.join(" ").as_bytes()) as Term) & !1 | is_pair
}

/// Tells whether a term is two words in a row.
pub(crate) fn is_pair(term: Term) -> bool {
    term & 1 == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::post::fixture::post;

    fn times(terms: &Terms, stems: &[&str]) -> u16 {
        terms.counts.iter().find(|count| count.0 == term(stems)).map_or(0, |count| count.1)
    }

    #[test]
    fn counts_words_and_pairs_by_where_they_stand() {
        let mut of = post("a", "Queues and queueing", "A queue of bread.");
        of.text = Some("Bread queues. ".repeat(3));
        let terms = TermCounter::default().of_post(&of);
        assert_eq!(times(&terms, &["queue"]), 2 * 3 + 3);
        assert_eq!(times(&terms, &["queue", "queue"]), 3);
        assert_eq!(times(&terms, &["queue", "bread"]), 2);
        assert_eq!((times(&terms, &["bread", "queue"]), times(&terms, &["bread"])), (3, 3));
        assert_eq!((terms.words, terms.counts.len()), (2 + 6, 5));
        assert!(terms.counts.iter().filter(|count| is_pair(count.0)).count() == 3);
    }

    #[test]
    fn a_summary_that_stands_in_the_body_counts_once() {
        let mut of = post("a", "Title", "First words here, really.");
        of.text = Some("First words here, really. And more".to_owned());
        let terms = TermCounter::default().of_post(&of);
        assert_eq!(times(&terms, &["word"]), 1);
        of.text = Some("Other words".to_owned());
        assert_eq!(times(&TermCounter::default().of_post(&of), &["word"]), 3);
    }

    #[test]
    fn names_of_programs_are_their_words() {
        let parts = |text| name_parts(text).collect::<Vec<_>>();
        assert_eq!(parts("strings.Trim in v5.1. max_size_"), ["strings", "Trim in v5.1. max", "size", ""]);
        assert_eq!((parts(""), parts("._"), parts("é.a")), (vec![""], vec![".", ""], vec!["é.a"]));
    }

    proptest! {
        #[test]
        fn parts_leave_out_nothing_but_joints(text in "[a-z._é1 ]{0,30}") {
            let joined: String = name_parts(&text).collect();
            let kept = |text: &str| text.replace(['.', '_'], "");
            prop_assert_eq!(kept(&joined), kept(&text));
        }

        #[test]
        fn terms_read_back(text in "\\PC{0,200}", bytes in any::<Vec<u8>>()) {
            let terms = TermCounter::default().of_text(&text);
            prop_assert_eq!(Terms::decode(&terms.encode()), Some(terms));
            if let Some(terms) = Terms::decode(&bytes) {
                prop_assert_eq!(terms.encode(), bytes);
            }
        }
    }
}
