//! What fills a short list, and is it marked as such in every form?

use super::room::Room;

fn posts(room: &Room, line: &str) -> Vec<serde_json::Value> {
    let list: serde_json::Value = serde_json::from_str(&room.run(&format!("{line} --json")).data()).unwrap();
    list["posts"].as_array().unwrap().clone()
}

#[test]
fn the_newest_posts_fill_a_list_after_all_that_is_related() {
    let room = Room::with_store();
    let line = "related graph-abstraction-part-1 -n 4 --min-score 0.3 --fallback recent";
    let shown = posts(&room, line);
    let is_filler = |post: &serde_json::Value| post["fallback"] == "recent";
    let related = shown.iter().take_while(|post| !is_filler(post)).count();
    assert!((1..4).contains(&related) && shown.len() == 4, "{shown:?}");
    for (at, post) in shown.iter().enumerate() {
        assert_eq!(post["rank"], at + 1);
        assert_eq!(post.get("score").is_none(), at >= related, "{post}");
        assert_eq!((is_filler(post), post["id"] == "graph-abstraction-part-1"), (at >= related, false), "{post}");
    }
    let filler = &shown[3];
    assert!(["parts", "closer_than", "relation"].iter().all(|name| filler.get(name).is_none()), "{filler}");
    let dates: Vec<&str> = shown[related..].iter().filter_map(|post| post["date"].as_str()).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b) && dates[0].starts_with("2026"), "{dates:?}");

    let table = room.run(line);
    assert!(
        table
            .stderr
            .contains(&format!("{} posts to fill the list, not similar enough (--fallback recent)", 4 - related))
    );
    let table = table.data();
    assert_eq!(table.matches("fallback, not similar enough: one of the newest").count(), 4 - related, "{table}");
    assert!(table.contains(" \u{2013}  "), "{table}");
    let page = room.run(&format!("{line} --format md")).data();
    assert_eq!(page.matches("   - fallback, not similar enough: one of the newest").count(), 4 - related, "{page}");
    let lines = room.run(&format!("{line} --format jsonl")).data();
    assert_eq!(lines.matches("\"fallback\":\"recent\"").count(), 4 - related, "{lines}");
}

#[test]
fn a_section_fills_with_the_same_tags_and_says_so() {
    let room = Room::with_store();
    let shown = posts(&room, "related vmaf -n 3 --min-score 0.9 --fallback section");
    assert_eq!(shown.len(), 3);
    for post in &shown {
        assert_eq!(post["fallback"], "section");
        assert_eq!(post["reasons"][0]["kind"], "section");
    }
    let table = room.run("related vmaf -n 3 --min-score 0.9 --fallback section").data();
    assert!(table.contains("fallback, not similar enough: both tagged"), "{table}");
    // A key of the file does the same, and a flag takes it back.
    room.write("nextread.toml", "fallback = \"section\"\n");
    assert_eq!(room.run("related vmaf -n 3 --min-score 0.9").data(), table);
    assert_eq!(room.run("related vmaf --min-score 0.9 --fallback none").data(), "");
}

#[test]
fn what_was_read_and_lists_that_are_full_are_not_filled() {
    let room = Room::with_store();
    let newest = posts(&room, "related vmaf -n 2 --min-score 0.9 --fallback recent");
    let [a, b] = [0, 1].map(|at: usize| newest[at]["id"].as_str().unwrap().to_owned());
    let next = posts(&room, &format!("next --read {a} {b} -n 9 --min-score 0.9 --fallback recent"));
    assert_eq!(next.len(), 9);
    assert!(next.iter().all(|post| post["id"] != a.as_str() && post["id"] != b.as_str()));
    let full = room.run("related graph-abstraction-part-1 -n 2");
    assert_eq!(room.run("related graph-abstraction-part-1 -n 2 --fallback recent").data(), full.data());
    let search = room.run("search vectors --min-score 0.99 --fallback section");
    assert!(search.stderr.contains("there is no section to fill the list from"), "{}", search.stderr);
    assert_eq!(search.data(), "");
    assert_eq!(posts(&room, "search vectors --min-score 0.99 --fallback recent").len(), 5);
    assert!(room.run("related vmaf --fallback all").error(2).contains("'all'"));
}
