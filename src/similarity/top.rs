//! Which are the largest? The best of many similarities, ties by row.

/// A similarity and its row in one number: larger is nearer, and of equal similarities the lower row is larger.
pub type Ranked = u64;

/// Packs a similarity and its row.
#[inline]
#[must_use]
pub fn ranked(similarity: f32, row: u32) -> Ranked {
    let bits = similarity.to_bits();
    let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
    u64::from(ordered) << 32 | u64::from(!row)
}

/// Returns the row of a packed similarity.
#[inline]
#[must_use]
pub fn row_of(ranked: Ranked) -> u32 {
    !(ranked as u32)
}

/// Returns the similarity of a packed one.
#[inline]
#[must_use]
pub fn similarity_of(ranked: Ranked) -> f32 {
    let ordered = (ranked >> 32) as u32;
    f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
}

/// The `k` largest of what was pushed.
///
/// Keeps up to twice as many in no order and drops the smaller half when it is full: a push costs a constant.
#[derive(Debug, Clone, Default)]
pub struct Top {
    k: usize,
    kept: Vec<Ranked>,
    floor: Ranked,
}

impl Top {
    /// Empties it, to keep `k` from now on.
    pub fn reset(&mut self, k: usize) {
        self.k = k;
        self.kept.clear();
        self.floor = 0;
    }

    /// Takes a similarity in, if it can be among the largest.
    #[inline]
    pub fn push(&mut self, ranked: Ranked) {
        if ranked > self.floor && self.k > 0 {
            self.kept.push(ranked);
            if self.kept.len() >= 2 * self.k {
                self.shrink();
            }
        }
    }

    /// Returns a similarity below which nothing is taken in any more; negative infinity as long as all is.
    #[must_use]
    pub fn floor(&self) -> f32 {
        if self.floor == 0 { f32::NEG_INFINITY } else { similarity_of(self.floor) }
    }

    fn shrink(&mut self) {
        if self.kept.len() >= self.k {
            self.kept.select_nth_unstable_by(self.k - 1, |a, b| b.cmp(a));
            self.kept.truncate(self.k);
            self.floor = self.kept[self.k - 1];
        }
    }

    /// Drops all but the `k` largest and lends them, largest first.
    pub fn sorted(&mut self) -> &[Ranked] {
        if self.k > 0 {
            self.shrink();
        }
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equals_sort_then_take(values in prop::collection::vec(-3i8..=3, 0..80), k in 0usize..20) {
            let mut top = Top::default();
            top.reset(k);
            let mut all: Vec<(f32, u32)> =
                values.iter().zip(0..).map(|(&value, row)| (f32::from(value), row)).collect();
            all.iter().for_each(|&(similarity, row)| top.push(ranked(similarity, row)));
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.truncate(k);
            let kept: Vec<(f32, u32)> =
                top.sorted().iter().map(|&ranked| (similarity_of(ranked), row_of(ranked))).collect();
            prop_assert_eq!(kept, all);
        }

        #[test]
        fn packs_and_unpacks(similarity in -2.0f32..2.0, row in any::<u32>()) {
            let packed = ranked(similarity, row);
            prop_assert_eq!((similarity_of(packed), row_of(packed)), (similarity, row));
        }
    }
}
