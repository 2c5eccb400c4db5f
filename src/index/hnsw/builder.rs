//! Who builds the graph?

use super::{Bulk, Graph, HnswError, HnswOptions, Layers};
use crate::embeddings::Embeddings;

/// How a graph comes to its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Builder {
    /// All at once, from blocks of exact neighbors ([`Layers::bulk`]); by all threads, always the same.
    #[default]
    Bulk,
}

impl Builder {
    /// Every builder there is.
    pub const ALL: [Builder; 1] = [Builder::Bulk];

    /// Returns its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Builder::Bulk => "bulk",
        }
    }

    /// Returns the builder of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Builder> {
        Builder::ALL.into_iter().find(|builder| builder.as_str() == name)
    }
}

impl Graph {
    /// Builds a graph of `embeddings` and freezes it. `progress` gets 0 to 1.
    ///
    /// # Errors
    /// An option is out of its range, or there are more rows than a link can name.
    pub fn build(
        embeddings: &Embeddings,
        options: &HnswOptions,
        builder: Builder,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Graph, HnswError> {
        let layers = match builder {
            Builder::Bulk => Layers::bulk(embeddings, options, &Bulk::default(), progress)?,
        };
        Graph::freeze(embeddings, &layers, options)
    }
}
