//! Where do posts come from? JSON records, folders of Markdown, feeds, standard input.
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
mod feed;
mod field_map;
mod html;
mod json;
mod language;
mod links;
mod markdown;
mod opml;
mod options;
mod prose;
mod raw_post;
mod reasons;
mod record;
mod report;
mod watched;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _};
use std::path::{Path, PathBuf};

use self::collector::Collector;
pub use self::detect::BinaryKind;
use self::detect::{HEAD_BYTES, Kind, detect, kind_in_words};
pub use self::feed::FeedFault;
pub use self::field_map::{Field, FieldMap, FieldMapError};
pub use self::language::language_code;
pub use self::links::LinkWords;
pub use self::markdown::{FrontMatter, FrontMatterForm, OURS, OURS_IN_JSON, front_matter, markdown_files};
pub use self::opml::{OpmlError, Outline, outlines};
pub use self::options::{Drafts, Future, Limits, MissingTitles, ReadOptions, SourceName};
pub use self::reasons::{Grouped, NoteKind, SkipReason};
pub use self::report::{At, Note, Place, Report, Skip, Tally};
pub use self::watched::{Watched, is_watched_name};
use crate::corpus::PostLink;
use crate::post::Post;

/// What a source held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// In the order of the source; ids are unique.
    pub posts: Vec<Post>,
    /// The links of these posts, unresolved, post by post.
    pub links: Vec<PostLink>,
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
    #[error("{file}: is a binary file{}; give JSON, Markdown or a feed", kind_in_words(*kind))]
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
    #[error("{file}: is neither JSON nor a feed; give .jsonl, .json, .md, a feed or a folder of Markdown")]
    Unrecognized {
        /// The file.
        file: String,
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

/// Reads what lies at `path`: a folder of Markdown, a Markdown file, JSON, a feed; `-` is standard input.
///
/// # Errors
/// Nothing of it can be read: it is not there, the system refuses, it is of no kind that is known here, or a feed that
/// is too deep, too large or no feed. A bad record or file inside of it is no error but counted in the [`Report`].
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Read, SourceError> {
    if path == Path::new("-") {
        return read_stream(io::stdin().lock(), "-", options);
    }
    let file = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => SourceError::NotFound { path: path.to_owned() },
        _ => SourceError::Io { file: file.clone(), source },
    })?;
    if metadata.is_dir() || markdown::is_markdown(path) {
        return Ok(markdown::read(path, options));
    }
    let opened = File::open(path).map_err(|source| SourceError::Io { file: file.clone(), source })?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    let expect =
        if ["jsonl", "ndjson", "json"].contains(&extension.as_str()) { Expect::Json } else { Expect::Anything };
    let derived = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("file");
    read_bytes(opened, &file, derived, expect, options)
}

/// Reads JSON or a feed from a stream; `name` is what messages call it.
///
/// # Errors
/// As [`read_path`].
pub fn read_stream(reader: impl io::Read, name: &str, options: &ReadOptions) -> Result<Read, SourceError> {
    let derived = if name == "-" { "stdin" } else { name };
    read_bytes(reader, name, derived, Expect::Anything, options)
}

/// What a file's name says about its content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Json,
    Anything,
}

fn read_bytes(
    mut reader: impl io::Read,
    file: &str,
    derived: &str,
    expect: Expect,
    options: &ReadOptions,
) -> Result<Read, SourceError> {
    let refused = |source| SourceError::Io { file: file.to_owned(), source };
    let mut head = Vec::new();
    reader.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(refused)?;
    let kind = detect(&head);
    let mut whole = BufReader::new(Cursor::new(head).chain(reader));
    let mut posts = Collector::new(options, derived);
    posts.report.files = 1;
    match kind {
        Kind::Binary(kind) => return Err(SourceError::Binary { file: file.to_owned(), kind }),
        Kind::Utf16Text => return Err(SourceError::Utf16 { file: file.to_owned() }),
        Kind::OtherText if expect == Expect::Anything => {
            return Err(SourceError::Unrecognized { file: file.to_owned() });
        }
        Kind::Xml if expect == Expect::Anything => read_xml(whole, file, &mut posts)?,
        Kind::Empty | Kind::Json | Kind::OtherText | Kind::Xml => {
            json::read_json(&mut whole, file, &mut posts).map_err(refused)?;
        }
    }
    Ok(posts.finish(file))
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
        check_error(b"\x1f\x8b\x08\0", "-: is a binary file (packed; unpack it first); give JSON, Markdown or a feed");
        check_error(&[0, 1, 2].repeat(99), "-: is a binary file; give JSON, Markdown or a feed");
        check_error(b"\xff\xfe{\0", "-: is UTF-16; save it as UTF-8");
        check_error(b"hello", "-: is neither JSON nor a feed; give .jsonl, .json, .md, a feed or a folder of Markdown");
        check_error(b"\n<html>", "-:2: <html> is not a feed; give an RSS, Atom or JSON Feed file");
        let missing = read_path(Path::new("no/such"), &ReadOptions::new(PostDate::parse("2026").unwrap()));
        assert_eq!(missing.unwrap_err().to_string(), "no/such: not found; check the path");
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
