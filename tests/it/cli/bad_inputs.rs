//! Is bad input a clear error or a counted skip, and the store unharmed?

use std::io::Write;
use std::process::{Command, Stdio};

use super::room::{CORPUS, Room, field};

#[test]
fn what_cannot_be_read_leaves_the_store_as_it_was() {
    let room = Room::with_store();
    let before = room.run("related vmaf --json").data();
    let binary: Vec<u8> = (0..5_000_u32).map(|n| (n * 31 % 251) as u8).collect();
    for (stdin, code, expect) in [
        (
            b"{\"id\":1,".to_vec(),
            1,
            "warning: -:1: not valid JSON (EOF while parsing a value at column 8); write one object a line\n",
        ),
        (vec![], 0, "warning: -: holds no posts\n"),
        (binary, 1, "error: -: is a binary file; give JSON, CSV, Markdown, a web page or a feed\n"),
        (
            b"\x1f\x8b\x08\0".to_vec(),
            1,
            "error: -: cannot be unpacked; check that the download is complete: unexpected end of file\n",
        ),
        (
            b"{\"id\":\"a\",\"title\":\"\xff\xfe\"}\n".to_vec(),
            1,
            "warning: -:1: not UTF-8 at byte 19; save it as UTF-8\n",
        ),
        (
            b"hello".to_vec(),
            1,
            "error: -: is neither JSON nor a table nor a feed; give .jsonl, .json, .csv, .md, .html, a feed or a folder of Markdown\n",
        ),
        (
            b"[1, null, \"x\"]".to_vec(),
            1,
            "warning: -:1: not a JSON object; a post is an object with at least a title\n",
        ),
        ("[".repeat(100_000).into_bytes(), 1, "warning: -:1: "),
        (
            b"<rss><channel>".to_vec(),
            1,
            "error: -:1: not well-formed XML (it ends too early); check that the download is complete\n",
        ),
        (b"<svg></svg>".to_vec(), 1, "error: -:1: <svg> is not a feed; give an RSS, Atom or JSON Feed file\n"),
        (b"<html></html>".to_vec(), 1, "warning: -: the page has no text of its own (scripts may make it)"),
        (b"title,url\n,\"".to_vec(), 0, "warning: -: holds no posts\n"),
    ] {
        let said = room.feed("index -", &stdin);
        assert_eq!((said.code, said.stdout.as_str()), (Some(code), ""), "{expect}: {}", said.stderr);
        assert!(said.stderr.starts_with(expect), "{expect}: {}", said.stderr);
        let kept = "71 posts not found again, but kept, since the source was not read in full or is empty; --prune";
        assert_eq!(said.stderr.contains(kept), code == 0, "{expect}: {}", said.stderr);
        assert_eq!(room.run("related vmaf --json").data(), before, "{expect}");
    }
    assert_eq!(room.run("index nowhere").error(1), "error: nowhere: not found; check the path");
    assert_eq!(room.run("related vmaf --json").data(), before);
}

#[track_caller]
fn check_skips(posts: &[u8], warnings: &[&str], ids: &[&str]) {
    let room = Room::empty();
    room.write("posts.jsonl", posts);
    let said = room.run("index posts.jsonl").notes();
    for warning in warnings {
        assert!(said.contains(&format!("warning: ROOM/posts.jsonl:{warning}\n")), "{warning}: {said}");
    }
    let shown = field(&room.run(&format!("related {} --min-score=-1 --format jsonl", ids[0])).data(), "id");
    assert_eq!([&[ids[0].to_owned()], shown.as_slice()].concat(), ids);
}

#[test]
fn bad_records_are_skipped_and_named_by_line() {
    check_skips(
        b"{\"id\":\"a\",\"title\":\"A\"}\n{\"id\":\"a\",\"title\":\"B\"}\n{\"id\":\"c\",\"title\":\"C\"}\n",
        &["2: id \"a\" was used already at ROOM/posts.jsonl:1; give it another"],
        &["a", "c"],
    );
    check_skips(
        b"{\"id\":\"a\",\"title\":\"A\",\"date\":\"99999-01-01\"}\n\n{\"id\":\"b\",\"title\":\"B\xff\"}\n{\"id\":\"c\",\"title\":\"C\"}\n",
        &[
            "1: date \"99999-01-01\" cannot be read; kept without a date (write YYYY-MM-DD)",
            "3: not UTF-8 at byte 20; save it as UTF-8",
        ],
        &["a", "c"],
    );
    check_skips(
        b"{\"id\":\"a\",\"title\":\"\\u001b[31mA\"}\nnull\n{\"id\":\"b\\u001b\",\"title\":\"B\"}\n{\"id\":\"c\"}\n{\"id\":\"d\",\"title\":\"D\"}",
        &[
            "2: not a JSON object; a post is an object with at least a title",
            "3: id contains a control character; give it another",
            "4: no title; add one or name its field with --map title=FIELD",
        ],
        &["a", "d"],
    );
}

#[test]
fn strict_changes_nothing_when_a_record_is_bad() {
    let room = Room::empty();
    room.write("posts.jsonl", "{\"id\":\"a\",\"title\":\"A\"}\nnull\n");
    let expect = "error: 1 bad record, the first at ROOM/posts.jsonl:2: not a JSON object; a post is an object with at \
                  least a title; nothing was changed (--strict)";
    assert_eq!(room.run("index posts.jsonl --strict").error(1), expect);
    assert!(!room.path(".nextread").exists());
    room.run("index posts.jsonl").notes();
    room.write("posts.jsonl", "{\"id\":\"a\",\"title\":\"B\"}\n{\"id\":\"b\",\"title\":\"B\"}\nnull\n");
    room.run("index posts.jsonl --strict").error(1);
    room.run("index --strict").error(1);
    assert!(room.run("status").data().contains("posts           1\n"));
}

#[test]
fn a_damaged_source_keeps_its_posts_until_pruned() {
    let room = Room::with_store();
    let half: String = CORPUS.lines().take(36).map(|line| format!("{line}\n")).collect();
    let damaged = half[..half.len() - 100].to_owned();
    let said = room.feed("index -", damaged.as_bytes()).notes();
    assert!(said.contains("stdin: 35 posts in 1 file, 1 skipped (1 not valid JSON)\n"), "{said}");
    assert!(said.contains("stdin: 0 added, 0 changed, 0 removed, 35 unchanged; 0 embedded\n"), "{said}");
    let kept = "warning: 36 posts not found again, but kept, since the source was not read in full or is empty; --prune removes them\n";
    assert!(said.contains(kept), "{said}");
    assert!(room.run("status").data().contains("posts           71\n"));

    let said = room.feed("index - --prune", damaged.as_bytes()).notes();
    assert!(said.contains("stdin: 0 added, 0 changed, 36 removed, 35 unchanged; 0 embedded\n"), "{said}");
    assert!(room.run("status").data().contains("posts           35\n"));

    let said = room.feed("index -", b"").notes();
    assert!(said.contains("35 posts not found again, but kept"), "{said}");
    let said = room.feed("index - --prune", b"").notes();
    assert!(said.contains("stdin: 0 added, 0 changed, 35 removed, 0 unchanged; 0 embedded\n"), "{said}");
    assert!(room.run("status").data().contains("posts           0\n"));
}

#[test]
fn a_source_that_is_gone_holds_up_no_other_and_is_forgotten_on_request() {
    let room = Room::empty();
    room.write("a.jsonl", "{\"id\":\"a\",\"title\":\"A\"}\n");
    room.write("b.jsonl", "{\"id\":\"b\",\"title\":\"B\"}\n");
    room.run("index a.jsonl b.jsonl").notes();
    std::fs::remove_file(room.path("a.jsonl")).unwrap();
    room.write("b.jsonl", "{\"id\":\"b\",\"title\":\"Changed\"}\n");
    let said = room.run("index");
    assert!(said.stderr.starts_with("warning: ROOM/a.jsonl: not found; check the path; or forget it with --prune\n"));
    assert!(said.stderr.contains("b.jsonl: 0 added, 1 changed, 0 removed, 0 unchanged; 1 embedded\n"));
    let expect = "error: 1 source could not be read; their posts are kept, the other sources are up to date";
    assert_eq!(said.error(1), expect);
    assert!(room.run("index a.jsonl").error(1).contains("not found"));
    assert!(room.run("index --strict").error(1).contains("not found"));
    assert!(room.run("status").data().contains("a.jsonl: 1 post"));

    let said = room.run("index --prune").notes();
    assert!(said.contains("ROOM/a.jsonl: gone, and 1 post of it removed\n"), "{said}");
    let status = room.run("status").data();
    assert!(!status.contains("a.jsonl") && status.contains("posts           1\n"), "{status}");
    room.run("index").notes();
}

/// Writes a post, one with a title of 100 MB, and another post.
fn write_long_line(mut stdin: impl Write) -> std::io::Result<()> {
    stdin.write_all(b"{\"id\":\"a\",\"title\":\"A\"}\n{\"id\":\"b\",\"title\":\"")?;
    let megabyte = vec![b'x'; 1_000_000];
    (0..100).try_for_each(|_| stdin.write_all(&megabyte))?;
    stdin.write_all(b"\"}\n{\"id\":\"c\",\"title\":\"C\"}\n")
}

#[test]
fn a_line_of_100_megabytes_is_skipped_in_little_memory() {
    let room = Room::empty();
    let mut shell = Command::new("sh");
    room.isolate(&mut shell);
    // Before the model is loaded: with --strict the run ends when all is read.
    let within = if cfg!(target_os = "linux") { "ulimit -v 200000; " } else { "" };
    shell.args([
        "-c",
        &format!("{within}exec \"$0\" \"$@\""),
        env!("CARGO_BIN_EXE_nextread"),
        "index",
        "-",
        "--strict",
    ]);
    for (mut command, code, expect) in [
        (shell, 1, "error: 1 bad record, the first at -:2: longer than 16777216 bytes; split it; nothing"),
        (room.command("index -"), 0, "warning: -:2: longer than 16777216 bytes; split it\nstdin: 2 posts in"),
    ] {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        write_long_line(child.stdin.take().unwrap()).unwrap();
        let said = room.said(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(code), "{}", said.stderr);
        assert!(said.stderr.starts_with(expect), "{}", said.stderr);
    }
    assert!(room.run("status").data().contains("posts           2\n"));
}
