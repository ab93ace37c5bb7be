//! The planted fault of the kill run: a front that answers 201 while the server has not committed yet. To a client,
//! front and server together are a server that acknowledges before its commit; the product needs no switch for it.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use anyhow::{Context, Result};

const EARLY_ANSWER: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";

/// Starts a front of the server at `base`; returns the front's own base. It lives as long as this process.
pub fn front_of(base: &str) -> Result<String> {
    let server = base.strip_prefix("http://").context("the base is no http URL")?.to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let front = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = server.clone();
            // An error ends the connection, as when the server behind it is killed.
            thread::spawn(move || pass_on(client, &server));
        }
    });
    Ok(front)
}

/// Hands each request on, answers it at once, and takes the next one when the server has answered too.
fn pass_on(mut client: TcpStream, server: &str) -> Result<()> {
    let mut upstream = TcpStream::connect(server)?;
    let mut requests = BufReader::new(client.try_clone()?);
    let mut answers = BufReader::new(upstream.try_clone()?);
    while let Some(request) = message(&mut requests)? {
        upstream.write_all(&request)?;
        client.write_all(EARLY_ANSWER)?;
        if message(&mut answers)?.is_none() {
            break;
        }
    }
    Ok(())
}

/// One HTTP/1.1 message with a `content-length`, head and body; none at the end of the stream.
fn message(stream: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    loop {
        let start = bytes.len();
        if stream.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&bytes[start..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let head = bytes.len();
    bytes.resize(head + length, 0);
    stream.read_exact(&mut bytes[head..])?;
    Ok(Some(bytes))
}
