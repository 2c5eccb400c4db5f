//! What does Astro make of a file? An entry of a collection, which has an address where a page of the site shows it.

use std::path::Path;

use super::config::{CONFIG_BYTES_MAX, Config, read_if_there, text};
use super::inherited::Unread;
use super::literals::{Literal, literal};
use super::spelling::rooted;
use super::{Page, PageFile, PageTitle, PageUrl};
use crate::sources::reasons::{NoteKind, SkipReason};

/// Files with parameters that are looked at.
const ROUTES_MAX: usize = 200;
/// Folders below `src/pages` that are looked through.
const FOLDERS_DEEP_MAX: usize = 6;

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Astro {
    base_path: String,
    slash: Slash,
    /// Collection, or the folder of one, and what addresses of its entries begin with.
    routes: Routes,
}

#[derive(Debug, Default)]
struct Routes {
    known: Vec<Route>,
    /// A page that cannot be read may show any collection.
    unread: Option<Unread>,
}

#[derive(Debug, PartialEq, Eq)]
enum Slash {
    Directory,
    Never,
}

#[derive(Debug)]
struct Route {
    collection: String,
    start: String,
    /// The address has a part that is not the entry's id, such as a language.
    open: bool,
}

impl Astro {
    pub(super) fn new(config: &mut Config, root: &Path) -> Astro {
        let program = std::mem::take(&mut config.program);
        let site = literal(&program, "site");
        if site == Literal::Open {
            config.leave_out("site is no literal: addresses begin at /");
        }
        config.base = site.text().unwrap_or_default();
        let base = literal(&program, "base");
        if base == Literal::Open {
            config.leave_out("base is no literal: / is taken");
        }
        let slash = match literal(&program, "trailingSlash").text().as_deref() {
            Some("never") => Slash::Never,
            _ if literal(&program, "format").text().as_deref() == Some("file") => Slash::Never,
            _ => Slash::Directory,
        };
        let mut routes = Routes::default();
        routes.find(&root.join("src/pages"), "", 0);
        if let Some(Unread { place, why }) = &routes.unread {
            config.told.push((place.clone(), NoteKind::ConfigUnread(why.clone())));
        }
        Astro { base_path: base.text().unwrap_or_default(), slash, routes }
    }

    pub(super) fn page(&self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        if let Some(page) = file.path.strip_prefix("src/pages/") {
            let stem = page.rsplit_once('.').map_or(page, |(stem, _)| stem);
            let stem = if stem == "index" { "" } else { stem.strip_suffix("/index").unwrap_or(stem) };
            return Ok(Page { url: self.at(stem), ..Page::default() });
        }
        let below = file.path.strip_prefix("src/content/").or_else(|| file.path.strip_prefix("src/data/"));
        let Some((collection, entry)) = below.unwrap_or(file.path).split_once('/') else {
            return Err(SkipReason::NotAPage("of no collection"));
        };
        if entry.split('/').any(|part| part.starts_with('_')) {
            return Err(SkipReason::NotAPage("a name that begins with _ is left out of collections"));
        }
        let id = text(file.fields, "slug").unwrap_or_else(|| id_of(entry));
        let routes: Vec<&Route> = self.routes.known.iter().filter(|route| route.collection == collection).collect();
        let url = match routes.as_slice() {
            _ if self.routes.unread.is_some() => {
                PageUrl::LeftOut(self.routes.unread.as_ref().map(Unread::as_reason).unwrap_or_default())
            }
            [route] if !route.open => self.at(&format!("{}/{id}", route.start)),
            [_] => PageUrl::LeftOut("the page that shows its collection has more parameters than the id".to_owned()),
            [] => PageUrl::LeftOut(format!("no page in src/pages shows the collection \"{collection}\"")),
            _ => PageUrl::LeftOut(format!("several pages show the collection \"{collection}\"")),
        };
        Ok(Page { url, title: PageTitle::AsAsked, ..Page::default() })
    }

    fn at(&self, path: &str) -> PageUrl {
        let path = rooted(&format!("{}/{path}", self.base_path));
        let bare = path.trim_end_matches('/');
        PageUrl::At(match self.slash {
            Slash::Directory => format!("{bare}/"),
            Slash::Never if bare.is_empty() => "/".to_owned(),
            Slash::Never => bare.to_owned(),
        })
    }
}

/// Spells a path as Astro makes an id of it: lower case, hyphens for spaces, without punctuation.
fn id_of(entry: &str) -> String {
    let stem = entry.rsplit_once('.').map_or(entry, |(stem, _)| stem);
    let spelled = |part: &str| -> String {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '\u{300}'..='\u{36f}');
        part.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let id = stem.split('/').map(spelled).collect::<Vec<_>>().join("/");
    id.strip_suffix("/index").map_or(id.clone(), str::to_owned)
}

impl Routes {
    /// Finds `[slug].astro`, `[...slug].astro` and the like, and the collection that each asks for.
    fn find(&mut self, folder: &Path, start: &str, depth: usize) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries.flatten(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.give_up(Unread::new(folder, None, error.to_string())),
        };
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type().ok();
            if kind.is_some_and(|kind| kind.is_dir()) {
                if depth < FOLDERS_DEEP_MAX {
                    self.find(&entry.path(), &format!("{start}/{name}"), depth + 1);
                } else {
                    self.give_up(Unread::new(&entry.path(), None, "too deep for us to look for pages in it"));
                }
            } else if name.starts_with('[') && name.ends_with(".astro") {
                self.add(&entry.path(), start);
            }
        }
    }

    fn add(&mut self, file: &Path, start: &str) {
        if self.known.len() >= ROUTES_MAX {
            return self.give_up(Unread::new(file, None, format!("more than {ROUTES_MAX} pages show collections")));
        }
        match read_if_there(file, CONFIG_BYTES_MAX) {
            Ok(page) => {
                let page = super::literals::without_comments(&page.unwrap_or_default(), "//");
                for collection in collections_of(&page) {
                    self.known.push(Route { collection, start: start.to_owned(), open: start.contains('[') });
                }
            }
            Err(unread) => self.give_up(unread),
        }
    }

    fn give_up(&mut self, unread: Unread) {
        self.unread.get_or_insert(unread);
    }
}

/// Returns the names in `getCollection('name')`.
fn collections_of(page: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, call) in page.match_indices("getCollection(") {
        let after = page[at + call.len()..].trim_start();
        let quote = after.chars().next().filter(|c| ['"', '\'', '`'].contains(c));
        if let Some(name) = quote.and_then(|quote| after[1..].split(quote).next())
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_cannot_be_read_may_show_any_collection() {
        let room = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(room.path().join("src/pages/blog")).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let mut file = std::fs::File::create(room.path().join("src/pages").join(name)).unwrap();
            std::io::Write::write_all(&mut file, bytes).unwrap();
        };
        let url = || {
            let mut config = Config::default();
            let rules = Astro::new(&mut config, room.path());
            let fields = serde_json::Map::new();
            let file =
                PageFile { path: "src/content/blog/a.md", fields: &fields, head: super::super::Head::FrontMatter };
            (rules.page(&file).unwrap().url, config.told.len())
        };
        write("blog/[slug].astro", b"getCollection('blog')");
        assert_eq!(url(), (PageUrl::At("/blog/a/".to_owned()), 0));
        write("[...all].astro", b"\xff getCollection('blog')");
        assert!(matches!(url(), (PageUrl::LeftOut(why), 1) if why.ends_with("[...all].astro cannot be read")));
    }

    #[test]
    fn ids_and_collections() {
        for (entry, expect) in [
            ("Hello World!.md", "hello-world"),
            ("2024/v1.2_x/index.mdx", "2024/v12_x"),
            ("index.md", "index"),
            ("Été/a.md", "été/a"),
        ] {
            assert_eq!(id_of(entry), expect);
        }
        assert_eq!(collections_of("getCollection('blog'); getCollection( \"blog\", f); getCollection(x)"), ["blog"]);
    }
}
