//! What do a site's own authors hold to belong together? Judgments from their links, series, tags and related lists.
//!
//! Such judgments are *silver*: nobody judged the pairs that are not joined, and an author who could have linked to a
//! post often did not. They tell two settings apart on one site; as absolute figures they are low. What feeds a judgment
//! must not feed the ranking that is measured by it, which is the caller's to see to: the words of links
//! ([`crate::sources::LinkWords`]), tags, the series' field.

use std::collections::{BTreeMap, BTreeSet};

use super::Qrels;
use crate::corpus::Corpus;
use crate::rank::series::places;

/// A tag on a larger share of the posts says what the site is about, and not what a post is.
pub const TAG_SHARE_MAX: f64 = 0.2;
/// A tag on so few posts is never too common, however small the site.
const TAG_POSTS_ALWAYS: usize = 2;
/// … and on more posts than this it always is: pairs grow with its square.
pub const TAG_POSTS_MAX: usize = 200;

/// Judges by pairs (from, to): where A leads to B, B has grade 1 for A, and A none for B. A pair of a post with itself
/// does not count.
#[must_use]
pub fn qrels_of_pairs(corpus: &Corpus, pairs: &[(usize, usize)]) -> Qrels {
    let mut qrels = Qrels::default();
    for &(from, to) in pairs.iter().filter(|(from, to)| from != to) {
        qrels.add(corpus.post(from).id.as_str(), corpus.post(to).id.as_str(), 1);
    }
    qrels
}

/// Judges by numbered series ([`crate::rank::series::places`]): the parts before and after have grade 2, the other parts 1.
#[must_use]
pub fn qrels_of_series(corpus: &Corpus) -> Qrels {
    let mut series: BTreeMap<usize, Vec<(u32, usize)>> = BTreeMap::new();
    for (position, place) in places(corpus.posts()).into_iter().enumerate() {
        if let Some(place) = place {
            series.entry(place.series).or_default().push((place.part, position));
        }
    }
    let mut qrels = Qrels::default();
    for parts in series.values_mut() {
        parts.sort_unstable();
        for (at, &(_, query)) in parts.iter().enumerate() {
            for (other_at, &(_, post)) in parts.iter().enumerate().filter(|(other_at, _)| *other_at != at) {
                let grade = if at.abs_diff(other_at) == 1 { 2 } else { 1 };
                qrels.add(corpus.post(query).id.as_str(), corpus.post(post).id.as_str(), grade);
            }
        }
    }
    qrels
}

/// Judgments by tags, and the tags that did not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagJudgments {
    /// Grades 1 to 3.
    pub qrels: Qrels,
    /// Tags that are too common, lower case, ascending.
    pub common: Vec<String>,
}

/// Judges by tags that are not too common: Jaccard's share of two posts' tags (common ones left out, case does not
/// count) gives grade 1 up to a third, 2 up to two thirds, 3 above.
///
/// A tag counts as too common on more than [`TAG_SHARE_MAX`] of the posts, and on more than two; and on more than
/// [`TAG_POSTS_MAX`] posts.
#[must_use]
pub fn qrels_of_tags(corpus: &Corpus) -> TagJudgments {
    let mut posts_of: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (position, post) in corpus.posts().iter().enumerate() {
        for tag in &post.tags {
            posts_of.entry(tag.to_lowercase()).or_default().insert(position);
        }
    }
    let most = (corpus.len() as f64 * TAG_SHARE_MAX).clamp(TAG_POSTS_ALWAYS as f64, TAG_POSTS_MAX as f64);
    let (rare, common): (BTreeMap<_, _>, BTreeMap<_, _>) =
        posts_of.into_iter().partition(|(_, posts)| posts.len() as f64 <= most);
    let mut counts = vec![0usize; corpus.len()];
    let mut shared: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for posts in rare.values() {
        for &a in posts {
            counts[a] += 1;
            for &b in posts.iter().filter(|&&b| b != a) {
                *shared.entry((a, b)).or_default() += 1;
            }
        }
    }
    let mut qrels = Qrels::default();
    for ((a, b), both) in shared {
        let either = counts[a] + counts[b] - both;
        let grade = i32::try_from((3 * both).div_ceil(either)).unwrap_or(3);
        qrels.add(corpus.post(a).id.as_str(), corpus.post(b).id.as_str(), grade);
    }
    TagJudgments { qrels, common: common.into_keys().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    fn corpus(titles: &[&str], tags: &[&str]) -> Corpus {
        let posts = titles.iter().enumerate().map(|(number, title)| {
            let mut post = post(&format!("p{number}"), title, "");
            let tags = tags.get(number).copied().unwrap_or_default();
            post.tags = tags.split_whitespace().map(str::to_owned).collect();
            post
        });
        Corpus::new(posts.collect()).unwrap()
    }

    fn check(qrels: &Qrels, expect: &[(&str, &str, i32)]) {
        let found: Vec<(&str, &str, i32)> = qrels
            .queries()
            .flat_map(|(query, judged)| judged.iter().map(move |judgment| (query, &*judgment.post, judgment.grade)))
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn pairs_are_directed_and_never_of_one_post() {
        let corpus = corpus(&["A", "B", "C"], &[]);
        check(&qrels_of_pairs(&corpus, &[(0, 1), (1, 1), (2, 0)]), &[("p0", "p1", 1), ("p2", "p0", 1)]);
    }

    #[test]
    fn parts_beside_each_other_count_more() {
        let corpus = corpus(&["Ovens, part 3", "Ovens, part 1", "Alone", "Ovens, part 2"], &[]);
        let expect =
            [("p0", "p1", 1), ("p0", "p3", 2), ("p1", "p0", 1), ("p1", "p3", 2), ("p3", "p0", 2), ("p3", "p1", 2)];
        check(&qrels_of_series(&corpus), &expect);
    }

    #[test]
    fn shares_of_rare_tags_are_grades() {
        let corpus = corpus(&["A", "B", "C", "D", "E"], &["x y z all", "X y", "z w v all", "all w v", "q"]);
        let judged = qrels_of_tags(&corpus);
        assert_eq!(judged.common, ["all"]);
        let expect =
            [("p0", "p1", 2), ("p0", "p2", 1), ("p1", "p0", 2), ("p2", "p0", 1), ("p2", "p3", 2), ("p3", "p2", 2)];
        check(&judged.qrels, &expect);
    }
}
