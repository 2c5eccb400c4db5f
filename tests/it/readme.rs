//! Does the README tell the truth? Its commands are run and print what it shows; its library example is compiled.

use std::path::Path;
use std::process::Command;

use crate::model_folder::model_folder;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The fenced block of the README that begins with `head`, without that line.
fn block_after(head: &str) -> String {
    let readme = read("README.md");
    let start = readme.find(head).unwrap_or_else(|| panic!("README.md has no \"{head}\"")) + head.len();
    let block = &readme[start..];
    block[..block.find("```").unwrap()].trim_matches('\n').to_owned()
}

fn nextread(arguments: &[&str], store: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_nextread"))
        .args(arguments)
        .arg("--store")
        .arg(store)
        .env("NEXTREAD_MODEL_DIR", model_folder())
        // The others differ in the last digit that is shown, from processor to processor.
        .env("NEXTREAD_PRECISION", "exact")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_first_command_prints_what_the_readme_shows_and_embeds_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let shown = block_after("$ cargo run --release -- demo\n");
    let first = nextread(&["demo"], &store);
    assert_eq!(first.trim_end(), shown.trim_end(), "README.md shows another output of `demo`");
    assert_eq!(nextread(&["demo"], &store), first);
}

#[test]
fn the_second_command_is_what_ci_runs() {
    let readme = read("README.md");
    let commands: Vec<&str> = readme.lines().filter(|line| line.starts_with("$ npx ")).collect();
    assert_eq!(commands.len(), 1);
    assert!(commands[0].ends_with(" check"));
    assert!(read(".ci/run").contains("s/^\\$ \\(npx .*check\\)$/\\1/p"));
    assert!(read("justfile").contains("\ncheck: fmt clippy model test doc\n"));
}

#[test]
fn the_library_example_is_the_one_that_is_compiled() {
    let example = block_after("```rust\n");
    let lib = read("src/lib.rs");
    let compiled: Vec<&str> = lib
        .lines()
        .skip_while(|line| *line != "//! ```")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""))
        .filter(|line| !line.starts_with("# "))
        .collect();
    assert_eq!(example, compiled.join("\n"));
}

#[test]
fn the_commands_for_ones_own_blog_exist() {
    for line in block_after("## Your own blog\n\n```\n").lines() {
        let words: Vec<&str> = line.trim_start_matches("$ ").split_whitespace().collect();
        if words[0] == "nextread" {
            let help = Command::new(env!("CARGO_BIN_EXE_nextread")).args([words[1], "--help"]).output().unwrap();
            assert!(help.status.success(), "{line}");
        }
    }
}
