//! What is a good ranking? One file a measure; each prints as it parses, in the notation of ir_measures.
//!
//! A [`Measure`] looks at one query's answers beside the judgments. The other functions look at what judgments do not
//! see: whole lists ([`ild`], [`novelty`], [`serendipity`], [`coverage`], [`gini`]), two rows of numbers ([`spearman`],
//! [`pearson`], [`kendall`]) and orders ([`prerequisites`]).
//!
//! Equal scores are put in order before a measure sees them: see [`super::Ties`] for both rules.

mod average_precision;
mod bpref;
mod coverage;
mod gini;
mod ild;
mod judged;
mod kendall;
mod ndcg;
mod notation;
mod novelty;
mod pearson;
mod precision;
mod prerequisites;
mod rank_biased;
mod recall;
mod reciprocal_rank;
mod serendipity;
mod spearman;
mod success;

pub use coverage::{coverage, times_shown};
pub use gini::gini;
pub use ild::ild;
pub use kendall::kendall;
pub use ndcg::Gain;
pub use notation::{MeasureError, parse_list};
pub use novelty::novelty;
pub use pearson::pearson;
pub use prerequisites::{Prerequisites, prerequisites};
pub use serendipity::serendipity;
pub use spearman::{ranks, spearman};

/// One query's answers with the judgments beside them: all that a measure of relevance looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JudgedList {
    /// The grade of each answer, best answer first; `None` where the post was not judged.
    pub ranking: Vec<Option<i32>>,
    /// Every grade that was given for the query, largest first.
    pub judged: Vec<i32>,
}

impl JudgedList {
    /// Returns the first `cutoff` answers; all where it is `None`.
    fn first(&self, cutoff: Option<usize>) -> &[Option<i32>] {
        &self.ranking[..cutoff.unwrap_or(usize::MAX).min(self.ranking.len())]
    }

    /// Counts the posts that were judged relevant, answered or not.
    fn relevant(&self, rel: i32) -> usize {
        self.judged.partition_point(|&grade| grade >= rel)
    }
}

/// Tells whether an answer is relevant; one that was not judged is not.
fn is_relevant(grade: Option<i32>, rel: i32) -> bool {
    grade.is_some_and(|grade| grade >= rel)
}

/// A formula for one query, with its parameters. Every value lies from 0 to 1, and 0 is the value of a query without
/// answers or without relevant posts.
///
/// `cutoff` is how many answers count (`@10`), at least 1, and all where it is `None`. `rel` is the least grade that is
/// relevant, at least 1 (`rel=2`; 1 where it is not written). Answers that were not judged are not relevant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// `nDCG`, `nDCG@10`, `nDCG(dcg='exp-log2')@10`: gain by rank, as a share of the best possible.
    Ndcg {
        /// Answers that count; all where `None`.
        cutoff: Option<usize>,
        /// What a grade is worth.
        gain: Gain,
    },
    /// `AP`, `AP@100`, `AP(rel=2)`: precision averaged over the ranks of the relevant posts.
    Ap {
        /// Answers that count; all where `None`.
        cutoff: Option<usize>,
        /// The least relevant grade.
        rel: i32,
    },
    /// `RR`, `RR@10`: one divided by the rank of the first relevant post.
    Rr {
        /// Answers that count; all where `None`.
        cutoff: Option<usize>,
        /// The least relevant grade.
        rel: i32,
    },
    /// `P@10`: relevant answers among the first `cutoff`.
    P {
        /// Answers that count.
        cutoff: usize,
        /// The least relevant grade.
        rel: i32,
    },
    /// `R@100`: relevant posts that are among the first `cutoff` answers.
    R {
        /// Answers that count.
        cutoff: usize,
        /// The least relevant grade.
        rel: i32,
    },
    /// `Success@5`: 1 where any of the first `cutoff` answers is relevant.
    Success {
        /// Answers that count.
        cutoff: usize,
        /// The least relevant grade.
        rel: i32,
    },
    /// `Judged@10`: judged answers among the first `cutoff`.
    Judged {
        /// Answers that count; all where `None`.
        cutoff: Option<usize>,
    },
    /// `RBP(rel=1)`, `RBP(p=0.5,rel=1)@10`: what a reader gains who goes on to the next answer with probability `p`.
    Rbp {
        /// Persistence, above 0 and below 1. Default 0.8.
        p: f64,
        /// The least relevant grade.
        rel: i32,
        /// Answers that count; all where `None`.
        cutoff: Option<usize>,
    },
    /// `Bpref`: how rarely a post that was judged not relevant stands before a relevant one.
    Bpref {
        /// The least relevant grade.
        rel: i32,
    },
}

impl Measure {
    /// Returns the value for one query, 0 to 1.
    #[must_use]
    pub fn value(&self, list: &JudgedList) -> f64 {
        match *self {
            Measure::Ndcg { cutoff, gain } => ndcg::ndcg(list, cutoff, gain),
            Measure::Ap { cutoff, rel } => average_precision::average_precision(list, cutoff, rel),
            Measure::Rr { cutoff, rel } => reciprocal_rank::reciprocal_rank(list, cutoff, rel),
            Measure::P { cutoff, rel } => precision::precision(list, cutoff, rel),
            Measure::R { cutoff, rel } => recall::recall(list, cutoff, rel),
            Measure::Success { cutoff, rel } => success::success(list, cutoff, rel),
            Measure::Judged { cutoff } => judged::judged(list, cutoff),
            Measure::Rbp { p, rel, cutoff } => rank_biased::rank_biased_precision(list, cutoff, p, rel),
            Measure::Bpref { rel } => bpref::bpref(list, rel),
        }
    }

    /// Returns the same measure with another cut-off, for a curve by cut-off; `None` for Bpref, which has none, and for
    /// a cut-off of 0.
    #[must_use]
    pub fn at(self, cutoff: usize) -> Option<Measure> {
        if cutoff == 0 {
            return None;
        }
        Some(match self {
            Measure::Ndcg { gain, .. } => Measure::Ndcg { cutoff: Some(cutoff), gain },
            Measure::Ap { rel, .. } => Measure::Ap { cutoff: Some(cutoff), rel },
            Measure::Rr { rel, .. } => Measure::Rr { cutoff: Some(cutoff), rel },
            Measure::P { rel, .. } => Measure::P { cutoff, rel },
            Measure::R { rel, .. } => Measure::R { cutoff, rel },
            Measure::Success { rel, .. } => Measure::Success { cutoff, rel },
            Measure::Judged { .. } => Measure::Judged { cutoff: Some(cutoff) },
            Measure::Rbp { p, rel, .. } => Measure::Rbp { p, rel, cutoff: Some(cutoff) },
            Measure::Bpref { .. } => return None,
        })
    }

    /// Returns how many answers count; `None` where all do.
    #[must_use]
    pub fn cutoff(self) -> Option<usize> {
        match self {
            Measure::P { cutoff, .. } | Measure::R { cutoff, .. } | Measure::Success { cutoff, .. } => Some(cutoff),
            Measure::Ndcg { cutoff, .. }
            | Measure::Ap { cutoff, .. }
            | Measure::Rr { cutoff, .. }
            | Measure::Judged { cutoff }
            | Measure::Rbp { cutoff, .. } => cutoff,
            Measure::Bpref { .. } => None,
        }
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::{JudgedList, Measure};

    /// Holds a measure, as it is written, to its value for answers (a dot stands for one that was not judged, a grade
    /// below 0 for itself) and all grades.
    #[track_caller]
    pub(in crate::eval) fn check(measure: &str, answers: &str, judged: &[i32], expect: f64) {
        let ranking = answers.split_whitespace().map(|word| word.parse().ok()).collect();
        let mut judged = judged.to_vec();
        judged.sort_unstable_by(|a, b| b.cmp(a));
        let found = measure.parse::<Measure>().unwrap().value(&JudgedList { ranking, judged });
        assert!((found - expect).abs() < 1e-12, "{measure} of {answers}: {found}, not {expect}");
    }
}

#[cfg(test)]
mod tests {
    use super::testing::check;
    use super::*;

    const EVERY: [&str; 9] =
        ["nDCG@3", "AP@3", "RR@3", "P@3", "R@3", "Success@3", "Judged@3", "RBP(p=0.5,rel=1)@3", "Bpref"];

    #[test]
    fn nothing_answered_or_nothing_judged_is_0() {
        for measure in EVERY {
            check(measure, "", &[1, 2], 0.0);
            check(measure, "", &[], 0.0);
            check(measure, ". . .", &[], 0.0);
        }
    }

    #[test]
    fn another_cutoff_changes_nothing_else() {
        for text in EVERY {
            let measure: Measure = text.parse().unwrap();
            let expect = text.contains('@').then(|| text.replace("@3", "@7"));
            assert_eq!(measure.at(7).map(|measure| measure.to_string()), expect);
            assert_eq!(measure.at(7).and_then(Measure::cutoff), expect.map(|_| 7));
            assert_eq!(measure.at(0), None);
        }
    }
}
