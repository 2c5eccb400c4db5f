//! Do two posts say the same things? Their words, titles and dates, to be mixed with their vectors' similarity.
//!
//! What the parts weigh was measured on nine blogs, two sets of hand-made links and five search collections at once; see
//! `docs/decisions/0012-the-body-counts.md`.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::corpus::{Term, TermCounter, Terms, is_pair};
use crate::post::{Post, PostDate};

/// The share of the vectors' similarity in that of vectors and words: the first number for questions of many words,
/// both together for those of none; [`WORDS_SCALE`] words lie between.
///
/// A long text is known by its words; of a short one the words may all differ where the meaning is the same.
const VECTORS_SHARE: (f32, f32) = (0.1, 0.5);
const WORDS_SCALE: f32 = 100.0;
/// How much the shares of title words count beside vectors and words, which count 1.
const TITLE: f32 = 0.05;
/// How much nearness in time adds to all that: a share of it, since it is how authors link more than what posts are about.
const DATE: f32 = 0.3;
/// Days after which nearness in time is 1/e.
const DATE_SCALE: f32 = 180.0;
/// The largest sum, so that scores end at 1.
const ALL: f32 = (1.0 + TITLE) * (1.0 + DATE);
/// Pairs of words count so much in a question of free text, which is no text to be repeated word by word.
const ASKED_PAIR: f32 = 0.25;

/// What makes up a score; it is their sum. Only that of the vectors can be below 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScoreParts {
    /// From the cosine of the vectors.
    pub vectors: f32,
    /// From shared words and pairs of words, rare ones counting more.
    pub words: f32,
    /// From words of one's title that the other has.
    pub title: f32,
    /// From nearness in time, at most three tenths of the others.
    pub date: f32,
}

impl ScoreParts {
    /// Returns the score, −0.44 to 1.
    #[must_use]
    pub fn sum(self) -> f32 {
        self.vectors + self.words + self.title + self.date
    }
}

/// What a question has to compare with, apart from its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct PostWords {
    /// Weights by number of the term, ascending, norm 1.
    pub(super) weights: Vec<(u32, f32)>,
    /// Title words with their weights, by number, ascending; between them `None` for those that only this title has.
    pub(super) title: Vec<(Option<u32>, f32)>,
    /// Content words of the whole.
    words: u32,
    pub(super) date: Option<PostDate>,
    /// Whether it is free text, which has no title.
    pub(super) is_text: bool,
}

/// The words of every post of a corpus, ready to be compared.
///
/// A term weighs `(1 + ln times) · idf^1.5`, `idf = ln(1 + (N − n + 0.5) / (n + 0.5))`; the similarity of two posts'
/// words is the root of the cosine of these weights. Terms: [`TermCounter`]. After Salton and Buckley, "Term-Weighting Approaches in
/// Automatic Text Retrieval", Information Processing & Management 24 (1988).
#[derive(Debug, Clone)]
pub struct WordIndex {
    /// Terms that two posts have at least: only these can be shared.
    numbers: HashMap<Term, u32, BuildHasherDefault<TermHasher>>,
    /// By number.
    terms: Vec<Term>,
    /// By number.
    idf: Vec<f32>,
    /// Of a term that one post has.
    idf_alone: f32,
    posts: Vec<PostWords>,
}

impl WordIndex {
    /// Weighs the terms of all posts; `terms` are those of `posts`, in their order.
    #[must_use]
    pub fn new(posts: &[Post], terms: &[Terms]) -> WordIndex {
        let holders = holders(terms);
        let count = posts.len() as f32;
        let idf = |holders: u32| (1.0 + (count - holders as f32 + 0.5) / (holders as f32 + 0.5)).ln();
        let mut shared: Vec<(Term, u32)> = holders.into_iter().filter(|(_, holders)| *holders > 1).collect();
        // In a fixed order, so that sums are the same on every run.
        shared.sort_unstable();
        let numbers = (0..).zip(&shared).map(|(number, (term, _))| (*term, number)).collect();
        let mut index = WordIndex {
            numbers,
            terms: shared.iter().map(|(term, _)| *term).collect(),
            idf: shared.iter().map(|(_, holders)| idf(*holders)).collect(),
            idf_alone: idf(1),
            posts: Vec::new(),
        };
        let counter = TermCounter::default();
        let asked = |(post, terms): (&Post, &Terms)| PostWords {
            title: index.title(counter.words_of(&post.title)),
            date: post.date,
            ..index.asked(terms, 1.0, |_| Some(index.idf_alone))
        };
        let asked: Vec<PostWords> = posts.iter().zip(terms).map(asked).collect();
        index.posts = asked;
        index
    }

    /// Returns what the post at `position` has to compare with.
    ///
    /// # Panics
    /// `position` is not below the number of posts.
    #[must_use]
    pub fn post(&self, position: usize) -> &PostWords {
        &self.posts[position]
    }

    /// Makes a post that is not of the corpus a question; `terms` are its terms.
    #[must_use]
    pub fn draft(&self, draft: &Post, terms: &Terms) -> PostWords {
        PostWords {
            title: self.title(TermCounter::default().words_of(&draft.title)),
            date: draft.date,
            ..self.asked(terms, 1.0, |_| Some(self.idf_alone))
        }
    }

    /// Makes free text a question.
    #[must_use]
    pub fn text(&self, text: &str) -> PostWords {
        let terms = TermCounter::default().of_text(text);
        // Words that no post has say nothing about which post is meant.
        PostWords { is_text: true, ..self.asked(&terms, ASKED_PAIR, |_| None) }
    }

    /// Weighs terms; `unknown` tells the weight of those that no two posts have, which only lengthen the vector.
    fn asked(&self, terms: &Terms, pair: f32, unknown: impl Fn(Term) -> Option<f32>) -> PostWords {
        let mut weights = Vec::new();
        let mut squares = 0.0;
        for &(term, times) in &terms.counts {
            let number = self.numbers.get(&term).copied();
            let Some(idf) = number.map(|number| self.idf[number as usize]).or_else(|| unknown(term)) else { continue };
            let factor = if is_pair(term) { pair } else { 1.0 };
            let weight = factor * (1.0 + f32::from(times).ln()) * idf * idf.sqrt();
            squares += weight * weight;
            weights.extend(number.map(|number| (number, weight)));
        }
        let norm = squares.sqrt();
        if norm > 0.0 {
            weights.iter_mut().for_each(|(_, weight)| *weight /= norm);
        }
        PostWords { weights, title: Vec::new(), words: terms.words, date: None, is_text: false }
    }

    fn title(&self, words: Vec<Term>) -> Vec<(Option<u32>, f32)> {
        let weigh = |term| {
            let number = self.numbers.get(&term).copied();
            (number, number.map_or(self.idf_alone, |number| self.idf[number as usize]))
        };
        words.into_iter().map(weigh).collect()
    }

    /// Returns the terms that two of its posts or questions share, each with what it adds to the cosine of their weights; the
    /// largest first, equal ones by number.
    pub(super) fn shared(&self, a: &PostWords, b: &PostWords) -> Vec<(Term, f32)> {
        let of_b: HashMap<u32, f32> = b.weights.iter().copied().collect();
        let mut shared: Vec<(u32, f32)> =
            a.weights.iter().filter_map(|(number, weight)| Some((*number, weight * of_b.get(number)?))).collect();
        shared.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shared.into_iter().map(|(number, weight)| (self.terms[number as usize], weight)).collect()
    }

    /// Returns how many terms two posts have at least.
    pub(super) fn terms(&self) -> usize {
        self.idf.len()
    }

    /// Spreads a question over all terms, so that many posts can be compared with it.
    #[must_use]
    pub fn ask<'a>(&'a self, asked: &'a PostWords) -> Comparison<'a> {
        let mut spread = vec![0.0; self.idf.len()];
        asked.weights.iter().for_each(|&(number, weight)| spread[number as usize] = weight);
        Comparison { index: self, asked, spread, vectors: asked.vectors_share() }
    }
}

impl PostWords {
    /// Returns the share of the vectors' similarity in that of vectors and words, where this is the question.
    pub(super) fn vectors_share(&self) -> f32 {
        let (low, more) = VECTORS_SHARE;
        low + more * (-(self.words as f32) / WORDS_SCALE).exp()
    }
}

/// What two posts have in common, to be weighed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    /// The share of the vectors.
    pub(super) vectors_share: f32,
    /// Of the vectors.
    pub(super) cosine: f32,
    /// Of the terms' weights.
    pub(super) words_cosine: f32,
    /// The share of title words, 0 to 1.
    pub(super) title: f32,
    /// 0 to 1.
    pub(super) nearness: f32,
}

impl Common {
    pub(super) fn parts(self) -> ScoreParts {
        let parts = ScoreParts {
            vectors: self.vectors_share * self.cosine / ALL,
            words: (1.0 - self.vectors_share) * words_similarity(self.words_cosine) / ALL,
            title: TITLE * self.title / ALL,
            date: 0.0,
        };
        ScoreParts { date: DATE * self.nearness * parts.sum().max(0.0), ..parts }
    }
}

fn words_similarity(cosine: f32) -> f32 {
    cosine.clamp(0.0, 1.0).sqrt()
}

/// A question that posts are compared with.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    index: &'a WordIndex,
    asked: &'a PostWords,
    /// Weights by number of the term.
    spread: Vec<f32>,
    /// The share of the vectors.
    vectors: f32,
}

impl Comparison<'_> {
    /// Returns how similar the words of the post at `position` are, 0 to 1.
    ///
    /// # Panics
    /// `position` is not below the number of posts.
    #[must_use]
    pub fn words(&self, position: usize) -> f32 {
        words_similarity(self.words_cosine(&self.index.posts[position]))
    }

    fn words_cosine(&self, post: &PostWords) -> f32 {
        let mut cosine = 0.0;
        for &(number, weight) in &post.weights {
            cosine += weight * self.spread[number as usize];
        }
        cosine
    }

    /// Returns the parts of the score of the post at `position`, `cosine` being that of the vectors.
    ///
    /// # Panics
    /// `position` is not below the number of posts.
    #[must_use]
    pub fn parts(&self, position: usize, cosine: f32) -> ScoreParts {
        let post = &self.index.posts[position];
        let (words_cosine, title) = (self.words_cosine(post), self.title(post));
        let nearness = nearness(self.asked.date, post.date);
        Common { vectors_share: self.vectors, cosine, words_cosine, title, nearness }.parts()
    }

    /// Returns the share of each one's title words that the other has, rare ones counting more; the mean of both, 0 to 1.
    fn title(&self, post: &PostWords) -> f32 {
        let theirs = share(&post.title, |number| self.spread[number as usize] > 0.0);
        if self.asked.is_text {
            return theirs;
        }
        let has = |number| post.weights.binary_search_by_key(&number, |weight| weight.0).is_ok();
        0.5 * (theirs + share(&self.asked.title, has))
    }
}

fn share(title: &[(Option<u32>, f32)], has: impl Fn(u32) -> bool) -> f32 {
    let mut found = 0.0;
    for (number, weight) in title {
        found += if number.is_some_and(&has) { *weight } else { 0.0 };
    }
    share_of(found, weight_of(title))
}

/// Returns what the words of a title weigh together.
pub(super) fn weight_of(title: &[(Option<u32>, f32)]) -> f32 {
    title.iter().map(|(_, weight)| weight).sum()
}

pub(super) fn share_of(found: f32, all: f32) -> f32 {
    if all > 0.0 { found / all } else { 0.0 }
}

/// Returns how near two dates are, 0 to 1; 0 where one is unknown.
pub(super) fn nearness(a: Option<PostDate>, b: Option<PostDate>) -> f32 {
    let (Some(a), Some(b)) = (a, b) else { return 0.0 };
    (-(a.days().abs_diff(b.days()) as f32) / DATE_SCALE).exp()
}

/// Counts how many posts have each term; of those that only one has some are left out.
fn holders(terms: &[Terms]) -> HashMap<Term, u32, BuildHasherDefault<TermHasher>> {
    let all = terms.iter().map(|terms| terms.counts.len()).sum::<usize>();
    // Most terms are of one post alone, and a table of them all would be slow: two bits a term tell them apart first.
    let bits = (8 * all).next_power_of_two().max(64);
    let (mut once, mut twice) = (vec![0_u64; bits / 64], vec![0_u64; bits / 64]);
    let place = |term: Term| {
        let bit = TermHasher::spread(term) as usize & (bits - 1);
        (bit / 64, 1_u64 << (bit % 64))
    };
    let each = || terms.iter().flat_map(|terms| &terms.counts).map(|(term, _)| *term);
    for term in each() {
        let (word, bit) = place(term);
        twice[word] |= once[word] & bit;
        once[word] |= bit;
    }
    let mut holders: HashMap<Term, u32, _> = HashMap::default();
    for term in each().filter(|&term| {
        let (word, bit) = place(term);
        twice[word] & bit != 0
    }) {
        *holders.entry(term).or_insert(0) += 1;
    }
    holders
}

/// Hashes terms, which are hashes themselves.
#[derive(Debug, Clone, Copy, Default)]
struct TermHasher(u64);

impl TermHasher {
    fn spread(term: Term) -> u64 {
        u64::from(term).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24
    }
}

impl Hasher for TermHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    }

    fn write_u32(&mut self, term: u32) {
        self.0 = u64::from(term).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    fn index(posts: &[Post]) -> WordIndex {
        let counter = TermCounter::default();
        let terms: Vec<Terms> = posts.iter().map(|post| counter.of_post(post)).collect();
        WordIndex::new(posts, &terms)
    }

    fn some() -> Vec<Post> {
        let mut posts = vec![
            post("a", "Tile kernels", "Fast matrix code on a processor."),
            post("b", "Kernels for tiles", "Matrix code, faster."),
            post("c", "Bread", "Rye on a processor."),
            post("d", "Cheese", "Old."),
            post("e", "Wine", "Red."),
        ];
        posts[3].text = Some("Tile kernels for a cheese counter.".to_owned());
        posts
    }

    #[test]
    fn words_of_title_summary_and_body_count_and_pairs_more() {
        let index = index(&some());
        let asked = index.ask(index.post(0));
        assert!((asked.words(0) - 1.0).abs() < 0.5 && asked.words(0) > asked.words(1));
        assert!(asked.words(1) > asked.words(2) && asked.words(3) > asked.words(2));
        assert_eq!(asked.words(4), 0.0);
        let asked = index.text("matrix kernels");
        let asked = index.ask(&asked);
        assert!(asked.words(1) > 0.4 && asked.words(2) == 0.0);
        let nothing = index.text("");
        assert!((0..5).all(|position| index.ask(&nothing).words(position) == 0.0));
    }

    #[test]
    fn parts_stay_within_their_weights() {
        let mut posts = some();
        posts[0].date = PostDate::parse("2026-01-01");
        posts[1].date = PostDate::parse("2026-06-30");
        let index = index(&posts);
        let asked = index.ask(index.post(0));
        let itself = asked.parts(0, 1.0);
        assert!((itself.title - TITLE / ALL).abs() < 1e-6 && itself.sum() <= 1.0);
        assert!((itself.date - DATE * (itself.sum() - itself.date)).abs() < 1e-6);
        let other = asked.parts(1, 0.5);
        assert!((other.date / DATE / (other.sum() - other.date) - (-1.0_f32).exp()).abs() < 1e-5, "{other:?}");
        assert!(other.title > 0.0 && other.sum() < itself.sum());
        assert_eq!(asked.parts(4, 0.0), ScoreParts::default());
        // Of a long question the words decide, of a short one the vector, too.
        posts[0].text = Some("kernels and more of them ".repeat(400));
        let long = self::index(&posts);
        assert!(long.ask(long.post(0)).parts(4, 1.0).vectors < 0.11 && asked.parts(4, 1.0).vectors > 0.4);
    }

    #[test]
    fn a_corpus_may_be_empty_or_one_post() {
        assert_eq!(index(&[]).ask(&index(&[]).text("x")).spread, [] as [f32; 0]);
        let one = index(&[post("a", "Bread", "")]);
        assert_eq!(one.ask(one.post(0)).words(0), 0.0);
    }
}
