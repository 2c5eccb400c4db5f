//! Which posts are there? Posts in a fixed order, looked up by id, URL, path or slug.

mod address;
mod editorial;
mod links;
mod page;
mod site_links;
mod terms;
mod wishes;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use editorial::{Editorial, Unmet, UnmetReason};
pub use links::{LinkEnd, LinkMap};
pub use page::{host_of, page_of};
pub use site_links::{LinkGraph, LinkOrigin, PostLink, SiteLinks, resolve_links};
pub(crate) use terms::is_pair;
pub use terms::{Term, TermCounter, Terms};
pub use wishes::{WishError, Wishes};

use crate::post::{Post, PostId};

/// Posts ordered by id, so that a smaller position is also the winner of a tie.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    posts: Vec<Post>,
    by_id: HashMap<PostId, usize>,
    by_url: OnceLock<HashMap<String, usize>>,
}

/// Two posts share one id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two posts have the id \"{0}\"; ids must be unique")]
pub struct DuplicateId(pub PostId);

/// What a word that should name a post turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Exactly one post, at this position.
    Found(usize),
    /// Several posts answer to it; their positions, ascending.
    Ambiguous(Vec<usize>),
    /// None does; the positions of the posts with the most similar names, best first, at most three.
    Unknown(Vec<usize>),
}

impl Corpus {
    /// Puts posts in order of their ids.
    ///
    /// # Errors
    /// Two posts share an id.
    pub fn new(mut posts: Vec<Post>) -> Result<Corpus, DuplicateId> {
        posts.sort_by(|a, b| a.id.cmp(&b.id));
        let mut by_id = HashMap::with_capacity(posts.len());
        for (position, post) in posts.iter().enumerate() {
            if by_id.insert(post.id.clone(), position).is_some() {
                return Err(DuplicateId(post.id.clone()));
            }
        }
        Ok(Corpus { posts, by_id, by_url: OnceLock::new() })
    }

    /// Returns all posts, ascending by id.
    #[must_use]
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// Returns how many posts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.posts.len()
    }

    /// Tells whether there is no post.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.posts.is_empty()
    }

    /// Returns the post at `position`.
    ///
    /// # Panics
    /// `position` is not below [`Corpus::len`].
    #[must_use]
    pub fn post(&self, position: usize) -> &Post {
        &self.posts[position]
    }

    /// Returns the position of the post with exactly this id.
    #[must_use]
    pub fn position(&self, id: &PostId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Finds the post whose id, URL or path is exactly `name`: for records, where a guess would be a mistake.
    #[must_use]
    pub fn find_exact(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        let by_id = PostId::new(name).ok().and_then(|id| self.position(&id));
        by_id.or_else(|| self.by_url().get(bare_url(name)).copied()).or_else(|| {
            let is_path = |post: &Post| post.path.as_deref() == Some(name.trim_start_matches("./"));
            self.posts.iter().position(is_path)
        })
    }

    /// Returns the positions by URL, of equal URLs the first; made when it is first needed.
    fn by_url(&self) -> &HashMap<String, usize> {
        self.by_url.get_or_init(|| {
            let mut by_url = HashMap::new();
            for (position, post) in self.posts.iter().enumerate() {
                if let Some(url) = post.url.as_deref().map(bare_url).filter(|url| !url.is_empty()) {
                    by_url.entry(url.to_owned()).or_insert(position);
                }
            }
            by_url
        })
    }

    /// Finds the post that a reader means by `word`: its id, URL, path, title (in any case), file name without
    /// extension, or a beginning of its id that no other post shares. The first of these that matches decides.
    #[must_use]
    pub fn find(&self, word: &str) -> Lookup {
        let word = word.trim();
        if let Ok(id) = PostId::new(word)
            && let Some(position) = self.position(&id)
        {
            return Lookup::Found(position);
        }
        let folded = fold(word);
        let page = page_of(word);
        let within = word.strip_prefix('/').and_then(|_| page_of(&format!("https://site.invalid{word}")));
        let within = within.and_then(|page| Some(page.split_once('/')?.1.to_owned()));
        let rules: [&dyn Fn(&Post) -> bool; 7] = [
            &|post| post.url.as_deref().is_some_and(|url| same_url(url, word)),
            &|post| page.is_some() && post.url.as_deref().and_then(page_of) == page,
            &|post| within.is_some() && post.url.as_deref().and_then(path_of_page) == within,
            &|post| post.path.as_deref().is_some_and(|path| path == word.trim_start_matches("./")),
            &|post| fold(&post.title) == folded,
            &|post| post.path.as_deref().is_some_and(|path| slug(path) == word) || slug(post.id.as_str()) == word,
            &|post| !folded.is_empty() && fold(post.id.as_str()).starts_with(&folded),
        ];
        for rule in rules {
            let matches: Vec<usize> = (0..self.len()).filter(|&position| rule(&self.posts[position])).collect();
            match matches.as_slice() {
                [] => {}
                [only] => return Lookup::Found(*only),
                _ => return Lookup::Ambiguous(matches),
            }
        }
        Lookup::Unknown(self.most_similar_names(&folded))
    }

    fn most_similar_names(&self, folded: &str) -> Vec<usize> {
        let likeness = |post: &Post| {
            let id = strsim::jaro_winkler(folded, &fold(post.id.as_str()));
            id.max(strsim::jaro_winkler(folded, &fold(&post.title)))
        };
        let mut scored: Vec<(f64, usize)> =
            self.posts.iter().enumerate().map(|(position, post)| (likeness(post), position)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.into_iter().take(3).filter(|(likeness, _)| *likeness > 0.6).map(|(_, position)| position).collect()
    }
}

/// Returns what names the page of an address within its site.
fn path_of_page(url: &str) -> Option<String> {
    let page = if url.starts_with('/') { page_of(&format!("https://site.invalid{url}")) } else { page_of(url) };
    Some(page?.split_once('/')?.1.to_owned())
}

fn fold(text: &str) -> String {
    text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'")
}

/// Compares two URLs leniently: scheme, a leading `www.`, a trailing slash and the fragment do not count.
fn same_url(a: &str, b: &str) -> bool {
    !bare_url(a).is_empty() && bare_url(a) == bare_url(b)
}

fn bare_url(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or(url);
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/')
}

/// Returns the last part of a path without its extension; of `x/index.md`, the folder's name.
fn slug(path: &str) -> &str {
    let stem = |name: &'_ str| name.rfind('.').filter(|&dot| dot > 0).unwrap_or(name.len());
    let mut parts = path.trim_end_matches('/').rsplit('/');
    let last = parts.next().unwrap_or(path);
    let name = &last[..stem(last)];
    match (name, parts.next()) {
        ("index" | "_index", Some(folder)) => folder,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture;

    fn post(id: &str, title: &str, path: Option<&str>) -> Post {
        let mut post = fixture::post(id, title, "");
        post.url = Some(format!("https://www.blog.example/{id}/"));
        post.path = path.map(str::to_owned);
        post
    }

    fn check(word: &str, expect: &Lookup) {
        let corpus = Corpus::new(vec![
            post("vector-api", "Vectors in the JDK’s API", Some("2026/vector-api/index.md")),
            post("vacuum", "Vacuum", Some("2026/vacuum.md")),
            post("launch-2", "Launch", None),
            post("launch-1", "Launch", None),
        ])
        .unwrap();
        assert_eq!(&corpus.find(word), expect, "{word}");
    }

    #[test]
    fn addresses_are_found_as_people_paste_them() {
        let corpus = Corpus::new(vec![post("a", "A", None), post("b", "B", None)]).unwrap();
        for word in [
            "https://BLOG.example/a/index.html",
            "http://blog.example/a?utm_source=x&utm_medium=y",
            "/a/",
            "/a/index.html",
            "blog.example/a",
        ] {
            assert_eq!(corpus.find(word), Lookup::Found(0), "{word}");
        }
        assert!(!matches!(corpus.find("/c/"), Lookup::Found(_)));
        assert!(!matches!(corpus.find("https://other.example/a/"), Lookup::Found(_)));
    }

    #[test]
    fn finds_by_id_url_path_title_slug_and_prefix() {
        check("vacuum", &Lookup::Found(2));
        check("http://blog.example/vector-api#top", &Lookup::Found(3));
        check("./2026/vacuum.md", &Lookup::Found(2));
        check("vectors in the jdk's api", &Lookup::Found(3));
        check("vec", &Lookup::Found(3));
    }

    #[test]
    fn says_when_a_name_is_shared_or_unknown() {
        check("Launch", &Lookup::Ambiguous(vec![0, 1]));
        check("va", &Lookup::Found(2));
        check("v", &Lookup::Ambiguous(vec![2, 3]));
        check("vecktor-api", &Lookup::Unknown(vec![3]));
        check("", &Lookup::Unknown(vec![]));
    }

    #[test]
    fn a_record_names_a_post_in_full() {
        let posts = vec![post("go-guide", "Go", Some("2026/go.md")), post("vacuum", "Vacuum", None)];
        let corpus = Corpus::new(posts).unwrap();
        for (name, expect) in [
            ("go-guide", Some(0)),
            ("http://blog.example/vacuum", Some(1)),
            ("2026/go.md", Some(0)),
            ("go", None),
            ("Vacuum ", None),
            ("", None),
        ] {
            assert_eq!(corpus.find_exact(name), expect, "{name}");
        }
    }

    #[test]
    fn refuses_duplicate_ids() {
        let error = Corpus::new(vec![post("a", "A", None), post("a", "B", None)]).unwrap_err();
        assert_eq!(error.to_string(), "two posts have the id \"a\"; ids must be unique");
    }
}
