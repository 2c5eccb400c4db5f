//! Which words count? Months and numbers that English texts write out.

/// Months, the first one first.
pub(crate) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Numbers, each at its place: from zero on.
pub(crate) const NUMBERS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// Tells whether a word is a month in lower case, whole or by its first letters: three, of September also four.
pub(crate) fn is_month(word: &str) -> bool {
    word == "sept" || MONTHS.iter().any(|month| word == *month || word == &month[..3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_whole_or_cut_to_three_letters() {
        assert!(["march", "mar", "may", "sep", "sept", "december"].into_iter().all(is_month));
        assert!(!["", "ma", "marc", "octo", "March"].into_iter().any(is_month));
    }
}
