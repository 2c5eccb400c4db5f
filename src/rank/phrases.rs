//! Which words carry a text? Key phrases: one to three words, folded, weighed by their rarity in the corpus.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use crate::post::Post;

/// A phrase has at most this many words.
const WORDS_MAX: usize = 3;

/// English words that stand in no key phrase. Words that are frequent in the corpus at hand are left out by their
/// document frequency, whatever the language.
const FUNCTION_WORDS: &str = "a about above across after again against all almost along already also although always am \
    among an and another any anything are around as at away back be became because become been before behind being \
    below between both but by came can cannot come could did do does doing done down during each either else enough \
    even ever every few first for from further gave get gets getting give given goes going got had has have having he \
    her here him his how however i if in instead into is it its itself just keep keeps kept last least less let like \
    made make makes many may me might more most much must my need needed needs neither never new next no nor not \
    nothing now of off often on once one only onto or other others our out over own part per post posts put rather \
    same second see seen several shall she should show shows since so some something still such take taken takes than \
    that the their them themselves then there therefore these they thing things third this those though three through \
    thus to together too toward two under until up upon us use used uses using very via was way ways we well went were \
    what when where whether which while who whole whom whose why will with within without would yet you your";

static FUNCTION_WORD_SET: LazyLock<HashSet<&str>> = LazyLock::new(|| FUNCTION_WORDS.split(' ').collect());

/// How many posts of a corpus hold each folded word.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    posts: usize,
    frequency: HashMap<String, usize>,
}

impl Vocabulary {
    /// Counts the words of every post's title and summary.
    #[must_use]
    pub fn new(posts: &[Post]) -> Vocabulary {
        let mut frequency = HashMap::new();
        for post in posts {
            let words: HashSet<String> = runs(post).into_iter().flatten().map(|word| word.folded).collect();
            for word in words {
                *frequency.entry(word).or_insert(0) += 1;
            }
        }
        Vocabulary { posts: posts.len(), frequency }
    }

    /// Returns ln((N + 1) / (n + 0.5)), the weight of a word that `n` of `N` posts hold: 0.4 or less for a word of
    /// two posts in three, 6.5 for one of a thousand.
    fn weight(&self, folded: &str) -> f64 {
        let holders = self.frequency.get(folded).copied().unwrap_or(0);
        ((self.posts as f64 + 1.0) / (holders as f64 + 0.5)).ln()
    }

    /// Returns the key phrases that two posts share, the weightiest first, at most `limit`; written as in `a`.
    ///
    /// A phrase is one to three words in a row, without punctuation or function word between them; its weight is the
    /// sum of its words'. A single word must be rare enough (in at most one post of six) to stand alone, and no phrase
    /// is listed beside a longer one that holds it.
    #[must_use]
    pub fn shared_phrases(&self, a: &Post, b: &Post, limit: usize) -> Vec<String> {
        let theirs: HashSet<String> = phrases(b).into_keys().collect();
        let mut shared: Vec<(f64, String, String)> = phrases(a)
            .into_iter()
            .filter(|(folded, _)| theirs.contains(folded))
            .filter_map(|(folded, surface)| Some((self.phrase_weight(&folded)?, folded, surface)))
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
        let weights: Vec<f64> = folded.split(' ').map(|word| self.weight(word)).collect();
        let rarest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let commonest = weights.iter().copied().fold(f64::INFINITY, f64::min);
        // In a corpus of a dozen posts or fewer no word can be rare: any shared content word counts.
        let tells = self.posts <= 12 || (rarest >= 6f64.ln() && commonest >= 0.7);
        tells.then(|| weights.iter().sum())
    }
}

struct Word<'a> {
    surface: &'a str,
    folded: String,
}

/// Returns the runs of content words of a post: broken at punctuation and at function words.
fn runs(post: &Post) -> Vec<Vec<Word<'_>>> {
    let mut runs = Vec::new();
    for text in [post.title.as_str(), post.summary.text.as_str()] {
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
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Returns the phrases of a post: folded form to first surface form.
fn phrases(post: &Post) -> BTreeMap<String, String> {
    let mut phrases = BTreeMap::new();
    for run in runs(post) {
        for length in 1..=WORDS_MAX.min(run.len()) {
            for words in run.windows(length) {
                let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
                let surface: Vec<&str> = words.iter().map(|word| word.surface).collect();
                phrases.entry(folded.join(" ")).or_insert_with(|| surface.join(" ").to_lowercase());
            }
        }
    }
    phrases
}

fn is_content(folded: &str) -> bool {
    folded.chars().filter(|letter| letter.is_alphabetic()).count() >= 2 && !FUNCTION_WORD_SET.contains(folded)
}

/// Lower-cases and takes off the plural's ending: the S stemmer of Harman, "How Effective Is Suffixing?", JASIS 1991.
fn fold(word: &str) -> String {
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
