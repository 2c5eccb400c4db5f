//! Does `path` build up? Orders that bodies tell, goals, tours, budgets, and what each step says for itself.

use serde_json::Value;

use super::room::{Room, field};

/// A bakery's blog: what each post needs is in its body only.
fn bakery() -> Room {
    let room = Room::empty();
    let posts = [
        (
            "loaf",
            "A loaf of rye",
            "A loaf from the oven.",
            "You have already seen how sour dough rises. It goes into a hot oven as it is.",
        ),
        (
            "dough",
            "Sour dough",
            "A dough of rye that rises.",
            "Rye flour and water stand for a day. Yeasts come by themselves, more yeasts every day.",
        ),
        (
            "flour",
            "Introduction to rye flour",
            "Flour from the mill.",
            "We will grind grain in a mill. Later posts bake with it, as a mill is only the beginning.",
        ),
        (
            "crumb",
            "Advanced crumbs",
            "Cutting a loaf.",
            "A loaf of rye is cut on the next day. Remember what the sour dough did.",
        ),
        ("ships", "Ships", "Steamers on the sea.", "Steam drives a screw."),
    ];
    for (name, title, summary, body) in posts {
        room.write(&format!("content/{name}.md"), format!("---\ntitle: {title}\nsummary: {summary}\n---\n{body}\n"));
    }
    room.run("index content --source Bakery").notes();
    room
}

fn json(room: &Room, line: &str) -> Value {
    serde_json::from_str(&room.run(&format!("{line} --json")).data()).unwrap()
}

fn ids(list: &Value) -> Vec<&str> {
    list["posts"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap()).collect()
}

#[test]
fn a_topic_is_read_in_the_order_that_bodies_tell() {
    let room = bakery();
    let list = json(&room, "path rye bread and flour --min-score 0.15");
    assert_eq!(ids(&list), ["flour", "dough", "loaf", "crumb"]);
    let reasons = |step: usize| list["posts"][step]["reasons"].as_array().unwrap().clone();
    assert!(reasons(0).contains(&serde_json::json!({"kind": "title", "place": "first", "words": "introduction"})));
    let uses = serde_json::json!({
        "kind": "uses", "subject": "Sour dough", "of": {"id": "dough", "step": 2},
        "sentence": "You have already seen how sour dough rises.", "looks_back": true
    });
    assert!(reasons(2).contains(&uses), "{:?}", reasons(2));
    let table = room.run("path rye bread and flour --min-score 0.15").data();
    assert!(table.contains("\u{2022} introduces \u{201c}Sour dough\u{201d}, which steps 3 and 4 use"), "{table}");
    assert_eq!(room.run("path rye bread and flour --min-score 0.15").data(), table);
}

#[test]
fn before_a_goal_comes_what_it_speaks_of() {
    let room = bakery();
    let list = json(&room, "path --goal loaf");
    assert_eq!(list["asked"], serde_json::json!({"kind": "goal", "id": "loaf", "title": "A loaf of rye"}));
    let posts = ids(&list);
    assert_eq!(posts.last(), Some(&"loaf"));
    assert!(posts.contains(&"dough") && !posts.contains(&"crumb") && !posts.contains(&"ships"), "{posts:?}");
    assert_eq!(ids(&json(&room, "path --goal loaf -n 1")), ["loaf"]);
    let said = room.run("path --goal loaf --minutes 2");
    assert!(said.stderr.starts_with("2 minutes in all"), "{}", said.stderr);
    assert_eq!(room.run("path --goal loaf --minutes 2 --format jsonl").data().lines().count(), 2);
    let alone = room.run("path --goal ships");
    assert!(alone.stderr.contains("none of them to be read before it; --min-score admits more"), "{}", alone.stderr);
    assert!(room.run("path --goal nobody").error(2).contains("\"nobody\""));
}

#[test]
fn a_goal_that_is_too_long_is_told() {
    let room = Room::with_store();
    let said = room.run("path --goal vmaf --minutes 1");
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""));
    assert_eq!(said.stderr, "the post alone takes more than 1 minute; allow more with --minutes\n");
    let parts = field(&room.run("path --goal analytics-survey-part-3 -n 3 --format jsonl").data(), "id");
    assert_eq!(parts, [1, 2, 3].map(|part| format!("analytics-survey-part-{part}")));
}

#[test]
fn a_tour_shows_a_source_within_its_minutes() {
    let room = Room::with_store();
    let list = json(&room, "path --start-here -n 5");
    assert_eq!(list["asked"], serde_json::json!({"kind": "tour"}));
    assert_eq!(ids(&list).len(), 5);
    let stands_for = |post: &Value| {
        let reasons = post["reasons"].as_array().unwrap();
        reasons.iter().find(|reason| reason["kind"] == "stands-for").unwrap()["posts"].as_u64().unwrap()
    };
    assert_eq!(list["posts"].as_array().unwrap().iter().map(stands_for).sum::<u64>(), 71);
    let named = json(&room, "path --start-here 'netflix techblog' -n 5");
    assert_eq!(ids(&named), ids(&list));
    let said = room.run("path --start-here --minutes 15 --format jsonl");
    assert!(said.stderr.starts_with("14 minutes in all; 2 of 2 posts have no text"), "{}", said.stderr);
    let said = room.run("path --start-here --minutes 1");
    assert_eq!(said.stderr, "no post fits into 1 minute; allow more with --minutes\n");
    let error = room.run("path --start-here 'Netflix Techblogs'").error(2);
    assert_eq!(error, "error: no post is of the source \"Netflix Techblogs\"; did you mean \"Netflix TechBlog\"?");
    for line in ["path caches --start-here x", "path --goal vmaf --start-here", "path caches --goal vmaf"] {
        assert_eq!(room.run(line).code, Some(2), "{line}");
    }
}

#[test]
fn ends_against_their_series_stay_as_asked_and_it_is_told() {
    let room = Room::with_store();
    let said = room.run("path --from analytics-survey-part-3 --to analytics-survey-part-1 --format jsonl");
    let expect = "part 3 of \u{201c}A Survey of Analytics Engineering Work at Netflix\u{201d} comes before part 1 here, \
                  as was asked; the series has them the other way round\n";
    assert!(said.stderr.starts_with(expect), "{}", said.stderr);
    let ids = field(&said.data(), "id");
    assert_eq!(
        (ids.first().unwrap().as_str(), ids.last().unwrap().as_str()),
        ("analytics-survey-part-3", "analytics-survey-part-1")
    );
}
