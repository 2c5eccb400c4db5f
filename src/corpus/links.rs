//! Which post does a link mean? Targets as authors write them, against posts as their sources name them.
//!
//! A site's generator decides where a file ends up, and its settings are not known here. So a target is tried as what it
//! says (a path from the post's file or page, a path from the root, a post's URL), and then by its slug and date;
//! the words of a title are a slug too, as generators and older addresses have it. For a target from the root or with a host, the slug counts only where the folder that it names leads to posts most of the
//! time: `/blog/` does, `/docs/` of the same site does not, and so the post `install` is not meant by `/docs/install`.

use std::collections::{HashMap, HashSet};

use super::Corpus;
use super::address::{Address, DateParts, Start, Target, fold};
use crate::post::Post;

/// A folder of another host is the site itself when at least so many of its pages are posts.
const PAGES_MIN: usize = 3;
/// A folder holds posts when at least this share of its pages that are linked to are posts. Measured on nine blogs: 0.96
/// and above for theirs, 0.60 at most for the documentation beside one of them.
const POSTS_SHARE_MIN: f64 = 0.75;
/// A folder with less than this share of the pages of the one with most posts has them by chance.
const LARGEST_SHARE_MIN: f64 = 0.05;

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// To the post at this position.
    Post(usize),
    /// To the post in which it stands.
    Itself,
    /// To a page of the site that is no post of the corpus, or to several posts alike.
    Unknown,
    /// To another site, or to something that is no page.
    Elsewhere,
}

/// The addresses of a corpus's posts, ready to resolve links.
#[derive(Debug, Clone)]
pub struct LinkMap {
    places: Vec<Place>,
    /// By folded path, path of the URL, and id.
    by_address: HashMap<String, Vec<usize>>,
    by_url: HashMap<String, Vec<usize>>,
    by_slug: HashMap<String, Vec<(usize, Address)>>,
    by_title: HashMap<String, Vec<(usize, Address)>>,
    hosts: HashSet<String>,
    folders: HashMap<(String, String), Pages>,
    /// The most posts of one folder.
    largest: usize,
}

/// Where a post stands.
#[derive(Debug, Clone)]
struct Place {
    source: String,
    /// The parts of its path or of its URL.
    parts: Vec<String>,
    date: Option<DateParts>,
}

/// The different pages of a folder that are linked to.
#[derive(Debug, Clone, Copy, Default)]
struct Pages {
    all: usize,
    /// Those whose slug and date are those of a post.
    posts: usize,
}

impl Pages {
    fn are_posts(self) -> bool {
        self.posts as f64 >= self.all as f64 * POSTS_SHARE_MIN
    }
}

impl LinkMap {
    /// Reads the addresses of all posts, and from all targets which folders of the site hold posts.
    #[must_use]
    pub fn new<'t>(corpus: &Corpus, targets: impl IntoIterator<Item = &'t str>) -> LinkMap {
        let mut map = LinkMap {
            places: Vec::with_capacity(corpus.len()),
            by_address: HashMap::new(),
            by_url: HashMap::new(),
            by_slug: HashMap::new(),
            by_title: HashMap::new(),
            hosts: HashSet::new(),
            folders: HashMap::new(),
            largest: 0,
        };
        for (position, post) in corpus.posts().iter().enumerate() {
            map.add(position, post);
        }
        map.hosts = own_hosts(corpus.posts());
        map.learn_folders(targets);
        map
    }

    fn add(&mut self, position: usize, post: &Post) {
        let url = post.url.as_deref().and_then(Target::parse).filter(|url| !url.parts.is_empty());
        let path = post.path.as_deref().and_then(Target::parse);
        let id = Target::parse(post.id.as_str());
        let own = path.clone().or_else(|| url.clone()).or_else(|| id.clone());
        if let Some(url) = &url {
            let host = url.host.clone().unwrap_or_default();
            self.by_url.entry(format!("{host}/{}", url.parts.join("/"))).or_default().push(position);
        }
        let mut addresses: Vec<Vec<String>> = [path, url, id].into_iter().flatten().map(|known| known.parts).collect();
        addresses.sort();
        addresses.dedup();
        for parts in addresses {
            for parts in [without_language(&parts), Some(parts)].into_iter().flatten() {
                if let Some(address) = Address::of(&parts) {
                    let known = self.by_slug.entry(address.slug.clone()).or_default();
                    if !known.iter().any(|(other, same)| *other == position && *same == address) {
                        known.push((position, address));
                    }
                }
                self.by_address.entry(parts.join("/")).or_default().push(position);
            }
        }
        let parts = own.map_or_else(Vec::new, |own| own.parts);
        if let Some(address) = Address::of(&parts).map(|address| Address { slug: slug_of(&post.title), ..address }) {
            self.by_title.entry(bare_slug(&address.slug)).or_default().push((position, address));
        }
        let date = post.date.map(|date| date.parts());
        self.places.push(Place { source: post.source.clone(), parts, date });
    }

    fn learn_folders<'t>(&mut self, targets: impl IntoIterator<Item = &'t str>) {
        let mut seen = HashSet::new();
        for target in targets.into_iter().filter_map(Target::parse) {
            let Some(address) = Address::of(&target.parts).filter(|_| target.start == Start::Root && !target.is_file)
            else {
                continue;
            };
            if seen.insert((target.host.clone(), target.parts.clone())) {
                let is_post = !self.dated_alike(&address).is_empty();
                let folder = (target.host.unwrap_or_default(), address.folders.join("/"));
                let pages = self.folders.entry(folder).or_default();
                pages.all += 1;
                pages.posts += usize::from(is_post);
            }
        }
        let holding = self.folders.values().filter(|pages| pages.are_posts());
        self.largest = holding.map(|pages| pages.posts).max().unwrap_or(0);
    }

    /// Finds the post that `target` means in a link of the post at `from`.
    ///
    /// # Panics
    /// `from` is not below the corpus's length.
    #[must_use]
    pub fn resolve(&self, from: usize, target: &str) -> LinkEnd {
        let Some(parsed) = Target::parse(target) else { return LinkEnd::Elsewhere };
        if parsed.parts.is_empty() && parsed.host.is_none() && parsed.start == Start::Page {
            return LinkEnd::Itself;
        }
        let found = self.as_written(from, &parsed).or_else(|| self.by_slug(from, &parsed));
        match found {
            Some(found) if found == from => LinkEnd::Itself,
            Some(found) => LinkEnd::Post(found),
            None if parsed.is_file || !self.is_own(&parsed) => LinkEnd::Elsewhere,
            None => LinkEnd::Unknown,
        }
    }

    /// Takes the target at its word: a URL, a path from the root, or one from the post's file or page.
    fn as_written(&self, from: usize, target: &Target) -> Option<usize> {
        if let Some(host) = &target.host {
            let url = self.by_url.get(&format!("{host}/{}", target.parts.join("/")));
            let path = || self.by_address.get(&target.parts.join("/")).filter(|_| self.hosts.contains(host));
            return self.best(from, url.or_else(path)?, &target.parts);
        }
        // Where the posts are known to stand in another folder, a page at the root is none of them.
        let elsewhere =
            || self.largest >= PAGES_MIN && Address::of(&target.parts).is_some_and(|it| !self.holds_posts(target, &it));
        if target.start == Start::Root && target.parts.len() == 1 && elsewhere() {
            return None;
        }
        let page = self.places[from].parts.as_slice();
        let file = page.split_last().map_or(page, |(_, folders)| folders);
        [file, page].into_iter().find_map(|folders| {
            let parts = target.joined(folders)?;
            self.best(from, self.by_address.get(&parts.join("/"))?, &parts)
        })
    }

    fn by_slug(&self, from: usize, target: &Target) -> Option<usize> {
        let address = Address::of(&target.parts)?;
        let mut alike = self.dated_alike(&address);
        let whole_date = matches!(address.date, Some((_, _, Some(_))));
        let anywhere = whole_date || target.start == Start::Page || self.holds_posts(target, &address);
        if !anywhere {
            // The folders that it names must be those of the post.
            let ends_with = |candidate: &Address| {
                !address.folders.is_empty() && candidate.folders.ends_with(&address.folders) && target.host.is_none()
            };
            alike.retain(|(_, candidate)| ends_with(candidate));
        }
        let positions: Vec<usize> = alike.into_iter().map(|(position, _)| position).collect();
        self.best(from, &positions, &address.folders)
    }

    /// Returns the posts with the address's slug whose date does not speak against it.
    fn dated_alike(&self, address: &Address) -> Vec<(usize, &Address)> {
        let agrees = |position: usize, candidate: &Address| {
            let Some(date) = address.date else { return true };
            let known = [candidate.date, self.places[position].date];
            known.into_iter().flatten().any(|known| same_date(date, known))
        };
        let named = [self.by_slug.get(&address.slug), self.by_title.get(&bare_slug(&address.slug))];
        let alike = named.into_iter().flatten().map(|candidates| {
            let alike = candidates.iter().filter(|(position, candidate)| agrees(*position, candidate));
            alike.map(|(position, candidate)| (*position, candidate)).collect::<Vec<_>>()
        });
        alike.into_iter().find(|alike| !alike.is_empty()).unwrap_or_default()
    }

    fn holds_posts(&self, target: &Target, address: &Address) -> bool {
        let host = target.host.clone().unwrap_or_default();
        let is_own = host.is_empty() || self.hosts.contains(&host);
        let pages = self.folders.get(&(host, address.folders.join("/"))).copied().unwrap_or_default();
        let least = if is_own { self.largest as f64 * LARGEST_SHARE_MIN } else { PAGES_MIN as f64 };
        pages.posts > 0 && pages.posts as f64 >= least && pages.are_posts()
    }

    fn is_own(&self, target: &Target) -> bool {
        let Some(host) = &target.host else { return true };
        let holds = || Address::of(&target.parts).is_some_and(|address| self.holds_posts(target, &address));
        self.hosts.contains(host) || holds()
    }

    /// Returns the one post that fits best: of the same source, with most folders in common with the target's end, then
    /// with the beginning of `from`'s place (its language). None where two fit alike.
    fn best(&self, from: usize, positions: &[usize], parts: &[String]) -> Option<usize> {
        let own = &self.places[from];
        let fit = |position: usize| {
            let place = &self.places[position];
            let ends = place.parts.iter().rev().zip(parts.iter().rev()).take_while(|(a, b)| a == b).count();
            let begins = place.parts.iter().zip(&own.parts).take_while(|(a, b)| a == b).count();
            (place.source == own.source, ends, begins)
        };
        let most = positions.iter().map(|&position| fit(position)).max()?;
        let mut best: Vec<usize> = positions.iter().copied().filter(|&position| fit(position) == most).collect();
        best.dedup();
        (best.len() == 1).then(|| best[0])
    }
}

/// Returns the hosts of the sites: those of at least half of a source's posts. A blog that comments on pages of others
/// names their hosts too.
fn own_hosts(posts: &[Post]) -> HashSet<String> {
    let mut sources: HashMap<&str, usize> = HashMap::new();
    let mut hosts: HashMap<(&str, String), usize> = HashMap::new();
    for post in posts {
        *sources.entry(&post.source).or_default() += 1;
        if let Some(host) = post.url.as_deref().and_then(Target::parse).and_then(|url| url.host) {
            *hosts.entry((&post.source, host)).or_default() += 1;
        }
    }
    hosts.into_iter().filter(|((source, _), count)| count * 2 >= sources[source]).map(|((_, host), _)| host).collect()
}

/// Returns the words of a title as generators make a slug of them.
fn slug_of(title: &str) -> String {
    let kept: String = title.chars().filter(|c| !matches!(c, '\'' | '\u{2019}')).collect();
    let words = kept.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// Leaves out the words that some generators leave out of a slug.
fn bare_slug(slug: &str) -> String {
    slug.split('-').filter(|word| !matches!(*word, "a" | "an" | "the" | "")).collect::<Vec<_>>().join("-")
}

/// Drops `fr` of `post.fr` and of `fr/post`.
fn without_language(parts: &[String]) -> Option<Vec<String>> {
    let is_code = |word: &str| {
        let (code, region) = word.split_once('-').unwrap_or((word, "xx"));
        [code, region].iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    let last = parts.last()?;
    if let Some((name, _)) = last.rsplit_once('.').filter(|(_, suffix)| is_code(suffix)) {
        return Some(parts[..parts.len() - 1].iter().cloned().chain([fold(name)]).collect());
    }
    (parts.len() > 1 && is_code(&parts[0])).then(|| parts[1..].to_vec())
}

/// Compares dates as far as both go.
fn same_date(a: DateParts, b: DateParts) -> bool {
    let agree = |a: Option<u8>, b: Option<u8>| a.is_none() || b.is_none() || a == b;
    a.0 == b.0 && agree(a.1, b.1) && agree(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    fn corpus(paths: &[&str]) -> Corpus {
        let posts = paths.iter().map(|path| {
            let mut post = post(path.trim_end_matches(".md").trim_end_matches("/index"), path, "");
            post.path = Some((*path).to_owned());
            post
        });
        Corpus::new(posts.collect()).unwrap()
    }

    /// Resolves targets that stand in the post at `from`; `-` is the post itself, `?` unknown, `!` elsewhere.
    fn check(paths: &[&str], from: &str, cases: &[(&str, &str)]) {
        let corpus = corpus(paths);
        let map = LinkMap::new(&corpus, cases.iter().map(|(target, _)| *target));
        let at = corpus.find_exact(from).unwrap();
        for (target, expect) in cases {
            let found = match map.resolve(at, target) {
                LinkEnd::Post(position) => corpus.post(position).id.as_str(),
                LinkEnd::Itself => "-",
                LinkEnd::Unknown => "?",
                LinkEnd::Elsewhere => "!",
            };
            assert_eq!(found, *expect, "{target}");
        }
    }

    #[test]
    fn paths_are_taken_at_their_word() {
        check(
            &["a/x.md", "a/y/index.md", "b/x.md", "z.md"],
            "a/x.md",
            &[
                ("y/index.md", "a/y"),
                ("./y/", "a/y"),
                ("../y", "a/y"),
                ("../z.md#part", "z"),
                ("../b/x.html?q", "b/x"),
                ("/b/x/", "b/x"),
                ("@/a/y/index.md", "a/y"),
                ("#top", "-"),
                ("x.md", "-"),
                ("../../z", "z"),
                ("y/picture.png", "!"),
                ("mailto:a@b.example", "!"),
                ("https://other.example/z", "!"),
                ("gone.md", "?"),
            ],
        );
    }

    #[test]
    fn dates_in_names_and_addresses_agree() {
        check(
            &["_posts/2020-01-02-slug.md", "_posts/2021-3-04-other.md", "_posts/2022-01-01-slug.md"],
            "_posts/2021-3-04-other.md",
            &[
                ("/blog/2020/01/02/slug.html", "_posts/2020-01-02-slug"),
                ("https://site.example/2022/01/01/slug/", "_posts/2022-01-01-slug"),
                ("2020-01-02-slug", "_posts/2020-01-02-slug"),
                ("_posts/2022-01-01-slug.md", "_posts/2022-01-01-slug"),
                ("/blog/2022/01/slug", "_posts/2022-01-01-slug"),
                ("/2020/01/03/slug", "?"),
                ("/blog/slug", "?"),
                ("/blog/other/", "-"),
            ],
        );
    }

    #[test]
    fn a_slug_counts_in_folders_that_hold_posts() {
        check(
            &["install.md", "one.md", "two.md", "three.md"],
            "one.md",
            &[
                ("/blog/two", "two"),
                ("/blog/three", "three"),
                ("/docs/install", "?"),
                ("/docs/reference", "?"),
                ("/docs/guide", "?"),
                ("https://blog.example/two", "two"),
                ("https://blog.example/three", "three"),
                ("https://blog.example/install", "install"),
                ("https://code.example/two", "!"),
                ("Two", "two"),
            ],
        );
    }

    #[test]
    fn languages_and_urls() {
        check(
            &["en/a.md", "en/b.md", "fr/a.md", "fr/b.md", "c.de.md", "c.md"],
            "fr/b.md",
            &[("a.md", "fr/a"), ("/a/", "fr/a"), ("/en/a", "en/a"), ("../c.md", "c"), ("/b", "-")],
        );
        let mut posts = vec![post("1", "One", ""), post("2", "Two", "")];
        posts[0].url = Some("https://www.site.example/first/".to_owned());
        posts[1].url = Some("https://site.example/2/second.html".to_owned());
        let corpus = Corpus::new(posts).unwrap();
        let map = LinkMap::new(&corpus, []);
        for (target, expect) in [
            ("http://site.example/2/second", LinkEnd::Post(1)),
            ("/2/second/", LinkEnd::Post(1)),
            ("../2/second", LinkEnd::Post(1)),
            ("https://site.example/first#x", LinkEnd::Itself),
            ("https://site.example/third", LinkEnd::Unknown),
            ("https://else.example/2/second", LinkEnd::Elsewhere),
        ] {
            assert_eq!(map.resolve(0, target), expect, "{target}");
        }
    }
}
