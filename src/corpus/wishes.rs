//! What does an author want of the lists of related posts, whatever the scores say?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::meant;

/// What is wished of one post's list, and of lists that could have the post. `None` where nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// These posts come first in its list, in this order, whatever their scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Vec<String>>,
    /// These posts are never in its list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<Vec<String>>,
    /// Among posts that are nearly as good, lists take this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cornerstone: Option<bool>,
    /// Whether it has a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<bool>,
    /// No list leads to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
}

/// Says why a wish cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WishError {
    /// No wish is called so.
    #[error("unknown key {key:?}; {advice}")]
    UnknownKey {
        /// What was written.
        key: String,
        /// Which one may have been meant, or which there are.
        advice: String,
    },
    /// The value is of another kind.
    #[error("{key} must be {expected}")]
    Kind {
        /// The wish.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

impl Wishes {
    /// The names of the wishes.
    pub const KEYS: [&str; 5] = ["pin", "block", "cornerstone", "list", "hidden"];

    /// Takes what is written under a key.
    ///
    /// # Errors
    /// The key is none, or its value is not what it must be; nothing is taken.
    pub fn take(&mut self, key: &str, value: &Value) -> Result<(), WishError> {
        let known = Wishes::KEYS.into_iter().find(|known| *known == key).ok_or_else(|| unknown(key))?;
        let posts =
            || posts_of(value).ok_or(WishError::Kind { key: known, expected: "a post or a list of posts in quotes" });
        let answer = || answer_of(value).ok_or(WishError::Kind { key: known, expected: "true or false" });
        match known {
            "pin" => self.pin = Some(posts()?),
            "block" => self.block = Some(posts()?),
            "cornerstone" => self.cornerstone = Some(answer()?),
            "list" => self.list = Some(answer()?),
            _ => self.hidden = Some(answer()?),
        }
        Ok(())
    }

    /// Tells whether nothing is wished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Wishes::default()
    }

    /// Returns these wishes, and those of `other` where these say nothing.
    #[must_use]
    pub fn or(self, other: &Wishes) -> Wishes {
        Wishes {
            pin: self.pin.or_else(|| other.pin.clone()),
            block: self.block.or_else(|| other.block.clone()),
            cornerstone: self.cornerstone.or(other.cornerstone),
            list: self.list.or(other.list),
            hidden: self.hidden.or(other.hidden),
        }
    }
}

fn unknown(key: &str) -> WishError {
    let advice = meant(key, Wishes::KEYS).map_or_else(
        || format!("the keys are {}", Wishes::KEYS.join(", ")),
        |meant| format!("did you mean \"{meant}\"?"),
    );
    WishError::UnknownKey { key: key.to_owned(), advice }
}

/// A table has no lists: there, commas part the posts.
fn posts_of(value: &Value) -> Option<Vec<String>> {
    let posts: Vec<String> = match value {
        Value::String(text) => text.split([',', '\n']).map(|post| post.trim().to_owned()).collect(),
        Value::Array(posts) => {
            let name = |post: &Value| match post {
                Value::String(name) => Some(name.trim().to_owned()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            posts.iter().map(name).collect::<Option<_>>()?
        }
        _ => return None,
    };
    Some(posts.into_iter().filter(|post| !post.is_empty()).collect())
}

fn answer_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(answer) => Some(*answer),
        // As YAML has it, in whose newer form these are words.
        Value::String(word) => match word.trim().to_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[allow(clippy::needless_pass_by_value, reason = "so that cases are short")]
    fn check(key: &str, value: Value, expect: Result<Value, &str>) {
        let mut wishes = Wishes::default();
        let taken = wishes.take(key, &value).map(|()| serde_json::to_value(&wishes).unwrap());
        assert_eq!(taken.map_err(|error| error.to_string()), expect.map_err(str::to_owned), "{key}: {value}");
    }

    #[test]
    fn wishes_are_read_or_refused() {
        check("pin", json!(["a", " b ", 7]), Ok(json!({"pin": ["a", "b", "7"]})));
        check("block", json!("a, b"), Ok(json!({"block": ["a", "b"]})));
        check("list", json!(false), Ok(json!({"list": false})));
        check("hidden", json!("True"), Ok(json!({"hidden": true})));
        check("pin", json!({"a": 1}), Err("pin must be a post or a list of posts in quotes"));
        check("cornerstone", json!("yes"), Ok(json!({"cornerstone": true})));
        check("cornerstone", json!("perhaps"), Err("cornerstone must be true or false"));
        check("pins", json!([]), Err("unknown key \"pins\"; did you mean \"pin\"?"));
        check(
            "\u{1b}[2J\u{202e}\n",
            json!(1),
            Err("unknown key \"\\u{1b}[2J\\u{202e}\\n\"; the keys are pin, block, cornerstone, list, hidden"),
        );
        check("colour", json!(1), Err("unknown key \"colour\"; the keys are pin, block, cornerstone, list, hidden"));
    }

    #[test]
    fn what_is_said_first_counts() {
        let first = Wishes { list: Some(true), ..Wishes::default() };
        let other = Wishes { list: Some(false), pin: Some(vec!["a".to_owned()]), ..Wishes::default() };
        let expect = Wishes { list: Some(true), ..other.clone() };
        assert_eq!(first.or(&other), expect);
        assert!(Wishes::default().is_empty() && !expect.is_empty());
    }
}
