//! How do links get into a file's front matter, and out again? By inserting lines and cutting the same ones: nothing else of
//! the file is touched, and every edit is read back before it is believed.

mod field;

use std::ops::Range;

use serde_json::Value;

pub use self::field::{FieldPath, FieldPathError};
use crate::sources::{FrontMatter, FrontMatterForm, Limits, OURS, OURS_IN_JSON, SkipReason, front_matter};

/// The field that holds the links, in JSON and wherever else no other is wanted.
pub const FIELD: &str = "related";

/// Why a file's front matter is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is none, and a generator may treat a file with one in another way.
    #[error("has no front matter")]
    None,
    /// It cannot be read.
    #[error("line {0}: {1}")]
    Unreadable(usize, SkipReason),
    /// The author has a list of that name.
    #[error("has a \"{0}\" of its own; rename it to let nextread write one")]
    OwnList(FieldPath),
    /// The comments around what was written are not as they were.
    #[error("the marks \"{}\" and \"{}\" are not one before the other around the links; remove both by hand", OURS[0], OURS[1])]
    Marks,
    /// In JSON, the two fields are not side by side as they were written.
    #[error("\"{}\" and \"{FIELD}\" do not stand together as they were written; remove both by hand", OURS_IN_JSON[0])]
    MarksInJson,
    /// In JSON there are no other places.
    #[error(
        "is JSON, in which links can only be called \"{FIELD}\", not \"{0}\"; leave --front-matter-key away, or write TOML or YAML"
    )]
    NotInJson(FieldPath),
    /// It would be too long to be read again.
    #[error("would be longer than {0} bytes with the links; ask for fewer with -n")]
    TooLong(usize),
    /// No place was found in which all other fields stay as they are.
    #[error("there is no line at which links can be put and everything else stays as it is")]
    NoPlace,
}

/// Writes links into the front matter of a Markdown text, in place of those that were written before, wherever that was; without
/// links, what was written before is removed. [`remove`] gives back the bytes of before.
///
/// # Errors
/// The text cannot be edited safely.
pub fn write(text: &str, links: &[String], field: &FieldPath) -> Result<String, Refusal> {
    let clean = remove(text)?;
    let found = parse(&clean)?.ok_or(Refusal::None)?;
    if field.is_in(&found.fields) {
        return Err(Refusal::OwnList(field.clone()));
    }
    if links.is_empty() {
        return Ok(clean);
    }
    if found.form == FrontMatterForm::Json && *field != FieldPath::default() {
        return Err(Refusal::NotInJson(field.clone()));
    }
    let mut refusal = Refusal::NoPlace;
    for (at, lines) in insertions(&clean, &found, links, field) {
        let new = [&clean[..at], &lines, &clean[at..]].concat();
        match check(&clean, &found, &new, links, field) {
            Ok(()) => return Ok(new),
            Err(Refusal::Unreadable(_, SkipReason::FrontMatterTooLong { limit })) => refusal = Refusal::TooLong(limit),
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// Cuts what [`write()`] wrote, and nothing else; a text without it comes back as it is.
///
/// # Errors
/// The marks are there but not as they were written.
pub fn remove(text: &str) -> Result<String, Refusal> {
    Ok(take_apart(text)?.map_or_else(|| text.to_owned(), |(cut, _)| cut))
}

/// Returns the links that [`write()`] wrote into a text; `None` where it wrote none.
///
/// # Errors
/// As [`remove`].
pub fn links(text: &str) -> Result<Option<Vec<String>>, Refusal> {
    Ok(take_apart(text)?.map(|(_, links)| links))
}

/// Returns the text without what was written, and the links; `None` where nothing was.
fn take_apart(text: &str) -> Result<Option<(String, Vec<String>)>, Refusal> {
    let Some((range, mut found)) = written(text)? else { return Ok(None) };
    let cut = [&text[..range.start], &text[range.end..]].concat();
    let in_json = found.form == FrontMatterForm::Json;
    if in_json {
        found.fields.shift_remove(OURS_IN_JSON[0]);
    }
    // Marks inside of a text that only looks like front matter of ours would take a part of it along.
    let list = parse(&cut).ok().flatten().and_then(|left| field::added(&left.fields, &found.fields));
    match list.and_then(names_of) {
        Some(links) => Ok(Some((cut, links))),
        None => Err(if in_json { Refusal::MarksInJson } else { Refusal::Marks }),
    }
}

fn names_of(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|link| link.as_str().map(str::to_owned)).collect()
}

/// An edit is good if the text has the links, all else is as it was, and removing them gives back the text of before.
fn check(clean: &str, found: &FrontMatter, new: &str, links: &[String], field: &FieldPath) -> Result<(), Refusal> {
    let read = parse(new)?.ok_or(Refusal::NoPlace)?;
    let mut expect = found.fields.clone();
    field.put(&mut expect, links.into());
    if found.form == FrontMatterForm::Json {
        expect.insert(OURS_IN_JSON[0].to_owned(), OURS_IN_JSON[1].into());
    }
    let is_same = read.fields == expect && read.form == found.form && new[read.body..] == clean[found.body..];
    if is_same && remove(new)? == clean { Ok(()) } else { Err(Refusal::NoPlace) }
}

fn parse(text: &str) -> Result<Option<FrontMatter>, Refusal> {
    front_matter(text, &Limits::default()).map_err(|(line, reason)| Refusal::Unreadable(line, reason))
}

/// Finds the bytes that were written.
fn written(text: &str) -> Result<Option<(Range<usize>, FrontMatter)>, Refusal> {
    let found = match parse(text) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(refusal) if text.contains(OURS[0]) || text.contains(OURS_IN_JSON[0]) => return Err(refusal),
        Err(_) => return Ok(None),
    };
    let range = match found.form {
        FrontMatterForm::Json => written_in_json(text, &found)?,
        _ => written_in_lines(text, &found.inside)?,
    };
    Ok(range.map(|range| (range, found)))
}

fn written_in_lines(text: &str, inside: &Range<usize>) -> Result<Option<Range<usize>>, Refusal> {
    let lines: Vec<(Range<usize>, &str)> = lines(text, inside).collect();
    let marks = |mark: &str| -> Vec<Range<usize>> {
        lines.iter().filter(|(_, line)| line.trim() == mark).map(|(range, _)| range.clone()).collect()
    };
    let (begins, ends) = (marks(OURS[0]), marks(OURS[1]));
    match (begins.as_slice(), ends.as_slice()) {
        ([], []) => Ok(None),
        ([begin], [end]) if begin.end <= end.start => Ok(Some(begin.start..end.end)),
        _ => Err(Refusal::Marks),
    }
}

/// Returns the lines in a range, their ends left on.
fn lines<'t>(text: &'t str, range: &Range<usize>) -> impl Iterator<Item = (Range<usize>, &'t str)> {
    let mut at = range.start;
    text[range.clone()].split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start..at, line)
    })
}

/// Returns places at which links may stand and what to put there, the best first.
fn insertions(text: &str, found: &FrontMatter, links: &[String], field: &FieldPath) -> Vec<(usize, String)> {
    let line_end =
        if text.lines().next().is_some_and(|_| text[..found.inside.start].ends_with("\r\n")) { "\r\n" } else { "\n" };
    let quoted: Vec<String> = links.iter().map(|link| Value::from(link.as_str()).to_string()).collect();
    let whole = |lines: Vec<String>| -> String { lines.into_iter().map(|line| line + line_end).collect() };
    let end = found.inside.end;
    match found.form {
        FrontMatterForm::Yaml => {
            let outer = indent(text, &found.inside);
            let alone = yaml(outer, field.table(), field.name(), &quoted);
            let mut places = vec![(end, whole(alone))];
            if let Some(table) = field.table() {
                // Behind the head of a map that is there already.
                places.extend(heads(text, &found.inside, &format!("{table}:")).map(|at| {
                    let inner = indent(text, &(at..end));
                    let inner = if inner.len() > outer.len() { inner.to_owned() } else { format!("{outer}  ") };
                    (at, whole(yaml(&inner, None, field.name(), &quoted)))
                }));
            }
            places
        }
        FrontMatterForm::Toml => {
            // A field behind the head of a table is of that table.
            let before_tables = before_tables(text, &found.inside);
            let Some(table) = field.table() else {
                let lines = whole(toml(&[], field.name(), &quoted));
                return [end, before_tables, found.inside.start].map(|at| (at, lines.clone())).into();
            };
            let head = format!("[{table}]");
            let in_table = heads(text, &found.inside, &head).map(|at| (at, whole(toml(&[], field.name(), &quoted))));
            let dotted = whole(toml(&[], &format!("{table}.{}", field.name()), &quoted));
            let alone = (end, whole(toml(std::slice::from_ref(&head), field.name(), &quoted)));
            in_table.chain([alone, (before_tables, dotted)]).collect()
        }
        FrontMatterForm::Json => vec![in_json(text, found, &quoted)],
    }
}

fn yaml(indent: &str, table: Option<&str>, name: &str, quoted: &[String]) -> Vec<String> {
    let inner = if table.is_some() { format!("{indent}  ") } else { indent.to_owned() };
    let items = quoted.iter().map(|link| format!("{inner}  - {link}"));
    let table = table.map(|table| format!("{indent}{table}:"));
    let head = [format!("{indent}{}", OURS[0])].into_iter().chain(table).chain([format!("{inner}{name}:")]);
    head.chain(items).chain([format!("{indent}{}", OURS[1])]).collect()
}

fn toml(head: &[String], name: &str, quoted: &[String]) -> Vec<String> {
    let items = quoted.iter().map(|link| format!("  {link},"));
    let head = [OURS[0].to_owned()].into_iter().chain(head.iter().cloned()).chain([format!("{name} = [")]);
    head.chain(items).chain(["]".to_owned(), OURS[1].to_owned()]).collect()
}

/// Returns the places behind lines that hold only this head of a table or map, a comment aside.
fn heads(text: &str, inside: &Range<usize>, head: &str) -> impl Iterator<Item = usize> {
    let is_head = move |line: &str| {
        let rest = line.trim().strip_prefix(head).map(str::trim_start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    };
    let places: Vec<usize> =
        lines(text, inside).filter(|(_, line)| is_head(line)).map(|(range, _)| range.end).collect();
    places.into_iter()
}

/// Returns the white space before the first field.
fn indent<'t>(text: &'t str, inside: &Range<usize>) -> &'t str {
    let is_field = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = text[inside.clone()].lines().find(is_field).unwrap_or_default();
    &first[..first.len() - first.trim_start_matches(' ').len()]
}

/// Returns the place behind the last field before what looks like the first head of a table.
fn before_tables(text: &str, inside: &Range<usize>) -> usize {
    let mut place = inside.start;
    for (range, line) in lines(text, inside) {
        let line = line.trim();
        if line.starts_with('[') {
            break;
        }
        if !line.is_empty() && !line.starts_with('#') {
            place = range.end;
        }
    }
    place
}

/// The fields go behind the last one, on lines of their own where the first one has one.
fn in_json(text: &str, found: &FrontMatter, quoted: &[String]) -> (usize, String) {
    let object = &text[found.inside.clone()];
    let inner = &object[1..object.len() - 1];
    let space = &inner[..inner.len() - inner.trim_start().len()];
    let is_empty = found.fields.is_empty();
    let (comma, gap) = match (is_empty, space.is_empty()) {
        (true, _) => ("", ""),
        (false, true) => (",", " "),
        (false, false) => (",", space),
    };
    let between = if gap.is_empty() { " " } else { gap };
    let at = if is_empty { found.inside.start + 1 } else { found.inside.start + 1 + inner.trim_end().len() };
    let [mark, by] = OURS_IN_JSON;
    (at, format!("{comma}{gap}\"{mark}\": \"{by}\",{between}\"{FIELD}\": [{}]", quoted.join(", ")))
}

fn written_in_json(text: &str, found: &FrontMatter) -> Result<Option<Range<usize>>, Refusal> {
    let [mark, by] = OURS_IN_JSON;
    if found.fields.get(mark).and_then(Value::as_str) != Some(by) {
        return Ok(None);
    }
    let object = &text[found.inside.clone()];
    let head = format!("\"{mark}\": \"{by}\",");
    let mut places = object.match_indices(&head);
    let (Some((at, _)), None) = (places.next(), places.next()) else { return Err(Refusal::MarksInJson) };
    let before = object[..at].trim_end();
    let start = if before.ends_with(',') { before.len() - 1 } else { at };
    let rest = &object[at + head.len()..];
    let list = rest.trim_start().strip_prefix(&format!("\"{FIELD}\": ")).ok_or(Refusal::MarksInJson)?;
    let mut values = serde_json::Deserializer::from_str(list).into_iter::<Vec<String>>();
    let Some(Ok(_)) = values.next() else { return Err(Refusal::MarksInJson) };
    let end = object.len() - list.len() + values.byte_offset();
    Ok(Some(found.inside.start + start..found.inside.start + end))
}

/// Fields by name, for tests.
#[cfg(test)]
fn fields(text: &str) -> serde_json::Map<String, Value> {
    parse(text).unwrap().unwrap().fields
}

#[cfg(test)]
mod tests;
