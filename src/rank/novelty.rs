//! What would be new to this reader? Candidates against a reading history.

/// How a candidate stands to a reading history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The nearest of the recent reads, by decayed similarity: an index into them.
    pub nearest_recent: usize,
    /// Similarity to that read times its weight, 0 to 1.
    pub relevance: f32,
    /// 1 − the largest similarity to any post of the history; 0 (read that already) to 1 (and up to 2 for opposites).
    pub novelty: f32,
}

/// Judges a candidate by its similarities to the recent reads (oldest first, not empty), and by `covered`, its largest
/// similarity to any read at all.
///
/// `relevance` is the largest of `similarity × 0.5^(age / half_life)`, age 0 being the newest; taking the largest, not the
/// mean, keeps unrelated interests apart.
///
/// # Panics
/// There is no recent read.
#[must_use]
pub fn standing(recent: &[f32], covered: f32, half_life: f32) -> Standing {
    assert!(!recent.is_empty(), "a history has at least one post");
    let mut nearest_recent = recent.len() - 1;
    let mut relevance = f32::NEG_INFINITY;
    for (age, index) in (0..recent.len()).rev().enumerate() {
        let decayed = recent[index] * 0.5f32.powf(age as f32 / half_life);
        if decayed > relevance {
            (nearest_recent, relevance) = (index, decayed);
        }
    }
    Standing { nearest_recent, relevance: relevance.max(0.0), novelty: 1.0 - covered }
}

/// Which reads count for relevance, and how fast their weight falls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recency {
    /// How many of the newest reads count; at least 1. Default 10.
    pub reads: usize,
    /// After this many further reads a read counts half. Default 10.
    pub half_life: f32,
}

impl Default for Recency {
    fn default() -> Recency {
        Recency { reads: 10, half_life: 10.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_reads_weigh_more_and_all_count_for_novelty() {
        let newest_near = standing(&[0.6, 0.8], 0.8, 1.0);
        assert_eq!((newest_near.nearest_recent, newest_near.relevance), (1, 0.8));
        let older_near = standing(&[0.8, 0.6], 0.8, 1.0);
        assert_eq!((older_near.nearest_recent, older_near.relevance), (1, 0.6));
        assert!((older_near.novelty - 0.2).abs() < 1e-6);
        let decayed = standing(&[0.8, 0.3], 0.8, 1.0);
        assert_eq!((decayed.nearest_recent, decayed.relevance), (0, 0.4));
        let long_ago = standing(&[0.6, 0.6], 0.8, 1.0);
        assert_eq!(long_ago.relevance, 0.6);
        assert!((long_ago.novelty - 0.2).abs() < 1e-6);
    }
}
