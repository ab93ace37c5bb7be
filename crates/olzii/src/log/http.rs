//! Over the wire: asking witnesses, and reading a log. What comes is believed for its signatures alone, so that it
//! does not matter who carries it; TLS is spoken because some addresses speak nothing else.

use std::{fmt, fs, io::Read, path::Path, sync::Arc, thread, time::Duration};

use anyhow::{Context, bail};
use domain::journal::{Courier, Letter, Reply};
use tlog::{Resource, Source};
use ureq::{
    Agent, Body,
    http::{Response, header::RETRY_AFTER},
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

/// Seconds that an answer may take. A witness that is slower is asked again in the next round.
const SECONDS_MAX: u64 = 6;
/// Bytes of a witness's answer.
const REPLY_BYTES_MAX: u64 = 64 * 1024;
/// Times that a file is asked for from a server that says it is busy.
const TRIES_MAX: u8 = 5;
/// Seconds that are waited in between, whatever the server says.
const WAIT_SECONDS_MAX: u64 = 30;
const TOO_MANY: u16 = 429;
const UNAVAILABLE: u16 = 503;

/// `goes_astray`: is led on by redirects and by what the machine's settings say of proxies.
fn agent(goes_astray: bool, trusted: RootCerts) -> Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(trusted)
        .build();
    let mut config = Agent::config_builder();
    if !goes_astray {
        config = config.max_redirects(0).max_redirects_will_error(false).proxy(None);
    }
    config
        .tls_config(tls)
        .timeout_global(Some(Duration::from_secs(SECONDS_MAX)))
        .http_status_as_error(false)
        .user_agent("olzii")
        .build()
        .into()
}

/// The certificates in a PEM file, to be trusted in place of those that the machine trusts.
pub fn certificates(path: &Path) -> anyhow::Result<RootCerts> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let mut found = Vec::new();
    for item in parse_pem(&bytes) {
        if let PemItem::Certificate(it) = item.with_context(|| path.display().to_string())? {
            found.push(it);
        }
    }
    if found.is_empty() {
        bail!("{} holds no certificate in PEM", path.display());
    }
    Ok(RootCerts::from(found))
}

/// Asks witnesses.
pub struct Post(Agent);

impl Post {
    pub fn new() -> Self {
        // Where a witness would lead the server is none of its business.
        Self(agent(false, RootCerts::PlatformVerifier))
    }
}

impl Courier for Post {
    fn send(&self, letter: &Letter) -> Result<Reply, String> {
        let request = self.0.post(&letter.address).content_type("text/plain; charset=utf-8");
        reply(request.send(&letter.body[..]))
    }

    fn fetch(&self, address: &str) -> Result<Reply, String> {
        reply(self.0.get(address).call())
    }
}

fn reply(answered: Result<Response<Body>, ureq::Error>) -> Result<Reply, String> {
    let mut response = answered.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(REPLY_BYTES_MAX).read_to_vec();
    Ok(Reply { status, body: body.map_err(|error| error.to_string())? })
}

/// The public files of a log under an address.
pub struct WebSource {
    agent: Agent,
    prefix: String,
}

#[derive(Debug)]
pub struct WebError(String);

impl fmt::Display for WebError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for WebError {}

impl WebSource {
    pub fn new(address: &str, trusted: RootCerts) -> Self {
        Self { agent: agent(true, trusted), prefix: address.trim_end_matches('/').to_owned() }
    }

    /// A file by its path; none if it is not there.
    pub fn file(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, WebError> {
        let address = format!("{}/{path}", self.prefix);
        let mut response = self.ask(&address)?;
        match response.status().as_u16() {
            200 => {
                // One byte more tells that it is too long, which is the log's fault and not the connection's.
                let mut bytes = Vec::new();
                let mut body = response.body_mut().as_reader().take(bytes_max as u64 + 1);
                body.read_to_end(&mut bytes).map_err(|error| WebError(format!("{address}: {error}")))?;
                Ok(Some(bytes))
            }
            404 => Ok(None),
            status => Err(WebError(format!("{address} answered {status}"))),
        }
    }

    /// Asks again, when it says, a server that is busy: a whole log is many files.
    fn ask(&self, address: &str) -> Result<Response<Body>, WebError> {
        let mut tries = 1;
        loop {
            let answered = self.agent.get(address).call();
            let response = answered.map_err(|error| WebError(format!("{address}: {error}")))?;
            let is_busy = matches!(response.status().as_u16(), TOO_MANY | UNAVAILABLE);
            if !is_busy || tries == TRIES_MAX {
                return Ok(response);
            }
            let asked = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.parse().ok());
            thread::sleep(Duration::from_secs(asked.unwrap_or(1).min(WAIT_SECONDS_MAX)));
            tries += 1;
        }
    }
}

impl Source for WebSource {
    type Error = WebError;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, WebError> {
        self.file(&resource.to_string(), resource.bytes_max())
    }
}
