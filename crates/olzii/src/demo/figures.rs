//! The report's figures that the city models, read from the file that quotes the report.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};

const FILE: &str = include_str!("../../../../data/report/figures.csv");

#[derive(Clone, Debug)]
pub struct Figures {
    pub grids: usize,
    pub grids_urban: usize,
    pub grids_rural: usize,
    pub grid_workers: usize,
    pub temporary_organizations: usize,
    pub residents: usize,
    /// All that it printed, by name.
    values: HashMap<String, String>,
}

impl Figures {
    pub fn read() -> Result<Self> {
        let mut values = HashMap::new();
        for row in csv::Reader::from_reader(FILE.as_bytes()).records() {
            let row = row.context("data/report/figures.csv")?;
            values.insert(row[0].to_owned(), row[4].to_owned());
        }
        let printed = values.clone();
        let figure = |id: &str| -> Result<usize> {
            let value =
                printed.get(id).with_context(|| format!("data/report/figures.csv has no figure {id}"))?;
            value.parse().with_context(|| format!("data/report/figures.csv: {id} is {value}, not a count"))
        };
        let figures = Self {
            grids: figure("grids")?,
            grids_urban: figure("grids_urban")?,
            grids_rural: figure("grids_rural")?,
            grid_workers: figure("grid_workers")?,
            temporary_organizations: figure("temporary_orgs")?,
            residents: figure("residents_served")?,
            values,
        };
        ensure!(
            figures.grids == figures.grids_urban + figures.grids_rural,
            "the grids of both kinds are not all the grids"
        );
        Ok(figures)
    }

    /// The whole number that it printed under a name.
    pub fn printed(&self, id: &str) -> Result<i64> {
        let value =
            self.values.get(id).with_context(|| format!("data/report/figures.csv has no figure {id}"))?;
        value.parse().with_context(|| format!("data/report/figures.csv: {id} is {value}, not a count"))
    }
}
