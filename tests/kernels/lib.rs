//! The similarity module and the kernels of the packed encoder without the rest of the crate.

#[path = "../../src/similarity/mod.rs"]
pub mod similarity;

/// The kernels of the packed encoder. Not for Miri: their portable form has nothing unsafe.
#[cfg(not(miri))]
#[allow(dead_code, reason = "what calls them is not here")]
#[path = "../../src/embed"]
mod embed {
    pub(crate) mod folder {
        /// As the model's configuration has it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Activation {
            Gelu,
            GeluTanh,
            Relu,
        }
    }

    mod packed {
        mod kernels;
        mod pack;
    }
}
