//! Can the graph grow node by node? Each new node searches the graph so far and links to what it finds.
//!
//! The paper's algorithm 1 (insertion), which uses its algorithm 2 (the search of a layer) and algorithm 4 (which of the
//! found a node links to). The search compares the upper four bits of codes; what it finds is put in order, and chosen
//! from, by all eight. A new node chooses M links on each layer; its list takes M, on the
//! lowest layer 2 M, as others link to it, and is chosen anew when it is full.

use super::beam::{Beam, Slots};
use super::layers::{Layer, Layers, draw_levels, upper_nodes};
use super::reach::make_reachable;
use super::select::{Limits, Selection};
use super::{HnswError, HnswOptions};
use crate::embeddings::Embeddings;
use crate::similarity::{Bits, Codes, Ranked, ranked, row_of, similarity_of};

/// A graph that grows by one row of the embeddings at a time, in one thread.
///
/// The same embeddings, options and seed give the same graph with any instruction set. Codes of all rows are made, and
/// the layers of all nodes drawn, before the first is inserted; links take 8 × 2 M bytes a row, at once.
#[derive(Debug)]
pub struct Insertion<'a> {
    embeddings: &'a Embeddings,
    options: HnswOptions,
    codes: Codes,
    /// The highest layer of each row.
    levels: Vec<u8>,
    /// The slot of each row's links on the second lowest layer; those above follow.
    upper_slots: Vec<u32>,
    base: Slots,
    upper: Slots,
    /// Where a search begins, and the highest layer, which it is on.
    entry: Option<(u32, u8)>,
    inserted: usize,
    beam: Beam,
    selection: Selection,
    candidates: Vec<Ranked>,
}

impl Layers {
    /// Builds the layers of `embeddings` by inserting row after row.
    ///
    /// Every node can be reached from the entry over the lowest layer. `progress` gets 0 to 1.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn inserted(
        embeddings: &Embeddings,
        options: &HnswOptions,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Layers, HnswError> {
        let mut insertion = Insertion::new(embeddings, options)?;
        while insertion.insert_next() {
            progress(insertion.len() as f64 / embeddings.len() as f64);
        }
        Ok(insertion.layers())
    }
}

impl<'a> Insertion<'a> {
    /// Begins a graph of `embeddings` without any node.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn new(embeddings: &'a Embeddings, options: &HnswOptions) -> Result<Insertion<'a>, HnswError> {
        let rows = embeddings.len();
        options.check_for(rows)?;
        let levels = draw_levels(rows, options);
        let mut slots = 0;
        let mut first_slot = |&level: &u8| {
            slots += u32::from(level);
            slots - u32::from(level)
        };
        let upper_slots = levels.iter().map(&mut first_slot).collect();
        Ok(Insertion {
            embeddings,
            options: *options,
            codes: Codes::new(embeddings.as_slice(), embeddings.dimension(), Bits::Eight),
            levels,
            upper_slots,
            base: Slots::new(rows, 2 * options.m),
            upper: Slots::new(slots as usize, options.m),
            entry: None,
            inserted: 0,
            beam: Beam::new(rows, embeddings.dimension()),
            selection: Selection::default(),
            candidates: Vec::new(),
        })
    }

    /// Returns how many rows were inserted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inserted
    }

    /// Tells whether no row was inserted yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inserted == 0
    }

    /// Inserts the next row (algorithm 1); tells whether there was one.
    pub fn insert_next(&mut self) -> bool {
        let Some(&level) = self.levels.get(self.inserted) else { return false };
        let row = self.inserted as u32;
        self.inserted += 1;
        let Some((entry, highest)) = self.entry else {
            self.entry = Some((row, level));
            return true;
        };
        self.beam.begin(&self.codes, self.embeddings.row(row as usize), entry);
        for layer in (level + 1..=highest).rev() {
            self.walk(layer, 1);
        }
        for layer in (0..=level.min(highest)).rev() {
            self.walk(layer, self.options.ef_construction);
            self.link(row, layer);
        }
        if level > highest {
            self.entry = Some((row, level));
        }
        true
    }

    fn walk(&mut self, layer: u8, ef: usize) {
        let Insertion { codes, upper_slots, base, upper, beam, .. } = self;
        match layer {
            0 => beam.walk(codes, ef, |row| base.of(row as usize)),
            _ => beam.walk(codes, ef, |row| upper.of(upper_slot(upper_slots, row, layer))),
        }
    }

    /// Links a row to the chosen among the nodes in sight, and those back to it; one whose list is full chooses anew.
    fn link(&mut self, row: u32, layer: u8) {
        let Insertion { options, codes, upper_slots, base, upper, beam, selection, candidates, .. } = self;
        let (slots, slot_of): (_, &dyn Fn(u32) -> usize) = match layer {
            0 => (base, &|row| row as usize),
            _ => (upper, &|row| upper_slot(upper_slots, row, layer)),
        };
        let limits = Limits { links: slots.capacity(), alpha: options.alpha };
        beam.candidates(codes, candidates);
        let chosen = selection.choose(codes, candidates, Limits { links: options.m, ..limits });
        slots.set(slot_of(row), &chosen);
        for link in chosen {
            let (slot, back) = (slot_of(row_of(link)), ranked(similarity_of(link), row));
            if !slots.push(slot, back) {
                candidates.clear();
                candidates.extend_from_slice(slots.of(slot));
                candidates.push(back);
                candidates.sort_unstable_by(|a, b| b.cmp(a));
                slots.set(slot, &selection.choose(codes, candidates, limits));
            }
        }
    }

    /// Returns the graph of the rows that were inserted, with links to those of them that no walk would come to.
    #[must_use]
    pub fn layers(&self) -> Layers {
        let rows = |links: &[Ranked]| {
            let mut links = links.to_vec();
            links.sort_unstable_by(|a, b| b.cmp(a));
            links.into_iter().map(row_of).collect()
        };
        let layer = |(layer, nodes): (u8, Vec<u32>)| {
            let slot = |&node: &u32| upper_slot(&self.upper_slots, node, layer);
            Layer { links: nodes.iter().map(|node| rows(self.upper.of(slot(node)))).collect(), nodes }
        };
        let upper = (1..).zip(upper_nodes(&self.levels[..self.inserted])).map(layer).collect();
        let mut layers = Layers { base: (0..self.inserted).map(|row| rows(self.base.of(row))).collect(), upper };
        make_reachable(&mut layers);
        layers
    }
}

fn upper_slot(first: &[u32], row: u32, layer: u8) -> usize {
    first[row as usize] as usize + usize::from(layer) - 1
}
