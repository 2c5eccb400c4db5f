//! What is said of the links? How many posts have how many, which have none and why, what changed.

use std::collections::BTreeMap;

use super::plan::{Form, Plan};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::corpus::{Corpus, Editorial};
use crate::output::view::rounded;
use crate::rank::stable::Stability;
use crate::recommender::{PostLinks, Rejected};
use crate::site::changes::Changes;
use crate::site::{Key, Linked, Names, pages};

/// Posts without links that are named one by one; the others are counted, and named with `-v`.
const NAMED_MAX: usize = 5;

/// Says how many posts are not of the site; none at all is an error.
pub(super) fn say_nameless(session: &Session<'_>, corpus: &Corpus, names: &Names, plan: &Plan) -> anyhow::Result<()> {
    let without = corpus.len() - names.len();
    let lack = match (names.key(), &plan.site) {
        (Key::Path, Some(site)) => format!("no file below {}", site.display()),
        (Key::Path, None) => "no file of their own".to_owned(),
        (Key::Permalink, _) => "no URL".to_owned(),
        _ => "no name".to_owned(),
    };
    if names.is_empty() {
        let advice =
            if names.key() == Key::Path { "index the site's folder, or take --key id" } else { "take --key id" };
        return Err(Usage::new(format!("all {} have {lack}; {advice}", many(without, "post"))).into());
    }
    if without > 0 {
        session.console.note(&format!("{} left out: {lack}", many(without, "post")));
    }
    Ok(())
}

/// `least` is the score below which nothing is linked to.
pub(super) fn say_counts(session: &Session<'_>, linked: &Linked<'_>, limit: usize, least: f32, editorial: &Editorial) {
    let with = |test: &dyn Fn(usize) -> bool| linked.posts.iter().filter(|post| test(post.links.len())).count();
    let (full, none) = (with(&|count| count >= limit), with(&|count| count == 0));
    let some = linked.posts.len() - full - none;
    let unwanted = linked.posts.iter().filter(|post| !editorial.has_list(post.position)).count();
    let none = none - unwanted;
    let links: usize = linked.posts.iter().map(|post| post.links.len()).sum();
    let fewer = format!("with fewer than {limit}");
    let kinds = [
        (full, format!("with {limit}")),
        (some, fewer),
        (none, "with none".to_owned()),
        (unwanted, "that want none".to_owned()),
    ];
    let said = kinds.iter().filter(|(count, _)| *count > 0).map(|(count, which)| format!("{count} {which}"));
    let said: Vec<String> = said.collect();
    session.console.note(&format!(
        "{} and {}: {}",
        many(linked.posts.len(), "post"),
        many(links, "link"),
        said.join(", ")
    ));
    let empty: Vec<&PostLinks> =
        linked.posts.iter().filter(|post| post.links.is_empty() && editorial.has_list(post.position)).collect();
    let named = if session.console.is_verbose() { empty.len() } else { NAMED_MAX };
    for post in empty.iter().take(named) {
        let name = linked.names.name(post.position).unwrap_or_default();
        session.console.note(&format!("  none for {name}: {}", why_none(linked, &post.rejected, least)));
    }
    if empty.len() > named {
        session.console.note(&format!("  and for {} more; -v names all", empty.len() - named));
    }
}

/// Says how many pins lead out of the site, where none of its lists can follow.
pub(super) fn say_pins(session: &Session<'_>, editorial: &Editorial, names: &Names) {
    let is_of_site = |post: &usize| names.name(*post).is_some();
    let pins = (0..names.posts()).filter(is_of_site).flat_map(|post| editorial.pins(post));
    let lost = pins.filter(|pin| !is_of_site(pin)).count();
    if lost > 0 {
        session.console.warn(&format!("{} to posts that are not of the site left out", many(lost, "pin")));
    }
}

fn why_none(linked: &Linked<'_>, rejected: &Rejected, least: f32) -> String {
    if let Some(below) = rejected.nearest_below {
        let title = &linked.corpus.post(below.position).title;
        let (score, least) = (rounded(below.score), rounded(least));
        return format!("the nearest, \u{201c}{title}\u{201d}, has {score}, and {least} is the least");
    }
    let kinds = [
        (rejected.filtered, "kept out by filters"),
        (rejected.blocked, "blocked"),
        (rejected.by_author, "blocked or hidden by authors"),
        (rejected.duplicates, "the same story"),
    ];
    let why: Vec<String> =
        kinds.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    if why.is_empty() { "there is no other post".to_owned() } else { why.join(", ") }
}

pub(super) fn say_changes(session: &Session<'_>, changes: &Changes, stability: &Stability, had_before: bool) {
    if !had_before {
        return;
    }
    let count = |of: fn(&crate::site::changes::PostChanges) -> usize| changes.posts.iter().map(of).sum::<usize>();
    let (gained, lost) = (count(|post| post.gained.len()), count(|post| post.lost.len()));
    let mut said = if changes.posts.is_empty() {
        "since the last time: no link changed".to_owned()
    } else {
        format!(
            "since the last time: {gained} new and {lost} lost links in {}, {} as before",
            many(changes.posts.len(), "post"),
            changes.unchanged
        )
    };
    if changes.within_margin > 0 {
        let margin = stability.margin;
        said.push_str(&format!("; {} that are better by less than --margin {margin} left out", changes.within_margin));
    }
    if changes.over_changes > 0 {
        said.push_str(&format!("; {} put off by --changes-max {}", changes.over_changes, stability.changes_max));
    }
    session.console.note(&said);
}

/// Files that are left as they are, by why.
#[derive(Default)]
pub(super) struct Left(BTreeMap<String, Vec<String>>);

impl Left {
    pub(super) fn add(&mut self, why: String, file: String) {
        self.0.entry(why).or_default().push(file);
    }

    pub(super) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    pub(super) fn say(&self, session: &Session<'_>) {
        for (why, files) in &self.0 {
            let named: Vec<&str> = files.iter().take(NAMED_MAX).map(String::as_str).collect();
            let more = if files.len() > NAMED_MAX { ", \u{2026}" } else { "" };
            let left = if files.len() == 1 { "is left as it is" } else { "are left as they are" };
            let files = many(files.len(), "file");
            session.console.warn(&format!("{files} {left}: {why} ({}{more})", named.join(", ")));
        }
    }
}

/// Names the first few of a list, and with `-v` all.
pub(super) fn say_some(session: &Session<'_>, said: impl ExactSizeIterator<Item = String>) {
    let count = said.len();
    let named = if session.console.is_verbose() { count } else { NAMED_MAX };
    said.take(named).for_each(|words| session.console.note(&format!("  {words}")));
    if count > named {
        session.console.note(&format!("  and {} more; -v names all", count - named));
    }
}

/// Says how many links lead to posts of which no address is known, where a form needs one.
pub(super) fn say_without_url(session: &Session<'_>, form: Form, linked: &Linked<'_>) {
    let what = match form {
        Form::Html => "left out of the HTML",
        Form::Opml => "without an address in the OPML",
        Form::JsonFeed => "without an address in the feed",
        _ => return,
    };
    let count = pages::without_url(linked);
    if count > 0 {
        session.console.warn(&format!(
            "{} {what}: no URL is known of the post; give posts a `url`, or let the generator make pages of a data file",
            many(count, "link")
        ));
    }
}
