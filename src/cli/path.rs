//! `path`: an order to read in, along a topic, between two posts, to a goal, or through a source.

use super::args::PathArgs;
use super::ask::{embed_texts, least, show};
use super::errors::Usage;
use super::session::Session;
use super::words::{are, many};
use crate::output;
use crate::output::view::Asked;
use crate::post::PostId;
use crate::rank::path::INTRODUCTION;
use crate::recommender::{Least, Opened, Path, PathOptions, Query, Recommender, RelatedOptions, Tour};

/// A path between two posts with a link below this is no path.
const NO_ROAD: f32 = 0.3;

pub(super) fn run(session: &mut Session<'_>, args: &PathArgs) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    let mut opened = session.open_recommender()?;
    if let (Some(from), Some(to)) = (&args.from, &args.to) {
        return show_between(session, &opened, (from, to), args.minutes);
    }
    if let Some(goal) = &args.goal {
        return show_to(session, &opened, goal, args.minutes);
    }
    match &args.start_here {
        Some(source) => show_tour(session, &opened, source.as_deref(), args.minutes),
        None => show_along(session, &mut opened, &args.topic.join(" "), args.minutes),
    }
}

fn path_options(session: &Session<'_>, minutes: Option<u32>) -> PathOptions {
    let defaults = PathOptions::default();
    let settings = &session.settings;
    PathOptions {
        limit: settings.value("limit").unwrap_or(defaults.limit),
        least: least(settings),
        diversity: settings.value("diversity").unwrap_or(defaults.diversity),
        minutes,
    }
}

pub(super) fn show_along(
    session: &Session<'_>,
    opened: &mut Opened,
    topic: &str,
    minutes: Option<u32>,
) -> anyhow::Result<()> {
    let options = path_options(session, minutes);
    // The model is open for the topic: the sentence that introductions are like costs nothing more.
    let vectors = embed_texts(session, opened, &[topic, INTRODUCTION])?;
    opened.recommender.set_introduction(vectors.row(1).to_vec())?;
    let query = Query { text: topic, vector: vectors.row(0) };
    let found = opened.recommender.path_along(&query, &options)?;
    show_path(session, opened, Asked::Text { text: topic.to_owned() }, &found, &options)?;
    if found.candidates == 0 {
        session.console.note(&nothing_near(&opened.recommender, &query, options.least)?);
    } else if found.steps.is_empty() {
        session.console.note(&format!(
            "{} posts are near enough to the topic, but none fits into {}; allow more with --minutes",
            found.candidates,
            many(minutes.unwrap_or_default() as usize, "minute")
        ));
    } else if found.steps.len() < options.limit && minutes.is_none() {
        let near = found.candidates;
        session
            .console
            .note(&format!("only {near} of {} are near enough to the topic; --min-score admits more", options.limit));
    }
    Ok(())
}

fn show_between(
    session: &Session<'_>,
    opened: &Opened,
    (from, to): (&str, &str),
    minutes: Option<u32>,
) -> anyhow::Result<()> {
    let corpus = opened.recommender.corpus();
    let id = |word: &str| Ok::<_, anyhow::Error>(corpus.post(session.find_post(opened, word)?).id.clone());
    let (from, to) = (id(from)?, id(to)?);
    say_against_series(session, &opened.recommender, (&from, &to));
    let options = path_options(session, minutes);
    if options.limit < 2 {
        return Err(Usage::new("a path from one post to another has at least two; raise --limit").into());
    }
    let found = opened.recommender.path_between(&from, &to, &options)?;
    show_path(session, opened, Asked::Between { from: from.to_string(), to: to.to_string() }, &found, &options)?;
    let gap = found.steps.iter().filter_map(|step| step.from_previous).fold(1.0, f32::min);
    if gap < NO_ROAD {
        session.console.note(&format!("no road leads there: the widest gap has a similarity of {gap:.2} only"));
    }
    if let (true, Some(minutes)) = (found.steps.is_empty(), minutes) {
        session.console.note(&format!(
            "the two posts alone take more than {}; allow more with --minutes",
            many(minutes as usize, "minute")
        ));
    }
    Ok(())
}

/// Two ends that a series has the other way round stay as they were asked for.
fn say_against_series(session: &Session<'_>, recommender: &Recommender, (from, to): (&PostId, &PostId)) {
    let place = |id: &PostId| recommender.corpus().position(id).and_then(|position| recommender.place(position));
    if let (Some(first), Some(last)) = (place(from), place(to))
        && first.series == last.series
        && first.part > last.part
    {
        session.console.note(&format!(
            "part {} of \u{201c}{}\u{201d} comes before part {} here, as was asked; the series has them the other way round",
            first.part, first.name, last.part
        ));
    }
}

fn show_to(session: &Session<'_>, opened: &Opened, word: &str, minutes: Option<u32>) -> anyhow::Result<()> {
    let goal = opened.recommender.corpus().post(session.find_post(opened, word)?);
    let options = path_options(session, minutes);
    let found = opened.recommender.path_to(&goal.id, &options)?;
    let asked = Asked::Goal { id: goal.id.to_string(), title: goal.title.clone() };
    show_path(session, opened, asked, &found, &options)?;
    match (found.steps.len(), minutes) {
        (0, Some(minutes)) => session.console.note(&format!(
            "the post alone takes more than {}; allow more with --minutes",
            many(minutes as usize, "minute")
        )),
        (1, None) => session.console.note(&format!(
            "{} near enough, none of them to be read before it; --min-score admits more",
            are(found.candidates)
        )),
        _ => {}
    }
    Ok(())
}

fn show_tour(session: &Session<'_>, opened: &Opened, source: Option<&str>, minutes: Option<u32>) -> anyhow::Result<()> {
    let options = path_options(session, minutes);
    let tour = opened.recommender.tour(source, &options)?;
    let asked = Asked::Tour { source: source.map(str::to_owned) };
    show_path(session, opened, asked, &tour.path, &options)?;
    if tour.looked_at < tour.posts {
        let (some, all) = (tour.looked_at, many(tour.posts, "post"));
        session.console.note(&format!("central among {some} of {all}, evenly taken by their ids"));
    }
    say_events(session, &tour);
    if let (true, Some(minutes)) = (tour.path.steps.is_empty(), minutes) {
        session
            .console
            .note(&format!("no post fits into {}; allow more with --minutes", many(minutes as usize, "minute")));
    }
    Ok(())
}

/// Says how many posts are no stops because their titles announce something.
pub(super) fn say_events(session: &Session<'_>, tour: &Tour) {
    if tour.events > 0 && !tour.path.steps.is_empty() {
        let some = many(tour.events, "post");
        session.console.note(&format!("where to begin: {some} left out whose titles announce an event"));
    }
}

fn show_path(
    session: &Session<'_>,
    opened: &Opened,
    asked: Asked,
    found: &Path,
    options: &PathOptions,
) -> anyhow::Result<()> {
    show(session, opened, &output::path(asked, found, options.limit, &opened.recommender, &opened.space.key()))?;
    if !found.steps.is_empty() && (options.minutes.is_some() || found.unknown_lengths < found.steps.len()) {
        let assumed = match found.unknown_lengths {
            0 => String::new(),
            unknown => format!(
                "; {unknown} of {} posts have no text to measure and count {} minutes each",
                found.steps.len(),
                found.assumed_minutes
            ),
        };
        session.console.note(&format!("{} minutes in all{assumed}", found.minutes));
    }
    Ok(())
}

fn nothing_near(recommender: &Recommender, query: &Query<'_>, least: Least) -> anyhow::Result<String> {
    let all = RelatedOptions { limit: 1, least: Least::Score(-1.0), diversity: 0.0, ..RelatedOptions::default() };
    let nearest = recommender.search(query, &all)?;
    let Some(first) = nearest.recommendations.first() else { return Ok("the store has no posts".to_owned()) };
    Ok(format!(
        "no post is near enough to the topic: the nearest is {} at {:.3}, below {:.3} (--min-score)",
        recommender.corpus().post(first.position).id,
        first.score,
        recommender.background_of_texts().score(least)
    ))
}
