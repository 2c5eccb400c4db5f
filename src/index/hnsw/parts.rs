//! What does a file of a graph hold? Its arrays as bytes, and the checks that make a graph of them again.

use super::graph::{Graph, Links, UpperLayer};
use super::{HnswError, HnswOptions};
use crate::similarity::{Line, plane_lines};

/// The numbers of a graph that are no array.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GraphHead {
    /// The length of a vector.
    pub dimension: usize,
    /// What one unit of a code stands for.
    pub step: f32,
    /// How the graph was built and is walked.
    pub options: HnswOptions,
}

/// A named array of a graph, as little-endian bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphPart<'a> {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Says why arrays are no graph.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphPartsError {
    /// An array has another length than the others ask for.
    #[error("the part {0} has a length that does not fit the others")]
    Length(&'static str),
    /// An array holds a number that it may not hold.
    #[error("the part {0} holds a number out of range")]
    Range(&'static str),
    /// The dimension or the step is none.
    #[error("a graph of dimension {dimension} and step {step} cannot be")]
    Head {
        /// The length of a vector.
        dimension: usize,
        /// What one unit of a code stands for.
        step: f32,
    },
    /// An option is out of its range.
    #[error(transparent)]
    Options(#[from] HnswError),
}

/// The names of the parts, in the order of [`Graph::parts`]. Those of the layers above the lowest hold one layer behind
/// the other; `layers` has the count of nodes and of links of each.
const NAMES: [&str; 9] =
    ["codes", "rows", "offsets", "links", "layers", "nodes", "below", "upper-offsets", "upper-links"];

/// The arrays of the layers above the lowest, one layer behind the other.
#[derive(Debug, Default)]
pub struct UpperParts {
    layers: Vec<u32>,
    nodes: Vec<u32>,
    below: Vec<u32>,
    offsets: Vec<u32>,
    links: Vec<u32>,
}

impl Graph {
    /// Returns the numbers that are no array.
    #[must_use]
    pub fn head(&self) -> GraphHead {
        GraphHead { dimension: self.dimension, step: self.step, options: self.options }
    }

    /// Copies the layers above the lowest, which are small, for [`Graph::parts`].
    #[must_use]
    pub fn upper_parts(&self) -> UpperParts {
        let mut parts = UpperParts::default();
        for layer in &self.upper {
            parts.layers.extend([layer.nodes.len() as u32, layer.links.links.len() as u32]);
            parts.nodes.extend(&layer.nodes);
            parts.below.extend(&layer.below);
            parts.offsets.extend(&layer.links.offsets);
            parts.links.extend(&layer.links.links);
        }
        parts
    }

    /// Returns the arrays; [`Graph::from_parts`] makes the same graph of them.
    #[must_use]
    pub fn parts<'a>(&'a self, upper: &'a UpperParts) -> Vec<GraphPart<'a>> {
        let arrays: [&[u8]; 9] = [
            bytemuck::cast_slice(&self.codes),
            bytemuck::cast_slice(&self.rows),
            bytemuck::cast_slice(&self.base.offsets),
            bytemuck::cast_slice(&self.base.links),
            bytemuck::cast_slice(&upper.layers),
            bytemuck::cast_slice(&upper.nodes),
            bytemuck::cast_slice(&upper.below),
            bytemuck::cast_slice(&upper.offsets),
            bytemuck::cast_slice(&upper.links),
        ];
        NAMES.into_iter().zip(arrays).map(|(name, bytes)| GraphPart { name, bytes }).collect()
    }

    /// Makes a graph of its arrays, which `part` finds by name; everything that a walk relies on is checked.
    ///
    /// # Errors
    /// What `part` says when an array is missing, or [`GraphPartsError`] when the arrays are no graph.
    pub fn from_parts<'a, E: From<GraphPartsError>>(
        head: &GraphHead,
        mut part: impl FnMut(&'static str) -> Result<&'a [u8], E>,
    ) -> Result<Graph, E> {
        let GraphHead { dimension, step, options } = *head;
        options.check().map_err(GraphPartsError::from)?;
        if dimension == 0 || !(step.is_finite() && step > 0.0) {
            return Err(GraphPartsError::Head { dimension, step }.into());
        }
        let mut numbers = |name: &'static str| Ok::<Vec<u32>, E>(array(name, part(name)?)?);
        let rows = numbers("rows")?;
        let base = Links { offsets: numbers("offsets")?, links: numbers("links")? };
        let upper = UpperParts {
            layers: numbers("layers")?,
            nodes: numbers("nodes")?,
            below: numbers("below")?,
            offsets: numbers("upper-offsets")?,
            links: numbers("upper-links")?,
        };
        let codes: Vec<Line> = array("codes", part("codes")?)?;
        if codes.len() != rows.len() * plane_lines(dimension) {
            return Err(GraphPartsError::Length("codes").into());
        }
        check_permutation(&rows)?;
        base.check(rows.len(), "offsets", "links")?;
        let upper = upper.layers(rows.len())?;
        Ok(Graph { dimension, step, options, codes, rows, base, upper })
    }
}

/// Copies bytes as numbers.
fn array<T: bytemuck::AnyBitPattern + bytemuck::NoUninit>(
    name: &'static str,
    bytes: &[u8],
) -> Result<Vec<T>, GraphPartsError> {
    if !bytes.len().is_multiple_of(size_of::<T>()) {
        return Err(GraphPartsError::Length(name));
    }
    let mut values = vec![T::zeroed(); bytes.len() / size_of::<T>()];
    bytemuck::cast_slice_mut::<T, u8>(&mut values).copy_from_slice(bytes);
    Ok(values)
}

fn check_permutation(rows: &[u32]) -> Result<(), GraphPartsError> {
    let mut seen = vec![false; rows.len()];
    for &row in rows {
        match seen.get_mut(row as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(GraphPartsError::Range("rows")),
        }
    }
    Ok(())
}

impl Links {
    fn check(&self, nodes: usize, offsets: &'static str, links: &'static str) -> Result<(), GraphPartsError> {
        if self.offsets.len() != nodes + 1 || self.offsets.last().map(|&last| last as usize) != Some(self.links.len()) {
            return Err(GraphPartsError::Length(offsets));
        }
        if self.offsets[0] != 0 || !self.offsets.is_sorted() {
            return Err(GraphPartsError::Range(offsets));
        }
        let inside = self.links.iter().all(|&link| (link as usize) < nodes);
        if inside { Ok(()) } else { Err(GraphPartsError::Range(links)) }
    }
}

impl UpperParts {
    /// Cuts the arrays into layers over a lowest layer of so many nodes.
    fn layers(self, nodes: usize) -> Result<Vec<UpperLayer>, GraphPartsError> {
        let (counts, rest) = self.layers.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(GraphPartsError::Length("layers"));
        }
        let (mut all_nodes, mut all_below) = (self.nodes.as_slice(), self.below.as_slice());
        let (mut all_offsets, mut all_links) = (self.offsets.as_slice(), self.links.as_slice());
        let mut take = |count: u32, links: u32| {
            let cut = UpperLayer {
                nodes: cut("nodes", &mut all_nodes, count as usize)?,
                below: cut("below", &mut all_below, count as usize)?,
                links: Links {
                    offsets: cut("upper-offsets", &mut all_offsets, count as usize + 1)?,
                    links: cut("upper-links", &mut all_links, links as usize)?,
                },
            };
            cut.links.check(count as usize, "upper-offsets", "upper-links")?;
            Ok(cut)
        };
        let layers: Result<Vec<UpperLayer>, GraphPartsError> =
            counts.iter().map(|&[count, links]| take(count, links)).collect();
        let layers = layers?;
        if ![all_nodes, all_below, all_offsets, all_links].iter().all(|left| left.is_empty()) {
            return Err(GraphPartsError::Length("layers"));
        }
        let mut nodes_below = nodes;
        for layer in &layers {
            // An empty layer has no node at which a walk could begin.
            if layer.nodes.is_empty() || layer.nodes.iter().any(|&node| node as usize >= nodes) {
                return Err(GraphPartsError::Range("nodes"));
            }
            if layer.below.iter().any(|&node| node as usize >= nodes_below) {
                return Err(GraphPartsError::Range("below"));
            }
            nodes_below = layer.nodes.len();
        }
        Ok(layers)
    }
}

fn cut(name: &'static str, from: &mut &[u32], count: usize) -> Result<Vec<u32>, GraphPartsError> {
    let (part, rest) = from.split_at_checked(count).ok_or(GraphPartsError::Length(name))?;
    *from = rest;
    Ok(part.to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::{Bulk, Layers};
    use super::*;
    use crate::embeddings::Embeddings;
    use crate::index::{Hnsw, Scratch, Search};

    fn graph() -> (Embeddings, Graph) {
        let mut random = fastrand::Rng::with_seed(3);
        let embeddings = Embeddings::from_rows(5, (0..300 * 5).map(|_| random.f32() - 0.5).collect()).unwrap();
        let options = HnswOptions { m: 4, ..HnswOptions::default() };
        let layers = Layers::bulk(&embeddings, &options, &Bulk::default(), &mut |_| ()).unwrap();
        let graph = Graph::freeze(&embeddings, &layers, &options).unwrap();
        (embeddings, graph)
    }

    fn copies(graph: &Graph) -> Vec<(&'static str, Vec<u8>)> {
        let upper = graph.upper_parts();
        graph.parts(&upper).into_iter().map(|part| (part.name, part.bytes.to_vec())).collect()
    }

    fn again(head: &GraphHead, parts: &[(&'static str, Vec<u8>)]) -> Result<Graph, GraphPartsError> {
        Graph::from_parts(head, |name| {
            let found = parts.iter().find(|(part, _)| *part == name);
            Ok::<&[u8], GraphPartsError>(&found.expect("a part of this name").1)
        })
    }

    #[test]
    fn parts_make_the_same_graph() {
        let (_, graph) = graph();
        assert!(graph.upper.len() > 1, "layers above the second are tested");
        assert_eq!(again(&graph.head(), &copies(&graph)).unwrap(), graph);
    }

    #[test]
    fn damaged_parts_are_refused_or_walked_without_a_panic() {
        let (embeddings, graph) = graph();
        let whole = copies(&graph);
        let mut random = fastrand::Rng::with_seed(4);
        let (mut refused, mut scratch) = (0, Scratch::default());
        for _ in 0..3_000 {
            let mut parts = whole.clone();
            let (_, bytes) = &mut parts[random.usize(0..whole.len())];
            match random.u8(0..3) {
                0 => bytes.truncate(random.usize(0..bytes.len())),
                1 => bytes.extend([0; 4]),
                _ => {
                    let at = random.usize(0..bytes.len());
                    bytes[at] ^= 1 << random.u8(0..8);
                }
            }
            match again(&graph.head(), &parts) {
                Err(_) => refused += 1,
                Ok(other) => {
                    let search = Search { k: 5, ef_search: 20, among: None };
                    Hnsw::new(&other, &embeddings).search(embeddings.row(0), &search, &mut scratch);
                }
            }
        }
        assert!(refused > 1_500, "{refused} of 3,000 refused");
    }

    #[test]
    fn a_head_out_of_range_is_refused() {
        let (_, graph) = graph();
        let (head, parts) = (graph.head(), copies(&graph));
        for head in [
            GraphHead { dimension: 0, ..head },
            GraphHead { dimension: 500, ..head },
            GraphHead { step: f32::NAN, ..head },
            GraphHead { step: 0.0, ..head },
            GraphHead { options: HnswOptions { m: 0, ..head.options }, ..head },
        ] {
            assert!(again(&head, &parts).is_err(), "{head:?}");
        }
    }
}
