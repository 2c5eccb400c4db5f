//! What do the verbs answer on the shipped corpus?

use super::room::{CORPUS, Room, field};

#[test]
fn a_post_is_found_by_id_url_title_or_the_beginning_of_its_id() {
    let room = Room::with_store();
    let by_id = room.run("related jdk-vector-api --json").data();
    let url = "https://netflixtechblog.com/optimizing-recommendation-systems-with-jdks-vector-api-30d2830401ec";
    for word in [url, "'Optimizing Recommendation Systems with JDK\u{2019}s Vector API'", "jdk-v"] {
        assert_eq!(room.run(&format!("related {word} --json")).data(), by_id, "{word}");
    }
}

#[test]
fn a_post_is_found_by_its_file_from_anywhere() {
    let room = Room::empty();
    for (name, title) in [("content/third.md", "Cold caches"), ("content/deep/third.md", "Warm caches")] {
        room.write(name, format!("---\ntitle: {title}\n---\nAbout {title}.\n"));
    }
    room.run("index content").notes();
    for (folder, word, expect) in [
        (".", "content/third.md", "Cold caches"),
        (".", "./content/deep/third.md", "Warm caches"),
        ("content", "third.md", "Cold caches"),
        ("content/deep", "../deep/third.md", "Warm caches"),
    ] {
        let mut command = room.command(&format!("related {word} --json"));
        let said = room.said(command.current_dir(room.path(folder)).output().unwrap()).data();
        let list: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(list["asked"]["title"], expect, "{word} in {folder}");
    }
    room.run("history add content/deep/third.md").notes();
    assert_eq!(field(&room.run("history list --format jsonl").data(), "post"), ["deep/third"]);
}

#[test]
fn a_post_that_is_not_there_is_a_usage_error_with_the_nearest_names() {
    let room = Room::with_store();
    for (word, expect) in [
        ("jdk-vector-apo", "no post is called \"jdk-vector-apo\"; did you mean jdk-vector-api, "),
        ("zzzzqqq", "no post is called \"zzzzqqq\"; `nextread search \"zzzzqqq\"` looks for its subject"),
        (
            "analytics-survey",
            "\"analytics-survey\" names 3 posts: analytics-survey-part-1, analytics-survey-part-2, \
             analytics-survey-part-3; use an id",
        ),
    ] {
        let error = room.run(&format!("related {word}")).error(2);
        assert!(error.starts_with(&format!("error: {expect}")), "{error}");
    }
    assert!(room.run("next --read nobody").error(2).contains("\"nobody\""));
    assert!(room.run("path --from vmaf --to nobody").error(2).contains("\"nobody\""));
    assert!(room.run("history add vmaf nobody").error(2).contains("\"nobody\""));
    assert!(room.run("history list").notes().contains("empty"));
}

#[test]
fn next_never_shows_what_was_read() {
    let room = Room::with_store();
    let ids = |line: &str| field(&room.run(&format!("{line} --format jsonl")).data(), "id");
    let first = ids("next --read write-ahead-log");
    assert_eq!(first.len(), 5);
    let second = ids(&format!("next --read write-ahead-log {}", first.join(" ")));
    assert!(second.iter().all(|id| id != "write-ahead-log" && !first.contains(id)), "{first:?} then {second:?}");
    let everything = ids("next --read jdk-vector-api -n 100 --min-score=-1");
    assert_eq!(everything.len(), 70);
    assert!(!everything.iter().any(|id| id == "jdk-vector-api"));
}

#[test]
fn a_path_along_a_topic_takes_the_parts_of_a_series_in_order() {
    let room = Room::with_store();
    let said = room.run("path analytics engineering --format jsonl --minutes 22");
    assert_eq!(said.stderr, "21 minutes in all; 3 of 3 posts have no text to measure and count 7 minutes each\n");
    let parts = [1, 2, 3].map(|part| format!("analytics-survey-part-{part}"));
    assert_eq!(field(&said.data(), "id"), parts);

    let said = room.run("path analytics --minutes 1");
    assert!(said.stderr.ends_with("but none fits into 1 minute; allow more with --minutes\n"), "{}", said.stderr);
    assert_eq!(said.data(), "");
    let said = room.run("path zebra --min-score 0.9");
    assert!(said.stderr.starts_with("no post is near enough to the topic: the nearest is "), "{}", said.stderr);
    assert_eq!(said.data(), "");
}

#[test]
fn a_path_between_two_posts_begins_and_ends_with_them() {
    let room = Room::with_store();
    let said = room.run("path --from maestro-introduction --to pushy-websocket-proxy --format jsonl");
    let ids = field(&said.data(), "id");
    assert_eq!(ids.first().map(String::as_str), Some("maestro-introduction"));
    assert_eq!(ids.last().map(String::as_str), Some("pushy-websocket-proxy"));
    let said = room.run("path --from vmaf --to jdk-vector-api --minutes 1");
    assert_eq!(said.stderr, "the two posts alone take more than 1 minute; allow more with --minutes\n");
    assert_eq!(said.data(), "");
    let error = room.run("path --from vmaf --to jdk-vector-api -n 1").error(2);
    assert_eq!(error, "error: a path from one post to another has at least two; raise --limit");
    let error = room.run("path --from vmaf --to vmaf").error(2);
    assert_eq!(error, "error: two different posts are needed, not \"vmaf\" twice; name another");
}

#[test]
fn search_finds_posts_about_words() {
    let room = Room::with_store();
    let found = field(&room.run("search how do video codecs save bandwidth --format jsonl").data(), "id");
    assert!(found.iter().any(|id| id.starts_with("av1")), "{found:?}");
    assert_eq!(room.run("search ' '").error(2), "error: there are no words to look for");
}

fn check_verdict(room: &Room, line: &str, verdict: &str, words: &str) {
    let said: serde_json::Value = serde_json::from_str(&room.run(&format!("explain {line} --json")).data()).unwrap();
    assert_eq!((said["verdict"].as_str(), said["verdict_words"].as_str()), (Some(verdict), Some(words)), "{line}");
}

#[test]
fn explain_says_why_a_post_is_shown_or_not_and_its_remedy_works() {
    let room = Room::with_store();
    check_verdict(&room, "vmaf av1-on-tv", "shown", "shown at place 1 of `related`");
    let remedy = "not shown: below the minimum score; --min-score 0.12 -n 30 --diversity 0 shows it";
    check_verdict(&room, "jdk-vector-api vmaf", "below-min-score", remedy);
    check_verdict(
        &room,
        "jdk-vector-api vmaf --min-score 0.12",
        "outranked",
        "not shown: place 30 by score; -n 30 --diversity 0 shows it",
    );
    let place = "shown at place 30 of `related`";
    check_verdict(&room, "jdk-vector-api vmaf --min-score 0.12 -n 30 --diversity 0", "shown", place);
    assert_eq!(
        room.run("explain vmaf vmaf").error(2),
        "error: two different posts are needed, not \"vmaf\" twice; name another"
    );
}

#[test]
fn duplicates_are_shown_once_and_explained() {
    let room = Room::empty();
    let post = |id: &str, title: &str| format!("{{\"id\": \"{id}\", \"title\": \"{title}\"}}\n");
    let posts = [("a", "Cold caches"), ("b", "Warm caches"), ("b2", "Warm caches"), ("a2", "Cold caches")];
    room.feed("index -", posts.map(|(id, title)| post(id, title)).concat().as_bytes()).notes();
    let said = room.run("related a --format jsonl");
    assert_eq!(said.stderr, "1 shown of at most 5: 2 are the same as another or as what you read\n");
    let shown: serde_json::Value = serde_json::from_str(&said.data()).unwrap();
    assert_eq!((shown["id"].as_str(), shown["also"][0].as_str()), (Some("b"), Some("b2")));
    check_verdict(&room, "a a2", "duplicate", "never shown: the two tell the same story");
    check_verdict(&room, "a b2", "stood-for", "not shown: b tells the same story and stands for it");
}

#[test]
fn the_model_is_listed_verified_and_located() {
    let room = Room::empty();
    let listed = room.run("model list");
    assert!(listed.stderr.starts_with("NEXTREAD_MODEL_DIR is set: "), "{}", listed.stderr);
    assert!(listed.data().contains("all-MiniLM-L6-v2  91 MB  Apache-2.0  384 dimensions"));
    let verified: serde_json::Value = serde_json::from_str(&room.run("model verify --json").data()).unwrap();
    assert_eq!((verified["sound"].as_bool(), verified["files"].as_array().unwrap().len()), (Some(true), 6));
    let path = room.run("model path").data();
    assert_eq!(path.trim_end(), crate::model_folder::model_folder().display().to_string());
}

#[test]
fn status_tells_what_the_store_holds() {
    let room = Room::with_store();
    let status: serde_json::Value = serde_json::from_str(&room.run("status --json").data()).unwrap();
    assert_eq!((status["posts"].as_u64(), status["history"].as_u64()), (Some(71), Some(0)));
    assert_eq!(status["spaces"][0]["embeddings"].as_u64(), Some(71));
    assert_eq!(status["damaged"].as_array().map(Vec::len), Some(0));
    assert!(room.run("status").data().contains("posts           71\n"));
}

#[test]
fn completions_are_for_known_shells() {
    let room = Room::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(room.run(&format!("completions {shell}")).data().contains("nextread"), "{shell}");
    }
    assert!(room.run("completions tcsh").error(2).contains("'tcsh'"));
}

#[test]
fn the_precision_of_stored_vectors_is_told_and_kept() {
    let room = Room::empty();
    room.feed("index - --precision balanced", CORPUS.as_bytes()).notes();
    assert!(room.run("status").data().contains("balanced\n"));
    let asked = room.run("search vectors --precision fast");
    let note =
        "the stored vectors are balanced, and so is the question's; `nextread index --precision fast` embeds anew";
    assert!(asked.stderr.contains(note), "{}", asked.stderr);
    assert_eq!(asked.data(), room.run("search vectors --precision balanced").data());
    assert!(!room.run("search vectors --precision balanced").stderr.contains("precision"));

    let indexed = room.feed("index - --precision fast", CORPUS.as_bytes());
    assert!(indexed.stderr.contains("71 unchanged; 71 embedded"), "{}", indexed.stderr);
    assert!(room.run("status").data().contains("fast\n"));
    assert!(!room.run("search vectors --precision fast").stderr.contains("precision"));
}
