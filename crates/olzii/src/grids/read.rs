//! GeoJSON, compressed or not, and CSV. What is wrong is told with its place; a ring left open is closed and said so.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use flate2::read::GzDecoder;
use gridplan::{
    Atom, Block, Border, CommunityShape, Door, Map, Street,
    audit::Drawn,
    plane::{Frame, LineKind, Node, Ring},
};
use serde_json::{Map as Object, Value};

/// Bytes of one file, unpacked.
const FILE_BYTES_MAX: u64 = 2_000_000_000;
/// What is wrong with a file is told up to so many times.
const TOLD_MAX: usize = 20;

/// Which properties of a feature say what.
#[derive(Clone, Debug)]
pub struct Properties {
    pub id: String,
    pub households: String,
    pub community: String,
}

struct Feature {
    /// Where it stands in the file, for messages.
    place: String,
    properties: Object<String, Value>,
    geometry: Value,
}

pub fn blocks(path: &Path, properties: &Properties) -> anyhow::Result<Vec<Block>> {
    let mut faults = Vec::new();
    let mut blocks = Vec::new();
    for feature in features(path)? {
        let block = || -> anyhow::Result<Block> {
            Ok(Block {
                id: feature.text(&properties.id)?,
                community: feature.text(&properties.community).unwrap_or_default(),
                loads: vec![feature.count(&properties.households)?],
                rings: feature.rings()?,
                kind: LineKind::Street,
            })
        };
        match block() {
            Ok(block) => blocks.push(block),
            Err(error) => faults.push(format!("{}: {error:#}", feature.place)),
        }
    }
    whole(path, faults)?;
    Ok(blocks)
}

pub fn grids(path: &Path, id: &str) -> anyhow::Result<Vec<Drawn>> {
    let mut faults = Vec::new();
    let mut grids = Vec::new();
    for (index, feature) in features(path)?.into_iter().enumerate() {
        let name = feature.text(id).unwrap_or_else(|_| format!("{}", index + 1));
        match feature.rings() {
            Ok(rings) => grids.push(Drawn { id: name, community: None, rings }),
            Err(error) => faults.push(format!("{}: {error:#}", feature.place)),
        }
    }
    whole(path, faults)?;
    Ok(grids)
}

pub fn communities(path: &Path, name: &str) -> anyhow::Result<Vec<CommunityShape>> {
    let grids = grids(path, name)?;
    Ok(grids.into_iter().map(|drawn| CommunityShape { name: drawn.id, rings: drawn.rings }).collect())
}

/// Lines with the property `highway`, `railway` or `waterway` of OpenStreetMap, or `barrier` for a wall.
pub fn streets(path: &Path) -> anyhow::Result<Vec<Street>> {
    let mut faults = Vec::new();
    let mut streets = Vec::new();
    for feature in features(path)? {
        let kind = feature.kind();
        match feature.lines() {
            Ok(lines) => streets.extend(lines.into_iter().map(|nodes| Street { nodes, kind })),
            Err(error) => faults.push(format!("{}: {error:#}", feature.place)),
        }
    }
    whole(path, faults)?;
    Ok(streets)
}

pub fn doors(path: &Path, households: &str) -> anyhow::Result<Vec<Door>> {
    let mut faults = Vec::new();
    let mut doors = Vec::new();
    for feature in features(path)? {
        let door = || -> anyhow::Result<Door> {
            Ok(Door { at: feature.middle()?, loads: vec![feature.count(households)?] })
        };
        match door() {
            Ok(door) => doors.push(door),
            Err(error) => faults.push(format!("{}: {error:#}", feature.place)),
        }
    }
    whole(path, faults)?;
    Ok(doors)
}

/// A bare graph: nodes `id,…,population,…`, edges `a,b`.
pub fn graph(nodes: &Path, edges: &Path) -> anyhow::Result<Map> {
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let mut atoms = Vec::new();
    for (line, row) in rows(nodes)?.into_iter().enumerate() {
        let place = || format!("{}, line {}", nodes.display(), line + 2);
        let id = row.get("id").with_context(place)?.clone();
        let people = row.get("population").or_else(|| row.get("households")).with_context(place)?;
        let people =
            people.parse().with_context(|| format!("{}: `{people}` is no number from 0 up", place()))?;
        let known = index.insert(id.clone(), atoms.len());
        ensure!(known.is_none(), "{}: there is a node `{id}` before", place());
        atoms.push(Atom {
            id,
            community: String::new(),
            loads: vec![people],
            place: [0.0; 2],
            area: 0.0,
            outer_border: 0.0,
        });
    }
    let mut borders = Vec::new();
    for (line, row) in rows(edges)?.into_iter().enumerate() {
        let place = || format!("{}, line {}", edges.display(), line + 2);
        let end = |name: &str| {
            let id = row.get(name).with_context(place)?;
            index.get(id).copied().with_context(|| format!("{}: there is no node `{id}`", place()))
        };
        borders.push(Border { atoms: [end("a")?, end("b")?], length: 1.0, street: 1.0, barrier: 0.0 });
    }
    Ok(Map::new(atoms, borders)?)
}

/// `block_id,grid_id` as `plan-grids` writes it.
pub fn assignment(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let pair = |row: BTreeMap<String, String>| {
        let value = |name: &str| {
            row.get(name).cloned().with_context(|| format!("{} has no column {name}", path.display()))
        };
        Ok((value("block_id")?, value("grid_id")?))
    };
    rows(path)?.into_iter().map(pair).collect()
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

fn rows(path: &Path) -> anyhow::Result<Vec<BTreeMap<String, String>>> {
    let text = text(path)?;
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().with_context(|| format!("{} is no CSV with a head line", path.display()))
}

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

fn features(path: &Path) -> anyhow::Result<Vec<Feature>> {
    let mut collection: Value = serde_json::from_str(&text(path)?)
        .with_context(|| format!("{} is no JSON; plan-grids reads GeoJSON, plain or .gz", path.display()))?;
    let Value::Array(features) = collection["features"].take() else {
        bail!("{} is no GeoJSON FeatureCollection", path.display())
    };
    let feature = |(index, mut feature): (usize, Value)| {
        let properties = match feature["properties"].take() {
            Value::Object(properties) => properties,
            _ => Object::new(),
        };
        Feature { place: format!("feature {}", index + 1), properties, geometry: feature["geometry"].take() }
    };
    Ok(features.into_iter().enumerate().map(feature).collect())
}

/// Everything that is wrong with a file at once.
fn whole(path: &Path, faults: Vec<String>) -> anyhow::Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let more = faults.len().saturating_sub(TOLD_MAX);
    let told = faults[..faults.len().min(TOLD_MAX)].join("\n  ");
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    bail!("{}:\n  {told}{more}", path.display())
}

impl Feature {
    fn text(&self, name: &str) -> anyhow::Result<String> {
        match self.properties.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => bail!("it has no property `{name}`"),
        }
    }

    fn count(&self, name: &str) -> anyhow::Result<u32> {
        let value = self.properties.get(name).with_context(|| format!("it has no property `{name}`"))?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        match number {
            Some(number) if (0.0..=f64::from(u32::MAX)).contains(&number) => Ok(number.round() as u32),
            _ => bail!("its `{name}` is {value}, not a number from 0 up"),
        }
    }

    fn kind(&self) -> LineKind {
        let of = |name: &str| self.properties.get(name).and_then(Value::as_str).unwrap_or_default();
        match (of("highway"), of("railway"), of("waterway"), of("barrier")) {
            ("motorway" | "trunk" | "primary", ..) => LineKind::MainRoad,
            (
                "service" | "footway" | "path" | "track" | "pedestrian" | "living_street" | "steps"
                | "cycleway",
                ..,
            ) => LineKind::Lane,
            ("", "", "", "") => LineKind::Street,
            ("", "", "", _) => LineKind::Wall,
            ("", "", _, _) => LineKind::River,
            ("", _, _, _) => LineKind::Railway,
            _ => LineKind::Street,
        }
    }

    fn rings(&self) -> anyhow::Result<Vec<Ring>> {
        let coordinates = &self.geometry["coordinates"];
        let polygons = match self.geometry["type"].as_str() {
            Some("Polygon") => vec![coordinates],
            Some("MultiPolygon") => coordinates.as_array().context("it has no coordinates")?.iter().collect(),
            _ => bail!("it is no Polygon or MultiPolygon"),
        };
        let mut rings = Vec::new();
        for ring in polygons.into_iter().flat_map(|polygon| polygon.as_array().into_iter().flatten()) {
            let ring = nodes(ring)?;
            if ring.first() != ring.last() {
                eprintln!("{}: a ring was left open and is closed", self.place);
            }
            rings.push(ring);
        }
        ensure!(rings.iter().any(|ring| ring.len() > 3), "it has no ring of three corners");
        Ok(rings)
    }

    fn lines(&self) -> anyhow::Result<Vec<Vec<Node>>> {
        let coordinates = &self.geometry["coordinates"];
        match self.geometry["type"].as_str() {
            Some("LineString") => Ok(vec![nodes(coordinates)?]),
            Some("MultiLineString" | "Polygon") => {
                coordinates.as_array().context("it has no coordinates")?.iter().map(nodes).collect()
            }
            _ => bail!("it is no line"),
        }
    }

    /// A point, or the mean of an outline's corners.
    fn middle(&self) -> anyhow::Result<Node> {
        if self.geometry["type"] == "Point" {
            return node(&self.geometry["coordinates"]);
        }
        let rings = self.rings()?;
        let ring = rings.iter().find(|ring| ring.len() > 3).context("it has no ring of three corners")?;
        let corners = &ring[1..];
        let mean = |axis: fn(&Node) -> i64| corners.iter().map(axis).sum::<i64>() / corners.len() as i64;
        Ok(Node { x: mean(|node| node.x), y: mean(|node| node.y) })
    }
}

fn nodes(line: &Value) -> anyhow::Result<Vec<Node>> {
    line.as_array().context("it has no coordinates")?.iter().map(node).collect()
}

fn node(point: &Value) -> anyhow::Result<Node> {
    let [Some(longitude), Some(latitude)] = [point[0].as_f64(), point[1].as_f64()] else {
        bail!("{point} is no position")
    };
    ensure!(
        (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude),
        "{longitude}, {latitude} are no degrees of WGS 84: convert metres before planning"
    );
    Ok(Frame::node_of_degrees(longitude, latitude))
}

/// Reads either of two files, or says that one is missing.
pub fn required<'a>(path: Option<&'a PathBuf>, name: &str) -> anyhow::Result<&'a Path> {
    path.map(PathBuf::as_path).with_context(|| format!("--{name} FILE is needed too"))
}
