//! What stands in front of a Markdown text? YAML between `---`, TOML between `+++`, or a JSON object.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::sources::options::Limits;
use crate::sources::reasons::SkipReason;

/// Objects inside the front matter whose fields count as if they stood outside: Hugo's and Zola's own places.
const TRANSPARENT: [&str; 3] = ["taxonomies", "params", "extra"];

/// In YAML and TOML, the comments before and after what `nextread links` wrote, each on a line of its own.
pub const OURS: [&str; 2] = ["# written by nextread: begin", "# written by nextread: end"];
/// In JSON, which has no comments, the field before the one that `nextread links` wrote, and its value.
pub const OURS_IN_JSON: [&str; 2] = ["related_by", "nextread"];

/// How front matter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrontMatterForm {
    /// Between `---` and `---` or `...`.
    Yaml,
    /// Between `+++` and `+++`.
    Toml,
    /// One object.
    Json,
}

/// The front matter of a Markdown text.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatter {
    /// How it is written.
    pub form: FrontMatterForm,
    /// Its fields as they stand.
    pub fields: Map<String, Value>,
    /// Which bytes of the text are between the fences: whole lines; of JSON the object with its braces.
    pub inside: Range<usize>,
    /// The byte at which the body begins.
    pub body: usize,
}

/// Parses the front matter of a Markdown text; `None` where there is none.
///
/// # Errors
/// The line, from 1, and why it cannot be read. It is cut off and measured before any parser sees it: 200 KB of nested
/// YAML keep a parser busy for a minute.
pub fn front_matter(text: &str, limits: &Limits) -> Result<Option<FrontMatter>, (usize, SkipReason)> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let first = text[start..].lines().next().unwrap_or_default().trim_end();
    let limit = limits.front_matter_bytes;
    match first {
        "---" => {
            fenced(text, start, &["---", "..."], limit).and_then(|fences| fences.parse(text, FrontMatterForm::Yaml))
        }
        "+++" => fenced(text, start, &["+++"], limit).and_then(|fences| fences.parse(text, FrontMatterForm::Toml)),
        _ if first.starts_with('{')
            && !first.starts_with("{{")
            && !first.starts_with("{%")
            && !first.starts_with("{:") =>
        {
            json(text, start, limit)
        }
        _ => Ok(None),
    }
}

/// Parses the fields of a whole text in one of the forms of front matter, under the same limits but of length.
pub(in crate::sources) fn fields_of(
    text: &str,
    form: FrontMatterForm,
) -> Result<Map<String, Value>, (usize, SkipReason)> {
    let text = text.trim_start_matches('\u{feff}');
    match form {
        FrontMatterForm::Yaml => yaml(text),
        FrontMatterForm::Toml => toml(text),
        FrontMatterForm::Json => {
            serde_json::from_str(text).map_err(|error| (error.line().max(1), invalid("JSON", &error.to_string())))
        }
    }
}

/// A Markdown file, its front matter parsed.
#[derive(Debug, PartialEq)]
pub(super) struct Split<'t> {
    pub(super) fields: Map<String, Value>,
    pub(super) body: &'t str,
}

/// Parses front matter and body; a file without front matter has no fields. What `nextread links` wrote is not of the author:
/// it is left out.
pub(super) fn split<'t>(text: &'t str, limits: &Limits) -> Result<Split<'t>, Fault> {
    let Some(found) = front_matter(text, limits)? else {
        return Ok(Split { fields: Map::new(), body: text.trim_start_matches('\u{feff}') });
    };
    let body = &text[found.body..];
    let mut fields = without_ours(text, &found.inside, limits)?.unwrap_or(found.fields);
    for name in TRANSPARENT {
        if let Some(Value::Object(inner)) = fields.get(name).cloned() {
            for (key, value) in inner {
                fields.entry(key).or_insert(value);
            }
        }
    }
    if fields.get(OURS_IN_JSON[0]).and_then(Value::as_str) == Some(OURS_IN_JSON[1]) {
        fields.shift_remove("related");
        fields.shift_remove(OURS_IN_JSON[0]);
    }
    Ok(Split { fields, body })
}

/// Parses front matter again without the lines between our marks; `None` where there are none.
fn without_ours(text: &str, inside: &Range<usize>, limits: &Limits) -> Result<Option<Fields>, Fault> {
    let lines = text[inside.clone()].split_inclusive('\n');
    let mut is_ours = false;
    let mut has_ours = false;
    let mut kept = text[..inside.start].to_owned();
    for line in lines {
        let is_mark = line.trim() == OURS[0] || line.trim() == OURS[1];
        is_ours = if is_mark { line.trim() == OURS[0] } else { is_ours };
        has_ours |= is_mark;
        if !is_ours && !is_mark {
            kept.push_str(line);
        }
    }
    if !has_ours {
        return Ok(None);
    }
    kept.push_str(&text[inside.end..]);
    Ok(front_matter(&kept, limits)?.map(|found| found.fields))
}

/// The line of a fault, from 1, and what it is.
type Fault = (usize, SkipReason);
type Fields = Map<String, Value>;

/// What is between two fences, and where the body begins.
struct Fenced {
    inside: Range<usize>,
    body: usize,
}

impl Fenced {
    fn parse(self, text: &str, form: FrontMatterForm) -> Result<Option<FrontMatter>, Fault> {
        let inside = &text[self.inside.clone()];
        let parsed = if form == FrontMatterForm::Toml { toml(inside) } else { yaml(inside) };
        let fields = parsed.map_err(|(line, reason)| (line + 1, reason))?;
        Ok(Some(FrontMatter { form, fields, inside: self.inside, body: self.body }))
    }
}

fn fenced(text: &str, first: usize, ends: &[&str], limit: usize) -> Result<Fenced, Fault> {
    let start = text[first..].find('\n').map_or(text.len(), |end| first + end + 1);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if at - start > limit {
            break;
        }
        if ends.contains(&line.trim_end()) {
            return Ok(Fenced { inside: start..at, body: at + line.len() });
        }
        at += line.len();
    }
    Err((1, SkipReason::FrontMatterTooLong { limit }))
}

fn yaml(text: &str) -> Result<Fields, Fault> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 32, max_aliases: 64, max_anchors: 64, max_nodes: 5_000, max_documents: 1 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 5_000, max_replay_stack_depth: 8 },
        // As the generators' own parsers have it.
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        with_snippet: false,
    };
    if text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')) {
        return Ok(Map::new());
    }
    match serde_saphyr::from_str_with_options(text, options) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err((1, invalid("YAML", "not fields with values"))),
        Err(error) => {
            let line = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
            Err((line, invalid("YAML", &error.to_string())))
        }
    }
}

fn toml(text: &str) -> Result<Fields, Fault> {
    match text.parse::<toml::Table>() {
        Ok(table) => Ok(table.into_iter().map(|(key, value)| (key, from_toml(value))).collect()),
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count();
            Err((line, invalid("TOML", error.message())))
        }
    }
}

/// Recursion ends: the parser refuses more than 80 levels.
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number),
        toml::Value::Boolean(yes) => Value::Bool(yes),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(values) => Value::Array(values.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, from_toml(value))).collect())
        }
    }
}

fn json(text: &str, start: usize, limit: usize) -> Result<Option<FrontMatter>, Fault> {
    let look = &text[start..text.floor_char_boundary(start + limit)];
    let mut values = serde_json::Deserializer::from_str(look).into_iter::<Map<String, Value>>();
    match values.next() {
        Some(Ok(fields)) => {
            let end = start + values.byte_offset();
            Ok(Some(FrontMatter { form: FrontMatterForm::Json, fields, inside: start..end, body: end }))
        }
        Some(Err(error)) if error.is_eof() => Err((1, SkipReason::FrontMatterTooLong { limit })),
        Some(Err(error)) => Err((error.line().max(1), invalid("JSON", &error.to_string()))),
        None => Ok(None),
    }
}

fn invalid(format: &'static str, message: &str) -> SkipReason {
    // The place says where, counted from the file's beginning.
    let what = message.split(" at line ").next().unwrap_or(message);
    SkipReason::FrontMatter { format, message: crate::text::one_line(what).chars().take(200).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expect: Value, body: &str) {
        let split = split(text, &Limits::default()).unwrap();
        assert_eq!((Value::Object(split.fields), split.body), (expect, body), "{text}");
    }

    fn check_fault(text: &str, line: usize, expect: &str) {
        let (at, reason) = split(text, &Limits::default()).unwrap_err();
        assert!(at == line && reason.to_string().starts_with(expect), "{at}: {reason}");
    }

    #[test]
    fn reads_three_formats() {
        check(
            "\u{feff}---\r\ntitle: A\r\ndate: 2024-01-31\r\ndraft: yes\r\n---\r\nbody",
            json!({"title": "A", "date": "2024-01-31", "draft": "yes"}),
            "body",
        );
        check(
            "+++\ntitle = 'A'\ndate = 2024-01-31\n[taxonomies]\ntags = ['x']\n+++\n",
            json!({"title": "A", "date": "2024-01-31", "taxonomies": {"tags": ["x"]}, "tags": ["x"]}),
            "",
        );
        check("{\n\"title\": \"A\"\n}\nbody", json!({"title": "A"}), "\nbody");
        check("---\n---\nbody", json!({}), "body");
        check("---\n# only a comment\n---\nbody", json!({}), "body");
        check("{{< toc >}}\n", json!({}), "{{< toc >}}\n");
        check("# none", json!({}), "# none");
        check("", json!({}), "");
        check("---\ntitle: a\ntitle: b\n1: x\nf: .nan\n---\n", json!({"title": "b", "1": "x", "f": ".nan"}), "");
    }

    #[test]
    fn links_that_nextread_wrote_are_not_of_the_author() {
        let [begin, end] = OURS;
        check(&format!("---\ntitle: A\n{begin}\nrelated:\n  - b\n{end}\n---\n"), json!({"title": "A"}), "");
        check(&format!("+++\ntitle = 'A'\n{begin}\nrelated = ['b']\n{end}\n+++\n"), json!({"title": "A"}), "");
        check(&format!("+++\ntitle = 'A'\n{begin}\n[extra]\nrelated = ['b']\n{end}\n+++\n"), json!({"title": "A"}), "");
        let mine = format!("---\nrelated: [mine]\n{begin}\nparams:\n  related:\n    - b\n{end}\n---\n");
        check(&mine, json!({"related": ["mine"]}), "");
        check("{\"title\": \"A\", \"related_by\": \"nextread\", \"related\": [\"b\"]}", json!({"title": "A"}), "");
        check("---\nrelated: [b]\n---\n", json!({"related": ["b"]}), "");
    }

    #[test]
    fn faults_name_their_line() {
        check_fault("---\ntitle: a\nb: [\n---\n", 3, "front matter is not valid YAML (unclosed bracket '[')");
        check_fault("---\n- a\n---\n", 2, "front matter is not valid YAML (not fields with values)");
        check_fault("+++\ntitle = 'a'\nb = \n+++\n", 3, "front matter is not valid TOML");
        check_fault("{\"title\" 1}", 1, "front matter is not valid JSON");
        check_fault("---\ntitle: never closed\n", 1, "front matter is longer than 8192 bytes or never closed");
        check_fault(&format!("---\na: {}\n---\n", "x".repeat(9_000)), 1, "front matter is longer than 8192 bytes");
        check_fault(&format!("{{\"a\": \"{}\"}}", "x".repeat(9_000)), 1, "front matter is longer than 8192 bytes");
    }

    #[test]
    fn hostile_front_matter_is_refused_on_a_small_stack() {
        let bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
            + &('b'..='i')
                .map(|c| format!("{c}: &{c} [{}]\n", vec![format!("*{}", (c as u8 - 1) as char); 9].join(", ")))
                .collect::<String>();
        for matter in [
            "[".repeat(8_000),
            "{a: ".repeat(2_000),
            "- ".repeat(4_000),
            "? ".repeat(4_000),
            (0..120).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
            bomb,
            "\0".repeat(8_000),
            "[".repeat(200_000),
        ] {
            for (open, close) in [("---", "---"), ("+++\na = ", "+++"), ("{\"a\":", "}")] {
                let text = format!("{open}\n{matter}\n{close}\nbody");
                let run = std::thread::Builder::new()
                    .stack_size(2 << 20)
                    .spawn(move || split(&text, &Limits::default()).is_err());
                assert!(run.unwrap().join().unwrap(), "{open} {}", &matter[..matter.len().min(20)]);
            }
        }
    }
}
