//! The links of a site as a graph: GraphML, DOT, Mermaid. Posts are nodes, numbered in the order of their names.

use std::collections::BTreeMap;

use super::escape::{dot as in_dot, mermaid as in_mermaid, xml};
use super::{Linked, Scores, rounded};
use crate::post::Post;
use crate::recommender::{Link, PostLinks};

/// A post and its number.
struct Node<'a> {
    number: usize,
    name: &'a str,
    post: &'a Post,
    links: &'a PostLinks,
}

struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    numbers: BTreeMap<usize, usize>,
}

impl<'a> Graph<'a> {
    fn new(linked: &Linked<'a>) -> Graph<'a> {
        let named = linked.by_name().into_iter().enumerate();
        let node = |(number, (name, links)): (usize, (&'a str, &'a PostLinks))| Node {
            number,
            name,
            post: linked.corpus.post(links.position),
            links,
        };
        let nodes: Vec<Node<'a>> = named.map(node).collect();
        let numbers = nodes.iter().map(|node| (node.links.position, node.number)).collect();
        Graph { nodes, numbers }
    }

    /// Returns the links with the numbers of both ends and their rank, from 1.
    fn edges(&self) -> impl Iterator<Item = (usize, usize, usize, &Link)> {
        self.nodes.iter().flat_map(move |node| {
            let links = node.links.links.iter().enumerate();
            links.filter_map(move |(at, link)| Some((node.number, *self.numbers.get(&link.position)?, at + 1, link)))
        })
    }
}

/// Writes GraphML: nodes with `name`, `title`, `url`, `date`, edges with `rank` and, if wanted, `score`.
#[must_use]
pub fn graphml(linked: &Linked<'_>) -> String {
    let graph = Graph::new(linked);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    let with_scores = linked.scores == Scores::Written;
    let score = with_scores.then_some(("score", "edge", "double"));
    let keys = ["name", "title", "url", "date"].map(|name| (name, "node", "string"));
    for (name, of, kind) in keys.into_iter().chain([("rank", "edge", "int")]).chain(score) {
        text.push_str(&format!("  <key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>\n"));
    }
    text.push_str("  <graph id=\"related\" edgedefault=\"directed\">\n");
    for Node { number, name, post, .. } in &graph.nodes {
        let date = post.date.map(|date| date.to_string());
        let data = [
            ("name", Some(*name)),
            ("title", Some(&post.title)),
            ("url", post.url.as_deref()),
            ("date", date.as_deref()),
        ];
        let data =
            data.iter().filter_map(|(key, value)| Some(format!("<data key=\"{key}\">{}</data>", xml((*value)?))));
        text.push_str(&format!("    <node id=\"n{number}\">{}</node>\n", data.collect::<String>()));
    }
    for (from, to, rank, link) in graph.edges() {
        let score =
            if with_scores { format!("<data key=\"score\">{}</data>", rounded(link.score)) } else { String::new() };
        let rank = format!("<data key=\"rank\">{rank}</data>{score}");
        text.push_str(&format!("    <edge source=\"n{from}\" target=\"n{to}\">{rank}</edge>\n"));
    }
    text + "  </graph>\n</graphml>\n"
}

/// Writes DOT, for Graphviz.
#[must_use]
pub fn dot(linked: &Linked<'_>) -> String {
    let graph = Graph::new(linked);
    let mut text = String::from("digraph related {\n  rankdir=LR;\n  node [shape=box];\n");
    for Node { number, name, post, .. } in &graph.nodes {
        let url = post.url.as_ref().map_or_else(String::new, |url| format!(", URL=\"{}\"", in_dot(url)));
        let (label, name) = (in_dot(&post.title), in_dot(name));
        text.push_str(&format!("  n{number} [label=\"{label}\", tooltip=\"{name}\"{url}];\n"));
    }
    for (from, to, _, link) in graph.edges() {
        let score = match linked.scores {
            Scores::Written => {
                format!(" [weight={:.0}, label=\"{:.2}\"]", f64::from(link.score.max(0.0)) * 100.0, link.score)
            }
            Scores::LeftOut => String::new(),
        };
        text.push_str(&format!("  n{from} -> n{to}{score};\n"));
    }
    text + "}\n"
}

/// Writes a flow chart of Mermaid.
#[must_use]
pub fn mermaid(linked: &Linked<'_>) -> String {
    let graph = Graph::new(linked);
    let mut text = String::from("flowchart LR\n");
    for Node { number, post, .. } in &graph.nodes {
        text.push_str(&format!("  n{number}[\"{}\"]\n", in_mermaid(&post.title)));
    }
    for (from, to, _, link) in graph.edges() {
        let arrow = match linked.scores {
            Scores::Written => format!("-->|{:.2}|", link.score),
            Scores::LeftOut => "-->".to_owned(),
        };
        text.push_str(&format!("  n{from} {arrow} n{to}\n"));
    }
    text
}
