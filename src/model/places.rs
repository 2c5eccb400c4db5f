//! Where on this machine may a model lie? Looked at in order, without reading more than names.

use std::fmt;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, WEIGHTS};
use super::options::Options;

/// Where a model's folder came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// `--model PATH`.
    Given,
    /// `NEXTREAD_MODEL_DIR`.
    Environment,
    /// `models/<name>/` in the current folder or one above it.
    Project,
    /// Our own cache folder.
    Cache,
    /// The cache that Hugging Face's own tools keep.
    HubCache,
    /// Fetched from the hub just now.
    Hub,
    /// Fetched from the mirror just now.
    Mirror,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Given => "--model",
            Origin::Environment => "NEXTREAD_MODEL_DIR",
            Origin::Project => "the project's models folder",
            Origin::Cache => "the cache",
            Origin::HubCache => "the Hugging Face cache",
            Origin::Hub => "the hub",
            Origin::Mirror => "the mirror",
        })
    }
}

/// A folder where a known model may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What kind of place it is.
    pub origin: Origin,
    /// The folder itself.
    pub path: PathBuf,
    /// What is there, judged by names alone.
    pub state: PlaceState,
}

/// What lies at a [`Place`], judged by names alone: contents are checked before use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceState {
    /// Nothing of the model.
    Absent,
    /// Only some of its files, in a cache that others fill as they need; not used.
    Incomplete {
        /// The files that are not there.
        missing: Vec<String>,
    },
    /// The model, or something in its place.
    Present,
}

/// Returns the places of a known model in the order in which they are tried.
pub(super) fn places(options: &Options, manifest: &Manifest) -> Vec<Place> {
    let mut found = vec![project(&options.start, manifest)];
    if let Some(cache) = &options.cache {
        let path = cache.join(&manifest.name).join(&manifest.revision);
        let state = if path.exists() { PlaceState::Present } else { PlaceState::Absent };
        found.push(Place { origin: Origin::Cache, path, state });
    }
    if let Some(hub_cache) = &options.hub_cache {
        found.push(snapshot(hub_cache, manifest));
    }
    found
}

fn project(start: &Path, manifest: &Manifest) -> Place {
    let in_folder = |folder: &Path| folder.join("models").join(&manifest.name);
    let found = start.ancestors().map(in_folder).find(|path| path.join(WEIGHTS).is_file());
    let state = if found.is_some() { PlaceState::Present } else { PlaceState::Absent };
    Place { origin: Origin::Project, path: found.unwrap_or_else(|| in_folder(start)), state }
}

fn snapshot(hub_cache: &Path, manifest: &Manifest) -> Place {
    let repository = format!("models--{}", manifest.repository.replace('/', "--"));
    let path = hub_cache.join(repository).join("snapshots").join(&manifest.revision);
    let there = |name: &str| path.join(name).is_file();
    let names = manifest.files.iter().map(|file| file.name.clone());
    let missing: Vec<String> = names.filter(|name| !there(name)).collect();
    let state = match missing.len() {
        0 => PlaceState::Present,
        count if count == manifest.files.len() => PlaceState::Absent,
        _ => PlaceState::Incomplete { missing },
    };
    Place { origin: Origin::HubCache, path, state }
}
