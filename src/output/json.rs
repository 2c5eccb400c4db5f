//! As JSON: one object, or one a line.

use serde::Serialize;

use super::view::Item;

/// Writes a value as indented JSON with a line break at its end.
///
/// # Errors
/// The value cannot be written as JSON.
pub fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Writes a value as JSON on one line.
///
/// # Errors
/// The value cannot be written as JSON.
pub fn json_line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(value)? + "\n")
}

/// Writes one JSON object a line and post.
///
/// # Errors
/// A post cannot be written as JSON.
pub fn json_lines(posts: &[Item]) -> Result<String, serde_json::Error> {
    posts.iter().map(json_line).collect()
}
