//! Does `next` do what a reader asks for, and `related` what a filter asks for?

use super::room::{Room, field};

fn ids(data: &str) -> Vec<String> {
    let parsed: serde_json::Value = serde_json::from_str(data).unwrap();
    parsed["posts"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_reader_of_whom_nothing_is_known_is_shown_where_to_begin() {
    let room = Room::with_store();
    let said = room.run("next --json -n 3");
    assert!(said.stderr.starts_with("nothing is known of what you like"), "{}", said.stderr);
    let start: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(start["asked"]["kind"], "cold-start");
    assert_eq!(start["posts"][0]["reasons"][0]["kind"], "central");
    assert!(start["posts"][0].get("parts").is_none());
    let first = ids(&said.stdout).remove(0);
    let without = room.run(&format!("next --json -n 3 --block {first}")).stdout;
    assert!(!ids(&without).contains(&first));
}

#[test]
fn words_and_dislikes_bend_the_list() {
    let room = Room::with_store();
    let mut words = ids(&room.run("next --json --more containers").data());
    words.retain(|id| id != "mount-mayhem");
    let liked = room.run("next --json --read jdk-vector-api mount-mayhem --min-score=-1 -n 71").data();
    let disliked = room
        .run(&format!("next --json --read jdk-vector-api mount-mayhem --min-score=-1 -n 71 --dislike {}", words[0]));
    let (liked, disliked) = (ids(&liked), ids(&disliked.stdout));
    assert!(disliked.len() < liked.len() && !disliked.contains(&words[0]) && liked.contains(&words[0]));
    assert!(room.run("next --more ''").error(2).contains("--more and --less need words"));
    let less = room.run("next --json --read jdk-vector-api mount-mayhem --min-score=-1 -n 71 --less containers");
    assert!(ids(&less.stdout).len() < liked.len() - 1, "{}", less.stderr);
    assert!(less.stderr.contains("nearer to what you dislike than to what you like"), "{}", less.stderr);
}

#[test]
fn ratings_say_what_was_disliked() {
    let room = Room::with_store();
    room.write("h.csv", "id,rating\njdk-vector-api,5\nmount-mayhem,1\n");
    let said = room.run("next --json --history h.csv");
    assert!(said.stderr.contains("1 post of h.csv disliked: rated 2 or less of 5"), "{}", said.stderr);
    let parsed: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(parsed["asked"]["disliked"], serde_json::json!(["mount-mayhem"]));
}

#[test]
fn filters_keep_out_and_say_so() {
    let room = Room::with_store();
    let tagged = room.run("related mount-mayhem --tag containers --min-score=-1 --json").stdout;
    let parsed: serde_json::Value = serde_json::from_str(&tagged).unwrap();
    let posts = parsed["posts"].as_array().unwrap();
    assert!(!posts.is_empty() && parsed["left_out"]["filtered"].as_u64().unwrap() > 0);
    assert!(posts.iter().all(|post| post["tags"].as_array().unwrap().contains(&"containers".into())));
    let said = room.run("related mount-mayhem --tag nowhere");
    assert_eq!(said.stdout, "");
    assert!(said.stderr.starts_with("no post has the tag \"nowhere\"\n0 shown of at most 5: "), "{}", said.stderr);
    let one = room.run("search containers --per-source 1 --min-score=-1");
    assert!(one.stderr.contains("over the most of one source, author or series"), "{}", one.stderr);
    let error = room.run("related mount-mayhem --since yesterday").error(2);
    assert!(error.contains("no date; write 2026, 2026-05 or 2026-05-20"), "{error}");
    let why = room.run("explain mount-mayhem noisy-neighbor-ebpf --tag nowhere").stdout;
    assert!(why.contains("without --tag"), "{why}");
}

#[test]
fn the_key_block_holds_for_every_question() {
    let room = Room::with_store();
    let first = ids(&room.run("related mount-mayhem --json").data()).remove(0);
    room.write("nextread.toml", format!("block = [\"{first}\", \"gone-long-ago\"]\n"));
    let said = room.run("related mount-mayhem --json");
    assert!(!ids(&said.stdout).contains(&first));
    assert!(said.stderr.contains("1 blocked by") && said.stderr.contains("\"gone-long-ago\""), "{}", said.stderr);
    assert!(room.run("config").stdout.contains(&format!("block = [\"{first}\", \"gone-long-ago\"]")));
    room.write("nextread.toml", "block = \"one\"\n");
    assert!(room.run("related mount-mayhem").error(2).contains("block must be a list of texts in quotes"));
}

#[test]
fn a_draft_is_asked_for_without_being_indexed() {
    let room = Room::with_store();
    room.write(
        "draft.md",
        "---\ntitle: Containers that mount too much\ndraft: true\n---\n\nHow containers mount file systems.\n",
    );
    let said = room.run("related --draft draft.md --json --min-score=-1").data();
    let parsed: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(parsed["asked"], serde_json::json!({"kind": "draft", "title": "Containers that mount too much"}));
    assert!(!ids(&said).is_empty());
    let next = room.run("next --draft draft.md --json --min-score=-1").stdout;
    assert!(next.contains("because-wished"), "{next}");
    room.write("two.jsonl", "{\"id\": \"a\", \"title\": \"A\"}\n{\"id\": \"b\", \"title\": \"B\"}\n");
    assert!(room.run("related --draft two.jsonl").error(2).contains("more than one post"));
    room.write("none.jsonl", "{}\n");
    assert!(room.run("related --draft none.jsonl").error(2).contains("no post could be read from it"));
}

#[test]
fn a_seed_shuffles_equals_the_same_way() {
    let room = Room::with_store();
    let ask = |seed: u32| {
        room.run(&format!("next --read mount-mayhem --min-score=-1 -n 71 --format jsonl --seed {seed}")).stdout
    };
    assert_eq!(ask(1), ask(1));
    assert_ne!(field(&ask(1), "id"), field(&ask(2), "id"));
}

#[test]
fn eval_next_sets_systems_side_by_side() {
    let room = Room::with_store();
    room.write("h.jsonl", "{\"read\": [\"mount-mayhem\"], \"next\": [[\"noisy-neighbor-ebpf\"], [\"vmaf\"]]}\n{\"read\": [], \"next\": [\"x\"]}\n");
    let said = room.run("eval next h.jsonl --format jsonl -m R@10");
    let systems = field(&said.stdout, "system");
    assert_eq!(systems[0], "nextread");
    assert_eq!(systems.len(), 5);
    assert!(
        said.stderr.contains("1 id of no post left out") && said.stderr.contains("1 of 2 histories left out"),
        "{}",
        said.stderr
    );
    room.write("bad.jsonl", "{\"read\": 1}\n");
    assert!(room.run("eval next bad.jsonl").error(1).contains("bad.jsonl:1: "));
}
