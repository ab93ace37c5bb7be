//! Opens a city: its database, key, photos, and the data files that it runs by.

use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, bail};
use domain::{
    City, Clock, Ids, calendar,
    case::{self, Severity},
    evaluation,
    journal::CityLog,
    statistic, supervision,
};
use policy::Policy;
use store::{Db, Location};

use crate::{Place, log, world};

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../procedures/", $name)))),*]
    };
}

pub const PROCEDURES: [(&str, &str); 7] = shipped![
    "city-event.toml",
    "compound-repair.toml",
    "emergency-task.toml",
    "pass-appeal.toml",
    "public-request.toml",
    "safety-hazard.toml",
    "support-task.toml",
];
const CLASSES: &str = include_str!("../../../data/classes.toml");
const CALENDAR: &str = include_str!("../../../data/calendar.toml");
const SUPERVISION: &str = include_str!("../../../data/supervision.toml");
const STATISTIC: &str = include_str!("../../../data/statistic.toml");
const EVALUATION: &str = include_str!("../../../data/evaluation.toml");

/// The city of `place`, with the machine's clock and chance.
pub fn open(place: &Place) -> anyhow::Result<Arc<City>> {
    open_with(place, Box::new(world::MachineClock), Box::new(world::MachineIds::new()?))
}

/// A file in `DIR` stands before the one that the program brings along: `procedures/*.toml`,
/// `classes.toml`, `calendar.toml`, `supervision.toml`, `evaluation.toml`, `statistic.toml`.
pub fn open_with(place: &Place, clock: Box<dyn Clock>, ids: Box<dyn Ids>) -> anyhow::Result<Arc<City>> {
    let folder = &place.data;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    assemble(folder, |folder| held(place, log::open(folder)?), clock, ids)
}

/// The city of `place` with a log that is not that of its folder.
pub fn open_with_log(place: &Place, log: CityLog) -> anyhow::Result<Arc<City>> {
    let ids = Box::new(world::MachineIds::new()?);
    assemble(&place.data, |_| held(place, log), Box::new(world::MachineClock), ids)
}

fn held(place: &Place, log: CityLog) -> anyhow::Result<Held> {
    let folder = &place.data;
    let db = Db::open(&location(place)).context("cannot open the database")?;
    let photos = case::PhotoFolder::open(&folder.join("photos")).context("cannot make the photo folder")?;
    Ok(Held { db, photos, key: key(&folder.join("city.key"))?, log })
}

/// The city of `place` as it stands, for looking only: nothing is made, brought up to date or written.
pub fn look(place: &Place) -> anyhow::Result<Arc<City>> {
    let held = |folder: &Path| {
        let log = log::look(folder)?;
        let key = read_key(&folder.join("city.key"))?;
        let db = Db::look(&location(place)).context("cannot open the database")?;
        Ok(Held { db, photos: case::PhotoFolder::look(&folder.join("photos")), key, log })
    };
    let ids = Box::new(world::MachineIds::new()?);
    assemble(&place.data, held, Box::new(world::MachineClock), ids)
}

fn location(place: &Place) -> Location {
    match &place.database {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Folder(place.data.clone()),
    }
}

/// What a city has that is no file to read.
struct Held {
    db: Db,
    photos: case::PhotoFolder,
    key: [u8; 32],
    log: CityLog,
}

fn assemble(
    folder: &Path,
    held: impl FnOnce(&Path) -> anyhow::Result<Held>,
    clock: Box<dyn Clock>,
    ids: Box<dyn Ids>,
) -> anyhow::Result<Arc<City>> {
    let policy = Policy::new()?;
    let procedures = procedures(folder, &policy)?;
    let classes = case::Catalogue::load(&own_or(folder, "classes.toml", CLASSES)?)
        .map_err(anyhow::Error::msg)
        .context("classes.toml")?;
    let class_faults = procedures.class_faults(&classes);
    if !class_faults.is_empty() {
        bail!("the classes of a procedure are not right:\n  {}", class_faults.join("\n  "));
    }
    let support_faults = procedures.support_faults();
    if !support_faults.is_empty() {
        bail!("a procedure of supporting bodies is not there:\n  {}", support_faults.join("\n  "));
    }
    let calendars = calendar::Calendars::load(&own_or(folder, "calendar.toml", CALENDAR)?)
        .map_err(anyhow::Error::msg)
        .context("calendar.toml")?;
    let levels = supervision::Levels::load(&own_or(folder, "supervision.toml", SUPERVISION)?)
        .map_err(anyhow::Error::msg)
        .context("supervision.toml")?;
    let evaluation = evaluation::Rules::load(&own_or(folder, "evaluation.toml", EVALUATION)?)
        .map_err(anyhow::Error::msg)
        .context("evaluation.toml")?;
    let statistic = statistic::Definitions::load(&own_or(folder, "statistic.toml", STATISTIC)?)
        .map_err(anyhow::Error::msg)
        .context("statistic.toml")?;
    let Held { db, photos, key, log } = held(folder)?;
    let passes = domain::pass::KeyFolder::new(&folder.join("passes"), &key);
    Ok(Arc::new(City {
        db,
        policy,
        procedures,
        classes,
        calendars,
        supervision: levels,
        evaluation,
        statistic,
        photos,
        forms: domain::form::Library::default(),
        log,
        passes,
        clock,
        ids,
        key,
    }))
}

fn own_or(folder: &Path, name: &str, brought: &str) -> anyhow::Result<String> {
    let path = folder.join(name);
    if path.exists() {
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    } else {
        Ok(brought.to_owned())
    }
}

fn procedures(folder: &Path, policy: &Policy) -> anyhow::Result<case::Procedures> {
    let mut files: std::collections::BTreeMap<String, String> =
        PROCEDURES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let own = folder.join("procedures");
    if own.is_dir() {
        for entry in fs::read_dir(&own).with_context(|| own.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "toml") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                files.insert(name, text);
            }
        }
    }
    let files: Vec<_> = files.into_iter().collect();
    let (procedures, faults) = case::Procedures::check(&files, policy)?;
    let errors: Vec<_> = faults.iter().filter(|it| it.severity == Severity::Error).collect();
    if errors.is_empty() {
        return Ok(procedures);
    }
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    bail!("a procedure is not sound; `olzii procedure check FILE` shows where:\n  {}", lines.join("\n  "))
}

/// The city's key: made once, readable by its owner alone.
fn key(path: &Path) -> anyhow::Result<[u8; 32]> {
    if !path.exists() {
        let draft = path.with_extension("new");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(&world::random_bytes()?)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    }
    read_key(path)
}

fn read_key(path: &Path) -> anyhow::Result<[u8; 32]> {
    let mode = fs::metadata(path).with_context(|| path.display().to_string())?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{} can be read by others (mode {:o}): run chmod 600 on it", path.display(), mode & 0o777);
    }
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    bytes.try_into().map_err(|_| {
        anyhow::anyhow!("{} is not 32 bytes long: it is damaged, bring it back from a backup", path.display())
    })
}
