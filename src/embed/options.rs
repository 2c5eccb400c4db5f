//! How is a model opened, and what came of it?

use std::fmt;
use std::num::NonZeroUsize;

use super::folder::ModelFolder;
use super::{BatchSize, Device};
use crate::embeddings::{LongTexts, Precision, Space};
use crate::similarity::Isa;

/// How a model is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// The model's name, such as `all-MiniLM-L6-v2`.
    pub name: String,
    /// The model's revision; empty for a folder of unknown origin.
    pub revision: String,
    /// SHA-256 of the weights, lower-case hexadecimal, as whoever fetched or verified them knows it.
    pub weights_sha256: String,
    /// Where to run.
    pub device: Device,
    /// How near the vectors come to those of the model in floats.
    pub precision: Precision,
    /// What happens to texts above the model's limit.
    pub long_texts: LongTexts,
    /// How much runs together.
    pub batch: BatchSize,
    /// Threads on a processor; each runs whole batches, and the vectors do not depend on their number.
    pub threads: NonZeroUsize,
    /// The fastest instruction set that the packed encoder may use; none for the best that the processor has.
    pub fastest: Option<Isa>,
}

impl Default for OpenOptions {
    /// No name, the processor with its best instructions, windows, as many threads as the machine runs at once.
    fn default() -> OpenOptions {
        OpenOptions {
            name: String::new(),
            revision: String::new(),
            weights_sha256: String::new(),
            device: Device::Cpu,
            precision: Precision::default(),
            long_texts: LongTexts::Windows,
            batch: BatchSize::ByDevice,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            fastest: None,
        }
    }
}

impl OpenOptions {
    /// Returns the space of the vectors that `model` makes in a precision.
    pub(super) fn space(&self, model: &ModelFolder, precision: Precision) -> Space {
        Space {
            model: self.name.clone(),
            revision: self.revision.clone(),
            sha256: self.weights_sha256.clone(),
            dimension: model.config.hidden_size,
            pooling: model.pooling.as_str().to_owned(),
            long_texts: self.long_texts,
            precision,
        }
    }
}

/// What a model runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The packed encoder, on the processor.
    Packed {
        /// The instructions that its kernels use.
        isa: Isa,
        /// The numbers that its products are made of, such as `8-bit integers`.
        arithmetic: &'static str,
        /// Why it is not the GPU that [`Device::Auto`] looked for.
        reason: Option<String>,
    },
    /// candle, in floats of 32 bits.
    Candle {
        /// Where; never [`Device::Auto`].
        device: Device,
        /// Why it is not the packed encoder, where that was to be expected.
        reason: Option<String>,
    },
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Engine::Packed { isa, arithmetic, .. } => {
                write!(f, "cpu, packed encoder, {arithmetic}, {}", isa.as_str())?;
            }
            Engine::Candle { device, .. } => write!(f, "{}, candle, 32-bit floats", device.as_str())?,
        }
        match self {
            Engine::Packed { reason: Some(reason), .. } | Engine::Candle { reason: Some(reason), .. } => {
                write!(f, ", because {reason}")
            }
            _ => Ok(()),
        }
    }
}
