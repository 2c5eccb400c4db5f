//! Who speaks of whose subject? A post that names another's title or headings, which does not name its own, comes after it.

use std::collections::{BTreeMap, HashMap};

use super::cues::View;
use super::reading::Pool;

/// What a mention of a title weighs in a sentence, and in one that looks back.
const OF_TITLE: [f64; 2] = [1.0, 2.0];
/// The same for a heading, which says less surely that its post explains the subject.
const OF_HEADING: [f64; 2] = [0.25, 0.5];

/// How one post speaks of the subjects of another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    /// The title or heading that is named most, as its post writes it.
    pub(super) subject: String,
    /// A sentence that names it, one that looks back where there is one.
    pub(super) sentence: String,
    pub(super) looks_back: bool,
    /// Sentences that name a subject of the post.
    pub(super) sentences: u32,
    /// `Σ weight · log₂(1 + sentences)`.
    pub(super) weight: f64,
}

/// Mentions by (whose subject it is, who speaks of it), both as indices of the pool.
pub(super) type Mentions = BTreeMap<(usize, usize), Mention>;

struct Subject<'p> {
    words: &'p [u32],
    home: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Title,
    Heading,
}

/// Sentences of one post that name a subject of another, plain ones and those that look back.
#[derive(Default)]
struct Found<'p> {
    titles: [u32; 2],
    headings: [u32; 2],
    best: Option<(u8, &'p str, &'p Subject<'p>)>,
}

/// Finds all mentions. A sentence that only announces ("later …") does not count, nor a subject that the title of the
/// speaking post has too.
pub(super) fn mentions(pool: &Pool, titles: &[&str]) -> Mentions {
    let subjects = subjects(pool);
    let mut by_word: HashMap<u32, Vec<&Subject<'_>>> = HashMap::new();
    for subject in &subjects {
        by_word.entry(subject.words[0]).or_default().push(subject);
    }
    let mut found: BTreeMap<(usize, usize), Found<'_>> = BTreeMap::new();
    for (speaker, text) in pool.texts.iter().enumerate() {
        for sentence in text.sentences.iter().filter(|sentence| sentence.view != View::Ahead) {
            let of_sentence = sentence.words.iter().filter_map(|word| by_word.get(word)).flatten();
            let named = of_sentence.filter(|subject| {
                subject.home != speaker
                    && is_within(subject.words, &sentence.words)
                    && !is_within(subject.words, &text.subject)
            });
            for subject in named {
                let found = found.entry((subject.home, speaker)).or_default();
                found.add(subject, &sentence.text, sentence.view == View::Back);
            }
        }
    }
    found.into_iter().filter_map(|(pair, found)| Some((pair, found.mention(pair.0, pool, titles)?))).collect()
}

/// Returns every title's subject, and those of headings that only one post has.
fn subjects(pool: &Pool) -> Vec<Subject<'_>> {
    let mut holders: HashMap<&[u32], usize> = HashMap::new();
    for text in &pool.texts {
        text.headings.keys().for_each(|words| *holders.entry(words).or_insert(0) += 1);
    }
    let titles: Vec<&[u32]> = pool.texts.iter().map(|text| text.subject.as_slice()).collect();
    let mut subjects = Vec::new();
    for (home, text) in pool.texts.iter().enumerate() {
        if !text.subject.is_empty() {
            subjects.push(Subject { words: &text.subject, home, kind: Kind::Title });
        }
        let own =
            text.headings.keys().filter(|words| holders[words.as_slice()] == 1 && !titles.contains(&words.as_slice()));
        subjects.extend(own.map(|words| Subject { words, home, kind: Kind::Heading }));
    }
    subjects
}

/// Tells whether all of `words` are in `text`; both ascend.
fn is_within(words: &[u32], text: &[u32]) -> bool {
    words.iter().all(|word| text.binary_search(word).is_ok())
}

impl<'p> Found<'p> {
    fn add(&mut self, subject: &'p Subject<'p>, sentence: &'p str, looks_back: bool) {
        let counts = if subject.kind == Kind::Title { &mut self.titles } else { &mut self.headings };
        counts[usize::from(looks_back)] += 1;
        // A title that is looked back on says most, a heading in passing least; of equals the first sentence.
        let worth = 2 * u8::from(subject.kind == Kind::Title) + u8::from(looks_back);
        if self.best.is_none_or(|(best, ..)| worth > best) {
            self.best = Some((worth, sentence, subject));
        }
    }

    fn mention(&self, home: usize, pool: &Pool, titles: &[&str]) -> Option<Mention> {
        let (worth, sentence, subject) = self.best?;
        let name = match subject.kind {
            Kind::Title => titles[home],
            Kind::Heading => pool.texts[home].headings.get(subject.words)?,
        };
        let sum = |counts: &[u32; 2], weights: &[f64; 2]| -> f64 {
            counts.iter().zip(weights).map(|(&count, weight)| weight * f64::from(1 + count).log2()).sum()
        };
        Some(Mention {
            subject: name.to_owned(),
            sentence: sentence.to_owned(),
            looks_back: worth % 2 == 1,
            sentences: self.titles.iter().chain(&self.headings).sum(),
            weight: sum(&self.titles, &OF_TITLE) + sum(&self.headings, &OF_HEADING),
        })
    }
}

/// Returns how much more `speaker` speaks of `home` than the other way round: `(a − b) / (a + b + 1)`, −1 to 1.
pub(super) fn net(mentions: &Mentions, home: usize, speaker: usize) -> f64 {
    let weight = |pair: (usize, usize)| mentions.get(&pair).map_or(0.0, |mention| mention.weight);
    let (there, back) = (weight((home, speaker)), weight((speaker, home)));
    (there - back) / (there + back + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::path::reading::Entry;

    fn found(posts: &[(&str, &str)]) -> Mentions {
        let entries: Vec<Entry> = posts
            .iter()
            .enumerate()
            .map(|(position, (title, text))| Entry { position, title: (*title).to_owned(), text: (*text).to_owned() })
            .collect();
        let titles: Vec<&str> = posts.iter().map(|(title, _)| *title).collect();
        mentions(&Pool::read(&entries), &titles)
    }

    #[test]
    fn a_title_is_named_in_passing_or_looked_back_on() {
        let found = found(&[
            ("Sour dough", "It takes a day."),
            ("Rye bread", "A sour dough makes it keep. You have already seen a sour dough rise over night."),
        ]);
        let mention = &found[&(0, 1)];
        assert_eq!((mention.subject.as_str(), mention.sentences, mention.looks_back), ("Sour dough", 2, true));
        assert_eq!(mention.sentence, "You have already seen a sour dough rise over night.");
        assert_eq!(mention.weight, 3.0);
        assert_eq!((net(&found, 0, 1), net(&found, 1, 0)), (0.75, -0.75));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn what_is_announced_or_in_the_own_title_does_not_count() {
        let found = found(&[
            ("Dough", "Later posts turn it into a loaf of bread."),
            ("Bread", "What bread is."),
            ("Dough of rye", "A dough of rye is heavy."),
        ]);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&(0, 2); 0]);
    }

    #[test]
    fn a_heading_of_one_post_alone_is_its_subject() {
        let heading = "Autolyse\n\nFlour and water rest for an hour before the salt.";
        let both = [("Dough", heading), ("Bread", "The autolyse makes it lighter than others.")];
        assert_eq!(found(&both)[&(0, 1)].weight, 0.25);
        assert_eq!(found(&both)[&(0, 1)].subject, "Autolyse");
        let shared = [both[0], both[1], ("Ovens", heading)];
        assert!(!found(&shared).contains_key(&(0, 1)));
    }
}
