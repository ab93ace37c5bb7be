use serde_json::{Value, json};

use super::value::decimal_json;
use crate::{check::is_decimal, form::DataType};

/// Places of an answer, with longitude before latitude as GeoJSON (RFC 7946) and WKT have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    kind: Kind,
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Point,
    Line,
    Polygon,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    longitude: f64,
    latitude: f64,
    altitude: Option<f64>,
    accuracy: Option<f64>,
}

impl Geometry {
    /// Of an answer's text: latitude, longitude, altitude and accuracy, with `;` between places.
    pub fn parse(data_type: DataType, text: &str) -> Option<Geometry> {
        let kind = match data_type {
            DataType::Geopoint => Kind::Point,
            DataType::Geotrace => Kind::Line,
            DataType::Geoshape => Kind::Polygon,
            _ => return None,
        };
        let places: Vec<Place> = match kind {
            Kind::Point => place(text).into_iter().collect(),
            Kind::Line | Kind::Polygon => text.split(';').filter_map(place).collect(),
        };
        (!places.is_empty()).then_some(Geometry { kind, places })
    }

    pub fn to_geojson(&self) -> Value {
        let positions: Vec<Value> = self.places.iter().map(Place::position).collect();
        let (kind, coordinates) = match self.kind {
            Kind::Point => ("Point", positions.into_iter().next().unwrap_or_default()),
            Kind::Line => ("LineString", Value::Array(positions)),
            Kind::Polygon => ("Polygon", json!([positions])),
        };
        let mut geometry = json!({ "type": kind, "coordinates": coordinates });
        if let Some(properties) = self.properties() {
            geometry["properties"] = properties;
        }
        geometry
    }

    /// How exact the places are, as far as that is told. Of a line's places, 0 says that it is not known.
    fn properties(&self) -> Option<Value> {
        if self.kind == Kind::Point {
            return Some(json!({ "accuracy": decimal_json(self.places[0].accuracy?) }));
        }
        let known = |it: &Place| it.accuracy.filter(|it| *it != 0.0);
        let accuracies: Vec<Option<Value>> =
            self.places.iter().map(|it| known(it).map(decimal_json)).collect();
        accuracies.iter().any(Option::is_some).then(|| json!({ "accuracies": accuracies }))
    }

    pub fn to_wkt(&self) -> String {
        let places: Vec<String> = self.places.iter().map(Place::wkt).collect();
        let places = places.join(",");
        match self.kind {
            Kind::Point => format!("POINT ({places})"),
            Kind::Line => format!("LINESTRING ({places})"),
            Kind::Polygon => format!("POLYGON (({places}))"),
        }
    }
}

impl Place {
    fn numbers(&self) -> impl Iterator<Item = Value> {
        [Some(self.longitude), Some(self.latitude), self.altitude].into_iter().flatten().map(decimal_json)
    }

    fn position(&self) -> Value {
        Value::Array(self.numbers().collect())
    }

    fn wkt(&self) -> String {
        self.numbers().map(|it| it.to_string()).collect::<Vec<_>>().join(" ")
    }
}

/// A place has two numbers at least; altitude and accuracy may be missing or nonsense.
fn place(text: &str) -> Option<Place> {
    let number = |it: &str| if is_decimal(it) { it.parse::<f64>().ok() } else { None };
    let mut parts = text.split_ascii_whitespace();
    let latitude = number(parts.next()?)?;
    let longitude = number(parts.next()?)?;
    let altitude = parts.next().and_then(number);
    let accuracy = parts.next().and_then(number);
    Some(Place { longitude, latitude, altitude, accuracy })
}
