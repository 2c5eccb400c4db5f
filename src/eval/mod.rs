//! Is it any good? Rankings against judgments: formats, measures, significance, reports.
//!
//! Everything here is a function of its arguments: reading files, running models and taking the time are the caller's.
//!
//! The flow: judgments ([`Qrels`]) and rankings ([`Run`]) are put side by side by [`evaluate`], which gives the value of
//! every [`measures::Measure`] for every judged query ([`Evaluation`]). [`comparison::compare`] sets systems against one
//! another by the tests in [`significance`], and [`report`] shows the outcome.

mod beir;
mod clusters;
pub mod comparison;
mod evaluation;
pub mod formats;
pub mod fusion;
pub mod histories;
pub mod links;
pub mod measures;
mod npy;
pub mod paths;
mod provenance;
mod qrels;
pub mod report;
mod retriever;
mod run;
mod searcher;
pub mod significance;

pub use beir::{BeirError, Collection, CollectionFiles, CollectionNotes, QueriesAndPosts};
pub use clusters::clustered_vectors;
pub use evaluation::{Counts, Evaluation, QueryValues, evaluate};
pub use npy::{NpyError, NpyRows, npy_blocks, read_npy};
pub use provenance::{CollectionProvenance, ModelProvenance, Provenance, Speed, fingerprint};
pub use qrels::{Judgment, Qrels};
pub use retriever::{RETRIEVERS, Retriever, RetrieverError};
pub use run::{Ranked, Run, Ties};
pub use searcher::{Query, Searched, Searcher, SearcherError};
