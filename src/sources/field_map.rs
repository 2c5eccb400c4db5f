//! Under which names does a record keep a post's fields?

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A field of a post that a record may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// What names the post.
    Id,
    /// Its title.
    Title,
    /// What stands for it.
    Summary,
    /// Its body.
    Text,
    /// Where it can be read.
    Url,
    /// When it was published.
    Date,
    /// Its tags.
    Tags,
    /// Who published it.
    Source,
    /// Who wrote it.
    Author,
    /// The language that it is written in.
    Language,
    /// The series that it belongs to.
    Series,
    /// Its number in the series.
    Part,
}

impl Field {
    /// All fields.
    pub const ALL: [Field; 12] = [
        Field::Id,
        Field::Title,
        Field::Summary,
        Field::Text,
        Field::Url,
        Field::Date,
        Field::Tags,
        Field::Source,
        Field::Author,
        Field::Language,
        Field::Series,
        Field::Part,
    ];

    /// Returns the field's name, the first of [`Field::names`].
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Returns the names that are looked for, the first that has a value wins. Case does not count.
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Field::Id => &["id", "_id", "guid"],
            Field::Title => &["title", "headline"],
            Field::Summary => &["summary"],
            Field::Text => &["text", "body", "content", "content_text", "content_html"],
            Field::Url => &["url", "link", "permalink", "canonical", "canonical_url", "canonicalUrl", "external_url"],
            Field::Date => &[
                "date",
                "publishDate",
                "publish_date",
                "pubDate",
                "date_published",
                "datePublished",
                "published",
                "published_at",
                "created",
                "created_at",
                "lastmod",
                "updated",
                "date_modified",
                "modified",
            ],
            Field::Tags => &["tags"],
            Field::Source => &["source", "blog", "site"],
            Field::Author => &["author", "authors", "creator", "byline", "by"],
            Field::Language => &["language", "lang", "locale"],
            Field::Series => &["series"],
            Field::Part => &["part", "series_order", "series_part", "seriesOrder", "series_weight"],
        }
    }
}

/// Names that mean a text that stands for the post but is not called a summary.
pub(super) const DESCRIPTIONS: &[&str] = &["description", "excerpt", "abstract", "subtitle", "teaser"];

/// Which of the source's field names stand for ours: `text=body,id=slug`.
///
/// A mapped field is read from that name only; the others from [`Field::names`]. A dot reaches into an object:
/// `title=title.rendered`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldMap {
    theirs: BTreeMap<Field, String>,
}

/// Says why a field map cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldMapError {
    /// A part that is not `ours=theirs`.
    #[error("\"{0}\" is not a field mapping; write ours=theirs, as in text=body,id=slug")]
    NotAPair(String),
    /// A name on the left that is no field of a post.
    #[error("\"{given}\" is no field of a post; did you mean \"{meant}\"? (fields: {})", all_names())]
    UnknownField {
        /// What was written.
        given: String,
        /// The most similar field.
        meant: &'static str,
    },
    /// A field that is mapped twice.
    #[error("field \"{0}\" is mapped twice; keep one")]
    Twice(&'static str),
}

impl FieldMap {
    /// Reads `ours=theirs` pairs parted by commas; nothing at all is the map that changes nothing.
    ///
    /// # Errors
    /// A part without `=` or with an empty side, an unknown field, a field twice.
    pub fn parse(text: &str) -> Result<FieldMap, FieldMapError> {
        let mut theirs = BTreeMap::new();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let sides = pair.split_once('=').map(|(ours, name)| (ours.trim(), name.trim()));
            let Some((ours, name)) = sides.filter(|(ours, name)| !ours.is_empty() && !name.is_empty()) else {
                return Err(FieldMapError::NotAPair(pair.to_owned()));
            };
            let Some(field) = Field::ALL.into_iter().find(|field| field.name() == ours) else {
                return Err(FieldMapError::UnknownField { given: ours.to_owned(), meant: most_similar(ours) });
            };
            if theirs.insert(field, name.to_owned()).is_some() {
                return Err(FieldMapError::Twice(field.name()));
            }
        }
        Ok(FieldMap { theirs })
    }

    /// Returns the name that a field was mapped to.
    #[must_use]
    pub fn mapped(&self, field: Field) -> Option<&str> {
        self.theirs.get(&field).map(String::as_str)
    }

    /// Returns every name on the right side, in the order of the fields.
    pub fn theirs(&self) -> impl Iterator<Item = &str> {
        self.theirs.values().map(String::as_str)
    }

    /// Returns the value of `field`: under its mapped name, else the first of [`Field::names`] that has one.
    pub(super) fn get<'v>(&self, record: &'v Map<String, Value>, field: Field) -> Option<&'v Value> {
        match self.mapped(field) {
            Some(name) => value(record, name),
            None => first_value(record, field.names()),
        }
    }
}

/// Returns the first value that is there and not null, by the order of `names`.
pub(super) fn first_value<'v>(record: &'v Map<String, Value>, names: &[&str]) -> Option<&'v Value> {
    names.iter().find_map(|name| value(record, name))
}

/// Returns the value under `name`, whatever its case; else follows the dots in it. Null is no value.
pub(super) fn value<'v>(record: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let direct = record.get(name).or_else(|| {
        let mut keys = record.iter();
        keys.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    });
    let found = direct.or_else(|| {
        let (outer, inner) = name.split_once('.')?;
        value(record.get(outer)?.as_object()?, inner)
    });
    found.filter(|value| !value.is_null())
}

fn most_similar(given: &str) -> &'static str {
    let aliases = Field::ALL.into_iter().flat_map(|field| field.names().iter().map(move |name| (field, *name)));
    let descriptions = DESCRIPTIONS.iter().map(|name| (Field::Summary, *name));
    aliases
        .chain(descriptions)
        .max_by(|a, b| strsim::jaro_winkler(given, a.1).total_cmp(&strsim::jaro_winkler(given, b.1)))
        .map_or("title", |(field, _)| field.name())
}

fn all_names() -> String {
    Field::ALL.map(Field::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let error = FieldMap::parse(text).unwrap_err();
        assert!(error.to_string().starts_with(expect), "{error}");
    }

    #[test]
    fn refuses_what_is_not_a_map() {
        check("body", "\"body\" is not a field mapping");
        check("text=", "\"text=\" is not a field mapping");
        check("titel=x", "\"titel\" is no field of a post; did you mean \"title\"?");
        check("content=x", "\"content\" is no field of a post; did you mean \"text\"?");
        check("id=a,id=b", "field \"id\" is mapped twice");
    }

    #[test]
    fn a_mapped_field_is_read_from_its_name_only() {
        let record = serde_json::json!({"text": "a", "body": "b", "Title": "t", "id": null, "_id": 7, "o": {"p": 1}});
        let record = record.as_object().unwrap();
        let map = FieldMap::parse(" text = body, source=nowhere, part=o.p").unwrap();
        assert_eq!(map.get(record, Field::Text).unwrap(), "b");
        assert_eq!(map.get(record, Field::Title).unwrap(), "t");
        assert_eq!(map.get(record, Field::Id).unwrap(), 7);
        assert_eq!(map.get(record, Field::Part).unwrap(), 1);
        assert_eq!(map.get(record, Field::Source), None);
        assert_eq!(FieldMap::default().get(record, Field::Text).unwrap(), "a");
    }
}
