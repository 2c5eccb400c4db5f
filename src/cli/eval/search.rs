//! What do retrievers answer on a collection, how fast, and made with what?

use std::cell::OnceCell;
use std::time::Instant;

use super::args::{ExcludeSelf, Searching};
use crate::cli::console::Unit;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::embed::{CandleEmbedder, Embedder};
use crate::embeddings::{Embeddings, LongTexts};
use crate::eval::{
    Collection, ModelProvenance, Provenance, QueriesAndPosts, Query, Ranked, Retriever, Run, Searched, Searcher, Speed,
};
use crate::recommender::{TEMPLATE, text_of};

/// Asks collections with retrievers; the model is opened when it is first needed, and once.
pub(super) struct Asker<'s> {
    session: &'s Session<'s>,
    long_texts: LongTexts,
    embedder: OnceCell<CandleEmbedder>,
}

/// One retriever's answers on a collection.
pub(super) struct Answered {
    pub(super) run: Run,
    pub(super) provenance: Provenance,
    pub(super) speed: Speed,
}

/// A collection whose texts are embedded as far as anybody needs it.
struct Embedded {
    texts: Vec<String>,
    vectors: Option<(Embeddings, Embeddings)>,
    embedded: usize,
    embed_ms: f64,
}

/// Reads the names of retrievers.
pub(super) fn retrievers(words: &[String]) -> anyhow::Result<Vec<Retriever>> {
    let mut retrievers: Vec<Retriever> = Vec::new();
    for word in words {
        let retriever = word.parse().map_err(|fault| Usage::new(format!("{fault}")))?;
        if retrievers.contains(&retriever) {
            return Err(Usage::new(format!("{word} is named twice; name it once")).into());
        }
        retrievers.push(retriever);
    }
    Ok(retrievers)
}

impl<'s> Asker<'s> {
    pub(super) fn new(session: &'s Session<'s>, searching: &Searching) -> Asker<'s> {
        let long_texts = if searching.truncate { LongTexts::Truncate } else { session.long_texts() };
        Asker { session, long_texts, embedder: OnceCell::new() }
    }

    fn embedder(&self) -> anyhow::Result<&CandleEmbedder> {
        if self.embedder.get().is_none() {
            let opened = self.session.embedder(self.long_texts)?;
            // Nobody else sets it in between.
            let _ = self.embedder.set(opened);
        }
        self.embedder.get().ok_or_else(|| anyhow::anyhow!("the model was not kept"))
    }

    /// Asks every query of `collection` with each of `retrievers`.
    pub(super) fn ask(
        &self,
        collection: &Collection,
        retrievers: &[Retriever],
        searching: &Searching,
    ) -> anyhow::Result<Vec<Answered>> {
        let excludes_self = self.excludes_self(collection, searching.exclude_self);
        let embedded = self.embed(collection, retrievers)?;
        retrievers
            .iter()
            .map(|retriever| self.run(collection, retriever, &embedded, searching.depth, excludes_self))
            .collect()
    }

    /// Decides whether a post may answer itself, and says so.
    fn excludes_self(&self, collection: &Collection, wanted: ExcludeSelf) -> bool {
        let queries = collection.queries_and_posts();
        let excludes = match wanted {
            ExcludeSelf::Auto => queries == QueriesAndPosts::ByExample,
            ExcludeSelf::Yes => true,
            ExcludeSelf::No => false,
        };
        let said = match (wanted, queries) {
            (ExcludeSelf::Auto, QueriesAndPosts::ByExample) => {
                "the queries are posts, which are taken out of their own answers (--exclude-self no keeps them)"
            }
            (ExcludeSelf::Auto, QueriesAndPosts::SameIdsOnly) => {
                "queries and posts have the same ids but other texts; no post is taken out (--exclude-self yes does)"
            }
            _ => return excludes,
        };
        self.session.console.note(&format!("{}: {said}", collection.name));
        excludes
    }

    fn embed(&self, collection: &Collection, retrievers: &[Retriever]) -> anyhow::Result<Embedded> {
        let texts: Vec<String> = collection.corpus.posts().iter().map(text_of).collect();
        if !retrievers.iter().any(Retriever::needs_vectors) {
            return Ok(Embedded { texts, vectors: None, embedded: 0, embed_ms: 0.0 });
        }
        let embedder = self.embedder()?;
        let start = Instant::now();
        let posts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let name = &collection.name;
        let posts = self.session.embed_texts(embedder, &posts, &format!("{name} posts"))?;
        let queries: Vec<&str> = collection.queries.values().map(String::as_str).collect();
        let queries = self.session.embed_texts(embedder, &queries, &format!("{name} queries"))?;
        let embed_ms = milliseconds(start);
        let embedded = posts.embedded + queries.embedded;
        Ok(Embedded { texts, vectors: Some((posts.embeddings, queries.embeddings)), embedded, embed_ms })
    }

    fn run(
        &self,
        collection: &Collection,
        retriever: &Retriever,
        embedded: &Embedded,
        depth: u16,
        excludes_self: bool,
    ) -> anyhow::Result<Answered> {
        let start = Instant::now();
        let embeddings = embedded.vectors.as_ref().map(|(posts, _)| posts);
        let searched = Searched { corpus: &collection.corpus, texts: &embedded.texts, embeddings };
        let searcher = Searcher::build(retriever, &searched)?;
        let index_ms = milliseconds(start);
        let mut run = Run::new(retriever.name());
        let mut times = Vec::with_capacity(collection.queries.len());
        let message = format!("{} with {}", collection.name, retriever.name());
        self.session.console.with_bar(&message, Unit::Queries, |progress| -> anyhow::Result<()> {
            for (row, (id, text)) in collection.queries.iter().enumerate() {
                let vector = embedded.vectors.as_ref().map(|(_, queries)| queries.row(row));
                let itself = if excludes_self { collection.position(id) } else { None };
                let start = Instant::now();
                let found = searcher.search(&Query { text, vector, itself }, usize::from(depth))?;
                times.push(milliseconds(start));
                run.insert(id.as_str(), by_id(collection, &found));
                progress(row + 1, collection.queries.len());
            }
            Ok(())
        })?;
        times.sort_unstable_by(f64::total_cmp);
        let speed = Speed {
            embedded: if retriever.needs_vectors() { embedded.embedded } else { 0 },
            embed_ms: if retriever.needs_vectors() { embedded.embed_ms } else { 0.0 },
            index_ms,
            query_ms_p50: quantile(&times, 0.5),
            query_ms_p95: quantile(&times, 0.95),
        };
        let provenance = self.provenance(collection, retriever, depth, excludes_self)?;
        Ok(Answered { run, provenance, speed })
    }

    fn provenance(
        &self,
        collection: &Collection,
        retriever: &Retriever,
        depth: u16,
        excludes_self: bool,
    ) -> anyhow::Result<Provenance> {
        let model = if retriever.needs_vectors() { Some(model(self.embedder()?)) } else { None };
        let threads = self.session.settings.value("threads").or_else(|| std::thread::available_parallelism().ok());
        Ok(Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            retriever: retriever.to_string(),
            model,
            template: TEMPLATE.to_owned(),
            collection: collection.provenance(),
            excludes_self,
            depth: usize::from(depth),
            cpu: cpu(),
            threads: threads.map_or(1, std::num::NonZeroUsize::get),
        })
    }
}

/// Names the answers by their posts' ids; equal scores stay in the order of the positions, which is that of the ids.
fn by_id(collection: &Collection, found: &[(usize, f64)]) -> Vec<Ranked> {
    let name =
        |&(position, score): &(usize, f64)| Ranked { post: collection.corpus.post(position).id.as_str().into(), score };
    found.iter().map(name).collect()
}

fn model(embedder: &CandleEmbedder) -> ModelProvenance {
    let space = embedder.space();
    ModelProvenance {
        name: space.model.clone(),
        revision: space.revision.clone(),
        sha256: space.sha256.clone(),
        dimension: space.dimension,
        pooling: space.pooling.clone(),
        long_texts: space.long_texts.as_str().to_owned(),
    }
}

pub(super) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Returns the value below which a share of the sorted `values` lies; 0 where there are none.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let at = (share * values.len() as f64).ceil() as usize;
    values.get(at.clamp(1, values.len().max(1)) - 1).copied().unwrap_or_default()
}

/// Names the processor and the instruction sets that kernels may use.
pub(super) fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = |key: &str| info.lines().find(|line| line.starts_with(key)).and_then(|line| line.split(": ").nth(1));
    let name = line("model name").map_or_else(|| std::env::consts::ARCH.to_owned(), str::to_owned);
    let family = |key: &str| {
        line(key).map(|number| format!(", {} {number}", key.trim_start_matches("cpu "))).unwrap_or_default()
    };
    let flags: Vec<&str> = line("flags").unwrap_or_default().split(' ').collect();
    let sets: Vec<&str> =
        ["avx2", "avx512f", "avx512_vnni", "amx_int8"].into_iter().filter(|set| flags.contains(set)).collect();
    let sets = if sets.is_empty() { String::new() } else { format!(" ({})", sets.join(", ")) };
    format!("{name}{}{sets}", family("cpu family"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_seen() {
        assert_eq!(quantile(&[], 0.5), 0.0);
        assert_eq!(quantile(&[3.0], 0.95), 3.0);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.95), 4.0);
    }
}
