//! What is this reader interested in? Reads that belong together, and whose turn it is in a list.

/// Groups reads whose similarity is large, so that a cook's reads and a compiler writer's stay apart.
///
/// `similarities` is `reads × reads`, row-major; of the two directions of a pair the mean counts. Groups are joined, the most
/// similar first, while the mean similarity of their pairs is `least` or more (average linkage, Sokal and Michener, "A Statistical
/// Method for Evaluating Systematic Relationships", University of Kansas Science Bulletin 38, 1958). Returns the group of each
/// read; groups are numbered from the last read's on backwards.
///
/// # Panics
/// `similarities` is not a square of `reads`.
#[must_use]
pub fn interests(similarities: &[f32], reads: usize, least: f32) -> Vec<usize> {
    assert_eq!(similarities.len(), reads * reads, "a similarity for each pair of reads");
    let mut groups = Groups::new(similarities, reads);
    while let Some((a, b)) = groups.nearest(least) {
        groups.join(a, b);
    }
    let mut numbers: Vec<Option<usize>> = vec![None; reads];
    let mut next = 0;
    let mut found = vec![0; reads];
    for read in (0..reads).rev() {
        let group = groups.of[read];
        found[read] = *numbers[group].get_or_insert_with(|| {
            next += 1;
            next - 1
        });
    }
    found
}

/// Groups that are being joined; a group has the number of its first read.
struct Groups {
    of: Vec<usize>,
    sizes: Vec<f32>,
    /// Mean similarities of the groups' pairs, `reads × reads`.
    means: Vec<f32>,
    /// The most similar other group of each, itself where there is none.
    nearest: Vec<usize>,
}

impl Groups {
    fn new(similarities: &[f32], reads: usize) -> Groups {
        let mean = |at: usize| 0.5 * (similarities[at] + similarities[at % reads * reads + at / reads]);
        let means = (0..similarities.len()).map(mean).collect();
        let mut groups =
            Groups { of: (0..reads).collect(), sizes: vec![1.0; reads], means, nearest: (0..reads).collect() };
        (0..reads).for_each(|group| groups.look_around(group));
        groups
    }

    fn mean(&self, a: usize, b: usize) -> f32 {
        self.means[a * self.sizes.len() + b]
    }

    fn look_around(&mut self, group: usize) {
        let others = (0..self.sizes.len()).filter(|&other| other != group && self.sizes[other] > 0.0);
        let first_of_nearest = |best: Option<usize>, other: usize| match best {
            Some(best) if self.mean(group, other) <= self.mean(group, best) => Some(best),
            _ => Some(other),
        };
        self.nearest[group] = others.fold(None, first_of_nearest).unwrap_or(group);
    }

    /// Returns the two most similar groups, where they are similar enough.
    fn nearest(&self, least: f32) -> Option<(usize, usize)> {
        let pairs = (0..self.sizes.len()).filter(|&group| self.sizes[group] > 0.0 && self.nearest[group] != group);
        let pairs = pairs.map(|group| (group, self.nearest[group]));
        let first_of_nearest = |best: (usize, usize), pair: (usize, usize)| {
            if self.mean(pair.0, pair.1) > self.mean(best.0, best.1) { pair } else { best }
        };
        pairs.reduce(first_of_nearest).filter(|&(a, b)| self.mean(a, b) >= least)
    }

    fn join(&mut self, a: usize, b: usize) {
        let (kept, gone) = (a.min(b), a.max(b));
        let (kept_size, gone_size) = (self.sizes[kept], self.sizes[gone]);
        let (all, count) = (kept_size + gone_size, self.sizes.len());
        for other in (0..count).filter(|&other| other != kept && other != gone) {
            let mean = (kept_size * self.mean(kept, other) + gone_size * self.mean(gone, other)) / all;
            self.means[kept * count + other] = mean;
            self.means[other * count + kept] = mean;
        }
        (self.sizes[kept], self.sizes[gone]) = (all, 0.0);
        self.of.iter_mut().filter(|group| **group == gone).for_each(|group| *group = kept);
        let touched = |group: &usize| self.nearest[*group] == kept || self.nearest[*group] == gone || *group == kept;
        let touched: Vec<usize> = (0..count).filter(|group| self.sizes[*group] > 0.0).filter(touched).collect();
        touched.into_iter().for_each(|group| self.look_around(group));
        // What was joined may have come nearer to others than their nearest.
        for group in (0..count).filter(|&group| group != kept && self.sizes[group] > 0.0).collect::<Vec<_>>() {
            if self.mean(group, kept) > self.mean(group, self.nearest[group]) {
                self.nearest[group] = kept;
            }
        }
    }
}

/// Whose turn it is when places are given to groups by their shares.
#[derive(Debug, Clone, Copy)]
pub struct Turns<'a> {
    /// The group of each post, by its position in the corpus.
    pub group_of: &'a [usize],
    /// How much each group counts.
    pub shares: &'a [f32],
}

impl Turns<'_> {
    /// Returns the group that gets the next place: the one with the largest `share / (2 · places + 1)` of those for
    /// which `has_more` holds (Sainte-Laguë's method), of equal ones the first.
    #[must_use]
    pub fn next(&self, places: &[usize], has_more: impl Fn(usize) -> bool) -> Option<usize> {
        let claim = |group: usize| self.shares[group] / (2 * places[group] + 1) as f32;
        let larger = |best: usize, group: usize| if claim(group) > claim(best) { group } else { best };
        (0..self.shares.len()).filter(|&group| has_more(group)).reduce(larger)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(similarities: &[f32], reads: usize, least: f32, expect: &[usize]) {
        assert_eq!(interests(similarities, reads, least), expect);
    }

    #[test]
    fn what_is_similar_is_one_interest() {
        check(&[], 0, 0.5, &[]);
        check(&[1.0], 1, 0.5, &[0]);
        let two = [1.0, 0.1, 0.9, 0.1, 1.0, 0.2, 0.9, 0.2, 1.0];
        check(&two, 3, 0.5, &[0, 1, 0]);
        check(&two, 3, 0.1, &[0, 0, 0]);
        check(&two, 3, 0.95, &[2, 1, 0]);
    }

    #[test]
    fn a_chain_is_not_one_interest() {
        // Each is like the next, and the ends are unlike each other.
        let similarity = |a: usize, b: usize| 1.0 - 0.4 * a.abs_diff(b) as f32;
        let chain: Vec<f32> = (0..16).map(|at| similarity(at / 4, at % 4)).collect();
        check(&chain, 4, 0.5, &[1, 1, 0, 0]);
    }

    #[test]
    fn places_follow_shares() {
        let turns = Turns { group_of: &[], shares: &[0.7, 0.3] };
        let mut places = [0, 0];
        for _ in 0..10 {
            places[turns.next(&places, |_| true).unwrap()] += 1;
        }
        assert_eq!(places, [7, 3]);
        assert_eq!(turns.next(&places, |group| group == 1), Some(1));
        assert_eq!(turns.next(&places, |_| false), None);
    }

    proptest! {
        #[test]
        fn groups_are_those_of_joining_the_nearest_pair_by_pair(seed in any::<u64>(), reads in 0usize..12, least in 0.0f32..1.0) {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut similarities = vec![1.0; reads * reads];
            for a in 0..reads {
                for b in 0..a {
                    let value = rng.f32();
                    similarities[a * reads + b] = value;
                    similarities[b * reads + a] = value;
                }
            }
            let mut groups: Vec<Vec<usize>> = (0..reads).map(|read| vec![read]).collect();
            let mean = |a: &[usize], b: &[usize]| {
                let similarity = |a: usize, b: usize| f64::from(similarities[a * reads + b]);
                let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b)));
                pairs.map(|(a, b)| similarity(a, b)).sum::<f64>() / (a.len() * b.len()) as f64
            };
            loop {
                let pairs = (0..groups.len()).flat_map(|a| (0..a).map(move |b| (b, a)));
                let most = pairs.max_by(|x, y| mean(&groups[x.0], &groups[x.1]).total_cmp(&mean(&groups[y.0], &groups[y.1])));
                let Some((a, b)) = most.filter(|&(a, b)| mean(&groups[a], &groups[b]) >= f64::from(least)) else { break };
                let gone = groups.remove(b);
                groups[a].extend(gone);
            }
            let found = interests(&similarities, reads, least);
            for group in &groups {
                prop_assert!(group.iter().all(|&read| found[read] == found[group[0]]), "{found:?} {groups:?}");
            }
            let count = found.iter().max().map_or(0, |last| last + 1);
            prop_assert_eq!(count, groups.len());
        }
    }
}
