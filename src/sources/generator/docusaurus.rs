//! What does Docusaurus make of a file? A post of its blog, or a page of its docs, which have no address here.

use super::config::{Config, is_true, text};
use super::literals::{Literal, literal, switch};
use super::spelling::rooted;
use super::{Page, PageFile, PageTitle, PageUrl};
use crate::sources::reasons::SkipReason;

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Docusaurus {
    base_path: String,
    slash: Slash,
    /// The blog's folder and the beginning of its addresses, where both are known.
    blog: Option<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Slash {
    AsIs,
    Always,
    Never,
}

impl Docusaurus {
    pub(super) fn new(config: &mut Config) -> Docusaurus {
        let program = std::mem::take(&mut config.program);
        let url = literal(&program, "url");
        if url == Literal::Open {
            config.leave_out("url is no single literal: addresses begin at /");
        }
        config.base = url.text().unwrap_or_default();
        let base_path = match literal(&program, "baseUrl") {
            Literal::Text(path) => path,
            Literal::Missing => "/".to_owned(),
            Literal::Open => {
                config.leave_out("baseUrl is no literal: / is taken");
                "/".to_owned()
            }
        };
        let slash = match switch(&program, "trailingSlash") {
            Some(true) => Slash::Always,
            Some(false) => Slash::Never,
            None => Slash::AsIs,
        };
        let blog = block(&program, "blog").unwrap_or_default();
        let folder = literal(blog, "path").text().unwrap_or_else(|| "blog".to_owned());
        let route = literal(blog, "routeBasePath");
        if route == Literal::Open {
            config.leave_out("routeBasePath of the blog is no literal: its posts have no address");
        }
        let route = match route {
            Literal::Text(route) => Some(route),
            Literal::Missing => Some("blog".to_owned()),
            Literal::Open => None,
        };
        let folder = folder.trim_start_matches("./").trim_matches('/').to_owned();
        Docusaurus { base_path, slash, blog: route.map(|route| (format!("{folder}/"), route)) }
    }

    pub(super) fn page(&self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        let title = PageTitle::HeadingOrName;
        if file.path.split('/').any(|part| part.starts_with('_')) {
            return Err(SkipReason::NotAPage("a name that begins with _ is a part of other pages"));
        }
        if is_true(file.fields, "unlisted") {
            return Err(SkipReason::NotAPage("unlisted"));
        }
        let Some((folder, route)) = &self.blog else { return Ok(Page { title, ..Page::default() }) };
        let (language, path) = localized(file.path);
        let Some(below) = path.strip_prefix(folder.as_str()) else {
            let url = PageUrl::LeftOut("outside of the blog's folder".to_owned());
            return Ok(Page { url, title, ..Page::default() });
        };
        let (date, own) = slug_of(below);
        let slug = text(file.fields, "slug").unwrap_or(own);
        let locale = language.map(|code| format!("{code}/")).unwrap_or_default();
        let path = rooted(&format!("{}/{locale}/{route}/{slug}", self.base_path));
        let path = match self.slash {
            Slash::AsIs => path,
            Slash::Always => format!("{}/", path.trim_end_matches('/')),
            Slash::Never => path.trim_end_matches('/').to_owned(),
        };
        let date = text(file.fields, "date").or(date);
        Ok(Page { url: PageUrl::At(path), date, language: language.map(str::to_owned), title, ..Page::default() })
    }
}

/// `i18n/fr/docusaurus-plugin-content-blog/x.md` is the French `blog/x.md`.
fn localized(path: &str) -> (Option<&str>, String) {
    let translated = || {
        let (code, rest) = path.strip_prefix("i18n/")?.split_once('/')?;
        Some((code, rest.strip_prefix("docusaurus-plugin-content-blog/")?))
    };
    translated().map_or((None, path.to_owned()), |(code, rest)| (Some(code), format!("blog/{rest}")))
}

/// Returns the text between the braces behind `key:`.
fn block<'p>(program: &'p str, key: &str) -> Option<&'p str> {
    let at = program.match_indices(key).find_map(|(at, _)| {
        let after = program[at + key.len()..].trim_start_matches(['\'', '"']).trim_start();
        let after = after.strip_prefix(':')?.trim_start();
        after.starts_with('{').then(|| program.len() - after.len())
    })?;
    let mut depth = 0_usize;
    for (index, letter) in program[at..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(&program[at..at + index]),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Returns the date in a file's name or folders, and the slug that follows from it.
fn slug_of(path: &str) -> (Option<String>, String) {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    // The last date counts, as the beginning of the pattern takes all it can.
    let dated = stem.char_indices().rev().find_map(|(at, _)| Some((at, date_at(&stem[at..])?)));
    let Some((at, (date, rest))) = dated else { return (None, stem.to_owned()) };
    let day = date.replace('/', "-");
    (Some(day), format!("{}/{}{}", date.replace('-', "/"), &stem[..at], rest.strip_prefix(['-', '/']).unwrap_or(rest)))
}

/// Reads `2024-1-31` or `2024/01/31` at the start.
fn date_at(text: &str) -> Option<(&str, &str)> {
    let digits = |text: &str, most: usize| text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let mut at = digits(text, 4);
    if at != 4 {
        return None;
    }
    for _ in 0..2 {
        let rest = text[at..].strip_prefix(['-', '/'])?;
        let length = digits(rest, 2);
        if length == 0 {
            return None;
        }
        at += 1 + length;
    }
    Some(text.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_come_from_names() {
        for (path, expect) in [
            ("2024-01-31-a-b.md", "2024/01/31/a-b"),
            ("2024-01-31-a/index.mdx", "2024/01/31/a"),
            ("2024/01/31/a.md", "2024/01/31/a"),
            ("x/2024-1-3-a.md", "2024/1/3/x/a"),
            ("a.md", "a"),
            ("a/index.md", "a"),
            ("2024-01-31.md", "2024/01/31/"),
        ] {
            assert_eq!(slug_of(path).1, expect, "{path}");
        }
        assert_eq!(block("a: { blog: { path: 'x', y: {} } }", "blog"), Some("{ path: 'x', y: {} "));
    }
}
