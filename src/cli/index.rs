//! Index: read posts, embed what is new or changed, drop what is gone.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::args::Index;
use super::console::Unit;
use super::errors::{self, Usage};
use super::session::Session;
use super::words::many;
use super::{read_report, store_report};
use crate::embed::Embedder;
use crate::embeddings::LongTexts;
use crate::post::{Post, PostDate, PostId};
use crate::recommender::{Gone, Held, Indexed, complete_space, index_source, space_of};
use crate::sources::{
    Drafts, FieldMap, Future, LinkWords, MissingTitles, Read, ReadOptions, SourceError, SourceName, read_path,
    read_stream,
};
use crate::store::{Provenance, SourceKey, Store, Writer};

/// How a source was read, kept with it so that `nextread index` alone reads it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Spec {
    path: PathBuf,
    map: Option<String>,
    source: Option<String>,
    id_prefix: Option<String>,
    title_from_heading: bool,
    drafts: bool,
    future: bool,
}

/// A source, read.
pub(super) struct Source {
    pub(super) key: SourceKey,
    pub(super) spec: Spec,
    pub(super) read: Read,
}

/// A model that stays open from one indexing to the next.
pub(super) type OpenModel = Option<Box<dyn Embedder + Send + Sync>>;

pub(super) fn run(session: &Session<'_>, args: &Index) -> anyhow::Result<()> {
    bring_up_to_date(session, args, &specs(session, args)?, &mut None).map(drop)
}

/// Returns how to read what was typed, or else every source that was indexed before.
pub(super) fn specs(session: &Session<'_>, args: &Index) -> anyhow::Result<Vec<Spec>> {
    if !args.paths.is_empty() {
        return specs_of_paths(args);
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
) -> anyhow::Result<Indexed> {
    let mut sources = Vec::new();
    let mut unread = Unread::default();
    for spec in specs {
        match read(spec, args) {
            Ok(source) => {
                read_report::say(session.console, &source.read.report, source.read.posts.len(), &source.spec.path);
                sources.push(source);
            }
            // What was indexed before is known to be a source; that one of them fails must not hold up the others.
            Err(fault) if args.paths.is_empty() && !args.strict => unread.add(session, spec, &fault, gone_rule(args)),
            Err(fault) => return Err(fault),
        }
    }
    refuse_nothing(session, &sources)?;
    let long_texts = if args.truncate { LongTexts::Truncate } else { session.long_texts() };
    // Posts that nobody can store must not cost a download: the store comes before the model.
    let mut store = session.open_or_create_store()?;
    let embedder = match model.take() {
        Some(open) => open,
        None => session.embedder(long_texts)?,
    };
    let embedder = &**model.insert(embedder);
    unread.drop_gone(session, &mut store)?;
    let done = store_all(session, &mut store, &sources, embedder, gone_rule(args))?;
    session.keep_graph(&store)?;
    anyhow::ensure!(
        unread.kept == 0,
        "{} could not be read; their posts are kept, the other sources are up to date",
        many(unread.kept, "source")
    );
    Ok(done)
}

/// Nothing to store is no reason to make a store, and a failure where every record was bad.
fn refuse_nothing(session: &Session<'_>, sources: &[Source]) -> anyhow::Result<()> {
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
    let is_new = session.store_folder().is_none_or(|folder| !folder.exists());
    anyhow::ensure!(!is_new, "there is nothing to index; name a folder of Markdown, a feed or a JSONL file with posts");
    Ok(())
}

/// Sources that were indexed before and cannot be read now.
#[derive(Default)]
struct Unread {
    gone: Vec<SourceKey>,
    kept: usize,
}

impl Unread {
    fn add(&mut self, session: &Session<'_>, spec: &Spec, fault: &anyhow::Error, rule: GoneRule) {
        let is_gone = matches!(fault.downcast_ref(), Some(SourceError::NotFound { .. }));
        if is_gone && rule == GoneRule::Prune {
            self.gone.push(spec.key());
            return;
        }
        let remedy = if is_gone { "; or forget it with --prune" } else { "" };
        session.console.warn(&format!("{}{remedy}", errors::say(fault)));
        self.kept += 1;
    }

    fn drop_gone(&self, session: &Session<'_>, store: &mut Store) -> anyhow::Result<()> {
        if self.gone.is_empty() {
            return Ok(());
        }
        let mut writer = store.write(&mut |waiting| session.say_waiting(&waiting))?;
        for key in &self.gone {
            let removed = writer.drop_source(key)?;
            session.console.note(&format!("{key}: gone, and {} of it removed", many(removed, "post")));
        }
        Ok(())
    }
}

impl Spec {
    /// Says how a folder or file is read that is only measured: what has no title is called by its heading.
    pub(super) fn to_measure(path: &Path) -> Spec {
        Spec { path: path.to_owned(), title_from_heading: true, ..Spec::default() }
    }

    /// Says how a file is read that is not indexed: it may be a draft.
    pub(super) fn of_draft(path: &Path) -> Spec {
        Spec { drafts: true, future: true, ..Spec::to_measure(path) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn key(&self) -> SourceKey {
        match (&self.source, self.path == Path::new("-")) {
            (Some(name), true) => SourceKey::new(format!("-:{name}")),
            _ => SourceKey::new(self.path.display().to_string()),
        }
    }
}

fn specs_of_paths(args: &Index) -> anyhow::Result<Vec<Spec>> {
    let mut specs: Vec<Spec> = Vec::new();
    for path in &args.paths {
        let is_stdin = path == Path::new("-");
        // One that cannot be found is named as it was typed when it cannot be read.
        let whole = if is_stdin { None } else { path.canonicalize().ok() };
        if whole.as_ref().unwrap_or(path).to_str().is_none() {
            return Err(
                Usage::new(format!("{}: the path is not UTF-8; rename the file or folder", path.display())).into()
            );
        }
        let spec = Spec {
            path: whole.unwrap_or_else(|| path.clone()),
            map: args.map.clone(),
            source: args.source.clone(),
            id_prefix: args.id_prefix.clone(),
            title_from_heading: args.title_from_heading,
            drafts: args.drafts,
            future: args.future,
        };
        if !specs.contains(&spec) {
            specs.push(spec);
        }
    }
    Ok(specs)
}

/// Returns how every source of the store was read; those from stdin are named and left out.
pub(super) fn specs_of_store(session: &Session<'_>) -> anyhow::Result<Vec<Spec>> {
    let no_source = || Usage::new("nothing was indexed yet; name a folder or file, as in `nextread index content/`");
    if session.store_folder().is_none() {
        return Err(no_source().into());
    }
    let sources = session.open_store()?.sources()?;
    sources.damaged.iter().for_each(|damaged| session.console.warn(&damaged.to_string()));
    let mut specs = Vec::new();
    for source in &sources.items {
        let spec: Spec = serde_json::from_str(&source.spec)
            .with_context(|| format!("the store's note on {} cannot be read; index it by its path", source.key))?;
        if spec.path == Path::new("-") {
            session.console.note(&format!("{} came from stdin and is left as it is", source.key));
        } else {
            specs.push(spec);
        }
    }
    if sources.items.is_empty() {
        return Err(no_source().into());
    }
    Ok(specs)
}

fn read(spec: &Spec, args: &Index) -> anyhow::Result<Source> {
    let read = read_source(spec, LinkWords::Keep)?;
    let faults = read.report.faults;
    if args.strict && faults > 0 {
        let first = read.report.skipped.first.iter().find(|skip| skip.what.is_fault());
        let first = first.map(|skip| format!(", the first at {skip}")).unwrap_or_default();
        anyhow::bail!("{}{first}; nothing was changed (--strict)", many(faults, "bad record"));
    }
    Ok(Source { key: spec.key(), spec: spec.clone(), read })
}

/// Reads a source as `spec` says.
pub(super) fn read_source(spec: &Spec, link_words: LinkWords) -> anyhow::Result<Read> {
    if spec.path.to_string_lossy().contains("://") {
        let url = spec.path.display();
        return Err(Usage::new(format!("{url}: URLs are not fetched; download it and index the file")).into());
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
    let spec = Spec { path: PathBuf::from("-"), ..Spec::default() };
    let read = read_stream(text.as_bytes(), name, &read_options(&spec)?)?;
    Ok(Source { key: SourceKey::new(name), spec, read })
}

fn read_options(spec: &Spec) -> anyhow::Result<ReadOptions> {
    let today = chrono::Local::now().date_naive();
    let today = PostDate::new(today.year(), Some(today.month()), Some(today.day())).context("the clock is off")?;
    let mut options = ReadOptions::new(today);
    if let Some(map) = &spec.map {
        options.fields = FieldMap::parse(map).map_err(|fault| Usage::new(format!("--map: {fault}")))?;
    }
    if let Some(name) = &spec.source {
        options.source = SourceName::Named(name.clone());
    }
    options.id_prefix = spec.id_prefix.clone().unwrap_or_default();
    if spec.title_from_heading {
        options.titles = MissingTitles::FromHeading;
    }
    if spec.drafts {
        options.drafts = Drafts::Include;
    }
    if spec.future {
        options.future = Future::Include;
    }
    Ok(options)
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
        store_report::say_done(session.console, &source.key, done);
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
    let held = Held { posts, links: &source.read.links };
    let in_doubt = source.read.report.faults > 0 || posts.is_empty();
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
    } else if keeps_doubtful {
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
