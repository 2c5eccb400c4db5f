//! When is a source left alone? After some failures in a row for an hour, then for twice as long each time, a week at most.
//!
//! A try is counted before it begins and taken back when it ended well, so that one that ends the whole process counts.

use std::time::Duration;

use super::kept::Note;

/// The first time.
const ALONE_FIRST: Duration = Duration::from_secs(3_600);
/// The longest time.
const ALONE_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Whether a source that failed too often is tried all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patience {
    /// It is left alone for its time.
    #[default]
    LeaveAlone,
    /// It is tried at once.
    Retry,
}

/// Returns until when a source is left alone, in seconds since 1970; `None` if it is not, or not any more.
#[must_use]
pub fn left_alone_until(note: &Note, failures_max: u32, now: u64) -> Option<u64> {
    let beyond = note.failures.checked_sub(failures_max.max(1))?;
    let alone = ALONE_FIRST.saturating_mul(2_u32.saturating_pow(beyond)).min(ALONE_MAX);
    // A clock that was set back must not keep a source away for years.
    let until = note.tried_at.min(now).saturating_add(alone.as_secs());
    (until > now).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failures: u32, tried_at: u64, now: u64, expect: Option<u64>) {
        let note = Note { failures, tried_at, ..Note::default() };
        assert_eq!(left_alone_until(&note, 3, now), expect, "{failures} failures");
    }

    #[test]
    fn the_time_doubles_up_to_a_week() {
        check(2, 1_000_000, 1_000_000, None);
        check(3, 1_000_000, 1_000_000, Some(1_003_600));
        check(3, 1_000_000, 1_003_600, None);
        check(4, 1_000_000, 1_003_600, Some(1_007_200));
        check(10, 1_000_000, 1_000_000, Some(1_460_800));
        check(11, 1_000_000, 1_000_000, Some(1_604_800));
        check(u32::MAX, 1_000_000, 1_000_000, Some(1_604_800));
        check(3, 9_000_000, 1_000_000, Some(1_003_600));
    }
}
