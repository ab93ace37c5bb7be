//! A map drawn by the server: areas in shades of what is counted in them.

use serde_json::Value;

/// Width of the picture, in its own units.
const WIDTH: f64 = 720.0;
/// It is at most so high for its width.
const HEIGHT_MAX: f64 = 1_000.0;
/// Points nearer to the one before than this are left out, in units of the picture.
const NEAR: f64 = 0.8;
/// Degrees of latitude beyond which nothing is drawn: Mercator has no poles.
const LATITUDE_MAX: f64 = 85.0;

pub struct Map {
    pub width: i64,
    pub height: i64,
    pub shapes: Vec<Shape>,
}

pub struct Shape {
    /// Path data of SVG.
    pub path: String,
    pub shade: Shade,
    /// Name and value.
    pub title: String,
    pub address: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// 1 to 5: up to so many fifths of the largest.
    Step(i64),
    Hidden,
    Nothing,
}

impl Shade {
    /// Of 0 to 1,000 of the largest.
    pub fn of(share: Option<i64>) -> Self {
        match share {
            Some(share) if share > 0 => Self::Step(((share + 199) / 200).clamp(1, 5)),
            Some(_) | None => Self::Nothing,
        }
    }

    pub fn class(self) -> String {
        match self {
            Self::Step(step) => format!("shade-{step}"),
            Self::Hidden => "shade-hidden".to_owned(),
            Self::Nothing => "shade-none".to_owned(),
        }
    }
}

type Point = (f64, f64);
/// How an area is shown: its shade, its name and value, and where it leads.
pub type Look = (Shade, String, Option<String>);

impl Map {
    /// Of the features of a collection that `look` knows by their code; none where it knows none of them.
    pub fn of(boundaries: &str, look: &dyn Fn(&str) -> Option<Look>) -> Option<Self> {
        let collection: Value = serde_json::from_str(boundaries).ok()?;
        let mut found = Vec::new();
        for feature in collection["features"].as_array()? {
            let Some(told) = feature["properties"]["code"].as_str().and_then(look) else { continue };
            found.push((told, rings(&feature["geometry"])));
        }
        let points = || found.iter().flat_map(|(_, rings)| rings.iter().flatten());
        let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
        for (x, y) in points() {
            (low, high) = ((low.0.min(*x), low.1.min(*y)), (high.0.max(*x), high.1.max(*y)));
        }
        let (wide, tall) = (high.0 - low.0, high.1 - low.1);
        if !(wide > 0.0 && tall > 0.0) {
            return None;
        }
        let scale = (WIDTH / wide).min(HEIGHT_MAX / tall);
        let place = |(x, y): &Point| ((x - low.0) * scale, (high.1 - y) * scale);
        let shapes = found.iter().map(|((shade, title, address), rings)| Shape {
            path: rings.iter().map(|ring| path(ring.iter().map(place))).collect(),
            shade: *shade,
            title: title.clone(),
            address: address.clone(),
        });
        let shapes = shapes.collect();
        Some(Self { width: (wide * scale).ceil() as i64, height: (tall * scale).ceil() as i64, shapes })
    }
}

/// All rings of a polygon or several, in Mercator's projection.
fn rings(geometry: &Value) -> Vec<Vec<Point>> {
    let coordinates = geometry["coordinates"].as_array().map(Vec::as_slice).unwrap_or_default();
    let polygons: Vec<&Value> = match geometry["type"].as_str() {
        Some("Polygon") => coordinates.iter().collect(),
        Some("MultiPolygon") => coordinates.iter().filter_map(Value::as_array).flatten().collect(),
        _ => Vec::new(),
    };
    let point = |it: &Value| {
        let (longitude, latitude) = (it[0].as_f64()?, it[1].as_f64()?.clamp(-LATITUDE_MAX, LATITUDE_MAX));
        Some((longitude.to_radians(), latitude.to_radians().tan().asinh()))
    };
    polygons
        .iter()
        .filter_map(|ring| ring.as_array())
        .map(|ring| ring.iter().filter_map(point).collect())
        .collect()
}

fn path(points: impl Iterator<Item = Point>) -> String {
    let mut written = String::new();
    let mut last: Option<Point> = None;
    for (x, y) in points {
        if last.is_some_and(|it| (it.0 - x).abs() + (it.1 - y).abs() < NEAR) {
            continue;
        }
        written += &format!("{}{x:.1} {y:.1}", if last.is_some() { 'L' } else { 'M' });
        last = Some((x, y));
    }
    written.push('Z');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"type":"FeatureCollection","features":[
        {"properties":{"code":"1","name":"A"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}},
        {"properties":{"code":"2","name":"B"},"geometry":{"type":"MultiPolygon","coordinates":[[[[1,0],[2,0],[2,1],[1,1],[1,0]]]]}},
        {"properties":{"code":"3","name":"C"},"geometry":null}]}"#;

    fn shade(code: &str) -> Option<Look> {
        (code != "9").then(|| (Shade::of(Some(1_000)), format!("name of {code}"), None))
    }

    #[test]
    fn neighbours_share_their_border_and_north_is_above() {
        let map = Map::of(TWO, &shade).unwrap();
        assert_eq!((map.width, map.shapes.len()), (720, 3));
        assert_eq!(map.shapes[0].path, "M0.0 360.0L360.0 360.0L360.0 0.0L0.0 0.0L0.0 360.0Z");
        assert!(map.shapes[1].path.starts_with("M360.0 360.0L720.0 360.0"), "{}", map.shapes[1].path);
        assert_eq!(map.shapes[2].path, "", "no boundary is known");
    }

    #[test]
    fn what_is_no_map_is_none() {
        for text in [
            "",
            "{}",
            r#"{"features":[]}"#,
            r#"{"features":[{"properties":{"code":"1"},"geometry":{"type":"Polygon","coordinates":[[[0,0]]]}}]}"#,
        ] {
            assert!(Map::of(text, &shade).is_none(), "{text}");
        }
    }

    #[test]
    fn shades_are_fifths_of_the_largest() {
        let shades = [1, 200, 201, 999, 1_000].map(|it| Shade::of(Some(it)));
        assert_eq!(shades, [1, 1, 2, 5, 5].map(Shade::Step));
        assert_eq!([Shade::of(Some(0)), Shade::of(None)], [Shade::Nothing; 2]);
    }
}
