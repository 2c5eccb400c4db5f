//! Why this one? Evidence that a reader can check against the two posts.

use super::phrases::Vocabulary;
use super::relation::Relation;
use super::said_by_both::SaidByBoth;
use super::series::Place;
use super::title_finder::TITLE_WORDS_MIN;
use crate::post::Post;
use crate::similarity::Code;
use crate::text::{is_whole_words, one_line, sentences};

/// Minutes that two posts differ by at least, where it is told.
const MINUTES_APART: u32 = 4;
/// Letters beside a title in a line that says nothing more, such as quotes and a bullet.
const TITLE_MARKS: usize = 8;
/// At most this many shared phrases are named.
const PHRASES_MAX: usize = 3;

/// Which of two posts leads to the other, or names its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namer {
    /// The one that was asked about.
    Query,
    /// The one that is recommended.
    Post,
}

/// One checkable piece of evidence that a post belongs with another, with a topic, or with a reading history.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Both are parts of one series.
    Series {
        /// The series' name.
        name: String,
        /// The part that the query is.
        from: u32,
        /// The part that the recommendation is.
        to: u32,
    },
    /// What the recommendation is to the query.
    Relation(Relation),
    /// One links to the other.
    Links {
        /// Whose link.
        by: Namer,
        /// A sentence that names the other's title, where there is one.
        sentence: Option<String>,
    },
    /// A body names the other post's title, word for word, without a link.
    Names {
        /// Whose body.
        by: Namer,
        /// The sentence that names it; none for a line that is the title alone.
        sentence: Option<String>,
    },
    /// Minutes of reading that the recommendation takes more than the query, where one takes at least twice as long.
    Longer {
        /// May be negative: then it is shorter.
        minutes: i64,
    },
    /// Tags that both carry, as the query writes them.
    SharedTags(Vec<String>),
    /// Key phrases that both hold, the rarest first, as the query writes them.
    SharedPhrases(Vec<String>),
    /// The two sentences of the summaries that are nearest to each other.
    Sentences {
        /// From the query; `None` when the query is free text.
        query: Option<String>,
        /// From the recommendation.
        post: String,
        /// Their cosine similarity (from 8-bit codes, within about 0.01).
        similarity: f32,
    },
    /// Sentences of the bodies that say the same, where those of the summaries do not.
    SaidByBoth(SaidByBoth),
    /// Both have this author.
    SameAuthor(String),
    /// Days from the query's date to the recommendation's: positive is newer.
    Newer {
        /// May be negative: then the recommendation is older.
        days: i64,
    },
    /// Recommended for this post of the reading history.
    BecauseRead {
        /// Its position in the corpus.
        position: usize,
        /// How similar the two posts are.
        similarity: f32,
        /// 1 − the largest similarity to any post of the history.
        novelty: f32,
    },
    /// Recommended for words that the reader asked for, or for a draft.
    BecauseWished {
        /// The words, or the draft's title.
        name: String,
        /// How similar the post is.
        similarity: f32,
        /// 1 − the largest similarity to any post of the history.
        novelty: f32,
    },
    /// Near to many posts of a corpus of which nothing was read yet.
    Central {
        /// Posts whose nearest recommendation this is.
        stands_for: usize,
        /// Posts that were looked at.
        of: usize,
    },
}

/// Two posts and what is known about the corpus that they stand in.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The post that was asked about.
    pub query: &'a Post,
    /// The post that is recommended.
    pub post: &'a Post,
    /// The query's place in a series.
    pub query_place: Option<&'a Place>,
    /// The recommendation's place in a series.
    pub post_place: Option<&'a Place>,
}

/// Collects the evidence that needs no vectors, strongest first: series, tags, key phrases, author, date.
#[must_use]
pub fn reasons(pair: &Pair<'_>, vocabulary: &Vocabulary) -> Vec<Reason> {
    let Pair { query, post, .. } = *pair;
    let mut reasons = Vec::new();
    if let (Some(from), Some(to)) = (pair.query_place, pair.post_place)
        && from.series == to.series
    {
        reasons.push(Reason::Series { name: to.name.clone(), from: from.part, to: to.part });
    }
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let tags: Vec<String> =
        query.tags.iter().filter(|tag| post.tags.iter().any(|other| same(tag, other))).cloned().collect();
    if !tags.is_empty() {
        reasons.push(Reason::SharedTags(tags));
    }
    let phrases = vocabulary.shared_phrases(query, post, PHRASES_MAX);
    if !phrases.is_empty() {
        reasons.push(Reason::SharedPhrases(phrases));
    }
    if let (Some(a), Some(b)) = (&query.author, &post.author)
        && same(a, b)
    {
        reasons.push(Reason::SameAuthor(b.clone()));
    }
    if let (Some(from), Some(to)) = (query.date, post.date)
        && from.days() != to.days()
    {
        reasons.push(Reason::Newer { days: to.days() - from.days() });
    }
    if let (Some(from), Some(to)) = (query.minutes, post.minutes)
        && from.min(to) * 2 <= from.max(to)
        && from.abs_diff(to) >= MINUTES_APART
    {
        reasons.push(Reason::Longer { minutes: i64::from(to) - i64::from(from) });
    }
    reasons
}

/// Returns the first sentence of a body that has a title in it, in any letter case, or nothing for a line that is the title
/// alone; `None` where there is none, and for titles of fewer than three words, which texts have by chance.
#[must_use]
pub fn sentence_naming(title: &str, body: &str) -> Option<Option<String>> {
    let title = one_line(title).to_lowercase();
    if title.split_whitespace().count() < TITLE_WORDS_MIN {
        return None;
    }
    let names = |text: &str| {
        let text = one_line(text).to_lowercase();
        text.match_indices(&title).any(|(at, found)| is_whole_words(&text, at..at + found.len()))
    };
    let paragraph = body.split("\n\n").find(|paragraph| names(paragraph))?;
    let sentence = sentences(paragraph).into_iter().map(|range| &paragraph[range]).find(|sentence| names(sentence))?;
    let is_more = sentence.chars().count() > title.chars().count() + TITLE_MARKS;
    Some(is_more.then(|| one_line(sentence)))
}

/// The two sentences that are nearest to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SentencePair {
    /// Index of the sentence of the first text.
    pub a: usize,
    /// Index of the sentence of the second text.
    pub b: usize,
    /// Cosine similarity.
    pub similarity: f32,
}

/// Finds the nearest pair of sentences of two texts, the earliest of equals; `None` when one text has no sentence.
#[must_use]
pub fn nearest_sentences(a: &[Code], b: &[Code]) -> Option<SentencePair> {
    let mut best: Option<SentencePair> = None;
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let similarity = x.dot(y);
            if best.is_none_or(|best| similarity > best.similarity) {
                best = Some(SentencePair { a: i, b: j, similarity });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;
    use crate::post::fixture::post;
    use crate::rank::series::places;
    use crate::similarity::quantize;

    #[test]
    fn names_what_two_posts_share() {
        let mut a = post("a", "Part 1: Tile kernels", "Tile kernels multiply matrices.");
        let mut b = post("b", "Part 2: Tile kernels", "Faster tile kernels.");
        (a.tags, b.tags) = (vec!["SIMD".into(), "x86".into()], vec!["simd".into()]);
        (a.author, b.author) = (Some("Ada".into()), Some("ada".into()));
        (a.date, b.date) = (PostDate::parse("2026-01-01"), PostDate::parse("2026-01-31"));
        let posts = [a, b];
        let places = places(&posts);
        let pair =
            Pair { query: &posts[0], post: &posts[1], query_place: places[0].as_ref(), post_place: places[1].as_ref() };
        let expect = [
            Reason::Series { name: "Tile kernels".into(), from: 1, to: 2 },
            Reason::SharedTags(vec!["SIMD".into()]),
            Reason::SharedPhrases(vec!["tile kernels".into()]),
            Reason::SameAuthor("ada".into()),
            Reason::Newer { days: 30 },
        ];
        assert_eq!(reasons(&pair, &Vocabulary::new(&posts)), expect);
    }

    #[test]
    fn a_body_names_a_title_word_for_word() {
        let body = "First.\n\nSee how Bread\nRises Slowly, of last year. There is more to come in the next one.\n\nBread Rises Slowly";
        let sentence = || "See how Bread Rises Slowly, of last year.".to_owned();
        assert_eq!(sentence_naming("bread rises slowly", body), Some(Some(sentence())));
        assert_eq!(sentence_naming("Bread Rises Slowly", &body[body.len() - 18..]), Some(None));
        assert_eq!(sentence_naming("bread rises slow", body), None);
        assert_eq!(sentence_naming("Rises Slowly", body), None);
    }

    #[test]
    fn the_nearest_sentences_and_the_earliest_of_equals() {
        let code = |x: f32, y: f32| quantize(&[x, y]);
        let found = nearest_sentences(&[code(1.0, 0.0), code(0.0, 1.0)], &[code(0.6, 0.8), code(0.0, 1.0)]).unwrap();
        assert_eq!((found.a, found.b), (1, 1));
        assert!((found.similarity - 1.0).abs() < 1e-3);
        let twice = [code(1.0, 0.0), code(1.0, 0.0)];
        let equal = nearest_sentences(&twice, &twice).unwrap();
        assert_eq!((equal.a, equal.b), (0, 0));
        assert_eq!(nearest_sentences(&[], &[code(1.0, 0.0)]), None);
    }
}
