//! Which phrases can name a topic? Those that several posts write in title, summary or tags, as readers would write them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use crate::corpus::{Term, TermCounter, Terms, is_pair};
use crate::post::Post;
use crate::rank::phrases::{Word, is_name, runs, says_nothing_alone};
use crate::text::sentences;

/// A phrase has at most this many words.
const WORDS_MAX: usize = 3;
/// Fewer posts than this that write a phrase make it no name.
const WRITERS_MIN: usize = 2;

/// A word that so large a share of the posts have in title, summary or tags is what all of them are about: no phrase begins or ends with it.
const COMMON: f64 = 0.4;
/// A phrase whose writers so often write it inside of one longer phrase is only a piece of that.
const PIECE: f64 = 0.7;

/// Words that tell what kind of text it is, or how its author feels about it, and no subject.
const NO_SUBJECT: &str = "allow allows announce announced announcement announces announcing available based big blog com \
    comes conclusion content continue continues couple doc easier excited exciting finally github great happy hello http https img \
    important improvement improvements including interesting join last latest little lot lots newest news nice part \
    pleased pleasure please previous proud publish published quick recap recent recently several simpler simply started \
    summary thank thanks thought thoughts today tutorial update updates upcoming various welcome week weekly www \
    yesterday";
/// Words that say nothing alone but may begin a phrase.
const MAY_BEGIN: &str = "front full hard large level live open place real run single state time tool tools version work \
    working world write";

static NO_SUBJECT_SET: LazyLock<HashSet<&str>> = LazyLock::new(|| NO_SUBJECT.split_whitespace().collect());
static MAY_BEGIN_SET: LazyLock<HashSet<&str>> = LazyLock::new(|| MAY_BEGIN.split_whitespace().collect());

/// How a phrase is written, and by how many posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As most posts write it.
    pub text: String,
    /// Its words, folded.
    pub(super) words: Vec<String>,
    /// Posts that write it in title, summary or tags, ascending.
    pub(super) writers: Vec<usize>,
    /// Of these, those with it in title or tags.
    pub(super) titles: Vec<usize>,
    /// Posts with it anywhere, the body included, ascending.
    pub(super) holders: Vec<usize>,
    /// Longer phrases that it is a piece of.
    pub(super) longer: Vec<usize>,
}

/// The phrases of some posts, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrases {
    /// Ascending by their folded words.
    pub(super) all: Vec<Written>,
    /// How many posts there are.
    pub(super) posts: usize,
}

#[derive(Default)]
struct Found {
    /// Times of each way to write it.
    surfaces: BTreeMap<Vec<String>, usize>,
    writers: BTreeSet<usize>,
    titles: BTreeSet<usize>,
}

/// How often each word, in lower case, is written in which way where no sentence begins.
type Cases = HashMap<String, BTreeMap<String, usize>>;

impl Phrases {
    /// Finds the phrases of posts; `terms` are those of the whole posts, in the same order.
    #[must_use]
    pub fn new(posts: &[&Post], terms: &[&Terms]) -> Phrases {
        let mut found: BTreeMap<Vec<String>, Found> = BTreeMap::new();
        let mut cases = Cases::new();
        for (node, post) in posts.iter().enumerate() {
            collect(&post.title, (node, Place::Title), &mut found);
            for tag in &post.tags {
                collect(&tag.replace(['-', '_'], " "), (node, Place::Title), &mut found);
            }
            for range in sentences(&post.summary.text) {
                let sentence = &post.summary.text[range];
                collect(sentence, (node, Place::Summary), &mut found);
                count_cases(sentence, &mut cases);
            }
        }
        found.retain(|_, found| found.writers.len() >= WRITERS_MIN);
        let mut all: Vec<Written> = found.into_iter().map(|(words, found)| written(words, found, &cases)).collect();
        hold(&mut all, terms);
        all = without_common_edges(all, posts.len());
        find_longer(&mut all);
        Phrases { all, posts: posts.len() }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Title,
    Summary,
}

fn collect(text: &str, (node, place): (usize, Place), found: &mut BTreeMap<Vec<String>, Found>) {
    for mut run in runs(text) {
        // "Bread 1.2 is released" is about a release.
        for word in run.iter_mut().filter(|word| word.folded == "released") {
            (word.surface, word.folded) = ("release", "release".to_owned());
        }
        for length in 1..=WORDS_MAX.min(run.len()) {
            for words in run.windows(length).filter(|words| can_name(words)) {
                let folded: Vec<String> = words.iter().map(|word| word.folded.clone()).collect();
                let found = found.entry(folded).or_default();
                *found.surfaces.entry(words.iter().map(|word| bare(word.surface).to_owned()).collect()).or_insert(0) +=
                    1;
                found.writers.insert(node);
                if place == Place::Title {
                    found.titles.insert(node);
                }
            }
        }
    }
}

/// A phrase neither begins nor ends with a word that says nothing alone, says each word once, and has a subject; in
/// English, participles and adverbs end none.
fn can_name(words: &[Word<'_>]) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let lower = |word: &Word<'_>| word.surface.to_lowercase();
    let nothing = |word: &Word<'_>| says_nothing_alone(&word.folded) || says_nothing_alone(&lower(word));
    let no_subject = |word: &Word<'_>| {
        NO_SUBJECT_SET.contains(word.folded.as_str()) || NO_SUBJECT_SET.contains(lower(word).as_str())
    };
    let may_begin = !nothing(first) || (words.len() > 1 && MAY_BEGIN_SET.contains(first.folded.as_str()));
    let ending = lower(last);
    let is_participle = ending.len() > 4 && (ending.ends_with("ed") || ending.ends_with("ly"));
    let distinct: BTreeSet<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    distinct.len() == words.len()
        && may_begin
        && !nothing(last)
        && !is_participle
        && !words.iter().any(|word| no_subject(word) || is_odd(word.surface))
}

/// Single letters, adverbs, and what is left of "we'll" name nothing.
fn is_odd(word: &str) -> bool {
    let bare = bare(word);
    bare.chars().count() < 2 || bare.contains(['\'', '\u{2019}']) || (bare.len() > 4 && bare.ends_with("ly"))
}

fn bare(surface: &str) -> &str {
    surface.strip_suffix("'s").or_else(|| surface.strip_suffix("\u{2019}s")).unwrap_or(surface)
}

fn count_cases(sentence: &str, cases: &mut Cases) {
    for (at, word) in runs(sentence).iter().flatten().enumerate() {
        if at > 0 || !sentence.starts_with(word.surface) {
            let surface = bare(word.surface);
            *cases.entry(surface.to_lowercase()).or_default().entry(surface.to_owned()).or_insert(0) += 1;
        }
    }
}

/// Writes a word as summaries do; one that only titles have, in lower case unless it is written like a name.
fn cased(word: &str, cases: &Cases) -> String {
    let lower = word.to_lowercase();
    let most = cases.get(&lower).and_then(|forms| forms.iter().max_by_key(|(form, times)| (**times, **form == lower)));
    match most {
        Some((form, _)) => form.clone(),
        None if is_name(word) => word.to_owned(),
        None => lower,
    }
}

fn written(words: Vec<String>, found: Found, cases: &Cases) -> Written {
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    for (surface, times) in found.surfaces {
        let text: Vec<String> = surface.iter().map(|word| cased(word, cases)).collect();
        *texts.entry(text.join(" ")).or_insert(0) += times;
    }
    // Of equally frequent ones the shorter, which is the singular.
    let most = texts
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.len().cmp(&a.0.len())).then_with(|| b.0.cmp(&a.0)));
    let text = most.map_or_else(|| words.join(" "), |(text, _)| text);
    let [writers, titles] = [found.writers, found.titles].map(|posts| posts.into_iter().collect::<Vec<usize>>());
    Written { text, words, holders: writers.clone(), writers, titles, longer: Vec::new() }
}

/// Finds the posts whose bodies have each phrase, by the terms of single words or of all pairs of neighbors.
fn hold(all: &mut [Written], terms: &[&Terms]) {
    let counter = TermCounter::default();
    let terms_of = |phrase: &Written| -> Vec<Term> {
        let counts = counter.of_text(&phrase.text).counts;
        let pairs: Vec<Term> = counts.iter().map(|count| count.0).filter(|&term| is_pair(term)).collect();
        match pairs.is_empty() {
            true if phrase.words.len() == 1 && counts.len() == 1 => vec![counts[0].0],
            true => Vec::new(),
            false => pairs,
        }
    };
    let wanted: Vec<Vec<Term>> = all.iter().map(terms_of).collect();
    let mut by_first: HashMap<Term, Vec<usize>> = HashMap::new();
    for (phrase, terms) in wanted.iter().enumerate() {
        if let Some(&first) = terms.first() {
            by_first.entry(first).or_default().push(phrase);
        }
    }
    for (node, terms) in terms.iter().enumerate() {
        let has = |term: Term| terms.counts.binary_search_by_key(&term, |count| count.0).is_ok();
        for phrase in terms.counts.iter().filter_map(|(term, _)| by_first.get(term)).flatten() {
            if wanted[*phrase][1..].iter().all(|&term| has(term)) {
                all[*phrase].holders.push(node);
            }
        }
    }
    for phrase in all {
        phrase.holders.sort_unstable();
        phrase.holders.dedup();
    }
}

fn without_common_edges(all: Vec<Written>, posts: usize) -> Vec<Written> {
    let is_common = |phrase: &&Written| phrase.writers.len() as f64 >= COMMON * posts as f64;
    // Of a handful of posts every word is in half.
    let few = posts < 2 * WRITERS_MIN * WORDS_MAX;
    let common: HashSet<String> = match few {
        true => HashSet::new(),
        false => all
            .iter()
            .filter(|phrase| phrase.words.len() == 1)
            .filter(is_common)
            .map(|phrase| phrase.words[0].clone())
            .collect(),
    };
    let has_common_edge = |phrase: &Written| {
        [phrase.words.first(), phrase.words.last()].into_iter().flatten().any(|word| common.contains(word))
    };
    all.into_iter().filter(|phrase| !has_common_edge(phrase)).collect()
}

fn find_longer(all: &mut [Written]) {
    let numbers: HashMap<Vec<String>, usize> =
        all.iter().enumerate().map(|(number, phrase)| (phrase.words.clone(), number)).collect();
    for number in 0..all.len() {
        let words = all[number].words.clone();
        for length in 1..words.len() {
            for piece in words.windows(length).filter_map(|piece| numbers.get(piece)) {
                all[*piece].longer.push(number);
            }
        }
    }
}

impl Phrases {
    /// Tells whether the posts that `counts` write a phrase mostly inside of a longer one.
    pub(super) fn is_piece(&self, phrase: &Written, counts: impl Fn(&[usize]) -> usize) -> bool {
        let own = counts(&phrase.writers) as f64;
        phrase.longer.iter().any(|&longer| counts(&self.all[longer].writers) as f64 >= PIECE * own)
    }
}

/// Tells whether two phrases share a word, whatever its ending, or are written together and apart.
pub(super) fn overlap(a: &Written, b: &Written) -> bool {
    let is_like = |word: &str, other: &str| {
        let shorter = word.len().min(other.len());
        word == other || (shorter >= 4 && (word.starts_with(other) || other.starts_with(word))) || {
            let stem = |word: &str| word.chars().take(6).collect::<String>();
            shorter >= 6 && stem(word) == stem(other)
        }
    };
    a.words.concat() == b.words.concat() || a.words.iter().any(|word| b.words.iter().any(|other| is_like(word, other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    #[test]
    fn phrases_are_written_as_summaries_write_them() {
        let posts = [
            post("a", "Garbage Collection In Go", "How the Go runtime does garbage collection."),
            post("b", "The Garbage Collector's Pause", "In Go, garbage collection pauses a while."),
        ];
        let counter = TermCounter::default();
        let terms = posts.each_ref().map(|post| counter.of_post(post));
        let phrases = Phrases::new(&posts.each_ref(), &terms.each_ref());
        let texts: Vec<&str> = phrases.all.iter().map(|phrase| phrase.text.as_str()).collect();
        assert!(texts.contains(&"garbage collection") && texts.contains(&"Go"), "{texts:?}");
        assert!(!texts.iter().any(|text| text.contains("pauses a") || *text == "the"), "{texts:?}");
    }

    #[test]
    fn bodies_hold_phrases_too() {
        let mut posts = [post("a", "Sour dough", ""), post("b", "Sour dough again", ""), post("c", "Ovens", "")];
        posts[2].text = Some("Put the sour dough into it.".to_owned());
        let counter = TermCounter::default();
        let terms = posts.each_ref().map(|post| counter.of_post(post));
        let phrases = Phrases::new(&posts.each_ref(), &terms.each_ref());
        let dough = phrases.all.iter().find(|phrase| phrase.text == "sour dough").unwrap();
        assert_eq!((dough.writers.as_slice(), dough.holders.as_slice()), (&[0, 1][..], &[0, 1, 2][..]));
    }
}
