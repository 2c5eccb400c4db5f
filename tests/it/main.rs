//! The tests that need more than one module, or more than one process.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failed step is a failed test, in helpers too; scratch files are written plainly"
)]

mod bert;
mod cli;
mod embed;
mod fetch;
mod formats;
mod formats_snapshot;
mod isa;
mod measures;
mod model;
mod model_folder;
mod readme;
mod recall;
mod sites;
mod store;
mod tidy;
