//! In which file of a folder is a post's part? Ordinary names stay what they are; all others become a few plain letters and a hash.
//!
//! A name is ordinary if it means the same on every file system and in every shell: what a feed or a record claims to be called
//! must not reach another folder, another post's file, or a device.

use std::collections::{BTreeMap, HashSet};

use sha2::{Digest, Sha256};

/// The ending of every part.
const ENDING: &str = ".html";
/// Bytes of a folder's or file's name, the ending left out.
const PART_BYTES_MAX: usize = 100;
/// Bytes of a whole path, and folders in it.
const PATH_BYTES_MAX: usize = 240;
const FOLDERS_MAX: usize = 12;
/// Letters of a name that stay beside the hash.
const KEPT_MAX: usize = 40;
/// Hexadecimal digits of the hash: half of SHA-256, which nobody can make two names of.
const HASH_DIGITS: usize = 32;
/// Devices of Windows, which a file of any ending may not be called after.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Returns a relative path for each name, in their order: no two the same, even where upper case counts as lower. Names are
/// different.
#[must_use]
pub fn part_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let mut twins: BTreeMap<String, usize> = BTreeMap::new();
    let plain: Vec<Option<&str>> = names.iter().map(|name| plain(name)).collect();
    plain.iter().flatten().for_each(|path| *twins.entry(path.to_lowercase()).or_default() += 1);
    let file = |(name, plain): (&&str, &Option<&str>)| match plain {
        Some(path) if twins[&path.to_lowercase()] == 1 => format!("{path}{ENDING}"),
        _ => hashed(name) + ENDING,
    };
    let files: Vec<String> = names.iter().zip(&plain).map(file).collect();
    debug_assert_eq!(files.iter().collect::<HashSet<_>>().len(), names.iter().collect::<HashSet<_>>().len());
    files
}

/// Tells whether a part is called otherwise than its post.
#[must_use]
pub fn is_renamed(name: &str, file: &str) -> bool {
    file.strip_suffix(ENDING) != Some(without_dot(name))
}

fn without_dot(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

/// Returns the path that an ordinary name stands for.
fn plain(name: &str) -> Option<&str> {
    let path = without_dot(name);
    let parts: Vec<&str> = path.split('/').collect();
    let (file, folders) = parts.split_last()?;
    let is_fit =
        path.len() <= PATH_BYTES_MAX && folders.len() <= FOLDERS_MAX && parts.iter().all(|part| is_plain(part));
    // A folder must not be called as the file of a post is, nor a post as a hash makes it.
    let is_free = !folders.iter().any(|folder| folder.to_lowercase().ends_with(ENDING)) && !looks_hashed(file);
    (is_fit && is_free).then_some(path)
}

fn is_plain(part: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let starts_well = part.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    starts_well
        && part.len() <= PART_BYTES_MAX
        && part.bytes().all(is_letter)
        && !part.ends_with('.')
        && !is_device(part)
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    DEVICES.contains(&stem.as_str())
        || port.is_some_and(|number| number.len() == 1 && number.bytes().all(|c| c.is_ascii_digit()))
}

fn looks_hashed(file: &str) -> bool {
    let hash = file.rsplit_once("--").map(|(_, hash)| hash);
    hash.is_some_and(|hash| hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Writes what can be kept of the last part of a name, and a hash of all of it.
fn hashed(name: &str) -> String {
    let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
    let words = last.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut kept: String = words.collect::<Vec<_>>().join("-").to_lowercase();
    kept.truncate(KEPT_MAX);
    let kept = if kept.is_empty() || is_device(&kept) { "post" } else { kept.trim_end_matches('-') };
    let digest = Sha256::digest(name);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{kept}--{}", &hash[..HASH_DIGITS])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay_and_others_do_not() {
        for (name, expect) in [
            ("posts/a.md", "posts/a.md.html"),
            ("./_posts/2024-01-31-On_It.md", "_posts/2024-01-31-On_It.md.html"),
            ("../../x", "x--"),
            ("/etc/passwd", "passwd--"),
            ("https://x.example/a?b", "a-b--"),
            ("a//b", "b--"),
            ("a/./b", "b--"),
            (".hidden", "hidden--"),
            ("con.md", "con-md--"),
            ("posts/COM1", "post--"),
            ("trailing.", "trailing--"),
            ("trailing ", "trailing--"),
            ("a\\b", "a-b--"),
            ("%2e%2e/x", "x--"),
            ("x.html/y", "y--"),
            ("caf\u{e9}.md", "caf-md--"),
            ("\u{202e}gpj", "gpj--"),
            ("", "post--"),
        ] {
            let file = &part_names([name])[0];
            assert!(file.starts_with(expect) && is_safe(file), "{name:?}: {file}");
            assert_eq!(is_renamed(name, file), expect.ends_with("--"), "{name:?}");
        }
    }

    #[test]
    fn twins_have_a_file_each() {
        let long = "x".repeat(300);
        let other = format!("{}y", "x".repeat(299));
        let claimed = hashed("../c");
        let names = [
            "a.md", "A.md", "./b", "b", "e\u{301}", "\u{e9}", &long, &other, "../c", &claimed, "n\0", "n", "x",
            "x.html/y",
        ];
        let mut files: Vec<String> = part_names(names).iter().map(|file| file.to_lowercase()).collect();
        files.sort();
        files.dedup();
        assert_eq!(files.len(), names.len(), "{files:?}");
    }

    /// Every part of the path is of a safe alphabet and leads nowhere else.
    fn is_safe(file: &str) -> bool {
        file.len() <= 250
            && file.split('/').all(|part| {
                let first = part.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                let letters = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
                first && letters && part.len() <= 105 && !part.ends_with('.') && !is_device(part)
            })
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "..",
            ".",
            "/",
            "\\",
            "\0",
            "%2e%2e",
            "CON",
            "con",
            "nul.md",
            ".",
            " ",
            "a",
            "A",
            "\u{e9}",
            "e\u{301}",
            "\u{202e}",
            "x.html",
            "--",
            "0123456789abcdef0123456789abcdef",
            "posts",
            "Posts",
            "\n",
            "~",
            "$HOME",
            "`id`",
            "C:",
            "\u{ff0e}\u{ff0e}",
            "\u{212a}",
            "K",
            "k",
        ]);
        let pieces = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
        prop_oneof![8 => pieces, 1 => "\\PC{0,300}", 1 => "[a-zA-Z/.]{0,12}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]
        #[test]
        fn no_name_leaves_the_folder_or_takes_the_file_of_another(names in prop::collection::hash_set(hostile(), 1..12)) {
            let files = part_names(names.iter().map(String::as_str));
            prop_assert!(files.iter().all(|file| is_safe(file)), "{:?}", files);
            let lower: HashSet<String> = files.iter().map(|file| file.to_lowercase()).collect();
            prop_assert_eq!(lower.len(), names.len());
            // No file is where another needs a folder.
            let is_folder = |file: &String| lower.iter().any(|other| other.starts_with(&format!("{file}/")));
            prop_assert!(!lower.iter().any(is_folder), "{:?}", files);
        }
    }
}
