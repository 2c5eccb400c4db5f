//! `audit`: how sound the links of a site are.

use clap::Args;

use super::answer_args::{Choice, Filters, LinkedWord};
use super::ask::{related_options, take_linked};
use super::console::Unit;
use super::errors::{GateFailed, Usage};
use super::session::Session;
use crate::output::{self, Format};
use crate::recommender::{LinksOptions, RelatedOptions, Site};
use crate::site::audit::audit;
use crate::site::audit_report::{CHECKS, Report};
use crate::text::meant;

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// End with code 3 if a check found more than this, such as `orphans>0`; may be given several times
    #[arg(long, value_name = "CHECK>N", value_parser = limit)]
    fail_on: Vec<Limit>,
    /// The most findings of a check to show; JSON has all
    #[arg(long, value_name = "N", default_value_t = 5)]
    show: usize,
    /// As for `links`
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    orphans: u16,
    /// As for `links`
    #[arg(long, value_enum, value_name = "WHAT")]
    linked: Option<LinkedWord>,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    filters: Filters,
}

/// A check and how many it may find.
#[derive(Debug, Clone)]
struct Limit {
    check: &'static str,
    most: usize,
}

fn limit(text: &str) -> Result<Limit, String> {
    let (name, most) = text.split_once('>').ok_or_else(|| "write a check, `>` and a number".to_owned())?;
    let (name, most) = (name.trim(), most.trim());
    let most = most.parse().map_err(|_| format!("\"{most}\" is no number"))?;
    let check = CHECKS.into_iter().find(|check| *check == name).ok_or_else(|| {
        let advice = meant(name, CHECKS)
            .map_or_else(|| format!("the checks are {}", CHECKS.join(", ")), |meant| format!("did you mean {meant}?"));
        format!("no check is called \"{name}\"; {advice}")
    })?;
    Ok(Limit { check, most })
}

pub(super) fn run(session: &mut Session<'_>, args: &AuditArgs) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    session.take_caps(&args.filters);
    take_linked(session, args.linked);
    if session.format() == Format::JsonLines {
        return Err(Usage::new("`audit` has no --format jsonl; write json").into());
    }
    let opened = session.open_recommender()?;
    let recommender = &opened.recommender;
    let related = RelatedOptions { filter: session.filter(&opened, &args.filters)?, ..related_options(session) };
    let options = LinksOptions { related, orphans: usize::from(args.orphans), ..LinksOptions::default() };
    let site = Site { has: &|_| true, before: &|_| None };
    let lists = session
        .console
        .with_bar("linking", Unit::Posts, |progress| recommender.links_of_site(&site, &options, progress));
    let stories = recommender.stories().told_again().map(|(original, copies)| {
        let others = copies.iter().map(|copy| copy.position);
        [original].into_iter().chain(others).collect()
    });
    let corpus = recommender.corpus();
    let found = audit(corpus, recommender.links(), &lists, recommender.unlinked(), stories.collect(), &|post| {
        recommender.editorial().is_hidden(post)
    });
    let report = Report::new(&found, corpus);
    let text = match session.format() {
        Format::Json => output::json(&report)?,
        Format::Markdown => report.markdown(args.show),
        Format::Table | Format::JsonLines => report.text(args.show),
    };
    session.console.data(&text)?;
    let unknown = opened.store().count_without_links()?;
    if unknown > 0 {
        let posts = super::words::many(unknown, "post");
        session.console.warn(&format!("the links of {posts} are not known; `nextread index` reads them"));
    }
    gate(&report, &args.fail_on)
}

/// Fails where a check found more than it may.
fn gate(report: &Report, limits: &[Limit]) -> anyhow::Result<()> {
    let count = |name: &str| report.checks.iter().find(|check| check.name == name).map_or(0, |check| check.count);
    let over: Vec<String> = limits
        .iter()
        .filter(|limit| count(limit.check) > limit.most)
        .map(|limit| format!("{} {}, at most {} allowed", count(limit.check), limit.check, limit.most))
        .collect();
    if over.is_empty() { Ok(()) } else { Err(GateFailed::new(over.join("; ")).into()) }
}
