//! What does a source give of one post? Everything as it stands there, before any rule.

use super::prose::Prose;
use super::reasons::SkipReason;
use crate::corpus::{WishError, Wishes};
use crate::post::Series;

/// A text as its source gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    Html(String),
    /// HTML where it looks like HTML, else plain.
    Either(String),
    Prose(Prose),
}

/// What a post without a title is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TitleRule {
    /// It is skipped, for this reason.
    Skip(SkipReason),
    /// Its heading of the first level is its title, else these words.
    HeadingOr(String),
    /// Its first words are its title, as on a microblog.
    FirstWords,
}

/// A post as its source gives it, before any rule.
#[derive(Debug, Clone)]
pub(super) struct RawPost {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) title_rule: TitleRule,
    pub(super) summary: Option<Given>,
    pub(super) description: Option<Given>,
    pub(super) text: Option<Given>,
    pub(super) url: Option<String>,
    /// Candidates, best first; the first that can be read counts.
    pub(super) dates: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) source: Option<String>,
    pub(super) author: Option<String>,
    pub(super) language: Option<String>,
    pub(super) series: Option<Series>,
    pub(super) path: Option<String>,
    /// Targets of hand-made lists of related posts.
    pub(super) related: Vec<String>,
    /// What it wishes of lists, and what of that cannot be read.
    pub(super) wishes: (Wishes, Vec<WishError>),
}

impl RawPost {
    pub(super) fn new(title_rule: TitleRule) -> RawPost {
        RawPost {
            id: None,
            title: None,
            title_rule,
            summary: None,
            description: None,
            text: None,
            url: None,
            dates: Vec::new(),
            tags: Vec::new(),
            source: None,
            author: None,
            language: None,
            series: None,
            path: None,
            related: Vec::new(),
            wishes: (Wishes::default(), Vec::new()),
        }
    }
}
