//! How is a reason said? One short line a reason, for readers.

use super::relation::relation_words;
use super::story::copy_words;
use super::view::{Item, ReasonView};

/// Says a reason in one line; `None` where there is nothing to say beyond the place in the list.
#[must_use]
pub fn reason_words(reason: &ReasonView) -> Option<String> {
    Some(match reason {
        ReasonView::Series { name, from, to } if from.checked_add(1) == Some(*to) => {
            format!("next part ({to}) of \u{201c}{name}\u{201d}")
        }
        ReasonView::Series { name, from, to } => {
            format!("part {to} of \u{201c}{name}\u{201d}, whose part {from} this is")
        }
        ReasonView::Tags { tags } => format!("both tagged {}", tags.join(", ")),
        ReasonView::Phrases { phrases } => format!("both about {}", phrases.join("; ")),
        ReasonView::Sentences { query: Some(query), post, similarity } => {
            format!("\u{201c}{query}\u{201d} \u{2194} \u{201c}{post}\u{201d} (similarity {similarity:.2})")
        }
        ReasonView::Sentences { query: None, post, similarity } => {
            format!("\u{201c}{post}\u{201d} (similarity {similarity:.2})")
        }
        ReasonView::SaidByBoth { query, post, words } => {
            let (query, post) = (beginning(query), beginning(post));
            format!("\u{201c}{query}\u{201d} \u{2194} \u{201c}{post}\u{201d} (both: {})", words.join(", "))
        }
        ReasonView::Author { author } => format!("same author, {author}"),
        ReasonView::Newer { days } => age(*days),
        ReasonView::Links { by, sentence } => {
            let who = if *by == "query" { "that post links to it" } else { "links to that post" };
            with_sentence(who, sentence.as_deref())
        }
        ReasonView::Names { by, sentence } => {
            let who = if *by == "query" { "named by that post" } else { "names that post" };
            with_sentence(who, sentence.as_deref())
        }
        ReasonView::Longer { minutes } if *minutes < 0 => format!("{} min shorter", -minutes),
        ReasonView::Longer { minutes } => format!("{minutes} min longer"),
        ReasonView::BecauseRead { title, similarity, novelty, .. } => {
            format!("because you read \u{201c}{title}\u{201d} (similarity {similarity:.2}, novelty {novelty:.2})")
        }
        ReasonView::BecauseWished { name, similarity, novelty } => {
            format!("for \u{201c}{name}\u{201d} (similarity {similarity:.2}, novelty {novelty:.2})")
        }
        ReasonView::Central { stands_for, of } => {
            format!("near to many: the nearest of these for {stands_for} of {of} posts")
        }
        ReasonView::Section { tags, folder, source } => section_words(tags, folder.as_deref(), source.as_deref()),
        ReasonView::Step { why, from_previous } => return step_words(why, *from_previous),
        clue => return clue_words(clue),
    })
}

fn with_sentence(who: &str, sentence: Option<&str>) -> String {
    let said = sentence.map(|sentence| format!(": \u{201c}{}\u{201d}", beginning(sentence)));
    format!("{who}{}", said.unwrap_or_default())
}

/// Says what tells the place of a step in its path.
fn clue_words(clue: &ReasonView) -> Option<String> {
    Some(match clue {
        ReasonView::Title { place: "first", words } => {
            format!("an introduction, by its title (\u{201c}{words}\u{201d})")
        }
        ReasonView::Title { words, .. } => format!("for later, by its title (\u{201c}{words}\u{201d})"),
        ReasonView::Introduces { subject, used_by } => {
            let steps: Vec<String> = used_by.iter().map(|step| step.step.to_string()).collect();
            match steps.as_slice() {
                [one] => format!("introduces \u{201c}{subject}\u{201d}, which step {one} uses"),
                [many @ .., last] => {
                    format!("introduces \u{201c}{subject}\u{201d}, which steps {} and {last} use", many.join(", "))
                }
                [] => format!("introduces \u{201c}{subject}\u{201d}"),
            }
        }
        ReasonView::Uses { subject, of, sentence, looks_back } => {
            let verb = if *looks_back { "looks back on" } else { "speaks of" };
            let sentence = beginning(sentence);
            format!("{verb} \u{201c}{subject}\u{201d} (step {}): \u{201c}{sentence}\u{201d}", of.step)
        }
        ReasonView::LinksTo { of, sentence } => {
            with_sentence(&format!("links to step {}", of.step), sentence.as_deref())
        }
        ReasonView::NamedBefore { subject, by } => {
            format!("step {} names \u{201c}{subject}\u{201d} already; all else puts it later", by.step)
        }
        ReasonView::Undecided => "this one or the one before: either may come first".to_owned(),
        ReasonView::StandsFor { posts, of } => format!("the nearest stop for {posts} of {of} posts"),
        ReasonView::Adds { words } => format!("new here: {}", words.join(", ")),
        _ => return None,
    })
}

/// A sentence that is longer than this is cut at a word.
const SENTENCE_CHARS_MAX: usize = 160;

fn beginning(sentence: &str) -> String {
    let Some((end, _)) = sentence.char_indices().nth(SENTENCE_CHARS_MAX) else { return sentence.to_owned() };
    let end = sentence[..end].rfind(' ').unwrap_or(end);
    format!("{}\u{2026}", &sentence[..end])
}

/// Says what two posts of one section share, the narrowest first.
fn section_words(tags: &[String], folder: Option<&str>, source: Option<&str>) -> String {
    let tags = (!tags.is_empty()).then(|| format!("both tagged {}", tags.join(", ")));
    let place = match (folder, source) {
        (Some(folder), _) => Some(format!("from the same folder, {folder}")),
        (None, Some(_)) => Some("from the same source".to_owned()),
        (None, None) => None,
    };
    [tags, place].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Says of a post that only fills the list that it does, and what it was taken by.
fn fallback_words(item: &Item) -> Option<String> {
    let said: Vec<String> = item.reasons.iter().filter_map(reason_words).collect();
    Some(match item.fallback? {
        "recent" => "fallback, not similar enough: one of the newest".to_owned(),
        _ => format!("fallback, not similar enough: {}", said.join("; ")),
    })
}

/// Says all reasons of a post, strongest first: what fits into a few words on one line, the others on one each. Where else
/// its story is told comes last.
pub(super) fn reason_lines(item: &Item) -> Vec<String> {
    if let Some(words) = fallback_words(item) {
        return vec![words];
    }
    let is_short = |reason: &&ReasonView| {
        matches!(
            reason,
            ReasonView::Tags { .. }
                | ReasonView::Phrases { .. }
                | ReasonView::Author { .. }
                | ReasonView::Newer { .. }
                | ReasonView::Longer { .. }
        )
    };
    let (short, long): (Vec<&ReasonView>, Vec<&ReasonView>) = item.reasons.iter().partition(is_short);
    let said = |reasons: &[&ReasonView]| reasons.iter().filter_map(|reason| reason_words(reason)).collect::<Vec<_>>();
    let (before, after): (Vec<&ReasonView>, Vec<&ReasonView>) = long
        .into_iter()
        .partition(|reason| !matches!(reason, ReasonView::Sentences { .. } | ReasonView::SaidByBoth { .. }));
    let together = said(&short).join("; ");
    let together = (!together.is_empty()).then_some(together);
    let copies = item.also_in.iter().map(|copy| copy_words(copy, &item.title));
    let relation = item.relation.as_ref().and_then(relation_words);
    let pinned = item.pinned.then(|| "pinned by its author".to_owned());
    pinned.into_iter().chain(relation).chain(said(&before)).chain(together).chain(said(&after)).chain(copies).collect()
}

/// Steps that are less similar than this change the subject.
const NEAR: f64 = 0.4;

fn step_words(why: &str, from_previous: Option<f64>) -> Option<String> {
    let near =
        from_previous.map_or_else(String::new, |similarity| format!(" (similarity to the one before {similarity:.2})"));
    match why {
        "start" => Some("start here".to_owned()),
        "from" => Some("where you begin".to_owned()),
        "goal" => Some(format!("where you want to get{near}")),
        // The series itself is a reason of its own, with name and number.
        "next-part" => None,
        _ if from_previous.is_some_and(|similarity| similarity >= NEAR) => Some(format!("goes on from there{near}")),
        _ => Some(format!("a change of subject{near}")),
    }
}

fn age(days: i64) -> String {
    let (much, unit) = match days.unsigned_abs() {
        days @ 0..60 => (days, "day"),
        days @ 60..730 => ((days as f64 / 30.44).round() as u64, "month"),
        days => ((days as f64 / 365.25).round() as u64, "year"),
    };
    let plural = if much == 1 { "" } else { "s" };
    let direction = if days > 0 { "newer" } else { "older" };
    format!("{much} {unit}{plural} {direction}")
}

/// Says a post's reading time, such as `7 min`; `None` where it is not known.
#[must_use]
pub fn minutes(item: &Item) -> Option<String> {
    item.minutes.map(|minutes| format!("{minutes} min"))
}

/// Says where a post stands: id, source, date, minutes, tags.
pub(super) fn where_words(item: &Item) -> String {
    let parts = [
        Some(item.id.clone()),
        Some(item.source.clone()),
        item.date.clone(),
        minutes(item),
        (!item.tags.is_empty()).then(|| item.tags.join(", ")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::view::StepView;

    #[test]
    fn ages_are_said_in_fitting_units() {
        for (days, expect) in
            [(1, "1 day newer"), (-59, "59 days older"), (61, "2 months newer"), (-731, "2 years older")]
        {
            assert_eq!(reason_words(&ReasonView::Newer { days }).unwrap(), expect);
        }
    }

    #[test]
    fn clues_to_a_place_are_said_with_their_evidence() {
        let check = |clue: ReasonView, expect: &str| assert_eq!(reason_words(&clue).unwrap(), expect);
        let step = |step: usize| StepView { id: "p".into(), step };
        let introduces = |steps: &[usize]| ReasonView::Introduces {
            subject: "Dough".into(),
            used_by: steps.iter().map(|&at| step(at)).collect(),
        };
        check(introduces(&[3]), "introduces \u{201c}Dough\u{201d}, which step 3 uses");
        check(introduces(&[2, 3, 5]), "introduces \u{201c}Dough\u{201d}, which steps 2, 3 and 5 use");
        let uses = |sentence: &str, looks_back| ReasonView::Uses {
            subject: "Dough".into(),
            of: step(1),
            sentence: sentence.into(),
            looks_back,
        };
        let expect = "looks back on \u{201c}Dough\u{201d} (step 1): \u{201c}The dough rose.\u{201d}";
        check(uses("The dough rose.", true), expect);
        check(ReasonView::LinksTo { of: step(1), sentence: None }, "links to step 1");
        let long = reason_words(&uses(&"dough ".repeat(50), false)).unwrap();
        assert!(long.ends_with("dough\u{2026}\u{201d}") && long.chars().count() < 200, "{long}");
        check(
            ReasonView::Title { place: "first", words: "basics".into() },
            "an introduction, by its title (\u{201c}basics\u{201d})",
        );
        check(ReasonView::Adds { words: vec!["rye".into(), "oats".into()] }, "new here: rye, oats");
    }

    #[test]
    fn the_next_part_is_said_as_such() {
        let series = |from, to| reason_words(&ReasonView::Series { name: "S".into(), from, to }).unwrap();
        assert_eq!(series(1, 2), "next part (2) of \u{201c}S\u{201d}");
        assert_eq!(series(3, 2), "part 2 of \u{201c}S\u{201d}, whose part 3 this is");
    }
}
