//! Which posts are pinned, blocked, preferred or hidden? The wishes of authors, their targets resolved.

use super::{Corpus, LinkEnd, LinkMap, Wishes};

/// The wishes of a corpus, by position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Editorial {
    posts: Vec<OfPost>,
    /// Ascending.
    hidden: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct OfPost {
    pins: Vec<usize>,
    blocks: Vec<usize>,
    is_cornerstone: bool,
    has_no_list: bool,
}

/// A wish that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// The position of the post that wishes it.
    pub post: usize,
    /// What it names.
    pub target: String,
    /// Why not.
    pub why: UnmetReason,
}

/// Why a wish cannot be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum UnmetReason {
    /// No post is meant by it, or several are.
    #[error("no post is called so; name an id, a URL or a path")]
    Unknown,
    /// It is the post itself.
    #[error("it is the post itself")]
    Itself,
    /// It is pinned and blocked.
    #[error("it is pinned and blocked, and so it is blocked; take one away")]
    Blocked,
    /// It is pinned, but hidden from all lists.
    #[error("it is pinned, but hidden from all lists; take `hidden` or the pin away")]
    Hidden,
}

impl Editorial {
    /// Resolves wishes by position as lists of related posts are resolved.
    #[must_use]
    pub fn new(corpus: &Corpus, wishes: &[(usize, Wishes)]) -> (Editorial, Vec<Unmet>) {
        if wishes.iter().all(|(_, wishes)| wishes.is_empty()) {
            return (Editorial::default(), Vec::new());
        }
        let targets =
            wishes.iter().flat_map(|(_, wishes)| [&wishes.pin, &wishes.block].into_iter().flatten().flatten());
        let map = LinkMap::new(corpus, targets.map(String::as_str));
        let mut editorial = Editorial { posts: vec![OfPost::default(); corpus.len()], hidden: Vec::new() };
        let mut unmet = Vec::new();
        for (post, wishes) in wishes {
            let mut find = |targets: &Option<Vec<String>>| {
                let mut found = Vec::new();
                for target in targets.iter().flatten() {
                    match resolve(&map, corpus, *post, target) {
                        Ok(other) if !found.contains(&other) => found.push(other),
                        Ok(_) => {}
                        Err(why) => unmet.push(Unmet { post: *post, target: target.clone(), why }),
                    }
                }
                found
            };
            let (pins, blocks) = (find(&wishes.pin), find(&wishes.block));
            let (is_cornerstone, has_no_list) = (wishes.cornerstone == Some(true), wishes.list == Some(false));
            editorial.posts[*post] = OfPost { pins, blocks, is_cornerstone, has_no_list };
            editorial.hidden.extend((wishes.hidden == Some(true)).then_some(*post));
        }
        editorial.hidden.sort_unstable();
        editorial.drop_contradictions(corpus, &mut unmet);
        (editorial, unmet)
    }

    /// What is hidden or blocked is not pinned.
    fn drop_contradictions(&mut self, corpus: &Corpus, unmet: &mut Vec<Unmet>) {
        for (post, of_post) in self.posts.iter_mut().enumerate() {
            let why = |pin: &usize| match () {
                () if self.hidden.binary_search(pin).is_ok() => Some(UnmetReason::Hidden),
                () if of_post.blocks.contains(pin) => Some(UnmetReason::Blocked),
                () => None,
            };
            let target = |pin: &usize| corpus.post(*pin).id.to_string();
            unmet.extend(
                of_post.pins.iter().filter_map(|pin| Some(Unmet { post, target: target(pin), why: why(pin)? })),
            );
            let kept = of_post.pins.iter().filter(|pin| why(pin).is_none()).copied().collect();
            of_post.pins = kept;
        }
    }

    /// Returns the posts that come first in a post's list, in their order.
    #[must_use]
    pub fn pins(&self, post: usize) -> &[usize] {
        self.posts.get(post).map_or(&[], |post| &post.pins)
    }

    /// Returns the posts that are never in a post's list.
    #[must_use]
    pub fn blocks(&self, post: usize) -> &[usize] {
        self.posts.get(post).map_or(&[], |post| &post.blocks)
    }

    /// Tells whether lists prefer a post to others that are nearly as good.
    #[must_use]
    pub fn is_cornerstone(&self, post: usize) -> bool {
        self.posts.get(post).is_some_and(|post| post.is_cornerstone)
    }

    /// Tells whether a post has a list.
    #[must_use]
    pub fn has_list(&self, post: usize) -> bool {
        !self.posts.get(post).is_some_and(|post| post.has_no_list)
    }

    /// Returns the posts that no list leads to, ascending.
    #[must_use]
    pub fn hidden(&self) -> &[usize] {
        &self.hidden
    }

    /// Tells whether no list leads to a post.
    #[must_use]
    pub fn is_hidden(&self, post: usize) -> bool {
        self.hidden.binary_search(&post).is_ok()
    }
}

fn resolve(map: &LinkMap, corpus: &Corpus, from: usize, target: &str) -> Result<usize, UnmetReason> {
    let found = match map.resolve(from, target) {
        LinkEnd::Post(to) => Some(to),
        LinkEnd::Itself => return Err(UnmetReason::Itself),
        LinkEnd::Unknown | LinkEnd::Elsewhere => corpus.find_exact(target),
    };
    match found {
        Some(to) if to == from => Err(UnmetReason::Itself),
        Some(to) => Ok(to),
        None => Err(UnmetReason::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    #[test]
    fn targets_are_resolved_and_contradictions_told() {
        let mut posts = ["a", "b", "c", "d"].map(|id| post(id, id, ""));
        posts.iter_mut().for_each(|post| post.path = Some(format!("posts/{}.md", post.id)));
        posts[1].url = Some("https://x.example/2024/b/".to_owned());
        let corpus = Corpus::new(posts.into()).unwrap();
        let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let wishes = [
            (
                0,
                Wishes {
                    pin: list(&["c", "posts/b.md", "a", "x", "b", "d"]),
                    block: list(&["https://x.example/2024/b"]),
                    ..Wishes::default()
                },
            ),
            (3, Wishes { hidden: Some(true), list: Some(false), cornerstone: Some(true), ..Wishes::default() }),
        ];
        let (editorial, unmet) = Editorial::new(&corpus, &wishes);
        assert_eq!((editorial.pins(0), editorial.blocks(0), editorial.hidden()), (&[2][..], &[1][..], &[3][..]));
        assert!(
            !editorial.has_list(3) && editorial.has_list(0) && editorial.is_cornerstone(3) && editorial.is_hidden(3)
        );
        let unmet: Vec<(&str, UnmetReason)> = unmet.iter().map(|unmet| (unmet.target.as_str(), unmet.why)).collect();
        use UnmetReason::{Blocked, Hidden, Itself, Unknown};
        assert_eq!(unmet, [("a", Itself), ("x", Unknown), ("b", Blocked), ("d", Hidden)]);
        let none = Editorial::default();
        assert!(none.has_list(7) && !none.is_cornerstone(7) && none.pins(7).is_empty());
    }
}
