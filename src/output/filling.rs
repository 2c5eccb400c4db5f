//! How is it shown that a post only fills a list? After all recommendations, without a score, and marked.

use super::view::{Item, List, ReasonView, item};
use crate::corpus::Corpus;
use crate::recommender::{Filler, Filling};

/// Puts what fills a list at its end.
pub fn fill(list: &mut List, filling: &Filling, corpus: &Corpus) {
    let first = list.posts.len() + 1;
    let view = |(rank, filler): (usize, &Filler)| Item {
        score: None,
        fallback: Some(filling.by.as_str()),
        reasons: filler.section.iter().map(section_view).collect(),
        ..item(rank, 0.0, corpus.post(filler.position))
    };
    list.posts.extend((first..).zip(&filling.posts).map(view));
}

fn section_view(section: &crate::recommender::Section) -> ReasonView {
    ReasonView::Section { tags: section.tags.clone(), folder: section.folder.clone(), source: section.source.clone() }
}
