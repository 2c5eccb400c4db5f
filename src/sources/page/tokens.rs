//! Which tags and texts does a page have, in order? A walk that builds no tree.

use std::borrow::Cow;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// What stands next in a page.
pub(super) enum Piece {
    Start(Tag),
    /// The name of an element that ends.
    End(String),
    Text(String),
}

/// A start tag; names are in lower case.
pub(super) struct Tag {
    pub(super) name: String,
    tag: StartTag<()>,
}

impl Tag {
    /// Returns the value of an attribute, empty where it has none.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(&value.value))
    }

    /// Tells whether an attribute that is a list of words has this one, in any case.
    pub(super) fn has_word(&self, name: &str, word: &str) -> bool {
        let words = self.get(name).unwrap_or_default();
        words.split_ascii_whitespace().any(|given| given.eq_ignore_ascii_case(word))
    }
}

/// Returns the tags and texts of a page; scripts and styles are texts.
pub(super) fn pieces(html: &str) -> impl Iterator<Item = Piece> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter).flatten().filter_map(|token| match token {
        Token::StartTag(tag) => Some(Piece::Start(Tag { name: text_of(&tag.name), tag })),
        Token::EndTag(tag) => Some(Piece::End(text_of(&tag.name))),
        Token::String(text) => Some(Piece::Text(text_of(&text))),
        Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => None,
    })
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
