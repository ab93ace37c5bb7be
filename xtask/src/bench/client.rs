//! One kept-alive HTTP/1.1 connection that waits for each answer. The load generator shares its cores with the
//! server, so this does no more than a client must: one write and one or two reads a request, no copies.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

/// Longer than the server's own limit, so that an answer is never cut off here.
const WAIT_SECONDS_MAX: u64 = 60;
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
const HEAD_BYTES_MAX: usize = 64 * 1024;

pub struct Client {
    stream: TcpStream,
    address: SocketAddr,
    /// Lines of the head that go with every request.
    head: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// What is sent with a request.
pub enum Body<'a> {
    None,
    Json(&'a str),
    /// Parts between lines of `--BOUNDARY`.
    Multipart {
        boundary: &'a str,
        bytes: &'a [u8],
    },
}

impl Client {
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(WAIT_SECONDS_MAX)))?;
        let (request, answer) = (Vec::with_capacity(4096), Vec::with_capacity(64 * 1024));
        Ok(Self { stream, address, head: String::new(), request, answer })
    }

    /// Sends these lines with every request, each with its line break.
    pub fn with_head(self, head: String) -> Self {
        Self { head, ..self }
    }

    /// Sends a request and returns the answer's body.
    ///
    /// # Errors
    /// Every status but 2xx, with the beginning of the body.
    pub fn call(&mut self, method: &str, path: &str, token: &str, body: &Body<'_>) -> Result<&[u8]> {
        let (status, body) = self.ask(method, path, token, body)?;
        if !(200..300).contains(&status) {
            let text = String::from_utf8_lossy(&body[..body.len().min(600)]);
            bail!("{method} {path} was answered with {status}: {text}");
        }
        Ok(body)
    }

    /// Sends a request and returns the answer's status and body, whatever it is.
    pub fn ask(&mut self, method: &str, path: &str, token: &str, body: &Body<'_>) -> Result<(u16, &[u8])> {
        self.write_request(method, path, token, body)?;
        self.stream.write_all(&self.request).with_context(|| format!("{method} {path}"))?;
        let (status, start) = self.read_answer().with_context(|| format!("{method} {path}"))?;
        Ok((status, &self.answer[start..]))
    }

    fn write_request(&mut self, method: &str, path: &str, token: &str, body: &Body<'_>) -> Result<()> {
        let request = &mut self.request;
        request.clear();
        write!(request, "{method} {path} HTTP/1.1\r\nhost: {}\r\n{}", self.address, self.head)?;
        if !token.is_empty() {
            write!(request, "authorization: Bearer {token}\r\n")?;
        }
        let bytes = match body {
            Body::None => {
                request.extend_from_slice(b"\r\n");
                return Ok(());
            }
            Body::Json(text) => {
                request.extend_from_slice(b"content-type: application/json\r\n");
                text.as_bytes()
            }
            Body::Multipart { boundary, bytes } => {
                write!(request, "content-type: multipart/form-data; boundary={boundary}\r\n")?;
                bytes
            }
        };
        write!(request, "content-length: {}\r\n\r\n", bytes.len())?;
        request.extend_from_slice(bytes);
        Ok(())
    }

    /// Status, and where the body starts in `self.answer`, which then holds the whole answer.
    fn read_answer(&mut self) -> Result<(u16, usize)> {
        self.answer.clear();
        let start = loop {
            self.read_more()?;
            if let Some(at) = text(&self.answer).find("\r\n\r\n") {
                break at + 4;
            }
            ensure!(self.answer.len() < HEAD_BYTES_MAX, "the head of the answer has no end");
        };
        let head = text(&self.answer[..start]);
        let status = head.get(9..12).and_then(|digits| digits.parse().ok());
        let status = status.with_context(|| format!("no status in {:?}", head.lines().next()))?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        });
        let length =
            if status == 204 { 0 } else { length.context("the answer names no content-length")?? };
        ensure!(length <= BODY_BYTES_MAX, "an answer of {length} bytes");
        while self.answer.len() < start + length {
            self.read_more()?;
        }
        ensure!(self.answer.len() == start + length, "the server sent more than its content-length");
        Ok((status, start))
    }

    fn read_more(&mut self) -> Result<()> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk)?;
        ensure!(count > 0, "the server closed the connection");
        self.answer.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

/// Whether `body` holds `wanted`; cheaper than reading it as JSON.
pub fn holds(body: &[u8], wanted: &str) -> bool {
    text(body).contains(wanted)
}

/// `bytes` up to the first that is no UTF-8, such as half a character at the end of a read. Text is searched by the
/// standard library's own compiled code, bytes would be by ours, which is not optimised.
fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    /// A server that answers each request it reads with the next of `answers`, in two pieces.
    fn serve(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            for answer in answers {
                let mut bytes = [0; 4096];
                assert!(stream.read(&mut bytes).unwrap() > 0);
                let (first, second) = answer.split_at(answer.len() / 2);
                stream.write_all(first.as_bytes()).unwrap();
                stream.write_all(second.as_bytes()).unwrap();
            }
        });
        address
    }

    #[test]
    fn one_connection_takes_several_answers_and_a_refusal_is_loud() {
        let address = serve(&[
            "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nfirst",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-long: yes\r\n\r\n",
            "HTTP/1.1 409 Conflict\r\ncontent-length: 9\r\n\r\nconflict!",
        ]);
        let mut client = Client::connect(address).unwrap();
        assert_eq!(client.call("POST", "/a", "token", &Body::Json("{}")).unwrap(), b"first");
        assert_eq!(client.call("GET", "/b", "", &Body::None).unwrap(), b"");
        let error = client.call("GET", "/c", "", &Body::None).unwrap_err().to_string();
        assert!(error.contains("GET /c was answered with 409: conflict!"), "{error}");
    }
}
