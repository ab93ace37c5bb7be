//! The same town as GeoPackage, FlatGeobuf and OpenStreetMap's PBF gives the same plan as its GeoJSON.

use std::fs::File;

use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geozero::{ColumnValue, PropertyProcessor, wkb::Wkb};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::{feature, olzii, town, write_features};
use crate::scratch::Folder;

/// A polygon of GeoJSON as well-known binary, little-endian.
fn binary(polygon: &Value) -> Vec<u8> {
    let mut bytes = vec![1, 3, 0, 0, 0];
    let rings = polygon.as_array().unwrap();
    bytes.extend((rings.len() as u32).to_le_bytes());
    for ring in rings {
        let corners = ring.as_array().unwrap();
        bytes.extend((corners.len() as u32).to_le_bytes());
        let axes = corners.iter().flat_map(|corner| [&corner[0], &corner[1]]);
        bytes.extend(axes.flat_map(|axis| axis.as_f64().unwrap().to_le_bytes()));
    }
    bytes
}

const GEOPACKAGE: &str = "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER); \
    CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT); \
    CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, srs_name TEXT, organization_coordsys_id INTEGER); \
    INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'WGS 84', 4326), (1, 'Web Mercator', 3857);";

/// A GeoPackage with a layer of each name; `system` is a row of its reference systems.
fn geopackage(folder: &Folder, name: &str, system: i64, layers: &[(&str, &[Value])]) -> String {
    let database = Connection::open(folder.at(name)).unwrap();
    database.execute_batch(GEOPACKAGE).unwrap();
    for (layer, features) in layers {
        let quoted = layer.replace('"', "\"\"");
        let table = format!(
            "CREATE TABLE \"{quoted}\" (fid INTEGER PRIMARY KEY, geom BLOB, block_id TEXT, households INTEGER, community TEXT);\
             INSERT INTO gpkg_geometry_columns VALUES ('{layer}', 'geom')"
        );
        database.execute_batch(&table).unwrap();
        let contents = "INSERT INTO gpkg_contents VALUES (?1, 'features', ?2)";
        database.execute(contents, params![layer, system]).unwrap();
        for it in *features {
            let header = [b"GP\0\x01".as_slice(), &4326_i32.to_le_bytes()].concat();
            let shape = [header, binary(&it["geometry"]["coordinates"])].concat();
            let of = &it["properties"];
            let row = format!(
                "INSERT INTO \"{quoted}\" (geom, block_id, households, community) VALUES (?1, ?2, ?3, ?4)"
            );
            let values =
                params![shape, of["block_id"].as_str(), of["households"].as_i64(), of["community"].as_str()];
            database.execute(&row, values).unwrap();
        }
    }
    folder.path(name)
}

fn flat_geobuf(folder: &Folder, name: &str, system: i32, features: &[Value]) -> String {
    let crs = FgbCrs { code: system, ..FgbCrs::default() };
    let options = FgbWriterOptions { crs, ..FgbWriterOptions::default() };
    let mut writer = FgbWriter::create_with_options("blocks", GeometryType::Polygon, options).unwrap();
    writer.add_column("block_id", ColumnType::String, |_, _| {});
    writer.add_column("households", ColumnType::Int, |_, _| {});
    writer.add_column("community", ColumnType::String, |_, _| {});
    for it in features {
        let of = &it["properties"];
        let text = |name: &str| ColumnValue::String(of[name].as_str().unwrap());
        let households = of["households"].as_i64().unwrap() as i32;
        let shape = Wkb(binary(&it["geometry"]["coordinates"]));
        let written = writer.add_feature_geom(shape, |feature| {
            feature.property(0, "block_id", &text("block_id")).unwrap();
            feature.property(1, "households", &ColumnValue::Int(households)).unwrap();
            feature.property(2, "community", &text("community")).unwrap();
        });
        written.unwrap();
    }
    writer.write(File::create(folder.at(name)).unwrap()).unwrap();
    folder.path(name)
}

fn planned(folder: &Folder, blocks: &str) -> Result<String, String> {
    let out = folder.path("plan.csv");
    olzii(&["plan-grids", "--blocks", blocks, "--seed", "7", "--out", &out])?;
    let plan = folder.read("plan.csv");
    let mut lines: Vec<&str> = plan.lines().collect();
    lines.sort_unstable();
    Ok(lines.join("\n"))
}

#[test]
fn a_town_saved_by_qgis_is_planned_as_its_geojson_is() {
    let folder = Folder::new();
    let town = town(8, 6, 50);
    let wanted = planned(&folder, &write_features(&folder, "town.geojson", &town)).unwrap();
    let package = geopackage(&folder, "town.gpkg", 4326, &[("blocks", &town)]);
    assert_eq!(planned(&folder, &package).unwrap(), wanted);
    // FlatGeobuf orders its features along a curve: the same blocks, the same balance.
    let flat = planned(&folder, &flat_geobuf(&folder, "town.fgb", 4326, &town)).unwrap();
    assert_eq!(flat.lines().count(), wanted.lines().count());

    let two = geopackage(&folder, "two.gpkg", 4326, &[("blocks", &town), ("old \"blocks\"", &town[..4])]);
    let refused = planned(&folder, &two).unwrap_err();
    assert!(refused.contains("it has the layers blocks, old \"blocks\": say which"), "{refused}");
    let quoted = planned(&folder, &format!("{two}|layername=old \"blocks\"")).unwrap();
    assert_eq!(quoted.lines().count(), 5, "a head and four blocks");
    let refused = planned(&folder, &format!("{two}|layername=grids")).unwrap_err();
    assert!(refused.contains("and no `grids`"), "{refused}");
}

#[test]
fn a_file_in_metres_a_view_and_half_a_file_are_refused_with_what_to_do() {
    let folder = Folder::new();
    let town = town(4, 3, 50);
    let metres = geopackage(&folder, "metres.gpkg", 1, &[("blocks", &town)]);
    let refused = planned(&folder, &metres).unwrap_err();
    assert!(refused.contains("3857 Web Mercator: save it in WGS 84 (EPSG:4326)"), "{refused}");
    let refused = planned(&folder, &flat_geobuf(&folder, "metres.fgb", 3857, &town)).unwrap_err();
    assert!(refused.contains("save it in WGS 84"), "{refused}");

    let view = geopackage(&folder, "view.gpkg", 4326, &[("blocks", &town)]);
    let database = Connection::open(&view).unwrap();
    database
        .execute_batch("ALTER TABLE blocks RENAME TO hidden; CREATE VIEW blocks AS SELECT * FROM hidden")
        .unwrap();
    let refused = planned(&folder, &view).unwrap_err();
    assert!(refused.contains("it has no layer of features"), "{refused}");

    let torn = geopackage(&folder, "torn.gpkg", 4326, &[("blocks", &town)]);
    let database = Connection::open(&torn).unwrap();
    database.execute_batch("UPDATE blocks SET geom = substr(geom, 1, 40) WHERE fid = 2").unwrap();
    database.execute_batch("UPDATE blocks SET geom = NULL WHERE fid = 3").unwrap();
    drop(database);
    let refused = planned(&folder, &torn).unwrap_err();
    assert!(refused.contains("row 2: its geometry cannot be read"), "{refused}");
    assert!(refused.contains("row 3: it has no geometry"), "{refused}");

    let whole = flat_geobuf(&folder, "whole.fgb", 4326, &town);
    let bytes = std::fs::read(whole).unwrap();
    let half = folder.write("half.fgb", &bytes[..bytes.len() - 60]);
    let refused = planned(&folder, &half).unwrap_err();
    assert!(refused.contains("half.fgb ends within feature 12"), "{refused}");
    for name in ["text.gpkg", "text.fgb"] {
        let text = folder.write(name, "no such file");
        assert!(planned(&folder, &text).unwrap_err().contains(" is no "), "{name}");
    }
    let areas = folder.write("town.osm.pbf", "");
    assert!(planned(&folder, &areas).unwrap_err().contains("areas are not read from OpenStreetMap's PBF"));
}

mod pbf {
    //! As much of protocol buffers as a small map needs.

    pub fn varint(mut number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    }

    pub fn zigzag(number: i64) -> Vec<u8> {
        varint(((number << 1) ^ (number >> 63)) as u64)
    }

    pub fn number(field: u64, bytes: Vec<u8>) -> Vec<u8> {
        [varint(field << 3), bytes].concat()
    }

    pub fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
        [varint(field << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
    }

    pub fn blob(kind: &str, content: &[u8]) -> Vec<u8> {
        let blob = bytes(1, content);
        let header = [bytes(1, kind.as_bytes()), number(3, varint(blob.len() as u64))].concat();
        [(header.len() as u32).to_be_bytes().to_vec(), header, blob].concat()
    }
}

/// A way: its tags, and the thousandths of a degree of its nodes.
type Way<'a> = (&'a [(&'a str, &'a str)], Vec<(f64, f64)>);

fn map(ways: &[Way<'_>]) -> Vec<u8> {
    let mut words = vec![String::new()];
    let mut word = |text: &str| {
        words.push(text.to_owned());
        pbf::varint(words.len() as u64 - 1)
    };
    let (mut nodes, mut lines, mut id) = (Vec::new(), Vec::new(), 0_i64);
    for (number, (tags, places)) in ways.iter().enumerate() {
        let (keys, values): (Vec<_>, Vec<_>) =
            tags.iter().map(|(key, value)| (word(key), word(value))).unzip();
        let mut refs = pbf::zigzag(id + 1);
        for (place, (x, y)) in places.iter().enumerate() {
            id += 1;
            let axis = |field, degrees: f64| pbf::number(field, pbf::zigzag((degrees * 1e7).round() as i64));
            let node = [pbf::number(1, pbf::zigzag(id)), axis(8, 41.0 + y / 1e3), axis(9, 113.0 + x / 1e3)];
            nodes.extend(pbf::bytes(1, &node.concat()));
            if place > 0 {
                refs.extend(pbf::zigzag(1));
            }
        }
        let line = [
            pbf::number(1, pbf::varint(number as u64 + 1)),
            pbf::bytes(2, &keys.concat()),
            pbf::bytes(3, &values.concat()),
            pbf::bytes(8, &refs),
        ];
        lines.extend(pbf::bytes(3, &line.concat()));
    }
    let table: Vec<u8> = words.iter().flat_map(|it| pbf::bytes(1, it.as_bytes())).collect();
    let block = [pbf::bytes(1, &table), pbf::bytes(2, &nodes), pbf::bytes(2, &lines)].concat();
    let needs = [pbf::bytes(4, b"OsmSchema-V0.6"), pbf::bytes(4, b"DenseNodes")].concat();
    [pbf::blob("OSMHeader", &needs), pbf::blob("OSMData", &block)].concat()
}

fn cut(
    folder: &Folder,
    streets: &str,
    buildings: &str,
    weight: &str,
    communities: &str,
) -> Result<String, String> {
    let out = folder.path("plan.csv");
    let files = ["plan-grids", "--streets", streets, "--buildings", buildings, "--communities", communities];
    let (answer, _) = olzii(&[&files[..], &["--weight", weight, "--out", &out]].concat())?;
    Ok(answer)
}

#[test]
fn a_town_cut_out_of_openstreetmap_is_planned_as_its_lines_are() {
    let folder = Folder::new();
    let community = [feature(
        json!({ "block_id": "a town" }),
        json!([[[113, 41], [113.004, 41], [113.004, 41.003], [113, 41.003], [113, 41]]]),
    )];
    let communities = geopackage(&folder, "communities.gpkg", 4326, &[("communities", &community)]);
    let street = [("highway", "residential")];
    let (unbuilt, below) = ([("highway", "proposed")], [("railway", "subway"), ("tunnel", "yes")]);
    let (home, shed) = ([("building", "yes"), ("building:flats", "50")], [("building", "shed")]);
    let mut ways: Vec<Way<'_>> = Vec::new();
    for x in 0..=4 {
        ways.push((&street, (0..=3).map(|y| (f64::from(x), f64::from(y))).collect()));
    }
    for y in 0..=3 {
        ways.push((&street, (0..=4).map(|x| (f64::from(x), f64::from(y))).collect()));
    }
    let lines = ways.len();
    let corners = |x: f64, y: f64| vec![(x, y), (x + 0.2, y), (x + 0.2, y + 0.2), (x, y + 0.2), (x, y)];
    for cell in 0..12 {
        ways.push((&home, corners(f64::from(cell % 4) + 0.4, f64::from(cell / 4) + 0.4)));
    }
    let homes = ways.len();
    ways.push((&shed, corners(0.1, 0.1)));
    ways.push((&unbuilt, vec![(0.5, 0.0), (0.5, 3.0)]));
    ways.push((&below, vec![(0.0, 1.5), (4.0, 1.5)]));
    let file = folder.write("town.osm.pbf", map(&ways));
    let answer = cut(&folder, &file, &file, "building:flats", &communities).unwrap();
    assert!(answer.contains("2 grids (0 special), 0 empty, 0 stray parts, 100.0 % in the band"), "{answer}");

    let degrees = |(x, y): &(f64, f64)| json!([113.0 + x / 1e3, 41.0 + y / 1e3]);
    let line = |(tags, places): &Way<'_>| {
        let coordinates: Vec<Value> = places.iter().map(degrees).collect();
        json!({ "type": "Feature", "properties": { "highway": tags[0].1 },
            "geometry": { "type": "LineString", "coordinates": coordinates } })
    };
    let house = |(_, places): &Way<'_>| {
        let ring: Vec<Value> = places.iter().map(degrees).collect();
        feature(json!({ "households": 50 }), json!([ring]))
    };
    let streets: Vec<Value> = ways[..lines].iter().map(line).collect();
    let houses: Vec<Value> = ways[lines..homes].iter().map(house).collect();
    let streets = write_features(&folder, "streets.geojson", &streets);
    let houses = write_features(&folder, "houses.geojson", &houses);
    assert_eq!(cut(&folder, &streets, &houses, "households", &communities).unwrap(), answer);

    let none = cut(&folder, &file, &file, "flats", &communities).unwrap_err();
    assert!(none.contains("no building with the tag `flats`"), "{none}");
    let half = folder.write("half.osm.pbf", &map(&ways)[..300]);
    let refused = cut(&folder, &half, &half, "building:flats", &communities).unwrap_err();
    assert!(refused.contains("half.osm.pbf is no PBF of OpenStreetMap"), "{refused}");
    let bad = [("building", "yes"), ("building:flats", "many")];
    ways[lines] = (&bad, corners(0.4, 0.4));
    let bad = folder.write("bad.osm.pbf", map(&ways));
    let refused = cut(&folder, &bad, &bad, "building:flats", &communities).unwrap_err();
    assert!(
        refused.contains("way 10: its `building:flats` is \"many\", not a number from 0 up"),
        "{refused}"
    );
}

#[test]
fn villages_without_known_streets_are_cut_between_their_houses() {
    let folder = Folder::new();
    let ground = json!([[[113, 41], [113.02, 41], [113.02, 41.02], [113, 41.02], [113, 41]]]);
    let community = [feature(json!({ "block_id": "a village" }), ground)];
    let communities = write_features(&folder, "communities.geojson", &community);
    let house = |number: u32| {
        let (column, row) = (f64::from(number % 24), f64::from(number / 24));
        let place = json!([113.0005 + column * 0.0008, 41.0005 + row * 0.0007]);
        json!({ "type": "Feature", "properties": { "households": 2 },
            "geometry": { "type": "Point", "coordinates": place } })
    };
    let houses: Vec<Value> = (0..24 * 25).map(house).collect();
    let houses = write_features(&folder, "houses.geojson", &houses);
    let out = folder.path("plan.csv");
    let command = ["plan-grids", "--points", &houses, "--out", &out];
    let (answer, _) = olzii(&[&command[..], &["--communities", &communities]].concat()).unwrap();
    assert!(answer.contains("4 grids (0 special), 0 empty, 0 stray parts, 100.0 % in the band"), "{answer}");
    let refused = olzii(&command).unwrap_err();
    assert!(refused.contains("--points FILE --communities FILE"), "{refused}");
}
