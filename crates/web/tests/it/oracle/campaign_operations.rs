//! The cells of operations on campaigns: one is planted in each of some areas, by a form of the city.

use domain::City as House;
use kernel::Timestamp;
use serde_json::json;
use store::{StoreError, Tx, params};
use uuid::Uuid;

use super::{
    case_operations::post,
    fixture::{CITY, COUNTY, City, OTHER_COUNTY, TOWNSHIP, uuid},
    matrix::{Cell, Undo},
    operations::{MALFORMED, absent_id, change, everybody, read},
    plant::{area_id, path},
    server::{Call, Payload, Server},
    verdict::{Actor, Object},
};

/// Areas all of whose grids a campaign asks.
pub const ASKED: [&str; 4] = [CITY, COUNTY, OTHER_COUNTY, TOWNSHIP];
/// Each has a second one, which is ended: a fault that is planted there leaves the first as it is.
pub const TO_END: usize = ASKED.len();
const SEE: &str = "GET /api/v1/campaigns/{id}";
const SEE_AREA: &str = "GET /api/v1/campaigns/{id}/progress";

pub fn campaign_id(number: usize) -> Uuid {
    uuid(16, number)
}
const CAMPAIGN: &str = "INSERT INTO campaign (county_id, id, form, title, period, area_id, area_path, tier, kind, starts_at, \
    due, closes_at, sent_at, sent_role, sent_in, state, reason, revision) \
    VALUES ($1, $2, $3, '摸底', '', $4, $5, 5, '', $6, $7, $7, $6, '', '', 'open', '', 0)";
const WIPE_CAMPAIGNS: [&str; 5] = [
    "DELETE FROM campaign_reminder",
    "DELETE FROM campaign_round",
    "DELETE FROM campaign",
    "DELETE FROM journal WHERE subject_kind = 'campaign'",
    "DELETE FROM notice WHERE kind IN ('campaign-reminded', 'campaign-ended')",
];

pub fn cells(server: &Server, operation: &str) -> Vec<Cell> {
    let plain = |path: &str| -> Vec<Cell> {
        let ask = |it| read(operation, it, Object::Nothing, path.to_owned());
        everybody(server).into_iter().map(ask).collect()
    };
    match operation {
        "GET /api/v1/campaigns" => plain("/api/v1/campaigns"),
        "GET /api/v1/campaigns/asked" => plain("/api/v1/campaigns/asked"),
        "POST /api/v1/campaigns" => sent(server, operation),
        SEE => of_each(server, 0, |actor, object| read(operation, actor, object, String::new()), ""),
        SEE_AREA => in_areas(server, operation, "/progress?area="),
        "GET /api/v1/campaigns/{id}/units" => in_areas(server, operation, "/units?area="),
        "POST /api/v1/campaigns/{id}/reminders" => reminders(server, operation),
        "POST /api/v1/campaigns/{id}/end" => {
            let body = || Payload::Json(json!({ "how": "withdraw", "reason": "重复" }));
            let cell = |actor, object| {
                let cell = change(operation, object, post(actor, body()), Undo::Campaigns);
                Cell { seen_by: Some(SEE), ..cell }
            };
            of_each(server, TO_END, cell, "/end")
        }
        _ => Vec::new(),
    }
}

/// On each of the campaigns from the `first` on, by everybody.
fn of_each(server: &Server, first: usize, cell: impl Fn(Actor, Object) -> Cell, rest: &str) -> Vec<Cell> {
    let one = |(number, code): (usize, &&str)| {
        let object = Object::Area(server.city.unit(code));
        let cells = everybody(server).into_iter().map(|actor| cell(actor, object));
        cells.map(|cell| at(cell, campaign_id(first + number), rest)).collect::<Vec<_>>()
    };
    ASKED.iter().enumerate().flat_map(one).collect()
}

fn at(cell: Cell, id: Uuid, rest: &str) -> Cell {
    let call = |id: String| Call { path: format!("/api/v1/campaigns/{id}{rest}"), ..cell.call.clone() };
    let (call, absent, malformed) =
        (call(id.to_string()), call(absent_id().to_string()), call(MALFORMED.to_owned()));
    let seen_by = Some(cell.seen_by.unwrap_or(SEE));
    Cell { absent: Some(absent), malformed: Some(malformed), seen_by, call, ..cell }
}

/// Of the city's campaign, in every area.
fn in_areas(server: &Server, operation: &str, rest: &str) -> Vec<Cell> {
    let cell = |(unit, it): (usize, &super::fixture::Unit), actor| {
        let cell = read(operation, actor, Object::Area(unit), String::new());
        let cell = Cell { seen_by: Some(SEE_AREA), ..cell };
        at(cell, campaign_id(0), &format!("{rest}{}", it.code))
    };
    everybody(server)
        .into_iter()
        .flat_map(|actor| server.city.units.iter().enumerate().map(move |it| cell(it, actor)))
        .collect()
}

fn reminders(server: &Server, operation: &str) -> Vec<Cell> {
    let units = [CITY, COUNTY, OTHER_COUNTY, TOWNSHIP].map(|code| (server.city.unit(code), code));
    let cell = |(unit, code): (usize, &str), actor| {
        let call = post(actor, Payload::Json(json!({ "area": code })));
        let cell = change(operation, Object::Area(unit), call, Undo::Campaigns);
        at(Cell { seen_by: Some(SEE_AREA), ..cell }, campaign_id(0), "/reminders")
    };
    everybody(server).into_iter().flat_map(|actor| units.map(|it| cell(it, actor))).collect()
}

fn sent(server: &Server, operation: &str) -> Vec<Cell> {
    let units = ASKED.map(|code| (server.city.unit(code), code));
    let cell = |(unit, code): (usize, &str), actor| {
        let body = json!({
            "form": "oracle", "title": "摸底", "area": code, "audience": "grid", "due": "2026-12-31"
        });
        let call = Call { path: "/api/v1/campaigns".into(), ..post(actor, Payload::Json(body)) };
        change(operation, Object::Area(unit), call, Undo::Campaigns)
    };
    everybody(server).into_iter().flat_map(|actor| units.map(|it| cell(it, actor))).collect()
}

pub fn plant(tx: &mut Tx<'_>, city: &City, now: Timestamp) -> Result<(), StoreError> {
    for (number, code) in ASKED.iter().chain(&ASKED).enumerate() {
        let unit = city.unit(code);
        let due = now.plus_seconds(7 * 86_400);
        let values = params![
            area_id(city.unit(CITY)),
            campaign_id(number),
            uuid(17, 0),
            area_id(unit),
            &path(city, unit),
            now.plus_seconds(-86_400),
            due
        ];
        tx.execute(CAMPAIGN, values)?;
    }
    Ok(())
}

/// Campaigns as they were, whatever was done to them.
pub fn restore(house: &House, city: &City) {
    let now = house.clock.now();
    let done: Result<(), StoreError> = house.db.write(|tx| {
        for statement in WIPE_CAMPAIGNS {
            tx.execute(statement, &[])?;
        }
        plant(tx, city, now)
    });
    done.expect("the campaigns are put back");
}
