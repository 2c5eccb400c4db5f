//! What does a text say? Its subjects, its sentences, its words, as the order of posts is told from them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use unicode_segmentation::UnicodeSegmentation;

use super::cues::{Cues, Place, View, lower_words};
use crate::post::PostDate;
use crate::text::{Language, Stems, one_line, sentences};

/// A heading of more subject words than this is a sentence.
const HEADING_SUBJECT_MAX: usize = 3;
/// A line of more words than this is no heading.
const HEADING_WORDS_MAX: usize = 8;

/// English words that are no part of a subject, beside those that [`Stems`] leaves out.
const STOP: &str = "been can could do does did from had has have he her his how i its itself just like may might more most \
    must my one other our out over own same she should so some than them those through too up us very we were what when \
    where which while who why would you your don't re ve ll also any each all both lets let's get use used using uses make \
    made many much see need want way thing things eg ie etc only even about after before between because here now new \
    two another well still however since without within via per it's i'm you're we're doesn't isn't can't";

/// Words of titles and headings that name a place in an order, or a kind of text, and no subject.
const PLACES: &str = "introduction introducing intro basic basics getting started start starting overview fundamental \
    fundamentals hello welcome setup set install installation installing first foundation foundations primer beginner \
    beginners foreword preface course work conclusion summary advanced final wrap next step steps part guide lesson \
    chapter reference appendix deep dive";

/// Headings of these words alone are every text's.
const COMMON_HEADINGS: &str = "example examples assignment knowledge check additional resources overview exercise \
    exercises note tip tips see problem usage syntax solution activity question questions warning references learning \
    outcomes outcome topic general criteria notes project lecture";

/// A post whose place is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its position in the corpus.
    pub position: usize,
    /// Its title.
    pub title: String,
    /// Its body, paragraphs parted by blank lines; its summary where the body is not known.
    pub text: String,
    /// When it was published, where that is known.
    pub date: Option<PostDate>,
    /// The positions of the posts that it links to.
    pub links: Vec<usize>,
}

impl Entry {
    /// Tells whether both dates are known and this one is later.
    pub(super) fn is_newer_than(&self, other: &Entry) -> bool {
        matches!((self.date, other.date), (Some(a), Some(b)) if a.days() > b.last_day())
    }
}

/// What the pool's texts say, words as numbers that are the same in all of them.
pub(super) struct Pool {
    pub(super) texts: Vec<Told>,
    /// By number, as the first text that has the word writes it.
    pub(super) surfaces: Vec<String>,
}

pub(super) struct Told {
    /// The words of the title that name its subject, ascending.
    pub(super) subject: Vec<u32>,
    /// Subjects of its headings, each with the heading.
    pub(super) headings: BTreeMap<Vec<u32>, String>,
    /// How often each word is there, title and headings included.
    pub(super) counts: BTreeMap<u32, u32>,
    pub(super) sentences: Vec<Sentence>,
    pub(super) looks_ahead: usize,
    pub(super) looks_back: usize,
    /// What the title says of its place, and by which words.
    pub(super) place: Option<(Place, String)>,
}

pub(super) struct Sentence {
    pub(super) text: String,
    /// Ascending, each once.
    pub(super) words: Vec<u32>,
    pub(super) view: View,
}

impl Pool {
    pub(super) fn read(entries: &[Entry]) -> Pool {
        let mut reader = Reader::new();
        let texts = entries.iter().map(|entry| reader.read(entry)).collect();
        Pool { texts, surfaces: reader.surfaces }
    }
}

struct Reader {
    stems: Stems,
    cues: Cues,
    stop: HashSet<String>,
    places: HashSet<u32>,
    common_headings: HashSet<u32>,
    numbers: HashMap<String, u32>,
    surfaces: Vec<String>,
}

impl Reader {
    fn new() -> Reader {
        let mut reader = Reader {
            stems: Stems::new(Language::ENGLISH),
            cues: Cues::new(),
            stop: HashSet::new(),
            places: HashSet::new(),
            common_headings: HashSet::new(),
            numbers: HashMap::new(),
            surfaces: Vec::new(),
        };
        reader.places = reader.words(PLACES).into_iter().collect();
        reader.common_headings = reader.words(COMMON_HEADINGS).into_iter().collect();
        reader.stop = STOP.split_whitespace().map(str::to_owned).collect();
        reader
    }

    /// Returns the numbers of a text's words, in order.
    fn words(&mut self, text: &str) -> Vec<u32> {
        let mut words = Vec::new();
        for word in text.unicode_words().flat_map(|word| word.split(['.', '_', ':'])) {
            let folded = word.to_lowercase().replace('\u{2019}', "'");
            let is_word = folded.chars().nth(1).is_some() && folded.starts_with(char::is_alphabetic);
            if is_word && !self.stop.contains(&folded) {
                self.stems.of(&folded, |stem| {
                    let next = u32::try_from(self.surfaces.len()).unwrap_or(u32::MAX);
                    let number = *self.numbers.entry(stem.to_owned()).or_insert(next);
                    if number == next {
                        self.surfaces.push(word.to_owned());
                    }
                    words.push(number);
                });
            }
        }
        words
    }

    fn subject(&self, words: &[u32]) -> Vec<u32> {
        distinct(words.iter().copied().filter(|word| !self.places.contains(word)))
    }

    fn read(&mut self, entry: &Entry) -> Told {
        let title = self.words(&entry.title);
        let mut told = Told {
            subject: self.subject(&title),
            headings: BTreeMap::new(),
            counts: BTreeMap::new(),
            sentences: Vec::new(),
            looks_ahead: 0,
            looks_back: 0,
            place: self.cues.place(&entry.title),
        };
        told.count(&title);
        let blocks = blocks(&entry.text);
        for (at, block) in blocks.iter().enumerate() {
            match heading(block, blocks.get(at + 1).map(String::as_str)) {
                Some(heading) => self.read_heading(heading, &mut told),
                None => self.read_prose(block, &mut told),
            }
        }
        told
    }

    fn read_heading(&mut self, heading: &str, told: &mut Told) {
        let words = self.words(heading);
        told.count(&words);
        let subject = self.subject(&words);
        let is_common = subject.iter().all(|word| self.common_headings.contains(word));
        if !is_common && subject.len() <= HEADING_SUBJECT_MAX {
            told.headings.entry(subject).or_insert_with(|| one_line(heading));
        }
    }

    fn read_prose(&mut self, block: &str, told: &mut Told) {
        for range in sentences(block) {
            let text = &block[range];
            let (words, lower) = (self.words(text), lower_words(text));
            told.count(&words);
            let (ahead, back) = self.cues.ahead_and_behind(&lower);
            (told.looks_ahead, told.looks_back) = (told.looks_ahead + ahead, told.looks_back + back);
            let words = distinct(words.into_iter());
            told.sentences.push(Sentence { text: one_line(text), words, view: self.cues.view(&lower) });
        }
    }
}

impl Told {
    fn count(&mut self, words: &[u32]) {
        for &word in words {
            *self.counts.entry(word).or_insert(0) += 1;
        }
    }
}

fn distinct(words: impl Iterator<Item = u32>) -> Vec<u32> {
    words.collect::<BTreeSet<u32>>().into_iter().collect()
}

/// Cuts a text at blank lines, and Markdown headings off what follows them.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let is_heading = line.starts_with('#');
        match blocks.last_mut() {
            Some(block) if is_open && !is_heading && !line.trim().is_empty() => {
                block.push('\n');
                block.push_str(line);
            }
            _ if line.trim().is_empty() => is_open = false,
            _ => {
                blocks.push(line.to_owned());
                is_open = !is_heading;
            }
        }
    }
    blocks
}

/// Returns the text of a block that is a heading: Markdown's, or one short line without a full stop before a longer
/// block, which is what is left of a heading in plain text.
fn heading<'t>(block: &'t str, next: Option<&str>) -> Option<&'t str> {
    let text = block.trim();
    if text.starts_with('#') {
        return Some(text.trim_start_matches('#').trim());
    }
    let words = |text: &str| text.split_whitespace().take(HEADING_WORDS_MAX + 1).count();
    let is_open = text.ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, ')' | '!' | '?'));
    let next = next?.trim();
    let is_prose = words(next) > HEADING_WORDS_MAX || next.ends_with(['.', ':']);
    (!text.contains('\n') && is_open && words(text) <= HEADING_WORDS_MAX && is_prose).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(title: &str, text: &str) -> (Told, Vec<String>) {
        let entry =
            Entry { position: 0, title: title.to_owned(), text: text.to_owned(), date: None, links: Vec::new() };
        let mut pool = Pool::read(&[entry]);
        (pool.texts.remove(0), pool.surfaces)
    }

    #[test]
    fn a_title_has_a_subject_without_the_words_of_its_place() {
        let subject = |title: &str| {
            let (told, surfaces) = told(title, "");
            told.subject.iter().map(|&word| surfaces[word as usize].to_lowercase()).collect::<Vec<_>>()
        };
        assert_eq!(subject("Introduction to Rye Ovens"), ["rye", "ovens"]);
        assert_eq!(subject("The basics"), [""; 0]);
        assert_eq!(subject("std::sync"), ["std", "sync"]);
    }

    #[test]
    fn headings_stand_before_prose() {
        let text = "What rye is\n\nRye is a grain of the north.\n\nRye\n\nWheat\n\n# Sour dough\nIt takes a day.\n\nExamples\n\nThis is how it looks in a bowl.";
        let (told, _) = told("Bread", text);
        let headings: Vec<&str> = told.headings.values().map(String::as_str).collect();
        assert_eq!(headings, ["What rye is", "Sour dough"]);
        assert_eq!(told.sentences.len(), 5);
    }

    #[test]
    fn sentences_carry_their_words_and_where_they_look() {
        let (told, surfaces) = told("Bread", "You have already met the dough of rye. Later posts bake it in an oven.");
        let words = |at: usize| {
            let words = told.sentences[at].words.iter().map(|&word| surfaces[word as usize].to_lowercase());
            words.collect::<Vec<_>>()
        };
        assert_eq!(words(0), ["already", "met", "dough", "rye"]);
        assert_eq!((told.sentences[0].view, told.sentences[1].view), (View::Back, View::Ahead));
        assert_eq!((told.looks_ahead, told.looks_back), (1, 1));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(title in "\\PC{0,20}", text in "(\\PC|[#\n .:?]){0,80}") {
            let (told, surfaces) = told(&title, &text);
            assert!(told.counts.keys().all(|&word| (word as usize) < surfaces.len()));
        }
    }
}
