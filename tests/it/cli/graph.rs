//! Does a graph answer as the exact index does, and is it made again when it is of no use?

use super::room::Room;

const FILE: &str = ".nextread/index.snapshot";
const FALLS_BACK: &str = "every post is compared instead: run `nextread index --index hnsw` to make it";

/// Returns a room whose store has a graph.
fn room_with_graph() -> Room {
    let room = Room::with_store();
    room.write("posts.jsonl", "{\"id\":\"rye-bread\",\"title\":\"Rye bread\",\"summary\":\"Dough that rises.\"}\n");
    let said = room.run("index posts.jsonl --index hnsw");
    assert!(said.stderr.contains("index: a graph of 72 posts, "), "{}", said.stderr);
    assert!(room.path(FILE).exists());
    room
}

#[test]
fn a_graph_answers_as_the_exact_index_does() {
    let room = room_with_graph();
    for line in [
        "related jdk-vector-api --json",
        "next --read write-ahead-log noisy-neighbor-ebpf --json",
        "path analytics engineering --json",
        "search vectors in java -n 20 --json",
        "explain jdk-vector-api write-ahead-log --json",
    ] {
        let said = room.run(&format!("{line} --index hnsw"));
        assert!(!said.stderr.contains("compared instead"), "{}", said.stderr);
        assert_eq!(said.data(), room.run(&format!("{line} --index flat")).data(), "{line}");
    }
}

#[test]
fn a_graph_is_kept_while_little_changes_and_built_anew_when_much_does() {
    let room = room_with_graph();
    let post = |n: usize| format!("{{\"id\":\"p{n}\",\"title\":\"Loaf {n}\",\"summary\":\"Bread number {n}.\"}}\n");
    room.write("posts.jsonl", post(0) + &post(1));
    let said = room.run("index posts.jsonl --index hnsw");
    assert!(said.stderr.contains("the graph is kept, 2 posts newer than it and 1 of its own gone"), "{}", said.stderr);
    let said = room.run("related p0 --index hnsw --min-score -1");
    assert!(!said.stderr.contains("compared instead"), "{}", said.stderr);
    assert!(said.data().contains("Loaf 1"));
    room.write("posts.jsonl", (0..9).map(post).collect::<String>());
    room.run("index posts.jsonl").notes();
    let said = room.run("related p0 --index hnsw");
    assert!(said.stderr.contains(FALLS_BACK), "{}", said.stderr);
    let said = room.run("index posts.jsonl --index hnsw");
    assert!(said.stderr.contains("the graph is built anew"), "{}", said.stderr);
    assert!(!room.run("related p0 --index hnsw").stderr.contains(FALLS_BACK));
}

#[test]
fn a_missing_or_damaged_graph_is_told_and_made_again() {
    let room = room_with_graph();
    let whole = std::fs::read(room.path(FILE)).unwrap();
    let exact = room.run("related jdk-vector-api --index flat").data();
    let check = |expect: &str| {
        let said = room.run("related jdk-vector-api --index hnsw");
        assert!(said.stderr.contains(expect) && said.stderr.contains(FALLS_BACK), "{}", said.stderr);
        assert_eq!(said.data(), exact);
    };
    for at in [0, 9, 100, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        room.write(FILE, damaged);
        check("index.snapshot: ");
    }
    room.write(FILE, &whole[..whole.len() / 2]);
    check("the index is damaged");
    let said = room.run("index --index hnsw posts.jsonl");
    assert!(said.stderr.contains("the graph is built anew"), "{}", said.stderr);
    assert_eq!(std::fs::read(room.path(FILE)).unwrap(), whole, "the same posts give the same graph");
    std::fs::remove_file(room.path(FILE)).unwrap();
    check("there is no index here");
}

#[test]
fn status_tells_which_index_and_why() {
    let room = room_with_graph();
    let table = room.run("status").data();
    assert!(table.contains("flat (exact); auto: 72 posts, below 50000"), "{table}");
    let status = |line: &str| -> serde_json::Value {
        serde_json::from_str(&room.run(&format!("status --json {line}")).data()).unwrap()
    };
    let index = &status("--index hnsw --recall 0.9")["index"];
    assert_eq!((index["kind"].as_str(), index["why"].as_str()), (Some("hnsw"), Some("flag")));
    assert!(index["isa"].is_string() && index["graph"]["memory_bytes"].as_u64().unwrap() > 72 * 192);
    assert!(index["graph"]["recall"].as_f64().unwrap() >= 0.9 && index["graph"]["new"] == 0, "{index}");
    let table = room.run("status --index hnsw").data();
    assert!(table.contains("graph finds") && table.contains("fresh; written 2"), "{table}");
    std::fs::remove_file(room.path(FILE)).unwrap();
    let table = room.run("status --index hnsw").data();
    assert!(table.contains("none of use, every post is compared"), "{table}");
}

#[test]
fn the_index_can_be_chosen_in_the_configuration() {
    let room = room_with_graph();
    room.write("nextread.toml", "index = \"hnsw\"\nrecall = 0.9\n");
    let index = room.run("status").data();
    assert!(index.contains("hnsw (a graph); ") && index.contains("nextread.toml:1"), "{index}");
    room.write("nextread.toml", "index = \"tree\"\n");
    assert!(room.run("status").error(2).contains("must be one of flat, hnsw, auto"));
    room.write("nextread.toml", "recal = 0.9\n");
    assert!(room.run("status").error(2).contains("did you mean \"recall\"?"));
    room.write("nextread.toml", "");
    room.run("related jdk-vector-api --recall 1.5").error(2);
}
