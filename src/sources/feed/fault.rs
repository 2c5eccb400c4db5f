//! Why is a feed not read?

/// Why a feed is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedFault {
    /// Larger than [`crate::sources::Limits::feed_bytes`].
    #[error("the feed is larger than {limit} bytes; split it")]
    TooLarge {
        /// The limit that it breaks.
        limit: usize,
    },
    /// Elements nested deeper than [`crate::sources::Limits::feed_depth`].
    #[error("elements are nested deeper than {limit}; this is no feed that a reader needs")]
    TooDeep {
        /// The limit that it breaks.
        limit: usize,
    },
    /// An element with more attributes than [`crate::sources::Limits::feed_attributes`].
    #[error("an element has more than {limit} attributes; this is no feed that a reader needs")]
    TooManyAttributes {
        /// The limit that it breaks.
        limit: usize,
    },
    /// More tags and texts than [`crate::sources::Limits::feed_events`].
    #[error("more than {limit} tags and texts; split it")]
    TooManyEvents {
        /// The limit that it breaks.
        limit: usize,
    },
    /// A document type with declarations of its own, the stuff of entity bombs.
    #[error("declares its own entities; remove the document type")]
    InternalSubset,
    /// XML, but its first element is no feed's.
    #[error("<{0}> is not a feed; give an RSS, Atom or JSON Feed file")]
    NotAFeed(String),
    /// No element at all, or broken before the first one ended.
    #[error("not well-formed XML ({0}); check that the download is complete")]
    Broken(String),
    /// What the feed library says of a feed without any item.
    #[error("{0}")]
    Refused(String),
}
