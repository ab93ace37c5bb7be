//! Faults planted on purpose: a matrix that stays green with them would prove nothing.

use axum::http::Method;
use store::testing::Scratch;

use super::{
    canary::Canaries,
    matrix::{Cell, Expect, Matrix, Outcome, Undo, compare, expect},
    operations, plant,
    server::{Answer, Call, Server},
    verdict::{Actor, Object, Oracle, Verdict},
};

/// Operations whose rows are flipped: all but those that would end the sessions of the test itself.
fn is_flipped(operation: &str) -> bool {
    !operation.contains("/sessions") && !operation.contains("/notices")
}

/// Cells of an operation whose verdict hangs on one row: those that change when it is flipped.
const CELLS_MAX: usize = 3;

/// Each row of the table matters, and the server agrees with none of them the other way round.
#[test]
fn each_flipped_row_of_the_oracle_turns_the_matrix_red() {
    let scratch = Scratch::sqlite();
    let server = Server::start(scratch.db.clone());
    let truth = Oracle::load();
    for operation in super::operations(&server).into_iter().filter(|it| is_flipped(it)) {
        let cells = operations::cells(&server, &operation);
        let told: Vec<Expect> = cells.iter().map(|it| expect(&truth, &server.city, it)).collect();
        for index in
            (0..truth.0.len()).filter(|it| cells.iter().any(|cell| cell.operation == truth.0[*it].operation))
        {
            let flipped = flip(index);
            let row = &flipped.0[index];
            let hangs = |(cell, told): &(&Cell, &Expect)| expect(&flipped, &server.city, cell) != **told;
            let some: Vec<Cell> =
                cells.iter().zip(&told).filter(hangs).take(CELLS_MAX).map(|(cell, _)| cell.clone()).collect();
            assert!(!some.is_empty(), "{}, {}: no cell hangs on this row", row.operation, row.basis);
            assert!(
                faults(&server, &flipped, some) > 0,
                "{}, {}: flipped, and nobody saw",
                row.operation,
                row.basis
            );
        }
    }
}

fn flip(index: usize) -> Oracle {
    let mut oracle = Oracle::load();
    oracle.0[index].verdict = match oracle.0[index].verdict {
        Verdict::Allow => Verdict::Refuse,
        Verdict::Refuse => Verdict::Allow,
    };
    oracle
}

/// The faults that an oracle finds in some cells; what they changed is put back.
fn faults(server: &Server, oracle: &Oracle, cells: Vec<Cell>) -> usize {
    let canaries = Canaries::of(server);
    let cases: Vec<_> = cells.iter().map(|it| it.object).collect();
    let made: Vec<_> = cells.iter().map(|it| it.undo).collect();
    let outcome = Outcome::default();
    let mut matrix = Matrix { server, oracle, canaries: &canaries, one_in: 1, seed: super::SEED, outcome };
    matrix.run(cells);
    for object in cases {
        if let Object::Case(case) = object {
            plant::restore(&server.house, &server.city, &server.city.cases[case], &server.photo);
        }
    }
    for undo in made {
        if let Undo::NewCase(id) = undo {
            plant::wipe(&server.house, id);
        }
    }
    matrix.outcome.faults.len()
}

/// What a list, a count's drill-down or an export would hold if it were read without its scope.
#[test]
fn an_answer_read_without_its_scope_is_seen() {
    let scratch = Scratch::sqlite();
    let server = Server::start(scratch.db.clone());
    let (oracle, canaries) = (Oracle::load(), Canaries::of(&server));
    let actor = |label: &str| Actor { person: Some(server.city.person(label)), link: None };
    let whole_city = Call::get(actor("commander@1509"), "/api/v1/cases?limit=200".into());
    let body = server.send(&whole_city, 0).text().into_owned();
    assert_eq!(canaries.leaks(&oracle, &server.city, whole_city.actor, &body), Vec::<String>::new());
    for label in
        ["grid_leader@150902001001001", "handler of enforcement_team@150921", "auditor@1509", "neighbour"]
    {
        assert_ne!(
            canaries.leaks(&oracle, &server.city, actor(label), &body),
            Vec::<String>::new(),
            "{label}"
        );
    }
    assert_ne!(canaries.leaks(&oracle, &server.city, operations::NOBODY, &body), Vec::<String>::new());
}

#[test]
fn one_foreign_canary_anywhere_in_a_body_is_seen() {
    let scratch = Scratch::sqlite();
    let server = Server::start(scratch.db.clone());
    let (oracle, canaries) = (Oracle::load(), Canaries::of(&server));
    let handler =
        Actor { person: Some(server.city.person("handler of government_department@150902")), link: None };
    let case = &server.city.cases[3];
    let own = format!("{{\"description\":\"{}\",\"id\":\"{}\"}}", case.description, case.id);
    assert_eq!(canaries.leaks(&oracle, &server.city, handler, &own), Vec::<String>::new());
    let city = &server.city;
    for planted in [
        &case.contact_phone,
        &case.contact_name,
        &case.read_for,
        &city.people[7].name,
        &city.cases[0].number,
        &city.offices[0].told,
    ] {
        let body = format!("{own},<td>{planted}</td>");
        assert_eq!(canaries.leaks(&oracle, &server.city, handler, &body).len(), 1, "{planted}");
    }
}

#[test]
fn the_comparer_tells_the_classes_of_answers_apart() {
    let answer = |status: u16, body: &str| Answer { status, body: body.into() };
    let somebody = Actor { person: Some(0), link: None };
    let absent = answer(404, "nothing");
    let fits = |expect, it: &Answer| compare(expect, it, Some(&absent), somebody).is_ok();
    assert!(fits(Expect::Allowed, &answer(204, "")) && !fits(Expect::Allowed, &absent));
    assert!(fits(Expect::Refused, &answer(403, "")) && !fits(Expect::Refused, &answer(200, "")));
    assert!(!fits(Expect::Refused, &answer(422, "")), "who may not is told so before their form is read");
    assert!(fits(Expect::Invisible, &absent) && !fits(Expect::Invisible, &answer(403, "nothing")));
    assert!(!fits(Expect::Invisible, &answer(404, "nothing for you")), "existence shows in another body");
    assert!(!fits(Expect::Invisible, &answer(401, "nothing")), "only the anonymous are asked to sign in");
}

/// A refused write that wrote would be seen in the counts of the tables.
#[test]
fn a_change_shows_in_the_state_of_the_tables() {
    let scratch = Scratch::sqlite();
    let server = Server::start(scratch.db.clone());
    let before = plant::state(&server.house);
    let reporter = server.city.cases[6].reporter;
    let cells = operations::cells(&server, "POST /api/v1/cases/{id}/transitions/{transition}");
    let is_it = |it: &&Cell| {
        it.operation.ends_with(" rate") && it.object == Object::Case(6) && it.call.actor.person == reporter
    };
    let rate = cells.iter().find(is_it).expect("the reporter rates");
    assert_eq!(rate.call.method, Method::POST);
    assert_eq!(server.send(&rate.call, 1).status, 200);
    assert_ne!(plant::state(&server.house), before);
}
