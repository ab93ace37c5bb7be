//! OpenStreetMap's PBF: of all that is on the map the lines that can bound a block, or the buildings. Nodes stand before
//! the ways that use them, so that the file is read twice.

use std::{collections::HashMap, path::Path};

use anyhow::{Context, ensure};
use gridplan::plane::Node;
use osmpbf::{Element, ElementReader, Way};
use serde_json::{Map as Object, Value, json};

use super::{
    Sought,
    feature::{Feature, Geometry, node},
};

/// Nodes of all ways that are read: 16 bytes each in a map.
const NODES_MAX: usize = 50_000_000;

/// The tags by which a way is a street, a railway, water or a wall.
const LINES: [&str; 4] = ["highway", "railway", "waterway", "barrier"];
/// What is not built, or not there any more.
const UNBUILT: [&str; 6] = ["proposed", "construction", "planned", "abandoned", "razed", "disused"];

struct Line {
    id: i64,
    nodes: Vec<i64>,
    tags: Object<String, Value>,
}

pub fn features(
    path: &Path,
    sought: Sought<'_>,
    mut each: impl FnMut(anyhow::Result<Feature>),
) -> anyhow::Result<()> {
    let name = path.display();
    let reader = || ElementReader::from_path(path).with_context(|| format!("{name} cannot be read"));
    let (mut ways, mut count) = (Vec::new(), 0);
    let read = reader()?.for_each(|element| {
        if let Element::Way(way) = element
            && count <= NODES_MAX
            && let Some(tags) = wanted(&way, sought)
        {
            let nodes: Vec<i64> = way.refs().collect();
            count += nodes.len();
            ways.push(Line { id: way.id(), nodes, tags });
        }
    });
    read.with_context(|| format!("{name} is no PBF of OpenStreetMap"))?;
    if let Sought::Doors { households } = sought {
        ensure!(
            !ways.is_empty(),
            "{name}: there is no building with the tag `{households}`: say by --weight which tag counts"
        );
    }
    ensure!(count <= NODES_MAX, "{name}: its ways have more than {NODES_MAX} nodes: cut the town out of it");
    let mut places: HashMap<i64, Option<Node>> =
        ways.iter().flat_map(|way| &way.nodes).map(|id| (*id, None)).collect();
    let mut place = |id, longitude, latitude| {
        if let Some(place) = places.get_mut(&id) {
            *place = node(longitude, latitude).ok();
        }
    };
    let read = reader()?.for_each(|element| match element {
        Element::Node(it) => place(it.id(), it.lon(), it.lat()),
        Element::DenseNode(it) => place(it.id(), it.lon(), it.lat()),
        Element::Way(_) | Element::Relation(_) => {}
    });
    read.with_context(|| format!("{name} cannot be read to its end"))?;
    for (number, way) in ways.into_iter().enumerate() {
        let id = way.id;
        each(feature(number + 1, way, sought, &places).with_context(|| format!("way {id}")));
    }
    Ok(())
}

/// Its tags, if it is something that is looked for.
fn wanted(way: &Way<'_>, sought: Sought<'_>) -> Option<Object<String, Value>> {
    let tags: Object<String, Value> = way.tags().map(|(key, value)| (key.to_owned(), json!(value))).collect();
    let of = |key: &str| tags.get(key).and_then(Value::as_str);
    let is_wanted = match sought {
        // What lies below bounds nothing above.
        Sought::Lines => {
            LINES.iter().any(|key| of(key).is_some_and(|it| !UNBUILT.contains(&it)))
                && of("area") != Some("yes")
                && !matches!(of("tunnel"), Some("yes" | "culvert"))
        }
        Sought::Doors { households } => of("building").is_some() && of(households).is_some(),
        Sought::Areas => false,
    };
    is_wanted.then_some(tags)
}

/// A way at the edge of what was cut out has nodes that are not in the file: it is as long as it is there.
fn feature(
    number: usize,
    way: Line,
    sought: Sought<'_>,
    places: &HashMap<i64, Option<Node>>,
) -> anyhow::Result<Feature> {
    let nodes: Vec<Node> = way.nodes.iter().filter_map(|id| *places.get(id)?).collect();
    ensure!(nodes.len() > 1, "its nodes are not in the file");
    let geometry = match sought {
        Sought::Doors { .. } => Geometry::Rings(vec![nodes]),
        Sought::Lines | Sought::Areas => Geometry::Lines(vec![nodes]),
    };
    Ok(Feature { number, place: format!("way {}", way.id), properties: way.tags, geometry })
}
