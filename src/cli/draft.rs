//! A file that is not indexed, such as a draft, as one post.

use std::path::Path;

use super::errors::Usage;
use super::index::read_source;
use super::spec::Spec;
use crate::post::Post;
use crate::sources::LinkWords;

/// Reads the one post of a file; front matter that says draft is no reason to skip it.
pub(super) fn read_draft(path: &Path) -> anyhow::Result<Post> {
    let read = read_source(&Spec::of_draft(path), LinkWords::Keep)?;
    let name = path.display();
    let mut posts = read.posts.into_iter();
    match (posts.next(), posts.next()) {
        (Some(post), None) => Ok(post),
        (Some(_), Some(_)) => Err(Usage::new(format!("{name}: more than one post; name a file with one")).into()),
        (None, _) => {
            let why = read.report.skipped.first.first().map_or_else(|| "it is empty".to_owned(), ToString::to_string);
            Err(Usage::new(format!("{name}: no post could be read from it: {why}")).into())
        }
    }
}
