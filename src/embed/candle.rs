//! How is a sentence-transformer run? With candle, on the processor or a GPU.

use std::borrow::Cow;
use std::path::Path;

use candle_core::DType;
use candle_nn::VarBuilder;

use super::device::{Device, Opened};
use super::encoder::Encoder;
use super::folder::{self, ModelFolder};
use super::pipeline::{Encode, Pipeline};
use super::windows::WordPieces;
use super::{EmbedError, Embedded, Embedder, Engine, OpenOptions, Progress};
use crate::embeddings::{Precision, Space};

/// A BERT-family sentence-transformer, run by candle in floats of 32 bits.
pub struct CandleEmbedder {
    engine: Engine,
    pipeline: Pipeline<Encoder>,
}

impl CandleEmbedder {
    /// Opens the sentence-transformer in `folder`, whatever precision is asked for: this one computes in floats.
    ///
    /// `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json` and `config.json` decide what is
    /// computed. Weights are read into memory, never mapped; pickle files are never opened.
    ///
    /// # Errors
    /// A file is missing or damaged, the folder asks for a module, model type or pooling that is not supported, or the
    /// device is not built in or not there.
    pub fn open(folder: &Path, options: &OpenOptions) -> Result<CandleEmbedder, EmbedError> {
        let model = ModelFolder::read(folder)?;
        CandleEmbedder::load(&model, &options.device.open(Precision::Exact)?, options)
    }

    /// Loads a model to a device that is open already.
    pub(super) fn load(
        model: &ModelFolder,
        opened: &Opened,
        options: &OpenOptions,
    ) -> Result<CandleEmbedder, EmbedError> {
        let pieces = WordPieces::open(model)?;
        let encoder = load_encoder(model, &opened.candle)?;
        let device = opened.device;
        let batch_tokens = match device {
            Device::Cpu => options.batch.of_processor(),
            _ => {
                options.batch.of_gpu(super::device::free_memory(&opened.candle), Encoder::bytes_of_token(&model.config))
            }
        };
        let n_workers = if device == Device::Cpu { options.threads.get() } else { 1 };
        let worker = || rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let workers = (0..n_workers).map(|_| worker()).collect::<Result<_, _>>()?;
        let space = options.space(model, Precision::Exact);
        Ok(CandleEmbedder {
            engine: Engine::Candle { device, reason: opened.why_no_gpu.clone() },
            pipeline: Pipeline::new(space, pieces, encoder, model.pooling, batch_tokens, options.threads, workers),
        })
    }

    /// Says why this is not the packed encoder.
    pub(super) fn because(mut self, why: String) -> CandleEmbedder {
        if let Engine::Candle { reason, .. } = &mut self.engine {
            *reason = Some(why);
        }
        self
    }
}

impl Encode for Encoder {
    /// A pool of one thread: candle's operations split their work over the pool that they run in, and whole batches
    /// side by side are faster than batches that are split again and again.
    type Scratch = rayon::ThreadPool;

    fn encode<'s>(
        &self,
        sequences: &[&[u32]],
        worker: &'s mut rayon::ThreadPool,
    ) -> Result<Cow<'s, [f32]>, EmbedError> {
        Ok(Cow::Owned(worker.install(|| self.forward(sequences)?.flatten_all()?.to_vec1::<f32>())?))
    }
}

impl Embedder for CandleEmbedder {
    fn space(&self) -> &Space {
        &self.pipeline.space
    }

    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn embed_with(&self, texts: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<Embedded, EmbedError> {
        self.pipeline.embed(texts, progress)
    }
}

fn load_encoder(model: &ModelFolder, device: &candle_core::Device) -> Result<Encoder, EmbedError> {
    let bytes = folder::read(&model.weights)?;
    let broken =
        |source: candle_core::Error| EmbedError::Weights { path: model.weights.clone(), source: Box::new(source) };
    let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, device).map_err(broken)?;
    let encoder = Encoder::load(&weights, &model.config).map_err(broken)?;
    // On CUDA every thread has a stream of its own: what this one began must have ended before a worker reads it.
    device.synchronize()?;
    Ok(encoder)
}
