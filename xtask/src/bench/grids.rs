//! The planner of grids beside its peers. Everything is measured and scored by Python that shares no code with ours.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{city, machine};
use crate::{install, run, workspace};

const SCRIPTS: [(&str, &str); 6] = [
    ("instance.py", include_str!("grids/instance.py")),
    ("page.py", include_str!("grids/page.py")),
    ("peers.py", include_str!("grids/peers.py")),
    ("run.py", include_str!("grids/run.py")),
    ("score.py", include_str!("grids/score.py")),
    ("towns.py", include_str!("grids/towns.py")),
];
const PAGE: &str = "docs/evidence/grids.md";
/// Blocks that are in the repository.
const DATA: &str = "crates/engine/gridplan/tests/data";

/// How grids are measured.
#[derive(clap::Args)]
pub struct GridOptions {
    /// Grids: a folder with more instances (`islip.geojson.gz`; `best.csv` with its graphs); may be given several times
    #[arg(long, value_name = "FOLDER")]
    data: Vec<PathBuf>,
    /// Grids: one seed, one town, graphs of counties, eight seconds a run: two minutes in all
    #[arg(long)]
    short: bool,
    /// Grids: runs of each method
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    seeds: u32,
    /// Grids: seconds after which a run is ended
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    limit: u32,
    /// Grids: seconds after which a method gets no further seed on an instance
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    budget: u32,
    /// Grids: only methods with this in their name; may be given several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Grids: blocks along a side of a made city; by default 100 and 316
    #[arg(long, value_name = "NUMBER")]
    city: Vec<u32>,
}

/// Writes the page itself, if it is to be written.
pub fn measure(options: &GridOptions, write: bool) -> Result<()> {
    let python = install::grid_peers()?;
    let work = workspace::root().join("target/grids");
    fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
    for (name, text) in SCRIPTS {
        fs::write(work.join(name), text).with_context(|| name.to_owned())?;
    }
    let [seeds, limit, budget] =
        if options.short { [1, 8, 8] } else { [options.seeds, options.limit, options.budget] };
    let about = format!("{} at {}. {}.", machine::today()?, machine::commit()?, machine::describe()?);
    let mut bench = Command::new(python);
    bench.arg(work.join("run.py")).arg("--olzii").arg(city::binary()).arg("--work").arg(&work);
    for folder in std::iter::once(&workspace::root().join(DATA)).chain(&options.data) {
        bench.arg("--data").arg(folder);
    }
    for (name, number) in [("--seeds", seeds), ("--limit", limit), ("--budget", budget)] {
        bench.arg(name).arg(number.to_string());
    }
    for method in &options.only {
        bench.arg("--only").arg(method);
    }
    for side in &options.city {
        bench.arg("--city").arg(side.to_string());
    }
    if options.short {
        bench.arg("--short");
    }
    if write {
        bench.arg("--page").arg(workspace::root().join(PAGE));
    }
    run::aloud(bench.arg("--about").arg(about))
}
