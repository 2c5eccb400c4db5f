//! What do the store's tests store?

use std::path::Path;

use super::{EmbeddingRow, Record, SourceKey, Store, StoredSentence, StoredSpace, content_hash, text_hash};
use crate::embeddings::{LongTexts, Precision, Space};
use crate::post::{Post, PostDate, PostId, Series, Summary, SummaryOrigin};

/// A post with every field filled in.
pub(super) fn post(id: &str) -> Post {
    Post {
        id: PostId::new(id).unwrap(),
        title: format!("Title of {id} — 東京"),
        summary: Summary { text: format!("What {id} says."), origin: SummaryOrigin::Given },
        text: Some(format!("All of what {id} says.\n\nAnd \0 more.")),
        url: Some(format!("https://blog.example/{id}/")),
        date: PostDate::parse("2026-05"),
        tags: vec!["rust".to_owned(), "\"search\"".to_owned()],
        source: "Blog".to_owned(),
        author: Some("A. Author".to_owned()),
        language: Some("eng".to_owned()),
        minutes: Some(3),
        series: Some(Series { name: "Survey".to_owned(), part: 2 }),
        path: Some(format!("2026/{id}.md")),
    }
}

/// What [`Store::posts`] returns of it.
pub(super) fn listed(post: &Post) -> Post {
    Post { text: None, ..post.clone() }
}

/// A space of three dimensions.
pub(super) fn space(model: &str) -> StoredSpace {
    let space = Space {
        model: model.to_owned(),
        revision: "1".to_owned(),
        sha256: "ab".repeat(32),
        dimension: 3,
        pooling: "mean".to_owned(),
        long_texts: LongTexts::Windows,
        precision: Precision::Exact,
    };
    StoredSpace { space, template: "title + summary".to_owned() }
}

/// The source of all test posts, unless they say otherwise.
pub(super) fn source() -> SourceKey {
    SourceKey::new("feed.xml")
}

pub(super) fn record<'a>(post: &'a Post, source: &'a SourceKey) -> Record<'a> {
    Record { post, content_hash: content_hash(post), source, links: &[], wishes: None, embedding: None }
}

pub(super) fn embedding<'a>(
    space_key: &'a str,
    vector: &'a [f32],
    sentences: &'a [StoredSentence],
) -> Option<EmbeddingRow<'a>> {
    Some(EmbeddingRow { space_key, text_hash: text_hash("text"), vector, windows: 2, truncated: false, sentences })
}

/// Makes a store in `dir` that holds `posts`, without embeddings.
pub(super) fn store_of(dir: &Path, posts: &[Post]) -> Store {
    let mut store = Store::create_or_open(dir, &mut |_| ()).unwrap();
    let source = source();
    let records: Vec<Record<'_>> = posts.iter().map(|post| record(post, &source)).collect();
    let mut writer = store.write(&mut |_| ()).unwrap();
    writer.register_source(&source, "feed.xml").unwrap();
    assert_eq!(writer.put(&records).unwrap().written, posts.len());
    drop(writer);
    store
}

/// A sentence that ends at byte `end`.
pub(super) fn sentence(end: usize) -> StoredSentence {
    StoredSentence { range: end / 2..end, codes: vec![-128, 0, 127], scale: 0.5 }
}

/// Three posts of which `a` and `c` have an embedding.
pub(super) fn store_with_embeddings(dir: &Path) -> (Store, String, Vec<PostId>) {
    let posts = ["a", "b", "c"].map(post);
    let mut store = store_of(dir, &posts);
    let source = source();
    let mut writer = store.write(&mut |_| ()).unwrap();
    let key = writer.register_space(&space("first")).unwrap();
    for (post, vector) in [(&posts[2], [0.0, 0.6, 0.8]), (&posts[0], [1.0, 0.0, 0.0])] {
        let sentences = [sentence(4), sentence(9)];
        let embedding = embedding(&key, &vector, &sentences);
        assert_eq!(writer.put(&[Record { embedding, ..record(post, &source) }]).unwrap().written, 1);
    }
    drop(writer);
    (store, key, posts.map(|post| post.id).to_vec())
}

/// Writes a file as it is, damaged or foreign ones too.
#[allow(clippy::disallowed_methods, reason = "a file of a test needs no crash safety")]
pub(super) fn write_file(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}
