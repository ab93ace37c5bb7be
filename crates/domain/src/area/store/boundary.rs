//! Boundaries: GeoJSON geometries as text, with the boxes around them.

use super::*;
use crate::area::boundary::Outline;

const PUT: &str = "INSERT INTO boundary (area_id, geometry, source, west, south, east, north) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (area_id) DO UPDATE SET geometry = $2, source = $3, west = $4, south = $5, east = $6, north = $7";
const ONE: &str = "SELECT geometry, source FROM boundary WHERE area_id = $1";
const OF_CHILDREN: &str = "SELECT a.code, a.name, b.geometry FROM area a JOIN boundary b ON b.area_id = a.id \
    WHERE a.parent_id = $1 AND a.valid_to IS NULL ORDER BY a.code";
const AT: &str = "SELECT b.area_id FROM boundary b JOIN area a ON a.id = b.area_id \
    WHERE b.west <= $1 AND b.east >= $1 AND b.south <= $2 AND b.north >= $2 AND a.valid_to IS NULL \
    ORDER BY a.tier DESC, a.code";
const BOX: &str = "SELECT b.west, b.south, b.east, b.north FROM area a JOIN boundary b ON b.area_id = a.id \
    WHERE a.code = $1 AND a.valid_to IS NULL";

/// Degrees west, south, east and north of an area's boundary.
pub fn frame(tx: &mut Tx<'_>, code: &str) -> Result<Option<[f64; 4]>, StoreError> {
    let read = |row: store::Row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]);
    tx.first(BOX, params![code])?.map(read).transpose()
}

pub fn put_boundary(
    tx: &mut Tx<'_>,
    id: Id<AreaName>,
    outline: &Outline<'_>,
    source: &str,
) -> Result<(), StoreError> {
    let Outline { geometry, west, south, east, north } = outline;
    tx.execute(PUT, params![id, *geometry, source, *west, *south, *east, *north]).map(drop)
}

/// Geometry and source.
pub fn boundary(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<Option<(String, String)>, StoreError> {
    tx.first(ONE, params![id])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub fn geometry(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<Option<String>, StoreError> {
    Ok(boundary(tx, id)?.map(|(geometry, _)| geometry))
}

/// Code, name and geometry of the areas right below.
pub fn boundaries(
    tx: &mut Tx<'_>,
    parent: Id<AreaName>,
) -> Result<Vec<(String, String, String)>, StoreError> {
    tx.query(OF_CHILDREN, params![parent])?
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// Areas whose boxes hold a point, deepest first.
pub fn boundaries_at(
    tx: &mut Tx<'_>,
    longitude: f64,
    latitude: f64,
) -> Result<Vec<Id<AreaName>>, StoreError> {
    tx.query(AT, params![longitude, latitude])?.iter().map(|row| row.get(0)).collect()
}
