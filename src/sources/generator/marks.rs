//! By which marks is a generator told? The names of its configuration, from the folder that is read upwards.

use std::path::{Path, PathBuf};

use super::config::{Config, read_text};
use super::{SiteKind, SiteRule};

/// Folders above the one that is read in which a configuration is looked for.
pub(in crate::sources) const FOLDERS_UP_MAX: usize = 8;

/// Names of what decides how a site is read, by generator.
const DOCUSAURUS: [&str; 4] =
    ["docusaurus.config.js", "docusaurus.config.ts", "docusaurus.config.mjs", "docusaurus.config.cjs"];
const ASTRO: [&str; 5] =
    ["astro.config.mjs", "astro.config.js", "astro.config.ts", "astro.config.mts", "astro.config.cjs"];
const ELEVENTY: [&str; 4] = [".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs"];
const PELICAN: [&str; 1] = ["pelicanconf.py"];
const ZOLA: [&str; 2] = ["zola.toml", "config.toml"];
/// Hexo knows the first two.
const JEKYLL: [&str; 3] = ["_config.yml", "_config.yaml", "_config.toml"];
const HUGO_STEMS: [&str; 2] = ["hugo", "config"];
const HUGO_ENDINGS: [&str; 4] = ["toml", "yaml", "yml", "json"];
/// Where Hugo's configuration is in parts, and what of them is read.
pub(in crate::sources) const HUGO_FOLDER: &str = "config/_default";
const HUGO_PARTS: [&str; 6] = ["hugo", "config", "permalinks", "languages", "frontmatter", "module"];

/// Tells whether a file called so is, or may be, a part of a site's configuration.
pub(in crate::sources) fn is_configuration(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let stems =
        if path.parent().is_some_and(|folder| folder.ends_with(HUGO_FOLDER)) { &HUGO_PARTS[..] } else { &HUGO_STEMS };
    let parts = name.rsplit_once('.');
    [&DOCUSAURUS[..], &ASTRO, &ELEVENTY, &PELICAN, &ZOLA, &JEKYLL].concat().contains(&name)
        || parts.is_some_and(|(stem, ending)| stems.contains(&stem) && HUGO_ENDINGS.contains(&ending))
}

/// Returns the folder of the site that `folder` belongs to; itself where there is none.
pub(in crate::sources) fn root_of(folder: &Path) -> PathBuf {
    find(folder, SiteRule::Detect).root
}

/// A site's folder, and the names of what its configuration is written in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: SiteKind,
    pub(super) root: PathBuf,
    pub(super) config: Vec<String>,
}

/// Finds the nearest folder with marks of a generator; the search ends at a repository's root.
pub(super) fn find(folder: &Path, rule: SiteRule) -> Found {
    let plain = |kind| Found { kind, root: folder.to_owned(), config: Vec::new() };
    let kinds = match rule {
        SiteRule::Is(SiteKind::Plain) => return plain(SiteKind::Plain),
        SiteRule::Is(kind) => vec![kind],
        SiteRule::Detect => ORDER.to_vec(),
    };
    // A `_posts` alone is also a part of other sites, whose configuration is further up.
    let mut by_folder = None;
    for root in folder.ancestors().take(FOLDERS_UP_MAX + 1) {
        let inside = folder.strip_prefix(root).unwrap_or(Path::new(""));
        let found = kinds.iter().find_map(|kind| Some((*kind, marks(root, *kind)?)));
        match found.filter(|(kind, _)| may_hold(*kind, inside)) {
            Some((SiteKind::Jekyll, config)) if config.is_empty() => {
                by_folder.get_or_insert(Found { kind: SiteKind::Jekyll, root: root.to_owned(), config });
            }
            Some((kind, config)) => return Found { kind, root: root.to_owned(), config },
            None => {}
        }
        if root.join(".git").exists() {
            break;
        }
    }
    by_folder.unwrap_or_else(|| match rule {
        SiteRule::Is(kind) => plain(kind),
        SiteRule::Detect => plain(SiteKind::Plain),
    })
}

/// Those with names of their own come before those that share `_config.yml` or `config.toml`.
const ORDER: [SiteKind; 9] = [
    SiteKind::Docusaurus,
    SiteKind::Astro,
    SiteKind::Eleventy,
    SiteKind::Pelican,
    SiteKind::Hexo,
    SiteKind::Zola,
    SiteKind::Hugo,
    SiteKind::Jekyll,
    SiteKind::Obsidian,
];

/// Returns the configuration of `kind` that `root` has; `None` where it has no mark of it.
fn marks(root: &Path, kind: SiteKind) -> Option<Vec<String>> {
    let one = |names: &[&str]| {
        let name = names.iter().find(|name| root.join(name).is_file())?;
        Some(vec![(*name).to_owned()])
    };
    match kind {
        SiteKind::Docusaurus => one(&DOCUSAURUS),
        SiteKind::Astro => one(&ASTRO),
        SiteKind::Eleventy => one(&ELEVENTY),
        SiteKind::Pelican => one(&PELICAN),
        SiteKind::Hexo if root.join("source/_posts").is_dir() => one(&JEKYLL[..2]),
        SiteKind::Zola => one(&ZOLA).filter(|names| names[0] == "zola.toml" || says(root, &names[0], &["base_url"])),
        SiteKind::Hugo => hugo(root),
        SiteKind::Jekyll => one(&JEKYLL).or_else(|| root.join("_posts").is_dir().then(Vec::new)),
        SiteKind::Obsidian => root.join(".obsidian").is_dir().then(Vec::new),
        SiteKind::Hexo | SiteKind::Plain => None,
    }
}

/// `hugo.toml`, or `config.toml` with Hugo's own keys, then what stands below `config/_default`.
fn hugo(root: &Path) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let named = |stem: &str| HUGO_ENDINGS.iter().map(move |ending| format!("{stem}.{ending}")).collect::<Vec<_>>();
    let own = named("hugo").into_iter().find(|name| root.join(name).is_file());
    let shared = || {
        let keys = ["baseurl", "languagecode", "defaultcontentlanguage", "permalinks", "contentdir"];
        named("config").into_iter().find(|name| root.join(name).is_file() && says(root, name, &keys))
    };
    found.extend(own.or_else(shared));
    for stem in HUGO_PARTS {
        let names = named(&format!("{HUGO_FOLDER}/{stem}"));
        found.extend(names.into_iter().find(|name| root.join(name).is_file()));
    }
    (!found.is_empty()).then_some(found)
}

/// Tells whether a configuration has one of these keys.
fn says(root: &Path, name: &str, keys: &[&str]) -> bool {
    let fields = Config::read(root, &[name.to_owned()], SiteKind::Hugo).map(|config| config.fields).unwrap_or_default();
    // One that cannot be read is told as such, under the kind that its words speak for.
    let words = || read_text(&root.join(name)).unwrap_or_default().to_lowercase();
    keys.iter().any(|key| fields.contains_key(*key))
        || (fields.is_empty() && keys.iter().any(|key| words().contains(key)))
}

/// Tells whether what lies `inside` a site's folder can be of it: a generator reads its content folder only.
fn may_hold(kind: SiteKind, inside: &Path) -> bool {
    let first = inside.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
    let never = ["node_modules", "public", "_site", "dist", "build", "resources", "target"];
    match kind {
        SiteKind::Zola => matches!(first, "" | "content"),
        _ => !never.contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], inside: &str, expect: &str) {
        let room = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = room.path().join("site").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), text.as_bytes()).unwrap();
        }
        let folder = room.path().join("site").join(inside);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(room.path().join(".git")).unwrap();
        let found = find(&folder, SiteRule::Detect);
        let root = found.root.strip_prefix(room.path()).unwrap().display().to_string();
        assert_eq!(format!("{} {root} {}", found.kind.as_str(), found.config.join(",")).trim_end(), expect);
    }

    #[test]
    fn generators_are_told_by_their_marks() {
        check(&[("hugo.toml", "")], "content/posts", "hugo site hugo.toml");
        check(&[("config.toml", "baseURL='x'")], "content", "hugo site config.toml");
        check(&[("config.toml", "base_url='x'")], "content", "zola site config.toml");
        check(&[("config.toml", "base_url='x'")], "docs", "plain site/docs");
        check(&[("config.toml", "theme='x'\n[build]\njobs=1")], "", "plain site");
        check(&[("config.toml", "base_url =\n")], "", "zola site config.toml");
        check(
            &[("config/_default/hugo.yaml", ""), ("config/_default/permalinks.yaml", "")],
            "content",
            "hugo site config/_default/hugo.yaml,config/_default/permalinks.yaml",
        );
        check(&[("_config.yml", "")], "_posts", "jekyll site _config.yml");
        check(&[], "_posts", "jekyll site");
        check(&[("_config.yml", ""), ("source/_posts/a.md", "")], "source/_posts", "hexo site _config.yml");
        check(&[(".eleventy.js", "")], "src/posts", "eleventy site .eleventy.js");
        check(&[("astro.config.mjs", "")], "src/content/blog", "astro site astro.config.mjs");
        check(&[("docusaurus.config.ts", "")], "blog", "docusaurus site docusaurus.config.ts");
        check(&[("pelicanconf.py", "")], "content", "pelican site pelicanconf.py");
        check(&[(".obsidian/app.json", "")], "notes", "obsidian site");
        check(&[("hugo.toml", ""), ("a/.git/HEAD", "")], "a/b", "plain site/a/b");
        check(&[("hugo.toml", "")], "public/posts", "plain site/public/posts");
    }

    #[test]
    fn what_is_asked_for_is_not_detected() {
        let room = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(room.path().join(".git")).unwrap();
        assert_eq!(find(room.path(), SiteRule::Is(SiteKind::Hexo)).kind, SiteKind::Hexo);
    }
}
