//! Which links stay from one build to the next? Those that were shown, unless a new one is better by a margin.

use super::mmr::{Candidate, NEAR_EQUAL};

/// How much a list may change between two builds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stability {
    /// A new link takes the place of an old one whose score it exceeds by this share of it. Default 0.1.
    pub margin: f32,
    /// The most new links of one list in one build; a list that was not there before is not bound. Default any number.
    pub changes_max: usize,
}

impl Default for Stability {
    /// The same tenth within which the choice of different posts takes scores for near-equal ([`super::mmr::mmr`]).
    fn default() -> Stability {
        Stability { margin: NEAR_EQUAL, changes_max: usize::MAX }
    }
}

/// Why a link is new.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gain {
    /// There was no list before.
    First,
    /// There was room.
    Room,
    /// It took the place of the link to the post at this position.
    Replaces(usize),
    /// Nothing else leads to it.
    Orphan,
    /// Its author pinned it.
    Pinned,
}

/// What decides beside scores.
#[derive(Clone, Copy)]
pub struct Preferences<'a> {
    /// Tells whether a link may stand beside others.
    pub may_follow: &'a dyn Fn(&[Candidate], Candidate) -> bool,
    /// Tells which posts are preferred to those that are nearly as good: one needs no margin over another that is not.
    pub favored: &'a dyn Fn(usize) -> bool,
}

/// A list of today, and what it differs in from that of before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settled {
    /// In the order in which they are shown; `None` for those that stayed.
    pub links: Vec<(Candidate, Option<Gain>)>,
    /// Old links that gave way to a better one, and that one.
    pub replaced: Vec<(Candidate, Candidate)>,
    /// Old links for which there is no place: fewer are wanted now, or more of their kind than are wanted.
    pub crowded_out: Vec<Candidate>,
    /// Links of today's choice that are better than one that stays, but not by the margin.
    pub within_margin: usize,
    /// Links of today's choice for which the number of changes left no place.
    pub over_changes: usize,
}

/// Settles what is shown: `before` are the old links that may still be shown, in their order and with their scores of
/// today, `today` the links that would be chosen without them, best first.
///
/// Old links keep their order; new ones come before the first that scores less.
#[must_use]
pub fn settle(
    before: &[Candidate],
    today: &[Candidate],
    limit: usize,
    stability: &Stability,
    preferences: &Preferences<'_>,
) -> Settled {
    let Preferences { may_follow, favored } = *preferences;
    let mut settled = Settled::default();
    let mut links = keep(before, limit, preferences, &mut settled);
    let mut changes = 0;
    for &new in today.iter().filter(|new| before.iter().all(|old| old.position != new.position)) {
        let shown: Vec<Candidate> = links.iter().map(|(link, _)| *link).collect();
        let has_room = shown.len() < limit && may_follow(&shown, new);
        let gives_way = if has_room { None } else { weakest(&links, new, preferences) };
        let Some(gain) = (match (has_room, gives_way) {
            (true, _) => Some(Gain::Room),
            (false, Some(at)) => {
                let old = links[at].0;
                let is_preferred = favored(new.position) && !favored(old.position);
                let margin = if is_preferred { 0.0 } else { stability.margin };
                let (worth, least) = (new.worth(favored), old.worth(favored));
                let is_better = worth > least + margin * least.abs();
                settled.within_margin += usize::from(!is_better && new.score > old.score);
                is_better.then_some(Gain::Replaces(old.position))
            }
            (false, None) => None,
        }) else {
            continue;
        };
        if changes == stability.changes_max {
            settled.over_changes += 1;
            continue;
        }
        changes += 1;
        if let Some(at) = gives_way {
            settled.replaced.push((links.remove(at).0, new));
        }
        let at = links.iter().position(|(link, _)| link.score < new.score).unwrap_or(links.len());
        links.insert(at, (new, Some(gain)));
    }
    settled.links = links;
    settled
}

type Links = Vec<(Candidate, Option<Gain>)>;

/// Keeps the best old links for which there is room, in their order.
fn keep(before: &[Candidate], limit: usize, preferences: &Preferences<'_>, settled: &mut Settled) -> Links {
    let Preferences { may_follow, favored } = *preferences;
    let mut best: Vec<Candidate> = before.to_vec();
    best.sort_unstable_by(|a, b| b.worth(favored).total_cmp(&a.worth(favored)).then(a.position.cmp(&b.position)));
    let mut kept: Vec<Candidate> = Vec::new();
    for link in best {
        if kept.len() < limit && may_follow(&kept, link) {
            kept.push(link);
        } else {
            settled.crowded_out.push(link);
        }
    }
    before.iter().filter(|link| kept.contains(link)).map(|&link| (link, None)).collect()
}

/// Finds the weakest old link in whose place `new` may stand; of equal ones the last.
fn weakest(links: &Links, new: Candidate, preferences: &Preferences<'_>) -> Option<usize> {
    let Preferences { may_follow, favored } = *preferences;
    let without = |at: usize| -> Vec<Candidate> {
        links.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, (link, _))| *link).collect()
    };
    let old = (0..links.len()).rev().filter(|&at| links[at].1.is_none() && may_follow(&without(at), new));
    old.min_by(|&a, &b| links[a].0.worth(favored).total_cmp(&links[b].0.worth(favored)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Preferences<'_> = Preferences { may_follow: &|_, _| true, favored: &|_| false };

    fn candidates(scores: &[(usize, f32)]) -> Vec<Candidate> {
        scores.iter().map(|&(position, score)| Candidate { position, score }).collect()
    }

    fn check(before: &[(usize, f32)], today: &[(usize, f32)], changes_max: usize, expect: &[usize]) -> Settled {
        let stability = Stability { margin: 0.1, changes_max };
        let settled = settle(&candidates(before), &candidates(today), 3, &stability, &ANY);
        let shown: Vec<usize> = settled.links.iter().map(|(link, _)| link.position).collect();
        assert_eq!(shown, expect, "{before:?} {today:?}");
        settled
    }

    #[test]
    fn what_was_shown_stays_within_the_margin() {
        let before = [(1, 0.5), (2, 0.6), (3, 0.4)];
        let settled = check(&before, &[(2, 0.6), (1, 0.5), (4, 0.43)], 9, &[1, 2, 3]);
        assert_eq!((settled.within_margin, settled.links[0].1), (1, None));
        let settled = check(&before, &[(2, 0.6), (4, 0.55), (1, 0.5)], 9, &[4, 1, 2]);
        assert_eq!(settled.links[0].1, Some(Gain::Replaces(3)));
        assert_eq!(settled.replaced[0].0.position, 3);
        check(&before, &[], 9, &[1, 2, 3]);
        check(&[], &[(2, 0.6), (1, 0.5)], 9, &[2, 1]);
    }

    #[test]
    fn changes_are_bounded_and_counted() {
        let settled = check(&[(1, 0.5)], &[(4, 0.9), (5, 0.8), (1, 0.5)], 1, &[4, 1]);
        assert_eq!((settled.over_changes, settled.links[0].1), (1, Some(Gain::Room)));
        check(&[(1, 0.1), (2, 0.1), (3, 0.1)], &[(4, 0.9), (5, 0.8), (6, 0.7)], 0, &[1, 2, 3]);
    }

    #[test]
    fn a_shorter_list_keeps_the_best() {
        let settled = check(&[(1, 0.1), (2, 0.4), (3, 0.3), (4, 0.2)], &[], 9, &[2, 3, 4]);
        assert_eq!(settled.crowded_out[0].position, 1);
    }

    #[test]
    fn kinds_that_are_full_stay_full() {
        let even = |shown: &[Candidate], new: Candidate| {
            new.position % 2 == 1 || shown.iter().all(|link| link.position % 2 == 1)
        };
        let (before, today) = (candidates(&[(2, 0.3), (3, 0.2)]), candidates(&[(4, 0.5), (1, 0.1)]));
        let settled = settle(&before, &today, 3, &Stability::default(), &Preferences { may_follow: &even, ..ANY });
        let shown: Vec<usize> = settled.links.iter().map(|(link, _)| link.position).collect();
        assert_eq!(shown, [4, 3, 1], "the other even one gives way, not the weaker odd one");
    }

    #[test]
    fn what_is_favored_needs_no_margin_and_stays() {
        let favors = Preferences { favored: &|position| position == 9, ..ANY };
        let settled = |before: &[(usize, f32)], today: &[(usize, f32)]| -> Vec<usize> {
            let settled = settle(&candidates(before), &candidates(today), 2, &Stability::default(), &favors);
            settled.links.iter().map(|(link, _)| link.position).collect()
        };
        assert_eq!(settled(&[(1, 0.5), (2, 0.4)], &[(1, 0.5), (9, 0.38)]), [1, 9]);
        assert_eq!(settled(&[(1, 0.5), (2, 0.4)], &[(1, 0.5), (9, 0.36)]), [1, 2], "worse by more than a tenth");
        assert_eq!(settled(&[(1, 0.5), (9, 0.4)], &[(1, 0.5), (2, 0.47)]), [1, 9]);
        assert_eq!(settled(&[(1, 0.5), (9, 0.4)], &[(1, 0.5), (2, 0.49)]), [1, 2]);
    }

    #[test]
    fn settling_again_changes_nothing() {
        let today = candidates(&[(4, 0.9), (5, 0.8), (1, 0.5)]);
        let first = settle(&candidates(&[(1, 0.5), (2, 0.1), (3, 0.3)]), &today, 3, &Stability::default(), &ANY);
        let shown: Vec<Candidate> = first.links.iter().map(|(link, _)| *link).collect();
        let again = settle(&shown, &today, 3, &Stability::default(), &ANY);
        assert_eq!(again.links.iter().map(|(link, _)| *link).collect::<Vec<_>>(), shown);
        assert!(again.links.iter().all(|(_, gain)| gain.is_none()));
    }
}
