//! Is it the same post twice? Duplicates by title, summary and words.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::corpus::{Term, TermCounter, Terms};
use crate::post::Post;
use crate::text::one_line;

/// Posts with the title and summary of another and this share of its words, or of their own in the other, are the same.
const SAME: f64 = 0.9;

/// Returns, for every post, the position of the first post with the same title, summary and, nearly, words (its own, when
/// it is the first). Letter case and white space do not count.
///
/// `terms` are those of the posts, in their order, where they are known; else they are counted.
#[must_use]
pub fn first_of_kind(posts: &[Post], terms: Option<&[Terms]>) -> Vec<usize> {
    let mut firsts: HashMap<(String, String), Vec<usize>> = HashMap::with_capacity(posts.len());
    let fold = |text: &str| one_line(text).to_lowercase();
    let terms_of = |position: usize| match terms {
        Some(terms) => Cow::Borrowed(&terms[position]),
        None => Cow::Owned(TermCounter::default().of_post(&posts[position])),
    };
    let first = |(position, post): (usize, &Post)| {
        let known = firsts.entry((fold(&post.title), fold(&post.summary.text))).or_default();
        // Few posts share a title and a summary, so that words are looked at seldom.
        let same = known.iter().copied().find(|&other| overlap(&terms_of(position), &terms_of(other)) >= SAME);
        same.unwrap_or_else(|| {
            known.push(position);
            position
        })
    };
    posts.iter().enumerate().map(first).collect()
}

/// Returns the share of the shorter text's terms that the other has, 0 to 1; 1 for a text without terms.
fn overlap(a: &Terms, b: &Terms) -> f64 {
    let all = |terms: &Terms| terms.counts.iter().map(|count| u64::from(count.1)).sum::<u64>();
    let shared = |&(term, times): &(Term, u16)| {
        let at = b.counts.binary_search_by_key(&term, |count| count.0).ok()?;
        Some(u64::from(times.min(b.counts[at].1)))
    };
    let (shared, shorter) = (a.counts.iter().filter_map(shared).sum::<u64>(), all(a).min(all(b)));
    if shorter == 0 { 1.0 } else { shared as f64 / shorter as f64 }
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
        assert_eq!(first_of_kind(&posts, None), [0, 0, 2]);
    }

    #[test]
    fn the_same_announcement_of_another_year_is_another_post() {
        let mut posts = ["a", "b", "c", "d"].map(|id| post(id, "Survey", "Take part."));
        posts[0].text = Some("This year we asked about editors and debuggers.".to_owned());
        posts[1].text = Some("Now we ask about modules, proxies, and generics instead.".to_owned());
        posts[2].text = Some("This year we asked about editors, and debuggers!".to_owned());
        // A copy without its text stands for the first.
        assert_eq!(first_of_kind(&posts, None), [0, 1, 0, 0]);
    }
}
