//! What came of all fetches together? Counted here, told by the caller.

use std::collections::BTreeMap;

use super::error::FetchError;
use super::fetcher::{Found, How};

/// How many fetches ended how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Bodies that came.
    pub fetched: usize,
    /// Bodies that are the ones that were kept, by the server's word.
    pub not_modified: usize,
    /// Bodies that were kept, without asking.
    pub kept: usize,
    /// Failures by their kind.
    pub failed: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: &Result<Found, FetchError>) {
        match outcome {
            Ok(found) => match found.how {
                How::Fetched => self.fetched += 1,
                How::NotModified => self.not_modified += 1,
                How::Kept => self.kept += 1,
            },
            Err(fault) => *self.failed.entry(fault.group()).or_default() += 1,
        }
    }

    /// Returns how many there were in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.fetched + self.not_modified + self.kept + self.failed.values().sum::<usize>()
    }
}
