//! Does what comes over the network stay within its bounds? Servers on the loopback, good and bad.

mod gathered;
mod hostile;
mod inside;
mod kept;
mod namespace;
pub(crate) mod server;
mod ways;
