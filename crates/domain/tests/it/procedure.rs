//! Procedure files: the shipped one is sound, and a fault in one is told with file, line and reason.

use domain::case::Procedures;
use policy::{Action, Policy, golden};

use crate::support;

const SHIPPED: &str = include_str!("../../../../procedures/city-event.toml");

fn faults(text: &str) -> Vec<String> {
    let loaded = Procedures::load(&[("event.toml".to_owned(), text.to_owned())]);
    loaded.map(|_| Vec::new()).unwrap_or_else(|faults| faults.iter().map(ToString::to_string).collect())
}

/// Line of the first place where `needle` stands.
fn line(needle: &str) -> usize {
    SHIPPED[..SHIPPED.find(needle).unwrap()].lines().count().max(1)
}

#[test]
fn a_fault_is_told_with_file_line_and_reason() {
    assert_eq!(faults(SHIPPED), Vec::<String>::new());
    let cases = [
        ("to = \"dispatch\"", "to = \"nowhere\"", "there is no stage \"nowhere\""),
        ("relation = \"owner\"", "relation = \"friend\"", "relation is one of"),
        ("roles = [\"dispatcher\"]", "roles = [\"mayor\"]", "is no role"),
        ("asks = { ground = \"void\"", "asks = { ground = \"why\"", "there is no list [[grounds.why]]"),
        ("kind = \"urgent_hours\", amount = 24", "kind = \"soon\", amount = 24", "a clock is"),
        ("step = 4", "step = 9", "one of the seven steps"),
        ("note = \"required\"", "note = \"maybe\"", "say \"optional\" or \"required\""),
        ("en = \"Collect\"", "en = \"\"", "words in en"),
        ("part = \"verifier\"", "part = \"friend\"", "is no part in a case"),
        ("id = \"verify\"", "id = \"overdue\"", "stand in a timeline for what is no transition"),
        ("version = 1", "version = 1\nnonsense = 2", "unknown field"),
        ("end = \"closed\"", "end = \"gone\"", "end is \"closed\" or \"void\""),
    ];
    for (from, to, reason) in cases {
        let told = faults(&SHIPPED.replacen(from, to, 1));
        let found = told.iter().any(|it| it.starts_with("event.toml:") && it.contains(reason));
        assert!(found, "{to}: {told:?}");
    }
    let told = faults(&SHIPPED.replacen("relation = \"owner\"", "relation = \"friend\"", 1));
    assert!(told[0].starts_with(&format!("event.toml:{}:", line("relation = \"owner\""))), "{told:?}");
}

#[test]
fn a_stage_that_leads_nowhere_or_is_never_reached_is_found() {
    let unreached = SHIPPED.replacen("to = \"register\"", "to = \"dispatch\"", 1).replacen(
        "roles = [\"grid_leader\", \"grid_assistant\", \"grid_supervisor\", \"grid_hygienist\"]\nstage = \"register\"",
        "roles = [\"grid_leader\"]\nstage = \"dispatch\"",
        1,
    );
    assert!(
        faults(&unreached).iter().any(|it| it.contains("no case can come to stage \"register\"")),
        "{:?}",
        faults(&unreached)
    );
    let endless = SHIPPED.replace("to = \"closed\"", "to = \"check\"");
    assert!(faults(&endless).iter().any(|it| it.contains("no case can come to stage \"closed\"")));
    assert!(!faults("").is_empty());
    assert!(!faults(&"x".repeat(300_000)).is_empty());
}

/// Each transition of the shipped procedures, by role and relation, for people to read.
#[test]
fn the_table_of_who_may_take_which_step_is_as_it_was_agreed() {
    let policy = Policy::new().unwrap();
    let procedures = support::procedures();
    let mut moves = Vec::new();
    for procedure in procedures.iter() {
        for (stage, transition) in procedure.moves() {
            let title = format!("{} · {} → {} ({})", procedure.id, stage.id, transition.to, transition.id);
            moves.push((title, Action::CaseAdvance(&transition.advance)));
        }
    }
    let table = format!("{}\n{}", golden::LEGEND, golden::tables(&policy, &moves).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/who-may-take-which-step.txt");
    if std::env::var_os("OLZII_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
        std::fs::write(path, &table).unwrap();
    }
    let agreed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(agreed == table, "the table has changed: see git diff after `cargo xtask golden`\n{table}");
}
