//! How is a folder of pages read? As a site that a generator built: what is a post of it, and what is not.

use std::io::Read as _;
use std::path::Path;

use super::{Origin, add};
use crate::sources::Read;
use crate::sources::collector::Collector;
use crate::sources::files::{begins_with_front_matter, bytes_up_to};
use crate::sources::generator::Site;
use crate::sources::markdown::{add_file, below, list, source_name};
use crate::sources::options::ReadOptions;
use crate::sources::report::Place;

const EXTENSIONS: [&str; 3] = ["html", "htm", "xhtml"];

/// Tells whether a file is called as pages are.
pub(in crate::sources) fn is_page(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Reads the posts of a built site. A page that begins with front matter was not built yet: it is read as Markdown is.
pub(in crate::sources) fn read_folder(root: &Path, mut site: Site, options: &ReadOptions) -> Read {
    let name = root.display().to_string();
    let mut posts = Collector::new(options, &source_name(root));
    let files = list(root, &options.limits, &is_page, &mut |place, reason| posts.skip(place, reason));
    for file in files {
        let relative = below(root, &file);
        if begins_with_front_matter(&file) {
            posts.report.site = posts.report.site.take().or_else(|| site.found());
            add_file(&file, &relative, &mut site, &mut posts);
        } else {
            read_one(&file, Origin::Site(&relative), &mut posts);
        }
    }
    site.take_told().into_iter().for_each(|(place, kind)| posts.note(&place, kind));
    posts.finish(&name)
}

/// Reads one page that somebody named.
pub(in crate::sources) fn read_file(path: &Path, options: &ReadOptions) -> Read {
    let mut posts = Collector::new(options, &source_name(path));
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    read_one(path, Origin::File(&name), &mut posts);
    posts.finish(&path.display().to_string())
}

/// Reads a page from a stream.
pub(in crate::sources) fn read_stream(
    reader: impl std::io::Read,
    name: &str,
    posts: &mut Collector<'_>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    reader.take(posts.options.limits.page_bytes as u64 + 1).read_to_end(&mut bytes)?;
    add(&bytes, None, Origin::Unnamed, Place::file(name), posts);
    Ok(())
}

fn read_one(path: &Path, origin: Origin<'_>, posts: &mut Collector<'_>) {
    let place = Place::file(&path.display().to_string());
    match bytes_up_to(path, posts.options.limits.page_bytes as u64) {
        Ok(bytes) => {
            posts.report.files += 1;
            add(&bytes, None, origin, place, posts);
        }
        Err(reason) => posts.skip(place, reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;

    #[allow(clippy::disallowed_methods, reason = "a test's own folder: nothing to keep safe")]
    fn check(files: &[(&str, &str)], expect: &[&str], expect_skips: &[(&str, usize)]) -> Read {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        let read = crate::sources::read_path(folder.path(), &options).unwrap();
        assert_eq!(read.posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), expect);
        assert_eq!(read.report.skipped.counts.clone().into_iter().collect::<Vec<_>>(), expect_skips);
        read
    }

    const POST: &str =
        "<title>T</title><link rel=canonical href='https://x.example/t/'><article><p>Some words of a post.</article>";

    #[test]
    fn a_built_site_is_read_post_by_post() {
        let list = "<title>L</title><article>a</article><article>b</article>";
        let stub = "<!DOCTYPE html><title>x</title><meta name=robots content=noindex><meta http-equiv=refresh content='0; url=/t/'>";
        let files = [
            ("index.html", list),
            ("404.html", POST),
            ("posts/t/index.html", POST),
            ("posts/u.htm", "<title>U</title><p>Some words of another."),
            ("posts/index.html", list),
            ("tags/x/index.html", POST),
            ("old/t/index.html", stub),
            ("about.html", "<title>A</title><meta property=og:type content=website><p>Who we are."),
            ("feed.xml", "<rss/>"),
        ];
        let skips = [("error page", 1), ("list of pages", 3), ("no post", 1), ("redirect", 1)];
        let read = check(&files, &["posts/t", "posts/u"], &skips);
        assert_eq!(read.report.faults, 0);
        assert_eq!(read.posts[0].url.as_deref(), Some("https://x.example/t/"));
        assert_eq!(read.posts[0].path.as_deref(), Some("posts/t/index.html"));
    }

    #[test]
    fn pages_with_front_matter_are_posts_as_markdown_is() {
        let post = "---\ntitle: T\ndraft: false\n---\n<p>Some words.</p>";
        check(
            &[("a.html", post), ("b.htm", post), ("c.html", "---\ntitle: D\ndraft: true\n---\n")],
            &["a", "b"],
            &[("draft", 1)],
        );
        let read = check(&[("_posts/2024-01-31-a.html", post)], &["_posts/2024-01-31-a"], &[]);
        assert_eq!(
            (read.posts[0].url.as_deref(), read.posts[0].text.as_deref()),
            (Some("/2024/01/31/a.html"), Some("Some words."))
        );
    }

    #[test]
    fn one_page_is_asked_of_its_site() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("_posts/2024-01-31-a.html");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        for text in ["---\ntitle: T\n---\n<p>Some words.</p>", "<p>Some words without front matter.</p>"] {
            std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), text.as_bytes()).unwrap();
            let read = crate::sources::read_path(&path, &options).unwrap();
            let urls: Vec<_> = read.posts.iter().map(|post| post.url.as_deref()).collect();
            assert_eq!((urls, read.report.faults), (vec![Some("/2024/01/31/a.html")], 0), "{:?}", read.report);
        }
    }

    #[test]
    fn a_folder_with_markdown_is_no_built_site() {
        check(&[("a.html", POST), ("b.md", "---\ntitle: B\n---\n")], &["b"], &[]);
        let one = check(&[("a.html", POST)], &["a"], &[]);
        assert_eq!(one.posts[0].title, "T");
    }
}
