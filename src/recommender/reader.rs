//! What is known of a reader? Reads, liked or not, and wishes in words.

use std::collections::HashSet;

use super::scores::Question;
use super::{Query, Recommender, RecommenderError};
use crate::corpus::TermCounter;
use crate::post::{Post, PostId};
use crate::rank::hybrid::PostWords;
use crate::rank::interests::interests;
use crate::rank::novelty::{Recency, WEIGHT_MIN};

/// Reads belong to one interest where they are closer to each other than this share of pairs drawn by chance.
const INTEREST_CLOSER_THAN: f32 = 0.8;

/// What is known of a reader.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reader {
    /// Posts that were read, oldest first; of a post that is there twice the last time counts.
    pub reads: Vec<Read>,
    /// What there should be more of.
    pub more: Vec<Wish>,
    /// What there should be less of.
    pub less: Vec<Wish>,
}

/// A post that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its id.
    pub post: PostId,
    /// How it was liked.
    pub liking: Liking,
}

/// How a post was liked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Liking {
    /// So much, above 0 and at most 1; 1 where nothing is known.
    Liked(f32),
    /// What is nearer to it than to anything liked is not recommended.
    Disliked,
}

/// Words, or a post that is not in the corpus, ready to be compared with the corpus.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// The words, or the post's title.
    pub name: String,
    vector: Vec<f32>,
    pub(super) words: PostWords,
}

impl Reader {
    /// Knows of posts that were read, oldest first, and liked like each other.
    #[must_use]
    pub fn of(reads: &[PostId]) -> Reader {
        let read = |post: &PostId| Read { post: post.clone(), liking: Liking::Liked(1.0) };
        Reader { reads: reads.iter().map(read).collect(), ..Reader::default() }
    }

    /// Tells whether anything is known that the reader likes.
    #[must_use]
    pub fn likes_something(&self) -> bool {
        let is_liked = |read: &Read| read.liking != Liking::Disliked;
        !self.more.is_empty() || Read::last_of_each(&self.reads).into_iter().any(is_liked)
    }
}

impl Read {
    /// Returns of each post its last read, in their order.
    #[must_use]
    pub fn last_of_each(reads: &[Read]) -> Vec<&Read> {
        let mut seen = HashSet::new();
        let mut last: Vec<&Read> = reads.iter().rev().filter(|read| seen.insert(&read.post)).collect();
        last.reverse();
        last
    }
}

impl Recommender {
    /// Makes words a wish.
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn wish(&self, query: &Query<'_>) -> Result<Wish, RecommenderError> {
        self.check_dimension(query.vector)?;
        Ok(Wish { name: query.text.to_owned(), vector: query.vector.to_vec(), words: self.words().text(query.text) })
    }

    /// Makes a post that is not in the corpus, such as a draft, a wish; `vector` is the unit vector of [`super::text_of`] it.
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn wish_of_draft(&self, draft: &Post, vector: &[f32]) -> Result<Wish, RecommenderError> {
        self.check_dimension(vector)?;
        let words = self.words().draft(draft, &TermCounter::default().of_post(draft));
        Ok(Wish { name: draft.title.clone(), vector: vector.to_vec(), words })
    }

    pub(super) fn check_dimension(&self, vector: &[f32]) -> Result<(), RecommenderError> {
        let posts = self.embeddings.dimension();
        let fits = vector.len() == posts;
        if fits { Ok(()) } else { Err(RecommenderError::Dimension { query: vector.len(), posts }) }
    }
}

impl Wish {
    pub(super) fn question(&self) -> Question<'_> {
        Question { vector: &self.vector, words: &self.words }
    }
}

/// What speaks for or against a post.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Voice {
    /// A post that was read and liked, its position, and its interest.
    Read { position: usize, weight: f32, interest: usize },
    /// The wish of this number, and its interest.
    More { wish: usize, interest: usize },
    /// A post that was read, too long ago to be an interest.
    Old,
    /// A post that was read and disliked.
    Disliked,
    /// Words that there should be less of.
    Less,
}

/// Everything that posts are compared with for a reader.
pub(super) struct Voices<'a> {
    pub(super) questions: Vec<Question<'a>>,
    /// One a question.
    pub(super) voices: Vec<Voice>,
    /// How much each interest counts.
    pub(super) shares: Vec<f32>,
    /// Positions of all reads, without repeats.
    pub(super) read: Vec<usize>,
}

impl Recommender {
    /// Asks for a reader: the newest reads by their interests, wishes each as an interest of its own, and the rest.
    pub(super) fn voices<'a>(&'a self, reader: &'a Reader, recency: Recency) -> Result<Voices<'a>, RecommenderError> {
        let found = |read: &Read| Ok((self.position(&read.post)?, read.liking));
        let read: Vec<(usize, Liking)> =
            Read::last_of_each(&reader.reads).into_iter().map(found).collect::<Result<_, RecommenderError>>()?;
        let liked = |liking: Liking| if let Liking::Liked(liked) = liking { Some(liked) } else { None };
        let mut further = read.iter().filter(|(_, liking)| liked(*liking).is_some()).count();
        let mut weigh = |liking: Liking| {
            let liked = liked(liking)?;
            further -= 1;
            let recent = recency.weight(further);
            (recent >= WEIGHT_MIN).then_some(liked * recent)
        };
        let weights: Vec<Option<f32>> = read.iter().map(|(_, liking)| weigh(*liking)).collect();
        let recent = read.iter().zip(&weights).filter_map(|((position, _), weight)| Some((*position, (*weight)?)));
        let recent: Vec<(usize, f32)> = recent.collect();
        let groups = self.interests(&recent.iter().map(|(position, _)| *position).collect::<Vec<_>>());
        let mut shares = vec![0.0; groups.iter().max().map_or(0, |last| last + 1)];
        recent.iter().zip(&groups).for_each(|((_, weight), group)| shares[*group] += weight);
        // What is asked for in words counts as half of all that was read.
        let wished = (0.5 * shares.iter().sum::<f32>()).max(1.0);
        let mut voices = Vec::new();
        let mut questions = Vec::new();
        let mut groups = groups.into_iter();
        for (&(position, liking), weight) in read.iter().zip(&weights) {
            questions.push(self.question(position));
            voices.push(match (liking, *weight) {
                (Liking::Disliked, _) => Voice::Disliked,
                (_, Some(weight)) => Voice::Read { position, weight, interest: groups.next().unwrap_or_default() },
                (_, None) => Voice::Old,
            });
        }
        for (wish, asked) in reader.more.iter().enumerate() {
            questions.push(asked.question());
            voices.push(Voice::More { wish, interest: shares.len() });
            shares.push(wished);
        }
        for asked in &reader.less {
            questions.push(asked.question());
            voices.push(Voice::Less);
        }
        Ok(Voices { questions, voices, shares, read: read.into_iter().map(|(position, _)| position).collect() })
    }

    /// Groups reads by what they have in common.
    fn interests(&self, reads: &[usize]) -> Vec<usize> {
        let questions: Vec<Question<'_>> = reads.iter().map(|&read| self.question(read)).collect();
        let mut similarities = vec![0.0; reads.len() * reads.len()];
        self.for_each_parts(&questions, reads, |first, at, parts| {
            let row = &mut similarities[at * reads.len() + first..];
            row.iter_mut().zip(parts).for_each(|(similarity, parts)| *similarity = parts.sum());
        });
        interests(&similarities, reads.len(), self.background().score(super::Least::CloserThan(INTEREST_CLOSER_THAN)))
    }
}

impl Voices<'_> {
    /// Returns how much the strongest read of an interest counts.
    pub(super) fn strongest(&self) -> Vec<f32> {
        let mut strongest = vec![0.0f32; self.shares.len()];
        for voice in &self.voices {
            match *voice {
                Voice::Read { weight, interest, .. } => strongest[interest] = strongest[interest].max(weight),
                Voice::More { interest, .. } => strongest[interest] = 1.0,
                _ => {}
            }
        }
        strongest
    }
}
