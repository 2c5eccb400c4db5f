//! Which words carry a text? Key phrases: one to three words, folded, weighed by their rarity in the corpus.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use crate::post::Post;
use crate::text::is_function_word;

/// A phrase has at most this many words.
const WORDS_MAX: usize = 3;

/// English words that say nothing alone, but may stand in a longer phrase ("write ahead log").
const NOT_ALONE: &str = "add adds answer ask asked better bring brings build building builds built call calls carry \
    excited free happy recently thank thanks \
    change changes come comes cost costs day days deal easy engineering fast faster feel find finds found front full gain \
    gains give good grew grow grown hand hard help helps high idea introduce introducing keep large learn leave level live \
    long look looks lost low move moved moves name open order people place problem problems question read ready real \
    reason record result results run running runs say scale scaling set show single small solve start starts state step \
    stop story support talk team teams tell time times tool tools toward turn turns version want wants week work working \
    works world write writes writing written year years";

static NOT_ALONE_SET: LazyLock<HashSet<&str>> = LazyLock::new(|| NOT_ALONE.split(' ').collect());

/// Tells whether a word in lower case says nothing about a subject when it stands alone.
pub(super) fn says_nothing_alone(word: &str) -> bool {
    NOT_ALONE_SET.contains(word) || is_function_word(word)
}

/// How many posts of a corpus hold each folded word or tag.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    posts: usize,
    numbers: HashMap<String, u32>,
    /// Posts that hold a word, by its number.
    holders: Vec<usize>,
}

/// A word of a post, by its number, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Title(u32),
    Summary(u32),
    Tag(u32),
}

impl Vocabulary {
    /// Counts the words of every post's title and summary, and its tags.
    #[must_use]
    pub fn new(posts: &[Post]) -> Vocabulary {
        Vocabulary::read(posts).0
    }

    /// Counts words and tags, and returns those of each post.
    pub(super) fn read(posts: &[Post]) -> (Vocabulary, Vec<Vec<Held>>) {
        let mut vocabulary = Vocabulary { posts: posts.len(), numbers: HashMap::new(), holders: Vec::new() };
        let held = posts
            .iter()
            .map(|post| {
                let title = words_of_text(&post.title).map(|word| Held::Title(vocabulary.number(word)));
                let mut held: Vec<Held> = title.collect();
                held.extend(words_of_text(&post.summary.text).map(|word| Held::Summary(vocabulary.number(word))));
                held.extend(post.tags.iter().map(|tag| Held::Tag(vocabulary.number(Vocabulary::tag_word(tag)))));
                vocabulary.count(&held);
                held
            })
            .collect();
        (vocabulary, held)
    }

    fn number(&mut self, word: String) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(word).or_insert(next)
    }

    fn count(&mut self, held: &[Held]) {
        self.holders.resize(self.numbers.len(), 0);
        let distinct: HashSet<u32> = held.iter().map(|held| held.number()).collect();
        for number in distinct {
            self.holders[number as usize] += 1;
        }
    }

    /// Returns the word that stands for a tag: no word of a text is like it.
    pub(super) fn tag_word(tag: &str) -> String {
        format!("#{}", tag.to_lowercase())
    }

    /// Returns a word's number; `None` for a word that no post holds.
    pub(super) fn number_of(&self, folded: &str) -> Option<u32> {
        self.numbers.get(folded).copied()
    }

    /// Returns ln((N + 1) / (n + 0.5)), the weight of a word that `n` of `N` posts hold: 0.4 or less for a word of
    /// two posts in three, 6.5 for one of a thousand.
    pub(super) fn weight(&self, number: u32) -> f64 {
        self.weight_of(self.holders[number as usize])
    }

    fn weight_of(&self, holders: usize) -> f64 {
        ((self.posts as f64 + 1.0) / (holders as f64 + 0.5)).ln()
    }

    /// Returns the key phrases that two posts share, the weightiest first, at most `limit`; written as in `a`.
    ///
    /// A phrase is one to three words in a row, without punctuation or function word between them; its weight is the
    /// sum of its words'. At least one word must be rare (in at most one post of six). A single word must also carry one
    /// of the posts: stand in its title, occur twice, or be written like a name. No two phrases share a word.
    #[must_use]
    pub fn shared_phrases(&self, a: &Post, b: &Post, limit: usize) -> Vec<String> {
        let theirs = phrases(b);
        let mut shared: Vec<(f64, String, String)> = phrases(a)
            .into_iter()
            .filter_map(|(folded, ours)| Some((theirs.get(&folded)?, folded, ours)))
            .filter(|(theirs, folded, ours)| folded.contains(' ') || ours.carries || theirs.carries)
            .filter_map(|(_, folded, ours)| Some((self.phrase_weight(&folded)?, folded, ours.surface)))
            .collect();
        shared.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| x.1.cmp(&y.1)));
        let mut kept: Vec<(String, String)> = Vec::new();
        for (_, folded, surface) in shared {
            let words: Vec<&str> = folded.split(' ').collect();
            let overlaps =
                kept.iter().any(|(longer, _)| words.iter().any(|word| longer.split(' ').any(|w| w == *word)));
            if !overlaps && kept.len() < limit {
                kept.push((folded, surface));
            }
        }
        kept.into_iter().map(|(_, surface)| surface).collect()
    }

    /// Returns the weight of a phrase, `None` when its words are too common in this corpus to say anything.
    fn phrase_weight(&self, folded: &str) -> Option<f64> {
        let weights: Vec<f64> = folded
            .split(' ')
            .map(|word| self.number_of(word).map_or_else(|| self.weight_of(0), |n| self.weight(n)))
            .collect();
        let rarest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let commonest = weights.iter().copied().fold(f64::INFINITY, f64::min);
        // In a corpus of a dozen posts or fewer no word can be rare: any shared content word counts.
        let tells = self.posts <= 12 || (rarest >= 6f64.ln() && commonest >= 0.7);
        tells.then(|| weights.iter().sum())
    }
}

impl Held {
    fn number(self) -> u32 {
        match self {
            Held::Title(number) | Held::Summary(number) | Held::Tag(number) => number,
        }
    }
}

/// A content word of a text.
pub(super) struct Word<'a> {
    /// As it stands there.
    pub(super) surface: &'a str,
    /// In lower case, without the plural's ending.
    pub(super) folded: String,
}

/// Returns the folded content words of a text.
pub(super) fn words_of_text(text: &str) -> impl Iterator<Item = String> {
    runs(text).into_iter().flatten().map(|word| word.folded)
}

/// Returns the runs of content words of a text: broken at punctuation and at function words.
pub(super) fn runs(text: &str) -> Vec<Vec<Word<'_>>> {
    let mut runs = Vec::new();
    let mut run: Vec<Word<'_>> = Vec::new();
    for piece in text.split_word_bounds() {
        if piece.chars().all(char::is_whitespace) || piece == "-" {
            continue;
        }
        let folded = fold(piece);
        if is_content(&folded) {
            run.push(Word { surface: piece, folded });
        } else {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

/// A phrase as a post has it.
struct Phrase {
    /// As it stands in the post first, without a possessive ending.
    surface: String,
    /// Whether it stands in the title, occurs twice, or is written like a name.
    carries: bool,
}

/// Returns the phrases of a post by their folded form.
fn phrases(post: &Post) -> BTreeMap<String, Phrase> {
    let mut phrases: BTreeMap<String, Phrase> = BTreeMap::new();
    for (text, in_title) in [(&post.title, true), (&post.summary.text, false)] {
        for run in runs(text) {
            for length in 1..=WORDS_MAX.min(run.len()) {
                for words in run.windows(length) {
                    let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
                    let says_nothing = length == 1 && NOT_ALONE_SET.contains(folded[0]);
                    if says_nothing {
                        continue;
                    }
                    let carries = in_title || words.iter().any(|word| is_name(word.surface));
                    phrases
                        .entry(folded.join(" "))
                        .and_modify(|phrase| phrase.carries = true)
                        .or_insert_with(|| Phrase { surface: surface(words), carries });
                }
            }
        }
    }
    phrases
}

fn surface(words: &[Word<'_>]) -> String {
    let bare = |word: &Word<'_>| {
        let text = word.surface;
        let text = text.strip_suffix("'s").or_else(|| text.strip_suffix("\u{2019}s")).unwrap_or(text);
        if is_name(text) { text.to_owned() } else { text.to_lowercase() }
    };
    words.iter().map(bare).collect::<Vec<_>>().join(" ")
}

/// Tells whether a word is written like a name: a capital after its first letter, or a digit (`eBPF`, `AV1`, `GraphQL`).
pub(super) fn is_name(word: &str) -> bool {
    word.chars().skip(1).any(|letter| letter.is_uppercase() || letter.is_ascii_digit())
}

fn is_content(folded: &str) -> bool {
    folded.chars().filter(|letter| letter.is_alphabetic()).count() >= 2 && !is_function_word(folded)
}

/// Lower-cases and takes off the plural's ending: the S stemmer of Harman, "How Effective Is Suffixing?", JASIS 1991.
pub(super) fn fold(word: &str) -> String {
    let lower = word.to_lowercase().replace('\u{2019}', "'");
    let lower = lower.strip_suffix("'s").unwrap_or(&lower);
    let ends = |suffix: &str, not: &[&str]| lower.ends_with(suffix) && !not.iter().any(|end| lower.ends_with(end));
    if lower.len() > 4 && ends("ies", &["eies", "aies"]) {
        return format!("{}y", &lower[..lower.len() - 3]);
    }
    if lower.len() > 3 && (ends("es", &["aes", "ees", "oes"]) || ends("s", &["us", "ss", "es"])) {
        return lower[..lower.len() - 1].to_owned();
    }
    lower.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    #[test]
    fn folds_plurals() {
        for (word, expect) in [("Queries", "query"), ("caches", "cache"), ("Kubernetes", "kubernete"), ("bus", "bus")] {
            assert_eq!(fold(word), expect);
        }
        assert_eq!(fold("Netflix\u{2019}s"), "netflix");
    }

    #[test]
    fn shares_the_longest_rare_phrases() {
        let mut posts: Vec<Post> = (0..30).map(|n| post(&n.to_string(), "Scaling the platform", "It grew.")).collect();
        posts.push(post("a", "Scaling the live origin", "Write-ahead logs keep the origin servers of the platform."));
        posts.push(post("b", "An origin server", "A write-ahead log on the platform, scaling."));
        let vocabulary = Vocabulary::new(&posts);
        let shared = vocabulary.shared_phrases(&posts[30], &posts[31], 3);
        assert_eq!(shared, ["write ahead logs", "origin servers"]);
        assert_eq!(vocabulary.shared_phrases(&posts[0], &posts[31], 3), [""; 0]);
    }

    #[test]
    fn survives_texts_without_words() {
        let posts = [post("a", "!!!", "…"), post("b", "—", "")];
        assert_eq!(Vocabulary::new(&posts).shared_phrases(&posts[0], &posts[1], 3), [""; 0]);
    }
}
