//! How is a folder of pages read? As a site that a generator built: what is a post of it, and what is not.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::{Origin, add};
use crate::sources::Read;
use crate::sources::collector::Collector;
use crate::sources::markdown::{holds_file, is_markdown, list, source_name};
use crate::sources::options::ReadOptions;
use crate::sources::reasons::SkipReason;
use crate::sources::report::Place;

const EXTENSIONS: [&str; 3] = ["html", "htm", "xhtml"];

/// Tells whether a file is called as pages are.
pub(in crate::sources) fn is_page(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Tells whether a folder is a built site: it has pages, and no Markdown from which they could have been made.
pub(in crate::sources) fn is_built_site(root: &Path) -> bool {
    !holds_file(root, is_markdown) && holds_file(root, is_page)
}

/// Reads the posts of a built site.
pub(in crate::sources) fn read_folder(root: &Path, options: &ReadOptions) -> Read {
    let name = root.display().to_string();
    let mut posts = Collector::new(options, &source_name(root));
    let files = list(root, &options.limits, is_page, &mut |place, reason| posts.skip(place, reason));
    for file in files {
        let relative = file.strip_prefix(root).unwrap_or(&file);
        let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        read_one(&file, Origin::Site(&parts.join("/")), &mut posts);
    }
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
    match bytes(path, posts.options.limits.page_bytes) {
        Ok(bytes) => {
            posts.report.files += 1;
            add(&bytes, None, origin, place, posts);
        }
        Err(reason) => posts.skip(place, reason),
    }
}

/// Returns the bytes of a file, one more than the limit where it is longer.
fn bytes(path: &Path, limit: usize) -> Result<Vec<u8>, SkipReason> {
    let unreadable = |error: std::io::Error| SkipReason::Unreadable(error.to_string());
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(SkipReason::NotRegular);
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Returns a page's path without its extension; of `folder/index.html` the folder.
pub(super) fn id(path: &str) -> &str {
    let stem = path.rfind('.').map_or(path, |dot| &path[..dot]);
    stem.strip_suffix("/index").unwrap_or(stem)
}
