//! Who speaks of whose subject? A post that names another's title or headings, which does not name its own, comes after it.

use std::collections::{BTreeMap, HashMap};

use super::cues::View;
use super::reading::{Entry, Pool};

/// What a mention of a title weighs in a sentence, and in one that looks back.
const OF_TITLE: [f64; 2] = [1.0, 2.0];
/// The same for a heading, which says less surely that its post explains the subject.
const OF_HEADING: [f64; 2] = [0.25, 0.5];
/// What a link weighs: as much as a title that is looked back on.
const OF_LINK: f64 = 2.0;
/// What is newer than the post that speaks of it was not needed to write that.
const OF_NEWER: f64 = 0.25;
/// A heading of one word that more than this share of the posts, and more than two, have is a loose name. It tells of an
/// order as others do (without it, a course has .61 of its pairs right instead of .72), but it is no clue to show.
const HEADING_WORD_SHARE_MAX: f64 = 0.15;

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
    /// Whether the subject is a word that many posts have.
    pub(super) is_loose: bool,
    /// Whether the subject is that post's title.
    pub(super) is_title: bool,
    /// Whether the post links to that one.
    pub(super) is_linked: bool,
    /// `Σ weight · log₂(1 + sentences)`, and what a link weighs.
    pub(super) weight: f64,
}

/// Mentions by (whose subject it is, who speaks of it), both as indices of the pool.
pub(super) type Mentions = BTreeMap<(usize, usize), Mention>;

struct Subject<'p> {
    words: &'p [u32],
    home: usize,
    kind: Kind,
    is_loose: bool,
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
///
/// A link to a post of the pool counts as a mention of it, unless that post is newer: then the link was put in later, or
/// looks ahead. What is newer counts less in any case.
pub(super) fn mentions(pool: &Pool, entries: &[Entry]) -> Mentions {
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
    let mention = |((home, speaker), found): ((usize, usize), Found<'_>)| {
        Some(((home, speaker), found.mention(home, pool, &entries[home].title)?))
    };
    let mut mentions: Mentions = found.into_iter().filter_map(mention).collect();
    for ((home, speaker), mention) in &mut mentions {
        mention.weight *= if entries[*home].is_newer_than(&entries[*speaker]) { OF_NEWER } else { 1.0 };
    }
    add_links(&mut mentions, entries);
    mentions
}

fn add_links(mentions: &mut Mentions, entries: &[Entry]) {
    let at: HashMap<usize, usize> = entries.iter().enumerate().map(|(at, entry)| (entry.position, at)).collect();
    for (speaker, entry) in entries.iter().enumerate() {
        let homes = entry.links.iter().filter_map(|position| at.get(position)).copied();
        for home in homes.filter(|&home| home != speaker && !entries[home].is_newer_than(entry)) {
            let by_link = || Mention {
                subject: entries[home].title.clone(),
                sentence: String::new(),
                looks_back: false,
                sentences: 0,
                is_title: false,
                is_linked: true,
                is_loose: false,
                weight: 0.0,
            };
            let mention = mentions.entry((home, speaker)).or_insert_with(by_link);
            mention.is_linked = true;
            mention.weight += OF_LINK;
        }
    }
}

/// Returns every title's subject, and those of headings that only one post has.
fn subjects(pool: &Pool) -> Vec<Subject<'_>> {
    let mut holders: HashMap<&[u32], usize> = HashMap::new();
    for text in &pool.texts {
        text.headings.keys().for_each(|words| *holders.entry(words).or_insert(0) += 1);
    }
    let mut with_word = vec![0_usize; pool.surfaces.len()];
    pool.texts.iter().flat_map(|text| text.counts.keys()).for_each(|&word| with_word[word as usize] += 1);
    let most = ((pool.texts.len() as f64 * HEADING_WORD_SHARE_MAX) as usize).max(2);
    let is_loose = |words: &[u32]| matches!(words, [word] if with_word[*word as usize] > most);
    let titles: Vec<&[u32]> = pool.texts.iter().map(|text| text.subject.as_slice()).collect();
    let mut subjects = Vec::new();
    for (home, text) in pool.texts.iter().enumerate() {
        if !text.subject.is_empty() {
            subjects.push(Subject { words: &text.subject, home, kind: Kind::Title, is_loose: false });
        }
        let own =
            text.headings.keys().filter(|words| holders[words.as_slice()] == 1 && !titles.contains(&words.as_slice()));
        subjects.extend(own.map(|words| Subject { words, home, kind: Kind::Heading, is_loose: is_loose(words) }));
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
        // A title that is looked back on says most, a loose name least; of equals the first sentence.
        let worth = 4 * u8::from(!subject.is_loose) + 2 * u8::from(subject.kind == Kind::Title) + u8::from(looks_back);
        if self.best.is_none_or(|(best, ..)| worth > best) {
            self.best = Some((worth, sentence, subject));
        }
    }

    fn mention(&self, home: usize, pool: &Pool, title: &str) -> Option<Mention> {
        let (worth, sentence, subject) = self.best?;
        let name = match subject.kind {
            Kind::Title => title,
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
            is_title: subject.kind == Kind::Title,
            is_linked: false,
            is_loose: subject.is_loose,
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
    use crate::post::PostDate;

    fn found(posts: &[(&str, &str)]) -> Mentions {
        let entries: Vec<Entry> =
            posts.iter().enumerate().map(|(position, (title, text))| entry(position, title, text)).collect();
        mentions(&Pool::read(&entries), &entries)
    }

    fn entry(position: usize, title: &str, text: &str) -> Entry {
        Entry { position, title: title.to_owned(), text: text.to_owned(), date: None, links: Vec::new() }
    }

    #[test]
    fn a_link_is_a_mention_unless_it_leads_to_what_is_newer() {
        let mut entries = [entry(4, "Sour dough", "It rises."), entry(7, "Rye bread", "It keeps.")];
        entries[1].links = vec![4, 9];
        let found = |entries: &[Entry]| mentions(&Pool::read(entries), entries);
        let mention = &found(&entries)[&(0, 1)];
        assert_eq!((mention.subject.as_str(), mention.is_linked, mention.weight), ("Sour dough", true, 2.0));
        (entries[0].date, entries[1].date) = (PostDate::parse("2024"), PostDate::parse("2023"));
        assert_eq!(found(&entries).len(), 0);
        entries[1].text = "A sour dough makes it keep.".to_owned();
        assert_eq!(found(&entries)[&(0, 1)].weight, 0.25);
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
        let loose = [both[0], both[1], ("Oats", "No autolyse for oats.")];
        assert!(found(&loose)[&(0, 1)].is_loose && !found(&both)[&(0, 1)].is_loose);
    }
}
