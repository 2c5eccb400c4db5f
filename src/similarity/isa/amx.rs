//! May this process use the tiles of AMX? The processor, the system and the kernel must all agree.

/// Tells whether tiles of 8-bit integers and bf16 can be used; asks the kernel for them once.
///
/// Linux lends the state of the tiles, 8 KiB a thread, only to processes that ask for it
/// (<https://docs.kernel.org/arch/x86/xstate.html>).
pub(in crate::similarity) fn available() -> bool {
    #[cfg(target_os = "linux")]
    {
        static AVAILABLE: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| has_tiles() && asked_for());
        *AVAILABLE
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// Tells whether the processor has the tiles and the system saves them.
#[cfg(target_os = "linux")]
fn has_tiles() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};

    const TILE: u32 = 1 << 24;
    const INT8: u32 = 1 << 25;
    const BF16: u32 = 1 << 22;
    /// The configuration and the data of tiles.
    const SAVED: u64 = 0b11 << 17;
    const ALL: u32 = TILE | INT8 | BF16;
    if __cpuid(0).eax < 7 || __cpuid_count(7, 0).edx & ALL != ALL || !is_x86_feature_detected!("xsave") {
        return false;
    }
    #[target_feature(enable = "xsave")]
    fn saved() -> u64 {
        // SAFETY: register 0 is there wherever the instruction is.
        unsafe { _xgetbv(0) }
    }
    // SAFETY: the instruction is there and switched on, which is what the detection of `xsave` means.
    unsafe { saved() & SAVED == SAVED }
}

#[cfg(target_os = "linux")]
fn asked_for() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const TILE_DATA: libc::c_long = 18;
    // SAFETY: the call takes two numbers and touches no memory of ours.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0 }
}
