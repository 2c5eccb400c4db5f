//! Sums of codes, which are integers and have to be equal.

use super::*;
use crate::similarity::isa::PANEL_COLUMNS;

/// What a byte may be: anything, or what makes a sum largest and smallest.
type Kind = fn(&mut Rng) -> u8;
const KINDS: [Kind; 5] = [|rng| rng.u8(..), |_| 0, |_| 0xff, |_| 0x80, |_| 0x7f];
const ROWS: usize = 5;
/// Groups of four components: a line of a plane, or less where each step is interpreted.
const QUADS: usize = if cfg!(miri) { 2 } else { 32 };

fn pairs_of_kinds() -> impl Iterator<Item = [Kind; 2]> {
    KINDS.into_iter().flat_map(|kind| KINDS.map(|other| [kind, other]))
}

fn lines(rng: &mut Rng, kind: Kind, count: usize) -> Vec<Line> {
    (0..count).map(|_| Line(std::array::from_fn(|_| kind(rng)))).collect()
}

/// The sum as a line of arithmetic: 64 components in the lower halves of a line's bytes, 64 in the upper ones.
fn nibble_sum(query: &[Line], row: &[Line]) -> i32 {
    let code = |at: usize| i32::from(row[at / 128].0[at % 64] >> (at / 64 % 2 * 4) & 15);
    (0..query.len() * LINE_BYTES).map(|at| code(at) * i32::from(query[at / 64].0[at % 64].cast_signed())).sum()
}

fn check_nibbles(query: &[Line], plane: &[Line], at: &[u32]) {
    let count = query.len() / 2;
    let expect: Vec<i32> = (0..ROWS).map(|row| nibble_sum(query, &plane[row * count..][..count])).collect();
    let chosen: Vec<i32> = [7].into_iter().chain(at.iter().map(|&at| expect[at as usize])).collect();
    for kernels in all_kernels() {
        let mut out = [i32::MIN; ROWS];
        kernels.nibbles(query, plane, &mut out);
        assert_eq!(out, *expect, "{:?}: nibbles of {count} lines", kernels.isa());
        let mut out = vec![7];
        kernels.nibbles_at(query, plane, at, &mut out);
        assert_eq!(out, chosen, "{:?}: nibbles_at of {count} lines", kernels.isa());
    }
}

#[test]
fn nibbles_of_every_count_of_lines() {
    let mut rng = Rng::with_seed(1);
    for count in few_under_miri(0..=14) {
        for [query_kind, plane_kind] in pairs_of_kinds() {
            let query = lines(&mut rng, query_kind, 2 * count);
            let plane = lines(&mut rng, plane_kind, ROWS * count);
            let chosen = rng.usize(..40);
            check_nibbles(&query, &plane, &ids(&mut rng, ROWS, chosen));
        }
    }
}

#[test]
fn nibbles_of_no_ids() {
    check_nibbles(&[Line::ZERO; 2], &[Line([0xff; LINE_BYTES]); ROWS], &[]);
}

#[test]
fn a_line_that_is_not_there() {
    for kernels in all_kernels() {
        let read = move || kernels.nibbles_at(&[Line::ZERO; 4], &[Line::ZERO; 10], &[0, 5], &mut Vec::new());
        assert!(std::panic::catch_unwind(read).is_err(), "{:?}", kernels.isa());
    }
}

/// The sum as a line of arithmetic: four components of column 0, four of column 1, and so on for 64 columns.
fn block_sum(row: &[[i8; 4]], panel: &[Line], column: usize) -> i32 {
    let code = |at: usize| (at / 4 * PANEL_COLUMNS + column) * 4 + at % 4;
    let code = |at: usize| i32::from(panel[code(at) / LINE_BYTES].0[code(at) % LINE_BYTES]);
    (0..4 * row.len()).map(|at| code(at) * i32::from(row[at / 4][at % 4])).sum()
}

fn check_block(rows: &[&[[i8; 4]]], panel: &[Line]) {
    let sums = |row: &&[[i8; 4]]| std::array::from_fn(|column| block_sum(row, panel, column));
    let expect: Vec<[i32; PANEL_COLUMNS]> = rows.iter().map(sums).collect();
    for kernels in all_kernels() {
        let mut out = vec![[i32::MIN; PANEL_COLUMNS]; rows.len()];
        kernels.block(rows, panel, &mut out);
        assert_eq!(out, expect, "{:?}: {} rows, {} lines", kernels.isa(), rows.len(), panel.len());
    }
}

/// `quads` times four components of `rows` rows with a panel.
fn check_random_block(rng: &mut Rng, rows: usize, quads: usize, [row_kind, panel_kind]: [Kind; 2]) {
    let panel = lines(rng, panel_kind, quads * PANEL_COLUMNS * 4 / LINE_BYTES);
    let mut quad = || std::array::from_fn(|_| row_kind(rng).cast_signed());
    let codes: Vec<Vec<[i8; 4]>> = (0..rows).map(|_| (0..quads).map(|_| quad()).collect()).collect();
    check_block(&codes.iter().map(Vec::as_slice).collect::<Vec<_>>(), &panel);
}

#[test]
fn blocks_of_every_count_of_rows() {
    let mut rng = Rng::with_seed(2);
    for rows in few_under_miri(0..=25) {
        check_random_block(&mut rng, rows, QUADS, [KINDS[0]; 2]);
    }
}

#[test]
fn blocks_of_every_length_and_kind() {
    let mut rng = Rng::with_seed(3);
    for quads in few_under_miri((0..=33).chain([96, 192])) {
        check_random_block(&mut rng, 2, quads, [KINDS[0]; 2]);
    }
    for kinds in few_under_miri(pairs_of_kinds()) {
        check_random_block(&mut rng, 1, 3 * QUADS, kinds);
    }
}
