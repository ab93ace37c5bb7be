use anyhow::{Context, bail, ensure};
use gridplan::plane::{Frame, LineKind, Node, Ring};
use serde_json::{Map as Object, Value};

/// One thing of a file of any format: a shape in WGS 84 with properties.
pub struct Feature {
    /// From 1.
    pub number: usize,
    /// Where it stands in the file, for messages.
    pub place: String,
    pub properties: Object<String, Value>,
    pub geometry: Geometry,
}

pub enum Geometry {
    Points(Vec<Node>),
    Lines(Vec<Vec<Node>>),
    /// The rings of all polygons, as they stand in the file.
    Rings(Vec<Ring>),
}

/// Degrees of WGS 84 on the lattice.
pub fn node(longitude: f64, latitude: f64) -> anyhow::Result<Node> {
    ensure!(
        (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude),
        "{longitude}, {latitude} are no degrees of WGS 84: convert metres before planning"
    );
    Ok(Frame::node_of_degrees(longitude, latitude))
}

impl Feature {
    pub fn text(&self, name: &str) -> anyhow::Result<String> {
        match self.properties.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => bail!("it has no property `{name}`"),
        }
    }

    pub fn count(&self, name: &str) -> anyhow::Result<u32> {
        let value = self.properties.get(name).with_context(|| format!("it has no property `{name}`"))?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        match number {
            Some(number) if (0.0..=f64::from(u32::MAX)).contains(&number) => Ok(number.round() as u32),
            _ => bail!("its `{name}` is {value}, not a number from 0 up"),
        }
    }

    pub fn kind(&self) -> LineKind {
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

    pub fn rings(&self) -> anyhow::Result<Vec<Ring>> {
        let Geometry::Rings(rings) = &self.geometry else { bail!("it is no Polygon or MultiPolygon") };
        ensure!(rings.iter().any(|ring| ring.len() > 3), "it has no ring of three corners");
        Ok(rings.clone())
    }

    pub fn has_open_ring(&self) -> bool {
        matches!(&self.geometry, Geometry::Rings(rings) if rings.iter().any(|ring| ring.first() != ring.last()))
    }

    /// Of an area its outline.
    pub fn lines(&self) -> anyhow::Result<Vec<Vec<Node>>> {
        match &self.geometry {
            Geometry::Lines(lines) | Geometry::Rings(lines) => Ok(lines.clone()),
            Geometry::Points(_) => bail!("it is no line"),
        }
    }

    /// A point, or the mean of an outline's corners.
    pub fn middle(&self) -> anyhow::Result<Node> {
        let corners = match &self.geometry {
            Geometry::Points(points) => points.get(..1),
            Geometry::Rings(rings) => rings.iter().find(|ring| ring.len() > 3).and_then(|ring| ring.get(1..)),
            Geometry::Lines(_) => None,
        };
        let corners = corners.context("it is no point and no ring of three corners")?;
        let mean = |axis: fn(&Node) -> i64| corners.iter().map(axis).sum::<i64>() / corners.len() as i64;
        Ok(Node { x: mean(|node| node.x), y: mean(|node| node.y) })
    }
}
