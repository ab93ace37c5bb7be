use std::collections::HashMap;

use kernel::{Area as AreaName, AreaPath, Id, Tier};
use policy::{Action, Resource};
use store::Tx;

use super::{
    boundary,
    fault::{Collector, ImportError, ImportFaults, Reason},
    model::{Area, ImportReport, Kind, NewGrid, Options, Source},
    plan::{Plan, plan},
    source, store as rows, tree,
};
use crate::{
    Ctx, Message, Refusal,
    journal::{self, Entry, SubjectKind},
    statistic, text,
};

/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 2_048;

/// Brings the tree to what a file says, or changes nothing and lists the file's faults. `progress` is told
/// the rows written so far and in all; it starts over when the transaction does.
pub fn import(
    ctx: &Ctx,
    source: Source<'_>,
    options: Options,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<ImportReport, ImportError> {
    let mut faults = Collector::default();
    if options.date > ctx.now {
        faults.add(None, Reason::DateLate);
    }
    let records = source::read(source.bytes, &mut faults);
    // What can be said of rows that were read is said together with what cannot be read.
    let unread = faults;
    let outcome = ctx.write(|tx| {
        let mut faults = unread.clone();
        let tree = tree::Tree::new(rows::all(tx)?);
        let bore = rows::bore_all(tx, records.iter().filter_map(|it| it.previous_code.as_deref()))?;
        let plan = plan(&tree, &records, options, &bore, &mut || ctx.id(), &mut faults);
        drop(tree);
        if let Err(faults) = faults.check(source.bytes) {
            return Ok(Err(faults));
        }
        permit(ctx, &plan.touched)?;
        carry_out(tx, ctx, &plan, progress)?;
        record(tx, ctx, &plan, source.name)?;
        Ok(Ok(plan.report))
    })?;
    outcome.map_err(ImportError::Faults)
}

/// A person needs the right for every subtree that changes; the machine's own administrator is the system.
fn permit(ctx: &Ctx, touched: &[AreaPath]) -> Result<(), Refusal> {
    if ctx.actor.system {
        return Ok(());
    }
    touched.iter().try_for_each(|path| ctx.must(Action::AreaImport, Resource::Area { path }))
}

fn carry_out(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    plan: &Plan,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), Refusal> {
    let total = (plan.versions.len() + plan.updates.len() + plan.inserts.len()) as u64;
    let mut done = 0;
    let mut step = |rows: u64| {
        done += rows;
        if done.is_multiple_of(PROGRESS_ROWS) || done == total {
            progress(done, total);
        }
    };
    for id in &plan.aside {
        rows::step_aside(tx, *id)?;
    }
    for version in &plan.versions {
        rows::insert_version(tx, version)?;
        step(1);
    }
    for area in &plan.updates {
        rows::update(tx, area)?;
        step(1);
    }
    for area in &plan.inserts {
        rows::insert(tx, area)?;
        step(1);
    }
    rows::rebase(tx, &plan.rebases)?;
    if !plan.rebases.is_empty() {
        statistic::recount(tx)?;
    }
    count(tx, &plan.counts)?;
    for event in &plan.events {
        let entry = Entry::new(event.county, event.action, SubjectKind::Area, event.area.uuid());
        journal::record(tx, ctx, &entry.with("from", &event.from).with("to", &event.to))?;
    }
    Ok(())
}

type Deltas = HashMap<(Id<AreaName>, Tier, Kind), i64>;

fn count(tx: &mut Tx<'_>, deltas: &Deltas) -> Result<(), Refusal> {
    let mut deltas: Vec<_> = deltas.iter().filter(|(_, by)| **by != 0).collect();
    deltas.sort_unstable();
    for ((id, tier, kind), by) in deltas {
        rows::count_up(tx, *id, *tier, *kind, *by)?;
    }
    Ok(())
}

/// One entry for the import as a whole; an import that changes nothing leaves none.
fn record(tx: &mut Tx<'_>, ctx: &Ctx, plan: &Plan, source: &str) -> Result<(), Refusal> {
    let report = plan.report;
    let changes =
        report.added + report.renamed + report.moved + report.recoded + report.merged + report.ended;
    let Some((area, county)) = plan.first.filter(|_| changes > 0) else { return Ok(()) };
    let entry = Entry::new(county, "area.import", SubjectKind::Area, area.uuid())
        .with("source", source)
        .with("added", report.added)
        .with("changed", changes - report.added);
    journal::record(tx, ctx, &entry)
}

/// Takes boundaries from a GeoJSON FeatureCollection whose features have the property `code`. `source`
/// names where the shapes come from and on which datum. Returns how many boundaries changed.
pub fn import_boundaries(ctx: &Ctx, bytes: &[u8], source: &str) -> Result<u64, ImportError> {
    let mut faults = Collector::default();
    let shapes = boundary::read(bytes, &mut faults);
    let unread = faults;
    let outcome = ctx.write(|tx| {
        let mut faults = unread.clone();
        let mut areas = Vec::with_capacity(shapes.len());
        for shape in &shapes {
            match named(tx, &shape.code)? {
                Some(area) => areas.push(area),
                None => faults.add(shape.position, Reason::AreaUnknown(shape.code.clone())),
            }
        }
        if let Err(faults) = faults.check(bytes) {
            return Ok(Err::<u64, ImportFaults>(faults));
        }
        let mut changed = 0;
        for (area, shape) in areas.into_iter().zip(&shapes) {
            let known = rows::boundary(tx, area.id)?;
            if known.is_some_and(|(geometry, from)| geometry == shape.outline.geometry && from == source) {
                continue;
            }
            permit(ctx, std::slice::from_ref(&area.path))?;
            rows::put_boundary(tx, area.id, &shape.outline, source)?;
            changed += 1;
            let id = area.id;
            let county = rows::place(tx, area)?.county;
            let entry = Entry::new(county, "area.bound", SubjectKind::Area, id.uuid());
            journal::record(tx, ctx, &entry.with("source", source))?;
        }
        Ok(Ok(changed))
    })?;
    outcome.map_err(ImportError::Faults)
}

/// The area in force that a feature's code names.
fn named(tx: &mut Tx<'_>, code: &str) -> Result<Option<Area>, Refusal> {
    for code in boundary::codes(code) {
        if let Some(area) = super::query::in_force(tx, code)? {
            return Ok(Some(area));
        }
    }
    Ok(None)
}

/// Founds grids below their communities, from now on, in the caller's transaction. Returns them in the
/// order given. A community that is not in force, an order out of range or an order that is taken refuses all.
pub fn found_grids(tx: &mut Tx<'_>, ctx: &Ctx, grids: &[NewGrid]) -> Result<Vec<Area>, Refusal> {
    let mut communities: HashMap<&str, Community> = HashMap::new();
    let mut deltas = Deltas::new();
    let mut founded = Vec::with_capacity(grids.len());
    for grid in grids {
        let code = grid.community_code.as_str();
        if !communities.contains_key(code) {
            communities.insert(code, community(tx, ctx, code)?);
        }
        let community = communities.get_mut(code).ok_or(Refusal::NotFound)?;
        let area = new_grid(ctx, &community.area, grid)?;
        if rows::by_code(tx, &area.code)?.is_some() {
            return Err(Refusal::Conflict(Message::new("conflict-area-code").with("code", &area.code)));
        }
        rows::insert(tx, &area)?;
        community.grids += 1;
        for above in &community.line {
            *deltas.entry((*above, area.tier, area.kind)).or_default() += 1;
        }
        founded.push(area);
    }
    count(tx, &deltas)?;
    let mut communities: Vec<_> = communities.into_values().collect();
    communities.sort_unstable_by(|left, right| left.area.path.cmp(&right.area.path));
    for community in communities {
        let entry =
            Entry::new(community.county, "area.found_grids", SubjectKind::Area, community.area.id.uuid());
        journal::record(tx, ctx, &entry.with("grids", community.grids))?;
    }
    Ok(founded)
}

/// A community that grids are founded in.
struct Community {
    area: Area,
    county: Id<AreaName>,
    /// Itself and the areas above it.
    line: Vec<Id<AreaName>>,
    grids: u64,
}

fn community(tx: &mut Tx<'_>, ctx: &Ctx, code: &str) -> Result<Community, Refusal> {
    let area = super::query::in_force(tx, code)?.filter(|area| area.tier == Tier::Community);
    let area = area.ok_or_else(|| Refusal::invalid("community_code", Message::new("fault-unknown-area")))?;
    permit(ctx, std::slice::from_ref(&area.path))?;
    let mut line = Vec::new();
    for code in area.path.codes() {
        line.extend(super::query::in_force(tx, code)?.map(|it| it.id));
    }
    let county = rows::place(tx, area.clone())?.county;
    Ok(Community { area, county, line, grids: 0 })
}

fn new_grid(ctx: &Ctx, community: &Area, grid: &NewGrid) -> Result<Area, Refusal> {
    let mut faults = crate::Faults::default();
    if !(1..=999).contains(&grid.order) {
        faults.add("order", Message::new("fault-range").with("min", 1).with("max", 999));
    }
    let name = text::line(&mut faults, "name", &grid.name);
    let name = text::required(&mut faults, "name", name);
    faults.check()?;
    let code = format!("{}{:03}", community.code, grid.order);
    let path = community.path.child(&code).map_err(|error| Refusal::Broken(error.to_string()))?;
    Ok(Area {
        id: ctx.id(),
        code,
        name,
        tier: Tier::Grid,
        kind: grid.kind,
        parent_id: Some(community.id),
        path,
        valid_from: ctx.now,
        valid_to: None,
        successor: None,
    })
}
