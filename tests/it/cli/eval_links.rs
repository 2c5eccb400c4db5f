//! Does `eval links` judge by what a site's authors joined, and hide it from the ranking?

use super::room::Room;

/// Six posts about ovens and stars: two joined by links, three by tags, two by a series, two by a list.
fn site() -> Room {
    let room = Room::empty();
    let post = |name: &str, front: &str, body: &str| {
        room.write(&format!("content/{name}.md"), format!("---\n{front}\n---\n{body}\n"));
    };
    let starter = "title: A starter for rye\ntags: [bread, rye, all]\nsummary: Flour and water stand for five days.";
    post("2024-01-02-starter", starter, "Feed it, then see [How hot the oven is](/blog/2024/02/03/oven/).");
    let oven = "title: How hot the oven is\ntags: [bread, oven, all]\nsummary: A stone holds the heat of the fire.";
    post("2024-02-03-oven", oven, "It began with [the starter](2024-01-02-starter.md) and [a page](/about/).");
    let loaf = "title: The first loaf\ntags: [Rye, bread, all]\nrelated: [2024-01-02-starter.md]";
    post(
        "2024-03-04-loaf",
        loaf,
        "Read [How hot the oven is][o] before you bake it at home.\n\n[o]: {% post_url 2024-02-03-oven %}",
    );
    post(
        "2024-04-05-stars-1",
        "title: 'Stars, part 1'\ntags: [stars, all]\nsummary: Where to look at night.",
        "Look up.",
    );
    post(
        "2024-05-06-stars-2",
        "title: 'Stars, part 2'\ntags: [stars, all]\nsummary: What a lens is for.",
        "Look closer.",
    );
    room
}

#[test]
fn a_site_is_measured_by_its_own_links() {
    let room = site();
    let said = room.run("eval links content -m RR,Judged@2 --save out --format jsonl");
    let stderr = said.stderr.clone();
    let records: Vec<serde_json::Value> = said.data().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |against: &str| {
        let record = records.iter().find(|record| record["against"] == against).unwrap();
        (record["queries"].as_u64().unwrap(), record["judgments"].as_u64().unwrap())
    };
    assert_eq!((row("links"), row("series"), row("tags"), row("related")), ((3, 3), (2, 2), (4, 4), (1, 1)));
    for expect in [
        "5 links: 4 to other posts (4 pairs between different posts), 0 to the post itself, 0 to other sites or files, 1 to pages that are no post",
        "no post is meant by /about/ in 2024-02-03-oven",
        "tags: 2 tags on more than 20 % of the posts, or on more than 200, not counted (all, bread)",
        "links: 3 queries: too few to tell settings apart",
    ] {
        assert!(stderr.contains(expect), "{expect}: {stderr}");
    }
    let lists = &records.last().unwrap();
    assert_eq!((lists["against"].as_str(), lists["queries"].as_u64()), (Some("lists"), Some(5)));
    assert_eq!(lists["measures"]["coverage@5"], 1.0);
    let qrels = std::fs::read_to_string(room.path("out/links.qrels")).unwrap();
    assert!(qrels.contains("2024-03-04-loaf\t0\t2024-02-03-oven\t1"), "{qrels}");
    let run = std::fs::read_to_string(room.path("out/nextread/links.run")).unwrap();
    let answers_itself = |line: &str| line.split('\t').next() == line.split('\t').nth(2);
    assert!(run.lines().count() == 12 && !run.lines().any(answers_itself), "{run}");
}

/// The words of the link are the target's title: with them in the text, words alone would find it.
#[test]
fn words_of_links_are_hidden_from_the_ranking() {
    let room = Room::empty();
    room.write(
        "a.md",
        "---\ntitle: A\n---\nAll of this was said before in [Zebras of the quagga kind](b.md), for once.\n",
    );
    room.write("b.md", "---\ntitle: Zebras of the quagga kind\nsummary: Stripes.\n---\n");
    room.write("c.md", "---\ntitle: C\nsummary: All of this was said before.\n---\n");
    let said = room.run("eval links . --retriever bm25 --by links -m RR --format jsonl").data();
    let first: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((first["against"].as_str(), first["measures"]["RR"].as_f64()), (Some("links"), Some(0.0)));
}

#[test]
fn the_store_and_a_list_by_hand() {
    let room = site();
    room.run("index content").notes();
    room.write("related.tsv", "from\tto\n2024-01-02-starter\t2024-03-04-loaf.md\nnobody\t2024-02-03-oven\n");
    let said = room.run("eval links --by related --related related.tsv --retriever bm25 -m RR");
    assert!(said.stderr.contains("related.tsv: 1 name of no post left out, such as nobody"), "{}", said.stderr);
    assert!(said.data().contains("related  bm25       2        2"));
}

#[test]
fn what_cannot_be_measured_is_said() {
    let room = Room::empty();
    room.write("a.md", "---\ntitle: Alone\n---\nNothing.\n");
    let error = room.run("eval links a.md").error(1);
    assert!(error.contains("there is nothing to measure against: none of 1 post has a link to another"), "{error}");
    room.write("r.tsv", "from\tto\nx\ty\n");
    let error = room.run("eval links a.md --related r.tsv").error(1);
    assert!(error.contains("r.tsv: it names no post of the site: it has x, y, the site a; write ids"), "{error}");
    assert!(room.run("eval links -").error(2).contains("stdin cannot be read twice"));
    assert!(room.run("eval links a.md -m nDGC@10").error(2).contains("nDGC"));
}

/// Posts without a path, so that no path can be mistaken for a name that nothing has.
#[test]
fn unknown_names_in_a_related_list_make_no_judgment() {
    let room = Room::empty();
    let post =
        |id: &str| format!("{{\"id\": \"{id}\", \"title\": \"About {id}\", \"summary\": \"All about {id}.\"}}\n");
    room.write("posts.jsonl", ["a", "b", "c"].map(post).concat());
    room.write("r.tsv", "from\tto\nb\tnope\nunknown\tc\nb\tc\na\ta\n");
    let said = room.run("eval links posts.jsonl --by related --related r.tsv --retriever bm25 --save out");
    assert!(said.stderr.contains("r.tsv: 2 names of no post left out, such as nope, unknown"), "{}", said.stderr);
    assert!(said.stderr.contains("r.tsv: 1 row from a post to itself left out"), "{}", said.stderr);
    said.data();
    assert_eq!(std::fs::read_to_string(room.path("out/related.qrels")).unwrap(), "b\t0\tc\t1\n");
}
