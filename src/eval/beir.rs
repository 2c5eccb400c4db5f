//! What is in a test collection? Posts, queries and judgments, in the layout of BEIR.
//!
//! `corpus.jsonl` has `{"_id", "title", "text"}` a line, `queries.jsonl` `{"_id", "text"}`, `qrels/<split>.tsv` the
//! judgments (Thakur et al., "BEIR", NeurIPS 2021).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::provenance::{CollectionProvenance, fingerprint};
use super::qrels::Qrels;
use crate::corpus::Corpus;
use crate::post::{Post, PostId, Summary, SummaryOrigin};

/// Ids that an error names on each side.
const NAMED_MAX: usize = 3;

/// A test collection: what is searched, what is asked, and what people judged.
pub struct Collection {
    /// The name of its folder.
    pub name: String,
    /// Which of its judgments, such as `test`.
    pub split: String,
    /// The posts, ascending by id; a line's text is the summary.
    pub corpus: Corpus,
    /// The judged queries' texts by id.
    pub queries: BTreeMap<String, String>,
    /// The judgments.
    pub qrels: Qrels,
    /// What was left out or looks odd.
    pub notes: CollectionNotes,
    sha256: String,
}

/// What was left out of a collection, or looks odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CollectionNotes {
    /// Posts whose id was there before; the first was kept.
    pub repeated_posts: usize,
    /// Posts without title and text; kept.
    pub empty_posts: usize,
    /// Queries whose id was there before; the first was kept.
    pub repeated_queries: usize,
    /// Judged queries without text, or that `queries.jsonl` has not; left out with their judgments.
    pub queries_without_text: usize,
    /// Queries that nobody judged; left out.
    pub queries_not_judged: usize,
    /// Judgments of posts that `corpus.jsonl` has not; kept, as no system can find them.
    pub judgments_of_missing_posts: usize,
}

/// How the queries of a collection stand to its posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueriesAndPosts {
    /// Some query has an id that no post has.
    Apart,
    /// Every query has the id of a post, but not its words: both are merely numbered from 1.
    SameIdsOnly,
    /// Every query has the id and the words of the title of a post.
    ByTitle,
    /// Every query has the id and all the words of a post: it is that post.
    ByExample,
}

/// Says why a collection cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BeirError {
    /// A line is not what the layout asks for.
    #[error("{file}:{line}: {what}; each line is one JSON object with \"_id\" and \"text\"")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A file has no line.
    #[error("{file}: no line in it; a collection has at least one post and one query")]
    Empty {
        /// The file.
        file: String,
    },
    /// No judged query is among the queries, or no judged post among the posts.
    #[error(
        "{name}: no {kind} of the judgments is among the {kind}s; the judgments name {judged}, the collection {own}; \
         check that they belong together"
    )]
    Mismatch {
        /// The collection.
        name: String,
        /// `query` or `post`.
        kind: &'static str,
        /// Some ids of the judgments.
        judged: String,
        /// Some ids of the collection.
        own: String,
    },
}

/// The texts of a collection's files.
#[derive(Debug, Clone, Copy)]
pub struct CollectionFiles<'a> {
    /// The name of the folder.
    pub name: &'a str,
    /// Which judgments.
    pub split: &'a str,
    /// `corpus.jsonl`: what to call it in errors, and its text.
    pub corpus: (&'a str, &'a str),
    /// `queries.jsonl`: what to call it in errors, and its text.
    pub queries: (&'a str, &'a str),
    /// The file of judgments.
    pub qrels: &'a str,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_id", alias = "id")]
    id: Id,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

/// Some collections write numbers for ids.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

impl Collection {
    /// Puts a collection together; `qrels` are its parsed judgments.
    ///
    /// # Errors
    /// A line is not JSON or has no id, a file is empty, or judgments and collection have no id in common.
    pub fn new(files: &CollectionFiles<'_>, mut qrels: Qrels) -> Result<Collection, BeirError> {
        let mut notes = CollectionNotes::default();
        let corpus = read_corpus(files, &mut notes)?;
        let mut queries = read_queries(files, &mut notes)?;
        let all_queries = queries.len();
        let judged: Vec<String> = qrels.queries().map(|(query, _)| query.to_owned()).collect();
        if !judged.iter().any(|query| queries.contains_key(query)) {
            return Err(mismatch(files.name, "query", &judged, queries.keys()));
        }
        qrels.retain(|query| queries.contains_key(query));
        notes.queries_without_text = judged.len() - qrels.len();
        queries.retain(|query, _| qrels.contains(query));
        notes.queries_not_judged = all_queries - queries.len();
        check_posts(files.name, &corpus, &qrels, &mut notes)?;
        let sha256 = fingerprint([files.corpus.1, files.queries.1, files.qrels]);
        let (name, split) = (files.name.to_owned(), files.split.to_owned());
        Ok(Collection { name, split, corpus, queries, qrels, notes, sha256 })
    }

    /// Keeps the first `limit` judged queries, by id; returns how many were dropped.
    pub fn limit_queries(&mut self, limit: usize) -> usize {
        let dropped: Vec<String> = self.queries.keys().skip(limit).cloned().collect();
        for query in &dropped {
            self.queries.remove(query);
        }
        self.qrels.retain(|query| self.queries.contains_key(query));
        dropped.len()
    }

    /// Tells whether and how queries stand for posts.
    #[must_use]
    pub fn queries_and_posts(&self) -> QueriesAndPosts {
        let letters = |text: &str| -> String { text.chars().filter(|letter| letter.is_alphanumeric()).collect() };
        let alike = |(query, text): (&String, &String)| {
            let post = self.corpus.post(self.position(query)?);
            let (asked, title) = (letters(text), letters(&post.title));
            let is_post = asked == title.clone() + &letters(&post.summary.text);
            Some(match (is_post, asked == title) {
                (true, _) => QueriesAndPosts::ByExample,
                (false, true) => QueriesAndPosts::ByTitle,
                (false, false) => QueriesAndPosts::SameIdsOnly,
            })
        };
        let all: Option<Vec<QueriesAndPosts>> = self.queries.iter().map(alike).collect();
        // What holds for all: the least that holds for any.
        all.map_or(QueriesAndPosts::Apart, |all| all.into_iter().min().unwrap_or(QueriesAndPosts::Apart))
    }

    /// Returns the position of the post with this id.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        PostId::new(id).ok().and_then(|id| self.corpus.position(&id))
    }

    /// Returns what a run over this collection keeps about it.
    #[must_use]
    pub fn provenance(&self) -> CollectionProvenance {
        CollectionProvenance {
            name: self.name.clone(),
            split: self.split.clone(),
            posts: self.corpus.len(),
            queries: self.queries.len(),
            sha256: self.sha256.clone(),
        }
    }
}

fn read_corpus(files: &CollectionFiles<'_>, notes: &mut CollectionNotes) -> Result<Corpus, BeirError> {
    let (mut posts, mut seen) = (Vec::new(), HashSet::new());
    let file = files.corpus.0;
    for (line, (id, title, text)) in lines(files.corpus)? {
        let id = PostId::new(&id).map_err(|fault| line_error(file, line, &fault))?;
        if !seen.insert(id.clone()) {
            notes.repeated_posts += 1;
            continue;
        }
        notes.empty_posts += usize::from(title.is_empty() && text.is_empty());
        posts.push(post(id, title, text));
    }
    Corpus::new(posts).map_err(|fault| line_error(file, 1, &fault))
}

fn read_queries(
    files: &CollectionFiles<'_>,
    notes: &mut CollectionNotes,
) -> Result<BTreeMap<String, String>, BeirError> {
    let mut queries = BTreeMap::new();
    for (_, (id, _, text)) in lines(files.queries)? {
        match queries.entry(id) {
            Entry::Occupied(_) => notes.repeated_queries += 1,
            Entry::Vacant(_) if text.is_empty() => {}
            Entry::Vacant(place) => {
                place.insert(text);
            }
        }
    }
    Ok(queries)
}

type Record = (String, String, String);

/// Returns id, title and text of each line with its number; white space around them is taken off.
fn lines((file, text): (&str, &str)) -> Result<Vec<(usize, Record)>, BeirError> {
    let mut records = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let record: Line = serde_json::from_str(line).map_err(|fault| line_error(file, number + 1, &fault))?;
        let id = match record.id {
            Id::Text(id) => id.trim().to_owned(),
            Id::Number(id) => id.to_string(),
        };
        let trimmed = |text: Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        records.push((number + 1, (id, trimmed(record.title), trimmed(record.text))));
    }
    if records.is_empty() { Err(BeirError::Empty { file: file.to_owned() }) } else { Ok(records) }
}

fn line_error(file: &str, line: usize, fault: &dyn std::fmt::Display) -> BeirError {
    BeirError::Line { file: file.to_owned(), line, what: fault.to_string() }
}

/// Makes a post; one without title has its text for a title, so that what is embedded is the text either way.
fn post(id: PostId, title: String, text: String) -> Post {
    let (title, text) = if title.is_empty() { (text, String::new()) } else { (title, text) };
    let origin = if text.is_empty() { SummaryOrigin::Missing } else { SummaryOrigin::Given };
    Post { summary: Summary { text, origin }, ..Post::new(id, title) }
}

fn check_posts(name: &str, corpus: &Corpus, qrels: &Qrels, notes: &mut CollectionNotes) -> Result<(), BeirError> {
    let known: HashSet<&str> = corpus.posts().iter().map(|post| post.id.as_str()).collect();
    let judged = || qrels.queries().flat_map(|(_, judgments)| judgments.iter().map(|judgment| &*judgment.post));
    notes.judgments_of_missing_posts = judged().filter(|post| !known.contains(post)).count();
    if notes.judgments_of_missing_posts == qrels.judgments() {
        let judged: Vec<String> = judged().take(NAMED_MAX).map(str::to_owned).collect();
        return Err(mismatch(name, "post", &judged, corpus.posts().iter().map(|post| post.id.as_str())));
    }
    Ok(())
}

fn mismatch<T: AsRef<str>>(
    name: &str,
    kind: &'static str,
    judged: &[String],
    own: impl Iterator<Item = T>,
) -> BeirError {
    let own: Vec<T> = own.take(NAMED_MAX).collect();
    let (judged, own) = (some(judged.iter()), some(own.iter()));
    BeirError::Mismatch { name: name.to_owned(), kind, judged, own }
}

fn some<T: AsRef<str>>(ids: impl Iterator<Item = T>) -> String {
    let ids: Vec<String> = ids.take(NAMED_MAX).map(|id| format!("\"{}\"", id.as_ref())).collect();
    if ids.is_empty() { "nothing".to_owned() } else { ids.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection(corpus: &str, queries: &str, qrels: &[(&str, &str)]) -> Result<Collection, BeirError> {
        let mut judged = Qrels::default();
        for (query, post) in qrels {
            judged.add(query, post, 1);
        }
        let files = CollectionFiles {
            name: "tiny",
            split: "test",
            corpus: ("corpus.jsonl", corpus),
            queries: ("queries.jsonl", queries),
            qrels: "",
        };
        Collection::new(&files, judged)
    }

    fn check_error(corpus: &str, queries: &str, qrels: &[(&str, &str)], expect: &str) {
        let error = collection(corpus, queries, qrels).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expect), "{error}");
    }

    const POST: &str = r#"{"_id": "p1", "title": "T", "text": "x"}"#;
    const QUERY: &str = r#"{"_id": "q1", "text": "x"}"#;

    #[test]
    fn what_is_odd_is_counted() {
        let corpus = format!("\u{feff}{POST}\r\n\n{POST}\n{{\"_id\": 7, \"title\": \"\", \"text\": null}}\n");
        let queries = format!("{QUERY}\n{QUERY}\n{{\"_id\":\"q2\",\"text\":\"y\"}}\n{{\"_id\":\"q3\",\"text\":\" \"}}");
        let judged = [("q1", "p1"), ("q1", "gone"), ("q3", "p1"), ("q4", "p1")];
        let mut found = collection(&corpus, &queries, &judged).unwrap();
        let expect = CollectionNotes {
            repeated_posts: 1,
            empty_posts: 1,
            repeated_queries: 1,
            queries_without_text: 2,
            queries_not_judged: 1,
            judgments_of_missing_posts: 1,
        };
        assert_eq!((found.notes, found.corpus.len(), found.queries.len()), (expect, 2, 1));
        assert_eq!((found.position("7"), found.queries_and_posts()), (Some(0), QueriesAndPosts::Apart));
        assert_eq!((found.limit_queries(1), found.limit_queries(0), found.qrels.len()), (0, 1, 0));
    }

    #[test]
    fn a_query_is_a_post_only_if_it_has_its_words() {
        let check = |text: &str, expect: QueriesAndPosts| {
            let query = format!("{{\"_id\": \"p1\", \"text\": \"{text}\"}}");
            assert_eq!(collection(POST, &query, &[("p1", "p1")]).unwrap().queries_and_posts(), expect);
        };
        check("T. x", QueriesAndPosts::ByExample);
        check("T", QueriesAndPosts::ByTitle);
        check("something else", QueriesAndPosts::SameIdsOnly);
    }

    #[test]
    fn faults_name_file_and_line() {
        check_error("{\"_id\": \"a\"\n", QUERY, &[], "corpus.jsonl:1: EOF");
        check_error(&format!("{POST}\n{{\"text\": \"x\"}}"), QUERY, &[], "corpus.jsonl:2: missing field `_id`");
        check_error("{\"_id\": \" \"}", QUERY, &[], "corpus.jsonl:1");
        check_error(POST, "\n", &[], "queries.jsonl: no line");
        check_error(POST, QUERY, &[("z1", "p1"), ("z2", "p1")], "judgments name \"z1\", \"z2\", the collection \"q1\"");
        check_error(POST, QUERY, &[("q1", "z")], "no post of the judgments is among the posts");
    }
}
