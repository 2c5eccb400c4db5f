//! Which kernels does this processor run? Written once, compiled for each instruction set, chosen when a model is opened.

#![allow(unsafe_code, reason = "vector instructions; each use says why it is sound")]
#![allow(
    clippy::needless_range_loop,
    reason = "sums stay in registers where their places are constants, not iterators"
)]

#[cfg(target_arch = "x86_64")]
mod amx;
mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod elementwise;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
mod product;
mod simd;
#[cfg(test)]
mod tests;

use self::portable::Portable;
pub(super) use self::portable::round;
use self::simd::Simd;
use crate::embed::folder::Activation;
use crate::similarity::{self, Isa, Line};

/// Widths of matrices, in numbers, are multiples of this: two vectors of the widest instruction set.
pub(super) const WIDTH: usize = 32;
/// The largest 16-bit code; sums of products with weights then stay within 32 bits ([`Panels`]).
pub(super) const WORD_MAX: i32 = 4_095;

/// What the numbers of a product are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    /// Floats of 32 bits.
    Single,
    /// Floats of 16 bits with the range of those of 32 (bf16), the sums of 32.
    Bfloats,
    /// Integers of 16 bits, the sums of 32.
    Words,
    /// Integers of 8 bits, the sums of 32.
    Bytes,
}

impl Arithmetic {
    /// Returns how many numbers make a group of four bytes.
    pub(super) fn of_group(self) -> usize {
        match self {
            Arithmetic::Single => 1,
            Arithmetic::Bfloats | Arithmetic::Words => 2,
            Arithmetic::Bytes => 4,
        }
    }
}

/// What becomes of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    /// It is written.
    Write,
    /// It is added to what is there.
    Add,
}

/// Rows to multiply: floats, or codes and what a step of them stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    /// Groups of four bytes, row by row.
    groups: &'a [u32],
    stride: usize,
    /// One a row; none of floats of 32 bits.
    scales: Option<&'a [f32]>,
}

impl<'a> Rows<'a> {
    pub(super) fn floats(values: &'a [f32], width: usize) -> Rows<'a> {
        Rows { groups: bytemuck::cast_slice(values), stride: width, scales: None }
    }

    /// Takes codes, `stride` groups a row, and what a step of each row's stands for.
    pub(super) fn codes(groups: &'a [u32], stride: usize, scales: &'a [f32]) -> Rows<'a> {
        Rows { groups, stride, scales: Some(scales) }
    }

    #[inline(always)]
    fn scale(&self, row: usize) -> f32 {
        self.scales.map_or(1.0, |scales| scales[row])
    }
}

/// Where the codes of rows are put.
#[derive(Debug)]
pub(super) struct Coding<'a> {
    pub(super) arithmetic: Arithmetic,
    /// Groups of four bytes, row by row; empty of floats.
    pub(super) codes: &'a mut [u32],
    pub(super) stride: usize,
    /// One a row.
    pub(super) scales: &'a mut [f32],
}

impl Coding<'_> {
    /// Returns the part for some of the rows.
    pub(super) fn part(&mut self, start: usize, rows: usize) -> Coding<'_> {
        Coding {
            arithmetic: self.arithmetic,
            codes: &mut self.codes[start * self.stride..][..rows * self.stride],
            stride: self.stride,
            scales: &mut self.scales[start..start + rows],
        }
    }
}

/// A weight matrix as tiles read it, with what makes floats of the sums.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panels {
    pub(super) arithmetic: Arithmetic,
    /// Groups of four bytes in a row.
    pub(super) groups: usize,
    pub(super) columns: usize,
    /// Panels of `2 · LANES` columns, each group by group: one line boundary a panel at least.
    pub(super) weights: Vec<Line>,
    /// What a step of a column's weights stands for; 1 of floats.
    pub(super) scales: Vec<f32>,
    pub(super) biases: Vec<f32>,
    /// What the sum of a column begins with, so that it is that of the numbers without their zero code.
    pub(super) starts: Vec<i32>,
}

/// Gains and shifts of a norm, and what keeps its division finite.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Norm {
    pub(super) gains: Vec<f32>,
    pub(super) shifts: Vec<f32>,
    /// What the normalised numbers are multiplied with before they are coded; the gains are what is left to multiply.
    pub(super) emphases: Vec<f32>,
    pub(super) epsilon: f32,
}

/// How many heads there are, and the numbers of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heads {
    pub(super) count: usize,
    pub(super) size: usize,
}

/// Memory that grows to what is asked for and stays.
#[derive(Debug, Default)]
pub(super) struct Buffer(Vec<Line>);

impl Buffer {
    /// Returns so many floats, whatever they are.
    pub(super) fn floats(&mut self, count: usize) -> &mut [f32] {
        let lines = count.div_ceil(16);
        if self.0.len() < lines {
            self.0.resize(lines, Line::ZERO);
        }
        &mut bytemuck::cast_slice_mut(&mut self.0)[..count]
    }

    /// Returns all of it, as groups of four bytes.
    pub(super) fn bits(&self) -> &[u32] {
        bytemuck::cast_slice(&self.0)
    }
}

/// What attention works in.
#[derive(Debug, Default)]
pub(super) struct AttentionScratch(Buffer);

/// Parts of an [`AttentionScratch`].
struct AttentionParts<'a> {
    keys: &'a mut [f32],
    values: &'a mut [f32],
    weights: &'a mut [f32],
}

impl AttentionScratch {
    /// Makes room for a sequence of so many tokens and a head of so many numbers.
    fn sized(&mut self, tokens: usize, size: usize, rows: usize) -> AttentionParts<'_> {
        let floats = self.0.floats(2 * tokens * size + rows * tokens);
        let (keys, rest) = floats.split_at_mut(tokens * size);
        let (values, weights) = rest.split_at_mut(tokens * size);
        AttentionParts { keys, values, weights }
    }
}

/// The kernels of one instruction set; a value of this type is the proof that this processor runs them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kernels {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx2Vnni(avx2::Avx2Vnni),
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Avx512),
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni(avx512::Avx512Vnni),
    #[cfg(target_arch = "x86_64")]
    Amx(avx512::Amx),
    #[cfg(target_arch = "aarch64")]
    Neon(neon::Neon),
    #[cfg(target_arch = "aarch64")]
    NeonDotprod(neon::NeonDotprod),
}

/// Tells whether this processor has an instruction set, and with it fused multiply-add.
fn has(isa: Isa) -> bool {
    #[cfg(target_arch = "x86_64")]
    let fused = is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    let fused = true;
    fused && similarity::Kernels::for_isa(isa).is_some()
}

/// Defines each kernel as a call of its shell for the chosen instruction set.
macro_rules! kernels {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $kind:ty),* $(,)?) = $kernel:path;)*) => {
        impl Kernels {
            $(
                $(#[$doc])*
                pub(super) fn $name(self, $($argument: $kind),*) {
                    match self {
                        Kernels::Portable(simd) => $kernel(simd, $($argument),*),
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: the value is the proof that the processor has the instructions.
                        Kernels::Avx2(simd) => unsafe { shells::avx2::$name(simd, $($argument),*) },
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: as above.
                        Kernels::Avx2Vnni(simd) => unsafe { shells::avx2_vnni::$name(simd, $($argument),*) },
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: as above.
                        Kernels::Avx512(simd) => unsafe { shells::avx512::$name(simd, $($argument),*) },
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: as above.
                        Kernels::Avx512Vnni(simd) => unsafe { shells::avx512_vnni::$name(simd, $($argument),*) },
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: as above.
                        Kernels::Amx(simd) => unsafe { shells::amx::$name(simd, $($argument),*) },
                        #[cfg(target_arch = "aarch64")]
                        // SAFETY: as above.
                        Kernels::Neon(simd) => unsafe { shells::neon::$name(simd, $($argument),*) },
                        #[cfg(target_arch = "aarch64")]
                        // SAFETY: as above.
                        Kernels::NeonDotprod(simd) => unsafe { shells::neon_dotprod::$name(simd, $($argument),*) },
                    }
                }
            )*
        }

        /// The kernels, compiled for each instruction set.
        mod shells {
            use super::*;
            #[cfg(target_arch = "x86_64")]
            use super::{avx2 as of_avx2, avx512 as of_avx512};
            #[cfg(target_arch = "aarch64")]
            use super::neon as of_neon;

            macro_rules! shell {
                ($module:ident, $features:literal, $simd:ty) => {
                    pub(super) mod $module {
                        use super::*;
                        $(
                            #[target_feature(enable = $features)]
                            pub(in super::super) fn $name(simd: $simd, $($argument: $kind),*) {
                                $kernel(simd, $($argument),*);
                            }
                        )*
                    }
                };
            }

            #[cfg(target_arch = "x86_64")]
            shell!(avx2, "avx2,fma", of_avx2::Avx2);
            #[cfg(target_arch = "x86_64")]
            shell!(avx2_vnni, "avx2,fma,avxvnni", of_avx2::Avx2Vnni);
            #[cfg(target_arch = "x86_64")]
            shell!(avx512, "avx512f,avx512bw,avx512vl,fma", of_avx512::Avx512);
            #[cfg(target_arch = "x86_64")]
            shell!(avx512_vnni, "avx512f,avx512bw,avx512vl,avx512vnni,fma", of_avx512::Avx512Vnni);
            #[cfg(target_arch = "x86_64")]
            shell!(amx, "avx512f,avx512bw,avx512vl,avx512vnni,fma", of_avx512::Amx);
            #[cfg(target_arch = "aarch64")]
            shell!(neon, "neon", of_neon::Neon);
            #[cfg(target_arch = "aarch64")]
            shell!(neon_dotprod, "neon,dotprod", of_neon::NeonDotprod);
        }
    };
}

kernels! {
    /// Multiplies all rows with all columns and writes, or adds, the results to `out` (`rows × columns`).
    fn product(rows: &Rows<'_>, panels: &Panels, finish: Finish, out: &mut [f32]) = product::product;
    /// Normalises rows in place and codes them before they are scaled and shifted.
    fn norm(rows: &mut [f32], norm: &Norm, coding: &mut Coding<'_>) = elementwise::norm;
    /// Codes rows of `width` numbers.
    fn code(rows: &[f32], width: usize, coding: &mut Coding<'_>) = elementwise::code;
    /// Applies the activation to rows of `width` numbers in place and codes them.
    fn activate(activation: Activation, rows: &mut [f32], width: usize, coding: &mut Coding<'_>) = elementwise::activate;
    /// Writes what each token of one sequence takes from the others to `out` (`tokens × hidden`).
    fn attend(heads: Heads, projected: &[f32], scratch: &mut AttentionScratch, out: &mut [f32]) = attention::attend;
}

impl Kernels {
    /// Returns the kernels of one instruction set, if this processor runs it.
    pub(super) fn for_isa(isa: Isa) -> Option<Kernels> {
        match isa {
            Isa::Scalar => Some(Kernels::Portable(Portable)),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => avx2::Avx2::new().map(Kernels::Avx2),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2Vnni => avx2::Avx2Vnni::new().map(Kernels::Avx2Vnni),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => avx512::Avx512::new().map(Kernels::Avx512),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Vnni => avx512::Avx512Vnni::new().map(Kernels::Avx512Vnni),
            #[cfg(target_arch = "x86_64")]
            Isa::Amx => avx512::Amx::new().map(Kernels::Amx),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => neon::Neon::new().map(Kernels::Neon),
            #[cfg(target_arch = "aarch64")]
            Isa::NeonDotprod => neon::NeonDotprod::new().map(Kernels::NeonDotprod),
            _ => None,
        }
    }

    /// Returns the fastest kernels that this processor runs, none faster than those of `fastest`.
    pub(super) fn best(fastest: Option<Isa>) -> Kernels {
        let places = Isa::ALL.into_iter().rev();
        let allowed = places.skip_while(|isa| fastest.is_some_and(|fastest| fastest != *isa));
        allowed.into_iter().find_map(Kernels::for_isa).unwrap_or(Kernels::Portable(Portable))
    }

    /// Returns the instruction set.
    pub(super) fn isa(self) -> Isa {
        self.shape().isa
    }

    /// Returns what depends on the instruction set.
    pub(super) fn shape(self) -> Shape {
        fn of<S: Simd>(_: S) -> Shape {
            Shape { isa: S::ISA, panel: 2 * S::LANES, byte_weight_max: S::BYTE_WEIGHT_MAX, byte_min: S::BYTE_MIN }
        }
        match self {
            Kernels::Portable(simd) => of(simd),
            #[cfg(target_arch = "x86_64")]
            Kernels::Avx2(simd) => of(simd),
            #[cfg(target_arch = "x86_64")]
            Kernels::Avx2Vnni(simd) => of(simd),
            #[cfg(target_arch = "x86_64")]
            Kernels::Avx512(simd) => of(simd),
            #[cfg(target_arch = "x86_64")]
            Kernels::Avx512Vnni(simd) => of(simd),
            #[cfg(target_arch = "x86_64")]
            Kernels::Amx(simd) => of(simd),
            #[cfg(target_arch = "aarch64")]
            Kernels::Neon(simd) => of(simd),
            #[cfg(target_arch = "aarch64")]
            Kernels::NeonDotprod(simd) => of(simd),
        }
    }
}

/// An instruction set, and what packed weights depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    isa: Isa,
    /// Columns of a panel.
    pub(super) panel: usize,
    /// The largest weight of 8 bits.
    pub(super) byte_weight_max: i32,
    /// The least code of 8 bits.
    pub(super) byte_min: i32,
}
