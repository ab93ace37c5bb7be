//! `olzii export …`: what is public. Persons are never exported.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::Subcommand;
use domain::{Ctx, Window, area, responsibility};
use kernel::limits;

use crate::{Place, data, log};

#[derive(Subcommand)]
pub enum ExportCommand {
    /// The tree as it is now, as CSV that `import areas` reads.
    Areas(Place),
    /// The list of responsibilities in force, as CSV that `import responsibilities` reads.
    Responsibilities {
        #[command(flatten)]
        place: Place,
        /// Code of an area: those in it and below it.
        #[arg(long, value_name = "CODE")]
        within: Option<String>,
    },
    /// The public files of the journal's log, in a folder.
    Log {
        #[command(flatten)]
        place: Place,
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// The API's OpenAPI document, as JSON.
    Openapi,
}

pub fn run(command: ExportCommand) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match command {
        ExportCommand::Areas(place) => areas(&place, out),
        ExportCommand::Responsibilities { place, within } => {
            responsibilities(&place, within.as_deref(), &mut out)
        }
        ExportCommand::Log { place, out } => log::export::run(&place, &out),
        ExportCommand::Openapi => Ok(writeln!(io::stdout(), "{}", web::api_document().to_pretty_json()?)?),
    }
}

fn areas(place: &Place, out: impl Write) -> anyhow::Result<()> {
    let ctx = Ctx::system(data::open(place)?);
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["code", "name", "parent"])?;
    for tier in kernel::Tier::ALL {
        let filter = area::Filter { tier: Some(tier), ..area::Filter::default() };
        let mut window = Window::first(limits::PAGE_ROWS_MAX);
        loop {
            let (page, _) = area::list(&ctx, &filter, &window)?;
            for area in &page.items {
                let parent = area.path.parent().map(|it| it.code().to_owned()).unwrap_or_default();
                csv.write_record([area.code.as_str(), area.name.as_str(), parent.as_str()])?;
            }
            match page.next {
                Some(next) => window.after = Some(next),
                None => break,
            }
        }
    }
    Ok(csv.flush()?)
}

fn responsibilities(place: &Place, within: Option<&str>, out: &mut dyn Write) -> anyhow::Result<()> {
    let ctx = Ctx::system(data::open(place)?);
    let city = ctx.read(area::city)?.context("there is no city yet: run olzii import areas first")?;
    let written = responsibility::export(&ctx, within.unwrap_or(&city.code), out)?;
    eprintln!("{written} responsibilities");
    Ok(())
}
