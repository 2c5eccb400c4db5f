//! How does a file become memory without being copied? The one place outside the kernels that needs `unsafe`.

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// Maps the whole of a file for reading.
///
/// It must be a snapshot that only we write, see [`Access::Map`](super::Access::Map).
#[allow(unsafe_code, reason = "the borrow checker cannot see what other processes do to a mapped file")]
pub(super) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the mapping is read-only, and so is the file's handle. A snapshot is written beside its place and renamed
    // (`write.rs`), never truncated or overwritten in place, so the mapped file keeps its bytes even when a newer one
    // takes its name. Against other programs nothing helps: one that shortens the file kills the process with SIGBUS,
    // one that overwrites it changes bytes under a shared reference. So `Access::Map` is for whoever owns the folder,
    // and `Access::Read` is the default.
    unsafe { Mmap::map(file) }
}
