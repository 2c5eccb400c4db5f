//! What does BERT compute? Its forward pass over sequences of different lengths, without a padded token.
//!
//! Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers" (2019), in the post-norm form of the
//! original. Everything that works token by token (embeddings, projections, feed-forward, norms) runs on all tokens of
//! a batch at once; only attention looks at sequences, and runs over those of one length together.

use candle_core::{D, IndexOp, Result, Tensor};
use candle_nn::{LayerNorm, Linear, Module, VarBuilder};

use super::folder::{Activation, BertConfig};

/// The weights of a BERT encoder, ready to run.
pub(super) struct Encoder {
    words: Tensor,
    /// Positions, with the vector of the only segment added.
    positions: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

struct Layer {
    /// Query, key and value in one product; the query is scaled already.
    attention_in: Linear,
    attention_out: Linear,
    attention_norm: LayerNorm,
    feed_in: Linear,
    feed_out: Linear,
    feed_norm: LayerNorm,
    heads: usize,
    activation: Activation,
}

impl Encoder {
    /// Takes the weights out of `weights`, whose names may begin with `bert.`.
    pub(super) fn load(weights: &VarBuilder<'_>, config: &BertConfig) -> Result<Encoder> {
        let prefixed = weights.contains_tensor("bert.embeddings.word_embeddings.weight");
        let weights = if prefixed { weights.pp("bert") } else { weights.clone() };
        let hidden = config.hidden_size;
        let embeddings = weights.pp("embeddings");
        let words = embeddings.get((config.vocab_size, hidden), "word_embeddings.weight")?;
        let positions = embeddings.get((config.max_position_embeddings, hidden), "position_embeddings.weight")?;
        let segments = embeddings.get((config.type_vocab_size, hidden), "token_type_embeddings.weight")?;
        let layers = (0..config.num_hidden_layers)
            .map(|layer| Layer::load(&weights.pp("encoder.layer").pp(layer), config))
            .collect::<Result<_>>()?;
        Ok(Encoder {
            words,
            positions: positions.broadcast_add(&segments.i(0)?)?,
            norm: layer_norm(&embeddings, config)?,
            layers,
        })
    }

    /// Returns the bytes that a word piece of the longest sequence takes at most, apart from the weights.
    pub(super) fn bytes_of_token(config: &BertConfig) -> usize {
        // In attention: projections and their copies, what was mixed and what goes around it, scores and their softmax.
        let attention = 12 * config.hidden_size + 2 * config.num_attention_heads * config.max_position_embeddings;
        size_of::<f32>() * (attention + 2 * config.intermediate_size)
    }

    /// Returns the last layer's vectors, `word pieces × hidden size`, of sequences laid end to end.
    ///
    /// Sequences of one length that follow each other share their attention products.
    pub(super) fn forward(&self, sequences: &[&[u32]]) -> Result<Tensor> {
        let device = self.words.device();
        let ids: Vec<u32> = sequences.concat();
        let places: Vec<u32> = sequences.iter().flat_map(|sequence| 0..sequence.len() as u32).collect();
        let count = ids.len();
        let words = self.words.index_select(&Tensor::from_vec(ids, count, device)?, 0)?;
        let places = self.positions.index_select(&Tensor::from_vec(places, count, device)?, 0)?;
        let mut hidden = self.norm.forward(&(words + places)?)?;
        let runs: Vec<(usize, usize)> =
            sequences.chunk_by(|a, b| a.len() == b.len()).map(|run| (run.len(), run[0].len())).collect();
        for layer in &self.layers {
            hidden = layer.forward(&hidden, &runs)?;
        }
        Ok(hidden)
    }
}

impl Layer {
    fn load(weights: &VarBuilder<'_>, config: &BertConfig) -> Result<Layer> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let attention = weights.pp("attention");
        let scale = 1.0 / ((hidden / config.num_attention_heads) as f64).sqrt();
        let query = candle_nn::linear(hidden, hidden, attention.pp("self.query"))?;
        let key = candle_nn::linear(hidden, hidden, attention.pp("self.key"))?;
        let value = candle_nn::linear(hidden, hidden, attention.pp("self.value"))?;
        let query = Linear::new((query.weight() * scale)?, query.bias().map(|bias| bias * scale).transpose()?);
        Ok(Layer {
            attention_in: stack(&[query, key, value])?,
            attention_out: stack(&[candle_nn::linear(hidden, hidden, attention.pp("output.dense"))?])?,
            attention_norm: layer_norm(&attention.pp("output"), config)?,
            feed_in: stack(&[candle_nn::linear(hidden, wide, weights.pp("intermediate.dense"))?])?,
            feed_out: stack(&[candle_nn::linear(wide, hidden, weights.pp("output.dense"))?])?,
            feed_norm: layer_norm(&weights.pp("output"), config)?,
            heads: config.num_attention_heads,
            activation: config.activation(),
        })
    }

    fn forward(&self, hidden: &Tensor, runs: &[(usize, usize)]) -> Result<Tensor> {
        let mixed = self.attention_out.forward(&self.attend(hidden, runs)?)?;
        let hidden = self.attention_norm.forward(&(mixed + hidden)?)?;
        let wide = self.feed_in.forward(&hidden)?;
        let wide = match self.activation {
            Activation::Gelu => wide.gelu_erf()?,
            Activation::GeluTanh => wide.gelu()?,
            Activation::Relu => wide.relu()?,
        };
        let narrow = self.feed_out.forward(&wide)?;
        self.feed_norm.forward(&(narrow + hidden)?)
    }

    /// Attends within each sequence; `runs` gives the number of sequences and their length, run by run.
    fn attend(&self, hidden: &Tensor, runs: &[(usize, usize)]) -> Result<Tensor> {
        let size = hidden.dim(D::Minus1)?;
        let projected = self.attention_in.forward(hidden)?;
        let mut start = 0;
        let mut attended = Vec::with_capacity(runs.len());
        for &(sequences, length) in runs {
            let run = projected.narrow(0, start, sequences * length)?;
            let run = run.reshape((sequences, length, 3, self.heads, size / self.heads))?;
            // sequences × heads × length × head size; copied, because the product wants regular strides.
            let part = |which: usize| run.i((.., .., which))?.transpose(1, 2)?.contiguous();
            let scores = part(0)?.matmul(&part(1)?.t()?)?;
            let mixed = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&part(2)?)?;
            attended.push(mixed.transpose(1, 2)?.reshape((sequences * length, size))?);
            start += sequences * length;
        }
        Tensor::cat(&attended, 0)
    }
}

/// Puts linear layers of the same input side by side.
///
/// The weights are laid out input by output, as the product reads them: it would else repack them on every call.
fn stack(layers: &[Linear]) -> Result<Linear> {
    let weights: Vec<&Tensor> = layers.iter().map(Linear::weight).collect();
    let biases: Vec<&Tensor> = layers.iter().filter_map(Linear::bias).collect();
    let weight = Tensor::cat(&weights, 0)?.t()?.contiguous()?.t()?;
    Ok(Linear::new(weight, Some(Tensor::cat(&biases, 0)?)))
}

/// Loads `LayerNorm`, whose parts old checkpoints call gamma and beta.
fn layer_norm(weights: &VarBuilder<'_>, config: &BertConfig) -> Result<LayerNorm> {
    candle_nn::layer_norm(config.hidden_size, config.layer_norm_eps, weights.pp("LayerNorm"))
}
