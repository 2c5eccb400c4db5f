//! Is only that embedded again whose text changed?

use super::room::{CORPUS, Room};

/// Returns what the last line of notes counts, such as `0 added, 0 changed, 0 removed, 71 unchanged; 0 embedded`.
#[track_caller]
fn counts(room: &Room, line: &str, posts: &str) -> String {
    let notes = room.feed(line, posts.as_bytes()).notes();
    let counts = notes.lines().filter_map(|line| line.strip_prefix("stdin: ")).find(|line| line.contains(" added"));
    counts.unwrap_or_else(|| panic!("{notes}")).to_owned()
}

fn edited(edit: impl Fn(&mut serde_json::Value)) -> String {
    let mut records: Vec<serde_json::Value> = CORPUS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    edit(&mut records[7]);
    records.iter().filter(|record| !record.is_null()).map(|record| format!("{record}\n")).collect()
}

#[test]
fn only_what_changed_is_embedded_again() {
    let room = Room::with_store();
    let before = room.run("related vmaf --json").data();
    let unchanged = "0 added, 0 changed, 0 removed, 71 unchanged; 0 embedded";
    assert_eq!(counts(&room, "index -", CORPUS), unchanged);
    assert_eq!(room.run("related vmaf --json").data(), before);

    let retitled = edited(|record| record["title"] = "Quite Another Title".into());
    assert_eq!(counts(&room, "index -", &retitled), "0 added, 1 changed, 0 removed, 70 unchanged; 1 embedded");
    assert_eq!(counts(&room, "index -", CORPUS), "0 added, 1 changed, 0 removed, 70 unchanged; 1 embedded");
    let moved = edited(|record| record["url"] = "https://elsewhere.example/".into());
    assert_eq!(counts(&room, "index -", &moved), "0 added, 1 changed, 0 removed, 70 unchanged; 0 embedded");
    let removed = edited(|record| *record = serde_json::Value::Null);
    assert_eq!(counts(&room, "index -", &removed), "0 added, 0 changed, 1 removed, 70 unchanged; 0 embedded");
    assert_eq!(counts(&room, "index -", CORPUS), "1 added, 0 changed, 0 removed, 70 unchanged; 1 embedded");
    assert_eq!(room.run("related vmaf --json").data(), before);
}

#[test]
fn vectors_of_another_kind_are_kept_apart_and_come_back() {
    let room = Room::empty();
    let posts: String = CORPUS.lines().take(3).map(|line| format!("{line}\n")).collect();
    room.feed("index -", posts.as_bytes()).notes();
    let before = room.run("related graph-abstraction-part-1 --min-score=-1 --json").data();

    let said = room.feed("index - --truncate", posts.as_bytes()).notes();
    assert!(said.contains("the vectors change from all-MiniLM-L6-v2@"), "{said}");
    assert!(said.contains(": 0 of 3 posts have such a vector already, the others will be embedded"), "{said}");
    assert!(said.contains("stdin: 0 added, 0 changed, 0 removed, 3 unchanged; 3 embedded\n"), "{said}");
    let status = room.run("status").data();
    assert!(status.contains("other vectors   3 of") && status.contains("vectors in use  3 of"), "{status}");

    let said = room.feed("index -", posts.as_bytes()).notes();
    assert!(said.contains(": 3 of 3 posts have such a vector already"), "{said}");
    assert!(said.contains("stdin: 0 added, 0 changed, 0 removed, 3 unchanged; 0 embedded\n"), "{said}");
    assert_eq!(room.run("related graph-abstraction-part-1 --min-score=-1 --json").data(), before);
}

#[test]
fn another_model_embeds_all_sources_and_is_asked_for_by_name() {
    let room = Room::empty();
    room.write("a.jsonl", "{\"id\": \"a\", \"title\": \"Cold caches\"}\n");
    room.write("b.jsonl", "{\"id\": \"b\", \"title\": \"Warm caches\"}\n");
    room.run("index a.jsonl b.jsonl").notes();
    copy_model(&room.path("other-model"));
    let said = room.run("index a.jsonl --model ./other-model").notes();
    assert!(said.contains(" to other-model@"), "{said}");
    assert!(said.contains("a.jsonl: 0 added, 0 changed, 0 removed, 1 unchanged; 1 embedded\n"), "{said}");
    assert!(said.ends_with("1 post stored before embedded again\n"), "{said}");
    let error = room.run("search caches").error(2);
    assert!(error.contains("name that model with --model, or run `nextread index` to embed anew"), "{error}");
    assert_eq!(room.run("search caches --model ./other-model --format jsonl").data().lines().count(), 2);
    let said = room.run("index").notes();
    assert_eq!(said.matches("1 unchanged; 0 embedded\n").count(), 2, "{said}");
}

fn copy_model(to: &std::path::Path) {
    use super::room::copy_folder;
    let model = crate::model_folder::model_folder();
    copy_folder(&model.join("1_Pooling"), &to.join("1_Pooling"));
    for file in ["modules.json", "config.json", "sentence_bert_config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(model.join(file), to.join(file)).unwrap();
    }
    // With one byte more it is no longer the model that is known by its hashes, and goes by its folder's name.
    let config = std::fs::read_to_string(to.join("config.json")).unwrap();
    std::fs::write(to.join("config.json"), config + "\n").unwrap();
}

#[test]
fn posts_whose_id_another_source_has_are_neither_stored_nor_embedded() {
    let room = Room::empty();
    let posts: String = (1..9).map(|n| format!("{{\"id\": \"p{n}\", \"title\": \"Post {n}\"}}\n")).collect();
    room.write("a.jsonl", &posts);
    room.write("b.jsonl", posts + "{\"id\": \"q\", \"title\": \"Post q\"}\n");
    room.run("index a.jsonl").notes();
    for embedded in [1, 0] {
        let said = room.run("index b.jsonl").notes();
        let added = format!(
            "b.jsonl: {embedded} added, 0 changed, 0 removed, {} unchanged; {embedded} embedded\n",
            1 - embedded
        );
        assert!(said.contains(&added), "{said}");
        assert_eq!(said.matches("was not stored: ROOM/a.jsonl has that id; set --id-prefix\n").count(), 5, "{said}");
        assert!(said.contains("warning: \u{2026} and 3 more whose id another source has; -v names them\n"), "{said}");
    }
    let said = room.run("index b.jsonl --id-prefix b-").notes();
    assert!(said.contains("b.jsonl: 9 added, 0 changed, 1 removed, 0 unchanged; 9 embedded\n"), "{said}");
}

#[test]
fn a_deleted_file_is_gone_whatever_is_wrong_with_its_neighbors() {
    let room = Room::empty();
    let page = |title: &str| format!("---\ntitle: {title}\n---\nSome words about {title}.\n");
    room.write("blog/caches.md", page("Caches").as_bytes());
    room.write("blog/bread.md", page("Bread").as_bytes());
    room.write("blog/untitled.md", b"Nothing here names this page.\n");
    assert!(room.run("index blog").notes().contains("blog: 2 added, 0 changed, 0 removed, 0 unchanged"));
    std::fs::remove_file(room.path("blog/bread.md")).unwrap();
    assert!(room.run("index blog").notes().contains("blog: 0 added, 0 changed, 1 removed, 1 unchanged"));
    // Known by its file, the damaged page stays as it was stored.
    room.write("blog/caches.md", b"---\ntitle: [\n---\n");
    room.write("blog/cheese.md", page("Cheese").as_bytes());
    let said = room.run("index blog").notes();
    assert!(said.contains("blog: 1 added, 0 changed, 0 removed, 0 unchanged"), "{said}");
    assert!(said.contains("1 post not found again, but kept"), "{said}");
}

#[test]
fn a_post_that_moves_to_another_source_is_not_lost() {
    let room = Room::empty();
    let line = |id: &str| format!("{{\"id\":\"{id}\",\"title\":\"About {id}\"}}\n");
    room.write("a.jsonl", line("bread").as_bytes());
    room.write("z.jsonl", (line("caches") + &line("cheese")).as_bytes());
    room.run("index a.jsonl z.jsonl").notes();
    room.write("a.jsonl", (line("bread") + &line("caches")).as_bytes());
    room.write("z.jsonl", line("cheese").as_bytes());
    let said = room.run("index").notes();
    assert!(said.contains("a.jsonl: 1 added, 0 changed, 0 removed, 1 unchanged"), "{said}");
    assert!(said.contains("z.jsonl: 0 added, 0 changed, 1 removed, 1 unchanged"), "{said}");
    assert!(!said.contains("was not stored"), "{said}");
    assert!(room.run("status").data().contains("posts           3"));
}

#[test]
fn a_store_of_an_older_format_learns_the_links_and_embeds_nothing() {
    let room = Room::empty();
    std::fs::create_dir(room.path("site")).unwrap();
    let text = "The oven has to be hot before the loaf goes in, and it stays hot for an hour. ";
    room.write("site/loaf.md", format!("---\ntitle: A Loaf\n---\n{}\nSee [the oven](oven.md).\n", text.repeat(4)));
    room.write("site/oven.md", format!("---\ntitle: An Oven\n---\n{}\n", text.repeat(5)));
    room.run("index site").notes();
    let linked = room.run("related loaf").data();
    assert!(linked.contains("that post links to it"), "{linked}");
    let reversed = room.run("related oven").data();
    assert!(reversed.contains("links to that post"), "{reversed}");

    assert!(room.run("related loaf --json").data().contains("\"links\": 0.05"));
    assert!(room.run("related loaf --json --linked ignore").data().contains("\"links\": 0.0"));
    let left_out = room.run("related loaf --linked leave-out").notes();
    assert!(left_out.contains("1 is kept out by filters"), "{left_out}");
    let explained = room.run("explain loaf oven --linked leave-out").data();
    assert!(explained.contains("not shown: that post links to it already"), "{explained}");
    assert!(explained.contains("+ 0.0500 by a link"), "{explained}");
    assert_eq!(room.run("related oven --linked leave-out").data(), reversed);

    let database = rusqlite::Connection::open(room.path(".nextread/store.db")).unwrap();
    database.execute_batch("DROP TABLE links; DROP TABLE wishes; PRAGMA user_version = 2").unwrap();
    drop(database);
    let error = room.run("related loaf").error(1);
    assert!(error.contains("written in format 2 by an older nextread"), "{error}");
    let said = room.run("index").notes();
    assert!(said.contains("0 added, 0 changed, 0 removed, 2 unchanged; 0 embedded"), "{said}");
    assert_eq!(room.run("related loaf").data(), linked);

    room.write("site/loaf.md", format!("---\ntitle: A Loaf\n---\n{}\nSee [the oven](/).\n", text.repeat(4)));
    let said = room.run("index").notes();
    assert!(said.contains("0 added, 1 changed, 0 removed, 1 unchanged; 0 embedded"), "{said}");
    assert!(!room.run("related loaf").data().contains("links to it"));
}

#[test]
fn no_post_is_there_twice_and_one_bad_path_holds_up_no_other() {
    let room = Room::empty();
    room.write("site/blog/a.md", "---\ntitle: Rye bread\n---\nRye rises over night.\n");
    room.write("bad.csv", [0, 1, 2].repeat(99));
    let said = room.run("index site bad.csv");
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(said.stderr.contains("1 source could not be read"), "{}", said.stderr);
    assert!(room.run("related a").code == Some(0));
    for twice in ["index site/blog", "index site/blog/a.md", "index other site/blog"] {
        room.write("other/b.md", "---\ntitle: Ships\n---\nSteam drives the screw.\n");
        let error = room.run(twice).error(2);
        assert!(error.contains("so that posts would be there twice"), "{error}");
    }
    let error = room.run("sources --forget sight").error(2);
    assert!(error.contains("sight is no source"), "{error}");
    assert!(room.run("sources --forget site").notes().contains("forgotten, with 1 post"));
    room.run("index site/blog").notes();
}
