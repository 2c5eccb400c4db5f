//! How is it said what one post is to another?

use serde::Serialize;

use super::story::{EvidenceView, evidence_view};
use crate::rank::explain::Reason;
use crate::rank::relation::{Relation, Take};

/// What a post is to the one that it is recommended for, with the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the fields are those of `rank::relation::Relation`")]
pub enum RelationView {
    NextInSeries { name: String, part: u32 },
    PreviousInSeries { name: String, part: u32 },
    SameStory { evidence: EvidenceView },
    NewerTake(TakeView),
    OlderTake(TakeView),
    Deeper { title_words: String },
    Broader { title_words: String },
}

/// What says that two posts are takes of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields are those of `rank::relation::Take`")]
pub struct TakeView {
    pub days: u64,
    pub from: Vec<String>,
    pub to: Vec<String>,
    pub words: Vec<String>,
}

/// Finds the relation among reasons.
pub(super) fn relation_view(reasons: &[Reason]) -> Option<RelationView> {
    let relation = reasons.iter().find_map(|reason| match reason {
        Reason::Relation(relation) => Some(relation),
        _ => None,
    })?;
    Some(match relation {
        Relation::NextInSeries { name, part } => RelationView::NextInSeries { name: name.clone(), part: *part },
        Relation::PreviousInSeries { name, part } => RelationView::PreviousInSeries { name: name.clone(), part: *part },
        Relation::SameStory(sameness) => RelationView::SameStory { evidence: evidence_view(*sameness) },
        Relation::NewerTake(take) => RelationView::NewerTake(take_view(take)),
        Relation::OlderTake(take) => RelationView::OlderTake(take_view(take)),
        Relation::Deeper(words) => RelationView::Deeper { title_words: words.clone() },
        Relation::Broader(words) => RelationView::Broader { title_words: words.clone() },
    })
}

fn take_view(take: &Take) -> TakeView {
    let [from, to] = take.numbers.clone();
    TakeView { days: take.days, from, to, words: take.words.clone() }
}

/// Says a relation in a few words; `None` for parts of a series, which a reason names.
pub(super) fn relation_words(relation: &RelationView) -> Option<String> {
    Some(match relation {
        RelationView::NextInSeries { .. } | RelationView::PreviousInSeries { .. } => return None,
        RelationView::SameStory { evidence } => format!("the same story: {}", evidence.words()),
        RelationView::NewerTake(take) => format!("newer take: {}", take_words(take)),
        RelationView::OlderTake(take) => format!("older take: {}", take_words(take)),
        RelationView::Deeper { title_words } => format!("deeper, by its title (\u{201c}{title_words}\u{201d})"),
        RelationView::Broader { title_words } => format!("broader, by its title (\u{201c}{title_words}\u{201d})"),
    })
}

fn take_words(take: &TakeView) -> String {
    let numbers = match (take.from.join(", "), take.to.join(", ")) {
        (from, to) if from.is_empty() && to.is_empty() => String::new(),
        (from, to) if to.is_empty() => format!(" without {from}"),
        (from, to) if from.is_empty() => format!(" with {to}"),
        (from, to) => format!(" but for {from} \u{2192} {to}"),
    };
    let words =
        if take.words.is_empty() { String::new() } else { format!(", \u{201c}{}\u{201d}", take.words.join(" ")) };
    format!("the same title{numbers}{words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_are_said_with_what_differs() {
        let check = |from: &[&str], to: &[&str], words: &[&str], expect: &str| {
            let own = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(take_words(&TakeView { days: 1, from: own(from), to: own(to), words: own(words) }), expect);
        };
        check(&["1.2"], &["1.3"], &[], "the same title but for 1.2 \u{2192} 1.3");
        check(&[], &["2024"], &["update"], "the same title with 2024, \u{201c}update\u{201d}");
        check(&["2020"], &[], &[], "the same title without 2020");
    }
}
