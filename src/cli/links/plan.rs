//! What is written, and where?

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::args::{GeneratorWord, KeyWord, LinksArgs};
use super::place::{self, Place};
use crate::cli::args::FormatWord;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::output::Format;
use crate::site::front_matter::FieldPath;
use crate::site::{Key, Layout, Placed};

/// The form of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Table,
    Lines,
    Listing,
    /// A data file for templates.
    Data,
    FrontMatter,
    /// A file of HTML for every post.
    Html,
    Markdown,
    JsonFeed,
    Opml,
    GraphMl,
    Dot,
    Mermaid,
}

pub(super) struct Plan {
    pub(super) form: Form,
    pub(super) layout: Layout,
    pub(super) site: Option<PathBuf>,
    /// The one file that is written; `None` for stdout, for front matter and for parts of pages.
    pub(super) file: Option<Place>,
    key: Option<Key>,
}

impl Plan {
    pub(super) fn of(session: &Session<'_>, args: &LinksArgs, format: Option<FormatWord>) -> anyhow::Result<Plan> {
        let (form, layout) = form(session, format)?;
        let layout = args.generator.map_or(layout, |word| match word {
            GeneratorWord::Hugo => Layout::Hugo,
            GeneratorWord::Jekyll => Layout::Jekyll,
            GeneratorWord::Eleventy => Layout::Eleventy,
            GeneratorWord::Astro => Layout::Astro,
            GeneratorWord::Zola => Layout::Zola,
        });
        let site = args.site.as_ref().map(|site| {
            site.canonicalize().with_context(|| format!("{}: cannot be read; name the site's folder", site.display()))
        });
        let site = site.transpose()?;
        let key = args.key.map(|word| match word {
            KeyWord::Path => Key::Path,
            KeyWord::Slug => Key::Slug,
            KeyWord::Permalink => Key::Permalink,
            KeyWord::Id => Key::Id,
        });
        let plan = Plan { form, layout, file: None, site, key };
        plan.refuse(args)?;
        let own = plan.site.as_ref().zip(layout.data_file()).filter(|_| form == Form::Data);
        let in_folder = |folder: &Path, name: &str| -> anyhow::Result<Option<Place>> {
            Ok(Some(Place { folder: place::open(session, folder)?, name: PathBuf::from(name) }))
        };
        let file = match (&args.out, own) {
            (Some(out), _) if out == Path::new("-") => None,
            _ if form == Form::Html => None,
            (Some(out), _) if out.is_dir() && form == Form::Data => in_folder(out, "related.json")?,
            (Some(out), _) => Some(Place::of_file(session, out)?),
            (None, Some((site, file))) => in_folder(site, file)?,
            (None, None) => None,
        };
        Ok(Plan { file, ..plan })
    }

    fn refuse(&self, args: &LinksArgs) -> anyhow::Result<()> {
        let is_front_matter = self.form == Form::FrontMatter;
        let wrong = match () {
            () if args.remove && !is_front_matter => {
                "--remove takes links out of front matter; give --format front-matter with it"
            }
            () if is_front_matter && args.out.is_some() => {
                "front matter is written into the posts' own files; leave --out away"
            }
            () if args.front_matter_key.is_some() && !is_front_matter => {
                "--front-matter-key names a field of front matter; give --format front-matter with it"
            }
            () if self.form == Form::Html && args.out.is_none() => {
                "--format html writes a file for every post; name a folder with --out"
            }
            () if args.dry_run && !is_front_matter && args.out.is_none() && self.site.is_none() => {
                "--dry-run shows what would change in a file; name one with --out, or the site's folder with --site"
            }
            () => return Ok(()),
        };
        Err(Usage::new(wrong).into())
    }

    /// Returns the field that holds the links: Zola's templates see only those of `extra`.
    pub(super) fn front_matter_field(&self, args: &LinksArgs) -> FieldPath {
        let default = if self.layout == Layout::Zola { FieldPath::of_zola() } else { FieldPath::default() };
        args.front_matter_key.clone().unwrap_or(default)
    }

    /// Returns what posts are called by.
    pub(super) fn key(&self, placed: &[Option<Placed>]) -> Key {
        let default = if placed.iter().any(Option::is_some) { Key::Path } else { Key::Id };
        self.key.unwrap_or(default)
    }
}

fn form(session: &Session<'_>, format: Option<FormatWord>) -> anyhow::Result<(Form, Layout)> {
    let generator = match format {
        Some(FormatWord::Hugo) => Some(Layout::Hugo),
        Some(FormatWord::Jekyll) => Some(Layout::Jekyll),
        Some(FormatWord::Eleventy) => Some(Layout::Eleventy),
        Some(FormatWord::Astro) => Some(Layout::Astro),
        Some(FormatWord::Zola) => Some(Layout::Zola),
        _ => None,
    };
    if let Some(layout) = generator {
        return Ok((Form::Data, layout));
    }
    let form = match format {
        Some(FormatWord::FrontMatter) => Form::FrontMatter,
        Some(FormatWord::Html) => Form::Html,
        Some(FormatWord::JsonFeed) => Form::JsonFeed,
        Some(FormatWord::Opml) => Form::Opml,
        Some(FormatWord::Graphml) => Form::GraphMl,
        Some(FormatWord::Dot) => Form::Dot,
        Some(FormatWord::Mermaid) => Form::Mermaid,
        _ => match session.format() {
            Format::Json => Form::Listing,
            Format::JsonLines => Form::Lines,
            Format::Table => Form::Table,
            Format::Markdown => Form::Markdown,
        },
    };
    Ok((form, Layout::Plain))
}
