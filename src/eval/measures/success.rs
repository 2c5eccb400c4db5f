//! Success@k: is there anything relevant among the first answers? Some call it hit rate.
//!
//! Craswell and Hawking, "Overview of the TREC 2004 Web track", 2004.

use super::{JudgedList, is_relevant};

/// Returns 1 where any of the first `cutoff` answers is relevant, else 0.
pub(super) fn success(list: &JudgedList, cutoff: usize, rel: i32) -> f64 {
    f64::from(u8::from(list.first(Some(cutoff)).iter().any(|&grade| is_relevant(grade, rel))))
}

#[cfg(test)]
mod tests {
    use crate::eval::measures::testing::check;

    #[test]
    fn one_is_enough() {
        check("Success@2", ". 0 1", &[1, 0], 0.0);
        check("Success@3", ". 0 1", &[1, 0], 1.0);
        check("Success(rel=2)@3", ". 0 1", &[1, 0], 0.0);
    }
}
