//! GeoJSON (RFC 7946), plain or compressed. One feature after the other is taken apart and let go, so that a city takes
//! the memory of its text and of what was read, not of a tree of values.

use std::{fmt, path::Path};

use anyhow::{Context, bail, ensure};
use gridplan::plane::Node;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map as Object, Value, error::Category, value::RawValue};

use super::feature::{Feature, Geometry, node};

/// Bytes of one feature: the tree of its values takes several times as much.
const FEATURE_BYTES_MAX: usize = 64_000_000;

pub fn features(path: &Path, mut each: impl FnMut(anyhow::Result<Feature>)) -> anyhow::Result<()> {
    let text = super::text(path)?;
    let mut number = 0;
    let mut json = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let found = json.deserialize_map(Collection(|raw: &RawValue| {
        number += 1;
        each(feature(number, raw).with_context(|| format!("feature {number}")));
    }));
    let found = found.and_then(|found| json.end().map(|()| found)).map_err(|error| match error.classify() {
        Category::Data => anyhow::anyhow!("{} is no GeoJSON FeatureCollection: {error}", path.display()),
        _ => anyhow::anyhow!("{} is no JSON: {error}", path.display()),
    });
    ensure!(found?, "{} is no GeoJSON FeatureCollection: it has no `features`", path.display());
    Ok(())
}

fn feature(number: usize, raw: &RawValue) -> anyhow::Result<Feature> {
    let bytes = raw.get().len();
    ensure!(bytes <= FEATURE_BYTES_MAX, "its {bytes} bytes are more than {FEATURE_BYTES_MAX}");
    let mut feature: Value = serde_json::from_str(raw.get())?;
    let properties = match feature.get_mut("properties").map(Value::take) {
        Some(Value::Object(properties)) => properties,
        _ => Object::new(),
    };
    let geometry = geometry(feature.get("geometry").unwrap_or(&Value::Null))?;
    Ok(Feature { number, place: format!("feature {number}"), properties, geometry })
}

fn geometry(geometry: &Value) -> anyhow::Result<Geometry> {
    let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
    match geometry.get("type").and_then(Value::as_str) {
        Some("Point") => Ok(Geometry::Points(vec![position(coordinates)?])),
        Some("MultiPoint") => Ok(Geometry::Points(line(coordinates)?)),
        Some("LineString") => Ok(Geometry::Lines(vec![line(coordinates)?])),
        Some("MultiLineString") => Ok(Geometry::Lines(lines(coordinates)?)),
        Some("Polygon") => Ok(Geometry::Rings(lines(coordinates)?)),
        Some("MultiPolygon") => {
            let polygons: Vec<_> = list(coordinates)?.iter().map(lines).collect::<Result<_, _>>()?;
            Ok(Geometry::Rings(polygons.into_iter().flatten().collect()))
        }
        Some(other) => bail!("a {} is no point, line or area", other.chars().take(40).collect::<String>()),
        None => bail!("it has no geometry"),
    }
}

fn lines(value: &Value) -> anyhow::Result<Vec<Vec<Node>>> {
    list(value)?.iter().map(line).collect()
}

fn line(value: &Value) -> anyhow::Result<Vec<Node>> {
    list(value)?.iter().map(position).collect()
}

fn list(value: &Value) -> anyhow::Result<&Vec<Value>> {
    value.as_array().context("it has no coordinates")
}

fn position(value: &Value) -> anyhow::Result<Node> {
    let axis = |index| value.get(index).and_then(Value::as_f64);
    let (Some(longitude), Some(latitude)) = (axis(0), axis(1)) else {
        bail!("{} is no position", value.to_string().chars().take(40).collect::<String>())
    };
    node(longitude, latitude)
}

/// Hands each element of the member `features` to its function. True when there is such a member.
struct Collection<F>(F);

impl<'de, F: FnMut(&RawValue)> Visitor<'de> for Collection<F> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with `features`")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "features" {
                found = true;
                map.next_value_seed(Features(&mut self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

struct Features<'f, F>(&'f mut F);

impl<'de, F: FnMut(&RawValue)> DeserializeSeed<'de> for Features<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(&RawValue)> Visitor<'de> for Features<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut features: A) -> Result<(), A::Error> {
        while let Some(raw) = features.next_element::<&RawValue>()? {
            self.0(raw);
        }
        Ok(())
    }
}
