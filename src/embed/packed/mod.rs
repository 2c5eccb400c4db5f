//! How is a sentence-transformer run fast on a processor? Packed: no padding, weights laid out for the kernels.

mod encoder;
mod kernels;
mod pack;
mod weights;

use std::path::Path;

use self::encoder::{Arithmetics, Encoder, Scratch};
use self::kernels::{Arithmetic, Kernels, WIDTH};
use self::weights::Weights;
use super::folder::{BertConfig, ModelFolder};
use super::pipeline::Pipeline;
use super::windows::WordPieces;
use super::{EmbedError, Embedded, Embedder, Engine, OpenOptions, Progress};
use crate::embeddings::{Precision, Space};
use crate::similarity::Isa;

/// A BERT-family sentence-transformer on the processor, its weights laid out for the processor's instructions.
pub struct PackedEmbedder {
    engine: Engine,
    pipeline: Pipeline<Encoder>,
}

impl PackedEmbedder {
    /// Opens the sentence-transformer in `folder`, as [`super::open`] does where this encoder knows the model.
    ///
    /// # Errors
    /// A file is missing or damaged, the folder asks for a module, model type or pooling that is not supported, or for
    /// a shape that only candle runs ([`EmbedError::NotPacked`]).
    pub fn open(folder: &Path, options: &OpenOptions) -> Result<PackedEmbedder, EmbedError> {
        let model = ModelFolder::read(folder)?;
        let not_packed = |reason| Err(EmbedError::NotPacked { path: folder.to_owned(), reason });
        if let Some(reason) = unknown_shape(&model.config) {
            return not_packed(reason);
        }
        let mut weights = Weights::open(&model.weights)?;
        if let Some(kind) = weights.other_kind() {
            return not_packed(format!("its weights are {kind}"));
        }
        let pieces = WordPieces::open(&model)?;
        let kernels = Kernels::best(options.fastest);
        let arithmetics = arithmetics(options.precision, kernels.isa());
        let encoder = Encoder::load(&mut weights, &model.config, arithmetics, kernels)?;
        let space = options.space(&model, options.precision);
        let batch_tokens = options.batch.of_processor();
        let scratches = (0..options.threads.get()).map(|_| Scratch::default()).collect();
        Ok(PackedEmbedder {
            engine: Engine::Packed { isa: kernels.isa(), arithmetic: arithmetics.name(), reason: None },
            pipeline: Pipeline::new(space, pieces, encoder, model.pooling, batch_tokens, options.threads, scratches),
        })
    }

    /// Says why this is not a GPU.
    pub(super) fn because(mut self, why: Option<String>) -> PackedEmbedder {
        if let Engine::Packed { reason, .. } = &mut self.engine {
            *reason = why;
        }
        self
    }
}

impl Embedder for PackedEmbedder {
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

/// Says why a model of this shape does not fit the kernels; none where it does.
fn unknown_shape(config: &BertConfig) -> Option<String> {
    let head = config.hidden_size / config.num_attention_heads;
    let sizes =
        [("hidden size", config.hidden_size), ("intermediate size", config.intermediate_size), ("head size", head)];
    let unfit = sizes.into_iter().find(|(_, size)| !size.is_multiple_of(WIDTH) || *size == 0);
    unfit.map(|(name, size)| format!("its {name}, {size}, is no multiple of {WIDTH}"))
}

/// Chooses the numbers of each product.
fn arithmetics(precision: Precision, isa: Isa) -> Arithmetics {
    let all = |arithmetic| Arithmetics {
        attention_in: arithmetic,
        attention_out: arithmetic,
        feed_in: arithmetic,
        feed_out: arithmetic,
    };
    match (precision, isa) {
        // Plain loops over integers are slower than those over floats.
        (Precision::Exact, _) | (_, Isa::Scalar) => all(Arithmetic::Single),
        // Tiles have no integers of 16 bits; their bf16 is as fast there as those are elsewhere, or faster.
        (Precision::Balanced, Isa::Amx) => all(Arithmetic::Bfloats),
        (Precision::Balanced, _) => all(Arithmetic::Words),
        // Queries and keys meet in an exponential, which makes much of small errors: with 8 bits there, too, the least
        // cosine to the exact vectors of short texts falls from 0.999 to 0.98, for a tenth more speed.
        (Precision::Fast, Isa::Amx) => Arithmetics { attention_in: Arithmetic::Bfloats, ..all(Arithmetic::Bytes) },
        (Precision::Fast, _) => Arithmetics { attention_in: Arithmetic::Words, ..all(Arithmetic::Bytes) },
    }
}

impl Arithmetics {
    fn name(self) -> &'static str {
        match (self.feed_in, self.attention_in) {
            (Arithmetic::Single, _) => "32-bit floats",
            (Arithmetic::Bfloats, _) => "16-bit floats",
            (Arithmetic::Words, _) => "16-bit integers",
            (Arithmetic::Bytes, Arithmetic::Bfloats) => "8-bit integers, 16-bit floats before attention",
            (Arithmetic::Bytes, _) => "8-bit integers, 16-bit ones before attention",
        }
    }
}
