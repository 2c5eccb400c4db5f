//! Who is near, in a graph that still grows? The paper's algorithm 2 over links that are lists of fixed capacity.

use super::walk::insert;
use crate::similarity::{Codes, Kernels, QueryCode, Ranked, high_sums_at, ranked, row_of, similarity_of};

/// Lists of links with their similarities, each of a fixed capacity, in one allocation.
#[derive(Debug)]
pub(super) struct Slots {
    capacity: usize,
    counts: Vec<u16>,
    links: Vec<Ranked>,
}

impl Slots {
    pub(super) fn new(slots: usize, capacity: usize) -> Slots {
        Slots { capacity, counts: vec![0; slots], links: vec![0; slots * capacity] }
    }

    #[inline]
    pub(super) fn of(&self, slot: usize) -> &[Ranked] {
        let first = slot * self.capacity;
        &self.links[first..first + usize::from(self.counts[slot])]
    }

    /// Returns how many links a list holds at most.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Replaces a list by another, of which there is room for [`Slots::capacity`].
    pub(super) fn set(&mut self, slot: usize, links: &[Ranked]) {
        let first = slot * self.capacity;
        self.links[first..first + links.len()].copy_from_slice(links);
        self.counts[slot] = links.len() as u16;
    }

    /// Adds a link where there is room; tells whether there was.
    pub(super) fn push(&mut self, slot: usize, link: Ranked) -> bool {
        let count = usize::from(self.counts[slot]);
        if count == self.capacity {
            return false;
        }
        self.links[slot * self.capacity + count] = link;
        self.counts[slot] += 1;
        true
    }
}

/// What a search of the growing graph works in.
#[derive(Debug)]
pub(super) struct Beam {
    kernels: Kernels,
    query: QueryCode,
    /// The walk in which each node was seen last, modulo 255.
    seen: Vec<u8>,
    walk: u8,
    /// Nodes in sight, nearest first: sums of upper planes, and rows with a bit that says whether to visit them.
    pool: Vec<Ranked>,
    fresh: Vec<u32>,
    sums: Vec<i32>,
}

/// The lowest bit of a node in sight whose links were not followed yet.
const OPEN: Ranked = 1;

fn in_sight(sum: i32, node: u32) -> Ranked {
    // Sums beyond 2^24, which need more than 8,000 components, round here: two nodes that near count as equally near.
    ranked(sum as f32, node << 1)
}

fn node_of(in_sight: Ranked) -> u32 {
    row_of(in_sight) >> 1
}

impl Beam {
    pub(super) fn new(rows: usize, dimension: usize) -> Beam {
        Beam {
            kernels: Kernels::best(),
            query: QueryCode::new(&vec![0.0; dimension]),
            seen: vec![0; rows],
            walk: 0,
            pool: Vec::new(),
            fresh: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Begins a search for `query`, at `entry`.
    pub(super) fn begin(&mut self, codes: &Codes, query: &[f32], entry: u32) {
        self.query.set(query);
        self.sums.clear();
        high_sums_at(self.kernels, &self.query, codes.high(), &[entry], &mut self.sums);
        self.pool.clear();
        self.pool.push(in_sight(self.sums[0], entry));
    }

    /// Walks one layer from all nodes in sight, of which `ef` stay.
    pub(super) fn walk<'a>(&mut self, codes: &Codes, ef: usize, links: impl Fn(u32) -> &'a [Ranked]) {
        if self.walk == u8::MAX {
            self.seen.fill(0);
            self.walk = 0;
        }
        self.walk += 1;
        let Beam { kernels, query, seen, walk, pool, fresh, sums } = self;
        pool.truncate(ef);
        for node in pool.iter_mut() {
            *node |= OPEN;
            seen[node_of(*node) as usize] = *walk;
        }
        let mut next = Some(0);
        while let Some(at) = next {
            pool[at] &= !OPEN;
            let unseen = |&link: &u32| std::mem::replace(&mut seen[link as usize], *walk) != *walk;
            fresh.clear();
            fresh.extend(links(node_of(pool[at])).iter().map(|&link| row_of(link)).filter(unseen));
            sums.clear();
            high_sums_at(*kernels, query, codes.high(), fresh, sums);
            let mut nearest = at + 1;
            for (&node, &sum) in fresh.iter().zip(sums.iter()) {
                nearest = nearest.min(insert(pool, in_sight(sum, node), ef));
            }
            next = (nearest..pool.len()).find(|&at| pool[at] & OPEN == OPEN);
        }
    }

    /// Writes the nodes in sight and their similarities by all eight bits to `out`, nearest first.
    pub(super) fn candidates(&mut self, codes: &Codes, out: &mut Vec<Ranked>) {
        let Beam { kernels, query, pool, fresh, sums, .. } = self;
        fresh.clear();
        fresh.extend(pool.iter().map(|&node| node_of(node)));
        sums.clear();
        codes.low_sums_at(*kernels, query, fresh, sums);
        let candidate = |(&node, &low): (&Ranked, &i32)| {
            let similarity = query.full(similarity_of(node) as i32, low, codes.step());
            ranked(similarity, node_of(node))
        };
        out.clear();
        out.extend(pool.iter().zip(sums.iter()).map(candidate));
        out.sort_unstable_by(|a, b| b.cmp(a));
    }
}
