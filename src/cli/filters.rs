//! Which posts may be answers, as flags and settings say it.

use super::args::Filters;
use super::session::Session;
use crate::corpus::Corpus;
use crate::rank::filter::{Caps, Filter};
use crate::recommender::Opened;

impl Session<'_> {
    /// Takes the caps of one command into the settings.
    pub(super) fn take_caps(&mut self, filters: &Filters) {
        self.settings.put_flag("per_source", filters.per_source);
        self.settings.put_flag("per_author", filters.per_author);
        self.settings.put_flag("per_series", filters.per_series);
    }

    pub(super) fn caps(&self) -> Caps {
        Caps {
            per_source: self.settings.value("per_source"),
            per_author: self.settings.value("per_author"),
            per_series: self.settings.value("per_series"),
        }
    }

    /// Returns the filter of one command, with what is always blocked.
    pub(super) fn filter(&self, opened: &Opened, filters: &Filters) -> anyhow::Result<Filter> {
        let corpus = opened.recommender.corpus();
        let named = filters.block.iter().map(|word| self.find_post(opened, word));
        let mut blocked: Vec<usize> = named.collect::<anyhow::Result<_>>()?;
        blocked.extend(self.always_blocked(corpus, &opened.sources));
        self.say_unknown(corpus, filters);
        Ok(Filter {
            tags: filters.tag.clone(),
            without_tags: filters.without_tag.clone(),
            sources: filters.source.clone(),
            without_sources: filters.without_source.clone(),
            languages: filters.lang.clone(),
            since: filters.since,
            until: filters.until,
            blocked,
            ..Filter::NONE
        })
    }

    /// Finds what the key `block` names; the list may be older or newer than the store.
    fn always_blocked(&self, corpus: &Corpus, sources: &[String]) -> Vec<usize> {
        let Some(setting) = self.settings.get("block") else { return Vec::new() };
        let (mut blocked, mut unknown) = (Vec::new(), Vec::new());
        for name in setting.text.lines().map(str::trim).filter(|name| !name.is_empty()) {
            match self.find_for_setting(corpus, sources, name) {
                Some(position) => blocked.push(position),
                None => unknown.push(name),
            }
        }
        if let Some(first) = unknown.first() {
            let (count, origin) = (unknown.len(), &setting.origin);
            self.console.note(&format!("{count} blocked by {origin} not in the store, such as \"{first}\""));
        }
        blocked
    }

    /// Says which names of a filter no post has: a typing error would be an empty list.
    fn say_unknown(&self, corpus: &Corpus, filters: &Filters) {
        let posts = corpus.posts();
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        for tag in filters.tag.iter().chain(&filters.without_tag) {
            if !posts.iter().any(|post| post.tags.iter().any(|other| same(tag, other))) {
                self.console.note(&format!("no post has the tag \"{tag}\""));
            }
        }
        for source in filters.source.iter().chain(&filters.without_source) {
            if !posts.iter().any(|post| same(source, &post.source)) {
                self.console.note(&format!("no post is of the source \"{source}\"; `nextread status` lists them"));
            }
        }
    }
}
