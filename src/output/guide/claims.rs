//! What can be said of a source? Sentences with the figures that they follow from.

use crate::corpus::Corpus;
use crate::output::topics::{TopicsView, percent, posts, share};
use crate::recommender::{Figures, SharedTopic, Versus};

/// Topics that are named in one sentence.
const TOPICS_NAMED: usize = 3;
/// A post that takes more minutes is long.
const LONG_MINUTES: u32 = 15;
/// From this share of posts on, announcements are told to who does not care for them.
const MANY_EVENTS: f64 = 0.25;
/// Below this share of posts, introductions are few.
const FEW_INTRODUCTIONS: f64 = 0.03;
/// Titles of introductions that are worth telling, and posts of a year that are something new every month.
const INTRODUCTIONS_MIN: usize = 3;
const POSTS_A_YEAR_MIN: usize = 12;
/// Fewer posts than this of the last year, as a share of all, are little new.
const LITTLE_NEW: f64 = 0.05;
/// Shares of two sources that differ by less are alike.
const DIFFERS: f64 = 0.05;

pub(super) fn about(figures: &Figures, topics: &TopicsView) -> Vec<String> {
    let dates = figures.dates.map_or_else(String::new, |(oldest, newest)| format!(", from {oldest} to {newest}"));
    let mut said = vec![format!("{}{dates}.", posts(figures.posts))];
    if !figures.minutes.is_empty() {
        said.push(format!("{} minutes of reading in all.", figures.minutes.iter().sum::<u32>()));
    }
    let named: Vec<String> = topics
        .topics
        .iter()
        .take(TOPICS_NAMED)
        .map(|topic| format!("{} ({})", quoted(&topic.name), percent(topic.share)))
        .collect();
    if !named.is_empty() {
        said.push(format!("Most of all about {}.", and(&named)));
    }
    said
}

pub(super) fn read_it_when(figures: &Figures, topics: &TopicsView, corpus: &Corpus) -> Vec<String> {
    let mut said = Vec::new();
    let first: Vec<_> = topics.topics.iter().take(TOPICS_NAMED).collect();
    if !first.is_empty() {
        let names: Vec<String> = first.iter().map(|topic| quoted(&topic.name)).collect();
        let all = first.iter().map(|topic| topic.posts).sum();
        let (share, of) = (percent(share(all, topics.posts)), posts(topics.posts));
        said.push(format!("you want to know about {}: {share} of {of} are about these", or(&names)));
    }
    if let (Some(low), Some(median), Some(high)) =
        (figures.minutes_at(0.25), figures.minutes_at(0.5), figures.minutes_at(0.75))
    {
        let span = if low == high { minutes(low) } else { format!("{low} to {}", minutes(high)) };
        said.push(format!(
            "you have {span}: the middle half of its posts takes that long, and half of all at most {median}"
        ));
    }
    if figures.introductions.len() >= INTRODUCTIONS_MIN && !is_few(figures) {
        said.push(format!(
            "you are new to it: {} of {} titles promise an introduction, such as {}",
            figures.introductions.len(),
            figures.posts,
            title(&figures.introductions, corpus)
        ));
    }
    if let Some((_, newest)) = figures.dates.filter(|_| figures.last_year >= POSTS_A_YEAR_MIN) {
        said.push(format!("you want something new often: {} in the year up to {newest}", posts(figures.last_year)));
    }
    said
}

pub(super) fn skip_it_if(figures: &Figures, topics: &TopicsView, corpus: &Corpus) -> Vec<String> {
    let mut said = Vec::new();
    let (all, events) = (figures.posts, figures.events.len());
    if events as f64 >= MANY_EVENTS * all as f64 && events > 0 {
        let example = title(&figures.events, corpus);
        said.push(format!("you do not care for announcements: {events} of {all} titles are some, such as {example}"));
    }
    if is_few(figures) {
        let few = figures.introductions.len();
        said.push(format!("you look for introductions: {few} of {all} titles promise one"));
    }
    let long = figures.minutes.iter().filter(|minutes| **minutes > LONG_MINUTES).count();
    let known = figures.minutes.len();
    if known > 0 && 10 * long < known {
        said.push(format!("you want long reads: posts of more than {LONG_MINUTES} minutes are {long} of {known}"));
    } else if known > 0 && 5 * long > 2 * known {
        said.push(format!("you have little time: {long} of {known} posts take more than {LONG_MINUTES} minutes"));
    }
    if let Some((_, newest)) = figures.dates.filter(|_| (figures.last_year as f64) < LITTLE_NEW * figures.dated as f64)
    {
        let of = posts(figures.dated);
        said.push(format!(
            "you want what is new: {} of {of} are of the year up to {newest}, its newest",
            figures.last_year
        ));
    }
    if let Some(last) = topics.topics.last().filter(|_| topics.topics.len() > TOPICS_NAMED) {
        let share = percent(last.share);
        said.push(format!("you come for {} alone: {share} of its posts are about that", quoted(&last.name)));
    }
    said
}

/// Says in which topics, lengths and paces two sources differ.
pub(super) fn differences(own: &Figures, versus: &Versus) -> Vec<String> {
    let shares = |topic: &SharedTopic| (share(topic.own, versus.posts.0), share(topic.other, versus.posts.1));
    let mut said = Vec::new();
    for (word, sign) in [("more", 1.0), ("less", -1.0)] {
        let mut topics: Vec<(f64, &SharedTopic)> = versus
            .topics
            .iter()
            .map(|topic| (sign * (shares(topic).0 - shares(topic).1), topic))
            .filter(|(difference, _)| *difference >= DIFFERS)
            .collect();
        topics.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        let told: Vec<String> = topics
            .iter()
            .take(TOPICS_NAMED)
            .map(|(_, topic)| {
                let (own, other) = shares(topic);
                format!("{} ({} of its posts, {} of the other's)", quoted(&topic.name), percent(own), percent(other))
            })
            .collect();
        if !told.is_empty() {
            said.push(format!("{word} about {}", and(&told)));
        }
    }
    if let (Some(own), Some(other)) = (own.minutes_at(0.5), versus.figures.minutes_at(0.5)) {
        let word = if own > other {
            "longer"
        } else if own < other {
            "shorter"
        } else {
            "as long"
        };
        said.push(format!("{word}: half of its posts take at most {}, half of the other's {other}", minutes(own)));
    }
    if let (Some(a), Some(b)) = (own.posts_a_year(), versus.figures.posts_a_year()) {
        let word = if a > b { "more often" } else { "less often" };
        said.push(format!("{word}: {a:.0} posts a year, the other {b:.0}"));
    }
    if let (Some((_, own)), Some((_, other))) = (own.dates, versus.figures.dates) {
        said.push(format!("its newest post is of {own}, the other's of {other}"));
    }
    said
}

fn is_few(figures: &Figures) -> bool {
    figures.posts >= 20 && (figures.introductions.len() as f64) < FEW_INTRODUCTIONS * figures.posts as f64
}

fn minutes(minutes: u32) -> String {
    if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") }
}

fn quoted(words: &str) -> String {
    format!("\u{201c}{words}\u{201d}")
}

/// The newest of some posts stands for them.
fn title(positions: &[usize], corpus: &Corpus) -> String {
    let newest = positions.iter().max_by_key(|&&position| (corpus.post(position).date, std::cmp::Reverse(position)));
    newest.map_or_else(String::new, |&position| quoted(&corpus.post(position).title))
}

fn and(words: &[String]) -> String {
    joined(words, "and")
}

fn or(words: &[String]) -> String {
    joined(words, "or")
}

fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., end] => format!("{} {last} {end}", many.join(", ")),
    }
}
