//! Which posts may be answered? A set of positions.

/// Positions of posts, one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subset {
    words: Vec<u64>,
    len: usize,
}

impl Subset {
    /// Collects the positions below `posts` that `belongs` says yes to.
    pub fn from_fn(posts: usize, mut belongs: impl FnMut(usize) -> bool) -> Subset {
        let mut words = vec![0u64; posts.div_ceil(64)];
        let mut len = 0;
        for position in 0..posts {
            if belongs(position) {
                words[position / 64] |= 1 << (position % 64);
                len += 1;
            }
        }
        Subset { words, len }
    }

    /// Tells whether a position belongs; one beyond the posts does not.
    #[inline]
    #[must_use]
    pub fn contains(&self, position: usize) -> bool {
        self.words.get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    /// Returns how many positions belong.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether none belongs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the positions that belong, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let bits = |(at, &word): (usize, &u64)| {
            let next = |&left: &u64| Some(left & left.wrapping_sub(1)).filter(|&left| left != 0);
            let first = Some(word).filter(|&word| word != 0);
            std::iter::successors(first, next).map(move |left| 64 * at + left.trailing_zeros() as usize)
        };
        self.words.iter().enumerate().flat_map(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_it_was_given() {
        let set = Subset::from_fn(200, |position| position % 7 == 3);
        let expect: Vec<usize> = (0..200).filter(|position| position % 7 == 3).collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), expect);
        assert_eq!(set.len(), expect.len());
        assert!(set.contains(3) && !set.contains(4) && !set.contains(1_000));
        assert!(Subset::from_fn(0, |_| true).is_empty());
    }
}
