//! Do posts of a site have the addresses that its generator gives? The lists come from the generators themselves
//! (`tests/reference/sites/make.py`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nextread::corpus::{Corpus, resolve_links};
use nextread::post::PostDate;
use nextread::sources::{Read, ReadOptions, SiteKind, SiteRule, read_path};

fn folder(site: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/sites").join(site)
}

fn read(path: &Path) -> Read {
    read_path(path, &ReadOptions::new(PostDate::parse("2026-06-01").unwrap())).unwrap()
}

fn ours(read: &Read) -> BTreeMap<String, String> {
    let address = |post: &nextread::post::Post| (post.path.clone().unwrap(), post.url.clone().unwrap_or_default());
    read.posts.iter().map(address).collect()
}

fn theirs(site: &str) -> BTreeMap<String, String> {
    let lines = std::fs::read_to_string(folder(site).join("expected.jsonl")).unwrap();
    let rows = lines.lines().map(|line| serde_json::from_str::<BTreeMap<String, String>>(line).unwrap());
    rows.map(|row| (row["path"].clone(), row["url"].clone())).collect()
}

/// Compares every address, then what was said of the site and how much was skipped.
#[track_caller]
fn check(site: &str, expect_site: &str, expect_skips: &[(&str, usize)]) -> Read {
    let read = read(&folder(site));
    assert_eq!(ours(&read), theirs(site));
    assert_eq!(read.report.site.as_ref().unwrap().to_string(), expect_site);
    let skips: Vec<(&str, usize)> = read.report.skipped.counts.clone().into_iter().collect();
    assert_eq!(skips, expect_skips);
    assert_eq!(read.report.faults, 0);
    read
}

#[test]
fn hugo() {
    let skips = [("draft", 2), ("expired", 1), ("future date", 2), ("no page of the site", 3), ("section page", 2)];
    let read = check("hugo", "a Hugo site (hugo.toml): addresses begin with https://hugo.example/sub", &skips);
    let french = read.posts.iter().filter(|post| post.language.as_deref() == Some("fra"));
    assert_eq!(french.count(), 2);
    let config = "config/_default/config.yaml, config/_default/permalinks.yaml, config/_default/languages.yaml";
    check("hugo-folders", &format!("a Hugo site ({config}): addresses begin with https://folders.example"), &[]);
}

#[test]
fn jekyll() {
    let skips = [("draft", 2), ("future date", 1), ("no page of the site", 6)];
    let read = check("jekyll", "a Jekyll site (_config.yml): addresses begin with https://jekyll.example/base", &skips);
    let post = |id: &str| read.posts.iter().find(|post| post.id.as_str() == id).unwrap();
    let first = post("_posts/2024-01-31-first-post");
    assert_eq!((first.tags.join(","), first.author.as_deref()), ("a,b,News".to_owned(), Some("D")));
    assert_eq!(post("_posts/2024-02-14-page").text.as_deref(), Some("Text of it."));
    assert_eq!(post("_posts/2024-02-12-untitled-post").title, "Untitled post");
}

#[test]
fn eleventy() {
    let skips = [("no page of the site", 3)];
    let read = check(
        "eleventy",
        "an Eleventy site (eleventy.config.js): addresses begin at /, as the configuration names no host",
        &skips,
    );
    assert!(read.posts.iter().any(|post| post.tags == ["rust"] || post.tags.contains(&"rust".to_owned())));
}

#[test]
fn docusaurus() {
    let skips = [("draft", 1), ("no page of the site", 2)];
    let site = "a Docusaurus site (docusaurus.config.js): addresses begin with https://docusaurus.example";
    let read = check("docusaurus", site, &skips);
    let summary = |id: &str| read.posts.iter().find(|post| post.id.as_str() == id).unwrap().summary.text.clone();
    assert_eq!(summary("blog/2024-01-31-first"), "Start of it.");
    assert_eq!(summary("blog/2024/02/02/by-folders"), "Start of it.");
}

#[test]
fn astro() {
    let site = "an Astro site (astro.config.mjs): addresses begin with https://astro.example";
    check("astro", site, &[("no page of the site", 1)]);
}

#[test]
fn hexo() {
    let site = "a Hexo site (_config.yml): addresses begin with https://hexo.example";
    check("hexo", site, &[("draft", 2)]);
}

#[test]
fn pelican() {
    let site = "a Pelican site (pelicanconf.py): addresses begin with https://pelican.example";
    check("pelican", site, &[("draft", 1), ("no page of the site", 2)]);
}

#[test]
fn an_obsidian_vault_has_no_addresses() {
    let read = read(&folder("obsidian/notes"));
    assert_eq!(read.report.site.as_ref().unwrap().to_string(), "an Obsidian vault (by its folders; no configuration)");
    let first = &read.posts[0];
    assert_eq!((first.title.as_str(), first.tags.join(" ").as_str()), ("First note", "rust lang/tools"));
    assert_eq!(first.url, None);
    let links: Vec<&str> = read.links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(links, ["Second note", "First note"]);
}

/// A part of a site has the addresses of the whole, and a file its own.
#[test]
fn what_is_inside_of_a_site_is_of_it() {
    let whole = theirs("hugo");
    let posts = read(&folder("hugo/content/posts"));
    assert_eq!(posts.posts.len(), whole.keys().filter(|path| path.starts_with("content/posts/")).count());
    for (path, url) in ours(&posts) {
        assert_eq!(whole[&format!("content/posts/{path}")], url);
    }
    let one = read(&folder("hugo/content/posts/first.md"));
    assert_eq!(one.posts[0].url.as_deref(), Some("https://hugo.example/sub/2024/01/first-post/"));
    let mut plain = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
    plain.site = SiteRule::Is(SiteKind::Plain);
    let plain = read_path(&folder("hugo/content/posts"), &plain).unwrap();
    assert!(
        plain.report.site.is_none()
            && plain
                .posts
                .iter()
                .all(|post| post.url.as_deref() != Some("https://hugo.example/sub/2024/01/first-post/"))
    );
}

/// Half a configuration would give addresses that are wrong: none are given, and the posts are read.
#[test]
fn a_configuration_that_cannot_be_read_is_told() {
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(site.path().join("content/posts")).unwrap();
    std::fs::write(site.path().join("hugo.toml"), "baseURL = 'https://x.example'\n[permalinks\n").unwrap();
    std::fs::write(site.path().join("content/posts/a.md"), "---\ntitle: A\n---\nText of it.\n").unwrap();
    let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
    let error = read_path(&site.path().join("content"), &options).unwrap_err().to_string();
    let expect = "hugo.toml:2: the site's configuration cannot be read (not valid TOML (";
    assert!(error.contains(expect) && error.ends_with("(--site-kind plain)"), "{error}");
    options.site = SiteRule::Is(SiteKind::Plain);
    let read = read_path(&site.path().join("content"), &options).unwrap();
    assert_eq!((read.posts.len(), read.posts[0].url.as_deref()), (1, None));
}

/// Writes a site in which the post `from` links to the post `to` in every way of `targets`, and tells which are not found.
#[track_caller]
fn check_links(files: &[(&str, &str)], from: &str, to: &str, links: &[&str]) {
    let mut missing = Vec::new();
    for link in links {
        let site = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = site.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let body = if link.starts_with("[[") { (*link).to_owned() } else { format!("[words]({link})") };
        std::fs::write(site.path().join(from), format!("---\ntitle: From\ndate: 2023-05-06\n---\nSee {body}.\n"))
            .unwrap();
        let read = read(site.path());
        let corpus = Corpus::new(read.posts).unwrap();
        let found = resolve_links(&corpus, &read.links).body;
        let path = |at: usize| corpus.post(at).path.clone().unwrap();
        if found.iter().map(|&(a, b)| (path(a), path(b))).ne([(from.to_owned(), to.to_owned())]) {
            missing.push(*link);
        }
    }
    assert_eq!(missing, [""; 0]);
}

const TO: &str = "---\ntitle: A post\ndate: 2024-01-31\nslug: own-slug\n---\nText of it.\n";

#[test]
fn links_of_authors_are_found_in_every_spelling() {
    let hugo = "baseURL = 'https://x.example/sub/'\n[permalinks]\nposts = '/:year/:slug/'\n";
    check_links(
        &[("hugo.toml", hugo), ("content/posts/a/to.md", TO), ("content/posts/from.md", "")],
        "content/posts/from.md",
        "content/posts/a/to.md",
        &[
            "{{< ref \"posts/a/to.md\" >}}",
            "{{< relref \"/posts/a/to\" >}}",
            "{{% ref \"to.md\" %}}",
            "/sub/2024/own-slug/",
            "/2024/own-slug/",
            "../../2024/own-slug/",
            "https://x.example/sub/2024/own-slug/#part",
            "a/to.md",
        ],
    );
    check_links(
        &[
            ("_config.yml", "url: https://x.example\nbaseurl: /base\n"),
            ("_posts/2024-01-31-to.md", TO),
            ("_posts/2023-05-06-from.md", ""),
        ],
        "_posts/2023-05-06-from.md",
        "_posts/2024-01-31-to.md",
        &[
            "{% post_url 2024-01-31-to %}",
            "{% link _posts/2024-01-31-to.md %}",
            "{{ site.baseurl }}{% post_url 2024-01-31-to %}",
            "/base/2024/01/31/own-slug.html",
            "{{ site.baseurl }}/2024/01/31/own-slug.html",
            "https://x.example/base/2024/01/31/own-slug.html",
        ],
    );
    check_links(
        &[
            ("config.toml", "base_url = 'https://x.example'\n"),
            ("content/posts/2024-01-31-to.md", TO),
            ("content/from.md", ""),
        ],
        "content/from.md",
        "content/posts/2024-01-31-to.md",
        &[
            "@/posts/2024-01-31-to.md",
            "@/posts/2024-01-31-to.md#part",
            "/posts/own-slug/",
            "https://x.example/posts/own-slug/",
        ],
    );
    check_links(
        &[(".obsidian/app.json", "{}"), ("deep/To note.md", "Text of it.\n"), ("from.md", "")],
        "from.md",
        "deep/To note.md",
        &["[[To note]]", "[[To note|words]]", "[[to note#Part]]", "[[deep/To note]]", "deep/To%20note.md"],
    );
}
