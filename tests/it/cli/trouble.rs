//! Does the command line get through missing models, damaged stores, killed processes and company?

use std::process::Stdio;

use nextread::store::Store;

use super::room::{CORPUS, Room};

#[test]
fn a_missing_model_is_an_error_that_names_the_places_and_the_remedy() {
    let room = Room::with_store();
    let before = room.run("related vmaf --json").data();
    for flag in ["--offline", ""] {
        let mut command = room.command(&format!("index - {flag}"));
        command.env_remove("NEXTREAD_MODEL_DIR").env("HF_HUB_OFFLINE", if flag.is_empty() { "1" } else { "" });
        let said = room.said(command.output().unwrap());
        let error = said.error(1);
        let begin = "error: model all-MiniLM-L6-v2 is not on this machine and offline mode forbids fetching it; looked at \
                     ROOM/models/all-MiniLM-L6-v2 and the same in the folders above, ROOM/cache/nextread/models/";
        assert!(error.starts_with(begin), "{error}");
        let end =
            "; run `nextread model pull all-MiniLM-L6-v2` with a network, or set NEXTREAD_MODEL_DIR to its folder";
        assert!(error.ends_with(end), "{error}");
    }
    // No model is needed for posts that are stored.
    let without = room.said(room.command("related vmaf --json").env_remove("NEXTREAD_MODEL_DIR").output().unwrap());
    assert_eq!(without.data(), before);
    let nowhere = room.run_with("search caches", &[("NEXTREAD_MODEL_DIR", "nowhere")]).error(1);
    assert!(
        nowhere.ends_with("nowhere: NEXTREAD_MODEL_DIR is no folder; give the folder that holds model.safetensors")
    );
    let unknown = room.run("search caches --model frobnicate").error(1);
    assert!(unknown.contains("no known model and no folder is called \"frobnicate\"; known models: all-MiniLM-L6-v2"));
}

#[test]
fn a_damaged_store_is_an_error_and_left_alone() {
    let room = Room::with_store();
    let path = room.path(".nextread/store.db");
    let sound = std::fs::read(&path).unwrap();
    let garbage: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let foreign = "not a store of nextread; move the file away, or name another folder with --store";
    let damaged = "the database is damaged (database disk image is malformed); move the file away and index again: posts \
                   come back from their sources";
    for (bytes, expect) in [(garbage.as_slice(), foreign), (&sound[..100_000], damaged), (b"plain text", foreign)] {
        std::fs::write(&path, bytes).unwrap();
        for line in ["related jdk-vector-api", "status", "history list", "index"] {
            assert_eq!(room.run(line).error(1), format!("error: ROOM/.nextread/store.db: {expect}"), "{line}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn damaged_rows_are_left_out_named_and_come_back() {
    let room = Room::with_store();
    let before = room.run("related vmaf --json").data();
    let path = room.path(".nextread/store.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let summary = b"Flat arrays and per-thread";
    let at = bytes.windows(summary.len()).position(|window| window == summary).unwrap();
    bytes[at] = b'f';
    std::fs::write(&path, bytes).unwrap();

    let warning =
        "warning: post \"jdk-vector-api\" is damaged and left out; it comes back when its source is indexed again\n";
    let said = room.run("related mount-mayhem");
    assert!(said.stderr.starts_with(warning), "{}", said.stderr);
    assert!(!said.data().contains("jdk-vector-api"));
    let said = room.run("status");
    assert!(said.stderr.starts_with(warning), "{}", said.stderr);
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.ends_with("error: ROOM/.nextread/store.db: damaged in 1 part\n"), "{}", said.stderr);

    let said = room.feed("index -", CORPUS.as_bytes()).notes();
    assert!(said.contains("stdin: 1 added, 0 changed, 0 removed, 70 unchanged; 1 embedded\n"), "{said}");
    room.run("status").data();
    assert_eq!(room.run("related vmaf --json").data(), before);
}

#[test]
fn a_store_that_cannot_be_made_is_an_error() {
    let room = Room::empty();
    room.write("posts.jsonl", "{\"id\":\"a\",\"title\":\"A\"}\n");
    room.write("in-the-way", "");
    let error = room.run("--store in-the-way index posts.jsonl").error(1);
    assert!(error.starts_with("error: ROOM/in-the-way: File exists"), "{error}");
    assert!(error.ends_with("; make the folder accessible, or name another with --store"), "{error}");
    let error = room.run("--store in-the-way/x index posts.jsonl").error(1);
    assert!(error.starts_with("error: ROOM/in-the-way/x: Not a directory"), "{error}");
    if cfg!(target_os = "linux") {
        let error = room.run("--store /proc/nextread index posts.jsonl").error(1);
        assert!(error.starts_with("error: /proc/nextread: "), "{error}");
    }
    let error = room.run("--store nowhere related a").error(1);
    assert_eq!(error, "error: ROOM/nowhere/store.db: there is no store here; make one with `nextread index SOURCE`");
    for line in ["related a", "status", "history list"] {
        assert!(room.run(line).error(2).starts_with("error: there is no store here or in a folder above; run"));
    }
    assert!(room.run("index").error(2).starts_with("error: nothing was indexed yet; name a folder or file"));
    assert!(!room.path("nowhere").exists() && !room.path(".nextread").exists());
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_text_is_an_error_and_no_default() {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"s\xff");
    let room = Room::with_store();
    let error = room.said(room.command("status").env("NEXTREAD_STORE", name).output().unwrap()).error(2);
    assert_eq!(error, "error: NEXTREAD_STORE: not UTF-8; set it anew");
    let error = room.said(room.command("status --store").arg(name).output().unwrap()).error(2);
    assert_eq!(error, "error: --store: not UTF-8; name another folder");
    let error = room.said(room.command("index").arg(name).output().unwrap()).error(2);
    assert_eq!(error, "error: s\u{fffd}: the path is not UTF-8; rename the file or folder");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_is_a_failure() {
    let room = Room::with_store();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let said = room.said(room.command("related vmaf").stdout(full).output().unwrap());
    assert_eq!(said.error(1), "error: cannot write to stdout: No space left on device (os error 28)");
}

#[test]
fn two_at_once_both_succeed() {
    let room = Room::empty();
    let posts = |name: &str| -> String {
        (0..40).map(|n| format!("{{\"id\":\"{name}{n}\",\"title\":\"Post {n} of {name}\"}}\n")).collect()
    };
    room.write("a.jsonl", posts("a"));
    room.write("b.jsonl", posts("b"));
    let children = ["index a.jsonl", "index b.jsonl", "index a.jsonl"].map(|line| room.command(line).spawn().unwrap());
    for child in children {
        let said = room.said(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(0), "{}", said.stderr);
    }
    let status: serde_json::Value = serde_json::from_str(&room.run("status --json").data()).unwrap();
    assert_eq!((&status["posts"], &status["spaces"][0]["embeddings"]), (&80.into(), &80.into()));
    let said = room.run("index").notes();
    assert_eq!(said.matches("0 added, 0 changed, 0 removed, 40 unchanged; 0 embedded\n").count(), 2, "{said}");
}

#[test]
fn what_was_embedded_before_a_kill_is_not_embedded_again() {
    let room = Room::empty();
    let posts = 1_000;
    let text: String = (0..posts).map(|n| format!("{{\"id\":\"p{n}\",\"title\":\"Post number {n}\"}}\n")).collect();
    room.write("posts.jsonl", text);
    let mut child = room.command("index posts.jsonl").stderr(Stdio::null()).spawn().unwrap();
    let stored =
        || Store::open(&room.path(".nextread")).and_then(|store| store.posts()).map_or(0, |posts| posts.items.len());
    while stored() == 0 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it stored anything");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let before = stored();
    assert!((1..posts).contains(&before), "{before} of {posts} stored when killed");
    let said = room.run("index posts.jsonl").notes();
    let rest = posts - before;
    let expect = format!("{rest} added, 0 changed, 0 removed, {before} unchanged; {rest} embedded\n");
    assert!(said.contains(&expect), "{expect} {said}");
    assert!(room.run("status").data().contains("posts           1000\n"));
}
