//! What should be read next? Scores, order, diversity, series and reading paths; pure functions of posts and vectors.

pub mod explain;
pub mod filter;
pub mod hybrid;
pub mod interests;
pub mod mmr;
pub mod novelty;
pub mod path;
pub mod phrases;
pub mod relation;
pub mod series;
pub mod story;
pub mod word_columns;
