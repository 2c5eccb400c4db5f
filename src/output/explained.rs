//! What does an explanation look like from outside?

use serde::Serialize;

use super::relation::relation_view;
use super::view::{Asked, Item, SCHEMA_VERSION, asked_post, item, parts_view, reason_view, rounded};
use crate::corpus::Corpus;
use crate::post::Post;
use crate::rank::filter::Excluded;
use crate::recommender::{Explanation, Verdict};

/// How one post stands to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplanationView {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Always `explain`.
    pub verb: &'static str,
    /// The post that was asked about.
    pub asked: Asked,
    /// The space of the vectors.
    pub space: String,
    /// The other post; its rank is its place among all others by score.
    pub post: Item,
    /// How many posts were ranked.
    pub of: usize,
    /// `shown`, `pinned`, `no-list`, `duplicate`, `filtered`, `below-min-score`, `stood-for`, `over-cap` or `outranked`.
    pub verdict: &'static str,
    /// The verdict as a sentence with its remedy.
    pub verdict_words: String,
}

fn filter_words(excluded: Excluded) -> &'static str {
    match excluded {
        Excluded::Blocked => "not shown: blocked by --block or the key `block`; take it out there",
        Excluded::Linked => "not shown: that post links to it already; without --linked leave-out it may be",
        Excluded::BlockedByAuthor => {
            "not shown: blocked for that post, in its front matter or in nextread.toml; take it out of `block` there"
        }
        Excluded::Hidden => {
            "not shown: hidden from all lists, in its front matter or in nextread.toml; take `hidden` away there"
        }
        Excluded::Tag => "not shown: its tags; without --tag and --without-tag it may be",
        Excluded::Source => "not shown: its source; without --source and --without-source it may be",
        Excluded::Language => "not shown: its language, or it is not known; without --lang it may be",
        Excluded::Date => "not shown: its date, or it has none; without --since and --until it may be",
    }
}

/// Turns an explanation into its outward shape.
#[must_use]
pub fn explanation(query: &Post, post: &Post, found: &Explanation, corpus: &Corpus, space: &str) -> ExplanationView {
    let reasons = found.reasons.iter().filter_map(|reason| reason_view(reason, corpus)).collect();
    let (verdict, verdict_words) = match found.verdict {
        Verdict::Shown(place) => ("shown", format!("shown at place {place} of `related`")),
        Verdict::Pinned(place) => ("pinned", format!("pinned at place {place} of `related`, whatever its score")),
        Verdict::NoList => ("no-list", "not shown: that post wants no list (`list: false`)".to_owned()),
        Verdict::Duplicate => ("duplicate", "never shown: the two tell the same story".to_owned()),
        Verdict::Filtered(excluded) => ("filtered", filter_words(excluded).to_owned()),
        Verdict::OverCap => (
            "over-cap",
            "not shown: enough of its source, author or series are; a larger --per-\u{2026} shows it".to_owned(),
        ),
        Verdict::BelowMinScore => {
            let floor = (f64::from(found.score) * 100.0).floor() / 100.0;
            (
                "below-min-score",
                format!(
                    "not shown: below the minimum score; --min-score {floor:.2} -n {} --diversity 0 shows it",
                    found.rank
                ),
            )
        }
        Verdict::StoodForBy(first) => {
            ("stood-for", format!("not shown: {} tells the same story and stands for it", corpus.post(first).id))
        }
        Verdict::Outranked(place) => {
            ("outranked", format!("not shown: place {place} by score; -n {place} --diversity 0 shows it"))
        }
    };
    ExplanationView {
        schema_version: SCHEMA_VERSION,
        verb: "explain",
        asked: asked_post(query),
        space: space.to_owned(),
        post: Item {
            relation: relation_view(&found.reasons),
            reasons,
            parts: Some(parts_view(found.parts)),
            closer_than: found.closer_than.map(rounded),
            ..item(found.rank, found.score, post)
        },
        of: found.of,
        verdict,
        verdict_words,
    }
}
