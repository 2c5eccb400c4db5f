//! What did somebody read? Lists of ids or URLs, CSV with a header, JSON lines, and what other programs export.

mod exports;

use std::io::Read;
use std::path::Path;

use anyhow::Context;

use super::console::Console;
use super::errors::Usage;
use crate::store::HistoryRecord;

/// More than this is no reading history.
const BYTES_MAX: u64 = 64 << 20;
const POST_COLUMNS: [&str; 5] = ["id", "url", "post", "link", "given_url"];
const TIME_COLUMNS: [&str; 5] = ["read_at", "date", "time", "time_added", "timestamp"];
const RATING_COLUMNS: [&str; 2] = ["rating", "stars"];
/// Pocket and Instapaper say here whether a page waits to be read.
const STATE_COLUMNS: [&str; 3] = ["status", "state", "folder"];

/// What a file says of a reader.
#[derive(Debug, Default)]
struct HistoryFile {
    /// What was read, in the order of the file.
    records: Vec<HistoryRecord>,
    /// Entries that were saved and not read; they are left out.
    unread: usize,
    /// Entries that are no posts, such as feeds and notes; they are left out.
    no_post: usize,
}

/// One entry of a file.
enum Line {
    Read(HistoryRecord),
    Unread,
    NoPost,
}

impl HistoryFile {
    fn add(&mut self, line: Line) {
        match line {
            Line::Read(record) => self.records.push(record),
            Line::Unread => self.unread += 1,
            Line::NoPost => self.no_post += 1,
        }
    }

    /// Says what was left out; `None` where nothing was.
    fn left_out(&self) -> Option<String> {
        let unread = (self.unread > 0).then(|| format!("{} saved and not read", self.unread));
        let no_post = (self.no_post > 0).then(|| format!("{} no posts (feeds, notes)", self.no_post));
        let left_out: Vec<String> = unread.into_iter().chain(no_post).collect();
        (!left_out.is_empty()).then(|| format!("left out: {}", left_out.join(", ")))
    }
}

/// Reads what was read, in the order of a history file (`-` for stdin), and notes what it leaves out.
pub(super) fn read(console: Console, path: &Path) -> anyhow::Result<Vec<HistoryRecord>> {
    let file = read_file(path)?;
    if let Some(left_out) = file.left_out() {
        console.note(&format!("{}: {left_out}", path.display()));
    }
    Ok(file.records)
}

/// Tells a file by its first line: JSON, JSON lines, OPML, CSV with a header, or a post a line.
fn read_file(path: &Path) -> anyhow::Result<HistoryFile> {
    let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    let mut bytes = Vec::new();
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("{name}: cannot be opened"))?)
    };
    reader.take(BYTES_MAX + 1).read_to_end(&mut bytes).with_context(|| format!("{name}: cannot be read"))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Usage::new(format!("{name}: more than {} MiB is no reading history", BYTES_MAX >> 20)).into());
    }
    let text = String::from_utf8(bytes).map_err(|fault| {
        let line =
            1 + fault.as_bytes()[..fault.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Usage::new(format!("{name}:{line}: not UTF-8; save it as UTF-8"))
    })?;
    parse(text.trim_start_matches('\u{feff}'), &name)
}

/// Puts records oldest first where each has a time that can be read; else leaves them as they are and returns how many
/// have none (nothing when none has one: then the order of the records is all there is).
pub(super) fn sort_by_time(records: &mut [HistoryRecord]) -> Option<usize> {
    let moments: Vec<Option<i64>> = records.iter().map(|record| moment(record.read_at.as_deref()?)).collect();
    let undated = moments.iter().filter(|moment| moment.is_none()).count();
    if undated == 0 {
        records.sort_by_cached_key(|record| record.read_at.as_deref().and_then(moment));
    }
    (undated > 0 && undated < records.len()).then_some(undated)
}

/// Reads a time as seconds since 1970: RFC 3339, a date with or without a time of day, or seconds or milliseconds.
fn moment(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(if number.abs() > 100_000_000_000 { number / 1_000 } else { number });
    }
    if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp());
    }
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let time = local.iter().find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok());
    let day = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    time.or_else(day).map(|time| time.and_utc().timestamp())
}

fn parse(text: &str, name: &str) -> anyhow::Result<HistoryFile> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    // A line that is an object by itself begins a file of such lines; one that is not begins a longer value.
    let is_object = first.starts_with('{') && serde_json::from_str::<serde_json::Value>(first).is_ok();
    if is_object && text.trim().lines().count() > 1 {
        parse_json_lines(text, name)
    } else if first.starts_with(['{', '[']) {
        exports::json(text, name)
    } else if first.starts_with('<') {
        exports::opml(text, name)
    } else if column(&first.split(',').map(bare).collect::<Vec<_>>(), &POST_COLUMNS).is_some() {
        parse_csv(text, name)
    } else {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let records = lines.map(|line| HistoryRecord { post: line.to_owned(), read_at: None, rating: None }).collect();
        Ok(HistoryFile { records, ..HistoryFile::default() })
    }
}

fn parse_json_lines(text: &str, name: &str) -> anyhow::Result<HistoryFile> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let mut file = HistoryFile::default();
    for (number, line) in lines {
        let advice = "write {\"id\": …} or {\"url\": …}";
        let value: serde_json::Value =
            serde_json::from_str(line).map_err(|fault| Usage::new(format!("{name}:{number}: {fault}; {advice}")))?;
        let line = exports::object_line(&value, exports::PostField::IdFirst);
        file.add(line.ok_or_else(|| Usage::new(format!("{name}:{number}: no id or URL; {advice}")))?);
    }
    Ok(file)
}

fn parse_csv(text: &str, name: &str) -> anyhow::Result<HistoryFile> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers()?.iter().map(str::to_lowercase).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let post = column(&header, &POST_COLUMNS).unwrap_or_default();
    let (time, rating) = (column(&header, &TIME_COLUMNS), column(&header, &RATING_COLUMNS));
    let state = column(&header, &STATE_COLUMNS);
    let mut file = HistoryFile::default();
    for row in reader.records() {
        let row = row.map_err(|fault| Usage::new(format!("{name}: {fault}")))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = |column: Option<usize>| column.and_then(|at| row.get(at)).filter(|field| !field.is_empty());
        let rating = field(rating).map(str::parse).transpose();
        let rating = rating.map_err(|_| Usage::new(format!("{name}:{line}: the rating is no number")))?;
        let Some(post) = field(Some(post)) else {
            return Err(Usage::new(format!("{name}:{line}: no id or URL; give each row one")).into());
        };
        let record = HistoryRecord { post: post.to_owned(), read_at: field(time).map(str::to_owned), rating };
        file.add(if field(state).is_some_and(exports::is_waiting) { Line::Unread } else { Line::Read(record) });
    }
    Ok(file)
}

fn column(header: &[&str], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| header.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

fn bare(column: &str) -> &str {
    column.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, Option<&str>, Option<f32>)]) {
        let records = parse(text, "history").unwrap().records;
        let found: Vec<_> =
            records.iter().map(|record| (record.post.as_str(), record.read_at.as_deref(), record.rating)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn tells_lists_csv_and_json_apart() {
        check("", &[]);
        check("# mine\nb\n\n https://x.example/a,b \n", &[("b", None, None), ("https://x.example/a,b", None, None)]);
        check(
            "url,read_at,rating\nhttps://b.example,2026-02-01,5\n\"https://a.example\",2026-01-01,\n",
            &[("https://b.example", Some("2026-02-01"), Some(5.0)), ("https://a.example", Some("2026-01-01"), None)],
        );
        check("{\"id\": \"a\"}\n{\"url\": \"b\", \"rating\": 3}\n", &[("a", None, None), ("b", None, Some(3.0))]);
        check("{\"id\": \"a\"}", &[("a", None, None)]);
        check("[{\"link\": \"a\"}]", &[("a", None, None)]);
        check("<opml><body><outline url='a'/></body></opml>", &[("a", None, None)]);
    }

    #[test]
    fn what_waits_to_be_read_is_left_out_and_told() {
        let pocket = "title,url,time_added,tags,status\nA,https://a.example,1700000000,,unread\nB,https://b.example,1700000001,,archive\n";
        let file = parse(pocket, "pocket.csv").unwrap();
        assert_eq!((file.records.len(), file.records[0].post.as_str()), (1, "https://b.example"));
        assert_eq!(file.left_out().unwrap(), "left out: 1 saved and not read");
        let instapaper =
            "URL,Title,Selection,Folder,Timestamp\nhttps://a.example,A,,Unread,1\nhttps://b.example,B,,Archive,2\n";
        assert_eq!(parse(instapaper, "instapaper.csv").unwrap().unread, 1);
        let feeds = parse("<opml><body><outline xmlUrl='https://a.example/feed'/></body></opml>", "f").unwrap();
        assert_eq!(feeds.left_out().unwrap(), "left out: 1 no posts (feeds, notes)");
    }

    #[test]
    fn sorts_by_time_in_any_form_or_says_what_has_none() {
        let check = |times: &[Option<&str>], undated: Option<usize>, expect: &str| {
            let mut records: Vec<HistoryRecord> = ('a'..)
                .zip(times)
                .map(|(name, time)| HistoryRecord {
                    post: name.to_string(),
                    read_at: time.map(str::to_owned),
                    rating: None,
                })
                .collect();
            assert_eq!(sort_by_time(&mut records), undated);
            assert_eq!(records.iter().map(|record| record.post.as_str()).collect::<String>(), expect);
        };
        check(&[Some("2026-01-02"), Some("2026-01-01T23:00:00Z"), Some("1767225600")], None, "cba");
        check(&[Some("2026-01-02"), None, Some("2025-01-01")], Some(1), "abc");
        check(&[None, None], None, "ab");
        check(&[], None, "");
    }

    #[test]
    fn names_the_line_of_a_fault() {
        let fault = |text: &str| parse(text, "h.csv").unwrap_err().to_string();
        assert!(fault("{\"id\": \"a\"}\n{\"x\": 1}\n").starts_with("h.csv:2: "));
        assert_eq!(fault("id,rating\na,good\n"), "h.csv:2: the rating is no number");
        assert_eq!(fault("id,rating\na,1\n,2\n"), "h.csv:3: no id or URL; give each row one");
    }
}
