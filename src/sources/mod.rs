//! Where do posts come from? JSON records, folders of Markdown, feeds, web pages, standard input.
//!
//! Each source is read by a function that returns posts and a [`Report`] of everything that was skipped, cut or left
//! open, with its file and line. What a format does not say is decided by the same rules for all of them:
//!
//! - **id**: the record's `id` (or `_id`, `guid`), else its URL, else the words of its title (numbered when they occur
//!   again); of a Markdown file its path without extension, of `x/index.md` the folder's. The first post with an id
//!   keeps it.
//! - **summary**: `summary`, else `description` or the like, else the body's first paragraphs (60 to 120 words, whole
//!   sentences), else nothing.
//! - **minutes** are measured from the body; **language** is the code given, else detected where there is text enough.
//! - **date**: the calendar day as it is written.

mod collector;
mod dates;
mod detect;
mod exports;
mod feed;
mod field_map;
mod files;
mod generator;
mod html;
mod json;
mod language;
mod links;
mod markdown;
mod omnivore;
mod opml;
mod options;
mod page;
mod parquet;
mod prose;
mod raw_post;
mod reasons;
mod record;
mod report;
mod sitemap;
mod table;
mod unpack;
mod watched;
mod wishes;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _};
use std::path::{Path, PathBuf};

use self::collector::Collector;
pub use self::detect::{BinaryKind, SourceKind, source_kind};
use self::detect::{HEAD_BYTES, kind_in_words};
pub use self::exports::listed_records;
pub use self::feed::FeedFault;
pub use self::field_map::{Field, FieldMap, FieldMapError};
use self::generator::Site;
pub use self::generator::{SiteFound, SiteKind, SiteRule};
pub use self::language::language_code;
pub use self::links::LinkWords;
pub use self::markdown::{FrontMatter, FrontMatterForm, OURS, OURS_IN_JSON, front_matter, is_markdown, post_files};
pub use self::opml::{OpmlError, Outline, outlines};
pub use self::options::{Drafts, Expired, Future, Limits, MissingTitles, ReadOptions, SourceName};
pub use self::page::{FeedKind, FeedLink, FeedSubject, TooMuch, WholePage, feed_links, read_page};
pub use self::parquet::ParquetFault;
pub use self::reasons::{Grouped, NoteKind, SkipReason};
pub use self::report::{At, Note, Place, Report, Skip, Tally};
pub use self::sitemap::{Listed, Sitemap, SitemapError, SitemapKind, sitemap};
pub use self::table::TableFault;
pub use self::watched::{Watched, is_watched_name};
use crate::corpus::{PostLink, Wishes};
use crate::post::{Post, PostId};

/// What a source held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// In the order of the source; ids are unique.
    pub posts: Vec<Post>,
    /// The links of these posts, unresolved, post by post.
    pub links: Vec<PostLink>,
    /// What these posts wish of lists, of those that wish anything.
    pub wishes: BTreeMap<PostId, Wishes>,
    /// What was skipped, changed or left open.
    pub report: Report,
}

/// Why nothing of a source can be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No file or folder has this name.
    #[error("{}: not found; check the path", path.display())]
    NotFound {
        /// The name that was given.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{file}: cannot be read; check its permissions")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// Neither text nor anything else that is read here.
    #[error("{file}: is a binary file{}; give JSON, CSV, Markdown, a web page or a feed", kind_in_words(*kind))]
    Binary {
        /// The file.
        file: String,
        /// What its first bytes say it is.
        kind: BinaryKind,
    },
    /// UTF-16 text that is not XML.
    #[error("{file}: is UTF-16; save it as UTF-8")]
    Utf16 {
        /// The file.
        file: String,
    },
    /// Text of no known kind.
    #[error(
        "{file}: is neither JSON nor a table nor a feed; give .jsonl, .json, .csv, .md, .html, a feed or a folder of Markdown"
    )]
    Unrecognized {
        /// The file.
        file: String,
    },
    /// A table that is not read.
    #[error("{file}: {fault}")]
    Table {
        /// The file.
        file: String,
        /// The reason.
        fault: TableFault,
    },
    /// A Parquet file that is not read.
    #[error("{file}: {fault}")]
    Parquet {
        /// The file.
        file: String,
        /// The reason.
        fault: ParquetFault,
    },
    /// The configuration of the site that a folder belongs to cannot be read.
    #[error(
        "{place}: the site's configuration cannot be read ({why}); mend it, or read its posts without rules (--site-kind plain)"
    )]
    SiteConfig {
        /// The configuration, and the line where it can be told.
        place: Place,
        /// What is wrong with it.
        why: String,
    },
    /// Gzip that unpacks to more than [`Limits::unpacked_bytes`].
    #[error("{file}: unpacks to more than {limit} bytes; unpack it and split it")]
    Bomb {
        /// The file.
        file: String,
        /// The limit that it breaks.
        limit: u64,
    },
    /// Gzip that cannot be unpacked.
    #[error("{file}: cannot be unpacked; check that the download is complete")]
    Torn {
        /// The file.
        file: String,
        /// What the library says.
        source: io::Error,
    },
    /// A feed that is not read.
    #[error("{file}:{line}: {fault}")]
    Feed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The reason.
        fault: FeedFault,
    },
}

/// Reads what lies at `path`: a folder of Markdown or of web pages, a Markdown file, a page, JSON, a table, a feed; `-` is
/// standard input.
///
/// # Errors
/// Nothing of it can be read: it is not there, the system refuses, it is of no kind that is known here, a feed that is
/// too deep, too large or no feed, or a folder whose site has a configuration that cannot be read. A bad record or file inside of it is no error but counted in the [`Report`].
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Read, SourceError> {
    if path == Path::new("-") {
        return read_stream(io::stdin().lock(), "-", options);
    }
    let file = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => SourceError::NotFound { path: path.to_owned() },
        _ => SourceError::Io { file: file.clone(), source },
    })?;
    if metadata.is_dir() {
        return read_folder(path, options);
    }
    if markdown::is_markdown(path) || page::is_page(path) {
        return read_post_file(path, options);
    }
    let mut opened = File::open(path).map_err(|source| SourceError::Io { file: file.clone(), source })?;
    let (stem, expect) = expected(path);
    let mut posts = Collector::new(options, &stem);
    if expect == Expect::Parquet {
        posts.report.files = 1;
        let read = parquet::read_parquet(opened, &file, &mut posts);
        read.map_err(|fault| SourceError::Parquet { file: file.clone(), fault })?;
    } else {
        read_bytes(&mut opened, &file, expect, &mut posts)?;
    }
    Ok(posts.finish(&file))
}

fn read_folder(path: &Path, options: &ReadOptions) -> Result<Read, SourceError> {
    let lists = omnivore::lists(path);
    if !lists.is_empty() {
        return Ok(omnivore::read(path, &lists, options));
    }
    let site = Site::of(path, options.site)?;
    // A site has been built where there are pages, and nothing from which its generator would make them.
    let is_source = markdown::holds_file(path, &|file| markdown::is_read(path, file, &site));
    Ok(if !is_source && markdown::holds_file(path, &page::is_page) {
        page::read_folder(path, site, options)
    } else {
        markdown::read(path, site, options)
    })
}

/// Reads Markdown, or a page: one that its site makes of front matter, or as it stands.
fn read_post_file(path: &Path, options: &ReadOptions) -> Result<Read, SourceError> {
    let site = Site::of(markdown::folder_of(path), options.site)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Jekyll's posts need no front matter; who names any other page without it wants that page.
    let is_source = markdown::is_markdown(path)
        || files::begins_with_front_matter(path)
        || (site.kind() == SiteKind::Jekyll && site.reads(&name));
    Ok(if is_source { markdown::read(path, site, options) } else { page::read_file(path, options) })
}

/// Reads JSON, a table, a page or a feed from a stream; `name` is what messages call it.
///
/// # Errors
/// As [`read_path`].
pub fn read_stream(mut reader: impl io::Read, name: &str, options: &ReadOptions) -> Result<Read, SourceError> {
    let mut posts = Collector::new(options, if name == "-" { "stdin" } else { name });
    read_bytes(&mut reader, name, Expect::Anything, &mut posts)?;
    Ok(posts.finish(name))
}

/// What a file's name says about its content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Json,
    Table,
    Parquet,
    Anything,
}

/// Returns a file's name without its extensions, and what they say; `.gz` says nothing.
fn expected(path: &Path) -> (String, Expect) {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let lower = name.to_lowercase();
    let inner = lower.strip_suffix(".gz").unwrap_or(&lower);
    let (stem, extension) = inner.rsplit_once('.').unwrap_or((inner, ""));
    let expect = match extension {
        "jsonl" | "ndjson" | "json" => Expect::Json,
        "csv" | "tsv" | "tab" => Expect::Table,
        "parquet" => Expect::Parquet,
        _ => Expect::Anything,
    };
    let stem = name.get(..stem.len()).filter(|stem| !stem.is_empty()).unwrap_or("file");
    (stem.to_owned(), expect)
}

fn read_bytes(
    reader: &mut dyn io::Read,
    file: &str,
    expect: Expect,
    posts: &mut Collector<'_>,
) -> Result<(), SourceError> {
    posts.report.files = 1;
    let refused = |source| SourceError::Io { file: file.to_owned(), source };
    let mut head = Vec::new();
    io::Read::take(&mut *reader, HEAD_BYTES as u64).read_to_end(&mut head).map_err(refused)?;
    if source_kind(&head) != SourceKind::Gzip {
        return read_kind(head, reader, file, expect, posts);
    }
    let limit = posts.options.limits.unpacked_bytes;
    let mut inside = unpack::unpacked(Cursor::new(head).chain(reader), limit);
    let unpacked = (|| {
        let mut head = Vec::new();
        io::Read::take(&mut inside, HEAD_BYTES as u64).read_to_end(&mut head).map_err(refused)?;
        read_kind(head, &mut inside, file, expect, posts)
    })();
    unpacked.map_err(|error| match error {
        SourceError::Io { file, source } if unpack::is_bomb(&source) => SourceError::Bomb { file, limit },
        SourceError::Io { file, source } => SourceError::Torn { file, source },
        other => other,
    })
}

/// Reads a source whose first bytes are `head`.
fn read_kind(
    head: Vec<u8>,
    reader: &mut dyn io::Read,
    file: &str,
    expect: Expect,
    posts: &mut Collector<'_>,
) -> Result<(), SourceError> {
    let refused = |source| SourceError::Io { file: file.to_owned(), source };
    let kind = match source_kind(&head) {
        SourceKind::OtherText if table::looks_like_table(&head, &posts.options.fields) => SourceKind::Table,
        kind => kind,
    };
    let mut whole = BufReader::new(Cursor::new(head).chain(reader));
    match (kind, expect) {
        (SourceKind::Binary(kind), _) => Err(SourceError::Binary { file: file.to_owned(), kind }),
        // What is packed twice is meant to tire somebody.
        (SourceKind::Gzip, _) => Err(SourceError::Binary { file: file.to_owned(), kind: BinaryKind::Packed }),
        (SourceKind::Parquet, _) => Err(SourceError::Parquet { file: file.to_owned(), fault: ParquetFault::Stream }),
        (SourceKind::Utf16Text, _) => Err(SourceError::Utf16 { file: file.to_owned() }),
        (_, Expect::Table) | (SourceKind::Table, Expect::Anything) => {
            let read = table::read_table(&mut whole, file, posts).map_err(refused)?;
            read.map_err(|fault| SourceError::Table { file: file.to_owned(), fault })
        }
        // Blanks may go on for longer than was looked at.
        (SourceKind::Empty | SourceKind::Json, _) | (_, Expect::Json) => {
            json::read_json(&mut whole, file, posts).map_err(refused)
        }
        (SourceKind::Page, _) => page::read_stream(whole, file, posts).map_err(refused),
        (SourceKind::Feed | SourceKind::Sitemap | SourceKind::Opml | SourceKind::OtherXml, _) => {
            read_xml(whole, file, posts)
        }
        (SourceKind::OtherText | SourceKind::Table, _) => Err(SourceError::Unrecognized { file: file.to_owned() }),
    }
}

fn read_xml(reader: impl BufRead, file: &str, posts: &mut Collector<'_>) -> Result<(), SourceError> {
    let ceiling = posts.options.limits.feed_bytes as u64 + 1;
    let mut bytes = Vec::new();
    let read = io::Read::take(reader, ceiling).read_to_end(&mut bytes);
    read.map_err(|source| SourceError::Io { file: file.to_owned(), source })?;
    feed::read_feed(&bytes, file, posts).map_err(|(line, fault)| SourceError::Feed {
        file: file.to_owned(),
        line,
        fault,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;

    fn read(bytes: &[u8]) -> Result<Read, SourceError> {
        read_stream(bytes, "-", &ReadOptions::new(PostDate::parse("2026-06-01").unwrap()))
    }

    fn check_error(bytes: &[u8], expect: &str) {
        assert_eq!(read(bytes).unwrap_err().to_string(), expect);
    }

    #[test]
    fn a_stream_is_told_by_its_first_bytes() {
        for (bytes, expect) in [
            (b"{\"title\": \"a\"}\n{\"title\": \"b\"}".as_slice(), 2),
            (b"[{\"title\": \"a\"}]", 1),
            (b"\xef\xbb\xbf<rss><channel><item><title>a</title></item></channel></rss>", 1),
            (b" \n", 0),
        ] {
            let read = read(bytes).unwrap();
            assert_eq!((read.posts.len(), read.report.faults), (expect, 0));
            assert_eq!(read.report.notes.counts.contains_key("empty"), expect == 0);
        }
    }

    #[test]
    fn what_is_no_source_is_one_clear_error() {
        let give = "give JSON, CSV, Markdown, a web page or a feed";
        check_error(b"PK\x03\x04", &format!("-: is a binary file (packed; unpack it first); {give}"));
        check_error(&[0, 1, 2].repeat(99), &format!("-: is a binary file; {give}"));
        check_error(b"\xff\xfe{\0", "-: is UTF-16; save it as UTF-8");
        check_error(
            b"hello",
            "-: is neither JSON nor a table nor a feed; give .jsonl, .json, .csv, .md, .html, a feed or a folder of Markdown",
        );
        check_error(b"\x1f\x8b\x08\0", "-: cannot be unpacked; check that the download is complete");
        check_error(
            b"PAR1",
            "-: is a Parquet file, which can only be read from a file whose name ends in .parquet; save it as one",
        );
        check_error(b"\n<svg>", "-:2: <svg> is not a feed; give an RSS, Atom or JSON Feed file");
        let missing = read_path(Path::new("no/such"), &ReadOptions::new(PostDate::parse("2026").unwrap()));
        assert_eq!(missing.unwrap_err().to_string(), "no/such: not found; check the path");
    }

    #[test]
    fn what_is_packed_is_unpacked_up_to_a_limit() {
        use super::unpack::tests::pack;
        for text in [
            "{\"title\": \"a\"}\n{\"title\": \"b\"}\n",
            "title,text\na,x\nb,y\n",
            "<rss><channel><item><title>a</title></item><item><title>b</title></item></channel></rss>",
        ] {
            assert_eq!(read(&pack(text.as_bytes())).unwrap().posts.len(), 2, "{text}");
        }
        check_error(
            &pack(&pack(b"{}")),
            "-: is a binary file (packed; unpack it first); give JSON, CSV, Markdown, a web page or a feed",
        );
        let torn = pack(b"{\"title\": \"a\"}");
        check_error(&torn[..torn.len() - 4], "-: cannot be unpacked; check that the download is complete");
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        options.limits.unpacked_bytes = 1 << 20;
        let bomb = pack(&vec![b'\n'; 64 << 20]);
        let error = read_stream(bomb.as_slice(), "-", &options).unwrap_err().to_string();
        assert_eq!(error, "-: unpacks to more than 1048576 bytes; unpack it and split it");
    }

    #[test]
    fn a_field_that_is_never_there_is_told() {
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        options.fields = FieldMap::parse("text=bdoy,id=slug").unwrap();
        let read = read_stream(b"{\"title\":\"a\",\"slug\":\"s\"}".as_slice(), "-", &options).unwrap();
        assert_eq!(read.posts[0].id.as_str(), "s");
        let note = read.report.notes.first[0].to_string();
        assert_eq!(note, "-: field \"bdoy\" (from --map) is in no record; check its name");
    }

    /// A line that never ends, as a disk full of zeros would be: nothing of it may pile up.
    #[test]
    fn an_endless_line_is_passed_over() {
        let endless = io::Read::take(io::repeat(b'x'), 64 << 20);
        let stream = io::Read::chain(b"{\"title\":\"a\"}\n{".as_slice(), endless);
        let read = read_stream(
            io::Read::chain(stream, b"\n{\"title\":\"b\"}".as_slice()),
            "-",
            &ReadOptions::new(PostDate::parse("2026").unwrap()),
        )
        .unwrap();
        assert_eq!(read.posts.len(), 2);
        assert_eq!(read.report.skipped.first[0].to_string(), "-:2: longer than 16777216 bytes; split it");
    }
}
