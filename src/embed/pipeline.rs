//! What do all encoders have in common? Texts are cut, the windows run in batches on some threads, and are joined again.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use super::batches;
use super::pooling::{self, Pooling};
use super::windows::{CutTexts, Window, WordPieces};
use super::{EmbedError, Embedded, Progress};
use crate::embeddings::{Embeddings, Space};

/// One vector a window.
type Vectors = Vec<Vec<f32>>;

/// Runs the model on one batch of sequences.
pub(super) trait Encode: Sync {
    /// What a thread works in.
    type Scratch: Send;

    /// Returns the last layer's vectors, `word pieces × dimension`, of the sequences laid end to end.
    fn encode<'s>(&self, sequences: &[&[u32]], scratch: &'s mut Self::Scratch) -> Result<Cow<'s, [f32]>, EmbedError>;
}

/// An encoder, what cuts texts for it, and what its threads work in.
pub(super) struct Pipeline<E: Encode> {
    pub(super) space: Space,
    pub(super) pieces: WordPieces,
    pub(super) encoder: E,
    pub(super) pooling: Pooling,
    pub(super) batch_tokens: NonZeroUsize,
    /// Threads that cut texts.
    cutters: NonZeroUsize,
    /// One a thread that encodes.
    scratches: Vec<Mutex<E::Scratch>>,
}

impl<E: Encode> Pipeline<E> {
    pub(super) fn new(
        space: Space,
        pieces: WordPieces,
        encoder: E,
        pooling: Pooling,
        batch_tokens: NonZeroUsize,
        cutters: NonZeroUsize,
        scratches: Vec<E::Scratch>,
    ) -> Pipeline<E> {
        Pipeline {
            space,
            pieces,
            encoder,
            pooling,
            batch_tokens,
            cutters,
            scratches: scratches.into_iter().map(Mutex::new).collect(),
        }
    }

    /// As [`Embedder::embed_with`](super::Embedder::embed_with).
    pub(super) fn embed(&self, texts: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<Embedded, EmbedError> {
        let cut = self.pieces.cut_all(texts, self.space.long_texts, self.cutters.get())?;
        let owners = cut.owners();
        let mut open: Vec<usize> = (0..texts.len()).map(|text| cut.windows_of(text).len()).collect();
        let mut so_far = Progress { texts: 0, tokens: 0 };
        let mut vectors: Vectors = vec![Vec::new(); cut.windows.len()];
        progress(so_far);
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

    /// Runs every batch of `windows` and hands `done` each one's vectors, with the windows' positions.
    fn run_all(&self, windows: &[Window], mut done: impl FnMut(&[usize], Vectors)) -> Result<(), EmbedError> {
        let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
        let (order, batches) = batches::plan(&lengths, self.batch_tokens);
        let batches: Vec<&[usize]> = batches.into_iter().map(|batch| &order[batch]).collect();
        let run = |batch: &[usize], scratch: &mut E::Scratch| -> Result<Vectors, EmbedError> {
            let members: Vec<&[u32]> = batch.iter().map(|&position| windows[position].ids.as_slice()).collect();
            let hidden = self.encoder.encode(&members, scratch)?;
            Ok(self.pooling.pool_all(&members, &hidden, self.space.dimension))
        };
        let threads = self.scratches.len().min(batches.len());
        if threads <= 1 {
            // A thread of its own would cost a short query more than its work.
            let Some(scratch) = self.scratches.first() else { return Ok(()) };
            let mut scratch = scratch.lock().unwrap_or_else(PoisonError::into_inner);
            return batches.into_iter().try_for_each(|batch| {
                done(batch, run(batch, &mut scratch)?);
                Ok(())
            });
        }
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for scratch in &self.scratches[..threads] {
                let (sender, next, batches, run) = (sender.clone(), &next, &batches, &run);
                scope.spawn(move || {
                    let mut scratch = scratch.lock().unwrap_or_else(PoisonError::into_inner);
                    while let Some(&batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                        // A receiver that hung up has seen an error: the other batches need not run.
                        if sender.send((batch, run(batch, &mut scratch))).is_err() {
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
