//! What should be read next? Scores, order, diversity, series and reading paths; pure functions of posts and vectors.

pub mod explain;
pub mod filter;
pub mod hybrid;
pub mod interests;
pub mod lasting;
pub mod mmr;
pub mod novelty;
pub mod path;
pub mod period;
pub mod phrases;
pub mod reasons_to_read;
pub mod relation;
pub mod said_by_both;
pub mod series;
pub mod stable;
pub mod story;
pub mod title_finder;
pub mod topics;
pub mod word_columns;
