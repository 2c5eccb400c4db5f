//! What does a text mean? Texts to unit vectors under one named model.

use crate::embeddings::{Embeddings, Space};

/// Turns texts into unit vectors of one [`Space`].
///
/// Two real implementations: candle (any BERT-family sentence-transformer, CPU and GPU) and, later, the packed CPU
/// encoder.
pub trait Embedder {
    /// Returns the space that the vectors belong to.
    fn space(&self) -> &Space;

    /// Embeds `texts` and tells `progress` after each batch.
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
    /// How many texts lost their end to truncation.
    pub truncated: usize,
}
