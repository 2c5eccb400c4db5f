//! Does the code keep its own rules? Sizes, imports, unsafe, banned words, the version in the changelog.

use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MEDIAN_MAX: usize = 150;
const FUNCTION_LINES_P90_MAX: usize = 30;

/// Imports point down this list only; modules of one level do not import one another.
const LEVELS: [&[&str]; 9] = [
    &["cli", "server"],
    &["site", "output", "eval"],
    &["recommender"],
    &["rank"],
    &["fetch"],
    &["index", "store", "embed", "model", "sources"],
    &["embeddings", "similarity"],
    &["corpus"],
    &["post", "text"],
];

/// These crates are imported by one module each.
const ONLY_IN: [(&str, &str); 22] = [
    ("candle_core", "embed"),
    ("candle_nn", "embed"),
    ("candle_transformers", "embed"),
    ("tokenizers", "embed"),
    ("hf_hub", "model"),
    ("zip", "model"),
    ("rusqlite", "store"),
    ("memmap2", "store"),
    ("ureq", "fetch"),
    ("brotli_decompressor", "fetch"),
    ("dom_smoothie", "sources"),
    ("encoding_rs", "sources"),
    ("parquet", "sources"),
    ("cap_std", "site"),
    ("cap_tempfile", "site"),
    ("notify", "cli"),
    ("feed_rs", "sources"),
    ("quick_xml", "sources"),
    ("pulldown_cmark", "sources"),
    ("clap", "cli"),
    ("anyhow", "cli"),
    ("indicatif", "cli"),
];

/// Two rooms for kernels, and one call that maps a file.
const UNSAFE_ROOMS: [&str; 3] = ["src/similarity/", "src/embed/packed/kernels", "src/store/snapshot/map.rs"];

/// These modules are functions of their arguments.
const PURE: [&str; 8] = ["post", "text", "corpus", "embeddings", "similarity", "index", "rank", "eval"];
const IMPURE_WORDS: [&str; 8] =
    ["std::fs", "std::env", "std::io", "std::net", "SystemTime", "Instant::now", "Utc::now", "println!"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" {
                found.extend(files(&path, extensions));
            }
        } else if extensions.iter().any(|extension| name.ends_with(extension)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// Lines of code up to the unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap()
}

fn function_lengths(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut lengths = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let is_function = ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn ", "pub const fn "]
            .iter()
            .any(|head| code.starts_with(head));
        if is_function && !line.ends_with(';') {
            let end = format!("{}}}", &line[..line.len() - code.len()]);
            let length = lines[start..].iter().position(|line| **line == end).map_or(1, |at| at + 1);
            lengths.push((start + 1, length));
        }
    }
    lengths
}

#[test]
fn files_and_functions_stay_small() {
    let mut all_files: Vec<usize> = Vec::new();
    let mut all_functions: Vec<usize> = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for path in files(&root().join(folder), &[".rs"]) {
            let text = read(&path);
            let lines = text.lines().count();
            assert!(lines <= FILE_LINES_MAX, "{} has {lines} lines", shown(&path));
            for (line, length) in function_lengths(&text) {
                assert!(length <= FUNCTION_LINES_MAX, "{}:{line}: a function of {length} lines", shown(&path));
                all_functions.push(length);
            }
            if folder == "src" {
                all_files.push(without_tests(&text).lines().count());
            }
        }
    }
    all_files.sort_unstable();
    all_functions.sort_unstable();
    let median = all_files[all_files.len() / 2];
    assert!(median <= FILE_LINES_MEDIAN_MAX, "the median file has {median} lines without its tests");
    let p90 = all_functions[all_functions.len() * 9 / 10];
    assert!(p90 <= FUNCTION_LINES_P90_MAX, "the 90th percentile of functions is {p90} lines");
}

#[test]
fn imports_point_down() {
    let level = |module: &str| LEVELS.iter().position(|modules| modules.contains(&module));
    for path in files(&root().join("src"), &[".rs"]) {
        let module = module_of(&path);
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let own = level(&module).unwrap_or_else(|| panic!("{}: no level is given to {module}", shown(&path)));
        for (number, line) in read(&path).lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let name: String =
                    used.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                let Some(their) = level(&name) else { continue };
                let place = format!("{}:{}", shown(&path), number + 1);
                assert!(name == module || their > own, "{place}: {module} imports {name}, which is not below it");
            }
        }
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    for path in files(&root().join("src"), &[".rs"]) {
        let (module, text) = (module_of(&path), read(&path));
        for (name, room) in ONLY_IN {
            let uses = text.contains(&format!("{name}::")) || text.contains(&format!("use {name};"));
            assert!(module == room || !uses, "{}: only {room} may use {name}", shown(&path));
        }
        if PURE.contains(&module.as_str()) {
            for word in IMPURE_WORDS {
                assert!(!without_tests(&text).contains(word), "{}: {module} is pure, no {word}", shown(&path));
            }
        }
        let unsafe_room = UNSAFE_ROOMS.iter().any(|room| shown(&path).starts_with(room));
        let has_unsafe = text.lines().any(|line| line.contains("unsafe ") && !line.trim_start().starts_with("//"));
        assert!(unsafe_room || !has_unsafe, "{}: unsafe is for {UNSAFE_ROOMS:?}", shown(&path));
    }
}

#[test]
fn words_that_have_no_place_here() {
    // Written in halves, so that this list does not find itself.
    let banned = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X"].concat(),
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
        ["art", "ifactory"].concat(),
        ["index.crates", ".io"].concat(),
        ["files.python", "hosted"].concat(),
    ];
    for path in files(root(), &[".rs", ".md", ".toml", ".py", "justfile", ".jsonl", ".csv", ".yml", ".txt"]) {
        let text = read(&path);
        for word in &banned {
            if let Some(at) = text.find(word.as_str()) {
                panic!("{}:{}: {word}", shown(&path), 1 + text[..at].matches('\n').count());
            }
        }
    }
}

#[test]
fn the_glossary_is_kept_in_names() {
    for path in files(&root().join("src"), &[".rs"]) {
        for (number, line) in read(&path).lines().enumerate() {
            let code = line.split("//").next().unwrap().to_lowercase();
            for word in ["article", "suggestion", "playlist", "diversify", "neighbour"] {
                let names_it = code.split(|letter: char| !letter.is_alphanumeric()).any(|part| part == word);
                let quoted = code.contains('"');
                assert!(
                    !names_it || quoted,
                    "{}:{}: the glossary has another word for {word}",
                    shown(&path),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn the_changelog_has_this_version() {
    let changelog = read(&root().join("CHANGELOG.md"));
    let heading = format!("## {}", env!("CARGO_PKG_VERSION"));
    assert!(changelog.contains(&heading), "CHANGELOG.md has no heading \"{heading}\"");
}

#[test]
fn every_dependency_is_explained() {
    let manifest: toml::Table = read(&root().join("Cargo.toml")).parse().unwrap();
    let record = read(&root().join("docs/decisions/0001-dependencies.md"));
    for table in ["dependencies", "dev-dependencies"] {
        for name in manifest[table].as_table().unwrap().keys() {
            assert!(
                record.contains(&format!("`{name}`")),
                "docs/decisions/0001-dependencies.md does not explain {name}"
            );
        }
    }
}
