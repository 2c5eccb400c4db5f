//! Where does the encoder run, and how much of it at once?

use std::num::NonZeroUsize;

use super::EmbedError;
use crate::embeddings::Precision;

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
    /// The first of CUDA and Metal that is built in and there if exact vectors are asked for, else the processor;
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

    /// Opens the device, and tells which one `Auto` turned out to be: a GPU only for exact vectors, which are what it makes.
    pub(super) fn open(self, precision: Precision) -> Result<Opened, EmbedError> {
        use candle_core::utils::{cuda_is_available, metal_is_available};
        let opened = |candle| Opened { device: self, candle, why_no_gpu: None };
        let on_gpu = |name, gpu: candle_core::Result<candle_core::Device>| {
            let gpu = gpu.and_then(|gpu| try_out(&gpu).map(|()| gpu));
            gpu.map(opened).map_err(|source| EmbedError::DeviceFailed { name, source })
        };
        match self {
            Device::Cpu => Ok(opened(candle_core::Device::Cpu)),
            Device::Cuda if !cuda_is_available() => Err(EmbedError::NotBuiltIn { name: "CUDA", feature: "cuda" }),
            Device::Cuda => on_gpu("CUDA", candle_core::Device::new_cuda(0)),
            Device::Metal if !metal_is_available() => Err(EmbedError::NotBuiltIn { name: "Metal", feature: "metal" }),
            Device::Metal => on_gpu("Metal", candle_core::Device::new_metal(0)),
            Device::Auto if precision != Precision::Exact && (cuda_is_available() || metal_is_available()) => {
                let why = format!("GPUs make exact vectors, not {} ones", precision.as_str());
                Ok(Opened { why_no_gpu: Some(why), ..Device::Cpu.open(precision)? })
            }
            // Built in is not the same as there: a GPU that does not open leaves the processor.
            Device::Auto => {
                let mut why = Vec::new();
                for device in [Device::Cuda, Device::Metal] {
                    match device.open(precision) {
                        Ok(opened) => return Ok(opened),
                        Err(EmbedError::DeviceFailed { name, source }) => {
                            why.push(format!("{name} cannot be used: {source}"));
                        }
                        Err(_) => {}
                    }
                }
                let why_no_gpu = (!why.is_empty()).then(|| why.join("; "));
                Ok(Opened { why_no_gpu, ..Device::Cpu.open(precision)? })
            }
        }
    }
}

/// A device that can be computed on.
pub(super) struct Opened {
    /// Never [`Device::Auto`].
    pub(super) device: Device,
    pub(super) candle: candle_core::Device,
    /// Why `Auto` did not come to a GPU that is built in.
    pub(super) why_no_gpu: Option<String>,
}

/// Computes one number: a driver that is too old for the kernels, or kernels that were compiled for another GPU, show
/// themselves with the first of them, not when the device is opened.
fn try_out(device: &candle_core::Device) -> candle_core::Result<()> {
    candle_core::Tensor::new(&[1.0_f32], device)?.affine(2.0, 0.0)?.to_vec1::<f32>().map(drop)
}

/// How many word pieces run together at most, special tokens included; a longer window runs alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchSize {
    /// 1,024 on a processor, where larger batches take more memory and no less time; 16,384 on a GPU, or as many as
    /// fit half of its free memory.
    #[default]
    ByDevice,
    /// As many as given.
    Tokens(NonZeroUsize),
}

impl BatchSize {
    /// Returns the number for a processor.
    pub(super) fn of_processor(self) -> NonZeroUsize {
        const ALL: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();
        match self {
            BatchSize::Tokens(tokens) => tokens,
            BatchSize::ByDevice => ALL,
        }
    }

    /// Returns the number for a GPU with so many bytes of memory free, if that is known, of which a word piece takes
    /// `bytes`.
    pub(super) fn of_gpu(self, free: Option<usize>, bytes: usize) -> NonZeroUsize {
        const ALL: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();
        match (self, free) {
            (BatchSize::Tokens(tokens), _) => tokens,
            // The other half is for other processes, and for what the driver keeps for the next batch.
            (BatchSize::ByDevice, Some(free)) => {
                NonZeroUsize::new(free / 2 / bytes.max(1)).unwrap_or(NonZeroUsize::MIN).min(ALL)
            }
            (BatchSize::ByDevice, None) => ALL,
        }
    }
}

/// Returns the bytes of a GPU's memory that are free; none where its driver does not say.
pub(super) fn free_memory(device: &candle_core::Device) -> Option<usize> {
    #[cfg(feature = "cuda")]
    if let candle_core::Device::Cuda(device) = device {
        return device.cuda_stream().context().mem_get_info().ok().map(|(free, _)| free);
    }
    let _ = device;
    None
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
    fn batches_take_half_of_a_gpus_free_memory_at_most() {
        let tokens = |free| BatchSize::ByDevice.of_gpu(free, 50_000).get();
        assert_eq!(tokens(None), 16_384);
        assert_eq!(tokens(Some(80_000_000_000)), 16_384);
        assert_eq!(tokens(Some(400_000_000)), 4_000);
        // A window that is longer than a batch runs alone.
        assert_eq!(tokens(Some(0)), 1);
        let own = BatchSize::Tokens(NonZeroUsize::MIN);
        assert_eq!((own.of_gpu(None, 1).get(), own.of_processor().get()), (1, 1));
    }

    #[test]
    fn auto_always_finds_one() {
        assert_ne!(Device::Auto.open(Precision::default()).unwrap().device, Device::Auto);
    }
}
