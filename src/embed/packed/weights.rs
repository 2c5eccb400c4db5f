//! Where are a model's numbers in its file? Tensors of a safetensors file, read one at a time.
//!
//! The format: <https://huggingface.co/docs/safetensors>, eight bytes of length, a header in JSON, the tensors.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::embed::{EmbedError, folder};

/// Headers are some tens of kilobytes; a longer one is none.
const HEADER_BYTES_MAX: u64 = 100 << 20;

/// Says what is wrong with a file of weights.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("the header's length is {0} bytes, more than the file has")]
    Header(u64),
    #[error("there is no tensor {0}")]
    Missing(String),
    #[error("{name} is of the shape {found:?}, not {expected:?}")]
    Shape { name: String, found: Vec<usize>, expected: Vec<usize> },
    #[error("{name} is {bytes} bytes long, which does not fit its shape")]
    Length { name: String, bytes: u64 },
    #[error("{0} holds a number that is not finite")]
    NotFinite(String),
}

#[derive(Debug, Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

/// An open file of weights.
#[derive(Debug)]
pub(super) struct Weights {
    path: PathBuf,
    file: File,
    entries: HashMap<String, Entry>,
    /// Where the tensors begin.
    start: u64,
    /// What all names begin with: nothing, or `bert.`.
    prefix: &'static str,
}

impl Weights {
    /// Opens a file and reads its header.
    pub(super) fn open(path: &Path) -> Result<Weights, EmbedError> {
        let mut file = File::open(path).map_err(|source| folder::unreadable(path, source))?;
        let broken = |source| EmbedError::Weights { path: path.to_owned(), source };
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(|source| broken(source.into()))?;
        let length = u64::from_le_bytes(length);
        let all = file.metadata().map_err(|source| broken(source.into()))?.len();
        if length > HEADER_BYTES_MAX || length.saturating_add(8) > all {
            return Err(broken(Fault::Header(length).into()));
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header).map_err(|source| broken(source.into()))?;
        let mut values: HashMap<String, serde_json::Value> =
            serde_json::from_slice(&header).map_err(|source| broken(source.into()))?;
        values.remove("__metadata__");
        let entry = |(name, value)| Ok((name, serde_json::from_value(value)?));
        let entries: Result<HashMap<String, Entry>, serde_json::Error> = values.into_iter().map(entry).collect();
        let entries = entries.map_err(|source| broken(source.into()))?;
        let prefix = if entries.keys().any(|name| name.starts_with("bert.embeddings.")) { "bert." } else { "" };
        Ok(Weights { path: path.to_owned(), file, entries, start: 8 + length, prefix })
    }

    /// Returns the kind of numbers that a tensor other than of 32-bit floats has.
    pub(super) fn other_kind(&self) -> Option<&str> {
        self.entries.values().map(|entry| entry.dtype.as_str()).find(|kind| !matches!(*kind, "F32" | "I64"))
    }

    /// Tells whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&format!("{}{name}", self.prefix))
    }

    /// Reads a tensor, which must have this shape.
    pub(super) fn read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let name = format!("{}{name}", self.prefix);
        self.try_read(&name, shape).map_err(|source| EmbedError::Weights { path: self.path.clone(), source })
    }

    fn try_read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
        let entry = self.entries.get(name).ok_or_else(|| Fault::Missing(name.to_owned()))?;
        if entry.shape != shape {
            let (found, expected) = (entry.shape.clone(), shape.to_vec());
            return Err(Fault::Shape { name: name.to_owned(), found, expected }.into());
        }
        let count: usize = shape.iter().product();
        let [from, to] = entry.data_offsets;
        let bytes = to.saturating_sub(from);
        if bytes != 4 * count as u64 || self.file.metadata()?.len() < self.start.saturating_add(to) {
            return Err(Fault::Length { name: name.to_owned(), bytes }.into());
        }
        self.file.seek(SeekFrom::Start(self.start + from))?;
        let mut values = vec![0.0_f32; count];
        self.file.read_exact(bytemuck::cast_slice_mut(&mut values))?;
        if cfg!(target_endian = "big") {
            values.iter_mut().for_each(|value| *value = f32::from_bits(value.to_bits().swap_bytes()));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Fault::NotFinite(name.to_owned()).into());
        }
        Ok(values)
    }
}
