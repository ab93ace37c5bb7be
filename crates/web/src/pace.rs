//! How long a request may take: its body by the pace at which it comes, the work on it from then on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until, timeout},
};
use tokio_stream::StreamExt;

/// Seconds that the work on a request may take once its body is there.
pub const WORK_SECONDS_MAX: u64 = 30;
/// Seconds in which the first of a body has to be there.
const START_SECONDS_MAX: u64 = 30;
/// What a sender has to keep up with from then on: a tenth of what a phone counts on.
const BYTES_PER_SECOND_MIN: u64 = 10 * 1024;
/// Seconds after which a body has to be there whatever its pace: others wait for the memory that it holds.
const BODY_SECONDS_MAX: u64 = 600;

/// What took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// The body did not come.
    Body,
    /// The work was not done.
    Work,
}

/// Runs `work` on a body, within both limits.
pub async fn within<W>(body: Body, work: impl FnOnce(Body) -> W) -> Result<Response, Late>
where
    W: Future<Output = Response>,
{
    let (open, mut closed) = oneshot::channel::<()>();
    let received = Arc::new(AtomicU64::new(0));
    let (has_body, counter) = (!body.is_end_stream(), received.clone());
    let chunks = body.into_data_stream().map(move |chunk| {
        // It goes with the body, when that was read or is left alone.
        let _open = &open;
        let bytes = chunk.as_ref().map_or(0, |it| it.len() as u64);
        counter.fetch_add(bytes, Ordering::Relaxed);
        chunk
    });
    let work = work(Body::from_stream(chunks));
    tokio::pin!(work);
    let started = Instant::now();
    let deadline = || started + allowed(received.load(Ordering::Relaxed));
    if has_body {
        loop {
            tokio::select! {
                response = &mut work => return Ok(response),
                _ = &mut closed => break,
                () = sleep_until(deadline()) => {
                    if Instant::now() >= deadline() {
                        return Err(Late::Body);
                    }
                }
            }
        }
    }
    timeout(Duration::from_secs(WORK_SECONDS_MAX), work).await.map_err(|_| Late::Work)
}

/// After which time a body has to be there of which so many bytes are.
fn allowed(received: u64) -> Duration {
    Duration::from_secs((START_SECONDS_MAX + received / BYTES_PER_SECOND_MIN).min(BODY_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, http::StatusCode, response::IntoResponse};

    use super::*;

    /// As many chunks, one a second.
    fn slow(chunks: u64, bytes: usize) -> Body {
        let chunks = tokio_stream::iter(0..chunks).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::io::Error>(Bytes::from(vec![0; bytes]))
        });
        Body::from_stream(chunks)
    }

    /// Reads a body, then works for so long.
    async fn read(body: Body, work_seconds: u64) -> Result<StatusCode, Late> {
        let work = async |body| {
            let read = axum::body::to_bytes(body, usize::MAX).await;
            tokio::time::sleep(Duration::from_secs(work_seconds)).await;
            if read.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST }.into_response()
        };
        within(body, work).await.map(|it| it.status())
    }

    #[tokio::test(start_paused = true)]
    async fn the_work_has_its_time_after_a_body_that_took_long() {
        assert_eq!(read(slow(120, 100_000), WORK_SECONDS_MAX - 1).await, Ok(StatusCode::OK));
        assert_eq!(read(slow(120, 100_000), WORK_SECONDS_MAX + 1).await, Err(Late::Work));
        assert_eq!(read(Body::empty(), WORK_SECONDS_MAX - 1).await, Ok(StatusCode::OK));
        assert_eq!(read(Body::empty(), WORK_SECONDS_MAX + 1).await, Err(Late::Work));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_or_stops_or_never_ends_is_not_waited_for() {
        assert_eq!(read(slow(1_000, 1_000), 0).await, Err(Late::Body));
        assert_eq!(read(slow(200, 8 * 1024), 0).await, Err(Late::Body));
        assert_eq!(read(slow(200, 12 * 1024), 0).await, Ok(StatusCode::OK));
        let first = tokio_stream::once(Ok::<_, std::io::Error>(Bytes::from_static(b"{")));
        let started = Instant::now();
        assert_eq!(read(Body::from_stream(first.chain(tokio_stream::pending())), 0).await, Err(Late::Body));
        assert_eq!(started.elapsed().as_secs(), START_SECONDS_MAX);
        let started = Instant::now();
        assert_eq!(read(slow(u64::MAX, 1_000_000), 0).await, Err(Late::Body));
        assert_eq!(started.elapsed().as_secs(), BODY_SECONDS_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_left_alone_is_not_waited_for() {
        let ignore = async |body: Body| {
            drop(body);
            tokio::time::sleep(Duration::from_secs(WORK_SECONDS_MAX + 1)).await;
            StatusCode::OK.into_response()
        };
        let late =
            within(Body::from_stream(tokio_stream::pending::<Result<Bytes, std::io::Error>>()), ignore);
        assert_eq!(late.await.map(|it| it.status()), Err(Late::Work));
    }
}
