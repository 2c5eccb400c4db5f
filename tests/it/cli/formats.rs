//! Is every answer written as its format says, and nothing but data on stdout?

use std::process::Stdio;

use super::room::Room;

const ANSWERS: [&str; 15] = [
    "related jdk-vector-api --min-score=-1",
    "next --read write-ahead-log key-value-abstraction",
    "path --from jdk-vector-api --to pushy-websocket-proxy",
    "path --goal pushy-websocket-proxy",
    "path --start-here",
    "search graph search",
    "explain jdk-vector-api mount-mayhem",
    "explain jdk-vector-api vmaf",
    "history list",
    "status",
    "config",
    "model list",
    "model verify",
    "related vmaf --min-score 0.9",
    "related vmaf --min-score 0.9 --fallback section",
];

fn room() -> Room {
    let room = Room::with_store();
    room.write("h.csv", format!("id,read_at,rating\nvmaf,2026-01-01,5\nhttps://long.example/{},,\n", "x".repeat(99)));
    room.run("history import h.csv").notes();
    room
}

#[test]
fn json_is_one_value_and_json_lines_one_object_a_line() {
    let room = room();
    for line in ANSWERS {
        let json = room.run(&format!("{line} --json"));
        assert_eq!(room.run(&format!("{line} --format json")).data(), json.stdout, "{line}");
        let whole: serde_json::Value = serde_json::from_str(&json.data()).unwrap();
        let lines = room.run(&format!("{line} --format jsonl")).data();
        let objects: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(objects.iter().all(serde_json::Value::is_object), "{line}");
        let of_list = whole.get("posts").and_then(|posts| posts.as_array()).or(whole.as_array());
        match of_list {
            Some(items) => assert_eq!(*items, objects, "{line}"),
            // The origin of a setting tells the format itself.
            None if line == "config" => assert_eq!(objects.len(), 1),
            None => assert_eq!([whole], *objects, "{line}"),
        }
    }
}

#[test]
fn tables_and_markdown_fit_and_are_quiet() {
    let room = room();
    for line in ANSWERS {
        let table = room.run(&format!("{line} --format table"));
        if line != "config" {
            assert_eq!(table.stdout, room.run(line).data(), "{line}");
        }
        for row in table.data().lines() {
            assert!(row.chars().count() <= 80 || line == "config", "{line}: {row}");
            assert!(!row.ends_with(' ') && !row.contains('\u{1b}'), "{line}: {row}");
        }
        let markdown = room.run(&format!("{line} --format md")).data();
        assert_eq!(markdown.is_empty(), line.ends_with("0.9"), "{line}");
    }
}

#[test]
fn an_empty_list_is_an_answer_and_stderr_says_why() {
    let room = Room::with_store();
    let why = "0 shown of at most 5: 70 are below the minimum score of 0.9; the nearest of those is \u{201c}Bringing AV1 \
               Streaming to Netflix Members\u{2019} TVs\u{201d}, shown with --min-score 0.248\n";
    for format in ["table", "md", "jsonl"] {
        let said = room.run(&format!("related vmaf --min-score 0.9 --format {format}"));
        assert_eq!(said.notes(), why);
    }
    let said = room.run("related vmaf --min-score 0.9 --json");
    assert_eq!(said.stderr, why);
    let list: serde_json::Value = serde_json::from_str(&said.data()).unwrap();
    assert_eq!(list["posts"], serde_json::json!([]));
    assert_eq!(list["left_out"]["below_min_score"], 70);
}

#[test]
fn quiet_leaves_out_notes_but_neither_data_nor_errors() {
    let room = Room::with_store();
    let said = room.run("-q related vmaf");
    assert_eq!(said.stderr, "");
    assert_eq!(said.data(), room.run("related vmaf").data());
    assert_eq!(room.run("-q related vmaf --min-score 0.9").notes(), "");
    assert_eq!(room.feed("-q index -", super::room::CORPUS.as_bytes()).notes(), "");
    assert!(room.run("-q related nobody").error(2).contains("nobody"));
    let said = room.feed("-q index -", b"{\"id\":1,");
    assert!(said.stderr.starts_with("warning: -:1: not valid JSON"), "{}", said.stderr);
    assert_eq!(said.error(1), "error: no post could be read, only 1 bad record; nothing was changed");
}

#[test]
fn colours_are_for_those_who_want_them() {
    let room = Room::with_store();
    let coloured = |variables: &[(&str, &str)]| room.run_with("related nobody", variables).stderr.contains('\u{1b}');
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let room = Room::with_store();
    for line in ["related jdk-vector-api --json -n 70 --min-score=-1", "status", "completions bash"] {
        let mut child = room.command(line).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let said = room.said(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(0), "{line}: {}", said.stderr);
        assert!(!said.stderr.contains("panicked") && !said.stderr.contains("error"), "{line}: {}", said.stderr);
    }
}
