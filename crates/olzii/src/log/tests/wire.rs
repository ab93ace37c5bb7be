//! Logs that are read over TLS, and from servers that are busy, lead astray or send too much.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Response, StatusCode, header},
    routing::any,
};
use domain::journal::{self, Courier, Letter};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer};

use super::{Machines, bad, check, good, write_entries};
use crate::log::{
    http::Post,
    verify::{VerifyArguments, verify},
};

/// A site with a log of ten entries.
fn site(machines: &Machines) -> String {
    let (city, _) = machines.city_and_witness();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    machines.serve(web::router(web::App::new(city, web::Settings::default())))
}

/// Something in front of `site` that speaks TLS, as `localhost`: its address and its certificate.
fn gateway(machines: &Machines, site: &str) -> (String, PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let path = machines.path("gateway.pem");
    fs::write(&path, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let (config, site) = (Arc::new(config), site.strip_prefix("http://").unwrap().to_owned());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        while let Ok((connection, _)) = listener.accept() {
            // Who does not trust the certificate hangs up, which is no concern of the next.
            let _ = carry(connection, &config, &site);
        }
    });
    (address, path)
}

/// One request, and its answer.
fn carry(connection: TcpStream, config: &Arc<ServerConfig>, site: &str) -> std::io::Result<()> {
    let tls = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
    let mut tls = StreamOwned::new(tls, connection);
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tls.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    request.truncate(request.len() - 2);
    request.extend(b"connection: close\r\n\r\n");
    let mut behind = TcpStream::connect(site)?;
    behind.write_all(&request)?;
    let mut answer = Vec::new();
    behind.read_to_end(&mut answer)?;
    tls.write_all(&answer)?;
    tls.conn.send_close_notify();
    tls.flush()
}

#[test]
fn a_log_is_read_over_tls_from_whom_the_machine_or_the_given_certificates_trust() {
    let machines = Machines::new();
    let (address, certificate) = gateway(&machines, &site(&machines));
    let policy = Some(machines.path("city/log.policy"));
    let trusted = VerifyArguments {
        policy: policy.clone(),
        certificates: Some(certificate.clone()),
        ..check(&address)
    };
    let lines = good(&trusted).lines.join("\n");
    assert!(lines.contains("10 entries") && lines.contains("cosigned by university"), "{lines}");
    let unknown = verify(&VerifyArguments { policy, ..check(&address) }).unwrap_err().to_string();
    assert!(unknown.contains("ertificate"), "{unknown}");

    // A witness behind such a gateway is asked with the same trust, for a log in a folder too.
    let text = fs::read_to_string(machines.path("city/log.policy")).unwrap();
    let witness = text.split_whitespace().find(|it| it.starts_with("http")).unwrap().to_owned();
    let (guarded, certificate_of_guard) = gateway(&machines, &witness);
    let policy = machines.path("guarded.policy");
    fs::write(&policy, text.replace(&witness, &guarded)).unwrap();
    let asking = VerifyArguments {
        policy: Some(policy),
        ask_witnesses: true,
        certificates: Some(certificate_of_guard),
        ..check(machines.export("mirror"))
    };
    assert!(good(&asking).lines.join("\n").contains("university saw the checkpoint of 10 entries"));
    let unknown = verify(&VerifyArguments { certificates: None, ..asking }).unwrap_err().to_string();
    assert!(unknown.contains("university was not reached"), "{unknown}");

    let empty = machines.path("empty.pem");
    fs::write(&empty, "x").unwrap();
    let none = verify(&VerifyArguments { certificates: Some(empty), ..check(&address) }).unwrap_err();
    assert!(none.to_string().contains("no certificate"), "{none}");
    let folder = VerifyArguments { certificates: Some(certificate), ..check(machines.path("witness")) };
    assert!(verify(&folder).unwrap_err().to_string().contains("--certificates says nothing of"));
}

/// Before `site`: what it answers in its place, by the number of the request from 0.
fn in_front(
    machines: &Machines,
    site: String,
    answer: impl Fn(u32, &str) -> Option<Response<Body>> + Clone + Send + Sync + 'static,
) -> String {
    let count = Arc::new(AtomicU32::new(0));
    let handle = move |request: Request| {
        let path = request.uri().path().to_owned();
        let own = answer(count.fetch_add(1, Ordering::SeqCst), &path);
        let address = format!("{site}{path}");
        async move {
            if let Some(own) = own {
                return own;
            }
            let fetched = tokio::task::spawn_blocking(move || {
                let mut answer =
                    ureq::get(&address).config().http_status_as_error(false).build().call().unwrap();
                (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
            });
            let (status, bytes) = fetched.await.unwrap();
            Response::builder().status(status).body(Body::from(bytes)).unwrap()
        }
    };
    machines.serve(Router::new().fallback(any(handle)))
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_one_that_stays_so_is_not_called_at_fault() {
    let machines = Machines::new();
    let site = site(&machines);
    let busy = |status: StatusCode| {
        Response::builder().status(status).header(header::RETRY_AFTER, "0").body(Body::empty()).unwrap()
    };
    let every_other = in_front(&machines, site.clone(), move |number, _| match number % 4 {
        0 => Some(busy(StatusCode::TOO_MANY_REQUESTS)),
        1 => Some(busy(StatusCode::SERVICE_UNAVAILABLE)),
        _ => None,
    });
    good(&check(&every_other));
    let always = in_front(&machines, site, move |_, _| Some(busy(StatusCode::SERVICE_UNAVAILABLE)));
    let error = verify(&check(&always)).unwrap_err().to_string();
    assert!(error.contains("answered 503"), "not checked, which is no fault of the log: {error}");
}

#[test]
fn a_file_that_is_too_long_is_a_fault_of_the_log() {
    let machines = Machines::new();
    let long = |_, path: &str| path.contains("tile/0/").then(|| Response::new(Body::from(vec![7; 100_000])));
    bad(&check(in_front(&machines, site(&machines), long)), &["tile/0/000"]);
}

#[test]
fn a_witness_leads_the_server_nowhere() {
    let machines = Machines::new();
    let reached = Arc::new(AtomicU32::new(0));
    let inside = {
        let reached = reached.clone();
        let handle = move || {
            reached.fetch_add(1, Ordering::SeqCst);
            async { "secret" }
        };
        machines.serve(Router::new().fallback(any(handle)))
    };
    let witness = in_front(&machines, inside.clone(), move |_, _| {
        let lead =
            Response::builder().status(StatusCode::TEMPORARY_REDIRECT).header(header::LOCATION, &inside);
        Some(lead.body(Body::empty()).unwrap())
    });
    let letter = Letter { address: format!("{witness}/add-checkpoint"), body: b"old 0\n".to_vec() };
    let reply = Post::new().send(&letter).unwrap();
    assert_eq!((reply.status, reached.load(Ordering::SeqCst)), (307, 0));
}
