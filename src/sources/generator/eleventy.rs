//! What does Eleventy make of a file? A page at its path, or at the permalink that its data give.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::config::{CONFIG_BYTES_MAX, Config, get, is_true, read_if_there};
use super::inherited::{Inherited, Unread};
use super::literals::{Literal, literal};
use super::spelling::rooted;
use super::{Page, PageFile, PageTitle, PageUrl};
use crate::post::PostDate;
use crate::sources::markdown::{FrontMatterForm, fields_of};
use crate::sources::reasons::{NoteKind, SkipReason};
use crate::sources::record::text_of;
use crate::sources::report::Place;

/// The rules of one site.
#[derive(Debug)]
pub(super) struct Eleventy {
    root: PathBuf,
    input: Option<String>,
    prefix: String,
    /// What the data files of a folder say.
    data: Inherited,
}

impl Eleventy {
    pub(super) fn new(config: &mut Config, root: &Path) -> Eleventy {
        let program = std::mem::take(&mut config.program);
        let input = match (literal(&program, "input"), argument(&program, "setInputDirectory")) {
            (_, Some(folder)) => Some(folder),
            (Literal::Text(folder), _) => Some(folder),
            (Literal::Missing, _) => Some(String::new()),
            (Literal::Open, _) => {
                config.leave_out("dir.input is no literal: posts have no address");
                None
            }
        };
        let prefix = match literal(&program, "pathPrefix") {
            Literal::Text(prefix) => prefix,
            Literal::Missing => String::new(),
            Literal::Open => {
                config.leave_out("pathPrefix is no literal: none is taken");
                String::new()
            }
        };
        let folder = |name: String| match name.trim_start_matches("./").trim_matches('/') {
            "" | "." => String::new(),
            name => format!("{name}/"),
        };
        Eleventy {
            root: root.to_owned(),
            input: input.map(folder),
            prefix: prefix.trim_matches('/').to_owned(),
            data: Inherited::default(),
        }
    }

    /// Adds what the data files of the folders above say, the nearest first. Their tags name collections.
    pub(super) fn complete(&mut self, path: &str, fields: &mut Map<String, Value>, told: &mut Vec<(Place, NoteKind)>) {
        let read = |folder: &str| {
            let mut data = data_of(&self.root, folder)?;
            data.shift_remove("tags");
            Ok(data)
        };
        self.data.complete((path, 0), read, fields, told);
    }

    pub(super) fn page(&self, file: &PageFile<'_>) -> Result<Page, SkipReason> {
        let not = |why| Err(SkipReason::NotAPage(why));
        let Some(input) = &self.input else {
            return Ok(Page { url: PageUrl::LeftOut("dir.input is no literal".to_owned()), ..Page::default() });
        };
        let Some(path) = file.path.strip_prefix(input.as_str()) else { return not("outside of the input folder") };
        if path.split('/').any(|part| part.starts_with('_') && part != "_posts") {
            return not("a name that begins with _ is a part of other pages");
        }
        if is_true(file.fields, "eleventyExcludeFromCollections") {
            return not("its data keep it out of all collections");
        }
        if file.fields.contains_key("pagination") {
            return not("a list of pages (pagination)");
        }
        let names = Names::of(path);
        if let Some(unread) = self.data.unread(file.path) {
            return Ok(Page { url: PageUrl::LeftOut(unread.as_reason()), date: names.date, ..Page::default() });
        }
        let url = match get(file.fields, "permalink") {
            None => PageUrl::At(self.prefixed(&names.default_url())),
            Some(Value::Bool(false)) => return not("its permalink is false: it is not written"),
            Some(value) => match text_of(value).and_then(|pattern| names.filled(&pattern)) {
                Some(path) => PageUrl::At(self.prefixed(&without_index(&rooted(&path)))),
                None => PageUrl::LeftOut("its permalink is a template that is not run".to_owned()),
            },
        };
        Ok(Page { url, date: names.date, title: PageTitle::AsAsked, ..Page::default() })
    }

    fn prefixed(&self, path: &str) -> String {
        rooted(&format!("{}/{path}", self.prefix))
    }
}

/// What a file is called in templates.
struct Names<'p> {
    folders: &'p str,
    /// Without ending.
    stem: &'p str,
    /// Without date and ending.
    name: &'p str,
    date: Option<String>,
}

impl<'p> Names<'p> {
    fn of(path: &'p str) -> Names<'p> {
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        Names { folders, stem, name: undated(stem).1, date: undated(stem).0.map(str::to_owned) }
    }

    fn default_url(&self) -> String {
        let is_folder = self.stem == "index" || self.folders.rsplit('/').next() == Some(self.stem);
        let name = if is_folder { String::new() } else { format!("{}/", self.stem) };
        format!("/{}/{name}", self.folders)
    }

    fn slug(&self) -> &'p str {
        let folder = self.folders.rsplit('/').next().unwrap_or_default();
        if self.name == "index" { undated(folder).1 } else { self.name }
    }

    /// Fills `{{ page.fileSlug }}` and `{{ page.filePathStem }}`; `None` where the template says more.
    fn filled(&self, pattern: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(at) = rest.find("{{") {
            out.push_str(&rest[..at]);
            let end = rest[at..].find("}}")? + at;
            match rest[at + 2..end].trim().trim_matches('-').trim() {
                "page.fileSlug" => out.push_str(self.slug()),
                "page.filePathStem" => out.push_str(&format!("/{}/{}", self.folders, self.name)),
                _ => return None,
            }
            rest = &rest[end + 2..];
        }
        out.push_str(rest);
        (!out.contains("{%")).then_some(out)
    }
}

/// Parts `2024-01-31-name` at its date.
fn undated(stem: &str) -> (Option<&str>, &str) {
    let dated = stem.get(..10).filter(|date| PostDate::parse(date).is_some());
    match dated.and_then(|date| Some((date, stem[10..].strip_prefix('-')?))) {
        Some((date, rest)) => (Some(date), rest),
        None => (None, stem),
    }
}

fn without_index(path: &str) -> String {
    path.strip_suffix("index.html").unwrap_or(path).to_owned()
}

/// Returns the text in `name("text")`.
fn argument(program: &str, name: &str) -> Option<String> {
    let after = program[program.find(name)? + name.len()..].trim_start().strip_prefix('(')?.trim_start();
    let quote = after.chars().next().filter(|c| ['"', '\'', '`'].contains(c))?;
    after[1..].split(quote).next().map(str::to_owned)
}

/// Reads `folder/folder.json` and `folder/folder.11tydata.json`.
fn data_of(root: &Path, folder: &str) -> Result<Map<String, Value>, Unread> {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let mut data = Map::new();
    for ending in ["json", "11tydata.json"] {
        let file = root.join(folder).join(format!("{name}.{ending}"));
        if let Some(text) = read_if_there(&file, CONFIG_BYTES_MAX)? {
            let fields = fields_of(&text, FrontMatterForm::Json);
            data.extend(fields.map_err(|(line, why)| Unread::new(&file, Some(line), why.to_string()))?);
        }
    }
    // A data file that is a program may say anything.
    let programs = ["11tydata.js", "11tydata.cjs", "11tydata.mjs"];
    for ending in programs {
        let file = root.join(folder).join(format!("{name}.{ending}"));
        let Some(program) = read_if_there(&file, CONFIG_BYTES_MAX)? else { continue };
        match literal(&program, "permalink") {
            Literal::Text(pattern) => {
                data.insert("permalink".to_owned(), Value::String(pattern));
            }
            // Not a template that can be filled.
            Literal::Open => {
                data.insert("permalink".to_owned(), Value::String("{%".to_owned()));
            }
            Literal::Missing => {}
        }
        break;
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::generator::Head;

    #[test]
    fn addresses_follow_the_path() {
        for (path, expect) in [
            ("a.md", "/a/"),
            ("posts/2024-01-31-a b.md", "/posts/2024-01-31-a b/"),
            ("posts/index.md", "/posts/"),
            ("posts/posts.md", "/posts/"),
            ("index.md", "/"),
        ] {
            assert_eq!(rooted(&Names::of(path).default_url()), expect, "{path}");
        }
    }

    #[test]
    fn data_that_are_torn_give_no_address() {
        let room = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(room.path().join("posts")).unwrap();
        let path = room.path().join("posts/posts.json");
        for (data, expect) in [
            (r#"{"permalink": "/x/{{ page.fileSlug }}/"}"#, PageUrl::At("/x/a/".to_owned())),
            (r#"{"permalink": "/x/"#, PageUrl::LeftOut(format!("{}:1 cannot be read", path.display()))),
        ] {
            std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), data.as_bytes()).unwrap();
            let mut rules = Eleventy::new(&mut Config::default(), room.path());
            let (mut fields, mut told) = (Map::new(), Vec::new());
            rules.complete("posts/a.md", &mut fields, &mut told);
            let file = PageFile { path: "posts/a.md", fields: &fields, head: Head::FrontMatter };
            let url = rules.page(&file).unwrap().url;
            assert_eq!((told.len(), &url), (usize::from(matches!(url, PageUrl::LeftOut(_))), &expect));
        }
    }

    #[test]
    fn simple_templates_are_filled() {
        let names = Names::of("posts/2024-01-31-a/index.md");
        assert_eq!(names.filled("/b/{{ page.fileSlug }}/").as_deref(), Some("/b/a/"));
        assert_eq!(names.filled("{{page.filePathStem}}.html").as_deref(), Some("/posts/2024-01-31-a/index.html"));
        assert_eq!(names.filled("/{{ title | slugify }}/"), None);
        assert_eq!(names.filled("/{% if x %}"), None);
    }
}
