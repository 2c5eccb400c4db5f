//! The similarity module without the rest of the crate.

#[path = "../../src/similarity/mod.rs"]
pub mod similarity;
