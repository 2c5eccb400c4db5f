//! Which posts may tell one story? Those with one address, nearly one title, or pairs of words that few others have.
//!
//! Every post is looked at alone and filed under keys; only posts that meet under a key are compared. The keys of words are
//! a sample that is the same for every post: the terms whose number, mixed, falls into one of eight classes (the
//! modulus sketch of Broder, "On the resemblance and containment of documents", Sequences 1997), so that the share of
//! shared keys tells the share of shared words.

use std::collections::{BTreeSet, HashMap};

use super::facts::Facts;
use crate::corpus::{Term, is_pair};

/// One of so many pairs of words is a key.
const SAMPLE: u32 = 8;
/// Posts share at least so many keys, and this share of the fewer ones, or are not looked at for their words.
const SHARED_MIN: usize = 2;
const SHARE_MIN: f64 = 0.25;
/// Of more posts under one key only neighbors in the order of ids are paired: a phrase that so many have tells little, and of
/// so many copies each is next to another.
const ALL_PAIRED_MAX: usize = 8;
/// Titles of fewer content words meet only where they are the same.
const TITLE_WORDS_MIN: usize = 3;

/// Returns pairs of positions that are worth a look, each once.
pub(super) fn pairs(facts: &Facts<'_>) -> BTreeSet<(usize, usize)> {
    let mut by_id: Vec<usize> = (0..facts.posts.len()).collect();
    by_id.sort_by(|&a, &b| facts.posts[a].id.cmp(&facts.posts[b].id));
    let mut found = BTreeSet::new();
    for group in keyed(facts, &by_id).into_values().filter(|group| group.len() > 1) {
        each_pair(&group, |a, b| _ = found.insert(both(by_id[a as usize], by_id[b as usize])));
    }
    found.extend(sharing_words(facts, &by_id).map(|(a, b)| both(by_id[a as usize], by_id[b as usize])));
    found
}

fn both(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

/// Calls back with the pairs of a group that ascends.
fn each_pair(group: &[u32], mut pair: impl FnMut(u32, u32)) {
    let reach = if group.len() <= ALL_PAIRED_MAX { group.len() } else { 2 };
    for (at, &a) in group.iter().enumerate() {
        group[at + 1..].iter().take(reach - 1).for_each(|&b| pair(a, b));
    }
}

/// What posts meet under.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Page(&'a str),
    Title(&'a str),
    /// The words of a title, all or all but one.
    Words(Vec<Term>),
}

fn keyed<'f>(facts: &'f Facts<'_>, by_id: &[usize]) -> HashMap<Key<'f>, Vec<u32>> {
    let mut groups: HashMap<Key<'f>, Vec<u32>> = HashMap::new();
    for (rank, &position) in (0_u32..).zip(by_id) {
        let mut file = |key| {
            let group = groups.entry(key).or_default();
            if group.last() != Some(&rank) {
                group.push(rank);
            }
        };
        let title = &facts.titles[position];
        file(Key::Title(&title.folded));
        facts.pages[position].iter().for_each(|page| file(Key::Page(page)));
        for words in [&title.words, &title.core].into_iter().filter(|words| words.len() >= TITLE_WORDS_MIN) {
            file(Key::Words(words.clone()));
            for left_out in (0..words.len()).filter(|_| words.len() > TITLE_WORDS_MIN) {
                let others = words.iter().enumerate().filter(|(at, _)| *at != left_out);
                file(Key::Words(others.map(|(_, word)| *word).collect()));
            }
        }
    }
    groups
}

/// Pairs posts, by their ranks in the order of ids, that share enough of the sample of their words.
fn sharing_words(facts: &Facts<'_>, by_id: &[usize]) -> impl Iterator<Item = (u32, u32)> {
    let mut entries: Vec<(Term, u32)> = Vec::new();
    let mut sizes: Vec<usize> = Vec::with_capacity(by_id.len());
    for (rank, &position) in (0_u32..).zip(by_id) {
        let before = entries.len();
        let sampled = facts.terms[position].counts.iter().filter(|count| is_sampled(count.0));
        entries.extend(sampled.map(|count| (count.0, rank)));
        sizes.push(entries.len() - before);
    }
    entries.sort_unstable();
    let mut met: Vec<(u32, u32)> = Vec::new();
    let mut group = Vec::new();
    for entries in entries.chunk_by(|a, b| a.0 == b.0).filter(|entries| entries.len() > 1) {
        group.clear();
        group.extend(entries.iter().map(|entry| entry.1));
        each_pair(&group, |a, b| met.push((a, b)));
    }
    met.sort_unstable();
    let counted: Vec<((u32, u32), usize)> = met.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
    counted.into_iter().filter_map(move |((a, b), shared)| {
        let fewer = sizes[a as usize].min(sizes[b as usize]);
        (shared >= SHARED_MIN && shared as f64 >= fewer as f64 * SHARE_MIN).then_some((a, b))
    })
}

fn is_sampled(term: Term) -> bool {
    is_pair(term) && term.wrapping_mul(0x9e37_79b1) >> 16 & (SAMPLE - 1) == 0
}
