//! What of a network is too much, too long, too often?

use std::time::Duration;

/// What is too much of a fetch, and then ends it with a reason.
///
/// Sizes are of what is decoded: a small compressed body may stand for a large one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a feed, a sitemap or a list of feeds; default 8 MiB.
    pub feed_bytes: usize,
    /// Bytes of a page; default 2 MiB.
    pub page_bytes: usize,
    /// Bytes of the header of an answer; default 64 KiB.
    pub header_bytes: usize,
    /// For the look-up of a name, and again for the connection to it with its encryption; default 10 s.
    pub connect: Duration,
    /// Without a single byte; default 10 s.
    pub idle: Duration,
    /// For a fetch in all, redirects included; default 30 s.
    pub total: Duration,
    /// Redirects after each other; default 5.
    pub redirects: usize,
    /// Further tries where one more may help; default 2.
    pub retries: u32,
    /// Before the first further try; each further one waits twice as long; default 1 s.
    pub backoff: Duration,
    /// The longest wait that a server may ask for; one that asks for more is not tried again; default 30 s.
    pub retry_after: Duration,
    /// Fetches from one host at once; default 2.
    pub per_host: usize,
    /// Fetches at once that are not slow; default 8.
    pub at_once: usize,
    /// After this time a fetch is slow and makes room for another one; default 500 ms.
    pub slow_after: Duration,
    /// Fetches at once, slow ones included; default 64.
    pub with_slow: usize,
    /// Sitemaps of one source, those that a sitemap names included; default 50.
    pub sitemaps: usize,
    /// Feeds of one list; default 1,000.
    pub feeds: usize,
    /// Failures in a row after which a source is left alone for a while; default 3.
    pub failures: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            feed_bytes: 8 << 20,
            page_bytes: 2 << 20,
            header_bytes: 64 << 10,
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(10),
            total: Duration::from_secs(30),
            redirects: 5,
            retries: 2,
            backoff: Duration::from_secs(1),
            retry_after: Duration::from_secs(30),
            per_host: 2,
            at_once: 8,
            slow_after: Duration::from_millis(500),
            with_slow: 64,
            sitemaps: 50,
            feeds: 1_000,
            failures: 3,
        }
    }
}
