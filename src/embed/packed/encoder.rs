//! What does BERT compute? Its forward pass over sequences laid end to end, product by product.
//!
//! Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers" (2019), as `embed::encoder` computes it with
//! candle.

use std::borrow::Cow;

use super::kernels::{Arithmetic, AttentionScratch, Buffer, Coding, Finish, Heads, Kernels, Norm, Panels, Rows};
use super::pack::{Input, Linear};
use super::weights::Weights;
use crate::embed::EmbedError;
use crate::embed::folder::{Activation, BertConfig};
use crate::embed::pipeline::Encode;

/// Rows that go through a layer together: few enough that what lies between two products stays in the cache.
const BLOCK_ROWS: usize = 192;

/// The weights of a BERT encoder, laid out for one instruction set.
#[derive(Debug)]
pub(super) struct Encoder {
    kernels: Kernels,
    hidden: usize,
    heads: Heads,
    activation: Activation,
    words: Vec<f32>,
    /// Positions, with the vector of the only segment added.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    /// Query, key and value in one product; the query is scaled already.
    attention_in: Panels,
    attention_out: Panels,
    attention_norm: Norm,
    feed_in: Panels,
    feed_out: Panels,
    feed_norm: Norm,
}

/// What the numbers of each product are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arithmetics {
    pub(super) attention_in: Arithmetic,
    pub(super) attention_out: Arithmetic,
    pub(super) feed_in: Arithmetic,
    pub(super) feed_out: Arithmetic,
}

/// What a forward pass works in; one a thread, for any number of batches.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    hidden: Buffer,
    projected: Buffer,
    taken: Buffer,
    wide: Buffer,
    codes: Codes,
    block_codes: Codes,
    attention: AttentionScratch,
}

#[derive(Debug, Default)]
struct Codes {
    groups: Buffer,
    scales: Vec<f32>,
}

impl Codes {
    /// Makes room for so many rows of `width` numbers.
    fn coding(&mut self, arithmetic: Arithmetic, rows: usize, width: usize) -> Coding<'_> {
        let stride = if arithmetic == Arithmetic::Single { 0 } else { width / arithmetic.of_group() };
        if self.scales.len() < rows {
            self.scales.resize(rows, 1.0);
        }
        let codes = bytemuck::cast_slice_mut(self.groups.floats(rows * stride));
        Coding { arithmetic, codes, stride, scales: &mut self.scales[..rows] }
    }

    /// Returns what was coded last, or the numbers themselves where they are not coded.
    fn rows<'a>(&'a self, floats: &'a [f32], panels: &Panels, from: usize, count: usize) -> Rows<'a> {
        let width = panels.groups;
        if panels.arithmetic == Arithmetic::Single {
            return Rows::floats(&floats[from * width..(from + count) * width], width);
        }
        Rows::codes(&self.groups.bits()[from * width..(from + count) * width], width, &self.scales[from..from + count])
    }
}

impl Encode for Encoder {
    type Scratch = Scratch;

    fn encode<'s>(&self, sequences: &[&[u32]], scratch: &'s mut Scratch) -> Result<Cow<'s, [f32]>, EmbedError> {
        self.forward(sequences, scratch).map(Cow::Borrowed).ok_or(EmbedError::UnknownWordPiece)
    }
}

impl Encoder {
    /// Takes the weights out of their file and lays them out for `kernels`.
    pub(super) fn load(
        weights: &mut Weights,
        config: &BertConfig,
        arithmetics: Arithmetics,
        kernels: Kernels,
    ) -> Result<Encoder, EmbedError> {
        let hidden = config.hidden_size;
        let words = weights.read("embeddings.word_embeddings.weight", &[config.vocab_size, hidden])?;
        let mut positions =
            weights.read("embeddings.position_embeddings.weight", &[config.max_position_embeddings, hidden])?;
        let segments = weights.read("embeddings.token_type_embeddings.weight", &[config.type_vocab_size, hidden])?;
        for position in positions.chunks_exact_mut(hidden) {
            position.iter_mut().zip(&segments).for_each(|(value, segment)| *value += segment);
        }
        let mut norm = read_norm(weights, "embeddings", config)?;
        let mut layers: Vec<Layer> = Vec::with_capacity(config.num_hidden_layers);
        for layer in 0..config.num_hidden_layers {
            let before = layers.last_mut().map_or(&mut norm, |before| &mut before.feed_norm);
            let layer = Layer::load(weights, layer, before, config, arithmetics, kernels)?;
            layers.push(layer);
        }
        let heads = Heads { count: config.num_attention_heads, size: hidden / config.num_attention_heads };
        Ok(Encoder { kernels, hidden, heads, activation: config.activation(), words, positions, norm, layers })
    }

    /// Returns the last layer's vectors, `word pieces × hidden size`, of sequences laid end to end; none where a word
    /// piece or a position is unknown to the model.
    fn forward<'s>(&self, sequences: &[&[u32]], scratch: &'s mut Scratch) -> Option<&'s [f32]> {
        let width = self.hidden;
        let tokens: usize = sequences.iter().map(|sequence| sequence.len()).sum();
        self.embed(sequences, scratch.hidden.floats(tokens * width))?;
        let input = |at: usize| self.layers.get(at).map_or(Arithmetic::Single, |layer| layer.attention_in.arithmetic);
        let mut coding = scratch.codes.coding(input(0), tokens, width);
        self.kernels.norm(scratch.hidden.floats(tokens * width), &self.norm, &mut coding);
        for (at, layer) in self.layers.iter().enumerate() {
            self.attend(layer, sequences, tokens, scratch);
            for start in (0..tokens).step_by(BLOCK_ROWS) {
                let rows = BLOCK_ROWS.min(tokens - start);
                self.feed(layer, start, rows, tokens, input(at + 1), scratch);
            }
        }
        Some(scratch.hidden.floats(tokens * width))
    }

    /// Writes the sum of each token's word and position.
    fn embed(&self, sequences: &[&[u32]], out: &mut [f32]) -> Option<()> {
        let width = self.hidden;
        let mut out = out.chunks_exact_mut(width);
        for sequence in sequences {
            let positions = self.positions.chunks_exact(width).take(sequence.len());
            if positions.len() < sequence.len() {
                return None;
            }
            for ((&word, position), out) in sequence.iter().zip(positions).zip(&mut out) {
                let word = self.words.get(word as usize * width..)?.get(..width)?;
                out.iter_mut().zip(word).zip(position).for_each(|((out, word), position)| *out = word + position);
            }
        }
        Some(())
    }

    /// Lets each token look at the others of its sequence; what it takes lies in `scratch.taken`.
    fn attend(&self, layer: &Layer, sequences: &[&[u32]], tokens: usize, scratch: &mut Scratch) {
        let (width, wide) = (self.hidden, 3 * self.hidden);
        let Scratch { hidden, projected, taken, codes, attention, .. } = scratch;
        let (hidden, projected) = (hidden.floats(tokens * width), projected.floats(tokens * wide));
        for (block, out) in projected.chunks_mut(BLOCK_ROWS * wide).enumerate() {
            let rows = codes.rows(hidden, &layer.attention_in, block * BLOCK_ROWS, out.len() / wide);
            self.kernels.product(&rows, &layer.attention_in, Finish::Write, out);
        }
        let (mut projected, mut taken) = (&*projected, taken.floats(tokens * width));
        for sequence in sequences {
            let (own, others) = projected.split_at(sequence.len() * wide);
            let (out, rest) = taken.split_at_mut(sequence.len() * width);
            self.kernels.attend(self.heads, own, attention, out);
            (projected, taken) = (others, rest);
        }
    }

    /// Takes some rows from attention through the rest of the layer; their codes are made for the `next` one.
    fn feed(&self, layer: &Layer, start: usize, rows: usize, tokens: usize, next: Arithmetic, scratch: &mut Scratch) {
        let (width, wide) = (self.hidden, layer.feed_in.columns);
        let Scratch { hidden, taken, wide: between, codes, block_codes, .. } = scratch;
        let hidden = &mut hidden.floats(tokens * width)[start * width..][..rows * width];
        let taken = &taken.floats(tokens * width)[start * width..][..rows * width];
        let kernels = self.kernels;

        kernels.code(taken, width, &mut block_codes.coding(layer.attention_out.arithmetic, rows, width));
        kernels.product(
            &block_codes.rows(taken, &layer.attention_out, 0, rows),
            &layer.attention_out,
            Finish::Add,
            hidden,
        );
        kernels.norm(hidden, &layer.attention_norm, &mut block_codes.coding(layer.feed_in.arithmetic, rows, width));

        let between = between.floats(rows * wide);
        kernels.product(&block_codes.rows(hidden, &layer.feed_in, 0, rows), &layer.feed_in, Finish::Write, between);
        kernels.activate(
            self.activation,
            between,
            wide,
            &mut block_codes.coding(layer.feed_out.arithmetic, rows, wide),
        );
        kernels.product(&block_codes.rows(between, &layer.feed_out, 0, rows), &layer.feed_out, Finish::Add, hidden);
        let mut coding = codes.coding(next, tokens, width);
        kernels.norm(hidden, &layer.feed_norm, &mut coding.part(start, rows));
    }
}

impl Layer {
    fn load(
        weights: &mut Weights,
        layer: usize,
        before: &mut Norm,
        config: &BertConfig,
        arithmetics: Arithmetics,
        kernels: Kernels,
    ) -> Result<Layer, EmbedError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let layer = format!("encoder.layer.{layer}");
        let mut linear = |name: &str, inputs: usize, columns: usize| -> Result<Linear, EmbedError> {
            let values = weights.read(&format!("{layer}.{name}.weight"), &[columns, inputs])?;
            let biases = weights.read(&format!("{layer}.{name}.bias"), &[columns])?;
            Ok(Linear { inputs, weights: values, biases })
        };
        let mut query = linear("attention.self.query", hidden, hidden)?;
        query.scale(1.0 / ((hidden / config.num_attention_heads) as f32).sqrt());
        let key = linear("attention.self.key", hidden, hidden)?;
        let value = linear("attention.self.value", hidden, hidden)?;
        let attention_in = Linear::stack([query, key, value]);
        let attention_out = linear("attention.output.dense", hidden, hidden)?;
        let feed_in = linear("intermediate.dense", hidden, wide)?;
        let feed_out = linear("output.dense", wide, hidden)?;
        let mut attention_norm = read_norm(weights, &format!("{layer}.attention.output"), config)?;
        let least = config.activation().least();
        Ok(Layer {
            attention_in: pack_after(before, attention_in, arithmetics.attention_in, kernels),
            attention_out: attention_out.pack(arithmetics.attention_out, Input::AroundZero, kernels),
            feed_in: pack_after(&mut attention_norm, feed_in, arithmetics.feed_in, kernels),
            feed_out: feed_out.pack(arithmetics.feed_out, Input::From(least), kernels),
            attention_norm,
            feed_norm: read_norm(weights, &format!("{layer}.output"), config)?,
        })
    }
}

/// Packs a layer that follows a norm: codes are made before the norm's gains and shifts, floats are read after them.
fn pack_after(norm: &mut Norm, mut linear: Linear, arithmetic: Arithmetic, kernels: Kernels) -> Panels {
    if arithmetic != Arithmetic::Single {
        linear.fold(norm);
    }
    linear.pack(arithmetic, Input::AroundZero, kernels)
}

/// Reads a `LayerNorm`, whose parts old checkpoints call gamma and beta.
fn read_norm(weights: &mut Weights, of: &str, config: &BertConfig) -> Result<Norm, EmbedError> {
    let is_old = weights.has(&format!("{of}.LayerNorm.gamma"));
    let (gains, shifts) = if is_old { ("gamma", "beta") } else { ("weight", "bias") };
    let mut read = |name: &str| weights.read(&format!("{of}.LayerNorm.{name}"), &[config.hidden_size]);
    let emphases = vec![1.0; config.hidden_size];
    Ok(Norm { gains: read(gains)?, shifts: read(shifts)?, emphases, epsilon: config.layer_norm_eps as f32 })
}
