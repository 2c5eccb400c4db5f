//! How are posts read from a folder of Markdown? As Hugo, Jekyll, Zola, Eleventy, Astro and Docusaurus lay them out.

mod front_matter;
mod hashtags;
mod page;
mod summary;
mod templates;
mod text;

use std::path::{Path, PathBuf};

use ignore::{DirEntry, Walk, WalkBuilder};

pub(super) use self::front_matter::fields_of;
pub use self::front_matter::{FrontMatter, FrontMatterForm, OURS, OURS_IN_JSON, front_matter};
pub(super) use self::page::id;
use super::Read;
use super::collector::Collector;
use super::files::{begins_with_front_matter, bytes_up_to};
use super::generator::{Site, SiteKind};
use super::options::{Limits, ReadOptions};
use super::page::is_page;
use super::reasons::SkipReason;
use super::report::Place;

const EXTENSIONS: [&str; 3] = ["md", "markdown", "mdx"];
/// Folders that every site has: the source is called by what is above them.
const GENERIC_FOLDERS: [&str; 13] = [
    "posts", "_posts", "content", "src", "blog", "docs", "pages", "articles", "public", "_site", "dist", "build",
    "output",
];

/// Tells whether a file is called as Markdown files are.
#[must_use]
pub fn is_markdown(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Returns the folder whose site decides: the path itself, or that in which a file lies.
pub(super) fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() { path } else { parent }
}

/// Reads a folder, or one file as if its folder held nothing else, by the rules of the `site` of [`folder_of`].
pub(super) fn read(path: &Path, mut site: Site, options: &ReadOptions) -> Read {
    let name = path.display().to_string();
    let mut posts = Collector::new(options, &source_name(path));
    let root = folder_of(path);
    posts.report.site = site.found();
    let files = if path.is_dir() {
        list(path, &options.limits, &|file| is_read(root, file, &site), &mut |place, reason| posts.skip(place, reason))
    } else {
        vec![path.to_owned()]
    };
    for file in files {
        add_file(&file, &below(root, &file), &mut site, &mut posts);
    }
    site.take_told().into_iter().for_each(|(place, kind)| posts.note(&place, kind));
    if site.kind() == SiteKind::Eleventy {
        posts.drop_common_tags();
    }
    posts.finish(&name)
}

/// Tells whether a file of a folder may be a post by its name and its site.
pub(super) fn is_read(root: &Path, file: &Path, site: &Site) -> bool {
    is_markdown(file) || site.reads(&below(root, file))
}

/// Adds the post of one file, which lies at `relative` in the folder that is read, or counts why not.
pub(super) fn add_file(file: &Path, relative: &str, site: &mut Site, posts: &mut Collector<'_>) {
    let place = Place::file(&file.display().to_string());
    match read_file(file, posts.options.limits.file_bytes) {
        Ok(text) => {
            posts.report.files += 1;
            page::add(&text, relative, place, site, posts);
        }
        Err(reason) => posts.skip(place, reason),
    }
}

/// Returns where a file lies below `root`, with forward slashes.
pub(super) fn below(root: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap_or(file);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Lists the files of a folder that may be posts with front matter, whatever [`crate::sources::read_path`] takes for one:
/// Markdown, and pages that begin with it as those of Jekyll and Hugo do; ascending by path.
#[must_use]
pub fn post_files(root: &Path, limits: &Limits) -> Vec<PathBuf> {
    let may_be_post = |file: &Path| is_markdown(file) || (is_page(file) && begins_with_front_matter(file));
    list(root, limits, &may_be_post, &mut |_, _| ())
}

/// Lists the files below `root` that `reads` wants, ascending by path. Hidden files, `node_modules` and what the
/// folder's own `.gitignore` names are no part of a site; links are not followed.
pub(super) fn list(
    root: &Path,
    limits: &Limits,
    reads: &dyn Fn(&Path) -> bool,
    skip: &mut dyn FnMut(Place, SkipReason),
) -> Vec<PathBuf> {
    let (files_max, depth_max) = (limits.files, limits.folder_depth + 1);
    let mut files = Vec::new();
    for found in walk(root, limits) {
        match found {
            Ok(found) => match wanted(&found, depth_max, reads) {
                Some(Ok(())) if files.len() < files_max => files.push(found.into_path()),
                Some(Ok(())) => {
                    skip(place(&found), SkipReason::TooManyFiles { limit: files_max });
                }
                Some(Err(reason)) => skip(place(&found), reason),
                None => {}
            },
            Err(error) => {
                skip(Place::file(&root.display().to_string()), SkipReason::Unreadable(error.to_string()));
            }
        }
    }
    files
}

/// Tells whether a folder has a file that is called as asked.
pub(super) fn holds_file(root: &Path, is_asked_for: &dyn Fn(&Path) -> bool) -> bool {
    walker(root).build().flatten().any(|found| found.depth() > 0 && is_asked_for(found.path()))
}

/// Walks through what may be of a site, each folder before what is in it, ascending by path.
pub(super) fn walk(root: &Path, limits: &Limits) -> Walk {
    walker(root).max_depth(Some(limits.folder_depth + 1)).sort_by_file_path(|a, b| a.cmp(b)).build()
}

fn walker(root: &Path) -> WalkBuilder {
    let mut walk = WalkBuilder::new(root);
    walk.parents(false).git_global(false).git_exclude(false).require_git(false);
    walk.filter_entry(|found| found.file_name() != "node_modules");
    walk
}

fn place(found: &DirEntry) -> Place {
    Place::file(&found.path().display().to_string())
}

/// Tells whether a file is to be read, or why it should be but is not; `None` where it is none of our business.
fn wanted(found: &DirEntry, depth_max: usize, reads: &dyn Fn(&Path) -> bool) -> Option<Result<(), SkipReason>> {
    let kind = found.file_type().filter(|_| found.depth() > 0)?;
    if kind.is_dir() {
        let full = found.depth() >= depth_max;
        return full.then_some(Err(SkipReason::FolderTooDeep { limit: depth_max - 1 }));
    }
    if !reads(found.path()) {
        let folder_link = kind.is_symlink() && found.path().is_dir();
        return folder_link.then_some(Err(SkipReason::NotRegular));
    }
    Some(if kind.is_file() { Ok(()) } else { Err(SkipReason::NotRegular) })
}

fn read_file(path: &Path, limit: u64) -> Result<String, SkipReason> {
    let bytes = bytes_up_to(path, limit)?;
    if bytes.len() as u64 > limit {
        return Err(SkipReason::FileTooLarge { limit });
    }
    String::from_utf8(bytes).map_err(|error| SkipReason::Utf8 { byte: error.utf8_error().valid_up_to() })
}

/// Returns the name of the nearest folder that is not called as in every other site.
pub(super) fn source_name(path: &Path) -> String {
    let full = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = if full.is_dir() { full.as_path() } else { full.parent().unwrap_or(&full) };
    let names: Vec<_> = folder.ancestors().filter_map(|folder| folder.file_name()?.to_str()).collect();
    let own = names.iter().find(|name| !GENERIC_FOLDERS.contains(name)).or(names.first());
    own.map_or_else(|| "site".to_owned(), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;
    use crate::sources::{Future, MissingTitles};

    #[allow(clippy::disallowed_methods, reason = "a test's own folder: nothing to keep safe")]
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn check(
        files: &[(&str, &str)],
        options: &ReadOptions,
        expect_ids: &[&str],
        expect_skips: &[(&str, usize)],
    ) -> Read {
        let folder = folder(files);
        let read = read(folder.path(), Site::of(folder.path(), options.site).unwrap(), options);
        assert_eq!(read.posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), expect_ids);
        assert_eq!(read.report.skipped.counts.clone().into_iter().collect::<Vec<_>>(), expect_skips);
        read
    }

    fn options() -> ReadOptions {
        ReadOptions::new(PostDate::parse("2026-06-01").unwrap())
    }

    #[test]
    fn a_site_becomes_posts_in_order() {
        let files = [
            ("b/index.md", "---\ntitle: B\n---\nThe body of it."),
            ("a.mdx", "---\ntitle: A\ndraft: true\n---\n"),
            ("c.MD", "+++\ntitle = 'C'\ndate = 2026-06-02\n+++\n"),
            ("d/_index.md", "---\ntitle: D\n---\n"),
            ("2024-01-31-e.fr.markdown", "---\ntitle: E\n---\n"),
            ("README.md", "# Read me\n\nText."),
            ("x/node_modules/y.md", "---\ntitle: no\n---\n"),
            (".hidden/z.md", "---\ntitle: no\n---\n"),
            ("ignored/z.md", "---\ntitle: no\n---\n"),
            (".gitignore", "ignored/\n"),
            ("note.txt", "no"),
            ("_drafts/g.md", "---\ntitle: G\n---\n"),
        ];
        let skips = [("draft", 2), ("future date", 1), ("no title", 1), ("section page", 1)];
        let read = check(&files, &options(), &["2024-01-31-e.fr", "b"], &skips);
        assert_eq!(read.report.faults, 1);
        assert_eq!(read.posts[0].date, PostDate::parse("2024-01-31"));
        assert_eq!(read.posts[0].language.as_deref(), Some("fra"));
        assert_eq!(read.posts[1].path.as_deref(), Some("b/index.md"));
        let mut all = options();
        all.drafts = crate::sources::Drafts::Include;
        all.future = Future::Include;
        all.titles = MissingTitles::FromHeading;
        let ids = ["2024-01-31-e.fr", "README", "_drafts/g", "a", "b", "c"];
        let read = check(&files, &all, &ids, &[("section page", 1)]);
        assert_eq!(read.posts[1].title, "Read me");
    }

    #[test]
    fn limits_are_counted() {
        let mut tight = options();
        tight.limits.files = 1;
        tight.limits.file_bytes = 20;
        tight.limits.folder_depth = 1;
        let files = [("a.md", "---\ntitle: A\n---\nlong"), ("b.md", ""), ("d/c.md", ""), ("d/e/f.md", "")];
        let skips = [("beyond the limit", 3), ("file too large", 1)];
        check(&files, &tight, &[], &skips);
        assert_eq!(check(&[], &options(), &[], &[]).report.notes.counts["empty"], 1);
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_an_error() {
        let post = "---\ntitle: A\n---\n";
        let site = folder(&[("_config.yml", "url: https://x.example\ntitle: \"x\n"), ("_posts/2024-01-31-a.md", post)]);
        let mut options = options();
        for path in ["", "_posts", "_posts/2024-01-31-a.md"] {
            let error = crate::sources::read_path(&site.path().join(path), &options).unwrap_err().to_string();
            let place = format!("{}:", site.path().canonicalize().unwrap().join("_config.yml").display());
            assert!(error.starts_with(&place) && error.contains("--site-kind plain"), "{error}");
        }
        options.site = crate::sources::SiteRule::Is(SiteKind::Plain);
        assert_eq!(crate::sources::read_path(site.path(), &options).unwrap().posts.len(), 1);
    }

    #[test]
    fn files_that_may_hold_links_are_listed() {
        let head = "---\ntitle: A\n---\n";
        let site =
            folder(&[("a.md", ""), ("b.html", head), ("c.htm", "+++\n+++\n"), ("d.html", "<p>"), ("e.txt", head)]);
        let names = post_files(site.path(), &Limits::default());
        assert_eq!(names.iter().map(|file| below(site.path(), file)).collect::<Vec<_>>(), ["a.md", "b.html", "c.htm"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let outside = folder(&[("secret.md", "---\ntitle: S\n---\n")]);
        let site = folder(&[("a.md", "---\ntitle: A\n---\n")]);
        std::os::unix::fs::symlink(outside.path(), site.path().join("folder")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.md"), site.path().join("file.md")).unwrap();
        let read = crate::sources::read_path(site.path(), &options()).unwrap();
        assert_eq!(read.posts.len(), 1);
        assert_eq!(read.report.skipped.counts["not a regular file"], 2);
    }
}
