use kernel::{AreaPath, Id, Responsibility as ResponsibilityName, Timestamp};
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{Candidate, Responsibility},
    rule, source, store as rows,
};
use crate::{Ctx, Cursor, Message, Page, Refusal, Window, area, organization};

/// Rows read in one go for an export.
const BLOCK_ROWS: i64 = 500;

/// The row of this id, in force or ended, inside another room's transaction.
pub fn by_id(tx: &mut Tx<'_>, id: Id<ResponsibilityName>) -> Result<Option<Responsibility>, Refusal> {
    Ok(rows::by_id(tx, id)?)
}

/// The bodies that the list names for a minor class at a place, in the order of their names; more than one share it.
pub fn candidates(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    path: &AreaPath,
    minor: &str,
    at: Timestamp,
) -> Result<Vec<Candidate>, Refusal> {
    let major = ctx.city.classes.major_of(minor).map(|it| it.code.as_str());
    let found = rows::around(tx, path, Some((minor, major.unwrap_or(minor))), at)?;
    let deciding: Vec<_> = rule::deciding(&found, path, minor, major).into_iter().cloned().collect();
    named(tx, path, at, deciding)
}

fn named(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    at: Timestamp,
    rows: Vec<Responsibility>,
) -> Result<Vec<Candidate>, Refusal> {
    let bodies: Vec<_> = rows.iter().map(|it| it.organization).collect();
    let names = organization::names(tx, &bodies)?;
    let mut candidates = Vec::with_capacity(rows.len());
    for row in rows {
        let name = names.get(&row.organization).cloned().unwrap_or_default();
        let can_handle = organization::can_handle(tx, row.organization, path, at)?;
        candidates.push(Candidate { row, name, can_handle });
    }
    candidates.sort_by(|one, other| (&one.name, one.row.id).cmp(&(&other.name, other.row.id)));
    Ok(candidates)
}

/// Who has to do with a minor class in the area that bears `code`, now or at `as_of`.
pub fn responsible(
    ctx: &Ctx,
    code: &str,
    minor: &str,
    as_of: Option<Timestamp>,
) -> Result<Vec<Candidate>, Refusal> {
    let area = readable(ctx, code, as_of)?;
    if ctx.city.classes.get(minor).is_none() {
        return Err(Refusal::invalid("class", Message::new("fault-choice")));
    }
    ctx.read(|tx| candidates(tx, ctx, &area.path, minor, as_of.unwrap_or(ctx.now)))
}

/// The same for every minor class that there is, in the order of the classes.
pub fn of_area(
    ctx: &Ctx,
    code: &str,
    as_of: Option<Timestamp>,
) -> Result<Vec<(String, Vec<Candidate>)>, Refusal> {
    let area = readable(ctx, code, as_of)?;
    let at = as_of.unwrap_or(ctx.now);
    ctx.read(|tx| {
        let found = rows::around(tx, &area.path, None, at)?;
        let mut all = Vec::new();
        for major in &ctx.city.classes.classes {
            for minor in &major.minors {
                let deciding = rule::deciding(&found, &area.path, &minor.code, Some(&major.code));
                let deciding = deciding.into_iter().cloned().collect();
                all.push((minor.code.clone(), named(tx, &area.path, at, deciding)?));
            }
        }
        Ok(all)
    })
}

/// The area of a code, which everybody may ask about: the list names bodies and no person.
fn readable(ctx: &Ctx, code: &str, as_of: Option<Timestamp>) -> Result<area::Area, Refusal> {
    let area = area::get(ctx, code, as_of)?;
    if !ctx.actor.system {
        ctx.must(Action::ResponsibilityRead, Resource::Area { path: &area.path })?;
    }
    Ok(area)
}

/// The rows in force in an area and below it, by area and class, now or at `as_of`.
pub fn list(
    ctx: &Ctx,
    code: &str,
    as_of: Option<Timestamp>,
    window: &Window,
) -> Result<Page<Responsibility>, Refusal> {
    let area = readable(ctx, code, as_of)?;
    let after = window
        .after
        .as_ref()
        .map(|cursor| {
            let path: AreaPath = cursor.part(0)?;
            let class: String = cursor.part(1)?;
            // What a client sent goes to the store as a class, or not at all.
            let is_class = class.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
            let class = Some(class)
                .filter(|_| is_class)
                .ok_or_else(|| Refusal::invalid("cursor", Message::new("fault-cursor")))?;
            Ok::<_, Refusal>((path.to_string(), class, cursor.part(2)?))
        })
        .transpose()?;
    let at = as_of.unwrap_or(ctx.now);
    let found = ctx.read(|tx| Ok(rows::within(tx, &area.path, at, after.as_ref(), window.rows())?))?;
    Ok(window.page(found, |it| Cursor::new([it.area_path.to_string(), it.class.clone(), it.id.to_string()])))
}

/// Writes the list in force of an area and of all below it as CSV that [`import`](super::import) reads.
pub fn export(ctx: &Ctx, code: &str, out: &mut dyn std::io::Write) -> Result<u64, Refusal> {
    let failed = |error: csv::Error| Refusal::Unavailable(format!("cannot write the list: {error}"));
    let area = readable(ctx, code, None)?;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(source::COLUMNS).map_err(failed)?;
    let (mut after, mut written) = (None, 0);
    loop {
        let block = ctx.read(|tx| {
            Ok::<_, Refusal>(rows::within(tx, &area.path, ctx.now, after.as_ref(), BLOCK_ROWS)?)
        })?;
        for row in &block {
            let (kind, amount) = row.limit.map_or((String::new(), String::new()), |it| {
                (it.kind.as_str().into(), it.amount.to_string())
            });
            let organization = row.organization.to_string();
            csv.write_record([
                row.class.as_str(),
                row.area_path.code(),
                &organization,
                &kind,
                &amount,
                &row.closing_condition,
                &row.evidence,
                &row.legal_basis,
            ])
            .map_err(failed)?;
            written += 1;
        }
        match block.last() {
            Some(last) => after = Some((last.area_path.to_string(), last.class.clone(), last.id)),
            None => break,
        }
    }
    csv.flush().map_err(|error| failed(error.into()))?;
    Ok(written)
}
