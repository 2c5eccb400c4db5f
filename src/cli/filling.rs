//! `--fallback`: what fills a list that is too short.

use super::args::{FallbackWord, typed};
use super::session::Session;
use super::words::many;
use crate::output;
use crate::output::view::List;
use crate::rank::filter::Filter;
use crate::recommender::{Answer, Fallback, Opened};

pub(super) fn take(session: &mut Session<'_>, fallback: Option<FallbackWord>) {
    session.settings.put_flag("fallback", fallback.map(typed));
}

/// What a question leaves for a filling to mind.
pub(super) struct AskedFor<'a> {
    /// Positions of the question or of the reading history.
    pub(super) known: &'a [usize],
    /// What every post of the list must be.
    pub(super) filter: &'a Filter,
}

/// Fills a list as the settings say, and returns what is to be said about it.
pub(super) fn fill(
    session: &Session<'_>,
    opened: &Opened,
    list: &mut List,
    AskedFor { known, filter }: &AskedFor<'_>,
    answer: &Answer,
) -> Option<String> {
    let setting = session.settings.get("fallback");
    let by = setting.and_then(|setting| Fallback::parse(&setting.text)).unwrap_or_default();
    let missing = answer.limit.saturating_sub(answer.recommendations.len());
    if by == Fallback::None || missing == 0 {
        return None;
    }
    let corpus = opened.recommender.corpus();
    let allowed = |position: usize| filter.excludes(position, corpus.post(position)).is_none();
    let filling = opened.recommender.filling(by, known, answer, &allowed);
    output::fill(list, &filling, corpus);
    let (by, filled) = (by.as_str(), filling.posts.len());
    Some(match filled {
        0 if known.is_empty() && answer.recommendations.is_empty() && by == "section" => {
            "no post was asked about or found, so that there is no section to fill the list from; --fallback recent has one"
                .to_owned()
        }
        0 => format!("nothing is left to fill the list from (--fallback {by})"),
        _ if filled < missing => format!("{} and no more to fill the list, not similar enough (--fallback {by})", many(filled, "post")),
        _ => format!("{} to fill the list, not similar enough (--fallback {by})", many(filled, "post")),
    })
}
