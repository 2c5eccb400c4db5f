//! What did people judge? Queries, posts and grades.

use std::collections::BTreeMap;

/// A post's grade for one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgment {
    /// The post's id.
    pub post: Box<str>,
    /// 0 and below: not relevant. 1 and above: relevant, the more the larger.
    pub grade: i32,
}

/// Judgments of posts by query; what is not here was not judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Qrels {
    /// Judgments ascending by post id, each post once.
    queries: BTreeMap<String, Vec<Judgment>>,
}

impl Qrels {
    /// Adds a judgment; of two for one query and post the first stays.
    ///
    /// Returns the grade that was there already.
    pub fn add(&mut self, query: &str, post: &str, grade: i32) -> Option<i32> {
        if !self.queries.contains_key(query) {
            self.queries.insert(query.to_owned(), Vec::new());
        }
        let judgments = self.queries.get_mut(query)?;
        // Files mostly come in order, so that the end is the place.
        if judgments.last().is_none_or(|last| *last.post < *post) {
            judgments.push(Judgment { post: post.into(), grade });
            return None;
        }
        match judgments.binary_search_by(|judgment| (*judgment.post).cmp(post)) {
            Ok(at) => Some(judgments[at].grade),
            Err(at) => {
                judgments.insert(at, Judgment { post: post.into(), grade });
                None
            }
        }
    }

    /// Sets the judgments of a query, in any order; each post is there once, which the caller has checked. Returns the
    /// judgments that it had before.
    pub fn insert(&mut self, query: impl Into<String>, mut judgments: Vec<Judgment>) -> Option<Vec<Judgment>> {
        judgments.sort_unstable_by(|a, b| a.post.cmp(&b.post));
        self.queries.insert(query.into(), judgments)
    }

    /// Returns the judged queries, ascending by id, with their judgments, ascending by post id.
    pub fn queries(&self) -> impl ExactSizeIterator<Item = (&str, &[Judgment])> {
        self.queries.iter().map(|(query, judgments)| (query.as_str(), judgments.as_slice()))
    }

    /// Returns the judgments of a query, ascending by post id; none for a query that was not judged.
    #[must_use]
    pub fn of(&self, query: &str) -> &[Judgment] {
        self.queries.get(query).map_or(&[], Vec::as_slice)
    }

    /// Returns the grade of a post for a query; `None` where it was not judged.
    #[must_use]
    pub fn grade(&self, query: &str, post: &str) -> Option<i32> {
        let judgments = self.of(query);
        let at = judgments.binary_search_by(|judgment| (*judgment.post).cmp(post)).ok()?;
        Some(judgments[at].grade)
    }

    /// Tells whether any post was judged for `query`.
    #[must_use]
    pub fn contains(&self, query: &str) -> bool {
        self.queries.contains_key(query)
    }

    /// Returns how many queries are judged.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Tells whether nothing is judged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Returns how many judgments there are in all.
    #[must_use]
    pub fn judgments(&self) -> usize {
        self.queries.values().map(Vec::len).sum()
    }

    /// Keeps the queries for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.queries.retain(|query, _| keep(query));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgments_are_kept_by_post_and_the_first_stays() {
        let mut qrels = Qrels::default();
        for (post, grade) in [("b", 1), ("c", 0), ("a", 2)] {
            assert_eq!(qrels.add("q", post, grade), None);
        }
        assert_eq!(qrels.add("q", "a", 1), Some(2));
        let posts: Vec<&str> = qrels.of("q").iter().map(|judgment| &*judgment.post).collect();
        assert_eq!((posts, qrels.judgments(), qrels.len()), (vec!["a", "b", "c"], 3, 1));
        assert!(qrels.of("other").is_empty());
    }
}
