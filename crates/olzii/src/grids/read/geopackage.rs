//! GeoPackage (OGC 12-128), the file that QGIS saves: an SQLite database with a table for each layer.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use geozero::wkb::GpkgWkb;
use rusqlite::{Connection, OpenFlags, Row, types::ValueRef};
use serde_json::{Map as Object, Value, json};

use super::{
    feature::{Feature, Geometry},
    must_be_degrees, shape,
};

/// Between the file and the name of one of its layers, as QGIS writes it.
const LAYER: &str = "|layername=";

/// A view could ask for anything: tables alone are read.
const LAYERS: &str = "SELECT c.table_name, g.column_name, COALESCE(s.organization_coordsys_id, c.srs_id), \
    COALESCE(s.srs_name, '') FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name \
    JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table' \
    LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = c.srs_id WHERE c.data_type = 'features' ORDER BY c.table_name";

struct Layer {
    name: String,
    geometry: String,
    system: i64,
    system_name: String,
}

/// Whether the path names a GeoPackage, with or without a layer.
pub fn is_meant(path: &Path) -> bool {
    split(path).0.extension().is_some_and(|it| it.eq_ignore_ascii_case("gpkg"))
}

fn split(path: &Path) -> (&Path, Option<&str>) {
    let whole = path.to_str().and_then(|it| it.split_once(LAYER));
    whole.map_or((path, None), |(file, layer)| (Path::new(file), Some(layer)))
}

pub fn features(path: &Path, mut each: impl FnMut(anyhow::Result<Feature>)) -> anyhow::Result<()> {
    let (file, wanted) = split(path);
    let name = file.display();
    ensure!(file.is_file(), "{name} cannot be opened");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database =
        Connection::open_with_flags(file, flags).with_context(|| format!("{name} cannot be opened"))?;
    // What somebody else made calls no function of ours.
    database
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")?;
    let layer =
        layer(&database, wanted).with_context(|| format!("{name} is no GeoPackage with a layer to read"))?;
    must_be_degrees(file, layer.system, &layer.system_name)?;
    let table = layer.name.replace('"', "\"\"");
    let mut rows = database.prepare(&format!("SELECT * FROM \"{table}\""))?;
    let columns: Vec<String> = rows.column_names().map(str::to_owned).collect();
    let mut rows = rows.query([])?;
    let mut number = 0;
    while let Some(row) = rows.next().with_context(|| format!("{name} cannot be read behind row {number}"))? {
        number += 1;
        each(feature(number, row, &columns, &layer).with_context(|| format!("row {number}")));
    }
    Ok(())
}

fn layer(database: &Connection, wanted: Option<&str>) -> anyhow::Result<Layer> {
    let mut found = database.prepare(LAYERS)?;
    let read = |row: &Row<'_>| {
        Ok(Layer { name: row.get(0)?, geometry: row.get(1)?, system: row.get(2)?, system_name: row.get(3)? })
    };
    let mut layers = found.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
    let names = || layers.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
    match (wanted, layers.len()) {
        (Some(wanted), _) => {
            let place = layers.iter().position(|it| it.name == wanted);
            let place = place.with_context(|| format!("it has the layers {}, and no `{wanted}`", names()))?;
            Ok(layers.swap_remove(place))
        }
        (None, 1) => Ok(layers.swap_remove(0)),
        (None, 0) => bail!("it has no layer of features"),
        (None, _) => bail!("it has the layers {}: say which, as FILE.gpkg{LAYER}NAME", names()),
    }
}

fn feature(number: usize, row: &Row<'_>, columns: &[String], layer: &Layer) -> anyhow::Result<Feature> {
    let mut properties = Object::new();
    let mut geometry: Option<Geometry> = None;
    for (place, column) in columns.iter().enumerate() {
        let value = row.get_ref(place)?;
        if *column == layer.geometry {
            let ValueRef::Blob(bytes) = value else { bail!("it has no geometry") };
            geometry = Some(shape::geometry(&GpkgWkb(bytes))?);
        } else if let Some(value) = property(value) {
            properties.insert(column.clone(), value);
        }
    }
    let geometry = geometry.context("it has no geometry")?;
    Ok(Feature { number, place: format!("row {number}"), properties, geometry })
}

fn property(value: ValueRef<'_>) -> Option<Value> {
    match value {
        ValueRef::Integer(it) => Some(json!(it)),
        ValueRef::Real(it) => Some(json!(it)),
        ValueRef::Text(it) => Some(json!(String::from_utf8_lossy(it))),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}
