//! Is a reading history read in every form and kept?

use super::room::{Room, field};

const URL: &str = "https://netflixtechblog.com/mount-mayhem-at-netflix-scaling-containers-on-modern-cpus-f3b09b68beac";

fn forms() -> [(&'static str, String); 6] {
    [
        ("h.txt", format!("# mine\njdk-vector-api\n{URL}\n")),
        ("h.csv", format!("url,read_at,rating\n{URL},2026-02-01,5\njdk-vector-api,2026-01-01,\n")),
        (
            "h.jsonl",
            format!(
                "{{\"url\":\"{URL}\",\"read_at\":\"2026-02-01\",\"rating\":5}}\n{{\"id\":\"jdk-vector-api\",\"read_at\":\"2026-01-01\"}}\n"
            ),
        ),
        // As wallabag, Pocket and Karakeep export them; what waits to be read does not count.
        (
            "wallabag.json",
            format!(
                "[{{\"id\":1,\"url\":\"{URL}\",\"is_archived\":1,\"archived_at\":\"2026-02-01T00:00:00+00:00\"}},\
                  {{\"id\":2,\"url\":\"https://netflixtechblog.com/vmaf\",\"is_archived\":0}},\
                  {{\"url\":\"jdk-vector-api\",\"is_archived\":1,\"archived_at\":\"2026-01-01T00:00:00+00:00\"}}]"
            ),
        ),
        (
            "pocket.csv",
            format!(
                "title,url,time_added,tags,status\nA,{URL},1769904000,,archive\nB,jdk-vector-api,1767225600,,archive\nC,vmaf,1,,unread\n"
            ),
        ),
        (
            "karakeep.json",
            format!(
                "{{\"bookmarks\":[{{\"createdAt\":1769904000,\"content\":{{\"type\":\"link\",\"url\":\"{URL}\"}}}},\
                  {{\"createdAt\":1,\"content\":{{\"type\":\"text\",\"text\":\"a note\"}}}},\
                  {{\"createdAt\":1767225600,\"content\":{{\"type\":\"link\",\"url\":\"jdk-vector-api\"}}}}]}}"
            ),
        ),
    ]
}

#[test]
fn next_reads_every_form_alike() {
    let room = Room::with_store();
    let expect = room.run("next --read jdk-vector-api mount-mayhem").data();
    for (name, text) in forms() {
        room.write(name, &text);
        let said = room.run(&format!("next --history {name}"));
        assert_eq!(said.stdout, expect, "{name}");
        let left_out = ["wallabag.json", "pocket.csv", "karakeep.json"].contains(&name);
        assert_eq!(said.stderr.contains("left out: 1 "), left_out, "{name}: {}", said.stderr);
        assert_eq!(room.feed("next --history -", text.as_bytes()).stdout, expect, "{name} from stdin");
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
    let hint = "name posts with --read, or add them with `nextread history add`";
    assert_eq!(error, format!("error: h.txt names no post that was read; {hint}"));
    room.write("h.csv", "id,rating\nvmaf,good\n");
    assert_eq!(room.run("next --history h.csv").error(2), "error: h.csv:2: the rating is no number");
    room.write("h.bin", b"vmaf\n\xff\xfe");
    assert_eq!(room.run("next --history h.bin").error(2), "error: h.bin:2: not UTF-8; save it as UTF-8");
}

#[test]
fn the_stored_history_is_added_to_imported_listed_and_removed() {
    let room = Room::with_store();
    let list = || room.run("history list --format jsonl").data();
    let empty = room.run("next");
    assert!(empty.stderr.starts_with("nothing is known of what you like: central posts"), "{}", empty.stderr);

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
        assert!(again.ends_with("0 added to the reading history, 2 were there already\n"), "{name}: {again}");
        room.run("history remove jdk-vector-api mount-mayhem").notes();
    }
    assert_eq!(list(), "");
}
