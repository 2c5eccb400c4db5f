//! `eval beir` and `compare` on a small collection of our own words.

use super::room::Room;

const CORPUS: &str = r#"{"_id": "bread", "title": "Rye bread", "text": "A sour dough of rye flour rises overnight and is baked in a hot oven."}
{"_id": "cache", "title": "Cold caches", "text": "After a restart every read misses the cache and goes to the database."}
{"_id": "ttl", "title": "Stale keys", "text": "An expiry time on cached values bounds how old an answer from the cache can be."}
{"_id": "index", "title": "B-trees", "text": "A database finds rows by walking an index from its root to a leaf."}
{"_id": "soup", "title": "Onion soup", "text": "Onions are fried until brown, then cooked in broth with toasted bread."}
{"_id": "rust", "title": "Borrowing", "text": "The compiler proves that no reference outlives the value that it points to."}
"#;
const QUERIES: &str = r#"{"_id": "q1", "text": "why are reads slow after a cache restart"}
{"_id": "q2", "text": "recipes with bread"}
{"_id": "q3", "text": "how does a database look rows up"}
{"_id": "q4", "text": "nobody judged this"}
"#;
const QRELS: &str = "query-id\tcorpus-id\tscore\nq1\tcache\t2\nq1\tttl\t1\nq2\tbread\t1\nq2\tsoup\t3\nq3\tindex\t1\n";

fn collection(room: &Room, name: &str) {
    room.write(&format!("{name}/corpus.jsonl"), CORPUS);
    room.write(&format!("{name}/queries.jsonl"), QUERIES);
    room.write(&format!("{name}/qrels/test.tsv"), QRELS);
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn retrievers_are_measured_and_a_second_time_embeds_nothing() {
    let room = Room::empty();
    collection(&room, "tiny");
    let line = "eval beir tiny --retriever dense bm25 hybrid nextread -m nDCG@3,RR@10,R@2 --json";
    let first = json(&room.run(line).data());
    let results = first["results"].as_array().unwrap();
    let names: Vec<&str> = results.iter().map(|result| result["retriever"].as_str().unwrap()).collect();
    assert_eq!(names, ["dense", "bm25", "hybrid", "nextread"]);
    for result in results {
        assert_eq!(result["queries"], 3);
        let ndcg = result["measures"]["nDCG@3"].as_f64().unwrap();
        assert!(ndcg > 0.7 && ndcg <= 1.0, "{result}");
        assert_eq!(result["provenance"]["excludes_self"], false);
    }
    assert_eq!(results[0]["provenance"]["model"]["name"], "all-MiniLM-L6-v2");
    assert_eq!(results[1]["provenance"]["model"], serde_json::Value::Null);
    assert_eq!(results[0]["speed"]["embedded"], 9);
    let again = json(&room.run(line).data());
    assert_eq!(again["results"][0]["speed"]["embedded"], 0);
    assert_eq!(again["results"][0]["measures"], first["results"][0]["measures"]);
}

#[test]
fn a_collection_of_posts_by_example_leaves_the_post_itself_out() {
    let room = Room::empty();
    collection(&room, "tiny");
    room.write("tiny/queries.jsonl", r#"{"_id": "cache", "text": "Cold caches"}"#);
    room.write("tiny/qrels/test.tsv", "query-id\tcorpus-id\tscore\ncache\tttl\t1\n");
    let said = room.run("eval beir tiny --retriever bm25 -m RR@10 --json");
    assert!(said.stderr.contains("titles of posts, which are taken out of their own answers"), "{}", said.stderr);
    assert_eq!(json(&said.data())["results"][0]["measures"]["RR@10"], 1.0);
    let kept = json(&room.run("eval beir tiny --retriever bm25 -m RR@10 --exclude-self no --json").data());
    assert_eq!(kept["results"][0]["measures"]["RR@10"], 0.5);
    let text = "Cold caches. After a restart every read misses the cache and goes to the database.";
    room.write("tiny/queries.jsonl", format!("{{\"_id\": \"cache\", \"text\": \"{text}\"}}"));
    let said = room.run("eval beir tiny --retriever nextread,bm25 -m RR@10 --json");
    assert!(said.stderr.contains("the queries are posts: each is asked by the post's own text"), "{}", said.stderr);
    assert_eq!(json(&said.data())["results"][0]["provenance"]["excludes_self"], true);
}

#[test]
fn saved_runs_are_measured_and_compared_as_when_they_were_made() {
    let room = Room::empty();
    collection(&room, "tiny");
    collection(&room, "other");
    let made = room.run("eval beir tiny other --retriever bm25 dense --save runs -m nDCG@10 --json").data();
    let made = json(&made);
    let line = "eval run runs/bm25/tiny.run runs/dense/tiny.run --qrels tiny/qrels/test.tsv -m nDCG@10 --json";
    let read = json(&room.run(line).data());
    for at in [0, 1] {
        assert_eq!(read["results"][at]["measures"], made["results"][at]["measures"], "{at}");
    }
    let page = "compare runs/bm25 runs/dense hybrid --on tiny other --html page.html --latex table.tex --json";
    let compared = json(&room.run(page).data());
    assert_eq!(compared["collections"].as_array().unwrap().len(), 2);
    let page = std::fs::read_to_string(room.path("page.html")).unwrap();
    for part in ["runs/bm25", "recipes with bread", "all-MiniLM-L6-v2", "<svg"] {
        assert!(page.contains(part), "the page lacks {part}");
    }
    assert!(std::fs::read_to_string(room.path("table.tex")).unwrap().contains("\\toprule"));
    let twice = room.run("compare runs/bm25/tiny.run runs/dense/tiny.run --qrels tiny/qrels/test.tsv").data();
    assert_eq!(twice, room.run("compare runs/bm25/tiny.run runs/dense/tiny.run --qrels tiny/qrels/test.tsv").data());
    assert!(
        twice.lines().all(|line| line.starts_with(['\u{2192}', 'p', 'n', 'q']) || line.chars().count() <= 80),
        "{twice}"
    );
}

#[test]
fn a_list_is_as_deep_as_the_deepest_measure_or_it_is_said() {
    let room = Room::empty();
    collection(&room, "tiny");
    let deep = json(&room.run("eval beir tiny --retriever bm25 -m R@1000 --json").data());
    assert_eq!(deep["results"][0]["provenance"]["depth"], 1000);
    let shallow = room.run("eval beir tiny --retriever hnsw:ef_search=2 -m R@3,AP --depth 1 --save short --json");
    for said in ["R@3 sees only the first 1 answers (--depth)", "AP has no cut-off and sees the first 1 answers"] {
        assert!(shallow.stderr.contains(said), "{said}: {}", shallow.stderr);
    }
    shallow.data();
    let said = room.run("compare ./short/hnsw_ef_search=2 hnsw:ef_search=1 --on tiny -m R@3");
    assert!(said.stderr.contains("has up to 100 answers a query"), "{}", said.stderr);
    assert!(said.stderr.contains("ef_search counts as 6, the answers that are asked for"), "{}", said.stderr);
    room.write("tiny/corpus.jsonl", CORPUS.replace("Onions", "Leeks"));
    let said = room.run("compare ./short/hnsw_ef_search=2 bm25 --on tiny -m R@3");
    assert!(said.stderr.contains("was made on other posts, queries or judgments"), "{}", said.stderr);
}

#[test]
fn the_list_that_is_shown_is_as_different_as_the_setting_says() {
    let room = Room::empty();
    collection(&room, "tiny");
    let line = "eval beir tiny --retriever nextread:limit=2 nextread:diversity=1,limit=2 --save runs -m nDCG@2 --json";
    room.run(line).data();
    let run = |name: &str| std::fs::read_to_string(room.path(&format!("runs/nextread_{name}/tiny.run"))).unwrap();
    let (near, unlike) = (run("limit=2"), run("diversity=1,limit=2"));
    assert_eq!((near.lines().count(), unlike.lines().count()), (6, 6));
    assert_ne!(near, unlike);
}

#[test]
fn limits_and_formats_are_kept() {
    let room = Room::empty();
    collection(&room, "tiny");
    let said = room.run("eval beir tiny --retriever bm25 --limit-queries 2 --format jsonl --per-query q.csv -m P@1");
    assert!(said.stderr.contains("1 judged queries not asked (--limit-queries 2)"), "{}", said.stderr);
    assert_eq!(json(&said.data())["queries"], 2);
    let rows = std::fs::read_to_string(room.path("q.csv")).unwrap();
    assert_eq!(rows, "collection,system,query,P@1\ntiny,bm25,q1,1\ntiny,bm25,q2,1\n");
    let table = room.run("eval beir tiny --retriever bm25").data();
    assert!(table.trim_start().starts_with("collection  retriever  queries  nDCG@10"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn faults_name_file_line_and_remedy() {
    let room = Room::empty();
    collection(&room, "tiny");
    let check = |line: &str, code: i32, expect: &str| {
        let error = room.run(line).error(code);
        assert!(error.contains(expect), "{line}: {error}");
    };
    check("eval beir nowhere", 1, "nowhere: no corpus.jsonl; a collection has");
    check("eval beir tiny --split dev", 1, "no judgments called dev; there is test (--split)");
    check("eval beir tiny --retriever dens", 2, "did you mean \"dense\"?");
    check("eval beir tiny --retriever bm25 -m nDCG@0", 2, "--measures: ");
    check("eval beir tiny tiny --retriever bm25", 2, "have one name");
    check("compare bm25 bm25 --on tiny", 2, "bm25 is named twice");
    check("compare bm25 nothing --on tiny", 2, "nothing: no such file or folder");
    check("compare bm25 dense --qrels tiny/qrels/test.tsv", 2, "bm25 is not a run file");
    check("compare bm25 dense", 2, "name collections with --on DIR, or judgments of run files with --qrels FILE");
    check("compare a b --qrels q --limit-queries 2", 2, "--limit-queries means nothing with --qrels");
    check("eval beir tiny --retriever bm25 --per-query -", 2, "-: stdout has the answer; name a file");
    check("compare bm25 tiny --on tiny", 1, "no tiny.run in this folder of runs");
    room.write("tiny/corpus.jsonl", "{\"_id\": \"a\"\n");
    check("eval beir tiny --retriever bm25", 1, "tiny/corpus.jsonl:1: EOF");
    room.write("tiny/corpus.jsonl", b"{\"_id\": \"a\"}\n\xff\xfe\n");
    check("eval beir tiny --retriever bm25", 1, "tiny/corpus.jsonl:2: not UTF-8");
    collection(&room, "tiny");
    room.write("tiny/qrels/test.tsv", "query-id\tcorpus-id\tscore\nx\tcache\t1\n");
    check("eval beir tiny --retriever bm25", 1, "the judgments name \"x\", the collection \"q1\", \"q2\", \"q3\"");
    room.write("tiny/qrels/test.tsv", b"\x1f\x8b\x08broken");
    check("eval beir tiny --retriever bm25", 1, "gzip data is damaged");
}
