//! The cells of operations on cases, by API and by page.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    fixture::{
        CITY, COMMUNITY, COUNTY, FAR_GRID, GRID, OTHER_COUNTY, OTHER_TOWNSHIP, SIBLING_GRID, STAGES,
        TOWNSHIP, uuid,
    },
    matrix::{Cell, Check, Matrix, Undo},
    operations::{MALFORMED, absent_id, change, everybody, read},
    server::{Call, Payload, Server},
    supervision_operations,
    verdict::{Actor, Object},
};

pub const SEE: &str = "GET /api/v1/cases/{id}";
const ADVANCE: &str = "POST /api/v1/cases/{id}/transitions/{transition}";
/// Operations that are no part of the API's document: pages.
pub const SWEPT: [&str; 3] = ["GET /cases/{id}", "GET /follow/{token}", "GET pages"];
/// Where a report can start, beside the stage that is open to all.
pub const STARTS: [&str; 2] = ["start dispatch", "start register"];
/// Each transition of the procedure, and the stage that it leads from.
const TRANSITIONS: [(&str, &str); 20] = [
    ("verify", "collect"),
    ("refute", "collect"),
    ("register", "register"),
    ("ask_again", "register"),
    ("void", "register"),
    ("dispatch", "dispatch"),
    ("dispatch_by_list", "dispatch"),
    ("feed_back", "handle"),
    ("feed_back_alone", "handle"),
    ("return", "handle"),
    ("dispute", "handle"),
    ("rule", "adjudicate"),
    ("accept", "feedback"),
    ("rework", "feedback"),
    ("close", "check"),
    ("fail", "check"),
    ("rate", "evaluate"),
    ("lapse", "evaluate"),
    ("reopen", "evaluate"),
    ("reopen", "closed"),
];

pub fn cells(server: &Server, operation: &str) -> Vec<Cell> {
    let plain = |path: &str| -> Vec<Cell> {
        everybody(server)
            .into_iter()
            .map(|it| read(operation, it, Object::Nothing, path.to_owned()))
            .collect()
    };
    match operation {
        "GET /api/v1/procedures" => plain("/api/v1/procedures"),
        "GET /api/v1/procedures/{id}" => plain("/api/v1/procedures/city-event"),
        "GET /api/v1/classes" => plain("/api/v1/classes"),
        "GET /api/v1/cases" => {
            let cursor = foreign_cursor(server);
            everybody(server).into_iter().flat_map(|it| lists(server, operation, it, &cursor)).collect()
        }
        "POST /api/v1/cases" => {
            everybody(server).into_iter().flat_map(|it| reports(server, operation, it)).collect()
        }
        SEE => on_cases(server, false, |case, actor| {
            let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}"));
            vec![seen(
                server,
                read(operation, actor, Object::Case(case), String::new()),
                path,
                Check::Shows("content case"),
            )]
        }),
        "GET /api/v1/cases/{id}/photos/{photo}" => on_cases(server, true, |case, actor| {
            let photo = server.photo.id;
            let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}/photos/{photo}"));
            vec![seen(server, read(operation, actor, Object::Case(case), String::new()), path, Check::Status)]
        }),
        "POST /api/v1/cases/{id}/contact" => on_cases(server, true, |case, actor| {
            let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}/contact"));
            let cell = change(operation, Object::Case(case), post(actor, Payload::None), Undo::Case(case));
            vec![seen(server, cell, path, Check::Shows("content contact"))]
        }),
        "POST /api/v1/cases/{id}/withholding" => on_cases(server, true, |case, actor| {
            let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}/withholding"));
            let cell = change(operation, Object::Case(case), post(actor, Payload::None), Undo::Case(case));
            vec![seen(server, cell, path, Check::Status)]
        }),
        "POST /api/v1/cases/{id}/notes" => on_cases(server, true, |case, actor| {
            let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}/notes"));
            let note = |(fact, public): (&'static str, bool)| {
                let body = Payload::Json(json!({ "note": "看过了", "public": public }));
                let cell = change(operation, Object::Case(case), post(actor, body), Undo::Case(case));
                seen(server, Cell { facts: vec![fact], ..cell }, path, Check::Status)
            };
            [("public", true), ("internal", false)].map(note).into()
        }),
        "POST /api/v1/cases/{id}/relief" => on_cases(server, true, |case, actor| {
            let path = |id: &str| format!("/api/v1/cases/{id}/relief");
            let body = json!({ "kind": "extension", "ground": "several-bodies", "note": "要和水务局一起修" });
            let cell =
                change(operation, Object::Case(case), post(actor, Payload::Json(body)), Undo::Case(case));
            if actor.link.is_some() { Vec::new() } else { vec![seen(server, cell, path, Check::Status)] }
        }),
        "POST /api/v1/cases/{id}/relief/decision" => on_cases(server, true, |case, actor| {
            let path = |id: &str| format!("/api/v1/cases/{id}/relief/decision");
            let body = json!({ "granted": true });
            let cell =
                change(operation, Object::Case(case), post(actor, Payload::Json(body)), Undo::Case(case));
            if actor.link.is_some() { Vec::new() } else { vec![seen(server, cell, path, Check::Status)] }
        }),
        "POST /api/v1/cases/{id}/relief/end" => on_cases(server, true, |case, actor| {
            let path = |id: &str| format!("/api/v1/cases/{id}/relief/end");
            let body = json!({ "note": "配件到了" });
            let cell =
                change(operation, Object::Case(case), post(actor, Payload::Json(body)), Undo::Case(case));
            if actor.link.is_some() { Vec::new() } else { vec![seen(server, cell, path, Check::Status)] }
        }),
        "GET /api/v1/cases/{id}/claims" => on_claims(server, operation, "", |_| Payload::None),
        "POST /api/v1/cases/{id}/claims" => on_claims(server, operation, "", |_| {
            Payload::Json(json!({ "kind": "exclusion", "about": "out-of-power", "note": "不属职权" }))
        }),
        "POST /api/v1/cases/{id}/claims/{claim}/ruling" => {
            let path = format!("/{}/ruling", absent_id());
            on_claims(server, operation, &path, |_| Payload::Json(json!({ "granted": true, "note": "同意" })))
        }
        "POST /api/v1/cases/{id}/claims/{claim}/revocation" => {
            let path = format!("/{}/revocation", absent_id());
            on_claims(server, operation, &path, |_| Payload::Json(json!({ "note": "撤销" })))
        }
        "GET /api/v1/cases/nearby" => {
            plain("/api/v1/cases/nearby?class=c1-street-lamp&area=150902&longitude=112&latitude=41")
        }
        "POST /api/v1/cases/{id}/merge" => on_cases(server, true, |case, actor| {
            let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}/merge"));
            // Into one that is open, and another than itself.
            let is_main = |it: usize| {
                it != case && ["register", "collect"].contains(&server.city.cases[it].label.as_str())
            };
            let main = (0..server.city.cases.len()).find(|it| is_main(*it)).expect("two cases");
            let body = json!({ "into": server.city.cases[main].id, "reason": "同一件事" });
            let cell =
                change(operation, Object::Case(case), post(actor, Payload::Json(body)), Undo::Case(case));
            vec![seen(server, cell, path, Check::Status)]
        }),
        "POST /api/v1/cases/{id}/unmerge" => on_cases(server, true, |case, actor| {
            let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}/unmerge"));
            let body = Payload::Json(json!({ "reason": "不是同一件事" }));
            let cell = change(operation, Object::Case(case), post(actor, body), Undo::Case(case));
            vec![seen(server, cell, path, Check::Status)]
        }),
        ADVANCE => advances(server),
        _ => supervision_operations::cells(server, operation),
    }
}

/// What a case counts for, asked by everybody who has signed in or not; a void case counts for nothing. There is no claim
/// in the story, so that a word on one is said on what is not there.
fn on_claims(server: &Server, operation: &str, path: &str, body: impl Fn(usize) -> Payload) -> Vec<Cell> {
    on_cases(server, true, |case, actor| {
        if actor.link.is_some() || server.city.cases[case].stage == "void" {
            return Vec::new();
        }
        let at = |id: &str| format!("/api/v1/cases/{id}/claims{path}");
        let cell = match operation.starts_with("GET") {
            true => read(operation, actor, Object::Case(case), String::new()),
            false => change(operation, Object::Case(case), post(actor, body(case)), Undo::Case(case)),
        };
        let cell = seen(server, cell, at, Check::Status);
        // Who sees the case sees no claim that is not there.
        vec![if path.is_empty() { cell } else { Cell { seen_by: Some("a claim"), ..cell } }]
    })
}

pub fn post(actor: Actor, body: Payload) -> Call {
    Call { method: Method::POST, path: String::new(), actor, body }
}

fn with_link(server: &Server, actor: Actor, path: String) -> String {
    match actor.link {
        Some(case) => format!("{path}?follow={}", server.link(case)),
        None => path,
    }
}

/// A cell on a case that can be seen or not, with the question after what is not there beside it.
pub fn seen(server: &Server, cell: Cell, path: impl Fn(&str) -> String, check: Check) -> Cell {
    let Object::Case(case) = cell.object else { return cell };
    let at = |id: &str| Call { path: path(id), ..cell.call.clone() };
    let (call, absent) = (at(&server.city.cases[case].id.to_string()), at(&absent_id().to_string()));
    Cell { malformed: Some(at(MALFORMED)), absent: Some(absent), call, seen_by: Some(SEE), check, ..cell }
}

/// Everybody, and those who came by a link: to this case or another, signed in or not.
fn actors_at(server: &Server, case: usize) -> Vec<Actor> {
    let mut actors = everybody(server);
    let other = (case + 1) % server.city.cases.len();
    let strangers = [
        "neighbour",
        "grid_leader@150921002002001",
        "administrator@150902",
        "handler of enforcement_team@150921",
    ];
    let mut people: Vec<Option<usize>> = strangers.iter().map(|it| Some(server.city.person(it))).collect();
    people.push(None);
    for person in people {
        actors.extend([case, other].map(|link| Actor { person, link: Some(link) }));
    }
    actors
}

fn on_cases(server: &Server, focal: bool, cells: impl Fn(usize, Actor) -> Vec<Cell>) -> Vec<Cell> {
    let cases = (0..server.city.cases.len()).filter(|it| server.city.cases[*it].is_focal || !focal);
    let both = cases.flat_map(|case| actors_at(server, case).into_iter().map(move |actor| (case, actor)));
    both.flat_map(|(case, actor)| cells(case, actor)).collect()
}

/// Each transition at all cases that stand where it leads from, and at one of each other stage by those
/// who could take it if the case stood right.
fn advances(server: &Server) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (transition, from) in TRANSITIONS {
        for (case, it) in server.city.cases.iter().enumerate() {
            let stands_right = it.stage == from;
            if stands_right || STAGES.contains(&it.label.as_str()) {
                let actors = actors_at(server, case)
                    .into_iter()
                    .filter(|actor| stands_right || is_some_sort_of_staff(server, *actor));
                cells.extend(actors.map(|actor| advance(server, transition, case, actor)));
            }
        }
    }
    cells
}

fn is_some_sort_of_staff(server: &Server, actor: Actor) -> bool {
    let labels = [
        "grid_leader@150902001001001",
        "acceptor@150902",
        "dispatcher@150902",
        "leader@150902",
        "handler of government_department@150902",
        "resident@150902001001001",
    ];
    actor.link.is_none()
        && actor.person.is_some_and(|it| labels.contains(&server.city.people[it].label.as_str()))
}

fn advance(server: &Server, transition: &str, case: usize, actor: Actor) -> Cell {
    let county = server.city.county_of(server.city.cases[case].unit).unwrap_or(1);
    let body = server.city.bodies[server.city.body("enforcement_team", county)].id;
    let (step, has_photo): (Value, bool) = match transition {
        "verify" => (json!({ "finding": "exists" }), true),
        "refute" => (json!({ "finding": "absent", "note": "没有" }), false),
        "ask_again" | "rework" | "reopen" => (json!({ "note": "再看" }), false),
        "void" => (json!({ "ground": "does-not-exist", "note": "没有" }), false),
        "dispatch" => (json!({ "organization": body }), false),
        "feed_back" | "fail" => (json!({ "note": "看过了" }), true),
        "rule" => (json!({ "organization": body, "note": "归你" }), false),
        "return" | "dispute" => (json!({ "ground": "not-our-duty", "note": "不是" }), false),
        "close" => (json!({}), true),
        "rate" => (json!({ "rating": 5, "solved": true }), false),
        _ => (json!({}), false),
    };
    let payload = match has_photo {
        true => Payload::Form(vec![("case".into(), step.to_string())], server.picture.clone()),
        false => Payload::Json(step),
    };
    let operation = format!("{ADVANCE} {transition}");
    let path = |id: &str| with_link(server, actor, format!("/api/v1/cases/{id}/transitions/{transition}"));
    let cell = change(&operation, Object::Case(case), post(actor, payload), Undo::Case(case));
    seen(server, cell, path, Check::Status)
}

/// A report of something in an area, and one under the id of a case that is there.
fn reports(server: &Server, operation: &str, actor: Actor) -> Vec<Cell> {
    let number = actor.person.map_or(0, |it| it + 1);
    let mut cells = Vec::new();
    for (index, code) in [GRID, FAR_GRID].into_iter().enumerate() {
        let id = uuid(50 + index as u64, number);
        let body = json!({ "id": id, "class": "c1-street-lamp", "area": code, "description": "路灯不亮" });
        let call = Call { path: "/api/v1/cases".into(), ..post(actor, Payload::Json(body)) };
        let cell = change(operation, Object::Area(server.city.unit(code)), call, Undo::NewCase(id));
        cells.push(Cell { check: Check::Start, ..cell });
    }
    let known = server.city.cases[0].id;
    let body = json!({ "id": known, "class": "c1-street-lamp", "area": GRID, "description": "路灯不亮" });
    let call = Call { path: "/api/v1/cases".into(), ..post(actor, Payload::Json(body)) };
    let undo = if actor.person.is_none() { Undo::NewCase(known) } else { Undo::Nothing };
    cells.push(change(&format!("{operation} under a known id"), Object::Nothing, call, undo));
    cells
}

/// Where the second page of the whole city's cases begins, for people who may not turn to it.
fn foreign_cursor(server: &Server) -> String {
    let commander = Actor { person: Some(server.city.person("commander@1509")), link: None };
    let page = server.send(&Call::get(commander, "/api/v1/cases?limit=2".into()), 0).json();
    page["next"].as_str().expect("a second page").to_owned()
}

/// The lists that an actor can ask for, by every lens and filter; foreign ones too.
fn lists(server: &Server, operation: &str, actor: Actor, cursor: &str) -> Vec<Cell> {
    let city = &server.city;
    let mut asked: Vec<(String, Lens)> = vec![
        (String::new(), Lens::default()),
        (format!("&cursor={cursor}"), Lens { narrowed: true, ..Lens::default() }),
        ("&mine=true".into(), Lens { mine: true, ..Lens::default() }),
        ("&status=open".into(), Lens { narrowed: true, ..Lens::default() }),
        ("&status=open&overdue=true".into(), Lens { narrowed: true, ..Lens::default() }),
        ("&returned=true".into(), Lens { narrowed: true, ..Lens::default() }),
        ("&reopened=true".into(), Lens { narrowed: true, ..Lens::default() }),
        ("&stage=check".into(), Lens { narrowed: true, ..Lens::default() }),
        ("&status=closed&class=c1-street-lamp".into(), Lens { narrowed: true, ..Lens::default() }),
        ("&status=void".into(), Lens { narrowed: true, ..Lens::default() }),
        ("&closed_since=2026-01-31".into(), Lens { narrowed: true, ..Lens::default() }),
    ];
    for code in
        [CITY, COUNTY, OTHER_COUNTY, TOWNSHIP, OTHER_TOWNSHIP, COMMUNITY, GRID, SIBLING_GRID, FAR_GRID]
    {
        let unit = Some(city.unit(code));
        asked.push((format!("&area={code}"), Lens { unit, ..Lens::default() }));
        asked.push((format!("&area={code}&status=open"), Lens { unit, narrowed: true, ..Lens::default() }));
    }
    for kind in ["government_department", "enforcement_team"] {
        for code in [COUNTY, OTHER_COUNTY] {
            let body = city.body(kind, city.unit(code));
            let lens = Lens { body: Some(body), ..Lens::default() };
            asked.push((format!("&organization={}", city.bodies[body].id), lens));
        }
    }
    let cell = |(query, lens): (String, Lens)| {
        let cell = read(operation, actor, Object::Nothing, format!("/api/v1/cases?limit=200{query}"));
        Cell { check: Check::Cases(lens), ..cell }
    };
    asked.into_iter().map(cell).collect()
}

/// What a list was narrowed to.
#[derive(Clone, Copy, Default, Debug)]
pub struct Lens {
    pub unit: Option<usize>,
    pub body: Option<usize>,
    pub mine: bool,
    /// By something that the oracle has no word on: not all that may be seen is in it.
    pub narrowed: bool,
}

/// Pages show the same cases to the same people, and nothing of any other.
pub fn sweep(matrix: &mut Matrix<'_>) {
    let server = matrix.server;
    let pages = on_cases(server, true, |case, actor| {
        let [by_id, by_link, _] = SWEPT;
        let path = |id: &str| format!("/cases/{id}");
        let mut cells = Vec::new();
        if actor.link.is_none() {
            let cell = seen(
                server,
                read(by_id, actor, Object::Case(case), String::new()),
                path,
                Check::Shows("content case"),
            );
            // A page names its own address for the language to come back to: only the status is compared.
            cells.push(Cell { absent: None, malformed: None, ..cell });
        } else {
            // Whatever case is meant, a link opens its own.
            let link = actor.link.unwrap_or(case);
            let path = format!("/follow/{}", server.link(link));
            cells.push(Cell {
                check: Check::Shows("content case"),
                ..read(by_link, actor, Object::Case(link), path)
            });
        }
        cells
    });
    matrix.run(pages);
    let number = &server.city.cases[0].number;
    let mut lists = Vec::new();
    for actor in everybody(server) {
        let paths = [
            "/",
            "/today",
            "/board",
            "/work",
            "/supervise",
            "/supervisions",
            "/command",
            "/cases",
            "/notices",
            "/me",
            "/areas/150902",
        ];
        let search = [
            format!("/cases?q={number}"),
            format!("/cases?area={COUNTY}"),
            format!("/board?area={GRID}"),
            format!("/supervise?area={CITY}"),
        ];
        let cell =
            |path: String| Cell { check: Check::LeaksAlone, ..read(SWEPT[2], actor, Object::Nothing, path) };
        lists.extend(paths.map(str::to_owned).into_iter().chain(search).map(cell));
    }
    matrix.run(lists);
}
