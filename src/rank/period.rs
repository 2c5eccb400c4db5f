//! From when to when? Weeks and other spans of days.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::post::PostDate;

/// Whole days, first and last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: PostDate,
    /// The last day, not before the first.
    pub to: PostDate,
}

/// Says why words name no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// No week of the calendar.
    #[error("\"{0}\" is no week; give one as 2026-W10")]
    Week(String),
    /// No day of the calendar.
    #[error("\"{0}\" is no day; give one as 2026-03-02")]
    Day(String),
    /// The end comes first.
    #[error("the period ends on {to}, before it begins on {from}; exchange the two")]
    Backwards {
        /// The first day.
        from: PostDate,
        /// The last day.
        to: PostDate,
    },
}

impl Period {
    /// Reads a week of ISO 8601, such as `2026-W10`: from Monday to Sunday, the first one that of the first Thursday.
    ///
    /// # Errors
    /// There is no such week.
    pub fn week(text: &str) -> Result<Period, PeriodError> {
        let wrong = || PeriodError::Week(text.to_owned());
        let (year, week) = text.trim().split_once(['-', ' ']).ok_or_else(wrong)?;
        let week = week.strip_prefix(['W', 'w']).ok_or_else(wrong)?;
        let (year, week) = (year.parse().map_err(|_| wrong())?, week.parse().map_err(|_| wrong())?);
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon).ok_or_else(wrong)?;
        Period::from_monday(monday).ok_or_else(wrong)
    }

    /// Returns the week of a day; `None` for a date that is no day.
    #[must_use]
    pub fn week_of(date: PostDate) -> Option<Period> {
        let day = day_of(date)?;
        Period::from_monday(day - chrono::Days::new(u64::from(day.weekday().num_days_from_monday())))
    }

    /// Reads the first and the last day.
    ///
    /// # Errors
    /// One of them is no day, or the last one comes before the first.
    pub fn days(from: &str, to: &str) -> Result<Period, PeriodError> {
        let read = |text: &str| {
            let date = PostDate::parse(text).filter(|date| day_of(*date).is_some());
            date.ok_or_else(|| PeriodError::Day(text.to_owned()))
        };
        let (from, to) = (read(from)?, read(to)?);
        if to < from { Err(PeriodError::Backwards { from, to }) } else { Ok(Period { from, to }) }
    }

    fn from_monday(monday: NaiveDate) -> Option<Period> {
        let date = |day: NaiveDate| PostDate::new(day.year(), Some(day.month()), Some(day.day()));
        Some(Period { from: date(monday)?, to: date(monday.checked_add_days(chrono::Days::new(6))?)? })
    }

    /// Tells whether a date is known to lie in the period: one that is no day is not.
    #[must_use]
    pub fn has(self, date: PostDate) -> bool {
        day_of(date).is_some() && self.from <= date && date <= self.to
    }

    /// Returns the name of the week, such as `2026-W10`, where the period is one.
    #[must_use]
    pub fn name(self) -> Option<String> {
        let week = Period::week_of(self.from).filter(|week| *week == self)?;
        let iso = day_of(week.from)?.iso_week();
        Some(format!("{:04}-W{:02}", iso.year(), iso.week()))
    }
}

fn day_of(date: PostDate) -> Option<NaiveDate> {
    let (year, month, day) = date.parts();
    NaiveDate::from_ymd_opt(i32::from(year), u32::from(month?), u32::from(day?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> PostDate {
        PostDate::parse(text).unwrap()
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        let check = |name: &str, from: &str, to: &str| {
            let week = Period::week(name).unwrap();
            assert_eq!((week.from, week.to, week.name().unwrap().as_str()), (date(from), date(to), name));
            assert_eq!(Period::week_of(date(to)), Some(week));
        };
        check("2026-W10", "2026-03-02", "2026-03-08");
        check("2026-W01", "2025-12-29", "2026-01-04");
        check("2020-W53", "2020-12-28", "2021-01-03");
        for text in ["2026-W54", "2026-W00", "2026-10", "W10", "", "2021-W53"] {
            assert!(Period::week(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_days_lie_in_a_period() {
        let period = Period::days("2026-03-02", "2026-03-31").unwrap();
        assert!(period.has(date("2026-03-31")) && !period.has(date("2026-04-01")) && !period.has(date("2026-03")));
        assert_eq!((period.name(), Period::week_of(date("2026"))), (None, None));
        assert!(Period::days("2026-03-02", "2026-03-01").is_err() && Period::days("2026-03", "2026-04-01").is_err());
    }
}
