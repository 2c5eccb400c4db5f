//! How does a post stand to a reading history? How much each read counts, what is near to it and what would be new.

/// How fast reads are forgotten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recency {
    /// After this many further reads that were liked a read counts half; above 0, and infinite where all count the same. Default 30.
    pub half_life: f32,
}

impl Default for Recency {
    fn default() -> Recency {
        Recency { half_life: 30.0 }
    }
}

/// A read that counts less than this is no interest any more; it is not shown again, and it counts for novelty.
pub const WEIGHT_MIN: f32 = 1.0 / 64.0;

impl Recency {
    /// Returns how much a read counts after so many further ones, 0 to 1.
    #[must_use]
    pub fn weight(self, further_reads: usize) -> f32 {
        0.5f32.powf(further_reads as f32 / self.half_life)
    }
}

/// How a candidate stands to a reading history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The read that speaks for it, an index into the questions; of equal ones the first.
    pub nearest: usize,
    /// Its similarity to that read.
    pub similarity: f32,
    /// How much that read counts in its interest, so that the best of each interest is compared on equal terms.
    in_interest: f32,
    /// The largest similarity to any read.
    covered: f32,
    /// The largest similarity to anything that was disliked.
    disliked: f32,
}

impl Standing {
    /// Stands to nothing yet.
    pub const NONE: Standing = Standing {
        nearest: 0,
        similarity: f32::NEG_INFINITY,
        in_interest: f32::NEG_INFINITY,
        covered: f32::NEG_INFINITY,
        disliked: f32::NEG_INFINITY,
    };

    /// Takes something that was liked; `weight` (above 0, at most 1) is how much it counts in its interest.
    pub fn like(&mut self, question: usize, similarity: f32, weight: f32) {
        let in_interest = similarity * weight;
        if in_interest > self.in_interest {
            (self.nearest, self.similarity, self.in_interest) = (question, similarity, in_interest);
        }
    }

    /// Takes something that was read, liked or not.
    pub fn cover(&mut self, similarity: f32) {
        self.covered = self.covered.max(similarity);
    }

    /// Takes something that was disliked.
    pub fn dislike(&mut self, similarity: f32) {
        self.disliked = self.disliked.max(similarity);
    }

    /// Tells whether it is nearer to something disliked than to anything liked.
    #[must_use]
    pub fn is_disliked(&self) -> bool {
        self.disliked > self.similarity
    }

    /// Returns 1 − the largest similarity to any read: 0 (read that already) to 1 (and more for opposites); 1 where
    /// nothing was read.
    #[must_use]
    pub fn novelty(&self) -> f32 {
        if self.covered == f32::NEG_INFINITY { 1.0 } else { 1.0 - self.covered }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_halve() {
        let recency = Recency { half_life: 2.0 };
        assert_eq!([0, 2, 4].map(|further| recency.weight(further)), [1.0, 0.5, 0.25]);
        assert_eq!(Recency { half_life: f32::INFINITY }.weight(1_000), 1.0);
    }

    #[test]
    fn the_nearest_read_speaks_and_all_count_for_novelty() {
        let mut standing = Standing::NONE;
        assert_eq!(standing.novelty(), 1.0);
        standing.like(0, 0.8, 0.5);
        standing.like(1, 0.5, 1.0);
        standing.like(2, 0.25, 1.0);
        [0.8, 0.5, 0.25].into_iter().for_each(|similarity| standing.cover(similarity));
        assert_eq!((standing.nearest, standing.similarity), (1, 0.5));
        assert!((standing.novelty() - 0.2).abs() < 1e-6);
        standing.dislike(0.4);
        assert!(!standing.is_disliked());
        standing.dislike(0.6);
        assert!(standing.is_disliked());
    }
}
