//! Index: read posts, embed what is new or changed, drop what is gone.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use super::args::Index;
use super::console::Unit;
use super::errors::{self, Usage};
use super::session::Session;
use super::spec::{NamedBy, Spec, read_options, specs_of_paths, specs_of_store};
use super::web::{self, Failed};
use super::words::many;
use super::{read_report, store_report};
use crate::embed::Embedder;
use crate::embeddings::LongTexts;
use crate::post::{Post, PostId};
use crate::recommender::{Gone, Held, Indexed, complete_space, index_source, space_of};
use crate::sources::{LinkWords, Read, ReadOptions, SourceError, is_markdown, read_path, read_stream};
use crate::store::{Provenance, SourceKey, Store, Writer};

/// A source, read.
pub(super) struct Source {
    pub(super) key: SourceKey,
    pub(super) spec: Spec,
    pub(super) read: Read,
    pub(super) missing: Missing,
}

/// What is to be thought of stored posts that were not found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// They are gone, unless records could not be read or there are none.
    InDoubtWhereFaulty,
    /// They are still there: a feed shows the newest posts only.
    OutOfWindow,
    /// They may still be there: not all of the source was read.
    InDoubt,
    /// They are gone: the source lists all that it has.
    Gone,
}

/// A model that stays open from one indexing to the next.
pub(super) type OpenModel = Option<Box<dyn Embedder + Send + Sync>>;

pub(super) fn run(session: &Session<'_>, args: &Index) -> anyhow::Result<()> {
    let done = bring_up_to_date(session, args, &specs(session, args)?, &mut None)?;
    refuse_unread(done.unread)
}

/// Refuses a folder inside of another one that is a source, too: every post would be there twice.
fn refuse_overlaps(session: &Session<'_>, specs: &[Spec]) -> anyhow::Result<()> {
    let is_there = session.store_folder().is_some_and(|folder| Store::exists(&folder));
    let sources = if is_there { session.open_or_create_store()?.sources()?.items } else { Vec::new() };
    let known = sources.iter().map(|source| Path::new(source.key.as_str())).chain(specs.iter().map(Spec::path));
    let known: Vec<&Path> = known.collect();
    let holds_posts = |path: &Path| path.is_dir() || (path.is_file() && is_markdown(path));
    for path in specs.iter().map(Spec::path).filter(|path| holds_posts(path)) {
        let is_double = |other: &&&Path| **other != path && (path.starts_with(other) || other.starts_with(path));
        let mut doubles = known.iter().filter(is_double).filter(|other| holds_posts(other));
        if let Some(other) = doubles.next() {
            let (path, other) = (path.display(), other.display());
            return Err(Usage::new(format!(
                "{path}: overlaps {other}, so that posts would be there twice; name one of them, or forget what is indexed with `nextread sources --forget {other}`"
            ))
            .into());
        }
    }
    Ok(())
}

/// What indexing did.
pub(super) struct UpToDate {
    /// All sources together.
    pub(super) indexed: Indexed,
    /// Sources that could not be read, whose posts are kept.
    pub(super) unread: usize,
}

/// Fails where sources could not be read.
pub(super) fn refuse_unread(unread: usize) -> anyhow::Result<()> {
    anyhow::ensure!(
        unread == 0,
        "{} could not be read; their posts are kept, the other sources are up to date",
        many(unread, "source")
    );
    Ok(())
}

/// Returns how to read what was typed, or else every source that was indexed before.
pub(super) fn specs(session: &Session<'_>, args: &Index) -> anyhow::Result<Vec<Spec>> {
    if !args.paths.is_empty() {
        let specs = specs_of_paths(session, args)?;
        return refuse_overlaps(session, &specs).map(|()| specs);
    }
    if session.store_folder().is_some() {
        // One of an older format is brought up to date before it is asked for its sources.
        session.open_or_create_store()?;
    }
    specs_of_store(session)
}

/// Indexes sources and returns what that did, all of them together; opens the model where it is not open yet.
pub(super) fn bring_up_to_date(
    session: &Session<'_>,
    args: &Index,
    specs: &[Spec],
    model: &mut OpenModel,
) -> anyhow::Result<UpToDate> {
    // What is fetched lies in the store's folder, too.
    let is_new = session.store_folder().is_none_or(|folder| !Store::exists(&folder));
    let mut sources = Vec::new();
    let mut unread = Unread::default();
    let (of_web, of_disk): (Vec<&Spec>, Vec<&Spec>) = specs.iter().partition(|spec| web::is_url(&spec.path));
    for spec in of_disk {
        match read(spec, args) {
            Ok(source) => {
                read_report::say(session.console, &source.read.report, source.read.posts.len(), &source.spec.path);
                sources.push(source);
            }
            // What was indexed before is known to be a source; that one of them fails must not hold up the others.
            // So it is with one of several that were named.
            Err(fault)
                if !args.strict
                    && (args.paths.is_empty()
                        || (specs.len() > 1 && fault.downcast_ref::<SourceError>().is_some())) =>
            {
                unread.add(session, spec, &fault, gone_rule(args));
            }
            Err(fault) => return Err(fault),
        }
    }
    let web = web::read_all(session, of_web.into_iter().cloned().collect(), args)?;
    sources.extend(web.sources);
    unread.take_failed(session, web.failed, args, sources.is_empty())?;
    for source in &sources {
        refuse_faults(source, args)?;
    }
    if sources.is_empty() && !args.paths.is_empty() && unread.listed.is_empty() {
        refuse_unread(unread.kept)?;
    }
    if unread.listed.is_empty() {
        refuse_nothing(is_new, &sources)?;
    }
    let long_texts = if args.truncate { LongTexts::Truncate } else { session.long_texts() };
    // Posts that nobody can store must not cost a download: the store comes before the model.
    let mut store = session.open_or_create_store()?;
    let embedder = match model.take() {
        Some(open) => open,
        None => session.embedder(long_texts)?,
    };
    let embedder = &**model.insert(embedder);
    unread.drop_gone(session, &mut store)?;
    let indexed = store_all(session, &mut store, &sources, embedder, gone_rule(args))?;
    session.keep_graph(&store)?;
    Ok(UpToDate { indexed, unread: unread.kept })
}

/// Nothing to store is no reason to make a store, and a failure where every record was bad.
fn refuse_nothing(is_new: bool, sources: &[Source]) -> anyhow::Result<()> {
    if sources.iter().any(|source| !source.read.posts.is_empty()) {
        return Ok(());
    }
    let faults: usize = sources.iter().map(|source| source.read.report.faults).sum();
    let untitled: usize = sources.iter().filter_map(|source| source.read.report.skipped.counts.get("no title")).sum();
    let hint = if untitled > 0 { "; --title-from-heading or --map title=FIELD may give them titles" } else { "" };
    anyhow::ensure!(
        faults == 0,
        "no post could be read, only {}{hint}; nothing was changed",
        many(faults, "bad record")
    );
    anyhow::ensure!(!is_new, "there is nothing to index; name a folder of Markdown, a feed or a JSONL file with posts");
    Ok(())
}

/// Sources that were indexed before and cannot be read now.
#[derive(Default)]
struct Unread {
    gone: Vec<SourceKey>,
    /// Feeds of lists, which are sources although nothing was read of them yet.
    listed: Vec<Spec>,
    kept: usize,
}

impl Unread {
    fn add(&mut self, session: &Session<'_>, spec: &Spec, fault: &anyhow::Error, rule: GoneRule) {
        let is_gone = matches!(fault.downcast_ref(), Some(SourceError::NotFound { .. })) || web::is_gone(fault);
        if is_gone && rule == GoneRule::Prune {
            self.gone.push(spec.key());
            return;
        }
        let remedy = if is_gone { "; or forget it with --prune" } else { "" };
        session.console.warn(&format!("{}{remedy}", errors::say(fault)));
        self.kept += 1;
    }

    /// Takes over what the network did not give. Where a single URL was asked for, its failure is that of the command.
    fn take_failed(
        &mut self,
        session: &Session<'_>,
        mut failed: Vec<Failed>,
        args: &Index,
        is_all: bool,
    ) -> anyhow::Result<()> {
        let is_only_one =
            !args.paths.is_empty() && failed.len() == 1 && is_all && failed[0].spec.named_by == NamedBy::User;
        if (args.strict || is_only_one)
            && let Some(Failed { fault, .. }) = failed.pop()
        {
            return Err(fault.into());
        }
        for Failed { spec, fault } in failed {
            self.add(session, &spec, &fault.into(), gone_rule(args));
            if spec.named_by == NamedBy::List {
                self.listed.push(spec);
            }
        }
        Ok(())
    }

    fn drop_gone(&self, session: &Session<'_>, store: &mut Store) -> anyhow::Result<()> {
        if self.gone.is_empty() && self.listed.is_empty() {
            return Ok(());
        }
        let mut writer = store.write(&mut |waiting| session.say_waiting(&waiting))?;
        for spec in &self.listed {
            writer.register_source(&spec.key(), &serde_json::to_string(spec)?)?;
        }
        for key in &self.gone {
            let removed = writer.drop_source(key)?;
            web::forget(session, key);
            session.console.note(&format!("{key}: gone, and {} of it removed", many(removed, "post")));
        }
        Ok(())
    }
}

fn read(spec: &Spec, args: &Index) -> anyhow::Result<Source> {
    let read = read_source(spec, LinkWords::Keep)?;
    let source = Source { key: spec.key(), spec: spec.clone(), read, missing: Missing::InDoubtWhereFaulty };
    refuse_faults(&source, args).map(|()| source)
}

fn refuse_faults(source: &Source, args: &Index) -> anyhow::Result<()> {
    let report = &source.read.report;
    if args.strict && report.faults > 0 {
        let first = report.skipped.first.iter().find(|skip| skip.what.is_fault());
        let first = first.map(|skip| format!(", the first at {skip}")).unwrap_or_default();
        anyhow::bail!("{}{first}; nothing was changed (--strict)", many(report.faults, "bad record"));
    }
    Ok(())
}

/// Reads a source as `spec` says.
pub(super) fn read_source(spec: &Spec, link_words: LinkWords) -> anyhow::Result<Read> {
    if web::is_url(&spec.path) {
        let url = spec.path.display();
        return Err(Usage::new(format!("{url}: only `index` fetches; download it and name the file")).into());
    }
    let options = ReadOptions { link_words, ..read_options(spec)? };
    Ok(if spec.path == Path::new("-") {
        read_stream(std::io::stdin().lock().by_ref(), "-", &options)?
    } else {
        read_path(&spec.path, &options)?
    })
}

/// Reads records that are at hand as text.
pub(super) fn read_text(text: &str, name: &str) -> anyhow::Result<Source> {
    let spec = Spec::of_stdin();
    let read = read_stream(text.as_bytes(), name, &read_options(&spec)?)?;
    Ok(Source { key: SourceKey::new(name), spec, read, missing: Missing::InDoubtWhereFaulty })
}

/// When posts that a source no longer has are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GoneRule {
    /// When records could not be read, or the source is empty now.
    KeepWhenInDoubt,
    /// Never.
    Prune,
}

fn gone_rule(args: &Index) -> GoneRule {
    if args.prune { GoneRule::Prune } else { GoneRule::KeepWhenInDoubt }
}

/// Stores and embeds all sources; returns what that did, all of them together.
pub(super) fn store_all(
    session: &Session<'_>,
    store: &mut Store,
    sources: &[Source],
    embedder: &dyn Embedder,
    rule: GoneRule,
) -> anyhow::Result<Indexed> {
    let mut writer = store.write(&mut |waiting| session.say_waiting(&waiting))?;
    for damaged in writer.repair()? {
        session.console.warn(&damaged.to_string());
    }
    store_report::say_change_of_space(session.console, &writer, embedder)?;
    let mut all_done = Vec::new();
    for source in sources {
        all_done.push(store_one(session, &mut writer, source, embedder, rule)?);
    }
    // A post that moved from a later source to an earlier one was refused while the later one still held its id.
    if all_done.iter().any(|done| done.removed > 0) {
        for (source, done) in sources.iter().zip(&mut all_done).filter(|(_, done)| !done.taken.is_empty()) {
            let again = store_one(session, &mut writer, source, embedder, rule)?;
            done.added += again.added;
            done.embedded += again.embedded;
            done.taken = again.taken;
        }
    }
    for (source, done) in sources.iter().zip(&all_done) {
        store_report::say_done(session.console, &source.key, done, source.missing);
        writer.add_provenance(&provenance(&source.key, done, embedder))?;
    }
    let done = session
        .console
        .with_bar("embedding", Unit::Posts, |progress| complete_space(&mut writer, embedder, progress))?;
    if done.embedded > 0 {
        let embedded = many(done.embedded, "post");
        session.console.note(&format!("{embedded} stored before embedded again"));
    }
    Ok(all_done.into_iter().fold(done, Indexed::and))
}

fn store_one(
    session: &Session<'_>,
    writer: &mut Writer<'_>,
    source: &Source,
    embedder: &dyn Embedder,
    rule: GoneRule,
) -> anyhow::Result<Indexed> {
    let posts: &[Post] = &source.read.posts;
    let held = Held { posts, links: &source.read.links, wishes: &source.read.wishes };
    let in_doubt = match source.missing {
        Missing::InDoubt => true,
        Missing::InDoubtWhereFaulty => source.read.report.faults > 0 || posts.is_empty(),
        Missing::Gone => posts.is_empty(),
        Missing::OutOfWindow => false,
    };
    let keeps_doubtful = in_doubt && rule == GoneRule::KeepWhenInDoubt;
    // A folder's post whose file is gone is gone, whatever is wrong with its neighbors.
    let by_file = keeps_doubtful && !posts.is_empty() && source.spec.path.is_dir();
    let paths = if by_file { paths_of_stored(writer)? } else { HashMap::new() };
    let has_no_file = |id: &PostId| {
        let path = paths.get(id).map(|path| source.spec.path.join(path));
        path.is_some_and(|path| !path.exists())
    };
    let gone = if by_file {
        Gone::RemoveIf(&has_no_file)
    } else if keeps_doubtful || source.missing == Missing::OutOfWindow {
        Gone::Keep
    } else {
        Gone::Remove
    };
    writer.register_source(&source.key, &serde_json::to_string(&source.spec)?)?;
    let done = session.console.with_bar("embedding", Unit::Posts, |progress| {
        index_source(writer, &source.key, held, gone, embedder, progress)
    });
    Ok(done?)
}

fn paths_of_stored(writer: &Writer<'_>) -> anyhow::Result<HashMap<PostId, String>> {
    let posts = writer.posts()?.items;
    Ok(posts.into_iter().filter_map(|post| Some((post.id, post.path?))).collect())
}

fn provenance(key: &SourceKey, done: &Indexed, embedder: &dyn Embedder) -> Provenance {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Provenance {
        source: key.clone(),
        at: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        space_key: space_of(embedder).key(),
        added: count(done.added),
        changed: count(done.changed),
        removed: count(done.removed),
        unchanged: count(done.unchanged),
    }
}
