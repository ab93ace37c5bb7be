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
    for entry in fs::read_dir("migrations").expect("migrations is beside build.rs") {
        made.extend(columns(&fs::read_to_string(entry.expect("readable").path()).expect("UTF-8")));
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

/// `(table, column)` of each table that a migration creates: one column a line, by house rule.
fn columns(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut table = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split_whitespace().next().map(str::to_owned);
        } else if line.starts_with(')') {
            table = None;
        } else if let Some(table) = &table
            && let Some(column) = line.split_whitespace().next()
            && !["PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "--"].contains(&column)
        {
            out.push((table.clone(), column.to_owned()));
        }
    }
    out
}
