//! Every integration test in one binary, so that it is linked once.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod embed;
mod model_folder;
