//! What does Hugo make of a file? Sections, bundles, languages, `permalinks`, `slug` and `url`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use serde_json::{Map, Value};

use super::config::{Config, get, is_false, is_true, read_if_there, text, texts};
use super::hugo_languages::{Languages, Spoken};
use super::hugo_permalinks::{Tokens, expand, sanitized};
use super::inherited::{Inherited, Unread};
use super::moment::Moment;
use super::spelling::{ascii, percent_encoded, rooted};
use super::{Head, Includes, Page, PageFile, PageTitle, PageUrl};
use crate::post::PostDate;
use crate::sources::field_map::first_value;
use crate::sources::markdown::front_matter;
use crate::sources::options::Limits;
use crate::sources::reasons::{NoteKind, SkipReason};
use crate::sources::record::text_of;
use crate::sources::report::Place;

/// What Go leaves as it is in the path of a URL.
const KEPT_IN_PATHS: &str = "-_.~$&+,/:;=@#";
/// Names of the date, in the order in which Hugo looks for it.
const DATES: [&str; 7] = ["date", "publishdate", "pubdate", "published", "lastmod", "modified", "updated"];

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Hugo {
    root: PathBuf,
    languages: Languages,
    /// By section.
    permalinks: BTreeMap<String, String>,
    ugly: Ugly,
    lower: bool,
    plain_letters: bool,
    /// The date in a file's name counts before that of the front matter, or where it has none.
    date_in_name: Option<NameDate>,
    pub(super) includes: Includes,
    /// What `_index.md` of a folder hands down.
    handed_down: Inherited,
    /// Which folders are pages, by an `index.md` of their own.
    bundles: HashMap<String, bool>,
}

#[derive(Debug, PartialEq, Eq)]
enum Ugly {
    Never,
    Always,
    In(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameDate {
    First,
    Last,
}

impl Hugo {
    pub(super) fn new(config: &mut Config, root: &Path) -> Hugo {
        config.base = config.text("baseurl").unwrap_or_default();
        let languages = Languages::new(config);
        let ugly = match config.fields.get("uglyurls") {
            Some(Value::Object(sections)) => {
                let on = sections.iter().filter(|(_, value)| value.as_bool() == Some(true));
                Ugly::In(on.map(|(name, _)| name.clone()).collect())
            }
            Some(Value::Bool(true)) => Ugly::Always,
            _ => Ugly::Never,
        };
        let dates = texts(get(&config.fields, "frontmatter.date"));
        let date_in_name = dates
            .iter()
            .position(|name| name == ":filename")
            .map(|at| if at == 0 { NameDate::First } else { NameDate::Last });
        if !config.table("module").is_empty() && get(&config.fields, "module.mounts").is_some() {
            config.leave_out("module.mounts: content that is mounted from elsewhere has no address");
        }
        Hugo {
            root: root.to_owned(),
            permalinks: permalinks(config),
            ugly,
            lower: !config.is_true("disablepathtolower"),
            plain_letters: config.is_true("removepathaccents"),
            date_in_name,
            includes: Includes {
                drafts: config.is_true("builddrafts"),
                future: config.is_true("buildfuture"),
                expired: config.is_true("buildexpired"),
            },
            languages,
            handed_down: Inherited::default(),
            bundles: HashMap::new(),
        }
    }

    pub(super) fn is_content(&self, path: &str) -> bool {
        self.languages.folder_of(path).is_some()
    }

    /// Adds what the nearest `_index.md` above hands down with `cascade`.
    pub(super) fn complete(&mut self, path: &str, fields: &mut Map<String, Value>, told: &mut Vec<(Place, NoteKind)>) {
        let Some(content) = self.languages.folder_of(path).map(str::len) else { return };
        let read = |folder: &str| cascade(&self.root.join(folder));
        self.handed_down.complete((path, content), read, fields, told);
    }

    pub(super) fn page(&mut self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        let in_bundle = self.is_in_bundle(file.path);
        let Some(spoken) = self.languages.spoken(file.path) else {
            return Err(SkipReason::NotAPage("outside of the content folder, or of a language that is switched off"));
        };
        if file.head == Head::Nothing && file.path.ends_with(".html") {
            return Err(SkipReason::NotAPage("HTML without front matter"));
        }
        if in_bundle {
            return Err(SkipReason::NotAPage("a part of the page beside it (index.md)"));
        }
        let build = ["build", "_build"].iter().find_map(|key| get(file.fields, key)?.as_object());
        let never =
            |key| build.and_then(|build| text(build, key)).is_some_and(|word| word == "never" || word == "false");
        if is_true(file.fields, "headless") || never("render") {
            return Err(SkipReason::NotAPage("its front matter says that it is not rendered"));
        }
        if never("list") {
            return Err(SkipReason::NotAPage("its front matter says that it is in no list"));
        }
        let (date, slug) = self.date_and_slug(file, &spoken);
        let first_day = || chrono::NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default().into();
        let at = date.as_deref().and_then(Moment::parse).map_or_else(first_day, Moment::as_written);
        let shown_from = first_value(file.fields, &["publishDate", "pubdate", "published"]).and_then(text_of);
        Ok(Page {
            url: self.url(file, &spoken, &slug, at),
            language: self.languages.listed.then(|| spoken.language.to_owned()),
            date,
            shown_from: shown_from.filter(|_| !is_false(file.fields, "published")),
            title: PageTitle::AsAsked,
        })
    }

    /// A file beside an `index.md`, or in a folder below one, is a part of that page.
    fn is_in_bundle(&mut self, path: &str) -> bool {
        let Some(spoken) = self.languages.spoken(path) else { return false };
        let content = path.len() - spoken.path.len();
        let mut folder = path;
        let mut own = spoken.name == "index";
        while let Some((above, _)) = folder.rsplit_once('/').filter(|(above, _)| above.len() > content) {
            folder = above;
            let is_page = match self.bundles.get(folder) {
                Some(known) => *known,
                None => {
                    let is_page = has_index(&self.root.join(folder));
                    self.bundles.insert(folder.to_owned(), is_page);
                    is_page
                }
            };
            if is_page && !own {
                return true;
            }
            own = false;
        }
        false
    }

    fn date_and_slug(&self, file: &PageFile<'_>, spoken: &Spoken<'_>) -> (Option<String>, String) {
        let given = first_value(file.fields, &DATES).filter(|date| !date.is_boolean()).and_then(text_of);
        let slug = text(file.fields, "slug").unwrap_or_default();
        let name = base_name(spoken);
        let in_name = name.get(..10).filter(|date| PostDate::parse(date).is_some());
        match (self.date_in_name, in_name) {
            (Some(rule), Some(date)) if rule == NameDate::First || given.is_none() => {
                let rest = name[10..].trim_start_matches(['-', '_', ' ']);
                (Some(date.to_owned()), if slug.is_empty() { rest.to_owned() } else { slug })
            }
            _ => (given, slug),
        }
    }

    fn url(&self, file: &PageFile<'_>, spoken: &Spoken<'_>, slug: &str, at: NaiveDateTime) -> PageUrl {
        if let Some(unread) = self.handed_down.unread(file.path) {
            return PageUrl::LeftOut(unread.as_reason());
        }
        if let Some(url) = text(file.fields, "url") {
            return given_url(&url, spoken);
        }
        let (folders, name) = (sections(spoken), base_name(spoken));
        let title = text(file.fields, "title").unwrap_or_default();
        let section = folders.first().copied().unwrap_or_default();
        let pattern = self.permalinks.get(&section.to_lowercase());
        let path = match pattern {
            Some(pattern) => {
                let sections = &folders[..self.depth_of_section(file.path, spoken, &folders)];
                let tokens = Tokens { at, sections, title: &title, slug, name };
                match expand(pattern, &tokens) {
                    // It is read like the words of a query, in which a plus is a space.
                    Ok(path) => path.replace('+', " "),
                    Err(token) => return PageUrl::LeftOut(format!("permalinks has {token}, which is not known here")),
                }
            }
            None => {
                let last = if slug.is_empty() { name } else { slug };
                folders.iter().copied().chain([last]).collect::<Vec<_>>().join("/")
            }
        };
        let Some(path) = self.spelled(&path) else {
            return PageUrl::LeftOut("removePathAccents: a letter that is not known here".to_owned());
        };
        let trimmed = path.trim_end_matches('/');
        let is_ugly = match &self.ugly {
            Ugly::Never => false,
            Ugly::Always => true,
            Ugly::In(sections) => sections.iter().any(|name| name == section),
        };
        let ending = match (is_ugly, trimmed.is_empty()) {
            (_, true) => "/",
            (true, _) => ".html",
            _ => "/",
        };
        at_root(spoken, &format!("{}{}{ending}", spoken.prefix, rooted(trimmed).trim_end_matches('/')))
    }

    /// Returns how many of the folders name the page's section: up to the last that has an `_index.md`, else one.
    fn depth_of_section(&self, path: &str, spoken: &Spoken<'_>, folders: &[&str]) -> usize {
        let content = self.root.join(&path[..path.len() - spoken.path.len()]);
        let has_page = |depth: &usize| content.join(folders[..*depth].join("/")).join("_index.md").is_file();
        (2..=folders.len()).rev().find(has_page).unwrap_or(1).min(folders.len())
    }

    fn spelled(&self, path: &str) -> Option<String> {
        let clean = sanitized(path);
        let clean = if self.plain_letters { ascii(&clean)? } else { clean };
        Some(if self.lower { clean.to_lowercase() } else { clean })
    }
}

fn at_root(spoken: &Spoken<'_>, path: &str) -> PageUrl {
    let path = percent_encoded(path, KEPT_IN_PATHS);
    match spoken.base {
        Some(base) => PageUrl::Whole(format!("{}{path}", base.trim_end_matches('/'))),
        None => PageUrl::At(path),
    }
}

/// `url` is taken as it is; one that does not begin at the root is of the page's language.
fn given_url(url: &str, spoken: &Spoken<'_>) -> PageUrl {
    if url.starts_with("http://") || url.starts_with("https://") {
        return PageUrl::Whole(url.to_owned());
    }
    let url = if url.starts_with('/') { url.to_owned() } else { format!("{}/{url}", spoken.prefix) };
    let has_ending = url.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let slash = if url.ends_with('/') || has_ending { "" } else { "/" };
    at_root(spoken, &rooted(&format!("{url}{slash}")))
}

/// Returns the folders of the page, without its own where it is a bundle.
fn sections<'p>(spoken: &Spoken<'p>) -> Vec<&'p str> {
    let mut folders: Vec<&str> = spoken.path.split('/').collect();
    folders.pop();
    if spoken.name == "index" {
        folders.pop();
    }
    folders
}

fn base_name<'p>(spoken: &Spoken<'p>) -> &'p str {
    let folder = spoken.path.rsplit('/').nth(1).unwrap_or_default();
    if spoken.name == "index" { folder } else { spoken.name }
}

/// Sections at the top, or below `page`, as newer versions have it.
fn permalinks(config: &mut Config) -> BTreeMap<String, String> {
    let mut table = config.table("permalinks");
    for kind in ["page", "section", "term", "taxonomy"] {
        if let Some(Value::Object(inner)) = table.remove(kind)
            && kind == "page"
        {
            table.extend(inner);
        }
    }
    let mut patterns = BTreeMap::new();
    for (section, value) in table {
        match value {
            Value::String(pattern) => {
                patterns.insert(section, pattern);
            }
            _ => config.leave_out(format!("permalinks.{section} is no pattern")),
        }
    }
    patterns
}

fn has_index(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.any(|name| name.starts_with("index.") && (name.ends_with(".md") || name.ends_with(".html")))
}

/// Reads what `_index.md` hands down to every page below; what it hands to some of them only is left out.
fn cascade(folder: &Path) -> Result<Map<String, Value>, Unread> {
    let limits = Limits::default();
    let mut front = None;
    for file in ["_index.md", "_index.html"].map(|name| folder.join(name)) {
        if let Some(text) = read_if_there(&file, limits.file_bytes)? {
            let read = front_matter(&text, &limits);
            front = read.map_err(|(line, why)| Unread::new(&file, Some(line), why.to_string()))?;
            break;
        }
    }
    let Some(cascade) = front.as_ref().and_then(|front| front.fields.get("cascade")) else { return Ok(Map::new()) };
    let rules = cascade.as_array().map_or(std::slice::from_ref(cascade), Vec::as_slice);
    let for_all = rules.iter().filter_map(Value::as_object);
    let for_all = for_all.filter(|rule| !rule.contains_key("_target") && !rule.contains_key("target"));
    Ok(for_all.flat_map(|rule| rule.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(index: &str, expect_cascade: &str) {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("_index.md");
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), index.as_bytes()).unwrap();
        let said = match cascade(room.path()) {
            Ok(fields) => Value::Object(fields).to_string(),
            Err(unread) => format!("{:?} {}", unread.place.line, unread.why),
        };
        assert!(said.starts_with(expect_cascade), "{said}");
    }

    #[test]
    fn what_is_handed_down_is_read_or_told() {
        let good = "---\ncascade:\n  slug: x\n---\n";
        check(good, r#"{"slug":"x"}"#);
        check(&format!("{good}{}", "Words of a long section page.\n".repeat(2_000)), r#"{"slug":"x"}"#);
        check("---\ncascade: \"x\n---\n", "Some(");
        check("", "{}");
    }
}
