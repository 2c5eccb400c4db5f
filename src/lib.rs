//! What to read next: related posts and reading paths from a small open embedding model, offline.
//!
//! ```
//! use nextread::corpus::Corpus;
//! use nextread::embeddings::Embeddings;
//! use nextread::post::{Post, PostId};
//! use nextread::recommender::{Recommender, RelatedOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let post = |id: &str, title: &str| -> Result<Post, Box<dyn std::error::Error>> {
//!     Ok(Post { source: "my blog".to_owned(), ..Post::new(PostId::new(id)?, title) })
//! };
//! let corpus = Corpus::new(vec![post("caches", "Cold caches")?, post("bread", "Rye bread")?, post("ttl", "Stale keys")?])?;
//! // One row a post, in the order of their ids; `embed::open` opens what makes them from texts.
//! let vectors = Embeddings::from_rows(2, vec![0.0, 1.0, 1.0, 0.1, 0.9, 0.2])?;
//! let recommender = Recommender::new(corpus, vectors)?;
//! let answer = recommender.related(&PostId::new("caches")?, &RelatedOptions::default())?;
//! let best = recommender.corpus().post(answer.recommendations[0].position);
//! assert_eq!(best.id.as_str(), "ttl");
//! # Ok(())
//! # }
//! ```
//!
//! # The flow, in five steps
//!
//! 1. [`sources`] read posts from where they live, and report what they skipped.
//! 2. [`embed`] turns a post's title and summary into a unit vector, with the model that [`model`] found and checked.
//! 3. [`store`] keeps posts, vectors and the reading history; only what is new or changed is embedded again.
//! 4. [`index`] finds near vectors through [`similarity`]; [`rank`] orders, diversifies and explains them.
//! 5. [`recommender`] puts this together into the verbs, and [`output`] writes their answers.
//!
//! # Reading order
//!
//! [`post`], [`text`], [`corpus`], [`embeddings`], [`similarity`], [`index`], [`rank`], [`recommender`]; then [`sources`],
//! [`fetch`], [`model`], [`embed`], [`store`]; last [`output`] and [`cli`].

pub mod cli;
pub mod corpus;
pub mod embed;
pub mod embeddings;
pub mod eval;
pub mod fetch;
pub mod index;
pub mod model;
pub mod output;
pub mod post;
pub mod rank;
pub mod recommender;
pub mod similarity;
pub mod site;
pub mod sources;
pub mod store;
pub mod text;
