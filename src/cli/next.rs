//! What to read after a reading history, from whatever tells it.

use super::args::Next;
use super::ask::{embed_texts, least, show_answer};
use super::draft::read_draft;
use super::errors::Usage;
use super::filling::{self, AskedFor};
use super::history_file;
use super::session::Session;
use super::words::many;
use crate::output::view::Asked;
use crate::rank::novelty::Recency;
use crate::recommender::{Liking, NextOptions, Opened, Query, Read, Reader, text_of};
use crate::store::HistoryRecord;

/// Of the reader's scale, this much and less is disliked: two stars of five.
const DISLIKED_SHARE: f32 = 0.4;
/// Scales that readers use, by their ends.
const SCALES: [f32; 4] = [1.0, 5.0, 10.0, 100.0];

pub(super) fn run(session: &mut Session<'_>, args: &Next) -> anyhow::Result<()> {
    session.take_choice(&args.choice);
    session.take_caps(&args.filters);
    session.settings.put_flag("surprise", args.surprise);
    session.settings.put_flag("half_life", args.half_life);
    filling::take(session, args.fallback);
    let opened = session.open_recommender()?;
    let reader = reader(session, args, &opened)?;
    let options = NextOptions {
        freshness_days: args.fresh,
        seed: args.seed,
        filter: session.filter(&opened, &args.filters)?,
        ..options(session)
    };
    show(session, &opened, &reader, &options)
}

fn options(session: &Session<'_>) -> NextOptions {
    let (defaults, settings) = (NextOptions::default(), &session.settings);
    NextOptions {
        limit: settings.value("limit").unwrap_or(defaults.limit),
        least: least(settings),
        diversity: settings.value("diversity").unwrap_or(defaults.diversity),
        surprise: settings.value("surprise").unwrap_or(defaults.surprise),
        recency: settings.value("half_life").map_or(defaults.recency, |half_life| Recency { half_life }),
        caps: session.caps(),
        ..defaults
    }
}

pub(super) fn show(
    session: &Session<'_>,
    opened: &Opened,
    reader: &Reader,
    options: &NextOptions,
) -> anyhow::Result<()> {
    let corpus = opened.recommender.corpus();
    let known: Vec<usize> = reader.reads.iter().filter_map(|read| corpus.position(&read.post)).collect();
    let asked_for = AskedFor { known: &known, filter: &options.filter };
    if !reader.likes_something() {
        session.console.note(
            "nothing is known of what you like: central posts, one for each corner; \
             name reads with --read, or add them with `nextread history add`",
        );
        let answer = opened.recommender.cold_start(reader, options)?;
        return show_answer(session, opened, ("next", Asked::ColdStart), &answer, &asked_for);
    }
    let answer = opened.recommender.next(reader, options)?;
    let disliked = reader.reads.iter().filter(|read| read.liking == Liking::Disliked);
    let asked = Asked::History {
        read: reader.reads.iter().map(|read| read.post.to_string()).collect(),
        disliked: disliked.map(|read| read.post.to_string()).collect(),
        more: reader.more.iter().map(|wish| wish.name.clone()).collect(),
        less: reader.less.iter().map(|wish| wish.name.clone()).collect(),
        interests: answer.interests.unwrap_or_default(),
    };
    show_answer(session, opened, ("next", asked), &answer, &asked_for)
}

/// Collects what is known of the reader: reads, dislikes, wishes, a draft.
fn reader(session: &Session<'_>, args: &Next, opened: &Opened) -> anyhow::Result<Reader> {
    let mut reader = Reader { reads: reads(session, args, opened)?, ..Reader::default() };
    for word in &args.dislike {
        let post = opened.recommender.corpus().post(session.find_post(opened, word)?).id.clone();
        // The dislike is the last word about a post, and no newer read than what was liked.
        reader.reads.retain(|read| read.post != post);
        reader.reads.insert(0, Read { post, liking: Liking::Disliked });
    }
    let draft = args.draft.as_deref().map(read_draft).transpose()?;
    let draft_text = draft.as_ref().map(text_of);
    let texts: Vec<&str> = args.more.iter().chain(&args.less).chain(&draft_text).map(String::as_str).collect();
    if texts.is_empty() {
        return Ok(reader);
    }
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err(Usage::new("--more and --less need words").into());
    }
    let vectors = embed_texts(session, opened, &texts)?;
    let wish = |at: usize| opened.recommender.wish(&Query { text: texts[at], vector: vectors.row(at) });
    let more = args.more.len();
    reader.more = (0..more).map(wish).collect::<Result<_, _>>()?;
    reader.less = (more..more + args.less.len()).map(wish).collect::<Result<_, _>>()?;
    if let Some(draft) = &draft {
        reader.more.push(opened.recommender.wish_of_draft(draft, vectors.row(texts.len() - 1))?);
    }
    Ok(reader)
}

fn reads(session: &Session<'_>, args: &Next, opened: &Opened) -> anyhow::Result<Vec<Read>> {
    let corpus = opened.recommender.corpus();
    if !args.read.is_empty() {
        let found = args.read.iter().map(|word| session.find_post(opened, word));
        let read = |position: usize| Read { post: corpus.post(position).id.clone(), liking: Liking::Liked(1.0) };
        return found.map(|position| Ok(read(position?))).collect();
    }
    match &args.history {
        Some(path) => {
            let (records, name) = (history_file::read(*session.console, path)?, path.display().to_string());
            if records.is_empty() {
                let hint = "name posts with --read, or add them with `nextread history add`";
                return Err(Usage::new(format!("{name} names no post that was read; {hint}")).into());
            }
            let reads = known_reads(session, opened, records, &name)?;
            if reads.is_empty() {
                let message = format!("no post of {name} is in the store; index what you read, or use --read");
                return Err(Usage::new(message).into());
            }
            Ok(reads)
        }
        None => {
            let loaded = session.open_store()?.history()?;
            loaded.damaged.iter().for_each(|damaged| session.console.warn(&damaged.to_string()));
            known_reads(session, opened, loaded.items, "the stored history")
        }
    }
}

/// Finds the posts of records, oldest first, and says which cannot count.
fn known_reads(
    session: &Session<'_>,
    opened: &Opened,
    mut records: Vec<HistoryRecord>,
    from: &str,
) -> anyhow::Result<Vec<Read>> {
    let corpus = opened.recommender.corpus();
    if let Some(undated) = history_file::sort_by_time(&mut records) {
        session
            .console
            .note(&format!("{undated} of {} reads have no readable time: taken in the order of {from}", records.len()));
    }
    let scale = scale_of(&records);
    let mut reads: Vec<Read> = Vec::new();
    let mut unknown = 0;
    for record in &records {
        match corpus.find_exact(&record.post) {
            Some(position) => {
                let post = corpus.post(position).id.clone();
                reads.push(Read { post, liking: liking(record.rating, scale) });
            }
            None => {
                unknown += 1;
                session.console.detail(&format!("{from}: \"{}\" is not in the store", record.post));
            }
        }
    }
    // Read again, perhaps under its other name: the last time counts.
    let reads: Vec<Read> = Read::last_of_each(&reads).into_iter().cloned().collect();
    if unknown > 0 {
        let all = records.len();
        session.console.note(&format!("{unknown} of {all} posts of {from} are not in the store and do not count"));
    }
    let disliked = reads.iter().filter(|read| read.liking == Liking::Disliked).count();
    if disliked > 0 {
        let least = DISLIKED_SHARE * scale;
        let posts = many(disliked, "post");
        session.console.note(&format!("{posts} of {from} disliked: rated {least} or less of {scale}"));
    }
    Ok(reads)
}

/// Returns the end of the scale that ratings are on: the smallest of the usual ones that has room for all.
fn scale_of(records: &[HistoryRecord]) -> f32 {
    let largest = records.iter().filter_map(|record| record.rating).fold(0.0, f32::max);
    SCALES.into_iter().find(|end| largest <= *end).unwrap_or(largest)
}

fn liking(rating: Option<f32>, scale: f32) -> Liking {
    match rating.map(|rating| rating / scale) {
        None => Liking::Liked(1.0),
        Some(share) if share <= DISLIKED_SHARE => Liking::Disliked,
        Some(share) => Liking::Liked(share),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_are_read_on_the_scale_that_has_room_for_them() {
        let check = |ratings: &[f32], expect: &[Liking]| {
            let record = |rating: &f32| HistoryRecord { post: "a".into(), read_at: None, rating: Some(*rating) };
            let records: Vec<HistoryRecord> = ratings.iter().map(record).collect();
            let scale = scale_of(&records);
            let found: Vec<Liking> = records.iter().map(|record| liking(record.rating, scale)).collect();
            assert_eq!(found, expect, "{ratings:?}");
        };
        check(&[5.0, 2.0, 4.0], &[Liking::Liked(1.0), Liking::Disliked, Liking::Liked(0.8)]);
        check(&[1.0, -1.0, 0.0], &[Liking::Liked(1.0), Liking::Disliked, Liking::Disliked]);
        check(&[8.0, 4.0], &[Liking::Liked(0.8), Liking::Disliked]);
        check(&[50.0, 90.0], &[Liking::Liked(0.5), Liking::Liked(0.9)]);
        assert_eq!(liking(None, 1.0), Liking::Liked(1.0));
    }
}
