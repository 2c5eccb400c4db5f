//! Which of what is wanted is the same? It is fetched once; two that differ in what they may reach are fetched one after
//! the other, since what is kept of a URL is kept once.

use std::collections::HashMap;

use url::Url;

use super::fetcher::Want;

/// What is to be fetched, each only once.
pub(super) struct Once {
    /// For each of what is wanted, the place of the first that is the same.
    pub(super) first_of: Vec<usize>,
    /// Places of those that are fetched, no URL twice in a round.
    pub(super) rounds: Vec<Vec<usize>>,
}

/// Tells what is wanted twice.
pub(super) fn once(wants: &[Want]) -> Once {
    let mut known: HashMap<&Url, Vec<usize>> = HashMap::new();
    let mut once = Once { first_of: Vec::new(), rounds: Vec::new() };
    for (at, want) in wants.iter().enumerate() {
        let of_url = known.entry(&want.url).or_default();
        let same = of_url.iter().copied().find(|&before| wants[before] == *want);
        if same.is_none() {
            if once.rounds.len() == of_url.len() {
                once.rounds.push(Vec::new());
            }
            once.rounds[of_url.len()].push(at);
            of_url.push(at);
        }
        once.first_of.push(same.unwrap_or(at));
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Freshness, Guard};

    fn check(wants: &[(&str, usize)], first_of: &[usize], rounds: &[&[usize]]) {
        let want = |(path, bytes_max): &(&str, usize)| Want {
            url: Url::parse(&format!("https://blog.example/{path}")).unwrap(),
            guard: Guard::default(),
            bytes_max: *bytes_max,
            freshness: Freshness::Ask,
        };
        let once = once(&wants.iter().map(want).collect::<Vec<_>>());
        assert_eq!(once.first_of, first_of);
        assert_eq!(once.rounds, rounds);
    }

    #[test]
    fn what_is_the_same_is_fetched_once_and_what_is_not_in_turn() {
        check(&[], &[], &[]);
        check(&[("a", 1), ("b", 1), ("a", 1)], &[0, 1, 0], &[&[0, 1]]);
        check(&[("a", 1), ("a", 2), ("b", 1), ("a", 2), ("a", 3)], &[0, 1, 2, 1, 4], &[&[0, 2], &[1], &[4]]);
    }
}
