//! Which files decide what a source holds? Whoever waits for changes looks at these.

use std::path::{Path, PathBuf};

use super::generator::FOLDERS_UP_MAX;
use super::markdown::{is_markdown, walk};
use super::options::Limits;

/// The configuration of a site, or of what is left out of it, by the file's name.
const CONFIGURATION: [&str; 6] =
    [".gitignore", ".ignore", ".eleventy.js", "pelicanconf.py", "mkdocs.yml", "docusaurus.config.js"];
/// These with any of the endings.
const STEMS: [&str; 7] = ["hugo", "zola", "config", "_config", "eleventy.config", "astro.config", "docusaurus.config"];
const ENDINGS: [&str; 10] = ["toml", "yaml", "yml", "json", "js", "mjs", "cjs", "ts", "mts", "cts"];
/// Data of the posts of a folder, in Eleventy.
const DATA_ENDINGS: [&str; 3] = [".11tydata.json", ".11tydata.js", ".11tydata.cjs"];

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watched {
    /// Files that are read, whatever is taken for a post, and those that say how.
    pub files: Vec<PathBuf>,
    /// Folders in which such files are or may appear.
    pub folders: Vec<PathBuf>,
}

impl Watched {
    /// Looks at what decides what [`crate::sources::read_path`] reads at `source`, a folder or a file; nothing of a source that
    /// is not there but the folder in which it was.
    #[must_use]
    pub fn of(source: &Path, limits: &Limits) -> Watched {
        let above = source.parent().filter(|folder| folder.is_dir());
        let mut watched = Watched { files: Vec::new(), folders: above.map(Path::to_owned).into_iter().collect() };
        if source.is_file() {
            watched.files.push(source.to_owned());
        } else if source.is_dir() {
            watched.add_folder(source, limits);
        }
        if source.is_dir() || is_markdown(source) {
            watched.add_configuration(source);
        }
        watched
    }

    fn add_folder(&mut self, folder: &Path, limits: &Limits) {
        // What cannot be walked into is told when it is read.
        for found in walk(folder, limits).flatten() {
            let kind = found.file_type();
            if kind.is_some_and(|kind| kind.is_dir()) {
                self.folders.push(found.into_path());
            } else if kind.is_some_and(|kind| kind.is_file()) && is_watched_name(found.path()) {
                self.files.push(found.into_path());
            }
        }
        // It is hidden, so the walk does not name it.
        let ignores: Vec<PathBuf> = self.folders.iter().map(|folder| folder.join(".gitignore")).collect();
        self.files.extend(ignores.into_iter().filter(|file| file.is_file()));
    }

    /// Adds the configuration in the nearest folder above that has one.
    fn add_configuration(&mut self, source: &Path) {
        for folder in source.ancestors().skip(1).take(FOLDERS_UP_MAX) {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let files = entries.map(|entry| entry.path()).filter(|path| is_configuration(path) && path.is_file());
            let mut files: Vec<PathBuf> = files.collect();
            files.sort();
            if !files.is_empty() {
                self.folders.push(folder.to_owned());
                self.files.append(&mut files);
                return;
            }
        }
    }
}

/// Tells whether a file with this name may decide what is read of a folder.
#[must_use]
pub fn is_watched_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_page = [".html", ".htm"].iter().any(|ending| name.ends_with(ending));
    is_markdown(path) || is_page || is_configuration(path) || DATA_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn is_configuration(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let parts = name.rsplit_once('.');
    CONFIGURATION.contains(&name)
        || parts.is_some_and(|(stem, ending)| STEMS.contains(&stem) && ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::disallowed_methods, reason = "a test's own folder: nothing to keep safe")]
    fn check(files: &[&str], source: &str, expect_files: &[&str], expect_folders: &[&str]) {
        let holder = tempfile::tempdir().unwrap();
        // Deep enough that no folder of others is looked at.
        let room = holder.path().join("a/b/c/d/e/f/g/h");
        for name in files {
            let path = room.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, if *name == "site/content/.gitignore" { "out/\n" } else { "" }).unwrap();
        }
        let watched = Watched::of(&room.join(source), &Limits::default());
        let shown = |paths: Vec<PathBuf>| -> Vec<String> {
            let below = |path: PathBuf| path.strip_prefix(&room).unwrap().display().to_string();
            paths.into_iter().map(below).collect()
        };
        assert_eq!((shown(watched.files), shown(watched.folders)), (owned(expect_files), owned(expect_folders)));
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_read_and_what_says_how() {
        let site = [
            "site/hugo.toml",
            "site/package.json",
            "site/content/.gitignore",
            "site/content/a.md",
            "site/content/b/b.11tydata.json",
            "site/content/b/index.mdx",
            "site/content/b/photo.jpg",
            "site/content/out/c.md",
            "site/content/node_modules/d.md",
            "site/content/.git/e.md",
        ];
        let files =
            ["a.md", "b/b.11tydata.json", "b/index.mdx", ".gitignore"].map(|name| format!("site/content/{name}"));
        let files: Vec<&str> = files.iter().map(String::as_str).chain(["site/hugo.toml"]).collect();
        check(&site, "site/content", &files, &["site", "site/content", "site/content/b", "site"]);
        check(&site, "site/content/a.md", &["site/content/a.md", "site/content/.gitignore"], &["site/content"; 2]);
        check(&["feeds/a.xml"], "feeds/a.xml", &["feeds/a.xml"], &["feeds"]);
        // What is gone may come back.
        check(&["site/x.md"], "site/content", &[], &["site"]);
    }
}
