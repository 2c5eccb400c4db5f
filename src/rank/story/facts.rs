//! What of a post says which story it tells? Its page, its title, its numbers, and pairs of words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::corpus::{Term, TermCounter, Terms, host_of, is_pair, page_of};
use crate::post::Post;
use crate::text::{NUMBERS, is_month, one_line};

/// A host is a source's own when at least this share of its posts stand there.
const HOME_SHARE_MIN: f64 = 0.5;

/// Seasons and places in a row, which tell two issues of one title apart as numbers and months do.
const ORDINALS: [&str; 16] = [
    "spring",
    "summer",
    "autumn",
    "winter",
    "first",
    "second",
    "third",
    "fourth",
    "ii",
    "iii",
    "iv",
    "alpha",
    "beta",
    "rc",
    "candidate",
    "preview",
];

/// What stands between a title and the name of its site.
const BARS: [&str; 5] = [" | ", " - ", " \u{2013} ", " \u{2014} ", " \u{b7} "];

/// What is known of all posts.
pub(super) struct Facts<'a> {
    pub(super) posts: &'a [Post],
    pub(super) terms: &'a [Terms],
    /// What names the page of each one's URL.
    pub(super) pages: Vec<Option<String>>,
    pub(super) titles: Vec<Title>,
    homes: Vec<Home>,
    /// Whether no other post of the source has the title.
    is_title_alone: Vec<bool>,
}

/// A title, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rank) struct Title {
    /// Letter case and white space do not count.
    pub(in crate::rank) folded: String,
    /// Content words, ascending, numbers left out.
    pub(in crate::rank) words: Vec<Term>,
    /// The same of the longest part between bars and dashes: the name of a site may stand beside it.
    pub(in crate::rank) core: Vec<Term>,
    /// Numbers, versions, months and the like.
    pub(in crate::rank) numbers: BTreeSet<String>,
}

/// Whose address a post has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Home {
    /// That of another site: the post tells of what stands there.
    Away,
    /// None.
    Unknown,
    /// That of its source.
    Own,
}

/// Two posts and what is known of them.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) posts: [&'a Post; 2],
    pub(super) terms: [&'a Terms; 2],
    pub(super) pages: [Option<&'a str>; 2],
    pub(super) titles: [&'a Title; 2],
    /// Whether no other post of the one's or the other's source has its title.
    pub(super) are_titles_alone: bool,
}

impl<'a> Facts<'a> {
    pub(super) fn of(posts: &'a [Post], terms: &'a [Terms]) -> Facts<'a> {
        let counter = TermCounter::default();
        Facts {
            posts,
            terms,
            pages: posts.iter().map(|post| post.url.as_deref().and_then(page_of)).collect(),
            titles: posts.iter().map(|post| Title::of(&post.title, &counter)).collect(),
            homes: homes(posts),
            is_title_alone: are_titles_alone(posts),
        }
    }

    pub(super) fn pair(&self, a: usize, b: usize) -> Pair<'_> {
        Pair {
            posts: [&self.posts[a], &self.posts[b]],
            terms: [&self.terms[a], &self.terms[b]],
            pages: [self.pages[a].as_deref(), self.pages[b].as_deref()],
            titles: [&self.titles[a], &self.titles[b]],
            are_titles_alone: self.is_title_alone[a] && self.is_title_alone[b],
        }
    }

    pub(super) fn home(&self, position: usize) -> Home {
        self.homes[position]
    }
}

fn are_titles_alone(posts: &[Post]) -> Vec<bool> {
    let key = |post: &Post| (post.source.clone(), one_line(&post.title).to_lowercase());
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    posts.iter().for_each(|post| *counts.entry(key(post)).or_default() += 1);
    posts.iter().map(|post| counts[&key(post)] == 1).collect()
}

fn homes(posts: &[Post]) -> Vec<Home> {
    let hosts: Vec<Option<String>> = posts.iter().map(|post| post.url.as_deref().and_then(host_of)).collect();
    let mut counts: BTreeMap<&str, (f64, HashMap<&str, f64>)> = BTreeMap::new();
    for (post, host) in posts.iter().zip(&hosts) {
        if let Some(host) = host {
            let (all, by_host) = counts.entry(&post.source).or_default();
            *all += 1.0;
            *by_host.entry(host).or_default() += 1.0;
        }
    }
    let home = |(post, host): (&Post, &Option<String>)| match host {
        None => Home::Unknown,
        Some(host) => {
            let (all, by_host) = &counts[post.source.as_str()];
            if by_host[host.as_str()] >= all * HOME_SHARE_MIN { Home::Own } else { Home::Away }
        }
    };
    posts.iter().zip(&hosts).map(home).collect()
}

impl Title {
    pub(in crate::rank) fn of(title: &str, counter: &TermCounter) -> Title {
        let folded = one_line(title).to_lowercase();
        let mut numbers = BTreeSet::new();
        let mut others = String::new();
        for word in folded.split(|letter: char| letter.is_whitespace() || ",;:()[]\u{2013}\u{2014}".contains(letter)) {
            let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
            let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s")).unwrap_or(word);
            if word.bytes().any(|byte| byte.is_ascii_digit()) || is_ordinal(word) {
                numbers.insert(number(word).to_owned());
            } else {
                others.push_str(word);
                others.push(' ');
            }
        }
        let words = counter.words_of(&others);
        let parts = BARS
            .iter()
            .fold(vec![folded.as_str()], |parts, bar| parts.iter().flat_map(|part| part.split(bar)).collect());
        let core = parts.into_iter().map(|part| counter.words_of(part)).max_by_key(Vec::len).unwrap_or_default();
        Title { folded, words, core, numbers }
    }
}

fn is_ordinal(word: &str) -> bool {
    is_month(word) || NUMBERS[1..=10].contains(&word) || ORDINALS.contains(&word)
}

/// Cuts what only decorates a number: `v1.2` is 1.2.
fn number(word: &str) -> &str {
    let bare = word.strip_prefix('v').filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
    bare.unwrap_or(word)
}

impl Pair<'_> {
    /// Counts the pairs of words of each and those that both have.
    pub(super) fn shared_pairs(&self) -> Shared {
        let [a, b] = self.terms.map(|terms| terms.counts.iter().map(|count| count.0).filter(|term| is_pair(*term)));
        let (mut a, mut b) = (a.peekable(), b.peekable());
        let mut shared = Shared::default();
        loop {
            match (a.peek(), b.peek()) {
                (None, None) => return shared,
                (Some(x), Some(y)) if x == y => {
                    shared.both += 1;
                    shared.counts = shared.counts.map(|count| count + 1);
                    a.next();
                    b.next();
                }
                (Some(x), y) if y.is_none_or(|y| x < y) => {
                    shared.counts[0] += 1;
                    a.next();
                }
                _ => {
                    shared.counts[1] += 1;
                    b.next();
                }
            }
        }
    }
}

/// How many pairs of words two posts have, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shared {
    pub(super) counts: [usize; 2],
    pub(super) both: usize,
}

impl Shared {
    /// The share of all that both have, 0 to 1: Broder's resemblance.
    pub(super) fn resemblance(self) -> f32 {
        let all = self.counts[0] + self.counts[1] - self.both;
        self.both as f32 / all.max(1) as f32
    }

    /// The share of the shorter one's that the other has, 0 to 1: Broder's containment.
    pub(super) fn containment(self) -> f32 {
        self.both as f32 / self.shorter().max(1) as f32
    }

    pub(super) fn shorter(self) -> usize {
        self.counts[0].min(self.counts[1])
    }
}
