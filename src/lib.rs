//! What to read next: related posts and reading paths from a small open embedding model, offline.

pub mod corpus;
pub mod embeddings;
pub mod post;
pub mod sources;
pub mod text;
