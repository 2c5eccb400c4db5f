//! Prerequisites: does what must be read first stand first?
//!
//! The pairwise accuracy of an order against known pairs, as Kendall's τ restricted to the pairs that matter.

use std::collections::HashMap;
use std::hash::Hash;

/// How an order stands to pairs of posts of which the first has to be read before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prerequisites {
    /// Pairs in the right order.
    pub right: usize,
    /// Pairs in the wrong order.
    pub wrong: usize,
    /// Pairs of which the order lacks one or both; they do not count for the share.
    pub missing: usize,
}

impl Prerequisites {
    /// Returns the share of the pairs in the order that are in the right order, 0 to 1; `None` where there is none.
    #[must_use]
    pub fn accuracy(self) -> Option<f64> {
        let present = self.right + self.wrong;
        (present > 0).then(|| self.right as f64 / present as f64)
    }
}

/// Counts the pairs (what comes first, what needs it) that stand right in `order`; of a post that is there twice the
/// first place counts. A pair of a post with itself can never be right, and counts as wrong.
#[must_use]
pub fn prerequisites<T: Eq + Hash>(order: &[T], pairs: &[(T, T)]) -> Prerequisites {
    let mut places: HashMap<&T, usize> = HashMap::with_capacity(order.len());
    for (place, post) in order.iter().enumerate() {
        places.entry(post).or_insert(place);
    }
    let mut found = Prerequisites::default();
    for (first, then) in pairs {
        match (places.get(first), places.get(then)) {
            (Some(first), Some(then)) if first < then => found.right += 1,
            (Some(_), Some(_)) => found.wrong += 1,
            _ => found.missing += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_counted_apart() {
        let found = prerequisites(&["a", "b", "c"], &[("a", "c"), ("c", "b"), ("a", "z"), ("y", "z")]);
        assert_eq!(found, Prerequisites { right: 1, wrong: 1, missing: 2 });
        assert_eq!(found.accuracy(), Some(0.5));
        assert_eq!(prerequisites(&[1, 2], &[(7, 8)]).accuracy(), None);
    }
}
