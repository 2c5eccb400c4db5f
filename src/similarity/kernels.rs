//! Which kernels does this processor run? Chosen once; every call after that does a whole batch.

use std::sync::OnceLock;

use super::Line;
#[cfg(target_arch = "aarch64")]
use super::isa::neon;
use super::isa::{PANEL_COLUMNS, scalar};
#[cfg(target_arch = "x86_64")]
use super::isa::{amx, avx2, avx512};

/// A set of instructions that kernels are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isa {
    /// Plain loops; every processor.
    Scalar,
    /// 256-bit vectors of x86-64.
    Avx2,
    /// AVX2 with dot products of bytes (AVX-VNNI).
    Avx2Vnni,
    /// 512-bit vectors of x86-64 (F, BW, VL).
    Avx512,
    /// AVX-512 with dot products of bytes (VNNI).
    Avx512Vnni,
    /// AVX-512 with VNNI, and products of matrices in the tiles of AMX (8-bit integers, bf16), which only the packed
    /// encoder has.
    Amx,
    /// 128-bit vectors of 64-bit Arm.
    Neon,
    /// NEON with dot products of bytes.
    NeonDotprod,
}

impl Isa {
    /// All of them, the slowest first.
    pub const ALL: [Isa; 8] =
        [Isa::Scalar, Isa::Neon, Isa::NeonDotprod, Isa::Avx2, Isa::Avx2Vnni, Isa::Avx512, Isa::Avx512Vnni, Isa::Amx];

    /// Returns the name under which it is shown and asked for.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Isa::Scalar => "scalar",
            Isa::Avx2 => "avx2",
            Isa::Avx2Vnni => "avx2-vnni",
            Isa::Avx512 => "avx512",
            Isa::Avx512Vnni => "avx512-vnni",
            Isa::Amx => "amx",
            Isa::Neon => "neon",
            Isa::NeonDotprod => "neon-dotprod",
        }
    }

    /// Reads back what [`Isa::as_str`] wrote.
    #[must_use]
    pub fn parse(word: &str) -> Option<Isa> {
        Isa::ALL.into_iter().find(|isa| isa.as_str() == word)
    }

    fn runs_here(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            let vnni = avx512 && is_x86_feature_detected!("avx512vnni");
            match self {
                Isa::Scalar => true,
                Isa::Avx2 => avx2,
                Isa::Avx2Vnni => avx2 && is_x86_feature_detected!("avxvnni"),
                Isa::Avx512 => avx512,
                Isa::Avx512Vnni => vnni,
                Isa::Amx => vnni && amx::available(),
                Isa::Neon | Isa::NeonDotprod => false,
            }
        }
        #[cfg(target_arch = "aarch64")]
        match self {
            Isa::Scalar | Isa::Neon => true,
            Isa::NeonDotprod => std::arch::is_aarch64_feature_detected!("dotprod"),
            _ => false,
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        matches!(self, Isa::Scalar)
    }
}

/// The kernels of one instruction set; a value of this type is the proof that this processor runs them.
///
/// All instruction sets give the same bits: sums of codes are integers, and sums of floats are added in one fixed
/// order, without fused operations. So an answer does not depend on the machine that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernels {
    isa: Isa,
}

/// Calls a kernel of the instruction set that `$self` stands for.
macro_rules! dispatch {
    ($self:ident, $kernel:ident($($argument:expr),*)) => {
        match $self.isa {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Kernels` of an instruction set is made only where the processor has it.
            Isa::Avx2 => unsafe { avx2::plain::$kernel($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Isa::Avx2Vnni => unsafe { avx2::vnni::$kernel($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Isa::Avx512 => unsafe { avx512::plain::$kernel($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Isa::Avx512Vnni | Isa::Amx => unsafe { avx512::vnni::$kernel($($argument),*) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above.
            Isa::Neon => unsafe { neon::plain::$kernel($($argument),*) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above.
            Isa::NeonDotprod => unsafe { neon::dotprod::$kernel($($argument),*) },
            _ => scalar::$kernel($($argument),*),
        }
    };
}

impl Kernels {
    /// Returns the fastest kernels that this processor runs.
    #[must_use]
    pub fn best() -> Kernels {
        static BEST: OnceLock<Kernels> = OnceLock::new();
        let choose = || Isa::ALL.into_iter().rev().find_map(Kernels::for_isa);
        *BEST.get_or_init(|| choose().unwrap_or(Kernels { isa: Isa::Scalar }))
    }

    /// Returns the kernels of one instruction set, if this processor runs it.
    #[must_use]
    pub fn for_isa(isa: Isa) -> Option<Kernels> {
        isa.runs_here().then_some(Kernels { isa })
    }

    /// Returns the instruction set.
    #[must_use]
    pub fn isa(self) -> Isa {
        self.isa
    }

    /// Writes the inner product of `query` with each row of `matrix` (`out.len() × query.len()`, row-major) to `out`.
    ///
    /// # Panics
    /// `matrix` does not hold `out.len()` rows.
    pub fn rows(self, query: &[f32], matrix: &[f32], out: &mut [f32]) {
        assert_eq!(matrix.len(), out.len() * query.len(), "one row for each result");
        if query.is_empty() {
            return out.fill(0.0);
        }
        dispatch!(self, rows(query, matrix, out));
    }

    /// Appends the inner products of `query` with the rows `at` of `matrix` (`n × query.len()`, row-major) to `out`.
    ///
    /// # Panics
    /// `matrix` has no such row.
    pub fn rows_at(self, query: &[f32], matrix: &[f32], at: &[u32], out: &mut Vec<f32>) {
        dispatch!(self, rows_at(query, matrix, at, out));
    }

    /// Writes the inner products of each of `rows` with each row of `matrix` (row-major) to `out`, row by row.
    ///
    /// # Panics
    /// The rows are of different lengths, or `matrix` does not hold `out.len() / rows.len()` of them.
    pub(super) fn float_block(self, rows: &[&[f32]], matrix: &[f32], out: &mut [f32]) {
        let Some(first) = rows.first().filter(|_| !out.is_empty()) else { return };
        let width = first.len();
        assert!(rows.iter().all(|row| row.len() == width), "rows of one length");
        assert_eq!(matrix.len() * rows.len(), out.len() * width, "one row for each result");
        dispatch!(self, float_block(rows, matrix, out));
    }

    /// Writes the sums of a query's code (2 lines for each line of a row) with consecutive rows of a plane to `out`.
    ///
    /// # Panics
    /// `plane` does not hold `out.len()` rows.
    pub(super) fn nibbles(self, query: &[Line], plane: &[Line], out: &mut [i32]) {
        assert_eq!(plane.len(), out.len() * (query.len() / 2), "one row for each result");
        if query.is_empty() {
            return out.fill(0);
        }
        dispatch!(self, nibbles(query, plane, out));
    }

    /// Appends the sums of a query's code with the rows `at` of a plane to `out`.
    ///
    /// # Panics
    /// `plane` has no such row.
    pub(super) fn nibbles_at(self, query: &[Line], plane: &[Line], at: &[u32], out: &mut Vec<i32>) {
        dispatch!(self, nibbles_at(query, plane, at, out));
    }

    /// Writes the sums of signed codes with the columns of a panel to `out`, one row for each of `rows`.
    pub(super) fn block(self, rows: &[&[[i8; 4]]], panel: &[Line], out: &mut [[i32; PANEL_COLUMNS]]) {
        assert_eq!(rows.len(), out.len(), "one row for each result");
        dispatch!(self, block(rows, panel, out));
    }

    /// Writes the largest of each row of similarities (`out.len()` rows, row-major) to `out`; −∞ of none.
    pub(super) fn largest(self, similarities: &[f32], out: &mut [f32]) {
        if similarities.is_empty() {
            return out.fill(f32::NEG_INFINITY);
        }
        dispatch!(self, largest(similarities, out));
    }

    /// Returns the largest sum of a row of a block.
    pub(super) fn largest_sum(self, sums: &[i32; PANEL_COLUMNS]) -> i32 {
        dispatch!(self, largest_sum(sums))
    }
}
