//! Must a text be embedded again? Not if the cache has its vector.

use std::collections::HashMap;

use crate::embed::{EmbedError, Embedder};
use crate::embeddings::{Embeddings, EmbeddingsError};
use crate::store::{CachedVector, VectorCache, VectorCacheError};

/// Texts that are embedded and stored together: enough to fill batches, few enough to lose little when interrupted.
const TEXTS_A_COMMIT: usize = 128;

/// The vectors of some texts and how they were come by.
#[derive(Debug, Clone, PartialEq)]
pub struct CachedVectors {
    /// `texts × dimension`, in the order of the texts.
    pub embeddings: Embeddings,
    /// Different texts that were embedded now.
    pub embedded: usize,
    /// Texts that lost their end to truncation.
    pub truncated: usize,
    /// Texts that were cut into several windows.
    pub windowed: usize,
}

/// Says why texts have no vectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CachedError {
    /// The model failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The cache failed.
    #[error(transparent)]
    Cache(#[from] VectorCacheError),
    /// A vector is none.
    #[error(transparent)]
    Vector(#[from] EmbeddingsError),
}

/// Returns the vectors of `texts`: out of `cache` where it has them; the others are embedded, each different text once,
/// and stored batch by batch, so that an interrupted call is taken up where it stopped.
///
/// `progress` is told how many of the texts to embed are done, and how many there are.
///
/// # Errors
/// The model or the cache failed.
pub fn embed_cached(
    mut cache: Option<&mut VectorCache>,
    embedder: &dyn Embedder,
    texts: &[&str],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<CachedVectors, CachedError> {
    let mut vectors = match &cache {
        Some(cache) => cache.get(texts)?,
        None => vec![None; texts.len()],
    };
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, text) in texts.iter().enumerate().filter(|(at, _)| vectors[*at].is_none()) {
        places.entry(text).or_default().push(at);
    }
    // Texts of like length fill batches best; equal lengths keep their order.
    let mut missing: Vec<&str> = places.keys().copied().collect();
    missing.sort_unstable_by_key(|text| (text.len(), places[text][0]));
    for (number, batch) in missing.chunks(TEXTS_A_COMMIT).enumerate() {
        let done = number * TEXTS_A_COMMIT;
        let embedded = embedder.embed_with(batch, &mut |now| progress(done + now.texts, missing.len()))?;
        let new: Vec<(&str, CachedVector)> = batch
            .iter()
            .enumerate()
            .map(|(row, text)| {
                let vector = embedded.embeddings.row(row).to_vec();
                let (windows, truncated) = (embedded.windows[row], embedded.truncated[row]);
                (*text, CachedVector { vector, windows, truncated })
            })
            .collect();
        if let Some(cache) = &mut cache {
            cache.put(&new.iter().map(|(text, vector)| (*text, vector)).collect::<Vec<_>>())?;
        }
        for (text, vector) in new {
            for &at in &places[text] {
                vectors[at] = Some(vector.clone());
            }
        }
    }
    let vectors: Vec<CachedVector> = vectors.into_iter().flatten().collect();
    Ok(CachedVectors {
        truncated: vectors.iter().filter(|cached| cached.truncated).count(),
        windowed: vectors.iter().filter(|cached| cached.windows > 1).count(),
        embeddings: Embeddings::from_rows(
            embedder.space().dimension,
            vectors.into_iter().flat_map(|cached| cached.vector).collect(),
        )?,
        embedded: missing.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommender::testing::LetterCounter;

    #[test]
    fn every_text_is_embedded_once_and_comes_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let embedder = LetterCounter::new("m");
        let mut cache = VectorCache::open(folder.path(), embedder.space()).unwrap();
        let texts = ["bb", "a", "bb", "a a"];
        let first = embed_cached(Some(&mut cache), &embedder, &texts, &mut |_, _| ()).unwrap();
        assert_eq!(first.embedded, 3);
        assert_eq!(first.embeddings, embedder.embed(&texts).unwrap());
        let again = embed_cached(Some(&mut cache), &embedder, &texts, &mut |_, _| ()).unwrap();
        assert_eq!((again.embedded, again.embeddings), (0, first.embeddings));
        assert_eq!(embed_cached(None, &embedder, &texts, &mut |_, _| ()).unwrap().embedded, 3);
    }
}
