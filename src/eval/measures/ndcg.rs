//! nDCG: how much of the best possible gain do the first answers have, the earlier the better?
//!
//! Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002; the exponential
//! gain is that of Burges et al., "Learning to rank using gradient descent", ICML 2005.

use super::JudgedList;

/// What a grade is worth; grades below 1 are worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gain {
    /// The grade itself, as trec_eval and BEIR have it.
    #[default]
    Linear,
    /// `2^grade − 1`.
    Exponential,
}

impl Gain {
    fn of(self, grade: i32) -> f64 {
        match self {
            _ if grade <= 0 => 0.0,
            Gain::Linear => f64::from(grade),
            Gain::Exponential => f64::from(grade).exp2() - 1.0,
        }
    }
}

/// Returns nDCG, 0 to 1: Σ gain / log2(rank + 1) over the first `cutoff` answers, divided by that of the best order
/// of all judged posts; 0 where none is relevant.
pub(super) fn ndcg(list: &JudgedList, cutoff: Option<usize>, gain: Gain) -> f64 {
    let cutoff = cutoff.unwrap_or(usize::MAX);
    let sum = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        gains.take(cutoff).enumerate().map(|(at, gain)| gain / ((at + 2) as f64).log2()).sum()
    };
    let ideal = sum(&mut list.judged.iter().map(|&grade| gain.of(grade)));
    let own = sum(&mut list.ranking.iter().map(|grade| gain.of(grade.unwrap_or(0))));
    if ideal > 0.0 { own / ideal } else { 0.0 }
}
