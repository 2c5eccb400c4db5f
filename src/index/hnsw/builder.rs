//! Who builds the graph? One of three, chosen by name.

use super::{Bulk, Graph, HnswError, HnswOptions, Layers};
use crate::embeddings::Embeddings;

/// A way to build a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Builder {
    /// All rows at once, by all threads: [`Layers::bulk`].
    #[default]
    Bulk,
    /// Row after row, as the paper does, in one thread: [`Layers::inserted`].
    Insertion,
    /// Row after row, by the crate `hnsw_rs`, in one thread: [`Layers::by_hnsw_rs`].
    HnswRs,
}

impl Builder {
    /// All of them.
    pub const ALL: [Builder; 3] = [Builder::Bulk, Builder::Insertion, Builder::HnswRs];

    /// Returns the name under which it is shown and asked for.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Builder::Bulk => "bulk",
            Builder::Insertion => "insertion",
            Builder::HnswRs => "hnsw_rs",
        }
    }

    /// Returns the builder of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Builder> {
        Builder::ALL.into_iter().find(|builder| builder.as_str() == name)
    }
}

impl Layers {
    /// Builds the layers of `embeddings` with `builder`; none of no rows. `progress` gets 0 to 1.
    ///
    /// # Errors
    /// An option is out of its range, or there are more rows than a link can name.
    pub fn build(
        embeddings: &Embeddings,
        options: &HnswOptions,
        builder: Builder,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Layers, HnswError> {
        options.check_for(embeddings.len())?;
        match builder {
            _ if embeddings.is_empty() => Ok(Layers::default()),
            Builder::Bulk => Layers::bulk(embeddings, options, &Bulk::default(), progress),
            Builder::Insertion => Layers::inserted(embeddings, options, progress),
            Builder::HnswRs => Layers::by_hnsw_rs(embeddings, options, progress),
        }
    }
}

impl Graph {
    /// Builds the layers of `embeddings` with `builder` and freezes them; no rows give an empty graph.
    ///
    /// `progress` gets 0 to 1 while the layers are built.
    ///
    /// # Errors
    /// An option is out of its range, or there are more rows than a link can name.
    pub fn build(
        embeddings: &Embeddings,
        options: &HnswOptions,
        builder: Builder,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Graph, HnswError> {
        let layers = Layers::build(embeddings, options, builder, progress)?;
        Graph::freeze(embeddings, &layers, options)
    }
}
