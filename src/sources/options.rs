//! How should a source be read?

use super::field_map::FieldMap;
use super::generator::SiteRule;
use super::links::LinkWords;
use crate::post::PostDate;

/// How a source is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which of the source's names stand for ours.
    pub fields: FieldMap,
    /// What a post's source is called when its record does not say so itself.
    pub source: SourceName,
    /// Put in front of every id, so that two sources cannot clash; empty by default.
    pub id_prefix: String,
    /// What becomes of a Markdown file whose front matter has no title.
    pub titles: MissingTitles,
    /// What becomes of drafts.
    pub drafts: Drafts,
    /// What becomes of Markdown posts that are dated in the future.
    pub future: Future,
    /// What becomes of Markdown posts that have expired.
    pub expired: Expired,
    /// Whose rules hold for a folder of Markdown.
    pub site: SiteRule,
    /// What becomes of the words of links.
    pub link_words: LinkWords,
    /// What is too much.
    pub limits: Limits,
}

/// What a post's source is called when its record does not say so itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SourceName {
    /// The feed's title, else the name of the folder or file.
    #[default]
    Derived,
    /// This name, before a feed's title too.
    Named(String),
}

/// What becomes of a Markdown file whose front matter has no title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingTitles {
    /// It is skipped.
    #[default]
    Skip,
    /// Its heading of the first level is the title, else the words of its file name.
    FromHeading,
}

/// What becomes of drafts (`draft: true`, `published: false`, a `_drafts` folder).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drafts {
    /// They are skipped, as site generators do.
    #[default]
    Skip,
    /// They are read like any other post.
    Include,
}

/// What becomes of Markdown posts that are dated in the future. Records and feeds are published: theirs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Future {
    /// They are read like any other post.
    #[default]
    Include,
    /// Those dated after this day are skipped, as site generators do. The caller knows what day it is.
    SkipAfter(PostDate),
}

/// What becomes of Markdown posts that have expired (`expiryDate`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expired {
    /// They are read like any other post.
    #[default]
    Include,
    /// Those that expired by this day are skipped, as Hugo does. The caller knows what day it is.
    SkipBy(PostDate),
}

/// What is too much, and then skipped or cut, and counted.
///
/// The defaults hold for real blogs with room to spare and keep the cost of a hostile file below a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one JSON record; default 16 MiB.
    pub record_bytes: usize,
    /// Bytes of front matter; default 8 KiB. Nested YAML costs time that grows with the square of its length.
    pub front_matter_bytes: usize,
    /// Bytes of one Markdown file; default 1 MiB.
    pub file_bytes: u64,
    /// Markdown files of one folder; default 50,000.
    pub files: usize,
    /// Folders below the one that is read; default 32.
    pub folder_depth: usize,
    /// Bytes of one feed; default 8 MiB.
    pub feed_bytes: usize,
    /// Posts of one feed; default 1,000.
    pub feed_posts: usize,
    /// Elements inside each other in a feed; default 64. The feed library overflows the stack near 900.
    pub feed_depth: usize,
    /// Attributes of one element of a feed; default 64.
    pub feed_attributes: usize,
    /// Tags, texts and comments of one feed; default 500,000.
    pub feed_events: usize,
    /// Bytes of one web page; default 2 MiB.
    pub page_bytes: usize,
    /// Bytes of one sitemap; default 50 MiB, what the protocol allows.
    pub sitemap_bytes: usize,
    /// Pages of one sitemap; default 50,000, what the protocol allows.
    pub sitemap_pages: usize,
    /// Bytes that a packed source may unpack to; default 512 MiB.
    pub unpacked_bytes: u64,
    /// Rows of one Parquet file; default 1,000,000.
    pub rows: usize,
    /// Bytes of HTML in one field; default 256 KiB.
    pub html_bytes: usize,
    /// Bytes of plain text kept of one post; default 1 MiB.
    pub text_bytes: usize,
    /// Characters of a title; default 512.
    pub title_chars: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            record_bytes: 16 << 20,
            front_matter_bytes: 8 << 10,
            file_bytes: 1 << 20,
            files: 50_000,
            folder_depth: 32,
            feed_bytes: 8 << 20,
            feed_posts: 1_000,
            feed_depth: 64,
            feed_attributes: 64,
            feed_events: 500_000,
            page_bytes: 2 << 20,
            sitemap_bytes: 50 << 20,
            sitemap_pages: 50_000,
            unpacked_bytes: 512 << 20,
            rows: 1_000_000,
            html_bytes: 256 << 10,
            text_bytes: 1 << 20,
            title_chars: 512,
        }
    }
}

impl ReadOptions {
    /// Returns the options that site generators use: drafts are skipped, and so is what is dated after `today` or has
    /// expired by then.
    #[must_use]
    pub fn new(today: PostDate) -> ReadOptions {
        ReadOptions {
            fields: FieldMap::default(),
            source: SourceName::Derived,
            id_prefix: String::new(),
            titles: MissingTitles::Skip,
            drafts: Drafts::Skip,
            future: Future::SkipAfter(today),
            expired: Expired::SkipBy(today),
            site: SiteRule::Detect,
            link_words: LinkWords::Keep,
            limits: Limits::default(),
        }
    }
}
