//! How do many pages become posts? Those of a sitemap, and those of a feed's posts that came without a body.

use std::collections::{BTreeMap, HashMap, HashSet};

use url::Url;

use super::error::FetchError;
use super::fetcher::{Found, Freshness, Want};
use super::gather::{Desk, GatherError, Posts, PostsKind, Wanted, damaged};
use crate::post::{Post, PostId, SummaryOrigin};
use crate::sources::{Place, Read, Report, Sitemap, SitemapKind, SkipReason, read_page, sitemap};

/// A page that a sitemap lists.
struct Page {
    url: Url,
    lastmod: Option<String>,
}

/// The pages that sitemaps list.
#[derive(Default)]
struct Pages {
    pages: Vec<Page>,
    known: HashSet<Url>,
    report: Report,
    /// What its reader should know.
    told: Vec<String>,
    /// Whether some were left out that may still be there.
    is_part: bool,
}

/// Reads a sitemap, those that it names, and the pages that they list.
pub(super) fn read_sitemap(
    desk: &mut Desk<'_>,
    wanted: &Wanted,
    found: &Found,
    told: Vec<String>,
) -> Result<Posts, GatherError> {
    let mut pages = Pages { told, ..Pages::default() };
    let mut open = pages.add(desk, wanted, found)?;
    let mut read = 1;
    while !open.is_empty() {
        let room = desk.fetcher.limits().sitemaps.saturating_sub(read);
        for left_out in open.iter().skip(room) {
            let limit = desk.fetcher.limits().sitemaps;
            pages.skip(left_out, SkipReason::TooManySitemaps { limit });
            pages.is_part = true;
        }
        open.truncate(room);
        read += open.len();
        let wants: Vec<Want> = open.iter().map(|url| desk.want(wanted, url.clone())).collect();
        let mut next = Vec::new();
        for (url, found) in open.iter().zip(desk.fetch_all(&wants)) {
            pages.told.extend(found.as_ref().ok().and_then(damaged));
            match found.map_err(GatherError::from).and_then(|found| pages.add(desk, wanted, &found)) {
                Ok(more) => next.extend(more),
                Err(fault) => {
                    pages.skip(url, SkipReason::NotFetched(without_url(&fault, url)));
                    pages.is_part = true;
                }
            }
        }
        open = next;
    }
    pages.cut(wanted.pages_max);
    pages.told.push(format!("{}: a sitemap of {} pages", wanted.url, pages.pages.len()));
    let read = read_pages(desk, wanted, &mut pages);
    let kind = if pages.is_part { PostsKind::PartOfSitemap } else { PostsKind::Sitemap };
    Ok(Posts { kind, read, told: pages.told })
}

impl Pages {
    /// Takes in one sitemap and returns the further ones that it names.
    fn add(&mut self, desk: &Desk<'_>, wanted: &Wanted, found: &Found) -> Result<Vec<Url>, GatherError> {
        let bytes = desk.fetcher.body(found)?;
        let mut limits = wanted.read.limits.clone();
        limits.sitemap_bytes = limits.sitemap_bytes.min(desk.fetcher.limits().feed_bytes);
        let sitemap =
            sitemap(&bytes, &limits).map_err(|fault| GatherError::Sitemap { url: found.url.to_string(), fault })?;
        self.tell_left_out(&found.url, &sitemap, limits.sitemap_pages);
        if let Some((line, fault)) = sitemap.broken {
            let place = Place::line(found.url.as_str(), line);
            self.report.skip(place, SkipReason::BrokenXml(fault));
            self.is_part = true;
        }
        let mut further = Vec::new();
        for listed in sitemap.listed {
            let Ok(mut url) = Url::parse(&listed.url) else { continue };
            url.set_fragment(None);
            if !self.known.insert(url.clone()) {
                continue;
            }
            match sitemap.kind {
                SitemapKind::Sitemaps => further.push(url),
                SitemapKind::Pages => self.pages.push(Page { url, lastmod: listed.lastmod }),
            }
        }
        Ok(further)
    }

    /// Tells of addresses that were left out; their pages may still be there.
    fn tell_left_out(&mut self, url: &Url, sitemap: &Sitemap, limit: usize) {
        let (unusable, beyond) = (sitemap.unusable, sitemap.beyond);
        if unusable > 0 {
            self.told.push(format!(
                "{url}: {unusable} listed and left out: no http address; write each whole, as in https://blog.example/page"
            ));
        }
        if beyond > 0 {
            self.told.push(format!("{url}: {beyond} listed and left out: beyond the first {limit}; split the sitemap"));
        }
        self.is_part |= unusable > 0 || beyond > 0;
    }

    fn skip(&mut self, url: &Url, reason: SkipReason) {
        self.report.skip(Place::file(url.as_str()), reason);
    }

    fn cut(&mut self, pages_max: usize) {
        for page in self.pages.split_off(self.pages.len().min(pages_max)) {
            self.skip(&page.url, SkipReason::TooManyPages { limit: pages_max });
            self.is_part = true;
        }
    }
}

fn read_pages(desk: &mut Desk<'_>, wanted: &Wanted, pages: &mut Pages) -> Read {
    let freshness = |page: &Page| page.lastmod.clone().map_or(Freshness::Ask, Freshness::KeptOf);
    let wants: Vec<Want> = pages.pages.iter().map(|page| desk.want_page(wanted, &page.url, freshness(page))).collect();
    let report = std::mem::take(&mut pages.report);
    let mut all = Read { posts: Vec::new(), links: Vec::new(), wishes: BTreeMap::new(), report };
    let mut places: HashMap<PostId, Place> = HashMap::new();
    for (want, found) in wants.iter().zip(desk.fetch_all(&wants)) {
        pages.told.extend(found.as_ref().ok().and_then(damaged));
        let found = match found {
            Ok(found) => found,
            Err(fault) => {
                let place = Place::file(want.url.as_str());
                let is_gone = is_gone(&fault);
                let kept = desk.fetcher.kept(want).filter(|_| !is_gone);
                all.report.skip(place, SkipReason::NotFetched(without_url(&fault.into(), &want.url)));
                // What was read of it before stays as it is; where that is lost, its post may still be stored.
                pages.is_part |= kept.is_none() && !is_gone;
                let Some(kept) = kept else { continue };
                kept
            }
        };
        match page_of(desk, wanted, &found) {
            Ok(read) => {
                // What cannot be read this time may have been read before.
                pages.is_part |= read.posts.is_empty() && read.report.faults > 0;
                all.report.absorb(read.report);
                let place = Place::file(want.url.as_str());
                match read.posts.iter().find_map(|post| places.get_key_value(&post.id)) {
                    // Two addresses of one page, by its own word.
                    Some((id, first)) => {
                        let reason = SkipReason::DuplicateId { id: id.clone(), first: first.clone() };
                        all.report.skip(place, reason);
                    }
                    None => {
                        places.extend(read.posts.iter().map(|post| (post.id.clone(), place.clone())));
                        all.links.extend(read.links);
                        all.wishes.extend(read.wishes);
                        all.posts.extend(read.posts);
                    }
                }
            }
            Err(fault) => {
                let reason = SkipReason::NotFetched(without_url(&fault, &want.url));
                all.report.skip(Place::file(want.url.as_str()), reason);
                pages.is_part = true;
            }
        }
    }
    all
}

fn is_gone(fault: &FetchError) -> bool {
    matches!(fault, FetchError::Status { status: 404 | 410, .. })
}

fn page_of(desk: &Desk<'_>, wanted: &Wanted, found: &Found) -> Result<Read, GatherError> {
    let bytes = desk.fetcher.body(found)?;
    let mut read = read_page(&bytes, found.content_type.as_deref(), found.final_url.as_str(), &wanted.read)?;
    for post in &mut read.posts {
        post.url.get_or_insert_with(|| found.final_url.to_string());
    }
    Ok(read)
}

/// Gives the posts of a feed that have no body the text of their pages.
pub(super) fn add_bodies(desk: &mut Desk<'_>, wanted: &Wanted, read: &mut Read, told: &mut Vec<String>) {
    let mut bare: Vec<(usize, Want)> = Vec::new();
    for (at, post) in read.posts.iter().enumerate().filter(|(_, post)| post.text.is_none()) {
        let url = post.url.as_deref().and_then(|url| Url::parse(url).ok());
        bare.extend(url.map(|url| (at, desk.want_page(wanted, &url, Freshness::Kept))));
    }
    if bare.is_empty() {
        return;
    }
    let wants: Vec<Want> = bare.iter().map(|(_, want)| want.clone()).collect();
    let mut given = 0;
    for ((at, want), found) in bare.iter().zip(desk.fetch_all(&wants)) {
        told.extend(found.as_ref().ok().and_then(damaged));
        let page = found.map_err(GatherError::from).and_then(|found| page_of(desk, wanted, &found));
        let page = page.map(|mut page| (page.posts.pop(), page));
        match page {
            Ok((Some(post), page)) if post.text.is_some() => {
                given += 1;
                take_body(read, *at, post, page);
            }
            Ok((_, page)) => read.report.absorb(Report { files: 0, ..page.report }),
            Err(fault) => {
                let reason = SkipReason::NoBodyFetched(without_url(&fault, &want.url));
                read.report.skip(Place::file(want.url.as_str()), reason);
            }
        }
    }
    told.push(format!("{}: {given} of {} posts without a body got that of their page", wanted.url, wants.len()));
}

fn take_body(read: &mut Read, at: usize, page_post: Post, page: Read) {
    let post = &mut read.posts[at];
    post.text = page_post.text;
    post.minutes = page_post.minutes;
    post.language = post.language.take().or(page_post.language);
    if post.summary.origin == SummaryOrigin::Missing {
        post.summary = page_post.summary;
    }
    let id = post.id.clone();
    let links = page.links.into_iter().map(|link| crate::corpus::PostLink { from: id.clone(), ..link });
    // Links of one post lie together; this one had none but hand-made ones, which stay before these.
    let end = read.links.iter().rposition(|link| link.from == id).map_or(read.links.len(), |last| last + 1);
    read.links.splice(end..end, links);
}

/// Says a fault whose place is named already.
fn without_url(fault: &GatherError, url: &Url) -> String {
    let said = fault.to_string();
    said.strip_prefix(&format!("{url}: ")).map_or(said.clone(), str::to_owned)
}
