//! Where is a graph kept? In a snapshot beside the store, with the hashes of its rows and the recall that it has.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::GraphIndex;
use super::graph_index::content_of;
use crate::corpus::Corpus;
use crate::embeddings::Embeddings;
use crate::index::{Builder, Calibration, Graph, GraphHead, GraphPartsError, HnswOptions};
use crate::store::{Access, Expected, Section, Snapshot, SnapshotError, SnapshotHeader};

/// The kind of the snapshot.
const KIND: &str = "hnsw";
/// The section with a hash a row.
const ROW_HASHES: &str = "row-hashes";

/// Says why no graph came out of a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GraphFileError {
    /// The file is missing, damaged, another program's or another model's.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The file is whole, but what is in it is no graph.
    #[error("{}: {fault}; delete it: it is derived from the store", path.display())]
    Parts {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: GraphPartsError,
    },
    /// The file is whole, but its parameters or its rows do not fit the graph in it.
    #[error("{}: its {part} do not fit the graph in it; delete it: it is derived from the store", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        part: &'static str,
    },
}

/// How the graph was made, for `status` and for people.
#[derive(Debug, Serialize, Deserialize)]
struct Parameters {
    builder: String,
    m: usize,
    ef_construction: usize,
    ef_search: usize,
    alpha: f32,
    seed: u64,
    step: f32,
    /// Queries by which the recall was measured.
    queries: usize,
    /// `ef_search` and recall.
    recall: Vec<(usize, f64)>,
}

/// A fault before the file is named.
enum Fault {
    Snapshot(SnapshotError),
    Parts(GraphPartsError),
}

impl From<SnapshotError> for Fault {
    fn from(fault: SnapshotError) -> Fault {
        Fault::Snapshot(fault)
    }
}

impl From<GraphPartsError> for Fault {
    fn from(fault: GraphPartsError) -> Fault {
        Fault::Parts(fault)
    }
}

impl GraphIndex {
    /// Writes the graph to a file, beside its place first and then renamed.
    ///
    /// # Errors
    /// The file cannot be written; an old one stays as it was.
    pub fn save(&self, path: &Path, space_key: &str) -> Result<(), GraphFileError> {
        let hashes: Vec<u8> = self.rows.iter().flat_map(|row| row.to_le_bytes()).collect();
        let upper = self.graph.upper_parts();
        let parts = self.graph.parts(&upper);
        let mut sections: Vec<Section<'_>> =
            parts.iter().map(|part| Section { name: part.name, bytes: part.bytes }).collect();
        sections.push(Section { name: ROW_HASHES, bytes: &hashes });
        let header = SnapshotHeader {
            kind: KIND.to_owned(),
            space_key: space_key.to_owned(),
            dimension: self.graph.dimension(),
            rows: self.graph.len(),
            content: self.content(),
            parameters: self.parameters(),
        };
        Ok(Snapshot::write(path, &header, &sections)?)
    }

    fn parameters(&self) -> String {
        let GraphHead { step, options, .. } = self.graph.head();
        let HnswOptions { m, ef_construction, ef_search, alpha, seed } = options;
        let Calibration { queries, points: recall } = self.calibration.clone();
        let builder = Builder::default().as_str().to_owned();
        let parameters = Parameters { builder, m, ef_construction, ef_search, alpha, seed, step, queries, recall };
        // Numbers and a word can always be written; without them the file would be refused when it is opened.
        serde_json::to_string(&parameters).unwrap_or_default()
    }

    /// Opens a graph that was saved, for the posts of today: those that it does not know are compared one by one, and
    /// those that are gone are never answered.
    ///
    /// # Errors
    /// There is no file, it is damaged, or it is of vectors of another space.
    pub fn open(
        path: &Path,
        space_key: &str,
        corpus: &Corpus,
        embeddings: &Embeddings,
    ) -> Result<GraphIndex, GraphFileError> {
        let header = SnapshotHeader::read(path)?;
        // Rows and content are those of the day on which it was made: each row tells whether it is still there.
        let dimension = embeddings.dimension();
        let expected = Expected { kind: KIND, space_key, dimension, ..Expected::of(&header) };
        let snapshot = Snapshot::open(path, &expected, Access::Read)?;
        let unfit = |part| GraphFileError::Unfit { path: path.to_owned(), part };
        let parameters: Parameters =
            serde_json::from_str(&snapshot.header().parameters).map_err(|_| unfit("parameters"))?;
        let Parameters { m, ef_construction, ef_search, alpha, seed, step, queries, recall, .. } = parameters;
        if !recall.is_sorted_by(|a, b| a.0 < b.0) || recall.first().is_some_and(|&(ef, _)| ef == 0) {
            return Err(unfit("parameters"));
        }
        let options = HnswOptions { m, ef_construction, ef_search, alpha, seed };
        let head = GraphHead { dimension, step, options };
        let graph = Graph::from_parts(&head, |name| snapshot.section(name).map_err(Fault::from));
        let graph = graph.map_err(|fault| match fault {
            Fault::Snapshot(fault) => GraphFileError::Snapshot(fault),
            Fault::Parts(fault) => GraphFileError::Parts { path: path.to_owned(), fault },
        })?;
        let (hashes, rest) = snapshot.section(ROW_HASHES)?.as_chunks::<16>();
        let rows: Vec<u128> = hashes.iter().map(|bytes| u128::from_le_bytes(*bytes)).collect();
        if !rest.is_empty() || rows.len() != graph.len() || content_of(&rows) != header.content {
            return Err(unfit("rows"));
        }
        Ok(GraphIndex::of_today(graph, rows, Calibration { points: recall, queries }, corpus, embeddings))
    }
}
