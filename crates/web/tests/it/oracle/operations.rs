//! The cells of each operation of the API: who asks for what, in which form.

use axum::http::Method;
use domain::{checkpoint, notice};
use kernel::Id;
use serde_json::json;
use uuid::Uuid;

use super::{
    analysis_operations, burden_operations, campaign_operations, case_operations,
    fixture::{CITY, COUNTY, City, FAR_GRID, GRID, OTHER_COUNTY, SIBLING_GRID, TOWNSHIP, uuid},
    matrix::{Cell, Check, Undo},
    plant,
    server::{Call, Payload, Server},
    verdict::{Actor, Object},
    withholding_operations,
};

/// An id of the right form that nothing bears.
pub fn absent_id() -> Uuid {
    uuid(99, 7)
}

/// A period that holds every moment of the story.
const PERIOD: &str = "from=2025-01-01&to=2027-12-31";

/// What is no id at all.
pub const MALFORMED: &str = "not-an-id";

pub const NOBODY: Actor = Actor { person: None, link: None };

pub fn everybody(server: &Server) -> Vec<Actor> {
    let people = (0..server.city.people.len()).map(|it| Actor { person: Some(it), link: None });
    std::iter::once(NOBODY).chain(people).collect()
}

pub fn read(operation: &str, actor: Actor, object: Object, path: String) -> Cell {
    Cell {
        operation: operation.to_owned(),
        object,
        facts: Vec::new(),
        call: Call::get(actor, path),
        absent: None,
        seen_by: None,
        malformed: None,
        undo: Undo::Nothing,
        check: Check::Status,
    }
}

pub fn change(operation: &str, object: Object, call: Call, undo: Undo) -> Cell {
    Cell { call, undo, ..read(operation, NOBODY, object, String::new()) }
}

/// Cells of one operation of the served document; none for an operation that this file does not know.
pub fn cells(server: &Server, operation: &str) -> Vec<Cell> {
    let mut known = case_operations::cells(server, operation);
    known.extend(campaign_operations::cells(server, operation));
    known.extend(withholding_operations::cells(server, operation));
    known.extend(burden_operations::cells(server, operation));
    known.extend(analysis_operations::cells(server, operation));
    if !known.is_empty() {
        return known;
    }
    everybody(server).into_iter().flat_map(|actor| cells_of(server, operation, actor)).collect()
}

fn cells_of(server: &Server, operation: &str, actor: Actor) -> Vec<Cell> {
    let city = &server.city;
    let plain = |path: &str| vec![read(operation, actor, Object::Nothing, path.to_owned())];
    match operation {
        "GET /api/v1/areas" => ["?limit=200", "?tier=grid", "?name=地1509", "?parent=1509"]
            .iter()
            .flat_map(|query| plain(&format!("/api/v1/areas{query}")))
            .collect(),
        "GET /api/v1/areas/{code}" => areas(server, operation, actor, ""),
        "GET /api/v1/areas/{code}/history" => areas(server, operation, actor, "/history"),
        "GET /api/v1/areas/{code}/children" => areas(server, operation, actor, "/children"),
        "GET /api/v1/areas/{code}/calendar" => areas(server, operation, actor, "/calendar?year=2026"),
        "GET /api/v1/areas/boundaries" => plain("/api/v1/areas/boundaries?parent=1509"),
        "GET /api/v1/areas/locate" => plain("/api/v1/areas/locate?longitude=112&latitude=41"),
        "GET /api/v1/responsibilities" => plain("/api/v1/responsibilities?area=150902&limit=200"),
        "GET /api/v1/responsibilities/responsible" => {
            plain("/api/v1/responsibilities/responsible?area=150902&class=c1-street-lamp")
        }
        "GET /api/v1/statistics" => plain("/api/v1/statistics?area=150902"),
        "GET /api/v1/statistics/{indicator}" => plain("/api/v1/statistics/teams?area=150902"),
        "GET /api/v1/statistic-table" => {
            plain("/api/v1/statistic-table?area=150902&element=TEAMS&rows=areas&columns=periods")
        }
        "GET /api/v1/dataValueSets" => {
            plain("/api/v1/dataValueSets?area=150902&element=TEAMS&rows=areas&columns=periods")
        }
        "GET /api/v1/organizations" => {
            ["", "?area=150902", "?area=150921&kind=enforcement_team", "?name=zqbody"]
                .iter()
                .flat_map(|query| plain(&format!("/api/v1/organizations{query}")))
                .collect()
        }
        "GET /api/v1/organizations/{id}" => {
            let some = ["government_department", "enforcement_team"].map(|kind| {
                let bodies = [COUNTY, OTHER_COUNTY].map(|code| city.body(kind, city.unit(code)));
                bodies.map(|it| {
                    let path = |id: &str| format!("/api/v1/organizations/{id}");
                    let cell =
                        read(operation, actor, Object::Body(it), path(&city.bodies[it].id.to_string()));
                    let (absent, malformed) = elsewhere(actor, path);
                    Cell { absent, malformed, check: Check::Shows("content body"), ..cell }
                })
            });
            some.into_iter().flatten().collect()
        }
        "GET /api/v1/people/{id}" => people(server, operation, actor),
        "GET /api/v1/people/{id}/reads" => reads(server, operation, actor),
        "GET /api/v1/people/{id}/reads/{entry}/proof" => proofs(server, operation, actor),
        "GET /api/v1/log" => plain("/api/v1/log"),
        "POST /api/v1/passes/verify" => {
            let body = Payload::Json(json!({ "pass": "OZ1:0" }));
            let call = Call { body, ..post(actor, "/api/v1/passes/verify") };
            vec![change(operation, Object::Nothing, call, Undo::Nothing)]
        }
        "POST /api/v1/checkpoints/counts" => {
            let device = checkpoint::device_token(&server.house, Id::from_uuid(plant::device_id()));
            let body = Payload::Json(json!({ "device": device, "batch": absent_id(), "counts": [] }));
            let call = Call { body, ..post(actor, "/api/v1/checkpoints/counts") };
            vec![change(operation, Object::Nothing, call, Undo::Nothing)]
        }
        "GET /api/v1/notices" => {
            let cell = read(operation, actor, Object::Nothing, "/api/v1/notices?limit=200".into());
            vec![Cell { check: Check::Notices, ..cell }]
        }
        "POST /api/v1/notices/read" => {
            let seen = notice::Position::after_all_of(server.house.clock.now()).encode();
            let until = Payload::Json(json!({ "until": seen }));
            let cell = |body| {
                let call = Call { body, ..post(actor, "/api/v1/notices/read") };
                change(operation, Object::Nothing, call, Undo::Nothing)
            };
            [Payload::None, until].map(cell).into()
        }
        "GET /api/v1/counts" => {
            let ask = |(unit, it): (usize, &super::fixture::Unit)| {
                let cell =
                    read(operation, actor, Object::Area(unit), format!("/api/v1/counts?area={}", it.code));
                Cell { check: Check::Counts, ..cell }
            };
            city.units.iter().enumerate().map(ask).collect()
        }
        "GET /api/v1/evaluations" | "GET /api/v1/evaluations/cases" => {
            let path = operation.trim_start_matches("GET ");
            let figure = if path.ends_with("/cases") { "&figure=reported" } else { "&by=organization" };
            let ask = |(unit, it): (usize, &super::fixture::Unit)| {
                let path = format!("{path}?area={}&{PERIOD}{figure}", it.code);
                read(operation, actor, Object::Area(unit), path)
            };
            city.units.iter().enumerate().map(ask).collect()
        }
        "GET /api/v1/statistic-records" => {
            let ask = |(unit, it): (usize, &super::fixture::Unit)| {
                let path = format!("/api/v1/statistic-records?area={}&element=TEAMS", it.code);
                read(operation, actor, Object::Area(unit), path)
            };
            city.units.iter().enumerate().map(ask).collect()
        }
        "GET /api/v1/evaluations/work" => {
            let ask = |(unit, it): (usize, &super::fixture::Unit)| {
                let path = format!("/api/v1/evaluations/work?area={}&{PERIOD}&posts=desk", it.code);
                read(operation, actor, Object::Area(unit), path)
            };
            city.units.iter().enumerate().map(ask).collect()
        }
        "GET /api/v1/evaluations/work/people" => of_bodies(server, operation, actor, ""),
        "GET /api/v1/evaluations/work/cases" => of_bodies(server, operation, actor, "&figure=done"),
        "GET /api/v1/events" => {
            let units = [CITY, COUNTY, OTHER_COUNTY, TOWNSHIP, GRID];
            let ask = |code| {
                read(operation, actor, Object::Area(city.unit(code)), format!("/api/v1/events?area={code}"))
            };
            let mut cells: Vec<Cell> = units.map(ask).into();
            cells.push(read(&format!("{operation} of all"), actor, Object::Nothing, "/api/v1/events".into()));
            cells
        }
        "GET /api/v1/sessions" => plain("/api/v1/sessions"),
        "POST /api/v1/sessions" => sign_ins(server, operation, actor),
        "DELETE /api/v1/sessions/{id}" => revocations(server, operation, actor),
        "DELETE /api/v1/sessions/current" => {
            let call = Call { method: Method::DELETE, ..Call::get(actor, "/api/v1/sessions/current".into()) };
            let own = actor.person.map_or(Object::Nothing, Object::Session);
            vec![change(operation, own, call, actor.person.map_or(Undo::Nothing, Undo::Session))]
        }
        _ => Vec::new(),
    }
}

fn post(actor: Actor, path: &str) -> Call {
    Call { method: Method::POST, ..Call::get(actor, path.to_owned()) }
}

fn areas(server: &Server, operation: &str, actor: Actor, rest: &str) -> Vec<Cell> {
    let units = [CITY, COUNTY, OTHER_COUNTY, TOWNSHIP, GRID, FAR_GRID];
    units
        .map(|code| {
            let object = Object::Area(server.city.unit(code));
            read(operation, actor, object, format!("/api/v1/areas/{code}{rest}"))
        })
        .into()
}

/// Residents near and far, and members of staff, who have no household here.
pub fn subjects(city: &City) -> Vec<usize> {
    let residents = [GRID, SIBLING_GRID, FAR_GRID].map(|grid| format!("resident@{grid}"));
    let staff = [
        format!("grid_leader@{GRID}"),
        format!("acceptor@{COUNTY}"),
        "grid_hygienist who lives next door".to_owned(),
        "handler and grid_assistant".to_owned(),
    ];
    let mut subjects: Vec<usize> = residents.iter().chain(&staff).map(|label| city.person(label)).collect();
    subjects.push(city.person("neighbour"));
    subjects
}

/// The question after what is not there, and after what is no id.
fn elsewhere(actor: Actor, path: impl Fn(&str) -> String) -> (Option<Call>, Option<Call>) {
    let at = |id: &str| Some(Call::get(actor, path(id)));
    (at(&absent_id().to_string()), at(MALFORMED))
}

/// The work of an office in each supervision centre. Nobody in the story has done any, so that no person has figures.
fn of_bodies(server: &Server, operation: &str, actor: Actor, figure: &str) -> Vec<Cell> {
    let city = &server.city;
    let cell = |(body, it): (usize, &super::fixture::Body)| {
        let path = |id: &str| {
            let path = operation.trim_start_matches("GET ");
            format!("{path}?organization={id}&role=acceptor&{PERIOD}{figure}")
        };
        let cell = read(operation, actor, Object::Body(body), path(&it.id.to_string()));
        let cell = Cell { malformed: Some(Call::get(actor, path(MALFORMED))), ..cell };
        match figure {
            "" => {
                let absent = Some(Call::get(actor, path(&absent_id().to_string())));
                Cell { absent, seen_by: Some("figures of a person"), ..cell }
            }
            _ => cell,
        }
    };
    city.bodies.iter().enumerate().filter(|(_, it)| it.kind == "supervision_centre").map(cell).collect()
}

fn people(server: &Server, operation: &str, actor: Actor) -> Vec<Cell> {
    let mut cells = Vec::new();
    for person in subjects(&server.city) {
        for purpose in ["visit", "case"] {
            let path = |id: &str| format!("/api/v1/people/{id}?purpose={purpose}");
            let cell = read(
                operation,
                actor,
                Object::Person(person),
                path(&server.city.people[person].id.to_string()),
            );
            let (absent, malformed) = elsewhere(actor, path);
            let check = Check::Shows("content person");
            cells.push(Cell {
                absent,
                malformed,
                seen_by: Some("GET /api/v1/people/{id}"),
                facts: vec!["purpose"],
                check,
                ..cell
            });
        }
    }
    if let Some(me) = actor.person {
        let path = format!("/api/v1/people/{}", server.city.people[me].id);
        cells.push(read(operation, actor, Object::Person(me), path));
    }
    cells
}

fn reads(server: &Server, operation: &str, actor: Actor) -> Vec<Cell> {
    let mut people = subjects(&server.city);
    people.extend(actor.person);
    let cell = |person: usize| {
        let path = |id: &str| format!("/api/v1/people/{id}/reads");
        let cell =
            read(operation, actor, Object::Person(person), path(&server.city.people[person].id.to_string()));
        let (absent, malformed) = elsewhere(actor, path);
        Cell { absent, malformed, seen_by: Some("GET /api/v1/people/{id}/reads"), ..cell }
    };
    people.into_iter().map(cell).collect()
}

fn proofs(server: &Server, operation: &str, actor: Actor) -> Vec<Cell> {
    let mut people = subjects(&server.city);
    people.extend(actor.person);
    let cell = |person: usize| {
        let entry = plant::reading_id(person);
        let path = |id: &str| format!("/api/v1/people/{id}/reads/{entry}/proof");
        let cell =
            read(operation, actor, Object::Person(person), path(&server.city.people[person].id.to_string()));
        let (absent, malformed) = elsewhere(actor, path);
        Cell { absent, malformed, seen_by: Some("GET /api/v1/people/{id}/reads"), ..cell }
    };
    people.into_iter().map(cell).collect()
}

/// With the right password and a wrong one. Hashing takes time by design, so only some people try.
fn sign_ins(server: &Server, operation: &str, actor: Actor) -> Vec<Cell> {
    let roles = ["resident@", "handler of", "once acceptor", "administrator@", "commander@"];
    let is_first = |it: usize| {
        let same = |label: &str| {
            roles.iter().any(|role| server.city.people[it].label.starts_with(role) && label.starts_with(role))
        };
        !server.city.people[..it].iter().any(|before| same(&before.label))
            && same(&server.city.people[it].label)
    };
    let Some(me) = actor.person.filter(|it| is_first(*it)) else { return Vec::new() };
    let other = (me + 1) % server.city.people.len();
    let tries =
        [(me, plant::PASSWORD, true), (me, "not the password", false), (other, "not the password", false)];
    let cell = |(person, password, is_right): (usize, &str, bool)| {
        let body = json!({ "login_name": plant::login_name(person), "password": password });
        // Signing in needs no session: it is sent without one.
        let call = Call { body: Payload::Json(body), ..post(actor, "/api/v1/sessions") };
        let facts = if is_right { vec!["password"] } else { Vec::new() };
        Cell { facts, ..change(operation, Object::Person(person), call, Undo::Nothing) }
    };
    tries.map(cell).into()
}

fn revocations(server: &Server, operation: &str, actor: Actor) -> Vec<Cell> {
    let others =
        ["neighbour", "acceptor@150902", "administrator@150902"].map(|label| server.city.person(label));
    let path = |id: Uuid| format!("/api/v1/sessions/{id}");
    let call = |path: String| Call { method: Method::DELETE, ..Call::get(actor, path) };
    let cell = |person: usize| {
        let cell = change(
            operation,
            Object::Session(person),
            call(path(server.sessions[person].1)),
            Undo::Session(person),
        );
        let malformed = Some(call(format!("/api/v1/sessions/{MALFORMED}")));
        Cell { absent: Some(call(path(absent_id()))), malformed, seen_by: Some("content session"), ..cell }
    };
    others.into_iter().chain(actor.person).map(cell).collect()
}
