//! What should this reader read next?

use std::collections::BTreeMap;

use super::answer::{Choice, Factors, Gate};
use super::evidence::Asked;
use super::reader::{Voice, Voices};
use super::scores::{Depth, Question};
use super::{Answer, Least, Reader, Recommendation, Recommender, RecommenderError};
use crate::post::PostDate;
use crate::rank::explain::Reason;
use crate::rank::filter::{Caps, Filter};
use crate::rank::interests::Turns;
use crate::rank::mmr::{Candidate, sort_candidates};
use crate::rank::novelty::{Recency, Standing};

/// How `next` chooses.
#[derive(Debug, Clone, PartialEq)]
pub struct NextOptions {
    /// The most recommendations. Default 5.
    pub limit: usize,
    /// The least score that is still shown; as a share of pairs drawn by chance it holds for the similarity to the read
    /// that speaks for a post.
    pub least: Least,
    /// 0 (pure score) to 1 (only different from each other). Above 0 the places are shared among the interests of the
    /// history, too. Default 0.1.
    pub diversity: f32,
    /// 0 (pure relevance) to 1 (serendipity: relevance × novelty). Default 0.3.
    pub surprise: f32,
    /// How fast reads are forgotten.
    pub recency: Recency,
    /// After this many days before the newest post of the corpus a post counts half; one without a date counts half,
    /// too. Default: dates do not count.
    pub freshness_days: Option<f32>,
    /// Shuffles posts whose scores are the same to two decimals; the same seed, the same order. Default: by score.
    pub seed: Option<u64>,
    /// What an answer must be. Default anything.
    pub filter: Filter,
    /// The most answers of one kind. Default any number.
    pub caps: Caps,
}

impl Default for NextOptions {
    fn default() -> NextOptions {
        NextOptions {
            limit: 5,
            least: Least::default(),
            diversity: 0.1,
            surprise: 0.3,
            recency: Recency::default(),
            freshness_days: None,
            seed: None,
            filter: Filter::NONE,
            caps: Caps::NONE,
        }
    }
}

/// How a post stands to a reader.
struct Judged {
    standing: Standing,
    factors: Factors,
}

impl Judged {
    fn score(&self) -> f32 {
        self.standing.similarity * self.factors.product()
    }
}

impl Recommender {
    /// Recommends what to read after a reading history: never a post of it nor a duplicate of one.
    ///
    /// The score is the similarity to the read, or to the wish, that speaks for a post, times [`Factors`]: how much that read
    /// counts, `1 − surprise + surprise · novelty` (novelty being 1 − the largest similarity to any read), and the post's age.
    /// Reads are grouped into interests ([`crate::rank::interests`]); within one, recent reads count more, and the places of the list
    /// are shared among the interests by what their reads count. What is nearer to something disliked is left out.
    ///
    /// # Errors
    /// A post of the history is not in the corpus, or there is neither history nor wish.
    pub fn next(&self, reader: &Reader, options: &NextOptions) -> Result<Answer, RecommenderError> {
        let voices = self.voices(reader, options.recency)?;
        if voices.shares.is_empty() {
            return Err(RecommenderError::EmptyHistory);
        }
        let positions = self.ranked_for_reader(&voices, options);
        let standings = self.standings(&voices, &positions);
        let freshness = self.freshness(options.freshness_days);
        let judge = |(&position, standing): (&usize, Standing)| Judged {
            factors: factors(&voices, &standing, options.surprise, freshness(position)),
            standing,
        };
        let judged: Vec<Judged> = positions.iter().zip(standings).map(judge).collect();
        let mut candidates = Vec::new();
        let mut disliked = 0;
        for (judged, &position) in judged.iter().zip(&positions) {
            if voices.read.contains(&position) {
                continue;
            } else if judged.standing.is_disliked() {
                disliked += 1;
            } else {
                candidates.push(Candidate { position, score: judged.score() });
            }
        }
        sort_candidates(&mut candidates);
        let shuffled = options.seed.map(|seed| self.shuffled(seed));
        if let Some(places) = &shuffled {
            candidates.sort_by_key(|candidate| place_among_equals(places, candidate.position, candidate.score));
        }
        let mut group_of = vec![0; self.corpus.len()];
        let mut similarities = vec![0.0; self.corpus.len()];
        for (judged, &position) in judged.iter().zip(&positions) {
            group_of[position] = interest_of(voices.voices[judged.standing.nearest]);
            similarities[position] = judged.standing.similarity;
        }
        let gate = Gate {
            limit: options.limit,
            min_score: self.background().score(options.least),
            measured: matches!(options.least, Least::CloserThan(_)).then_some(similarities.as_slice()),
            diversity: options.diversity,
            known: &voices.read,
            filter: &options.filter,
            caps: options.caps,
            turns: (options.diversity > 0.0).then_some(Turns { group_of: &group_of, shares: &voices.shares }),
            pins: &[],
            editorial: None,
        };
        let (choices, mut rejected) = self.choose(&candidates, &gate);
        rejected.already_read = voices.read.len();
        rejected.disliked = disliked;
        rejected.considered += disliked;
        let judged_at = |position: usize| positions.binary_search(&position).ok().map(|at| &judged[at]);
        let mut asked = BTreeMap::new();
        let recommend = |choice: Choice| {
            let judged = judged_at(choice.candidate.position)?;
            Some(self.recommendation(choice, judged, (&voices, reader), &mut asked))
        };
        let mut recommendations: Vec<Recommendation> = choices.into_iter().filter_map(recommend).collect();
        if let Some(places) = &shuffled {
            recommendations.sort_by_key(|shown| place_among_equals(places, shown.position, shown.score));
        }
        let interests = Some(voices.shares.len());
        Ok(Answer { recommendations, limit: options.limit, least: gate.min_score, rejected, interests })
    }

    fn ranked_for_reader(&self, voices: &Voices<'_>, options: &NextOptions) -> Vec<usize> {
        let speaks = |voice: &Voice| matches!(voice, Voice::Read { .. } | Voice::More { .. });
        let liked = voices.questions.iter().zip(&voices.voices).filter(|(_, voice)| speaks(voice));
        let liked: Vec<Question<'_>> = liked.map(|(question, _)| *question).collect();
        let is_open = options.filter.is_empty() && options.caps == Caps::NONE && options.freshness_days.is_none();
        let depth = Depth::Answers { limit: options.limit, known: &voices.read };
        self.ranked_for(&liked, if is_open { depth } else { Depth::All })
    }

    /// Compares posts with everything that was read and wished for.
    fn standings(&self, voices: &Voices<'_>, positions: &[usize]) -> Vec<Standing> {
        let strongest = voices.strongest();
        let mut standings = vec![Standing::NONE; positions.len()];
        self.for_each_parts(&voices.questions, positions, |first, at, parts| {
            let standing = &mut standings[at];
            for (question, parts) in (first..).zip(parts) {
                let similarity = parts.sum();
                match voices.voices[question] {
                    Voice::Read { weight, interest, .. } => {
                        standing.like(question, similarity, weight / strongest[interest]);
                        standing.cover(similarity);
                    }
                    Voice::More { .. } => standing.like(question, similarity, 1.0),
                    Voice::Old => standing.cover(similarity),
                    Voice::Disliked => {
                        standing.cover(similarity);
                        standing.dislike(similarity);
                    }
                    Voice::Less => standing.dislike(similarity),
                }
            }
        });
        standings
    }

    /// Returns how much the age of the post at a position counts; 1 for every post where there is no half-life.
    fn freshness(&self, half_life_days: Option<f32>) -> impl Fn(usize) -> f32 {
        let dates = self.corpus.posts().iter().filter_map(|post| post.date);
        let newest = half_life_days.and_then(|_| dates.map(PostDate::days).max());
        move |position| match (half_life_days, self.corpus.post(position).date, newest) {
            (None, ..) => 1.0,
            (Some(days), Some(date), Some(newest)) => 0.5f32.powf((newest - date.days()) as f32 / days),
            (Some(_), ..) => 0.5,
        }
    }

    /// Says why a post was chosen; `asked` keeps the reads by position, whose sentences and bodies are read once.
    fn recommendation(
        &self,
        choice: Choice,
        judged: &Judged,
        (voices, reader): (&Voices<'_>, &Reader),
        asked: &mut BTreeMap<usize, Asked>,
    ) -> Recommendation {
        let Choice { candidate, also, is_pinned } = choice;
        let (position, standing) = (candidate.position, &judged.standing);
        let question = voices.questions[standing.nearest];
        let parts = self.parts(question, &[position]).first().copied().unwrap_or_default();
        let novelty = standing.novelty();
        let mut reasons = Vec::new();
        match voices.voices[standing.nearest] {
            Voice::Read { position: read, .. } => {
                reasons.push(Reason::BecauseRead { position: read, similarity: parts.sum(), novelty });
                let asked = asked.entry(read).or_insert_with(|| self.asked_post(read));
                reasons.extend(self.reasons(asked, position));
            }
            Voice::More { wish, .. } => {
                let name = reader.more[wish].name.clone();
                reasons.push(Reason::BecauseWished { name, similarity: parts.sum(), novelty });
            }
            _ => {}
        }
        let closer_than = self.background().share_below(parts.sum());
        let factors = Some(judged.factors);
        Recommendation {
            position,
            score: candidate.score,
            parts: Some(parts),
            factors,
            closer_than,
            reasons,
            also,
            is_pinned,
        }
    }

    /// Returns a place for each post, drawn by chance.
    fn shuffled(&self, seed: u64) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.corpus.len()).collect();
        fastrand::Rng::with_seed(seed).shuffle(&mut places);
        places
    }
}

fn factors(voices: &Voices<'_>, standing: &Standing, surprise: f32, freshness: f32) -> Factors {
    let read = match voices.voices[standing.nearest] {
        Voice::Read { weight, .. } => weight,
        _ => 1.0,
    };
    Factors { read, surprise: 1.0 - surprise + surprise * standing.novelty(), freshness }
}

/// Orders by the score to two decimals, descending, and then by the post's place.
fn place_among_equals(places: &[usize], position: usize, score: f32) -> (i64, usize) {
    (-(f64::from(score) * 100.0).round() as i64, places[position])
}

fn interest_of(voice: Voice) -> usize {
    match voice {
        Voice::Read { interest, .. } | Voice::More { interest, .. } => interest,
        Voice::Old | Voice::Disliked | Voice::Less => 0,
    }
}
