//! Which setting wins, and what is said about a wrong one?

use super::room::Room;

#[track_caller]
fn check(room: &Room, line: &str, variables: &[(&str, &str)], key: &str, value: &str, origin: &str) {
    let said = room.run_with(&format!("{line} --json"), variables).data();
    let config: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(config[key], serde_json::json!({"value": value, "origin": origin}), "{key}");
}

#[test]
fn flag_before_environment_before_file_before_default() {
    let room = Room::empty();
    room.write("nextread.toml", "# mine\nthreads = 3\nstore = \"posts/store\"\n");
    room.write("deep/er/x", "");
    let env = [("NEXTREAD_THREADS", "4")];
    check(&room, "config --threads 5", &env, "threads", "5", "flag");
    check(&room, "config", &env, "threads", "4", "environment, NEXTREAD_THREADS");
    check(&room, "config", &[], "threads", "3", "ROOM/nextread.toml:2");
    check(&room, "config", &[], "surprise", "0.3", "default");
    check(&room, "config", &[], "store", "ROOM/posts/store", "ROOM/nextread.toml:3");
    room.write("other.toml", "threads = 6");
    check(&room, "config --config other.toml", &[], "threads", "6", "other.toml:1");
    check(&room, "config", &[("NEXTREAD_CONFIG", "other.toml")], "threads", "6", "other.toml:1");

    let said = room.run("config");
    assert!(said.stderr.ends_with("read from ROOM/nextread.toml\n"), "{}", said.stderr);
    assert!(said.data().contains("\nthreads = 3  # ROOM/nextread.toml:2\n"));
    let from_below = room.said(room.command("config").current_dir(room.path("deep/er")).output().unwrap());
    assert_eq!(from_below.data(), room.run("config").data());
}

#[test]
fn settings_do_what_their_flags_do() {
    let room = Room::with_store();
    let by_flag = room.run("related vmaf --limit 2 --min-score 0.1 --diversity 0.5 --format jsonl").data();
    assert_eq!(by_flag.lines().count(), 2);
    room.write("nextread.toml", "limit = 2\nmin_score = 0.1\ndiversity = 0.5\nformat = \"jsonl\"\n");
    assert_eq!(room.run("related vmaf").data(), by_flag);
    let variables = [("NEXTREAD_LIMIT", "2"), ("NEXTREAD_MIN_SCORE", "0.1"), ("NEXTREAD_FORMAT", "jsonl")];
    room.write("nextread.toml", "diversity = 0.5\nlimit = 9\n");
    assert_eq!(room.run_with("related vmaf", &variables).data(), by_flag);
}

#[test]
fn a_wrong_setting_names_its_line_and_what_it_may_be() {
    let room = Room::with_store();
    for (text, expect) in [
        ("limit = 3\nmin_scor = 0.1\n", "2: unknown key \"min_scor\"; did you mean \"min_score\"?"),
        ("limit = 0\n", "1: limit: must be a whole number from 1 to 65535, not \"0\""),
        ("\nlimit = \"3\"\n", "2: limit must be a whole number from 1 to 65535"),
        ("offline = \"yes\"\n", "1: offline must be true or false"),
        ("diversity = 1.5\n", "1: diversity: must be a number from 0 to 1, not \"1.5\""),
        ("format = \"xml\"\n", "1: format: must be one of table, json, jsonl, md, not \"xml\""),
        ("limit = 3\nlimit = 4\n", "2: duplicate key"),
        (
            "[related]\nlimit = 3\n",
            "1: unknown key \"related\"; the keys are store, model, offline, allow_private, device, precision, threads, format, long_texts, index, recall, limit, closer_than, min_score, diversity, surprise, half_life, per_source, per_author, per_series, block, linked, fallback, posts",
        ),
    ] {
        room.write("nextread.toml", text);
        for line in ["related vmaf", "index -", "config"] {
            assert_eq!(room.run(line).error(2), format!("error: ROOM/nextread.toml:{expect}"));
        }
    }
    std::fs::remove_file(room.path("nextread.toml")).unwrap();
    let error = room.run_with("config", &[("NEXTREAD_LIMIT", "x")]).error(2);
    assert_eq!(error, "error: NEXTREAD_LIMIT: must be a whole number from 1 to 65535, not \"x\"");
    let said = room.run_with("related vmaf", &[("NEXTREAD_LIMT", "3")]);
    let warning = "warning: NEXTREAD_LIMT is set and means nothing here; did you mean NEXTREAD_LIMIT?\n";
    assert!(said.stderr.starts_with(warning), "{}", said.stderr);
    assert_eq!(said.data(), room.run("related vmaf").data());
    let error = room.run("config --config none.toml").error(2);
    assert!(error.starts_with("error: none.toml: No such file or directory"), "{error}");
}

#[test]
fn a_wrong_flag_is_a_usage_error() {
    let room = Room::with_store();
    for line in [
        "",
        "relatd vmaf",
        "related",
        "related vmaf --frobnicate",
        "related vmaf -n 0",
        "related vmaf -n 1.5",
        "related vmaf --min-score 2",
        "related vmaf --diversity nan",
        "related vmaf --format xml",
        "related vmaf --json --format md",
        "related vmaf --threads 0",
        "related vmaf --device tpu",
        "related vmaf -q -v",
        "next --surprise=-0.1",
        "next --read vmaf --history h.txt",
        "path",
        "path --from vmaf",
        "path caches --from vmaf --to jdk-vector-api",
        "path caches --minutes 0",
        "search",
        "explain vmaf",
        "history",
        "history add",
        "index - --map text",
        "index --drafts",
        "index --source mine",
    ] {
        let said = room.run(line);
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{line}: {}", said.stderr);
        assert!(said.stderr.contains("rror") || said.stderr.contains("Usage:"), "{line}: {}", said.stderr);
    }
}
