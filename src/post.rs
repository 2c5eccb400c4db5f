//! What is a post? The vocabulary that every other module speaks.

use std::fmt;

/// Names one post, uniquely in a store: a slug, a path, a URL or a feed's guid.
///
/// Never empty, at most [`PostId::MAX_BYTES`] bytes, without control characters. Ids order bytewise; equal scores
/// break by that order everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostId(String);

/// Says why a text cannot be a [`PostId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostIdError {
    /// Nothing but white space.
    #[error("id is empty")]
    Empty,
    /// Longer than [`PostId::MAX_BYTES`].
    #[error("id is longer than {} bytes", PostId::MAX_BYTES)]
    TooLong,
    /// Contains a control character such as a line break.
    #[error("id contains a control character")]
    Control,
}

impl PostId {
    /// The most bytes an id may have.
    pub const MAX_BYTES: usize = 2_048;

    /// Checks and wraps `id`; surrounding white space is dropped.
    ///
    /// # Errors
    /// Empty, too long, or with a control character in it.
    pub fn new(id: &str) -> Result<PostId, PostIdError> {
        let id = id.trim();
        if id.is_empty() {
            return Err(PostIdError::Empty);
        }
        if id.len() > PostId::MAX_BYTES {
            return Err(PostIdError::TooLong);
        }
        if id.chars().any(char::is_control) {
            return Err(PostIdError::Control);
        }
        Ok(PostId(id.to_owned()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The short text that stands for a post when it is embedded or shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Plain text, without markup; empty when the origin is [`SummaryOrigin::Missing`].
    pub text: String,
    /// Where the text was taken from.
    pub origin: SummaryOrigin,
}

/// Where a summary was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SummaryOrigin {
    /// A field called summary (or mapped to it).
    Given,
    /// A field called description, excerpt or the like.
    Description,
    /// The first paragraphs of the body, markup and code stripped.
    FirstParagraphs,
    /// There was neither: the title alone stands for the post.
    Missing,
}

impl SummaryOrigin {
    /// Returns the word under which the origin is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SummaryOrigin::Given => "given",
            SummaryOrigin::Description => "description",
            SummaryOrigin::FirstParagraphs => "first-paragraphs",
            SummaryOrigin::Missing => "missing",
        }
    }

    /// Reads back what [`SummaryOrigin::as_str`] wrote.
    #[must_use]
    pub fn parse(word: &str) -> Option<SummaryOrigin> {
        [SummaryOrigin::Given, SummaryOrigin::Description, SummaryOrigin::FirstParagraphs, SummaryOrigin::Missing]
            .into_iter()
            .find(|origin| origin.as_str() == word)
    }
}

/// A post's place in a numbered series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The series' name, as its source gives it.
    pub name: String,
    /// The number in it, from 0 (some series begin with a part 0).
    pub part: u32,
}

/// A calendar date as exact as its source gave it: a year, a month or a day.
///
/// Orders by time; of two dates with the same beginning the less exact one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostDate {
    year: u16,
    month: u8,
    day: u8,
}

impl PostDate {
    /// Builds a date from a year 1–9999 and, where known, a month 1–12 and a day of that month.
    ///
    /// `None` when a part is out of range or a day comes without a month.
    #[must_use]
    pub fn new(year: i32, month: Option<u32>, day: Option<u32>) -> Option<PostDate> {
        let known = u16::try_from(year).ok().filter(|year| (1..=9_999).contains(year))?;
        let first = chrono::NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1));
        if first.is_none() || (month.is_none() && day.is_some()) {
            return None;
        }
        Some(PostDate {
            year: known,
            month: u8::try_from(month.unwrap_or(0)).ok()?,
            day: u8::try_from(day.unwrap_or(0)).ok()?,
        })
    }

    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, the forms that [`PostDate`] prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<PostDate> {
        let mut parts = text.splitn(3, '-');
        let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let month = parts.next().map(str::parse).transpose().ok()?;
        let day = parts.next().map(str::parse).transpose().ok()?;
        PostDate::new(year, month, day)
    }

    /// Returns the year, 1–9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Returns the year, 1–9999, and where known the month, 1–12, and the day.
    #[must_use]
    pub fn parts(self) -> (u16, Option<u8>, Option<u8>) {
        let known = |part: u8| Some(part).filter(|part| *part > 0);
        (self.year, known(self.month), known(self.day))
    }

    /// Returns days since 1 January of year 1, an unknown month or day counted as the first.
    #[must_use]
    pub fn days(self) -> i64 {
        let (month, day) = (u32::from(self.month.max(1)), u32::from(self.day.max(1)));
        chrono::NaiveDate::from_ymd_opt(i32::from(self.year), month, day)
            .map_or(0, |date| i64::from(chrono::Datelike::num_days_from_ce(&date)))
    }

    /// Returns [`PostDate::days`] of the last day that this may be: of an unknown month or day the last one.
    #[must_use]
    pub fn last_day(self) -> i64 {
        let year = i32::from(self.year);
        let after = match self.parts() {
            (_, Some(_), Some(_)) => return self.days(),
            (_, Some(month), None) if month < 12 => chrono::NaiveDate::from_ymd_opt(year, u32::from(month) + 1, 1),
            _ => chrono::NaiveDate::from_ymd_opt(year + 1, 1, 1),
        };
        after.map_or(0, |date| i64::from(chrono::Datelike::num_days_from_ce(&date)) - 1)
    }
}

impl fmt::Display for PostDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.month, self.day) {
            (0, _) => write!(f, "{:04}", self.year),
            (month, 0) => write!(f, "{:04}-{month:02}", self.year),
            (month, day) => write!(f, "{:04}-{month:02}-{day:02}", self.year),
        }
    }
}

/// One piece of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Unique in the store.
    pub id: PostId,
    /// Plain text, never empty.
    pub title: String,
    /// What stands for the post when it is embedded or shown.
    pub summary: Summary,
    /// The body as plain text, where the source has one. Left out by the store when it lists posts.
    pub text: Option<String>,
    /// Where the post can be read.
    pub url: Option<String>,
    /// When it was published.
    pub date: Option<PostDate>,
    /// In the source's order, without repeats.
    pub tags: Vec<String>,
    /// Who published it: the feed's title, the site's folder, or what the record says.
    pub source: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// ISO 639-3 code ("eng"), where it could be told.
    pub language: Option<String>,
    /// Minutes that reading the body takes, measured from `text`; `None` without a body.
    pub minutes: Option<u32>,
    /// The numbered series it belongs to, where the source says so in a field of its own.
    pub series: Option<Series>,
    /// The file it came from, relative to the source's folder, with forward slashes.
    pub path: Option<String>,
}

impl Post {
    /// Makes a post of which no more is known than its id and title, of a source without a name.
    #[must_use]
    pub fn new(id: PostId, title: impl Into<String>) -> Post {
        Post {
            id,
            title: title.into(),
            summary: Summary { text: String::new(), origin: SummaryOrigin::Missing },
            text: None,
            url: None,
            date: None,
            tags: Vec::new(),
            source: String::new(),
            author: None,
            language: None,
            minutes: None,
            series: None,
            path: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_trimmed_and_checked() {
        assert_eq!(PostId::new("  a/b ").unwrap().as_str(), "a/b");
        assert_eq!(PostId::new(" \t"), Err(PostIdError::Empty));
        assert_eq!(PostId::new("a\nb"), Err(PostIdError::Control));
        assert_eq!(PostId::new(&"x".repeat(2_049)), Err(PostIdError::TooLong));
    }

    #[test]
    fn dates_print_as_they_parse() {
        for text in ["0001", "2024-02-29", "2026", "2026-05", "9999-12-31"] {
            assert_eq!(PostDate::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "26", "2023-02-29", "2026-13", "2026-00", "99999", "2026-05-20T10:00"] {
            assert_eq!(PostDate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_order_by_time() {
        let dates = ["2025", "2025-01", "2025-01-02", "2025-02", "2026"].map(|text| PostDate::parse(text).unwrap());
        assert!(dates.is_sorted());
        assert_eq!(dates[4].days() - dates[0].days(), 365);
        let last = |text: &str| PostDate::parse(text).unwrap().last_day();
        let day = |text: &str| PostDate::parse(text).unwrap().days();
        assert_eq!(
            [last("2025"), last("2024-02"), last("2025-12")],
            ["2025-12-31", "2024-02-29", "2025-12-31"].map(day)
        );
        assert_eq!(last("2025-03-04"), day("2025-03-04"));
    }

    #[test]
    fn summary_origins_round_trip() {
        assert_eq!(SummaryOrigin::parse("first-paragraphs"), Some(SummaryOrigin::FirstParagraphs));
        assert_eq!(SummaryOrigin::parse("guess"), None);
    }
}

/// Posts for the tests of every module.
#[cfg(test)]
pub(crate) mod fixture {
    use super::*;

    /// Builds a post with everything optional left out.
    pub(crate) fn post(id: &str, title: &str, summary: &str) -> Post {
        let origin = if summary.is_empty() { SummaryOrigin::Missing } else { SummaryOrigin::Given };
        Post {
            summary: Summary { text: summary.to_owned(), origin },
            source: "blog".to_owned(),
            ..Post::new(PostId::new(id).unwrap(), title)
        }
    }
}
