//! What authors wish of lists: from the posts, and before that from `nextread.toml`; what cannot be met is told.

use std::collections::BTreeMap;

use super::errors::Usage;
use super::read_report;
use super::session::Session;
use crate::corpus::{Editorial, Wishes};
use crate::recommender::Opened;

impl Session<'_> {
    /// Lets the recommender know what authors wish.
    pub(super) fn take_editorial(&self, opened: &mut Opened) -> anyhow::Result<()> {
        let corpus = opened.recommender.corpus();
        let mut wishes: BTreeMap<usize, Wishes> = BTreeMap::new();
        for (id, of_post) in &opened.wishes {
            if let Some(position) = corpus.position(id) {
                wishes.insert(position, of_post.clone());
            }
        }
        let mut unmet = Vec::new();
        let mut named: BTreeMap<usize, &str> = BTreeMap::new();
        for setting in &self.settings.posts {
            let place = &setting.origin;
            let Some(position) = self.find_for_setting(corpus, &opened.sources, &setting.name) else {
                unmet.push(format!("{place}: no post is called \"{}\"; name an id, a URL or a path", setting.name));
                continue;
            };
            if let Some(other) = named.insert(position, &setting.name) {
                let both = format!("{place}: \"{}\" and \"{other}\" are one post; keep one", setting.name);
                return Err(Usage::new(both).into());
            }
            let of_post = wishes.remove(&position).unwrap_or_default();
            wishes.insert(position, setting.wishes.clone().or(&of_post));
        }
        let wishes: Vec<(usize, Wishes)> = wishes.into_iter().collect();
        let (editorial, not_met) = Editorial::new(corpus, &wishes);
        let said = not_met.iter().map(|not_met| {
            format!("{}: \"{}\" in `nextread`: {}", corpus.post(not_met.post).id, not_met.target, not_met.why)
        });
        unmet.extend(said);
        read_report::say_some(self.console, &unmet, unmet.len());
        opened.recommender.set_editorial(editorial);
        Ok(())
    }
}
