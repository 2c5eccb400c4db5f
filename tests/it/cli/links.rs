//! Do related links get into a site, stay, and get out again? Data files, front matter, changes from build to build.

use std::fs;

use serde_json::{Value, json};

use super::room::Room;

const FLOUR: &str = "Rye flour is ground in a mill, water and flour make a sour dough that rises over night";
const OVEN: &str = "A hot oven bakes a loaf of rye until the crust is brown, and then the loaf cools";
const SHIPS: &str = "Steam drives the screw of a ship over the sea, from harbour to harbour in any wind";

/// A bakery's site with a folder for a generator: posts in three forms of front matter.
fn bakery() -> Room {
    let room = Room::empty();
    let yaml = |title: &str, body: &str| format!("---\ntitle: {title} # a title\ntags: [ 'x' ]\n---\n\n{body}.\n");
    room.write("site/content/posts/flour.md", yaml("Rye flour", FLOUR));
    room.write("site/content/posts/dough.md", yaml("Sour dough of rye flour", FLOUR).replace('\n', "\r\n"));
    room.write(
        "site/content/posts/oven.md",
        format!("+++\ntitle = \"Rye in the oven\"\n[extra]\nx = 1\n+++\n{OVEN}.\n"),
    );
    room.write("site/content/posts/loaf/index.md", format!("{{\n  \"title\": \"A rye loaf\"\n}}\n\n{OVEN}."));
    room.write("site/content/posts/ships.md", yaml("Ships", SHIPS));
    room.run("index site/content").notes();
    room
}

const HUGO: &str = "links --format hugo --site site --min-score 0.2 -n 2";

fn data(room: &Room, file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(room.path(file)).unwrap()).unwrap()
}

fn paths(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|link| link["path"].as_str().unwrap()).collect()
}

fn contents(room: &Room) -> Vec<(String, Vec<u8>)> {
    let names = ["flour.md", "dough.md", "oven.md", "loaf/index.md", "ships.md"];
    names.map(|name| (name.to_owned(), fs::read(room.path(&format!("site/content/posts/{name}"))).unwrap())).into()
}

#[test]
fn a_data_file_is_written_where_the_generator_reads_it() {
    let room = bakery();
    let said = room.run(HUGO).notes();
    assert!(said.contains("site/data/related.json: written"), "{said}");
    assert!(
        said.contains("5 posts and ") && said.contains("1 with none\n  none for posts/ships.md: the nearest, "),
        "{said}"
    );
    let lists = data(&room, "site/data/related.json");
    let names: Vec<&String> = lists.as_object().unwrap().keys().collect();
    assert!(names.is_sorted() && names.len() == 5, "{names:?}");
    assert!(paths(&lists["posts/oven.md"]).contains(&"posts/loaf/index.md"));
    assert_eq!(lists["posts/ships.md"], json!([]));
    assert_eq!(lists["posts/oven.md"][0].get("score"), None);
    let before = fs::metadata(room.path("site/data/related.json")).unwrap().modified().unwrap();
    let said = room.run(HUGO).notes();
    assert!(said.contains("unchanged, not written again") && said.contains("no link changed"), "{said}");
    assert_eq!(fs::metadata(room.path("site/data/related.json")).unwrap().modified().unwrap(), before);
}

#[test]
fn each_generator_has_its_place_and_its_paths() {
    let room = bakery();
    for (format, file, key) in [
        ("hugo", "data/related.json", "posts/oven.md"),
        ("zola", "data/related.json", "posts/oven.md"),
        ("jekyll", "_data/related.json", "content/posts/oven.md"),
        ("eleventy", "_data/related.json", "./content/posts/oven.md"),
        ("astro", "src/data/related.json", "content/posts/oven.md"),
    ] {
        room.run(&format!("links --format {format} --site site --afresh")).notes();
        assert!(data(&room, &format!("site/{file}")).get(key).is_some(), "{format}");
    }
    for (key, expect) in [("slug", "oven"), ("id", "posts/oven"), ("path", "posts/oven.md")] {
        let listing: Value = serde_json::from_str(&room.run(&format!("links --json --key {key}")).stdout).unwrap();
        let keys: Vec<&str> =
            listing["posts"].as_array().unwrap().iter().map(|post| post["key"].as_str().unwrap()).collect();
        assert!(keys.contains(&expect), "{key}: {keys:?}");
        assert_eq!((&listing["schema_version"], &listing["key"]), (&json!(1), &json!(key)));
    }
}

#[test]
fn links_are_those_of_related() {
    let room = Room::with_store();
    for options in ["", "--diversity 0.6 -n 4", "--since 2026-02 --per-series 1", "--min-score 0.3"] {
        let listing: Value =
            serde_json::from_str(&room.run(&format!("links --json --key id --scores {options}")).stdout).unwrap();
        let posts = listing["posts"].as_array().unwrap();
        assert_eq!(posts.len(), 71);
        for post in posts.iter().step_by(17) {
            let line = format!("related {} --json {options}", post["key"].as_str().unwrap());
            let related: Value = serde_json::from_str(&room.run(&line).data()).unwrap();
            let of = |list: &Value| -> Vec<(String, String)> {
                let list = list.as_array().unwrap().iter();
                list.map(|link| (link["id"].to_string(), link["score"].to_string())).collect()
            };
            assert_eq!(of(&post["links"]), of(&related["posts"]), "{line}");
        }
    }
}

#[test]
fn front_matter_is_written_and_given_back_byte_for_byte() {
    let room = bakery();
    let before = contents(&room);
    let line = "links --format front-matter --site site --generator hugo --min-score 0.2 -n 2";
    let diff = room.run(&format!("{line} --dry-run")).data();
    assert!(diff.contains("--- a/content/posts/flour.md\n+++ b/content/posts/flour.md\n"), "{diff}");
    assert!(diff.contains("+related:\n+  - \"posts/dough.md\"\n"), "{diff}");
    let lost: Vec<&str> = diff.lines().filter(|line| line.starts_with('-') && !line.starts_with("---")).collect();
    assert_eq!(lost, ["-  \"title\": \"A rye loaf\""], "only JSON needs a comma behind the last field");
    assert_eq!(contents(&room), before);
    let said = room.run(line).notes();
    assert!(said.contains("4 files written, 1 unchanged"), "{said}");
    let written = contents(&room);
    assert_ne!(written, before);
    assert!(room.run(line).notes().contains("0 files written, 5 unchanged"));
    assert_eq!(contents(&room), written);
    // What was written is no word of the author's: nothing is indexed anew.
    let said = room.run("index").notes();
    assert!(said.contains("5 unchanged"), "{said}");
    assert!(room.run("links --format front-matter --site site --remove").notes().contains("4 files written"));
    assert_eq!(contents(&room), before);
}

#[test]
fn links_may_stand_in_a_table_of_front_matter() {
    let room = bakery();
    fs::remove_file(room.path("site/content/posts/loaf/index.md")).unwrap();
    room.run("index").notes();
    let names = ["flour.md", "dough.md", "oven.md", "ships.md"];
    let contents = || names.map(|name| fs::read(room.path(&format!("site/content/posts/{name}"))).unwrap());
    let before = contents();
    for key in ["--generator zola", "--generator hugo --front-matter-key params.related"] {
        let line = format!("links --format front-matter --site site {key} --min-score -1 -n 2");
        assert!(room.run(&line).notes().contains("4 files written, 0 unchanged"), "{key}");
        let table = if key.contains("zola") { "extra" } else { "params" };
        let [flour, oven] = ["flour", "oven"]
            .map(|name| fs::read_to_string(room.path(&format!("site/content/posts/{name}.md"))).unwrap());
        assert!(flour.contains(&format!("\n{table}:\n  related:\n    - \"posts/")), "{flour}");
        assert!(oven.contains(&format!("[{table}]\n")) && oven.contains("related = [\n  \"posts/"), "{oven}");
        assert!(room.run(&line).notes().contains("0 files written, 4 unchanged"), "{key}");
        assert!(room.run("index").notes().contains("4 unchanged"));
        room.run("links --format front-matter --site site --remove").notes();
        assert_eq!(contents(), before, "{key}");
    }
}

#[test]
fn what_an_author_wrote_is_left_and_told() {
    let room = bakery();
    let own = format!("---\ntitle: My bread\nrelated: [posts/oven.md]\n---\n{OVEN}.\n");
    room.write("site/content/posts/own.md", &own);
    room.write("site/content/posts/flow.md", format!("---\n{{title: Flour again}}\n---\n{FLOUR}.\n"));
    room.run("index").notes();
    let said = room.run("links --format front-matter --site site").notes();
    assert!(said.contains("1 file is left as it is: has a \"related\" of its own"), "{said}");
    assert!(said.contains("there is no line at which links can be put"), "{said}");
    assert_eq!(fs::read_to_string(room.path("site/content/posts/own.md")).unwrap(), own);
}

#[test]
fn links_stay_from_build_to_build() {
    let room = bakery();
    room.run(HUGO).notes();
    let before = data(&room, "site/data/related.json");
    room.write("site/content/posts/mill.md", format!("---\ntitle: Rye flour from the mill\n---\n{FLOUR}.\n{FLOUR}.\n"));
    room.run("index").notes();
    let said = room.run(&format!("{HUGO} --diff")).data();
    assert!(said.contains("Rye flour from the mill  [posts/mill.md] (had no links before)\n  + "), "{said}");
    assert_eq!(data(&room, "site/data/related.json"), before, "--diff writes nothing");
    room.run(&format!("{HUGO} --changes-max 0")).notes();
    let frozen = data(&room, "site/data/related.json");
    for (name, list) in before.as_object().unwrap() {
        assert_eq!(&frozen[name], list, "{name}");
    }
    fs::remove_file(room.path("site/content/posts/flour.md")).unwrap();
    room.run("index").notes();
    let diff: Value = serde_json::from_str(&room.run("links --json --key path --min-score 0.2 -n 2 --site site --generator hugo --before site/data/related.json --diff").stdout).unwrap();
    let lost = diff["posts"].as_array().unwrap().iter().flat_map(|post| post["lost"].as_array().unwrap());
    assert!(lost.clone().any(|link| link["why"] == "the post is gone"), "{diff}");
}

#[test]
fn links_go_with_the_post_that_becomes_a_draft() {
    let room = bakery();
    let line = "links --format front-matter --min-score 0.2 -n 2";
    room.run(line).notes();
    let path = room.path("site/content/posts/flour.md");
    let draft = fs::read_to_string(&path).unwrap().replace("tags:", "draft: true\ntags:");
    room.write("site/content/posts/flour.md", &draft);
    room.run("index").notes();
    let said = room.run(line).notes();
    assert!(said.contains("1 file of no post any more: links taken out"), "{said}");
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.contains("draft: true") && !after.contains("related"), "{after}");
}

/// Titles that mean something in every language that is written.
const NASTY: &str = r#"An <b>oven</b> & "rye" ]]> -- {{ x }} \ it's"#;

fn nasty() -> Room {
    let room = Room::empty();
    let post = |id: &str, title: &str, url: &str| json!({"id": id, "title": title, "url": url, "text": OVEN, "date": "2026-05-20"});
    let posts = [
        post("a", NASTY, "https://x.example/a?b=1&c=\"d\""),
        post("b", "A loaf\nof `rye`", "https://x.example/b"),
        post("../c", "Oven again", "https://x.example/c"),
        json!({"id": "d", "title": "A loaf without a place", "text": format!("{OVEN} and {FLOUR}")}),
    ];
    let lines: String = posts.iter().map(|post| format!("{post}\n")).collect();
    room.feed("index -", lines.as_bytes()).notes();
    room
}

/// Reads XML to its end and returns every text and attribute in it.
fn xml_texts(xml: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut texts, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let raw = attribute.unwrap().value.into_owned();
                    texts.push(quick_xml::escape::unescape(&raw).unwrap().into_owned());
                }
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(part) => text.push_str(&format!("&{};", &*part)),
            Event::End(_) => {
                texts.push(quick_xml::escape::unescape(&text).unwrap().into_owned());
                text.clear();
            }
            Event::Eof => return texts,
            _ => {}
        }
    }
}

#[test]
fn titles_stay_titles_in_every_form() {
    let room = nasty();
    let run = |format: &str| {
        let said = room.run(&format!("links --format {format} --min-score -1 -n 3"));
        assert_eq!(said.code, Some(0), "{format}: {}", said.stderr);
        said.stdout
    };
    let title: Value = serde_json::from_str::<Value>(&run("json")).unwrap()["posts"][1]["title"].clone();
    let title = title.as_str().unwrap();
    assert!(title.contains("]]>") || title.contains("]]"), "{title}");
    for format in ["opml", "graphml"] {
        let texts = xml_texts(&run(format));
        assert!(texts.iter().any(|text| text == title), "{format}: {texts:?}");
    }
    let feed: Value = serde_json::from_str(&run("json-feed")).unwrap();
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    let items = feed["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["_nextread"]["related"].as_array().unwrap().len() == 3), "{feed}");
    let (dot, mermaid, markdown) = (run("dot"), run("mermaid"), run("md"));
    let quotes = |line: &str| line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
    assert!(dot.lines().all(|line| quotes(line) % 2 == 0), "{dot}");
    assert!(mermaid.lines().all(|line| matches!(quotes(line), 0 | 2)), "{mermaid}");
    assert_eq!((dot.matches(" -> ").count(), mermaid.matches("-->").count()), (12, 12));
    assert!(!markdown.contains("<b>") && markdown.contains("(<https://x.example/b>)"), "{markdown}");
    assert!(run("jsonl").lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
}

#[test]
fn parts_of_pages_stay_in_their_folder() {
    let room = nasty();
    let said = room.run("links --format html --out parts/x --min-score -1 -n 3").notes();
    assert!(said.contains("4 files written") && said.contains("3 links left out of the HTML: no URL"), "{said}");
    let part = fs::read_to_string(room.path("parts/x/b.html")).unwrap();
    assert!(!part.contains("<b>") && part.contains("href=\"https://x.example/a?b=1&amp;c="), "{part}");
    assert!(
        said.contains("1 post of a name that is none for a file everywhere: called otherwise\n  ../c: c--"),
        "{said}"
    );
    assert!(!room.path("parts/c.html").exists() && !room.path("c.html").exists());
    let names =
        fs::read_dir(room.path("parts/x")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().any(|name| name.starts_with("c--") && name.ends_with(".html")));
    // What includes a part reads it as a template.
    assert!(!part.contains("{{") && part.contains("&#123;&#123; x &#125;&#125;"), "{part}");
    assert!(room.run("links --format html").error(2).contains("name a folder with --out"));
}

#[test]
fn wrong_wishes_are_told() {
    let room = bakery();
    room.write("site/data/related.json", "{\"mine\": 1}");
    for (line, expect) in [
        (HUGO, "is no file that `nextread links` wrote"),
        ("links --remove", "give --format front-matter with it"),
        ("links --dry-run", "name one with --out"),
        ("links --format front-matter --out x", "leave --out away"),
        ("links --format json --front-matter-key params.related", "give --format front-matter with it"),
        ("links --format front-matter --front-matter-key a.b.c", "names no field; write a name"),
        ("links --key permalink", "all 5 posts have no URL"),
        ("related posts/oven --format hugo", "only `links` writes --format hugo"),
    ] {
        let error = room.run(line).error(2);
        assert!(error.contains(expect), "{line}: {error}");
    }
    assert_eq!(fs::read_to_string(room.path("site/data/related.json")).unwrap(), "{\"mine\": 1}");
}
