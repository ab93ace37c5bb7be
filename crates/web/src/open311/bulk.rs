//! All that is published of a span of time, as a table and as GeoJSON, one request a line. Read and sent
//! block by block, so that neither side holds the whole.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    Ctx, Cursor, Refusal,
    case::{self, Published, Wanted},
};
use open311::{BulkRow, Form, Format, Request, RequestQuery, bulk_header, bulk_row, feature_line};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use super::{
    answer::Failure,
    asked::{check_jurisdiction, run},
    request::wanted,
    view,
};
use crate::{app::Shared, locale::Translator, visitor::Visitor};

/// Requests in one block.
const BLOCK_ROWS: usize = 500;
/// Blocks that wait for a slow reader.
const WAITING_MAX: usize = 2;

/// Exports at once: each holds some blocks and reads up to three months.
const EXPORTS_MAX: usize = 4;
static EXPORTS: Semaphore = Semaphore::const_new(EXPORTS_MAX);
/// How long one block may wait for its reader.
const SEND_SECONDS_MAX: Duration = Duration::from_secs(20);

/// How the lines of an export are written.
#[derive(Clone, Copy)]
enum Lines {
    Csv,
    GeoJson,
}

pub async fn csv(State(app): State<Shared>, visitor: Visitor, uri: Uri, headers: HeaderMap) -> Response {
    export(app, visitor, uri, headers, Lines::Csv).await
}

pub async fn geojson_lines(
    State(app): State<Shared>,
    visitor: Visitor,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    export(app, visitor, uri, headers, Lines::GeoJson).await
}

async fn export(app: Shared, visitor: Visitor, uri: Uri, headers: HeaderMap, lines: Lines) -> Response {
    let words = visitor.translator();
    let asked = run(app.clone(), move |app| {
        app.guard.open311(visitor.address)?;
        let ctx = Ctx::anonymous(app.city.clone());
        let form = Form::urlencoded(uri.query().unwrap_or_default().as_bytes());
        let form = form.map_err(|fault| Failure::Arguments(vec![fault]))?;
        check_jurisdiction(&ctx, &form, &headers)?;
        Ok(wanted(&RequestQuery::read(&form, ctx.now.micros())?))
    });
    let permit = EXPORTS.try_acquire();
    let asked = asked.await.and_then(|wanted| {
        permit.map(|it| (wanted, it)).map_err(|_| Refusal::TooMany { retry_after_seconds: 30 }.into())
    });
    match asked {
        Ok((wanted, permit)) => {
            let kind = match lines {
                Lines::Csv => "text/csv; charset=utf-8",
                Lines::GeoJson => "application/x-ndjson; charset=utf-8",
            };
            (StatusCode::OK, [(header::CONTENT_TYPE, kind)], stream(app, words, wanted, lines, permit))
                .into_response()
        }
        Err(failure) => failure.response(Format::Json, &words),
    }
}

/// A block that cannot be read breaks off the answer, so that half of it is not taken for the whole.
fn stream(
    app: Shared,
    words: Translator,
    wanted: Wanted,
    lines: Lines,
    permit: SemaphorePermit<'static>,
) -> Body {
    let (sender, receiver) = mpsc::channel::<Result<Bytes, Refusal>>(WAITING_MAX);
    tokio::spawn(async move {
        let _permit = permit;
        let mut after: Option<Cursor> = None;
        let mut text = if matches!(lines, Lines::Csv) { bulk_header() } else { String::new() };
        loop {
            let (wanted, words, from) = (wanted.clone(), words.clone(), after.take());
            let block = crate::visitor::run(app.clone(), move |app| {
                block(&Ctx::anonymous(app.city.clone()), &words, &wanted, from.as_ref(), lines)
            });
            let (sent, is_last) = match block.await {
                Ok((more, next)) => {
                    text.push_str(&more);
                    after = next;
                    (Ok(std::mem::take(&mut text).into()), after.is_none())
                }
                Err(refusal) => (Err(refusal), true),
            };
            let sending = tokio::time::timeout(SEND_SECONDS_MAX, sender.send(sent));
            if !matches!(sending.await, Ok(Ok(()))) || is_last {
                return;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(receiver).map(|block| block.map_err(std::io::Error::other)))
}

fn block(
    ctx: &Ctx,
    words: &Translator,
    wanted: &Wanted,
    after: Option<&Cursor>,
    lines: Lines,
) -> Result<(String, Option<Cursor>), Refusal> {
    let found = case::published(ctx, wanted, after, 0, BLOCK_ROWS)?;
    let requests = view::requests(ctx, words, &found.items, false)?;
    let line = |(request, case): (&Request, &Published)| match lines {
        Lines::Csv => {
            let group = group(ctx, words, &case.class);
            bulk_row(&BulkRow { request, source: case.source.as_str(), group: &group })
        }
        Lines::GeoJson => feature_line(request),
    };
    Ok((requests.iter().zip(&found.items).map(line).collect(), found.next))
}

fn group(ctx: &Ctx, words: &Translator, class: &str) -> String {
    let major = ctx.city.classes.classes.iter().find(|it| it.minors.iter().any(|it| it.code == class));
    major.map_or_else(String::new, |it| case::words(&it.label, words.language.tag()).to_owned())
}
