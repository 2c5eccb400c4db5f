//! Where to begin with a whole source? A few posts that are near to all the others.

use super::{Budget, Map, Unit};
use crate::rank::lasting::{Event, events};
use crate::similarity::dot;

/// Of larger sources, this many posts are looked at, evenly taken from all.
pub const TOUR_POSTS_MAX: usize = 2_000;

/// What a post that announces an event counts when stops are chosen by the posts near to them; others count 1.
const EVENT: f32 = 0.5;

/// A stop of a tour and the posts that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// The stop: one post, the first part where it is part of a series.
    pub unit: Unit,
    /// How many of the posts that were looked at are nearer to this stop than to any other, itself included.
    pub stands_for: usize,
    /// The mean similarity of those posts to the stop.
    pub similarity: f32,
}

/// Chooses central posts within `budget`, the most central one first: each time the one that brings most of the posts
/// nearer to a stop, by the sum of what their nearest stop is nearer (facility location, in the greedy way whose bound is
/// that of Nemhauser, Wolsey and Fisher, Mathematical Programming 14, 1978). A post that
/// announces an event is no stop where there are others enough, and counts half as one of the posts to be near to.
///
/// `among` are positions, ascending; of more than [`TOUR_POSTS_MAX`], that many are looked at.
#[must_use]
pub fn tour(among: &[usize], map: &Map<'_>, budget: &Budget) -> Vec<Stop> {
    let posts = looked_at(among);
    let mut nearest = vec![0.0f32; posts.len()];
    let mut open: Vec<usize> = posts.iter().map(|&post| first_part(post, among, map)).collect();
    open.sort_unstable();
    open.dedup();
    let mut stops: Vec<usize> = Vec::new();
    if let Some(lasting) = lasting(&open, map, budget) {
        open = lasting;
    }
    let counts: Vec<f32> =
        are_events(&posts, map).into_iter().map(|is_event| if is_event { EVENT } else { 1.0 }).collect();
    let mut minutes_left = budget.minutes.unwrap_or(u32::MAX);
    while stops.len() < budget.steps {
        open.retain(|&post| map.minutes(post, budget) <= minutes_left);
        let gain = |post: usize| -> f32 {
            let others = posts.iter().zip(&nearest).zip(&counts);
            others.map(|((&other, best), count)| count * (map.similarity(post, other) - best).max(0.0)).sum()
        };
        let mut best: Option<(f32, usize)> = None;
        for &post in &open {
            let gain = gain(post);
            if gain > best.map_or(0.0, |(most, _)| most) {
                best = Some((gain, post));
            }
        }
        let Some((_, stop)) = best else { break };
        for (&post, nearest) in posts.iter().zip(&mut nearest) {
            *nearest = nearest.max(map.similarity(stop, post));
        }
        minutes_left -= map.minutes(stop, budget);
        open.retain(|&post| post != stop);
        stops.push(stop);
    }
    with_their_posts(&stops, &posts, map)
}

/// Returns how many of the posts that a tour looks at are no stops, because they announce an event and there are others
/// enough.
#[must_use]
pub fn events_left_out(among: &[usize], map: &Map<'_>, budget: &Budget) -> usize {
    let posts = looked_at(among);
    lasting(&posts, map, budget).map_or(0, |lasting| posts.len() - lasting.len())
}

/// Returns the posts that announce no event, where they are enough for all steps.
fn lasting(posts: &[usize], map: &Map<'_>, budget: &Budget) -> Option<Vec<usize>> {
    let are_events = are_events(posts, map);
    let lasting: Vec<usize> =
        posts.iter().copied().zip(are_events).filter(|(_, is)| !is).map(|(post, _)| post).collect();
    (lasting.len() >= budget.steps).then_some(lasting)
}

fn are_events(posts: &[usize], map: &Map<'_>) -> Vec<bool> {
    let found = events(posts.iter().map(|&post| map.corpus.post(post).title.as_str()));
    let holds =
        |(event, &post): (Option<Event>, &usize)| event.is_some_and(|event| event.holds(map.places[post].as_ref()));
    found.into_iter().zip(posts).map(holds).collect()
}

/// Returns the posts that are looked at.
fn looked_at(among: &[usize]) -> Vec<usize> {
    let count = among.len().min(TOUR_POSTS_MAX);
    (0..count).map(|index| among[index * among.len() / count]).collect()
}

fn first_part(post: usize, among: &[usize], map: &Map<'_>) -> usize {
    let Some(place) = &map.places[post] else { return post };
    let part = |other: usize| map.places[other].as_ref().filter(|other| other.series == place.series);
    let parts = among.iter().filter_map(|&other| Some((part(other)?.part, other)));
    parts.min().map_or(post, |(_, first)| first)
}

fn with_their_posts(stops: &[usize], posts: &[usize], map: &Map<'_>) -> Vec<Stop> {
    let mut counts = vec![(0usize, 0.0f32); stops.len()];
    for &post in posts {
        let similarity = |stop: usize| dot(map.embeddings.row(stops[stop]), map.embeddings.row(post));
        let nearest =
            (0..stops.len()).reduce(|best, stop| if similarity(stop) > similarity(best) { stop } else { best });
        if let Some(stop) = nearest {
            counts[stop] = (counts[stop].0 + 1, counts[stop].1 + similarity(stop));
        }
    }
    let stop = |(&post, (count, sum)): (&usize, (usize, f32))| Stop {
        unit: Unit { positions: vec![post] },
        stands_for: count,
        similarity: sum / count.max(1) as f32,
    };
    stops.iter().zip(counts).map(stop).collect()
}
