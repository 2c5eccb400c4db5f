//! How is a sentence-transformer run? With candle, on the processor or a GPU.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use candle_core::DType;
use candle_nn::VarBuilder;

use super::batches;
use super::device::{BatchSize, Device};
use super::encoder::Encoder;
use super::folder::{self, ModelFolder};
use super::pooling::{self, Pooling};
use super::windows::{CutTexts, Window, WordPieces};
use super::{EmbedError, Embedded, Embedder, Progress};
use crate::embeddings::{Embeddings, LongTexts, Space};

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
    /// What happens to texts above the model's limit.
    pub long_texts: LongTexts,
    /// How much runs together.
    pub batch: BatchSize,
    /// Threads on a processor; each runs whole batches, and the vectors do not depend on their number.
    pub threads: NonZeroUsize,
}

impl Default for OpenOptions {
    /// No name, the processor, windows, as many threads as the machine runs at once.
    fn default() -> OpenOptions {
        OpenOptions {
            name: String::new(),
            revision: String::new(),
            weights_sha256: String::new(),
            device: Device::Cpu,
            long_texts: LongTexts::Windows,
            batch: BatchSize::ByDevice,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

/// One vector a window.
type Vectors = Vec<Vec<f32>>;

/// A BERT-family sentence-transformer, loaded and ready.
pub struct CandleEmbedder {
    space: Space,
    device: Device,
    pieces: WordPieces,
    encoder: Encoder,
    pooling: Pooling,
    batch_tokens: NonZeroUsize,
    /// One single-threaded pool a worker: candle's operations split their work over the pool that they run in, and
    /// whole batches side by side are faster than batches that are split again and again.
    workers: Vec<rayon::ThreadPool>,
}

impl CandleEmbedder {
    /// Opens the sentence-transformer in `folder`.
    ///
    /// `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json` and `config.json` decide what is
    /// computed. Weights are read into memory, never mapped; pickle files are never opened.
    ///
    /// # Errors
    /// A file is missing or damaged, the folder asks for a module, model type or pooling that is not supported, or the
    /// device is not built in or not there.
    pub fn open(folder: &Path, options: &OpenOptions) -> Result<CandleEmbedder, EmbedError> {
        let model = ModelFolder::read(folder)?;
        let (device, candle_device) = options.device.open()?;
        let pieces = WordPieces::open(&model)?;
        let encoder = load_encoder(&model, &candle_device)?;
        let n_workers = if device == Device::Cpu { options.threads.get() } else { 1 };
        let worker = || rayon::ThreadPoolBuilder::new().num_threads(1).build();
        Ok(CandleEmbedder {
            space: Space {
                model: options.name.clone(),
                revision: options.revision.clone(),
                sha256: options.weights_sha256.clone(),
                dimension: model.config.hidden_size,
                pooling: model.pooling.as_str().to_owned(),
                long_texts: options.long_texts,
            },
            device,
            pieces,
            encoder,
            pooling: model.pooling,
            batch_tokens: options.batch.tokens(device),
            workers: (0..n_workers).map(|_| worker()).collect::<Result<_, _>>()?,
        })
    }

    /// Returns where the encoder runs: never [`Device::Auto`].
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }

    /// Embeds the windows of one batch; one unit vector a window.
    fn run(&self, windows: &[&Window]) -> Result<Vectors, EmbedError> {
        let sequences: Vec<&[u32]> = windows.iter().map(|window| window.ids.as_slice()).collect();
        let hidden = self.encoder.forward(&sequences)?.flatten_all()?.to_vec1::<f32>()?;
        let mut rest = hidden.as_slice();
        let mut vectors = Vec::with_capacity(windows.len());
        for sequence in sequences {
            let (own, others) = rest.split_at(sequence.len() * self.space.dimension);
            vectors.push(self.pooling.pool(own, self.space.dimension));
            rest = others;
        }
        Ok(vectors)
    }

    /// Runs every batch of `windows` and hands `done` each one's vectors, with the windows' positions.
    fn run_all(&self, windows: &[Window], mut done: impl FnMut(&[usize], Vectors)) -> Result<(), EmbedError> {
        let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
        let (order, batches) = batches::plan(&lengths, self.batch_tokens);
        let batches: Vec<&[usize]> = batches.into_iter().map(|batch| &order[batch]).collect();
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for worker in &self.workers {
                let (sender, next, batches) = (sender.clone(), &next, &batches);
                scope.spawn(move || {
                    while let Some(&batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let members: Vec<&Window> = batch.iter().map(|&position| &windows[position]).collect();
                        let vectors = worker.install(|| self.run(&members));
                        // A receiver that hung up has seen an error: the other batches need not run.
                        if sender.send((batch, vectors)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            receiver.into_iter().try_for_each(|(batch, vectors)| {
                done(batch, vectors?);
                Ok(())
            })
        })
    }

    /// Makes one row a text of the vectors of its windows.
    fn join(&self, cut: &CutTexts, vectors: &[Vec<f32>]) -> Result<Embeddings, EmbedError> {
        let dimension = self.space.dimension;
        let mut rows = Vec::with_capacity(cut.len() * dimension);
        for text in 0..cut.len() {
            match &vectors[cut.windows_of(text)] {
                [only] => rows.extend_from_slice(only),
                several => {
                    let pieces = cut.windows[cut.windows_of(text)].iter().map(|window| window.pieces);
                    rows.extend(pooling::weighted_sum(several.iter().map(Vec::as_slice).zip(pieces), dimension));
                }
            }
        }
        Ok(Embeddings::from_rows(dimension, rows)?)
    }
}

impl Embedder for CandleEmbedder {
    fn space(&self) -> &Space {
        &self.space
    }

    fn embed_with(&self, texts: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<Embedded, EmbedError> {
        let cut = self.pieces.cut_all(texts, self.space.long_texts)?;
        let owners = cut.owners();
        let mut open: Vec<usize> = (0..texts.len()).map(|text| cut.windows_of(text).len()).collect();
        let mut so_far = Progress { texts: 0, tokens: 0 };
        let mut vectors: Vectors = vec![Vec::new(); cut.windows.len()];
        self.run_all(&cut.windows, |batch, made| {
            for (&position, vector) in batch.iter().zip(made) {
                let left = &mut open[owners[position]];
                *left -= 1;
                so_far.texts += usize::from(*left == 0);
                so_far.tokens += cut.windows[position].ids.len();
                vectors[position] = vector;
            }
            progress(so_far);
        })?;
        Ok(Embedded {
            embeddings: self.join(&cut, &vectors)?,
            tokens: (0..texts.len()).map(|text| cut.tokens_of(text)).collect(),
            windows: (0..texts.len()).map(|text| cut.windows_of(text).len()).collect(),
            truncated: cut.truncated,
        })
    }
}

fn load_encoder(model: &ModelFolder, device: &candle_core::Device) -> Result<Encoder, EmbedError> {
    let bytes = folder::read(&model.weights)?;
    let broken = |source| EmbedError::Weights { path: model.weights.clone(), source };
    let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, device).map_err(broken)?;
    Encoder::load(&weights, &model.config).map_err(broken)
}
