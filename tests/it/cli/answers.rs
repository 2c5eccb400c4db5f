//! Are the answers on the shipped corpus the same bytes on every run?

use insta::assert_snapshot;

use super::room::{CORPUS, Room};
use nextread::store::Store;

/// Returns stdout under the command; twice the same, or it fails.
fn whole(line: &str) -> String {
    let room = Room::with_store();
    let said = [room.run(line).data(), room.run(line).data()];
    assert_eq!(said[0], said[1]);
    format!("$ nextread {line}\n{}", said[0])
}

#[test]
fn related() {
    assert_snapshot!(whole("related jdk-vector-api"), @r"
    $ nextread related jdk-vector-api
      1  0.28  Mount Mayhem at Netflix: Scaling Containers on Modern CPUs
               mount-mayhem · Netflix TechBlog · containers, performance, security
               • both tagged performance
               • both about cache
               • “Flat arrays and per-thread reusable buffers fixed the memory
               behaviour; BLAS lost its gains to JNI.” ↔ “AMD parts with
               distributed caches coped better, and switching hyperthreading off
               helped too.” (0.48)
    ");
}

#[test]
fn path() {
    assert_snapshot!(whole("path analytics engineering"), @r"
    $ nextread path analytics engineering
      1  0.44  Part 1: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-1 · Netflix TechBlog · 2024-12-17 · analytics,
               llm, data-platform
               • start here: nearest to the topic and to the rest of the path
      2  0.30  Part 2: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-2 · Netflix TechBlog · 2025-01-02 · analytics,
               experimentation
               • next part (2) of “A Survey of Analytics Engineering Work at
               Netflix”
               • both tagged analytics
               • both about analytics engineering work; survey
               • 16 days newer
      3  0.48  Part 3: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-3 · Netflix TechBlog · 2025-01-06 · analytics,
               data-platform
               • next part (3) of “A Survey of Analytics Engineering Work at
               Netflix”
               • both tagged analytics
               • both about analytics engineering work; survey
               • 4 days newer
      4  0.22  Scaling Global Storytelling: Modernizing Localization Analytics at
               Netflix
               localization-analytics · Netflix TechBlog · 2026-03 · analytics,
               data-platform, studio
               • goes on from the one before (0.54 to the one before)
               • both tagged analytics, data-platform
               • both about find; analytics
               • 13 months newer
               • “One half is about dashboards: start from what users want to
               decide, borrow proven patterns, arrange pages the way readers
               already think, and help newcomers find their feet.” ↔ “Dubbing and
               subtitle reporting had grown into a sprawl of dashboards that each
               re-implemented the same rules, a poor base for serving more than 300
               million members.” (0.41)
      5  0.21  How Netflix Content Engineering makes a federated graph searchable
               federated-graph-search-1 · Netflix TechBlog · 2022-04-12 · search,
               graph, stream-processing, studio
               • goes on from the one before (0.42 to the one before)
               • both tagged studio
               • 3 years older
    ");
}

#[test]
fn one_thread_or_two_store_the_same_vectors() {
    let posts: String = CORPUS.lines().step_by(9).map(|line| format!("{line}\n")).collect();
    let vectors = ["1", "2"].map(|threads| {
        let room = Room::empty();
        room.feed(&format!("index - --threads {threads}"), posts.as_bytes()).notes();
        let store = Store::open(&room.path(".nextread")).unwrap();
        let ids: Vec<_> = store.posts().unwrap().items.into_iter().map(|post| post.id).collect();
        assert_eq!(ids.len(), 8);
        let key = store.active_space().unwrap().unwrap().key();
        let sentences = store.sentences(&key, &ids).unwrap().items;
        (store.embeddings(&key, &ids).unwrap().embeddings.as_slice().to_vec(), format!("{sentences:?}"))
    });
    assert_eq!(vectors[0], vectors[1]);
}
