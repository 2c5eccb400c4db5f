//! Which of the posts that tell one story stands for it?

use std::cmp::{Ordering, Reverse};

use super::facts::{Facts, Home};

/// What puts one post before another that tells the same story: the first of these that tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precedence {
    /// Its address is that of its own source; the other's is none, or that of another site.
    OwnAddress,
    /// It has its body; of the other only the summary is known.
    WholeText,
    /// It is older.
    Older,
    /// It has more words.
    Longer,
    /// Nothing but its id, which comes first.
    Id,
}

/// Orders posts by how well they stand for a story, the best first; never equal for different posts.
pub(super) fn order(facts: &Facts<'_>, a: usize, b: usize) -> Ordering {
    ranks(facts, a).cmp(&ranks(facts, b))
}

/// Says why `first` comes before `second`.
pub(super) fn precedence(facts: &Facts<'_>, first: usize, second: usize) -> Precedence {
    let (a, b) = (ranks(facts, first), ranks(facts, second));
    if a.0 != b.0 {
        Precedence::OwnAddress
    } else if a.1 != b.1 {
        Precedence::WholeText
    } else if a.2 != b.2 {
        Precedence::Older
    } else if a.3 != b.3 {
        Precedence::Longer
    } else {
        Precedence::Id
    }
}

type Ranks<'a> = (Reverse<Home>, Reverse<bool>, (bool, i64), Reverse<u32>, &'a str);

fn ranks<'a>(facts: &'a Facts<'_>, position: usize) -> Ranks<'a> {
    let post = &facts.posts[position];
    let has_body = post.minutes.is_some() || post.text.is_some();
    // One without a date comes after all that have one.
    let age = (post.date.is_none(), post.date.map_or(0, |date| date.days()));
    (Reverse(facts.home(position)), Reverse(has_body), age, Reverse(facts.terms[position].words), post.id.as_str())
}
