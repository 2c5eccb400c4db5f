//! Is a score high? It is compared with those of posts that were drawn by chance.

use super::Recommender;
use super::scores::Question;

/// Pairs of posts that make a background worth asking, at least: those of 15 posts.
const PAIRS_MIN: usize = 105;
/// Questions that are drawn, and posts that each is compared with.
const QUESTIONS: usize = 32;
const POSTS_A_QUESTION: usize = 64;
/// The least score where there are too few posts for a background.
const SCORE_OF_FEW: f32 = 0.1;
/// The draw is the same every time.
const SEED: u64 = 0x6e78_7264;

/// The least score that is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Least {
    /// This score, −0.44 to 1.
    Score(f32),
    /// The score that so large a share (0 to 1) of pairs drawn by chance stays below: it means the same for every corpus
    /// and model. 0.1 where there are fewer than 15 posts.
    CloserThan(f32),
}

impl Default for Least {
    /// Closer than four pairs of five.
    fn default() -> Least {
        Least::CloserThan(0.8)
    }
}

/// Scores of pairs drawn by chance, ascending; empty where there are too few posts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Background(Vec<f32>);

impl Background {
    fn new(mut scores: Vec<f32>) -> Background {
        scores.sort_unstable_by(f32::total_cmp);
        if scores.len() < PAIRS_MIN { Background::default() } else { Background(scores) }
    }

    /// Returns which share of the pairs scores less, 0 to 1; `None` where there are too few posts to tell.
    #[must_use]
    pub fn share_below(&self, score: f32) -> Option<f32> {
        let below = self.0.partition_point(|other| *other < score);
        (!self.0.is_empty()).then(|| below as f32 / self.0.len() as f32)
    }

    /// Returns the score that is meant.
    #[must_use]
    pub fn score(&self, least: Least) -> f32 {
        match least {
            Least::Score(score) => score,
            Least::CloserThan(share) => {
                let last = self.0.len().saturating_sub(1);
                let at = (share * self.0.len() as f32).ceil() as usize;
                self.0.get(at.min(last)).copied().unwrap_or(SCORE_OF_FEW)
            }
        }
    }
}

impl Recommender {
    /// Returns the scores of posts as questions.
    pub fn background(&self) -> &Background {
        self.background.get_or_init(|| {
            // Pairs drawn by chance are compared by what they say.
            self.drawn(|position, compare| compare(Question { linked: None, ..self.question(position) }))
        })
    }

    /// Returns the scores of short texts as questions: titles of posts, with the vectors of these.
    pub fn background_of_texts(&self) -> &Background {
        self.background_of_texts.get_or_init(|| {
            self.drawn(|position, compare| {
                let words = self.words().text(&self.corpus.post(position).title);
                compare(Question { vector: self.embeddings.row(position), words: &words, linked: None });
            })
        })
    }

    /// Compares posts drawn by chance; `ask` makes one a question and hands it over.
    fn drawn(&self, ask: impl Fn(usize, &mut dyn FnMut(Question<'_>))) -> Background {
        let count = self.corpus.len();
        if count * count.saturating_sub(1) / 2 < PAIRS_MIN {
            return Background::default();
        }
        let mut random = fastrand::Rng::with_seed(SEED);
        let questions = random.choose_multiple(0..count, QUESTIONS);
        let mut scores = Vec::new();
        for question in questions {
            let mut others = random.choose_multiple(0..count, POSTS_A_QUESTION);
            // The parts of some posts are asked for in ascending order, those of all in one go.
            others.retain(|&other| self.kinds()[other] != self.kinds()[question]);
            others.sort_unstable();
            ask(question, &mut |asked| scores.extend(self.parts(asked, &others).iter().map(|parts| parts.sum())));
        }
        Background::new(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_scores_belong_to_each_other() {
        let background = Background::new((0..200).map(|at| at as f32 / 200.0).collect());
        assert_eq!(background.share_below(0.5), Some(0.5));
        assert_eq!((background.share_below(-1.0), background.share_below(2.0)), (Some(0.0), Some(1.0)));
        assert_eq!(background.score(Least::CloserThan(0.5)), 0.5);
        assert_eq!(background.score(Least::CloserThan(1.0)), 199.0 / 200.0);
        assert_eq!(background.score(Least::Score(0.3)), 0.3);
    }

    #[test]
    fn few_pairs_tell_nothing() {
        let background = Background::new(vec![0.5; PAIRS_MIN - 1]);
        assert_eq!((background.share_below(0.9), background.score(Least::default())), (None, SCORE_OF_FEW));
    }
}
