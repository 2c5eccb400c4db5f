//! What is a corpus about? Groups of posts that are near each other, on two levels, and what to call them.
//!
//! [`Graph`] joins each post with its nearest, [`divide`] finds the groups in it, [`names`] calls them by phrases that their
//! posts have and others have not.

mod communities;
mod graph;
mod names;
mod phrases;

use xxhash_rust::xxh3::xxh3_64;

pub use graph::Graph;
pub use names::{Class, KeyPhrase, Name, names};
pub use phrases::{Phrases, Written};

use communities::consensus;

/// A topic has so many posts at least; smaller groups are no topic.
pub const POSTS_MIN: usize = 3;
/// A topic of so many posts may have sub-topics.
const DIVIDED_FROM: usize = 12;
/// A post with a smaller share of its neighbors' weight in its own group belongs to none.
const BELONGS: f64 = 0.4;

/// A group of posts.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Six letters that stay while most of its posts stay.
    pub id: String,
    /// Nodes of the graph, the most central first.
    pub members: Vec<usize>,
    /// For each of `members`, the weight between it and the others, as a share of the largest, 0 to 1.
    pub centrality: Vec<f64>,
    /// Groups in it, the largest first; none or at least two. A member need not be in any.
    pub parts: Vec<Group>,
}

/// Divides the nodes of a graph into topics and these into sub-topics, the largest first; nodes that belong to no topic are
/// in none. `id_of` is what each node is called, always the same.
#[must_use]
pub fn divide<'a>(graph: &Graph, id_of: &impl Fn(usize) -> &'a str) -> Vec<Group> {
    let all: Vec<usize> = (0..graph.len()).collect();
    let mut topics = level(graph, &all, id_of);
    for topic in &mut topics {
        if topic.members.len() >= DIVIDED_FROM {
            let mut members = topic.members.clone();
            members.sort_unstable();
            let parts = level(graph, &members, id_of);
            topic.parts = if parts.len() > 1 { parts } else { Vec::new() };
        }
    }
    topics
}

/// Divides some nodes once.
fn level<'a>(graph: &Graph, nodes: &[usize], id_of: &impl Fn(usize) -> &'a str) -> Vec<Group> {
    let inner = graph.among(nodes);
    let groups = consensus(&inner);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); groups.iter().max().map_or(0, |most| most + 1)];
    for (node, &group) in groups.iter().enumerate() {
        let (own, all) = (inner.weight(node, |other| groups[other] == group), inner.weight(node, |_| true));
        if own > 0.0 && own >= BELONGS * all {
            members[group].push(node);
        }
    }
    members.retain(|members| members.len() >= POSTS_MIN);
    let mut found: Vec<Group> = members.iter().map(|members| described(&inner, members, nodes, id_of)).collect();
    found.sort_by(|a, b| b.members.len().cmp(&a.members.len()).then_with(|| a.id.cmp(&b.id)));
    found
}

/// Orders members (nodes of `inner`, which are `nodes` of the whole) by centrality and finds the group's id.
fn described<'a>(inner: &Graph, members: &[usize], nodes: &[usize], id_of: &impl Fn(usize) -> &'a str) -> Group {
    let is_in = |node: usize| members.binary_search(&node).is_ok();
    let mut central: Vec<(f64, usize)> = members.iter().map(|&node| (inner.weight(node, is_in), nodes[node])).collect();
    central.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let most = central.first().map_or(1.0, |first| first.0).max(f64::MIN_POSITIVE);
    let centrality: Vec<f64> = central.iter().map(|(weight, _)| weight / most).collect();
    let members: Vec<usize> = central.into_iter().map(|(_, node)| node).collect();
    let id = stable_id(members.iter().map(|&node| id_of(node)).zip(&centrality));
    Group { id, members, centrality, parts: Vec::new() }
}

/// Draws one of the members by a number that each has of its own, central ones more likely: of two groups, the chance that
/// they draw the same is the share of what they have in common (weighted minwise hashing; Manasse, McSherry and Talwar,
/// "Consistent Weighted Sampling", 2010). The id is made of that member's.
fn stable_id<'a>(members: impl Iterator<Item = (&'a str, &'a f64)>) -> String {
    let drawn = members.map(|(id, centrality)| {
        let hash = xxh3_64(id.as_bytes());
        // Between 0 and 1, neither of them.
        let even = ((hash >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
        (-even.ln() / centrality.max(f64::MIN_POSITIVE), hash)
    });
    let first = drawn.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    first.map_or_else(String::new, |(_, hash)| letters(hash))
}

/// Writes a hash as six letters.
fn letters(hash: u64) -> String {
    let letter = |at: u32| char::from(b'a' + (hash / 26_u64.pow(at) % 26) as u8);
    (0..6).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty groups of ten posts that all know each other, and `more` posts, each in one of the groups.
    fn grown(more: usize) -> (Graph, Vec<String>) {
        let group = |node: usize| if node < 200 { node / 10 } else { (node * 7) % 20 };
        let count = 200 + more;
        let joined = |node: usize| -> Vec<(usize, f32)> {
            (0..count).filter(|&other| other != node && group(other) == group(node)).map(|other| (other, 0.5)).collect()
        };
        let nearest: Vec<Vec<(usize, f32)>> = (0..count).map(joined).collect();
        (Graph::of_nearest(&nearest), (0..count).map(|node| format!("post-{node}")).collect())
    }

    fn ids(more: usize) -> Vec<String> {
        let (graph, names) = grown(more);
        divide(&graph, &|node| names[node].as_str()).into_iter().map(|group| group.id).collect()
    }

    #[test]
    fn topics_keep_their_ids_when_a_few_posts_come() {
        let (before, after) = (ids(0), ids(10));
        assert_eq!((before.len(), after.len()), (20, 20));
        let kept = before.iter().filter(|id| after.contains(id)).count();
        assert!(kept >= 18, "{kept} of 20 kept their ids");
        assert_eq!(ids(10), after);
    }

    #[test]
    fn posts_near_to_nothing_are_in_no_topic() {
        let (graph, names) = grown(0);
        let mut nearest: Vec<Vec<(usize, f32)>> = graph
            .edges
            .iter()
            .map(|edges| edges.iter().map(|&(other, weight)| (other, weight as f32)).collect())
            .collect();
        nearest.extend([vec![(201, 0.5)], vec![], vec![]]);
        let name_of = |node: usize| names.get(node).map_or("alone", String::as_str);
        let topics = divide(&Graph::of_nearest(&nearest), &name_of);
        assert_eq!(topics.iter().map(|topic| topic.members.len()).sum::<usize>(), 200);
        assert!(divide(&Graph::default(), &name_of).is_empty());
    }
}
