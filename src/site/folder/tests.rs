use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// A folder that may be written, and one beside it that may not.
struct Room {
    _room: tempfile::TempDir,
    site: PathBuf,
    outside: PathBuf,
}

impl Room {
    fn new() -> Room {
        let room = tempfile::tempdir().unwrap();
        let (site, outside) = (room.path().join("site"), room.path().join("outside"));
        fs::create_dir(&site).unwrap();
        fs::create_dir(&outside).unwrap();
        put(&outside.join("related.json"), "theirs");
        Room { _room: room, site, outside }
    }

    fn folder(&self) -> Folder {
        Folder::new(&self.site).unwrap()
    }

    fn outside(&self) -> BTreeMap<String, String> {
        let read = |entry: io::Result<fs::DirEntry>| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap_or_default())
        };
        fs::read_dir(&self.outside).unwrap().map(read).collect()
    }
}

#[allow(clippy::disallowed_methods, reason = "a file of a test needs no crash safety")]
fn put(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

fn write(folder: &Folder, name: &str) -> Result<(), FileError> {
    let name = Path::new(name);
    let before = folder.read(name)?;
    folder.replace(name, before.as_deref(), "ours")
}

#[test]
fn files_come_go_and_are_listed() {
    let room = Room::new();
    let folder = Folder::new(&room.site.join("a/b")).unwrap();
    assert!(!folder.exists() && folder.read(Path::new("x.html")).unwrap().is_none());
    assert!(folder.files(".html").unwrap().is_empty());
    write(&folder, "x.html").unwrap();
    write(&folder, "c/d/y.html").unwrap();
    write(&folder, "c/z.md").unwrap();
    assert_eq!(folder.files(".html").unwrap(), [Path::new("c/d/y.html"), Path::new("x.html")]);
    assert_eq!(fs::read_to_string(room.site.join("a/b/c/d/y.html")).unwrap(), "ours");
    folder.remove(Path::new("x.html"), "ours").unwrap();
    assert_eq!(folder.files(".html").unwrap().len(), 1);
    assert_eq!(fs::read_dir(room.site.join("a/b/c")).unwrap().count(), 2, "nothing is left beside the files");
}

#[test]
fn what_changed_meanwhile_is_left_alone() {
    let room = Room::new();
    let (folder, name) = (room.folder(), Path::new("a.md"));
    put(&room.site.join("a.md"), "theirs by now");
    for before in [None, Some("before")] {
        let error = folder.replace(name, before, "ours").unwrap_err();
        assert!(matches!(error, FileError::Changed(_)), "{error}");
    }
    assert!(matches!(folder.remove(name, "before"), Err(FileError::Changed(_))));
    assert_eq!(fs::read_to_string(room.site.join("a.md")).unwrap(), "theirs by now");
}

#[test]
fn paths_that_lead_outside_are_refused() {
    let room = Room::new();
    let before = room.outside();
    for name in ["../outside/related.json", "../outside/new.json", "a/../../outside/new.json"] {
        let error = room.folder().replace(Path::new(name), None, "ours").unwrap_err();
        assert!(matches!(error, FileError::Outside { .. } | FileError::System { .. }), "{name}: {error}");
    }
    assert_eq!(room.outside(), before);
}

#[cfg(unix)]
#[test]
fn links_that_lead_outside_are_refused() {
    use std::os::unix::fs::symlink;
    let room = Room::new();
    let before = room.outside();
    symlink(&room.outside, room.site.join("data")).unwrap();
    symlink("../outside", room.site.join("relative")).unwrap();
    symlink(room.outside.join("related.json"), room.site.join("file.json")).unwrap();
    symlink(room.outside.join("new.json"), room.site.join("dangling.json")).unwrap();
    symlink("loop.json", room.site.join("loop.json")).unwrap();
    symlink("round", room.site.join("round")).unwrap();
    for (name, expect) in [
        ("data/related.json", "a link leads outside of"),
        ("data/new.json", "a link leads outside of"),
        ("relative/new.json", "a link leads outside of"),
        ("file.json", "is a symbolic link"),
        ("dangling.json", "is a symbolic link"),
        ("loop.json", "is a symbolic link"),
        ("round/new.json", "Too many levels of symbolic links"),
    ] {
        let error = write(&room.folder(), name).unwrap_err().to_string();
        assert!(error.contains(expect), "{name}: {error}");
    }
    assert_eq!(room.outside(), before);
    // It is the handle that keeps us inside: by its path, the same file is replaced.
    crate::store::replace_file(&room.site.join("data/related.json"), |file| file.write_all(b"ours")).unwrap();
    assert_ne!(room.outside(), before);
}

#[cfg(unix)]
#[test]
fn links_inside_are_followed_and_the_root_may_be_one() {
    use std::os::unix::fs::symlink;
    let room = Room::new();
    fs::create_dir(room.site.join("data")).unwrap();
    symlink("data", room.site.join("alias")).unwrap();
    let root = room.outside.join("site");
    symlink(&room.site, &root).unwrap();
    write(&Folder::new(&root).unwrap(), "alias/a.json").unwrap();
    assert_eq!(fs::read_to_string(room.site.join("data/a.json")).unwrap(), "ours");
}

/// Somebody swaps the folder for a link to another one, back and forth, while files are written into it.
#[cfg(unix)]
#[test]
fn folders_that_are_swapped_while_we_write_change_nothing_outside() {
    use std::os::unix::fs::symlink;
    let room = Room::new();
    let before = room.outside();
    let (data, aside, link) = (room.site.join("data"), room.site.join("aside"), room.site.join("link"));
    fs::create_dir(&data).unwrap();
    symlink(&room.outside, &link).unwrap();
    let is_over = std::sync::Arc::new(AtomicBool::new(false));
    let over = std::sync::Arc::clone(&is_over);
    let attack = std::thread::spawn(move || {
        let mut swaps = 0_usize;
        while swaps < 100_000 && !over.load(Ordering::Relaxed) {
            let _ = fs::rename(&data, &aside).and_then(|()| fs::rename(&link, &data));
            let _ = fs::rename(&data, &link).and_then(|()| fs::rename(&aside, &data));
            swaps += 1;
        }
        swaps
    });
    let folder = room.folder();
    let written = (0..300).filter(|_| write(&folder, "data/related.json").is_ok()).count();
    is_over.store(true, Ordering::Relaxed);
    let swaps = attack.join().unwrap();
    assert_eq!(room.outside(), before, "{written} of 300 written, {swaps} swaps");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_no_pipe_is_waited_for() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let mode = |name: &str| fs::metadata(room.site.join(name)).unwrap().permissions().mode() & 0o777;
    for (name, wanted) in [("a.md", 0o640), ("b.md", 0o755), ("c.md", 0o444)] {
        put(&room.site.join(name), "before");
        fs::set_permissions(room.site.join(name), PermissionsExt::from_mode(wanted)).unwrap();
        write(&room.folder(), name).unwrap();
        assert_eq!((mode(name), fs::read_to_string(room.site.join(name)).unwrap().as_str()), (wanted, "ours"));
    }
    put(&room.site.join("plain"), "");
    write(&room.folder(), "new").unwrap();
    assert_eq!(mode("new"), mode("plain"), "as any new file of this user");
    let pipe = room.site.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::create_dir(room.site.join("folder")).unwrap();
    for name in ["pipe", "folder"] {
        assert!(matches!(write(&room.folder(), name), Err(FileError::NotRegular(_))), "{name}");
    }
}
