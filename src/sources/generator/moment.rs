//! When is it, to the second and the minute's zone? Addresses are made of dates as their generator sees them.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::post::PostDate;
use crate::sources::dates::parse_date;

/// A day, with the time and the zone where they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    at: NaiveDateTime,
    /// East of Greenwich.
    offset: Option<FixedOffset>,
}

impl Moment {
    /// Reads what [`parse_date`] reads, and the time of day behind it.
    pub(super) fn parse(text: &str) -> Option<Moment> {
        let text = text.trim();
        let at = NaiveDateTime::new(day(parse_date(text)?)?, time(text).unwrap_or_default());
        let offset = time(text).and_then(|_| offset(text));
        Some(Moment { at, offset })
    }

    /// Takes a day at midnight.
    pub(super) fn of(date: PostDate) -> Option<Moment> {
        Some(Moment { at: day(date)?.into(), offset: None })
    }

    /// Returns the time as it is written.
    pub(super) fn as_written(self) -> NaiveDateTime {
        self.at
    }

    /// Returns the time in Greenwich.
    pub(super) fn utc(self) -> NaiveDateTime {
        self.offset.and_then(|offset| self.at.checked_sub_offset(offset)).unwrap_or(self.at)
    }
}

fn day(date: PostDate) -> Option<NaiveDate> {
    let (year, month, day) = date.parts();
    NaiveDate::from_ymd_opt(i32::from(year), u32::from(month.unwrap_or(1)), u32::from(day.unwrap_or(1)))
}

fn time(text: &str) -> Option<NaiveTime> {
    let colon = text.find(':')?;
    let hour = text.get(colon.checked_sub(2)?..colon).map(|hour| hour.trim_start_matches(['T', ' ', 't', ',']))?;
    let number = |text: &str| text.parse::<u32>().ok();
    let minute = text.get(colon + 1..colon + 3).and_then(number)?;
    let second = text.get(colon + 3..colon + 6).and_then(|rest| number(rest.strip_prefix(':')?));
    NaiveTime::from_hms_opt(number(hour)?, minute, second.unwrap_or(0))
}

/// Reads `Z`, `+02:00`, `-0500` or `+2` behind the time; what stands elsewhere is no zone.
fn offset(text: &str) -> Option<FixedOffset> {
    let clock = &text[text.find(':')?..];
    let zone = clock.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == '.').trim();
    if ["Z", "z", "UTC", "GMT"].contains(&zone) {
        return FixedOffset::east_opt(0);
    }
    let digits = zone.strip_prefix(['+', '-'])?.replace(':', "");
    let (hours, minutes) =
        if digits.len() > 2 { digits.split_at_checked(digits.len() - 2)? } else { (digits.as_str(), "0") };
    let seconds = hours.parse::<i32>().ok()?.checked_mul(3_600)?.checked_add(minutes.parse::<i32>().ok()? * 60)?;
    FixedOffset::east_opt(if zone.starts_with('-') { -seconds } else { seconds })
}

/// Returns a part of a date as placeholders of generators have it, two digits where it is a number of a date.
pub(super) fn part(at: NaiveDateTime, name: &str) -> Option<String> {
    let padded = |number: u32| format!("{number:02}");
    Some(match name {
        "year" => at.year().to_string(),
        "month" => padded(at.month()),
        "day" => padded(at.day()),
        "hour" => padded(at.hour()),
        "minute" => padded(at.minute()),
        "second" => padded(at.second()),
        "i_month" => at.month().to_string(),
        "i_day" => at.day().to_string(),
        "y_day" => format!("{:03}", at.ordinal()),
        "week" => padded(at.iso_week().week()),
        "w_year" => at.iso_week().year().to_string(),
        "w_day" => at.weekday().number_from_monday().to_string(),
        "short_year" => padded(at.year().rem_euclid(100).unsigned_abs()),
        "short_month" => MONTHS[at.month0() as usize][..3].to_owned(),
        "long_month" => MONTHS[at.month0() as usize].to_owned(),
        "short_day" => DAYS[at.weekday().num_days_from_monday() as usize][..3].to_owned(),
        "long_day" => DAYS[at.weekday().num_days_from_monday() as usize].to_owned(),
        _ => return None,
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, written: &str, utc: &str) {
        let moment = Moment::parse(text).unwrap();
        let shown = |at: NaiveDateTime| at.to_string();
        assert_eq!((shown(moment.as_written()), shown(moment.utc())), (written.to_owned(), utc.to_owned()), "{text}");
    }

    #[test]
    fn times_and_zones_are_read() {
        check("2024-01-31", "2024-01-31 00:00:00", "2024-01-31 00:00:00");
        check("2024-01-31T23:30:15-05:00", "2024-01-31 23:30:15", "2024-02-01 04:30:15");
        check("2024-01-31 01:30 +0200", "2024-01-31 01:30:00", "2024-01-30 23:30:00");
        check("2024-01-31T10:00:00Z", "2024-01-31 10:00:00", "2024-01-31 10:00:00");
        check("Wed, 31 Jan 2024 10:00:00 GMT", "2024-01-31 10:00:00", "2024-01-31 10:00:00");
        check("2024-01-31 23:30:22 2024 -0800", "2024-01-31 23:30:22", "2024-01-31 23:30:22");
        let at = Moment::parse("2024-12-30 09:05").unwrap().utc();
        let parts = ["w_year", "week", "w_day", "y_day", "short_day", "long_month", "short_year", "i_day", "x"];
        let parts: Vec<Option<String>> = parts.iter().map(|name| part(at, name)).collect();
        let expect = ["2025", "01", "1", "365", "Mon", "December", "24", "30"].map(|text| Some(text.to_owned()));
        assert_eq!(parts[..8], expect);
    }

    proptest::proptest! {
        #[test]
        fn any_string_goes_through(text in "\\PC{0,40}|[0-9 :TZ+.,/a-zA-Z-]{0,40}") {
            let _ = Moment::parse(&text).map(Moment::utc);
        }
    }
}
