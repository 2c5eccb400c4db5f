//! How do posts that know each other find their places? By one system of linear equations.
//!
//! The places `s` solve `(I + 3·L_A + ½·L_N) s = p + ½·(in_N − out_N)`: `p` is what each post says for itself; `A` joins
//! posts of the same words, so that neighbors stand at like places; `N` says who speaks of whose subject; `L = D − W` is
//! the Laplacian of such a graph. In the manner of Zhu, Ghahramani and Lafferty, "Semi-Supervised Learning Using Gaussian
//! Fields and Harmonic Functions", ICML 2003, with the pushes of HodgeRank (Jiang et al., Mathematical Programming 127,
//! 2011).

use super::mentions::{Mentions, net};

const SAME_WORDS: f64 = 3.0;
const MENTIONS: f64 = 0.5;
/// Posts that each is joined with, at least.
const NEIGHBORS: usize = 8;

/// A symmetric graph: each post's neighbors with weights.
pub(super) type Graph = Vec<Vec<(usize, f64)>>;

/// Joins each post with the [`NEIGHBORS`] that have most words in common with it; the mean sum of a post's weights is 1.
pub(super) fn joined_by_words(words: &[Vec<(u32, f64)>]) -> Graph {
    let posts = words.len();
    let mut similarities = vec![vec![0.0f64; posts]; posts];
    for a in 0..posts {
        for b in 0..a {
            let similarity = cosine(&words[a], &words[b]);
            (similarities[a][b], similarities[b][a]) = (similarity, similarity);
        }
    }
    let floors: Vec<f64> = similarities
        .iter()
        .map(|row| {
            let mut row = row.clone();
            row.sort_by(|a, b| b.total_cmp(a));
            row.get(NEIGHBORS.min(posts.saturating_sub(1)).saturating_sub(1)).copied().unwrap_or(0.0)
        })
        .collect();
    let is_joined = |a: usize, b: usize| {
        let similarity = similarities[a][b];
        similarity > 0.0 && (similarity >= floors[a] || similarity >= floors[b])
    };
    let neighbors =
        |a: usize| (0..posts).filter(|&b| is_joined(a, b)).map(|b| (b, similarities[a][b])).collect::<Vec<_>>();
    scaled((0..posts).map(neighbors).collect())
}

fn cosine(a: &[(u32, f64)], b: &[(u32, f64)]) -> f64 {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut sum = 0.0;
    while let (Some((x, weight_x)), Some((y, weight_y))) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => drop(a.next()),
            std::cmp::Ordering::Greater => drop(b.next()),
            std::cmp::Ordering::Equal => {
                sum += weight_x * weight_y;
                a.next();
                b.next();
            }
        }
    }
    sum
}

fn scaled(mut graph: Graph) -> Graph {
    let sum: f64 = graph.iter().flatten().map(|(_, weight)| weight).sum();
    let scale = graph.len() as f64 / sum.max(f64::MIN_POSITIVE);
    if sum > 0.0 {
        graph.iter_mut().flatten().for_each(|(_, weight)| *weight *= scale);
    }
    graph
}

/// Solves for the places: each post's own cues, drawn towards its neighbors, and apart from those that speak of it.
pub(super) fn spread(own: &[f64], by_words: &Graph, mentions: &Mentions) -> Vec<f64> {
    let mut one_way: Graph = vec![Vec::new(); own.len()];
    for &(home, speaker) in mentions.keys() {
        let net = net(mentions, home, speaker);
        if net > 0.0 {
            one_way[home].push((speaker, net));
        }
    }
    let one_way = scaled(one_way);
    let mut by_mentions: Graph = vec![Vec::new(); own.len()];
    let mut pushed = own.to_vec();
    for (home, speakers) in one_way.iter().enumerate() {
        for &(speaker, weight) in speakers {
            pushed[home] -= MENTIONS * weight;
            pushed[speaker] += MENTIONS * weight;
            by_mentions[home].push((speaker, weight));
            by_mentions[speaker].push((home, weight));
        }
    }
    let apply = |values: &[f64]| -> Vec<f64> {
        let pull = |graph: &Graph, post: usize| -> f64 {
            graph[post].iter().map(|&(other, weight)| weight * (values[post] - values[other])).sum()
        };
        (0..values.len())
            .map(|post| values[post] + SAME_WORDS * pull(by_words, post) + MENTIONS * pull(&by_mentions, post))
            .collect()
    };
    conjugate_gradients(&apply, &pushed)
}

/// Solves `A x = b` for a symmetric positive definite `A`, to a residual of 1e-9 of `b` (Hestenes and Stiefel, 1952).
fn conjugate_gradients(apply: &dyn Fn(&[f64]) -> Vec<f64>, b: &[f64]) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut x = vec![0.0; b.len()];
    let (mut residual, mut direction) = (b.to_vec(), b.to_vec());
    let mut size = dot(&residual, &residual);
    let enough = size * 1e-18;
    // As many rounds as unknowns in exact arithmetic; twice that allows for rounding.
    for _ in 0..2 * b.len() {
        if size <= enough {
            break;
        }
        let image = apply(&direction);
        let step = size / dot(&direction, &image);
        for (((x, residual), direction), image) in x.iter_mut().zip(&mut residual).zip(&direction).zip(&image) {
            *x += step * direction;
            *residual -= step * image;
        }
        let before = std::mem::replace(&mut size, dot(&residual, &residual));
        for (direction, residual) in direction.iter_mut().zip(&residual) {
            *direction = residual + size / before * *direction;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equation_is_solved() {
        let apply = |x: &[f64]| vec![3.0 * x[0] - x[1], -x[0] + 2.0 * x[1]];
        let x = conjugate_gradients(&apply, &[1.0, 3.0]);
        assert!((x[0] - 1.0).abs() < 1e-9 && (x[1] - 2.0).abs() < 1e-9, "{x:?}");
        assert_eq!(conjugate_gradients(&apply, &[0.0, 0.0]), [0.0, 0.0]);
    }
}
