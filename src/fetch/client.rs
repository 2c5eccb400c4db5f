//! How is one URL fetched? Redirects are followed by hand and each is checked anew; nothing is taken without a limit.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Timeout};
use url::Url;

use super::body::{BodyFault, Packing, copy};
use super::error::FetchError;
use super::guard::{Guard, Refusal};
use super::limits::Limits;
use super::resolver::{Guarded, Lookup};
use super::retry_after::retry_after;

/// Bytes of a request; a URL and a few headers.
const REQUEST_BYTES_MAX: usize = 32 << 10;
/// What the reader of headers needs beyond a header of the greatest length.
const HEADER_SLACK_BYTES: usize = 16 << 10;

/// What is asked of a server.
#[derive(Debug, Clone)]
pub(super) struct Request<'a> {
    pub(super) url: &'a Url,
    pub(super) guard: &'a Guard,
    pub(super) etag: Option<&'a str>,
    pub(super) last_modified: Option<&'a str>,
    pub(super) bytes_max: usize,
    /// Where the body goes, for messages.
    pub(super) into: &'a Path,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) body: BodyState,
    /// Where it was found after all redirects.
    pub(super) final_url: Url,
    /// Where it has moved to for good.
    pub(super) moved: Option<Url>,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) content_type: Option<String>,
}

/// Whether a body came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyState {
    Came,
    /// It is the one that is kept.
    NotModified,
}

/// Fetches, one URL a call, from any number of threads.
#[derive(Debug)]
pub(super) struct Client {
    limits: Limits,
    lookup: Arc<dyn Lookup>,
    /// One for each guard, which its connections have passed.
    agents: Mutex<Vec<(Guard, Agent)>>,
}

impl Client {
    pub(super) fn new(limits: Limits, lookup: Arc<dyn Lookup>) -> Client {
        Client { limits, lookup, agents: Mutex::default() }
    }

    /// Fetches a URL into `sink`.
    ///
    /// # Errors
    /// It is not fetched, the server fails, or it breaks a limit; `sink` may hold the beginning of a body then.
    pub(super) fn get(&self, request: &Request<'_>, sink: &mut dyn Write) -> Result<Answer, FetchError> {
        let deadline = Instant::now() + self.limits.total;
        let mut way = Way::new(request.url.clone());
        loop {
            let name = way.name();
            let refused = |refusal| FetchError::Refused { url: name.clone(), refusal };
            request.guard.check(&way.at).map_err(refused)?;
            let response = self.send(request, &way, deadline)?;
            let status = response.status();
            if let Some(target) = redirect(status, response.headers()) {
                way.follow(&target, status, self.limits.redirects)?;
                continue;
            }
            let is_known = request.etag.is_some() || request.last_modified.is_some();
            let headers = response.headers().clone();
            let body = match status.as_u16() {
                304 if is_known => BodyState::NotModified,
                200..=299 => {
                    self.take_body(response, request, &name, sink)?;
                    BodyState::Came
                }
                status => {
                    let retry_after = retry_after(&headers, std::time::SystemTime::now());
                    return Err(FetchError::Status { url: name, status, retry_after });
                }
            };
            return Ok(way.answer(body, &headers));
        }
    }

    fn send(&self, request: &Request<'_>, way: &Way, deadline: Instant) -> Result<Response<Body>, FetchError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.fault(way.name(), ureq::Error::Timeout(Timeout::Global)));
        }
        let mut call = self.agent(request.guard).get(way.at.as_str()).header(header::ACCEPT_ENCODING, "gzip, br");
        if let Some(etag) = request.etag {
            call = call.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = request.last_modified {
            call = call.header(header::IF_MODIFIED_SINCE, date);
        }
        let call = call.config().timeout_global(Some(left)).build();
        call.call().map_err(|fault| self.fault(way.name(), fault))
    }

    fn take_body(
        &self,
        response: Response<Body>,
        request: &Request<'_>,
        name: &str,
        sink: &mut dyn Write,
    ) -> Result<(), FetchError> {
        // The client unpacks gzip itself where another crate asks it to, and then says nothing of it any more.
        let encoding = text(response.headers(), &header::CONTENT_ENCODING).unwrap_or_default();
        let broken = |fault: String| FetchError::Broken { url: name.to_owned(), fault };
        let packing = Packing::parse(&encoding)
            .ok_or_else(|| broken(format!("packed as \"{encoding}\", which was not asked for")))?;
        match copy(response.into_body().into_reader(), packing, request.bytes_max, sink) {
            Ok(_) => Ok(()),
            Err(BodyFault::TooLong(limit)) => Err(FetchError::TooLong { url: name.to_owned(), limit }),
            Err(BodyFault::Read(fault)) => Err(self.fault(name.to_owned(), ureq::Error::from(fault))),
            Err(BodyFault::Unpack(fault)) => Err(broken(format!("its packing is damaged: {fault}"))),
            Err(BodyFault::Write(fault)) => {
                Err(FetchError::Disk { path: request.into.to_owned(), fault: Arc::new(fault) })
            }
        }
    }

    /// Says a fault of the client in our words.
    fn fault(&self, url: String, fault: ureq::Error) -> FetchError {
        match fault {
            ureq::Error::Timeout(timeout) => {
                let (phase, limit) = match timeout {
                    Timeout::Resolve => ("to find its address", self.limits.connect),
                    Timeout::Connect => ("to connect", self.limits.connect),
                    Timeout::PerRead | Timeout::PerWrite => ("without a byte", self.limits.idle),
                    _ => ("in all", self.limits.total),
                };
                FetchError::TooSlow { url, phase, limit }
            }
            ureq::Error::LargeResponseHeader(..) => FetchError::HeaderTooLong { url, limit: self.limits.header_bytes },
            ureq::Error::HostNotFound => FetchError::Unreachable { url, fault: "no such host".to_owned() },
            // A certificate that is not to be trusted, or a handshake that is none.
            ureq::Error::Io(fault) if fault.kind() == std::io::ErrorKind::InvalidData => {
                FetchError::Broken { url, fault: fault.to_string() }
            }
            ureq::Error::Io(fault) => FetchError::Unreachable { url, fault: fault.to_string() },
            ureq::Error::Other(fault) => match fault.downcast::<Refusal>() {
                Ok(refusal) => FetchError::Refused { url, refusal: *refusal },
                Err(fault) => FetchError::Broken { url, fault: fault.to_string() },
            },
            fault => FetchError::Broken { url, fault: fault.to_string() },
        }
    }

    fn agent(&self, guard: &Guard) -> Agent {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, agent)) = agents.iter().find(|(known, _)| known == guard) {
            return agent.clone();
        }
        let resolver = Guarded { lookup: Arc::clone(&self.lookup), guard: guard.clone() };
        let agent = self.agent_with(resolver);
        agents.push((guard.clone(), agent.clone()));
        agent
    }

    fn agent_with(&self, resolver: impl ureq::unversioned::resolver::Resolver) -> Agent {
        let limits = &self.limits;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // A proxy would look names up by itself, and none of ours would be checked.
            .proxy(None)
            .user_agent(concat!("nextread/", env!("CARGO_PKG_VERSION")))
            .accept("*/*")
            .max_response_header_size(limits.header_bytes)
            .input_buffer_size(limits.header_bytes + HEADER_SLACK_BYTES)
            .output_buffer_size(REQUEST_BYTES_MAX)
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_per_read(Some(limits.idle))
            .timeout_per_write(Some(limits.idle))
            .max_idle_connections_per_host(limits.per_host)
            .build();
        Agent::with_parts(config, DefaultConnector::default(), resolver)
    }
}

/// The way from a URL to where it leads.
struct Way {
    at: Url,
    seen: Vec<Url>,
    moved: Option<Url>,
    /// Whether all redirects until now were for good.
    for_good: bool,
}

impl Way {
    fn new(url: Url) -> Way {
        Way { seen: vec![url.clone()], at: url, moved: None, for_good: true }
    }

    /// Says where it began and, where that is elsewhere, where it is now.
    fn name(&self) -> String {
        if self.seen.len() > 1 { format!("{} leads to {}", self.seen[0], self.at) } else { self.at.to_string() }
    }

    fn follow(&mut self, target: &str, status: StatusCode, redirects_max: usize) -> Result<(), FetchError> {
        let url = || self.seen[0].to_string();
        let broken = |fault| FetchError::Broken { url: url(), fault: format!("it leads to \"{target}\", {fault}") };
        let mut next = self.at.join(target).map_err(broken)?;
        next.set_fragment(None);
        if self.at.scheme() == "https" && next.scheme() == "http" {
            return Err(FetchError::Refused { url: url(), refusal: Refusal::Downgrade(next.to_string()) });
        }
        if self.seen.contains(&next) {
            return Err(FetchError::Circle { url: url() });
        }
        if self.seen.len() > redirects_max {
            return Err(FetchError::TooManyRedirects { url: url(), limit: redirects_max });
        }
        self.for_good &= matches!(status.as_u16(), 301 | 308);
        if self.for_good {
            self.moved = Some(next.clone());
        }
        self.seen.push(next.clone());
        self.at = next;
        Ok(())
    }

    fn answer(self, body: BodyState, headers: &HeaderMap) -> Answer {
        Answer {
            body,
            final_url: self.at,
            moved: self.moved,
            etag: text(headers, &header::ETAG),
            last_modified: text(headers, &header::LAST_MODIFIED),
            content_type: text(headers, &header::CONTENT_TYPE),
        }
    }
}

fn redirect(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let leads_on = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    text(headers, &header::LOCATION).filter(|_| leads_on)
}

/// Returns a header as text; addresses may hold bytes beyond ASCII.
fn text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    let bytes = headers.get(name)?.as_bytes();
    Some(String::from_utf8_lossy(bytes).trim().to_owned()).filter(|text| !text.is_empty())
}

/// Returns how long to wait before a further try, the first being number 0.
pub(super) fn backoff(limits: &Limits, tries: u32, fault: &FetchError) -> Option<Duration> {
    if tries >= limits.retries || !fault.may_pass() {
        return None;
    }
    let own = limits.backoff * 2_u32.saturating_pow(tries);
    match fault {
        FetchError::Status { retry_after: Some(wait), .. } => (*wait <= limits.retry_after).then(|| own.max(*wait)),
        _ => Some(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{SocketAddr, TcpListener};
    use ureq::config::Config;
    use ureq::http::Uri;
    use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
    use ureq::unversioned::transport::NextTimeout;

    /// Any name leads to one address, checked or not.
    #[derive(Debug, Clone)]
    struct Leads(SocketAddr);

    impl Lookup for Leads {
        fn addresses(&self, _: &str, _: u16) -> std::io::Result<Vec<SocketAddr>> {
            Ok(vec![self.0])
        }
    }

    impl Resolver for Leads {
        fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let mut addresses = self.empty();
            addresses.push(self.0);
            Ok(addresses)
        }
    }

    fn get(client: &Client, canary: &TcpListener) -> (String, bool) {
        let url = Url::parse("http://blog.example/").unwrap();
        let request = Request {
            url: &url,
            guard: &Guard::default(),
            etag: None,
            last_modified: None,
            bytes_max: 9,
            into: Path::new(""),
        };
        let fault = client.get(&request, &mut Vec::new()).unwrap_err().to_string();
        canary.set_nonblocking(true).unwrap();
        (fault, canary.accept().is_ok())
    }

    /// Without the second check a name leads wherever it likes: it is that check which keeps it out.
    #[test]
    fn a_name_that_leads_inside_is_found_by_the_second_check_only() {
        let canary = TcpListener::bind("127.0.0.1:0").unwrap();
        let leads = Leads(canary.local_addr().unwrap());
        let limits = Limits { idle: Duration::from_millis(50), ..Limits::default() };
        let client = Client::new(limits, Arc::new(leads.clone()));
        let (fault, reached) = get(&client, &canary);
        assert!(fault.contains("blog.example leads to 127.0.0.1, which is not a public address"), "{fault}");
        assert!(!reached);

        let unchecked = client.agent_with(leads);
        client.agents.lock().unwrap().push((Guard::default(), unchecked));
        client.agents.lock().unwrap().swap_remove(0);
        let (fault, reached) = get(&client, &canary);
        assert!(fault.contains("took too long (without a byte, over 50 ms)"), "{fault}");
        assert!(reached);
    }
}
