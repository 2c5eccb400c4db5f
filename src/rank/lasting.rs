//! Which posts last? Not those that tell an event: releases, surveys, birthdays, talks to come.
//!
//! Told by the title alone: words of announcements, in English, and titles of which there are many that differ only in
//! their numbers, in any language.

use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

use super::series::Place;
use crate::text::NUMBERS;

/// So many titles that differ only in numbers are a row of events.
const ROW: usize = 3;

/// Words of titles that announce something.
const ANNOUNCES: [&str; 36] = [
    "anniversary",
    "announce",
    "announced",
    "announcement",
    "announcements",
    "announces",
    "announcing",
    "available",
    "beta",
    "birthday",
    "candidate",
    "changelog",
    "conference",
    "edition",
    "farewell",
    "feedback",
    "hiring",
    "invitation",
    "meetup",
    "monthly",
    "newsletter",
    "participate",
    "preview",
    "rc",
    "recap",
    "release",
    "released",
    "releases",
    "releasing",
    "resolutions",
    "survey",
    "turns",
    "upcoming",
    "update",
    "weekly",
    "welcome",
];

/// Why a title is taken for the announcement of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It has this word.
    Word(String),
    /// It has a version, such as 1.27.
    Version(String),
    /// So many titles are the same but for their numbers.
    Row(usize),
}

impl Event {
    /// Tells whether it is an event for a post at some place in a series: parts of one are alike for another reason.
    #[must_use]
    pub fn holds(&self, place: Option<&Place>) -> bool {
        !(matches!(self, Event::Row(_)) && place.is_some())
    }
}

/// Tells of each title whether it announces an event, and why.
#[must_use]
pub fn events<'a>(titles: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<Event>> {
    let mut rows: HashMap<Vec<String>, usize> = HashMap::new();
    titles.clone().for_each(|title| *rows.entry(without_numbers(title)).or_insert(0) += 1);
    let event = |title: &str| {
        let alike = rows.get(&without_numbers(title)).copied().unwrap_or(0);
        let word = title.unicode_words().map(str::to_lowercase).find(|word| ANNOUNCES.contains(&word.as_str()));
        let version = || title.split_whitespace().map(bare).find(|word| is_version(word)).map(str::to_owned);
        let has_number = without_numbers(title).iter().any(|word| word == "#");
        word.map(Event::Word)
            .or_else(|| version().map(Event::Version))
            .or((alike >= ROW && has_number).then_some(Event::Row(alike)))
    };
    titles.map(event).collect()
}

/// Returns the words of a title in lower case, a number sign for each number.
fn without_numbers(title: &str) -> Vec<String> {
    let fold = |word: &str| {
        let lower = word.to_lowercase();
        let is_number = lower.chars().any(|letter| letter.is_ascii_digit()) || NUMBERS[1..].contains(&lower.as_str());
        if is_number { "#".to_owned() } else { lower }
    };
    title.unicode_words().map(fold).collect()
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_alphanumeric()).trim_start_matches(['v', 'V'])
}

/// Numbers with points between them.
fn is_version(word: &str) -> bool {
    word.contains('.')
        && word.starts_with(|c: char| c.is_ascii_digit())
        && word.split('.').all(|part| part.chars().next().is_some_and(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_events_are_told_from_others() {
        let titles = [
            "Go 1.27 is released",
            "Announcing App Engine",
            "Slices: usage and internals",
            "Ten years of bread",
            "11 years of bread",
            "Twelve years of bread",
            "Notes #1",
            "Notes #2",
            "Notes #3",
            "HTTP/2 Server Push",
            "Crystal v0.9.0",
        ];
        let found = events(titles.into_iter());
        let word = |word: &str| Some(Event::Word(word.to_owned()));
        let expect = [
            word("released"),
            word("announcing"),
            None,
            Some(Event::Row(3)),
            Some(Event::Row(3)),
            Some(Event::Row(3)),
            Some(Event::Row(3)),
            Some(Event::Row(3)),
            Some(Event::Row(3)),
            None,
            Some(Event::Version("0.9.0".to_owned())),
        ];
        assert_eq!(found, expect);
    }
}
