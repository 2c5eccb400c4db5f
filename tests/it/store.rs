//! Does the store keep what it acknowledged when processes die, disks fill up and others write at the same time?
//!
//! What a child process does is [`as_child_process`]: this same binary, started again with a role in its environment.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use nextread::post::{Post, PostId, Summary, SummaryOrigin};
use nextread::store::{Record, SourceKey, Store, StoreError, content_hash};

const BATCH: usize = 5;

fn post(id: &str) -> Post {
    Post {
        summary: Summary { text: "A summary.".repeat(20), origin: SummaryOrigin::Given },
        text: Some(format!("Text of {id}. ").repeat(50)),
        source: "Blog".to_owned(),
        ..Post::new(PostId::new(id).unwrap(), format!("Title of {id}"))
    }
}

fn create(dir: &Path) -> Store {
    Store::create_or_open(dir, &mut |_| ()).unwrap()
}

/// Puts the batch of posts with this number under a lock of its own.
fn put_batch(store: &mut Store, prefix: &str, batch: usize) -> Result<(), StoreError> {
    let source = SourceKey::new(prefix);
    let posts: Vec<Post> = (0..BATCH).map(|post_number| post(&format!("{prefix}-{batch}-{post_number}"))).collect();
    let records: Vec<Record<'_>> = (posts.iter())
        .map(|post| Record {
            post,
            content_hash: content_hash(post),
            source: &source,
            links: &[],
            wishes: None,
            embedding: None,
        })
        .collect();
    let put = store.write(&mut |_| ())?.put(&records)?;
    assert_eq!(put.written, BATCH);
    Ok(())
}

/// Not a test in itself: what the children of the other tests do, by `NEXTREAD_TEST_ROLE`.
#[test]
fn as_child_process() {
    let Ok(role) = std::env::var("NEXTREAD_TEST_ROLE") else { return };
    let dir = std::env::var("NEXTREAD_TEST_DIR").unwrap();
    let dir = Path::new(&dir);
    match role.split(' ').collect::<Vec<_>>().as_slice() {
        ["put", prefix, first, last] => {
            let mut store = create(dir);
            for batch in first.parse().unwrap()..last.parse::<usize>().unwrap() {
                match put_batch(&mut store, prefix, batch) {
                    Ok(()) => println!("\nstored {batch}"),
                    Err(error) => {
                        println!("\nfailed {error}");
                        println!("readable {}", store.posts().unwrap().items.len());
                        return;
                    }
                }
            }
        }
        ["read"] => match Store::open(dir).and_then(|store| store.posts()) {
            Ok(posts) => println!("\nreadable {}", posts.items.len()),
            Err(error) => println!("\nfailed {error}"),
        },
        other => panic!("no such role: {other:?}"),
    }
}

fn child(mut command: Command, role: &str, dir: &Path) -> (Child, impl Iterator<Item = (String, String)> + use<>) {
    let mut child = (command.args(["--exact", "store::as_child_process", "--nocapture"]))
        .env("NEXTREAD_TEST_ROLE", role)
        .env("NEXTREAD_TEST_DIR", dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout: ChildStdout = child.stdout.take().unwrap();
    let said = BufReader::new(stdout).lines().map_while(Result::ok).filter_map(|line| {
        let (word, rest) = line.split_once(' ')?;
        ["stored", "failed", "readable"].contains(&word).then(|| (word.to_owned(), rest.to_owned()))
    });
    (child, said)
}

fn this_binary() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

fn ids(store: &Store) -> HashSet<String> {
    let posts = store.posts().unwrap();
    assert_eq!(posts.damaged, []);
    posts.items.iter().map(|post| post.id.to_string()).collect()
}

fn check_stored(dir: &Path, prefix: &str, batches: impl IntoIterator<Item = usize>) {
    let store = Store::open(dir).unwrap();
    let ids = ids(&store);
    assert!(ids.len().is_multiple_of(BATCH), "batches are stored whole");
    for batch in batches {
        for post_number in 0..BATCH {
            assert!(ids.contains(&format!("{prefix}-{batch}-{post_number}")), "batch {batch} was acknowledged");
        }
    }
    assert_eq!(store.check(), []);
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<usize> = Vec::new();
    for round in 0..10 {
        let first = round * 1_000;
        let (mut child, said) = child(this_binary(), &format!("put kill {first} {}", first + 1_000), folder.path());
        // The child goes on while this one counts, so that the signal meets it somewhere in a later batch.
        acknowledged.extend(said.take(1 + round * 3 % 7).map(|(_, batch)| batch.parse::<usize>().unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
        check_stored(folder.path(), "kill", acknowledged.iter().copied());
    }
    assert!(acknowledged.len() >= 10);
}

#[test]
fn a_full_disk_is_an_error_that_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    // No file may grow beyond 200 KiB; the write then fails instead of the process, as in `main`.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let (mut child, said) = child(shell, "put full 0 1000", folder.path());
    let said: Vec<(String, String)> = said.collect();
    assert!(child.wait().unwrap().success());
    let stored: Vec<usize> =
        said.iter().filter(|(word, _)| word == "stored").map(|(_, batch)| batch.parse().unwrap()).collect();
    let [.., (failed, error), (readable, count)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((failed.as_str(), readable.as_str()), ("failed", "readable"));
    assert!(!stored.is_empty() && stored.len() < 1_000);
    assert!(error.contains("store.db: could not be read or written (") && error.contains("free disk space"), "{error}");
    assert_eq!(count.parse::<usize>().unwrap(), stored.len() * BATCH);

    check_stored(folder.path(), "full", stored.iter().copied());
    put_batch(&mut create(folder.path()), "full", 1_000).unwrap();
    check_stored(folder.path(), "full", stored.iter().copied().chain([1_000]));
}

#[test]
fn several_processes_and_threads_write_and_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let children = ["a", "b"].map(|prefix| child(this_binary(), &format!("put {prefix} 0 15"), dir));
    std::thread::scope(|scope| {
        for prefix in ["c", "d"] {
            scope.spawn(move || {
                let mut store = create(dir);
                (0..15).for_each(|batch| put_batch(&mut store, prefix, batch).unwrap());
            });
        }
        scope.spawn(move || {
            let (store, mut before) = (create(dir), 0);
            while before < 60 * BATCH {
                let now = ids(&store).len();
                assert!(now >= before && now.is_multiple_of(BATCH), "{before} posts, then {now}");
                before = now;
            }
        });
        for (mut child, said) in children {
            assert_eq!(said.map(|(word, _)| word).collect::<Vec<_>>(), ["stored"; 15]);
            assert!(child.wait().unwrap().success());
        }
    });
    for prefix in ["a", "b", "c", "d"] {
        check_stored(dir, prefix, 0..15);
    }
    assert_eq!(fs::read_to_string(dir.join("store.lock")).unwrap(), "");
}

/// Starts this binary as somebody who may not write to the folder, even if the tests run as root.
#[cfg(unix)]
fn unprivileged(folder: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let binary = folder.join("binary");
    // By a process of its own: a binary that this one has open for writing while it forks elsewhere is "busy".
    assert!(Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&binary).status().unwrap().success());
    let mut command = Command::new(binary);
    if fs::File::create(folder.join("store/probe")).is_ok() {
        command.uid(65_534).gid(65_534);
    }
    command
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mut store = create(&dir);
    put_batch(&mut store, "a", 0).unwrap();
    fs::copy(dir.join("store.db-wal"), folder.path().join("log")).unwrap();
    drop(store);
    mode(folder.path(), 0o755);
    mode(&dir, 0o555);
    let read = || {
        let (mut child, said) = child(unprivileged(folder.path()), "read", &dir);
        let said: Vec<(String, String)> = said.collect();
        assert!(child.wait().unwrap().success());
        said.into_iter().next().unwrap()
    };
    assert_eq!(read(), ("readable".to_owned(), BATCH.to_string()));

    mode(&dir, 0o755);
    fs::copy(folder.path().join("log"), dir.join("store.db-wal")).unwrap();
    mode(&dir, 0o555);
    let (word, error) = read();
    assert!(word == "failed" && error.contains("store.db: the store is read-only; make the folder"), "{word} {error}");
    mode(&dir, 0o755);
}
