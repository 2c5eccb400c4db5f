//! How does a post, a vector or a sentence look in a column?

use std::ops::Range;

use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, ToSql};

use super::schema;
use super::write::Record;
use crate::corpus::{LinkOrigin, PostLink, TermCounter, Wishes};
use crate::embeddings::{Embeddings, EmbeddingsError};
use crate::post::{Post, PostDate, PostId, Series, Summary, SummaryOrigin};

/// One sentence of a post's summary and its coarse vector: value `i` is about `codes[i] × scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSentence {
    /// Bytes of the summary that was embedded. Take it with `get`: the summary may have changed since.
    pub range: Range<usize>,
    /// As many as the space has dimensions.
    pub codes: Vec<i8>,
    /// Finite.
    pub scale: f32,
}

/// Returns a column's value, or `None` if it is of another kind.
pub(super) fn column<T: FromSql>(row: &Row<'_>, column: usize) -> Option<T> {
    row.get(column).ok()
}

/// Reads a row of [`schema::POST`]; the text stays where it is.
pub(super) fn post(row: &Row<'_>) -> Option<Post> {
    let series = match (column::<Option<String>>(row, 14)?, column::<Option<u32>>(row, 15)?) {
        (Some(name), Some(part)) => Some(Series { name, part }),
        (None, None) => None,
        _ => return None,
    };
    let date = match column::<Option<String>>(row, 8)? {
        Some(date) => Some(PostDate::parse(&date)?),
        None => None,
    };
    Some(Post {
        id: PostId::new(&column::<String>(row, 0)?).ok()?,
        title: column(row, 4)?,
        summary: Summary { text: column(row, 5)?, origin: SummaryOrigin::parse(&column::<String>(row, 6)?)? },
        text: None,
        url: column(row, 7)?,
        date,
        tags: serde_json::from_str(&column::<String>(row, 9)?).ok()?,
        source: column(row, 10)?,
        author: column(row, 11)?,
        language: column(row, 12)?,
        minutes: column(row, 13)?,
        series,
        path: column(row, 16)?,
    })
}

/// Writes a post and its text, unless another source has the id; returns how many posts were written, 0 or 1.
pub(super) fn put_post(connection: &Connection, record: &Record<'_>) -> rusqlite::Result<usize> {
    let post = record.post;
    let (id, source_key) = (post.id.as_str(), record.source.as_str());
    let hash = record.content_hash.as_slice();
    let text_bytes = post.text.as_ref().map(|text| text.len() as i64);
    let (summary, origin) = (&post.summary.text, post.summary.origin.as_str());
    let date = post.date.map(|date| date.to_string());
    let tags = serde_json::Value::from(post.tags.as_slice()).to_string();
    let (name, part) = post.series.as_ref().map(|series| (&series.name, series.part)).unzip();
    let values: [&dyn ToSql; 17] = [
        &id,
        &source_key,
        &hash,
        &text_bytes,
        &post.title,
        summary,
        &origin,
        &post.url,
        &date,
        &tags,
        &post.source,
        &post.author,
        &post.language,
        &post.minutes,
        &name,
        &part,
        &post.path,
    ];
    let written = schema::POST.put(connection, "WHERE post.source_key = excluded.source_key", &values)?;
    if written == 1 {
        match &post.text {
            Some(text) => schema::BODY.put(connection, "", &[&id, text])?,
            None => connection.prepare_cached("DELETE FROM body WHERE post = ?1")?.execute([id])?,
        };
        put_terms(connection, post)?;
        schema::LINKS.put(connection, "", &[&id, &encode_links(record.links)])?;
        schema::WISHES.put(connection, "", &[&id, &encode_wishes(record.wishes)])?;
    }
    Ok(written)
}

/// Writes links as JSON: target, words and origin of each.
pub(super) fn encode_links(links: &[PostLink]) -> String {
    let link = |link: &PostLink| serde_json::json!([link.target, link.words, link.origin.as_str()]);
    serde_json::Value::from(links.iter().map(link).collect::<Vec<_>>()).to_string()
}

/// Reads what [`encode_links`] wrote.
pub(super) fn decode_links(from: &PostId, json: &str) -> Option<Vec<PostLink>> {
    let links: Vec<[String; 3]> = serde_json::from_str(json).ok()?;
    let link = |[target, words, origin]: [String; 3]| {
        Some(PostLink { from: from.clone(), target, words, origin: LinkOrigin::parse(&origin)? })
    };
    links.into_iter().map(link).collect()
}

/// Writes wishes as JSON; none are an empty object.
pub(super) fn encode_wishes(wishes: Option<&Wishes>) -> String {
    wishes.and_then(|wishes| serde_json::to_string(wishes).ok()).unwrap_or_else(|| "{}".to_owned())
}

/// Writes which terms a post has, its text included.
pub(super) fn put_terms(connection: &Connection, post: &Post) -> rusqlite::Result<()> {
    let counts = TermCounter::default().of_post(post).encode();
    schema::TERMS.put(connection, "", &[&post.id.as_str(), &counts]).map(drop)
}

/// Drops the embeddings of a stored post whose title or summary is about to change.
pub(super) fn drop_outdated(connection: &Connection, record: &Record<'_>) -> rusqlite::Result<()> {
    let outdated = "(SELECT id FROM post WHERE id = ?1 AND source_key = ?2 AND (title <> ?3 OR summary <> ?4))";
    let post = record.post;
    for table in [schema::EMBEDDING.name, schema::SENTENCES.name] {
        connection.prepare_cached(&format!("DELETE FROM {table} WHERE post IN {outdated}"))?.execute((
            post.id.as_str(),
            record.source.as_str(),
            &post.title,
            &post.summary.text,
        ))?;
    }
    Ok(())
}

/// Encodes a vector as little-endian bytes, scaled to norm 1.
pub(super) fn encode_vector(vector: &[f32], dimension: usize) -> Result<Vec<u8>, EmbeddingsError> {
    if vector.len() != dimension {
        return Err(EmbeddingsError::Shape { values: vector.len(), dimension });
    }
    let unit = Embeddings::from_rows(dimension, vector.to_vec())?;
    Ok(unit.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect())
}

/// Decodes what [`encode_vector`] wrote into `vector`, or answers `None` if it is none of that length and norm 1.
pub(super) fn decode_vector(bytes: &[u8], vector: &mut [f32]) -> Option<()> {
    let (values, rest) = bytes.as_chunks::<4>();
    if values.len() != vector.len() || !rest.is_empty() {
        return None;
    }
    let mut squares = 0.0;
    for (value, &bytes) in vector.iter_mut().zip(values) {
        *value = f32::from_le_bytes(bytes);
        squares += *value * *value;
    }
    // NaN and infinities fail this, too.
    ((squares - 1.0).abs() < 1e-3).then_some(())
}

/// Encodes sentences one after the other: start, end, scale, codes; all little-endian, four bytes each but the codes.
pub(super) fn encode_sentences(sentences: &[StoredSentence], dimension: usize) -> Result<Vec<u8>, EmbeddingsError> {
    let mut bytes = Vec::with_capacity(sentences.len() * (12 + dimension));
    for (row, StoredSentence { range, codes, scale }) in sentences.iter().enumerate() {
        let (Ok(start), Ok(end), true) =
            (u32::try_from(range.start), u32::try_from(range.end), codes.len() == dimension)
        else {
            return Err(EmbeddingsError::Shape { values: codes.len(), dimension });
        };
        if !scale.is_finite() {
            return Err(EmbeddingsError::NotFinite { row });
        }
        bytes.extend_from_slice(&start.to_le_bytes());
        bytes.extend_from_slice(&end.to_le_bytes());
        bytes.extend_from_slice(&scale.to_le_bytes());
        bytes.extend(codes.iter().map(|code| code.cast_unsigned()));
    }
    Ok(bytes)
}

/// Decodes what [`encode_sentences`] wrote.
pub(super) fn decode_sentences(bytes: &[u8], dimension: usize) -> Option<Vec<StoredSentence>> {
    if !bytes.len().is_multiple_of(12 + dimension) {
        return None;
    }
    let decode = |bytes: &[u8]| {
        let ([start, end, scale], codes) =
            (bytes.first_chunk::<12>()?.as_chunks::<4>().0.try_into().ok()?, &bytes[12..]);
        Some(StoredSentence {
            range: u32::from_le_bytes(start) as usize..u32::from_le_bytes(end) as usize,
            codes: codes.iter().map(|code| code.cast_signed()).collect(),
            scale: Some(f32::from_le_bytes(scale)).filter(|scale| scale.is_finite())?,
        })
    };
    bytes.chunks_exact(12 + dimension).map(decode).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_make_decoding_panic_or_answer_what_is_no_unit_vector(bytes in any::<Vec<u8>>()) {
            let mut vector = [0.0; 3];
            if decode_vector(&bytes, &mut vector).is_some() {
                prop_assert_eq!(encode_vector(&vector, 3).map(|encoded| encoded.len()), Ok(bytes.len()));
            }
            if let Some(sentences) = decode_sentences(&bytes, 3) {
                prop_assert_eq!(encode_sentences(&sentences, 3), Ok(bytes));
            }
        }

        #[test]
        fn stored_vectors_keep_every_bit(values in prop::array::uniform4(-1e3f32..1e3)) {
            prop_assume!(values.iter().any(|value| value.abs() > 1e-3));
            let unit = Embeddings::from_rows(4, values.to_vec()).unwrap();
            let bytes = encode_vector(&values, 4).unwrap();
            let mut vector = [0.0; 4];
            decode_vector(&bytes, &mut vector).unwrap();
            prop_assert_eq!(unit.as_slice(), &vector);
            prop_assert_eq!(encode_vector(&vector, 4).unwrap(), bytes);
        }
    }

    #[test]
    fn what_has_no_direction_is_not_decoded() {
        let bytes = |values: [f32; 2]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let mut vector = [0.0; 2];
        assert!(decode_vector(&bytes([0.6, 0.8]), &mut vector).is_some());
        for values in [[f32::NAN, 1.0], [f32::INFINITY, 0.0], [0.0, 0.0], [0.6, 0.9]] {
            assert_eq!(decode_vector(&bytes(values), &mut vector), None, "{values:?}");
        }
        assert_eq!(decode_vector(&bytes([0.6, 0.8])[..7], &mut vector), None);
        assert_eq!(decode_sentences(&[0; 14], 3), None);
    }
}
