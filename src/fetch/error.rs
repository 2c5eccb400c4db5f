//! Why did nothing come over the network?

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::guard::Refusal;

/// Why a URL was not fetched, and what can be done about it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// A text that is no URL.
    #[error("{url}: is no URL ({fault}); write it whole, as in https://blog.example/feed.xml")]
    NoUrl {
        /// The text.
        url: String,
        /// What is wrong with it.
        fault: url::ParseError,
    },
    /// A URL that is not fetched.
    #[error("{url}: {refusal}")]
    Refused {
        /// The URL, or where it led.
        url: String,
        /// The reason.
        refusal: Refusal,
    },
    /// The server could not be reached or hung up.
    #[error("{url}: cannot be reached ({fault}); try again later")]
    Unreachable {
        /// The URL.
        url: String,
        /// What the system says.
        fault: String,
    },
    /// It took too long.
    #[error("{url}: took too long ({phase}, over {}); try again later", seconds(*limit))]
    TooSlow {
        /// The URL.
        url: String,
        /// What took so long.
        phase: &'static str,
        /// How long it may take.
        limit: Duration,
    },
    /// An answer other than a good one.
    #[error("{url}: answered {status}{}", remedy(*status, *retry_after))]
    Status {
        /// The URL.
        url: String,
        /// The status.
        status: u16,
        /// When the server wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// More than is taken.
    #[error("{url}: is longer than {limit} bytes; nothing of it is read")]
    TooLong {
        /// The URL.
        url: String,
        /// The limit that it breaks.
        limit: usize,
    },
    /// A header longer than is taken.
    #[error("{url}: the header of the answer is longer than {limit} bytes; nothing of it is read")]
    HeaderTooLong {
        /// The URL.
        url: String,
        /// The limit that it breaks.
        limit: usize,
    },
    /// Redirects without end.
    #[error("{url}: leads in a circle; its address is wrong")]
    Circle {
        /// The URL.
        url: String,
    },
    /// More redirects than are followed.
    #[error("{url}: leads on more than {limit} times; index the address that it leads to")]
    TooManyRedirects {
        /// The URL.
        url: String,
        /// The limit that it breaks.
        limit: usize,
    },
    /// An answer that cannot be read.
    #[error("{url}: the answer is not what it should be ({fault})")]
    Broken {
        /// The URL.
        url: String,
        /// What is wrong with it.
        fault: String,
    },
    /// What is asked for without a network was never fetched.
    #[error("{url}: was never fetched, and nothing is fetched offline; index it once without --offline")]
    NeverFetched {
        /// The URL.
        url: String,
    },
    /// A source that failed too often.
    #[error(
        "{url}: failed {failures} times in a row and is left alone until {until} (the last time: {last}); \
         --retry tries at once"
    )]
    LeftAlone {
        /// The URL.
        url: String,
        /// How often.
        failures: u32,
        /// When it is tried again.
        until: String,
        /// What was wrong the last time.
        last: String,
    },
    /// What was fetched is damaged on the disk and cannot be fetched anew.
    #[error("{}: what was fetched from {url} is damaged ({fault}); index it once without --offline", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The URL.
        url: String,
        /// What is wrong with it.
        fault: String,
    },
    /// What was fetched cannot be kept.
    #[error("{}: {fault}; what is fetched is kept there", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        fault: Arc<io::Error>,
    },
}

impl FetchError {
    /// Tells whether the same may work in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            FetchError::Unreachable { .. } => true,
            FetchError::Status { status, .. } => matches!(status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// Returns a short name of the kind of failure, to count by.
    #[must_use]
    pub fn group(&self) -> &'static str {
        match self {
            FetchError::NoUrl { .. } => "no URL",
            FetchError::Refused { .. } => "refused",
            FetchError::Unreachable { .. } => "unreachable",
            FetchError::TooSlow { .. } => "too slow",
            FetchError::Status { status: 404 | 410, .. } => "not there any more",
            FetchError::Status { .. } => "answered with an error",
            FetchError::TooLong { .. } | FetchError::HeaderTooLong { .. } => "too long",
            FetchError::Circle { .. } | FetchError::TooManyRedirects { .. } => "led nowhere",
            FetchError::Broken { .. } => "broken answer",
            FetchError::NeverFetched { .. } => "never fetched",
            FetchError::LeftAlone { .. } => "left alone",
            FetchError::Damaged { .. } | FetchError::Disk { .. } => "not kept",
        }
    }
}

fn seconds(limit: Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{} ms", limit.as_millis()) }
}

fn remedy(status: u16, retry_after: Option<Duration>) -> String {
    match (status, retry_after) {
        (_, Some(wait)) => format!(" and asks to come back in {} s", wait.as_secs()),
        (404, None) => "; there is no such page, check the address".to_owned(),
        (410, None) => "; it is gone for good, forget it".to_owned(),
        (401 | 403, None) => "; it is not for everybody, download it and index the file".to_owned(),
        (429 | 500..=599, None) => "; try again later".to_owned(),
        (_, None) => String::new(),
    }
}
