//! What is the prose of a body? Blocks of plain text, and the first paragraphs that can stand for a post.

use super::links::{Link, LinkWords, take_bare_urls};
use crate::text;

/// Fewer words than this and a paragraph is a by-line, a label or a "Read more".
const PARAGRAPH_WORDS_MIN: usize = 5;
/// Paragraphs are taken until there are this many words: enough to say what a post is about.
const LEAD_WORDS_MIN: usize = 60;
/// About a third under the 256 word pieces that the default model takes.
const LEAD_WORDS_MAX: usize = 120;
/// No 120 words are longer than this; the rest of a giant paragraph need not be looked at.
const LOOK_BYTES: usize = 8 << 10;

/// What a block of text is in its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Paragraph,
    /// A heading of the first level: the page's own title.
    TopHeading,
    Heading,
    /// Lists, tables, quotations, captions.
    Aside,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    /// One line, never empty.
    pub(super) text: String,
}

/// A body without markup, in blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prose {
    blocks: Vec<Block>,
    pub(super) links: Vec<Link>,
}

impl Prose {
    /// Takes a text without markup; a blank line parts paragraphs.
    pub(super) fn from_plain(text: &str) -> Prose {
        let mut prose = Prose::default();
        let mut paragraph = String::new();
        for line in text.lines().chain([""]) {
            if line.trim().is_empty() {
                prose.push(Kind::Paragraph, &paragraph);
                paragraph.clear();
            } else {
                paragraph.push_str(line);
                paragraph.push('\n');
            }
        }
        prose
    }

    /// Adds a block, unless nothing is left of it or every site has it.
    pub(super) fn push(&mut self, kind: Kind, text: &str) {
        let text = clean(text);
        if !text.is_empty() && !is_boilerplate(&text) {
            self.blocks.push(Block { kind, text });
        }
    }

    pub(super) fn append(&mut self, other: Prose) {
        self.blocks.extend(other.blocks);
        self.links.extend(other.links);
    }

    /// Finds the URLs that stand in the text without markup.
    pub(super) fn take_bare_urls(&mut self, words: &LinkWords) {
        for block in &mut self.blocks {
            take_bare_urls(&mut block.text, &mut self.links, words);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Returns all blocks, parted by blank lines.
    pub(super) fn plain(&self) -> String {
        let texts: Vec<&str> = self.blocks.iter().map(|block| block.text.as_str()).collect();
        texts.join("\n\n")
    }

    /// Returns the first heading of the first level.
    pub(super) fn top_heading(&self) -> Option<&str> {
        self.blocks.iter().find(|block| block.kind == Kind::TopHeading).map(|block| block.text.as_str())
    }

    /// Returns the first words, at most `count`, for a post without a title.
    pub(super) fn first_words(&self, count: usize) -> Option<String> {
        let block = self.blocks.first()?;
        let words: Vec<&str> = block.text.split(' ').take(count + 1).collect();
        Some(match words.len() > count {
            true => format!("{}…", words[..count].join(" ")),
            false => words.join(" "),
        })
    }

    /// Returns the first paragraphs: whole ones until there are 60 words, 120 at most, cut at a sentence's end.
    ///
    /// Headings, lists, tables and quotations are passed over, unless there is nothing else.
    pub(super) fn lead(&self) -> Option<String> {
        let paragraphs = self.blocks.iter().filter(|block| block.kind == Kind::Paragraph);
        let long_enough = paragraphs.filter(|block| text::word_count(look(&block.text)) >= PARAGRAPH_WORDS_MIN);
        let lead = gather(long_enough.map(|block| block.text.as_str()));
        let no_headings = || self.blocks.iter().filter(|block| !matches!(block.kind, Kind::Heading | Kind::TopHeading));
        lead.or_else(|| gather(no_headings().map(|block| block.text.as_str())))
    }
}

fn gather<'t>(blocks: impl Iterator<Item = &'t str>) -> Option<String> {
    let mut taken: Vec<&str> = Vec::new();
    let mut words = 0;
    for block in blocks {
        let visible = look(block);
        let count = text::word_count(visible);
        if visible.len() == block.len() && words + count <= LEAD_WORDS_MAX {
            taken.push(block);
            words += count;
        } else {
            let fitting = sentences_within(visible, LEAD_WORDS_MAX - words);
            if words == 0 && fitting.is_empty() {
                return Some(cut_at_word(visible, LEAD_WORDS_MAX));
            }
            taken.extend((!fitting.is_empty()).then_some(fitting));
            break;
        }
        if words >= LEAD_WORDS_MIN {
            break;
        }
    }
    (!taken.is_empty()).then(|| taken.join(" "))
}

/// Returns the longest run of whole sentences from the start with at most `words_max` words; may be empty.
fn sentences_within(block: &str, words_max: usize) -> &str {
    let mut words = 0;
    let mut end = 0;
    for sentence in text::sentences(block) {
        words += text::word_count(&block[sentence.clone()]);
        if words > words_max {
            break;
        }
        end = sentence.end;
    }
    &block[..end]
}

fn cut_at_word(block: &str, words: usize) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    let last = block.unicode_word_indices().take(words).last();
    let end = last.map_or(0, |(start, word)| start + word.len());
    format!("{}…", &block[..end])
}

fn look(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOK_BYTES)]
}

/// Makes one line of a text; control characters and what shows as nothing go.
pub(super) fn clean(text: &str) -> String {
    let visible = text.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'));
    text::one_line(&visible.map(|c| if c.is_control() { ' ' } else { c }).collect::<String>())
}

fn is_boilerplate(text: &str) -> bool {
    if text.len() > 500 {
        return false;
    }
    let folded = text.to_lowercase();
    let label = folded.trim_matches(['[', ']', '.', '…', ':', '→', '»', ' ']);
    matches!(label, "toc" | "table of contents" | "contents" | "read more" | "continue reading")
        || (folded.starts_with("the post ")
            && ["appeared first", "first appeared"].iter().any(|end| folded.contains(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(blocks: &[(Kind, &str)], expect: Option<&str>) {
        let mut prose = Prose::default();
        for (kind, text) in blocks {
            prose.push(*kind, text);
        }
        assert_eq!(prose.lead().as_deref(), expect);
    }

    #[test]
    fn takes_paragraphs_and_falls_back() {
        check(&[], None);
        check(&[(Kind::Heading, "Only a heading")], None);
        check(
            &[
                (Kind::Heading, "Intro"),
                (Kind::Paragraph, "By Ada"),
                (Kind::Paragraph, "A cache miss costs a trip."),
                (Kind::Aside, "one"),
                (Kind::Paragraph, "Ten of them cost a second."),
            ],
            Some("A cache miss costs a trip. Ten of them cost a second."),
        );
        check(&[(Kind::Paragraph, "By Ada"), (Kind::Aside, "one"), (Kind::Aside, "two")], Some("By Ada one two"));
        check(&[(Kind::Paragraph, "Table of Contents"), (Kind::Paragraph, "\u{0}\u{feff} \t")], None);
    }

    #[test]
    fn ends_with_a_sentence() {
        let sentence = "Each sentence of this paragraph has exactly nine words. ";
        let paragraph = sentence.repeat(40);
        check(&[(Kind::Paragraph, &paragraph)], Some(sentence.repeat(13).trim()));
        let whole = sentence.repeat(7);
        check(&[(Kind::Paragraph, &whole), (Kind::Paragraph, sentence)], Some(whole.trim()));
        let endless = "word ".repeat(5_000);
        check(&[(Kind::Paragraph, &endless)], Some(&format!("{}…", "word ".repeat(120).trim())));
    }

    #[test]
    fn plain_text_parts_at_blank_lines() {
        let prose = Prose::from_plain("a\r\nb\r\n\r\n \nc");
        assert_eq!(prose.plain(), "a b\n\nc");
        assert_eq!(prose.first_words(1).unwrap(), "a…");
        assert_eq!(prose.first_words(2).unwrap(), "a b");
    }
}
