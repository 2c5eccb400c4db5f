//! A small world for the tests of the verbs: posts, an embedder that needs no model, a store.

use std::cell::Cell;

use super::{Recommender, text_of};
use crate::corpus::Corpus;
use crate::embed::{EmbedError, Embedded, Embedder, Engine, Progress};
use crate::embeddings::{Embeddings, LongTexts, Precision, Space};
use crate::post::Post;
use crate::post::fixture::post;
use crate::similarity::Isa;

/// Embeds a text by counting letters; counts the texts that it is asked for.
pub(super) struct LetterCounter {
    space: Space,
    pub(super) texts: Cell<usize>,
}

impl LetterCounter {
    pub(super) fn new(model: &str) -> LetterCounter {
        let space = Space {
            model: model.to_owned(),
            revision: String::new(),
            sha256: String::new(),
            dimension: 27,
            pooling: "mean".to_owned(),
            long_texts: LongTexts::Windows,
            precision: Precision::Exact,
        };
        LetterCounter { space, texts: Cell::new(0) }
    }

    /// Returns how many texts were embedded since the last call.
    pub(super) fn take(&self) -> usize {
        self.texts.take()
    }
}

impl Embedder for LetterCounter {
    fn space(&self) -> &Space {
        &self.space
    }

    fn engine(&self) -> &Engine {
        &Engine::Packed { isa: Isa::Scalar, arithmetic: "letters", reason: None }
    }

    fn embed_with(&self, texts: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<Embedded, EmbedError> {
        self.texts.set(self.texts.get() + texts.len());
        let mut values = Vec::new();
        for text in texts {
            let mut counts = [0.1f32; 27];
            for letter in text.to_lowercase().bytes().filter(u8::is_ascii_lowercase) {
                counts[usize::from(letter - b'a')] += 1.0;
            }
            values.extend(counts);
        }
        progress(Progress { texts: texts.len(), tokens: texts.len() });
        Ok(Embedded {
            embeddings: Embeddings::from_rows(27, values).unwrap(),
            tokens: vec![1; texts.len()],
            windows: vec![1; texts.len()],
            truncated: vec![false; texts.len()],
        })
    }
}

/// Builds posts whose titles are their ids in words.
pub(super) fn posts(ids: &[&str]) -> Vec<Post> {
    ids.iter().map(|id| post(id, &id.replace('-', " "), "")).collect()
}

/// A recommender over posts with these ids.
pub(super) fn recommender(ids: &[&str]) -> Recommender {
    let corpus = Corpus::new(posts(ids)).unwrap();
    let texts: Vec<String> = corpus.posts().iter().map(text_of).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let embeddings = LetterCounter::new("letters").embed(&texts).unwrap();
    Recommender::new(corpus, embeddings).unwrap()
}
