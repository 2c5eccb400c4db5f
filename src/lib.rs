//! What to read next: related posts and reading paths from a small open embedding model, offline.

pub mod corpus;
pub mod embeddings;
pub mod index;
pub mod post;
pub mod rank;
pub mod recommender;
pub mod similarity;
pub mod text;
