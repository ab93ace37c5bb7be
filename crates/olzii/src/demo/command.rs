//! `olzii demo`: makes the demo city once, then serves it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::Args;
use domain::{
    City, Ctx,
    integration::{self, NewApiKey, PER_DAY_DEFAULT, PER_MINUTE_DEFAULT},
};
use serde::{Deserialize, Serialize};

use super::{Logins, Options, SeededIds, build, live, witness};
use crate::{Listen, Place, data, progress::Progress, serve, world::MachineClock};

#[derive(Args, Clone, Debug)]
pub struct DemoArguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    listen: Listen,
    /// The same seed gives the same city.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of the city's 1,711,000 residents, above 0 and up to 1.
    #[arg(long, default_value_t = 0.05)]
    scale: f64,
    /// Plays a working day: cases arrive and move.
    #[arg(long)]
    live: bool,
    /// Writes the logins there too, as JSON.
    #[arg(long, value_name = "FILE")]
    logins_file: Option<PathBuf>,
}

/// What a built demo city remembers of its making.
#[derive(Serialize, Deserialize)]
struct Made {
    seed: u64,
    scale: f64,
    password: String,
    logins: BTreeMap<String, String>,
    /// What another system reports with; issued when the city is first served.
    #[serde(default)]
    api_key: Option<String>,
}

pub fn run(arguments: &DemoArguments) -> anyhow::Result<()> {
    if !(arguments.scale > 0.0 && arguments.scale <= 1.0) {
        bail!("--scale is above 0 and up to 1");
    }
    let marker = arguments.place.data.join("demo.json");
    let mut made = match fs::read_to_string(&marker) {
        Ok(text) => made_before(arguments, &marker, &text)?,
        Err(_) => make(arguments, &marker)?,
    };
    // Before the city is opened, which reads whose word its log needs.
    let witness = witness::start(&arguments.place.data, arguments.listen.listen)?;
    let city = data::open(&arguments.place)?;
    let api_key = api_key(&city, &mut made, &marker)?;
    if let Some(file) = &arguments.logins_file {
        let logins = serde_json::json!({
            "password": made.password,
            "logins": made.logins,
            "api_key": api_key,
        });
        fs::write(file, serde_json::to_vec_pretty(&logins)?).with_context(|| file.display().to_string())?;
    }
    let player = arguments.live.then(|| live(city.clone(), made.seed));
    let shown: Vec<(String, String)> =
        made.logins.iter().map(|(role, name)| (role.clone(), name.clone())).collect();
    let served = serve::serve(city, &arguments.listen, Some((shown, made.password.clone())), |address| {
        eprintln!("\nThe demo city is at http://{address}\n");
        for (role, name) in &made.logins {
            eprintln!("  {role:16} {name}");
        }
        eprintln!("  password for all: {}", made.password);
        eprintln!("  Open311: /open311/v2, api_key {api_key}\n");
    });
    drop(player);
    drop(witness);
    served
}

fn made_before(arguments: &DemoArguments, marker: &Path, text: &str) -> anyhow::Result<Made> {
    let made: Made = serde_json::from_str(text).with_context(|| marker.display().to_string())?;
    if (made.seed, made.scale) != (arguments.seed, arguments.scale) {
        bail!(
            "{} holds a demo city of seed {} and scale {}: ask for these, or name another folder",
            arguments.place.data.display(),
            made.seed,
            made.scale
        );
    }
    Ok(made)
}

fn make(arguments: &DemoArguments, marker: &Path) -> anyhow::Result<Made> {
    let folder = &arguments.place.data;
    if folder.join("olzii.db").exists() {
        bail!(
            "{} holds a city that is not a finished demo: name another folder, or remove it if it was a demo that was stopped",
            folder.display()
        );
    }
    // The demo's ids can be foretold, so that the same seed gives the same rows; those of the server cannot.
    let ids = Box::new(SeededIds::new(arguments.seed));
    let city = data::open_with(&arguments.place, Box::new(MachineClock), ids)?;
    let bar = Progress::new("demo city");
    let options = Options { seed: arguments.seed, scale: arguments.scale, now: city.clock.now() };
    let Logins { password, logins } = build(&city, options, &mut |stage, done, total| {
        bar.stage(stage);
        bar.set(done, total);
    })?;
    city.db.analyze()?;
    drop(bar);
    let made = Made { seed: arguments.seed, scale: arguments.scale, password, logins, api_key: None };
    fs::write(marker, serde_json::to_vec_pretty(&made)?)?;
    Ok(made)
}

/// The key of another system to try Open311 with. Unlike what the city was built from it is of chance.
fn api_key(city: &Arc<City>, made: &mut Made, marker: &Path) -> anyhow::Result<String> {
    if let Some(key) = &made.api_key {
        return Ok(key.clone());
    }
    let (per_minute, per_day) = (PER_MINUTE_DEFAULT, PER_DAY_DEFAULT);
    let new = NewApiKey { name: "demo".into(), replaces: None, per_minute, per_day };
    let (key, _) = integration::issue(&Ctx::system(city.clone()), &new)?;
    made.api_key = Some(key.clone());
    fs::write(marker, serde_json::to_vec_pretty(made)?)?;
    Ok(key)
}
