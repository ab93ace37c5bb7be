//! `olzii witness`: run by another body. It cosigns only what continues what it saw before.

use std::{
    fs,
    io::{self, Write},
    num::NonZeroU64,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    thread,
};

use anyhow::{Context, bail};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path as UrlPath, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::Args;
use domain::Clock;
use tlog::{CosignerKey, DiskWitness, LogIdentity, Policy, REQUEST_BYTES_MAX, VerifierKey, Witness};
use tokio::sync::Semaphore;

use super::keys;
use crate::{Listen, serve, world::MachineClock};

const KEY: &str = "witness.key";
/// The logs that are witnessed, as lines of a trust policy.
const LOGS: &str = "logs.policy";
const STATE: &str = "state";

#[derive(Args, Clone, Debug)]
pub struct WitnessArguments {
    /// Folder for the key and for what was cosigned last of each log.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    listen: Listen,
    /// What this witness is called in the world, such as `university.example/witness`. At the first start.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The key of a log to witness from now on, as its page `/log` has it. May be given several times.
    #[arg(long, value_name = "VKEY")]
    log: Vec<VerifierKey>,
    /// Begins with an empty memory though this witness has a key: it may then cosign another past than it did before.
    #[arg(long)]
    forget_what_was_seen: bool,
    /// Ends when its input does: when who started it is gone.
    #[arg(long, hide = true)]
    until_input_ends: bool,
}

/// Requests that are looked at side by side: each reads and writes one file, so that more would only queue.
const REQUESTS_AT_ONCE: usize = 8;

pub struct WitnessServer {
    witness: Witness,
    state: DiskWitness,
    places: Arc<Semaphore>,
}

impl WitnessServer {
    /// The witness in `folder`, which gets its name once.
    pub fn open(
        folder: &Path,
        name: Option<&str>,
        new_logs: &[VerifierKey],
        forgets: bool,
    ) -> anyhow::Result<Arc<Self>> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let state = state(folder, forgets)?;
        let key = key(folder, name)?;
        let logs = logs(folder, new_logs)?;
        if logs.is_empty() {
            eprintln!("No log is witnessed yet: give one by --log VKEY.");
        }
        Ok(Arc::new(Self {
            witness: Witness::new(key, logs),
            state,
            places: Arc::new(Semaphore::new(REQUESTS_AT_ONCE)),
        }))
    }

    pub fn verifier(&self) -> &VerifierKey {
        self.witness.key().verifier()
    }
}

/// The key of the witness in `folder`.
pub fn verifier(folder: &Path) -> anyhow::Result<VerifierKey> {
    Ok(key(folder, None)?.verifier().clone())
}

pub fn run(arguments: &WitnessArguments) -> anyhow::Result<()> {
    let WitnessArguments { data, name, log, forget_what_was_seen, until_input_ends, .. } = arguments;
    let server = WitnessServer::open(data, name.as_deref(), log, *forget_what_was_seen)?;
    eprintln!("This witness is {}", server.verifier());
    if *until_input_ends {
        thread::spawn(|| {
            // What comes is nothing to us; that no more comes is.
            io::copy(&mut io::stdin(), &mut io::sink()).ok();
            process::exit(0);
        });
    }
    listen(&arguments.listen, router(server))
}

/// What was cosigned last. It is made before the key, so that a key without it says that it was lost.
fn state(folder: &Path, forgets: bool) -> anyhow::Result<DiskWitness> {
    let path = folder.join(STATE);
    if fs::exists(folder.join(KEY))? && !fs::exists(&path)? && !forgets {
        bail!(
            "{} is gone: without it this witness could cosign another past than it did before. Bring it back, or give \
             --forget-what-was-seen and tell those who rely on this witness",
            path.display()
        );
    }
    Ok(DiskWitness::open(path)?)
}

fn key(folder: &Path, name: Option<&str>) -> anyhow::Result<CosignerKey> {
    let path = folder.join(KEY);
    let (name, seed) = match (keys::read(&path, keys::Kind::Witness)?, name) {
        (Some((held, _)), Some(name)) if held != name => {
            bail!("{} is the key of {held}: a name is given once, at the first start", path.display())
        }
        (Some(key), _) => key,
        (None, Some(name)) => keys::make(&path, keys::Kind::Witness, name)?,
        (None, None) => bail!("a witness has a name of its own: give it by --name, at the first start"),
    };
    Ok(CosignerKey::new(&name, &seed)?)
}

/// The logs of the file, and those that are new.
fn logs(folder: &Path, new: &[VerifierKey]) -> anyhow::Result<Vec<LogIdentity>> {
    let path = folder.join(LOGS);
    let mut text = match path.exists() {
        true => fs::read_to_string(&path).with_context(|| path.display().to_string())?,
        false => "# The logs that are witnessed here.\nquorum none\n".to_owned(),
    };
    let read = |text: &str| text.parse::<Policy>().with_context(|| path.display().to_string());
    for key in new {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if !read(&text)?.logs().iter().any(|it| it.keys.contains(key)) {
            text.push_str(&format!("log {key}\n"));
        }
    }
    let policy = read(&text)?;
    keys::replace(&path, text.as_bytes(), 0o644)?;
    Ok(policy.logs().to_vec())
}

fn listen(listen: &Listen, router: Router) -> anyhow::Result<()> {
    serve::must_be_guarded(listen)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen.listen).await;
        let listener = listener
            .with_context(|| format!("cannot listen on {}: is another server there?", listen.listen))?;
        println!("ready http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        axum::serve(listener, router).with_graceful_shutdown(serve::signal()).await?;
        anyhow::Ok(())
    })
}

pub fn router(server: Arc<WitnessServer>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add))
        .route("/{origin}/checkpoint", get(latest))
        .route("/", get(about))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX + 1))
        .with_state(server)
}

async fn add(State(server): State<Arc<WitnessServer>>, body: Bytes) -> Response {
    let seconds = u64::try_from(MachineClock.now().micros() / 1_000_000).ok();
    let Some(now) = seconds.and_then(NonZeroU64::new) else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "this machine does not know the time\n").into_response();
    };
    // Who is turned away comes again in its next round.
    let Ok(place) = server.places.clone().try_acquire_owned() else {
        let busy = (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], "this witness is busy\n");
        return busy.into_response();
    };
    // What is cosigned is on the disk before it is answered. Who hangs up makes no room for another sooner.
    let cosign = move || {
        let answer = server.witness.add_checkpoint(&server.state, &body, now);
        drop(place);
        answer
    };
    answer(cosign).await
}

async fn latest(State(server): State<Arc<WitnessServer>>, UrlPath(origin): UrlPath<String>) -> Response {
    answer(move || server.witness.checkpoint(&server.state, &origin)).await
}

async fn about(State(server): State<Arc<WitnessServer>>) -> String {
    format!("{}\n", server.verifier())
}

async fn answer(work: impl FnOnce() -> tlog::Response + Send + 'static) -> Response {
    let Ok(it) = tokio::task::spawn_blocking(work).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let status = StatusCode::from_u16(it.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, it.content_type)], it.body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_keeps_its_name_and_its_logs() {
        let folder = tempfile::tempdir().unwrap();
        assert!(key(folder.path(), None).unwrap_err().to_string().contains("--name"));
        drop(state(folder.path(), false).unwrap());
        let made = key(folder.path(), Some("university.example/witness")).unwrap();
        let again = key(folder.path(), None).unwrap();
        assert_eq!(again.verifier(), made.verifier());
        let other = key(folder.path(), Some("somebody.else")).unwrap_err().to_string();
        assert!(other.contains("is the key of university.example/witness"), "{other}");

        fs::remove_dir_all(folder.path().join(STATE)).unwrap();
        let lost = state(folder.path(), false).unwrap_err().to_string();
        assert!(lost.contains("could cosign another past"), "{lost}");
        drop(state(folder.path(), true).unwrap());

        let log = |name: &str, seed| tlog::LogKey::new(name, &[seed; 32]).unwrap().verifier().clone();
        let (city, other) = (log("city.example/journal", 1), log("other.example/journal", 2));
        assert!(logs(folder.path(), &[]).unwrap().is_empty());
        assert_eq!(logs(folder.path(), &[city.clone(), other.clone()]).unwrap().len(), 2);
        assert_eq!(logs(folder.path(), &[city]).unwrap().len(), 2, "one that is known is not added again");
        let next = log("other.example/journal", 3);
        let with_two_keys = logs(folder.path(), &[next]).unwrap();
        assert_eq!(with_two_keys.iter().map(|it| it.keys.len()).collect::<Vec<_>>(), [1, 2]);
    }
}
