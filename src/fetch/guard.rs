//! May this URL be fetched? Scheme, user name, port and literal addresses; names are judged by what they resolve to.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::address::is_public;

/// Ports that web servers have.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// A host that may be fetched from though its address is not public or its port unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    host: String,
    /// `None`: the ports that web servers have.
    port: Option<u16>,
}

/// Says why a text names no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no host; write HOST or HOST:PORT, as in localhost:4000")]
pub struct AllowedError(String);

impl Allowed {
    /// Reads `HOST` or `HOST:PORT`; an IPv6 address stands in brackets.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str) -> Result<Allowed, AllowedError> {
        let wrong = || AllowedError(text.to_owned());
        let text_of_host = text.trim();
        let (host, port) = match text_of_host.rsplit_once(':') {
            Some((host, port)) if !text_of_host.ends_with(']') => (host, Some(port.parse().map_err(|_| wrong())?)),
            _ => (text_of_host, None),
        };
        let host = Host::parse(host).map_err(|_| wrong())?;
        Ok(Allowed { host: without_dot(&host.to_string()).to_owned(), port })
    }

    /// Tells whether this is the host of a URL, at its port.
    #[must_use]
    pub fn is_host_of(&self, url: &Url) -> bool {
        let host = url.host().map(|host| host.to_string());
        host.zip(url.port_or_known_default()).is_some_and(|(host, port)| self.allows(&host, port, &PORTS))
    }

    fn allows(&self, host: &str, port: u16, usual: &[u16]) -> bool {
        self.host == without_dot(host) && self.port.map_or(usual.contains(&port), |own| own == port)
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// What may be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Hosts that the user vouches for.
    pub allowed: Vec<Allowed>,
    /// Ports of all other hosts; those that web servers have: 80, 443, 8080 and 8443.
    pub ports: Vec<u16>,
}

impl Default for Guard {
    fn default() -> Guard {
        Guard { allowed: Vec::new(), ports: PORTS.to_vec() }
    }
}

/// Why a URL is not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not http, not https.
    #[error("{0}: is not fetched; only http and https are")]
    Scheme(String),
    /// A URL without a host.
    #[error("names no host")]
    NoHost,
    /// A user name or password in the URL.
    #[error("a user name or password in a URL is not sent; leave it out")]
    UserName,
    /// A port that no web server should have.
    #[error("port {port} is not a web server's; allow it with --allow-private {host}:{port}")]
    Port {
        /// The host.
        host: String,
        /// Its port.
        port: u16,
    },
    /// An address of this machine, of a network of its own, or otherwise not public.
    #[error("{host} is not a public address; if you mean it, allow it with --allow-private {host}{}", at_port(*port))]
    NotPublic {
        /// The host as it is connected to.
        host: String,
        /// Its port.
        port: u16,
    },
    /// A name, one of whose addresses is not public.
    #[error("{host} leads to {address}, which is not a public address; if you mean it, allow it with --allow-private {host}{}", at_port(*port))]
    LeadsInside {
        /// The name.
        host: String,
        /// Its port.
        port: u16,
        /// Where it leads.
        address: IpAddr,
    },
    /// From an encrypted connection to one that is not.
    #[error("the encrypted address leads to one that is not, {0}")]
    Downgrade(String),
}

fn at_port(port: u16) -> String {
    if PORTS.contains(&port) { String::new() } else { format!(":{port}") }
}

impl Guard {
    /// Checks everything of a URL that can be known before its name is looked up.
    ///
    /// # Errors
    /// It is not fetched.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserName);
        }
        let host = url.host().ok_or(Refusal::NoHost)?;
        let port = url.port_or_known_default().ok_or(Refusal::NoHost)?;
        if self.allows(&host.to_string(), port) {
            return Ok(());
        }
        let is_inside = match &host {
            Host::Ipv4(address) => !is_public(IpAddr::V4(*address)),
            Host::Ipv6(address) => !is_public(IpAddr::V6(*address)),
            Host::Domain(name) => is_of_this_machine(name),
        };
        let host = host.to_string();
        if is_inside {
            return Err(Refusal::NotPublic { host, port });
        }
        if self.ports.contains(&port) { Ok(()) } else { Err(Refusal::Port { host, port }) }
    }

    /// Checks all addresses of a name: one that is not public is one too many.
    ///
    /// # Errors
    /// The name is not fetched from.
    pub fn check_addresses(
        &self,
        host: &str,
        port: u16,
        mut addresses: impl Iterator<Item = IpAddr>,
    ) -> Result<(), Refusal> {
        if self.allows(host, port) {
            return Ok(());
        }
        match addresses.find(|address| !is_public(*address)) {
            Some(address) => Err(Refusal::LeadsInside { host: host.to_owned(), port, address }),
            None => Ok(()),
        }
    }

    fn allows(&self, host: &str, port: u16) -> bool {
        self.allowed.iter().any(|allowed| allowed.allows(host, port, &self.ports))
    }
}

fn without_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

/// Some resolvers take `localhost` and what is below it for this machine without asking anybody.
fn is_of_this_machine(name: &str) -> bool {
    let name = without_dot(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(allowed: &[&str], url: &str, expect: &str) {
        let allowed = allowed.iter().map(|text| Allowed::parse(text).unwrap()).collect();
        let said = Guard { allowed, ..Guard::default() }
            .check(&Url::parse(url).unwrap())
            .map_or_else(|refusal| refusal.to_string(), |()| String::new());
        assert!(if expect.is_empty() { said.is_empty() } else { said.starts_with(expect) }, "{url}: {said}");
    }

    #[test]
    fn what_can_be_known_of_a_url_is_checked() {
        check(&[], "https://blog.example/feed", "");
        check(&[], "http://blog.example:8080/feed", "");
        check(&[], "http://93.184.216.34/", "");
        check(&[], "ftp://blog.example/feed", "ftp: is not fetched; only http and https are");
        check(&[], "file:///etc/passwd", "file: is not fetched");
        check(&[], "http://ada@blog.example/", "a user name or password in a URL is not sent; leave it out");
        check(&[], "http://:secret@blog.example/", "a user name or password");
        check(
            &[],
            "http://blog.example:22/",
            "port 22 is not a web server's; allow it with --allow-private blog.example:22",
        );
        check(
            &[],
            "http://localhost./",
            "localhost. is not a public address; if you mean it, allow it with --allow-private localhost.",
        );
        check(
            &[],
            "http://[fe80::1]:4000/",
            "[fe80::1] is not a public address; if you mean it, allow it with --allow-private [fe80::1]:4000",
        );
    }

    #[test]
    fn what_is_allowed_is_allowed_at_its_port_only() {
        let allowed = ["localhost:4000", "10.0.0.1", "[::1]:80", "blog.example:81"];
        for url in [
            "http://localhost:4000/",
            "http://LOCALHOST.:4000/",
            "http://10.0.0.1/",
            "https://10.1/",
            "http://[::1]/",
            "http://blog.example:81/",
        ] {
            check(&allowed, url, "");
        }
        check(&allowed, "http://localhost/", "localhost is not a public address");
        check(&allowed, "http://10.0.0.1:22/", "10.0.0.1 is not");
        check(&allowed, "https://[::1]/", "[::1] is not");
        for text in ["", "localhost:", "localhost:x", "a b", "http://x"] {
            assert!(Allowed::parse(text).is_err(), "{text}");
        }
        assert_eq!(Allowed::parse("LOCALHOST.:4000").unwrap().to_string(), "localhost:4000");
    }

    #[test]
    fn a_host_is_that_of_a_url_at_its_port_only() {
        let is_host_of = |text: &str, url: &str| Allowed::parse(text).unwrap().is_host_of(&Url::parse(url).unwrap());
        assert!(is_host_of("localhost:4000", "http://LOCALHOST.:4000/feed"));
        assert!(is_host_of("[::1]", "https://[::1]/feed"));
        assert!(!is_host_of("localhost:4000", "http://localhost/feed"));
        assert!(!is_host_of("localhost", "http://localhost:4000/feed"));
        assert!(!is_host_of("localhost", "http://localhost.blog.example/feed"));
    }

    #[test]
    fn one_address_that_is_not_public_is_one_too_many() {
        let guard = Guard { allowed: vec![Allowed::parse("nas.example").unwrap()], ..Guard::default() };
        let mixed = || ["93.184.216.34", "10.0.0.1"].iter().map(|text| text.parse().unwrap());
        let refusal = guard.check_addresses("blog.example", 80, mixed()).unwrap_err();
        assert!(refusal.to_string().starts_with("blog.example leads to 10.0.0.1, which is not a public address"));
        assert_eq!(guard.check_addresses("blog.example", 80, mixed().take(1)), Ok(()));
        assert_eq!(guard.check_addresses("nas.example", 80, mixed()), Ok(()));
    }
}
