//! Fails the build when a column has no purpose and retention in `privacy.toml`, or when the register
//! names a column that no migration makes.

use std::{collections::BTreeSet, fs};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    table: std::collections::BTreeMap<String, Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    distribution: String,
    purpose: String,
    retention: String,
    columns: Vec<String>,
    #[serde(default)]
    personal: std::collections::BTreeMap<String, Personal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Personal {
    purpose: String,
    retention: String,
}

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=privacy.toml");
    let register: Register =
        toml::from_str(&fs::read_to_string("privacy.toml").expect("privacy.toml is beside build.rs"))
            .unwrap_or_else(|error| panic!("privacy.toml: {error}"));
    let mut made = BTreeSet::new();
    let entries = fs::read_dir("migrations").expect("migrations is beside build.rs");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    for file in files {
        migrate(&mut made, &fs::read_to_string(file).expect("UTF-8"));
    }
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    for (name, table) in &register.table {
        if !["county", "reference"].contains(&table.distribution.as_str()) {
            faults.push(format!("{name}: distribution is \"county\" or \"reference\""));
        }
        let personal = table.personal.iter().map(|(column, it)| (column, &it.purpose, &it.retention));
        let plain = table.columns.iter().map(|column| (column, &table.purpose, &table.retention));
        for (column, purpose, retention) in plain.chain(personal) {
            if purpose.trim().is_empty() || !is_retention(retention) {
                faults.push(format!("{name}.{column}: needs a purpose, and a retention of the kinds named at the top of the file"));
            }
            if !known.insert((name.clone(), column.clone())) {
                faults.push(format!("{name}.{column}: stands there twice"));
            }
        }
    }
    faults
        .extend(made.difference(&known).map(|(table, column)| {
            format!("{table}.{column}: has no purpose and retention in privacy.toml")
        }));
    faults.extend(
        known.difference(&made).map(|(table, column)| {
            format!("{table}.{column}: is in privacy.toml, but no migration makes it")
        }),
    );
    assert!(faults.is_empty(), "the register of what is kept is not complete:\n  {}", faults.join("\n  "));
}

fn is_retention(text: &str) -> bool {
    let words: Vec<_> = text.split(' ').collect();
    match words[..] {
        ["permanent"] | ["while", "in", "force"] => true,
        [days, "days", "after", _] => days.parse::<u32>().is_ok(),
        _ => false,
    }
}

/// Brings the `(table, column)` pairs up to after this migration: one column a line, by house rule.
fn migrate(made: &mut BTreeSet<(String, String)>, text: &str) {
    let mut table = None;
    for line in text.lines().map(str::trim) {
        let words: Vec<_> = line.trim_end_matches(';').split_whitespace().collect();
        match words[..] {
            ["CREATE", "TABLE", name, ..] => table = Some(name.to_owned()),
            ["ALTER", "TABLE", old, "RENAME", "TO", new] => {
                let columns = |(table, column): (String, String)| match table == old {
                    true => (new.to_owned(), column),
                    false => (table, column),
                };
                *made = std::mem::take(made).into_iter().map(columns).collect();
            }
            ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                made.insert((name.to_owned(), column.to_owned()));
            }
            ["ALTER", "TABLE", name, "DROP", "COLUMN", column] => {
                made.remove(&(name.to_owned(), column.to_owned()));
            }
            ["ALTER", "TABLE", name, "RENAME", "COLUMN", old, "TO", new] => {
                made.remove(&(name.to_owned(), old.to_owned()));
                made.insert((name.to_owned(), new.to_owned()));
            }
            ["DROP", "TABLE", name] => made.retain(|(table, _)| table != name),
            [")", ..] => table = None,
            ["PRIMARY" | "UNIQUE" | "CHECK" | "FOREIGN" | "--", ..] => {}
            [column, ..] => made.extend(table.clone().map(|table| (table, column.to_owned()))),
            [] => {}
        }
    }
}
