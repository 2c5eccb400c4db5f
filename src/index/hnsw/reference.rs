//! Is our graph as good as another's? The layers that the crate `hnsw_rs` builds, to be walked as ours are.

use hnsw_rs::hnsw;
use hnsw_rs::prelude::Distance;

use super::layers::{Layer, Layers, upper_nodes};
use super::reach::make_reachable;
use super::{HnswError, HnswOptions};
use crate::embeddings::Embeddings;
use crate::similarity::Kernels;

/// The layers that `hnsw_rs` knows.
const LAYERS_MAX: usize = 16;

/// What `hnsw_rs` orders by: 1 − inner product. Rounding can bring that below 0, which it refuses.
struct Apart(Kernels);

impl Distance<f32> for Apart {
    fn eval(&self, a: &[f32], b: &[f32]) -> f32 {
        let mut similarity = [0.0];
        self.0.rows(a, b, &mut similarity);
        (1.0 - similarity[0]).max(0.0)
    }
}

impl Layers {
    /// Builds the layers of `embeddings` with `hnsw_rs`, row after row in one thread, over floats.
    ///
    /// The layers of the nodes come from a generator whose seed is fixed in `hnsw_rs`, and links are chosen without
    /// slack: of the options, `seed` and `alpha` count for nothing. The same embeddings give the same layers as long as
    /// `hnsw_rs` and `rand` stay what `Cargo.lock` says. Every node can be reached from the entry over the lowest
    /// layer, by links that are added where `hnsw_rs` left an island. `progress` gets 0 to 1.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn by_hnsw_rs(
        embeddings: &Embeddings,
        options: &HnswOptions,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Layers, HnswError> {
        let rows = embeddings.len();
        options.check_for(rows)?;
        let apart = Apart(Kernels::best());
        let graph = hnsw::Hnsw::<f32, _>::new(options.m, rows, LAYERS_MAX, options.ef_construction, apart);
        for row in 0..rows {
            graph.insert_slice((embeddings.row(row), row));
            progress((row + 1) as f64 / rows as f64);
        }
        let mut layers = layers_of(&graph, rows);
        make_reachable(&mut layers);
        Ok(layers)
    }
}

fn layers_of(graph: &hnsw::Hnsw<'_, f32, Apart>, rows: usize) -> Layers {
    if rows == 0 {
        return Layers::default();
    }
    let mut levels = vec![0; rows];
    let mut links = vec![Vec::new(); rows];
    for point in graph.get_point_indexation() {
        levels[point.get_origin_id()] = point.get_point_id().0;
        links[point.get_origin_id()] = point.get_neighborhood_id();
    }
    // `hnsw_rs` also notes links on layers that a node is not on, and to nodes that are not on the layer.
    let on = |layer: u8, row: u32| {
        let there = links[row as usize][usize::from(layer)].iter().map(|link| link.d_id as u32);
        there.filter(|&link| link != row && levels[link as usize] >= layer).collect()
    };
    let layer =
        |(layer, nodes): (u8, Vec<u32>)| Layer { links: nodes.iter().map(|&row| on(layer, row)).collect(), nodes };
    let upper = (1..).zip(upper_nodes(&levels)).map(layer).collect();
    Layers { base: (0..rows as u32).map(|row| on(0, row)).collect(), upper }
}
