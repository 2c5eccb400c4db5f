//! Is it any good? Rankings against judgments: formats, measures, significance, reports.
//!
//! Everything here is a function of its arguments: reading files, running models and taking the time are the caller's.
//!
//! The flow: judgments ([`Qrels`]) and rankings ([`Run`]) are put side by side by [`evaluate`], which gives the value of
//! every [`measures::Measure`] for every judged query ([`Evaluation`]).

mod evaluation;
pub mod formats;
pub mod measures;
mod provenance;
mod qrels;
mod run;

pub use evaluation::{Counts, Evaluation, QueryValues, evaluate};
pub use provenance::{CollectionProvenance, ModelProvenance, Provenance, Speed};
pub use qrels::{Judgment, Qrels};
pub use run::{Ranked, Run, Ties};
