//! Reading requests: many, one, and the one of a token.

use std::collections::BTreeSet;

use axum::response::Response;
use domain::{
    Cursor, Refusal,
    case::{self, Published, Span, Wanted},
};
use kernel::{Case, Id, Timestamp};
use open311::{EXTENDED_ROWS_MAX, Page, ROWS_MAX, RequestQuery, Status, Window, requests};

use super::{
    answer::{Answer, Failure},
    asked::{Asked, Reading},
    view,
};

/// Requests that a page may lie behind, unless it is reached by the link of the page before.
const SKIPPED_MAX: usize = 10_000;

pub async fn list(asked: Asked) -> Response {
    asked
        .read(|it| {
            let query = RequestQuery::read(it.form, it.ctx.now.micros())?;
            match &query.ids {
                Some(ids) => by_ids(it, ids, query.extensions),
                None => page(it, &query),
            }
        })
        .await
}

/// Those of these ids that there are, latest first.
fn by_ids(it: &Reading<'_>, ids: &[String], extensions: bool) -> Result<Answer, Failure> {
    let ids: BTreeSet<Id<Case>> = ids.iter().filter_map(|text| text.parse().ok()).collect();
    let mut found = case::published_among(it.ctx, &ids)?;
    found.sort_by_key(|it| std::cmp::Reverse((it.reported_at, it.id)));
    Ok(requests(&view::requests(it.ctx, it.words, &found, extensions)?).into())
}

/// What a query asks for, in the engine's terms.
pub fn wanted(query: &RequestQuery) -> Wanted {
    let at = Timestamp::from_micros;
    Wanted {
        span: match query.window {
            Window::Requested { from, to } => Span::Reported { from: at(from), to: at(to) },
            Window::Updated { after, to } => Span::Changed { after: at(after), to: at(to) },
        },
        classes: query.service_codes.clone(),
        is_open: query.status.map(|it| it == Status::Open),
        within: query.within.map(|it| [it.west, it.south, it.east, it.north]),
    }
}

fn page(it: &Reading<'_>, query: &RequestQuery) -> Result<Answer, Failure> {
    let most = if query.extensions { EXTENDED_ROWS_MAX } else { ROWS_MAX };
    let page = query.page.unwrap_or(Page { number: 1, rows: most });
    let rows = page.rows.min(most);
    let after = it.form.text("cursor").map(Cursor::decode).transpose()?;
    let skip = if after.is_some() { 0 } else { (page.number - 1) * rows };
    if skip > SKIPPED_MAX {
        let max = (SKIPPED_MAX / rows + 1) as i64;
        let reason = open311::Reason::OutOfRange { min: 1, max };
        return Err(Failure::Arguments(vec![open311::Fault { argument: "page".into(), reason }]));
    }
    let found = case::published(it.ctx, &wanted(query), after.as_ref(), skip, rows)?;
    let document = requests(&view::requests(it.ctx, it.words, &found.items, query.extensions)?);
    let next = found.next.map(|cursor| next_page(it, Page { number: page.number + 1, rows }, &cursor));
    Ok(Answer { next, ..document.into() })
}

/// The address of the page behind the row that `cursor` names: it stays where it is while new ones arrive.
pub fn next_page(it: &Reading<'_>, page: Page, cursor: &Cursor) -> String {
    let asked = form_urlencoded::parse(it.uri.query().unwrap_or_default().as_bytes());
    let own = ["page", "page_size", "cursor", "api_key"];
    let kept = asked.filter(|(name, _)| !own.contains(&name.as_ref()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("page", &page.number.to_string())
        .append_pair("page_size", &page.rows.to_string())
        .append_pair("cursor", &cursor.encode())
        .finish();
    format!("{}{}?{query}", it.site, it.uri.path())
}

pub async fn one(asked: Asked) -> Response {
    asked
        .read(|it| {
            let extensions = RequestQuery::read(it.form, it.ctx.now.micros())?.extensions;
            let case = named(it, "open311-no-request")?;
            Ok(requests(&view::requests(it.ctx, it.words, &[case], extensions)?).into())
        })
        .await
}

/// Every service is realtime: whoever takes the id for a token is told the id.
pub async fn token(asked: Asked) -> Response {
    asked
        .read(|it| {
            let case = named(it, "open311-no-token")?;
            Ok(open311::token(it.name, &case.id.to_string()).into())
        })
        .await
}

fn named(it: &Reading<'_>, missing: &'static str) -> Result<Published, Failure> {
    let missing = || Failure::Missing(missing);
    let id = it.name.parse::<Id<Case>>().map_err(|_| missing())?;
    case::published_one(it.ctx, id).map_err(|refusal| match refusal {
        Refusal::NotFound => missing(),
        refusal => refusal.into(),
    })
}
