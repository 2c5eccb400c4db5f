//! Is a folder read by the rules of its generator, and are they remembered with it?

use serde_json::Value;

use super::room::Room;

fn hugo_site() -> Room {
    let room = Room::empty();
    room.write("site/hugo.toml", "baseURL = 'https://x.example/'\n[permalinks]\nposts = '/:year/:slug/'\n");
    for (name, title, date) in
        [("a", "Rye bread", "2024-01-31"), ("b", "Sour dough", "2023-02-01"), ("c", "Old", "2020-01-01")]
    {
        let expired = if name == "c" { "expiryDate: 2021-01-01\n" } else { "" };
        let text = format!("---\ntitle: {title}\ndate: {date}\n{expired}---\n\nA loaf of rye bread and its dough.\n");
        room.write(&format!("site/content/posts/{name}.md"), text);
    }
    room
}

#[test]
fn links_are_keyed_by_the_addresses_of_the_site() {
    let room = hugo_site();
    let said = room.run("index site/content").notes();
    assert!(said.contains("2 posts in 3 files, 1 skipped (1 expired)"), "{said}");
    assert!(said.contains("a Hugo site (hugo.toml): addresses begin with https://x.example\n"), "{said}");
    let listing: Value = serde_json::from_str(&room.run("links --json --key permalink").stdout).unwrap();
    let mut keys: Vec<&str> =
        listing["posts"].as_array().unwrap().iter().map(|post| post["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["https://x.example/2023/sour-dough/", "https://x.example/2024/rye-bread/"]);
    let shown = room.run("related https://x.example/2024/rye-bread/ --json").data();
    assert!(shown.contains("https://x.example/2023/sour-dough/"), "{shown}");
}

#[test]
fn what_was_asked_for_is_kept_with_the_source() {
    let room = hugo_site();
    let said = room.run("index site/content --site-kind plain --expired").notes();
    assert!(said.contains("3 posts in 3 files\n") && !said.contains("Hugo"), "{said}");
    let again = room.run("index").notes();
    assert!(again.contains("3 posts in 3 files\n") && !again.contains("Hugo"), "{again}");
    let error = room.run("index site/content --site-kind wordpress").error(2);
    assert!(error.contains("'wordpress' for '--site-kind <NAME>'"), "{error}");
}

#[test]
fn a_configuration_that_is_torn_keeps_posts_and_addresses() {
    let room = hugo_site();
    room.write("site/hugo.toml", "baseURL = 'https://x.example/'\nbuildExpired = true\n");
    room.run("index site/content").notes();
    let stored = || room.run("links --json --key permalink").data();
    let before = stored();
    assert!(before.contains("https://x.example/posts/c/"), "{before}");
    room.write("site/hugo.toml", "baseURL = 'https://x.example/'\nbuildExpired = true\ntitle = 'x\n");
    let error = room.run("index site/content").error(1);
    assert!(error.contains("hugo.toml:3: the site's configuration cannot be read"), "{error}");
    let error = room.run("index").error(1);
    assert!(error.contains("1 source could not be read; their posts are kept"), "{error}");
    assert_eq!(stored(), before);
    let said = room.run("index site/content --site-kind plain --prune").notes();
    assert!(said.contains("3 posts in 3 files"), "{said}");
}

#[test]
fn html_posts_have_their_addresses() {
    let room = Room::empty();
    room.write("site/_config.yml", "url: https://x.example\n");
    for (name, title) in [("2024-01-31-a", "Rye bread"), ("2024-02-01-b", "Sour dough")] {
        let text = format!("---\ntitle: {title}\n---\n<p>A loaf of rye bread and its dough.</p>\n");
        room.write(&format!("site/_posts/{name}.html"), text);
    }
    let said = room.run("index site").notes();
    assert!(said.contains("2 posts in 2 files") && said.contains("a Jekyll site (_config.yml)"), "{said}");
    let keys = room.run("links --json --key permalink").data();
    assert!(keys.contains("https://x.example/2024/01/31/a.html"), "{keys}");
}
