//! How are posts read from a table? CSV and its kin: a header that names fields, and a post a row.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::collector::Collector;
use super::exports::add_record;
use super::field_map::{DESCRIPTIONS, Field, FieldMap};
use super::raw_post::TitleRule;
use super::reasons::SkipReason;
use super::report::Place;

/// What parts the cells of a row, the usual first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Names of columns with tags.
const TAGS: [&str; 6] = ["tags", "tag", "categories", "category", "keywords", "topics"];
/// A header says what rows are where it has one of these.
const TELLING: [Field; 3] = [Field::Title, Field::Url, Field::Id];
/// Bytes in which a header ends.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// Why nothing of a table is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// No column is known.
    #[error("none of its columns ({0}) is a field of a post; name them with --map title=COLUMN,url=COLUMN")]
    NoField(String),
    /// The first row is longer than a header can be.
    #[error("its first row is longer than {HEADER_BYTES_MAX} bytes; a table begins with the names of its columns")]
    NoHeader,
}

/// Tells whether a text begins with a header of at least two columns, one of which tells that rows are posts.
pub(super) fn looks_like_table(head: &[u8], fields: &FieldMap) -> bool {
    let line = first_line(head);
    let columns = columns(line, separator(line, fields));
    let tells = |column: &String| {
        let is_usual = TELLING.iter().any(|field| is_one_of(column, field.names()));
        is_usual || fields.theirs().any(|name| name == column)
    };
    columns.len() > 1 && columns.iter().any(tells)
}

/// Reads a table; one without any row is one without posts.
///
/// # Errors
/// The reader fails, or the header tells nothing.
pub(super) fn read_table(
    mut reader: impl Read,
    name: &str,
    posts: &mut Collector<'_>,
) -> io::Result<Result<(), TableFault>> {
    let mut head = Vec::new();
    reader.by_ref().take(HEADER_BYTES_MAX as u64).read_to_end(&mut head)?;
    let marked = if head.starts_with(b"\xef\xbb\xbf") { &head[3..] } else { &head[..] };
    // Excel writes which separator it took.
    let (start, lines) = match marked.strip_prefix(b"sep=") {
        Some(rest) => rest.iter().position(|&byte| byte == b'\n').map_or((marked, 0), |end| (&rest[end + 1..], 1)),
        None => (marked, 0),
    };
    let line = first_line(start);
    if line.len() == HEADER_BYTES_MAX {
        return Ok(Err(TableFault::NoHeader));
    }
    let separator = separator(line, &posts.options.fields);
    let columns = columns(line, separator);
    if !columns.is_empty() && !columns.iter().any(|column| is_known(column, &posts.options.fields)) {
        return Ok(Err(TableFault::NoField(columns.join(", ").chars().take(200).collect())));
    }
    let used = Rc::new(Cell::new(0));
    let limit = posts.options.limits.record_bytes;
    let metered = Metered { reader: start.chain(reader), used: Rc::clone(&used), limit };
    let mut rows = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(metered);
    let mut row = ByteRecord::new();
    let header = Header { columns, lines };
    loop {
        used.set(0);
        match rows.read_byte_record(&mut row) {
            Ok(true) => header.add(&row, name, posts),
            Ok(false) => return Ok(Ok(())),
            Err(error) => {
                let line = row.position().map_or(1, csv::Position::line);
                let place = header.place(name, line);
                match error.into_kind() {
                    csv::ErrorKind::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<RowTooLong>()) => {
                        posts.skip(place, SkipReason::RowTooLong { limit });
                        return Ok(Ok(()));
                    }
                    csv::ErrorKind::Io(error) => return Err(error),
                    other => posts.skip(place, SkipReason::Row(format!("{other:?}"))),
                }
            }
        }
    }
}

struct Header {
    columns: Vec<String>,
    /// Lines before the header.
    lines: usize,
}

impl Header {
    fn place(&self, name: &str, line: u64) -> Place {
        Place::line(name, self.lines + usize::try_from(line).unwrap_or(usize::MAX))
    }

    fn add(&self, row: &ByteRecord, name: &str, posts: &mut Collector<'_>) {
        let place = self.place(name, row.position().map_or(1, csv::Position::line));
        match self.record(row, &posts.options.fields) {
            Ok(record) if record.is_empty() => {}
            Ok(record) => add_record(&record, place, TitleRule::Skip(SkipReason::NoTitle), posts),
            Err(reason) => posts.skip(place, reason),
        }
    }

    /// Returns a row as the record that it is; empty cells say nothing, and the first of two columns of a name counts.
    fn record(&self, row: &ByteRecord, fields: &FieldMap) -> Result<Map<String, Value>, SkipReason> {
        if row.len() > self.columns.len() {
            return Err(SkipReason::Cells { found: row.len(), columns: self.columns.len() });
        }
        let mut record = Map::new();
        for (column, cell) in self.columns.iter().zip(row) {
            let cell =
                std::str::from_utf8(cell).map_err(|error| SkipReason::Utf8 { byte: error.valid_up_to() })?.trim();
            if cell.is_empty() || record.contains_key(column) {
                continue;
            }
            let is_tags = fields.mapped(Field::Tags).map_or(is_one_of(column, &TAGS), |name| name == column);
            let value = if is_tags { words_of_cell(cell).into() } else { cell.into() };
            record.insert(column.clone(), value);
        }
        Ok(record)
    }
}

/// Returns the words of a cell with tags: a list as JSON, or parted by `;`, `|` or `,`.
pub(super) fn words_of_cell(cell: &str) -> Vec<String> {
    if let Ok(Value::Array(words)) = serde_json::from_str(cell) {
        return words.iter().filter_map(super::record::text_of).collect();
    }
    let separator = [';', '|'].into_iter().find(|separator| cell.contains(*separator)).unwrap_or(',');
    // Python writes its lists with single quotes.
    let bare = cell.strip_prefix('[').and_then(|cell| cell.strip_suffix(']')).unwrap_or(cell);
    let words = bare.split(separator).map(|word| word.trim().trim_matches(['\'', '"']).trim().to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

/// Returns the first line that is not blank.
fn first_line(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    text.split(|&byte| byte == b'\n').next().unwrap_or_default()
}

/// Returns the separator by which most columns of a header are known, and of those by which most are found.
fn separator(line: &[u8], fields: &FieldMap) -> u8 {
    let count = |separator: &u8| {
        let columns = columns(line, *separator);
        let known = columns.iter().filter(|column| is_known(column, fields)).count();
        (known, columns.len())
    };
    // The last of equals would win; the usual one is the first.
    SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

/// Splits a header; "Published at" is known as `published_at`.
fn columns(line: &[u8], separator: u8) -> Vec<String> {
    let mut reader = ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(line);
    let mut row = ByteRecord::new();
    if !reader.read_byte_record(&mut row).unwrap_or(false) {
        return Vec::new();
    }
    let named = |cell: &[u8]| {
        let name = String::from_utf8_lossy(cell).trim().to_owned();
        let joined = name.replace(' ', "_");
        if name != joined && is_known(&joined, &FieldMap::default()) { joined } else { name }
    };
    row.iter().map(named).collect()
}

fn is_known(column: &str, fields: &FieldMap) -> bool {
    Field::ALL.iter().any(|field| is_one_of(column, field.names()))
        || is_one_of(column, DESCRIPTIONS)
        || is_one_of(column, &TAGS)
        || fields.theirs().any(|name| name == column)
}

fn is_one_of(column: &str, names: &[&str]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(column))
}

/// Says that a row does not end.
#[derive(Debug, thiserror::Error)]
#[error("a row is too long")]
struct RowTooLong;

/// Fails when more is read for one row than a row may have: a quotation mark that is never closed makes a row of all
/// that follows.
struct Metered<R> {
    reader: R,
    used: Rc<Cell<usize>>,
    limit: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used.get() > self.limit {
            return Err(io::Error::other(RowTooLong));
        }
        let read = self.reader.read(buffer)?;
        self.used.set(self.used.get() + read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;
    use crate::sources::{ReadOptions, read_stream};

    fn options() -> ReadOptions {
        ReadOptions::new(PostDate::parse("2026-06-01").unwrap())
    }

    fn check(table: &[u8], expect: &[(&str, &str)], expect_skips: &[&str]) -> crate::sources::Read {
        let mut options = options();
        options.limits.record_bytes = 20_000;
        let mut posts = Collector::new(&options, "t");
        read_table(table, "t", &mut posts).unwrap().unwrap();
        let read = posts.finish("t");
        let posts: Vec<_> = read.posts.iter().map(|post| (post.id.as_str(), post.title.as_str())).collect();
        assert_eq!(posts, expect, "{}", String::from_utf8_lossy(&table[..table.len().min(200)]));
        let skips: Vec<String> = read.report.skipped.first.iter().map(ToString::to_string).collect();
        assert_eq!(skips, expect_skips);
        read
    }

    #[test]
    fn a_row_is_a_post() {
        let read = check(
            b"\xef\xbb\xbfTitle,Link,Published at,tags,Body,Title\r\n\"A \"\"b\"\"\nc\",https://x.example/a,2024-01-31,x;y,Some words.,no\r\n\r\n",
            &[("https://x.example/a", "A \"b\" c")],
            &[],
        );
        let post = &read.posts[0];
        assert_eq!((post.date, post.text.as_deref()), (PostDate::parse("2024-01-31"), Some("Some words.")));
        assert_eq!(post.tags, ["x", "y"]);
    }

    #[test]
    fn the_header_tells_what_parts_cells() {
        for (table, separator) in [
            ("id;title;text\n1;A;b, c\n", ';'),
            ("id\ttitle\ttext\n1\tA\tb; c, d\n", '\t'),
            ("sep=|\nid|title\n1|A\n", '|'),
            ("\"id\",\"title\"\n\"1\",\"A\"\n", ','),
        ] {
            check(table.as_bytes(), &[("1", "A")], &[]);
            assert_eq!(
                separator as u8,
                super::separator(first_line(table.trim_start_matches("sep=|\n").as_bytes()), &FieldMap::default())
            );
        }
    }

    #[test]
    fn a_bad_row_costs_only_itself() {
        check(
            b"id,title\n1,A\n2,B,C\n3,\xff\n4\n\n5,\"E\n",
            &[("1", "A"), ("5", "E")],
            &[
                "t:3: has 3 cells under 2 columns; put a cell with a separator in quotation marks",
                "t:4: not UTF-8 at byte 0; save it as UTF-8",
                "t:5: no title; add one or name its field with --map title=FIELD",
            ],
        );
        let endless = format!("id,title\n1,A\n2,\"{}", "x\n".repeat(100_000));
        let lost = "t:3: longer than 20000 bytes: is a quotation mark never closed? what follows is lost";
        check(endless.as_bytes(), &[("1", "A")], &[lost]);
        check(b"id,title\n", &[], &[]);
    }

    #[test]
    fn fields_may_be_named_by_the_caller() {
        let mut options = options();
        options.fields = FieldMap::parse("title=Name,tags=Kinds").unwrap();
        let read = read_stream(b"Name;Kinds\nA;x|y\n".as_slice(), "-", &options).unwrap();
        assert_eq!((read.posts[0].title.as_str(), read.posts[0].tags.join(" ")), ("A", "x y".to_owned()));
        let mut posts = Collector::new(&options, "t");
        let fault = read_table(b"a,b\n1,2\n".as_slice(), "t", &mut posts).unwrap().unwrap_err();
        assert!(fault.to_string().starts_with("none of its columns (a, b) is a field of a post"));
    }

    #[test]
    fn tags_are_parted_by_what_is_there() {
        for (cell, expect) in [
            ("a, b", &["a", "b"][..]),
            ("a,b; c", &["a,b", "c"]),
            ("a b|c", &["a b", "c"]),
            ("[\"a\", \"b,c\"]", &["a", "b,c"]),
            ("['a', 'b']", &["a", "b"]),
            (" ", &[]),
        ] {
            assert_eq!(words_of_cell(cell), expect);
        }
    }

    #[test]
    fn prose_is_no_table() {
        for (text, expect) in
            [("title,text\n", true), ("title\n", false), ("Dear Ada, the title of it\n", false), ("name,when\n", false)]
        {
            assert_eq!(looks_like_table(text.as_bytes(), &FieldMap::default()), expect, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_go_through(rows in "(id|title|,|;|\"|\n|\r|\t|\\PC){0,60}") {
            let options = options();
            let mut posts = Collector::new(&options, "t");
            let _ = read_table(format!("id,title\n{rows}").as_bytes(), "t", &mut posts).unwrap();
        }
    }
}
