use std::collections::{BTreeMap, HashMap};

use kernel::{AreaPath, Id, Organization};
use policy::{Action, Resource};
use store::Tx;

use super::{
    fault::{Collector, ImportError, Reason},
    model::{Candidate, Decision, ImportReport, Options, Responsibility},
    query,
    source::{self, Columns, Record},
    store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal, area,
    journal::{self, Entry, SubjectKind},
    organization, text,
};

/// Rows of the list in force that are compared with a file: more than a file may have cannot have come from one.
const IN_FORCE_MAX: i64 = 200_000;

/// Brings the list to what a file says, or changes nothing and lists the file's faults. Rows that are as they were
/// stay, others end now and new ones begin; nothing is deleted.
pub fn import(ctx: &Ctx, bytes: &[u8], options: &Options) -> Result<ImportReport, ImportError> {
    let mut unread = Collector::default();
    let read = source::read(bytes, &mut unread);
    let outcome = ctx.write(|tx| {
        let mut faults = unread.clone();
        let scope = scope(tx, options, &mut faults)?;
        let mut wanted = Vec::new();
        if let (Some((columns, records)), Some(scope)) = (&read, &scope) {
            wanted = Lookup { ctx, columns, scope, faults: &mut faults }.rows(tx, records)?;
        }
        if let Err(faults) = faults.check() {
            return Ok(Err(faults));
        }
        let scope = scope.ok_or(Refusal::NotFound)?;
        if !ctx.actor.system {
            ctx.must(Action::ResponsibilityDecide, Resource::Area { path: &scope.path })?;
        }
        carry_out(tx, ctx, &scope, wanted).map(Ok)
    })?;
    outcome.map_err(ImportError::Faults)
}

/// The area that the list is about: the one that is named, or the whole city.
fn scope(tx: &mut Tx<'_>, options: &Options, faults: &mut Collector) -> Result<Option<area::Place>, Refusal> {
    let Some(code) = &options.within else { return area::city(tx) };
    let found = area::place(tx, code)?;
    if found.is_none() {
        faults.whole(Reason::AreaUnknown(code.clone()));
    }
    Ok(found)
}

/// Finds what the rows of a file name.
struct Lookup<'a> {
    ctx: &'a Ctx,
    columns: &'a Columns,
    scope: &'a area::Place,
    faults: &'a mut Collector,
}

type Key = (String, Id<kernel::Area>, Id<Organization>);

impl Lookup<'_> {
    fn rows(&mut self, tx: &mut Tx<'_>, records: &[Record]) -> Result<Vec<Responsibility>, Refusal> {
        let mut places: HashMap<&str, Option<area::Place>> = HashMap::new();
        let mut bodies: HashMap<&str, Vec<organization::Organization>> = HashMap::new();
        let mut seen: HashMap<Key, u64> = HashMap::new();
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            if !places.contains_key(record.area.as_str()) {
                places.insert(&record.area, area::place(tx, &record.area)?);
            }
            if !bodies.contains_key(record.organization.as_str()) {
                bodies.insert(
                    &record.organization,
                    organization::handling_named(tx, &record.organization, self.ctx.now)?,
                );
            }
            let place = self.place(record, places.get(record.area.as_str()).and_then(Option::as_ref));
            let class = self.class(record);
            let body = self.body(
                record,
                bodies.get(record.organization.as_str()).map_or(&[][..], Vec::as_slice),
                place,
            );
            let (Some(place), Some(body), true) = (place, body, class) else { continue };
            let key = (record.class.clone(), place.id, body);
            if let Some(first) = seen.insert(key, record.line) {
                self.faults.line(record.line, Reason::Duplicate(first));
                continue;
            }
            rows.push(self.row(record, place, body));
        }
        Ok(rows)
    }

    fn class(&mut self, record: &Record) -> bool {
        let classes = &self.ctx.city.classes;
        let is_known = classes.get(&record.class).is_some()
            || classes.classes.iter().any(|major| major.code == record.class);
        if !is_known {
            let at = self.columns.at("class");
            self.faults.field(record.line, at, Reason::ClassUnknown(record.class.clone()));
        }
        is_known
    }

    fn place<'p>(&mut self, record: &Record, place: Option<&'p area::Place>) -> Option<&'p area::Place> {
        let (code, at) = (record.area.clone(), self.columns.at("area"));
        match place {
            None => self.faults.field(record.line, at, Reason::AreaUnknown(code)),
            Some(place) if !place.path.is_within(&self.scope.path) => {
                let within = self.scope.code.clone();
                self.faults.field(record.line, at, Reason::AreaOutside { code, within });
            }
            Some(place) => return Some(place),
        }
        None
    }

    /// The one body of the name or id, which works where the row is about, or below it.
    fn body(
        &mut self,
        record: &Record,
        found: &[organization::Organization],
        place: Option<&area::Place>,
    ) -> Option<Id<Organization>> {
        let name = record.organization.clone();
        let reason = match found {
            [] => Reason::OrganizationUnknown(name),
            [body] => {
                let meets =
                    |path: &AreaPath| path.is_within(&body.area_path) || body.area_path.is_within(path);
                match place.filter(|it| !meets(&it.path)) {
                    Some(place) => Reason::OrganizationElsewhere { name, area: place.code.clone() },
                    None => return Some(body.id),
                }
            }
            many => Reason::OrganizationAmbiguous { name, count: many.len() },
        };
        self.faults.field(record.line, self.columns.at("organization"), reason);
        None
    }

    fn row(&self, record: &Record, place: &area::Place, organization: Id<Organization>) -> Responsibility {
        Responsibility {
            id: self.ctx.id(),
            version: 0,
            class: record.class.clone(),
            area: place.id,
            area_path: place.path.clone(),
            organization,
            limit: record.limit,
            closing_condition: record.closing_condition.clone(),
            evidence: record.evidence.clone(),
            legal_basis: record.legal_basis.clone(),
            from: self.ctx.now,
            to: None,
        }
    }
}

fn carry_out(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    scope: &area::Place,
    wanted: Vec<Responsibility>,
) -> Result<ImportReport, Refusal> {
    let in_force = rows::within(tx, &scope.path, ctx.now, None, IN_FORCE_MAX)?;
    let key = |row: &Responsibility| (row.class.clone(), row.area, row.organization);
    let mut before: BTreeMap<Key, Responsibility> =
        in_force.into_iter().map(|row| (key(&row), row)).collect();
    let mut report = ImportReport { version: rows::last_version(tx)?, ..ImportReport::default() };
    let mut new = Vec::new();
    for row in wanted {
        match before.remove(&key(&row)) {
            Some(known) if says_the_same(&known, &row) => report.unchanged += 1,
            Some(known) => {
                rows::end(tx, known.id, ctx.now)?;
                report.ended += 1;
                new.push(row);
            }
            None => new.push(row),
        }
    }
    for row in before.values() {
        rows::end(tx, row.id, ctx.now)?;
        report.ended += 1;
    }
    if report.ended == 0 && new.is_empty() {
        return Ok(report);
    }
    report.version += 1;
    for row in new {
        rows::insert(tx, &Responsibility { version: report.version, ..row })?;
        report.added += 1;
    }
    let entry = Entry::new(scope.county, "responsibility.import", SubjectKind::Area, scope.id.uuid())
        .with("version", report.version)
        .with("added", report.added)
        .with("ended", report.ended);
    journal::record(tx, ctx, &entry)?;
    Ok(report)
}

fn says_the_same(one: &Responsibility, other: &Responsibility) -> bool {
    one.limit == other.limit
        && one.closing_condition == other.closing_condition
        && one.evidence == other.evidence
        && one.legal_basis == other.legal_basis
}

/// Writes a ruling into the list, in the caller's transaction: from now on the body, and no other, has to do with the class
/// in the area. Deadline, closing condition and evidence are those that the list had for it there.
pub fn decide(tx: &mut Tx<'_>, ctx: &Ctx, decision: &Decision) -> Result<Responsibility, Refusal> {
    let mut faults = Faults::default();
    let basis = text::lines(&mut faults, "legal_basis", &decision.legal_basis);
    let legal_basis = text::required(&mut faults, "legal_basis", basis);
    faults.check()?;
    let place = area::place(tx, &decision.area)?;
    let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-area")))?;
    ctx.must(Action::ResponsibilityDecide, Resource::Area { path: &place.path })?;
    let before = query::candidates(tx, ctx, &place.path, &decision.class, ctx.now)?;
    let pattern = pattern(&before, decision.organization);
    for it in before.iter().filter(|it| it.row.area == place.id && it.row.class == decision.class) {
        rows::end(tx, it.row.id, ctx.now)?;
    }
    let row = Responsibility {
        id: ctx.id(),
        version: rows::last_version(tx)? + 1,
        class: decision.class.clone(),
        area: place.id,
        area_path: place.path.clone(),
        organization: decision.organization,
        limit: pattern.and_then(|it| it.limit),
        closing_condition: pattern.map_or_else(String::new, |it| it.closing_condition.clone()),
        evidence: pattern.map_or_else(String::new, |it| it.evidence.clone()),
        legal_basis,
        from: ctx.now,
        to: None,
    };
    rows::insert(tx, &row)?;
    let entry = Entry::new(place.county, "responsibility.decide", SubjectKind::Area, place.id.uuid())
        .with("version", row.version)
        .with("class", &row.class)
        .with("organization", row.organization)
        .with("case", decision.case);
    journal::record(tx, ctx, &entry)?;
    Ok(row)
}

/// Of the rows that decided so far, the one whose body goes on, or else the first.
fn pattern(before: &[Candidate], body: Id<Organization>) -> Option<&Responsibility> {
    let own = before.iter().find(|it| it.row.organization == body);
    own.or(before.first()).map(|it| &it.row)
}
