//! How early is it read? One number a post, small for what is read first, from what the posts of a pool say.
//!
//! What each post says for itself is drawn towards the posts of the same words and away from those that speak of it
//! (`spread`). How the weights were found: `docs/decisions/0011-reading-order.md`.

use std::collections::BTreeMap;

use super::cues::Place;
use super::mentions::{Mention, Mentions, mentions, net};
use super::reading::{Entry, Pool};
use super::spread::{Graph, joined_by_words, spread};
use crate::rank::phrases::says_nothing_alone;

/// What the cues of a post count, each as its distance from the pool's mean in standard deviations.
const RARE_WORDS: f64 = 1.0;
const LOOKS_BACK: f64 = 1.0;
const TITLE: f64 = 1.5;
const UNLIKE_AN_INTRODUCTION: f64 = 0.5;
/// What it counts to be newer than the posts that are joined with a post by their words. No known order has dates, so this
/// is not measured; a date that counts by itself puts an old post that is only loosely about a topic before all others.
const DATE: f64 = 1.0;
/// No cue of a post counts more standard deviations than this.
const DEVIATIONS_MAX: f64 = 2.5;

/// A sentence that introductions are like: the similarity to its vector is one of the cues, where it is known.
pub const INTRODUCTION: &str = "An introduction for beginners: what it is and why it matters.";

/// The places of a pool's posts in reading order, and what the posts say of one another.
pub struct Stages {
    /// Index in the pool by position in the corpus.
    at: BTreeMap<usize, usize>,
    /// In standard deviations of the pool, small for what is read first.
    scores: Vec<f64>,
    mentions: Mentions,
    pool: Pool,
    words: Vec<Vec<(u32, f64)>>,
}

impl Stages {
    /// Reads a pool of posts and finds each one's place. `introduction(position)` is the similarity of a post to
    /// [`INTRODUCTION`], 0 for all where it is not known: then that cue does not count.
    #[must_use]
    pub fn read(entries: &[Entry], introduction: &dyn Fn(usize) -> f32) -> Stages {
        let pool = Pool::read(entries);
        let mentions = mentions(&pool, entries);
        let rarity = Rarity::of(&pool);
        let words: Vec<Vec<(u32, f64)>> = (0..pool.texts.len()).map(|index| rarity.weights(index, &pool)).collect();
        let similar: Vec<f64> = entries.iter().map(|entry| f64::from(introduction(entry.position))).collect();
        let (mut own, by_words) = (cues(&pool, &rarity, &similar), joined_by_words(&words));
        own.iter_mut().zip(newer_than_alike(entries, &by_words)).for_each(|(own, newer)| *own += DATE * newer);
        let scores = deviations(&spread(&own, &by_words, &mentions), f64::INFINITY);
        let at = entries.iter().enumerate().map(|(index, entry)| (entry.position, index)).collect();
        Stages { at, scores, mentions, pool, words }
    }

    /// Returns a post's place, in standard deviations of the pool, small for what is read first; 0, the mean, for a post
    /// that is not in the pool.
    #[must_use]
    pub fn of(&self, position: usize) -> f64 {
        self.at.get(&position).map_or(0.0, |&index| self.scores[index])
    }

    /// Returns how much more the post `later` speaks of `earlier` than the other way round, −1 to 1.
    #[must_use]
    pub fn net(&self, earlier: usize, later: usize) -> f64 {
        match (self.at.get(&earlier), self.at.get(&later)) {
            (Some(&home), Some(&speaker)) => net(&self.mentions, home, speaker),
            _ => 0.0,
        }
    }

    /// Returns how the post `speaker` speaks of the subject of `home`, or links to it; `None` where it only has a word that
    /// many have.
    pub(super) fn mention(&self, home: usize, speaker: usize) -> Option<&Mention> {
        let mention = self.mentions.get(&(*self.at.get(&home)?, *self.at.get(&speaker)?))?;
        (mention.is_linked || !mention.is_loose).then_some(mention)
    }

    /// Returns what a title says of its post's place, and the words that say so.
    pub(super) fn title_place(&self, position: usize) -> Option<&(Place, String)> {
        self.pool.texts[*self.at.get(&position)?].place.as_ref()
    }

    /// Returns the weightiest words of a post that none of the `earlier` ones has, at most `limit`, as texts write them.
    pub(super) fn new_words(&self, position: usize, earlier: &[usize], limit: usize) -> Vec<String> {
        let Some(&index) = self.at.get(&position) else { return Vec::new() };
        let texts = &self.pool.texts;
        let known = |word: &u32| {
            earlier.iter().filter_map(|post| self.at.get(post)).any(|&index| texts[index].counts.contains_key(word))
        };
        let carries = |word: &u32| {
            let repeated = texts[index].counts.get(word).is_some_and(|&count| count > 1);
            repeated && !says_nothing_alone(&self.pool.surfaces[*word as usize].to_lowercase())
        };
        let mut new: Vec<&(u32, f64)> =
            self.words[index].iter().filter(|(word, _)| carries(word) && !known(word)).collect();
        new.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        new.into_iter().take(limit).map(|(word, _)| self.pool.surfaces[*word as usize].to_lowercase()).collect()
    }
}

/// Rarity of the pool's words, `ln((n + 1) / (holders + ½))` by number.
struct Rarity(Vec<f64>);

impl Rarity {
    fn of(pool: &Pool) -> Rarity {
        let mut holders = vec![0.0; pool.surfaces.len()];
        for text in &pool.texts {
            text.counts.keys().for_each(|&word| holders[word as usize] += 1.0);
        }
        let posts = pool.texts.len() as f64;
        Rarity(holders.into_iter().map(|holders: f64| ((posts + 1.0) / (holders + 0.5)).ln()).collect())
    }

    /// Weighs the words of a text by `ln(1 + count)` and rarity; norm 1, or empty.
    fn weights(&self, index: usize, pool: &Pool) -> Vec<(u32, f64)> {
        let counts = pool.texts[index].counts.iter();
        let mut weights: Vec<(u32, f64)> =
            counts.map(|(&word, &count)| (word, f64::from(count).ln_1p() * self.0[word as usize])).collect();
        let norm = weights.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        weights.iter_mut().for_each(|(_, weight)| *weight /= norm.max(f64::MIN_POSITIVE));
        weights
    }
}

/// Adds up what each post says for itself: rare words, words that look back and ahead, words of its title, and how
/// unlike an introduction it is. The sum is in standard deviations.
fn cues(pool: &Pool, rarity: &Rarity, similar: &[f64]) -> Vec<f64> {
    let texts = &pool.texts;
    let rare = texts.iter().map(|text| {
        let all: f64 = text.counts.values().map(|&count| f64::from(count)).sum();
        text.counts.iter().map(|(&word, &count)| f64::from(count) * rarity.0[word as usize]).sum::<f64>() / (all + 1.0)
    });
    let back = texts.iter().map(|text| {
        let (ahead, back) = (text.looks_ahead as f64, text.looks_back as f64);
        (back + 1.0) / (back + ahead + 2.0)
    });
    let title = texts.iter().map(|text| match &text.place {
        Some((Place::First, _)) => -1.0,
        Some((Place::Last, _)) => 1.0,
        None => 0.0,
    });
    let all: [(f64, Vec<f64>); 4] = [
        (RARE_WORDS, rare.collect()),
        (LOOKS_BACK, back.collect()),
        (TITLE, title.collect()),
        (UNLIKE_AN_INTRODUCTION, similar.iter().map(|similarity| -similarity).collect()),
    ];
    let mut sum = vec![0.0; texts.len()];
    for (weight, values) in all {
        for (total, value) in sum.iter_mut().zip(deviations(&values, DEVIATIONS_MAX)) {
            *total += weight * value;
        }
    }
    let deviation = deviation(&sum);
    sum.iter_mut().for_each(|total| *total /= deviation.max(f64::MIN_POSITIVE));
    sum
}

/// Returns for each post the weights of those like it that are older, less those of the newer ones.
fn newer_than_alike(entries: &[Entry], alike: &Graph) -> Vec<f64> {
    let push = |post: usize, &(other, weight): &(usize, f64)| {
        if entries[post].is_newer_than(&entries[other]) {
            weight
        } else if entries[other].is_newer_than(&entries[post]) {
            -weight
        } else {
            0.0
        }
    };
    (0..entries.len()).map(|post| alike[post].iter().map(|other| push(post, other)).sum()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / (values.len() as f64).max(1.0)
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64).max(1.0)).sqrt()
}

/// Returns distances from the mean in standard deviations, `most` at most; zeros where all values are one.
fn deviations(values: &[f64], most: f64) -> Vec<f64> {
    let (mean, deviation) = (mean(values), deviation(values));
    if deviation < 1e-9 {
        return vec![0.0; values.len()];
    }
    values.iter().map(|value| ((value - mean) / deviation).clamp(-most, most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;

    fn entry(position: usize, title: &str, text: &str) -> Entry {
        Entry { position, title: title.to_owned(), text: text.to_owned(), date: None, links: Vec::new() }
    }

    fn order(posts: &[(&str, &str)]) -> Vec<usize> {
        let entries: Vec<Entry> =
            posts.iter().enumerate().map(|(position, (title, text))| entry(position, title, text)).collect();
        let stages = Stages::read(&entries, &|_| 0.0);
        let mut order: Vec<usize> = (0..posts.len()).collect();
        order.sort_by(|&a, &b| stages.of(a).total_cmp(&stages.of(b)));
        order
    }

    #[test]
    fn a_title_tells_what_comes_first_and_last() {
        assert_eq!(order(&[("Advanced ovens", ""), ("Ovens", ""), ("Introduction to ovens", "")]), [2, 1, 0]);
    }

    #[test]
    fn a_post_comes_after_what_it_speaks_of() {
        let posts = [
            ("Rye bread", "A sour dough makes it keep. You have already seen a sour dough rise over night."),
            ("Sour dough", "It rises over night and keeps for days."),
        ];
        assert_eq!(order(&posts), [1, 0]);
    }

    #[test]
    fn what_looks_back_comes_late() {
        let posts = [("Stones", "Remember what we have seen so far."), ("Trees", "We will see more of it later.")];
        assert_eq!(order(&posts), [1, 0]);
    }

    #[test]
    fn likeness_to_an_introduction_counts_where_it_is_known() {
        let entry = |position: usize| entry(position, &format!("Bread {position}"), "Bread.");
        let stages = Stages::read(&[entry(4), entry(7)], &|position| if position == 7 { 0.5 } else { 0.1 });
        assert!(stages.of(7) < stages.of(4));
        assert_eq!(stages.of(5), 0.0);
    }

    #[test]
    fn of_posts_alike_the_older_one_comes_first() {
        let mut entries = ["Ovens of brick", "Ovens of steel", "Ovens of clay"].map(|title| entry(0, title, "Ovens."));
        for (position, date) in ["2024-03", "2022", "2023-07-01"].into_iter().enumerate() {
            (entries[position].position, entries[position].date) = (position, PostDate::parse(date));
        }
        let stages = Stages::read(&entries, &|_| 0.0);
        assert!(stages.of(1) < stages.of(2) && stages.of(2) < stages.of(0));
    }

    proptest::proptest! {
        #[test]
        fn any_pool_has_places(posts in proptest::collection::vec(("\\PC{0,12}", "(\\PC|[a-c .\n]){0,30}"), 0..9)) {
            let entries: Vec<Entry> = posts
                .into_iter()
                .enumerate()
                .map(|(position, (title, text))| entry(position, &title, &text))
                .collect();
            let stages = Stages::read(&entries, &|position| position as f32);
            assert!(entries.iter().all(|entry| stages.of(entry.position).is_finite()));
        }
    }
}
