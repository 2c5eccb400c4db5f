//! Do index files open only as they were written: the stored old one always, a changed one never?

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

use nextread::store::{Access, Expected, Section, Snapshot, SnapshotError, SnapshotHeader};

use crate::formats::{fixture, numbers, place};

const NAME: &str = "index.snapshot";

fn header() -> SnapshotHeader {
    SnapshotHeader {
        kind: "hnsw".to_owned(),
        space_key: "all-MiniLM-L6-v2@1110a24 sha256:53aa5117 dimension:16 pooling:mean long-texts:windows".to_owned(),
        dimension: 16,
        rows: 4,
        content: 0x0123_4567_89ab_cdef_0011_2233_4455_6677,
        parameters: "{\"M\": 16, \"seed\": 1, \"name\": \"東京\"}".to_owned(),
    }
}

fn vectors() -> Vec<f32> {
    (0..64).map(|number| number as f32 / 8.0 - 3.0).collect()
}

const LINKS: [u32; 5] = [1, 0, u32::MAX, 3, 2];

/// Writes the file that all tests here damage.
fn write(path: &Path, header: &SnapshotHeader) -> Result<(), SnapshotError> {
    let vectors = vectors();
    let sections = [
        Section { name: "nothing", bytes: &[] },
        Section { name: "vectors", bytes: bytemuck::cast_slice(&vectors) },
        Section { name: "links", bytes: bytemuck::cast_slice(&LINKS) },
        Section { name: "ids", bytes: b"a\nbc\nd\ne" },
    ];
    Snapshot::write(path, header, &sections)
}

/// Opens a file in both ways, which must agree, and reads all of it.
fn open(path: &Path) -> Result<(), SnapshotError> {
    let header = header();
    let [read, mapped] = [Access::Read, Access::Map].map(|access| Snapshot::open(path, &Expected::of(&header), access));
    let messages = [&read, &mapped].map(|opened| opened.as_ref().map_or_else(ToString::to_string, |_| String::new()));
    assert_eq!(messages[0], messages[1]);
    for snapshot in [read?, mapped?] {
        assert_eq!(*snapshot.header(), header);
        assert_eq!(snapshot.values::<f32>("vectors")?, vectors());
        assert_eq!(snapshot.values::<u32>("links")?, LINKS);
        assert_eq!(snapshot.values::<u32>("nothing")?, [0_u32; 0]);
        assert_eq!(snapshot.section("ids")?, b"a\nbc\nd\ne");
        for name in ["nothing", "vectors", "links", "ids"] {
            assert_eq!(snapshot.section(name)?.as_ptr().align_offset(64), 0, "{name}");
        }
    }
    Ok(())
}

/// Returns what is said of a file with these bytes, without its path.
#[track_caller]
fn refused(folder: &Path, bytes: &[u8]) -> String {
    place(folder, NAME, bytes);
    let error = open(&folder.join(NAME)).expect_err("a changed file opened").to_string();
    error.strip_prefix(&format!("{}: ", folder.join(NAME).display())).expect("errors name the file").to_owned()
}

/// The bytes of an undamaged file.
fn sound(folder: &Path) -> Vec<u8> {
    write(&folder.join(NAME), &header()).unwrap();
    open(&folder.join(NAME)).unwrap();
    fs::read(folder.join(NAME)).unwrap()
}

#[test]
fn snapshots_come_back_and_the_same_content_makes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = sound(folder.path());
    assert_eq!(bytes, sound(folder.path()));
    assert_eq!(SnapshotHeader::read(&folder.path().join(NAME)).unwrap(), header());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let path = folder.path().join("empty");
    Snapshot::write(&path, &header(), &[]).unwrap();
    let snapshot = Snapshot::open(&path, &Expected::of(&header()), Access::Map).unwrap();
    let derived = "delete it: it is derived from the store";
    let error = snapshot.section("vectors").unwrap_err().to_string();
    let shown = path.display();
    assert_eq!(error, format!("{shown}: the index is damaged (it has no section \"vectors\"); {derived}"));
    Snapshot::write(&path, &header(), &[Section { name: "a", bytes: b"12345" }]).unwrap();
    assert!(snapshot.section("a").is_err(), "an open snapshot stays as it was");
    let snapshot = Snapshot::open(&path, &Expected::of(&header()), Access::Read).unwrap();
    let error = snapshot.values::<u32>("a").unwrap_err().to_string();
    let unit = "its section \"a\" has 5 bytes, which is no multiple of 4";
    assert_eq!(error, format!("{shown}: the index is damaged ({unit}); {derived}"));
}

#[test]
fn another_index_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    let check = |found: SnapshotHeader, expect: &str| {
        write(&path, &found).unwrap();
        let error = open(&path).unwrap_err().to_string();
        assert_eq!(error, format!("{}: {expect}; delete it: it is derived from the store", path.display()));
    };
    let space = header().space_key;
    check(SnapshotHeader { kind: "flat".to_owned(), ..header() }, "an index of kind \"flat\", not \"hnsw\"");
    check(
        SnapshotHeader { space_key: "e5@1".to_owned(), ..header() },
        &format!("holds vectors of \"e5@1\", not of \"{space}\""),
    );
    check(SnapshotHeader { dimension: 17, ..header() }, "holds vectors of dimension 17, not 16");
    let (theirs, ours) = ("00000000000000000000000000000007", "0123456789abcdef0011223344556677");
    let now = format!("now there are 4 with {ours}");
    check(SnapshotHeader { content: 7, ..header() }, &format!("made of 4 rows with fingerprint {theirs}, {now}"));
    check(SnapshotHeader { rows: 3, ..header() }, &format!("made of 3 rows with fingerprint {ours}, {now}"));
    write(&path, &SnapshotHeader { parameters: "{}".to_owned(), ..header() }).unwrap();
    Snapshot::open(&path, &Expected::of(&header()), Access::default()).unwrap();
}

#[test]
fn what_is_no_snapshot_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = "not an index of nextread; move the file away";
    let bytes = sound(folder.path());
    for other in [&b""[..], b"n", b"nxsnap\n", b"some text, long enough to be the header of a file", &[0xff; 8_192]] {
        assert_eq!(refused(folder.path(), other), foreign);
    }
    assert_eq!(refused(folder.path(), &fs::read(fixture("store-v1.db")).unwrap()), foreign);

    let version = |version: u32| [&bytes[..8], &version.to_le_bytes(), &bytes[12..]].concat();
    let remedy = "delete it: it is derived from the store";
    assert_eq!(
        refused(folder.path(), &version(0)),
        format!("written in format 0 by an older nextread, this one reads 1; {remedy}")
    );
    assert_eq!(
        refused(folder.path(), &version(2)),
        format!("written in format 2 by a newer nextread, this one reads 1; update nextread, or {remedy}")
    );

    let longer = [&bytes[..], &[0; 64]].concat();
    let length = format!("it has {} bytes instead of {}", longer.len(), bytes.len());
    assert_eq!(refused(folder.path(), &longer), format!("the index is damaged ({length}); {remedy}"));

    let missing = folder.path().join("missing");
    assert!(matches!(open(&missing), Err(SnapshotError::Missing { .. })));
    assert!(matches!(open(&folder.path().join("missing/index")), Err(SnapshotError::Missing { .. })));
    assert!(matches!(open(folder.path()), Err(SnapshotError::NotAFile { .. })));
    if cfg!(unix) {
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(open(&pipe), Err(SnapshotError::NotAFile { .. })));
    }
}

fn overwrite(mut file: &File, at: usize, bytes: &[u8]) {
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn every_flipped_bit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = sound(folder.path());
    let path = folder.path().join(NAME);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            overwrite(&file, at, &bytes[at..=at]);
            assert!(open(&path).is_err(), "bit {bit} of byte {at}");
            bytes[at] ^= 1 << bit;
        }
        overwrite(&file, at, &bytes[at..=at]);
    }
    open(&path).unwrap();
}

#[test]
fn every_cut_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = sound(folder.path());
    let path = folder.path().join(NAME);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for length in (0..bytes.len()).rev() {
        file.set_len(length as u64).unwrap();
        assert!(open(&path).is_err(), "cut to {length} bytes");
    }
}

/// Damages `bytes` in one of the ways in which files get damaged; what was cut to a line or less stays.
fn damage(bytes: &mut Vec<u8>, next: &mut impl FnMut(usize) -> usize) {
    if bytes.len() <= 64 {
        return;
    }
    let length = 1 + next(64);
    let [from, to] = [0, 1].map(|_| next(bytes.len() - length));
    match next(7) {
        0 => bytes[from..from + length].iter_mut().for_each(|byte| *byte = next(256) as u8),
        1 => bytes[from..from + length].fill([0, 0xff][next(2)]),
        2 => bytes.copy_within(from..from + length, to),
        3 => drop(bytes.drain(from..from + length)),
        4 => drop(bytes.splice(from..from, (0..length).map(|_| next(256) as u8)).collect::<Vec<_>>()),
        5 => bytes.truncate(from),
        // Two lines of 64 bytes trade places: whole sections, when they are short.
        _ => {
            let lines = bytes.len() / 64;
            let (a, b) = (next(lines), next(lines));
            (0..64).for_each(|at| bytes.swap(a * 64 + at, b * 64 + at));
        }
    }
}

#[test]
fn ten_thousand_damaged_files_make_no_panic_and_none_opens() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = sound(folder.path());
    let path = folder.path().join(NAME);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let mut next = numbers(4);
    let mut unchanged = 0;
    for number in 0..10_000 {
        let mut damaged = bytes.clone();
        (0..1 + next(3)).for_each(|_| damage(&mut damaged, &mut next));
        overwrite(&file, 0, &damaged);
        file.set_len(damaged.len() as u64).unwrap();
        let opened = open(&path);
        assert_eq!(opened.is_ok(), damaged == bytes, "file {number}: {opened:?}");
        unchanged += usize::from(opened.is_ok());
    }
    assert!(unchanged < 1_000, "{unchanged} files were not damaged at all");
}

/// Not a test in itself: what the child of the next test does.
#[test]
fn as_child_process() {
    let Some(path) = std::env::var_os("NEXTREAD_TEST_SNAPSHOT") else { return };
    let large = Section { name: "large", bytes: &[1; 300_000] };
    let error = Snapshot::write(Path::new(&path), &header(), &[large]).unwrap_err().to_string();
    assert!(error.contains(": could not be written (") && error.contains("the old file is kept"), "{error}");
}

#[test]
fn a_full_disk_leaves_the_old_index() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = sound(folder.path());
    let mut shell = Command::new("sh");
    // No file may grow beyond 200 KiB; the write then fails instead of the process, as in `main`.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    shell.args(["--exact", "formats_snapshot::as_child_process"]);
    let said = shell.env("NEXTREAD_TEST_SNAPSHOT", folder.path().join(NAME)).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    assert!(String::from_utf8_lossy(&said.stdout).contains("1 passed"));
    assert_eq!(fs::read(folder.path().join(NAME)).unwrap(), bytes);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A snapshot as format version 1 wrote it. It is never made anew: a later format has a fixture of its own. This one
/// was made by running this test with `NEXTREAD_MAKE_FIXTURES=1` at version 0.1.0.
#[test]
fn snapshots_of_format_1_open() {
    if std::env::var_os("NEXTREAD_MAKE_FIXTURES").is_some() {
        write(&fixture("index-v1.snapshot"), &header()).unwrap();
    }
    open(&fixture("index-v1.snapshot")).unwrap();
}
