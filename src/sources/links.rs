//! Where does a post lead? The links of a body, and how their words are hidden from a ranking that is measured by them.

use std::collections::{BTreeSet, HashSet};

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// What stands for the words of a hidden link.
const HIDDEN: &str = "this post";
/// Words of a link that are kept; a link with more was never closed.
const WORDS_BYTES_MAX: usize = 1 << 10;

/// What becomes of the words of links.
///
/// They are often the title of the post that they lead to. A ranking that is measured by links must not read them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkWords {
    /// They stay, as a reader sees them.
    #[default]
    Keep,
    /// Those of links to these targets (each as in [`PostLink::target`](crate::corpus::PostLink::target)) become "this post".
    Hide(BTreeSet<String>),
}

impl LinkWords {
    fn hides(&self, target: &str) -> bool {
        matches!(self, LinkWords::Hide(targets) if targets.contains(target))
    }
}

/// A link of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) target: String,
    pub(super) words: String,
}

/// Gathers the links of a text while it is written into blocks.
pub(super) struct LinkWriter<'w> {
    words: &'w LinkWords,
    open: Option<Link>,
    hidden: bool,
    found: Vec<Link>,
}

impl<'w> LinkWriter<'w> {
    pub(super) fn new(words: &'w LinkWords) -> LinkWriter<'w> {
        LinkWriter { words, open: None, hidden: false, found: Vec::new() }
    }

    /// Opens a link; one that is open ends.
    pub(super) fn start(&mut self, target: &str, block: &mut String) {
        self.end(block);
        let target = target.trim();
        if !target.is_empty() {
            self.hidden = self.words.hides(target);
            self.open = Some(Link { target: target.to_owned(), words: String::new() });
        }
    }

    /// Writes text into `block`, unless it is the words of a hidden link.
    pub(super) fn text(&mut self, text: &str, block: &mut String) {
        if let Some(open) = &mut self.open {
            if open.words.len() + text.len() <= WORDS_BYTES_MAX {
                open.words.push_str(text);
            } else if self.hidden {
                self.hidden = false;
                block.push_str(&open.words);
            }
        }
        if !self.hidden {
            block.push_str(text);
        }
    }

    /// Ends the open link, if there is one.
    pub(super) fn end(&mut self, block: &mut String) {
        if let Some(mut link) = self.open.take() {
            link.words = crate::text::one_line(&link.words);
            if std::mem::take(&mut self.hidden) && !link.words.is_empty() {
                block.push_str(HIDDEN);
            }
            self.found.push(link);
        }
    }

    pub(super) fn finish(&mut self) -> Vec<Link> {
        std::mem::take(&mut self.found)
    }
}

/// Finds URLs that stand in a text as they are, adds those that `links` has not yet, and hides them as links are.
pub(super) fn take_bare_urls(text: &mut String, links: &mut Vec<Link>, words: &LinkWords) {
    if !text.contains("://") {
        return;
    }
    let known: HashSet<String> = links.iter().map(|link| link.target.clone()).collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = next_url(rest) {
        let end = url_end(&rest[start..]) + start;
        let url = &rest[start..end];
        out.push_str(&rest[..start]);
        out.push_str(if words.hides(url) { HIDDEN } else { url });
        if !known.contains(url) {
            links.push(Link { target: url.to_owned(), words: url.to_owned() });
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    *text = out;
}

fn next_url(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find("://") {
        let before = &text[..from + found];
        let scheme = ["https", "http"].into_iter().find(|scheme| before.ends_with(scheme));
        if let Some(scheme) = scheme {
            return Some(from + found - scheme.len());
        }
        from += found + 3;
    }
    None
}

/// Returns where the URL at the start of `text` ends: before white space, quotes and the sentence's punctuation.
fn url_end(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || "<>\"`|\u{201c}\u{201d}\u{2019}".contains(c));
    let url = &text[..end.unwrap_or(text.len())];
    let trimmed =
        |url: &str| url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']', '\u{2026}']).len();
    let (mut end, mut excess) = (trimmed(url), 0);
    excess += url[..end].matches(')').count().saturating_sub(url[..end].matches('(').count());
    while excess > 0 && url[..end].ends_with(')') {
        (end, excess) = (trimmed(&url[..end - 1]), excess - 1);
    }
    end
}

/// Returns where an opening `<a …>` leads.
pub(super) fn href_of(tag: &str) -> Option<String> {
    let name = tag.get(..3)?.to_ascii_lowercase();
    if !name.starts_with("<a") || !name.ends_with(|c: char| c.is_whitespace()) {
        return None;
    }
    let Ok(token) = Tokenizer::new_with_emitter(tag, DefaultEmitter::<()>::default()).next()?;
    match token {
        Token::StartTag(tag) => {
            href(tag.attributes.iter().map(|(name, value)| (name.as_slice(), value.value.as_slice())))
        }
        _ => None,
    }
}

/// Returns the value of `href` among a tag's attributes.
pub(super) fn href<'t>(attributes: impl Iterator<Item = (&'t [u8], &'t [u8])>) -> Option<String> {
    let mut attributes = attributes;
    let (_, value) = attributes.find(|(name, _)| *name == b"href")?;
    Some(String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::LinkOrigin;
    use crate::post::PostDate;
    use crate::sources::{ReadOptions, read_stream};

    fn check_bare(text: &str, expect: &[&str], hide: &str, expect_text: &str) {
        let words = LinkWords::Hide(BTreeSet::from([hide.to_owned()]));
        let (mut written, mut links) = (text.to_owned(), Vec::new());
        take_bare_urls(&mut written, &mut links, &words);
        assert_eq!(links.iter().map(|link| link.target.as_str()).collect::<Vec<_>>(), expect);
        assert_eq!(written, expect_text);
    }

    #[test]
    fn bare_urls_end_where_the_sentence_does() {
        check_bare("see https://x.example/a.", &["https://x.example/a"], "https://x.example/a", "see this post.");
        check_bare("(http://x.example/a_(b))", &["http://x.example/a_(b)"], "", "(http://x.example/a_(b))");
        check_bare("git://x and https://", &["https://"], "", "git://x and https://");
    }

    #[test]
    fn anchors_are_read() {
        for (tag, expect) in [
            ("<a href=\"/x&amp;y\" class=b>", Some("/x&y")),
            ("<A\nHREF='z'>", Some("z")),
            ("<a>", None),
            ("<abbr href='z'>", None),
            ("</a>", None),
        ] {
            assert_eq!(href_of(tag).as_deref(), expect, "{tag}");
        }
    }

    fn read(hide: Option<&str>) -> (Vec<(String, String, LinkOrigin)>, String) {
        let json = r#"{"id": "a", "title": "A", "related": ["b.md", {"url": "/c/"}, 7], "content_html":
            "<p>Go on with <a href='/d/'>The <b>long</b> way</a> or https://x.example/e now.</p><nav><a href='/f'>F</a></nav>"}"#;
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        if let Some(hide) = hide {
            options.link_words = LinkWords::Hide(BTreeSet::from([hide.to_owned(), "https://x.example/e".to_owned()]));
        }
        let read = read_stream(json.replace('\n', " ").as_bytes(), "-", &options).unwrap();
        let links = read.links.into_iter().map(|link| (link.target, link.words, link.origin)).collect();
        (links, read.posts[0].text.clone().unwrap())
    }

    #[test]
    fn markdown_has_links_of_every_kind() {
        let markdown = "---\ntitle: T\nrelated: [x.md]\n---\n[a *b*](c.md) and [d][e], <https://x.example/f>, [[g|h]],\n\
            <a href='i'>j</a>, [![k](l.png)](m), ![n](o.png), `[p](q)`, [r]({{< ref \"s\" >}})\n\n<p><a href='t'>u</a></p>\n\n\
            [e]: /v/\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), markdown.as_bytes()).unwrap();
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        let read = crate::sources::read_path(&path, &options).unwrap();
        let links: Vec<(&str, &str)> = read.links.iter().map(|link| (&*link.target, &*link.words)).collect();
        let url = "https://x.example/f";
        let inline = [("c.md", "a b"), ("/v/", "d"), (url, url), ("g", "h"), ("i", "j"), ("m", ""), ("s", "r")];
        let expect: Vec<(&str, &str)> = [("t", "u")].into_iter().chain(inline).chain([("x.md", "")]).collect();
        assert_eq!(links, expect);
        options.link_words = LinkWords::Hide(links.iter().map(|(target, _)| (*target).to_owned()).collect());
        let hidden = crate::sources::read_path(&path, &options).unwrap();
        assert_eq!(hidden.links, read.links);
        let is = "this post";
        let expect = format!("{is} and {is}, {is}, {is}, {is}, , , [p](q), {is}\n\n{is}");
        assert_eq!(hidden.posts[0].text.as_deref(), Some(expect.as_str()));
    }

    #[test]
    fn records_have_links_and_related_lists() {
        let (links, text) = read(None);
        let link = |target: &str, words: &str, origin| (target.to_owned(), words.to_owned(), origin);
        let expect = [
            link("/d/", "The long way", LinkOrigin::Body),
            link("https://x.example/e", "https://x.example/e", LinkOrigin::Body),
            link("b.md", "", LinkOrigin::Related),
            link("/c/", "", LinkOrigin::Related),
            link("7", "", LinkOrigin::Related),
        ];
        assert_eq!(
            (links.as_slice(), text.as_str()),
            (&expect[..], "Go on with The long way or https://x.example/e now.")
        );
        assert_eq!(read(Some("/d/")), (links, "Go on with this post or this post now.".to_owned()));
    }
}
