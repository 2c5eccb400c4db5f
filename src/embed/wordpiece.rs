//! How does a text become word pieces, fast? Plain words by a table, all others by the tokenizer's own rules.
//!
//! `WordPiece` as BERT has it: the longest known beginning of a word, then the longest known continuation, and so on
//! (Wu et al., "Google's Neural Machine Translation System", 2016). The tokenizers library is the reference that tests
//! compare this with; it also keeps track of where each letter was, which nobody asks for here.

use std::collections::HashMap;

use serde::Deserialize;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer};

pub(super) type TokenizeError = Box<dyn std::error::Error + Send + Sync>;

/// A `WordPiece` tokenizer for texts of mostly plain words.
#[derive(Debug)]
pub(super) struct WordPiece {
    normalizer: BertNormalizer,
    /// Pieces that a word begins with.
    beginnings: HashMap<Box<str>, u32>,
    /// Pieces that go on with a word, without their prefix.
    continuations: HashMap<Box<str>, u32>,
    /// Bytes of the longest piece.
    longest: usize,
    unknown: u32,
    letters_max: usize,
    /// Texts that stand for one piece wherever they are.
    special: Vec<(String, u32)>,
}

#[derive(Deserialize)]
struct File {
    added_tokens: Vec<Added>,
    normalizer: serde_json::Value,
    pre_tokenizer: Kind,
    post_processor: Template,
    model: Model,
}

#[derive(Deserialize)]
struct Kind {
    r#type: String,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
    normalized: bool,
}

#[derive(Deserialize)]
struct Model {
    r#type: String,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: HashMap<String, u32>,
}

#[derive(Deserialize)]
struct Template {
    r#type: String,
    single: Vec<Place>,
    special_tokens: HashMap<String, Special>,
}

#[derive(Deserialize)]
enum Place {
    SpecialToken { id: String },
    Sequence {},
}

#[derive(Deserialize)]
struct Special {
    ids: Vec<u32>,
}

impl WordPiece {
    /// Reads a `tokenizer.json`, and the special tokens that open a sequence (`[CLS]`) and close it (`[SEP]`); none
    /// where it asks for anything else than BERT's rules.
    pub(super) fn from_json(bytes: &[u8]) -> Option<(WordPiece, Vec<u32>, Vec<u32>)> {
        let File { added_tokens, normalizer, pre_tokenizer, post_processor, model } =
            serde_json::from_slice(bytes).ok()?;
        let is_bert = normalizer["type"] == "BertNormalizer"
            && pre_tokenizer.r#type == "BertPreTokenizer"
            && post_processor.r#type == "TemplateProcessing"
            && model.r#type == "WordPiece"
            && added_tokens.iter().all(|added| {
                let is_plain = !(added.single_word || added.lstrip || added.rstrip || added.normalized);
                is_plain && !added.content.is_empty() && model.vocab.get(&added.content) == Some(&added.id)
            });
        if !is_bert {
            return None;
        }
        let normalizer = serde_json::from_value(normalizer).ok()?;
        let (opening, closing) = post_processor.around()?;
        let unknown = *model.vocab.get(&model.unk_token)?;
        let prefix = model.continuing_subword_prefix;
        let longest = model.vocab.keys().map(String::len).max()?;
        let (mut beginnings, mut continuations) = (HashMap::with_capacity(model.vocab.len()), HashMap::new());
        for (piece, id) in model.vocab {
            // A word may begin with the prefix's own letters, too.
            if let Some(rest) = piece.strip_prefix(&prefix) {
                continuations.insert(rest.into(), id);
            }
            beginnings.insert(piece.into_boxed_str(), id);
        }
        let special = added_tokens.into_iter().map(|added| (added.content, added.id)).collect();
        let letters_max = model.max_input_chars_per_word;
        let words = WordPiece { normalizer, beginnings, continuations, longest, unknown, letters_max, special };
        Some((words, opening, closing))
    }

    /// Returns the pieces of a text, without those that open and close a sequence.
    pub(super) fn pieces(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let mut pieces = Vec::with_capacity(text.len() / 4);
        let mut done = 0;
        // Where each special token comes next: looked for again only when it is behind, so that a text is read once.
        let mut next: Vec<Option<usize>> = self.special.iter().map(|(special, _)| text.find(special)).collect();
        // The first of them, the longest where several begin.
        let places = |next: &[Option<usize>]| {
            let found =
                self.special.iter().zip(next).filter_map(|((special, id), at)| Some(((*at)?, special.len(), *id)));
            found.min_by_key(|&(start, length, _)| (start, std::cmp::Reverse(length)))
        };
        while let Some((start, length, id)) = places(&next) {
            self.plain(&text[done..start], &mut pieces)?;
            pieces.push(id);
            done = start + length;
            for ((special, _), at) in self.special.iter().zip(&mut next) {
                if at.is_some_and(|at| at < done) {
                    *at = text[done..].find(special).map(|at| done + at);
                }
            }
        }
        self.plain(&text[done..], &mut pieces)?;
        Ok(pieces)
    }

    fn plain(&self, text: &str, pieces: &mut Vec<u32>) -> Result<(), TokenizeError> {
        let mut lowered = String::new();
        for run in text.split([' ', '\t', '\n', '\r']).filter(|run| !run.is_empty()) {
            if !run.bytes().all(|byte| byte.is_ascii_graphic()) {
                self.by_the_rules(run, pieces)?;
                continue;
            }
            lowered.clear();
            lowered.push_str(run);
            if self.normalizer.lowercase {
                lowered.make_ascii_lowercase();
            }
            let mut rest = lowered.as_str();
            while !rest.is_empty() {
                let end = rest.bytes().position(|byte| byte.is_ascii_punctuation()).unwrap_or(rest.len()).max(1);
                let (word, others) = rest.split_at(end);
                self.word(word, pieces);
                rest = others;
            }
        }
        Ok(())
    }

    /// Lets the library normalise and split what is not plain.
    fn by_the_rules(&self, run: &str, pieces: &mut Vec<u32>) -> Result<(), TokenizeError> {
        let mut split = PreTokenizedString::from(run);
        split.normalize(|text| self.normalizer.normalize(text))?;
        BertPreTokenizer.pre_tokenize(&mut split)?;
        let words = split.get_splits(OffsetReferential::Normalized, OffsetType::Byte);
        words.into_iter().for_each(|(word, ..)| self.word(word, pieces));
        Ok(())
    }

    /// Appends the pieces of one word, or the unknown one where it is not made of known ones.
    fn word(&self, word: &str, pieces: &mut Vec<u32>) {
        let before = pieces.len();
        let is_long = word.len() > self.letters_max && word.chars().count() > self.letters_max;
        let mut rest = if is_long { None } else { Some(word) };
        let mut known = &self.beginnings;
        while let Some(open) = rest.filter(|open| !open.is_empty()) {
            let ends = (1..=open.len().min(self.longest)).rev().filter(|&end| open.is_char_boundary(end));
            let found = ends.into_iter().find_map(|end| Some((end, *known.get(&open[..end])?)));
            rest = found.map(|(end, id)| {
                pieces.push(id);
                &open[end..]
            });
            known = &self.continuations;
        }
        if rest.is_none() {
            pieces.truncate(before);
            pieces.push(self.unknown);
        }
    }
}

impl Template {
    /// Returns the special tokens before and after the text; none where it is not there once.
    fn around(&self) -> Option<(Vec<u32>, Vec<u32>)> {
        let is_text = |place: &Place| matches!(place, Place::Sequence {});
        let at =
            self.single.iter().position(is_text).filter(|_| self.single.iter().filter(|p| is_text(p)).count() == 1)?;
        let ids = |places: &[Place]| -> Option<Vec<u32>> {
            let ids = places.iter().map(|place| match place {
                Place::SpecialToken { id } => self.special_tokens.get(id).map(|special| special.ids.clone()),
                Place::Sequence {} => None,
            });
            ids.collect::<Option<Vec<_>>>().map(|ids| ids.concat())
        };
        Some((ids(&self.single[..at])?, ids(&self.single[at + 1..])?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokenizers::Tokenizer;

    use super::*;

    /// A tokenizer of a few pieces, so that words are cut, left whole and unknown.
    fn json(lowercase: bool, added: &str) -> String {
        let pieces = "[PAD] [UNK] [CLS] [SEP] [MASK] a b c ab abc bc ##a ##b ##c ##bc ##cab é ##é e ##e ' - , . ’ — … 数 \
                      # ## the tile ##s st stra ##ße ß σ ##ς ##σ 1 ##1 12 ##2 i ##i ı [CL";
        let vocab: serde_json::Map<String, serde_json::Value> =
            pieces.split_whitespace().enumerate().map(|(id, piece)| (piece.to_owned(), id.into())).collect();
        let special = |content: &str| {
            serde_json::json!({"id": vocab[content], "content": content, "special": true, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false})
        };
        serde_json::json!({
            "version": "1.0", "truncation": null, "padding": null,
            "added_tokens": [special("[CLS]"), special(added)],
            "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                "strip_accents": null, "lowercase": lowercase},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                    "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
            "decoder": null,
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 12, "vocab": vocab},
        })
        .to_string()
    }

    fn check(text: &str) {
        for (lowercase, added) in [(true, "[MASK]"), (false, "[MASK]"), (true, "[CL"), (true, "the")] {
            let json = json(lowercase, added);
            let (ours, ..) = WordPiece::from_json(json.as_bytes()).unwrap();
            let theirs = Tokenizer::from_bytes(&json).unwrap();
            let expect = theirs.encode_fast(text, false).unwrap().get_ids().to_vec();
            assert_eq!(ours.pieces(text).unwrap(), expect, "{text:?} lowercase {lowercase}, {added} added");
        }
    }

    #[test]
    fn cuts_as_the_library_does() {
        for text in [
            "",
            " \t\r\n ",
            "abc ABC abcab xyz the tiles",
            "abcabcabcabc abcabcabcabcabc",
            "a-b, c... 'ab' ## #a ##a",
            "[CLS] [MASK]a[CLS][CLS] [cls] [CLx the[MASK]the",
            "caf\u{e9} cafe\u{301} É e\u{301}\u{301} \u{301}e",
            "a\u{200b}b a\u{ad}b a\0b a\u{b}b a\u{c}b a\u{7f}b a\u{85}b a\u{a0}b a\u{2028}b \u{fffd}a",
            "数据库数 a数b ’ab’ —…— Straße ΣΑΣ İı １２ ①",
            "👩🏽‍💻 \u{202e}abc\u{202c} \u{feff}abc",
        ] {
            check(text);
        }
    }

    #[test]
    fn knows_what_opens_and_closes_a_sequence() {
        let (_, opening, closing) = WordPiece::from_json(json(true, "[MASK]").as_bytes()).unwrap();
        assert_eq!((opening, closing), (vec![2], vec![3]));
    }

    #[test]
    fn leaves_other_rules_to_the_library() {
        let json = json(true, "[MASK]");
        for (from, to) in [
            ("BertPreTokenizer", "Whitespace"),
            ("\"lstrip\":false", "\"lstrip\":true"),
            ("BertNormalizer", "Lowercase"),
            ("\"WordPiece\"", "\"Unigram\""),
            ("{\"SpecialToken\":{\"id\":\"[CLS]\"", "{\"SpecialToken\":{\"id\":\"[NONE]\""),
            ("{", "["),
        ] {
            assert!(json.contains(from), "{from}");
            assert!(WordPiece::from_json(json.replace(from, to).as_bytes()).is_none(), "{from}");
        }
    }

    proptest! {
        #[test]
        fn cuts_any_text_as_the_library_does(text in "([abcé'\\-,.]{1,9}|[ \t\n]|the|tiles|\\[CLS\\]|\\[MASK\\]|\\PC|.){0,30}") {
            check(&text);
        }
    }
}
