//! Can every node be found? Links to those that no walk from the entry would come to.

use super::Layers;

/// Passes over the nodes that look for a reachable node which an unreachable one links to.
const PASSES: usize = 4;

/// Links every node that cannot be reached over the lowest layer from a reachable node that it links to itself, its
/// nearest such; an island that links to none from the row before it. Such links may exceed the limit of a node.
pub(super) fn make_reachable(layers: &mut Layers) {
    let Some(entry) = layers.entry() else { return };
    let mut reached = vec![false; layers.base.len()];
    walk(&layers.base, entry, &mut reached);
    for pass in 0..=PASSES {
        for node in 0..layers.base.len() {
            if reached[node] {
                continue;
            }
            let near = layers.base[node].iter().copied().find(|&link| reached[link as usize]);
            let before = (pass == PASSES).then(|| node.checked_sub(1).map_or(entry, |before| before as u32));
            if let Some(from) = near.or(before) {
                layers.base[from as usize].push(node as u32);
                walk(&layers.base, node as u32, &mut reached);
            }
        }
    }
}

/// Marks all that can be reached from a node.
fn walk(links: &[Vec<u32>], from: u32, reached: &mut [bool]) {
    let mut open = vec![from];
    reached[from as usize] = true;
    while let Some(node) = open.pop() {
        for &link in &links[node as usize] {
            if !std::mem::replace(&mut reached[link as usize], true) {
                open.push(link);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn islands_are_linked() {
        // 0–1 is the entry's island; 2 leads to it; 3 and 4 lead only to each other; 5 leads nowhere.
        let base = vec![vec![1], vec![0], vec![1], vec![4], vec![3], vec![]];
        let mut layers = Layers { base, upper: Vec::new() };
        make_reachable(&mut layers);
        let mut reached = vec![false; 6];
        walk(&layers.base, 0, &mut reached);
        assert_eq!(reached, [true; 6]);
        assert_eq!(layers.base[1], [0, 2], "2 hangs on the node that it is near to");
    }
}
