//! Which files decide what a source holds? Whoever waits for changes looks at these.

use std::path::{Path, PathBuf};

use super::generator::{FOLDERS_UP_MAX, HUGO_FOLDER, is_configuration, root_of};
use super::markdown::{folder_of, is_markdown, walk};
use super::options::Limits;
use super::page::is_page;

/// What leaves files of a folder out. They are hidden, so the walk does not name them; nor that of Eleventy.
const IGNORES: [&str; 2] = [".gitignore", ".ignore"];
const HIDDEN: [&str; 3] = [".gitignore", ".ignore", ".eleventy.js"];
/// Data of the posts of a folder, in Eleventy.
const DATA_ENDINGS: [&str; 4] = [".11tydata.json", ".11tydata.js", ".11tydata.cjs", ".11tydata.mjs"];

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
        if source.is_dir() || is_markdown(source) || is_page(source) {
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
        let hidden = self.folders.iter().flat_map(|folder| HIDDEN.iter().map(|name| folder.join(name)));
        let mut hidden: Vec<PathBuf> = hidden.filter(|file| file.is_file()).collect();
        self.files.append(&mut hidden);
    }

    /// Adds the configuration in the nearest folder above that has one, and of all others up to the site's.
    fn add_configuration(&mut self, source: &Path) {
        let root = root_of(folder_of(source));
        for folder in source.ancestors().skip(1).take(FOLDERS_UP_MAX + 1) {
            let mut files = Vec::new();
            for place in [folder.to_owned(), folder.join(HUGO_FOLDER)] {
                let entries = std::fs::read_dir(&place).into_iter().flatten().flatten();
                let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
                found.retain(|path| is_configuration(path) && path.is_file());
                found.sort();
                if !found.is_empty() {
                    self.folders.push(place);
                }
                files.append(&mut found);
            }
            let is_below_root = folder.starts_with(&root) && folder != root;
            let is_last = !files.is_empty() && !is_below_root;
            self.files.append(&mut files);
            if is_last {
                return;
            }
        }
    }
}

/// Tells whether a file with this name may decide what is read of a folder.
#[must_use]
pub fn is_watched_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = path.parent().and_then(|folder| folder.file_name()).unwrap_or_default();
    let is_data = DATA_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || (path.extension().is_some_and(|ending| ending == "json") && path.file_stem() == Some(folder));
    is_markdown(path) || is_page(path) || IGNORES.contains(&name) || is_configuration(path) || is_data
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
        check(&site, "site/content/a.md", &["site/content/a.md", "site/hugo.toml"], &["site/content", "site"]);
        check(&["feeds/a.xml"], "feeds/a.xml", &["feeds/a.xml"], &["feeds"]);
        // What is gone may come back.
        check(&["site/x.md"], "site/content", &[], &["site"]);
    }

    #[test]
    fn what_is_hidden_or_in_parts_decides_too() {
        let eleventy = [".eleventy.js", ".ignore", "a.XHTML", "b/b.json", "b/c.11tydata.mjs", "b/d.json"];
        let eleventy: Vec<String> = eleventy.iter().map(|name| format!("site/{name}")).collect();
        let eleventy: Vec<&str> = eleventy.iter().map(String::as_str).collect();
        let files =
            ["a.XHTML", "b/b.json", "b/c.11tydata.mjs", ".ignore", ".eleventy.js"].map(|name| format!("site/{name}"));
        check(&eleventy, "site", &files.each_ref().map(String::as_str), &["", "site", "site/b"]);
        let hugo = ["site/config/_default/permalinks.toml", "site/content/config.json", "site/content/posts/a.md"];
        let files = ["site/content/posts/a.md", "site/content/config.json", "site/config/_default/permalinks.toml"];
        let folders = ["site/content", "site/content/posts", "site/content", "site/config/_default"];
        check(&hugo, "site/content/posts", &files, &folders);
        check(
            &hugo,
            "site",
            &["site/config/_default/permalinks.toml", "site/content/config.json", "site/content/posts/a.md"],
            &["", "site", "site/config", "site/config/_default", "site/content", "site/content/posts"],
        );
    }
}
