//! Which posts are near each other? Each post joined with its nearest, the same both ways.

/// A symmetric graph without loops: of each node the others that it is joined with, ascending, and the weights.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graph {
    pub(super) edges: Vec<Vec<(usize, f64)>>,
}

impl Graph {
    /// Joins each node with the others of its list, nearest first in `nearest[node]`; a pair that is in both lists has one
    /// weight, the larger one. Weights of 0 and below join nothing.
    ///
    /// # Panics
    /// A list names a node that is not below `nearest.len()`.
    #[must_use]
    pub fn of_nearest(nearest: &[Vec<(usize, f32)>]) -> Graph {
        let mut edges: Vec<Vec<(usize, f64)>> = vec![Vec::new(); nearest.len()];
        for (node, list) in nearest.iter().enumerate() {
            for &(other, weight) in list.iter().filter(|(other, weight)| *other != node && *weight > 0.0) {
                edges[node].push((other, f64::from(weight)));
                edges[other].push((node, f64::from(weight)));
            }
        }
        for list in &mut edges {
            list.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            list.dedup_by_key(|edge| edge.0);
        }
        Graph { edges }
    }

    /// Returns how many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Tells whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// Returns the graph of some nodes alone, ascending; node `i` of the answer is `nodes[i]`.
    pub(super) fn among(&self, nodes: &[usize]) -> Graph {
        let at = |node: usize| nodes.binary_search(&node).ok();
        let inside = |edge: &(usize, f64)| Some((at(edge.0)?, edge.1));
        Graph { edges: nodes.iter().map(|&node| self.edges[node].iter().filter_map(inside).collect()).collect() }
    }

    /// Returns the sum of a node's weights to nodes that `counts`.
    pub(super) fn weight(&self, node: usize, counts: impl Fn(usize) -> bool) -> f64 {
        self.edges[node].iter().filter(|(other, _)| counts(*other)).map(|(_, weight)| weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_one_weight() {
        let graph = Graph::of_nearest(&[vec![(1, 0.5), (2, -0.1)], vec![(0, 0.75)], vec![(1, 0.25)]]);
        assert_eq!(graph.edges, [vec![(1, 0.75)], vec![(0, 0.75), (2, 0.25)], vec![(1, 0.25)]]);
        assert_eq!(graph.among(&[0, 2]).edges, [vec![], vec![]]);
        assert_eq!(graph.among(&[1, 2]).edges, [vec![(1, 0.25)], vec![(0, 0.25)]]);
        assert_eq!(graph.weight(1, |node| node == 2), 0.25);
    }
}
