//! The tests that need more than one module, or more than one process.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test, in helpers too")]

mod formats;
mod store;
