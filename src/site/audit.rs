//! How sound are the links of a site? What nothing leads to, what leads nowhere, what is shown everywhere.

use std::collections::BTreeSet;

use crate::corpus::{Corpus, LinkGraph};
use crate::recommender::{PostLinks, Unlinked};

/// A front page shows so many of the newest posts: what they lead to can be reached.
pub const FRONT_PAGE: usize = 10;
/// A post is shown everywhere when so many times more lists have it than on average …
const HUB_TIMES: usize = 5;
/// … and at least so many.
const HUB_LISTS_MIN: usize = 10;

/// What was found; posts are positions in the corpus.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Audit {
    /// How many posts were looked at.
    pub posts: usize,
    /// Neither a text nor a list of related links leads to them.
    pub orphans: Vec<usize>,
    /// Neither their text nor their list leads anywhere.
    pub dead_ends: Vec<usize>,
    /// No way leads to them from the newest posts.
    pub unreachable: Vec<usize>,
    /// Posts in far more lists than others, and in how many; the largest number first.
    pub hubs: Vec<(usize, usize)>,
    /// Pairs of which the first has the second in its list, and not the other way round.
    pub one_way: Vec<(usize, usize)>,
    /// Bodies that name another post without a link to it.
    pub missing_links: Vec<Unlinked>,
    /// Posts that tell one story: the original, then the others.
    pub same_stories: Vec<Vec<usize>>,
}

/// Looks at the links of texts and at the lists of related links, one a post; `stories` are told by several posts each. That nothing
/// leads to a post that is hidden from lists is wanted.
#[must_use]
pub fn audit(
    corpus: &Corpus,
    texts: &LinkGraph,
    lists: &[PostLinks],
    missing_links: Vec<Unlinked>,
    stories: Vec<Vec<usize>>,
    is_hidden: &dyn Fn(usize) -> bool,
) -> Audit {
    let mut shown: Vec<Vec<usize>> = vec![Vec::new(); corpus.len()];
    for list in lists {
        shown[list.position] = list.links.iter().map(|link| link.position).collect();
    }
    let leads_to = |post: usize| texts.from(post).iter().chain(&shown[post]).copied();
    let mut lists_with = vec![0; corpus.len()];
    shown.iter().flatten().for_each(|&post| lists_with[post] += 1);
    let all = 0..corpus.len();
    let is_orphan = |&post: &usize| texts.to(post).is_empty() && lists_with[post] == 0 && !is_hidden(post);
    let orphans = all.clone().filter(is_orphan).collect();
    let dead_ends = all.clone().filter(|&post| leads_to(post).next().is_none()).collect();
    let reached = reached(front_page(corpus), &leads_to);
    let links: usize = lists_with.iter().sum();
    let is_hub =
        |&post: &usize| lists_with[post] >= HUB_LISTS_MIN && lists_with[post] * corpus.len() > HUB_TIMES * links;
    let mut hubs: Vec<(usize, usize)> = all.clone().filter(is_hub).map(|post| (post, lists_with[post])).collect();
    hubs.sort_by_key(|&(post, lists)| (std::cmp::Reverse(lists), post));
    let one_way = |post: usize| {
        let others = shown[post].iter().filter(|&&other| !shown[other].contains(&post));
        others.map(|&other| (post, other)).collect::<Vec<_>>()
    };
    Audit {
        posts: corpus.len(),
        orphans,
        dead_ends,
        unreachable: all.clone().filter(|post| !reached.contains(post) && !is_hidden(*post)).collect(),
        hubs,
        one_way: all.flat_map(one_way).collect(),
        missing_links,
        same_stories: stories,
    }
}

/// Returns the newest posts; those without a date come after all others.
fn front_page(corpus: &Corpus) -> Vec<usize> {
    let mut newest: Vec<usize> = (0..corpus.len()).collect();
    newest.sort_by_key(|&post| (std::cmp::Reverse(corpus.post(post).date), post));
    newest.truncate(FRONT_PAGE);
    newest
}

fn reached<I: Iterator<Item = usize>>(from: Vec<usize>, leads_to: &impl Fn(usize) -> I) -> BTreeSet<usize> {
    let mut reached: BTreeSet<usize> = from.iter().copied().collect();
    let mut open = from;
    while let Some(post) = open.pop() {
        open.extend(leads_to(post).filter(|&other| reached.insert(other)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{LinkOrigin, PostLink};
    use crate::post::PostDate;
    use crate::post::fixture::post;
    use crate::recommender::{Link, Rejected};

    /// Posts `p00`, `p01`, … of which the last ten are the newest.
    fn check(posts: usize, texts: &[(usize, usize)], lists: &[(usize, &[usize])], expect: &dyn Fn(&Audit)) {
        let posts = (0..posts).map(|number| {
            let mut post = post(&format!("p{number:02}"), "A post", "");
            post.date = PostDate::parse(&format!("{}", 2000 + number));
            post
        });
        let corpus = Corpus::new(posts.collect()).unwrap();
        let id = |at: usize| corpus.post(at).id.clone();
        let links: Vec<PostLink> = texts
            .iter()
            .map(|&(from, to)| PostLink {
                from: id(from),
                target: id(to).to_string(),
                words: String::new(),
                origin: LinkOrigin::Body,
            })
            .collect();
        let lists: Vec<PostLinks> = lists
            .iter()
            .map(|&(position, to)| PostLinks {
                position,
                links: to.iter().map(|&position| Link { position, score: 0.5, gain: None, is_pinned: false }).collect(),
                lost: Vec::new(),
                held_back: (0, 0),
                rejected: Rejected::default(),
            })
            .collect();
        let hidden = |post: usize| post == 9;
        expect(&audit(&corpus, &LinkGraph::new(&corpus, &links), &lists, Vec::new(), Vec::new(), &hidden));
    }

    #[test]
    fn orphans_dead_ends_and_what_cannot_be_reached() {
        // 12 and 11 are on the front page; 0 and 1 lead to each other only, 2 to nothing.
        check(13, &[(0, 1), (12, 2)], &[(1, &[0]), (11, &[12, 10])], &|found| {
            // 9 is hidden.
            assert_eq!(found.orphans, [3, 4, 5, 6, 7, 8, 11]);
            assert_eq!(found.dead_ends, [2, 3, 4, 5, 6, 7, 8, 9, 10]);
            assert_eq!(found.unreachable, [0, 1]);
            assert_eq!(found.one_way, [(1, 0), (11, 12), (11, 10)]);
            assert_eq!(found.hubs, []);
        });
    }

    #[test]
    fn what_every_list_has_is_a_hub() {
        let lists: Vec<(usize, &[usize])> = (1..20).map(|post| (post, &[0][..])).collect();
        check(20, &[], &lists, &|found| assert_eq!(found.hubs, [(0, 19)]));
        let few: Vec<(usize, &[usize])> = (1..9).map(|post| (post, &[0][..])).collect();
        check(20, &[], &few, &|found| assert_eq!(found.hubs, []));
    }
}
