//! What do the kernels read? Blocks of 64 bytes that begin where a cache line begins.

/// Bytes in a [`Line`].
pub const LINE_BYTES: usize = 64;

/// 64 bytes, aligned to 64: one cache line, and one register of AVX-512.
#[derive(Debug, Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub struct Line(pub [u8; LINE_BYTES]);

impl Line {
    /// A line of zero bytes.
    pub const ZERO: Line = Line([0; LINE_BYTES]);
}
