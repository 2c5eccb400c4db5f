//! What does Markdown say? Its prose in blocks, without code, images and the markup of a dozen generators.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::templates::strip_templates;
use crate::sources::html::{Extent, html_to_prose};
use crate::sources::links::{LinkWords, LinkWriter, href_of};
use crate::sources::prose::{Kind, Prose};

/// Takes the prose and the links out of a Markdown text; HTML in it is read as far as `html_bytes` a block.
pub(super) fn markdown_to_prose(markdown: &str, html_bytes: usize, words: &LinkWords) -> (Prose, Extent) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_WIKILINKS
        | Options::ENABLE_GFM;
    let source = strip_templates(markdown);
    let mut writer = Writer::new(html_bytes, words);
    for event in Parser::new_ext(&source, options) {
        writer.event(event);
    }
    writer.close();
    writer.prose.links.extend(writer.links.finish());
    (writer.prose, if writer.cut { Extent::Cut } else { Extent::Whole })
}

struct Writer<'w> {
    prose: Prose,
    block: String,
    links: LinkWriter<'w>,
    words: &'w LinkWords,
    html: String,
    html_bytes: usize,
    cut: bool,
    headings: usize,
    /// The heading is of the first level.
    top: bool,
    asides: usize,
    /// Open code blocks and images.
    skipping: usize,
}

impl<'w> Writer<'w> {
    fn new(html_bytes: usize, words: &'w LinkWords) -> Writer<'w> {
        Writer {
            prose: Prose::default(),
            block: String::new(),
            links: LinkWriter::new(words),
            words,
            html: String::new(),
            html_bytes,
            cut: false,
            headings: 0,
            top: false,
            asides: 0,
            skipping: 0,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.text(&text),
            Event::Html(html) => self.html.push_str(&html),
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.text(" "),
            Event::Rule => self.close(),
            Event::InlineHtml(tag) if self.skipping == 0 => self.inline_html(&tag),
            Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.close();
                self.headings += 1;
                self.top = *level == HeadingLevel::H1;
            }
            Tag::BlockQuote(_) | Tag::Item | Tag::FootnoteDefinition(_) | Tag::Table(_) => {
                self.close();
                self.asides += 1;
            }
            Tag::CodeBlock(_) => {
                self.close();
                self.skipping += 1;
            }
            Tag::Image { .. } => self.skipping += 1,
            Tag::Link { link_type, dest_url, .. } if self.skipping == 0 && *link_type != LinkType::Email => {
                self.links.start(dest_url, &mut self.block);
            }
            Tag::Paragraph | Tag::List(_) | Tag::HtmlBlock | Tag::TableHead | Tag::TableRow => self.close(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.close();
                self.headings = self.headings.saturating_sub(1);
            }
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition | TagEnd::Table => {
                self.close();
                self.asides = self.asides.saturating_sub(1);
            }
            TagEnd::CodeBlock | TagEnd::Image => self.skipping = self.skipping.saturating_sub(1),
            TagEnd::Paragraph | TagEnd::List(_) | TagEnd::TableHead | TagEnd::TableRow => self.close(),
            TagEnd::Link if self.skipping == 0 => self.links.end(&mut self.block),
            TagEnd::TableCell => self.text(" "),
            TagEnd::HtmlBlock => self.html_block(),
            _ => {}
        }
    }

    /// A row of empty cells is as wide as its table's head: what adds nothing is not written.
    fn text(&mut self, text: &str) {
        let adds_nothing = text == " " && self.block.ends_with(' ');
        if self.skipping == 0 && !adds_nothing {
            self.links.text(text, &mut self.block);
        }
    }

    fn inline_html(&mut self, tag: &str) {
        if let Some(target) = href_of(tag) {
            self.links.start(&target, &mut self.block);
        } else if tag.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("</a")) {
            self.links.end(&mut self.block);
        }
    }

    fn html_block(&mut self) {
        let (prose, extent) = html_to_prose(&self.html, self.html_bytes, self.words);
        self.cut |= extent == Extent::Cut;
        self.prose.append(prose);
        self.html.clear();
    }

    fn close(&mut self) {
        self.links.end(&mut self.block);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, expect: &str) {
        assert_eq!(markdown_to_prose(markdown, 1 << 18, &LinkWords::Keep).0.plain(), expect, "{markdown}");
    }

    #[test]
    fn keeps_prose_and_drops_the_rest() {
        check(
            "# A *b* {#id}\r\n\r\nText with\r\n`code`, [link](u) and ![alt *x*](i).\r\n",
            "A b\n\nText with code, link and .",
        );
        check("a\n\n```rust\nfn f() {}\n```\n\n    indented\n\nb", "a\n\nb");
        check("- one\n  - two\n- three\n\n> quote\n\n[^1]: note\n", "one\n\ntwo\n\nthree\n\nquote\n\nnote");
        check("| a | b |\n|---|---|\n| 1 | |\n", "a b\n\n1");
        check(
            "x <b>y</b><br>z\n\n<div class=\"a\">\n<p>in</p><script>no</script>\n</div>\n\n<!-- c -->",
            "x y z\n\nin",
        );
        check("see [[page|that page]] and [[other]]", "see that page and other");
        check("> [!NOTE]\n> Mind it.", "Mind it.");
    }

    #[test]
    fn the_lead_is_prose() {
        let markdown = "## Intro\n\n* TOC\n{:toc}\n\nThe first paragraph says what it is.\n\n```\ncode\n```\n\n- a list item that is long enough\n";
        assert_eq!(
            markdown_to_prose(markdown, 1 << 18, &LinkWords::Keep).0.lead().unwrap(),
            "The first paragraph says what it is."
        );
    }

    #[test]
    fn hostile_input_is_only_long() {
        let row = format!("|{}\n|{}\n", "a|".repeat(400), "-|".repeat(400)) + &"|\n".repeat(400);
        for text in [
            ">".repeat(100_000),
            "[".repeat(100_000),
            "- ".repeat(50_000),
            "<div>".repeat(20_000),
            "*_".repeat(50_000),
            "![".repeat(50_000),
            "\0\u{feff}\r".repeat(10_000),
            row,
        ] {
            let run = std::thread::Builder::new()
                .stack_size(2 << 20)
                .spawn(move || markdown_to_prose(&text, 1 << 18, &LinkWords::Keep));
            run.unwrap().join().unwrap();
        }
    }

    proptest::proptest! {
        #[test]
        fn any_string_goes_through(text in "(\\PC|[\\[\\]()*_`#>|<!{}\n -]){0,120}") {
            let _ = markdown_to_prose(&text, 1 << 18, &LinkWords::Keep).0.lead();
        }
    }
}
