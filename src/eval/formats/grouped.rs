//! Which lines belong to one query, and which say something twice?

use std::collections::HashMap;

/// What one line says about a post.
#[derive(Debug, Clone)]
pub(super) struct Entry<V> {
    pub(super) post: Box<str>,
    pub(super) value: V,
    /// From 1.
    pub(super) line: usize,
}

/// Entries by query, in the order of the lines.
///
/// They are put in order once, at the end: files that come in no order cost no more than others.
#[derive(Debug)]
pub(super) struct Grouped<'a, V> {
    queries: HashMap<&'a str, Vec<Entry<V>>>,
}

/// Two entries for one query and post.
#[derive(Debug)]
pub(super) struct Twice<V> {
    pub(super) query: String,
    pub(super) first: Entry<V>,
    pub(super) second: Entry<V>,
}

/// The entries of each query, ascending by post, each post once: the first that was said of it.
pub(super) struct Settled<V> {
    pub(super) queries: Vec<(String, Vec<Entry<V>>)>,
    /// Every second entry, by line.
    pub(super) twice: Vec<Twice<V>>,
}

impl<'a, V: Clone> Grouped<'a, V> {
    pub(super) fn new() -> Grouped<'a, V> {
        Grouped { queries: HashMap::new() }
    }

    pub(super) fn add(&mut self, query: &'a str, post: &str, value: V, line: usize) {
        self.queries.entry(query).or_default().push(Entry { post: post.into(), value, line });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    pub(super) fn settle(self) -> Settled<V> {
        let mut twice = Vec::new();
        let mut queries = Vec::with_capacity(self.queries.len());
        for (query, mut entries) in self.queries {
            // Stable: of one post the earlier line stays first.
            entries.sort_by(|a, b| a.post.cmp(&b.post));
            entries.dedup_by(|second, first| {
                let same = first.post == second.post;
                if same {
                    let query = query.to_owned();
                    twice.push(Twice { query, first: first.clone(), second: second.clone() });
                }
                same
            });
            queries.push((query.to_owned(), entries));
        }
        twice.sort_by_key(|twice: &Twice<V>| twice.second.line);
        Settled { queries, twice }
    }
}
