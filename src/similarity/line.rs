//! What do the kernels read? Blocks of 64 bytes that begin where a cache line begins.

/// Bytes in a [`Line`].
pub const LINE_BYTES: usize = 64;

/// 64 bytes, aligned to 64: one cache line, and one register of AVX-512.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Line(pub [u8; LINE_BYTES]);

impl Line {
    /// A line of zero bytes.
    pub const ZERO: Line = Line([0; LINE_BYTES]);
}

// SAFETY: bytes, all of which may be zero.
unsafe impl bytemuck::Zeroable for Line {}
// SAFETY: 64 bytes at an alignment of 64: no padding, no pointer, every bit pattern is a value.
unsafe impl bytemuck::Pod for Line {}
