//! Products in the tiles of AMX, beside AVX-512 with VNNI for all else.
//!
//! A tile register holds 16 rows of 64 bytes. One instruction multiplies 16 rows of 16 groups with 16 groups of 16
//! columns: the layout of [`Panels`] for vectors of 16 numbers is that of the tiles, too.

use std::arch::asm;

use bytemuck::{Pod, Zeroable};

use super::avx512::Amx;
use super::product::{Bfloats, Bytes, Kind, Panel};
use super::{Arithmetic, Finish, Panels, Rows};

/// Rows of a tile, and groups that a product of tiles takes from each.
const SIDE: usize = 16;
/// Rows that are multiplied together: two tiles.
const STRIP: usize = 2 * SIDE;
/// Columns of a panel: two tiles.
const WIDTH: usize = 2 * SIDE;

/// The sums of a strip of rows and a panel of columns.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Sums([[[u32; SIDE]; 2]; STRIP]);

/// What the tiles are made of, as the processor reads it.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    /// Bytes of a row, tile by tile.
    bytes: [u16; 8],
    more_bytes: [u16; 8],
    rows: [u8; 8],
    more_rows: [u8; 8],
}

/// Tiles of some number of rows; a value is the proof that they are configured, which ends with it.
///
/// Tiles 0 to 3 are sums (two of rows by two of columns), 4 and 5 rows, 6 and 7 weights.
struct Tiles {
    rows: usize,
}

impl Tiles {
    /// Configures the tiles for 1 to [`STRIP`] rows.
    fn of_rows(_: Amx, rows: usize) -> Tiles {
        assert!((1..=STRIP).contains(&rows));
        let (first, second) = (rows.min(SIDE) as u8, rows.saturating_sub(SIDE) as u8);
        let all = SIDE as u8;
        let mut configuration = Configuration::zeroed();
        configuration.palette = 1;
        configuration.bytes = [64; 8];
        configuration.rows = [first, first, second, second, first, second, all, all];
        if second == 0 {
            // A tile without rows has no bytes in them either.
            for tile in [2, 3, 5] {
                configuration.bytes[tile] = 0;
            }
        }
        // SAFETY: an `Amx` is the proof that the instruction is there; it reads 64 bytes, which the value is long.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const configuration, options(nostack, preserves_flags)) };
        Tiles { rows }
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: a `Tiles` is made only where the processor has the instruction.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) };
    }
}

/// How the tiles multiply one kind of number.
trait Tiled: Kind<Amx> {
    /// Adds up the products of the rows from `first` and `second` on, `stride` bytes apart, with `steps` tiles of two
    /// times 16 columns of weights.
    ///
    /// # Safety
    /// `tiles` are configured now. From `first` on as many rows can be read as they have, 16 at most, and from `second`
    /// on the rest, of `steps` times 64 bytes; from `weights` on `steps` times 2,048 bytes.
    unsafe fn multiply(
        tiles: &Tiles,
        first: *const u32,
        second: *const u32,
        stride: usize,
        weights: *const u32,
        steps: usize,
        sums: &mut Sums,
    );
}

/// Defines the products of one kind of number; only the instruction differs.
macro_rules! tiled {
    ($kind:ty, $multiply:literal) => {
        impl Tiled for $kind {
            #[inline(always)]
            unsafe fn multiply(
                tiles: &Tiles,
                first: *const u32,
                second: *const u32,
                stride: usize,
                weights: *const u32,
                steps: usize,
                sums: &mut Sums,
            ) {
                if tiles.rows > SIDE {
                    // SAFETY: the caller's promise; `sums` has room for four tiles with rows of 128 bytes.
                    unsafe {
                        asm!(
                            "tilezero tmm0",
                            "tilezero tmm1",
                            "tilezero tmm2",
                            "tilezero tmm3",
                            "2:",
                            "tileloadd tmm4, [{first} + {stride}]",
                            "tileloadd tmm6, [{weights} + {width}]",
                            concat!($multiply, " tmm0, tmm4, tmm6"),
                            "tileloadd tmm7, [{weights} + {width} + 64]",
                            concat!($multiply, " tmm1, tmm4, tmm7"),
                            "tileloadd tmm5, [{second} + {stride}]",
                            concat!($multiply, " tmm2, tmm5, tmm6"),
                            concat!($multiply, " tmm3, tmm5, tmm7"),
                            "add {first}, 64",
                            "add {second}, 64",
                            "add {weights}, 2048",
                            "dec {steps}",
                            "jnz 2b",
                            "tilestored [{sums} + {width}], tmm0",
                            "tilestored [{sums} + {width} + 64], tmm1",
                            "tilestored [{sums} + {width} + 2048], tmm2",
                            "tilestored [{sums} + {width} + 2112], tmm3",
                            first = inout(reg) first => _,
                            second = inout(reg) second => _,
                            weights = inout(reg) weights => _,
                            steps = inout(reg) steps => _,
                            stride = in(reg) stride,
                            width = in(reg) 4 * WIDTH,
                            sums = in(reg) sums,
                            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                            options(nostack),
                        );
                    }
                } else {
                    // SAFETY: as above, of two tiles.
                    unsafe {
                        asm!(
                            "tilezero tmm0",
                            "tilezero tmm1",
                            "2:",
                            "tileloadd tmm4, [{first} + {stride}]",
                            "tileloadd tmm6, [{weights} + {width}]",
                            concat!($multiply, " tmm0, tmm4, tmm6"),
                            "tileloadd tmm7, [{weights} + {width} + 64]",
                            concat!($multiply, " tmm1, tmm4, tmm7"),
                            "add {first}, 64",
                            "add {weights}, 2048",
                            "dec {steps}",
                            "jnz 2b",
                            "tilestored [{sums} + {width}], tmm0",
                            "tilestored [{sums} + {width} + 64], tmm1",
                            first = inout(reg) first => _,
                            weights = inout(reg) weights => _,
                            steps = inout(reg) steps => _,
                            stride = in(reg) stride,
                            width = in(reg) 4 * WIDTH,
                            sums = in(reg) sums,
                            out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
                            options(nostack),
                        );
                    }
                }
            }
        }
    };
}

tiled!(Bytes, "tdpbusd");
tiled!(Bfloats, "tdpbf16ps");

/// Multiplies all rows with all columns, as `product::product` does, and tells whether it did: tiles are made of
/// 8-bit integers and bf16, 16 groups at a time.
#[inline(always)]
pub(super) fn product(simd: Amx, rows: &Rows<'_>, panels: &Panels, finish: Finish, out: &mut [f32]) -> bool {
    let fits = panels.groups.is_multiple_of(SIDE) && panels.groups > 0;
    match panels.arithmetic {
        Arithmetic::Bytes if fits => multiply::<Bytes>(simd, rows, panels, finish, out),
        Arithmetic::Bfloats if fits => multiply::<Bfloats>(simd, rows, panels, finish, out),
        _ => return false,
    }
    true
}

/// Goes through all panels with each strip of rows: the rows stay in the first cache, the weights stream by.
#[inline(always)]
fn multiply<K: Tiled>(simd: Amx, rows: &Rows<'_>, panels: &Panels, finish: Finish, out: &mut [f32]) {
    let n_rows = out.len() / panels.columns;
    let n_panels = panels.columns / WIDTH;
    let weights: &[u32] = bytemuck::cast_slice(&panels.weights);
    let mut sums = [Sums::zeroed(); 2];
    let mut tiles: Option<Tiles> = None;
    for row in (0..n_rows).step_by(STRIP) {
        let count = STRIP.min(n_rows - row);
        if tiles.as_ref().is_none_or(|tiles| tiles.rows != count) {
            // Released before the next ones are made.
            tiles = None;
        }
        let tiles = tiles.get_or_insert_with(|| Tiles::of_rows(simd, count));
        let strip = &rows.groups[row * rows.stride..][..(count - 1) * rows.stride + panels.groups];
        let second = if count > SIDE { &strip[SIDE * rows.stride..] } else { strip };
        // The sums of a panel become floats while the tiles work on the next one.
        for at in 0..=n_panels {
            if at < n_panels {
                let weights = &weights[at * WIDTH * panels.groups..][..WIDTH * panels.groups];
                let (stride, steps) = (4 * rows.stride, panels.groups / SIDE);
                // SAFETY: the tiles are configured; `strip` reaches to the last group of the last row, `weights` over
                // all groups of a panel.
                unsafe {
                    K::multiply(
                        tiles,
                        strip.as_ptr(),
                        second.as_ptr(),
                        stride,
                        weights.as_ptr(),
                        steps,
                        &mut sums[at % 2],
                    );
                }
            }
            if at > 0 {
                let panel = Panel::of(panels, at - 1);
                for of_strip in 0..count {
                    let (row, sums) = (row + of_strip, &sums[(at - 1) % 2].0[of_strip]);
                    let sums = [K::resume(simd, &sums[0], &panel.start[0]), K::resume(simd, &sums[1], &panel.start[1])];
                    let out = &mut out[row * panels.columns + (at - 1) * WIDTH..][..WIDTH];
                    panel.finish::<Amx, K>(simd, sums, rows.scale(row), finish, out);
                }
            }
        }
    }
}
