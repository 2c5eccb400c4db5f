//! Does `--watch` stay, notice what changes, and nothing else? The binary itself, asked to end by a signal.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};

use super::room::Room;

/// Lines that are read at most until the one that is waited for.
const LINES_MAX: usize = 40;

/// A run that stays.
struct Watching {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Watching {
    fn start(room: &Room, line: &str) -> Watching {
        let mut child = room.command(line).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Watching { child, said }
    }

    /// Reads on until a line has these words, and returns it.
    #[track_caller]
    fn until(&mut self, words: &str) -> String {
        let mut before = Vec::new();
        for line in self.said.by_ref().take(LINES_MAX).map(Result::unwrap) {
            if line.contains(words) {
                return line;
            }
            before.push(line);
        }
        panic!("no line with \"{words}\" in {before:#?}");
    }

    /// Ends it as Ctrl-C does, and returns what it said until then.
    #[track_caller]
    fn end(mut self) -> Vec<String> {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success());
        let rest: Vec<String> = self.said.by_ref().map(Result::unwrap).collect();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{rest:#?}");
        rest
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // A test that fails leaves nobody behind who watches for ever.
        let _ = self.child.kill();
    }
}

fn page(title: &str) -> String {
    format!("---\ntitle: {title}\n---\nSome words about {title}, and how the dough rises over night.\n")
}

#[test]
fn one_changed_file_is_one_round() {
    let room = Room::empty();
    // Deep enough that no configuration above is watched, too.
    room.write("a/b/c/d/e/f/g/h/blog/caches.md", page("Caches"));
    room.write("a/b/c/d/e/f/g/h/blog/bread.md", page("Bread"));
    let mut watching = Watching::start(&room, "index a/b/c/d/e/f/g/h/blog --watch");
    watching.until("2 added, 0 changed, 0 removed, 0 unchanged; 2 embedded");
    assert_eq!(watching.until("watching"), "watching 2 files in 2 folders; Ctrl-C ends");
    room.write("a/b/c/d/e/f/g/h/blog/rye/index.md", page("Rye"));
    let said = watching.until("1 added");
    assert!(
        said.starts_with("a/b/c/d/e/f/g/h/blog/rye/index.md: 1 added, 0 changed, 0 removed; 1 embedded; "),
        "{said}"
    );
    // Half-way through typing it is no post; the one that is stored stays until the file can be read again.
    room.write("a/b/c/d/e/f/g/h/blog/bread.md", "---\ntitle: [\n---\n");
    watching.until("warning: ");
    let said = watching.until("0 added, 0 changed, 0 removed; 0 embedded");
    assert!(said.starts_with("a/b/c/d/e/f/g/h/blog/bread.md: "), "{said}");
    room.write("a/b/c/d/e/f/g/h/blog/bread.md", page("Rye bread"));
    let said = watching.until("0 added, 1 changed, 0 removed; 1 embedded");
    assert!(said.starts_with("a/b/c/d/e/f/g/h/blog/bread.md: "), "{said}");
    std::fs::remove_file(room.path("a/b/c/d/e/f/g/h/blog/caches.md")).unwrap();
    watching.until("a/b/c/d/e/f/g/h/blog/caches.md: 0 added, 0 changed, 1 removed; 0 embedded");
    assert_eq!(watching.end(), [""; 0]);
    assert!(room.run("status").data().contains("posts           2\n"));
}

#[test]
fn links_are_written_again_and_that_is_no_change() {
    let room = Room::empty();
    for name in ["flour", "dough", "oven"] {
        room.write(&format!("site/content/{name}.md"), page(name));
    }
    room.run("index site/content").notes();
    let line = "links --format front-matter --site site --generator hugo --min-score 0.01 -n 2 --watch";
    let mut watching = Watching::start(&room, line);
    watching.until("watching");
    room.write("site/content/loaf.md", page("loaf"));
    let said = watching.until("site/content/loaf.md: ");
    assert!(said.contains("1 added, 0 changed, 0 removed; 1 embedded; ") && said.contains(" written; "), "{said}");
    // Were its own writing a change, there would be another line before this one.
    room.write("site/content/mill.md", page("mill"));
    let said = watching.said.next().unwrap().unwrap();
    assert!(said.starts_with("site/content/mill.md: 1 added"), "{said}");
    assert_eq!(watching.end(), [""; 0]);
    let said = room.run(&line.replace(" --watch", "")).notes();
    assert!(said.contains("0 files written, 5 unchanged"), "{said}");
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let room = Room::empty();
    assert!(room.run("index - --watch").error(2).contains("--watch cannot watch stdin; name a file or folder"));
    room.write("blog/bread.md", page("Bread"));
    room.run("index blog").notes();
    let error = room.run("links --watch").error(2);
    assert!(error.contains("--watch writes into files; name one with --out"), "{error}");
    room.run("links --format hugo --watch --diff").error(2);
}
