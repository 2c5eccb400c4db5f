//! How is it said that a story is told elsewhere, too?

use serde::Serialize;

use super::view::rounded;
use crate::rank::story::{Precedence, Retold, Sameness};
use crate::recommender::Recommender;

/// Another post that tells the story of the one that is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopyView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who published it.
    pub source: String,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// As exact as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// `original`, or `copy` where the one that is shown, or a third one, is the original.
    pub role: &'static str,
    /// What says that it is the same story; left out where a third post is the original of both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceView>,
    /// What puts the original first: `own-address`, `whole-text`, `older`, `longer` or `id`.
    pub original_by: &'static str,
}

/// What says that two posts tell one story.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the fields are those of `rank::story::Sameness`, rounded")]
pub enum EvidenceView {
    Page,
    Words { share: f64 },
    Title { similarity: f64 },
}

impl EvidenceView {
    pub(super) fn words(&self) -> String {
        match self {
            EvidenceView::Page => "the same page".to_owned(),
            EvidenceView::Words { share } => format!("{:.0} % of the shorter one\u{2019}s words", 100.0 * share),
            EvidenceView::Title { similarity } => format!("the same title, similarity {similarity:.2}"),
        }
    }
}

/// Lists the other posts that tell the story of the one at `position`, the original first.
#[must_use]
pub fn also_in(position: usize, recommender: &Recommender) -> Vec<CopyView> {
    let stories = recommender.stories();
    let original = stories.originals()[position];
    let copies = stories.copies(original);
    let shown = copies.iter().find(|copy| copy.position == position);
    let view = |at: usize, role, evidence: Option<Sameness>, by: Precedence| {
        let post = recommender.corpus().post(at);
        CopyView {
            id: post.id.to_string(),
            title: post.title.clone(),
            source: post.source.clone(),
            url: post.url.clone(),
            date: post.date.map(|date| date.to_string()),
            role,
            evidence: evidence.map(evidence_view),
            original_by: precedence_word(by),
        }
    };
    let first = shown.map(|shown| view(original, "original", Some(shown.sameness), shown.precedence));
    let others = copies.iter().filter(|copy| copy.position != position);
    let other = |copy: &Retold| view(copy.position, "copy", shown.is_none().then_some(copy.sameness), copy.precedence);
    first.into_iter().chain(others.map(other)).collect()
}

pub(super) fn evidence_view(sameness: Sameness) -> EvidenceView {
    match sameness {
        Sameness::Page => EvidenceView::Page,
        Sameness::Words { share } => EvidenceView::Words { share: rounded(share) },
        Sameness::Title { similarity } => EvidenceView::Title { similarity: rounded(similarity) },
    }
}

fn precedence_word(precedence: Precedence) -> &'static str {
    match precedence {
        Precedence::OwnAddress => "own-address",
        Precedence::WholeText => "whole-text",
        Precedence::Older => "older",
        Precedence::Longer => "longer",
        Precedence::Id => "id",
    }
}

/// Says in one line where else a story is told; `title` is that of the post that is shown.
pub(super) fn copy_words(copy: &CopyView, title: &str) -> String {
    let named = if copy.title == title { String::new() } else { format!(", as \u{201c}{}\u{201d}", copy.title) };
    let evidence = copy.evidence.map(|evidence| evidence.words());
    let because = match copy.original_by {
        "own-address" => "at its own address",
        "whole-text" => "with its whole text",
        "older" => "older",
        "longer" => "longer",
        _ => "first by id",
    };
    let original = match copy.role {
        "original" => Some(format!("that is the original: {because}")),
        _ => copy.evidence.is_some().then(|| format!("this is the original: {because}")),
    };
    let said: Vec<String> = [evidence, original].into_iter().flatten().collect();
    let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) };
    format!("also in {}{named}{said}", copy.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_named_with_its_evidence_and_the_original() {
        let mut copy = CopyView {
            id: "c".into(),
            title: "Bread".into(),
            source: "Digest".into(),
            url: None,
            date: None,
            role: "copy",
            evidence: Some(EvidenceView::Words { share: 0.97 }),
            original_by: "whole-text",
        };
        let expect =
            "also in Digest (97 % of the shorter one\u{2019}s words; this is the original: with its whole text)";
        assert_eq!(copy_words(&copy, "Bread"), expect);
        (copy.role, copy.evidence) = ("original", Some(EvidenceView::Page));
        let expect =
            "also in Digest, as \u{201c}Bread\u{201d} (the same page; that is the original: with its whole text)";
        assert_eq!(copy_words(&copy, "Rye"), expect);
        (copy.role, copy.evidence) = ("copy", None);
        assert_eq!(copy_words(&copy, "Bread"), "also in Digest");
    }
}
