//! What is written into a file, or to stdout?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;

use super::args::LinksArgs;
use super::place;
use super::plan::{Form, Plan};
use super::posts;
use super::report::{self, Left};
use crate::cli::errors::Usage;
use crate::cli::session::{Session, size_and_time};
use crate::cli::words::many;
use crate::recommender::Opened;
use crate::site::files::Change;
use crate::site::folder::{FileError, Folder};
use crate::site::mark::{Comment, Whose, sign, whose};
use crate::site::pages::HtmlPart;
use crate::site::part_names::is_renamed;
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
        Form::FrontMatter => {
            return posts::write(session, args, plan, linked, &posts::files(session, plan, opened, placed)?);
        }
        Form::Data => data::by_name(linked)?,
        Form::Listing => data::listing(linked, &opened.space.key(), limit)?,
        Form::Lines => data::lines(linked)?,
        Form::Table => listed::table(linked),
        Form::Html => return write_html(session, args, plan, linked, opened),
        Form::Markdown => pages::markdown(linked),
        Form::JsonFeed => pages::json_feed(linked)?,
        Form::Opml => pages::opml(linked),
        Form::GraphMl => graph::graphml(linked),
        Form::Dot => graph::dot(linked),
        Form::Mermaid => graph::mermaid(linked),
    };
    report::say_without_url(session, plan.form, linked);
    let Some(place) = &plan.file else { return session.console.data(&text) };
    let text = comment(plan.form).map_or(text.clone(), |comment| sign(&text, comment));
    let change = Change::of(&place.folder, &place.name, text)?;
    refuse_others(&change, plan.form)?;
    put(session, args, plan, &[change])
}

/// Returns how comments are written in a form; `None` where it has none.
fn comment(form: Form) -> Option<Comment> {
    match form {
        Form::Html | Form::Markdown | Form::Opml | Form::GraphMl => Some(Comment::Markup),
        Form::Dot => Some(Comment::Slashes),
        Form::Mermaid => Some(Comment::Percent),
        Form::Table => Some(Comment::Number),
        Form::Lines | Form::Listing | Form::Data | Form::JsonFeed | Form::FrontMatter => None,
    }
}

/// Refuses to write over what is not of nextread, or not any more.
fn refuse_others(change: &Change, form: Form) -> anyhow::Result<()> {
    let Some(before) = change.before.as_deref().filter(|_| !change.is_none()) else { return Ok(()) };
    let whose = match (comment(form), form) {
        (Some(comment), _) => whose(before, comment),
        (None, Form::JsonFeed) => pages::whose_feed(before),
        (None, _) => data::whose(before),
    };
    let shown = change.path();
    let shown = shown.display();
    let what = match whose {
        Whose::Ours | Whose::Blank => return Ok(()),
        Whose::Edited => "was edited since nextread wrote it, and is left alone",
        Whose::Foreign => "is no file that `nextread links` wrote",
    };
    Err(Usage::new(format!("{shown}: {what}; move it away, or name another with --out")).into())
}

/// Writes changes, or shows them. What somebody else changed meanwhile is left alone and told; the others are written.
pub(super) fn put(session: &Session<'_>, args: &LinksArgs, plan: &Plan, changes: &[Change]) -> anyhow::Result<()> {
    let base = plan.site.as_deref().unwrap_or(session.folder());
    let mut left = Left::default();
    if args.dry_run {
        let diffs: String = changes.iter().map(|change| change.diff(base)).collect();
        session.console.data(&diffs)?;
        say_new_folders(session, changes);
    } else {
        let mut written = 0;
        for change in changes.iter().filter(|change| !change.is_none()) {
            let before = size_and_time(&change.path());
            match change.write() {
                Ok(()) => {
                    written += 1;
                    session.note_written(&change.path(), change.after.as_deref().unwrap_or_default(), before);
                }
                Err(fault @ FileError::System { .. }) => {
                    let until_then = format!("{} written until then", many(written, "file"));
                    return Err(fault).context(until_then);
                }
                Err(fault) => left.add(fault.reason(), change.path().display().to_string()),
            }
        }
    }
    let changed = changes.iter().filter(|change| !change.is_none()).count() - left.count();
    let gone = changes.iter().filter(|change| change.after.is_none()).count();
    let said = if args.dry_run { "would be written" } else { "written" };
    match changes {
        [one] if left.count() == 0 && gone == 0 => {
            let said = if one.is_none() { "unchanged, not written again" } else { said };
            session.console.note(&format!("{}: {said}", one.path().display()));
        }
        all => {
            let unchanged = all.iter().filter(|change| change.is_none()).count();
            let removed = if args.dry_run { "would be removed" } else { "removed" };
            let removed = if gone > 0 { format!(", {gone} {removed}") } else { String::new() };
            let files = many(changed.saturating_sub(gone), "file");
            session.console.note(&format!("{files} {said}, {unchanged} unchanged{removed}"));
        }
    }
    left.say(session);
    Ok(())
}

/// A diff shows files; the folders that they need are told.
fn say_new_folders(session: &Session<'_>, changes: &[Change]) {
    let parents = changes
        .iter()
        .filter(|change| change.before.is_none() && change.after.is_some())
        .filter_map(|change| change.path().parent().map(Path::to_owned));
    let missing: BTreeSet<PathBuf> = parents.filter(|folder| !folder.exists()).collect();
    for folder in missing {
        session.console.note(&format!("{}: would be made", folder.display()));
    }
}

/// Writes a file for every post, and takes away those of posts that are gone where that is asked for. A post without links has a file with nothing to be
/// seen in it, so that a page can always include it.
fn write_html(
    session: &Session<'_>,
    args: &LinksArgs,
    plan: &Plan,
    linked: &Linked<'_>,
    opened: &Opened,
) -> anyhow::Result<()> {
    let folder = place::open(session, args.out.as_deref().unwrap_or(Path::new(".")))?;
    let parts = pages::html_parts(linked);
    let mut left = Left::default();
    let mut changes = Vec::new();
    for part in &parts {
        match Change::of(&folder, Path::new(&part.file), part.html.clone()) {
            Ok(change) if change.is_none() || may_replace(&change) => changes.push(change),
            Ok(change) => left.add(not_ours(&change), change.path().display().to_string()),
            Err(fault @ FileError::System { .. }) => return Err(fault.into()),
            Err(fault) => left.add(fault.reason(), folder.path().join(&part.file).display().to_string()),
        }
    }
    let strays = of_posts_that_are_gone(&folder, &parts, &mut left)?;
    let kept = if args.prune && opened.is_whole() { 0 } else { strays.len() };
    changes.extend(strays.into_iter().skip(kept));
    put(session, args, plan, &changes)?;
    if kept > 0 {
        // They may be of another site, or of a post that cannot be read today.
        let lead = if opened.is_whole() {
            "--prune removes them"
        } else {
            "kept, since the store is damaged; run `nextread index`"
        };
        session.console.note(&format!("{} of no post of these: {lead}", many(kept, "part")));
    }
    left.say(session);
    say_renamed(session, &parts);
    report::say_without_url(session, plan.form, linked);
    Ok(())
}

fn may_replace(change: &Change) -> bool {
    let before = change.before.as_deref();
    before.is_none_or(|text| matches!(whose(text, Comment::Markup), Whose::Ours | Whose::Blank))
}

fn not_ours(change: &Change) -> String {
    match whose(change.before.as_deref().unwrap_or_default(), Comment::Markup) {
        Whose::Edited => "edited since nextread wrote it; move it away to get it anew".to_owned(),
        _ => "not written by nextread; move it away, or name another folder with --out".to_owned(),
    }
}

/// Finds the parts that we wrote for posts that are no more; one that somebody edited stays.
fn of_posts_that_are_gone(folder: &Rc<Folder>, parts: &[HtmlPart<'_>], left: &mut Left) -> anyhow::Result<Vec<Change>> {
    let of_today: BTreeSet<&Path> = parts.iter().map(|part| Path::new(&part.file)).collect();
    let mut gone = Vec::new();
    for name in folder.files(".html")?.iter().filter(|name| !of_today.contains(name.as_path())) {
        // What is no text is none of ours.
        let Ok(Some(before)) = folder.read(name) else { continue };
        match whose(&before, Comment::Markup) {
            Whose::Ours => gone.push(Change::between(folder, name, Some(before), None)),
            Whose::Edited => {
                let why = "of no post any more, but edited since nextread wrote it; remove it by hand".to_owned();
                left.add(why, folder.path().join(name).display().to_string());
            }
            Whose::Blank | Whose::Foreign => {}
        }
    }
    Ok(gone)
}

/// A template finds a part by the name of its post; where that cannot be, it has to be told where else.
fn say_renamed(session: &Session<'_>, parts: &[HtmlPart<'_>]) {
    let renamed: BTreeMap<&str, &str> = parts
        .iter()
        .filter(|part| is_renamed(part.name, &part.file))
        .map(|part| (part.name, part.file.as_str()))
        .collect();
    if renamed.is_empty() {
        return;
    }
    let posts = many(renamed.len(), "post");
    session.console.note(&format!("{posts} of a name that is none for a file everywhere: called otherwise"));
    report::say_some(session, renamed.iter().map(|(name, file)| format!("{}: {file}", crate::text::one_line(name))));
}
