//! Boundaries as GeoJSON (RFC 7946): pure, from bytes to checked outlines.

use geo::{BoundingRect, Contains, MultiPolygon, Point};
use kernel::limits;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    fault::{Collector, Position, Reason},
    source::byte_of,
};

/// A geometry, as text, and the box around it, in degrees.
pub struct Outline<'a> {
    pub geometry: &'a str,
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

/// One feature of a file.
pub struct Shape<'a> {
    pub position: Position,
    pub code: String,
    pub outline: Outline<'a>,
}

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(borrow)]
    features: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Feature<'a> {
    properties: Properties,
    #[serde(borrow)]
    geometry: &'a RawValue,
}

#[derive(Deserialize)]
struct Properties {
    code: String,
}

/// The features of a FeatureCollection whose properties have a `code`.
pub fn read<'a>(bytes: &'a [u8], faults: &mut Collector) -> Vec<Shape<'a>> {
    if bytes.len() as u64 > limits::BOUNDARY_BYTES_MAX {
        faults.add(None, Reason::BoundaryTooManyBytes { bytes: bytes.len() as u64 });
        return Vec::new();
    }
    let at = |byte| Position { byte, record: None };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let byte = error.valid_up_to();
            faults.add(at(byte), Reason::NotUtf8 { byte });
            return Vec::new();
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let collection: Collection<'_> = match serde_json::from_str(text) {
        Ok(collection) => collection,
        Err(error) => {
            let byte = bytes.len() - text.len() + byte_of(text, error.line(), error.column());
            faults.add(at(byte), Reason::Json(error.to_string()));
            return Vec::new();
        }
    };
    let mut shapes = Vec::new();
    for (index, raw) in collection.features.into_iter().enumerate() {
        let byte = raw.get().as_ptr() as usize - bytes.as_ptr() as usize;
        let position = Position { byte, record: Some(index as u64 + 1) };
        match shape(raw.get(), position) {
            Ok(shape) => shapes.push(shape),
            Err(reason) => faults.add(position, reason),
        }
    }
    shapes
}

fn shape(text: &str, position: Position) -> Result<Shape<'_>, Reason> {
    let feature: Feature<'_> = serde_json::from_str(text).map_err(|error| Reason::Json(error.to_string()))?;
    let geometry = feature.geometry.get();
    let polygons = polygons(geometry).map_err(Reason::Geometry)?;
    let bounds = polygons.bounding_rect().ok_or(Reason::Geometry("it has no points"))?;
    let outline = Outline {
        geometry,
        west: bounds.min().x,
        south: bounds.min().y,
        east: bounds.max().x,
        north: bounds.max().y,
    };
    Ok(Shape { position, code: feature.properties.code, outline })
}

/// The polygons of a geometry, if it is what RFC 7946 section 3.1.6 asks for.
fn polygons(text: &str) -> Result<MultiPolygon, &'static str> {
    let geometry: geojson::Geometry = text.parse().map_err(|_| "it is no geometry")?;
    let polygons: Vec<geojson::PolygonType> = match geometry.value {
        geojson::GeometryValue::Polygon { coordinates } => vec![coordinates],
        geojson::GeometryValue::MultiPolygon { coordinates } => coordinates,
        _ => return Err("it is of another type"),
    };
    let rings = || polygons.iter().flatten();
    if polygons.iter().any(Vec::is_empty) || rings().any(|ring| ring.len() < 4) {
        return Err("a ring has fewer than four positions");
    }
    if rings().any(|ring| ring.first() != ring.last()) {
        return Err("a ring is not closed");
    }
    let is_degrees = |position: &[f64]| matches!(position, [x, y, ..] if (-180.0..=180.0).contains(x) && (-90.0..=90.0).contains(y));
    if !rings().flatten().all(|position| is_degrees(position.as_slice())) {
        return Err("a position is not longitude and latitude");
    }
    let line =
        |ring: &Vec<geojson::Position>| ring.iter().map(|it| (it[0], it[1])).collect::<geo::LineString>();
    let polygon = |rings: &geojson::PolygonType| {
        geo::Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect())
    };
    Ok(MultiPolygon::new(polygons.iter().map(polygon).collect()))
}

/// Whether a stored geometry holds a point. One that cannot be read holds none.
pub fn contains(geometry: &str, longitude: f64, latitude: f64) -> bool {
    polygons(geometry).is_ok_and(|it| it.contains(&Point::new(longitude, latitude)))
}

/// Codes that may name the area of a feature: map makers write a city's four digits with `00` behind.
pub fn codes(code: &str) -> impl Iterator<Item = &str> {
    let city = code.strip_suffix("00").filter(|_| code.len() == 6);
    std::iter::once(code).chain(city)
}
