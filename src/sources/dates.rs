//! When was it published? Reads the dates that feeds, front matter and records hold.
//!
//! The calendar day is taken as it is written, whatever the time zone beside it: a post of 31 January in Sydney stays
//! one of 31 January. Only a time stamp counted from 1970 is a day in UTC.

use crate::post::PostDate;
use crate::text::MONTHS;

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads RFC 3339, RFC 2822, `YYYY[-MM[-DD]]` with or without a time, `YYYYMMDD`, "January 2, 2006", "2 Jan 2006" and
/// seconds or milliseconds since 1970. Forms that two countries read differently (`01/02/2006`) are refused.
pub(super) fn parse_date(text: &str) -> Option<PostDate> {
    let text = text.trim();
    if !text.is_ascii() || text.len() > 100 {
        return None;
    }
    let digits = text.split_once('.').filter(|(_, rest)| is_digits(rest)).map_or(text, |(whole, _)| whole);
    if is_digits(digits) {
        return from_number(digits);
    }
    year_first(text).or_else(|| month_by_name(text))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn from_number(digits: &str) -> Option<PostDate> {
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        4 => PostDate::parse(digits),
        8 => PostDate::parse(&format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..])),
        9..=11 => from_epoch(number),
        12..=14 => from_epoch(number / 1_000),
        _ => None,
    }
}

fn from_epoch(seconds: i64) -> Option<PostDate> {
    use chrono::Datelike;
    let date = chrono::DateTime::from_timestamp(seconds, 0)?.date_naive();
    PostDate::new(date.year(), Some(date.month()), Some(date.day()))
}

/// Reads `YYYY-MM-DD` and its kin, parted by `-`, `/` or `.`, with a time after it.
fn year_first(text: &str) -> Option<PostDate> {
    let separator = text.chars().nth(4).filter(|c| ['-', '/', '.'].contains(c))?;
    let end = text.find(|c: char| !c.is_ascii_digit() && c != separator).unwrap_or(text.len());
    let (date, time) = text.split_at(end);
    if !(time.is_empty() || time == "Z" || is_time(time)) {
        return None;
    }
    let mut parts = date.splitn(4, separator);
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut small = || parts.next().map(|part| part.parse::<u32>().ok().filter(|_| part.len() <= 2));
    let (month, day) = (small(), small());
    if parts.next().is_some() || month == Some(None) || day == Some(None) {
        return None;
    }
    PostDate::new(year, month.flatten(), day.flatten())
}

/// Tells whether a time of day begins here, after a `T` or white space; what comes after its minutes is not read.
fn is_time(text: &str) -> bool {
    let time = text.trim_start_matches(['T', 't', ' ', '_']);
    let Some((hour, rest)) = time.split_once(':') else {
        return false;
    };
    let minute = rest.get(..2).unwrap_or_default();
    time.len() < text.len() && at_most(hour, 24) && at_most(minute, 59)
}

fn at_most(text: &str, max: u32) -> bool {
    is_digits(text) && text.len() <= 2 && text.parse().is_ok_and(|number: u32| number <= max)
}

/// Reads dates that name their month, in any order, as long as every word of them is understood.
fn month_by_name(text: &str) -> Option<PostDate> {
    let (mut year, mut month, mut day) = (None, None, None);
    for word in text.split([' ', ',', '\t', '-']).map(|word| word.trim_end_matches('.')).filter(|word| !word.is_empty())
    {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ordinal = matches!(&word[bare.len()..], "" | "st" | "nd" | "rd" | "th");
        if month.is_none() && position(&MONTHS, word).is_some() {
            month = position(&MONTHS, word);
        } else if day.is_none() && ordinal && at_most(bare, 31) {
            day = bare.parse().ok();
        } else if year.is_none() && is_digits(word) && (word.len() == 4 || (word.len() == 2 && month.is_some())) {
            year = Some(full_year(word.parse().ok()?, word.len()));
        } else if !is_beside_the_date(word) {
            return None;
        }
    }
    PostDate::new(year?, Some(month?), day)
}

/// Two digits are the nearest century's, as RFC 2822 section 4.3 wants it.
fn full_year(number: i32, digits: usize) -> i32 {
    match (digits, number) {
        (2, 0..50) => 2_000 + number,
        (2, _) => 1_900 + number,
        _ => number,
    }
}

fn position(names: &[&str], word: &str) -> Option<u32> {
    let folded = word.to_ascii_lowercase();
    let found = names.iter().position(|name| folded.len() >= 3 && name.starts_with(&folded))?;
    u32::try_from(found + 1).ok()
}

/// Tells whether a word may stand beside a date: a weekday, a time, a time zone, "at", "of".
fn is_beside_the_date(word: &str) -> bool {
    let zone = word.len() <= 5 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let offset = is_digits(word.trim_start_matches('+')) && word.len() <= 5;
    let time = word.contains(':') && word.bytes().all(|byte| byte.is_ascii_digit() || b":.+AaPpMm".contains(&byte));
    let weekday = position(&WEEKDAYS, word).is_some() || ["Sept", "Tues", "Thurs", "Weds"].contains(&word);
    zone || offset || time || weekday || matches!(word, "at" | "of" | "the" | "am" | "pm")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = parse_date(text).map(|date| date.to_string());
        assert_eq!(found.as_deref(), (!expect.is_empty()).then_some(expect), "{text}");
    }

    #[test]
    fn reads_what_sources_write() {
        for text in [
            "2024-01-31",
            "2024-1-31",
            "2024/01/31",
            "2024-01-31T23:00:00-05:00",
            "2024-01-31 10:00:00 +0200",
            "20240131",
            "2024-01-31T10:00:00.123Z",
            "2024-01-31 9:05",
            "Wed, 31 Jan 2024 10:00:00 GMT",
            "31 Jan 2024",
            "Mon, 31 January 24 10:00:00 +0000",
            "January 31, 2024",
            "Jan. 31st, 2024 at 10:00 pm",
            "Wed Jan 31 15:04:05 MST 2024",
            "1706695200",
            "1706695200000",
            "1706695200.25",
            " 2024-01-31Z ",
            "31-Jan-2024",
        ] {
            check(text, "2024-01-31");
        }
        check("2024", "2024");
        check("2024-05", "2024-05");
        check("May 2024", "2024-05");
        check("Tue, 05 Feb 02 08:00:00 EST", "2002-02-05");
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "99999-01-01",
            "2024-02-30",
            "0000-01-01",
            "01/02/2024",
            "soon",
            "May",
            "2024-01-31 was a day",
            "12345",
            "2024-01-31T99:00",
            "31 Jan",
            "Ça 2024",
            "-5",
            "2024-",
            "2024-01-02-03",
            "9999999999999999",
            "Posted on Jan 31 2024 by Ada",
        ] {
            check(text, "");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_string_goes_through(text in "\\PC{0,40}|[0-9 :TZ+.,/a-zA-Z-]{0,40}") {
            let _ = parse_date(&text);
        }
    }
}
