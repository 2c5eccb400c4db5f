//! Which words tell where a post stands? Looking back, looking ahead, and what a title says of its post.
//!
//! The words are English. In another language none of them is found, and they then say nothing about any post.

use unicode_segmentation::UnicodeSegmentation;

/// A sentence with one of these looks back: what it names has been read.
const BACK: [&str; 12] = [
    "we|you have? already|just? saw|seen|learned|learnt|discussed|mentioned|covered|talked|used|met|encountered|explored",
    "we|you have? already|just? looked|studied|read|know|built|made|created|written|wrote|worked|went|gone|done|did",
    "we've|you've",
    "we|you have",
    "already|previous|previously|prior|preceding|earlier|remember|recall|refresh|review|revisit|reminder|familiar",
    "last lesson|chapter|section|lecture|project|article|post|module|tutorial|part",
    "last lessons|chapters|sections|lectures|projects|articles|posts|modules|tutorials|parts",
    "so far",
    "by now",
    "up to now",
    "until now",
    "at this point",
];

/// A sentence with one of these and nothing of [`BACK`] announces what it names: it is not needed yet.
const ANNOUNCES: [&str; 4] = [
    "later|soon|future|upcoming|eventually",
    "next|following|another lesson|chapter|section|lecture|course|project|article|post|module",
    "next|following|another lessons|chapters|sections|lectures|courses|projects|articles|posts|modules",
    "for now",
];

/// A text with many of these stands early.
const AHEAD: [&str; 8] = [
    "later|soon",
    "next lesson|chapter|section|lecture|article|post|part",
    "we|you will",
    "we'll|you'll",
    "in future|upcoming",
    "for now",
    "don't worry",
    "this course|book|curriculum|guide|series",
];

/// A text with many of these stands late.
const BEHIND: [&str; 5] = [
    "as we|you have? saw|seen|learned|discussed|mentioned|covered",
    "as we've|you've saw|seen|learned|discussed|mentioned|covered",
    "already|previous|previously|earlier|remember|recall|again|familiar",
    "so far",
    "last lesson|chapter|section|lecture|article|post|part",
];

/// Words of titles of what is read first.
const FIRST: [&str; 10] = [
    "intro*|basic|basics|start*|overview|fundamental|fundamentals|welcome|setup|install*",
    "first steps|step|look|program|project|lesson|things",
    "hello world",
    "getting started",
    "what is|are",
    "set|setting up",
    "foundation|foundations",
    "primer|beginn*",
    "foreword|preface",
    "how this",
];

/// Words of titles of what is read last.
const LAST: [&str; 4] = [
    "advanced|deep*|internal|internals|conclusion|beyond|appendix|misc*|other|more|revisit*|summary",
    "performance|optimi*|faq|final*|putting|reference",
    "q a",
    "case study|studies",
];

/// Where a sentence looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Back,
    Ahead,
    Neither,
}

/// What a title says of its post's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An introduction.
    First,
    /// Something for later.
    Last,
}

/// The word lists, ready to be looked for.
pub(super) struct Cues {
    back: Vec<Pattern>,
    announces: Vec<Pattern>,
    ahead: Vec<Pattern>,
    behind: Vec<Pattern>,
    first: Vec<Pattern>,
    last: Vec<Pattern>,
}

impl Cues {
    pub(super) fn new() -> Cues {
        let read = |lines: &[&'static str]| lines.iter().map(|line| Pattern::new(line)).collect();
        Cues {
            back: read(&BACK),
            announces: read(&ANNOUNCES),
            ahead: read(&AHEAD),
            behind: read(&BEHIND),
            first: read(&FIRST),
            last: read(&LAST),
        }
    }

    pub(super) fn view(&self, words: &[String]) -> View {
        if first_match(&self.back, words).is_some() {
            View::Back
        } else if first_match(&self.announces, words).is_some() {
            View::Ahead
        } else {
            View::Neither
        }
    }

    /// Counts the words that look ahead and those that look back.
    pub(super) fn ahead_and_behind(&self, words: &[String]) -> (usize, usize) {
        (count(&self.ahead, words), count(&self.behind, words))
    }

    /// Returns what a title says of its post's place, and the words that say so; nothing where it says both.
    pub(super) fn place(&self, title: &str) -> Option<(Place, String)> {
        let words = lower_words(title);
        match (first_match(&self.first, &words), first_match(&self.last, &words)) {
            (Some(said), None) => Some((Place::First, said)),
            (None, Some(said)) => Some((Place::Last, said)),
            _ => None,
        }
    }
}

/// Returns the words of a text in lower case, with straight apostrophes.
pub(super) fn lower_words(text: &str) -> Vec<String> {
    text.unicode_words().map(|word| word.to_lowercase().replace('\u{2019}', "'")).collect()
}

fn first_match(patterns: &[Pattern], words: &[String]) -> Option<String> {
    let length = |at: usize| patterns.iter().find_map(|pattern| pattern.length_at(&words[at..]));
    (0..words.len()).find_map(|at| length(at).map(|length| words[at..at + length].join(" ")))
}

fn count(patterns: &[Pattern], words: &[String]) -> usize {
    let (mut at, mut found) = (0, 0);
    while at < words.len() {
        let length = patterns.iter().find_map(|pattern| pattern.length_at(&words[at..]));
        found += usize::from(length.is_some());
        at += length.unwrap_or(1);
    }
    found
}

/// Words in a row: each one of several, written `a|b`; `?` at the end of them all where there may be none; `start*` is
/// any word that begins so.
struct Pattern(Vec<Slot>);

struct Slot {
    words: Vec<&'static str>,
    is_optional: bool,
}

impl Pattern {
    fn new(line: &'static str) -> Pattern {
        let slot = |text: &'static str| match text.strip_suffix('?') {
            Some(words) => Slot { words: words.split('|').collect(), is_optional: true },
            None => Slot { words: text.split('|').collect(), is_optional: false },
        };
        Pattern(line.split(' ').map(slot).collect())
    }

    /// Returns how many words the pattern takes from the beginning of `words`.
    fn length_at(&self, words: &[String]) -> Option<usize> {
        let mut length = 0;
        for slot in &self.0 {
            if words.get(length).is_some_and(|word| slot.takes(word)) {
                length += 1;
            } else if !slot.is_optional {
                return None;
            }
        }
        Some(length)
    }
}

impl Slot {
    fn takes(&self, word: &str) -> bool {
        self.words.iter().any(|known| match known.strip_suffix('*') {
            Some(beginning) => word.starts_with(beginning),
            None => *known == word,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_look_back_or_ahead() {
        let check = |text: &str, expect: View| assert_eq!(Cues::new().view(&lower_words(text)), expect, "{text}");
        check("You have already learned about loops.", View::Back);
        check("We\u{2019}ve seen that before", View::Back);
        check("As in the last chapter, later posts differ.", View::Back);
        check("A later post is about loops.", View::Ahead);
        check("The following lesson is long.", View::Ahead);
        check("Loops are repetitions.", View::Neither);
        check("", View::Neither);
    }

    #[test]
    fn words_that_look_ahead_and_back_are_counted() {
        let count = |text: &str| Cues::new().ahead_and_behind(&lower_words(text));
        assert_eq!(count("You will see it later; for now, remember this."), (3, 1));
        assert_eq!(count("As you have seen so far, again"), (0, 3));
        assert_eq!(count("東京 🦀"), (0, 0));
    }

    #[test]
    fn titles_say_what_comes_first_and_last() {
        let check = |title: &str, expect: Option<(Place, &str)>| {
            assert_eq!(Cues::new().place(title), expect.map(|(place, said)| (place, said.to_owned())), "{title}");
        };
        check("Introduction to ovens", Some((Place::First, "introduction")));
        check("Getting started with rye", Some((Place::First, "getting started")));
        check("What is a dough?", Some((Place::First, "what is")));
        check("Advanced baking", Some((Place::Last, "advanced")));
        check("Q&A", Some((Place::Last, "q a")));
        check("First steps in baking", Some((Place::First, "first steps")));
        check("Hello World", Some((Place::First, "hello world")));
        check("First Class Loaves", None);
        check("Goodbye, white flour, hello rye", None);
        check("More basics", None);
        check("Bread", None);
    }
}
