//! Do two posts tell one story? What says so, and what says that they do not.

use super::facts::{Pair, Shared, Title};
use crate::corpus::Term;
use crate::post::Post;
use crate::rank::series::numbered_title;
use crate::text::one_line;

/// What says that two posts tell one story.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sameness {
    /// Their addresses lead to one page.
    Page,
    /// They have their words in common.
    Words {
        /// The share of the shorter one's pairs of words that the other has, 0 to 1.
        share: f32,
    },
    /// They have a title in common, of one only a summary is known, and their vectors are near.
    Title {
        /// The cosine of their vectors.
        similarity: f32,
    },
}

/// Texts of fewer pairs of words say little by them, and of fewer than the second number, much of what they say is form.
const PAIRS_MIN: usize = 12;
const PAIRS_LONG: usize = 150;
/// Days between two posts of one story, where not their whole texts say so: a survey comes again, with nearly its words.
const DAYS_MAX: u64 = 60;
/// The least resemblance of texts that are the same whatever their titles are, and where one title has a number more.
const SAME_TEXT: f32 = 0.85;
const SAME_TEXT_BUT_NUMBER: f32 = 0.95;
/// The least likeness of titles of one story, where not their whole texts say so.
const ALIKE: f32 = 0.5;
/// The least share of the shorter one's words for texts of which one has much that the other has not, and of which both have most.
const CONTAINED: f32 = 0.85;
const MOSTLY: (f32, f32) = (0.8, 0.5);
/// The least cosine of a card and what it is a card of, by content words of the title that they share.
const CARD_SIMILARITY: [(usize, f32); 2] = [(3, 0.5), (2, 0.8)];

/// Says what makes one story of two posts; `None` where nothing does, or something speaks against it. `cosine` tells the
/// similarity of their vectors.
pub(super) fn sameness(pair: Pair<'_>, cosine: &dyn Fn() -> f32) -> Option<Sameness> {
    let (numbers, alike) = (Numbers::of(pair.titles), likeness(pair.titles));
    if are_parts(&pair) || (numbers == Numbers::Differ && alike >= ALIKE) {
        return None;
    }
    let shared = pair.shared_pairs();
    let words = Sameness::Words { share: shared.containment() };
    if pair.posts[0].source == pair.posts[1].source {
        return is_repeated(&pair, shared, numbers).then_some(words);
    }
    if pair.pages[0].is_some() && pair.pages[0] == pair.pages[1] {
        // Where feeds give many posts one address, it says nothing.
        let agrees = alike >= ALIKE || shared.containment() >= 0.3 || cosine() >= 0.4;
        return agrees.then_some(Sameness::Page);
    }
    if is_same_text(shared, numbers) || (numbers == Numbers::Equal && is_most(&pair, shared, alike)) {
        return Some(words);
    }
    let similarity = (numbers == Numbers::Equal).then(|| card_similarity(&pair, cosine)).flatten()?;
    Some(Sameness::Title { similarity })
}

/// Tells whether one source has published a post twice.
fn is_repeated(pair: &Pair<'_>, shared: Shared, numbers: Numbers) -> bool {
    let [a, b] = pair.posts.map(|post| one_line(&post.summary.text).to_lowercase());
    let is_same_card = pair.titles[0].folded == pair.titles[1].folded && a == b;
    let is_same_text =
        numbers == Numbers::Equal && shared.shorter() >= PAIRS_MIN && shared.resemblance() >= SAME_TEXT_BUT_NUMBER;
    is_same_text || (is_same_card && contains(shared) >= 0.9 && are_dates_near(pair))
}

/// Returns the containment, 1 for a text without pairs of words.
fn contains(shared: Shared) -> f32 {
    if shared.shorter() == 0 { 1.0 } else { shared.containment() }
}

fn is_same_text(shared: Shared, numbers: Numbers) -> bool {
    let (least, pairs) = match numbers {
        Numbers::Equal => (SAME_TEXT, 3 * PAIRS_MIN),
        Numbers::Within => (SAME_TEXT_BUT_NUMBER, PAIRS_LONG),
        Numbers::Differ => return false,
    };
    shared.shorter() >= pairs && shared.resemblance() >= least
}

/// Tells whether one is most of the other: reworded, cut, quoted with a comment, or summed up by its first words.
fn is_most(pair: &Pair<'_>, shared: Shared, alike: f32) -> bool {
    if alike < ALIKE || shared.shorter() < PAIRS_MIN {
        return false;
    }
    let (least, most) = MOSTLY;
    let is_most = shared.containment() >= CONTAINED || (shared.containment() >= least && shared.resemblance() >= most);
    is_most && (are_dates_near(pair) || (shared.shorter() >= PAIRS_LONG && shared.resemblance() >= most))
}

/// Returns the similarity of a card, of which no body is known, and what it is a card of: another with its title, which no
/// other post of their sources has.
fn card_similarity(pair: &Pair<'_>, cosine: &dyn Fn() -> f32) -> Option<f32> {
    let is_card = |post: &Post| post.minutes.is_none() && post.text.is_none();
    let is_named_so = is_same_title(pair.titles) && pair.are_titles_alone && are_dates_near(pair);
    if !is_named_so || !pair.posts.into_iter().any(is_card) {
        return None;
    }
    let words = pair.titles.map(|title| title.words.len() + title.numbers.len());
    let (_, least) = CARD_SIMILARITY.into_iter().find(|(count, _)| words.into_iter().all(|words| words >= *count))?;
    Some(cosine()).filter(|cosine| *cosine >= least)
}

fn is_same_title(titles: [&Title; 2]) -> bool {
    titles[0].folded == titles[1].folded || likeness(titles) >= 0.99
}

fn are_dates_near(pair: &Pair<'_>) -> bool {
    match pair.posts.map(|post| post.date) {
        [Some(a), Some(b)] => a.days().abs_diff(b.days()) <= DAYS_MAX,
        _ => true,
    }
}

/// Words for what comes before a release.
pub(in crate::rank) const STAGES: [&str; 5] = ["alpha", "beta", "rc", "candidate", "preview"];

/// How the numbers of two titles stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rank) enum Numbers {
    /// Both have the same, or none.
    Equal,
    /// One has all of the other, and more.
    Within,
    /// Each has one that the other has not.
    Differ,
}

impl Numbers {
    pub(in crate::rank) fn of(titles: [&Title; 2]) -> Numbers {
        let [a, b] = titles.map(|title| &title.numbers);
        // A beta has nearly all words of what is released then.
        if a.symmetric_difference(b).any(|number| STAGES.contains(&number.as_str())) {
            return Numbers::Differ;
        }
        match (a.is_subset(b), b.is_subset(a)) {
            (true, true) => Numbers::Equal,
            (false, false) => Numbers::Differ,
            _ => Numbers::Within,
        }
    }
}

fn are_parts(pair: &Pair<'_>) -> bool {
    let part = |post: &Post| match &post.series {
        Some(series) => Some((series.name.to_lowercase(), series.part)),
        None => numbered_title(&post.title).map(|(name, part)| (name.to_lowercase(), part)),
    };
    let [a, b] = pair.posts.map(part);
    matches!((a, b), (Some(a), Some(b)) if a.0 == b.0 && a.1 != b.1)
}

/// Returns how alike two titles are, 0 to 1: the share of all their words that both have, the name of a site left out
/// where that makes it more.
pub(super) fn likeness([a, b]: [&Title; 2]) -> f32 {
    if a.folded == b.folded {
        return 1.0;
    }
    let share = |a: &[Term], b: &[Term]| {
        let both = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
        both as f32 / (a.len() + b.len() - both).max(1) as f32
    };
    let all = [(&a.words, &b.words), (&a.core, &b.words), (&a.words, &b.core)];
    all.into_iter().map(|(a, b)| share(a, b)).fold(0.0, f32::max)
}
