use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use gridplan::{
    GridFigures, GridKind, Map, Plan,
    plane::{Frame, Polygon, Ring},
};
use serde_json::{Value, json};

/// `block_id,grid_id`.
pub fn assignment(path: &Path, map: &Map, plan: &Plan, names: &[String]) -> anyhow::Result<()> {
    let mut csv =
        csv::Writer::from_path(path).with_context(|| format!("{} cannot be written", path.display()))?;
    csv.write_record(["block_id", "grid_id"])?;
    for (atom, grid) in map.atoms().iter().zip(&plan.grid_of) {
        csv.write_record([&atom.id, &names[*grid]])?;
    }
    Ok(csv.flush()?)
}

/// One feature a grid, in WGS 84.
pub fn shapes(
    path: &Path,
    map: &Map,
    plan: &Plan,
    names: &[String],
    outlines: &[Vec<Polygon>],
) -> anyhow::Result<()> {
    let figures = GridFigures::of(map, plan);
    let feature = |(grid, outline): (usize, &Vec<Polygon>)| {
        let figures = &figures[grid];
        json!({
            "type": "Feature",
            "properties": {
                "grid_id": names[grid],
                "community": plan.communities[plan.grids[grid].community].name,
                "kind": kind(plan.grids[grid].kind),
                "households": figures.households,
                "deviation": (figures.deviation * 1e4).round() / 1e4,
                "radius_metres": figures.radius.round(),
                "area_square_metres": figures.area.round(),
            },
            "geometry": multi_polygon(outline),
        })
    };
    let features: Vec<Value> = outlines.iter().enumerate().map(feature).collect();
    text(path, &serde_json::to_string(&json!({ "type": "FeatureCollection", "features": features }))?)
}

/// Repaired or planned shapes by their names.
pub fn outlines(path: &Path, shapes: &BTreeMap<String, Vec<Polygon>>) -> anyhow::Result<()> {
    let feature = |(name, outline): (&String, &Vec<Polygon>)| json!({ "type": "Feature", "properties": { "grid_id": name }, "geometry": multi_polygon(outline) });
    let features: Vec<Value> = shapes.iter().map(feature).collect();
    text(path, &serde_json::to_string(&json!({ "type": "FeatureCollection", "features": features }))?)
}

pub fn text(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

pub fn kind(kind: GridKind) -> &'static str {
    match kind {
        GridKind::Ordinary => "ordinary",
        GridKind::Special => "special",
        GridKind::Frozen => "frozen",
    }
}

fn multi_polygon(outline: &[Polygon]) -> Value {
    let ring = |ring: &Ring| -> Vec<[f64; 2]> {
        ring.iter().chain(ring.first()).map(|node| Frame::degrees(*node)).collect()
    };
    let polygon = |polygon: &Polygon| -> Vec<_> {
        std::iter::once(&polygon.outer).chain(&polygon.holes).map(ring).collect()
    };
    json!({ "type": "MultiPolygon", "coordinates": outline.iter().map(polygon).collect::<Vec<_>>() })
}
