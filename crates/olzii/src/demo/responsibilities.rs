//! The list of responsibilities of the demo city: that of `data/demo/responsibilities.csv` for each county, by the import that
//! any city uses.

use anyhow::{Context, Result};
use domain::{
    Ctx,
    responsibility::{self, COLUMNS, Options},
};

use super::territory::Territory;

const LIST: &[u8] = include_bytes!("../../../../data/demo/responsibilities.csv");

pub fn import(ctx: &Ctx, territory: &Territory) -> Result<()> {
    responsibility::import(ctx, &list(territory)?, &Options::default())
        .context("data/demo/responsibilities.csv")?;
    Ok(())
}

/// As CSV, each row once for every county with the full name of its body.
fn list(territory: &Territory) -> Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS)?;
    for county in &territory.counties {
        for row in csv::Reader::from_reader(LIST).records() {
            let row = row?;
            let field = |index: usize| row.get(index).unwrap_or_default();
            let body = format!("{}{}", county.name, field(1));
            csv.write_record([
                field(0),
                &county.code,
                &body,
                field(2),
                field(3),
                field(4),
                field(5),
                field(6),
            ])?;
        }
    }
    Ok(csv.into_inner()?)
}
