//! What does an answer look like from outside? The shapes that every format is made from, and JSON writes as they are.

use serde::Serialize;

use super::relation::{RelationView, relation_view};
use super::story::{CopyView, also_in};
use crate::corpus::Corpus;
use crate::post::Post;
use crate::rank::explain::{Namer, Reason};
use crate::rank::said_by_both::SaidByBoth;
use crate::recommender::{Answer, Factors, Recommender, ScoreParts};

/// Raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Asked {
    /// Posts related to this one.
    Post {
        /// Its id.
        id: String,
        /// Its title.
        title: String,
    },
    /// Posts about these words.
    Text {
        /// The words.
        text: String,
    },
    /// Posts to read after these.
    History {
        /// Ids, oldest first.
        read: Vec<String>,
        /// Those of them that were disliked.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        disliked: Vec<String>,
        /// What there should be more of, in words, or titles of drafts.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        more: Vec<String>,
        /// What there should be less of.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        less: Vec<String>,
        /// Interests that were told apart.
        interests: usize,
    },
    /// Where to begin, nothing being known of the reader.
    ColdStart,
    /// Posts related to one that is not in the store.
    Draft {
        /// Its title.
        title: String,
    },
    /// Posts on the way from one to another.
    Between {
        /// The first post's id.
        from: String,
        /// The last post's id.
        to: String,
    },
    /// Posts to read before this one.
    Goal {
        /// Its id.
        id: String,
        /// Its title.
        title: String,
    },
    /// Where to begin with a source.
    Tour {
        /// The source; left out where it is everything.
        #[serde(skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
}

/// A list of posts: recommendations or the steps of a path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct List {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// `related`, `next`, `search` or `path`.
    pub verb: &'static str,
    /// What was asked.
    pub asked: Asked,
    /// The space of the vectors: model, revision, hash, dimension, pooling, long texts.
    pub space: String,
    /// The most posts that were asked for.
    pub limit: usize,
    /// In order.
    pub posts: Vec<Item>,
    /// Minutes of reading in all, for a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// What was left out, for recommendations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// One post of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Its place in the list, from 1.
    pub rank: usize,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Larger is better, rounded to four decimals; of a path's step, the similarity to topic or goal; left out for what
    /// only fills the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// What its similarity is made of; left out for the steps of a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
    /// What the similarity is multiplied by, for `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factors: Option<FactorsView>,
    /// The share of pairs of posts drawn by chance that are less similar, 0 to 1; left out where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closer_than: Option<f64>,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// As exact as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Who published it.
    pub source: String,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// In the source's order.
    pub tags: Vec<String>,
    /// Minutes of reading; left out where the body is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// The summary.
    pub summary: String,
    /// Why it is here, strongest first.
    pub reasons: Vec<ReasonView>,
    /// Ids of the other posts that tell its story.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The same posts, and what says that they tell its story.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<CopyView>,
    /// What it is to the post that was asked about, or that it is recommended for; left out where nothing tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<RelationView>,
    /// Its place is the author's wish, whatever its score.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// `section` or `recent`: it only fills the list, and no likeness is claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<&'static str>,
}

/// The parts of a similarity, rounded to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parts {
    /// From the cosine of the vectors.
    pub vectors: f64,
    /// From shared words and tags.
    pub words: f64,
    /// From words of the titles.
    pub title: f64,
    /// From nearness in time.
    pub date: f64,
    /// From a link between the two posts.
    pub links: f64,
}

/// What makes a score of a similarity, rounded to four decimals: it is their product with the sum of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the fields are those of `recommender::Factors`")]
pub struct FactorsView {
    pub read: f64,
    pub surprise: f64,
    pub freshness: f64,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(
    missing_docs,
    reason = "the fields are those of `rank::explain::Reason`, `rank::path::Step`, `rank::path::Clue` and `recommender::Section`, rounded"
)]
pub enum ReasonView {
    Series {
        name: String,
        from: u32,
        to: u32,
    },
    Tags {
        tags: Vec<String>,
    },
    Phrases {
        phrases: Vec<String>,
    },
    Sentences {
        query: Option<String>,
        post: String,
        similarity: f64,
    },
    SaidByBoth {
        query: String,
        post: String,
        words: Vec<String>,
    },
    Author {
        author: String,
    },
    Newer {
        days: i64,
    },
    Links {
        by: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        sentence: Option<String>,
    },
    Names {
        by: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        sentence: Option<String>,
    },
    Longer {
        minutes: i64,
    },
    BecauseRead {
        id: String,
        title: String,
        similarity: f64,
        novelty: f64,
    },
    BecauseWished {
        name: String,
        similarity: f64,
        novelty: f64,
    },
    Central {
        stands_for: usize,
        of: usize,
    },
    Step {
        why: &'static str,
        from_previous: Option<f64>,
    },
    Title {
        place: &'static str,
        words: String,
    },
    Introduces {
        subject: String,
        used_by: Vec<StepView>,
    },
    Uses {
        subject: String,
        of: StepView,
        sentence: String,
        looks_back: bool,
    },
    LinksTo {
        of: StepView,
        #[serde(skip_serializing_if = "Option::is_none")]
        sentence: Option<String>,
    },
    NamedBefore {
        subject: String,
        by: StepView,
    },
    Undecided,
    StandsFor {
        posts: usize,
        of: usize,
    },
    Adds {
        words: Vec<String>,
    },
    /// What only fills a list has this in common with the post that was asked about.
    Section {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tags: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        folder: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
}

/// Another step of the same path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// Its post.
    pub id: String,
    /// Its place in the path, from 1.
    pub step: usize,
}

/// What was left out of a list of recommendations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the fields are those of `recommender::Rejected`")]
pub struct LeftOut {
    pub considered: usize,
    pub already_read: usize,
    pub duplicates: usize,
    pub below_min_score: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub blocked: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub filtered: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub by_author: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub disliked: usize,
    #[serde(skip_serializing_if = "is_zero")]
    pub over_caps: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Rounds a score for output: four decimals, and no minus zero.
#[must_use]
pub fn rounded(score: f32) -> f64 {
    (f64::from(score) * 10_000.0).round() / 10_000.0 + 0.0
}

pub(super) fn parts_view(parts: ScoreParts) -> Parts {
    Parts {
        vectors: rounded(parts.vectors),
        words: rounded(parts.words),
        title: rounded(parts.title),
        date: rounded(parts.date),
        links: rounded(parts.links),
    }
}

fn factors_view(factors: Factors) -> FactorsView {
    FactorsView {
        read: rounded(factors.read),
        surprise: rounded(factors.surprise),
        freshness: rounded(factors.freshness),
    }
}

/// Describes a post as the question.
#[must_use]
pub fn asked_post(post: &Post) -> Asked {
    Asked::Post { id: post.id.to_string(), title: post.title.clone() }
}

pub(super) fn item(rank: usize, score: f32, post: &Post) -> Item {
    Item {
        rank,
        id: post.id.to_string(),
        title: post.title.clone(),
        score: Some(rounded(score)),
        parts: None,
        factors: None,
        closer_than: None,
        url: post.url.clone(),
        date: post.date.map(|date| date.to_string()),
        source: post.source.clone(),
        author: post.author.clone(),
        tags: post.tags.clone(),
        minutes: post.minutes,
        summary: post.summary.text.clone(),
        reasons: Vec::new(),
        also: Vec::new(),
        also_in: Vec::new(),
        relation: None,
        pinned: false,
        fallback: None,
    }
}

/// Turns recommendations into a list.
#[must_use]
pub fn recommendations(
    verb: &'static str,
    asked: Asked,
    answer: &Answer,
    recommender: &Recommender,
    space: &str,
) -> List {
    let corpus = recommender.corpus();
    let posts = (1..)
        .zip(&answer.recommendations)
        .map(|(rank, recommendation)| Item {
            relation: relation_view(&recommendation.reasons),
            reasons: recommendation.reasons.iter().filter_map(|reason| reason_view(reason, corpus)).collect(),
            parts: recommendation.parts.map(parts_view),
            factors: recommendation.factors.map(factors_view),
            closer_than: recommendation.closer_than.map(rounded),
            also: recommendation.also.iter().map(|&position| corpus.post(position).id.to_string()).collect(),
            also_in: also_in(recommendation.position, recommender),
            pinned: recommendation.is_pinned,
            ..item(rank, recommendation.score, corpus.post(recommendation.position))
        })
        .collect();
    let left_out = LeftOut {
        considered: answer.rejected.considered,
        already_read: answer.rejected.already_read,
        duplicates: answer.rejected.duplicates,
        below_min_score: answer.rejected.below_min_score,
        blocked: answer.rejected.blocked,
        filtered: answer.rejected.filtered,
        by_author: answer.rejected.by_author,
        disliked: answer.rejected.disliked,
        over_caps: answer.rejected.over_caps,
    };
    List {
        schema_version: SCHEMA_VERSION,
        verb,
        asked,
        space: space.to_owned(),
        limit: answer.limit,
        posts,
        minutes: None,
        left_out: Some(left_out),
    }
}

fn namer_word(namer: Namer) -> &'static str {
    match namer {
        Namer::Query => "query",
        Namer::Post => "post",
    }
}

/// Returns `None` for a relation, which has a place of its own.
pub(super) fn reason_view(reason: &Reason, corpus: &Corpus) -> Option<ReasonView> {
    Some(match reason {
        Reason::Relation(_) => return None,
        Reason::Links { by, sentence } => ReasonView::Links { by: namer_word(*by), sentence: sentence.clone() },
        Reason::Names { by, sentence } => ReasonView::Names { by: namer_word(*by), sentence: sentence.clone() },
        Reason::Longer { minutes } => ReasonView::Longer { minutes: *minutes },
        Reason::Series { name, from, to } => ReasonView::Series { name: name.clone(), from: *from, to: *to },
        Reason::SharedTags(tags) => ReasonView::Tags { tags: tags.clone() },
        Reason::SharedPhrases(phrases) => ReasonView::Phrases { phrases: phrases.clone() },
        Reason::Sentences { query, post, similarity } => {
            ReasonView::Sentences { query: query.clone(), post: post.clone(), similarity: rounded(*similarity) }
        }
        Reason::SaidByBoth(SaidByBoth { query, post, words }) => {
            ReasonView::SaidByBoth { query: query.clone(), post: post.clone(), words: words.clone() }
        }
        Reason::SameAuthor(author) => ReasonView::Author { author: author.clone() },
        Reason::Newer { days } => ReasonView::Newer { days: *days },
        Reason::BecauseRead { position, similarity, novelty } => ReasonView::BecauseRead {
            id: corpus.post(*position).id.to_string(),
            title: corpus.post(*position).title.clone(),
            similarity: rounded(*similarity),
            novelty: rounded(*novelty),
        },
        Reason::BecauseWished { name, similarity, novelty } => ReasonView::BecauseWished {
            name: name.clone(),
            similarity: rounded(*similarity),
            novelty: rounded(*novelty),
        },
        Reason::Central { stands_for, of } => ReasonView::Central { stands_for: *stands_for, of: *of },
    })
}
