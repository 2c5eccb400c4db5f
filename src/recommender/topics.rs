//! What is the corpus about? The posts of each topic, and how near they are.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::scores::{Question, parts_at};
use super::{Recommender, RecommenderError};
use crate::corpus::Terms;
use crate::embeddings::Embeddings;
use crate::index::all_nearest;
use crate::post::Post;
use crate::rank::hybrid::WordIndex;
use crate::rank::topics::{Class, Graph, Group, KeyPhrase, Name, Phrases, divide, names};
use crate::similarity::{Bits, Codes};

/// Posts that each is joined with.
const NEIGHBORS: usize = 10;
/// Up to so many posts, each is compared with every other; beyond, with so many that are nearest by their vectors.
const COMPARED_WITH_ALL: usize = 2_000;
const COMPARED: usize = 200;
/// Questions, and answers to each, that tell how similar posts are by chance; pairs below this share of them are not
/// joined, as `related` does not show them.
const DRAWN: usize = 64;
const CLOSER_THAN: f64 = 0.8;

/// What a corpus, or a source of it, is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Topics {
    /// Topics, the largest first.
    pub topics: Vec<Topic>,
    /// Positions of posts that belong to no topic, ascending.
    pub other: Vec<usize>,
    /// Posts that were looked at: those of the source, duplicates once.
    pub posts: usize,
    /// Duplicates, which are not looked at.
    pub duplicates: usize,
    /// With how many posts each was compared: all others, or the nearest by vectors.
    pub compared: usize,
}

/// Posts that are near to each other, and what they are about.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Six letters that stay while most of its posts stay.
    pub id: String,
    /// One or two of its phrases; the most central post's title where no phrase tells it from others.
    pub name: String,
    /// Phrases that many of its posts have and few others, the weightiest first.
    pub phrases: Vec<KeyPhrase>,
    /// Positions of its posts, the most central first.
    pub posts: Vec<usize>,
    /// For each of `posts`, how central it is: 1 for the first.
    pub centrality: Vec<f64>,
    /// Sub-topics, the largest first; a post need not be in any.
    pub parts: Vec<Topic>,
}

impl Recommender {
    /// Finds what the posts of a source are about, or all posts where `source` is `None`: groups of posts that are near to
    /// each other by vectors, words and titles, as [`Recommender::related`] compares them, dates aside.
    ///
    /// # Errors
    /// No post is of that source.
    pub fn topics(&self, source: Option<&str>) -> Result<Topics, RecommenderError> {
        Ok(self.topics_of(&self.of_source(source)?))
    }

    /// As [`Recommender::topics`], of the posts at some positions, ascending.
    pub(super) fn topics_of(&self, positions: &[usize]) -> Topics {
        let among: Vec<usize> =
            positions.iter().copied().filter(|&position| self.kinds()[position] == position).collect();
        let nearest = Nearness { words: self.words(), embeddings: &self.embeddings, among: &among }.nearest();
        let graph = Graph::of_nearest(&nearest);
        let groups = divide(&graph, &|node| self.corpus.post(among[node]).id.as_str());
        let in_topic: BTreeSet<usize> = groups.iter().flat_map(|group| group.members.iter().copied()).collect();
        Topics {
            topics: self.named(&groups, &among),
            other: (0..among.len()).filter(|node| !in_topic.contains(node)).map(|node| among[node]).collect(),
            posts: among.len(),
            duplicates: positions.len() - among.len(),
            compared: compared(among.len()),
        }
    }

    /// Returns the positions of a source's posts, ascending; of all where `source` is `None`. Letter case does not count.
    ///
    /// # Errors
    /// No post is of that source.
    pub fn of_source(&self, source: Option<&str>) -> Result<Vec<usize>, RecommenderError> {
        let is_of = |post: &Post| source.is_none_or(|source| source.to_lowercase() == post.source.to_lowercase());
        let found: Vec<usize> = (0..self.corpus.len()).filter(|&position| is_of(self.corpus.post(position))).collect();
        match source {
            Some(source) if found.is_empty() => Err(self.unknown_source(source)),
            _ => Ok(found),
        }
    }

    fn named(&self, groups: &[Group], among: &[usize]) -> Vec<Topic> {
        let posts: Vec<&Post> = among.iter().map(|&position| self.corpus.post(position)).collect();
        let terms = self.terms();
        let terms: Vec<&Terms> = among.iter().map(|&position| &terms[position]).collect();
        let phrases = Phrases::new(&posts, &terms);
        let all: Vec<usize> = (0..among.len()).collect();
        let (vectors, mut taken) = ((&self.embeddings, among), BTreeSet::new());
        let classes: Vec<Class<'_>> =
            groups.iter().map(|group| Class { members: &group.members, among: &all }).collect();
        let topics = names(&classes, &phrases, vectors, &mut taken);
        let parts = groups.iter().flat_map(|group| group.parts.iter().map(|part| (part, &group.members)));
        let classes: Vec<Class<'_>> =
            parts.map(|(part, whole)| Class { members: &part.members, among: whole }).collect();
        let mut parts = names(&classes, &phrases, vectors, &mut taken).into_iter();
        let topic = |group: &Group, name: Name, parts: Vec<Topic>| self.topic(group, name, parts, among);
        let with_parts = |(group, name): (&Group, Name)| {
            let parts = group.parts.iter().zip(&mut parts).map(|(part, name)| topic(part, name, Vec::new())).collect();
            topic(group, name, parts)
        };
        groups.iter().zip(topics).map(with_parts).collect()
    }

    fn topic(&self, group: &Group, name: Name, parts: Vec<Topic>, among: &[usize]) -> Topic {
        let posts: Vec<usize> = group.members.iter().map(|&node| among[node]).collect();
        let title = || posts.first().map_or_else(String::new, |&first| self.corpus.post(first).title.clone());
        Topic {
            id: group.id.clone(),
            name: if name.text.is_empty() { title() } else { name.text },
            phrases: name.phrases,
            centrality: group.centrality.clone(),
            posts,
            parts,
        }
    }
}

fn compared(posts: usize) -> usize {
    if posts <= COMPARED_WITH_ALL { posts.saturating_sub(1) } else { COMPARED }
}

/// What similarities are made of, dates aside: posts of one month are about many things.
struct Nearness<'a> {
    words: &'a WordIndex,
    embeddings: &'a Embeddings,
    among: &'a [usize],
}

impl Nearness<'_> {
    /// Returns for each post the nearest others that are closer than chance, as places in `among`, nearest first.
    fn nearest(&self) -> Vec<Vec<(usize, f32)>> {
        let least = self.least();
        let candidates = self.candidates();
        let nearest = |node: usize| {
            let mut found = self.similarities(node, candidates.as_ref().map(|lists| lists[node].as_slice()));
            found.retain(|&(other, similarity)| other != node && similarity >= least);
            found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            found.truncate(NEIGHBORS);
            found
        };
        (0..self.among.len()).into_par_iter().map(nearest).collect()
    }

    /// Returns the similarities of a post to others, to all where `others` is `None`.
    fn similarities(&self, node: usize, others: Option<&[usize]>) -> Vec<(usize, f32)> {
        let position = self.among[node];
        let question = Question { vector: self.embeddings.row(position), words: self.words.post(position) };
        let others: Vec<usize> = others.map_or_else(|| (0..self.among.len()).collect(), <[usize]>::to_vec);
        let positions: Vec<usize> = others.iter().map(|&other| self.among[other]).collect();
        let parts = parts_at(self.words, self.embeddings, question, &positions);
        others.into_iter().zip(parts).map(|(other, parts)| (other, parts.sum() - parts.date)).collect()
    }

    /// Returns the similarity that four pairs of five stay below; 0 for a handful of posts.
    fn least(&self) -> f32 {
        let mut random = fastrand::Rng::with_seed(0);
        let mut drawn: Vec<f32> = Vec::new();
        for node in random.choose_multiple(0..self.among.len(), DRAWN) {
            let others = random.choose_multiple(0..self.among.len(), DRAWN);
            let found = self.similarities(node, Some(&others));
            drawn.extend(found.iter().filter(|(other, _)| *other != node).map(|(_, similarity)| similarity));
        }
        drawn.sort_unstable_by(f32::total_cmp);
        if self.among.len() < 15 { 0.0 } else { drawn[(CLOSER_THAN * drawn.len() as f64) as usize] }
    }

    /// Returns the posts that each is compared with; `None` where these are all.
    fn candidates(&self) -> Option<Vec<Vec<usize>>> {
        if self.among.len() <= COMPARED_WITH_ALL {
            return None;
        }
        let rows: Vec<f32> = self.among.iter().flat_map(|&position| self.embeddings.row(position)).copied().collect();
        let own = Embeddings::from_rows(self.embeddings.dimension(), rows).ok()?;
        let nearest =
            all_nearest(&own, &Codes::new(own.as_slice(), own.dimension(), Bits::Eight), COMPARED, &|_, _| ());
        let rows = |list: Vec<crate::index::Neighbor>| list.into_iter().map(|neighbor| neighbor.position).collect();
        Some(nearest.into_iter().map(rows).collect())
    }
}
