//! Under which name do links stand in front matter? A field of its own, or one of a table such as `extra` or `params`.

use std::fmt;

use serde_json::{Map, Value};

use super::FIELD;

/// The name of a field, and of the table that it is in; prints as it parses: `related`, `extra.related`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    table: Option<String>,
    name: String,
}

/// A text names no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" names no field; write a name of letters, digits, - and _, or two with a dot between, as in params.related"
)]
pub struct FieldPathError(String);

impl Default for FieldPath {
    fn default() -> FieldPath {
        FieldPath { table: None, name: FIELD.to_owned() }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            Some(table) => write!(f, "{table}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FieldPath {
    /// Reads a name, or a table's and a name with a dot between.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str) -> Result<FieldPath, FieldPathError> {
        let parts: Vec<&str> = text.split('.').collect();
        let is_plain = |part: &&str| {
            let letters = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            letters && part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        };
        match parts.as_slice() {
            [name] if is_plain(name) => Ok(FieldPath { table: None, name: (*name).to_owned() }),
            [table, name] if is_plain(table) && is_plain(name) => {
                Ok(FieldPath { table: Some((*table).to_owned()), name: (*name).to_owned() })
            }
            _ => Err(FieldPathError(text.to_owned())),
        }
    }

    /// Returns the place of Zola's own fields.
    #[must_use]
    pub fn of_zola() -> FieldPath {
        FieldPath { table: Some("extra".to_owned()), name: FIELD.to_owned() }
    }

    pub(super) fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether fields have it.
    pub(super) fn is_in(&self, fields: &Map<String, Value>) -> bool {
        match &self.table {
            Some(table) => fields.get(table).is_some_and(|table| table.get(&self.name).is_some()),
            None => fields.contains_key(&self.name),
        }
    }

    /// Puts a value there; a table that is missing or empty is made.
    pub(super) fn put(&self, fields: &mut Map<String, Value>, value: Value) {
        let Some(table) = &self.table else {
            fields.insert(self.name.clone(), value);
            return;
        };
        let table = fields.entry(table.clone()).or_insert(Value::Null);
        if table.is_null() {
            *table = Value::Object(Map::new());
        }
        if let Value::Object(table) = table {
            table.insert(self.name.clone(), value);
        }
    }
}

/// Returns the one value that `all` has more than `fields`: a field, or one in a table. `None` where they differ in anything else.
pub(super) fn added<'v>(fields: &Map<String, Value>, all: &'v Map<String, Value>) -> Option<&'v Value> {
    let (name, value) = only(all.iter().filter(|(name, value)| fields.get(*name) != Some(value)))?;
    if fields.keys().any(|name| !all.contains_key(name)) {
        return None;
    }
    let inner = match fields.get(name) {
        None if value.is_array() => return Some(value),
        None | Some(Value::Null) => &Map::new(),
        Some(Value::Object(inner)) => inner,
        Some(_) => return None,
    };
    let table = value.as_object()?;
    let (_, list) = only(table.iter().filter(|(name, value)| inner.get(*name) != Some(value)))?;
    let is_rest = table.len() == inner.len() + 1 && inner.keys().all(|name| table.contains_key(name));
    (is_rest && list.is_array()).then_some(list)
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_print_as_they_parse() {
        for text in ["related", "extra.related", "my-params._x1"] {
            assert_eq!(FieldPath::parse(text).unwrap().to_string(), text);
        }
        for text in ["", ".", "a.", "a.b.c", "a b", "1a", "a\nb", "\u{e9}"] {
            assert_eq!(FieldPath::parse(text), Err(FieldPathError(text.to_owned())));
        }
    }

    #[test]
    fn what_was_added_is_one_list() {
        let check = |before: Value, all: Value, expect: Option<Value>| {
            let found = added(before.as_object().unwrap(), all.as_object().unwrap());
            assert_eq!(found.cloned(), expect, "{before} {all}");
        };
        check(json!({"a": 1}), json!({"a": 1, "r": ["x"]}), Some(json!(["x"])));
        check(json!({"a": 1}), json!({"a": 1, "e": {"r": ["x"]}}), Some(json!(["x"])));
        check(json!({"e": {"b": 1}}), json!({"e": {"b": 1, "r": ["x"]}}), Some(json!(["x"])));
        check(json!({"e": null}), json!({"e": {"r": ["x"]}}), Some(json!(["x"])));
        check(json!({}), json!({"a": 1, "r": ["x"]}), None);
        check(json!({"a": 1}), json!({"r": ["x"]}), None);
        check(json!({"e": {"b": 1}}), json!({"e": {"b": 2, "r": ["x"]}}), None);
        check(json!({"e": {"b": 1}}), json!({"e": {"r": ["x"]}}), None);
        check(json!({}), json!({"r": "x"}), None);
        check(json!({}), json!({}), None);
    }
}
