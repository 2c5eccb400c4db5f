//! How is a source read? What was typed, and what is kept with the source so that `nextread index` alone reads it again.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::args::Index;
use super::errors::Usage;
use super::session::Session;
use super::web;
use crate::post::PostDate;
use crate::sources::{Drafts, Expired, FieldMap, Future, MissingTitles, ReadOptions, SiteKind, SiteRule, SourceName};
use crate::store::SourceKey;

/// How a source was read, kept with it so that `nextread index` alone reads it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Spec {
    pub(super) path: PathBuf,
    map: Option<String>,
    source: Option<String>,
    id_prefix: Option<String>,
    title_from_heading: bool,
    drafts: bool,
    future: bool,
    /// Hosts that this source may be fetched from though they are not public, if it lies there.
    pub(super) allow_private: Vec<String>,
    /// The most pages of a sitemap.
    pub(super) pages: Option<u32>,
    pub(super) full_text: bool,
    expired: bool,
    site_kind: Option<String>,
    #[serde(skip)]
    pub(super) named_by: NamedBy,
}

/// Who named a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum NamedBy {
    #[default]
    User,
    /// A list of feeds; one that fails at first is a source all the same.
    List,
}

impl Spec {
    /// Says how text is read that comes from nowhere in particular.
    pub(super) fn of_stdin() -> Spec {
        Spec { path: PathBuf::from("-"), ..Spec::default() }
    }

    /// Says how a folder or file is read that is only measured: what has no title is called by its heading.
    pub(super) fn to_measure(path: &Path) -> Spec {
        Spec { path: path.to_owned(), title_from_heading: true, ..Spec::default() }
    }

    /// Says how a file is read that is not indexed: it may be a draft, and lie where its site has no posts.
    pub(super) fn of_draft(path: &Path) -> Spec {
        let site_kind = Some(SiteKind::Plain.as_str().to_owned());
        Spec { drafts: true, future: true, expired: true, site_kind, ..Spec::to_measure(path) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says how a feed is read that a list at this place names.
    pub(super) fn of(&self, path: PathBuf) -> Spec {
        Spec { path, named_by: NamedBy::List, ..self.clone() }
    }

    pub(super) fn key(&self) -> SourceKey {
        match (&self.source, self.path == Path::new("-")) {
            (Some(name), true) => SourceKey::new(format!("-:{name}")),
            _ => SourceKey::new(self.path.display().to_string()),
        }
    }
}

pub(super) fn specs_of_paths(session: &Session<'_>, args: &Index) -> anyhow::Result<Vec<Spec>> {
    let mut specs: Vec<Spec> = Vec::new();
    let mut known: HashSet<PathBuf> = HashSet::new();
    for (path, named_by) in &paths(session, args)? {
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
            allow_private: args.allow_private.clone(),
            pages: args.pages,
            full_text: args.full_text,
            named_by: *named_by,
            expired: args.expired,
            site_kind: args.site_kind.clone(),
        };
        if known.insert(spec.path.clone()) {
            specs.push(spec);
        }
    }
    Ok(specs)
}

/// Returns what was typed, URLs in one form and lists of feeds as what they list.
fn paths(session: &Session<'_>, args: &Index) -> anyhow::Result<Vec<(PathBuf, NamedBy)>> {
    let mut paths = Vec::new();
    for path in &args.paths {
        if web::is_url(path) {
            paths.push((web::same_url(path)?, NamedBy::User));
        } else if let Some(feeds) = web::feeds_of_file(session.console, path)? {
            paths.extend(feeds.into_iter().map(|feed| (feed, NamedBy::List)));
        } else {
            paths.push((path.clone(), NamedBy::User));
        }
    }
    Ok(paths)
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

pub(super) fn read_options(spec: &Spec) -> anyhow::Result<ReadOptions> {
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
    if spec.expired {
        options.expired = Expired::Include;
    }
    if let Some(kind) = spec.site_kind.as_deref().and_then(SiteKind::parse) {
        options.site = SiteRule::Is(kind);
    }
    Ok(options)
}
