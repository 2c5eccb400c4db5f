//! Which generator made this folder, and what does its configuration say of a file: is it a post, and where is it read?
//!
//! A generator is told by its own marks ([`marks`]), from the folder that is read upwards. Its configuration is read as
//! data; one that is a program is searched for literals ([`literals`]) and never run. What it leaves open is told, and then
//! a post has no address rather than a wrong one; one that cannot be read is an error, since without it posts and addresses
//! that were there would seem to be gone.

mod astro;
mod config;
mod docusaurus;
mod eleventy;
mod hexo;
mod hugo;
mod hugo_languages;
mod hugo_permalinks;
mod inherited;
mod jekyll;
mod jekyll_urls;
mod literals;
mod marks;
mod moment;
mod pelican;
mod spelling;
mod zola;

pub(super) use self::marks::{FOLDERS_UP_MAX, HUGO_FOLDER, is_configuration, root_of};

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::SourceError;
use super::reasons::{NoteKind, SkipReason};
use super::report::Place;

/// What makes the pages of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteKind {
    /// <https://gohugo.io>
    Hugo,
    /// <https://jekyllrb.com>
    Jekyll,
    /// <https://www.getzola.org>
    Zola,
    /// <https://www.11ty.dev>
    Eleventy,
    /// <https://astro.build>
    Astro,
    /// <https://docusaurus.io>
    Docusaurus,
    /// <https://hexo.io>
    Hexo,
    /// <https://getpelican.com>
    Pelican,
    /// <https://obsidian.md>
    Obsidian,
    /// Nothing that is known here.
    Plain,
}

impl SiteKind {
    /// All kinds.
    pub const ALL: [SiteKind; 10] = [
        SiteKind::Hugo,
        SiteKind::Jekyll,
        SiteKind::Zola,
        SiteKind::Eleventy,
        SiteKind::Astro,
        SiteKind::Docusaurus,
        SiteKind::Hexo,
        SiteKind::Pelican,
        SiteKind::Obsidian,
        SiteKind::Plain,
    ];

    /// Returns the name, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SiteKind::Hugo => "hugo",
            SiteKind::Jekyll => "jekyll",
            SiteKind::Zola => "zola",
            SiteKind::Eleventy => "eleventy",
            SiteKind::Astro => "astro",
            SiteKind::Docusaurus => "docusaurus",
            SiteKind::Hexo => "hexo",
            SiteKind::Pelican => "pelican",
            SiteKind::Obsidian => "obsidian",
            SiteKind::Plain => "plain",
        }
    }

    /// Reads back what [`SiteKind::as_str`] wrote.
    #[must_use]
    pub fn parse(name: &str) -> Option<SiteKind> {
        SiteKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    fn called(self) -> &'static str {
        match self {
            SiteKind::Hugo => "a Hugo site",
            SiteKind::Jekyll => "a Jekyll site",
            SiteKind::Zola => "a Zola site",
            SiteKind::Eleventy => "an Eleventy site",
            SiteKind::Astro => "an Astro site",
            SiteKind::Docusaurus => "a Docusaurus site",
            SiteKind::Hexo => "a Hexo site",
            SiteKind::Pelican => "a Pelican site",
            SiteKind::Obsidian => "an Obsidian vault",
            SiteKind::Plain => "a plain folder",
        }
    }
}

/// Which generator's rules hold for a folder of Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SiteRule {
    /// Those of the generator whose marks the folder has.
    #[default]
    Detect,
    /// Those of this one.
    Is(SiteKind),
}

/// What a folder was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFound {
    /// The generator.
    pub kind: SiteKind,
    /// The site's folder.
    pub root: PathBuf,
    /// The configuration that was read, below the root; empty where there was none.
    pub config: String,
    /// What its addresses begin with; empty where the configuration does not say.
    pub base: String,
    /// Posts whose address the rules do not give.
    pub without_url: usize,
}

impl std::fmt::Display for SiteFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.called())?;
        match self.config.as_str() {
            "" => f.write_str(" (by its folders; no configuration)")?,
            config => write!(f, " ({config})")?,
        }
        match (self.kind, self.base.as_str()) {
            (SiteKind::Obsidian | SiteKind::Plain, _) => {}
            (_, "") => f.write_str(": addresses begin at /, as the configuration names no host")?,
            (_, base) => write!(f, ": addresses begin with {base}")?,
        }
        match self.without_url {
            0 => Ok(()),
            count => write!(f, "; {count} posts without an address"),
        }
    }
}

/// A file of a site, before anything is decided.
pub(super) struct PageFile<'p> {
    /// Below the site's root, with forward slashes.
    pub(super) path: &'p str,
    pub(super) fields: &'p Map<String, Value>,
    pub(super) head: Head,
}

/// Whether a file begins with front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    FrontMatter,
    Nothing,
}

/// What a generator makes of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) url: PageUrl,
    pub(super) language: Option<String>,
    /// The day of the post where it is not what the front matter says first.
    pub(super) date: Option<String>,
    /// From when on it is shown, where that is not its date.
    pub(super) shown_from: Option<String>,
    pub(super) title: PageTitle,
}

/// Where a page is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum PageUrl {
    /// From the site's root, beginning with `/`.
    At(String),
    /// Absolute: the page has a host of its own.
    Whole(String),
    /// The rules do not say, for this reason.
    LeftOut(String),
    /// No rules are known.
    #[default]
    Unknown,
}

/// What becomes of a page without a title.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum PageTitle {
    /// As the caller wants it.
    #[default]
    AsAsked,
    /// The generator shows it under its heading or its name.
    HeadingOrName,
}

/// What the configuration includes that is left out by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Includes {
    pub(super) drafts: bool,
    pub(super) future: bool,
    pub(super) expired: bool,
}

enum Rules {
    Hugo(Box<hugo::Hugo>),
    Jekyll(Box<jekyll::Jekyll>),
    Zola(zola::Zola),
    Eleventy(eleventy::Eleventy),
    Astro(astro::Astro),
    Docusaurus(docusaurus::Docusaurus),
    Hexo(hexo::Hexo),
    Pelican(Box<pelican::Pelican>),
    None,
}

/// The site that a folder belongs to.
pub(super) struct Site {
    kind: SiteKind,
    root: PathBuf,
    /// The folder that is read, below the root: empty, or with a slash at its end.
    inside: String,
    config: String,
    base: String,
    rules: Rules,
    told: Vec<(Place, NoteKind)>,
}

impl Site {
    /// Finds the site that `folder` belongs to; a plain one where no mark of a generator is found.
    ///
    /// # Errors
    /// Its configuration cannot be read.
    pub(super) fn of(folder: &Path, rule: SiteRule) -> Result<Site, SourceError> {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let found = marks::find(&whole, rule);
        let inside = whole.strip_prefix(&found.root).unwrap_or(Path::new(""));
        let mut inside: String = inside.iter().map(|part| format!("{}/", part.to_string_lossy())).collect();
        if found.root == whole {
            inside.clear();
        }
        let mut site = Site {
            kind: found.kind,
            root: found.root,
            inside,
            config: found.config.join(", "),
            base: String::new(),
            rules: Rules::None,
            told: Vec::new(),
        };
        let read = config::Config::read(&site.root, &found.config, site.kind);
        site.read_rules(read.map_err(|unread| SourceError::SiteConfig { place: unread.place, why: unread.why })?);
        Ok(site)
    }

    fn read_rules(&mut self, mut config: config::Config) {
        self.rules = match self.kind {
            SiteKind::Hugo => Rules::Hugo(Box::new(hugo::Hugo::new(&mut config, &self.root))),
            SiteKind::Jekyll => Rules::Jekyll(Box::new(jekyll::Jekyll::new(&mut config))),
            SiteKind::Zola => Rules::Zola(zola::Zola::new(&mut config)),
            SiteKind::Eleventy => Rules::Eleventy(eleventy::Eleventy::new(&mut config, &self.root)),
            SiteKind::Astro => Rules::Astro(astro::Astro::new(&mut config, &self.root)),
            SiteKind::Docusaurus => Rules::Docusaurus(docusaurus::Docusaurus::new(&mut config)),
            SiteKind::Hexo => Rules::Hexo(hexo::Hexo::new(&mut config)),
            SiteKind::Pelican => Rules::Pelican(Box::new(pelican::Pelican::new(&mut config))),
            SiteKind::Obsidian | SiteKind::Plain => Rules::None,
        };
        self.base = config.base.trim_end_matches('/').to_owned();
        self.told = config.told;
    }

    pub(super) fn kind(&self) -> SiteKind {
        self.kind
    }

    /// Returns what is to be said of the configuration, and of what the files read so far inherit.
    pub(super) fn take_told(&mut self) -> Vec<(Place, NoteKind)> {
        std::mem::take(&mut self.told)
    }

    /// Returns what the folder was taken for; `None` where it is plain.
    pub(super) fn found(&self) -> Option<SiteFound> {
        (self.kind != SiteKind::Plain).then(|| SiteFound {
            kind: self.kind,
            root: self.root.clone(),
            config: self.config.clone(),
            base: self.base.clone(),
            without_url: 0,
        })
    }

    pub(super) fn includes(&self) -> Includes {
        match &self.rules {
            Rules::Hugo(hugo) => hugo.includes,
            Rules::Jekyll(jekyll) => jekyll.includes,
            Rules::Hexo(hexo) => hexo.includes,
            Rules::Pelican(pelican) => pelican.includes,
            // What they build is read, whatever its date.
            Rules::Docusaurus(_) | Rules::Zola(_) => Includes { future: true, ..Includes::default() },
            _ => Includes::default(),
        }
    }

    /// Spells a path below the folder that is read as one below the site's root.
    pub(super) fn path_of(&self, relative: &str) -> String {
        format!("{}{relative}", self.inside)
    }

    /// Tells whether a file that is not called as Markdown may be a post all the same.
    pub(super) fn reads(&self, relative: &str) -> bool {
        let path = self.path_of(relative);
        match &self.rules {
            Rules::Jekyll(_) => path.ends_with(".html") && jekyll::is_document(&path),
            Rules::Hugo(hugo) => path.ends_with(".html") && hugo.is_content(&path),
            _ => false,
        }
    }

    /// Adds the fields that a file without them inherits.
    pub(super) fn complete(&mut self, path: &str, fields: &mut Map<String, Value>) {
        match &mut self.rules {
            Rules::Hugo(hugo) => hugo.complete(path, fields, &mut self.told),
            Rules::Jekyll(jekyll) => jekyll.complete(path, fields),
            Rules::Eleventy(eleventy) => eleventy.complete(path, fields, &mut self.told),
            _ => {}
        }
    }

    /// Reads a header that is no front matter, and where it ends: Pelican's.
    pub(super) fn header(&self, text: &str) -> Option<(Map<String, Value>, usize)> {
        matches!(self.rules, Rules::Pelican(_)).then(|| pelican::header(text)).flatten()
    }

    /// Decides what a file is.
    pub(super) fn page(&mut self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        match &mut self.rules {
            Rules::Hugo(hugo) => hugo.page(file),
            Rules::Jekyll(jekyll) => jekyll.page(file),
            Rules::Zola(zola) => zola.page(file),
            Rules::Eleventy(eleventy) => eleventy.page(file),
            Rules::Astro(astro) => astro.page(file),
            Rules::Docusaurus(docusaurus) => docusaurus.page(file),
            Rules::Hexo(hexo) => hexo.page(file),
            Rules::Pelican(pelican) => pelican.page(file),
            Rules::None if self.kind == SiteKind::Obsidian => {
                Ok(Page { title: PageTitle::HeadingOrName, ..Page::default() })
            }
            Rules::None => Ok(Page::default()),
        }
    }

    /// Puts the site's beginning before an address.
    pub(super) fn whole_url(&self, url: PageUrl) -> Option<String> {
        match url {
            // Some generators leave it to the browser.
            PageUrl::At(path) => Some(format!("{}{}", self.base, path.replace(' ', "%20"))),
            PageUrl::Whole(url) => Some(url),
            PageUrl::LeftOut(_) | PageUrl::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_names() {
        for kind in SiteKind::ALL {
            assert_eq!(SiteKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(SiteKind::parse("wordpress"), None);
    }

    proptest::proptest! {
        /// Whatever a file is called and says: no panic, and no address that a browser would cut.
        #[test]
        fn any_file_goes_through(
            place in "(content/|_posts/|source/_posts/|blog/|src/content/|_drafts/|)",
            name in "(\\PC|[0-9]{4}-[0-9]{2}-[0-9]{2}-|[/. _%#-]|index){0,20}",
            value in "(\\PC|[:{}/ -]|:year|\\{\\{ page.fileSlug \\}\\}){0,20}",
            key in "(slug|url|permalink|path|date|categories|title)",
        ) {
            let room = tempfile::tempdir().unwrap();
            let path = format!("{place}{name}.md");
            for kind in SiteKind::ALL {
                let mut site = Site::of(room.path(), SiteRule::Is(kind)).unwrap();
                let mut fields = Map::from_iter([(key.clone(), Value::String(value.clone()))]);
                site.complete(&path, &mut fields);
                if let Ok(page) = site.page(&PageFile { path: &path, fields: &fields, head: Head::FrontMatter }) {
                    let url = site.whole_url(page.url).unwrap_or_default();
                    proptest::prop_assert!(!url.contains(' '), "{url}");
                }
            }
        }
    }
}
