//! How do the wishes of authors reach the lists? Pins first, blocked and hidden posts out, no list where none is wished.

use super::{Answer, Recommender, Rejected, RelatedOptions};
use crate::corpus::Editorial;
use crate::rank::mmr::Candidate;

impl Recommender {
    /// Takes the wishes of authors, which hold for `related`, for the links of a site and for explanations.
    pub fn set_editorial(&mut self, editorial: Editorial) {
        self.editorial = editorial;
    }

    /// Returns the wishes of authors.
    #[must_use]
    pub fn editorial(&self) -> &Editorial {
        &self.editorial
    }

    /// Returns the pins of a post with their scores, in their order, without those that are not of the site (and have no score) or that
    /// the reader's own filters keep out; that the post links to them already does not.
    pub(super) fn pins_of(
        &self,
        post: usize,
        options: &RelatedOptions,
        score: impl Fn(usize) -> Option<f32>,
    ) -> Vec<Candidate> {
        let (pins, filter) = (self.editorial.pins(post), &options.filter);
        let mut of_reader = filter.clone();
        of_reader.linked.clear();
        let is_wanted = |pin: &usize| of_reader.excludes(*pin, self.corpus.post(*pin)).is_none();
        let scored = |&position: &usize| Some(Candidate { position, score: score(position)? });
        pins.iter().filter(|pin| is_wanted(pin)).filter_map(scored).collect()
    }

    /// Answers for a post that wants no list.
    pub(super) fn no_list(&self, options: &RelatedOptions) -> Answer {
        let least = self.background().score(options.least);
        let rejected = Rejected::default();
        Answer { recommendations: Vec::new(), limit: options.limit, least, rejected, interests: None }
    }
}
