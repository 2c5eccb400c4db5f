//! Which sentences of two bodies say the same? Those with the most weight of words that both posts have and few others.

use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

use super::hybrid::{PostWords, WordIndex};
use crate::corpus::{Term, TermCounter, is_pair};
use crate::text::{one_line, sentences};

/// Terms that count, those with the largest share of the similarity.
const TERMS_MAX: usize = 64;
/// Sentences of a body that are looked at.
const SENTENCES_MAX: usize = 400;
/// A sentence shorter or longer than this is none to quote.
const CHARS: std::ops::RangeInclusive<usize> = 30..=240;
/// A sentence of fewer words counts as one of so many, so that the shortest do not win.
const WORDS_MIN: usize = 12;
/// Words that are named.
const WORDS_MAX: usize = 3;

/// A pair of sentences, one of each body.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidByBoth {
    /// Of the question.
    pub query: String,
    /// Of the recommendation.
    pub post: String,
    /// The weightiest words of both, as the recommendation writes them.
    pub words: Vec<String>,
}

/// The sentences of a body, ready to be compared with those of others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body {
    sentences: Vec<(String, Vec<Term>)>,
}

impl Body {
    /// Reads a body; sentences that are too short or too long to be quoted are left out.
    #[must_use]
    pub fn read(text: &str) -> Body {
        let counter = TermCounter::default();
        let lines = sentences(text).into_iter().take(SENTENCES_MAX).map(|range| one_line(&text[range]));
        let quotable = lines.filter(|line| CHARS.contains(&line.chars().count()) && is_prose(line));
        let with_terms = quotable.map(|line| {
            let terms = counter.of_text(&line).counts.into_iter().map(|(term, _)| term).collect();
            (line, terms)
        });
        Body { sentences: with_terms.collect() }
    }

    /// Marks which of the terms each sentence has, and tells how long it is.
    fn masks(&self, numbers: &HashMap<Term, usize>) -> Vec<(usize, u64, f32)> {
        let mask = |terms: &[Term]| {
            terms.iter().filter_map(|term| numbers.get(term)).fold(0_u64, |mask, &number| mask | 1 << number)
        };
        let all = self.sentences.iter().enumerate().map(|(at, (_, terms))| {
            let words = terms.iter().filter(|term| !is_pair(**term)).count();
            (at, mask(terms), words.max(WORDS_MIN) as f32)
        });
        all.filter(|(_, mask, _)| *mask != 0).collect()
    }
}

/// Finds the two sentences that have the most of what makes the bodies alike; `None` where no two share two words of it.
///
/// A term weighs what it adds to the cosine of the posts' words ([`WordIndex`]); a pair of sentences the sum over the terms
/// of both, by the root of the product of their lengths. Of equal pairs the first one counts.
#[must_use]
pub fn said_by_both(
    index: &WordIndex,
    (query, ours): (&PostWords, &Body),
    (post, theirs): (&PostWords, &Body),
) -> Option<SaidByBoth> {
    let mut terms = index.shared(query, post);
    terms.truncate(TERMS_MAX);
    let numbers: HashMap<Term, usize> = terms.iter().enumerate().map(|(number, (term, _))| (*term, number)).collect();
    let words = terms.iter().enumerate().filter(|(_, (term, _))| !is_pair(*term));
    let single = words.fold(0_u64, |mask, (number, _)| mask | 1 << number);
    let (ours_masks, theirs_masks) = (ours.masks(&numbers), theirs.masks(&numbers));
    let mut best: Option<(f32, usize, usize, u64)> = None;
    for &(a, of_a, length_a) in &ours_masks {
        for &(b, of_b, length_b) in &theirs_masks {
            let both = of_a & of_b;
            let is_same = || ours.sentences[a].0 == theirs.sentences[b].0;
            if (both & single).count_ones() < 2 || is_same() {
                continue;
            }
            let weight = weight(both, &terms) / (length_a * length_b).sqrt();
            if best.is_none_or(|best| weight > best.0) {
                best = Some((weight, a, b, both));
            }
        }
    }
    let (_, a, b, both) = best?;
    let post = theirs.sentences[b].0.clone();
    let named = terms.iter().enumerate().filter(|(number, _)| both & single & 1 << number != 0);
    let words = surfaces(&post, named.map(|(_, (term, _))| *term));
    Some(SaidByBoth { query: ours.sentences[a].0.clone(), post, words })
}

/// Sums the weights of the terms that a mask marks.
fn weight(mut mask: u64, terms: &[(Term, f32)]) -> f32 {
    let mut sum = 0.0;
    while mask != 0 {
        sum += terms[mask.trailing_zeros() as usize].1;
        mask &= mask - 1;
    }
    sum
}

/// Returns the words of a sentence that stand for terms, in the order of the terms.
fn surfaces(sentence: &str, terms: impl Iterator<Item = Term>) -> Vec<String> {
    let counter = TermCounter::default();
    let words: Vec<(&str, Vec<Term>)> = sentence.unicode_words().map(|word| (word, counter.words_of(word))).collect();
    let surface =
        |term: Term| words.iter().find(|(_, terms)| terms.contains(&term)).map(|(word, _)| word.to_lowercase());
    terms.filter_map(surface).take(WORDS_MAX).collect()
}

/// Leaves out lines of programs and tables.
fn is_prose(line: &str) -> bool {
    let letters = line.chars().filter(|letter| letter.is_alphabetic() || *letter == ' ').count();
    line.ends_with(['.', '!', '?', '\u{201d}', ')', '。']) && letters * 10 >= line.chars().count() * 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Terms;
    use crate::post::Post;
    use crate::post::fixture::post;

    fn check(texts: &[&str], expect: Option<(&str, &str, &[&str])>) {
        let posts: Vec<Post> = texts
            .iter()
            .enumerate()
            .map(|(at, text)| Post { text: Some((*text).to_owned()), ..post(&at.to_string(), "Untold", "") })
            .collect();
        let counter = TermCounter::default();
        let terms: Vec<Terms> = posts.iter().map(|post| counter.of_post(post)).collect();
        let index = WordIndex::new(&posts, &terms);
        let found =
            said_by_both(&index, (index.post(0), &Body::read(texts[0])), (index.post(1), &Body::read(texts[1])));
        let expect = expect.map(|(query, post, words)| SaidByBoth {
            query: query.to_owned(),
            post: post.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        });
        assert_eq!(found, expect);
    }

    #[test]
    fn the_sentences_that_share_most_of_what_is_rare() {
        let others = ["The weather is a thing to speak about today.", "Another day, another thing about the weather."];
        check(
            &[
                "We speak about a thing today. A backing array of the slice grows when its capacity ends.",
                "This is a thing of today. An append beyond the capacity makes another backing array. It is a thing for another day.",
                others[0],
                others[1],
            ],
            Some((
                "A backing array of the slice grows when its capacity ends.",
                "An append beyond the capacity makes another backing array.",
                &["capacity", "backing", "array"],
            )),
        );
        // One word alone is no evidence, and the same sentence in both is a phrase of the site.
        check(&["Bread is made with a starter here.", "A starter is a motor of old cars.", others[0]], None);
        let same = "Thanks for reading about bread and ovens.";
        check(&[same, same, others[0]], None);
        check(&["", ""], None);
    }
}
