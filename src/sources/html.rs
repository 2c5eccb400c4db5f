//! What does HTML say? Its text in blocks, from a tokenizer: no tree, so no nesting is too deep.

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::links::{LinkWords, LinkWriter, href};
use super::prose::{Kind, Prose, clean};

/// Elements whose content is no prose.
const SKIPPED: &[&str] = &[
    "script", "style", "head", "title", "pre", "svg", "math", "template", "noscript", "iframe", "object", "select",
    "textarea", "button", "nav", "form", "audio", "video", "canvas",
];
/// Elements that end a block before and after themselves.
const BLOCKS: &[&str] = &[
    "p", "div", "section", "article", "main", "header", "footer", "aside", "figure", "hr", "address", "details",
    "body", "html", "center", "fieldset", "ul", "ol", "dl", "table", "tbody", "thead", "tfoot",
];
/// Elements that end a block and hold an aside.
const ASIDES: &[&str] = &["li", "blockquote", "dt", "dd", "tr", "figcaption", "caption", "summary"];
/// Elements that authors put into titles; anything else in a title is the author's own `Vec<T>`.
const IN_TITLES: &[&str] = &[
    "a", "abbr", "b", "bdi", "big", "br", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "mark", "p",
    "q", "s", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "wbr",
];

/// Whether all of a text was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Cut,
}

/// Takes the text and the links out of the first `bytes_max` bytes of `html`.
pub(super) fn html_to_prose(html: &str, bytes_max: usize, words: &LinkWords) -> (Prose, Extent) {
    let end = html.floor_char_boundary(bytes_max);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut writer = Writer::new(words);
    for Ok(token) in Tokenizer::new_with_emitter(&html[..end], emitter) {
        match token {
            Token::StartTag(tag) if *tag.name == b"a" && writer.skipping.is_none() => {
                let mut attributes = tag.attributes.iter().map(|(name, value)| (name.as_slice(), value.as_slice()));
                writer.links.start(&href(&mut attributes).unwrap_or_default(), &mut writer.block);
            }
            Token::StartTag(tag) => writer.start(&String::from_utf8_lossy(&tag.name)),
            Token::EndTag(tag) => writer.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) if writer.skipping.is_none() => writer.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    writer.links.end(&mut writer.block);
    writer.close();
    writer.prose.links = writer.links.finish();
    (writer.prose, if end < html.len() { Extent::Cut } else { Extent::Whole })
}

/// Tells whether a text that may be either looks like HTML: it closes or breaks something that only HTML has.
pub(super) fn looks_like_html(text: &str) -> bool {
    ["</p>", "<br>", "<br/>", "<br />", "</div>", "</a>", "</li>", "</h2>"].iter().any(|tag| text.contains(tag))
}

/// Takes the text out of a title: the tags that titles have go, entities are resolved, `Vec<T>` stays.
pub(super) fn title_text(title: &str) -> String {
    if !title.contains(['<', '&']) {
        return clean(title);
    }
    let mut plain = String::with_capacity(title.len());
    for Ok(token) in Tokenizer::new_with_emitter(title, DefaultEmitter::<usize>::new_with_span()) {
        let (name, span) = match &token {
            Token::StartTag(tag) => (&tag.name, tag.span),
            Token::EndTag(tag) => (&tag.name, tag.span),
            Token::String(text) => {
                plain.push_str(&String::from_utf8_lossy(text));
                continue;
            }
            _ => continue,
        };
        match String::from_utf8_lossy(name).as_ref() {
            "br" | "p" | "wbr" => plain.push(' '),
            name if IN_TITLES.contains(&name) => {}
            _ => plain.push_str(title.get(span.start..span.end).unwrap_or_default()),
        }
    }
    clean(&plain)
}

struct Writer<'w> {
    prose: Prose,
    block: String,
    links: LinkWriter<'w>,
    /// The element whose content is passed over, and how many of it are open.
    skipping: Option<(String, usize)>,
    headings: usize,
    /// The innermost heading is of the first level.
    top: bool,
    asides: usize,
}

impl<'w> Writer<'w> {
    fn new(words: &'w LinkWords) -> Writer<'w> {
        Writer {
            prose: Prose::default(),
            block: String::new(),
            links: LinkWriter::new(words),
            skipping: None,
            headings: 0,
            top: false,
            asides: 0,
        }
    }

    fn start(&mut self, name: &str) {
        if let Some((skipped, open)) = &mut self.skipping {
            // Nobody closes <head>; the body ends it.
            if skipped == "head" && name == "body" {
                self.skipping = None;
            } else {
                *open += usize::from(skipped == name);
            }
            return;
        }
        if SKIPPED.contains(&name) {
            self.close();
            self.skipping = Some((name.to_owned(), 1));
        } else if is_heading(name) {
            self.close();
            self.headings += 1;
            self.top = name == "h1";
        } else if ASIDES.contains(&name) {
            self.close();
            self.asides += 1;
        } else if BLOCKS.contains(&name) {
            self.close();
        } else if name == "br" {
            self.line_break();
        } else if matches!(name, "td" | "th" | "option") {
            self.block.push(' ');
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((skipped, open)) = &mut self.skipping {
            if skipped == name {
                *open -= 1;
                if *open == 0 {
                    self.skipping = None;
                }
            }
        } else if name == "a" {
            self.links.end(&mut self.block);
        } else if is_heading(name) {
            self.close();
            self.headings = self.headings.saturating_sub(1);
        } else if ASIDES.contains(&name) {
            self.close();
            self.asides = self.asides.saturating_sub(1);
        } else if BLOCKS.contains(&name) {
            self.close();
            // Old HTML leaves <li> and <tr> open; the list or the table ends them.
            if matches!(name, "ul" | "ol" | "dl" | "table") {
                self.asides = 0;
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.links.text(text, &mut self.block);
    }

    /// Two breaks in a row part paragraphs, one only parts words.
    fn line_break(&mut self) {
        if self.block.trim_end_matches([' ', '\t', '\r']).ends_with('\n') {
            self.close();
        } else {
            self.block.push('\n');
        }
    }

    fn close(&mut self) {
        let kind = match (self.headings, self.asides) {
            (1.., _) if self.top => Kind::TopHeading,
            (1.., _) => Kind::Heading,
            (0, 1..) => Kind::Aside,
            (0, 0) => Kind::Paragraph,
        };
        self.prose.push(kind, &self.block);
        self.block.clear();
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expect: &str) {
        assert_eq!(html_to_prose(html, 1 << 18, &LinkWords::Keep).0.plain(), expect, "{html}");
    }

    #[test]
    fn keeps_prose_and_parts_blocks() {
        check("plain", "plain");
        check(
            "<p>One <b>two</b>&nbsp;three &amp; four<p>five<br>six<br><br>seven",
            "One two three & four\n\nfive six\n\nseven",
        );
        check("<h2>Head</h2><ul><li>a<li>b</ul>after", "Head\n\na\n\nb\n\nafter");
        check("<p>use <code>Vec</code> here</p><pre>let x;</pre><script>alert('<p>no')</script>", "use Vec here");
        check("<head><title>t</title><meta><body>text", "text");
        check("<svg><text>no</text><svg></svg></svg>yes<!-- no -->", "yes");
        check("1 < 2 &lt;b&gt; \u{0}x", "1 < 2 <b> x");
    }

    #[test]
    fn quotations_and_lists_are_no_paragraphs() {
        let html =
            "<blockquote><p>They said so long ago, in a paper.</p></blockquote><p>We read it all the way through.</p>";
        assert_eq!(html_to_prose(html, 1 << 18, &LinkWords::Keep).0.lead().unwrap(), "We read it all the way through.");
    }

    #[test]
    fn cuts_and_says_so() {
        let (prose, extent) = html_to_prose("<p>äöü", 6, &LinkWords::Keep);
        assert_eq!((prose.plain().as_str(), extent), ("ä", Extent::Cut));
        assert_eq!(html_to_prose("<p>ä", 5, &LinkWords::Keep).1, Extent::Whole);
    }

    #[test]
    fn titles_lose_markup_but_not_generics() {
        for (title, expect) in [
            ("Plain\n title", "Plain title"),
            ("<em>Für</em> &quot;R&amp;D&quot; &#8212; AT&T", "Für \"R&D\" — AT&T"),
            ("Why Vec<T> and <script> differ", "Why Vec<T> and <script> differ"),
            ("ä Vec<Ö> ö", "ä Vec<Ö> ö"),
            ("a < b", "a < b"),
        ] {
            assert_eq!(title_text(title), expect);
        }
    }

    #[test]
    fn deep_nesting_is_only_long() {
        let deep = format!("{}x{}", "<div><pre>", "</div>".repeat(10));
        check(&deep, "");
        check(&format!("{}x{}", "<div>".repeat(40_000), "</div>".repeat(9_000)), "x");
    }

    proptest::proptest! {
        #[test]
        fn any_string_goes_through(html in "\\PC*|(<[a-z/! ]{0,4}[>]?|&[a-z]{0,3};?|.){0,60}") {
            let (prose, _) = html_to_prose(&html, 1 << 18, &LinkWords::Keep);
            let _ = (prose.lead(), title_text(&html));
        }
    }
}
