//! In which language is a file of a Hugo site? Its folder or the ending of its name says, as the configuration has it.

use serde_json::Value;

use super::config::{Config, is_true, text};

/// The languages of a site; at least one.
#[derive(Debug)]
pub(super) struct Languages {
    all: Vec<Language>,
    default: String,
    /// The configuration has a list of languages.
    pub(super) listed: bool,
    default_in_folder: bool,
}

#[derive(Debug)]
pub(super) struct Language {
    pub(super) code: String,
    /// Ends with a slash.
    folder: String,
    /// A host of its own.
    pub(super) base: Option<String>,
    disabled: bool,
}

/// A file's language, and its path below the content folder of that language.
pub(super) struct Spoken<'p> {
    pub(super) language: &'p str,
    pub(super) base: Option<&'p str>,
    /// What addresses of this language begin with: empty or `/fr`.
    pub(super) prefix: String,
    pub(super) path: &'p str,
    /// The file's name without ending and language.
    pub(super) name: &'p str,
}

impl Languages {
    pub(super) fn new(config: &Config) -> Languages {
        let content = config.text("contentdir").unwrap_or_else(|| "content".to_owned());
        let default = config.text("defaultcontentlanguage").unwrap_or_else(|| "en".to_owned()).to_lowercase();
        let table = config.table("languages");
        let mut all: Vec<Language> = Vec::new();
        for (code, fields) in table.iter().filter_map(|(code, fields)| Some((code, fields.as_object()?))) {
            let disabled = is_true(fields, "disabled");
            let folder = text(fields, "contentdir").unwrap_or_else(|| content.clone());
            all.push(Language {
                code: code.clone(),
                folder: with_slash(&folder),
                base: text(fields, "baseurl"),
                disabled,
            });
        }
        let listed = !all.is_empty();
        if !listed {
            all.push(Language { code: default.clone(), folder: with_slash(&content), base: None, disabled: false });
        }
        let without = config.fields.get("disablelanguages").and_then(Value::as_array).cloned().unwrap_or_default();
        for language in &mut all {
            language.disabled |= without.iter().any(|code| code.as_str() == Some(language.code.as_str()));
        }
        // Of two folders of which one holds the other, the inner one speaks first.
        all.sort_by_key(|language| std::cmp::Reverse(language.folder.len()));
        Languages { all, default, listed, default_in_folder: config.is_true("defaultcontentlanguageinsubdir") }
    }

    /// Returns the content folder that holds a path, with a slash at its end.
    pub(super) fn folder_of(&self, path: &str) -> Option<&str> {
        self.all.iter().map(|language| language.folder.as_str()).find(|folder| path.starts_with(folder))
    }

    /// Finds the language of a file; `None` where it is outside of the content, or of a language that is switched off.
    pub(super) fn spoken<'p>(&'p self, path: &'p str) -> Option<Spoken<'p>> {
        let folder = self.folder_of(path)?;
        let inside = &path[folder.len()..];
        let file = inside.rsplit('/').next().unwrap_or(inside);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let by_name = stem.rsplit_once('.').and_then(|(name, code)| {
            let known = self.all.iter().find(|language| language.code.eq_ignore_ascii_case(code));
            Some((known.filter(|_| self.listed)?, name))
        });
        let of_folder = |language: &&Language| language.folder == folder;
        let is_default = |language: &&Language| language.code == self.default;
        let by_folder = || {
            let default = self.all.iter().filter(of_folder).find(is_default);
            default.or_else(|| self.all.iter().find(of_folder))
        };
        let (language, name) = by_name.or_else(|| Some((by_folder()?, stem)))?;
        if language.disabled {
            return None;
        }
        let needs_prefix = self.listed && language.base.is_none();
        let needs_prefix = needs_prefix && (language.code != self.default || self.default_in_folder);
        let prefix = if needs_prefix { format!("/{}", language.code) } else { String::new() };
        Some(Spoken { language: &language.code, base: language.base.as_deref(), prefix, path: inside, name })
    }
}

fn with_slash(folder: &str) -> String {
    format!("{}/", folder.trim_start_matches("./").trim_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &serde_json::Value, path: &str, expect: Option<(&str, &str, &str)>) {
        let config = Config { fields: config.as_object().unwrap().clone(), ..Config::default() };
        let languages = Languages::new(&config);
        let spoken = languages.spoken(path);
        assert_eq!(
            spoken.map(|it| (it.language.to_owned(), it.prefix, it.name.to_owned())),
            expect.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())),
            "{path}"
        );
    }

    #[test]
    fn names_and_folders_speak() {
        let one = serde_json::json!({});
        check(&one, "content/a.fr.md", Some(("en", "", "a.fr")));
        check(&one, "themes/a.md", None);
        let names = serde_json::json!({"languages": {"en": {}, "fr": {}, "it": {"disabled": true}}});
        check(&names, "content/p/a.fr.md", Some(("fr", "/fr", "a")));
        check(&names, "content/p/a.md", Some(("en", "", "a")));
        check(&names, "content/p/a.it.md", None);
        check(&names, "content/p/v1.2.md", Some(("en", "", "v1.2")));
        let folders = serde_json::json!({"defaultcontentlanguage": "fr", "defaultcontentlanguageinsubdir": true,
            "languages": {"en": {"contentdir": "content/en"}, "fr": {"contentdir": "content/fr"}}});
        check(&folders, "content/fr/a.md", Some(("fr", "/fr", "a")));
        check(&folders, "content/en/a.md", Some(("en", "/en", "a")));
    }
}
