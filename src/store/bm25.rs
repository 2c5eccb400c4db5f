//! Which texts share a query's words? BM25 over SQLite's full-text index, in memory: the baseline of every comparison.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use rusqlite::Connection;

use crate::text::{Language, Stems};

/// A full-text index in memory, by position of the texts that it was made of.
///
/// The score is that of FTS5's `bm25()`: the sum over the query's words of
/// `ln((N − n + 0.5) / (n + 0.5)) · f · (k1 + 1) / (f + k1 · (1 − b + b · length / mean length))` with k1 = 1.2 and
/// b = 0.75, which FTS5 does not let anyone change, and 10⁻⁶ for the logarithm of a word that half of the texts have.
/// A word that a query repeats counts each time. Source: Robertson and Zaragoza, "The Probabilistic Relevance
/// Framework: BM25 and Beyond", Foundations and Trends in Information Retrieval 3 (2009).
///
/// Words are those of Unicode Annex 29, in lower case, cut to their stems ([`Language`]); in English the 33 stop words of
/// Lucene are left out of texts and queries. FTS5 is handed numbers of stems, so that no query has a syntax and its own
/// tokenizer decides nothing.
pub struct Bm25 {
    database: Connection,
    stems: Stems,
    numbers: HashMap<String, u32>,
    texts: usize,
}

/// SQLite could not keep or find words.
#[derive(Debug, thiserror::Error)]
#[error("the full-text index in memory failed; free some memory and try again")]
pub struct Bm25Error(#[from] rusqlite::Error);

impl Bm25 {
    /// Indexes texts; a text's position is its place in the order given.
    ///
    /// # Errors
    /// SQLite fails, which in memory means that there is not enough.
    pub fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, language: Language) -> Result<Bm25, Bm25Error> {
        let mut database = Connection::open_in_memory()?;
        database.execute_batch("CREATE VIRTUAL TABLE post USING fts5(words, content = '', tokenize = 'ascii')")?;
        let stems = Stems::new(language);
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut count = 0;
        let transaction = database.transaction()?;
        {
            let mut insert = transaction.prepare("INSERT INTO post(rowid, words) VALUES (?1, ?2)")?;
            let mut words = String::new();
            for text in texts {
                words.clear();
                stems.of(text.as_ref(), |stem| {
                    let next = numbers.len() as u32;
                    let number = *numbers.entry(stem.to_owned()).or_insert(next);
                    let _ = write!(words, "{number} ");
                });
                insert.execute((count as i64, &words))?;
                count += 1;
            }
        }
        transaction.commit()?;
        database.execute_batch("INSERT INTO post(post) VALUES ('optimize')")?;
        Ok(Bm25 { database, stems, numbers, texts: count })
    }

    /// Returns up to `k` texts that share a word with `query`, as position and score, best first, equal scores by
    /// position. Every score is above 0.
    ///
    /// # Errors
    /// SQLite fails, which in memory means that there is not enough.
    pub fn search(&self, query: &str, k: usize) -> Result<Vec<(usize, f64)>, Bm25Error> {
        let mut times: BTreeMap<u32, f64> = BTreeMap::new();
        self.stems.of(query, |stem| {
            if let Some(number) = self.numbers.get(stem) {
                *times.entry(*number).or_insert(0.0) += 1.0;
            }
        });
        // One word at a time: the scores of words add up, and of an expression of many words FTS5 looks at each word
        // again for every text that has any of them.
        let mut scores = vec![0.0; self.texts];
        let mut select = self.database.prepare_cached("SELECT rowid, bm25(post) FROM post WHERE post MATCH ?1")?;
        for (number, times) in times {
            let mut rows = select.query([format!("\"{number}\"")])?;
            while let Some(row) = rows.next()? {
                let (position, score): (i64, f64) = (row.get(0)?, row.get(1)?);
                scores[position as usize] -= times * score;
            }
        }
        Ok(best(&scores, k))
    }
}

fn best(scores: &[f64], k: usize) -> Vec<(usize, f64)> {
    let mut found: Vec<(usize, f64)> = scores.iter().copied().enumerate().filter(|(_, score)| *score > 0.0).collect();
    let better = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if k == 0 {
        return Vec::new();
    }
    if k < found.len() {
        found.select_nth_unstable_by(k - 1, better);
        found.truncate(k);
    }
    found.sort_unstable_by(better);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXTS: [&str; 5] = ["Baking bread", "", "The bread, and bread's crust", "Index kernels", "Other words"];

    fn check(query: &str, k: usize, expect: &[usize]) {
        let found = Bm25::new(TEXTS, Language::ENGLISH).unwrap().search(query, k).unwrap();
        assert_eq!(found.iter().map(|(position, _)| *position).collect::<Vec<_>>(), expect, "{query}: {found:?}");
        assert!(found.iter().all(|(_, score)| *score > 0.0));
    }

    #[test]
    fn finds_what_shares_a_word() {
        check("breads", 9, &[2, 0]);
        check("baked kernel", 9, &[0, 3]);
        check("bread", 1, &[2]);
        check("bread", 0, &[]);
        check("nothing of this", 9, &[]);
    }

    #[test]
    fn no_query_has_a_syntax() {
        for query in
            ["", "\"", "NEAR(", "body:", "*", "\u{0}", "🦀", "1", "the and", "a OR", "-", "{", "'; DROP TABLE post; --"]
        {
            check(query, 9, &[]);
        }
        check("\"bread* NEAR/2 bread\" AND NOT crust \u{0}", 9, &[2, 0]);
        check("other OR index*", 9, &[3, 4]);
    }

    #[test]
    fn scores_are_those_of_the_formula() {
        let texts = ["tile tile rope", "rope", "sand", "tile sand rope rope", "leaf", "moss leaf fern"];
        let bm25 = Bm25::new(texts, Language::NONE).unwrap();
        let mean_length = 13.0 / 6.0;
        let score = |times: f64, length: f64, have: f64| {
            let idf = ((6.0 - have + 0.5) / (have + 0.5)).ln();
            idf.max(1e-6) * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / mean_length))
        };
        let found: HashMap<usize, f64> = bm25.search("tile rope tile", 9).unwrap().into_iter().collect();
        let expect = [
            (0, 2.0 * score(2.0, 3.0, 2.0) + score(1.0, 3.0, 3.0)),
            (1, score(1.0, 1.0, 3.0)),
            (3, 2.0 * score(1.0, 4.0, 2.0) + score(2.0, 4.0, 3.0)),
        ];
        assert_eq!(found.len(), expect.len());
        for (position, score) in expect {
            assert!((found[&position] - score).abs() < 1e-9, "{position}: {found:?}, {score}");
        }
    }

    #[test]
    fn equal_scores_go_by_position() {
        let bm25 = Bm25::new(["rope", "tile", "rope", "rope"], Language::NONE).unwrap();
        let positions = |k| bm25.search("rope", k).unwrap().into_iter().map(|found| found.0).collect::<Vec<_>>();
        assert_eq!((positions(9), positions(2)), (vec![0, 2, 3], vec![0, 2]));
    }

    #[test]
    fn a_collection_may_be_empty() {
        let none: [&str; 0] = [];
        assert_eq!(Bm25::new(none, Language::NONE).unwrap().search("rope", 3).unwrap(), []);
        assert_eq!(Bm25::new(["", " "], Language::NONE).unwrap().search("rope", 3).unwrap(), []);
    }

    proptest! {
        #[test]
        fn any_query_is_answered(query in "\\PC{0,60}") {
            Bm25::new(TEXTS, Language::ENGLISH).unwrap().search(&query, 3).unwrap();
        }
    }
}
