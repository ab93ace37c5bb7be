//! Every operation of the API as every role and relation, against an oracle that was written from the
//! documents: it shares no code with the policies, and knows the tree from its fixture alone. Open311 stands outside:
//! it knows no roles, and `open311` tries that everybody is shown the same.

mod analysis_operations;
mod burden_operations;
mod campaign_operations;
mod canary;
mod case_operations;
mod check;
mod controls;
mod fixture;
mod house;
mod matrix;
mod operations;
mod plant;
mod server;
mod supervision_operations;
mod verdict;
mod withholding_operations;

use std::collections::{BTreeMap, BTreeSet};

use canary::Canaries;
use matrix::{Matrix, Outcome};
use server::{Call, Server};
use store::{Db, testing::Scratch};
use verdict::Oracle;

const SEED: u64 = 20_261_120;
/// Faults shown of one operation; the rest are counted.
const SHOWN_MAX: usize = 12;

/// `METHOD path` of every operation that the served document names.
fn operations(server: &Server) -> Vec<String> {
    let call = Call::get(operations::NOBODY, "/api/v1/openapi.json".into());
    let document = server.send(&call, 0).json();
    let paths = document["paths"].as_object().expect("a document with paths");
    let mut found = Vec::new();
    for (path, item) in paths {
        let methods = item.as_object().expect("operations by method").keys();
        let methods = methods.filter(|it| matches!(it.as_str(), "get" | "post" | "put" | "patch" | "delete"));
        found.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    found
}

/// Tries one in `one_in` cells, and at least one of each operation, role, relation and verdict.
fn walk(db: Db, one_in: u64) {
    let server = Server::start(db);
    let (oracle, canaries) = (Oracle::load(), Canaries::of(&server));
    let mut matrix = Matrix {
        server: &server,
        oracle: &oracle,
        canaries: &canaries,
        one_in,
        seed: SEED,
        outcome: Outcome::default(),
    };
    let mut tried: BTreeSet<String> =
        canaries.contents().chain(case_operations::STARTS).map(str::to_owned).collect();
    for operation in operations(&server) {
        let cells = operations::cells(&server, &operation);
        assert!(!cells.is_empty(), "{operation} is served, and the matrix has no cells for it");
        tried.extend(cells.iter().map(|it| it.operation.clone()));
        matrix.run(cells);
    }
    case_operations::sweep(&mut matrix);
    tried.extend(case_operations::SWEPT.map(str::to_owned));
    let rows: BTreeSet<String> = oracle.0.iter().map(|it| it.operation.clone()).collect();
    report(&server, matrix.outcome, one_in);
    assert_eq!(
        tried.difference(&rows).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "operations without a row"
    );
    assert_eq!(
        rows.difference(&tried).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "rows without an operation"
    );
}

fn report(server: &Server, outcome: Outcome, one_in: u64) {
    println!(
        "authorization matrix on {}: {} cells, {} of them allowed ({} changes); {} operations × roles × relations; seed {SEED}, one cell in {one_in}",
        server.house.db.engine(),
        outcome.cells,
        outcome.allowed,
        outcome.writes_allowed,
        outcome.tried.len()
    );
    for (operation, cells) in &outcome.by_operation {
        println!("  {cells:6}  {operation}");
    }
    assert!(
        outcome.faults.is_empty(),
        "{} cells are not as the oracle has them:\n{}",
        outcome.faults.len(),
        shown(&outcome)
    );
}

/// The first faults of each operation, and how many more there are.
fn shown(outcome: &Outcome) -> String {
    let mut by_operation: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (operation, fault) in &outcome.faults {
        by_operation.entry(operation).or_default().push(fault);
    }
    let mut text = String::new();
    for (operation, faults) in by_operation {
        text.push_str(&format!("{} of {operation}\n", faults.len()));
        faults.iter().take(SHOWN_MAX).for_each(|fault| text.push_str(&format!("  {fault}\n")));
    }
    text
}

/// About a quarter of the cells, so that it ends within a minute; the whole is for a release.
#[test]
fn every_operation_is_open_to_whom_the_oracle_names_and_shut_to_all_others_on_sqlite() {
    let scratch = Scratch::sqlite();
    walk(scratch.db.clone(), 8);
}

#[test]
fn every_operation_is_open_to_whom_the_oracle_names_and_shut_to_all_others_on_postgres() {
    let scratch = Scratch::postgres();
    walk(scratch.db.clone(), 200);
}

#[test]
#[ignore = "80,000 cells take some minutes: `cargo nextest run -p web --run-ignored only`"]
fn every_cell_on_sqlite() {
    let scratch = Scratch::sqlite();
    walk(scratch.db.clone(), 1);
}
