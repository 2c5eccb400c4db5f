//! Is a reading history read in every form and kept?

use super::room::{Room, field};

const URL: &str = "https://netflixtechblog.com/mount-mayhem-at-netflix-scaling-containers-on-modern-cpus-f3b09b68beac";

fn forms() -> [(&'static str, String); 3] {
    [
        ("h.txt", format!("# mine\njdk-vector-api\n{URL}\n")),
        ("h.csv", format!("url,read_at,rating\n{URL},2026-02-01,5\njdk-vector-api,2026-01-01,\n")),
        (
            "h.jsonl",
            format!(
                "{{\"url\":\"{URL}\",\"read_at\":\"2026-02-01\",\"rating\":4}}\n{{\"id\":\"jdk-vector-api\",\"read_at\":\"2026-01-01\"}}\n"
            ),
        ),
    ]
}

#[test]
fn next_reads_lists_csv_and_json_lines_alike() {
    let room = Room::with_store();
    let expect = room.run("next --read jdk-vector-api mount-mayhem").data();
    for (name, text) in forms() {
        room.write(name, &text);
        assert_eq!(room.run(&format!("next --history {name}")).data(), expect, "{name}");
        assert_eq!(room.feed("next --history -", text.as_bytes()).data(), expect, "{name} from stdin");
    }
}

#[test]
fn what_the_store_does_not_know_is_counted() {
    let room = Room::with_store();
    room.write("h.txt", "jdk-vector-api\nhttps://elsewhere.example/post\n");
    let said = room.run("next --history h.txt -n 1 --min-score=-1");
    assert_eq!(said.stderr, "1 of 2 posts of h.txt are not in the store and do not count\n");
    said.data();
    room.write("h.txt", "https://elsewhere.example/post\n");
    let error = room.run("next --history h.txt").error(2);
    assert_eq!(error, "error: no post of h.txt is in the store; index what you read, or use --read");
    room.write("h.txt", "");
    let error = room.run("next --history h.txt").error(2);
    assert_eq!(error, "error: h.txt is empty; name posts with --read, or add them with `nextread history add`");
    room.write("h.csv", "id,rating\nvmaf,good\n");
    assert_eq!(room.run("next --history h.csv").error(2), "error: h.csv:2: the rating is no number");
    room.write("h.bin", b"vmaf\n\xff\xfe");
    assert_eq!(room.run("next --history h.bin").error(2), "error: h.bin:2: not UTF-8; save it as UTF-8");
}

#[test]
fn the_stored_history_is_added_to_imported_listed_and_removed() {
    let room = Room::with_store();
    let list = || room.run("history list --format jsonl").data();
    let empty = room.run("next").error(2);
    assert!(empty.contains("the stored history is empty; name posts with --read"), "{empty}");

    assert_eq!(room.run("history add jdk-v 'mount-mayhem'").notes(), "2 added to the reading history\n");
    assert_eq!(field(&list(), "post"), ["jdk-vector-api", "mount-mayhem"]);
    let expect = room.run("next --read jdk-vector-api mount-mayhem").data();
    assert_eq!(room.run("next").data(), expect);

    assert_eq!(room.run("history remove mount-mayhem").notes(), "1 removed from the reading history\n");
    assert!(room.run("history remove mount-mayhem").error(2).contains("is not in the reading history"));
    assert_eq!(field(&list(), "post"), ["jdk-vector-api"]);
    assert_eq!(room.run("history remove jdk-vector-api").notes(), "1 removed from the reading history\n");

    for (name, text) in forms() {
        room.write(name, text);
        room.run(&format!("history import {name}")).notes();
        assert_eq!(room.run("next").data(), expect, "{name}");
        let again = room.run(&format!("history import {name}")).notes();
        assert_eq!(again, "0 added to the reading history, 2 were there already\n", "{name}");
        room.run("history remove jdk-vector-api mount-mayhem").notes();
    }
    assert_eq!(list(), "");
}
