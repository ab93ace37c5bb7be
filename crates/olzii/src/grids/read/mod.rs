//! Files in: what stands in them as the engine wants it. Everything that is wrong with a file is told at once, each
//! with its place; what was repaired is told too.

mod feature;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod openstreetmap;
mod shape;
mod table;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use flate2::read::GzDecoder;
use gridplan::{
    Block, CommunityShape, Door, Street,
    audit::Drawn,
    plane::{Frame, LineKind, Node},
};

use self::feature::Feature;
pub use self::table::{assignment, graph};
use super::voice::Voice;

/// Bytes of one file, unpacked.
const FILE_BYTES_MAX: u64 = 2_000_000_000;
/// What is wrong with a file is told up to so many times.
const TOLD_MAX: usize = 20;

/// What is looked for in a file that may hold a whole map.
#[derive(Clone, Copy, Debug)]
pub enum Sought<'a> {
    /// Streets and barriers.
    Lines,
    /// Buildings of which it is known how many live there.
    Doors { households: &'a str },
    /// Blocks, grids, communities.
    Areas,
}

/// Which properties of a feature say what.
#[derive(Clone, Debug)]
pub struct Properties {
    pub id: String,
    pub households: String,
    pub community: String,
}

pub fn blocks(path: &Path, properties: &Properties, voice: &mut Voice<'_>) -> anyhow::Result<Vec<Block>> {
    let mut homeless = None;
    let blocks = read(path, Sought::Areas, voice, |feature| {
        let community = feature.text(&properties.community).unwrap_or_default();
        if community.is_empty() {
            homeless.get_or_insert_with(|| feature.place.clone());
        }
        Ok(Block {
            id: feature.text(&properties.id)?,
            community,
            loads: vec![feature.count(&properties.households)?],
            rings: feature.rings()?,
            kind: LineKind::Street,
        })
    })?;
    // None at all is a town without communities; some without are a slip that would make a community of their own.
    if let Some(place) = homeless
        && blocks.iter().any(|block| !block.community.is_empty())
    {
        bail!("{}: {place}: it has no property `{}`, others have", path.display(), properties.community);
    }
    Ok(blocks)
}

/// Polygons with their names; one without is named by its number.
pub fn grids(path: &Path, id: &str, voice: &mut Voice<'_>) -> anyhow::Result<Vec<Drawn>> {
    read(path, Sought::Areas, voice, |feature| {
        let id = feature.text(id).unwrap_or_else(|_| feature.number.to_string());
        Ok(Drawn { id, community: None, rings: feature.rings()? })
    })
}

pub fn communities(path: &Path, name: &str, voice: &mut Voice<'_>) -> anyhow::Result<Vec<CommunityShape>> {
    let grids = grids(path, name, voice)?;
    Ok(grids.into_iter().map(|drawn| CommunityShape { name: drawn.id, rings: drawn.rings }).collect())
}

/// Lines with the property `highway`, `railway` or `waterway` of OpenStreetMap, or `barrier` for a wall.
pub fn streets(path: &Path, voice: &mut Voice<'_>) -> anyhow::Result<Vec<Street>> {
    let streets = read(path, Sought::Lines, voice, |feature| {
        let kind = feature.kind();
        Ok(feature.lines()?.into_iter().map(|nodes| Street { nodes, kind }).collect::<Vec<_>>())
    })?;
    Ok(streets.into_iter().flatten().collect())
}

pub fn doors(path: &Path, households: &str, voice: &mut Voice<'_>) -> anyhow::Result<Vec<Door>> {
    read(path, Sought::Doors { households }, voice, |feature| {
        Ok(Door { at: feature.middle()?, loads: vec![feature.count(households)?] })
    })
}

/// The middle of all coordinates.
pub fn frame<'a>(rings: impl Iterator<Item = &'a Node> + Clone) -> anyhow::Result<Frame> {
    let span = |axis: fn(&Node) -> i64| -> Option<f64> {
        Some((rings.clone().map(axis).min()? + rings.clone().map(axis).max()?) as f64 / 2e7)
    };
    match (span(|node| node.x), span(|node| node.y)) {
        (Some(longitude), Some(latitude)) => Ok(Frame::of_degrees(longitude, latitude)),
        _ => bail!("there is no point in the files"),
    }
}

/// Reads either of two files, or says that one is missing.
pub fn required<'a>(path: Option<&'a PathBuf>, name: &str) -> anyhow::Result<&'a Path> {
    path.map(PathBuf::as_path).with_context(|| format!("--{name} FILE is needed too"))
}

/// What every feature of a file stands for.
fn read<T>(
    path: &Path,
    sought: Sought<'_>,
    voice: &mut Voice<'_>,
    mut meaning: impl FnMut(&Feature) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let mut found = Vec::new();
    let (mut faults, mut open) = (Told::default(), Told::default());
    features(path, sought, |feature| {
        let meant = feature.and_then(|feature| {
            let meant = meaning(&feature).with_context(|| feature.place.clone())?;
            if feature.has_open_ring() {
                open.add(|| format!("{}: a ring was left open and is closed", feature.place));
            }
            Ok(meant)
        });
        match meant {
            Ok(meant) => found.push(meant),
            Err(error) => faults.add(|| format!("{error:#}")),
        }
    })?;
    ensure!(faults.count == 0, "{}:\n  {}", path.display(), faults.text());
    if open.count > 0 {
        voice.aside(format_args!("{}:\n  {}", path.display(), open.text()));
    }
    Ok(found)
}

/// By the end of its name: GeoPackage, FlatGeobuf, OpenStreetMap's PBF, and GeoJSON.
fn features(
    path: &Path,
    sought: Sought<'_>,
    each: impl FnMut(anyhow::Result<Feature>),
) -> anyhow::Result<()> {
    let ends = |end: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(end));
    match () {
        () if geopackage::is_meant(path) => geopackage::features(path, each),
        () if ends("fgb") => flatgeobuf::features(path, each),
        () if ends("pbf") && matches!(sought, Sought::Areas) => bail!(
            "{}: areas are not read from OpenStreetMap's PBF: give them as GeoPackage, FlatGeobuf or GeoJSON",
            path.display()
        ),
        () if ends("pbf") => openstreetmap::features(path, sought, each),
        () => geojson::features(path, each),
    }
}

/// Reference systems whose coordinates are degrees of WGS 84, or within a metre of them: none said, EPSG 4326, and
/// China's own of 2000.
const DEGREES: [i64; 3] = [0, 4326, 4490];

/// Says what has to be done with coordinates of another system.
fn must_be_degrees(path: &Path, system: i64, name: &str) -> anyhow::Result<()> {
    ensure!(
        DEGREES.contains(&system),
        "{}: its coordinates are those of {system} {name}: save it in WGS 84 (EPSG:4326)",
        path.display()
    );
    Ok(())
}

/// The first of many remarks, and how many there were.
#[derive(Default)]
pub struct Told {
    pub count: usize,
    first: Vec<String>,
}

impl Told {
    pub fn add(&mut self, remark: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < TOLD_MAX {
            self.first.push(remark());
        }
    }

    pub fn text(&self) -> String {
        let more = self.count - self.first.len();
        let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
        self.first.join("\n  ") + &more
    }
}

/// The whole of a text file, unpacked where its name ends in `.gz`.
fn text(path: &Path) -> anyhow::Result<String> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let mut text = String::new();
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let read = if is_packed {
        GzDecoder::new(file).take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        file.take(FILE_BYTES_MAX).read_to_string(&mut text)
    };
    let bytes = read.with_context(|| format!("{} cannot be read as text", path.display()))?;
    ensure!((bytes as u64) < FILE_BYTES_MAX, "{} is larger than {FILE_BYTES_MAX} bytes", path.display());
    Ok(text)
}
