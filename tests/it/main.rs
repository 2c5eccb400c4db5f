//! All integration tests in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests may fail loudly and write scratch files plainly"
)]

mod model;
mod tidy;
