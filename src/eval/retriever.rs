//! Which way of finding posts? A name with parameters that prints as it parses.

use std::fmt;
use std::str::FromStr;

use crate::index::{Builder, HnswError, HnswOptions};
use crate::text::{Language, LanguageError, meant};

/// A way to rank posts for a query, with every parameter that decides the ranking.
///
/// Parses from `name` or `name:key=value,…`, what is not given being the default; prints in full, keys in order, such
/// as `hnsw:alpha=1.1,builder=bulk,ef_construction=200,ef_search=100,m=16`.
///
/// ```
/// use nextread::eval::Retriever;
///
/// let retriever: Retriever = "hnsw:ef_search=50".parse()?;
/// assert_eq!(retriever.to_string(), "hnsw:alpha=1.1,builder=bulk,ef_construction=200,ef_search=50,m=16");
/// # Ok::<(), nextread::eval::RetrieverError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Retriever {
    /// `dense`: inner product with every vector.
    Dense,
    /// `hnsw`: inner product with the vectors that a walk through a graph meets.
    Hnsw {
        /// M, the beams and alpha.
        options: HnswOptions,
        /// How the graph is built.
        builder: Builder,
    },
    /// `bm25`: shared words ([`crate::store::Bm25`]).
    Bm25 {
        /// By whose rules words lose their endings; `english`.
        language: Language,
    },
    /// `hybrid`: `bm25` and `dense` fused by ranks ([`super::fusion::reciprocal_ranks`]).
    Hybrid {
        /// Answers of each that take part, at least as many as are asked for; 1000.
        depth: usize,
        /// The constant of the fusion; 60.
        k: u32,
        /// As of `bm25`.
        language: Language,
    },
    /// `weighted`: `bm25` and `dense` fused by normalised scores ([`super::fusion::weighted_scores`]).
    Weighted {
        /// The weight of `bm25`, 0 to 1, `dense` having the rest; 0.5.
        bm25: f64,
        /// Answers of each that take part, at least as many as are asked for; 1000.
        depth: usize,
        /// As of `bm25`.
        language: Language,
    },
    /// `nextread`: what `related` (for a post) and `search` (for text) answer; exact duplicates are left out, as there.
    Nextread {
        /// 0 (pure relevance) to 1; 0.
        diversity: f32,
        /// The most answers, which also decides among how many candidates diversity chooses; `None` (`all`) for as many
        /// as are asked for.
        limit: Option<usize>,
        /// The least score that is still an answer, −1 to 1; −1, so that the whole ranking is seen.
        min_score: f32,
    },
}

/// The words by which retrievers are chosen.
pub const RETRIEVERS: [&str; 6] = ["dense", "hnsw", "bm25", "hybrid", "weighted", "nextread"];

/// Answers of each ranking that take part in a fusion, unless said otherwise. Deeper ranks add less than 1/1060.
const FUSION_DEPTH: usize = 1000;
/// The constant of reciprocal rank fusion, as in its paper.
const FUSION_K: u32 = 60;
/// As many answers as are asked for.
const ALL: &str = "all";
/// Equal weights: nothing was tuned.
const BM25_WEIGHT: f64 = 0.5;

/// Says why a text names no retriever.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RetrieverError {
    /// The word before `:` is none of ours.
    #[error("there is no retriever \"{name}\"; {advice}")]
    Name {
        /// What was given.
        name: String,
        /// What to give instead.
        advice: String,
    },
    /// The retriever has no such parameter.
    #[error("{retriever} has no parameter \"{key}\"; {advice}")]
    Key {
        /// The retriever's name.
        retriever: &'static str,
        /// What was given.
        key: String,
        /// What to give instead.
        advice: String,
    },
    /// A parameter is given twice.
    #[error("{retriever}: {key} is given twice; give it once")]
    Twice {
        /// The retriever's name.
        retriever: &'static str,
        /// The parameter.
        key: String,
    },
    /// A parameter without a value.
    #[error("{retriever}: \"{part}\" is not key=value; write it so, with commas between")]
    Pair {
        /// The retriever's name.
        retriever: &'static str,
        /// What was given.
        part: String,
    },
    /// A value is not a number of the range.
    #[error("{retriever}: {key} is \"{value}\"; give {range}")]
    Value {
        /// The retriever's name.
        retriever: &'static str,
        /// The parameter.
        key: &'static str,
        /// What was given.
        value: String,
        /// What to give instead.
        range: &'static str,
    },
    /// There is no stemmer for the language.
    #[error(transparent)]
    Language(#[from] LanguageError),
    /// No graph can be built so.
    #[error("hnsw: {0}")]
    Hnsw(#[from] HnswError),
}

impl Retriever {
    /// Tells whether vectors of posts and queries are needed.
    #[must_use]
    pub fn needs_vectors(&self) -> bool {
        !matches!(self, Retriever::Bm25 { .. })
    }

    /// Returns the word without parameters, one of [`RETRIEVERS`].
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Retriever::Dense => "dense",
            Retriever::Hnsw { .. } => "hnsw",
            Retriever::Bm25 { .. } => "bm25",
            Retriever::Hybrid { .. } => "hybrid",
            Retriever::Weighted { .. } => "weighted",
            Retriever::Nextread { .. } => "nextread",
        }
    }
}

impl fmt::Display for Retriever {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Retriever::Dense => Ok(()),
            Retriever::Hnsw { options, builder } => {
                let HnswOptions { m, ef_construction, ef_search, alpha, seed: _ } = options;
                let builder = builder.as_str();
                write!(
                    f,
                    ":alpha={alpha},builder={builder},ef_construction={ef_construction},ef_search={ef_search},m={m}"
                )
            }
            Retriever::Bm25 { language } => write!(f, ":language={language}"),
            Retriever::Hybrid { depth, k, language } => write!(f, ":depth={depth},k={k},language={language}"),
            Retriever::Weighted { bm25, depth, language } => {
                write!(f, ":bm25={bm25},depth={depth},language={language}")
            }
            Retriever::Nextread { diversity, limit, min_score } => {
                let limit = limit.map_or_else(|| ALL.to_owned(), |limit| limit.to_string());
                write!(f, ":diversity={diversity},limit={limit},min_score={min_score}")
            }
        }
    }
}

impl FromStr for Retriever {
    type Err = RetrieverError;

    fn from_str(text: &str) -> Result<Retriever, RetrieverError> {
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let Some(retriever) = RETRIEVERS.into_iter().find(|known| *known == name) else {
            return Err(RetrieverError::Name { name: name.to_owned(), advice: advice(name, &RETRIEVERS) });
        };
        let given = Given::read(retriever, rest)?;
        match retriever {
            "hnsw" => {
                let default = HnswOptions::default();
                let options = HnswOptions {
                    m: given.value("m", COUNT, default.m)?,
                    ef_construction: given.value("ef_construction", COUNT, default.ef_construction)?,
                    ef_search: given.value("ef_search", COUNT, default.ef_search)?,
                    alpha: given.value("alpha", "a number from 1 to 2", default.alpha)?,
                    seed: default.seed,
                };
                options.check()?;
                Ok(Retriever::Hnsw { options, builder: given.builder()? })
            }
            "bm25" => Ok(Retriever::Bm25 { language: given.language()? }),
            "hybrid" => {
                let k = given.value("k", COUNT, FUSION_K)?;
                Ok(Retriever::Hybrid { depth: given.depth()?, k, language: given.language()? })
            }
            "weighted" => {
                let bm25 = given.within("bm25", 0.0, "a weight from 0 to 1", BM25_WEIGHT)?;
                Ok(Retriever::Weighted { bm25, depth: given.depth()?, language: given.language()? })
            }
            "nextread" => {
                let diversity = given.within("diversity", 0.0, "a number from 0 to 1", 0.0)? as f32;
                let min_score = given.within("min_score", -1.0, "a score from -1 to 1", -1.0)? as f32;
                Ok(Retriever::Nextread { diversity, limit: given.limit()?, min_score })
            }
            _ => Ok(Retriever::Dense),
        }
    }
}

const COUNT: &str = "a whole number";
const BUILDERS: &str = "bulk, insertion or hnsw_rs";

/// The parameters after a retriever's name.
struct Given<'a> {
    retriever: &'static str,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Given<'a> {
    fn read(retriever: &'static str, text: &'a str) -> Result<Given<'a>, RetrieverError> {
        let keys = keys(retriever);
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let pair = part.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
            let (key, value) = pair.ok_or_else(|| RetrieverError::Pair { retriever, part: part.to_owned() })?;
            if !keys.contains(&key) {
                return Err(RetrieverError::Key { retriever, key: key.to_owned(), advice: advice(key, keys) });
            }
            if pairs.iter().any(|(other, _)| *other == key) {
                return Err(RetrieverError::Twice { retriever, key: key.to_owned() });
            }
            pairs.push((key, value));
        }
        Ok(Given { retriever, pairs })
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.pairs.iter().find(|(given, _)| *given == key).map(|(_, value)| *value)
    }

    fn value<T: FromStr>(&self, key: &'static str, range: &'static str, default: T) -> Result<T, RetrieverError> {
        self.text(key).map_or(Ok(default), |text| text.parse().map_err(|_| self.wrong(key, range)))
    }

    /// Reads a number from `least` to 1.
    fn within(&self, key: &'static str, least: f64, range: &'static str, default: f64) -> Result<f64, RetrieverError> {
        let value: f64 = self.value(key, range, default)?;
        // Of −0 comes 0, so that each value prints one way.
        if (least..=1.0).contains(&value) { Ok(value + 0.0) } else { Err(self.wrong(key, range)) }
    }

    fn depth(&self) -> Result<usize, RetrieverError> {
        let range = "a whole number above 0";
        let depth = self.value("depth", range, FUSION_DEPTH)?;
        if depth > 0 { Ok(depth) } else { Err(self.wrong("depth", range)) }
    }

    fn limit(&self) -> Result<Option<usize>, RetrieverError> {
        let range = "a whole number above 0, or all";
        if self.text("limit") == Some(ALL) {
            return Ok(None);
        }
        match self.value("limit", range, 0)? {
            0 if self.text("limit").is_none() => Ok(None),
            0 => Err(self.wrong("limit", range)),
            limit => Ok(Some(limit)),
        }
    }

    fn language(&self) -> Result<Language, RetrieverError> {
        Ok(self.text("language").map_or(Ok(Language::default()), str::parse)?)
    }

    fn builder(&self) -> Result<Builder, RetrieverError> {
        let named = |name| Builder::named(name).ok_or_else(|| self.wrong("builder", BUILDERS));
        self.text("builder").map_or(Ok(Builder::default()), named)
    }

    fn wrong(&self, key: &'static str, range: &'static str) -> RetrieverError {
        let value = self.text(key).unwrap_or_default().to_owned();
        RetrieverError::Value { retriever: self.retriever, key, value, range }
    }
}

fn keys(retriever: &str) -> &'static [&'static str] {
    match retriever {
        "hnsw" => &["alpha", "builder", "ef_construction", "ef_search", "m"],
        "bm25" => &["language"],
        "hybrid" => &["depth", "k", "language"],
        "weighted" => &["bm25", "depth", "language"],
        "nextread" => &["diversity", "limit", "min_score"],
        _ => &[],
    }
}

fn advice(given: &str, known: &[&str]) -> String {
    match meant(given, known.iter().copied()) {
        _ if known.is_empty() => "it has none".to_owned(),
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("use one of {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(given: &str, expect: &str) {
        let printed = match given.parse::<Retriever>() {
            Ok(retriever) => retriever.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(printed, expect, "{given}");
    }

    #[test]
    fn print_in_full() {
        check("dense", "dense");
        check("hnsw", "hnsw:alpha=1.1,builder=bulk,ef_construction=200,ef_search=100,m=16");
        check("hnsw: m=8 , ef_search=50,alpha=1", "hnsw:alpha=1,builder=bulk,ef_construction=200,ef_search=50,m=8");
        check("bm25", "bm25:language=english");
        check("bm25:language=none", "bm25:language=none");
        check("hybrid", "hybrid:depth=1000,k=60,language=english");
        check("hybrid:language=german,k=10", "hybrid:depth=1000,k=10,language=german");
        check("weighted:bm25=0.30", "weighted:bm25=0.3,depth=1000,language=english");
        check("nextread:", "nextread:diversity=0,limit=all,min_score=-1");
        check("nextread:diversity=-0.0,min_score=0.2", "nextread:diversity=0,limit=all,min_score=0.2");
    }

    #[test]
    fn faults_name_the_remedy() {
        check("densse", "there is no retriever \"densse\"; did you mean \"dense\"?");
        check("", "there is no retriever \"\"; use one of dense, hnsw, bm25, hybrid, weighted, nextread");
        check("hnsw:ef=5", "hnsw has no parameter \"ef\"; did you mean \"ef_search\"?");
        check("dense:k=5", "dense has no parameter \"k\"; it has none");
        check("hnsw:m", "hnsw: \"m\" is not key=value; write it so, with commas between");
        check("hnsw:m=4,m=5", "hnsw: m is given twice; give it once");
        check("hnsw:m=many", "hnsw: m is \"many\"; give a whole number");
        check("hnsw:m=1", "hnsw: m is 1; a node has 2 to 255 links");
        check("hnsw:alpha=0.9", "hnsw: alpha is 0.9; give 1 to 2");
        check("hnsw:builder=fast", "hnsw: builder is \"fast\"; give bulk, insertion or hnsw_rs");
        check("hybrid:depth=0", "hybrid: depth is \"0\"; give a whole number above 0");
        check("weighted:bm25=1.5", "weighted: bm25 is \"1.5\"; give a weight from 0 to 1");
        check("nextread:limit=0", "nextread: limit is \"0\"; give a whole number above 0, or all");
        check("nextread:min_score=NaN", "nextread: min_score is \"NaN\"; give a score from -1 to 1");
        check("bm25:language=Englich", "no stemmer for the language \"Englich\"; did you mean \"english\"?");
    }

    proptest! {
        #[test]
        fn parse_to_what_they_print(
            m in 2usize..=255, ef in 1usize..9999, k in 0u32..999, weight in 0.0f64..=1.0, score in -1.0f32..=1.0,
            builder in prop::sample::select(&Builder::ALL[..]),
        ) {
            let language = Language::NONE;
            let alpha = 1.0 + weight as f32;
            let options = HnswOptions { m, ef_construction: ef, ef_search: ef + 1, alpha, ..HnswOptions::default() };
            for retriever in [
                Retriever::Hnsw { options, builder },
                Retriever::Hybrid { depth: ef, k, language },
                Retriever::Weighted { bm25: weight, depth: ef, language },
                Retriever::Nextread { diversity: weight as f32, limit: Some(ef), min_score: score },
                Retriever::Nextread { diversity: weight as f32, limit: None, min_score: score },
            ] {
                prop_assert_eq!(retriever.to_string().parse::<Retriever>(), Ok(retriever));
            }
        }
    }
}
