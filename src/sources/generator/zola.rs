//! What does Zola make of a file? Its `path`, or its folders and a slug, spelled as the configuration wants it.

use super::config::{Config, get, text};
use super::spelling::ascii;
use super::{Page, PageFile, PageTitle, PageUrl};
use crate::post::PostDate;
use crate::sources::reasons::SkipReason;
use crate::sources::record::text_of;

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Zola {
    default_language: String,
    languages: Vec<String>,
    spelling: Spelling,
    dates_stay: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// ASCII only.
    On,
    /// What a file system takes.
    Safe,
    Off,
}

impl Zola {
    pub(super) fn new(config: &mut Config) -> Zola {
        config.base = config.text("base_url").unwrap_or_default();
        let paths = get(&config.fields, "slugify.paths").and_then(text_of);
        Zola {
            default_language: config.text("default_language").unwrap_or_else(|| "en".to_owned()),
            languages: config.table("languages").keys().cloned().collect(),
            spelling: match paths.as_deref() {
                Some("safe") => Spelling::Safe,
                Some("off") => Spelling::Off,
                _ => Spelling::On,
            },
            dates_stay: get(&config.fields, "slugify.paths_keep_dates").is_some_and(|it| it == true),
        }
    }

    pub(super) fn page(&self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        let Some(path) = file.path.strip_prefix("content/") else {
            return Err(SkipReason::NotAPage("outside of the content folder"));
        };
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let (stem, language) = match stem.rsplit_once('.') {
            Some((stem, code)) if self.languages.iter().any(|known| known == code) => (stem, code),
            _ => (stem, self.default_language.as_str()),
        };
        let (above, own) = match (stem, folders.rsplit_once('/')) {
            ("index", Some((above, own))) => (above, own),
            ("index", None) => ("", folders),
            (stem, _) => (folders, stem),
        };
        let (date, undated) = dated_name(own);
        let slug = text(file.fields, "slug").unwrap_or_else(|| if self.dates_stay { own } else { undated }.to_owned());
        let prefix = if language == self.default_language { String::new() } else { format!("/{language}") };
        let url = match text(file.fields, "path") {
            Some(path) => PageUrl::At(format!("/{}/", path.trim().trim_matches('/'))),
            None => match self.spelled(&slug) {
                Some(slug) => PageUrl::At(super::spelling::rooted(&format!("{prefix}/{above}/{slug}/"))),
                None => PageUrl::LeftOut("a letter in its slug that has no ASCII form here".to_owned()),
            },
        };
        let date = text(file.fields, "date").or_else(|| date.map(str::to_owned));
        let language = (!self.languages.is_empty()).then(|| language.to_owned());
        Ok(Page { url, date, language, title: PageTitle::AsAsked, ..Page::default() })
    }

    fn spelled(&self, slug: &str) -> Option<String> {
        let unsafe_letters = "<>:/|?*#\\\"()\n\r\t";
        match self.spelling {
            Spelling::On => {
                let plain = ascii(slug)?.to_lowercase();
                let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
                Some(words.collect::<Vec<_>>().join("-"))
            }
            Spelling::Safe => {
                let kept: String =
                    slug.trim().trim_matches('.').chars().filter(|c| !unsafe_letters.contains(*c)).collect();
                Some(kept.split_whitespace().collect::<Vec<_>>().join("_"))
            }
            Spelling::Off => Some(slug.to_owned()),
        }
    }
}

/// Parts `2024-01-31-name` and `2024-01-31_name` at the date.
fn dated_name(name: &str) -> (Option<&str>, &str) {
    let dated = name.get(..10).filter(|date| PostDate::parse(date).is_some());
    let rest = || name[10..].trim_start().strip_prefix(['-', '_']).filter(|rest| !rest.is_empty());
    (dated, dated.and_then(|_| rest()).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::generator::Head;

    fn check(config: &serde_json::Value, path: &str, fields: &serde_json::Value, expect: &str) {
        let mut config = Config { fields: config.as_object().unwrap().clone(), ..Config::default() };
        let file = PageFile { path, fields: fields.as_object().unwrap(), head: Head::FrontMatter };
        let url = Zola::new(&mut config).page(&file).map(|page| page.url);
        assert_eq!(url, Ok(PageUrl::At(expect.to_owned())), "{path}");
    }

    #[test]
    fn addresses_are_folders_and_a_slug() {
        let (none, on) = (serde_json::json!({}), serde_json::json!({}));
        check(&on, "content/posts/Über uns.md", &none, "/posts/uber-uns/");
        check(&on, "content/posts/2024-01-31-a_b.md", &none, "/posts/a-b/");
        check(&on, "content/posts/2024-01-31-a/index.md", &none, "/posts/a/");
        check(&on, "content/about/index.md", &none, "/about/");
        check(&on, "content/a.md", &serde_json::json!({"slug": "B C"}), "/b-c/");
        check(&on, "content/x/a.md", &serde_json::json!({"path": "/d/e"}), "/d/e/");
        let languages = serde_json::json!({"languages": {"fr": {}}});
        check(&languages, "content/posts/a.fr.md", &none, "/fr/posts/a/");
        check(&on, "content/posts/a.fr.md", &none, "/posts/a-fr/");
        let keep = serde_json::json!({"slugify": {"paths": "safe", "paths_keep_dates": true}});
        check(&keep, "content/2024-01-31-日 本.md", &none, "/2024-01-31-日_本/");
    }
}
