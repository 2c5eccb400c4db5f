//! Does `links` write only where it may? Files of others, links that lead outside, full disks, a killed process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

use super::room::Room;

const BREAD: &str = "A dough of rye flour rises over night and is baked in a hot oven of stone";

/// Posts with URLs, the `numbers`th of each called so.
fn index(room: &Room, ids: &[&str]) {
    let post = |id: &&str| json!({"id": id, "title": format!("Bread {id}"), "url": format!("https://x.example/{id}"), "text": format!("{BREAD}, says {id}.")});
    let lines: String = ids.iter().map(|id| format!("{}\n", post(id))).collect();
    room.feed("index - --prune", lines.as_bytes()).notes();
}

fn bakery() -> Room {
    let room = Room::empty();
    index(&room, &["a", "b", "c"]);
    room
}

const PARTS: &str = "links --format html --out parts --min-score -1 -n 2";

/// Every file below a folder.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn files_of_others_are_left_alone_and_told() {
    let room = bakery();
    room.write("parts/b.html", "<p>mine</p>\n");
    room.write("parts/other.html", "<p>mine, too</p>\n");
    let said = room.run(PARTS).notes();
    assert!(said.contains("2 files written, 0 unchanged"), "{said}");
    assert!(said.contains("1 file is left as it is: not written by nextread; move it away"), "{said}");
    let edited = fs::read_to_string(room.path("parts/c.html")).unwrap().replace("Bread a", "My bread");
    room.write("parts/c.html", &edited);
    let said = room.run(PARTS).notes();
    assert!(said.contains("1 file is left as it is: edited since nextread wrote it; move it away"), "{said}");
    assert_eq!(fs::read_to_string(room.path("parts/c.html")).unwrap(), edited);
    assert_eq!(fs::read_to_string(room.path("parts/b.html")).unwrap(), "<p>mine</p>\n");
    // Of posts that are gone only what is ours goes, too.
    index(&room, &["a"]);
    let said = room.run(PARTS).notes();
    assert!(said.contains("1 file is left as it is: of no post any more, but edited"), "{said}");
    let names: Vec<String> = tree(&room.path("parts")).into_keys().collect();
    assert_eq!(names.len(), 4, "{names:?}");
    fs::remove_file(room.path("parts/c.html")).unwrap();
    index(&room, &["z"]);
    let said = room.run(PARTS).notes();
    assert!(said.contains("1 part of no post of these: --prune removes them"), "{said}");
    let said = room.run(&format!("{PARTS} --prune")).notes();
    assert!(said.contains("0 files written, 1 unchanged, 1 removed"), "{said}");
    let names: Vec<String> =
        tree(&room.path("parts")).into_keys().map(|name| name.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["b.html", "other.html", "z.html"]);
}

#[test]
fn one_file_of_others_is_an_error() {
    let room = bakery();
    for (format, name, mine) in [
        ("opml", "r.opml", "<opml version=\"2.0\"/>\n"),
        ("graphml", "r.graphml", "<graphml/>\n"),
        ("dot", "r.dot", "digraph {}\n"),
        ("mermaid", "r.mmd", "flowchart LR\n"),
        ("md", "r.md", "# Mine\n"),
        ("json-feed", "r.json", "{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": []}\n"),
        ("json", "l.json", "{\"mine\": 1}\n"),
        ("jsonl", "l.jsonl", "{\"mine\": 1}\n"),
        ("table", "t.txt", "mine\n"),
    ] {
        let line = format!("links --format {format} --out {name} --min-score -1");
        room.write(name, mine);
        let error = room.run(&line).error(2);
        assert!(error.contains("is no file that `nextread links` wrote; move it away"), "{format}: {error}");
        assert_eq!(fs::read_to_string(room.path(name)).unwrap(), mine);
        fs::remove_file(room.path(name)).unwrap();
        assert!(room.run(&line).notes().contains(": written"), "{format}");
        assert!(room.run(&line).notes().contains("unchanged, not written again"), "{format}");
        // Ours is replaced when it changes, and not after somebody else changed it.
        assert!(room.run(&format!("{line} -n 1")).notes().contains(": written"), "{format}");
        let edited =
            fs::read_to_string(room.path(name)).unwrap().replace("Bread a", "My bread").replace("\"url\"", "\"uri\"");
        room.write(name, &edited);
        let error = room.run(&line).error(2);
        assert!(error.contains("was edited since nextread wrote it, and is left alone"), "{format}: {error}");
        assert_eq!(fs::read_to_string(room.path(name)).unwrap(), edited);
    }
}

#[test]
fn a_dry_run_shows_the_plan_and_does_nothing() {
    let room = bakery();
    let before = tree(&room.path(""));
    let said = room.run(&format!("{PARTS} --dry-run").replace("parts", "new/parts"));
    let diff = said.stdout.clone();
    assert_eq!((said.code, tree(&room.path("")).len()), (Some(0), before.len()));
    assert!(
        said.stderr.contains("ROOM/new/parts: would be made") && said.stderr.contains("3 files would be written"),
        "{}",
        said.stderr
    );
    room.run(&PARTS.replace("parts", "new/parts")).notes();
    for name in ["a", "b", "c"] {
        let file = format!("new/parts/{name}.html");
        let lines = fs::read_to_string(room.path(&file)).unwrap();
        let added: String = lines.lines().map(|line| format!("+{line}\n")).collect();
        assert!(
            diff.contains(&format!("--- /dev/null\n+++ b/{file}\n@@ -0,0 +1,{} @@\n{added}", lines.lines().count())),
            "{diff}"
        );
    }
    index(&room, &["a", "b"]);
    let before = tree(&room.path("new"));
    let said = room.run(&format!("{PARTS} --prune --dry-run").replace("parts", "new/parts"));
    assert!(said.stdout.contains("--- a/new/parts/c.html\n+++ /dev/null\n"), "{}", said.stdout);
    assert!(said.stderr.contains("1 would be removed"), "{}", said.stderr);
    assert_eq!(tree(&room.path("new")), before);
}

#[test]
fn folders_that_hold_everything_else_are_refused() {
    let room = bakery();
    fs::create_dir_all(room.path("home/site")).unwrap();
    for (out, expect) in [
        ("/", "is the root of all files; name the site's folder"),
        ("home", "is your home folder; name the site's folder below it"),
        ("home/site/..", "is your home folder"),
        (".nextread", "is in the store's folder"),
        (".nextread/parts", "is in the store's folder"),
    ] {
        let error = room.run(&format!("links --format html --out {out}")).error(2);
        assert!(error.contains(expect), "{out}: {error}");
        if out != ".nextread/parts" {
            let error = room.run(&format!("links --format hugo --key id --site {out}")).error(2);
            assert!(error.contains(expect) || error.contains("no file below"), "{out}: {error}");
        }
    }
    assert!(room.run("links --format opml --out .nextread/store.db").error(2).contains("is in the store's folder"));
    room.run("links --format html --out home/site").notes();
}

#[cfg(unix)]
#[test]
fn links_that_lead_outside_of_the_site_are_not_followed() {
    use std::os::unix::fs::symlink;
    let room = Room::empty();
    for name in ["a", "b"] {
        room.write(
            &format!("site/content/{name}.md"),
            format!("---\ntitle: Bread {name}\n---\n{BREAD}, says {name}.\n"),
        );
    }
    room.run("index site/content").notes();
    room.write("outside/related.json", "{}\n");
    let hugo = "links --format hugo --site site";
    symlink(room.path("outside"), room.path("site/data")).unwrap();
    let error = room.run(hugo).error(1);
    assert!(error.contains("ROOM/site/data/related.json: a link leads outside of ROOM/site"), "{error}");
    fs::remove_file(room.path("site/data")).unwrap();
    fs::create_dir(room.path("site/data")).unwrap();
    symlink("../../outside/related.json", room.path("site/data/related.json")).unwrap();
    assert!(
        room.run(hugo).error(1).contains("site/data/related.json: is a symbolic link; name the file that it leads to")
    );
    // A post that became a link after it was indexed.
    room.write("outside/b.md", fs::read(room.path("site/content/b.md")).unwrap());
    fs::remove_file(room.path("site/content/b.md")).unwrap();
    symlink("../../outside/b.md", room.path("site/content/b.md")).unwrap();
    let before = tree(&room.path("outside"));
    let said = room.run("links --format front-matter --site site --min-score -1").notes();
    assert!(
        said.contains("site/content/a.md: written") && said.contains("1 file is left as it is: is a symbolic link"),
        "{said}"
    );
    assert_eq!(tree(&room.path("outside")), before);
}

/// A file may grow to so many blocks and no further, as on a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_file() {
    let room = Room::with_store();
    room.run("links --format hugo --key id --site . -n 1").notes();
    let before = tree(&room.path("data"));
    let mut command = std::process::Command::new("sh");
    room.isolate(&mut command);
    let line = "ulimit -f 200; exec \"$0\" links --format hugo --key id --site . -n 20 --min-score -1";
    let said = room.said(command.args(["-c", line, env!("CARGO_BIN_EXE_nextread")]).output().unwrap());
    let error = said.error(1);
    assert!(error.contains("data/related.json: ") && error.contains("it is as it was"), "{error}");
    assert_eq!(tree(&room.path("data")), before, "the old file, and nothing beside it");
}

/// Kills a run after its first file is there; the next run ends what it began.
#[test]
fn a_killed_run_leaves_whole_files() {
    let room = Room::with_store();
    let line = "links --format html --key id --out parts --min-score -1";
    room.run(&format!("{line} -n 1")).notes();
    let old = tree(&room.path("parts"));
    room.run(&line.replace("parts", "new")).notes();
    let new: BTreeMap<String, Vec<u8>> =
        tree(&room.path("new")).into_iter().map(|(name, text)| (name.replace("/new/", "/parts/"), text)).collect();
    assert_eq!((old.len(), new.len()), (71, 71));
    let first = old.keys().find(|name| old[*name] != new[*name]).unwrap();
    let mut child = room.command(line).spawn().unwrap();
    while child.try_wait().unwrap().is_none() && fs::read(first).unwrap() == old[first] {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
    let after = tree(&room.path("parts"));
    for (name, text) in &after {
        // One that was about to get its name has none of ours.
        assert!(old.get(name) == Some(text) || new.get(name) == Some(text) || !old.contains_key(name), "{name}");
    }
    assert!(old.keys().all(|name| after.contains_key(name)));
    room.run(line).notes();
    let ended = tree(&room.path("parts"));
    assert!(new.iter().all(|(name, text)| ended.get(name) == Some(text)));
}

#[test]
fn what_was_written_is_no_post_and_a_damaged_store_takes_nothing_away() {
    let room = Room::empty();
    for word in ["flour", "dough", "oven"] {
        let front = format!("title: Bread and {word}\nurl: https://x.example/{word}");
        room.write(&format!("site/_posts/2024-01-01-{word}.md"), format!("---\n{front}\n---\n{BREAD}, says {word}.\n"));
    }
    room.write("site/_config.yml", "url: https://x.example\n");
    room.run("index site").notes();
    let html = "links --format html --out site/parts --min-score -1 -n 2";
    assert!(room.run(html).notes().contains("3 files written"));
    let said = room.run("index").notes();
    assert!(said.contains("0 added, 0 changed, 0 removed, 3 unchanged"), "{said}");
    let front_matter = "links --format front-matter --site site --min-score -1 -n 2";
    assert!(room.run(front_matter).notes().contains("3 files written"));

    let database = rusqlite::Connection::open(room.path(".nextread/store.db")).unwrap();
    let id: String = database.query_row("SELECT post FROM embedding LIMIT 1", [], |row| row.get(0)).unwrap();
    database.execute("UPDATE embedding SET vector = zeroblob(1536) WHERE post = ?1", [&id]).unwrap();
    drop(database);
    let before = tree(&room.path("site"));
    let said = room.run(&format!("{html} --prune"));
    assert!(said.stderr.contains("1 part of no post of these: kept, since the store is damaged"), "{}", said.stderr);
    let said = room.run(front_matter);
    assert!(said.stderr.contains("files beside those of posts are left as they are"), "{}", said.stderr);
    let after = tree(&room.path("site"));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let name = before.keys().find(|name| name.ends_with(&format!("{}.md", id.rsplit('/').next().unwrap()))).unwrap();
    assert_eq!(before[name], after[name], "the links of the post that cannot be read stay");
}
