//! Which posts of a site does each post lead to? What authors wrote, resolved.

use std::collections::BTreeSet;

use super::{Corpus, LinkEnd, LinkMap};
use crate::post::PostId;

/// A link as its post has it, not yet resolved: an image is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostLink {
    /// The post in which it stands.
    pub from: PostId,
    /// Where it leads, as it is written: a URL, a path, a name; what a template makes of it is left out.
    pub target: String,
    /// The words that one clicks; empty for an image, a related list and the like.
    pub words: String,
    /// In which part of the post it stands.
    pub origin: LinkOrigin,
}

/// In which part of a post a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkOrigin {
    /// In the body.
    Body,
    /// In a list made by hand: `related`, `related_posts`, `see_also` in the front matter or the record.
    Related,
}

impl LinkOrigin {
    /// Returns the name under which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LinkOrigin::Body => "body",
            LinkOrigin::Related => "related",
        }
    }

    /// Reads what [`LinkOrigin::as_str`] wrote.
    #[must_use]
    pub fn parse(name: &str) -> Option<LinkOrigin> {
        [LinkOrigin::Body, LinkOrigin::Related].into_iter().find(|origin| origin.as_str() == name)
    }
}

/// The links of a site, resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteLinks {
    /// Pairs of positions (from, to) that links in bodies make, each once, ascending; never a post with itself.
    pub body: Vec<(usize, usize)>,
    /// As `body`, of related lists made by hand.
    pub related: Vec<(usize, usize)>,
    /// The targets that lead to posts, as their authors wrote them: what has to be hidden from a ranking.
    pub targets: BTreeSet<String>,
    /// Links to pages of the site that are no post, or to several posts alike, in the order of the source.
    pub unknown: Vec<PostLink>,
    /// Links that lead to another post.
    pub resolved: usize,
    /// Links that lead to the post in which they stand.
    pub to_itself: usize,
    /// Links that lead to other sites or to files.
    pub elsewhere: usize,
}

/// Finds out which posts the links of a corpus mean; those of posts that are not in it are left out.
#[must_use]
pub fn resolve_links(corpus: &Corpus, links: &[PostLink]) -> SiteLinks {
    let map = LinkMap::new(corpus, links.iter().map(|link| link.target.as_str()));
    let mut site = SiteLinks::default();
    for link in links {
        let Some(from) = corpus.position(&link.from) else { continue };
        let end = match (map.resolve(from, &link.target), link.origin) {
            // A list may name a post in any way in which a record does.
            (LinkEnd::Unknown | LinkEnd::Elsewhere, LinkOrigin::Related) => {
                corpus.find_exact(&link.target).map_or(LinkEnd::Unknown, LinkEnd::Post)
            }
            (end, _) => end,
        };
        match end {
            LinkEnd::Post(to) if to != from => {
                site.resolved += 1;
                site.targets.insert(link.target.clone());
                if link.origin == LinkOrigin::Body { &mut site.body } else { &mut site.related }.push((from, to));
            }
            LinkEnd::Post(_) | LinkEnd::Itself => site.to_itself += 1,
            LinkEnd::Elsewhere => site.elsewhere += 1,
            LinkEnd::Unknown => site.unknown.push(link.clone()),
        }
    }
    for pairs in [&mut site.body, &mut site.related] {
        pairs.sort_unstable();
        pairs.dedup();
    }
    site
}

/// Who links to whom, either way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkGraph {
    /// By position, the positions that each post leads to, ascending.
    from: Vec<Vec<usize>>,
    /// By position, the positions that lead to each post, ascending.
    to: Vec<Vec<usize>>,
}

impl LinkGraph {
    /// Resolves the links of a corpus, those of related lists included.
    #[must_use]
    pub fn new(corpus: &Corpus, links: &[PostLink]) -> LinkGraph {
        let site = resolve_links(corpus, links);
        let mut pairs = [site.body, site.related].concat();
        pairs.sort_unstable();
        pairs.dedup();
        let mut graph = LinkGraph { from: vec![Vec::new(); corpus.len()], to: vec![Vec::new(); corpus.len()] };
        for (from, to) in pairs {
            graph.from[from].push(to);
            graph.to[to].push(from);
        }
        graph
    }

    /// Tells whether the post at `from` leads to the one at `to`.
    ///
    /// # Panics
    /// `from` is not below the corpus's length.
    #[must_use]
    pub fn has(&self, from: usize, to: usize) -> bool {
        self.from[from].binary_search(&to).is_ok()
    }

    /// Returns the positions that the post at `position` leads to, ascending.
    ///
    /// # Panics
    /// `position` is not below the corpus's length.
    #[must_use]
    pub fn from(&self, position: usize) -> &[usize] {
        &self.from[position]
    }

    /// Returns the positions that lead to the post at `position`, ascending.
    ///
    /// # Panics
    /// `position` is not below the corpus's length.
    #[must_use]
    pub fn to(&self, position: usize) -> &[usize] {
        &self.to[position]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    #[test]
    fn links_are_directed_and_never_to_themselves() {
        let posts = ["p0", "p1", "p2"].map(|id| post(id, id, ""));
        let corpus = Corpus::new(posts.to_vec()).unwrap();
        let link = |from: &str, target: &str, origin| PostLink {
            from: PostId::new(from).unwrap(),
            target: target.to_owned(),
            words: String::new(),
            origin,
        };
        let links = [
            link("p0", "p1", LinkOrigin::Body),
            link("p0", "p1/", LinkOrigin::Body),
            link("p0", "p0", LinkOrigin::Body),
            link("p2", "https://x.example/", LinkOrigin::Body),
            link("p2", "p9", LinkOrigin::Body),
            link("p2", "p0", LinkOrigin::Related),
            link("p2", "p1", LinkOrigin::Related),
            link("gone", "p0", LinkOrigin::Body),
        ];
        let site = resolve_links(&corpus, &links);
        assert_eq!((site.body.as_slice(), site.related.as_slice()), (&[(0, 1)][..], &[(2, 0), (2, 1)][..]));
        assert_eq!((site.resolved, site.to_itself, site.elsewhere, site.unknown.len()), (4, 1, 1, 1));
        assert_eq!(site.targets.into_iter().collect::<Vec<_>>(), ["p0", "p1", "p1/"]);
        let graph = LinkGraph::new(&corpus, &links);
        assert!(graph.has(0, 1) && graph.has(2, 0) && !graph.has(1, 0) && !graph.has(0, 0));
        assert_eq!((graph.from(2), graph.to(1), graph.to(2)), (&[0, 1][..], &[0, 2][..], &[][..]));
    }
}
