//! What was left out or changed while posts were read, and where? Counted here, told by the caller.

use std::collections::BTreeMap;
use std::fmt;

use super::generator::SiteFound;
use super::reasons::{Grouped, NoteKind, SkipReason};
use crate::post::SummaryOrigin;

/// A place in a source: a file and, where it can be told, a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as its reader knows it: a path, or `-` for standard input.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
}

impl Place {
    /// Names a whole file.
    #[must_use]
    pub fn file(file: &str) -> Place {
        Place { file: file.to_owned(), line: None }
    }

    /// Names a line of a file, from 1.
    #[must_use]
    pub fn line(file: &str, line: usize) -> Place {
        Place { file: file.to_owned(), line: Some(line) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Something said about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// Where.
    pub place: Place,
    /// What.
    pub what: T,
}

impl<T: fmt::Display> fmt::Display for At<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Something that was left out.
pub type Skip = At<SkipReason>;

/// Something that was changed or left open.
pub type Note = At<NoteKind>;

/// Counts everything and keeps the first [`Tally::KEPT`] to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<T> {
    /// The first ones, in order of appearance.
    pub first: Vec<At<T>>,
    /// How many there are of each group.
    pub counts: BTreeMap<&'static str, usize>,
}

impl<T> Default for Tally<T> {
    fn default() -> Tally<T> {
        Tally { first: Vec::new(), counts: BTreeMap::new() }
    }
}

impl<T: Grouped> Tally<T> {
    /// How many are kept word for word: a damaged file of any size must not fill the memory.
    pub const KEPT: usize = 1_000;

    /// Returns how many there are in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    fn absorb(&mut self, other: Tally<T>) {
        for (group, count) in other.counts {
            *self.counts.entry(group).or_default() += count;
        }
        let room = Self::KEPT - self.first.len();
        self.first.extend(other.first.into_iter().take(room));
    }

    pub(super) fn add(&mut self, place: Place, what: T) {
        *self.counts.entry(what.group()).or_default() += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(At { place, what });
        }
    }
}

/// What the caller should tell about a reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were opened.
    pub files: usize,
    /// The site that the files belong to, where a generator's marks were found.
    pub site: Option<SiteFound>,
    /// What was left out and why.
    pub skipped: Tally<SkipReason>,
    /// How many of the skipped are faults of the source ([`SkipReason::is_fault`]).
    pub faults: usize,
    /// What was changed or left open in posts that were kept.
    pub notes: Tally<NoteKind>,
    /// How many posts there are by the origin of their summary.
    pub summaries: BTreeMap<SummaryOrigin, usize>,
}

impl Report {
    /// Counts something that was left out.
    pub fn skip(&mut self, place: Place, reason: SkipReason) {
        self.faults += usize::from(reason.is_fault());
        self.skipped.add(place, reason);
    }

    pub(super) fn note(&mut self, place: Place, kind: NoteKind) {
        self.notes.add(place, kind);
    }

    /// Takes over what the report of another part of the same source counts.
    pub fn absorb(&mut self, other: Report) {
        self.files += other.files;
        self.faults += other.faults;
        self.skipped.absorb(other.skipped);
        self.notes.absorb(other.notes);
        for (origin, count) in other.summaries {
            *self.summaries.entry(origin).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_and_keeps_some() {
        let mut report = Report::default();
        for line in 1..=2_000 {
            report.skip(Place::line("a.jsonl", line), SkipReason::NotAnObject);
        }
        report.skip(Place::file("b.md"), SkipReason::Draft);
        assert_eq!(report.skipped.total(), 2_001);
        assert_eq!(report.skipped.first.len(), 1_000);
        assert_eq!(report.faults, 2_000);
        assert_eq!(report.skipped.counts["draft"], 1);
    }

    #[test]
    fn messages_begin_with_the_place() {
        let skip = At { place: Place::line("content/third.md", 4), what: SkipReason::NoTitleInFrontMatter };
        assert_eq!(
            skip.to_string(),
            "content/third.md:4: front matter has no title; add one or pass --title-from-heading"
        );
    }
}
