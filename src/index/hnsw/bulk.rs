//! Can the whole graph be built at once? Neighbor lists from blocks, links chosen from them, and links back.
//!
//! Where the paper inserts node by node, each by a search of the graph so far, a corpus that is there as a whole can be
//! compared block by block, which processors do many times faster a pair. The lists are exact where the layer is one
//! part, and nearly so where it is cut into overlapping ones. Links are chosen by the paper's heuristic; the layers are
//! drawn and walked as the paper's.

use rayon::prelude::*;

use super::layers::{Layer, Layers, draw_levels, upper_nodes};
use super::lists::{nearest_lists, place_of};
use super::partition::{Cut, partition};
use super::reach::make_reachable;
use super::select::{Limits, Selection};
use super::{HnswError, HnswOptions};
use crate::embeddings::Embeddings;
use crate::similarity::{Bits, Codes, Ranked, ranked, row_of, similarity_of};

/// Candidates among which a node's links are chosen in the end, its own and those that lead to it: choosing takes their
/// number squared.
const BACK_MAX: usize = 1_024;
/// Nodes for which links are chosen at once.
const GROUP: usize = 256;

/// How a corpus is compared while a graph is built in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// Nodes of one part, all of which are compared with each other; at least 2. Default 4,000. A corpus of no more
    /// is one part, and its lists are exact.
    pub part: usize,
    /// Parts that a node joins, at least 1. Default 6. More find more of the true neighbors and take longer.
    pub fanout: usize,
    /// Candidates of a node, at least 1. Default 48.
    pub candidates: usize,
}

impl Default for Bulk {
    fn default() -> Bulk {
        Bulk { part: 4_000, fanout: 6, candidates: 48 }
    }
}

impl Layers {
    /// Builds the layers of `embeddings` in bulk, by all threads of the current rayon pool.
    ///
    /// The same embeddings, options and seed give the same layers for any number of threads and any instruction set.
    /// Every node can be reached from the entry over the lowest layer. `progress` gets 0 to 1.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn bulk(
        embeddings: &Embeddings,
        options: &HnswOptions,
        bulk: &Bulk,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Layers, HnswError> {
        options.check_for(embeddings.len())?;
        if bulk.part < 2 || bulk.fanout == 0 || bulk.candidates == 0 {
            return Err(HnswError::Beam("a part, a fanout or the candidates"));
        }
        let codes = Codes::new(embeddings.as_slice(), embeddings.dimension(), Bits::Eight);
        let mut random = fastrand::Rng::with_seed(options.seed ^ 0x6275_6c6b);
        let mut link = |nodes: Vec<u32>, links: usize, above: &Linked, progress: &mut dyn FnMut(f64)| {
            let limits = Limits { links, alpha: options.alpha };
            let links = link_layer(&codes, &nodes, above, limits, bulk, &mut random, progress);
            Linked { nodes, links }
        };
        // From the highest down, as each layer's links are candidates on the one below.
        let mut above = Linked::default();
        let mut upper = Vec::new();
        for nodes in upper_nodes(&draw_levels(embeddings.len(), options)).into_iter().rev() {
            let layer = link(nodes, options.m, &above, &mut |_| ());
            upper.push(Layer { nodes: layer.nodes.clone(), links: layer.rows() });
            above = layer;
        }
        upper.reverse();
        let all: Vec<u32> = (0..embeddings.len() as u32).collect();
        let base = link(all, 2 * options.m, &above, progress).rows();
        let mut layers = Layers { base, upper };
        make_reachable(&mut layers);
        Ok(layers)
    }
}

/// The nodes of a layer, ascending, and the links of each.
#[derive(Default)]
struct Linked {
    nodes: Vec<u32>,
    links: Vec<Vec<Ranked>>,
}

impl Linked {
    fn rows(&self) -> Vec<Vec<u32>> {
        self.links.iter().map(|links| links.iter().copied().map(row_of).collect()).collect()
    }
}

/// Returns the links of `nodes` (ascending) to each other, by place.
fn link_layer(
    codes: &Codes,
    nodes: &[u32],
    above: &Linked,
    limits: Limits,
    bulk: &Bulk,
    random: &mut fastrand::Rng,
    progress: &mut dyn FnMut(f64),
) -> Vec<Vec<Ranked>> {
    let cut = Cut { part: bulk.part, fanout: bulk.fanout };
    let parts = partition(codes, nodes, cut, random);
    let all: usize = parts.iter().map(Vec::len).sum();
    let mut done = 0;
    let mut lists = nearest_lists(codes, nodes, &parts, bulk.candidates, &mut |more| {
        done += more;
        progress(0.6 * done as f64 / all as f64);
    });
    drop(parts);
    // Where near nodes lie in clusters, nothing but these leads out of one.
    for (&node, links) in above.nodes.iter().zip(&above.links) {
        let list = &mut lists[place_in(nodes, node)];
        list.extend_from_slice(links);
        list.sort_unstable_by(|a, b| b.cmp(a));
        list.dedup();
    }
    let chosen = choose(codes, &lists, limits, true);
    drop(lists);
    progress(0.8);
    let both = with_links_back(nodes, &chosen);
    drop(chosen);
    let links = choose(codes, &both, limits, false);
    progress(1.0);
    links
}

/// Returns where a node is in `nodes`, which are ascending.
fn place_in(nodes: &[u32], node: u32) -> usize {
    let whole = nodes.last().is_some_and(|&last| last as usize + 1 == nodes.len());
    if whole { node as usize } else { place_of(nodes, node) }
}

/// Chooses among each list; one that is short enough is taken whole unless `always`.
fn choose(codes: &Codes, lists: &[Vec<Ranked>], limits: Limits, always: bool) -> Vec<Vec<Ranked>> {
    let groups = lists.par_chunks(GROUP).flat_map_iter(|lists| {
        let mut selection = Selection::default();
        let choose = move |list: &Vec<Ranked>| match always || list.len() > limits.links {
            true => selection.choose(codes, list, limits),
            false => list.clone(),
        };
        lists.iter().map(choose)
    });
    groups.collect()
}

/// Adds to each node's links those that lead to it, nearest first; of a node that is near to very many, the nearest.
fn with_links_back(nodes: &[u32], chosen: &[Vec<Ranked>]) -> Vec<Vec<Ranked>> {
    let mut both = chosen.to_vec();
    for (&node, links) in nodes.iter().zip(chosen) {
        for &link in links {
            both[place_in(nodes, row_of(link))].push(ranked(similarity_of(link), node));
        }
    }
    both.par_iter_mut().for_each(|links| {
        links.sort_unstable_by(|a, b| b.cmp(a));
        links.dedup();
        links.truncate(BACK_MAX);
    });
    both
}
