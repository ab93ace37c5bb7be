//! Serves a city, and does what its clock demands.

use std::{
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;
use domain::{
    City, Ctx, Refusal, account, burden, calendar, campaign, case, checkpoint, evaluation, form, journal,
    notice, pass, statistic, supervision, withholding,
};
use web::{App, Gateways, Settings};

use crate::{Listen, Place, data, log};

/// Between two transactions that enter cases in pages: about as long as one takes.
const SETTLE_PAUSE: Duration = Duration::from_millis(100);
/// Seconds between two looks at the deadlines.
const TICK_SECONDS: u64 = 20;
/// Looks between two rounds of deleting what is past its retention.
const TICKS_PER_CLEANING: u64 = 180;
/// Threads that may wait for the disk; what comes beyond waits in line. Memory grows with them.
const BLOCKING_THREADS_MAX: usize = 32;
/// Seconds that running requests get at the end.
const GRACE_SECONDS: u64 = 10;

#[derive(Args, Clone, Debug)]
pub struct ServeArguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    listen: Listen,
}

pub fn run(arguments: &ServeArguments) -> anyhow::Result<()> {
    let city = data::open(&arguments.place)?;
    serve(city, &arguments.listen, None, |_| {})
}

/// Serves until a signal comes. `ready` is told the address that is listened to.
pub fn serve(
    city: Arc<City>,
    listen: &Listen,
    demo_logins: Option<(Vec<(String, String)>, String)>,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    must_be_guarded(listen)?;
    if listen.https && listen.gateway.is_empty() {
        tracing::warn!(
            "no --gateway is named: everybody who comes through one counts as one sender, and waits for what others try"
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("olzii")
        .enable_all()
        .build()?;
    let stop = Arc::new(AtomicBool::new(false));
    let clock = std::thread::spawn({
        let (city, stop) = (city.clone(), stop.clone());
        move || keep_time(&city, &stop)
    });
    let sealer = std::thread::spawn({
        let (city, stop) = (city.clone(), stop.clone());
        move || log::seal::keep(&city, &stop)
    });
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}: is another server there?", listen.listen))?;
        let address = listener.local_addr()?;
        let public_url = listen.public_url.clone();
        let gateways = Gateways { addresses: listen.gateway.clone(), header: listen.gateway_header.into() };
        let app = App::new(city, Settings { secure: listen.https, demo_logins, gateways, public_url, pass_bundle: pass_bundle(listen) });
        let service = web::router(app).into_make_service_with_connect_info::<SocketAddr>();
        ready(address);
        println!("ready http://{address}");
        std::io::stdout().flush()?;
        let (asked, mut ask) = tokio::sync::watch::channel(false);
        let server = axum::serve(listener, service).with_graceful_shutdown(async move {
            signal().await;
            let _ = asked.send(true);
        });
        tokio::select! {
            outcome = server => outcome?,
            // A viewer of the live map never ends by itself.
            () = async { let _ = ask.wait_for(|asked| *asked).await; tokio::time::sleep(Duration::from_secs(GRACE_SECONDS)).await; } => {}
        }
        anyhow::Ok(())
    })?;
    stop.store(true, Ordering::SeqCst);
    clock.thread().unpark();
    sealer.thread().unpark();
    runtime.shutdown_timeout(Duration::from_secs(GRACE_SECONDS));
    let _ = (clock.join(), sealer.join());
    Ok(())
}

/// Of the file that is named, read whenever it is asked for; without one, the city's own.
fn pass_bundle(listen: &Listen) -> Option<web::checkpoint::BundleSource> {
    let Some(path) = listen.pass_bundle.clone() else {
        return Some(Arc::new(|city| match pass::bundle(&Ctx::anonymous(city.clone())) {
            Ok((bytes, _)) => Ok(Some(bytes)),
            Err(Refusal::NotFound) => Ok(None),
            Err(refusal) => Err(refusal),
        }));
    };
    let broken = |path: &Path, error| Refusal::Broken(format!("{}: {error}", path.display()));
    Some(Arc::new(move |_| {
        std::fs::read(&path).map(Some).map_err(|error: std::io::Error| broken(&path, error))
    }))
}

/// Plain HTTP is spoken with this machine alone.
pub fn must_be_guarded(listen: &Listen) -> anyhow::Result<()> {
    if !listen.https && !listen.listen.ip().is_loopback() {
        bail!(
            "{} can be reached from other machines: put an HTTPS gateway before it and add --https, or listen on 127.0.0.1",
            listen.listen
        );
    }
    Ok(())
}

pub async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
}

/// Enters in the pages of the evaluation what has changed; looks at the deadlines in between when there is much of it, and
/// leaves others time to write.
fn settle(city: &Arc<City>, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        match evaluation::settle(city) {
            Ok(true) => std::thread::park_timeout(SETTLE_PAUSE),
            Ok(false) => return,
            Err(refusal) => {
                tracing::error!(%refusal, "the evaluation's pages are behind; figures stay right, and the next round goes on");
                return;
            }
        }
        if let Err(refusal) = case::tick(city) {
            tracing::error!(%refusal, "the deadlines were not looked at; the next round makes up for it");
        }
    }
}

/// Deadlines, escalation and retention, for as long as the server runs.
fn keep_time(city: &Arc<City>, stop: &AtomicBool) {
    let mut ticks = 0_u64;
    while !stop.load(Ordering::SeqCst) {
        let looked = case::tick(city).and_then(|_| supervision::tick(city));
        if let Err(refusal) = looked {
            tracing::error!(%refusal, "the deadlines were not looked at; the next round makes up for it");
        }
        if let Err(refusal) = campaign::tick(&Ctx::system(city.clone())) {
            tracing::error!(%refusal, "the days of campaigns were not looked at; the next round makes up for it");
        }
        // Of a year the cases say that all is counted again, so they come last.
        let recounted = supervision::recount(city).and_then(|_| evaluation::recount(city));
        match recounted.and_then(|_| case::recount(city)) {
            Ok(0) => {}
            Ok(moved) => tracing::info!(moved, "deadlines were counted again by a calendar that was entered"),
            Err(refusal) => {
                tracing::error!(%refusal, "deadlines were not counted again; the next round makes up for it");
            }
        }
        settle(city, stop);
        if let Err(refusal) = evaluation::remind(&Ctx::system(city.clone())) {
            tracing::error!(%refusal, "nobody was told of claims that wait; the next round makes up for it");
        }
        if let Err(refusal) = withholding::tick(&Ctx::system(city.clone())) {
            tracing::error!(%refusal, "nobody was told what is withheld no more; the next round makes up for it");
        }
        if ticks.is_multiple_of(TICKS_PER_CLEANING) {
            let ctx = Ctx::system(city.clone());
            let cleaned = account::expire(&ctx)
                .and_then(|_| notice::forget(&ctx))
                .and_then(|_| case::forget_reporters(&ctx))
                .and_then(|_| case::forget_photos(&ctx))
                .and_then(|_| form::forget(&ctx))
                .and_then(|_| campaign::forget(&ctx))
                .and_then(|_| burden::forget(&ctx))
                .and_then(|_| statistic::forget(&ctx))
                .and_then(|_| checkpoint::forget(&ctx))
                .and_then(|_| withholding::forget(&ctx))
                .and_then(|_| journal::forget(&ctx));
            if let Err(refusal) = statistic::count(city) {
                tracing::error!(%refusal, "the city's tables were not counted into its statistics; the next round makes up for it");
            }
            match calendar::warn(&ctx) {
                Ok(None) => {}
                Ok(Some(year)) => tracing::warn!(year, "the holidays of a year that is near are not entered"),
                Err(refusal) => tracing::error!(%refusal, "it was not looked whether a year is missing"),
            }
            if let Err(refusal) = cleaned {
                tracing::error!(%refusal, "what is past its retention was not deleted; the next round makes up for it");
            }
        }
        ticks += 1;
        std::thread::park_timeout(Duration::from_secs(TICK_SECONDS));
    }
}
