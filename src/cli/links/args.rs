//! What was typed after `links`?

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use crate::cli::args::{Choice, Filters, LinkedWord};
use crate::site::front_matter::FieldPath;

#[derive(Debug, Args)]
#[command(after_help = "\
Forms (--format):
  hugo, jekyll, eleventy, astro, zola   a data file for templates, at the generator's own place below --site
  front-matter                          a list `related` in the front matter of every post's file (Zola: `extra.related`)
  json, jsonl                           everything, for other programs
  table, md, html, json-feed, opml      to be read, or put into pages
  graphml, dot, mermaid                 the graph")]
pub(in crate::cli) struct LinksArgs {
    /// The site's folder: only posts of files below it, and paths as its generator writes them
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) site: Option<PathBuf>,
    /// Write here [default: the generator's own place below --site, else stdout]
    #[arg(short, long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub(super) out: Option<PathBuf>,
    /// What posts are called by [default: path; without files, id]
    #[arg(long, value_enum, value_name = "KEY")]
    pub(super) key: Option<KeyWord>,
    /// Write paths as this generator does [default: that of --format]
    #[arg(long, value_enum, value_name = "NAME")]
    pub(super) generator: Option<GeneratorWord>,
    /// The field of front matter that holds the links, in a table if need be [default: related; for Zola extra.related]
    #[arg(long, value_name = "[TABLE.]NAME", value_parser = FieldPath::parse)]
    pub(super) front_matter_key: Option<FieldPath>,
    /// Write scores, too, which change with every new post
    #[arg(long)]
    pub(super) scores: bool,
    /// A new link takes the place of an old one if it exceeds its score by this share of it [default: 0.1]
    #[arg(long, value_name = "0..1", value_parser = crate::cli::settings::ratio)]
    pub(super) margin: Option<f32>,
    /// The most new links of a post that had links before [default: any number]
    #[arg(long, value_name = "N")]
    pub(super) changes_max: Option<u16>,
    /// Keep so many places of a list for posts that nothing else leads to [default: 0]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(super) orphans: u16,
    /// The links of before are in this data file [default: in what is to be replaced]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "afresh")]
    pub(super) before: Option<PathBuf>,
    /// Choose as if there had been no links before
    #[arg(long)]
    pub(super) afresh: bool,
    /// Say which links come and go, and why; write nothing
    #[arg(long, conflicts_with_all = ["dry_run", "remove"])]
    pub(super) diff: bool,
    /// With --format html: remove the parts below --out that are of none of these posts
    #[arg(long)]
    pub(super) prune: bool,
    /// Show what would change in files as a unified diff; write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Take out of front matter what was written there: every byte is as it was before
    #[arg(long)]
    pub(super) remove: bool,
    /// Stay, and index and write again whenever a file changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["diff", "dry_run", "remove"])]
    pub(in crate::cli) watch: bool,
    /// Posts that it links to or that link to it: prefer them, ignore the links, or leave out what it links to [default: prefer]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) linked: Option<LinkedWord>,
    #[command(flatten)]
    pub(super) choice: Choice,
    #[command(flatten)]
    pub(super) filters: Filters,
}

/// The words of `--key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KeyWord {
    Path,
    Slug,
    Permalink,
    Id,
}

/// The words of `--generator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GeneratorWord {
    Hugo,
    Jekyll,
    Eleventy,
    Astro,
    Zola,
}
