//! Front matter: which files are edited, and what is left as it is?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::LinksArgs;
use super::plan::Plan;
use super::write::put;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::recommender::Opened;
use crate::site::files::{Change, read};
use crate::site::front_matter::{self, Refusal};
use crate::site::{Linked, Placed};
use crate::sources::{Limits, markdown_files};

/// Files that are named one by one; the others are counted.
const NAMED_MAX: usize = 5;

/// A Markdown file of the site, and the position of its post; `None` where it is the file of none, such as a draft.
pub(super) type PostFile = (PathBuf, Option<usize>);

/// Returns the files of the posts, and the others beside them, where links may have been written when they were posts.
pub(super) fn files(plan: &Plan, opened: &Opened, placed: &[Option<Placed>]) -> Vec<PostFile> {
    let posts = placed.iter().enumerate();
    let posts = posts.filter_map(|(position, placed)| Some((placed.as_ref()?.file.clone(), Some(position))));
    let mut files: Vec<PostFile> = posts.collect();
    let known: BTreeSet<PathBuf> = files.iter().map(|(file, _)| file.clone()).collect();
    let is_of_site = |file: &PathBuf| plan.site.as_ref().is_none_or(|site| file.starts_with(site));
    let folders = opened.sources.iter().map(Path::new).filter(|source| source.is_dir());
    let others: BTreeSet<PathBuf> =
        folders.flat_map(|folder| markdown_files(folder, &Limits::default())).filter(is_of_site).collect();
    files.extend(others.difference(&known).map(|file| (file.clone(), None)));
    files
}

/// Writes links into the files of posts, and takes them out of the others.
pub(super) fn write(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    linked: &Linked<'_>,
    files: &[PostFile],
) -> anyhow::Result<()> {
    let links_of: BTreeMap<usize, Vec<String>> =
        linked.posts.iter().map(|post| (post.position, linked.link_names(post))).collect();
    edit_all(session, args, plan, files, |position, text| match position.and_then(|at| links_of.get(&at)) {
        Some(links) => front_matter::write(text, links),
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
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, position) in files {
        let is_post = position.is_some();
        let mut refuse = |why: String, what: String| refused.entry(why).or_default().push(what);
        match read(file) {
            Ok(Some(before)) => match edit(*position, &before) {
                Ok(after) if is_post || after != before => {
                    strays += usize::from(!is_post);
                    changes.push(Change { path: file.clone(), before: Some(before), after });
                }
                Ok(_) => {}
                Err(refusal) => refuse(refusal.to_string(), file.display().to_string()),
            },
            Ok(None) => refuse("gone; run `nextread index`".to_owned(), file.display().to_string()),
            Err(fault) if is_post => refuse("cannot be read".to_owned(), fault.to_string()),
            Err(_) => {}
        }
    }
    put(session, args, plan, &changes)?;
    if strays > 0 {
        session.console.note(&format!("{} of no post any more: links taken out", many(strays, "file")));
    }
    for (why, files) in &refused {
        let named: Vec<&str> = files.iter().take(NAMED_MAX).map(String::as_str).collect();
        let more = if files.len() > NAMED_MAX { ", \u{2026}" } else { "" };
        let left = if files.len() == 1 { "is left as it is" } else { "are left as they are" };
        session.console.warn(&format!("{} {left}: {why} ({}{more})", many(files.len(), "file"), named.join(", ")));
    }
    Ok(())
}
