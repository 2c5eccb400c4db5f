//! What does a URL hold? Told by what comes, not by its name: a feed, a page with a feed, a page, a sitemap, a list of feeds.

use url::Url;

use super::error::FetchError;
use super::fetcher::{Fetcher, Found, Freshness, Want};
use super::guard::Guard;
use super::listed::{ListedFeeds, listed};
use super::once::once;
use super::pages;
use super::tally::Tally;
use super::wishes::drop_wishes;
use crate::sources::{
    FeedSubject, OpmlError, Read, ReadOptions, SitemapError, SourceError, SourceKind, feed_links, read_page,
    read_stream, source_kind,
};

/// A source that is to be read.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its URL.
    pub url: Url,
    /// What may be fetched for it.
    pub guard: Guard,
    /// How its posts are read.
    pub read: ReadOptions,
    /// The most pages of a sitemap.
    pub pages_max: usize,
    /// Where the bodies of a feed's posts come from.
    pub bodies: Bodies,
}

/// Where the bodies of a feed's posts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bodies {
    /// Out of the feed, where it has them.
    #[default]
    OfFeed,
    /// Out of the feed, else from the page of the post.
    OfPages,
}

/// What a URL holds.
#[derive(Debug)]
pub enum Held {
    /// Posts.
    Posts(Box<Posts>),
    /// A list of feeds, each of which is a source.
    Feeds(ListedFeeds),
}

/// The posts of a source.
#[derive(Debug)]
pub struct Posts {
    /// What it is.
    pub kind: PostsKind,
    /// The posts, and what was skipped.
    pub read: Read,
    /// What its reader should know.
    pub told: Vec<String>,
}

/// What posts come from, which says what becomes of those that it no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostsKind {
    /// The newest posts; older ones are still there.
    Feed,
    /// One page.
    Page,
    /// All pages.
    Sitemap,
    /// The first pages; the others are still there.
    PartOfSitemap,
}

impl PostsKind {
    /// Returns a word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PostsKind::Feed => "feed",
            PostsKind::Page => "page",
            PostsKind::Sitemap | PostsKind::PartOfSitemap => "sitemap",
        }
    }
}

/// Why nothing of a URL is read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// It was not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It is of no kind that is read, or damaged.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A list of feeds that cannot be read.
    #[error("{url}: {fault}")]
    Opml {
        /// Its URL.
        url: String,
        /// What is wrong with it.
        fault: OpmlError,
    },
    /// A sitemap that cannot be read.
    #[error("{url}: {fault}")]
    Sitemap {
        /// Its URL.
        url: String,
        /// What is wrong with it.
        fault: SitemapError,
    },
    /// What a page calls its feed is none.
    #[error("{url}: names {feed} as its feed, which is none; index another address of the site")]
    NoFeed {
        /// The page.
        url: String,
        /// What it names.
        feed: String,
    },
    /// What a page calls its feed was not fetched; the page is there.
    #[error("{url}: its feed cannot be read: {fault}")]
    NamedFeed {
        /// The page.
        url: String,
        /// Why its feed was not fetched.
        fault: FetchError,
    },
    /// What was something else before is a page now.
    #[error("{url}: was a {before} and is a page now, as before a login or after a move; look at it in a browser")]
    OnlyAPage {
        /// Its URL.
        url: String,
        /// What it was.
        before: String,
    },
    /// A list without feeds.
    #[error("{url}: lists no feed{}", in_brackets(left_out))]
    NoFeedListed {
        /// Its URL.
        url: String,
        /// What it lists instead.
        left_out: Vec<String>,
    },
}

fn in_brackets(said: &[String]) -> String {
    if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) }
}

/// Reads sources from the network, many at once, and returns what each holds, in order.
///
/// `progress` is told how many fetches are done, and how many there are.
pub fn gather(
    fetcher: &Fetcher,
    wanted: &[Wanted],
    tally: &mut Tally,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<Result<Held, GatherError>> {
    let mut desk = Desk { fetcher, tally, progress, is_connected: false };
    let may_try: Vec<Result<(), FetchError>> =
        wanted.iter().map(|wanted| fetcher.may_try(&wanted.url, &wanted.guard)).collect();
    let tried = wanted.iter().zip(&may_try).filter(|(_, may_try)| may_try.is_ok());
    let firsts: Vec<Want> = tried.map(|(wanted, _)| desk.want(wanted, wanted.url.clone())).collect();
    let mut found = desk.fetch_all(&firsts).into_iter();
    let mut rounds: Vec<Result<First, GatherError>> = Vec::new();
    for (wanted, may_try) in wanted.iter().zip(may_try) {
        rounds.push(match may_try {
            Ok(()) => {
                let found = desk.came(wanted, found.next());
                desk.take(wanted, found, |desk, found| desk.first(wanted, found))
            }
            Err(fault) => Err(fault.into()),
        });
    }
    let held = desk.second_round(wanted, rounds);
    let without_wishes = |(held, wanted): (Result<Held, GatherError>, &Wanted)| match held {
        Ok(Held::Posts(posts)) => Ok(Held::Posts(Box::new(drop_wishes(*posts, wanted.url.as_str())))),
        other => other,
    };
    held.into_iter().zip(wanted).map(without_wishes).collect()
}

/// What the first look at a URL gave.
enum First {
    Held(Held),
    /// A page that names a feed.
    Feed {
        feed: Url,
        told: Vec<String>,
    },
}

/// Fetches and counts.
pub(super) struct Desk<'a> {
    pub(super) fetcher: &'a Fetcher,
    tally: &'a mut Tally,
    progress: &'a mut dyn FnMut(usize, usize),
    /// Whether any server was reached.
    is_connected: bool,
}

impl Desk<'_> {
    pub(super) fn fetch_all(&mut self, wants: &[Want]) -> Vec<Result<Found, FetchError>> {
        let found = self.fetcher.fetch_all(wants, &mut |done| (self.progress)(done, wants.len()));
        // An outcome that is shared was fetched once.
        let first_of = once(wants).first_of;
        let fetched = found.iter().enumerate().filter(|(at, _)| first_of[*at] == *at);
        fetched.for_each(|(_, found)| self.tally.count(found));
        self.is_connected |= found.iter().any(|found| !matches!(found, Err(FetchError::Unreachable { .. })));
        found
    }

    /// Asks for a feed, or whatever it turns out to be.
    pub(super) fn want(&self, wanted: &Wanted, url: Url) -> Want {
        let bytes_max = self.fetcher.limits().feed_bytes;
        Want { url, guard: wanted.guard.clone(), bytes_max, freshness: Freshness::Ask }
    }

    /// Asks for a page that this source leads to.
    pub(super) fn want_page(&self, wanted: &Wanted, url: &Url, freshness: Freshness) -> Want {
        Want { freshness, bytes_max: self.fetcher.limits().page_bytes, ..self.want(wanted, url.clone()) }
    }

    fn first(&mut self, wanted: &Wanted, found: &Found) -> Result<First, GatherError> {
        let bytes = self.fetcher.body(found)?;
        let told = told(found);
        let kind = source_kind(&bytes);
        match kind {
            SourceKind::Page => {
                let links = feed_links(&bytes, found.content_type.as_deref(), found.final_url.as_str());
                let feed = links.iter().find(|link| link.subject == FeedSubject::Posts);
                match feed.and_then(|link| Url::parse(&link.url).ok()) {
                    Some(feed) => Ok(First::Feed { feed, told }),
                    None => {
                        self.page(wanted, found, &bytes, told).map(|posts| First::Held(Held::Posts(Box::new(posts))))
                    }
                }
            }
            SourceKind::Opml => {
                let mut feeds = listed(wanted.url.as_str(), &bytes, self.fetcher.limits().feeds)?;
                feeds.told.splice(..0, told);
                Ok(First::Held(Held::Feeds(feeds)))
            }
            SourceKind::Sitemap | SourceKind::Gzip => {
                pages::read_sitemap(self, wanted, found, told).map(|posts| First::Held(Held::Posts(Box::new(posts))))
            }
            SourceKind::OtherText if found.final_url.path().ends_with(".txt") => {
                pages::read_sitemap(self, wanted, found, told).map(|posts| First::Held(Held::Posts(Box::new(posts))))
            }
            _ => self.feed(wanted, found, &bytes, told).map(|posts| First::Held(Held::Posts(Box::new(posts)))),
        }
    }

    fn page(&self, wanted: &Wanted, found: &Found, bytes: &[u8], mut told: Vec<String>) -> Result<Posts, GatherError> {
        // The sign-on pages of networks answer for every address.
        let before = self.fetcher.kind_before(&wanted.url).filter(|kind| kind != PostsKind::Page.as_str());
        if let Some(before) = before {
            return Err(GatherError::OnlyAPage { url: wanted.url.to_string(), before });
        }
        let limit = self.fetcher.limits().page_bytes;
        if bytes.len() > limit {
            return Err(FetchError::TooLong { url: wanted.url.to_string(), limit }.into());
        }
        let read = read_page(bytes, found.content_type.as_deref(), found.final_url.as_str(), &wanted.read)?;
        told.push(format!("{}: a page without a feed; it is one post", wanted.url));
        Ok(Posts { kind: PostsKind::Page, read, told })
    }

    fn feed(
        &mut self,
        wanted: &Wanted,
        found: &Found,
        bytes: &[u8],
        mut told: Vec<String>,
    ) -> Result<Posts, GatherError> {
        let mut read = read_stream(bytes, wanted.url.as_str(), &wanted.read)?;
        for post in &mut read.posts {
            // Addresses within the site begin where the feed was found.
            let whole = post.url.as_deref().and_then(|url| found.final_url.join(url).ok());
            post.url = whole.map(String::from).or_else(|| post.url.take());
        }
        if wanted.bodies == Bodies::OfPages {
            pages::add_bodies(self, wanted, &mut read, &mut told);
        }
        Ok(Posts { kind: PostsKind::Feed, read, told })
    }

    /// Fetches the feeds that pages name, all at once.
    fn second_round(
        &mut self,
        wanted: &[Wanted],
        firsts: Vec<Result<First, GatherError>>,
    ) -> Vec<Result<Held, GatherError>> {
        let wants: Vec<Want> = wanted
            .iter()
            .zip(&firsts)
            .filter_map(|(wanted, first)| match first {
                Ok(First::Feed { feed, .. }) => Some(self.want(wanted, feed.clone())),
                _ => None,
            })
            .collect();
        let mut found = self.fetch_all(&wants).into_iter();
        let held = wanted.iter().zip(firsts).map(|(wanted, first)| match first? {
            First::Held(held) => Ok(held),
            First::Feed { feed, told } => {
                let read = |desk: &mut Self, found: &Found| desk.named_feed(wanted, &feed, found, told);
                let found = self.came(wanted, found.next()).map_err(|fault| match fault {
                    // That the feed is gone does not say that the page is.
                    GatherError::Fetch(fault) => GatherError::NamedFeed { url: wanted.url.to_string(), fault },
                    fault => fault,
                });
                self.take(wanted, found, read).map(|posts| Held::Posts(Box::new(posts)))
            }
        });
        held.collect()
    }

    fn named_feed(
        &mut self,
        wanted: &Wanted,
        feed: &Url,
        found: &Found,
        mut told: Vec<String>,
    ) -> Result<Posts, GatherError> {
        let bytes = self.fetcher.body(found)?;
        if !matches!(source_kind(&bytes), SourceKind::Feed | SourceKind::Json) {
            return Err(GatherError::NoFeed { url: wanted.url.to_string(), feed: feed.to_string() });
        }
        told.push(format!("{}: a page; read the feed that it names, {feed}", wanted.url));
        told.extend(super::gather::told(found));
        self.feed(wanted, found, &bytes, told)
    }

    /// Counts the failure of a source of which nothing came.
    fn came(&self, wanted: &Wanted, found: Option<Result<Found, FetchError>>) -> Result<Found, GatherError> {
        let url = &wanted.url;
        let found = found.unwrap_or_else(|| Err(FetchError::NeverFetched { url: url.to_string() }));
        if let Err(fault) = &found {
            // Where nobody at all can be reached it is the network that fails.
            if self.is_connected || !matches!(fault, FetchError::Unreachable { .. }) {
                self.fetcher.count_failure(url, &fault.to_string())?;
            }
        }
        Ok(found?)
    }

    /// Reads what was found, the failure counted while that lasts: it may end the program.
    fn take<T: Kind>(
        &mut self,
        wanted: &Wanted,
        found: Result<Found, GatherError>,
        read: impl FnOnce(&mut Self, &Found) -> Result<T, GatherError>,
    ) -> Result<T, GatherError> {
        let (url, found) = (&wanted.url, found?);
        let before = self.fetcher.note(url);
        self.fetcher.count_failure(url, "it ended the program")?;
        let outcome = read(self, &found);
        match outcome.as_ref().map(Kind::kind) {
            Ok(Some(kind)) => self.fetcher.end(url, Ok(kind))?,
            Ok(None) => self.fetcher.take_back(url, before)?,
            Err(fault) => self.fetcher.end(url, Err(fault.to_string()))?,
        }
        outcome
    }
}

/// What a URL turned out to be, in a word.
trait Kind {
    /// Returns `None` while that is open.
    fn kind(&self) -> Option<&'static str>;
}

impl Kind for First {
    fn kind(&self) -> Option<&'static str> {
        match self {
            First::Held(Held::Posts(posts)) => posts.kind(),
            First::Held(Held::Feeds(_)) => Some("list of feeds"),
            First::Feed { .. } => None,
        }
    }
}

impl Kind for Posts {
    fn kind(&self) -> Option<&'static str> {
        Some(self.kind.as_str())
    }
}

/// Says what is worth knowing of a body that came.
pub(super) fn told(found: &Found) -> Vec<String> {
    let moved = found.moved.as_ref().map(|to| format!("{}: has moved to {to}; index that", found.url));
    damaged(found).into_iter().chain(moved).collect()
}

/// Says that what was kept of a body is worth nothing any more.
pub(super) fn damaged(found: &Found) -> Option<String> {
    let fault = found.damaged.as_ref()?;
    Some(format!("{}: what was kept of it is damaged ({fault}); fetched anew", found.url))
}
