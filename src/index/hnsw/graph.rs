//! What is walked? A frozen graph: flat arrays in an order in which near nodes lie near each other.

use super::layers::Layers;
use super::{HnswError, HnswOptions};
use crate::embeddings::Embeddings;
use crate::similarity::{Bits, Line, choose_step, encode, plane_lines};

/// A graph that is not built any more, only walked: links and four bits of each component a node.
///
/// Nodes are renumbered in the order in which a walk from the entry comes to them, so that what is read together lies
/// together. The embeddings stay with the caller: [`super::Hnsw`] orders the last candidates by their floats.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    pub(super) dimension: usize,
    pub(super) step: f32,
    pub(super) options: HnswOptions,
    /// The upper four bits of each node's components, [`plane_lines`] lines a node.
    pub(super) codes: Vec<Line>,
    /// The row of the embeddings that each node was built from.
    pub(super) rows: Vec<u32>,
    /// Links of the lowest layer: those of node `i` are `links[offsets[i]..offsets[i + 1]]`.
    pub(super) base: Links,
    /// The layers above, from the second lowest up.
    pub(super) upper: Vec<UpperLayer>,
}

/// Lists of links, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) offsets: Vec<u32>,
    pub(super) links: Vec<u32>,
}

/// A layer above the lowest, whose nodes have numbers of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UpperLayer {
    /// The number of each node on the lowest layer.
    pub(super) nodes: Vec<u32>,
    /// The number of each node on the layer below.
    pub(super) below: Vec<u32>,
    pub(super) links: Links,
}

/// What a graph is made of, for those who want to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GraphStats {
    /// Nodes of the lowest layer.
    pub nodes: usize,
    /// Layers, the lowest included.
    pub layers: usize,
    /// Links a node on the lowest layer, in the mean.
    pub links_mean: f64,
    /// Bytes of codes, links and numbers.
    pub bytes: usize,
}

impl Links {
    fn new(lists: impl Iterator<Item = Vec<u32>>) -> Result<Links, HnswError> {
        let mut made = Links { offsets: vec![0], links: Vec::new() };
        for list in lists {
            made.links.extend(list);
            let end = u32::try_from(made.links.len()).map_err(|_| HnswError::AllLinks(made.links.len()))?;
            made.offsets.push(end);
        }
        Ok(made)
    }

    #[inline]
    pub(super) fn of(&self, node: u32) -> &[u32] {
        &self.links[self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize]
    }

    fn bytes(&self) -> usize {
        size_of_val(self.offsets.as_slice()) + size_of_val(self.links.as_slice())
    }
}

impl Graph {
    /// Freezes layers that were built of `embeddings`.
    ///
    /// # Errors
    /// An option is out of its range, or there are more rows than a link can name.
    ///
    /// # Panics
    /// `layers` are not of these embeddings: a row is missing, or a link names one that is not there.
    pub fn freeze(embeddings: &Embeddings, layers: &Layers, options: &HnswOptions) -> Result<Graph, HnswError> {
        options.check_for(embeddings.len())?;
        assert_eq!(layers.base.len(), embeddings.len(), "one list of links for each row");
        let rows = walk_order(layers);
        let mut node_of = vec![0; rows.len()];
        for (node, &row) in (0..).zip(&rows) {
            node_of[row as usize] = node;
        }
        let renumber = |links: &Vec<u32>| links.iter().map(|&row| node_of[row as usize]).collect();
        let base = Links::new(rows.iter().map(|&row| renumber(&layers.base[row as usize])))?;
        let dimension = embeddings.dimension();
        let step = choose_step(embeddings.as_slice(), dimension, Bits::Four);
        let codes = codes(embeddings, &rows, step);
        let upper = upper(layers, &node_of)?;
        Ok(Graph { dimension, step, options: *options, codes, rows, base, upper })
    }

    /// Returns how many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the length of a vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Returns how it was built and is walked.
    #[must_use]
    pub fn options(&self) -> &HnswOptions {
        &self.options
    }

    /// Returns what it is made of.
    #[must_use]
    pub fn stats(&self) -> GraphStats {
        let upper = |layer: &UpperLayer| size_of_val(layer.nodes.as_slice()) * 2 + layer.links.bytes();
        GraphStats {
            nodes: self.len(),
            layers: 1 + self.upper.len(),
            links_mean: self.base.links.len() as f64 / self.len().max(1) as f64,
            bytes: size_of_val(self.codes.as_slice())
                + size_of_val(self.rows.as_slice())
                + self.base.bytes()
                + self.upper.iter().map(upper).sum::<usize>(),
        }
    }
}

/// Returns the rows in the order in which a walk in breadth from the entry comes to them.
fn walk_order(layers: &Layers) -> Vec<u32> {
    let mut seen = vec![false; layers.base.len()];
    let mut order = Vec::with_capacity(layers.base.len());
    for start in layers.entry().into_iter().chain(0..layers.base.len() as u32) {
        if std::mem::replace(&mut seen[start as usize], true) {
            continue;
        }
        let mut next = order.len();
        order.push(start);
        while let Some(&row) = order.get(next) {
            next += 1;
            for &link in &layers.base[row as usize] {
                if !std::mem::replace(&mut seen[link as usize], true) {
                    order.push(link);
                }
            }
        }
    }
    order
}

fn codes(embeddings: &Embeddings, rows: &[u32], step: f32) -> Vec<Line> {
    let lines = plane_lines(embeddings.dimension());
    let mut codes = vec![Line::ZERO; rows.len() * lines];
    let mut low = vec![Line::ZERO; lines];
    for (&row, high) in rows.iter().zip(codes.chunks_exact_mut(lines)) {
        encode(embeddings.row(row as usize), step, high, &mut low);
    }
    codes
}

fn upper(layers: &Layers, node_of: &[u32]) -> Result<Vec<UpperLayer>, HnswError> {
    let mut below: Option<&[u32]> = None;
    let mut upper = Vec::new();
    for layer in &layers.upper {
        let place = |rows: &[u32], row: u32| rows.binary_search(&row).expect("a node of the layer") as u32;
        let links = layer.links.iter().map(|links| links.iter().map(|&row| place(&layer.nodes, row)).collect());
        let nodes: Vec<u32> = layer.nodes.iter().map(|&row| node_of[row as usize]).collect();
        let below_of = |&row: &u32| below.map_or(node_of[row as usize], |rows| place(rows, row));
        let below_places = layer.nodes.iter().map(below_of).collect();
        upper.push(UpperLayer { nodes, below: below_places, links: Links::new(links)? });
        below = Some(&layer.nodes);
    }
    Ok(upper)
}
