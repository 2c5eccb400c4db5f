//! JSON dictionaries as ranx has them: `{query: {post: value}}`.

use std::collections::HashSet;
use std::fmt::Formatter;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::{Fault, FormatError};

/// The keys and values of an object in their order; a key that is there twice is an error.
struct Pairs<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Pairs<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<V>, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
    type Value = Pairs<V>;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<V>, A::Error> {
        let (mut pairs, mut keys) = (Vec::new(), HashSet::new());
        while let Some(key) = map.next_key::<String>()? {
            if key.trim().is_empty() {
                return Err(A::Error::custom("an empty id"));
            }
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("\"{key}\" is there twice")));
            }
            pairs.push((key, map.next_value()?));
        }
        Ok(Pairs(pairs))
    }
}

/// Values by post, of one query.
pub(super) type OfQuery<V> = (String, Vec<(String, V)>);

/// Reads `{query: {post: value}}`; `expect` says so in words.
pub(super) fn parse<'de, V: Deserialize<'de>>(
    text: &'de str,
    file: &str,
    expect: &'static str,
) -> Result<Vec<OfQuery<V>>, FormatError> {
    let Pairs(queries) =
        serde_json::from_str::<Pairs<Pairs<V>>>(text).map_err(|fault| error(&fault, file, 0, expect))?;
    if queries.is_empty() {
        return Err(Fault::Empty(expect).of(file));
    }
    Ok(queries.into_iter().map(|(query, Pairs(posts))| (query, posts)).collect())
}

/// Says what serde_json found, with the line apart; `before` lines are not in what it read.
pub(super) fn error(fault: &serde_json::Error, file: &str, before: usize, expect: &'static str) -> FormatError {
    let words = fault.to_string();
    let reason = words.rsplit_once(" at line ").map_or(&*words, |(reason, _)| reason).to_owned();
    Fault::Json { reason, expect }.at(file, before + fault.line().max(1))
}
