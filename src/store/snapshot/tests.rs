//! Files whose checksums are right and whose header is not: nobody writes them by accident, and they are refused too.

use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::header::Refusal;
use super::layout::{self, Head};
use super::*;

/// Bytes of the head of [`file`] that its checksum covers.
const HEAD_BYTES: usize = 72 + 4 + 5 + 2 + 2 * 56;
/// The first row of its table of sections.
const TABLE: usize = HEAD_BYTES - 2 * 56;

fn header() -> SnapshotHeader {
    SnapshotHeader {
        kind: "flat".to_owned(),
        space_key: "m@1 x".to_owned(),
        dimension: 2,
        rows: 3,
        content: 7,
        parameters: "{}".to_owned(),
    }
}

fn file() -> Vec<u8> {
    let sections = [Section { name: "a", bytes: b"first" }, Section { name: "b", bytes: &[1; 70] }];
    let (mut file, head) = layout::encode(&header(), &sections).unwrap();
    for (section, entry) in sections.iter().zip(&head.entries) {
        file.resize(entry.range().start, 0);
        file.extend(section.bytes);
    }
    file
}

/// Changes the head, gives it the checksum that it then has and decodes it.
fn decode(change: impl FnOnce(&mut Vec<u8>)) -> Result<Head, Refusal> {
    let mut file = file();
    change(&mut file);
    let checksum = xxh3_128(&file[..HEAD_BYTES]).to_le_bytes();
    file[HEAD_BYTES..][..16].copy_from_slice(&checksum);
    Head::decode(&file, file.len() as u64)
}

fn check(change: impl FnOnce(&mut Vec<u8>), expect: &str) {
    let Err(Refusal::Fault(fault)) = decode(change) else { panic!("no fault, instead of: {expect}") };
    assert_eq!(fault.to_string(), expect);
}

fn put(at: usize, bytes: impl AsRef<[u8]>) -> impl FnOnce(&mut Vec<u8>) {
    move |file| file[at..][..bytes.as_ref().len()].copy_from_slice(bytes.as_ref())
}

#[test]
fn sections_lie_at_multiples_of_64_one_after_the_other() {
    let file = file();
    let head = decode(|_| ()).unwrap();
    assert_eq!((head.header.clone(), file.len()), (header(), 256 + 64 + 70));
    let ranges: Vec<_> = head.entries.iter().map(|entry| (entry.name.as_str(), entry.range())).collect();
    assert_eq!(ranges, [("a", 256..261), ("b", 320..390)]);
    head.verify(&file).unwrap();
}

#[test]
fn a_header_that_cannot_be_is_refused_even_with_its_checksum() {
    let cut = "its header is cut short or claims a wrong length";
    let (max, name) = (u32::MAX.to_le_bytes(), "is not 1 to 24 printable ASCII characters without spaces");
    check(put(12, max), cut);
    check(put(12, [0; 4]), "its header does not pass its checksum");
    [56, 60, 64, 68].into_iter().for_each(|length| check(put(length, max), cut));
    [56, 60, 64, 68].into_iter().for_each(|length| check(put(length, [1, 0, 0, 0]), cut));
    check(put(16, [0; 8]), "it has 390 bytes instead of 0");
    check(put(72, b"f at"), &format!("\"f at\" {name}"));
    check(put(76, [0xff]), "a text in its header is not UTF-8");
    check(put(81, [0xff]), "a text in its header is not UTF-8");
    check(put(TABLE, b"a\0b"), &format!("\"a\\0b\" {name}"));
    check(put(TABLE, [0]), &format!("\"\" {name}"));
    check(put(TABLE, [0xe9]), &format!("\"\u{fffd}\" {name}"));
    check(put(TABLE + 56, b"a"), "it has two sections \"a\"");
}

#[test]
fn a_section_out_of_its_place_is_refused_even_with_its_checksum() {
    let place = |row: usize, offset: u64, length: u64| {
        put(TABLE + 56 * row + 24, [offset.to_le_bytes(), length.to_le_bytes()].concat())
    };
    check(place(0, 0, 5), "its section \"a\" starts at byte 0 instead of 256");
    check(place(0, 257, 5), "its section \"a\" starts at byte 257 instead of 256");
    check(place(1, 256, 70), "its section \"b\" starts at byte 256 instead of 320");
    check(place(1, 384, 6), "its section \"b\" starts at byte 384 instead of 320");
    check(place(0, 256, 65), "its section \"b\" starts at byte 320 instead of 384");
    check(place(1, 320, 71), "it has 390 bytes instead of 391");
    check(place(1, 320, 1), "it has 390 bytes instead of 321");
    check(place(1, 320, u64::MAX - 319), "it is too large for this machine");
    check(place(0, 256, u64::MAX - 256), "it is too large for this machine");
}

#[test]
fn what_cannot_be_read_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let sound = [Section { name: "a", bytes: b"" }];
    let check = |header: SnapshotHeader, sections: &[Section<'_>], expect: &str| {
        let error = Snapshot::write(&path, &header, sections).unwrap_err();
        assert!(matches!(error, SnapshotError::Unfit { .. }));
        assert!(error.to_string().contains(expect), "{error}");
    };
    let (spaces, long) = ("an index".to_owned(), "x".repeat(25));
    check(SnapshotHeader { kind: spaces, ..header() }, &sound, "\"an index\" is not 1 to 24 printable");
    check(SnapshotHeader { kind: String::new(), ..header() }, &sound, "\"\" is not 1 to 24 printable");
    check(SnapshotHeader { parameters: "x".repeat(65_536), ..header() }, &sound, "65536 is the most");
    check(header(), &[Section { name: &long, bytes: b"" }], "is not 1 to 24 printable");
    check(header(), &[sound[0], sound[0]], "it has two sections \"a\"");
    assert!(!path.exists());
    Snapshot::write(&path, &header(), &sound).unwrap();
}

#[test]
fn a_file_that_cannot_be_replaced_stays_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    std::fs::create_dir_all(path.join("inside")).unwrap();
    let error = Snapshot::write(&path, &header(), &[]).unwrap_err();
    assert!(matches!(error, SnapshotError::Unwritable { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let error = Snapshot::write(Path::new("/missing/folder/index"), &header(), &[]).unwrap_err();
    assert!(error.to_string().starts_with("/missing/folder/index: could not be written ("), "{error}");
}
