//! The tables that the migrations make, and the rules on their columns and keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    finding::Finding,
    sql::{Distribution, REGISTER, Register},
    sql_text::{Piece, Placed},
    sql_words::TYPES,
};

const CONSTRAINTS: [&str; 5] = ["PRIMARY", "UNIQUE", "CONSTRAINT", "FOREIGN", "CHECK"];

/// Tables by name, as they are after the migrations applied so far.
#[derive(Debug, Default)]
pub struct Schema {
    tables: BTreeMap<String, Table>,
}

#[derive(Debug, Default)]
struct Table {
    file: String,
    line: usize,
    columns: BTreeMap<String, Column>,
    /// The primary key's columns, in order.
    key: Vec<String>,
}

#[derive(Debug, Clone)]
struct Column {
    line: usize,
    kind: String,
    in_byte_order: bool,
}

impl Schema {
    /// Applies the statements of one text and returns the rules they break. Without a register, types only.
    pub fn apply(&mut self, file: &str, pieces: &[Placed], register: Option<&Register>) -> Vec<Finding> {
        let mut statement = Statement { file, register, findings: Vec::new() };
        for pieces in
            pieces.split(|(piece, _)| *piece == Piece::Mark(';')).filter(|pieces| !pieces.is_empty())
        {
            let words: Vec<&str> = pieces.iter().filter_map(|placed| word(Some(placed))).collect();
            match words[..] {
                ["CREATE", "TABLE", ..] => statement.create_table(&mut self.tables, pieces),
                ["CREATE", "UNIQUE", "INDEX", ..] => statement.create_index(&self.tables, pieces, true),
                ["CREATE", "INDEX", ..] => statement.create_index(&self.tables, pieces, false),
                ["ALTER", "TABLE", name, "ADD", ..] => {
                    statement.add_column(&mut self.tables, &name.to_lowercase(), pieces)
                }
                ["ALTER", "TABLE", name, "RENAME", "TO", new] => {
                    if let Some(table) = self.tables.remove(&name.to_lowercase()) {
                        self.tables.insert(new.to_lowercase(), table);
                    }
                }
                ["ALTER", "TABLE", name, "RENAME", .., old, "TO", new] => self.rename_column(name, old, new),
                ["ALTER", "TABLE", name, "DROP", .., column] => {
                    if let Some(table) = self.tables.get_mut(&name.to_lowercase()) {
                        table.columns.remove(&column.to_lowercase());
                    }
                }
                ["DROP", "TABLE", .., name] => drop(self.tables.remove(&name.to_lowercase())),
                _ => {}
            }
        }
        statement.findings
    }

    fn rename_column(&mut self, table: &str, old: &str, new: &str) {
        let Some(table) = self.tables.get_mut(&table.to_lowercase()) else { return };
        if let Some(column) = table.columns.remove(&old.to_lowercase()) {
            table.columns.insert(new.to_lowercase(), column);
        }
        for name in table.key.iter_mut().filter(|name| **name == old.to_lowercase()) {
            *name = new.to_lowercase();
        }
    }

    /// After all migrations: every table and column has its entry, every entry its column, and county tables
    /// carry county_id first in their key.
    pub fn check_register(&self, register: &Register) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, table) in &self.tables {
            let Some(entry) = register.table.get(name) else {
                let advice = format!(
                    "{name} has no [table.{name}] in {REGISTER}: say how it is spread, why each column is kept, and how long"
                );
                findings.push(Finding::new(&table.file, table.line, "register", advice));
                continue;
            };
            let known: BTreeSet<&String> = entry.columns.iter().chain(entry.personal.keys()).collect();
            for (column, place) in table.columns.iter().filter(|(column, _)| !known.contains(column)) {
                let advice =
                    format!("{name}.{column} has no entry in {REGISTER}: say why it is kept and how long");
                findings.push(Finding::new(&table.file, place.line, "register", advice));
            }
            for column in known.into_iter().filter(|column| !table.columns.contains_key(*column)) {
                let advice = format!("{name}.{column} has an entry, but no migration makes it");
                findings.push(Finding::new(REGISTER, 1, "register", advice));
            }
            if entry.distribution == Distribution::County
                && table.key.first().is_none_or(|first| first != "county_id")
            {
                let advice =
                    format!("the primary key of {name} starts with county_id, by which a cluster divides it");
                findings.push(Finding::new(&table.file, table.line, "county-first", advice));
            }
        }
        for name in register.table.keys().filter(|name| !self.tables.contains_key(*name)) {
            findings.push(Finding::new(
                REGISTER,
                1,
                "register",
                format!("[table.{name}]: no migration makes this table"),
            ));
        }
        findings
    }
}

struct Statement<'a> {
    file: &'a str,
    register: Option<&'a Register>,
    findings: Vec<Finding>,
}

impl Statement<'_> {
    fn create_table(&mut self, tables: &mut BTreeMap<String, Table>, pieces: &[Placed]) {
        let (head, items) = items(pieces);
        let Some(name) = head.iter().rev().find_map(|placed| name(Some(placed))) else { return };
        let mut table = Table { file: self.file.to_owned(), line: pieces[0].1, ..Table::default() };
        let mut keys = Vec::new();
        for item in items {
            match word(item.first()) {
                Some(first) if CONSTRAINTS.contains(&first) => {
                    let is_primary = item.iter().any(|placed| word(Some(placed)) == Some("PRIMARY"));
                    if is_primary || item.iter().any(|placed| word(Some(placed)) == Some("UNIQUE")) {
                        keys.push((is_primary, item[0].1, listed(item)));
                    }
                }
                _ => keys.extend(self.column(&mut table, item)),
            }
        }
        for (is_primary, line, columns) in keys {
            self.byte_order(&name, &table, line, &columns);
            if is_primary {
                table.key = columns;
            } else {
                self.unique_within_county(&name, line, &columns);
            }
        }
        tables.insert(name, table);
    }

    /// Adds a column; returns the key that stands behind it, if one does.
    fn column(&mut self, table: &mut Table, item: &[Placed]) -> Option<(bool, usize, Vec<String>)> {
        let name = name(item.first())?;
        let line = item[0].1;
        let kind = match (word(item.get(1)), word(item.get(2))) {
            (Some("DOUBLE"), Some("PRECISION")) => "DOUBLE PRECISION",
            (Some(kind), _) => kind,
            _ => "",
        };
        if !TYPES.contains(&kind) {
            let advice = format!("{name} {kind}: the types of both engines are {}", TYPES.join(", "));
            self.found(line, "type", advice);
        }
        let in_byte_order = item.iter().any(|(piece, _)| *piece == Piece::Quoted("C".to_owned()));
        table.columns.insert(name.clone(), Column { line, kind: kind.to_owned(), in_byte_order });
        let has = |expected| item.iter().any(|placed| word(Some(placed)) == Some(expected));
        (has("PRIMARY") || has("UNIQUE")).then(|| (has("PRIMARY"), line, vec![name]))
    }

    fn add_column(&mut self, tables: &mut BTreeMap<String, Table>, name: &str, pieces: &[Placed]) {
        let Some(table) = tables.get_mut(name) else { return };
        let start = if word(pieces.get(4)) == Some("COLUMN") { 5 } else { 4 };
        if let Some((_, line, columns)) = self.column(table, &pieces[start..]) {
            self.byte_order(name, table, line, &columns);
            self.unique_within_county(name, line, &columns);
        }
    }

    fn create_index(&mut self, tables: &BTreeMap<String, Table>, pieces: &[Placed], unique: bool) {
        let (head, items) = items(pieces);
        let line = pieces[0].1;
        let Some(table_name) = name(head.last()) else { return };
        let Some(table) = tables.get(&table_name) else {
            if self.register.is_some() {
                self.found(
                    line,
                    "register",
                    format!("an index on {table_name}, which no migration before it makes"),
                );
            }
            return;
        };
        let ordered =
            items.iter().filter(|item| !item.iter().any(|(piece, _)| matches!(piece, Piece::Quoted(_))));
        let columns: Vec<String> =
            ordered.flat_map(|item| item.iter().filter_map(|placed| name(Some(placed)))).collect();
        self.byte_order(&table_name, table, line, &columns);
        if unique {
            let columns: Vec<String> = items.iter().filter_map(|item| name(item.first())).collect();
            self.unique_within_county(&table_name, line, &columns);
        }
    }

    /// Text in a key or an index is ordered by its bytes, the same on both engines.
    fn byte_order(&mut self, name: &str, table: &Table, line: usize, columns: &[String]) {
        for column in columns {
            if table.columns.get(column).is_some_and(|column| column.kind == "TEXT" && !column.in_byte_order)
            {
                self.found(
                    line,
                    "collation",
                    format!("{name}.{column} stands in a key or index: make it TEXT COLLATE \"C\""),
                );
            }
        }
    }

    /// A cluster can hold a county table unique only together with the column that divides it.
    fn unique_within_county(&mut self, name: &str, line: usize, columns: &[String]) {
        let entry = self.register.and_then(|register| register.table.get(name));
        let by_county = entry.is_some_and(|entry| entry.distribution == Distribution::County);
        if by_county && !columns.iter().any(|column| column == "county_id") {
            self.found(
                line,
                "county-first",
                format!("what is unique in {name} includes county_id, by which a cluster divides it"),
            );
        }
    }

    fn found(&mut self, line: usize, rule: &'static str, advice: String) {
        self.findings.push(Finding::new(self.file, line, rule, advice));
    }
}

/// What stands before the first bracket, and the parts between commas inside it.
fn items(pieces: &[Placed]) -> (&[Placed], Vec<&[Placed]>) {
    let open = pieces.iter().position(|(piece, _)| *piece == Piece::Mark('(')).unwrap_or(pieces.len());
    let mut items = Vec::new();
    let mut depth = 0;
    let mut start = open + 1;
    for (at, (piece, _)) in pieces.iter().enumerate().skip(open) {
        match piece {
            Piece::Mark('(') => depth += 1,
            Piece::Mark(')') => depth -= 1,
            _ => {}
        }
        let ends = depth == 0 || (depth == 1 && *piece == Piece::Mark(','));
        if ends {
            items.push(&pieces[start..at]);
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    items.retain(|item| !item.is_empty());
    (&pieces[..open], items)
}

/// The names in the bracket of a constraint.
fn listed(item: &[Placed]) -> Vec<String> {
    items(item).1.into_iter().filter_map(|part| name(part.first())).collect()
}

fn word(placed: Option<&Placed>) -> Option<&str> {
    match placed {
        Some((Piece::Word(word), _)) => Some(word),
        _ => None,
    }
}

/// A table's or column's name, in lower case.
fn name(placed: Option<&Placed>) -> Option<String> {
    match placed {
        Some((Piece::Word(word) | Piece::Quoted(word), _)) => Some(word.to_lowercase()),
        _ => None,
    }
}
