//! Which of the indexed sources lie in the network, and what do they hold?

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use url::Url;

use super::args::Index;
use super::console::{Console, Unit};
use super::errors::Usage;
use super::index::{Missing, Source};
use super::read_report;
use super::session::Session;
use super::spec::{Spec, read_options};
use super::words::many;
use crate::fetch::{
    Allowed, Bodies, FetchError, FetchOptions, Fetcher, Folder, GatherError, Guard, Held, Limits, ListedFeeds, Network,
    Patience, Posts, PostsKind, Tally, Wanted, gather, listed,
};
use crate::model::Network as ModelNetwork;
use crate::sources::{LinkWords, Read, ReadOptions, SourceKind, source_kind};
use crate::store::SourceKey;

/// The folder below the store's in which what was fetched is kept.
const FETCHED: &str = "fetched";
/// The most pages of a sitemap that are read.
const PAGES_MAX: u32 = 500;
/// Lists of feeds that are followed, each named by the one before.
const LISTS_MAX: usize = 3;
/// The first bytes of a file say what it is.
const HEAD_BYTES: u64 = 8 << 10;

/// A source of which nothing was read.
pub(super) struct Failed {
    pub(super) spec: Spec,
    pub(super) fault: GatherError,
}

/// What the network gave.
#[derive(Default)]
pub(super) struct FromWeb {
    pub(super) sources: Vec<Source>,
    pub(super) failed: Vec<Failed>,
}

/// Tells whether a source is meant as a URL.
pub(super) fn is_url(path: &Path) -> bool {
    path.to_string_lossy().contains("://")
}

/// Writes a URL as all that lead to the same are written.
pub(super) fn same_url(path: &Path) -> anyhow::Result<PathBuf> {
    let text = path.to_string_lossy();
    let mut url = Url::parse(text.trim()).map_err(|fault| {
        Usage::new(format!("{text}: is no URL ({fault}); write it whole, as in https://blog.example/feed.xml"))
    })?;
    url.set_fragment(None);
    Ok(PathBuf::from(String::from(url)))
}

/// Returns the feeds that a file lists, if it is a list of feeds.
pub(super) fn feeds_of_file(console: &Console, path: &Path) -> anyhow::Result<Option<Vec<PathBuf>>> {
    use std::io::Read as _;
    let Some(file) = std::fs::File::open(path).ok().filter(|_| path.is_file()) else { return Ok(None) };
    let mut head = Vec::new();
    let read = file.take(HEAD_BYTES).read_to_end(&mut head);
    if read.is_err() || source_kind(&head) != SourceKind::Opml {
        return Ok(None);
    }
    let name = path.display().to_string();
    let limits = Limits::default();
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(limits.feed_bytes as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limits.feed_bytes {
        return Err(Usage::new(format!("{name}: is longer than {} bytes; split the list", limits.feed_bytes)).into());
    }
    Ok(Some(feeds_of(console, &name, listed(&name, &bytes, limits.feeds)?)))
}

/// Says what a list holds, and what of it is left out.
fn feeds_of(console: &Console, name: &str, listed: ListedFeeds) -> Vec<PathBuf> {
    console.note(&format!("{name}: lists {}, each a source of its own", many(listed.feeds.len(), "feed")));
    listed.told.iter().for_each(|told| console.warn(told));
    listed.feeds.into_iter().map(|feed| PathBuf::from(String::from(feed))).collect()
}

/// Reads all sources that are URLs, many at once, and says what each holds.
pub(super) fn read_all(session: &Session<'_>, specs: Vec<Spec>, args: &Index) -> anyhow::Result<FromWeb> {
    let mut web = FromWeb::default();
    if specs.is_empty() {
        return Ok(web);
    }
    let patience = if args.retry { Patience::Retry } else { Patience::LeaveAlone };
    let fetcher = fetcher(session, network(session)?, patience);
    let mut tally = Tally::default();
    let mut known: HashSet<PathBuf> = specs.iter().map(|spec| spec.path.clone()).collect();
    let mut round = specs;
    for _ in 0..=LISTS_MAX {
        let mut named = Vec::new();
        let held = hold(session, &fetcher, &round, &mut tally)?;
        for (spec, held) in round.into_iter().zip(held) {
            match held {
                Ok(Held::Posts(posts)) => web.sources.push(said(session.console, spec, *posts)),
                Ok(Held::Feeds(feeds)) => {
                    let feeds = feeds_of(session.console, &spec.path.display().to_string(), feeds);
                    named.extend(feeds.into_iter().filter(|feed| known.insert(feed.clone())).map(|path| spec.of(path)));
                }
                Err(fault) => web.failed.push(Failed { spec, fault }),
            }
        }
        round = named;
        if round.is_empty() {
            break;
        }
    }
    if !round.is_empty() {
        let left = many(round.len(), "feed");
        session
            .console
            .warn(&format!("{left} left out: lists of feeds name lists of feeds; index those by themselves"));
    }
    say_hosts_of_none(session.console, &args.allow_private, &known);
    say_tally(session.console, &tally);
    Ok(web)
}

fn hold(
    session: &Session<'_>,
    fetcher: &Fetcher,
    specs: &[Spec],
    tally: &mut Tally,
) -> anyhow::Result<Vec<Result<Held, GatherError>>> {
    let wanted = specs.iter().map(|spec| wanted(session, spec, LinkWords::Keep)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(session.console.with_bar("fetching", Unit::Fetches, |progress| gather(fetcher, &wanted, tally, progress)))
}

/// Reads one source out of what was fetched before.
pub(super) fn read_kept(session: &Session<'_>, spec: &Spec, words: LinkWords) -> anyhow::Result<Read> {
    let fetcher = fetcher(session, Network::Offline, Patience::LeaveAlone);
    let wanted = wanted(session, spec, words)?;
    let held = gather(&fetcher, std::slice::from_ref(&wanted), &mut Tally::default(), &mut |_, _| ()).pop();
    match held {
        Some(Ok(Held::Posts(posts))) => Ok(posts.read),
        Some(Err(fault)) => Err(fault.into()),
        Some(Ok(Held::Feeds(_))) | None => {
            Err(Usage::new(format!("{}: is a list of feeds; index it first", spec.path.display())).into())
        }
    }
}

fn said(console: &Console, spec: Spec, posts: Posts) -> Source {
    posts.told.iter().for_each(|told| console.note(told));
    read_report::say(console, &posts.read.report, posts.read.posts.len(), &spec.path);
    let missing = match posts.kind {
        PostsKind::Feed => Missing::OutOfWindow,
        PostsKind::Sitemap => Missing::Gone,
        PostsKind::Page => Missing::InDoubtWhereFaulty,
        PostsKind::PartOfSitemap => Missing::InDoubt,
    };
    Source { key: spec.key(), read: posts.read, missing, spec }
}

fn wanted(session: &Session<'_>, spec: &Spec, link_words: LinkWords) -> anyhow::Result<Wanted> {
    let url = spec.path.to_string_lossy();
    let url = Url::parse(&url).map_err(|fault| Usage::new(format!("{url}: is no URL ({fault})")))?;
    Ok(Wanted {
        guard: guard(session, &spec.allow_private, &url)?,
        read: ReadOptions { link_words, ..read_options(spec)? },
        pages_max: spec.pages.unwrap_or(PAGES_MAX) as usize,
        bodies: if spec.full_text { Bodies::OfPages } else { Bodies::OfFeed },
        url,
    })
}

/// What the configuration vouches for holds for all sources; what the flag does, for those that lie there only: a list
/// names feeds of others, which must not lead to the host of one of them.
fn guard(session: &Session<'_>, of_flag: &[String], url: &Url) -> anyhow::Result<Guard> {
    let setting = session.settings.get("allow_private");
    let of_all = setting.map(|setting| setting.text.lines().map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default();
    let parse = |text: &String| {
        Allowed::parse(text).map_err(|fault| anyhow::Error::from(Usage::new(format!("allow_private: {fault}"))))
    };
    let of_flag = of_flag.iter().map(parse).collect::<anyhow::Result<Vec<_>>>()?;
    let mut allowed = of_all.iter().map(parse).collect::<anyhow::Result<Vec<_>>>()?;
    allowed.extend(of_flag.into_iter().filter(|allowed| allowed.is_host_of(url)));
    Ok(Guard { allowed, ..Guard::default() })
}

/// Says which hosts the flag vouches for in vain.
fn say_hosts_of_none(console: &Console, of_flag: &[String], sources: &HashSet<PathBuf>) {
    let urls: Vec<Url> = sources.iter().filter_map(|path| Url::parse(&path.to_string_lossy()).ok()).collect();
    for allowed in of_flag.iter().filter_map(|text| Allowed::parse(text).ok()) {
        if !urls.iter().any(|url| allowed.is_host_of(url)) {
            console.warn(&format!(
                "--allow-private {allowed} is the host of none of these sources; if one of them leads there, write \
                 allow_private = [\"{allowed}\"] in nextread.toml"
            ));
        }
    }
}

/// Removes what was fetched of a source that is gone.
pub(super) fn forget(session: &Session<'_>, key: &SourceKey) {
    if let Some(url) = Url::parse(key.as_str()).ok().filter(|_| is_url(Path::new(key.as_str()))) {
        folder(session).forget(&url);
    }
}

/// Returns the folder in which what was fetched is kept.
pub(super) fn folder(session: &Session<'_>) -> Folder {
    Folder::new(session.store_folder_or_new().join(FETCHED))
}

fn fetcher(session: &Session<'_>, network: Network, patience: Patience) -> Fetcher {
    let options = FetchOptions { network, patience, ..FetchOptions::new(SystemTime::now()) };
    Fetcher::new(folder(session), options)
}

/// One switch keeps posts and models off the network.
fn network(session: &Session<'_>) -> anyhow::Result<Network> {
    Ok(match session.model_options()?.network {
        ModelNetwork::Offline => Network::Offline,
        ModelNetwork::Allowed => Network::Online,
    })
}

/// Tells whether a source is not there any more, by its server's word.
pub(super) fn is_gone(fault: &anyhow::Error) -> bool {
    let fault = match fault.downcast_ref() {
        Some(GatherError::Fetch(fault)) => Some(fault),
        _ => None,
    };
    matches!(fault, Some(FetchError::Status { status: 404 | 410, .. }))
}

fn say_tally(console: &Console, tally: &Tally) {
    if tally.total() == 0 {
        return;
    }
    let failed: usize = tally.failed.values().sum();
    let why: Vec<String> = tally.failed.iter().map(|(why, count)| format!("{count} {why}")).collect();
    let why = if failed > 0 { format!(" ({})", why.join(", ")) } else { String::new() };
    console.note(&format!(
        "over the network: {} read, {} not modified, {} kept from before, {failed} failed{why}",
        tally.fetched, tally.not_modified, tally.kept
    ));
}
