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
    assert_snapshot!(whole("related graph-abstraction-part-1"), @r"
    $ nextread related graph-abstraction-part-1
      1  0.36  How and Why Netflix Built a Real-Time Distributed Graph: Part 2 —
               Building a Scalable Storage Layer
               real-time-distributed-graph-2 · Netflix TechBlog · 2025-11 · graph,
               storage, data-platform
               • both tagged graph, storage, data-platform; both about key value;
               edges; abstraction; 7 months older
               • “This post introduces a property-graph service layered over the
               existing key-value store, serving close to 10 million operations a
               second across some 650 TB.” ↔ “The store holds more than 8 billion
               nodes and 150 billion edges, and sustains about 2 million reads and
               6 million writes per second.” (similarity 0.58)
      2  0.31  Democratizing Machine Learning at Netflix: Building the Model
               Lifecycle Graph
               model-lifecycle-graph · Netflix TechBlog · 2026-05-04 · ml-systems,
               graph, data-platform
               • both tagged graph, data-platform; both about graph; 25 days older
               • “This post introduces a property-graph service layered over the
               existing key-value store, serving close to 10 million operations a
               second across some 650 TB.” ↔ “The Metadata Service gives every
               asset a global URI and links pipelines, models, features, tests and
               owners into one graph.” (similarity 0.57)
      3  0.28  Introducing Netflix’s Key-Value Data Abstraction Layer
               key-value-abstraction · Netflix TechBlog · 2024-09-18 · storage,
               data-platform, caching, microservices
               • both tagged storage, caching, data-platform; both about key value;
               abstraction; 20 months older
      4  0.26  Stop Answering the Same Question Twice: Interval-Aware Caching for
               Druid at Netflix Scale
               druid-interval-cache · Netflix TechBlog · 2026-04-06 · caching,
               analytics, performance, data-platform
               • both tagged caching, data-platform; both about key value; 53 days
               older
               • “This post introduces a property-graph service layered over the
               existing key-value store, serving close to 10 million operations a
               second across some 650 TB.” ↔ “Storage is the key-value layer over
               Cassandra with a TTL per point.” (similarity 0.58)
      5  0.26  From Silos to Service Topology: Why Netflix Built a Real-Time
               Service Map
               service-topology · Netflix TechBlog · 2026-05 · observability,
               graph, microservices, networking
               • both tagged graph; both about service maps; graph; 28 days older
    ");
}

#[test]
fn path() {
    assert_snapshot!(whole("path analytics engineering"), @r"
    $ nextread path analytics engineering
      1  0.21  How Netflix uses Druid for Real-time Insights to Ensure a
               High-Quality Experience
               druid-realtime-insights · Netflix TechBlog · 2020-03-03 · analytics,
               data-platform, observability, stream-processing
               • start here
               • new here: druid, rows, cache
      2  0.38  Part 1: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-1 · Netflix TechBlog · 2024-12-17 · analytics,
               llm, data-platform
               • goes on from there (similarity to the one before 0.42)
               • new here: analytics
               • both tagged analytics, data-platform; 5 years newer
      3  0.28  Part 2: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-2 · Netflix TechBlog · 2025-01-02 · analytics,
               experimentation
               • new here: cash, games, dubbing
               • next part (2) of “A Survey of Analytics Engineering Work at
               Netflix”
               • both tagged analytics; both about analytics engineering work;
               survey; 16 days newer
      4  0.42  Part 3: A Survey of Analytics Engineering Work at Netflix
               analytics-survey-part-3 · Netflix TechBlog · 2025-01-06 · analytics,
               data-platform
               • new here: half
               • next part (3) of “A Survey of Analytics Engineering Work at
               Netflix”
               • both tagged analytics; both about analytics engineering work;
               survey; 4 days newer
      5  0.23  Cloud Efficiency at Netflix
               cloud-efficiency · Netflix TechBlog · 2024-12-17 · analytics,
               data-platform
               • goes on from there (similarity to the one before 0.46)
               • new here: foundation, efficiency, cloud
               • both tagged analytics, data-platform; both about analytics; 20
               days older
      6  0.22  Scaling Global Storytelling: Modernizing Localization Analytics at
               Netflix
               localization-analytics · Netflix TechBlog · 2026-03 · analytics,
               data-platform, studio
               • a change of subject (similarity to the one before 0.26)
               • new here: subtitles
               • both tagged analytics, data-platform; both about analytics; 14
               months newer
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
