//! Which posts are named by others without a link?

use super::Recommender;
use crate::rank::title_finder::{Naming, TitleFinder};

/// A post that names another and does not link to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlinked {
    /// The position of the post that names the other.
    pub from: usize,
    /// The position of the post that is named.
    pub to: usize,
    /// The words that a link would stand on.
    pub anchor: String,
    /// The sentence that has them.
    pub sentence: String,
}

impl Recommender {
    /// Finds the bodies that name another post's title, word for word, without a link to it; ascending by position, in the
    /// order of the text. Reads every body.
    #[must_use]
    pub fn unlinked(&self) -> Vec<Unlinked> {
        let posts = self.corpus.posts();
        let finder = TitleFinder::new(posts.iter().map(|post| post.title.as_str()));
        let mut found = Vec::new();
        for (from, post) in posts.iter().enumerate() {
            let Some(body) = (self.texts)(post) else { continue };
            let is_missing = |naming: &Naming| {
                naming.post != from
                    && !self.links().has(from, naming.post)
                    && self.kinds()[from] != self.kinds()[naming.post]
            };
            let namings = finder.find(&body).into_iter().filter(is_missing);
            found.extend(namings.map(|Naming { post, anchor, sentence }| Unlinked {
                from,
                to: post,
                anchor,
                sentence,
            }));
        }
        found
    }
}
