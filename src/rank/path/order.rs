//! Which order changes the subject least? Chains of units, each step near the last.

/// A path that somebody reads is shorter.
const IMPROVED_MAX: usize = 50;

/// Orders units (indices below `count`) into a chain that begins with `start` and whose links are as near as a
/// nearest-neighbor chain improved by 2-opt and single moves makes them. `link(a, b)` is the similarity of the end of `a` and the
/// beginning of `b`. Equal links go to the smaller index, so the answer is the same every time.
///
/// Chains of more than [`IMPROVED_MAX`] units are left as the nearest-neighbor chain: improving takes cubic time.
pub(super) fn chain(count: usize, start: usize, link: &dyn Fn(usize, usize) -> f32) -> Vec<usize> {
    let links: Vec<f32> = (0..count * count).map(|pair| link(pair / count, pair % count)).collect();
    let link = &|a: usize, b: usize| links[a * count + b];
    let mut open: Vec<usize> = (0..count).filter(|&unit| unit != start).collect();
    let mut order = vec![start];
    let mut last = start;
    while !open.is_empty() {
        let mut best = 0;
        for index in 1..open.len() {
            if link(last, open[index]) > link(last, open[best]) {
                best = index;
            }
        }
        last = open.remove(best);
        order.push(last);
    }
    if count <= IMPROVED_MAX {
        improve(&mut order, link);
    }
    order
}

fn total(order: &[usize], link: &dyn Fn(usize, usize) -> f32) -> f32 {
    order.windows(2).map(|pair| link(pair[0], pair[1])).sum()
}

/// Reverses stretches of the chain and moves single units while that brings its links nearer; the first unit stays.
fn improve(order: &mut Vec<usize>, link: &dyn Fn(usize, usize) -> f32) {
    let mut best = total(order, link);
    // Every round gains at least 1e-6 of at most `len` links of similarity, so that the loop ends.
    loop {
        let before = best;
        for from in 1..order.len() {
            for to in 1..order.len() {
                for variant in [reversed(order, from, to), moved(order, from, to)] {
                    let value = total(&variant, link);
                    if value > best + 1e-6 {
                        (*order, best) = (variant, value);
                    }
                }
            }
        }
        if best <= before {
            return;
        }
    }
}

fn reversed(order: &[usize], from: usize, to: usize) -> Vec<usize> {
    let mut variant = order.to_vec();
    variant[from.min(to)..=from.max(to)].reverse();
    variant
}

fn moved(order: &[usize], from: usize, to: usize) -> Vec<usize> {
    let mut variant = order.to_vec();
    let unit = variant.remove(from);
    variant.insert(to, unit);
    variant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_along_a_line() {
        let at = [0.0f32, 5.0, 1.0, 4.0, 2.0];
        let link = |a: usize, b: usize| -(at[a] - at[b]).abs();
        assert_eq!(chain(5, 0, &link), [0, 2, 4, 3, 1]);
        assert_eq!(chain(1, 0, &link), [0]);
    }

    #[test]
    fn mends_a_greedy_detour() {
        // Greedy goes 0 → 1 → 2.5 → −1.1; going left first is shorter in all.
        let at = [0.0f32, 1.0, -1.1, 2.5];
        let link = |a: usize, b: usize| -(at[a] - at[b]).abs();
        let order = chain(4, 0, &link);
        assert_eq!(order, [0, 2, 1, 3]);
    }
}
