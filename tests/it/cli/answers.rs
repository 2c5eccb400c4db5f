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
               • both tagged performance; both about cache
      2  0.24  High-Throughput Graph Abstraction at Netflix: Part I
               graph-abstraction-part-1 · Netflix TechBlog · 2026-05-29 · graph,
               storage, caching, data-platform
               • 3 months newer
      3  0.24  Foundation Model for Personalized Recommendation
               recommendation-foundation-model · Netflix TechBlog · 2025-03 ·
               recommendations, ml-systems
               • both tagged recommendations, ml-systems; both about history;
               recommendation; 12 months older
      4  0.22  Netflix Tudum Architecture: from CQRS with Kafka to CQRS with RAW
               Hollow
               tudum-raw-hollow · Netflix TechBlog · 2025-07-10 · caching,
               microservices, performance
               • both tagged performance; both about cache; 8 months older
      5  0.21  Investigation of a Workbench UI Latency Issue
               workbench-ui-latency · Netflix TechBlog · 2024-10-14 · performance,
               containers, developer-productivity
               • both tagged performance; both about CPU; latency; 17 months older
    ");
}

#[test]
fn path() {
    assert_snapshot!(whole("path analytics engineering"), @r"
    $ nextread path analytics engineering
      1  0.49  Part 1: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-1 · Netflix TechBlog · 2024-12-17 · analytics,
               llm, data-platform
               • start here
               • new here: analytics
      2  0.35  Part 2: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-2 · Netflix TechBlog · 2025-01-02 · analytics,
               experimentation
               • new here: cash, games, dubbing
               • next part (2) of “A Survey of Analytics Engineering Work at
               Netflix”
               • both tagged analytics; both about analytics engineering work;
               survey; 16 days newer
      3  0.53  Part 3: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-3 · Netflix TechBlog · 2025-01-06 · analytics,
               data-platform
               • new here: half
               • next part (3) of “A Survey of Analytics Engineering Work at
               Netflix”
               • both tagged analytics; both about analytics engineering work;
               survey; 4 days newer
      4  0.30  Cloud Efficiency at Netflix
               cloud-efficiency · Netflix TechBlog · 2024-12-17 · analytics,
               data-platform
               • goes on from there (similarity to the one before 0.46)
               • new here: foundation, efficiency, cloud
               • both tagged analytics, data-platform; both about analytics; 20
               days older
      5  0.27  How Netflix uses Druid for Real-time Insights to Ensure a
               High-Quality Experience
               druid-realtime-insights · Netflix TechBlog · 2020-03-03 · analytics,
               data-platform, observability, stream-processing
               • goes on from there (similarity to the one before 0.44)
               • this one or the one before: either may come first
               • new here: druid, rows, cache
               • both tagged analytics, data-platform; 5 years older
      6  0.30  Scaling Global Storytelling: Modernizing Localization Analytics at
               Netflix
               localization-analytics · Netflix TechBlog · 2026-03 · analytics,
               data-platform, studio
               • goes on from there (similarity to the one before 0.41)
               • this one or the one before: either may come first
               • new here: subtitles
               • both tagged analytics, data-platform; 6 years newer
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
