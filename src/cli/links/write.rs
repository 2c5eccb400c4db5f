//! What is written into files, or to stdout?

use std::collections::BTreeMap;
use std::path::Path;

use super::args::LinksArgs;
use super::plan::{Form, Plan};
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::recommender::Opened;
use crate::site::files::Change;
use crate::site::front_matter::Refusal;
use crate::site::{Linked, Placed, data, files, front_matter, graph, listed, pages};

/// Files that are named one by one; the others are counted.
const NAMED_MAX: usize = 5;

pub(super) fn all(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    linked: &Linked<'_>,
    opened: &Opened,
    placed: &[Option<Placed>],
    limit: usize,
) -> anyhow::Result<()> {
    let text = match plan.form {
        Form::FrontMatter => return write_front_matter(session, args, plan, linked, placed),
        Form::Data => data::by_name(linked)?,
        Form::Listing => data::listing(linked, &opened.space.key(), limit)?,
        Form::Lines => data::lines(linked)?,
        Form::Table => listed::table(linked),
        Form::Html => return write_html(session, args, plan, linked),
        Form::Markdown => pages::markdown(linked),
        Form::JsonFeed => pages::json_feed(linked)?,
        Form::Opml => pages::opml(linked),
        Form::GraphMl => graph::graphml(linked),
        Form::Dot => graph::dot(linked),
        Form::Mermaid => graph::mermaid(linked),
    };
    let Some(file) = &plan.file else { return session.console.data(&text) };
    let change = Change::of(file, text)?;
    put(session, args, plan, &[change])
}

/// Writes changes, or shows them.
fn put(session: &Session<'_>, args: &LinksArgs, plan: &Plan, changes: &[Change]) -> anyhow::Result<()> {
    let base = plan.site.as_deref().unwrap_or(session.folder());
    if args.dry_run {
        let diffs: String = changes.iter().map(|change| change.diff(base)).collect();
        session.console.data(&diffs)?;
    } else {
        changes.iter().try_for_each(Change::write)?;
    }
    let changed = changes.iter().filter(|change| !change.is_none()).count();
    let said = if args.dry_run { "would be written" } else { "written" };
    match changes {
        [one] => {
            let said = if one.is_none() { "unchanged, not written again" } else { said };
            session.console.note(&format!("{}: {said}", one.path.display()));
        }
        all => session.console.note(&format!("{} {said}, {} unchanged", many(changed, "file"), all.len() - changed)),
    }
    Ok(())
}

/// A post without links has an empty file, so that a page can always include it.
fn write_html(session: &Session<'_>, args: &LinksArgs, plan: &Plan, linked: &Linked<'_>) -> anyhow::Result<()> {
    let folder = args.out.as_deref().unwrap_or(Path::new("."));
    let (parts, without_url) = pages::html_parts(linked);
    let change = |(name, text): (String, String)| Change::of(&folder.join(name), text);
    let changes: Vec<Change> = parts.into_iter().map(change).collect::<Result<_, _>>()?;
    put(session, args, plan, &changes)?;
    if without_url > 0 {
        session.console.warn(&format!(
            "{} left out of the HTML: no URL is known of the post; give posts a `url`, or let the generator make pages of a data file",
            many(without_url, "link")
        ));
    }
    Ok(())
}

fn write_front_matter(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    linked: &Linked<'_>,
    placed: &[Option<Placed>],
) -> anyhow::Result<()> {
    let links_of: BTreeMap<usize, Vec<String>> =
        linked.posts.iter().map(|post| (post.position, linked.link_names(post))).collect();
    let edit = |position: usize, text: &str| links_of.get(&position).map(|links| front_matter::write(text, links));
    edit_all(session, args, plan, placed, edit)
}

/// Takes what was written out of every file.
pub(super) fn remove(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    placed: &[Option<Placed>],
) -> anyhow::Result<()> {
    edit_all(session, args, plan, placed, |_, text| Some(front_matter::remove(text)))
}

/// Edits the files of the posts, each once; what is refused is left as it is and told.
fn edit_all(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    placed: &[Option<Placed>],
    edit: impl Fn(usize, &str) -> Option<Result<String, Refusal>>,
) -> anyhow::Result<()> {
    let mut changes = Vec::new();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (position, placed) in placed.iter().enumerate() {
        let Some(Placed { file, .. }) = placed else { continue };
        let shown = file.display();
        let before = match files::read(file) {
            Ok(Some(before)) => before,
            Ok(None) => {
                let names = refused.entry("is gone; run `nextread index`".to_owned()).or_default();
                names.push(shown.to_string());
                continue;
            }
            Err(fault) => {
                refused.entry("cannot be read".to_owned()).or_default().push(fault.to_string());
                continue;
            }
        };
        match edit(position, &before) {
            Some(Ok(after)) => changes.push(Change { path: file.clone(), before: Some(before), after }),
            Some(Err(refusal)) => refused.entry(refusal.to_string()).or_default().push(shown.to_string()),
            None => {}
        }
    }
    put(session, args, plan, &changes)?;
    for (why, files) in &refused {
        let named: Vec<&str> = files.iter().take(NAMED_MAX).map(String::as_str).collect();
        let more = if files.len() > NAMED_MAX { ", \u{2026}" } else { "" };
        let count = many(files.len(), "file");
        session.console.warn(&format!("{count} left as they are: {why} ({}{more})", named.join(", ")));
    }
    Ok(())
}
