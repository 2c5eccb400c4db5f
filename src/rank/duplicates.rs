//! Is it the same post twice? Exact duplicates by title and summary.

use std::collections::HashMap;

use crate::post::Post;
use crate::text::one_line;

/// Returns, for every post, the position of the first post with the same title and summary (its own, when it is the
/// first). Letter case and white space do not count.
#[must_use]
pub fn first_of_kind(posts: &[Post]) -> Vec<usize> {
    let mut first: HashMap<(String, String), usize> = HashMap::with_capacity(posts.len());
    let fold = |text: &str| one_line(text).to_lowercase();
    posts
        .iter()
        .enumerate()
        .map(|(position, post)| *first.entry((fold(&post.title), fold(&post.summary.text))).or_insert(position))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    #[test]
    fn folds_case_and_space_but_not_a_shared_title() {
        let posts = [
            post("a", "Launch", "What we saw."),
            post("b", "launch ", "What  we\nsaw."),
            post("c", "Launch", "How we fixed it."),
        ];
        assert_eq!(first_of_kind(&posts), [0, 0, 2]);
    }
}
