//! CSV with a head line: plans, and bare graphs.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, ensure};
use csv::StringRecord;
use gridplan::{Atom, Border, Map};

struct Table {
    name: String,
    head: StringRecord,
    rows: Vec<StringRecord>,
}

/// A bare graph: nodes `id,…,population` (or `households`), edges `a,b`.
pub fn graph(nodes: &Path, edges: &Path) -> anyhow::Result<Map> {
    let table = Table::read(nodes)?;
    let id = table.column("id")?;
    let people = table.column("population").or_else(|_| table.column("households"))?;
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    let mut atoms = Vec::new();
    for row in &table.rows {
        let count = row[people].trim();
        let count = count
            .parse()
            .with_context(|| format!("{}: `{count}` is no number from 0 up", table.place(row)))?;
        let known = index.insert(&row[id], atoms.len());
        ensure!(known.is_none(), "{}: there is a node `{}` before", table.place(row), &row[id]);
        atoms.push(Atom {
            id: row[id].to_owned(),
            community: String::new(),
            loads: vec![count],
            place: [0.0; 2],
            area: 0.0,
            outer_border: 0.0,
        });
    }
    let table = Table::read(edges)?;
    let ends = [table.column("a")?, table.column("b")?];
    let mut borders = Vec::new();
    for row in &table.rows {
        let end = |column: usize| {
            let id = &row[column];
            index.get(id).copied().with_context(|| format!("{}: there is no node `{id}`", table.place(row)))
        };
        let atoms = [end(ends[0])?, end(ends[1])?];
        borders.push(Border { atoms, length: 1.0, street: 1.0, barrier: 0.0 });
    }
    Ok(Map::new(atoms, borders)?)
}

/// `block_id,grid_id` as `plan-grids` writes it.
pub fn assignment(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let table = Table::read(path)?;
    let (block, grid) = (table.column("block_id")?, table.column("grid_id")?);
    let mut assignment = BTreeMap::new();
    for row in &table.rows {
        let known = assignment.insert(row[block].to_owned(), row[grid].to_owned());
        ensure!(known.is_none(), "{}: block `{}` stands there twice", table.place(row), &row[block]);
    }
    Ok(assignment)
}

impl Table {
    /// All rows have as many cells as the head.
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = super::text(path)?;
        let name = path.display().to_string();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let head = reader.headers().cloned().with_context(|| format!("{name} is no CSV with a head line"))?;
        let rows: Result<_, _> = reader.into_records().collect();
        let rows = rows.with_context(|| format!("{name} is no CSV with a head line"))?;
        Ok(Self { name, head, rows })
    }

    fn column(&self, name: &str) -> anyhow::Result<usize> {
        let place = self.head.iter().position(|column| column.trim() == name);
        place.with_context(|| format!("{} has no column `{name}`", self.name))
    }

    fn place(&self, row: &StringRecord) -> String {
        format!("{}, line {}", self.name, row.position().map_or(0, |position| position.line()))
    }
}
