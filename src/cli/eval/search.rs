//! What does a retriever answer, how fast, and made with what?

use std::num::NonZeroUsize;
use std::time::Instant;

use crate::cli::console::Unit;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::embed::Embedder;
use crate::eval::{
    CollectionProvenance, ModelProvenance, Provenance, Query, Ranked, Retriever, Run, Searched, Searcher, Speed,
};
use crate::recommender::TEMPLATE;

/// One retriever's answers and where they come from.
pub(super) struct Answered {
    pub(super) run: Run,
    pub(super) provenance: Provenance,
    pub(super) speed: Speed,
}

/// A query with the id under which it is judged.
pub(super) struct Question<'a> {
    pub(super) id: &'a str,
    pub(super) query: Query<'a>,
}

/// What is the same for all retrievers of a measurement.
pub(super) struct Setting<'a> {
    pub(super) session: &'a Session<'a>,
    /// The model, where some retriever needs it.
    pub(super) embedder: Option<&'a dyn Embedder>,
    pub(super) collection: CollectionProvenance,
    pub(super) searched: Searched<'a>,
    pub(super) questions: Vec<Question<'a>>,
    /// Texts that were embedded for this now, and the milliseconds that it took.
    pub(super) embedded: (usize, f64),
    pub(super) depth: usize,
}

/// Reads the names of retrievers, apart or with commas between; each comes with the word that named it.
pub(super) fn retrievers(words: &[String]) -> anyhow::Result<Vec<(String, Retriever)>> {
    let mut retrievers: Vec<(String, Retriever)> = Vec::new();
    for word in words.iter().flat_map(|words| apart(words)) {
        let retriever = word.parse().map_err(|fault| Usage::new(format!("{fault}")))?;
        if retrievers.iter().any(|(_, known)| *known == retriever) {
            return Err(Usage::new(format!("{word} is named twice; name it once")).into());
        }
        retrievers.push((word, retriever));
    }
    Ok(retrievers)
}

/// Splits at commas, but not at those between the parameters of one retriever.
fn apart(words: &str) -> Vec<String> {
    let mut apart: Vec<String> = Vec::new();
    for part in words.split(',') {
        let is_parameter = part.contains('=') && !part.contains(':');
        match apart.last_mut().filter(|_| is_parameter) {
            Some(last) => *last = format!("{last},{part}"),
            None => apart.push(part.to_owned()),
        }
    }
    apart
}

impl Setting<'_> {
    /// Asks every question.
    pub(super) fn ask(&self, retriever: &Retriever) -> anyhow::Result<Answered> {
        let start = Instant::now();
        let mut graph = None;
        let searcher = Searcher::build(retriever, &self.searched, &mut graph)?;
        let index_ms = milliseconds(start);
        let mut run = Run::new(retriever.name());
        let mut times = Vec::with_capacity(self.questions.len());
        self.say_beam(retriever);
        let message = format!("{} with {}", self.collection.name, retriever.name());
        self.session.console.with_bar(&message, Unit::Queries, |progress| -> anyhow::Result<()> {
            for (done, question) in self.questions.iter().enumerate() {
                let start = Instant::now();
                let found = searcher.search(&question.query, self.depth)?;
                times.push(milliseconds(start));
                run.insert(question.id, self.by_id(&found));
                progress(done + 1, self.questions.len());
            }
            Ok(())
        })?;
        times.sort_unstable_by(f64::total_cmp);
        let (embedded, embed_ms) = if retriever.needs_vectors() { self.embedded } else { (0, 0.0) };
        let (query_ms_p50, query_ms_p95) = (quantile(&times, 0.5), quantile(&times, 0.95));
        let speed = Speed { embedded, embed_ms, index_ms, query_ms_p50, query_ms_p95 };
        Ok(Answered { run, provenance: self.provenance(retriever), speed })
    }

    /// A walk through the graph keeps at least as many posts as it is asked for.
    fn say_beam(&self, retriever: &Retriever) {
        if let Retriever::Hnsw { options, .. } = retriever {
            let depth = self.depth.min(self.searched.corpus.len());
            if options.ef_search < depth {
                self.session.console.note(&format!(
                    "{retriever}: ef_search counts as {depth}, the answers that are asked for (--depth)"
                ));
            }
        }
    }

    /// Names the answers by their posts' ids; equal scores stay in the order of the positions, which is that of the ids.
    fn by_id(&self, found: &[(usize, f64)]) -> Vec<Ranked> {
        let id = |position: usize| self.searched.corpus.post(position).id.as_str().into();
        found.iter().map(|&(position, score)| Ranked { post: id(position), score }).collect()
    }

    fn provenance(&self, retriever: &Retriever) -> Provenance {
        let threads = self.session.settings.value("threads").or_else(|| std::thread::available_parallelism().ok());
        Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            retriever: retriever.to_string(),
            model: self.embedder.filter(|_| retriever.needs_vectors()).map(model),
            template: TEMPLATE.to_owned(),
            collection: self.collection.clone(),
            excludes_self: self.questions.iter().any(|question| question.query.itself.is_some()),
            depth: self.depth,
            cpu: cpu(),
            threads: threads.map_or(1, NonZeroUsize::get),
        }
    }
}

fn model(embedder: &dyn Embedder) -> ModelProvenance {
    let space = embedder.space();
    ModelProvenance {
        name: space.model.clone(),
        revision: space.revision.clone(),
        sha256: space.sha256.clone(),
        dimension: space.dimension,
        pooling: space.pooling.clone(),
        long_texts: space.long_texts.as_str().to_owned(),
        precision: space.precision.as_str().to_owned(),
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
    let family = line("cpu family").map(|number| format!(", family {number}")).unwrap_or_default();
    let flags: Vec<&str> = line("flags").unwrap_or_default().split(' ').collect();
    let sets: Vec<&str> =
        ["avx2", "avx512f", "avx512_vnni", "amx_int8"].into_iter().filter(|set| flags.contains(set)).collect();
    let sets = if sets.is_empty() { String::new() } else { format!(" ({})", sets.join(", ")) };
    format!("{name}{family}{sets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retrievers_are_named_apart_or_with_commas() {
        let named = |words: &[&str]| -> Vec<String> {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            retrievers(&words).unwrap().into_iter().map(|(word, _)| word).collect()
        };
        let expect = ["dense", "hnsw:m=8,ef_search=5", "bm25"];
        assert_eq!(named(&["dense,hnsw:m=8,ef_search=5,bm25"]), expect);
        assert_eq!(named(&["dense", "hnsw:m=8,ef_search=5", "bm25"]), expect);
    }

    #[test]
    fn quantiles_are_values_that_were_seen() {
        assert_eq!(quantile(&[], 0.5), 0.0);
        assert_eq!(quantile(&[3.0], 0.95), 3.0);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.95), 4.0);
    }
}
