//! `links`: the related links of every post, into a site.

pub(super) mod args;
mod before;
mod place;
mod plan;
mod posts;
mod report;
mod write;

use std::path::{Path, PathBuf};

use super::args::FormatWord;
use super::ask::{related_options, take_linked};
use super::console::Unit;
use super::errors::Usage;
use super::session::Session;
use crate::output;
use crate::post::Post;
use crate::rank::stable::Stability;
use crate::recommender::{LinksOptions, Opened, Site};
use crate::site::changes::{Changes, PostChanges, changes, text};
use crate::site::{Linked, Names, Placed, Scores, placed};
use args::LinksArgs;
use before::Before;
use plan::{Form, Plan};

/// Links that came and went since the last time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    pub(super) gained: usize,
    pub(super) lost: usize,
}

/// Refuses to write again and again to stdout.
pub(super) fn refuse_to_watch(
    session: &Session<'_>,
    args: &LinksArgs,
    format: Option<FormatWord>,
) -> anyhow::Result<()> {
    let plan = Plan::of(session, args, format)?;
    if plan.file.is_none() && !matches!(plan.form, Form::FrontMatter | Form::Html) {
        let wrong = "--watch writes into files; name one with --out, or the site's folder with --site, or take --format front-matter";
        return Err(Usage::new(wrong).into());
    }
    Ok(())
}

pub(super) fn run(session: &mut Session<'_>, args: &LinksArgs, format: Option<FormatWord>) -> anyhow::Result<Moved> {
    session.take_choice(&args.choice);
    session.take_caps(&args.filters);
    take_linked(session, args.linked);
    let plan = Plan::of(session, args, format)?;
    let opened = session.open_recommender()?;
    let placed = places(&opened, plan.site.as_deref())?;
    if args.remove {
        posts::remove(session, args, &plan, &posts::files(session, &plan, &opened, &placed)?)?;
        return Ok(Moved::default());
    }
    let corpus = opened.recommender.corpus();
    let names = Names::new(corpus, &placed, plan.layout, plan.key(&placed))?;
    report::say_nameless(session, corpus, &names, &plan)?;
    let before = Before::read(session, args, &plan, corpus, &names, &placed)?;
    let options = LinksOptions {
        related: crate::recommender::RelatedOptions {
            filter: session.filter(&opened, &args.filters)?,
            ..related_options(session)
        },
        stability: stability(args),
        orphans: usize::from(args.orphans),
    };
    let has = |position: usize| names.name(position).is_some();
    let before_of = |position: usize| before.lists[position].clone();
    let site = Site { has: &has, before: &before_of };
    let posts = session
        .console
        .with_bar("linking", Unit::Posts, |progress| opened.recommender.links_of_site(&site, &options, progress));
    let scores = if args.scores { Scores::Written } else { Scores::LeftOut };
    let linked = Linked { corpus, names: &names, posts: &posts, scores };
    if args.diff {
        let changes = changes(&linked, &|position| before.gone[position].clone());
        let shown = if plan.form == Form::Listing { output::json(&changes)? } else { text(&changes) };
        session.console.data(&shown)?;
        if !before.has_any() {
            let where_from = "name the site's folder with --site, or a data file with --before";
            session.console.note(&format!("no links of before were found: all are new; {where_from}"));
        }
        report::say_changes(session, &changes, &options.stability, before.has_any());
        return Ok(Moved::of(&changes));
    }
    write::all(session, args, &plan, &linked, &opened, &placed, options.related.limit)?;
    let least = opened.recommender.background().score(options.related.least);
    let editorial = opened.recommender.editorial();
    report::say_counts(session, &linked, options.related.limit, least, editorial);
    report::say_pins(session, editorial, &names);
    let changes = changes(&linked, &|position| before.gone[position].clone());
    report::say_changes(session, &changes, &options.stability, before.has_any());
    Ok(Moved::of(&changes))
}

impl Moved {
    fn of(changes: &Changes) -> Moved {
        let count = |of: fn(&PostChanges) -> usize| changes.posts.iter().map(of).sum();
        Moved { gained: count(|post| post.gained.len()), lost: count(|post| post.lost.len()) }
    }
}

fn stability(args: &LinksArgs) -> Stability {
    let defaults = Stability::default();
    Stability {
        margin: args.margin.unwrap_or(defaults.margin),
        changes_max: args.changes_max.map_or(defaults.changes_max, usize::from),
    }
}

/// Finds the file of each post.
fn places(opened: &Opened, site: Option<&Path>) -> anyhow::Result<Vec<Option<Placed>>> {
    let owners = opened.store().owners()?;
    let folder_of = |post: &Post| -> Option<PathBuf> {
        let source = Path::new(owners.get(&post.id)?.as_str());
        // A file that was named itself stands in the folder that its path is relative to.
        let is_file = source.file_name().is_some_and(|name| post.path.as_deref().is_some_and(|path| name == path));
        if is_file && !source.is_dir() { source.parent().map(Path::to_owned) } else { Some(source.to_owned()) }
    };
    Ok(placed(opened.recommender.corpus(), &folder_of, site))
}
