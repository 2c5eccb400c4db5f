//! How is a number of things said?

/// Says how many there are: `1 post`, `2 posts`.
pub(super) fn many(count: usize, noun: &str) -> String {
    let plural = match (count, noun.strip_suffix("query")) {
        (1, _) => noun.to_owned(),
        (_, Some(head)) => format!("{head}queries"),
        (_, None) => format!("{noun}s"),
    };
    format!("{count} {plural}")
}

/// Says what holds for how many: `1 is`, `2 are`.
pub(super) fn are(count: usize) -> String {
    format!("{count} {}", if count == 1 { "is" } else { "are" })
}
