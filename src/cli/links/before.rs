//! Which links were there before?

use std::path::Path;

use anyhow::Context;

use super::args::LinksArgs;
use super::plan::{Form, Plan};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::cli::words::many;
use crate::corpus::Corpus;
use crate::post::PostId;
use crate::site::{Names, Placed, data, front_matter};

/// The links of before, by position of the post.
pub(super) struct Before {
    /// Positions that it linked to; `None` for a post that had no list.
    pub(super) lists: Vec<Option<Vec<usize>>>,
    /// What it linked to that is no more.
    pub(super) gone: Vec<Vec<String>>,
}

impl Before {
    pub(super) fn read(
        session: &Session<'_>,
        args: &LinksArgs,
        plan: &Plan,
        corpus: &Corpus,
        names: &Names,
        placed: &[Option<Placed>],
    ) -> anyhow::Result<Before> {
        let count = corpus.len();
        let mut before = Before { lists: vec![None; count], gone: vec![Vec::new(); count] };
        let is_data = matches!(plan.form, Form::Data | Form::Listing);
        match (&args.before, &plan.file) {
            (Some(file), _) => {
                let advice = || format!("{}: cannot be read; name a data file of before", file.display());
                let text = std::fs::read_to_string(file).with_context(advice)?;
                before.read_data(session, file, &text, corpus, names)?;
            }
            (None, Some(place)) if is_data => {
                let text = place.folder.read(&place.name)?.filter(|text| !text.trim().is_empty());
                if let Some(text) = text {
                    before.read_data(session, &place.path(), &text, corpus, names)?;
                }
            }
            (None, _) if plan.form == Form::FrontMatter => before.read_front_matter(names, placed),
            _ => {}
        }
        if args.afresh {
            before.lists.fill(None);
            before.gone.fill(Vec::new());
        }
        Ok(before)
    }

    /// Tells whether anything was there before.
    pub(super) fn has_any(&self) -> bool {
        self.lists.iter().any(Option::is_some)
    }

    /// A file that was not written here is not to be written over, either.
    fn read_data(
        &mut self,
        session: &Session<'_>,
        file: &Path,
        text: &str,
        corpus: &Corpus,
        names: &Names,
    ) -> anyhow::Result<()> {
        let lists = data::read(text).ok_or_else(|| {
            let shown = file.display();
            Usage::new(format!(
                "{shown}: is no file that `nextread links` wrote; move it away, or name another with --out"
            ))
        })?;
        let positions = names.positions();
        let mut unknown = 0;
        for (name, ids) in lists {
            let Some(&position) = positions.get(name.as_str()) else {
                unknown += 1;
                continue;
            };
            self.put(position, ids, |id| corpus.position(&PostId::new(id).ok()?));
        }
        if unknown > 0 {
            session.console.note(&format!(
                "{} of {} not among the posts of today",
                many(unknown, "post"),
                file.file_name().unwrap_or_default().to_string_lossy()
            ));
        }
        Ok(())
    }

    /// What cannot be read is told when it is to be written.
    fn read_front_matter(&mut self, names: &Names, placed: &[Option<Placed>]) {
        let positions = names.positions();
        for (position, placed) in placed.iter().enumerate() {
            let Some(placed) = placed else { continue };
            let Ok(text) = std::fs::read_to_string(&placed.file) else { continue };
            if let Ok(Some(links)) = front_matter::links(&text) {
                self.put(position, links, |name| positions.get(name).copied());
            }
        }
    }

    fn put(&mut self, position: usize, links: Vec<String>, find: impl Fn(&str) -> Option<usize>) {
        let mut list = Vec::new();
        for link in links {
            match find(&link) {
                Some(other) => list.push(other),
                None => self.gone[position].push(link),
            }
        }
        self.lists[position] = Some(list);
    }
}
