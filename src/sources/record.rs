//! What does a record say about its post? JSON objects and front matter alike, under the names that people use.

use serde_json::{Map, Value};

use super::field_map::{DESCRIPTIONS, Field, FieldMap, first_value, value};
use super::raw_post::{Given, RawPost, TitleRule};
use super::wishes::wishes;
use crate::post::Series;

/// Reads a record's fields; what its format alone decides (its id, its text) is left to the caller where it differs.
pub(super) fn read_record(record: &Map<String, Value>, fields: &FieldMap, title_rule: TitleRule) -> RawPost {
    let text = |field| fields.get(record, field).and_then(text_of);
    RawPost {
        id: text(Field::Id),
        title: text(Field::Title),
        summary: text(Field::Summary).map(Given::Either),
        description: first_value(record, DESCRIPTIONS).and_then(text_of).map(Given::Either),
        text: body(record, fields),
        url: text(Field::Url),
        dates: dates(record, fields),
        tags: tags(record, fields),
        source: text(Field::Source),
        author: fields.get(record, Field::Author).and_then(names_of),
        language: text(Field::Language),
        series: series(record, fields),
        related: related(record),
        wishes: wishes(record),
        ..RawPost::new(title_rule)
    }
}

/// Returns a scalar as text; of an object, the member that holds its words.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        // WordPress writes {"rendered": …}, JSON-LD {"@value": …} and {"name": …}.
        Value::Object(object) => {
            first_value(object, &["rendered", "name", "title", "@value"]).and_then(|inner| match inner {
                Value::Object(_) | Value::Array(_) => None,
                scalar => text_of(scalar),
            })
        }
        Value::Null | Value::Array(_) => None,
    }
}

/// Returns the words of a list, or of a text with commas between them.
pub(super) fn words_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(text_of).collect(),
        Value::String(text) => text.split(',').map(|word| word.trim().to_owned()).collect(),
        other => text_of(other).into_iter().collect(),
    }
}

pub(super) fn names_of(value: &Value) -> Option<String> {
    let names = match value {
        Value::Array(values) => values.iter().filter_map(text_of).collect(),
        other => text_of(other).into_iter().collect::<Vec<_>>(),
    };
    (!names.is_empty()).then(|| names.join(", "))
}

/// `content_html` is HTML by its name; of the other fields each text decides for itself.
fn body(record: &Map<String, Value>, fields: &FieldMap) -> Option<Given> {
    let html = || value(record, "content_html").and_then(text_of).map(Given::Html);
    match fields.mapped(Field::Text) {
        Some("content_html") => html(),
        Some(_) => fields.get(record, Field::Text).and_then(text_of).map(Given::Either),
        None => {
            let plain = Field::Text.names().iter().filter(|name| **name != "content_html");
            let given = plain.filter_map(|name| value(record, name)).find_map(text_of);
            given.map(Given::Either).or_else(html)
        }
    }
}

fn dates(record: &Map<String, Value>, fields: &FieldMap) -> Vec<String> {
    let values: Vec<&Value> = match fields.mapped(Field::Date) {
        Some(name) => value(record, name).into_iter().collect(),
        None => Field::Date.names().iter().filter_map(|name| value(record, name)).collect(),
    };
    // `published: false` is a switch, not a date.
    values.into_iter().filter(|value| !value.is_boolean()).filter_map(text_of).collect()
}

/// Tags and categories; keywords are often a search engine's list and count only where there is nothing else.
fn tags(record: &Map<String, Value>, fields: &FieldMap) -> Vec<String> {
    if fields.mapped(Field::Tags).is_some() {
        return fields.get(record, Field::Tags).map(words_of).unwrap_or_default();
    }
    let of = |names: &[&str]| -> Vec<String> {
        names.iter().filter_map(|name| value(record, name)).flat_map(words_of).collect()
    };
    let tags = of(&["tags", "tag", "categories", "category"]);
    if tags.is_empty() { of(&["keywords", "topics"]) } else { tags }
}

/// Names of lists that an author makes by hand, and of what a map in one says about its post.
const RELATED: &[&str] = &["related", "related_posts", "relatedPosts", "see_also", "seeAlso", "related_articles"];
const RELATED_NAMES: &[&str] = &["path", "url", "link", "href", "slug", "id", "post", "page"];

/// Targets of hand-made lists of related posts: strings, or maps with a path, URL or slug.
fn related(record: &Map<String, Value>) -> Vec<String> {
    let target = |value: &Value| match value {
        Value::Object(map) => first_value(map, RELATED_NAMES).and_then(text_of),
        scalar => text_of(scalar),
    };
    let lists = RELATED.iter().filter_map(|name| value(record, name));
    lists
        .flat_map(|list| list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice))
        .filter_map(target)
        .collect()
}

/// A series counts where it says both its name and the part.
fn series(record: &Map<String, Value>, fields: &FieldMap) -> Option<Series> {
    let given = fields.get(record, Field::Series)?;
    let given = given.as_array().map_or(Some(given), |list| list.first())?;
    let inside = given.as_object();
    let part = inside.and_then(|series| first_value(series, &["part", "order", "number"]));
    let weight = || value(record, "weight").filter(|_| fields.mapped(Field::Part).is_none());
    let part = part.or_else(|| fields.get(record, Field::Part)).or_else(weight)?;
    let part = match part {
        Value::Number(number) => number.as_u64()?,
        other => text_of(other)?.trim().parse().ok()?,
    };
    Some(Series { name: super::prose::clean(&text_of(given)?), part: u32::try_from(part).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::reasons::SkipReason;

    fn read(json: &str, map: &str) -> RawPost {
        let value: Value = serde_json::from_str(json).unwrap();
        read_record(value.as_object().unwrap(), &FieldMap::parse(map).unwrap(), TitleRule::Skip(SkipReason::NoTitle))
    }

    #[test]
    fn reads_the_usual_names() {
        let raw = read(
            r#"{"_id": 7, "title": {"rendered": "T"}, "excerpt": "e", "content_html": "<b>x</b>", "link": "u",
                "published": true, "pubDate": 1706695200, "category": "c", "tags": "a, b", "keywords": ["k"],
                "authors": [{"name": "Ada"}, "Bob"], "lang": "en", "minutes": 99}"#,
            "",
        );
        assert_eq!((raw.id.as_deref(), raw.title.as_deref()), (Some("7"), Some("T")));
        assert_eq!((raw.summary, raw.description), (None, Some(Given::Either("e".into()))));
        assert_eq!((raw.text, raw.dates), (Some(Given::Html("<b>x</b>".into())), vec!["1706695200".into()]));
        assert_eq!((raw.tags, raw.author.as_deref()), (vec!["a".into(), "b".into(), "c".into()], Some("Ada, Bob")));
    }

    #[test]
    fn series_need_a_name_and_a_part() {
        let series = |json| read(json, "").series.map(|series| (series.name, series.part));
        assert_eq!(series(r#"{"series": {"name": "S", "part": 0}}"#), Some(("S".into(), 0)));
        assert_eq!(series(r#"{"series": ["S"], "series_order": "2"}"#), Some(("S".into(), 2)));
        assert_eq!(series(r#"{"series": "S", "weight": 3}"#), Some(("S".into(), 3)));
        assert_eq!(series(r#"{"series": "S"}"#), None);
        assert_eq!(series(r#"{"series": "S", "part": -1}"#), None);
    }

    #[test]
    fn mapped_names_replace_ours() {
        let raw =
            read(r#"{"text": "t", "body": "b", "slug": "s", "id": 1, "when": "2024"}"#, "text=body,id=slug,date=when");
        assert_eq!((raw.text, raw.id), (Some(Given::Either("b".into())), Some("s".into())));
        assert_eq!(raw.dates, ["2024"]);
    }
}
