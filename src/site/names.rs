//! What is a post called in the site? By its path, the last part of its address, the address, or its id.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Layout;
use crate::corpus::Corpus;
use crate::post::{Post, PostDate};

/// What posts are called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The path of the file, as the generator writes it.
    Path,
    /// The last part of the address, else the file's name without date and ending.
    Slug,
    /// The address.
    Permalink,
    /// The id in the store.
    Id,
}

impl Key {
    /// Returns the word that means this, which is also the name of the field.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Key::Path => "path",
            Key::Slug => "slug",
            Key::Permalink => "permalink",
            Key::Id => "id",
        }
    }
}

/// A post's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Where it is.
    pub file: PathBuf,
    /// Below the site's folder, else below the folder that was indexed; with forward slashes.
    pub path: String,
}

/// What the posts of a site are called; by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    key: Key,
    names: Vec<Option<String>>,
    paths: Vec<Option<String>>,
}

/// Says why posts cannot be told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Two posts have one name.
    #[error("\"{a}\" and \"{b}\" have the same {}, \"{name}\"; {advice}", key.as_str())]
    Same {
        /// The id of one.
        a: String,
        /// The id of the other.
        b: String,
        /// What both are called.
        name: String,
        /// By what.
        key: Key,
        /// What tells them apart.
        advice: &'static str,
    },
}

impl Names {
    /// Names the posts; a post without what `key` asks for has no name and is not of the site.
    ///
    /// # Errors
    /// Two posts have the same name.
    pub fn new(corpus: &Corpus, placed: &[Option<Placed>], layout: Layout, key: Key) -> Result<Names, NameError> {
        let paths: Vec<Option<String>> =
            placed.iter().map(|placed| Some(layout.spell(&placed.as_ref()?.path))).collect();
        let name = |(post, path): (&Post, &Option<String>)| match key {
            Key::Path => path.clone(),
            Key::Slug => Some(slug(post)),
            Key::Permalink => post.url.clone(),
            Key::Id => Some(post.id.to_string()),
        };
        let names: Vec<Option<String>> = corpus.posts().iter().zip(&paths).map(name).collect();
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (position, name) in names.iter().enumerate() {
            let Some(name) = name else { continue };
            if let Some(other) = first.insert(name, position) {
                let id = |position: usize| corpus.post(position).id.to_string();
                let advice = match key {
                    Key::Path => "name the site's folder with --site, or take --key id",
                    _ => "take --key path or id",
                };
                return Err(NameError::Same { a: id(other), b: id(position), name: name.clone(), key, advice });
            }
        }
        Ok(Names { key, names, paths })
    }

    /// Returns what posts are called by.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// Returns what a post is called; `None` where it is not of the site.
    #[must_use]
    pub fn name(&self, position: usize) -> Option<&str> {
        self.names.get(position)?.as_deref()
    }

    /// Returns a post's path, as the generator writes it.
    #[must_use]
    pub fn path(&self, position: usize) -> Option<&str> {
        self.paths.get(position)?.as_deref()
    }

    /// Returns the posts by their names.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<&str, usize> {
        let named = self.names.iter().enumerate();
        named.filter_map(|(position, name)| Some((name.as_deref()?, position))).collect()
    }

    /// Returns how many posts there are, with a name and without.
    #[must_use]
    pub fn posts(&self) -> usize {
        self.names.len()
    }

    /// Returns how many posts have a name.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.iter().flatten().count()
    }

    /// Tells whether no post has a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Returns the files of posts; `folder_of` is the folder that a post's path is relative to. Of a site with a folder, only what
/// lies below it. `None` for a post that came from no file of its own.
#[must_use]
pub fn placed(
    corpus: &Corpus,
    folder_of: &dyn Fn(&Post) -> Option<PathBuf>,
    site: Option<&Path>,
) -> Vec<Option<Placed>> {
    let place = |post: &Post| {
        let path = post.path.as_ref()?;
        let file = folder_of(post)?.join(path);
        let path = match site {
            None => path.clone(),
            Some(site) => slashed(file.strip_prefix(site).ok()?)?,
        };
        Some(Placed { file, path })
    };
    corpus.posts().iter().map(place).collect()
}

fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// Returns the last part of a post's address, else of its path without date and ending, else of its id.
fn slug(post: &Post) -> String {
    let of_url = post.url.as_deref().map(|url| url.split(['?', '#']).next().unwrap_or(url));
    let of_url = of_url.and_then(|url| last_part(url.split_once("://").map_or(url, |(_, rest)| rest)));
    let page = |path: &str| path.strip_suffix("/index").unwrap_or(path).to_owned();
    let of_path = post.path.as_deref().map(|path| page(path.rsplit_once('.').map_or(path, |(stem, _)| stem)));
    let named = of_url.map(|name| without_ending(name).to_owned()).or_else(|| of_path.map(|path| name_of(&path)));
    named.unwrap_or_else(|| name_of(post.id.as_str()))
}

fn name_of(path: &str) -> String {
    let name = last_part(path).unwrap_or(path);
    let is_dated = name.get(..10).is_some_and(|date| PostDate::parse(date).is_some());
    let undated = name.get(11..).filter(|rest| is_dated && !rest.is_empty());
    undated.unwrap_or(name).to_owned()
}

fn last_part(path: &str) -> Option<&str> {
    path.trim_end_matches('/').rsplit('/').next().filter(|part| !part.is_empty())
}

fn without_ending(name: &str) -> &str {
    [".html", ".htm", ".php"].into_iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    fn check_slug(id: &str, path: Option<&str>, url: Option<&str>, expect: &str) {
        let mut post = post(id, "T", "");
        (post.path, post.url) = (path.map(str::to_owned), url.map(str::to_owned));
        assert_eq!(slug(&post), expect);
    }

    #[test]
    fn slugs_are_the_last_part() {
        check_slug("x", Some("posts/2024-01-31-on-slugs.md"), None, "on-slugs");
        check_slug("x", Some("posts/on-slugs/index.md"), None, "on-slugs");
        check_slug("x", Some("a.md"), Some("https://x.example/2024/a-b.html?q#f"), "a-b");
        check_slug("x", Some("a.md"), Some("/p/a-b/"), "a-b");
        check_slug("feed/2024-01-31", None, None, "2024-01-31");
    }

    #[test]
    fn only_what_is_below_the_site_is_of_it() {
        let mut posts = ["a", "b", "c"].map(|id| post(id, id, ""));
        (posts[0].path, posts[1].path) = (Some("a.md".to_owned()), Some("d/b.md".to_owned()));
        let corpus = Corpus::new(posts.into()).unwrap();
        let folder_of =
            |post: &Post| Some(Path::new(if post.id.as_str() == "a" { "/else" } else { "/s/x" }).to_owned());
        let paths = |site: Option<&Path>| -> Vec<Option<String>> {
            placed(&corpus, &folder_of, site).into_iter().map(|placed| Some(placed?.path)).collect()
        };
        assert_eq!(paths(None), [Some("a.md".to_owned()), Some("d/b.md".to_owned()), None]);
        assert_eq!(paths(Some(Path::new("/s"))), [None, Some("x/d/b.md".to_owned()), None]);
    }

    #[test]
    fn two_of_one_name_are_an_error() {
        let mut posts = ["a", "b"].map(|id| post(id, id, ""));
        posts.iter_mut().for_each(|post| post.url = Some("https://x.example/p".to_owned()));
        let corpus = Corpus::new(posts.into()).unwrap();
        let name = |key| Names::new(&corpus, &[None, None], Layout::Plain, key);
        let expect = "\"a\" and \"b\" have the same slug, \"p\"; take --key path or id";
        assert_eq!(name(Key::Slug).unwrap_err().to_string(), expect);
        assert!(name(Key::Permalink).is_err() && name(Key::Path).unwrap().is_empty());
        assert_eq!(name(Key::Id).unwrap().positions().into_iter().collect::<Vec<_>>(), [("a", 0), ("b", 1)]);
    }
}
