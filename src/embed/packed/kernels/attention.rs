//! What does each token take from the others of its sequence? Scaled dot-product attention, head by head.
//!
//! Vaswani et al., "Attention Is All You Need" (2017). The queries come scaled already.

use bytemuck::Zeroable;

use super::elementwise::exp;
use super::product::{Singles, Tiles, tile, tiles};
use super::simd::Simd;
use super::{AttentionParts, AttentionScratch, Heads};

/// Numbers of the largest square that is turned at once: 16 lanes.
const SQUARE_MAX: usize = 256;

/// Writes what each token of one sequence takes (`tokens × hidden`) to `out`; `projected` holds its queries, keys and
/// values (`tokens × 3 · hidden`).
#[inline(always)]
pub(super) fn attend<S: Simd>(
    simd: S,
    heads: Heads,
    projected: &[f32],
    scratch: &mut AttentionScratch,
    out: &mut [f32],
) {
    let hidden = heads.count * heads.size;
    let tokens = out.len() / hidden;
    let width = 2 * S::LANES;
    let padded = tokens.next_multiple_of(width);
    let AttentionParts { keys, values, weights } = scratch.sized(padded, heads.size, S::ROWS);
    for head in 0..heads.count {
        let of_head = head * heads.size;
        pack(simd, projected, hidden, of_head, heads.size, keys, values);
        let keys: &[[S::Block; 2]] = bytemuck::cast_slice(keys);
        let values: &[[S::Block; 2]] = bytemuck::cast_slice(&values[..tokens * heads.size]);
        let mut of_head = OfHead { simd, projected, hidden, of_head, tokens, padded, keys, values, weights, out };
        tiles::<S>(tokens, &mut of_head);
    }
}

/// The queries of one head.
struct OfHead<'a, S: Simd> {
    simd: S,
    projected: &'a [f32],
    hidden: usize,
    /// Where its numbers begin in a row.
    of_head: usize,
    tokens: usize,
    /// Tokens, and as many more as fill the last panel of keys.
    padded: usize,
    keys: &'a [[S::Block; 2]],
    values: &'a [[S::Block; 2]],
    weights: &'a mut [f32],
    out: &'a mut [f32],
}

impl<S: Simd> Tiles for OfHead<'_, S> {
    #[inline(always)]
    fn tile<const R: usize>(&mut self, row: usize, count: usize) {
        let &mut OfHead { simd, projected, hidden, of_head, tokens, padded, keys, values, .. } = self;
        let (weights, out) = (&mut *self.weights, &mut *self.out);
        let queries = bytemuck::cast_slice(&projected[row * 3 * hidden + of_head..]);
        scores::<S, R>(simd, queries, 3 * hidden, count, keys, padded, weights);
        let mut inverses = [0.0; R];
        for at in 0..count {
            inverses[at] = soften(simd, &mut weights[at * padded..][..padded], tokens);
        }
        let (width, no_start) = (2 * S::LANES, [S::Block::zeroed(); 2]);
        for (panel, values) in values.chunks_exact(tokens).enumerate() {
            let taken = tile::<S, Singles, R>(simd, bytemuck::cast_slice(weights), padded, count, values, &no_start);
            for at in 0..R {
                if at >= count {
                    break;
                }
                let start = (row + at) * hidden + of_head + panel * width;
                let out: &mut [S::Block] = bytemuck::cast_slice_mut(&mut out[start..start + width]);
                let inverse = simd.splat(inverses[at]);
                simd.store(simd.mul(taken[at][0], inverse), &mut out[0]);
                simd.store(simd.mul(taken[at][1], inverse), &mut out[1]);
            }
        }
    }
}

/// Copies a head's keys and values out of the projections, as panels: the keys turned, so that tokens are columns.
#[inline(always)]
fn pack<S: Simd>(
    simd: S,
    projected: &[f32],
    hidden: usize,
    of_head: usize,
    size: usize,
    keys: &mut [f32],
    values: &mut [f32],
) {
    let (width, stride) = (2 * S::LANES, 3 * hidden);
    let tokens = projected.len() / stride;
    let squares = tokens / S::LANES * S::LANES;
    for token in (0..squares).step_by(S::LANES) {
        for number in (0..size).step_by(S::LANES) {
            let from = &projected[token * stride + hidden + of_head + number..];
            let to = &mut keys[(token / width * size + number) * width + token % width..];
            simd.turn(from, stride, to, width);
        }
    }
    // Columns beyond the last token may hold any finite number: their weights are taken out.
    for token in (squares..tokens.next_multiple_of(width)).step_by(S::LANES) {
        for number in (0..size).step_by(S::LANES) {
            let mut square = [0.0; SQUARE_MAX];
            for (at, row) in square.chunks_exact_mut(S::LANES).take(tokens.saturating_sub(token)).enumerate() {
                let from = &projected[(token + at) * stride + hidden + of_head + number..];
                row.copy_from_slice(&from[..S::LANES]);
            }
            let to = &mut keys[(token / width * size + number) * width + token % width..];
            simd.turn(&square, S::LANES, to, width);
        }
    }
    for (token, row) in projected.chunks_exact(stride).enumerate() {
        for (at, part) in row[2 * hidden + of_head..][..size].chunks_exact(width).enumerate() {
            let from: &[S::Block] = bytemuck::cast_slice(part);
            let to: &mut [S::Block] = bytemuck::cast_slice_mut(&mut values[(at * tokens + token) * width..][..width]);
            simd.store(simd.load(&from[0]), &mut to[0]);
            simd.store(simd.load(&from[1]), &mut to[1]);
        }
    }
}

/// Writes the products of `R` queries, which begin `stride` numbers apart, with all keys to `out` (`R × padded`).
#[inline(always)]
fn scores<S: Simd, const R: usize>(
    simd: S,
    queries: &[u32],
    stride: usize,
    count: usize,
    keys: &[[S::Block; 2]],
    padded: usize,
    out: &mut [f32],
) {
    let width = 2 * S::LANES;
    let (size, no_start) = (keys.len() * width / padded, [S::Block::zeroed(); 2]);
    for panel in 0..padded / width {
        let sums = tile::<S, Singles, R>(simd, queries, stride, count, &keys[panel * size..][..size], &no_start);
        for row in 0..R {
            let start = row * padded + panel * width;
            let out: &mut [S::Block] = bytemuck::cast_slice_mut(&mut out[start..start + width]);
            simd.store(sums[row][0], &mut out[0]);
            simd.store(sums[row][1], &mut out[1]);
        }
    }
}

/// Replaces the first `tokens` scores by their exponentials, which the softmax has before its division; returns
/// 1 / their sum.
#[inline(always)]
fn soften<S: Simd>(simd: S, scores: &mut [f32], tokens: usize) -> f32 {
    scores[tokens..].fill(f32::NEG_INFINITY);
    let scores: &mut [S::Block] = bytemuck::cast_slice_mut(scores);
    let mut most = simd.splat(f32::NEG_INFINITY);
    for score in &*scores {
        most = simd.max(most, simd.load(score));
    }
    let most = simd.splat(simd.largest(most));
    let mut sum = simd.splat(0.0);
    for score in &mut *scores {
        let power = exp(simd, simd.sub(simd.load(score), most));
        sum = simd.add(sum, power);
        simd.store(power, score);
    }
    1.0 / simd.sum(sum)
}
