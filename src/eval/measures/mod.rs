//! What is a good ranking? One file a measure; each prints as it parses, in the notation of ir_measures.

mod ndcg;

pub use ndcg::Gain;

/// One query's answers with the judgments beside them: all that a measure of relevance looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JudgedList {
    /// The grade of each answer, best answer first; `None` where the post was not judged.
    pub ranking: Vec<Option<i32>>,
    /// Every grade that was given for the query, largest first.
    pub judged: Vec<i32>,
}

/// A formula for one query, with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Normalised discounted cumulative gain, 0 to 1.
    Ndcg {
        /// Answers that count; all where `None`.
        cutoff: Option<usize>,
        /// What a grade is worth.
        gain: Gain,
    },
}

impl Measure {
    /// Returns the value for one query.
    #[must_use]
    pub fn value(&self, list: &JudgedList) -> f64 {
        match *self {
            Measure::Ndcg { cutoff, gain } => ndcg::ndcg(list, cutoff, gain),
        }
    }
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Measure::Ndcg { cutoff, gain } => {
                f.write_str("nDCG")?;
                if gain == Gain::Exponential {
                    f.write_str("(dcg='exp-log2')")?;
                }
                cutoff.map_or(Ok(()), |cutoff| write!(f, "@{cutoff}"))
            }
        }
    }
}
