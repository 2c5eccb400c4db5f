//! What was published in a period, and why does it matter?

use super::{Recommender, RecommenderError, Topics};
use crate::post::PostDate;
use crate::rank::period::Period;
use crate::rank::reasons_to_read::why_it_matters;

/// The posts of a period by topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// The period.
    pub period: Period,
    /// The sections with most posts first; what belongs to no topic last.
    pub sections: Vec<DigestSection>,
    /// Posts whose dates tell a year or a month only, or nothing: they are in no digest.
    pub without_day: usize,
    /// Duplicates in the period, which are told once.
    pub duplicates: usize,
    /// The last day before the period and the first after it that have posts.
    pub nearest: (Option<PostDate>, Option<PostDate>),
}

/// The posts of one topic.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestSection {
    /// Which of `topics`, by its place; `None` for posts that belong to none.
    pub topic: Option<usize>,
    /// Oldest first.
    pub posts: Vec<DigestPost>,
}

/// A post of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestPost {
    /// Its position in the corpus.
    pub position: usize,
    /// A sentence of its own that says why it matters, where it has one.
    pub why: Option<String>,
}

impl Recommender {
    /// Returns the week of the newest post of a source, or of all; `None` where no date tells a day.
    ///
    /// # Errors
    /// No post is of that source.
    pub fn newest_week(&self, source: Option<&str>) -> Result<Option<Period>, RecommenderError> {
        let dates = self.of_source(source)?.into_iter().filter_map(|position| self.corpus.post(position).date);
        let newest = dates.filter(|date| Period::week_of(*date).is_some()).max();
        Ok(newest.and_then(Period::week_of))
    }

    /// Collects the posts of a period, of a source or of all, by the topics that all posts there have.
    ///
    /// # Errors
    /// No post is of that source.
    pub fn digest(&self, period: Period, source: Option<&str>) -> Result<(Digest, Topics), RecommenderError> {
        let positions = self.of_source(source)?;
        let topics = self.topics_of(&positions);
        let date = |position: usize| self.corpus.post(position).date;
        let day = |position: usize| date(position).filter(|date| Period::week_of(*date).is_some());
        let is_in = |position: &usize| date(*position).is_some_and(|date| period.has(date));
        let (first, duplicates): (Vec<usize>, Vec<usize>) =
            positions.iter().copied().filter(is_in).partition(|&position| self.kinds()[position] == position);
        let days = || positions.iter().filter_map(|&position| day(position));
        let digest = Digest {
            period,
            sections: self.sections(&first, &topics),
            without_day: positions.iter().filter(|&&position| day(position).is_none()).count(),
            duplicates: duplicates.len(),
            nearest: (days().filter(|day| *day < period.from).max(), days().filter(|day| *day > period.to).min()),
        };
        Ok((digest, topics))
    }

    fn sections(&self, positions: &[usize], topics: &Topics) -> Vec<DigestSection> {
        let topic_of = |position: usize| topics.topics.iter().position(|topic| topic.posts.contains(&position));
        let mut sections: Vec<DigestSection> = Vec::new();
        let mut ordered = positions.to_vec();
        ordered.sort_by_key(|&position| (self.corpus.post(position).date, position));
        for position in ordered {
            let (topic, post) = (topic_of(position), self.digest_post(position));
            match sections.iter_mut().find(|section| section.topic == topic) {
                Some(section) => section.posts.push(post),
                None => sections.push(DigestSection { topic, posts: vec![post] }),
            }
        }
        sections
            .sort_by_key(|section| (section.topic.is_none(), std::cmp::Reverse(section.posts.len()), section.topic));
        sections
    }

    fn digest_post(&self, position: usize) -> DigestPost {
        let post = self.corpus.post(position);
        let body = (self.texts)(post);
        DigestPost { position, why: why_it_matters(&post.title, &post.summary.text, body.as_deref()) }
    }
}
