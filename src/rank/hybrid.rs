//! Do two posts share their words? TF-IDF vectors of words and tags, to be mixed with the embeddings' similarity.

use std::collections::{BTreeMap, BTreeSet};

use super::phrases::{Held, Vocabulary, words_of_text};
use crate::post::Post;

/// The share of the words' similarity in the score; the rest is that of the embeddings.
///
/// Chosen on hand-made links of several sites at once; see `docs/decisions/0004-words-beside-vectors.md`.
pub const WORDS_SHARE: f32 = 0.5;

/// A tag counts this often: its author chose it, while words come as they come. Measured as [`WORDS_SHARE`] was.
const TAG_WEIGHT: f32 = 8.0;

/// A word counts this often where it stands in the title.
const TITLE_WEIGHT: f32 = 2.0;

/// Tags of more words than this are not looked for in free text.
const TAG_WORDS_MAX: usize = 3;

/// A text as weights of words, of norm 1; empty for a text without words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WordVector(Vec<(u32, f32)>);

/// The words of every post of a corpus, weighed by `(1 + ln tf) · ln((N + 1) / (n + 0.5))`.
///
/// Tags are words of their own. Cosine of TF-IDF vectors, as in Salton and Buckley, "Term-Weighting Approaches in
/// Automatic Text Retrieval", Information Processing & Management 24 (1988).
#[derive(Debug, Clone)]
pub struct WordVectors {
    posts: Vec<WordVector>,
}

impl WordVectors {
    /// Counts and weighs the words of all posts.
    #[must_use]
    pub fn new(posts: &[Post]) -> (Vocabulary, WordVectors) {
        let (vocabulary, held) = Vocabulary::read(posts);
        let posts = held.iter().map(|held| of_post(held, &vocabulary)).collect();
        (vocabulary, WordVectors { posts })
    }

    /// Returns the words of the post at `position`.
    ///
    /// # Panics
    /// `position` is not below the number of posts.
    #[must_use]
    pub fn post(&self, position: usize) -> &WordVector {
        &self.posts[position]
    }

    /// Returns how similar one post's words are to `query`'s, 0 to 1.
    ///
    /// # Panics
    /// `position` is not below the number of posts.
    #[must_use]
    pub fn similarity(&self, position: usize, query: &WordVector) -> f32 {
        self.posts[position].cosine(query)
    }

    /// Returns how similar each post's words are to `query`'s, 0 to 1, by position.
    #[must_use]
    pub fn similarities(&self, query: &WordVector) -> Vec<f32> {
        self.posts.iter().map(|post| post.cosine(query)).collect()
    }
}

impl WordVector {
    /// Weighs the words of free text as those of a corpus's posts are weighed.
    #[must_use]
    pub fn of_text(text: &str, vocabulary: &Vocabulary) -> WordVector {
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        let mut count = |word: &str, times: f32| {
            if let Some(number) = vocabulary.number_of(word) {
                *counts.entry(number).or_insert(0.0) += times;
            }
        };
        words_of_text(text).for_each(|word| count(&word, 1.0));
        // Words that name a tag ask for it: one word, or several joined as tags usually are.
        let plain: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        for length in 1..=TAG_WORDS_MAX.min(plain.len()) {
            for words in plain.windows(length) {
                let tags: BTreeSet<String> = ["-", " ", "_"].iter().map(|joint| words.join(joint)).collect();
                tags.iter().for_each(|tag| count(&Vocabulary::tag_word(tag), TAG_WEIGHT));
            }
        }
        weigh(&counts, vocabulary)
    }

    fn cosine(&self, other: &WordVector) -> f32 {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut sum = 0.0;
        while let (Some((x, weight_x)), Some((y, weight_y))) = (a.peek(), b.peek()) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => drop(a.next()),
                std::cmp::Ordering::Greater => drop(b.next()),
                std::cmp::Ordering::Equal => {
                    sum += weight_x * weight_y;
                    a.next();
                    b.next();
                }
            }
        }
        sum
    }
}

fn of_post(held: &[Held], vocabulary: &Vocabulary) -> WordVector {
    let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
    for held in held {
        let (number, times) = match *held {
            Held::Title(number) => (number, TITLE_WEIGHT),
            Held::Summary(number) => (number, 1.0),
            Held::Tag(number) => (number, TAG_WEIGHT),
        };
        *counts.entry(number).or_insert(0.0) += times;
    }
    weigh(&counts, vocabulary)
}

fn weigh(counts: &BTreeMap<u32, f32>, vocabulary: &Vocabulary) -> WordVector {
    let weight = |number: u32, times: f32| (1.0 + times.ln()) * vocabulary.weight(number).max(0.0) as f32;
    let mut weights: Vec<(u32, f32)> = counts.iter().map(|(&number, &times)| (number, weight(number, times))).collect();
    let norm = weights.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    if norm > 0.0 {
        weights.iter_mut().for_each(|(_, weight)| *weight /= norm);
    }
    WordVector(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    #[test]
    fn shared_words_and_tags_count_and_rare_ones_more() {
        let mut posts = vec![
            post("a", "Tile kernels", "Fast matrix code on a processor."),
            post("b", "Kernels for tiles", "Matrix code, faster."),
            post("c", "Bread", "Rye on a processor."),
            post("d", "Cheese", "Old."),
            post("e", "Wine", "Red."),
        ];
        posts[3].tags = vec!["Food".into()];
        posts[4].tags = vec!["food".into()];
        let (vocabulary, words) = WordVectors::new(&posts);
        let to = words.similarities(words.post(0));
        assert!((to[0] - 1.0).abs() < 1e-6);
        assert!(to[1] > to[2] && to[2] > 0.0);
        assert_eq!(to[3], 0.0);
        assert!(words.similarities(words.post(3))[4] > 0.05);
        let asked = words.similarities(&WordVector::of_text("matrix kernels", &vocabulary));
        assert!(asked[1] > 0.3 && asked[2] == 0.0);
        assert_eq!(words.similarities(&WordVector::of_text("", &vocabulary)), [0.0; 5]);
    }
}
