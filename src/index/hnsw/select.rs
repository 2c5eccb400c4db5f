//! Which candidates does a node link to? Those that no nearer link leads to already (the paper's algorithm 4).

use crate::similarity::{BlockRows, Codes, Kernels, Panels, Ranked, for_each_block, row_of, similarity_of};

/// Chooses links; one a thread, for any number of nodes.
#[derive(Debug, Default)]
pub(super) struct Selection {
    rows: BlockRows,
    panels: Panels,
    similarities: Vec<f32>,
    chosen: Vec<usize>,
}

/// How many links are chosen, and how freely.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) links: usize,
    pub(super) alpha: f32,
}

impl Selection {
    /// Returns the chosen of `candidates` (nearest first): each that is nearer to the node than to any chosen before
    /// it, by a factor of `alpha` in 1 − similarity; at most `limits.links`.
    pub(super) fn choose(&mut self, codes: &Codes, candidates: &[Ranked], limits: Limits) -> Vec<Ranked> {
        let count = candidates.len();
        let nodes = || candidates.iter().map(|&candidate| row_of(candidate) as usize);
        self.rows.clear(codes.dimension());
        self.rows.add_codes(codes, nodes());
        self.panels.fill(codes, nodes());
        self.similarities.resize(count * count, 0.0);
        for_each_block(Kernels::best(), &self.rows, &self.panels, |sums| {
            let first = sums.row * count + sums.first_column;
            sums.write(&mut self.similarities[first..(sums.row + 1) * count]);
        });
        self.chosen.clear();
        for (at, &candidate) in candidates.iter().enumerate() {
            let apart = 1.0 - similarity_of(candidate);
            let between = &self.similarities[at * count..(at + 1) * count];
            if self.chosen.iter().all(|&chosen| (1.0 - between[chosen]) * limits.alpha > apart) {
                self.chosen.push(at);
                if self.chosen.len() == limits.links {
                    break;
                }
            }
        }
        self.chosen.iter().map(|&at| candidates[at]).collect()
    }
}
