//! Over the wire: asking witnesses, and reading a log. What comes is believed for its signatures alone, so that it
//! does not matter who carries it.

use std::{fmt, io::Read, time::Duration};

use domain::journal::{Courier, Letter, Reply};
use tlog::{Resource, Source};
use ureq::Agent;

/// Seconds that an answer may take. A witness that is slower is asked again in the next round.
const SECONDS_MAX: u64 = 6;
/// Bytes of a witness's answer.
const REPLY_BYTES_MAX: u64 = 64 * 1024;

/// `goes_astray`: is led on by redirects and by what the machine's settings say of proxies.
fn agent(goes_astray: bool) -> Agent {
    let mut config = Agent::config_builder();
    if !goes_astray {
        config = config.max_redirects(0).max_redirects_will_error(false).proxy(None);
    }
    config
        .timeout_global(Some(Duration::from_secs(SECONDS_MAX)))
        .http_status_as_error(false)
        .user_agent("olzii")
        .build()
        .into()
}

/// Asks witnesses by POST.
pub struct Post(Agent);

impl Post {
    pub fn new() -> Self {
        // Where a witness would lead the server is none of its business.
        Self(agent(false))
    }
}

impl Courier for Post {
    fn send(&self, letter: &Letter) -> Result<Reply, String> {
        let request = self.0.post(&letter.address).content_type("text/plain; charset=utf-8");
        let mut response = request.send(&letter.body[..]).map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(REPLY_BYTES_MAX).read_to_vec();
        Ok(Reply { status, body: body.map_err(|error| error.to_string())? })
    }
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
    pub fn new(address: &str) -> Self {
        Self { agent: agent(true), prefix: address.trim_end_matches('/').to_owned() }
    }

    /// A file by its path; none if it is not there.
    pub fn file(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, WebError> {
        let address = format!("{}/{path}", self.prefix);
        let failed = |error: ureq::Error| WebError(format!("{address}: {error}"));
        let mut response = self.agent.get(&address).call().map_err(failed)?;
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
}

impl Source for WebSource {
    type Error = WebError;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, WebError> {
        self.file(&resource.to_string(), resource.bytes_max())
    }
}
