//! The cells of operations on campaigns: one is planted in each of some areas, by a form of the city.

use serde_json::json;
use uuid::Uuid;

use super::{
    case_operations::post,
    fixture::{CITY, COUNTY, OTHER_COUNTY, TOWNSHIP, uuid},
    matrix::{Cell, Undo},
    operations::{MALFORMED, absent_id, change, everybody, read},
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
