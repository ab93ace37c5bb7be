//! Real blocks, read without the crate's help beyond its lattice.

use std::{fs::File, io::Read, path::Path};

use flate2::read::GzDecoder;
use gridplan::{
    Block, Fabric, Holding, Map,
    plane::{Frame, LineKind, Node, Ring},
};
use serde_json::Value;

pub fn features(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(format!("{name}.geojson.gz"));
    let mut text = String::new();
    GzDecoder::new(File::open(&path).expect("the data file")).read_to_string(&mut text).expect("gzip");
    let mut collection: Value = serde_json::from_str(&text).expect("JSON");
    match collection["features"].take() {
        Value::Array(features) => features,
        _ => panic!("{name} has features"),
    }
}

pub fn rings(geometry: &Value) -> Vec<Ring> {
    let polygons = match geometry["type"].as_str() {
        Some("Polygon") => vec![&geometry["coordinates"]],
        _ => geometry["coordinates"].as_array().expect("polygons").iter().collect(),
    };
    let mut rings = Vec::new();
    for ring in polygons.into_iter().flat_map(|polygon| polygon.as_array().expect("rings")) {
        let number = |value: &Value| value.as_f64().expect("a number");
        let node = |point: &Value| Frame::node_of_degrees(number(&point[0]), number(&point[1]));
        rings.push(ring.as_array().expect("points").iter().map(node).collect());
    }
    rings
}

pub fn blocks(features: &[Value]) -> Vec<Block> {
    let block = |feature: &Value| {
        let properties = &feature["properties"];
        Block {
            id: properties["block_id"].as_str().expect("an id").to_owned(),
            community: properties["community"].as_str().unwrap_or_default().to_owned(),
            loads: vec![properties["households"].as_u64().expect("households") as u32],
            rings: rings(&feature["geometry"]),
            kind: LineKind::Street,
        }
    };
    features.iter().map(block).collect()
}

pub fn frame(blocks: &[Block]) -> Frame {
    let nodes = || blocks.iter().flat_map(|block| block.rings.iter().flatten());
    let middle = |axis: fn(&Node) -> i64| {
        let (low, high) = (nodes().map(axis).min().expect("nodes"), nodes().map(axis).max().expect("nodes"));
        (low + high) as f64 / 2.0 / 1e7
    };
    Frame::of_degrees(middle(|node| node.x), middle(|node| node.y))
}

pub fn town(name: &str) -> (Vec<Value>, Fabric, Map) {
    let features = features(name);
    let blocks = blocks(&features);
    let (fabric, _) = Fabric::of_blocks(&blocks, frame(&blocks)).expect("blocks");
    let holding = |block: &Block| Holding {
        id: block.id.clone(),
        community: block.community.clone(),
        loads: block.loads.clone(),
    };
    let map = fabric.map(blocks.iter().map(holding).collect()).expect("a map");
    (features, fabric, map)
}
