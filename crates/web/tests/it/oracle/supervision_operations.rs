//! The cells of operations on supervision.

use serde_json::json;

use super::{
    case_operations::{SEE, post, seen},
    fixture::{COUNTY, Term},
    matrix::{Cell, Check, Undo},
    operations::{MALFORMED, absent_id, change, everybody, read},
    plant::order_id,
    server::{Call, Payload, Server},
    verdict::{Actor, Object},
};

pub fn cells(server: &Server, operation: &str) -> Vec<Cell> {
    let plain = |operation: &str, path: &str| -> Vec<Cell> {
        let ask = |it| read(operation, it, Object::Nothing, path.to_owned());
        everybody(server).into_iter().map(ask).collect()
    };
    match operation {
        "GET /api/v1/supervisions" => {
            let mut cells = plain(operation, "/api/v1/supervisions");
            let to_reply = format!("{operation} to reply to");
            cells.extend(plain(&to_reply, "/api/v1/supervisions?to_reply=true"));
            cells
        }
        "GET /api/v1/supervisions/levels" => plain(operation, "/api/v1/supervisions/levels"),
        "POST /api/v1/supervisions" => orders(server, operation),
        "GET /api/v1/supervisions/{id}" => ordered(server, None, |case, actor| {
            let cell = read(operation, actor, Object::Case(case), String::new());
            on_order(server, cell, "", case)
        }),
        "POST /api/v1/supervisions/{id}/steps/{step}" => steps(server, operation),
        _ => Vec::new(),
    }
}

/// An order about each case of the story.
fn orders(server: &Server, operation: &str) -> Vec<Cell> {
    let body = |case| {
        Payload::Json(json!({ "case": case, "kind": "leader", "level": "general", "requirement": "请说明" }))
    };
    let cell = |case: usize, actor: Actor| {
        let at = |case| Call { path: "/api/v1/supervisions".into(), ..post(actor, body(case)) };
        let id = server.city.cases[case].id;
        let cell = change(operation, Object::Case(case), at(id), Undo::Case(case));
        Cell { absent: Some(at(absent_id())), seen_by: Some(SEE), ..cell }
    };
    // Where the office has given an order already it gives no other.
    let is_free = |it: &usize| {
        let case = &server.city.cases[*it];
        case.is_focal && case.supervised().is_none()
    };
    let cases = (0..server.city.cases.len()).filter(is_free);
    cases.flat_map(|case| everybody(server).into_iter().map(move |actor| cell(case, actor))).collect()
}

/// What `plant` has put under supervision, at this stage or at any.
fn ordered(server: &Server, stage: Option<&str>, cell: impl Fn(usize, Actor) -> Cell) -> Vec<Cell> {
    let is_ordered = |it: &usize| {
        let case = &server.city.cases[*it];
        case.supervised().is_some() && stage.is_none_or(|stage| case.stage == stage)
    };
    let cases: Vec<usize> = (0..server.city.cases.len()).filter(is_ordered).collect();
    assert!(!cases.is_empty());
    let both = cases.into_iter().flat_map(|case| everybody(server).into_iter().map(move |it| (case, it)));
    both.map(|(case, actor)| cell(case, actor)).collect()
}

/// A cell on the order about a case, with the question after what is not there beside it.
fn on_order(server: &Server, cell: Cell, rest: &str, case: usize) -> Cell {
    let cell = seen(server, cell, |id| format!("/api/v1/supervisions/{id}{rest}"), Check::Status);
    let at = |id: String| Call { path: format!("/api/v1/supervisions/{id}{rest}"), ..cell.call.clone() };
    let (call, malformed) = (at(order_id(case).to_string()), Some(at(MALFORMED.to_owned())));
    Cell { absent: Some(at(absent_id().to_string())), malformed, call, ..cell }
}

fn steps(server: &Server, operation: &str) -> Vec<Cell> {
    let steps = [("reply", "handle"), ("refuse", "feedback"), ("accept", "feedback"), ("cancel", "feedback")];
    let cells = |(step, stage): (&'static str, &str)| {
        ordered(server, Some(stage), |case, actor| {
            let call = post(actor, Payload::Json(json!({ "note": "说明" })));
            let cell = change(&format!("{operation} {step}"), Object::Case(case), call, Undo::Case(case));
            let facts = if is_office_or_above(server, actor) { vec!["office_or_above"] } else { Vec::new() };
            on_order(server, Cell { facts, ..cell }, &format!("/steps/{step}"), case)
        })
    };
    steps.into_iter().flat_map(cells).collect()
}

/// Whether the actor has a post where the order was given, the county's command centre, or above it.
fn is_office_or_above(server: &Server, actor: Actor) -> bool {
    let city = &server.city;
    let county = city.unit(COUNTY);
    let centre = city.body("command_centre", county);
    let posts = actor.person.map_or(&[][..], |it| &city.people[it].posts);
    posts.iter().any(|it| {
        let is_above = it.unit != county && city.is_within(county, it.unit);
        it.term == Term::Now && (it.body == centre || is_above)
    })
}
