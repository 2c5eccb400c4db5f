//! What is a source like? Its topics, where to begin, how long and how new its posts are, and how it differs from another.

use std::collections::BTreeMap;

use super::{PathOptions, Recommender, RecommenderError, Topics, Tour};
use crate::post::{Post, PostDate};
use crate::rank::lasting::{Event, events};
use crate::rank::path::{TitlePlace, title_places};

/// A field guide.
#[derive(Debug, Clone, PartialEq)]
pub struct Guide {
    /// What it is about.
    pub topics: Topics,
    /// Where to begin.
    pub tour: Tour,
    /// Counts of its posts.
    pub figures: Figures,
    /// How it differs from another source, where one was named.
    pub versus: Option<Versus>,
}

/// Counts of some posts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// How many posts.
    pub posts: usize,
    /// The oldest and the newest date.
    pub dates: Option<(PostDate, PostDate)>,
    /// Posts with a date.
    pub dated: usize,
    /// Posts by year, years without posts too.
    pub years: Vec<(u16, usize)>,
    /// Posts of the twelve months up to the newest.
    pub last_year: usize,
    /// Minutes of the posts whose length is known, ascending.
    pub minutes: Vec<u32>,
    /// Positions of posts whose titles say that they introduce.
    pub introductions: Vec<usize>,
    /// Positions of posts whose titles announce an event.
    pub events: Vec<usize>,
}

impl Figures {
    /// Returns the length that so large a share of the posts stay below or have, in minutes; `None` where no length is known.
    #[must_use]
    pub fn minutes_at(&self, share: f64) -> Option<u32> {
        let last = self.minutes.len().checked_sub(1)?;
        self.minutes.get((share * last as f64).round() as usize).copied()
    }

    /// Returns posts a year, over the time from the oldest to the newest, at least one year.
    #[must_use]
    pub fn posts_a_year(&self) -> Option<f64> {
        let (oldest, newest) = self.dates?;
        Some(self.dated as f64 / ((newest.days() - oldest.days()) as f64 / 365.25).max(1.0))
    }
}

/// Two sources side by side: the topics of both together.
#[derive(Debug, Clone, PartialEq)]
pub struct Versus {
    /// The other source, as its posts name it.
    pub source: String,
    /// Counts of the other's posts.
    pub figures: Figures,
    /// Topics of both together, and how many posts of this source and of the other are in each.
    pub topics: Vec<SharedTopic>,
    /// Posts of this source and of the other that were looked at.
    pub posts: (usize, usize),
}

/// A topic of two sources together.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedTopic {
    /// Its name.
    pub name: String,
    /// Posts of this source.
    pub own: usize,
    /// Posts of the other.
    pub other: usize,
}

impl Recommender {
    /// Makes the guide to a source, or to all posts where `source` is `None`, beside `versus` where one is named.
    ///
    /// # Errors
    /// No post is of one of the sources.
    pub fn guide(
        &self,
        source: Option<&str>,
        versus: Option<&str>,
        options: &PathOptions,
    ) -> Result<Guide, RecommenderError> {
        let positions = self.of_source(source)?;
        Ok(Guide {
            topics: self.topics_of(&positions),
            tour: self.tour(source, options)?,
            figures: self.figures(&positions),
            versus: versus.map(|other| self.versus(&positions, other)).transpose()?,
        })
    }

    fn figures(&self, positions: &[usize]) -> Figures {
        let posts: Vec<&Post> = positions.iter().map(|&position| self.corpus.post(position)).collect();
        let titles = || posts.iter().map(|post| post.title.as_str());
        let dates: Vec<PostDate> = posts.iter().filter_map(|post| post.date).collect();
        let range = dates.iter().min().copied().zip(dates.iter().max().copied());
        let mut years: BTreeMap<u16, usize> = BTreeMap::new();
        if let Some((oldest, newest)) = range {
            years.extend((oldest.year()..=newest.year()).map(|year| (year, 0)));
        }
        dates.iter().for_each(|date| *years.entry(date.year()).or_insert(0) += 1);
        let mut minutes: Vec<u32> = posts.iter().filter_map(|post| post.minutes).collect();
        minutes.sort_unstable();
        let chosen = |flags: Vec<bool>| positions.iter().zip(flags).filter(|(_, is)| *is).map(|(at, _)| *at).collect();
        let holds = |(event, &at): (Option<Event>, &usize)| event.is_some_and(|event| event.holds(self.place(at)));
        let is_event: Vec<bool> = events(titles()).into_iter().zip(positions).map(holds).collect();
        let is_recent = |date: &&PostDate| range.is_some_and(|(_, newest)| newest.days() - date.days() < 365);
        Figures {
            posts: posts.len(),
            dates: range,
            dated: dates.len(),
            years: years.into_iter().collect(),
            last_year: dates.iter().filter(is_recent).count(),
            minutes,
            introductions: chosen(
                title_places(titles()).iter().map(|place| *place == Some(TitlePlace::First)).collect(),
            ),
            events: chosen(is_event),
        }
    }

    fn versus(&self, own: &[usize], other: &str) -> Result<Versus, RecommenderError> {
        let theirs = self.of_source(Some(other))?;
        let theirs: Vec<usize> = theirs.into_iter().filter(|position| own.binary_search(position).is_err()).collect();
        if theirs.is_empty() {
            return Err(RecommenderError::SameSource(other.to_owned()));
        }
        let mut both: Vec<usize> = own.iter().chain(&theirs).copied().collect();
        both.sort_unstable();
        let topics = self.topics_of(&both);
        let count =
            |posts: &[usize], among: &[usize]| posts.iter().filter(|post| among.binary_search(post).is_ok()).count();
        let shared = topics.topics.iter().map(|topic| SharedTopic {
            name: topic.name.clone(),
            own: count(&topic.posts, own),
            other: count(&topic.posts, &theirs),
        });
        let first = |among: &[usize]| among.iter().filter(|&&position| self.kinds()[position] == position).count();
        Ok(Versus {
            source: self.corpus.post(theirs[0]).source.clone(),
            figures: self.figures(&theirs),
            topics: shared.collect(),
            posts: (first(own), first(&theirs)),
        })
    }
}
