//! Places on this machine: their order, what is checked, what the errors say.

use std::path::Path;

use nextread::model::{self, FileState, Network, Origin, Wanted};

use super::stand_in::{Machine, REVISION, files, sha256, write_model};

/// What a good copy is changed by.
type Change = fn(&str, Vec<u8>) -> Vec<u8>;

fn whole(_: &str, contents: Vec<u8>) -> Vec<u8> {
    contents
}

/// One byte of the weights changed.
fn wrong_byte(name: &str, mut contents: Vec<u8>) -> Vec<u8> {
    if name == "model.safetensors" {
        contents[100] ^= 1;
    }
    contents
}

/// Only the beginning of the weights.
fn truncated(name: &str, mut contents: Vec<u8>) -> Vec<u8> {
    if name == "model.safetensors" {
        contents.truncate(1_000);
    }
    contents
}

/// No `config.json`.
fn without_config(name: &str, contents: Vec<u8>) -> Vec<u8> {
    if name == "config.json" { Vec::new() } else { contents }
}

fn put(machine: &mut Machine, origin: Origin, change: Change) {
    match origin {
        Origin::Given => {
            write_model(&machine.path("given"), change);
            machine.options.wanted = Wanted::Typed("../../given".to_owned());
        }
        Origin::Environment => {
            write_model(&machine.path("environment"), change);
            machine.options.folder = Some(machine.path("environment"));
        }
        Origin::Project => write_model(&machine.path("project/models/tiny"), change),
        Origin::Cache => write_model(&machine.cached(), change),
        Origin::HubCache => write_model(&machine.hub_snapshot(), change),
        Origin::Hub | Origin::Mirror => {}
    }
}

#[test]
fn places_are_tried_in_order() {
    let order = [Origin::Given, Origin::Environment, Origin::Project, Origin::Cache, Origin::HubCache];
    for (first, expect) in order.iter().enumerate() {
        let mut machine = Machine::new();
        machine.options.network = Network::Offline;
        for origin in &order[first..] {
            put(&mut machine, *origin, whole);
        }
        let (found, heard) = machine.resolve();
        let found = found.unwrap();
        assert_eq!((found.origin, found.name.as_str(), found.revision.as_str()), (*expect, "tiny", REVISION));
        assert_eq!(found.weights_sha256, sha256(&files()[3].1));
        assert!(found.path.join("1_Pooling/config.json").is_file());
        assert!(heard.notices.is_empty());
        assert_eq!(model::path(&machine.options).unwrap(), found.path);
        assert!(model::verify(&machine.options).unwrap().is_sound());
    }
}

#[test]
fn a_name_goes_before_the_environment() {
    for word in ["tiny", "owner/tiny"] {
        let mut machine = Machine::new();
        put(&mut machine, Origin::Environment, whole);
        put(&mut machine, Origin::Cache, whole);
        machine.options.wanted = Wanted::Typed(word.to_owned());
        assert_eq!(machine.resolve().0.unwrap().origin, Origin::Cache);
    }
}

#[test]
fn an_incomplete_hub_cache_is_passed_over_and_named() {
    let mut machine = Machine::new();
    machine.options.network = Network::Offline;
    write_model(&machine.hub_snapshot(), |name, contents| if name.contains("Pooling") { Vec::new() } else { contents });
    let error = machine.resolve_error();
    assert!(error.contains("(lacks 1_Pooling/config.json)"), "{error}");
    put(&mut machine, Origin::Cache, whole);
    assert_eq!(machine.resolve().0.unwrap().origin, Origin::Cache);
}

fn check_damage(origin: Origin, change: Change, expect: &[&str]) {
    let mut machine = Machine::new();
    put(&mut machine, origin, change);
    if matches!(origin, Origin::Given | Origin::Environment) {
        // A folder that goes by the known model's name must be that model.
        std::fs::create_dir(machine.path("named")).unwrap();
        let from = if origin == Origin::Given { "given" } else { "environment" };
        std::fs::rename(machine.path(from), machine.path("named/tiny")).unwrap();
        machine.options.wanted = Wanted::Typed("../../named/tiny".to_owned());
    }
    let error = machine.resolve_error();
    for part in expect {
        assert!(error.contains(part), "{error} lacks {part}");
    }
    assert_eq!(machine.pip_runs(), 0);
}

#[test]
fn damage_names_file_expected_got_and_remedy() {
    let good = files()[3].1.clone();
    let changed = wrong_byte("model.safetensors", good.clone());
    let sums = format!("sha256 is {}, expected {}", sha256(&changed), sha256(&good));
    let all = |remedy: &'static str| ["model.safetensors: damaged", sums.as_str(), remedy].map(str::to_owned);
    for (origin, remedy) in [
        (Origin::Given, "if this is another model than tiny, rename its folder"),
        (Origin::Environment, "if this is another model than tiny, rename its folder"),
        (Origin::Project, "put the right file there or remove the folder"),
        (Origin::Cache, "run `nextread model pull tiny` to fetch it again"),
        (Origin::HubCache, "run `nextread model pull tiny` to fetch it again"),
    ] {
        check_damage(origin, wrong_byte, &all(remedy).each_ref().map(String::as_str));
    }
    check_damage(Origin::Cache, truncated, &["model.safetensors: 1000 bytes long, expected 240000", "model pull"]);
    check_damage(Origin::Project, without_config, &["config.json: missing"]);
}

#[test]
fn verify_reports_each_file() {
    let mut machine = Machine::new();
    put(&mut machine, Origin::Cache, |name, contents| without_config(name, truncated(name, contents)));
    let verified = model::verify(&machine.options).unwrap();
    assert!(!verified.is_sound());
    let states: Vec<FileState> = verified.files.into_iter().map(|file| file.state).collect();
    let short = FileState::Size { expected: 240_000, got: 1_000 };
    assert_eq!(states, [FileState::Missing, FileState::Good, FileState::Good, short]);
}

#[test]
fn another_model_is_taken_when_it_is_named() {
    let mut machine = Machine::new();
    put(&mut machine, Origin::Given, wrong_byte);
    let (found, heard) = machine.resolve();
    let found = found.unwrap();
    assert_eq!((found.name.as_str(), found.revision.as_str()), ("given", ""));
    assert_ne!(found.weights_sha256, sha256(&files()[3].1));
    assert!(heard.notices.is_empty());
    let verified = model::verify(&machine.options).unwrap();
    assert!(verified.is_sound() && matches!(verified.files[0].state, FileState::Unpinned { .. }));
}

#[test]
fn changed_files_beside_known_weights_are_told() {
    let mut machine = Machine::new();
    put(&mut machine, Origin::Environment, |name, mut contents| {
        if name == "config.json" {
            contents.push(b' ');
        }
        contents
    });
    let (found, heard) = machine.resolve();
    assert_eq!(found.unwrap().revision, "");
    assert_eq!(heard.notices.len(), 1);
    assert!(heard.notices[0].contains("has the weights of tiny but its config.json differs"), "{:?}", heard.notices);
}

fn check_given(word: &str, expect: &str) {
    let mut machine = Machine::new();
    std::fs::create_dir_all(machine.path("project/deep/empty")).unwrap();
    std::fs::write(machine.path("project/deep/file"), "x").unwrap();
    machine.options.wanted = Wanted::Typed(word.to_owned());
    let error = machine.resolve_error();
    assert!(error.contains(expect), "{error}");
    assert!(model::path(&machine.options).unwrap_err().to_string().contains(expect));
    assert_eq!(machine.pip_runs(), 0);
}

#[test]
fn a_folder_that_was_named_must_be_a_model() {
    check_given("nowhere", "no known model and no folder is called \"nowhere\"; known models: tiny");
    check_given("", "no known model");
    check_given("file", "--model is no folder");
    check_given("empty", "--model lacks model.safetensors");
    let mut machine = Machine::new();
    machine.options.folder = Some(machine.path("gone"));
    assert!(machine.resolve_error().contains("NEXTREAD_MODEL_DIR is no folder"));
}

#[test]
fn offline_fetches_nothing_and_says_where_it_looked() {
    let mut machine = Machine::new();
    machine.options.network = Network::Offline;
    for outcome in [machine.resolve(), machine.pull()] {
        let error = outcome.0.unwrap_err().to_string();
        let places = [Path::new("project/deep/models/tiny").to_owned(), Path::new("cache/tiny").join(REVISION)];
        for place in places.iter().map(|place| machine.folder.path().join(place)).chain([machine.hub_snapshot()]) {
            assert!(error.contains(place.to_str().unwrap()), "{error}");
        }
        assert!(error.contains("offline mode forbids") && error.contains("nextread model pull tiny"), "{error}");
        assert!(outcome.1.notices.is_empty());
    }
    assert_eq!(machine.pip_runs(), 0);
    assert!(!machine.path("cache").exists());
}

#[test]
fn list_tells_where_a_model_lies() {
    let mut machine = Machine::new();
    assert_eq!(model::list(&machine.options)[0].found(), None);
    assert!(model::path(&machine.options).unwrap_err().to_string().contains("run `nextread model pull tiny`"));
    put(&mut machine, Origin::HubCache, whole);
    let listed = model::list(&machine.options);
    assert_eq!(listed[0].manifest.name, "tiny");
    assert_eq!(listed[0].found().map(|place| place.origin), Some(Origin::HubCache));
    assert_eq!(listed[0].places.len(), 3);
}
