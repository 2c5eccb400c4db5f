//! What does Jekyll make of a file? A post, a document of a collection, a page, or nothing.

use serde_json::{Map, Value};

use super::config::{Config, get, is_true, text, texts};
use super::jekyll_urls::{Names, ending, fill, style};
use super::moment::Moment;
use super::{Head, Includes, Page, PageFile, PageTitle, PageUrl};
use crate::post::PostDate;
use crate::sources::reasons::SkipReason;

/// What is left out whatever the configuration says.
const EXCLUDED: [&str; 8] = [
    ".sass-cache",
    ".jekyll-cache",
    "gemfiles",
    "node_modules",
    "vendor/bundle",
    "vendor/cache",
    "vendor/gems",
    "vendor/ruby",
];

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Jekyll {
    /// The folder of the source, below the root; with a slash at its end, or empty.
    source: String,
    collections: Map<String, Value>,
    /// Where the folders of collections are; with a slash at its end, or empty.
    collections_dir: String,
    permalink: String,
    defaults: Vec<Default>,
    exclude: Vec<String>,
    include: Vec<String>,
    pub(super) includes: Includes,
}

/// Front matter that files of a scope have without saying so.
#[derive(Debug)]
struct Default {
    path: String,
    kind: String,
    values: Map<String, Value>,
}

/// What a file is by its place.
#[derive(Debug, PartialEq, Eq)]
enum Place<'p> {
    /// The folders before `_posts`, and the path below it.
    Post(&'p str, &'p str),
    Draft(&'p str, &'p str),
    /// The collection's name and the path below its folder.
    Document(&'p str, &'p str),
    Page,
}

/// Tells whether a file is a post or a draft by its place.
pub(super) fn is_document(path: &str) -> bool {
    path.split('/').any(|folder| folder == "_posts" || folder == "_drafts")
}

impl Jekyll {
    pub(super) fn new(config: &mut Config) -> Jekyll {
        let base_path = config.text("baseurl").unwrap_or_default();
        let base_path = match base_path.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        let url = config.text("url").unwrap_or_default();
        config.base = format!("{}{base_path}", url.trim_end_matches('/'));
        if config.text("timezone").is_some_and(|zone| !matches!(zone.as_str(), "UTC" | "Etc/UTC" | "GMT")) {
            config.leave_out("timezone: dates with a time zone are taken in UTC, and an address may be a day off");
        }
        let folder =
            |name: Option<String>| match name.as_deref().map(|name| name.trim_start_matches("./").trim_matches('/')) {
                None | Some("" | ".") => String::new(),
                Some(name) => format!("{name}/"),
            };
        Jekyll {
            source: folder(config.text("source")),
            collections: collections(config),
            collections_dir: folder(config.text("collections_dir")),
            permalink: config.text("permalink").unwrap_or_else(|| "date".to_owned()),
            defaults: defaults(config),
            exclude: texts(config.fields.get("exclude")),
            include: texts(config.fields.get("include")),
            includes: Includes {
                drafts: config.is_true("show_drafts") || config.is_true("unpublished"),
                future: config.is_true("future"),
                expired: true,
            },
        }
    }

    fn place<'p>(&self, path: &'p str) -> Place<'p> {
        let below = path.strip_prefix(&self.collections_dir).unwrap_or(path);
        for (mark, is_post) in [("_posts/", true), ("_drafts/", false)] {
            let mut found = below.match_indices(mark).map(|(at, _)| at);
            let at = found.find(|at| *at == 0 || below[..*at].ends_with('/'));
            if let Some(at) = at {
                let (before, after) = (&below[..at], &below[at + mark.len()..]);
                return if is_post { Place::Post(before, after) } else { Place::Draft(before, after) };
            }
        }
        let (first, rest) = below.split_once('/').unwrap_or(("", below));
        match first.strip_prefix('_').filter(|name| self.collections.contains_key(*name)) {
            Some(name) => Place::Document(name, rest),
            None => Place::Page,
        }
    }

    /// Adds the defaults of every scope that the file is in, the more exact scope first, and parts lists that are texts.
    pub(super) fn complete(&self, path: &str, fields: &mut Map<String, Value>) {
        let Some(path) = path.strip_prefix(&self.source) else { return };
        let kind = match self.place(path) {
            Place::Post(..) => "posts",
            Place::Draft(..) => "drafts",
            Place::Document(name, _) => name,
            Place::Page => "pages",
        };
        let below = path.strip_prefix(&self.collections_dir).unwrap_or(path);
        let mut scopes: Vec<&Default> = self.defaults.iter().filter(|scope| scope.holds(path, below, kind)).collect();
        scopes.sort_by_key(|scope| (scope.path.len(), !scope.kind.is_empty()));
        for key in ["tags", "categories"] {
            if let Some(Value::String(words)) = fields.get(key) {
                fields.insert(key.to_owned(), words.split_whitespace().collect());
            }
        }
        for (key, value) in scopes.iter().rev().flat_map(|scope| &scope.values) {
            fields.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }

    pub(super) fn page(&self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        let not = |why| Err(SkipReason::NotAPage(why));
        let Some(path) = file.path.strip_prefix(&self.source) else {
            return not("outside of the site's source folder");
        };
        let place = self.place(path);
        let is_special = matches!(place, Place::Post(..) | Place::Draft(..));
        if file.head == Head::Nothing && !is_special {
            return not("no front matter");
        }
        if self.is_excluded(path, &place) {
            return not("Jekyll leaves it out");
        }
        match place {
            Place::Post(before, below) => self.post(file, before, below),
            Place::Draft(before, below) => self.draft(file, before, below),
            Place::Document(name, below) => self.document(file, name, below),
            Place::Page if file.fields.contains_key("pagination") => not("a list of pages (pagination)"),
            Place::Page => Ok(Page { url: self.page_url(file.fields, path), ..Page::default() }),
        }
    }

    fn is_excluded(&self, path: &str, place: &Place<'_>) -> bool {
        let named = |name: &String| {
            let name = name.trim_matches('/');
            path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
        };
        if self.include.iter().any(named) {
            return false;
        }
        let hidden = |part: &str| part.starts_with(['_', '.', '#']) || part.ends_with('~');
        let by_name = *place == Place::Page && path.split('/').any(hidden);
        by_name || self.exclude.iter().any(named) || EXCLUDED.iter().any(|name| named(&(*name).to_owned()))
    }

    fn post(&self, file: &PageFile<'_>, before: &str, below: &str) -> Result<Page, SkipReason> {
        let Some((in_name, base)) = dated_name(below) else {
            return Err(SkipReason::NotAPage("its name does not begin with a date, as in 2024-01-31-name.md"));
        };
        let given = text(file.fields, "date");
        let moment = given.as_deref().map_or_else(|| Moment::of(in_name), Moment::parse);
        let url = self.document_url(file.fields, "posts", before, below, base, moment);
        let date = given.is_none().then(|| in_name.to_string());
        Ok(Page { url, date, title: PageTitle::HeadingOrName, ..Page::default() })
    }

    fn draft(&self, file: &PageFile<'_>, before: &str, below: &str) -> Result<Page, SkipReason> {
        let moment = text(file.fields, "date").as_deref().and_then(Moment::parse);
        let url = self.document_url(file.fields, "posts", before, below, stem(below), moment);
        Ok(Page { url, title: PageTitle::HeadingOrName, ..Page::default() })
    }

    fn document(&self, file: &PageFile<'_>, name: &str, below: &str) -> Result<Page, SkipReason> {
        let settings = self.collections.get(name).and_then(Value::as_object);
        if !settings.is_some_and(|settings| is_true(settings, "output")) {
            return Err(SkipReason::NotAPage("its collection is not put out (output: true)"));
        }
        let (in_name, base) = dated_name(below).map_or((None, stem(below)), |(date, base)| (Some(date), base));
        let given = text(file.fields, "date").as_deref().and_then(Moment::parse);
        let moment = given.or_else(|| in_name.and_then(Moment::of));
        let url = self.document_url(file.fields, name, "", below, base, moment);
        Ok(Page { url, title: PageTitle::HeadingOrName, ..Page::default() })
    }

    fn document_url(
        &self,
        fields: &Map<String, Value>,
        collection: &str,
        before: &str,
        below: &str,
        base: &str,
        moment: Option<Moment>,
    ) -> PageUrl {
        let settings = self.collections.get(collection).and_then(Value::as_object);
        let own = settings.and_then(|settings| text(settings, "permalink"));
        let of_kind = || match collection {
            "posts" => style(&self.permalink).to_owned(),
            _ => format!("/:collection/:path{}", ending(&self.permalink)),
        };
        let pattern = text(fields, "permalink").or(own).unwrap_or_else(of_kind);
        let slug = text(fields, "slug");
        let path = below.rsplit_once('.').map_or(below, |(path, _)| path);
        let path = if collection == "posts" { path } else { path.trim_start_matches('/') };
        let names = Names {
            at: moment.map(Moment::utc),
            categories: &categories(fields, before),
            collection,
            path,
            base,
            slug: slug.as_deref(),
        };
        match fill(&pattern, &names) {
            Ok(path) => PageUrl::At(path),
            Err(name) if moment.is_none() => PageUrl::LeftOut(format!("permalink has :{name}, and it has no date")),
            Err(name) => PageUrl::LeftOut(format!("permalink has :{name}, which Jekyll does not know")),
        }
    }

    fn page_url(&self, fields: &Map<String, Value>, path: &str) -> PageUrl {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let base = stem(name);
        let pattern = text(fields, "permalink").unwrap_or_else(|| match base {
            "index" => "/:path/".to_owned(),
            _ => format!("/:path/:basename{}", ending(&self.permalink)),
        });
        let names = Names { at: None, categories: &[], collection: "", path: folder, base, slug: None };
        match fill(&pattern, &names) {
            Ok(path) => PageUrl::At(path),
            Err(name) => PageUrl::LeftOut(format!("permalink has :{name}, which Jekyll does not know")),
        }
    }
}

impl Default {
    fn holds(&self, path: &str, below: &str, kind: &str) -> bool {
        let scope = self.path.trim_matches('/');
        let starts = |path: &str| {
            scope.is_empty() || path.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let in_folder = match scope.split_once('*') {
            None => starts(path) || starts(below),
            Some((start, end)) => path.starts_with(start) && path.ends_with(end.trim_matches('*')),
        };
        in_folder && (self.kind.is_empty() || self.kind == kind)
    }
}

/// A list of names, or a table with their settings; `posts` is always there.
fn collections(config: &Config) -> Map<String, Value> {
    let mut all: Map<String, Value> = match config.fields.get("collections") {
        Some(Value::Object(table)) => table.clone(),
        list => texts(list).into_iter().map(|name| (name, Value::Null)).collect(),
    };
    all.entry("posts").or_insert_with(|| serde_json::json!({"output": true}));
    all
}

fn defaults(config: &Config) -> Vec<Default> {
    let given = config.fields.get("defaults").and_then(Value::as_array).cloned().unwrap_or_default();
    let read = |value: &Value| {
        let fields = value.as_object()?;
        let scope = |key| get(fields, key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let values = fields.get("values")?.as_object()?.clone();
        Some(Default { path: scope("scope.path"), kind: scope("scope.type"), values })
    };
    given.iter().filter_map(read).collect()
}

/// The folders before `_posts`, then what the front matter says.
fn categories(fields: &Map<String, Value>, before: &str) -> Vec<String> {
    let of_path = before.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
    let mut all: Vec<String> = of_path.collect();
    all.extend(texts(fields.get("categories")));
    if let Some(one) = text(fields, "category") {
        all.push(one);
    }
    all
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Parts `2024-1-31-name.md` at its date.
fn dated_name(path: &str) -> Option<(PostDate, &str)> {
    let name = stem(path);
    let mut parts = name.splitn(4, '-');
    let mut number = |most: usize| parts.next().filter(|part| (1..=most).contains(&part.len()))?.parse::<u32>().ok();
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let base = parts.next()?;
    let year = i32::try_from(if year < 100 { year + 2_000 } else { year }).ok()?;
    PostDate::new(year, Some(month), Some(day)).map(|date| (date, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_may_end_as_that_of_the_posts_is_called() {
        let rules = Jekyll::new(&mut Config::default());
        for (path, expect) in [
            ("_posts/2024-01-01-a.md", Place::Post("", "2024-01-01-a.md")),
            ("blog_posts/_posts/2024-01-01-a.md", Place::Post("blog_posts/", "2024-01-01-a.md")),
            ("old_drafts/_drafts/a.md", Place::Draft("old_drafts/", "a.md")),
            ("blog_posts/a.md", Place::Page),
        ] {
            assert_eq!((rules.place(path), is_document(path)), (expect, path != "blog_posts/a.md"), "{path}");
        }
    }
}
