//! What is written into a file, or to stdout?

use std::path::Path;

use super::args::LinksArgs;
use super::plan::{Form, Plan};
use super::posts;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::recommender::Opened;
use crate::site::files::Change;
use crate::site::{Linked, Placed, data, graph, listed, pages};

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
        Form::FrontMatter => return posts::write(session, args, plan, linked, &posts::files(plan, opened, placed)),
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
pub(super) fn put(session: &Session<'_>, args: &LinksArgs, plan: &Plan, changes: &[Change]) -> anyhow::Result<()> {
    let base = plan.site.as_deref().unwrap_or(session.folder());
    if args.dry_run {
        let diffs: String = changes.iter().map(|change| change.diff(base)).collect();
        session.console.data(&diffs)?;
    } else {
        for change in changes.iter().filter(|change| !change.is_none()) {
            change.write()?;
            session.note_written(&change.path, &change.after);
        }
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
