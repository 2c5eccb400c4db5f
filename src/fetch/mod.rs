//! What comes over the network?
//!
//! Only what the user named, and what that leads to. Every URL is checked before it is fetched, and once more where its
//! name leads; every fetch ends, with a reason, at a limit of time and size; what was fetched is kept, so that a server
//! is asked only whether it has changed.

mod address;
mod body;
mod client;
mod error;
mod fetcher;
mod gather;
mod guard;
mod kept;
mod limits;
mod listed;
mod once;
mod pages;
mod quarantine;
mod resolver;
mod retry_after;
mod schedule;
mod tally;
mod wishes;

pub use self::address::is_public;
pub use self::error::FetchError;
pub use self::fetcher::{FetchOptions, Fetcher, Found, Freshness, How, Network, Want, time_in_words};
pub use self::gather::{Bodies, GatherError, Held, Posts, PostsKind, Wanted, gather};
pub use self::guard::{Allowed, AllowedError, Guard, Refusal};
pub use self::kept::{Folder, KeptBody, Note};
pub use self::limits::Limits;
pub use self::listed::{ListedFeeds, listed};
pub use self::quarantine::{Patience, left_alone_until};
pub use self::resolver::{Lookup, SystemLookup};
pub use self::tally::Tally;
