//! How does a reading path look from outside? Its steps, why each comes where it comes, and what it adds.

use super::view::{Asked, Item, List, ReasonView, SCHEMA_VERSION, StepView, item, reason_view, rounded};
use crate::rank::explain::Reason;
use crate::rank::path::{Clue, Step, TitlePlace, Why};
use crate::recommender::{Path, Recommender};

/// Turns a reading path into a list.
#[must_use]
pub fn path(asked: Asked, path: &Path, limit: usize, recommender: &Recommender, space: &str) -> List {
    let corpus = recommender.corpus();
    let posts = (1..)
        .zip(&path.steps)
        .map(|(rank, step)| Item {
            reasons: step_reasons(rank, path, recommender),
            ..item(rank, step.relevance, corpus.post(step.position))
        })
        .collect();
    List {
        schema_version: SCHEMA_VERSION,
        verb: "path",
        asked,
        space: space.to_owned(),
        limit,
        posts,
        minutes: Some(path.minutes),
        left_out: None,
    }
}

fn step_reasons(rank: usize, path: &Path, recommender: &Recommender) -> Vec<ReasonView> {
    let step = &path.steps[rank - 1];
    let mut reasons = vec![step_view(step)];
    reasons.extend(step.clues.iter().map(|clue| clue_view(clue, path, recommender)));
    if rank > 1 {
        let evidence = recommender.evidence(path.steps[rank - 2].position, step.position);
        // Who leads to whom is among the clues, by the number of the step.
        let beside_clues = evidence
            .iter()
            .filter(|reason| !matches!(reason, Reason::Links { .. } | Reason::Names { .. } | Reason::SaidByBoth(_)));
        reasons.extend(beside_clues.filter_map(|reason| reason_view(reason, recommender.corpus())));
    }
    reasons
}

fn step_view(step: &Step) -> ReasonView {
    let why = match step.why {
        Why::Start => "start",
        Why::From => "from",
        Why::NextPart => "next-part",
        Why::Continues => "continues",
        Why::Goal => "goal",
    };
    ReasonView::Step { why, from_previous: step.from_previous.map(rounded) }
}

fn clue_view(clue: &Clue, path: &Path, recommender: &Recommender) -> ReasonView {
    let step = |position: usize| StepView {
        id: recommender.corpus().post(position).id.to_string(),
        step: path.steps.iter().position(|step| step.position == position).map_or(0, |at| at + 1),
    };
    match clue {
        Clue::Title { place: TitlePlace::First, words } => ReasonView::Title { place: "first", words: words.clone() },
        Clue::Title { place: TitlePlace::Last, words } => ReasonView::Title { place: "last", words: words.clone() },
        Clue::Introduces { subject, used_by } => ReasonView::Introduces {
            subject: subject.clone(),
            used_by: used_by.iter().map(|&position| step(position)).collect(),
        },
        Clue::Uses { subject, of, sentence, looks_back } => ReasonView::Uses {
            subject: subject.clone(),
            of: step(*of),
            sentence: sentence.clone(),
            looks_back: *looks_back,
        },
        Clue::LinksTo { of, sentence } => ReasonView::LinksTo { of: step(*of), sentence: sentence.clone() },
        Clue::NamedBefore { subject, by } => ReasonView::NamedBefore { subject: subject.clone(), by: step(*by) },
        Clue::Undecided => ReasonView::Undecided,
        Clue::StandsFor { posts, of } => ReasonView::StandsFor { posts: *posts, of: *of },
        Clue::Adds(words) => ReasonView::Adds { words: words.clone() },
    }
}
