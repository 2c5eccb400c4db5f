//! What does a builder make? Links by node, a list for each layer.

use super::HnswOptions;

/// A graph as it is built: which nodes are on which layer, and their links.
///
/// A node is a row of the embeddings. Layer 0 holds all of them; each layer above is a random part of the one below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layers {
    /// The lowest layer: the links of each row.
    pub base: Vec<Vec<u32>>,
    /// The layers above, from the second lowest up.
    pub upper: Vec<Layer>,
}

/// One layer above the lowest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// The rows on it, ascending.
    pub nodes: Vec<u32>,
    /// The links of each of `nodes`, as rows.
    pub links: Vec<Vec<u32>>,
}

/// Layers above the lowest that are drawn at most; with M = 16 the chance of a higher one is 16⁻¹⁶.
const LAYERS_MAX: usize = 16;

/// Draws the highest layer of each of `rows` nodes as the paper does, ⌊−ln(uniform) / ln M⌋ (section 4.1).
pub(super) fn draw_levels(rows: usize, options: &HnswOptions) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(options.seed);
    let scale = 1.0 / (options.m as f64).ln();
    let mut level = || (-(1.0 - random.f64()).ln() * scale).min(LAYERS_MAX as f64) as u8;
    (0..rows).map(|_| level()).collect()
}

/// Returns the nodes of each layer above the lowest, from the second lowest up, ascending.
pub(super) fn upper_nodes(levels: &[u8]) -> Vec<Vec<u32>> {
    let highest = levels.iter().copied().max().unwrap_or(0);
    let nodes = |layer: u8| (0..).zip(levels).filter(|&(_, &level)| level >= layer).map(|(row, _)| row).collect();
    (1..=highest).map(nodes).collect()
}

impl Layers {
    /// Returns where a search begins: the first node of the highest layer; none without nodes.
    #[must_use]
    pub fn entry(&self) -> Option<u32> {
        match self.upper.last() {
            Some(layer) => layer.nodes.first().copied(),
            None => (!self.base.is_empty()).then_some(0),
        }
    }
}
