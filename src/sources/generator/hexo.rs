//! What does Hexo make of a file? A post by `permalink`, a page by its path, a draft.

use chrono::NaiveDateTime;
use serde_json::{Map, Value};

use super::config::{Config, text, texts};
use super::moment::{Moment, part};
use super::spelling::{ENCODE_URI, ascii, filled, percent_encoded, rooted};
use super::{Includes, Page, PageFile, PageTitle, PageUrl};
use crate::sources::reasons::SkipReason;

/// What a slug parts words at.
const PARTING: &str = "~`!@#$%^&*()-_+=[]{}|\\;:\"'<>,.?/";

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Hexo {
    source: String,
    root: String,
    permalink: String,
    /// How a new post's file is called: its date is in it, or not.
    new_post_name: String,
    default_category: String,
    category_map: Map<String, Value>,
    pretty: Pretty,
    pub(super) includes: Includes,
}

/// What is taken off the end of an address.
#[derive(Debug, PartialEq, Eq)]
struct Pretty {
    index: bool,
    html: bool,
}

impl Hexo {
    pub(super) fn new(config: &mut Config) -> Hexo {
        let url = config.text("url").unwrap_or_default();
        let url = url.trim_end_matches('/');
        let (host, path) =
            url.split_once("://").map_or(("", ""), |(_, rest)| rest.split_once('/').unwrap_or((rest, "")));
        let root = config.text("root").unwrap_or_else(|| format!("/{path}"));
        config.base = if host.is_empty() { String::new() } else { url.strip_suffix(path).unwrap_or(url).to_owned() };
        if config.fields.contains_key("timezone") {
            config.leave_out("timezone: dates are taken as they are written, and an address may be a day off");
        }
        let keeps = |key: &str| !super::config::is_false(&config.table("pretty_urls"), key);
        Hexo {
            source: format!("{}/", config.text("source_dir").unwrap_or_else(|| "source".to_owned()).trim_matches('/')),
            root: rooted(&format!("{root}/")),
            permalink: config.text("permalink").unwrap_or_else(|| ":year/:month/:day/:title/".to_owned()),
            new_post_name: config.text("new_post_name").unwrap_or_else(|| ":title.md".to_owned()),
            default_category: config.text("default_category").unwrap_or_else(|| "uncategorized".to_owned()),
            category_map: config.table("category_map"),
            pretty: Pretty { index: !keeps("trailing_index"), html: !keeps("trailing_html") },
            includes: Includes {
                drafts: config.is_true("render_drafts"),
                future: !super::config::is_false(&config.fields, "future"),
                expired: true,
            },
        }
    }

    pub(super) fn page(&self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        let Some(path) = file.path.strip_prefix(&self.source) else {
            return Err(SkipReason::NotAPage("outside of the source folder"));
        };
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        if let Some(name) = stem.strip_prefix("_posts/").or_else(|| stem.strip_prefix("_drafts/")) {
            return Ok(self.post(file, name));
        }
        if path.split('/').any(|part| part.starts_with(['_', '.'])) {
            return Err(SkipReason::NotAPage("Hexo leaves it out"));
        }
        let given = text(file.fields, "permalink");
        let path = given.unwrap_or_else(|| format!("{stem}.html"));
        Ok(Page { url: self.at(&path), ..Page::default() })
    }

    fn post(&self, file: &PageFile<'_>, name: &str) -> Page {
        let (dated, slug) = self.in_name(name);
        let date = text(file.fields, "date").or_else(|| dated.map(|at| at.date().to_string()));
        let title = PageTitle::HeadingOrName;
        let page = |url| Page { url, date: date.clone(), title, ..Page::default() };
        if let Some(path) = text(file.fields, "permalink") {
            return page(self.at(&path));
        }
        let Some(slug) = slug else {
            return page(PageUrl::LeftOut("a letter in its name that has no ASCII form here".to_owned()));
        };
        let at = date.as_deref().and_then(Moment::parse).map(Moment::as_written);
        let url = filled(&self.permalink, |token| self.value(token, file.fields, &slug, at));
        page(match url {
            Ok(path) => self.at(&path),
            Err(token) => PageUrl::LeftOut(format!("permalink has :{token}, which is not known of it")),
        })
    }

    fn value(&self, token: &str, fields: &Map<String, Value>, slug: &str, at: Option<NaiveDateTime>) -> Option<String> {
        match token {
            "title" => Some(slug.to_owned()),
            "name" => slug.rsplit('/').next().map(str::to_owned),
            "post_title" => slugized(&text(fields, "title")?).map(|it| it.to_lowercase()),
            "category" => self.category(fields),
            "id" | "hash" | "timestamp" => text(fields, token),
            "year" | "month" | "day" | "hour" | "minute" | "second" | "i_month" | "i_day" => part(at?, token),
            other => text(fields, other),
        }
    }

    /// The last of the categories, below those before it.
    fn category(&self, fields: &Map<String, Value>) -> Option<String> {
        let all = texts(fields.get("categories").or_else(|| fields.get("category")));
        if all.is_empty() {
            return Some(self.default_category.clone());
        }
        let slugs: Option<Vec<String>> =
            all.iter().map(|name| text(&self.category_map, name).or_else(|| slugized(name))).collect();
        slugs.map(|slugs| slugs.join("/"))
    }

    /// Reads the date out of a name that is made as new posts are called; then what is left of it is the slug.
    fn in_name(&self, name: &str) -> (Option<NaiveDateTime>, Option<String>) {
        let pattern = self.new_post_name.rsplit_once('.').map_or(self.new_post_name.as_str(), |(stem, _)| stem);
        let dated = pattern.strip_suffix(":title").filter(|date| date.contains(":year") && date.contains("day"));
        let found = dated.and_then(|date| {
            let length = date.replace(":year", "2024").replace(":month", "01").replace(":day", "01").len();
            let (head, rest) = name.split_at_checked(length)?;
            let digits: String = head.chars().filter(char::is_ascii_digit).collect();
            let digits = digits.get(..8).filter(|_| digits.len() == 8)?;
            Some((Moment::parse(digits)?.as_written(), rest.to_owned()))
        });
        match (found, pattern) {
            (Some((at, rest)), _) => (Some(at), Some(rest)),
            (None, ":title") => (None, Some(name.to_owned())),
            (None, _) => (None, slugized(name)),
        }
    }

    fn at(&self, path: &str) -> PageUrl {
        let mut path = rooted(&format!("{}{path}", self.root));
        if self.pretty.index && path.ends_with("/index.html") {
            path.truncate(path.len() - "index.html".len());
        } else if self.pretty.html && path.ends_with(".html") {
            path.truncate(path.len() - ".html".len());
        }
        PageUrl::At(percent_encoded(&path, ENCODE_URI))
    }
}

/// Parts words with hyphens and takes the marks off letters; `None` where a letter cannot be told to keep its form.
fn slugized(text: &str) -> Option<String> {
    let plain: String =
        text.chars().map(|letter| ascii(&letter.to_string()).unwrap_or_else(|| letter.to_string())).collect();
    let words = plain.split(|c: char| c.is_whitespace() || PARTING.contains(c)).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    (!slug.is_empty()).then_some(slug)
}
