//! How are posts read from JSON? One object a line, an array, objects one after the other, or a JSON Feed.

mod values;

use std::io::{self, BufRead, Cursor};

use serde_json::{Map, Value};

use self::values::{LastByte, Piece, next_line, next_value};
use super::collector::Collector;
use super::exports::{add_record, listed_records};
use super::field_map::value;
use super::raw_post::TitleRule;
use super::reasons::SkipReason;
use super::record::text_of;
use super::report::Place;

/// Reads all records of `reader`, whichever of the four forms it has.
pub(super) fn read_json(mut reader: impl BufRead, name: &str, posts: &mut Collector<'_>) -> io::Result<()> {
    let mut line = 1;
    match skip_blank(&mut reader, &mut line)? {
        None => Ok(()),
        Some(b'[') => {
            reader.consume(1);
            read_array(reader, name, line, posts)
        }
        Some(_) => read_lines_or_values(reader, name, line, posts),
    }
}

/// A first line that is no whole value begins a record of many lines, unless the second line is a whole object.
fn read_lines_or_values(
    mut reader: impl BufRead,
    name: &str,
    line: usize,
    posts: &mut Collector<'_>,
) -> io::Result<()> {
    let limit = posts.options.limits.record_bytes;
    let Some(first) = next_line(&mut reader, limit)? else {
        return Ok(());
    };
    let Piece::Whole(bytes) = &first else {
        read_piece(&first, name, line, posts);
        return read_lines(reader, name, line + 1, posts);
    };
    let goes_on = serde_json::from_slice::<Value>(bytes).is_err_and(|error| error.is_eof());
    if !goes_on {
        read_piece(&first, name, line, posts);
        return read_lines(reader, name, line + 1, posts);
    }
    let second = next_line(&mut reader, limit)?;
    if let Some(Piece::Whole(next)) = &second
        && !serde_json::from_slice::<Value>(next).is_ok_and(|value| value.is_object())
        && posts.options.limits.record_bytes > bytes.len() + next.len()
    {
        let head = Cursor::new([bytes.as_slice(), b"\n", next, b"\n"].concat());
        return read_values(io::Read::chain(head, reader), name, line, posts).map(drop);
    }
    read_piece(&first, name, line, posts);
    if let Some(second) = second {
        read_piece(&second, name, line + 1, posts);
    }
    read_lines(reader, name, line + 2, posts)
}

fn read_lines(mut reader: impl BufRead, name: &str, first: usize, posts: &mut Collector<'_>) -> io::Result<()> {
    let mut line = first;
    while let Some(piece) = next_line(&mut reader, posts.options.limits.record_bytes)? {
        read_piece(&piece, name, line, posts);
        line += 1;
    }
    Ok(())
}

/// Reads an array whose opening bracket is behind; one that is never closed may have lost any number of records.
fn read_array(reader: impl BufRead, name: &str, first: usize, posts: &mut Collector<'_>) -> io::Result<()> {
    let mut reader = LastByte { reader, last: None };
    let line = read_values(&mut reader, name, first, posts)?;
    // A value that breaks off says so itself.
    if reader.last == Some(b',') || reader.last == Some(b'}') {
        posts.skip(Place::line(name, line), SkipReason::ArrayNotClosed);
    }
    Ok(())
}

/// Returns the line on which the last value ended.
fn read_values(mut reader: impl BufRead, name: &str, first: usize, posts: &mut Collector<'_>) -> io::Result<usize> {
    let mut line = first;
    while let Some((start, piece)) = next_value(&mut reader, &mut line, posts.options.limits.record_bytes)? {
        read_piece(&piece, name, start, posts);
    }
    Ok(line)
}

fn read_piece(piece: &Piece, name: &str, line: usize, posts: &mut Collector<'_>) {
    let bytes = match piece {
        Piece::Whole(bytes) => bytes,
        Piece::TooLong => {
            let limit = posts.options.limits.record_bytes;
            return posts.skip(Place::line(name, line), SkipReason::RecordTooLong { limit });
        }
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => return,
        Ok(text) => text,
        Err(error) => {
            return posts.skip(Place::line(name, line), SkipReason::Utf8 { byte: error.valid_up_to() });
        }
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => read_object(&object, name, line, posts),
        Ok(_) => posts.skip(Place::line(name, line), SkipReason::NotAnObject),
        Err(error) => {
            let place = Place::line(name, line + error.line().saturating_sub(1));
            posts.skip(place, SkipReason::Json(message(&error)));
        }
    }
}

fn read_object(object: &Map<String, Value>, name: &str, line: usize, posts: &mut Collector<'_>) {
    let is_feed = value(object, "version").and_then(Value::as_str).is_some_and(|url| url.contains("jsonfeed.org"));
    match listed_records(object) {
        Some(items) if is_feed => read_feed(object, &items, name, posts),
        Some(items) if value(object, "title").is_none() => {
            for (position, item) in items.into_iter().enumerate() {
                read_item(item, &item_place(name, position), posts);
            }
        }
        _ => add_object(object, Place::line(name, line), TitleRule::Skip(SkipReason::NoTitle), posts),
    }
}

/// Reads a JSON Feed (version 1 or 1.1): what its posts do not say, the feed says for them.
fn read_feed(feed: &Map<String, Value>, items: &[&Value], name: &str, posts: &mut Collector<'_>) {
    if let Some(title) = value(feed, "title").and_then(text_of) {
        posts.rename_source(&title);
    }
    let limit = posts.options.limits.feed_posts;
    for (position, item) in items.iter().enumerate() {
        let place = item_place(name, position);
        let Some(object) = item.as_object() else {
            posts.skip(place, SkipReason::NotAnObject);
            continue;
        };
        if position >= limit {
            posts.skip(place, SkipReason::TooManyInFeed { limit });
            continue;
        }
        let mut object = object.clone();
        for shared in ["authors", "author", "language"] {
            let inherits = value(&object, "author").is_none() && value(&object, "authors").is_none();
            if let Some(given) = value(feed, shared).filter(|_| inherits || shared == "language") {
                object.entry(shared).or_insert_with(|| given.clone());
            }
        }
        add_object(&object, place, TitleRule::FirstWords, posts);
    }
}

fn read_item(item: &Value, place: &Place, posts: &mut Collector<'_>) {
    match item.as_object() {
        Some(object) => add_object(object, place.clone(), TitleRule::Skip(SkipReason::NoTitle), posts),
        None => posts.skip(place.clone(), SkipReason::NotAnObject),
    }
}

fn add_object(object: &Map<String, Value>, place: Place, titles: TitleRule, posts: &mut Collector<'_>) {
    add_record(object, place, titles, posts);
}

fn item_place(name: &str, position: usize) -> Place {
    Place::file(&format!("{name} (item {})", position + 1))
}

/// Passes over a byte order mark and white space, counts its lines, and returns the byte that comes then.
fn skip_blank(reader: &mut impl BufRead, line: &mut usize) -> io::Result<Option<u8>> {
    loop {
        let available = reader.fill_buf()?;
        let Some(&byte) = available.first() else {
            return Ok(None);
        };
        if !byte.is_ascii_whitespace() && ![0xef, 0xbb, 0xbf].contains(&byte) {
            return Ok(Some(byte));
        }
        *line += usize::from(byte == b'\n');
        reader.consume(1);
    }
}

/// Returns what the parser says, its line left out: the place has it.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((what, _)) => format!("{what} at column {}", error.column()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;
    use crate::sources::ReadOptions;

    fn check(json: &[u8], expect_ids: &[&str], expect_skips: &[&str]) -> crate::sources::Read {
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        options.limits.record_bytes = 200;
        let mut posts = Collector::new(&options, "f");
        read_json(json, "f", &mut posts).unwrap();
        let read = posts.finish("f");
        assert_eq!(read.posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), expect_ids);
        let skips: Vec<String> = read.report.skipped.first.iter().map(ToString::to_string).collect();
        assert_eq!(skips, expect_skips);
        read
    }

    #[test]
    fn an_array_that_is_never_closed_is_a_fault() {
        check(b"[{\"id\":1,\"title\":\"a\"}]\n", &["1"], &[]);
        let lost = "f:2: the array is never closed: records may be missing; write the file anew";
        check(b"[{\"id\":1,\"title\":\"a\"},\n", &["1"], &[lost]);
    }

    #[test]
    fn lines_stand_for_themselves() {
        let bad = "f:2: not valid JSON (EOF while parsing a value at column 9); write one object a line";
        check(
            b"\xef\xbb\xbf{\"id\":1,\"title\":\"a\"}\r\n{\"id\":1,\r\n\r\n{\"_id\":2,\"title\":\"b\"}",
            &["1", "2"],
            &[bad],
        );
        check(b"", &[], &[]);
        check(
            b"\n 7\n\"x\"",
            &[],
            &[
                "f:2: not a JSON object; a post is an object with at least a title",
                "f:3: not a JSON object; a post is an object with at least a title",
            ],
        );
        check(b"{\"title\":\"\"}", &[], &["f:1: no title; add one or name its field with --map title=FIELD"]);
        check(b"{\"id\":1,\n", &[], &[&bad.replace(":2:", ":1:").replace("column 9", "column 8")]);
        check(
            b"{\"id\":1,\n{\"id\":2,\"title\":\"b\"}\n",
            &["2"],
            &[&bad.replace(":2:", ":1:").replace("column 9", "column 8")],
        );
        check(b"{\"title\":\"a\"}\n{\"title\":\"\xff\"}\n", &["a"], &["f:2: not UTF-8 at byte 10; save it as UTF-8"]);
    }

    #[test]
    fn a_long_line_is_counted_and_passed() {
        let long = format!("{{\"title\":\"{}\"}}\n{{\"title\":\"b\"}}\n", "x".repeat(100_000));
        let skip = "f:1: longer than 200 bytes; split it";
        check(long.as_bytes(), &["b"], &[skip]);
        check(format!("[{}]", long.replace("}\n{", "},{")).as_bytes(), &["b"], &[skip]);
    }

    #[test]
    fn arrays_and_objects_may_span_lines() {
        check(b"[]", &[], &[]);
        check(
            b"[{\"title\":\"a ]}\\\"\"},\n{\"title\": }, {\"title\":\"b\"}\n]\n",
            &["a", "b"],
            &["f:2: not valid JSON (expected value at column 11); write one object a line"],
        );
        check(b"{\n \"id\": 1,\n \"title\": \"a\"\n}\n{\n\"id\": 2, \"title\": \"b\"}", &["1", "2"], &[]);
        check(
            b"{\n \"id\": 1,\n \"title\":",
            &[],
            &["f:3: not valid JSON (EOF while parsing a value at column 9); write one object a line"],
        );
    }

    #[test]
    fn json_feeds_lend_their_names() {
        let feed = br#"{"version":"https://jsonfeed.org/version/1.1","title":"F","language":"de",
            "author":{"name":"A"},"items":[{"id":1,"content_text":"Only words"},{"id":2}]}"#;
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        options.limits.feed_posts = 3;
        let mut posts = Collector::new(&options, "f");
        read_json(feed.as_slice(), "f", &mut posts).unwrap();
        let read = posts.finish("f");
        let post = &read.posts[0];
        assert_eq!((post.title.as_str(), post.source.as_str()), ("Only words", "F"));
        assert_eq!((post.author.as_deref(), post.language.as_deref()), (Some("A"), Some("deu")));
        assert_eq!(read.report.skipped.first[0].to_string(), "f (item 2): no title and no text; nothing to read");
    }

    #[test]
    fn nesting_is_an_error_not_an_overflow() {
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        options.limits.record_bytes = 1 << 20;
        for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000), format!("{{\"title\":{}", "[".repeat(100_000))] {
            let mut posts = Collector::new(&options, "f");
            read_json(deep.as_bytes(), "f", &mut posts).unwrap();
            assert_eq!(posts.finish("f").report.skipped.total(), 1);
        }
    }
}
