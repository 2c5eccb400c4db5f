//! How is a number said? The same way in every form of a report.

use crate::eval::comparison::{Contrast, Outcome, Pair};
use crate::eval::significance::Interval;

/// What stands for a number that there is not.
pub(super) const NONE: &str = "\u{2013}";

/// A mean, such as `0.3521`.
pub(super) fn mean(interval: Option<Interval>) -> String {
    interval.map_or_else(|| NONE.to_owned(), |interval| format!("{:.4}", interval.mean))
}

/// A mean with its interval, such as `0.3521 ±0.031`.
pub(super) fn mean_with_interval(interval: Option<Interval>) -> String {
    let half = interval.and_then(|interval| interval.half_width);
    half.map_or_else(|| mean(interval), |half| format!("{} \u{b1}{half:.3}", mean(interval)))
}

/// A difference with its interval, such as `+0.031 ±0.012`.
pub(super) fn difference(interval: Option<Interval>) -> String {
    let Some(interval) = interval else { return NONE.to_owned() };
    let signed = crate::eval::comparison::signed(interval.mean);
    interval.half_width.map_or_else(|| signed.clone(), |half| format!("{signed} \u{b1}{half:.3}"))
}

/// A p value, such as `0.012` or `<0.001`.
pub(super) fn p(p: Option<f64>) -> String {
    match p {
        None => NONE.to_owned(),
        Some(p) if p < 0.001 => "<0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

/// Wins, ties and losses, such as `120/83/120`.
pub(super) fn wins(contrast: &Contrast) -> String {
    format!("{}/{}/{}", contrast.wins, contrast.ties, contrast.losses)
}

/// A pair as a subtraction.
pub(super) fn pair(pair: &Pair) -> String {
    format!("{} \u{2212} {}", pair.system, pair.against)
}

/// Tells whether a system has the highest mean; all that are equal to it as printed have.
pub(super) fn is_best(outcome: &Outcome, system: usize, measure: usize) -> bool {
    let own = mean(outcome.means[system].intervals[measure]);
    own != NONE && outcome.means.iter().all(|other| mean(other.intervals[measure]) <= own)
}

/// `1 query`, `2 queries`.
pub(super) fn queries(count: usize) -> String {
    if count == 1 { "1 query".to_owned() } else { format!("{count} queries") }
}

/// One line of a text, cut at `letters`; without control characters, which a terminal would obey.
pub(super) fn short(text: &str, letters: usize) -> String {
    let is_space = |letter: char| letter.is_whitespace() || letter.is_control();
    let line = text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(letters) {
        Some((end, _)) => format!("{}\u{2026}", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, letters: usize, expect: &str) {
        assert_eq!(short(text, letters), expect);
    }

    #[test]
    fn texts_are_cut_between_letters_and_command_no_terminal() {
        check("a\n b\u{1b}[31m c", 20, "a b [31m c");
        check("\u{e4}\u{f6}\u{fc}", 2, "\u{e4}\u{f6}\u{2026}");
        check("\u{e4}\u{f6}", 2, "\u{e4}\u{f6}");
    }

    #[test]
    fn numbers_that_are_not_there_are_a_dash() {
        assert_eq!((mean_with_interval(None), difference(None), p(None)), (NONE.into(), NONE.into(), NONE.into()));
        let single = Some(Interval { mean: -0.25, half_width: None });
        assert_eq!(difference(single), "\u{2212}0.250");
        assert_eq!((p(Some(0.0004)), p(Some(0.05))), ("<0.001".to_owned(), "0.050".to_owned()));
    }
}
