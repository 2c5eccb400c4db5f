//! How does one post stand to another? Told only where the posts themselves say so: by series, titles and dates.

use std::collections::{BTreeSet, HashMap};

use super::series::Place;
use super::story::{Numbers, STAGES, Sameness, Title};
use crate::corpus::{Term, TermCounter};
use crate::post::Post;

/// What a post is to the one that it is recommended for.
#[derive(Debug, Clone, PartialEq)]
pub enum Relation {
    /// The next part of a series.
    NextInSeries {
        /// The series' name.
        name: String,
        /// The number of the part.
        part: u32,
    },
    /// The part before, of a series.
    PreviousInSeries {
        /// The series' name.
        name: String,
        /// The number of the part.
        part: u32,
    },
    /// The same story.
    SameStory(Sameness),
    /// The same subject again, later.
    NewerTake(Take),
    /// The same subject, earlier.
    OlderTake(Take),
    /// It goes into the subject: by these words of its title, such as "internals".
    Deeper(String),
    /// It introduces the subject: by these words of its title, such as "introduction".
    Broader(String),
}

/// What says that two posts are takes of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// Days between the two.
    pub days: u64,
    /// The numbers of the title that was asked about which the other has not, and the other way round, such as 1.2 and 1.3.
    pub numbers: [Vec<String>; 2],
    /// Words by which the newer title says that it is one, such as "revisited".
    pub words: Vec<String>,
}

/// Words of titles that go into a subject, and of those that introduce one; a phrase each.
const DEEP: [&str; 12] = [
    "internals",
    "under the hood",
    "deep dive",
    "in depth",
    "in-depth",
    "in detail",
    "advanced",
    "inside",
    "behind the scenes",
    "implementation",
    "details",
    "anatomy",
];
const BROAD: [&str; 11] = [
    "introduction",
    "intro",
    "overview",
    "primer",
    "basics",
    "fundamentals",
    "getting started",
    "beginners",
    "what is",
    "tutorial",
    "a tour of",
];
/// Words that a newer title has more than the older one of the same subject.
const AGAIN: [&str; 14] = [
    "revisited",
    "redux",
    "update",
    "updated",
    "updating",
    "updates",
    "again",
    "later",
    "years",
    "reloaded",
    "continued",
    "improved",
    "recap",
    "anew",
];
/// A word of more titles than this, or than this share of all, names no subject.
const TITLES_MAX: usize = 4;
const TITLES_SHARE_MAX: f64 = 0.03;

/// The titles of a corpus, ready to be compared.
#[derive(Debug, Clone)]
pub struct Titles {
    titles: Vec<Title>,
    holders: HashMap<Term, usize>,
    again: Vec<(Term, &'static str)>,
}

impl Titles {
    /// Takes the titles of posts apart.
    #[must_use]
    pub fn new(posts: &[Post]) -> Titles {
        let counter = TermCounter::default();
        let titles: Vec<Title> = posts.iter().map(|post| Title::of(&post.title, &counter)).collect();
        let mut holders = HashMap::new();
        titles.iter().flat_map(|title| &title.words).for_each(|&word| *holders.entry(word).or_insert(0) += 1);
        let term = |word: &'static str| counter.words_of(word).first().map(|&term| (term, word));
        Titles { titles, holders, again: AGAIN.into_iter().filter_map(term).collect() }
    }

    /// Tells whether a word names a subject: few titles have it.
    fn is_rare(&self, word: Term) -> bool {
        let most = TITLES_MAX.max((self.titles.len() as f64 * TITLES_SHARE_MAX) as usize);
        self.holders.get(&word).is_some_and(|&holders| holders <= most)
    }

    /// Says what the post at `to` is to the one at `from`, by series, titles and dates; `None` where they do not say it.
    ///
    /// # Panics
    /// A position is not below the number of posts.
    #[must_use]
    pub fn relation(&self, posts: &[Post], places: &[Option<Place>], from: usize, to: usize) -> Option<Relation> {
        in_series(places, from, to).or_else(|| self.take(posts, from, to)).or_else(|| self.depth(from, to))
    }

    fn take(&self, posts: &[Post], from: usize, to: usize) -> Option<Relation> {
        let days = posts[to].date?.days() - posts[from].date?.days();
        let (older, newer) = if days > 0 { (from, to) } else { (to, from) };
        let words = self.again(older, newer)?;
        let [ours, theirs] = [&self.titles[from].numbers, &self.titles[to].numbers];
        let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
        let take = Take { days: days.unsigned_abs(), numbers: [only(ours, theirs), only(theirs, ours)], words };
        match days {
            0 => None,
            1.. => Some(Relation::NewerTake(take)),
            _ => Some(Relation::OlderTake(take)),
        }
    }

    /// Returns the words by which a newer title that is else the same says so; `None` where it is not the same.
    fn again(&self, older: usize, newer: usize) -> Option<Vec<String>> {
        let (a, b) = (&self.titles[older], &self.titles[newer]);
        let has_all = !a.words.is_empty() && a.words.iter().all(|word| b.words.binary_search(word).is_ok());
        let more: Vec<Term> = b.words.iter().copied().filter(|word| a.words.binary_search(word).is_err()).collect();
        let said: Vec<Option<&str>> =
            more.iter().map(|word| self.again.iter().find(|(term, _)| term == word).map(|(_, word)| *word)).collect();
        let is_known = a.words.len() > 1 || Numbers::of([a, b]) == Numbers::Differ;
        // "X in 2019" is followed by "X in 2020"; "X" without a year is a post of its own, unless the number was of a draft.
        if b.numbers.len() < a.numbers.len() && b.numbers.is_subset(&a.numbers) && !is_draft(a, b) {
            return None;
        }
        let said: Option<Vec<&str>> = said.into_iter().collect();
        said.filter(|_| has_all && is_known).map(|said| said.into_iter().map(str::to_owned).collect())
    }

    fn depth(&self, from: usize, to: usize) -> Option<Relation> {
        let (a, b) = (&self.titles[from], &self.titles[to]);
        let shares = a.words.iter().any(|&word| b.words.binary_search(&word).is_ok() && self.is_rare(word));
        if !shares || Numbers::of([a, b]) == Numbers::Differ {
            return None;
        }
        let said = |phrases: &[&'static str], title: &Title| {
            let padded = format!(" {} ", words_of(&title.folded));
            phrases.iter().find(|phrase| padded.contains(&format!(" {phrase} "))).map(|phrase| (*phrase).to_owned())
        };
        match (said(&DEEP, a), said(&BROAD, a), said(&DEEP, b), said(&BROAD, b)) {
            (None, _, Some(words), None) => Some(Relation::Deeper(words)),
            (_, None, None, Some(words)) => Some(Relation::Broader(words)),
            _ => None,
        }
    }
}

/// Tells whether the older title has the number of a draft, which the newer one has not.
fn is_draft(older: &Title, newer: &Title) -> bool {
    older.numbers.difference(&newer.numbers).any(|number| STAGES.contains(&number.as_str()))
}

/// Writes a title as its words with one space between them.
fn words_of(title: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '\'';
    title.split(|letter| !is_part(letter)).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn in_series(places: &[Option<Place>], from: usize, to: usize) -> Option<Relation> {
    let (a, b) = (places[from].as_ref()?, places[to].as_ref()?);
    if a.series != b.series {
        return None;
    }
    let between = |part: u32| part > a.part.min(b.part) && part < a.part.max(b.part);
    let stand_apart = places.iter().flatten().any(|other| other.series == a.series && between(other.part));
    let (name, part) = (b.name.clone(), b.part);
    match a.part.cmp(&b.part) {
        _ if stand_apart => None,
        std::cmp::Ordering::Less => Some(Relation::NextInSeries { name, part }),
        std::cmp::Ordering::Greater => Some(Relation::PreviousInSeries { name, part }),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;
    use crate::post::fixture::post;
    use crate::rank::series::places;

    fn check(titles: &[(&str, &str)], from: usize, to: usize) -> Option<Relation> {
        let posts: Vec<Post> = titles
            .iter()
            .enumerate()
            .map(|(at, (title, date))| {
                let mut post = post(&format!("p{at}"), title, "");
                post.date = PostDate::parse(date);
                post
            })
            .collect();
        Titles::new(&posts).relation(&posts, &places(&posts), from, to)
    }

    #[test]
    fn parts_next_to_each_other_are_told() {
        let parts = [("Bread, part 1", ""), ("Bread, part 2", ""), ("Bread, part 4", "")];
        let name = || "Bread".to_owned();
        assert_eq!(check(&parts, 0, 1), Some(Relation::NextInSeries { name: name(), part: 2 }));
        assert_eq!(check(&parts, 1, 2), Some(Relation::NextInSeries { name: name(), part: 4 }));
        assert_eq!(check(&parts, 1, 0), Some(Relation::PreviousInSeries { name: name(), part: 1 }));
        assert_eq!(check(&parts, 0, 2), None);
    }

    #[test]
    fn a_take_is_newer_by_its_date_and_the_same_by_its_title() {
        let titles = [
            ("Oven 1.2 released", "2025-01-01"),
            ("Oven 1.3 released", "2025-03-01"),
            ("Funding the bakery", "2024"),
            ("Funding the bakery: an update", "2025"),
            ("Funding the mill", "2026"),
        ];
        let take =
            |a: &str, b: &str| Take { days: 59, numbers: [vec![a.to_owned()], vec![b.to_owned()]], words: vec![] };
        assert_eq!(check(&titles, 0, 1), Some(Relation::NewerTake(take("1.2", "1.3"))));
        assert_eq!(check(&titles, 1, 0), Some(Relation::OlderTake(take("1.3", "1.2"))));
        let Some(Relation::NewerTake(update)) = check(&titles, 2, 3) else { panic!("no take") };
        assert_eq!((update.days, update.words), (366, vec!["update".to_owned()]));
        assert_eq!(check(&titles, 3, 4), None);
        let years = [("Ovens in 2019", "2019-01-01"), ("Using ovens", "2019-02-01"), ("Ovens in 2020", "2020-01-01")];
        assert_eq!((check(&years, 0, 1), check(&years, 0, 2).is_some()), (None, true));
    }

    #[test]
    fn deeper_and_broader_are_said_by_titles() {
        let titles = [
            ("Sourdough", ""),
            ("Sourdough internals", ""),
            ("An introduction to sourdough and rye", ""),
            ("Keeping sourdough alive", ""),
            ("Ovens: an introduction", ""),
        ];
        assert_eq!(check(&titles, 0, 1), Some(Relation::Deeper("internals".into())));
        assert_eq!(check(&titles, 3, 2), Some(Relation::Broader("introduction".into())));
        assert_eq!(check(&titles, 0, 3), None);
        assert_eq!(check(&titles, 0, 4), None);
    }
}
