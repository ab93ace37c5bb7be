//! The cells of operations on what is withheld from people: planted of some of them, asked for by the body of their
//! county's leader.

use domain::City as House;
use kernel::Timestamp;
use serde_json::json;
use store::{StoreError, Tx, params};
use uuid::Uuid;

use super::{
    case_operations::post,
    fixture::{COUNTY, City, Term, uuid},
    matrix::{Cell, Undo},
    operations::{MALFORMED, absent_id, change, everybody, read, subjects},
    plant::{area_id, path},
    server::{Call, Payload, Server},
    verdict::{Actor, Object},
};

const SEE: &str = "GET /api/v1/withholdings/{id}";
const PROPOSE: &str = "POST /api/v1/withholdings";
/// Of so many people something is withheld; of the others it can be asked for.
const PLANTED: usize = 2;

fn withholding_id(number: usize) -> Uuid {
    uuid(18, number)
}

/// The body that asked for what is planted.
fn proposer(city: &City) -> usize {
    city.people[city.person(&format!("leader@{COUNTY}"))].posts[0].body
}
const WITHHOLDING: &str = "INSERT INTO withholding (county_id, id, person_id, area_path, organization_id, basis, days, \
    proposed_at, state, note, revision) VALUES ($1, $2, $3, $4, $5, '某法第一条', 5, $6, 'proposed', '', 1)";
const WIPE_WITHHOLDINGS: [&str; 2] =
    ["DELETE FROM withholding", "DELETE FROM journal WHERE subject_kind = 'withholding'"];

pub fn cells(server: &Server, operation: &str) -> Vec<Cell> {
    match operation {
        "GET /api/v1/withholdings" => {
            let ask = |it| read(operation, it, Object::Nothing, "/api/v1/withholdings".to_owned());
            everybody(server).into_iter().map(ask).collect()
        }
        PROPOSE => everybody(server).into_iter().flat_map(|it| proposals(server, it)).collect(),
        SEE => planted(server, |actor, object| read(operation, actor, object, String::new()), ""),
        "POST /api/v1/withholdings/{id}/steps/{step}" => {
            let cell = |actor, object| {
                change(operation, object, post(actor, Payload::Json(json!({}))), Undo::Withholdings)
            };
            planted(server, cell, "/steps/approve")
        }
        _ => Vec::new(),
    }
}

fn proposals(server: &Server, actor: Actor) -> Vec<Cell> {
    let city = &server.city;
    let of = |person: Uuid| {
        let body = Payload::Json(json!({ "person": person, "basis": "某法第一条", "days": 5 }));
        Call { path: "/api/v1/withholdings".into(), ..post(actor, body) }
    };
    let cell = |person: usize| {
        let cell = change(PROPOSE, Object::Person(person), of(city.people[person].id), Undo::Withholdings);
        Cell { absent: Some(of(absent_id())), seen_by: Some(PROPOSE), ..cell }
    };
    subjects(city).into_iter().skip(PLANTED).map(cell).collect()
}

fn planted(server: &Server, cell: impl Fn(Actor, Object) -> Cell, rest: &str) -> Vec<Cell> {
    let city = &server.city;
    let one = |(number, person): (usize, usize)| {
        let cells = everybody(server).into_iter().map(|actor| cell(actor, Object::Person(person)));
        let at = |cell: Cell| {
            let call =
                |id: String| Call { path: format!("/api/v1/withholdings/{id}{rest}"), ..cell.call.clone() };
            let facts = if is_of_proposer(city, cell.call.actor) { vec!["own_body"] } else { Vec::new() };
            Cell {
                absent: Some(call(absent_id().to_string())),
                malformed: Some(call(MALFORMED.to_owned())),
                seen_by: Some(SEE),
                call: call(withholding_id(number).to_string()),
                facts,
                ..cell
            }
        };
        cells.map(at).collect::<Vec<_>>()
    };
    subjects(city).into_iter().take(PLANTED).enumerate().flat_map(one).collect()
}

fn is_of_proposer(city: &City, actor: Actor) -> bool {
    let posts = actor.person.map_or(&[][..], |it| &city.people[it].posts);
    posts.iter().any(|it| matches!(it.term, Term::Now) && it.body == proposer(city))
}

pub fn plant(tx: &mut Tx<'_>, city: &City, now: Timestamp) -> Result<(), StoreError> {
    let body = city.bodies[proposer(city)].id;
    for (number, person) in subjects(city).into_iter().take(PLANTED).enumerate() {
        let it = &city.people[person];
        let place = path(city, it.home.unwrap_or(it.county));
        let id = withholding_id(number);
        tx.execute(WITHHOLDING, params![area_id(it.county), id, it.id, &place, body, now])?;
    }
    Ok(())
}

/// What was asked for to be withheld, as it was.
pub fn restore(house: &House, city: &City) {
    let now = house.clock.now();
    let done: Result<(), StoreError> = house.db.write(|tx| {
        for statement in WIPE_WITHHOLDINGS {
            tx.execute(statement, &[])?;
        }
        plant(tx, city, now)
    });
    done.expect("what is withheld is put back");
}
