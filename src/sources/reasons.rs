//! Why is something no post, and what was changed in one that is? The reasons, in words that say what to do.

use super::page::WholePage;
use super::report::Place;
use crate::corpus::WishError;
use crate::post::{PostDate, PostId, PostIdError};

/// Why something that could have been a post is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// A line that is not JSON, or a JSON value that ends too early.
    #[error("not valid JSON ({0}); write one object a line")]
    Json(String),
    /// A JSON array that ends without its bracket.
    #[error("the array is never closed: records may be missing; write the file anew")]
    ArrayNotClosed,
    /// A feed gave fewer posts than it has items.
    #[error("{0} feed items could not be read; give each a link or an id")]
    LostInFeed(usize),
    /// A JSON value that is not an object.
    #[error("not a JSON object; a post is an object with at least a title")]
    NotAnObject,
    /// A line or a value over [`super::Limits::record_bytes`].
    #[error("longer than {limit} bytes; split it")]
    RecordTooLong {
        /// The limit that it breaks.
        limit: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("not UTF-8 at byte {byte}; save it as UTF-8")]
    Utf8 {
        /// Offset in the line or, for a Markdown file, in the file; from 0.
        byte: usize,
    },
    /// No title where one is needed.
    #[error("no title; add one or name its field with --map title=FIELD")]
    NoTitle,
    /// Front matter without a title, or none at all.
    #[error("front matter has no title; add one or pass --title-from-heading")]
    NoTitleInFrontMatter,
    /// Neither a title nor text to take it from.
    #[error("no title and no text; nothing to read")]
    NothingToRead,
    /// The id cannot be one.
    #[error("{0}; give it another")]
    Id(#[from] PostIdError),
    /// An earlier post of the source has the same id; the earlier one stays.
    #[error("id \"{id}\" was used already at {first}; give it another")]
    DuplicateId {
        /// The id.
        id: PostId,
        /// The post that keeps it.
        first: Place,
    },
    /// Front matter that its parser refuses.
    #[error("front matter is not valid {format} ({message})")]
    FrontMatter {
        /// `YAML`, `TOML` or `JSON`.
        format: &'static str,
        /// What its parser says, on one line.
        message: String,
    },
    /// Front matter over [`super::Limits::front_matter_bytes`].
    #[error("front matter is longer than {limit} bytes or never closed; shorten it or close it")]
    FrontMatterTooLong {
        /// The limit that it breaks.
        limit: usize,
    },
    /// A Markdown file over [`super::Limits::file_bytes`].
    #[error("larger than {limit} bytes; split it")]
    FileTooLarge {
        /// The limit that it breaks.
        limit: u64,
    },
    /// A file that could not be opened, read or listed.
    #[error("cannot be read ({0}); check its permissions")]
    Unreadable(String),
    /// The feed's XML breaks off; what stood before it was read.
    #[error("the feed's XML is broken here ({0}); what follows is lost")]
    BrokenXml(String),
    /// One item of a feed that the feed library refuses.
    #[error("the feed item cannot be read ({0})")]
    FeedItem(String),
    /// A draft, by the word of its front matter.
    #[error("a draft; pass --drafts to include it")]
    Draft,
    /// Dated after the day that the caller gave.
    #[error("dated in the future, {0}; pass --future to include it")]
    Future(PostDate),
    /// Expired by the day that the caller gave.
    #[error("expired on {0}; pass --expired to include it")]
    Expired(PostDate),
    /// A file that the site's generator makes no page of, and why.
    #[error("no page of the site: {0} (--site-kind plain reads it all the same)")]
    NotAPage(&'static str),
    /// `_index.md`: a section's page, not a post.
    #[error("a section page, not a post")]
    SectionPage,
    /// Links that `nextread links` wrote.
    #[error("links that nextread wrote, not a post")]
    WrittenByUs,
    /// A page over [`super::Limits::page_bytes`].
    #[error("the page is larger than {limit} bytes; save what matters of it as a smaller one")]
    PageTooLarge {
        /// The limit that it breaks.
        limit: usize,
    },
    /// A page that asks not to be found.
    #[error("says \"noindex\": its author does not want it to be listed")]
    NoIndex,
    /// A page that only sends its reader to another one.
    #[error("only leads to {0:?}; index that")]
    RedirectStub(String),
    /// A page with a field for a password and hardly any words.
    #[error("asks for a password before it shows its text; save the page when you are logged in")]
    LoginWall,
    /// A page that shows nothing without running its scripts.
    #[error("the page has no text of its own (scripts may make it); save it from a browser")]
    NoTextInPage,
    /// A page of a built site that lists others.
    #[error("a page that lists others, not a post")]
    ListPage,
    /// A page of a built site for what is not found.
    #[error("a page for errors, not a post")]
    ErrorPage,
    /// A page of a built site that says that it is something else than a post.
    #[error("says that it is no post (og:type)")]
    SitePage,
    /// An entry of an export that is no page: a note, a picture.
    #[error("no page: a note or a file that was saved")]
    NoPage,
    /// A row with more cells than the header names.
    #[error("has {found} cells under {columns} columns; put a cell with a separator in quotation marks")]
    Cells {
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        columns: usize,
    },
    /// A row over [`super::Limits::record_bytes`], after which no row can be told.
    #[error("longer than {limit} bytes: is a quotation mark never closed? what follows is lost")]
    RowTooLong {
        /// The limit that it breaks.
        limit: usize,
    },
    /// A row that its library refuses.
    #[error("the row cannot be read ({0}); write the file anew")]
    Row(String),
    /// Rows after the first [`super::Limits::rows`].
    #[error("beyond the first {limit} rows; split the file")]
    TooManyRows {
        /// The limit that was reached.
        limit: usize,
    },
    /// Rows after those that fill [`super::Limits::unpacked_bytes`].
    #[error("beyond the first {limit} bytes of what the rows say; split the file")]
    TooManyBytes {
        /// The limit that was reached.
        limit: u64,
    },
    /// A pipe, a socket, a device or a link that leads outside of the folder.
    #[error("not a regular file inside the folder")]
    NotRegular,
    /// A folder deeper than [`super::Limits::folder_depth`].
    #[error("deeper than {limit} folders; index it by itself")]
    FolderTooDeep {
        /// The limit that it breaks.
        limit: usize,
    },
    /// Files after the first [`super::Limits::files`].
    #[error("beyond the first {limit} files; index a smaller folder")]
    TooManyFiles {
        /// The limit that was reached.
        limit: usize,
    },
    /// A page that was not fetched, or not read.
    #[error("{0}")]
    NotFetched(String),
    /// A page that should have given a post its body.
    #[error("{0}; its post is kept without a body")]
    NoBodyFetched(String),
    /// Pages of a sitemap after the first.
    #[error("beyond the first {limit} pages of the sitemap; --pages takes more")]
    TooManyPages {
        /// The limit that was reached.
        limit: usize,
    },
    /// Sitemaps of a source after the first.
    #[error("beyond the first {limit} sitemaps of the site; index it by itself")]
    TooManySitemaps {
        /// The limit that was reached.
        limit: usize,
    },
    /// Posts of a feed after the first [`super::Limits::feed_posts`].
    #[error("beyond the first {limit} posts of the feed; index the older ones from a file")]
    TooManyInFeed {
        /// The limit that was reached.
        limit: usize,
    },
}

/// Something that was changed or left open in a post that was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteKind {
    /// The source holds nothing.
    #[error("holds no posts")]
    Empty,
    /// A date that is none, or outside of the years 1–9999; the post is kept without a date.
    #[error("date \"{0}\" cannot be read; kept without a date (write YYYY-MM-DD)")]
    Date(String),
    /// Bytes that are not of the feed's encoding.
    #[error("some bytes are not of the encoding that it names; shown as U+FFFD")]
    BadBytes,
    /// A language code that is not known; the language was detected instead.
    #[error("language \"{0}\" is not known; detected instead")]
    Language(String),
    /// A link that leads nowhere a reader could go; left out.
    #[error("url \"{0}\" is not an http link; left out")]
    Url(String),
    /// A title was taken from the page's heading, its file name or its first words.
    #[error("no title; took \"{0}\"")]
    TitleTaken(String),
    /// A title over [`super::Limits::title_chars`].
    #[error("title cut to {limit} characters")]
    TitleCut {
        /// The limit that it breaks.
        limit: usize,
    },
    /// Text over [`super::Limits::text_bytes`].
    #[error("text cut to {limit} bytes")]
    TextCut {
        /// The limit that it breaks.
        limit: usize,
    },
    /// HTML over [`super::Limits::html_bytes`].
    #[error("HTML cut to {limit} bytes before its text was taken")]
    HtmlCut {
        /// The limit that it breaks.
        limit: usize,
    },
    /// The records are of a program that is known.
    #[error("read as an export of {0}")]
    ExportOf(&'static str),
    /// The main text of a page could not be told from the rest.
    #[error("the main text was not looked for ({0}); all text of the page was taken")]
    WholePage(WholePage),
    /// A page says that its address is that of the site's front page.
    #[error("names the front page {0} as its own address; kept the one that it was read from")]
    CanonicalIsFrontPage(String),
    /// Something of the site that decides addresses cannot be read; none follows from it.
    #[error("cannot be read ({0}); posts whose address hangs on it have none; mend it")]
    ConfigUnread(String),
    /// A rule of the site's configuration that is not followed.
    #[error("left out: {0}")]
    RuleLeftOut(String),
    /// The site's rules do not say where a post is read.
    #[error("no address: {0}")]
    NoAddress(String),
    /// Something in the map `nextread` of a post that cannot be read; left out.
    #[error("in `nextread`: {0}; left out")]
    Wish(WishError),
    /// A field that the caller named is in no record.
    #[error("field \"{0}\" (from --map) is in no record; check its name")]
    FieldNeverSeen(String),
}

/// A word that groups what is counted.
pub trait Grouped {
    /// Returns a short name of the group, the same for every member.
    fn group(&self) -> &'static str;
}

impl Grouped for SkipReason {
    fn group(&self) -> &'static str {
        match self {
            SkipReason::Json(_) => "not valid JSON",
            SkipReason::ArrayNotClosed => "array not closed",
            SkipReason::LostInFeed(_) => "feed items lost",
            SkipReason::NotAnObject => "not an object",
            SkipReason::RecordTooLong { .. } => "record too long",
            SkipReason::Utf8 { .. } => "not UTF-8",
            SkipReason::NoTitle | SkipReason::NoTitleInFrontMatter => "no title",
            SkipReason::NothingToRead => "nothing to read",
            SkipReason::Id(_) => "unusable id",
            SkipReason::DuplicateId { .. } => "duplicate id",
            SkipReason::FrontMatter { .. } => "front matter not valid",
            SkipReason::FrontMatterTooLong { .. } => "front matter too long",
            SkipReason::FileTooLarge { .. } => "file too large",
            SkipReason::Unreadable(_) => "unreadable",
            SkipReason::BrokenXml(_) => "broken XML",
            SkipReason::FeedItem(_) => "feed item unreadable",
            SkipReason::Draft => "draft",
            SkipReason::Future(_) => "future date",
            SkipReason::Expired(_) => "expired",
            SkipReason::NotAPage(_) => "no page of the site",
            SkipReason::SectionPage => "section page",
            SkipReason::WrittenByUs => "written by nextread",
            SkipReason::NoPage => "no page",
            SkipReason::Cells { .. } | SkipReason::Row(_) => "bad row",
            SkipReason::RowTooLong { .. } => "record too long",
            SkipReason::PageTooLarge { .. } => "page too large",
            SkipReason::NoIndex => "noindex",
            SkipReason::RedirectStub(_) => "redirect",
            SkipReason::LoginWall => "login",
            SkipReason::NoTextInPage => "no text",
            SkipReason::ListPage => "list of pages",
            SkipReason::ErrorPage => "error page",
            SkipReason::SitePage => "no post",
            SkipReason::NotRegular => "not a regular file",
            SkipReason::NotFetched(_) => "not fetched",
            SkipReason::NoBodyFetched(_) => "body not fetched",
            SkipReason::TooManyPages { .. } | SkipReason::TooManySitemaps { .. } => "beyond the limit",
            SkipReason::TooManyRows { .. } | SkipReason::TooManyBytes { .. } => "beyond the limit",
            SkipReason::FolderTooDeep { .. } | SkipReason::TooManyFiles { .. } | SkipReason::TooManyInFeed { .. } => {
                "beyond the limit"
            }
        }
    }
}

impl SkipReason {
    /// Tells whether something is wrong with the source, as opposed to left out by rule (a draft, a date in the
    /// future, a page that its generator does not make or that asks not to be listed): what `--strict` fails on.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        !matches!(
            self,
            SkipReason::Draft
                | SkipReason::Future(_)
                | SkipReason::SectionPage
                | SkipReason::WrittenByUs
                | SkipReason::NoPage
                | SkipReason::NoIndex
                | SkipReason::RedirectStub(_)
                | SkipReason::ListPage
                | SkipReason::ErrorPage
                | SkipReason::SitePage
                | SkipReason::Expired(_)
                | SkipReason::NotAPage(_)
        )
    }
}

impl Grouped for NoteKind {
    fn group(&self) -> &'static str {
        match self {
            NoteKind::Empty => "empty",
            NoteKind::Date(_) => "date unreadable",
            NoteKind::BadBytes => "bytes replaced",
            NoteKind::Language(_) => "language unknown",
            NoteKind::Url(_) => "link left out",
            NoteKind::TitleTaken(_) => "title taken from elsewhere",
            NoteKind::TitleCut { .. } => "title cut",
            NoteKind::TextCut { .. } => "text cut",
            NoteKind::HtmlCut { .. } => "HTML cut",
            NoteKind::ExportOf(_) => "export",
            NoteKind::WholePage(_) => "main text not found",
            NoteKind::CanonicalIsFrontPage(_) => "address of the front page",
            NoteKind::ConfigUnread(_) => "configuration unreadable",
            NoteKind::RuleLeftOut(_) => "rule left out",
            NoteKind::NoAddress(_) => "no address",
            NoteKind::Wish(_) => "wish unreadable",
            NoteKind::FieldNeverSeen(_) => "mapped field never seen",
        }
    }
}
