//! Is what was read what was written, and has a post changed since?
//!
//! SQLite itself did not notice 70 % of the bits flipped in stored rows, so each row carries a checksum over all of
//! its columns that is verified whenever it is read.

use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::Xxh3Default;

use super::rows::{encode_links, encode_wishes};
use crate::corpus::{PostLink, Wishes};
use crate::post::{Post, Series, Summary};

/// Bytes of a row's checksum.
pub(super) const CHECKSUM_BYTES: usize = 16;

/// Returns the checksum of a row: XXH3-128 over the table's name and each value with its kind and length, so that
/// neither a moved boundary between two columns nor a row of another table passes for the right one.
pub(super) fn of_row<'a>(table: &str, values: impl Iterator<Item = ValueRef<'a>>) -> [u8; CHECKSUM_BYTES] {
    let mut hash = Xxh3Default::new();
    let mut add = |kind: u8, bytes: &[u8]| {
        hash.update(&[kind]);
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(0, table.as_bytes());
    for value in values {
        match value {
            ValueRef::Null => add(1, &[]),
            ValueRef::Integer(number) => add(2, &number.to_le_bytes()),
            ValueRef::Real(number) => add(3, &number.to_bits().to_le_bytes()),
            ValueRef::Text(text) => add(4, text),
            ValueRef::Blob(bytes) => add(5, bytes),
        }
    }
    hash.digest128().to_le_bytes()
}

/// Returns SHA-256 over all fields of a post, its text included: equal for equal posts only.
#[must_use]
pub fn content_hash(post: &Post) -> [u8; 32] {
    // Taken apart by name so that a new field cannot be forgotten here.
    let Post { id, title, summary, text, url, date, tags, source, author, language, minutes, series, path } = post;
    let Summary { text: summary, origin } = summary;
    let mut hash = FieldHash(Sha256::new());
    hash.add(id.as_str());
    hash.add(title);
    hash.add(summary);
    hash.add(origin.as_str());
    hash.add_option(text.as_deref());
    hash.add_option(url.as_deref());
    hash.add_option(date.map(|date| date.to_string()).as_deref());
    hash.0.update((tags.len() as u64).to_le_bytes());
    tags.iter().for_each(|tag| hash.add(tag));
    hash.add(source);
    hash.add_option(author.as_deref());
    hash.add_option(language.as_deref());
    hash.add_option(minutes.map(|minutes| minutes.to_string()).as_deref());
    hash.add_option(series.as_ref().map(|Series { part, .. }| part.to_string()).as_deref());
    hash.add_option(series.as_ref().map(|Series { name, .. }| name.as_str()));
    hash.add_option(path.as_deref());
    hash.0.finalize().into()
}

/// Returns SHA-256 of a text that is embedded, so that it is not embedded again while it stays the same.
#[must_use]
pub fn text_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Returns SHA-256 of the links of a post, in their order.
#[must_use]
pub fn links_hash(links: &[PostLink]) -> [u8; 32] {
    Sha256::digest(encode_links(links)).into()
}

/// Returns SHA-256 of the wishes of a post.
#[must_use]
pub fn wishes_hash(wishes: Option<&Wishes>) -> [u8; 32] {
    Sha256::digest(encode_wishes(wishes)).into()
}

struct FieldHash(Sha256);

impl FieldHash {
    fn add(&mut self, field: &str) {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
    }

    fn add_option(&mut self, field: Option<&str>) {
        self.0.update([u8::from(field.is_some())]);
        self.add(field.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[test]
    fn a_row_has_the_checksum_of_its_values_kinds_and_table() {
        use ValueRef::{Blob, Integer, Null, Real, Text};
        let rows: [(&str, &[ValueRef<'_>]); 9] = [
            ("post", &[Text(b"ab"), Text(b"c")]),
            ("post", &[Text(b"a"), Text(b"bc")]),
            ("post", &[Blob(b"a"), Text(b"bc")]),
            ("body", &[Text(b"ab"), Text(b"c")]),
            ("post", &[Text(b"")]),
            ("post", &[Null]),
            ("post", &[Integer(0)]),
            ("post", &[Real(0.0)]),
            ("post", &[]),
        ];
        let sums: std::collections::HashSet<_> =
            rows.iter().map(|(table, values)| of_row(table, values.iter().copied())).collect();
        assert_eq!(sums.len(), rows.len());
    }

    #[test]
    fn any_changed_field_changes_the_content_hash() {
        let post = testing::post("a");
        let changes: [fn(&mut Post); 9] = [
            |post| post.title.push('x'),
            |post| post.summary.origin = crate::post::SummaryOrigin::Description,
            |post| post.text = None,
            |post| post.text = Some(String::new()),
            |post| post.tags.swap(0, 1),
            |post| post.tags = vec![post.tags.concat()],
            |post| post.date = None,
            |post| post.series = None,
            |post| (post.author, post.language) = (post.language.clone(), post.author.clone()),
        ];
        let mut hashes = std::collections::HashSet::from([content_hash(&post)]);
        for (number, change) in changes.iter().enumerate() {
            let mut changed = post.clone();
            change(&mut changed);
            assert!(hashes.insert(content_hash(&changed)), "change {number}");
        }
        assert_eq!(content_hash(&post), content_hash(&post.clone()));
    }
}
