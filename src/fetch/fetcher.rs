//! How does a URL become a body at hand? Out of what is kept, or over the network with what is kept in mind.

use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use url::Url;

use super::client::{Answer, BodyState, Client, Request, backoff};
use super::error::FetchError;
use super::guard::Guard;
use super::kept::{Folder, KeptBody, NewBody, Note};
use super::limits::Limits;
use super::once::{Once, once};
use super::quarantine::{Patience, left_alone_until};
use super::resolver::{Lookup, SystemLookup};
use super::schedule::{Step, run};

/// Whether anything is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// What is wanted is asked for.
    #[default]
    Online,
    /// No socket is opened: what was fetched before has to do.
    Offline,
}

/// How URLs are fetched.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Whether anything is fetched.
    pub network: Network,
    /// Whether sources that failed too often are tried all the same.
    pub patience: Patience,
    /// What is too much.
    pub limits: Limits,
    /// Who is asked for addresses.
    pub lookup: Arc<dyn Lookup>,
    /// The time; what is noted in seconds since 1970 is compared with it.
    pub now: SystemTime,
}

impl FetchOptions {
    /// Returns the usual options at a time.
    #[must_use]
    pub fn new(now: SystemTime) -> FetchOptions {
        FetchOptions {
            network: Network::Online,
            patience: Patience::LeaveAlone,
            limits: Limits::default(),
            lookup: Arc::new(SystemLookup),
            now,
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The URL.
    pub url: Url,
    /// What may be fetched on the way there.
    pub guard: Guard,
    /// The most bytes that are taken.
    pub bytes_max: usize,
    /// Whether what is kept will do.
    pub freshness: Freshness,
}

/// Whether what is kept will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// The server is asked whether it has changed.
    Ask,
    /// It will do.
    Kept,
    /// It will do if it is of this date, as a sitemap says it.
    KeptOf(String),
}

/// A body at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The URL that was wanted.
    pub url: Url,
    /// Where it was found after all redirects.
    pub final_url: Url,
    /// Where it has moved to for good.
    pub moved: Option<Url>,
    /// What the server said of its kind.
    pub content_type: Option<String>,
    /// How it came here.
    pub how: How,
    /// What was kept of it before was damaged, and how.
    pub damaged: Option<String>,
    sha256: String,
}

/// How a body came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It was fetched.
    Fetched,
    /// The server says that it is the one that was kept.
    NotModified,
    /// It was kept, and nobody was asked.
    Kept,
}

/// Fetches URLs and keeps what they hold.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    folder: Folder,
    options: FetchOptions,
}

/// What is kept of a URL, checked.
struct Known {
    note: Note,
    body: Option<KeptBody>,
    damaged: Option<String>,
}

impl Fetcher {
    /// Makes one that keeps what it fetches in `folder`.
    #[must_use]
    pub fn new(folder: Folder, options: FetchOptions) -> Fetcher {
        let client = Client::new(options.limits.clone(), Arc::clone(&options.lookup));
        Fetcher { client, folder, options }
    }

    /// Returns the limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// Fetches all that is wanted, many at once, and returns the outcomes in order. Bodies lie on the disk.
    ///
    /// What is wanted twice is fetched once. `progress` is told how many are done.
    pub fn fetch_all(&self, wants: &[Want], progress: &mut dyn FnMut(usize)) -> Vec<Result<Found, FetchError>> {
        let Once { first_of, rounds } = once(wants);
        let mut outcomes: Vec<Option<Result<Found, FetchError>>> = wants.iter().map(|_| None).collect();
        // Those that take over the outcome of another one are done with it.
        let mut before = wants.len() - rounds.iter().map(Vec::len).sum::<usize>();
        for round in &rounds {
            let found = self.fetch_round(wants, round, &mut |done| progress(before + done));
            before += round.len();
            round.iter().zip(found).for_each(|(&at, found)| outcomes[at] = Some(found));
        }
        first_of.iter().filter_map(|&first| outcomes[first].clone()).collect()
    }

    fn fetch_round(
        &self,
        wants: &[Want],
        round: &[usize],
        progress: &mut dyn FnMut(usize),
    ) -> Vec<Result<Found, FetchError>> {
        let host = |&at: &usize| wants[at].url.host_str().unwrap_or_default().to_owned();
        let hosts: Vec<String> = round.iter().map(host).collect();
        let work = |job: usize, tries: u32| match self.fetch(&wants[round[job]]) {
            Err(fault) => backoff(&self.options.limits, tries, &fault).map_or(Step::Done(Err(fault)), Step::Again),
            found => Step::Done(found),
        };
        run(&hosts, &self.options.limits, work, progress)
    }

    fn fetch(&self, want: &Want) -> Result<Found, FetchError> {
        let Known { note, body, damaged } = self.known(&want.url);
        if let Some(body) = &body
            && self.will_do(want, body)
        {
            return Ok(Found { damaged, ..found(want, body, How::Kept) });
        }
        if self.options.network == Network::Offline {
            let url = want.url.to_string();
            return Err(match (damaged, note.body) {
                (Some(fault), Some(_)) => FetchError::Damaged { path: self.folder.path().to_owned(), url, fault },
                _ => FetchError::NeverFetched { url },
            });
        }
        let request = Request {
            url: &want.url,
            guard: &want.guard,
            etag: body.as_ref().and_then(|body| body.etag.as_deref()),
            last_modified: body.as_ref().and_then(|body| body.last_modified.as_deref()),
            bytes_max: want.bytes_max,
            into: self.folder.path(),
        };
        let mut new = self.folder.new_body();
        let answer = self.client.get(&request, &mut new)?;
        let (kept, how) = self.keep(want, body, new, &answer)?;
        // Another part of a source may have noted something in the meantime.
        let note = self.known(&want.url).note;
        self.folder.put_note(&want.url, &Note { body: Some(kept.clone()), ..note.clone() })?;
        if let Some(old) = note.body.filter(|old| old.sha256 != kept.sha256) {
            self.folder.remove_body(&want.url, &old.sha256);
        }
        Ok(Found { moved: answer.moved, damaged, ..found(want, &kept, how) })
    }

    fn will_do(&self, want: &Want, body: &KeptBody) -> bool {
        match &want.freshness {
            _ if self.options.network == Network::Offline => true,
            Freshness::Ask => false,
            Freshness::Kept => true,
            Freshness::KeptOf(date) => body.lastmod.as_ref() == Some(date),
        }
    }

    fn keep(
        &self,
        want: &Want,
        known: Option<KeptBody>,
        new: NewBody,
        answer: &Answer,
    ) -> Result<(KeptBody, How), FetchError> {
        let lastmod = match &want.freshness {
            Freshness::KeptOf(date) => Some(date.clone()),
            Freshness::Ask | Freshness::Kept => None,
        };
        let fetched_at = self.now();
        if let (BodyState::NotModified, Some(known)) = (answer.body, known) {
            return Ok((KeptBody { fetched_at, lastmod, ..known }, How::NotModified));
        }
        let kept = KeptBody {
            sha256: self.folder.put_body(&want.url, new)?,
            fetched_at,
            final_url: answer.final_url.to_string(),
            content_type: answer.content_type.clone(),
            etag: answer.etag.clone(),
            last_modified: answer.last_modified.clone(),
            lastmod,
        };
        Ok((kept, How::Fetched))
    }

    /// Reads what is kept of a URL; the body only if it is whole.
    fn known(&self, url: &Url) -> Known {
        let (note, mut damaged) = match self.folder.note(url) {
            Ok(note) => (note.unwrap_or_default(), None),
            Err(fault) => (Note::default(), Some(fault)),
        };
        let body = note.body.clone().filter(|body| match self.folder.body(url, &body.sha256) {
            Ok(_) => true,
            Err(fault) => {
                damaged = Some(match fault {
                    FetchError::Damaged { fault, .. } => fault,
                    fault => fault.to_string(),
                });
                false
            }
        });
        Known { note, body, damaged }
    }

    /// Reads the body of something that was found.
    ///
    /// # Errors
    /// It was damaged or removed in the meantime.
    pub fn body(&self, found: &Found) -> Result<Vec<u8>, FetchError> {
        self.folder.body(&found.url, &found.sha256)
    }

    /// Returns what is kept of something, without asking anybody.
    #[must_use]
    pub fn kept(&self, want: &Want) -> Option<Found> {
        self.known(&want.url).body.map(|body| found(want, &body, How::Kept))
    }

    /// Returns what is noted of a source.
    pub(super) fn note(&self, url: &Url) -> Note {
        self.known(url).note
    }

    /// Takes back a failure that was counted, since how reading the source ends is not decided yet.
    pub(super) fn take_back(&self, url: &Url, before: Note) -> Result<(), FetchError> {
        self.change_note(url, |note| Note {
            failures: before.failures,
            tried_at: before.tried_at,
            last_failure: before.last_failure,
            ..note
        })
    }

    /// Returns what a source was when it was last read.
    #[must_use]
    pub fn kind_before(&self, url: &Url) -> Option<String> {
        self.folder.note(url).ok()??.kind
    }

    /// Tells whether a source may be tried now.
    ///
    /// # Errors
    /// It is not fetched, or failed too often and is left alone.
    pub fn may_try(&self, url: &Url, guard: &Guard) -> Result<(), FetchError> {
        if self.options.network == Network::Offline {
            return Ok(());
        }
        guard.check(url).map_err(|refusal| FetchError::Refused { url: url.to_string(), refusal })?;
        let note = self.known(url).note;
        let until = left_alone_until(&note, self.options.limits.failures, self.now());
        if let Some(until) = until.filter(|_| self.options.patience == Patience::LeaveAlone) {
            let last = note.last_failure.unwrap_or_default();
            let url = url.to_string();
            return Err(FetchError::LeftAlone { url, failures: note.failures, until: time_in_words(until), last });
        }
        Ok(())
    }

    /// Counts a failure of a source: one that it had, or one that it would have if reading it ended the program.
    ///
    /// # Errors
    /// It cannot be noted.
    pub fn count_failure(&self, url: &Url, fault: &str) -> Result<(), FetchError> {
        self.change_note(url, |note| Note {
            failures: note.failures.saturating_add(1),
            tried_at: self.now(),
            last_failure: Some(fault.to_owned()),
            ..note
        })
    }

    /// Notes how reading a source ended whose failure was counted before, and what it is.
    ///
    /// # Errors
    /// It cannot be noted.
    pub fn end(&self, url: &Url, outcome: Result<&str, String>) -> Result<(), FetchError> {
        self.change_note(url, |note| match outcome {
            Ok(kind) => Note { failures: 0, last_failure: None, kind: Some(kind.to_owned()), ..note },
            Err(fault) => Note { last_failure: Some(fault), ..note },
        })
    }

    fn change_note(&self, url: &Url, change: impl FnOnce(Note) -> Note) -> Result<(), FetchError> {
        // What happens without a network says nothing of the source.
        if self.options.network == Network::Offline {
            return Ok(());
        }
        self.folder.put_note(url, &change(self.known(url).note))
    }

    fn now(&self) -> u64 {
        self.options.now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

fn found(want: &Want, body: &KeptBody, how: How) -> Found {
    Found {
        url: want.url.clone(),
        final_url: Url::parse(&body.final_url).unwrap_or_else(|_| want.url.clone()),
        moved: None,
        content_type: body.content_type.clone(),
        how,
        damaged: None,
        sha256: body.sha256.clone(),
    }
}

/// Writes seconds since 1970 as people and programs read them.
#[must_use]
pub fn time_in_words(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
    time.map_or_else(|| "the end of time".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
