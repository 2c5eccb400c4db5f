//! Do authors have the last word? Pins, blocks, cornerstones, hidden posts, posts without a list.

use std::fs;

use serde_json::{Value, json};

use super::room::Room;

/// Posts about bread, nearly alike, and one about ships.
fn site() -> Room {
    let room = Room::empty();
    let words = ["flour", "dough", "oven", "crust", "salt", "yeast"];
    for word in words {
        let body =
            format!("Rye bread needs {word}. A dough of rye rises over night and is baked in a hot oven of stone.");
        post(&room, word, &format!("Rye bread and its {word}"), "", &body);
    }
    post(&room, "ships", "Steam ships", "", "Steam drives the screw of a ship from harbour to harbour in any wind.");
    room.run("index site").notes();
    room
}

fn post(room: &Room, name: &str, title: &str, wishes: &str, body: &str) {
    room.write(&format!("site/{name}.md"), format!("---\ntitle: {title}\n{wishes}---\n{body}\n"));
}

/// Gives a post wishes and reads it again; nothing is embedded.
fn wish(room: &Room, name: &str, wishes: &str) -> String {
    let path = format!("site/{name}.md");
    let text = fs::read_to_string(room.path(&path)).unwrap();
    let (head, rest) = text.split_once('\n').unwrap().1.split_once("---\n").unwrap();
    let title = head.lines().next().unwrap();
    room.write(&path, format!("---\n{title}\n{wishes}---\n{rest}"));
    let said = room.run("index").notes();
    assert!(said.contains("; 0 embedded"), "{said}");
    said
}

fn related(room: &Room, line: &str) -> (Vec<String>, Value) {
    let list: Value =
        serde_json::from_str(&room.run(&format!("related {line} --json --min-score 0.1")).data()).unwrap();
    let ids = list["posts"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap().to_owned());
    (ids.collect(), list)
}

fn verdict(room: &Room, a: &str, b: &str) -> (String, String) {
    let found: Value = serde_json::from_str(&room.run(&format!("explain {a} {b} --json")).data()).unwrap();
    let word = |name: &str| found[name].as_str().unwrap().to_owned();
    (word("verdict"), word("verdict_words"))
}

#[test]
fn pins_come_first_whatever_their_score() {
    let room = site();
    let (before, _) = related(&room, "flour -n 3");
    assert!(before.len() == 3 && !before.contains(&"ships".to_owned()), "{before:?}");
    wish(&room, "flour", "nextread:\n  pin: [ships.md, yeast]\n");
    let (ids, list) = related(&room, "flour -n 3");
    assert_eq!((&ids[..2], ids.len()), (&["ships".to_owned(), "yeast".to_owned()][..], 3), "{ids:?}");
    assert_eq!((&list["posts"][0]["pinned"], list["posts"][2].get("pinned")), (&json!(true), None));
    assert!(room.run("related flour -n 3").data().contains("pinned"), "the table tells it, too");
    assert_eq!(
        verdict(&room, "flour", "ships"),
        ("pinned".to_owned(), "pinned at place 1 of `related`, whatever its score".to_owned())
    );
    let links: Value = serde_json::from_str(&room.run("links --json --key id -n 3 --min-score 0.1").stdout).unwrap();
    let of_flour = links["posts"].as_array().unwrap().iter().find(|post| post["key"] == "flour").unwrap();
    assert_eq!(of_flour["links"][0]["id"], "ships");
    assert_eq!(of_flour["links"][0]["pinned"], json!(true));
    // Both pins are shown where fewer are asked for, and the judgments of the author's own lists know nothing of them.
    assert_eq!(related(&room, "flour -n 1").0, ["ships", "yeast"]);
    let said = room.run("eval links site --by related --retriever bm25").error(1);
    assert!(said.contains("there is nothing to measure against"), "{said}");
}

#[test]
fn blocked_and_hidden_posts_stay_out() {
    let room = site();
    let (before, _) = related(&room, "flour -n 3");
    wish(&room, "flour", &format!("nextread:\n  block: {}\n", before[0]));
    wish(&room, &before[1], "nextread:\n  hidden: true\n");
    let (ids, list) = related(&room, "flour -n 3");
    assert!(!ids.contains(&before[0]) && !ids.contains(&before[1]), "{ids:?}");
    assert_eq!(list["left_out"]["by_author"], json!(2));
    let (word, words) = verdict(&room, "flour", &before[0]);
    assert!(word == "filtered" && words.contains("blocked for that post"), "{words}");
    assert!(verdict(&room, "flour", &before[1]).1.contains("hidden from all lists"));
    // Blocked for one post is not blocked for another.
    assert!(related(&room, &format!("{} -n 6", before[2])).0.contains(&before[0]));
    let links: Value = serde_json::from_str(&room.run("links --json --key id -n 6 --min-score -1").stdout).unwrap();
    let to: Vec<&Value> =
        links["posts"].as_array().unwrap().iter().flat_map(|post| post["links"].as_array().unwrap()).collect();
    assert!(!to.iter().any(|link| link["id"] == before[1].as_str()));
    let audit: Value = serde_json::from_str(&room.run("audit --json").data()).unwrap();
    assert!(!audit["checks"][0]["found"].to_string().contains(&before[1]), "{audit}");
}

#[test]
fn a_post_may_have_no_list() {
    let room = site();
    room.run("links --format hugo --site site --key id --min-score 0.1").notes();
    wish(&room, "flour", "nextread:\n  list: false\n");
    let said = room.run("related flour");
    assert!(said.code == Some(0) && said.stderr.contains("flour wants no list: `list: false`"), "{said:?}");
    assert!(related(&room, "flour").0.is_empty());
    assert_eq!(verdict(&room, "flour", "dough").0, "no-list");
    let diff = room.run("links --format hugo --site site --key id --min-score 0.1 --diff").data();
    assert!(diff.contains("the post wants no list"), "{diff}");
    let said = room.run("links --format hugo --site site --key id --min-score 0.1").notes();
    assert!(said.contains("1 that want none") && !said.contains("none for flour"), "{said}");
    let data: Value = serde_json::from_str(&fs::read_to_string(room.path("site/data/related.json")).unwrap()).unwrap();
    assert_eq!(data["flour"], json!([]));
}

#[test]
fn cornerstones_are_taken_among_near_equals() {
    let room = site();
    let (all, list) = related(&room, "flour -n 5 --diversity 0");
    let score = |at: usize| list["posts"][at]["score"].as_f64().unwrap();
    let near = (1..5).find(|&at| score(at) * 1.1 > score(0)).expect("near-equal posts");
    wish(&room, &all[near], "nextread:\n  cornerstone: true\n");
    let (ids, list) = related(&room, "flour -n 1 --diversity 0");
    assert_eq!(ids, [all[near].clone()]);
    assert_eq!(list["posts"][0]["score"].as_f64().unwrap(), score(near), "the score is what it was");
    // Not before what is much better.
    wish(&room, "ships", "nextread:\n  cornerstone: true\n");
    assert!(!related(&room, "flour -n 5 --diversity 0 ").0.contains(&"ships".to_owned()));
}

#[test]
fn the_configuration_file_has_the_last_word() {
    let room = site();
    wish(&room, "flour", "nextread:\n  pin: [ships]\n  list: false\n");
    room.write(
        "nextread.toml",
        "limit = 2\n\n[posts.\"flour.md\"]\npin = [\"salt\"]\nlist = true\n\n[posts.ships]\nhidden = true\n",
    );
    assert_eq!(related(&room, "flour").0[0], "salt");
    let config = room.run("config").data();
    assert!(
        config.contains("[posts.\"flour.md\"]  # ROOM/nextread.toml:3\npin = [\"salt\"]\nlist = true\n"),
        "{config}"
    );
    for (toml, expect) in [
        ("[posts.flour]\nblok = []\n", "nextread.toml:2: unknown key \"blok\"; did you mean \"block\"?"),
        ("[post.flour]\n", "unknown key \"post\"; did you mean \"posts\"?"),
        ("[posts.flour]\nlist = true\n[posts.\"flour.md\"]\nlist = true\n", "are one post; keep one"),
    ] {
        room.write("nextread.toml", toml);
        let error = room.run("related flour").error(2);
        assert!(error.contains(expect), "{error}");
    }
    room.write("nextread.toml", "[posts.nobody]\nhidden = true\n\n[posts.salt]\npin = [\"nowhere\", \"oven\"]\n");
    let said = room.run("related salt").stderr;
    assert!(said.contains("nextread.toml:1: no post is called \"nobody\""), "{said}");
    assert!(said.contains("salt: \"nowhere\" in `nextread`: no post is called so"), "{said}");
}

#[test]
fn wishes_that_cannot_be_read_are_told_with_their_place() {
    let room = site();
    let said = wish(&room, "flour", "nextread:\n  pins: [ships]\n  list: maybe\n");
    assert!(
        said.contains("site/flour.md: in `nextread`: unknown key \"pins\"; did you mean \"pin\"?; left out"),
        "{said}"
    );
    assert!(said.contains("list must be true or false"), "{said}");
    let records = [
        json!({"id": "a", "title": "Bread", "nextread": {"pin": ["c"]}}),
        json!({"id": "b", "title": "Bread again", "nextread.hidden": "true"}),
        json!({"id": "c", "title": "Ships"}),
    ];
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    room.feed("index - --source records", lines.as_bytes()).notes();
    assert_eq!(related(&room, "a").0[0], "c");
    assert!(verdict(&room, "a", "b").1.contains("hidden from all lists"));
}

#[test]
fn a_filling_minds_what_authors_hide() {
    let room = site();
    wish(&room, "salt", "nextread:\n  hidden: true\n");
    wish(&room, "flour", "nextread:\n  block: [yeast]\n");
    let lists = [
        related(&room, "flour -n 9 --fallback recent").0,
        related(&room, "--draft site/flour.md -n 9 --fallback recent").0,
    ];
    assert!(lists.iter().all(|ids| ids.contains(&"ships".to_owned())), "{lists:?}");
    assert!(lists.iter().all(|ids| !ids.contains(&"salt".to_owned())), "{lists:?}");
    assert!(!lists[0].contains(&"yeast".to_owned()), "{lists:?}");
}

#[test]
fn a_setting_may_name_the_file() {
    let room = site();
    room.write("nextread.toml", "[posts.\"site/flour.md\"]\npin = [\"ships\"]\n");
    assert_eq!(related(&room, "flour").0[0], "ships");
    room.write("nextread.toml", "block = [\"site/oven.md\", \"ov\"]\n");
    let said = room.run("related flour");
    assert!(said.stderr.contains("1 blocked by"), "{}", said.stderr);
    assert!(!related(&room, "flour -n 9").0.contains(&"oven".to_owned()));
}
