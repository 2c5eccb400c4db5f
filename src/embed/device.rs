//! Where does the encoder run, and how much of it at once?

use std::num::NonZeroUsize;

use super::EmbedError;

/// Where the encoder runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The first NVIDIA GPU (cargo feature `cuda`).
    Cuda,
    /// The first Apple GPU (cargo feature `metal`).
    Metal,
    /// The first of CUDA, Metal and the processor that is built in and there;
    /// [`Embedder::engine`](super::Embedder::engine) tells which.
    Auto,
}

impl Device {
    /// Returns the word by which the device is asked for.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Device::Cpu => "cpu",
            Device::Cuda => "cuda",
            Device::Metal => "metal",
            Device::Auto => "auto",
        }
    }

    /// Reads back what [`Device::as_str`] wrote.
    #[must_use]
    pub fn parse(word: &str) -> Option<Device> {
        [Device::Cpu, Device::Cuda, Device::Metal, Device::Auto].into_iter().find(|device| device.as_str() == word)
    }

    /// Opens the device, and tells which one `Auto` turned out to be.
    pub(super) fn open(self) -> Result<(Device, candle_core::Device), EmbedError> {
        use candle_core::utils::{cuda_is_available, metal_is_available};
        let failed = |name| move |source| EmbedError::DeviceFailed { name, source };
        match self {
            Device::Cpu => Ok((self, candle_core::Device::Cpu)),
            Device::Cuda if !cuda_is_available() => Err(EmbedError::NotBuiltIn { name: "CUDA", feature: "cuda" }),
            Device::Cuda => Ok((self, candle_core::Device::new_cuda(0).map_err(failed("CUDA"))?)),
            Device::Metal if !metal_is_available() => Err(EmbedError::NotBuiltIn { name: "Metal", feature: "metal" }),
            Device::Metal => Ok((self, candle_core::Device::new_metal(0).map_err(failed("Metal"))?)),
            // Built in is not the same as there: a GPU that does not open leaves the processor.
            Device::Auto => Device::Cuda.open().or_else(|_| Device::Metal.open()).or_else(|_| Device::Cpu.open()),
        }
    }
}

/// How many word pieces run together at most, special tokens included; a longer window runs alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchSize {
    /// 1,024 on a processor, where larger batches take more memory and no less time; 16,384 on a GPU.
    #[default]
    ByDevice,
    /// As many as given.
    Tokens(NonZeroUsize),
}

impl BatchSize {
    pub(super) fn tokens(self, device: Device) -> NonZeroUsize {
        const CPU: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();
        const GPU: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();
        match self {
            BatchSize::Tokens(tokens) => tokens,
            BatchSize::ByDevice if device == Device::Cpu => CPU,
            BatchSize::ByDevice => GPU,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_parse_as_they_print() {
        for device in [Device::Cpu, Device::Cuda, Device::Metal, Device::Auto] {
            assert_eq!(Device::parse(device.as_str()), Some(device));
        }
        assert_eq!(Device::parse("gpu"), None);
    }

    #[test]
    fn auto_always_finds_one() {
        assert_ne!(Device::Auto.open().unwrap().0, Device::Auto);
    }
}
