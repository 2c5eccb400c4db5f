//! Are pages, tables, exports and packed files indexed as they are, and does the user hear what they were taken for?

use super::room::Room;

const WORDS: &str = "A cache that is never emptied gives old answers, and one that is emptied too often gives none.";

/// Indexes one file and returns what was said of it.
fn index(room: &Room, name: &str, content: &str) -> String {
    room.write(name, content);
    room.run(&format!("index {name}")).notes()
}

#[track_caller]
fn check(said: &str, expect: &[&str]) {
    for line in expect {
        assert!(said.contains(line), "{line:?} is not in:\n{said}");
    }
}

#[test]
fn every_kind_of_file_just_works() {
    let room = Room::empty();
    let csv =
        format!("Title;Link;Tags;Text\nOn caches;https://x.example/a;web,speed;\"{WORDS}\"\nNo;cells;are;left;here\n");
    check(
        &index(&room, "posts.csv", &csv),
        &["posts.csv:3: has 5 cells under 4 columns", "1 post in 1 file, 1 skipped (1 bad row)"],
    );
    let page = format!("<title>On pages</title><meta name=author content=Ada><article><p>{WORDS}</article>");
    check(&index(&room, "page.html", &page), &["1 post in 1 file"]);
    let pocket = "title,url,time_added,tags,status\nOn lists,https://x.example/b,1706695200,x|y,unread\n";
    check(&index(&room, "pocket.csv", pocket), &["pocket.csv:2: read as an export of Pocket", "1 post in 1 file"]);
    room.write("public/index.html", "<title>Home</title><article>a</article><article>b</article>");
    room.write("public/posts/c/index.html", format!("<title>On sites</title><article><p>{WORDS}</article>"));
    check(&room.run("index public").notes(), &["1 post in 2 files, 1 skipped (1 list of pages)"]);
    let found = room.run("status --json").data();
    assert!(found.contains("\"posts\": 4"), "{found}");
}

#[test]
fn what_cannot_be_a_table_says_how_to_make_it_one() {
    let room = Room::empty();
    room.write("t.csv", "a,b\n1,2\n");
    let error = room.run("index t.csv").error(1);
    assert!(error.contains("t.csv: none of its columns (a, b) is a field of a post; name them with --map"), "{error}");
    assert!(room.run("index t.csv --map title=a").notes().contains("1 post in 1 file"));
    if cfg!(not(feature = "parquet")) {
        room.write("t.parquet", "PAR1");
        assert!(room.run("index t.parquet").error(1).contains("build it with `cargo install --features parquet`"));
    }
}
