//! Does `eval index` measure a graph against the exact scan, whatever the vectors are from?

use serde_json::Value;

use super::room::Room;

/// Small enough for a build that is not optimised.
const SMALL: &str = "--ef-construction 20 --m 4 --queries 40";

fn npy(header: &str, numbers: &[f32]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes
}

#[test]
fn random_vectors_give_a_curve() {
    let room = Room::empty();
    let said = room.run(&format!("eval index --random 2000 {SMALL} --ef-search 20,10,320"));
    assert!(said.stderr.contains("1960 vectors of 384 numbers in the index, 40 vectors kept out"), "{}", said.stderr);
    assert!(said.stderr.contains("the graph was built in"), "{}", said.stderr);
    let table = said.data();
    let mut lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let head = ["index", "ef_search", "ann_recall@10", "min", "QPS", "batch", "p50", "ms", "p95", "ms"];
    assert_eq!(lines.next().unwrap(), head);
    assert_eq!(lines.next().unwrap()[..3], ["exact_f32", "1.0000", "1.0000"]);
    assert_eq!(lines.next().unwrap()[..3], ["exact", "1.0000", "1.0000"]);
    let points: Vec<(usize, f64)> = lines.map(|row| (row[1].parse().unwrap(), row[2].parse().unwrap())).collect();
    assert_eq!(points.iter().map(|(beam, _)| *beam).collect::<Vec<_>>(), [10, 20, 320]);
    assert!(points.is_sorted_by_key(|(_, recall)| *recall) && points[2].1 > points[0].1, "{points:?}");
}

#[test]
fn json_and_the_page_have_what_was_measured_and_the_seed_repeats_it() {
    let room = Room::empty();
    let run = |seed: u64| -> Value {
        let line =
            format!("eval index --random 300 {SMALL} -k 5 --ef-search 5 --seed {seed} --threads 1 --all-pairs --json");
        let all: Value = serde_json::from_str(&room.run(&line).data()).unwrap();
        all["results"][0].clone()
    };
    let (one, again, other) = (run(1), run(1), run(2));
    assert_eq!((one["vectors"].as_u64(), one["k"].as_u64(), one["threads"].as_u64()), (Some(260), Some(5), Some(1)));
    assert!(one["memory_bytes"].is_u64() && one["build_seconds"].is_f64() && one["all_pairs_seconds"].is_f64());
    assert_eq!((one["builder"].as_str(), one["points"][2]["index"].as_str()), (Some("bulk"), Some("hnsw")));
    assert!(one["isa"].is_string() && one["bytes_per_vector"].as_f64().unwrap() > 192.0);
    assert_eq!((one["points"][1]["comparisons"].as_f64(), &one["points"][0]["batch_qps"]), (Some(260.0), &Value::Null));
    assert!(one["points"][2]["comparisons"].as_f64().unwrap() < 260.0 && one["points"][2]["batch_qps"].is_f64());
    let recall = |measured: &Value| measured["points"][2]["ann_recall"].as_f64().unwrap();
    assert_eq!(recall(&one), recall(&again));
    assert_ne!(recall(&one), recall(&other));
    let page = format!("eval index --random 300 {SMALL} --ef-search 10,20 --html out/page.html --format md");
    assert_eq!(room.run(&page).data().lines().count(), 6);
    let html = std::fs::read_to_string(room.path("out/page.html")).unwrap();
    assert!(html.contains("hnsw:alpha=1.1,builder=bulk,m=4") && html.contains("<svg"));
}

#[test]
fn filters_and_changes_are_measured_beside_the_whole() {
    let room = Room::empty();
    let line = "eval index --random 1000 --queries 40 --ef-search 80 --among 0.5,0.05,0.005 --changed 0.01 --json";
    let all: Value = serde_json::from_str(&room.run(line).data()).unwrap();
    let points = all["results"][0]["points"].as_array().unwrap().clone();
    let names: Vec<_> =
        points.iter().map(|point| (point["index"].as_str().unwrap(), point["among"].as_f64())).collect();
    let (changed, fresh) = (("hnsw_changed", None), ("hnsw_fresh", None));
    assert_eq!(
        names[2..],
        [("hnsw", None), ("hnsw", Some(0.5)), ("hnsw", Some(0.05)), ("hnsw", Some(0.005)), changed, fresh]
    );
    let recall = |at: usize| points[at]["ann_recall"].as_f64().unwrap();
    for (at, name) in names.iter().enumerate().take(6).skip(3) {
        assert!(recall(at) >= 0.98, "{name:?}: {}", recall(at));
    }
    assert!(recall(6) >= recall(7) - 0.005, "changed {}, fresh {}", recall(6), recall(7));
    let said = room.run("eval index --random 10 --ef-search 10 --among 0");
    assert!(said.stderr.contains("must be a number above 0, up to 1"), "{}", said.stderr);
    let least = room.run("eval index --random 10 --queries 5 --ef-search 10 --among 0.01,1 --changed 1");
    assert_eq!(least.data().lines().count(), 8);
}

#[test]
fn vectors_come_from_files_texts_and_the_store() {
    let room = Room::with_store();
    let said = room.run("eval index --queries 5 --ef-search 10");
    assert!(said.stderr.starts_with("the store: "), "{}", said.stderr);
    assert!(said.data().contains("exact"));
    let numbers: Vec<f32> = (0..60).map(|number| (number as f32).sin()).collect();
    room.write("v.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (30, 2), }\n", &numbers));
    let said = room.run("eval index v.npy --ef-search 10");
    assert!(said.stderr.contains("--queries 1000 is more than half of 30; 15 are used"), "{}", said.stderr);
    assert!(said.stderr.contains("v.npy: 15 vectors of 2 numbers"), "{}", said.stderr);
    said.data();
    room.write(
        "set/corpus.jsonl",
        "{\"_id\":\"1\",\"title\":\"Rye\",\"text\":\"Bread.\"}\n{\"title\":\"\"}\n{\"text\":\"Tiles\"}\n",
    );
    let said = room.run("eval index set --queries 1 --ef-search 10 -k 1");
    assert!(said.stderr.contains("corpus.jsonl: 1 line without title and text left out"), "{}", said.stderr);
    said.data();
}

#[test]
fn vectors_of_texts_are_written_and_searched_with_queries_of_their_own() {
    let room = Room::empty();
    room.write("posts.jsonl", "{\"title\":\"Rye\",\"text\":\"Bread.\"}\n\n{\"text\":\"Tiles\"}\n{\"text\":\"Sand\"}\n");
    room.write("asked.jsonl", "{\"text\":\"Loaf\"}\n");
    let said = room.run("embed posts.jsonl --output out/posts.npy");
    assert!(said.stderr.contains("out/posts.npy: 3 vectors of 384 numbers by all-MiniLM-L6-v2"), "{}", said.stderr);
    assert_eq!(said.data(), "");
    room.run("embed asked.jsonl -o asked.npy").data();
    let said = room.run("eval index out/posts.npy --query-vectors asked.npy -k 2 --ef-search 10 --json");
    assert!(said.stderr.contains("3 vectors of 384 numbers in the index, 1 query of asked.npy"), "{}", said.stderr);
    let all: Value = serde_json::from_str(&said.data()).unwrap();
    assert_eq!((all["results"][0]["queries"].as_u64(), all["results"][0]["vectors"].as_u64()), (Some(1), Some(3)));
    room.write("short.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n", &[1.0, 0.0]));
    let error = room.run("eval index out/posts.npy --query-vectors short.npy").error(2);
    assert_eq!(error, "error: short.npy: vectors of 2 numbers, and the index has 384");
    room.write("gap.jsonl", "{\"text\":\"Rye\"}\n{\"title\":\"\"}\n");
    let error = room.run("embed gap.jsonl -o gap.npy").error(2);
    assert!(error.starts_with("error: gap.jsonl:2: neither title nor text; take the line out"), "{error}");
    assert!(!room.path("gap.npy").exists());
}

#[test]
fn bad_vectors_are_errors() {
    let room = Room::empty();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";
    room.write("text.npy", "id,vector");
    room.write("f8.npy", npy(&header.replace("f4", "f8"), &[]));
    room.write("cut.npy", npy(header, &[1.0; 3]));
    room.write("zero.npy", npy(header, &[1.0, 0.0, 0.0, 0.0]));
    room.write("nan.npy", npy(header, &[1.0, 0.0, f32::NAN, 0.0]));
    room.write("one.npy", npy(&header.replace("(2", "(1"), &[1.0, 0.0]));
    room.write("bad.jsonl", "{\"text\":\"a\"}\n{\"text\":\n");
    room.write("none.jsonl", "\n");
    for (line, code, expect) in [
        ("text.npy", 1, "text.npy: not a .npy file; save the vectors with numpy.save"),
        ("f8.npy", 1, "f8.npy: the numbers are of the type '<f8'; save array.astype('<f4')"),
        ("cut.npy", 1, "cut.npy: 12 bytes of numbers where the shape asks for 16; copy the file anew"),
        ("zero.npy", 1, "zero.npy: row 1 is zero and has no direction"),
        ("nan.npy", 1, "nan.npy: row 1 holds a value that is not finite"),
        ("one.npy", 2, "1 vector is too few to measure; give at least 2"),
        ("missing.npy", 1, "missing.npy: cannot be read: No such file or directory (os error 2)"),
        ("--ef-search 0 --random 20", 2, "--ef-search 0 sees nothing; give at least 1"),
        ("none.jsonl", 2, "none.jsonl: no text in it; give JSON lines with \"title\" and \"text\""),
    ] {
        assert_eq!(room.run(&format!("eval index {line}")).error(code), format!("error: {expect}"));
    }
    let error = room.run("eval index bad.jsonl").error(1);
    assert!(error.starts_with("error: bad.jsonl:2: EOF while parsing a value"), "{error}");
    let error = room.run("eval index").error(2);
    assert!(error.starts_with("error: there is no store here"), "{error}");
}
