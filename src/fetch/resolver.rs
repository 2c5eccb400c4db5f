//! Where does a name lead? The addresses that are checked are the very ones that are connected to, so that a name cannot
//! lead elsewhere the second time it is asked for.

use std::fmt::Debug;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::guard::Guard;

/// Looks names up.
pub trait Lookup: Debug + Send + Sync + 'static {
    /// Returns all addresses of a name, or of a literal address itself.
    ///
    /// # Errors
    /// There are none, or nobody could be asked.
    fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// Asks the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }
}

/// Looks names up and refuses those that lead inside.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) guard: Guard,
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().ok_or(ureq::Error::HostNotFound)?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let found = self.look_up(host, port, timeout)?;
        let checked = self.guard.check_addresses(host, port, found.iter().map(SocketAddr::ip));
        checked.map_err(|refusal| ureq::Error::Other(Box::new(refusal)))?;
        let mut addresses = self.empty();
        // As many as the client tries; all of them were checked.
        for address in found.into_iter().take(ADDRESSES_MAX) {
            addresses.push(address);
        }
        if addresses.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(addresses) }
    }
}

/// The room that the client has.
const ADDRESSES_MAX: usize = 16;

impl Guarded {
    /// The system's own look-up knows no time limit, so it runs in a thread that may be left behind.
    fn look_up(&self, host: &str, port: u16, timeout: NextTimeout) -> Result<Vec<SocketAddr>, ureq::Error> {
        let (sender, receiver) = sync_channel(1);
        let lookup = Arc::clone(&self.lookup);
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        std::thread::spawn(move || sender.send(lookup.addresses(&name, port)));
        match receiver.recv_timeout(*timeout.after) {
            Ok(found) => Ok(found?),
            Err(RecvTimeoutError::Timeout) => Err(ureq::Error::Timeout(timeout.reason)),
            Err(RecvTimeoutError::Disconnected) => Err(ureq::Error::HostNotFound),
        }
    }
}
