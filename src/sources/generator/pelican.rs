//! What does Pelican make of a file? Its slug, from the title or the name, in `ARTICLE_URL`.

use serde_json::{Map, Value};

use super::config::{Config, text};
use super::literals::{Literal, literal, switch};
use super::moment::{Moment, part};
use super::spelling::{ascii, rooted};
use super::{Includes, Page, PageFile, PageTitle, PageUrl};
use crate::post::PostDate;
use crate::sources::reasons::SkipReason;

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Pelican {
    /// Ends with a slash, or is empty.
    path: String,
    url: Option<String>,
    url_in_language: Option<String>,
    page_url: Option<String>,
    language: String,
    category: String,
    slug_from_title: bool,
    unicode: bool,
    case_stays: bool,
    pub(super) includes: Includes,
}

impl Pelican {
    pub(super) fn new(config: &mut Config) -> Pelican {
        let program = std::mem::take(&mut config.program);
        let site = literal(&program, "SITEURL");
        if site == Literal::Open {
            config.leave_out("SITEURL is no literal: addresses begin at /");
        }
        config.base = site.text().unwrap_or_default();
        let mut pattern = |key: &str, default: &str| match literal_with_braces(&program, key) {
            Literal::Text(text) => Some(text),
            Literal::Missing => Some(default.to_owned()),
            Literal::Open => {
                config.leave_out(format!("{key} is no literal: posts have no address"));
                None
            }
        };
        let or = |key: &str, default: &str| literal(&program, key).text().unwrap_or_else(|| default.to_owned());
        let path = or("PATH", "");
        let url = pattern("ARTICLE_URL", "{slug}.html");
        Pelican {
            path: match path.trim_start_matches("./").trim_matches('/') {
                "" | "." => String::new(),
                path => format!("{path}/"),
            },
            url_in_language: pattern("ARTICLE_LANG_URL", "{slug}-{lang}.html"),
            page_url: pattern("PAGE_URL", "pages/{slug}.html"),
            url,
            language: or("DEFAULT_LANG", "en"),
            category: or("DEFAULT_CATEGORY", "misc"),
            slug_from_title: or("SLUGIFY_SOURCE", "title") == "title",
            unicode: switch(&program, "SLUGIFY_USE_UNICODE").unwrap_or(false),
            case_stays: switch(&program, "SLUGIFY_PRESERVE_CASE").unwrap_or(false),
            includes: Includes {
                drafts: false,
                future: switch(&program, "WITH_FUTURE_DATES").unwrap_or(true),
                expired: true,
            },
        }
    }

    pub(super) fn page(&self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        let Some(path) = file.path.strip_prefix(&self.path) else {
            return Err(SkipReason::NotAPage("outside of the content folder"));
        };
        let status = text(file.fields, "status").unwrap_or_default().to_lowercase();
        if status == "hidden" || status == "skip" {
            return Err(SkipReason::NotAPage("its status keeps it out of lists"));
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let in_name = stem.get(..10).filter(|date| PostDate::parse(date).is_some());
        let date = text(file.fields, "date").or_else(|| in_name.map(str::to_owned));
        let language = text(file.fields, "lang");
        let is_page = folder == "pages" || folder.starts_with("pages/");
        if !is_page && date.is_none() {
            return Err(SkipReason::NotAPage("no date, without which Pelican makes no post"));
        }
        let pattern = match language.as_deref() {
            _ if is_page => &self.page_url,
            Some(code) if code != self.language => &self.url_in_language,
            _ => &self.url,
        };
        let Some(pattern) = pattern else {
            return Ok(Page { url: PageUrl::LeftOut("its pattern is no literal".to_owned()), date, ..Page::default() });
        };
        let source = if self.slug_from_title { text(file.fields, "title") } else { None };
        let slug = match text(file.fields, "slug") {
            Some(slug) => Some(slug),
            None => self.slugified(source.as_deref().unwrap_or(stem)),
        };
        let url = match slug {
            Some(slug) => self.filled(pattern, &slug, folder, date.as_deref(), file.fields),
            None => Err("a letter in its title that has no ASCII form here".to_owned()),
        };
        let url = url.map_or_else(PageUrl::LeftOut, |path| PageUrl::At(rooted(&path)));
        Ok(Page { url, date, language, title: PageTitle::AsAsked, ..Page::default() })
    }

    fn slugified(&self, title: &str) -> Option<String> {
        let plain = if self.unicode { title.to_owned() } else { ascii(title)? };
        let kept = |c: &char| c.is_alphanumeric() || *c == '_' || *c == '-' || c.is_whitespace();
        let kept: String = plain.chars().filter(kept).collect();
        let mut slug = String::new();
        for letter in kept.trim().chars() {
            let parts = letter == '-' || letter.is_whitespace();
            if !parts {
                slug.push(letter);
            } else if !slug.ends_with('-') {
                slug.push('-');
            }
        }
        Some(if self.case_stays { slug } else { slug.to_lowercase() })
    }

    /// Fills `{slug}`, `{date:%Y}`, `{category}` and the like.
    fn filled(
        &self,
        pattern: &str,
        slug: &str,
        folder: &str,
        date: Option<&str>,
        fields: &Map<String, Value>,
    ) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), pattern);
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            let end = rest[at..].find('}').ok_or("its pattern has no end")? + at;
            let name = &rest[at + 1..end];
            let value = match name {
                "slug" => Some(slug.to_owned()),
                "lang" => Some(text(fields, "lang").unwrap_or_else(|| self.language.clone())),
                "category" => {
                    let folder = folder.rsplit('/').next().filter(|folder| !folder.is_empty());
                    let category = text(fields, "category").or_else(|| folder.map(str::to_owned));
                    self.slugified(category.as_deref().unwrap_or(&self.category))
                }
                _ => name.strip_prefix("date:").and_then(|format| dated(format, Moment::parse(date?)?)),
            };
            out.push_str(&value.ok_or_else(|| format!("its pattern has {{{name}}}, which is not known here"))?);
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Formats `%Y/%m/%d`.
fn dated(format: &str, moment: Moment) -> Option<String> {
    let (mut out, mut letters) = (String::new(), format.chars());
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let name = match letters.next()? {
            'Y' => "year",
            'm' => "month",
            'd' => "day",
            'H' => "hour",
            'M' => "minute",
            'S' => "second",
            'b' => "short_month",
            'B' => "long_month",
            'y' => "short_year",
            'j' => "y_day",
            _ => return None,
        };
        out.push_str(&part(moment.as_written(), name)?);
    }
    Some(out)
}

/// Patterns have braces of their own.
fn literal_with_braces(program: &str, key: &str) -> Literal {
    let open = program.replace('{', "\u{1}");
    match literal(&open, key) {
        Literal::Text(text) => Literal::Text(text.replace('\u{1}', "{")),
        other => other,
    }
}

/// Reads `Key: value` lines before the first blank one; further lines of a value are indented.
pub(in crate::sources) fn header(text: &str) -> Option<(Map<String, Value>, usize)> {
    let mut fields = Map::new();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut last = String::new();
    for line in text[at..].split_inclusive('\n') {
        let bare = line.trim_end();
        if bare.is_empty() {
            break;
        }
        let pair = bare
            .split_once(':')
            .filter(|(key, _)| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)));
        match pair {
            _ if bare.starts_with("    ") && !last.is_empty() => {
                if let Some(Value::String(value)) = fields.get_mut(&last) {
                    value.push(' ');
                    value.push_str(bare.trim());
                }
            }
            Some((key, value)) => {
                last = key.to_lowercase();
                fields.insert(last.clone(), Value::String(value.trim().to_owned()));
            }
            None => break,
        }
        at += line.len();
    }
    (!fields.is_empty()).then_some((fields, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(program: &str, path: &str, text: &str, expect: &str) {
        let mut config = Config { program: program.to_owned(), ..Config::default() };
        let (fields, _) = header(text).unwrap();
        let file = PageFile { path, fields: &fields, head: super::super::Head::FrontMatter };
        let said = match Pelican::new(&mut config).page(&file) {
            Ok(Page { url: PageUrl::At(path), .. }) => path,
            Ok(page) => format!("{:?}", page.url),
            Err(SkipReason::NotAPage(why)) => why.to_owned(),
            Err(reason) => reason.to_string(),
        };
        assert_eq!(said, expect, "{path}");
    }

    #[test]
    fn headers_and_patterns() {
        let dated = "Title: Häuser & Co.\nDate: 2024-01-31 10:00\n\nBody";
        check("PATH = 'content'", "content/a.md", dated, "/hauser-co.html");
        check("ARTICLE_URL = 'p/{date:%Y}/{date:%b}/{slug}/'", "a.md", dated, "/p/2024/Jan/hauser-co/");
        check("ARTICLE_URL = f'{x}/{slug}'", "a.md", dated, "LeftOut(\"its pattern is no literal\")");
        check("SLUGIFY_SOURCE = 'basename'", "cat/B_c.md", dated, "/b_c.html");
        check("ARTICLE_URL = '{category}/{slug}.html'", "cat/a.md", dated, "/cat/hauser-co.html");
        check("", "a.md", "Title: T\nDate: 2024-01-31\nLang: fr\nSlug: s\n\n", "/s-fr.html");
        check("", "pages/a.md", "Title: T\n\n", "/pages/t.html");
        check("", "a.md", "Title: T\n\n", "no date, without which Pelican makes no post");
    }
}
