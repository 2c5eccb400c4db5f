//! What does the model get to see of a text? Word pieces, and windows of them where a text is too long.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread::ScopedJoinHandle;

use tokenizers::Tokenizer;

use super::EmbedError;
use super::folder::{self, ModelFolder};
use super::wordpiece::{TokenizeError, WordPiece};
use crate::embeddings::LongTexts;
use crate::text;

/// Fewer texts are not worth a thread of their own.
const TEXTS_OF_A_THREAD: usize = 64;

/// A tokenizer together with the model's limit.
#[derive(Debug)]
pub(super) struct WordPieces {
    cutter: Cutter,
    /// Special tokens that open a sequence (`[CLS]`).
    opening: Vec<u32>,
    /// Special tokens that close it (`[SEP]`).
    closing: Vec<u32>,
    /// Word pieces that a window takes besides the special tokens, at least 1.
    room: usize,
    /// Whether texts are lower-cased before the tokenizer sees them.
    lower_case: bool,
}

/// What makes word pieces.
#[derive(Debug)]
enum Cutter {
    /// BERT's rules, which we follow ourselves.
    WordPiece(WordPiece),
    /// Any other rules.
    Library(Box<Tokenizer>),
}

/// What the encoder runs on: one text, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// Special tokens included.
    pub(super) ids: Vec<u32>,
    /// Word pieces of the text itself, which is the window's weight in the average.
    pub(super) pieces: usize,
}

/// Texts, cut for the model.
#[derive(Debug)]
pub(super) struct CutTexts {
    /// All texts' windows, text by text; at least one a text, without pieces if the text is empty.
    pub(super) windows: Vec<Window>,
    /// The windows of text t are those from `starts[t]` to `starts[t + 1]`.
    starts: Vec<usize>,
    /// Whether a text lost its end.
    pub(super) truncated: Vec<bool>,
}

impl CutTexts {
    /// Returns how many texts there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the positions of a text's windows.
    pub(super) fn windows_of(&self, text: usize) -> Range<usize> {
        self.starts[text]..self.starts[text + 1]
    }

    /// Counts the word pieces of a text, the special tokens of each window included.
    pub(super) fn tokens_of(&self, text: usize) -> usize {
        self.windows[self.windows_of(text)].iter().map(|window| window.ids.len()).sum()
    }

    /// Returns the text of each window.
    pub(super) fn owners(&self) -> Vec<usize> {
        (0..self.len()).flat_map(|text| self.windows_of(text).map(move |_| text)).collect()
    }
}

/// One text's windows, and how many word pieces were dropped.
struct Cut {
    windows: Vec<Window>,
    dropped: usize,
}

impl WordPieces {
    /// Reads the tokenizer of `model`.
    ///
    /// The truncation and padding that the file itself asks for (128 for MiniLM, where the model takes 256) are
    /// switched off: both are decided here.
    pub(super) fn open(model: &ModelFolder) -> Result<WordPieces, EmbedError> {
        let path = &model.tokenizer;
        let bytes = folder::read(path)?;
        let (cutter, opening, closing) = match WordPiece::from_json(&bytes) {
            Some((words, opening, closing)) => (Cutter::WordPiece(words), opening, closing),
            None => {
                let broken = |source| EmbedError::Tokenizer { path: path.to_owned(), source };
                library(bytes).map_err(broken)?
            }
        };
        let (n_opening, n_closing) = (opening.len(), closing.len());
        let room = model.limit.checked_sub(n_opening + n_closing).filter(|&room| room > 0);
        let room = room.ok_or_else(|| EmbedError::Contradiction {
            path: path.with_file_name("sentence_bert_config.json"),
            key: "max_seq_length",
            found: model.limit,
            expected: format!("above the {} special tokens", n_opening + n_closing),
        })?;
        Ok(WordPieces { cutter, opening, closing, room, lower_case: model.lower_case })
    }

    /// Cuts each of `texts` into one window if it fits, and as `long_texts` says if it does not, on so many threads.
    pub(super) fn cut_all(
        &self,
        texts: &[&str],
        long_texts: LongTexts,
        threads: usize,
    ) -> Result<CutTexts, EmbedError> {
        let part = texts.len().div_ceil(threads).max(TEXTS_OF_A_THREAD);
        let parts: Vec<Vec<Result<Cut, TokenizeError>>> = std::thread::scope(|scope| {
            let cut = |texts: &[&str]| texts.iter().map(|text| self.cut(text, long_texts)).collect();
            let (own, others) = texts.split_at(part.min(texts.len()));
            let others: Vec<_> = others.chunks(part).map(|texts| scope.spawn(move || cut(texts))).collect();
            let join = |thread: ScopedJoinHandle<'_, _>| thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            std::iter::once(cut(own)).chain(others.into_iter().map(join)).collect()
        });
        let mut all = CutTexts {
            windows: Vec::with_capacity(texts.len()),
            starts: vec![0],
            truncated: Vec::with_capacity(texts.len()),
        };
        for (text, cut) in parts.into_iter().flatten().enumerate() {
            let cut = cut.map_err(|source| EmbedError::Tokenize { text, source })?;
            all.windows.extend(cut.windows);
            all.starts.push(all.windows.len());
            all.truncated.push(cut.dropped > 0);
        }
        Ok(all)
    }

    fn cut(&self, text: &str, long_texts: LongTexts) -> Result<Cut, TokenizeError> {
        let lowered = self.lower_case.then(|| text.to_lowercase());
        let text = lowered.as_deref().unwrap_or(text);
        let pieces = self.pieces(text)?;
        if pieces.len() <= self.room {
            return Ok(Cut { windows: vec![self.window(&pieces)], dropped: 0 });
        }
        match long_texts {
            LongTexts::Truncate => {
                let (kept, dropped) = pieces.split_at(self.room);
                Ok(Cut { windows: vec![self.window(kept)], dropped: dropped.len() })
            }
            LongTexts::Windows => {
                let sentences: Result<Vec<Vec<u32>>, TokenizeError> =
                    text::sentences(text).into_iter().map(|range| self.pieces(&text[range])).collect();
                let windows = fill(&sentences?, self.room);
                Ok(Cut { windows: windows.iter().map(|pieces| self.window(pieces)).collect(), dropped: 0 })
            }
        }
    }

    fn pieces(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        match &self.cutter {
            Cutter::WordPiece(words) => words.pieces(text),
            Cutter::Library(tokenizer) => Ok(tokenizer.encode_fast(text, false)?.get_ids().to_vec()),
        }
    }

    /// Puts the special tokens around word pieces.
    fn window(&self, pieces: &[u32]) -> Window {
        Window { ids: [&self.opening, pieces, &self.closing].concat(), pieces: pieces.len() }
    }
}

/// Opens any tokenizer, and finds the special tokens with which it opens and closes a sequence.
fn library(bytes: Vec<u8>) -> Result<(Cutter, Vec<u32>, Vec<u32>), TokenizeError> {
    let mut tokenizer = Tokenizer::from_bytes(bytes)?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None)?;
    let sample = tokenizer.encode_fast("a", true)?;
    let is_special = sample.get_special_tokens_mask();
    let n_opening = is_special.iter().take_while(|&&special| special == 1).count();
    let n_closing = is_special.iter().rev().take_while(|&&special| special == 1).count();
    let ids = sample.get_ids();
    let (opening, closing) = (ids[..n_opening].to_vec(), ids[ids.len() - n_closing..].to_vec());
    Ok((Cutter::Library(Box::new(tokenizer)), opening, closing))
}

/// Joins sentences to windows of at most `room` pieces: each takes as many whole sentences as fit.
///
/// A sentence of more than `room` pieces begins a window and is cut wherever the window is full; its rest is joined
/// with the sentences that follow.
fn fill(sentences: &[Vec<u32>], room: usize) -> Vec<Vec<u32>> {
    let mut windows = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    for sentence in sentences {
        if !open.is_empty() && open.len() + sentence.len() > room {
            windows.push(std::mem::take(&mut open));
        }
        let rest = sentence.len() - sentence.len() % room;
        if sentence.len() > room {
            windows.extend(sentence[..rest].chunks(room).map(<[u32]>::to_vec));
            open.extend(&sentence[rest..]);
        } else {
            open.extend(sentence);
        }
    }
    if !open.is_empty() || windows.is_empty() {
        windows.push(open);
    }
    windows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(lengths: &[usize], room: usize, expect: &[usize]) {
        let sentences: Vec<Vec<u32>> = lengths.iter().map(|&length| vec![7; length]).collect();
        let found: Vec<usize> = fill(&sentences, room).iter().map(Vec::len).collect();
        assert_eq!(found, expect, "{lengths:?} in {room}");
    }

    #[test]
    fn windows_end_where_sentences_do() {
        check(&[], 4, &[0]);
        check(&[0], 4, &[0]);
        check(&[1, 2], 4, &[3]);
        check(&[2, 2, 1], 4, &[4, 1]);
        check(&[3, 3, 3], 4, &[3, 3, 3]);
    }

    #[test]
    fn a_sentence_too_long_is_cut_and_its_rest_joined() {
        check(&[4], 4, &[4]);
        check(&[5], 4, &[4, 1]);
        check(&[8], 4, &[4, 4]);
        check(&[1, 9, 2, 2], 4, &[1, 4, 4, 3, 2]);
    }

    proptest! {
        #[test]
        fn no_piece_is_lost_and_no_window_too_large(
            sentences in proptest::collection::vec(proptest::collection::vec(any::<u32>(), 0..40), 0..20),
            room in 1_usize..30,
        ) {
            let windows = fill(&sentences, room);
            prop_assert!(windows.iter().all(|window| window.len() <= room));
            prop_assert_eq!(windows.concat(), sentences.concat());
        }
    }
}
