//! What is a topic called? By phrases that many of its posts have and few others.
//!
//! Class-based weights as in Grootendorst, "BERTopic: Neural Topic Modeling with a Class-Based TF-IDF Procedure" (2022):
//! the posts of a topic count as one text. Of these phrases those come first whose own posts lie where the topic lies, by
//! the vectors.

use std::collections::BTreeSet;

use super::phrases::{Phrases, Written, overlap};
use crate::embeddings::Embeddings;

/// Phrases that describe a topic, at most.
const PHRASES_MAX: usize = 5;
/// A first phrase that so large a share of the posts have stands alone.
const STANDS_ALONE: f64 = 0.75;
/// Single words are less of a name than two or three.
const ONE_WORD: f64 = 0.6;
/// A phrase with less than this share of the best one's weight is left out.
const WEIGHT_MIN: f64 = 0.12;

/// What is to be named: some posts among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Class<'a> {
    /// The posts, by their places.
    pub members: &'a [usize],
    /// All posts that it is to be told from, the members too.
    pub among: &'a [usize],
}

/// What a topic is called.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Name {
    /// One or two phrases; empty where no phrase tells it from the others.
    pub text: String,
    /// The phrases that describe it, the weightiest first.
    pub phrases: Vec<KeyPhrase>,
}

/// A phrase and the posts that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPhrase {
    /// As most posts write it.
    pub text: String,
    /// Posts of the topic that have it in title, summary, tags or body.
    pub posts: usize,
}

/// Names classes, no two alike; `taken` are phrases that are names already, and gets those that become some.
///
/// `rows` are the rows of `embeddings` of the posts that `phrases` knows, in their order.
#[must_use]
pub fn names(
    classes: &[Class<'_>],
    phrases: &Phrases,
    (embeddings, rows): (&Embeddings, &[usize]),
    taken: &mut BTreeSet<usize>,
) -> Vec<Name> {
    let center = mean(embeddings, rows.iter().copied());
    let off_center = |posts: &[usize]| {
        let mut own = mean(embeddings, posts.iter().map(|&post| rows[post]));
        own.iter_mut().zip(&center).for_each(|(value, center)| *value -= center);
        own
    };
    let mut bids: Vec<(f64, usize, usize)> = Vec::new();
    for (class, of) in classes.iter().enumerate() {
        let middle = off_center(of.members);
        let sides = Sides::new(of, phrases.posts);
        for (number, phrase) in phrases.all.iter().enumerate().filter(|(number, _)| !taken.contains(number)) {
            let weight = sides.weight(phrase);
            if weight > 0.0 && !phrases.is_piece(phrase, |posts| sides.inside(posts)) {
                let near = cosine(&middle, &off_center(&phrase.writers)).max(0.0);
                bids.push((weight * near, class, number));
            }
        }
    }
    bids.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut chosen: Vec<Vec<(f64, usize)>> = vec![Vec::new(); classes.len()];
    let mut owned: BTreeSet<usize> = BTreeSet::new();
    for (weight, class, number) in bids {
        let own = &chosen[class];
        let is_enough = own.len() == PHRASES_MAX || own.first().is_some_and(|best| weight < WEIGHT_MIN * best.0);
        let repeats = own.iter().any(|&(_, other)| overlap(&phrases.all[other], &phrases.all[number]));
        if !is_enough && !repeats && weight > 0.0 && owned.insert(number) {
            chosen[class].push((weight, number));
        }
    }
    let named = classes.iter().zip(&chosen).map(|(class, chosen)| name(class, chosen, phrases, taken));
    named.collect()
}

fn name(class: &Class<'_>, chosen: &[(f64, usize)], phrases: &Phrases, taken: &mut BTreeSet<usize>) -> Name {
    let sides = Sides::new(class, phrases.posts);
    let posts = |number: usize| sides.inside(&phrases.all[number].holders);
    let mut parts: Vec<usize> = chosen.iter().take(2).map(|&(_, number)| number).collect();
    if let Some(&first) = parts.first()
        && posts(first) as f64 >= STANDS_ALONE * class.members.len() as f64
    {
        parts.truncate(1);
    }
    taken.extend(&parts);
    let text = parts.iter().map(|&number| phrases.all[number].text.as_str()).collect::<Vec<_>>().join(", ");
    let phrase =
        |&(_, number): &(f64, usize)| KeyPhrase { text: phrases.all[number].text.clone(), posts: posts(number) };
    Name { text, phrases: chosen.iter().map(phrase).collect() }
}

/// Which posts are in a class, and which outside.
struct Sides {
    /// By post: in the class, among the others, or neither.
    side: Vec<Option<bool>>,
    members: f64,
    others: f64,
}

impl Sides {
    fn new(class: &Class<'_>, posts: usize) -> Sides {
        let mut side = vec![None; posts];
        class.among.iter().for_each(|&post| side[post] = Some(false));
        class.members.iter().for_each(|&post| side[post] = Some(true));
        let members = class.members.len() as f64;
        Sides { side, members, others: class.among.len() as f64 - members }
    }

    fn inside(&self, posts: &[usize]) -> usize {
        posts.iter().filter(|&&post| self.side[post] == Some(true)).count()
    }

    /// Returns the sum of `p · ln(p / q)` over posts with the phrase anywhere, over those that write it in title, summary or
    /// tags, and over those with it in title or tags, each of these counting twice as much as the one before; `p` is the
    /// share of the members and `q` that of the others. 0 for a phrase that hardly any member has, and for a single word
    /// that titles do not have.
    fn weight(&self, phrase: &Written) -> f64 {
        let least = if self.members < 6.0 { 2 } else { 3 };
        let is_word = phrase.words.len() == 1;
        let (held, written) = (self.inside(&phrase.holders), self.inside(&phrase.writers));
        if held < least || written < 2 || (is_word && self.inside(&phrase.titles) < 2) {
            return 0.0;
        }
        let told = self.told(&phrase.holders) + 2.0 * self.told(&phrase.writers) + 4.0 * self.told(&phrase.titles);
        told * if is_word { ONE_WORD } else { 1.0 }
    }

    fn told(&self, posts: &[usize]) -> f64 {
        let outside = posts.iter().filter(|&&post| self.side[post] == Some(false)).count() as f64;
        let (p, q) = (self.inside(posts) as f64 / self.members, (outside + 0.5) / (self.others + 1.0));
        if p > q { p * (p / q).ln() } else { 0.0 }
    }
}

fn mean(embeddings: &Embeddings, rows: impl Iterator<Item = usize>) -> Vec<f32> {
    let mut sum = vec![0.0f32; embeddings.dimension()];
    let mut count = 0.0f32;
    for row in rows {
        count += 1.0;
        sum.iter_mut().zip(embeddings.row(row)).for_each(|(sum, value)| *sum += value);
    }
    sum.iter_mut().for_each(|value| *value /= count.max(1.0));
    sum
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| f64::from(crate::similarity::dot(a, b));
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f64::MIN_POSITIVE)
}
