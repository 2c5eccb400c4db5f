//! What can go wrong between asking for a model and having it.

use std::fmt;
use std::path::PathBuf;

use super::hub::HubError;
use super::manifest::{ManifestError, WEIGHTS};
use super::mirror::MirrorError;
use super::places::{Origin, Place, PlaceState};
use super::verify::FileState;

/// Says why there is no model to use, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Neither a known model nor a folder.
    #[error(
        "no known model and no folder is called \"{wanted}\"; known models: {known}; or give a model folder's path"
    )]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The names that are known, with commas.
        known: String,
    },
    /// A folder was named and is none.
    #[error("{}: {origin} is no folder; give the folder that holds {WEIGHTS}", path.display())]
    NotAFolder {
        /// What was named.
        path: PathBuf,
        /// Who named it.
        origin: Origin,
    },
    /// A folder was named and lacks a file that every model has.
    #[error("{}: {origin} lacks {file}; give the folder of a sentence-transformers model in safetensors form", path.display())]
    Lacks {
        /// The folder.
        path: PathBuf,
        /// Who named it.
        origin: Origin,
        /// What is missing.
        file: &'static str,
    },
    /// A file is not what the manifest says.
    #[error("{}: {state}; {remedy}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        state: FileState,
        /// What to do.
        remedy: Remedy,
    },
    /// It is not on this machine, and nobody may fetch it.
    #[error(
        "model {name} is not on this machine and offline mode forbids fetching it; {looked_at}; run `nextread model pull {name}` with a network, or set NEXTREAD_MODEL_DIR to its folder"
    )]
    Offline {
        /// The model's name.
        name: String,
        /// Where it was looked for.
        looked_at: LookedAt,
    },
    /// It is not on this machine, and fetching was not asked for.
    #[error("model {name} is not on this machine; {looked_at}; run `nextread model pull {name}`")]
    Absent {
        /// The model's name.
        name: String,
        /// Where it was looked for.
        looked_at: LookedAt,
    },
    /// The system names no cache folder, so there is nowhere to put a model.
    #[error(
        "this user has no cache folder to put a model in; set HOME or XDG_CACHE_HOME, or NEXTREAD_MODEL_DIR to a model's folder"
    )]
    NoCacheFolder,
    /// Neither the hub nor the mirror gave it.
    #[error("model {name} could not be fetched; the hub: {hub}; the mirror: {mirror}; or put the files of {repository} at revision {revision} into {} by hand", folder.display())]
    Unreachable {
        /// The model's name.
        name: String,
        /// What the hub said.
        hub: Box<HubError>,
        /// What the mirror said.
        mirror: Box<MirrorError>,
        /// The repository on the hub.
        repository: String,
        /// The commit in it.
        revision: String,
        /// Where its files may be put by hand.
        folder: PathBuf,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}; check that you may read and write there", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The current folder cannot be told.
    #[error("the current folder cannot be told: {0}; change to a folder that exists")]
    CurrentFolder(#[source] std::io::Error),
}

/// What to do about a damaged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Fetching again puts it right.
    Pull {
        /// The model's name.
        name: String,
    },
    /// The folder comes before what could be fetched.
    Folder,
    /// The folder goes by a known model's name.
    Rename {
        /// The model's name.
        name: String,
    },
    /// It came damaged from where it was fetched.
    Again {
        /// Where it came from.
        from: Origin,
    },
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remedy::Pull { name } => write!(f, "run `nextread model pull {name}` to fetch it again"),
            Remedy::Folder => f.write_str("put the right file there or remove the folder"),
            Remedy::Rename { name } => {
                write!(f, "put the right file there; if this is another model than {name}, rename its folder")
            }
            Remedy::Again { from } => write!(f, "it came so from {from} and nothing was kept; try again later"),
        }
    }
}

/// The places where a model was looked for, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedAt(pub Vec<Place>);

impl fmt::Display for LookedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("looked at ")?;
        for (position, place) in self.0.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{}", place.path.display())?;
            if let PlaceState::Incomplete { missing } = &place.state {
                write!(f, " (lacks {})", missing.join(", "))?;
            }
            if place.origin == Origin::Project {
                f.write_str(" and the same in the folders above")?;
            }
        }
        Ok(())
    }
}
