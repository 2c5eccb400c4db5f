//! `digest`: what was published in a week, by topic.

use super::args::DigestArgs;
use super::errors::Usage;
use super::session::Session;
use super::topics::say_left_out;
use super::words::many;
use crate::output::{self, Format};
use crate::rank::period::Period;
use crate::recommender::{Digest, Opened};

pub(super) fn run(session: &Session<'_>, args: &DigestArgs) -> anyhow::Result<()> {
    let opened = session.open_recommender()?;
    let source = args.source.as_deref();
    let period = period(session, args, &opened)?;
    let (found, topics) = opened.recommender.digest(period, source)?;
    let view = output::digest(&found, &topics, source, opened.recommender.corpus());
    let text = match session.format() {
        Format::Json => output::json(&view)?,
        Format::JsonLines => {
            view.sections.iter().flat_map(|section| &section.posts).map(output::json_line).collect::<Result<_, _>>()?
        }
        Format::Table if session.writes_html() => output::digest_html(&view),
        Format::Table => output::digest_text(&view, session.console.columns()),
        Format::Markdown => output::digest_markdown(&view),
    };
    session.console.data(&text)?;
    if view.posts == 0 {
        say_empty(session, &found);
    }
    if found.without_day > 0 {
        let (some, dates) = (many(found.without_day, "post"), "without a date that tells the day");
        session.console.note(&format!("{some} {dates} left out"));
    }
    if found.duplicates > 0 {
        session.console.note(&format!("{} left out", many(found.duplicates, "duplicate")));
    }
    if view.posts > 0 {
        say_left_out(session, &topics);
    }
    Ok(())
}

fn period(session: &Session<'_>, args: &DigestArgs, opened: &Opened) -> anyhow::Result<Period> {
    let wrong = |fault: crate::rank::period::PeriodError| Usage::new(fault.to_string());
    match (&args.week, &args.from, &args.to) {
        (Some(week), _, _) => Ok(Period::week(week).map_err(wrong)?),
        (None, Some(from), Some(to)) => Ok(Period::days(from, to).map_err(wrong)?),
        _ => {
            let week = opened.recommender.newest_week(args.source.as_deref())?;
            let week = week.ok_or_else(|| Usage::new("no post has a date that tells the day: there are no weeks"))?;
            let name = week.name().unwrap_or_default();
            session.console.note(&format!("{name} is the week of the newest post; --week names another"));
            Ok(week)
        }
    }
}

fn say_empty(session: &Session<'_>, found: &Digest) {
    let week = |day: Option<crate::post::PostDate>| day.and_then(Period::week_of).and_then(Period::name);
    let nearest: Vec<String> = [week(found.nearest.0), week(found.nearest.1)].into_iter().flatten().collect();
    let nearest = match nearest.as_slice() {
        [] => String::new(),
        weeks => format!("; the nearest with posts: {}", weeks.join(" and ")),
    };
    session.console.note(&format!("no posts from {} to {}{nearest}", found.period.from, found.period.to));
}
