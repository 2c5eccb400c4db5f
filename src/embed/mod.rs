//! What does a text mean? Texts to unit vectors under one named model.
//!
//! ```no_run
//! use nextread::embed::{self, OpenOptions};
//!
//! let folder = std::path::Path::new("models/all-MiniLM-L6-v2");
//! let embedder = embed::open(folder, &OpenOptions::default())?;
//! let embeddings = embedder.embed(&["a post about queues", "a post about backpressure"])?;
//! assert_eq!(embeddings.view().dim(), (2, 384));
//! # Ok::<(), nextread::embed::EmbedError>(())
//! ```

use std::path::{Path, PathBuf};

use crate::embeddings::{Embeddings, EmbeddingsError, Space};

mod batches;
mod candle;
mod device;
mod encoder;
mod folder;
mod options;
mod packed;
mod pipeline;
mod pooling;
mod windows;
mod wordpiece;

use folder::ModelFolder;

pub use candle::CandleEmbedder;
pub use device::{BatchSize, Device};
pub use options::{Engine, OpenOptions};
pub use packed::PackedEmbedder;
pub use pooling::Pooling;

/// Turns texts into unit vectors of one [`Space`].
///
/// Two implementations: the packed encoder on a processor, and candle for GPUs and for models that the packed one does
/// not know.
pub trait Embedder {
    /// Returns the space that the vectors belong to.
    fn space(&self) -> &Space;

    /// Tells what the model runs on.
    fn engine(&self) -> &Engine;

    /// Embeds `texts` and tells `progress` when they are cut into word pieces, and after each batch.
    ///
    /// Rows come in the order of `texts`, whatever the order of the work. Empty and blank texts have a vector too
    /// (that of the model's two special tokens).
    ///
    /// # Errors
    /// The tokenizer or the model failed; a vector that is not finite never leaves.
    fn embed_with(&self, texts: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<Embedded, EmbedError>;

    /// Embeds `texts`: `texts.len() × dimension`, in input order.
    ///
    /// # Errors
    /// As [`Embedder::embed_with`].
    fn embed(&self, texts: &[&str]) -> Result<Embeddings, EmbedError> {
        Ok(self.embed_with(texts, &mut |_| ())?.embeddings)
    }
}

/// Opens the sentence-transformer in `folder`: on a processor packed, where the packed encoder knows the model, else by
/// candle; [`Embedder::engine`] says which it is, and why.
///
/// # Errors
/// As [`CandleEmbedder::open`].
pub fn open(folder: &Path, options: &OpenOptions) -> Result<Box<dyn Embedder + Send + Sync>, EmbedError> {
    let opened = options.device.open(options.precision)?;
    let by_candle = || CandleEmbedder::load(&ModelFolder::read(folder)?, &opened, options);
    if opened.device != Device::Cpu {
        return Ok(Box::new(by_candle()?));
    }
    match PackedEmbedder::open(folder, options) {
        Err(EmbedError::NotPacked { reason, .. }) => Ok(Box::new(by_candle()?.because(reason))),
        embedder => Ok(Box::new(embedder?.because(opened.why_no_gpu))),
    }
}

/// How far a call of [`Embedder::embed_with`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Texts that are done.
    pub texts: usize,
    /// Word pieces that are done, special tokens included.
    pub tokens: usize,
}

/// Vectors and what was done to long texts to get them.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// `texts × dimension`.
    pub embeddings: Embeddings,
    /// Word pieces a text, special tokens of every window included.
    pub tokens: Vec<usize>,
    /// Windows a text was cut into; 1 when it fitted.
    pub windows: Vec<usize>,
    /// Whether a text lost its end to truncation.
    pub truncated: Vec<bool>,
}

/// Says why a model cannot be opened or a text cannot be embedded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// A file of the model folder is not there.
    #[error("{}: no such file; a sentence-transformer folder has one, run `nextread model verify`", path.display())]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// The folder holds its weights as a pickle only, which can run code when opened.
    #[error("{}: weights in pickle files are never opened; use a revision with model.safetensors", path.display())]
    Pickle {
        /// The pickle file.
        path: PathBuf,
    },
    /// A file is there and cannot be read.
    #[error("{}: cannot be read: {source}; check its permissions", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A configuration file is not the JSON that it should be.
    #[error("{}:{}: {source}; run `nextread model verify`", path.display(), source.line())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// The folder asks for something that this encoder does not do.
    #[error("{}: {thing} \"{found}\" is not supported; supported: {supported}", path.display())]
    Unsupported {
        /// The file that asks for it.
        path: PathBuf,
        /// What kind of thing it is, such as "module" or "pooling".
        thing: &'static str,
        /// What the file says.
        found: String,
        /// What would be understood.
        supported: &'static str,
    },
    /// A number in the folder contradicts another one.
    #[error("{}: {key} is {found} but must be {expected}; use the model's folder as it was published", path.display())]
    Contradiction {
        /// The file.
        path: PathBuf,
        /// The key in it.
        key: &'static str,
        /// Its value.
        found: usize,
        /// What it must be.
        expected: String,
    },
    /// The tokenizer could not be built from its file.
    #[error("{}: not a usable tokenizer: {source}; run `nextread model verify`", path.display())]
    Tokenizer {
        /// The tokenizer's file.
        path: PathBuf,
        /// What the tokenizer library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A text could not be cut into word pieces.
    #[error("text {text} cannot be cut into word pieces: {source}")]
    Tokenize {
        /// The position of the text in the call, from 0.
        text: usize,
        /// What the tokenizer library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The weights do not fit the configuration, or are damaged.
    #[error("{}: not the weights of this model: {source}; run `nextread model verify`", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The packed encoder does not know the model; candle may.
    #[error("{}: not for the packed encoder: {reason}", path.display())]
    NotPacked {
        /// The model's folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The tokenizer made a word piece that the weights have no vector for.
    #[error("the tokenizer and the weights are of different models; run `nextread model verify`")]
    UnknownWordPiece,
    /// The device was asked for, but this program was built without it.
    #[error("this nextread was built without {name}; build with --features {feature} or use --device cpu")]
    NotBuiltIn {
        /// The device's name.
        name: &'static str,
        /// The cargo feature that builds it in.
        feature: &'static str,
    },
    /// The device is built in and cannot be used.
    #[error("{name} cannot be used: {source}; use --device cpu")]
    DeviceFailed {
        /// The device's name.
        name: &'static str,
        /// What candle said.
        source: candle_core::Error,
    },
    /// The worker threads could not be started.
    #[error("cannot start worker threads: {0}; lower --threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The computation failed.
    #[error("the encoder failed: {0}; if memory ran out, lower the batch size")]
    Compute(#[from] candle_core::Error),
    /// The model gave numbers that are no direction (NaN, infinite or zero).
    #[error("the model gave no usable vector: {0}; run `nextread model verify`")]
    Vector(#[from] EmbeddingsError),
}
