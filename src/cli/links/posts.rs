//! Front matter: which files are edited, and what is left as it is?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::args::LinksArgs;
use super::place::Folders;
use super::plan::Plan;
use super::report::Left;
use super::write::put;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::recommender::Opened;
use crate::site::files::Change;
use crate::site::folder::Folder;
use crate::site::front_matter::{self, Refusal};
use crate::site::{Linked, Placed};
use crate::sources::{Limits, post_files};

/// A file with front matter of the site, and the position of its post; `None` where it is the file of none, such as a draft.
pub(super) struct PostFile {
    folder: Rc<Folder>,
    name: PathBuf,
    post: Option<usize>,
}

/// Returns the files of the posts, and the others beside them, where links may have been written when they were posts.
pub(super) fn files(
    session: &Session<'_>,
    plan: &Plan,
    opened: &Opened,
    placed: &[Option<Placed>],
) -> anyhow::Result<Vec<PostFile>> {
    let mut folders = Folders::default();
    let mut files = Vec::new();
    let mut known: BTreeSet<PathBuf> = BTreeSet::new();
    for (position, placed) in placed.iter().enumerate() {
        let Some(placed) = placed else { continue };
        let name = PathBuf::from(&placed.path);
        let root = placed.file.ancestors().nth(name.components().count()).unwrap_or(Path::new(""));
        files.push(PostFile { folder: folders.open(session, root)?, name, post: Some(position) });
        known.insert(placed.file.clone());
    }
    if !opened.is_whole() {
        let why = "some posts cannot be read from the store; files beside those of posts are left as they are until `nextread index` has mended it";
        session.console.warn(why);
        return Ok(files);
    }
    for source in opened.sources.iter().map(Path::new).filter(|source| source.is_dir()) {
        let root = plan.site.as_deref().unwrap_or(source);
        for file in post_files(source, &Limits::default()).into_iter().filter(|file| !known.contains(file)) {
            let Ok(name) = file.strip_prefix(root) else { continue };
            files.push(PostFile { folder: folders.open(session, root)?, name: name.to_owned(), post: None });
        }
    }
    Ok(files)
}

/// Writes links into the files of posts, and takes them out of the others.
pub(super) fn write(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    linked: &Linked<'_>,
    files: &[PostFile],
) -> anyhow::Result<()> {
    let field = plan.front_matter_field(args);
    let links_of: BTreeMap<usize, Vec<String>> =
        linked.posts.iter().map(|post| (post.position, linked.link_names(post))).collect();
    edit_all(session, args, plan, files, |position, text| match position.and_then(|at| links_of.get(&at)) {
        Some(links) => front_matter::write(text, links, &field),
        None => front_matter::remove(text),
    })
}

/// Takes what was written out of every file.
pub(super) fn remove(session: &Session<'_>, args: &LinksArgs, plan: &Plan, files: &[PostFile]) -> anyhow::Result<()> {
    edit_all(session, args, plan, files, |_, text| front_matter::remove(text))
}

/// Edits files, each once; what is refused is left as it is and told.
fn edit_all(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    files: &[PostFile],
    edit: impl Fn(Option<usize>, &str) -> Result<String, Refusal>,
) -> anyhow::Result<()> {
    let mut changes = Vec::new();
    let mut strays = 0;
    let mut left = Left::default();
    for PostFile { folder, name, post } in files {
        let mut leave = |why: String| left.add(why, folder.path().join(name).display().to_string());
        match folder.read(name) {
            Ok(Some(before)) => match edit(*post, &before) {
                Ok(after) if post.is_some() || after != before => {
                    strays += usize::from(post.is_none());
                    changes.push(Change::between(folder, name, Some(before), Some(after)));
                }
                Ok(_) => {}
                Err(refusal) => leave(refusal.to_string()),
            },
            Ok(None) => leave("gone; run `nextread index`".to_owned()),
            Err(fault) if post.is_some() => leave(fault.reason()),
            Err(_) => {}
        }
    }
    put(session, args, plan, &changes)?;
    if strays > 0 {
        session.console.note(&format!("{} of no post any more: links taken out", many(strays, "file")));
    }
    left.say(session);
    Ok(())
}
