//! Is a story that several sources tell shown once, and is it said where else and what comes next?

use super::room::Room;

const TEXT: &str = "A sour dough rises slowly where it is cold. Yeast eats sugar at any warmth above freezing, only later. \
    Bacteria like warmth more, so that a cold dough keeps more of its sweetness. Bakers use this over night, and bake in \
    the morning what they have mixed in the evening. Salt slows both of them, and flour of the whole grain feeds both.";

fn room() -> Room {
    let room = Room::empty();
    let post = |id: &str, title: &str, source: &str, url: &str, text: &str, date: &str| {
        let mut post = serde_json::json!({"id": id, "title": title, "source": source, "url": url, "date": date});
        post[if text == TEXT { "text" } else { "summary" }] = text.into();
        format!("{post}\n")
    };
    let posts = [
        post("cold", "Why bread rises in the cold", "Bakery", "https://bakery.example/cold", TEXT, "2026-01-01"),
        post(
            "card",
            "Bread in the fridge",
            "Digest",
            "http://www.bakery.example/cold/?utm_source=digest",
            "Cold dough keeps its sugar and rises over night.",
            "2026-01-08",
        ),
        post("copy", "Why bread rises in the cold | Mirror", "Mirror", "https://mirror.example/7", TEXT, "2026-02-01"),
        post(
            "rye",
            "Rye bread rises, too",
            "Bakery",
            "https://bakery.example/rye",
            "Rye dough rises in the cold.",
            "2026-03-01",
        ),
        post("ovens", "Oven 1.2 released", "Bakery", "https://bakery.example/1.2", "An oven for bread.", "2026-03-02"),
        post(
            "ovens-new",
            "Oven 1.3 released",
            "Bakery",
            "https://bakery.example/1.3",
            "An oven for bread.",
            "2026-04-02",
        ),
    ];
    room.feed("index -", posts.concat().as_bytes()).notes();
    room
}

#[test]
fn one_story_is_shown_once_with_where_else_it_is_told() {
    let room = room();
    let line = "related rye --min-score=-1 --diversity 0";
    let list: serde_json::Value = serde_json::from_str(&room.run(&format!("{line} --json")).data()).unwrap();
    let shown: Vec<&str> = list["posts"].as_array().unwrap().iter().filter_map(|post| post["id"].as_str()).collect();
    assert_eq!(shown.len(), 3);
    let story = list["posts"].as_array().unwrap().iter().find(|post| post["id"] == "cold").unwrap();
    assert_eq!(story["also"], serde_json::json!(["card", "copy"]));
    let told = |at: usize| {
        let copy = &story["also_in"][at];
        (copy["source"].clone(), copy["role"].clone(), copy["evidence"]["kind"].clone(), copy["original_by"].clone())
    };
    assert_eq!(told(1), ("Digest".into(), "copy".into(), "page".into(), "whole-text".into()));
    assert_eq!(told(0), ("Mirror".into(), "copy".into(), "words".into(), "older".into()));
    let table = room.run(line).data();
    let expect = "also in Digest, as “Bread in the fridge” (the same page; this is";
    assert!(table.contains(expect), "{table}");
    let page = room.run(&format!("{line} --format md")).data();
    assert!(page.contains("   - also in Mirror, as “Why bread rises in the cold \\| Mirror” (100 % of the"), "{page}");
}

#[test]
fn a_copy_is_never_related_to_its_original_and_explain_says_why() {
    let room = room();
    for id in ["cold", "card", "copy"] {
        let lines = room.run(&format!("related {id} --min-score=-1 --format jsonl")).data();
        assert_eq!(lines.lines().count(), 3, "{lines}");
    }
    let explained = room.run("explain card cold --json").data();
    let explained: serde_json::Value = serde_json::from_str(&explained).unwrap();
    assert_eq!(explained["verdict"], "duplicate");
    let expect = serde_json::json!({"kind": "same-story", "evidence": {"kind": "page"}});
    assert_eq!(explained["post"]["relation"], expect);
    let why = room.run("explain rye copy --min-score=-1").data();
    assert!(why.contains("not shown: cold tells the same story and stands for it"), "{why}");
}

#[test]
fn a_newer_take_is_told_with_what_differs() {
    let room = room();
    let explained = room.run("explain ovens ovens-new --json").data();
    let explained: serde_json::Value = serde_json::from_str(&explained).unwrap();
    let expect = serde_json::json!({"kind": "newer-take", "days": 31, "from": ["1.2"], "to": ["1.3"], "words": []});
    assert_eq!(explained["post"]["relation"], expect);
    let table = room.run("explain ovens-new ovens").data();
    assert!(table.contains("older take: the same title but for 1.3 → 1.2"), "{table}");
}
