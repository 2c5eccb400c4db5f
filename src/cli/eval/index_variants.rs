//! Does the graph still find what it should where only some vectors may be answered, or the corpus has changed since?

use super::index_points::{Point, Searching, with_steps};
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::embeddings::{Embeddings, EmbeddingsError};
use crate::index::{Graph, Hnsw, HnswError, Positions, Subset};

/// A graph that is older than some vectors and knows others that are gone.
pub(super) const CHANGED: &str = "hnsw_changed";
/// A graph that was built of what is there.
pub(super) const FRESH: &str = "hnsw_fresh";

/// Searches where only shares (0 to 1) of the vectors, drawn by chance, may be answered.
pub(super) fn among_points(
    session: &Session<'_>,
    searching: &Searching<'_>,
    shares: &[f64],
    beams: &[usize],
    seed: u64,
) -> Vec<Point> {
    let all = shares.len() * searching.queries.len() * (beams.len() + 1);
    with_steps(session, "searching with filters", all, |step| {
        let mut points = Vec::new();
        for &share in shares {
            let among = drawn(searching.indexed.len(), share, seed);
            let walks = searching.walks(beams, Some(&among), &among, step);
            points.extend(walks.into_iter().map(|point| Point { among: Some(share), ..point }));
        }
        points
    })
}

/// Builds a graph without the last `share` (0 to 1) of the vectors, inserts them, deletes as many drawn by chance among
/// the others, and searches; then builds one of what is there and searches that.
///
/// # Errors
/// There are fewer than two vectors, or the graph cannot be built.
pub(super) fn changed_points(
    session: &Session<'_>,
    searching: &Searching<'_>,
    share: f64,
    beams: &[usize],
    seed: u64,
    build: &dyn Fn(&Embeddings) -> Result<Graph, HnswError>,
) -> anyhow::Result<Vec<Point>> {
    let all = searching.indexed;
    if all.len() < 2 {
        return Err(Usage::new("--changed needs at least 2 vectors in the index").into());
    }
    let known = all.len() - ((all.len() as f64 * share).round() as usize).clamp(1, all.len() - 1);
    let gone = drawn(known, share, seed);
    let there = Subset::from_fn(all.len(), |position| !gone.contains(position));
    let old = build(&rows_at(all, 0..known)?)?;
    let mut changed = Hnsw::new(&old, all);
    for position in gone.iter() {
        changed.positions_mut().delete(position);
    }
    let of_row: Vec<Option<usize>> = there.iter().map(Some).collect();
    let new = build(&rows_at(all, there.iter())?)?;
    let fresh = Hnsw::with_positions(&new, all, Positions::new(&of_row, Vec::new()));
    let count = 2 * searching.queries.len() * (beams.len() + 1);
    Ok(with_steps(session, "searching a changed corpus", count, |step| {
        let mut points = Vec::new();
        for (index, hnsw) in [(CHANGED, &changed), (FRESH, &fresh)] {
            let walks = Searching { hnsw, ..*searching }.walks(beams, None, &there, step);
            points.extend(walks.into_iter().map(|point| Point { index, ..point }));
        }
        points
    }))
}

/// Draws a share of the positions below `count` by chance, one at least where there is one.
fn drawn(count: usize, share: f64, seed: u64) -> Subset {
    let mut positions: Vec<usize> = (0..count).collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut positions);
    positions.truncate(((count as f64 * share).round() as usize).max(1));
    positions.sort_unstable();
    Subset::from_fn(count, |position| positions.binary_search(&position).is_ok())
}

/// Copies some rows.
pub(super) fn rows_at(all: &Embeddings, positions: impl Iterator<Item = usize>) -> Result<Embeddings, EmbeddingsError> {
    Embeddings::from_rows(all.dimension(), positions.flat_map(|position| all.row(position)).copied().collect())
}
