//! Which order keeps both the places and the thread? Early posts first, and each step near the last.

/// Up to this many units the best of all orders is found; more are moved one by one while that helps.
const EXACT_MAX: usize = 8;

/// What a link of similarity 1 is worth, beside an order that has every pair right by two standard deviations.
const LINK: f64 = 0.5;

/// Orders units so that `Σ (stages[j] − stages[i]) / (2·(n − 1)·deviation)` over all pairs with `i` before `j`, and half
/// the sum of `link(i, j)` over consecutive ones, are as large as can be (Held and Karp's recursion) or, for more than
/// eight units, as moves of single units from the order of the stages make them. `last`, where there is one, stays last.
/// Of equal orders that of smaller indices is taken.
pub(super) fn arrange(stages: &[f64], link: &dyn Fn(usize, usize) -> f32, last: Option<usize>) -> Vec<usize> {
    let value = Value::new(stages, link);
    if stages.len() <= EXACT_MAX { best_of_all(&value, last) } else { improved(stages, &value, last) }
}

/// What an order is worth.
struct Value {
    units: usize,
    /// `(stages[j] − stages[i]) / (2·(n − 1)·deviation)` at `i · units + j`.
    before: Vec<f64>,
    links: Vec<f64>,
}

impl Value {
    fn new(stages: &[f64], link: &dyn Fn(usize, usize) -> f32) -> Value {
        let units = stages.len();
        let mean = stages.iter().sum::<f64>() / units.max(1) as f64;
        let deviation = (stages.iter().map(|stage| (stage - mean).powi(2)).sum::<f64>() / units.max(1) as f64).sqrt();
        let scale = if deviation > 1e-9 { 0.5 / (deviation * (units - 1) as f64) } else { 0.0 };
        let pairs = || (0..units * units).map(|pair| (pair / units, pair % units));
        Value {
            units,
            before: pairs().map(|(a, b)| scale * (stages[b] - stages[a])).collect(),
            links: pairs().map(|(a, b)| if a == b { 0.0 } else { LINK * f64::from(link(a, b)) }).collect(),
        }
    }

    fn before(&self, a: usize, b: usize) -> f64 {
        self.before[a * self.units + b]
    }

    fn link(&self, a: Option<usize>, b: Option<usize>) -> f64 {
        a.zip(b).map_or(0.0, |(a, b)| self.links[a * self.units + b])
    }
}

/// Finds the best order that ends with each unit for every set of units, from small sets to large ones.
fn best_of_all(value: &Value, last: Option<usize>) -> Vec<usize> {
    let units = value.units;
    let full = (1usize << units) - 1;
    let mut best: Vec<Option<(f64, usize)>> = vec![None; (full + 1) * units];
    for unit in (0..units).filter(|&unit| last != Some(unit) || units == 1) {
        best[(1 << unit) * units + unit] = Some((0.0, unit));
    }
    for set in 1..=full {
        for end in 0..units {
            let Some((so_far, _)) = best[set * units + end] else { continue };
            for next in (0..units).filter(|&next| set >> next & 1 == 0) {
                let larger = set | 1 << next;
                if last == Some(next) && larger != full {
                    continue;
                }
                let earlier = (0..units).filter(|&unit| set >> unit & 1 == 1);
                let gain = earlier.map(|unit| value.before(unit, next)).sum::<f64>();
                let total = so_far + gain + value.link(Some(end), Some(next));
                let slot = &mut best[larger * units + next];
                // Of equal ones the last is taken, so that the orders of small indices come first.
                if slot.is_none_or(|(known, _)| total > known - 1e-12) {
                    *slot = Some((total, end));
                }
            }
        }
    }
    let mut order = Vec::with_capacity(units);
    let mut end = (0..units).filter(|&end| best[full * units + end].is_some()).reduce(|best_end, end| {
        let total = |end: usize| best[full * units + end].map_or(f64::NEG_INFINITY, |(total, _)| total);
        if total(end) > total(best_end) - 1e-12 { end } else { best_end }
    });
    let mut set = full;
    while let Some(unit) = end {
        order.push(unit);
        end = best[set * units + unit].map(|(_, before)| before).filter(|&before| before != unit);
        set &= !(1 << unit);
    }
    order.reverse();
    order
}

/// Moves single units of the order of the stages to where they add most, until no move adds anything.
fn improved(stages: &[f64], value: &Value, last: Option<usize>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..stages.len()).filter(|&unit| last != Some(unit)).collect();
    order.sort_by(|&a, &b| stages[a].total_cmp(&stages[b]));
    order.extend(last);
    let free = order.len() - usize::from(last.is_some());
    // Every move gains at least 1e-9 of a sum that is bounded, so that the loop ends.
    loop {
        let mut has_moved = false;
        for from in 0..free {
            let (gain, to) = best_move(&order, from, free, value);
            if gain > 1e-9 {
                let unit = order.remove(from);
                order.insert(to, unit);
                has_moved = true;
            }
        }
        if !has_moved {
            return order;
        }
    }
}

/// Returns what the best move of the unit at `from` adds, and where it goes among the first `free`.
fn best_move(order: &[usize], from: usize, free: usize, value: &Value) -> (f64, usize) {
    let unit = order[from];
    let around = |at: usize| (at.checked_sub(1).map(|at| order[at]), order.get(at + 1).copied());
    let (left, right) = around(from);
    let taken_out = value.link(left, right) - value.link(left, Some(unit)) - value.link(Some(unit), right);
    let put = |before: Option<usize>, after: Option<usize>| {
        value.link(before, Some(unit)) + value.link(Some(unit), after) - value.link(before, after)
    };
    let swapped = |other: usize| value.before(unit, other) - value.before(other, unit);
    let (mut best, mut passed) = ((0.0, from), 0.0);
    for (to, &other) in order[..from].iter().enumerate().rev() {
        passed += swapped(other);
        let gain = passed + taken_out + put(around(to).0, Some(other));
        best = if gain > best.0 + 1e-12 { (gain, to) } else { best };
    }
    passed = 0.0;
    for (to, &other) in order.iter().enumerate().take(free).skip(from + 1) {
        passed -= swapped(other);
        let gain = passed + taken_out + put(Some(other), around(to).1);
        best = if gain > best.0 + 1e-12 { (gain, to) } else { best };
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn worth(order: &[usize], value: &Value) -> f64 {
        let pairs = (0..order.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        pairs.map(|(a, b)| value.before(order[a], order[b])).sum::<f64>()
            + order.windows(2).map(|pair| value.link(Some(pair[0]), Some(pair[1]))).sum::<f64>()
    }

    #[test]
    fn stages_decide_where_links_do_not() {
        assert_eq!(arrange(&[2.0, 0.0, 1.0], &|_, _| 0.5, None), [1, 2, 0]);
        assert_eq!(arrange(&[0.0; 3], &|_, _| 0.5, None), [0, 1, 2]);
        assert_eq!(arrange(&[], &|_, _| 0.5, None), [0; 0]);
        assert_eq!(arrange(&[1.0], &|_, _| 0.5, Some(0)), [0]);
    }

    #[test]
    fn links_decide_where_stages_are_near() {
        let at = [0.0f32, 0.9, 0.1, 0.8];
        let link = |a: usize, b: usize| 1.0 - (at[a] - at[b]).abs();
        assert_eq!(arrange(&[0.0, 1.0, 1.0, 1.01], &link, None), [0, 2, 3, 1]);
    }

    #[test]
    fn what_is_to_be_last_is_last() {
        assert_eq!(arrange(&[0.0, 1.0, 2.0], &|_, _| 0.1, Some(0)), [1, 2, 0]);
        let many: Vec<f64> = (0..12).map(f64::from).collect();
        assert_eq!(arrange(&many, &|_, _| 0.0, Some(3)), [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 3]);
    }

    proptest! {
        #[test]
        fn the_best_order_is_found(stages in prop::collection::vec(-3.0f64..3.0, 1..6), seed in 0usize..1000) {
            let link = move |a: usize, b: usize| ((a * 7 + b * 13 + seed) % 11) as f32 / 11.0;
            let value = Value::new(&stages, &link);
            let mut orders: Vec<Vec<usize>> = vec![vec![]];
            for _ in 0..stages.len() {
                let longer = |order: &Vec<usize>| {
                    let open: Vec<usize> = (0..stages.len()).filter(|unit| !order.contains(unit)).collect();
                    open.into_iter().map(|unit| [order.clone(), vec![unit]].concat()).collect::<Vec<_>>()
                };
                orders = orders.iter().flat_map(longer).collect();
            }
            let most = orders.iter().map(|order| worth(order, &value)).fold(f64::NEG_INFINITY, f64::max);
            let found = best_of_all(&value, None);
            prop_assert!((worth(&found, &value) - most).abs() < 1e-9, "{found:?}");
        }

        #[test]
        fn moves_never_lose_and_keep_all(stages in prop::collection::vec(-3.0f64..3.0, 9..30), seed in 0usize..1000) {
            let link = move |a: usize, b: usize| ((a * 7 + b * 13 + seed) % 11) as f32 / 11.0;
            let value = Value::new(&stages, &link);
            let mut sorted: Vec<usize> = (0..stages.len()).collect();
            sorted.sort_by(|&a, &b| stages[a].total_cmp(&stages[b]));
            let found = improved(&stages, &value, None);
            prop_assert!(worth(&found, &value) >= worth(&sorted, &value) - 1e-9);
            let mut all = found.clone();
            all.sort_unstable();
            prop_assert_eq!(all, (0..stages.len()).collect::<Vec<_>>());
            prop_assert_eq!(found, improved(&stages, &value, None));
        }
    }
}
