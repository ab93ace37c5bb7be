//! Judges a plan from its output alone: the blocks' GeoJSON and the grid of each block id. Nothing here calls the
//! crate, so that the two can disagree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

type Point = (i64, i64);

#[derive(Debug, Default, PartialEq)]
pub struct Verdict {
    pub blocks: usize,
    pub grids: usize,
    pub unassigned: usize,
    pub empty: usize,
    pub stray_parts: usize,
    pub in_band: usize,
    /// Of |households / target − 1|.
    pub worst: f64,
    pub boundary_km: f64,
    pub polsby_popper_mean: f64,
}

const EARTH_METRES: f64 = 6_371_008.8;

/// `low` and `high` are the ends of the band; blocks in `apart` are special grids and count in no deviation.
pub fn judge(
    features: &[Value],
    grid_of: &BTreeMap<String, usize>,
    target: f64,
    (low, high): (u64, u64),
) -> Verdict {
    let ids: Vec<&str> =
        features.iter().map(|feature| feature["properties"]["block_id"].as_str().unwrap()).collect();
    let grids: BTreeSet<usize> = grid_of.values().copied().collect();
    let owners = owners(features);
    let scale = scale(&owners);
    let mut households: BTreeMap<usize, u64> = BTreeMap::new();
    let mut members: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (block, feature) in features.iter().enumerate() {
        if let Some(grid) = grid_of.get(ids[block]) {
            *households.entry(*grid).or_default() += feature["properties"]["households"].as_u64().unwrap();
            members.entry(*grid).or_default().insert(block);
        }
    }
    let mut beside: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); features.len()];
    let mut boundary = 0.0;
    let mut perimeter: BTreeMap<usize, f64> = BTreeMap::new();
    for (ends, blocks) in &owners {
        let length = length(*ends, scale);
        assert!(blocks.len() <= 2, "a segment belongs to two blocks at most");
        if let [one, other] = blocks[..] {
            beside[one].insert(other);
            beside[other].insert(one);
        }
        let around: BTreeSet<Option<&usize>> = blocks.iter().map(|block| grid_of.get(ids[*block])).collect();
        boundary += if around.len() == 2 { length } else { 0.0 };
        if around.len() == 2 || blocks.len() == 1 {
            for grid in around.into_iter().flatten() {
                *perimeter.entry(*grid).or_default() += length;
            }
        }
    }
    let area = |grid: &usize| members[grid].iter().map(|block| area(&features[*block], scale)).sum::<f64>();
    let roundness = |grid: &usize| 4.0 * std::f64::consts::PI * area(grid) / perimeter[grid].powi(2);
    let off = |sum: &u64| (*sum as f64 / target - 1.0).abs();
    Verdict {
        blocks: features.len(),
        grids: grids.len(),
        unassigned: ids.iter().filter(|id| !grid_of.contains_key(**id)).count(),
        empty: grids.iter().filter(|grid| households.get(grid).is_none_or(|sum| *sum == 0)).count(),
        stray_parts: members.values().map(|blocks| parts(blocks, &beside) - 1).sum(),
        in_band: households.values().filter(|sum| (low..=high).contains(*sum)).count(),
        worst: households.values().map(off).fold(0.0, f64::max),
        boundary_km: boundary / 1000.0,
        polsby_popper_mean: grids.iter().map(roundness).sum::<f64>() / grids.len() as f64,
    }
}

fn points(feature: &Value) -> Vec<Vec<Point>> {
    let coordinates = &feature["geometry"]["coordinates"];
    let polygons = if feature["geometry"]["type"] == "Polygon" {
        vec![coordinates]
    } else {
        coordinates.as_array().unwrap().iter().collect()
    };
    let whole = |value: &Value| (value.as_f64().unwrap() * 1e7).round() as i64;
    let point = |point: &Value| (whole(&point[0]), whole(&point[1]));
    let ring = |ring: &Value| ring.as_array().unwrap().iter().map(point).collect();
    polygons.iter().flat_map(|polygon| polygon.as_array().unwrap()).map(ring).collect()
}

fn owners(features: &[Value]) -> BTreeMap<(Point, Point), Vec<usize>> {
    let mut owners: BTreeMap<(Point, Point), Vec<usize>> = BTreeMap::new();
    for (block, feature) in features.iter().enumerate() {
        for pair in points(feature).iter().flat_map(|ring| ring.windows(2)) {
            let ends = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            if ends.0 != ends.1 {
                owners.entry(ends).or_default().push(block);
            }
        }
    }
    owners
}

/// Metres of a unit, along both axes, about the middle.
fn scale(owners: &BTreeMap<(Point, Point), Vec<usize>>) -> (f64, f64) {
    let low = owners.keys().map(|ends| ends.0.1.min(ends.1.1)).min().unwrap();
    let high = owners.keys().map(|ends| ends.0.1.max(ends.1.1)).max().unwrap();
    let middle = ((low + high) as f64 / 2e7).to_radians();
    let unit = EARTH_METRES.to_owned() * std::f64::consts::PI / 180.0 * 1e-7;
    (unit * middle.cos(), unit)
}

fn length((one, other): (Point, Point), (x, y): (f64, f64)) -> f64 {
    (((one.0 - other.0) as f64 * x).powi(2) + ((one.1 - other.1) as f64 * y).powi(2)).sqrt()
}

fn area(feature: &Value, (x, y): (f64, f64)) -> f64 {
    let mut doubled = 0_i128;
    for (index, ring) in points(feature).iter().enumerate() {
        let sum: i128 = ring
            .windows(2)
            .map(|pair| {
                i128::from(pair[0].0) * i128::from(pair[1].1) - i128::from(pair[1].0) * i128::from(pair[0].1)
            })
            .sum();
        // Parts of a MultiPolygon have no holes in these files.
        let is_hole = index > 0 && feature["geometry"]["type"] == "Polygon";
        doubled += if is_hole { -sum.abs() } else { sum.abs() };
    }
    doubled as f64 / 2.0 * x * y
}

fn parts(blocks: &BTreeSet<usize>, beside: &[BTreeSet<usize>]) -> usize {
    let mut left = blocks.clone();
    let mut parts = 0;
    while let Some(first) = left.pop_first() {
        parts += 1;
        let mut open = vec![first];
        while let Some(block) = open.pop() {
            for next in &beside[block] {
                if left.remove(next) {
                    open.push(*next);
                }
            }
        }
    }
    parts
}
