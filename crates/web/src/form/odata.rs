//! Records as tables, for spreadsheets and statistics: OData with the shapes of ODK Central, and CSV.

use std::{collections::HashMap, fmt};

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Ctx, Refusal,
    form::{self, Answered, Prepared, Sender},
};
use jiff::{Timestamp, tz::Offset};
use xform::{
    check::Submission,
    odata::{self, Address, Clock, Feed, Format, Links, Query, QueryFault, Ranking},
    table::{CsvTables, FormTables, RecordRows, SelectValues, System},
};

use super::{
    answer::{Failure, json_response},
    asked::Asked,
    record::sender_number,
};

const VERSION: (&str, &str) = ("odata-version", "4.0");
const SUFFIX: &str = ".svc";
/// The number of the table with a row for each record.
const SUBMISSIONS: usize = 0;
/// Bytes of one answer; more is read page by page.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Rows that one order is made of.
const ORDERED_ROWS_MAX: usize = 200_000;
/// China's clocks: what dates without an offset are read by.
const OFFSET: Offset = jiff::tz::offset(8);

/// Below `{form}.svc/`: the description, or a table.
pub async fn below(asked: Asked) -> Response {
    asked
        .answer(|ctx, asked| {
            let form_id = asked.form().strip_suffix(SUFFIX).ok_or(Refusal::NotFound)?;
            let path = asked.visitor.uri.path();
            let table = path.split_once("/forms/").and_then(|(_, rest)| rest.split_once('/'));
            let (_, table) = table.ok_or(Refusal::NotFound)?;
            match table {
                "$metadata" | "%24metadata" => description(ctx, asked, form_id),
                table => rows(ctx, asked, form_id, table),
            }
        })
        .await
}

/// Which tables there are.
pub fn service(ctx: &Ctx, asked: &Asked, form_id: &str) -> Result<Response, Failure> {
    let prepared = form::prepared(ctx, form_id)?;
    let tables = FormTables::new(&prepared.form);
    let of_form: Vec<_> = (0..tables.tables.len()).map(|it| tables.table(it)).collect();
    odata::check_parameters(asked.pairs(), Format::Json)?;
    let document = odata::service_document(&service_url(asked, form_id), &of_form);
    Ok(versioned(json_response(StatusCode::OK, &document)))
}

fn description(ctx: &Ctx, asked: &Asked, form_id: &str) -> Result<Response, Failure> {
    let prepared = form::prepared(ctx, form_id)?;
    let tables = FormTables::new(&prepared.form);
    let of_form: Vec<_> = (0..tables.tables.len()).map(|it| tables.table(it)).collect();
    odata::check_parameters(asked.pairs(), Format::Xml)?;
    let kind = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];
    Ok(versioned((kind, odata::metadata(&of_form, "submission", form_id)).into_response()))
}

fn service_url(asked: &Asked, form_id: &str) -> String {
    format!("{}{SUFFIX}", asked.form_url(form_id))
}

fn versioned(mut response: Response) -> Response {
    response.headers_mut().insert(HeaderName::from_static(VERSION.0), HeaderValue::from_static(VERSION.1));
    response
}

fn rows(ctx: &Ctx, asked: &Asked, form_id: &str, path: &str) -> Result<Response, Failure> {
    let prepared = form::prepared(ctx, form_id)?;
    let tables = FormTables::new(&prepared.form);
    let address = Address::read(path)?;
    let number = address.table(&tables)?;
    let (table, service) = (tables.table(number), service_url(asked, form_id));
    let query = Query::read(asked.pairs(), table)?;
    let clock = Clock { now: now(ctx)?, offset: OFFSET };
    let mut source = Source { ctx, form_id, prepared: &prepared, tables: &tables, names: HashMap::new() };
    let from = query.token.as_ref().and_then(|it| it.record.as_deref());
    let from = from.filter(|_| query.order.is_empty()).map(|it| (it, table.is_of_repeat()));
    let mut bytes = Vec::new();
    let mut feed = if query.order.is_empty() {
        Feed::new(&query, table, clock)
    } else {
        let mut ranking = Ranking::new(&query, table, clock);
        let mut ranked = 0;
        source.each(address.record.as_deref(), None, |rows| {
            for (place, row) in rows.rows(number).enumerate().filter(|(_, row)| address.names(row)) {
                ranked += 1;
                if ranked > ORDERED_ROWS_MAX {
                    return Err(too_many("rows to order", ORDERED_ROWS_MAX));
                }
                ranking.offer(&row, (rows.instance_id.clone(), place))?;
            }
            Ok(true)
        })?;
        let (page, mut feed) = ranking.page();
        for (instance, place) in page {
            let answered = form::answered_again(ctx, form_id, &instance)?;
            source.one(&answered, &mut |rows| {
                if let Some(row) = rows.rows(number).nth(place) {
                    feed.offer(&row)?;
                }
                Ok(true)
            })?;
            bytes.append(&mut feed.take());
            check_bytes(bytes.len())?;
        }
        feed
    };
    if address.record.is_some() {
        feed = feed.of_one_record();
    }
    if query.order.is_empty() {
        source.each(address.record.as_deref(), from, |rows| {
            for row in rows.rows(number).filter(|it| address.names(it)) {
                if !feed.offer(&row)? {
                    return Ok(false);
                }
            }
            bytes.append(&mut feed.take());
            check_bytes(bytes.len())?;
            Ok(true)
        })?;
    }
    let request = format!("{service}/{path}");
    bytes.append(&mut feed.finish(&Links { service: &service, request: &request, pairs: asked.pairs() })?);
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    Ok(versioned((kind, bytes).into_response()))
}

fn check_bytes(bytes: usize) -> Result<(), Failure> {
    match bytes > ANSWER_BYTES_MAX {
        true => Err(too_many("bytes of an answer: read it by $top or $filter", ANSWER_BYTES_MAX)),
        false => Ok(()),
    }
}

fn too_many(what: impl fmt::Display, max: usize) -> Failure {
    Failure::Unreadable(format!("more than {max} {what}"))
}

fn now(ctx: &Ctx) -> Result<Timestamp, Failure> {
    let now = Timestamp::from_microsecond(ctx.now.micros());
    now.map_err(|_| Refusal::Broken("the clock is out of range".into()).into())
}

/// What a form's own questions are, as Central lists them.
pub async fn fields(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let prepared = form::prepared(ctx, asked.form())?;
            Ok(FormTables::new(&prepared.form).fields_json(asked.flag("odata", false)?))
        })
        .await
}

/// The records of a form as one table, with the rows of no repeat.
pub async fn csv(asked: Asked) -> Response {
    asked
        .answer(|ctx, asked| {
            let bytes = exported(ctx, asked, Export::Submissions)?;
            Ok(download("text/csv; charset=utf-8", "attachment; filename=\"submissions.csv\"", bytes))
        })
        .await
}

/// All tables of a form in an archive. The files of records are not in it, whatever `attachments` says.
pub async fn archive(asked: Asked) -> Response {
    asked
        .answer(|ctx, asked| {
            let bytes = exported(ctx, asked, Export::Archive)?;
            Ok(download("application/zip", "attachment; filename=\"submissions.csv.zip\"", bytes))
        })
        .await
}

fn download(kind: &'static str, disposition: &'static str, bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

enum Export {
    Submissions,
    Archive,
}

fn exported(ctx: &Ctx, asked: &Asked, export: Export) -> Result<Vec<u8>, Failure> {
    let form_id = asked.form();
    let prepared = form::prepared(ctx, form_id)?;
    let tables = FormTables::new(&prepared.form);
    let table = tables.table(SUBMISSIONS);
    let pairs: Vec<_> = asked.pairs().iter().filter(|it| it.0 == "$filter").cloned().collect();
    let query = Query::read(&pairs, table)?;
    let clock = Clock { now: now(ctx)?, offset: OFFSET };
    let mut source = Source { ctx, form_id, prepared: &prepared, tables: &tables, names: HashMap::new() };
    let (is_split, has_groups) =
        (asked.flag("splitSelectMultiples", false)?, asked.flag("groupPaths", true)?);
    let mut values = SelectValues::default();
    if is_split {
        source.each(None, None, |rows| {
            values.add(rows);
            Ok(true)
        })?;
    }
    let columns = CsvTables::new(&tables, has_groups, is_split.then_some(&values));
    let mut files = match export {
        Export::Submissions => vec![Vec::new()],
        Export::Archive => vec![Vec::new(); tables.tables.len()],
    };
    let unwritten = |fault: std::io::Error| Failure::from(Refusal::Broken(fault.to_string()));
    for (number, file) in files.iter_mut().enumerate() {
        columns.write_header(file, number).map_err(unwritten)?;
    }
    source.each(None, None, |rows| {
        let mut is_kept = false;
        for row in rows.rows(SUBMISSIONS) {
            is_kept |= query.keeps(table, &row, &clock)?;
        }
        for (number, file) in files.iter_mut().enumerate().filter(|_| is_kept) {
            columns.write_rows(file, rows, number).map_err(unwritten)?;
        }
        check_bytes(files.iter().map(Vec::len).sum())?;
        Ok(true)
    })?;
    match export {
        Export::Submissions => Ok(files.swap_remove(SUBMISSIONS)),
        Export::Archive => columns.archive(form_id, &files).map_err(unwritten),
    }
}

/// Records as they are read, one after another.
struct Source<'a> {
    ctx: &'a Ctx,
    form_id: &'a str,
    prepared: &'a Prepared,
    tables: &'a FormTables,
    names: HashMap<Sender, Option<String>>,
}

impl Source<'_> {
    /// Each record, latest first, or only the one that is named; from behind the record `from`, or from in it.
    fn each(
        &mut self,
        only: Option<&str>,
        from: Option<(&str, bool)>,
        mut work: impl FnMut(&RecordRows<'_>) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let (ctx, form_id) = (self.ctx, self.form_id);
        let mut failure = None;
        form::each_answered(ctx, form_id, only, from, &mut |answered| {
            let outcome = self.one(&answered, &mut work);
            let goes_on = *outcome.as_ref().unwrap_or(&false);
            failure = outcome.err();
            Ok(goes_on)
        })?;
        failure.map_or(Ok(()), Err)
    }

    fn one(
        &mut self,
        answered: &Answered,
        work: &mut impl FnMut(&RecordRows<'_>) -> Result<bool, Failure>,
    ) -> Result<bool, Failure> {
        // What was forgotten has no answers to show.
        let Some(xml) = &answered.xml else { return Ok(true) };
        let broken = |fault: xform::check::Refusal| Failure::from(Refusal::Broken(fault.to_string()));
        let sent = Submission::read(xml).map_err(broken)?;
        let record = &answered.record;
        let system = System {
            submission_date: record.created_at.to_utc(),
            updated_at: (record.updated_at != record.created_at).then(|| record.updated_at.to_utc()),
            submitter_id: Some(sender_number(record.sender).to_string()),
            submitter_name: self.name(record.sender)?,
            attachments_present: answered.files.iter().filter(|it| it.sha256.is_some()).count() as u64,
            attachments_expected: answered.files.len() as u64,
            status: None,
            review_state: record.review.map(|it| it.as_str().to_owned()),
            device_id: None,
            edits: (record.current.number - 1).max(0) as u64,
            form_version: record.current.form_version.clone(),
            deleted_at: None,
        };
        let number = record.id.uuid().as_u128();
        let (tables, form) = (self.tables, &self.prepared.form);
        let rows =
            RecordRows::new(tables, form, &sent, &record.instance_id, number, system).map_err(broken)?;
        work(&rows)
    }

    fn name(&mut self, sender: Sender) -> Result<Option<String>, Failure> {
        if let Some(known) = self.names.get(&sender) {
            return Ok(known.clone());
        }
        let name = form::sender_names(self.ctx, self.form_id, &[sender])?.pop().flatten();
        self.names.insert(sender, name.clone());
        Ok(name)
    }
}

impl From<QueryFault> for Failure {
    fn from(it: QueryFault) -> Self {
        Failure::Query(it)
    }
}
