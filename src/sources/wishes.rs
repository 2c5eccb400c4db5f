//! What does a record wish of lists of related posts? A map `nextread` in front matter or JSON, columns `nextread.…` in a table.

use serde_json::{Map, Value};

use super::field_map::value;
use crate::corpus::{WishError, Wishes};

/// The map's name.
const NAME: &str = "nextread";

/// Reads the wishes of a record, and what of them cannot be read.
pub(super) fn wishes(record: &Map<String, Value>) -> (Wishes, Vec<WishError>) {
    let mut wishes = Wishes::default();
    let mut faults = Vec::new();
    let mut take = |key: &str, value: &Value| faults.extend(wishes.take(key, value).err());
    match value(record, NAME) {
        Some(Value::Object(map)) => {
            map.iter().filter(|(_, value)| !value.is_null()).for_each(|(key, value)| take(key, value))
        }
        Some(other) if !is_blank(other) => take(NAME, other),
        _ => {}
    }
    for (column, cell) in record.iter().filter(|(_, cell)| !is_blank(cell)) {
        if let Some(key) = column.strip_prefix(NAME).and_then(|rest| rest.strip_prefix('.')) {
            take(key, cell);
        }
    }
    (wishes, faults)
}

/// A table has a cell for every post, wish or none.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[allow(clippy::needless_pass_by_value, reason = "so that cases are short")]
    fn check(record: Value, expect: Value, faults: &[&str]) {
        let (wishes, found) = wishes(record.as_object().unwrap());
        assert_eq!(serde_json::to_value(&wishes).unwrap(), expect, "{record}");
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), faults, "{record}");
    }

    #[test]
    fn maps_and_columns_are_read() {
        check(json!({"title": "A"}), json!({}), &[]);
        check(
            json!({"nextread": {"pin": ["b"], "list": false, "hidden": null}}),
            json!({"pin": ["b"], "list": false}),
            &[],
        );
        check(
            json!({"nextread.pin": "b, c", "nextread.hidden": "", "nextread.block": " "}),
            json!({"pin": ["b", "c"]}),
            &[],
        );
        check(
            json!({"nextread": {"pinned": ["b"], "list": "perhaps"}}),
            json!({}),
            &["unknown key \"pinned\"; did you mean \"pin\"?", "list must be true or false"],
        );
        check(
            json!({"nextread": true}),
            json!({}),
            &["unknown key \"nextread\"; the keys are pin, block, cornerstone, list, hidden"],
        );
    }
}
